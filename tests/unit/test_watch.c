/* Profiles of columns, samples of rows, changes of unit, and which differences from training are a change. */
#include "small_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "detector/change.h"
#include "detector/sample.h"
#include "detector/units.h"
#include "suite.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- profiles ---- */

/* x is 0 to 100 and five times missing, c is a (50 rows), b (40), rare texts (3) or missing (13); the last 100 rows are
 * no fit rows. */
static struct flt_table *profiled_table(void)
{
	struct flt_text_buffer text = {0};
	ck_assert_int_eq(flt_text_buffer_print(&text, NULL, "x,c,y\n"), FLT_OK);
	for (int i = 0; i < 206; i++) {
		char x[8] = "", c[8] = "";
		if (i < 101)
			snprintf(x, sizeof x, "%d", i * 37 % 101);
		else if (i >= 106)
			snprintf(x, sizeof x, "9999");
		snprintf(c, sizeof c, i < 50 ? "a" : i < 90 ? "b" : i < 93 ? "r%d" : i < 106 ? "" : "late", i);
		ck_assert_int_eq(flt_text_buffer_print(&text, NULL, "%s,%s,%d\n", x, c, i % 2), FLT_OK);
	}
	struct flt_table *table = small_table(text.bytes, (struct flt_table_options){0});
	flt_text_buffer_release(&text);
	return table;
}

START_TEST(a_profile_is_of_the_fit_rows)
{
	static const double percents[] = {0, 1, 5, 25, 50, 75, 95, 99, 100};
	struct flt_table *table = profiled_table();
	size_t rows[106];
	for (size_t i = 0; i < N_OF(rows); i++)
		rows[i] = i;
	for (int scale = FLT_SCALE_ROBUST; scale < FLT_N_SCALES; scale++) {
		struct flt_prep *prep;
		struct flt_prep_options options = {.scale = (enum flt_scale)scale};
		ck_assert_int_eq(flt_prep_fit(table, rows, N_OF(rows), &options, &prep, NULL), FLT_OK);
		struct flt_profile x = flt_prep_column(prep, 0).profile, c = flt_prep_column(prep, 1).profile;
		ck_assert(x.n_rows == 106 && x.n_missing == 5);
		for (size_t i = 0; i < N_OF(percents); i++)
			ck_assert_double_eq(x.quantiles[i], percents[i]);
		ck_assert_uint_eq(flt_prep_column(prep, 1).n_levels, 2);
		ck_assert(c.n_rows == 106 && c.n_missing == 13 && c.level_rows[0] == 50 && c.level_rows[1] == 40);
		ck_assert_uint_eq(flt_profile_n_other(&c, 2), 3);
		ck_assert_uint_eq(flt_prep_column(prep, 2).profile.n_rows, 0); /* the target */
		flt_prep_free(prep);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(a_wrong_profile_is_found)
{
	static const size_t two[] = {50, 40}, many[] = {50, SIZE_MAX};
	const struct flt_profile good = {.n_rows = 100, .n_missing = 10, .quantiles = {0, 1, 1, 2, 3, 4, 5, 5, 5}};
	struct flt_profile wrong = good;
	ck_assert_ptr_null(flt_profile_wrong(&good, true, 0));
	ck_assert_ptr_null(flt_profile_wrong(&(struct flt_profile){.n_missing = 7}, false, 3)); /* there is none */
	wrong.n_missing = 101;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, true, 0), "more missing values than rows"));
	wrong.n_missing = 100;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, true, 0), "without a value"));
	wrong = good;
	wrong.quantiles[4] = 1.5;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, true, 0), "fall"));
	wrong.quantiles[4] = (double)NAN;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, true, 0), "not finite"));
	wrong = good;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, false, 2), "without the rows of its levels"));
	wrong.level_rows = two;
	ck_assert_ptr_null(flt_profile_wrong(&wrong, false, 2));
	wrong.n_missing = 11;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, false, 2), "more rows than there were"));
	wrong.level_rows = many;
	ck_assert_ptr_nonnull(strstr(flt_profile_wrong(&wrong, false, 2), "more rows than there were"));
}
END_TEST

/* ---- samples ---- */

START_TEST(a_sample_holds_all_rows_of_a_short_file_and_some_of_a_long_one)
{
	struct flt_sample sample;
	ck_assert_int_eq(flt_sample_init(&sample, 2, NULL), FLT_OK);
	for (int run = 0; run < 2; run++) {
		double sum = 0;
		flt_sample_clear(&sample);
		for (size_t row = 0; row < 1000000; row++) {
			double *values = flt_sample_offer(&sample, row);
			if (row < 1024)
				ck_assert(values && sample.n == row + 1);
			if (!values)
				continue;
			values[0] = (double)row;
			values[1] = -(double)row;
		}
		ck_assert(sample.n > 450 && sample.n <= 1024);
		for (size_t i = 0; i < sample.n; i++) {
			ck_assert_double_eq(sample.values[2 * i + 1], -sample.values[2 * i]);
			ck_assert(i == 0 || sample.values[2 * i] > sample.values[2 * i - 2]);
			sum += sample.values[2 * i];
		}
		/* Uniform over the file: the mean is within four standard errors. */
		ck_assert_double_le(fabs(sum / (double)sample.n - 500000), 4 * 288675 / sqrt((double)sample.n));
	}
	flt_sample_release(&sample);
	ck_assert_int_eq(flt_sample_init(&sample, 0, NULL), FLT_OK); /* a table without numbers */
	ck_assert_ptr_nonnull(flt_sample_offer(&sample, 0));
	flt_sample_release(&sample);
}
END_TEST

/* ---- columns of numbers ---- */

enum { N_FIT = 5000, MOST = 5000 };

/* A source of numbers: its rows in training, and fresh ones. */
enum source { NORMAL, LOGNORMAL, WIDE, MOSTLY_ZERO, COUNTS, SOURCES };

static double draw(struct flt_random *random, enum source source)
{
	double normal = flt_random_normal(random);
	switch (source) {
	case LOGNORMAL:
		return exp(3 + normal);
	case WIDE:
		return exp(3 * normal);
	case MOSTLY_ZERO:
		return flt_random_uniform(random) < 0.9 ? 0 : exp(normal);
	case COUNTS:
		return (double)flt_random_below(random, 4);
	case NORMAL:
	case SOURCES:
		break;
	}
	return 50 + 10 * normal;
}

struct numbers {
	struct flt_prep_column column;
	struct flt_seen seen;
	double values[MOST];
	struct flt_watched watched;
};

static struct numbers *train(enum source source, size_t n)
{
	struct numbers *numbers = calloc(1, sizeof *numbers);
	struct flt_random random;
	ck_assert_ptr_nonnull(numbers);
	flt_random_init(&random, 1, "train", source);
	for (size_t i = 0; i < n; i++)
		numbers->values[i] = draw(&random, source);
	numbers->column = (struct flt_prep_column){.name = "x", .use = FLT_USED_NUMERIC, .has_number = true};
	numbers->column.profile.n_rows = n;
	ck_assert_int_eq(flt_profile_quantiles(numbers->values, n, numbers->column.profile.quantiles, NULL), FLT_OK);
	return numbers;
}

/* Whether n fresh rows, as x factor + offset, are a change. */
static bool is_change(struct numbers *numbers, enum source source, size_t n, double factor, double offset,
                      uint64_t seed, struct flt_change *change)
{
	struct flt_random random;
	flt_random_init(&random, seed, "fresh", source);
	for (size_t i = 0; i < n; i++)
		numbers->values[i] = factor * draw(&random, source) + offset;
	numbers->seen = (struct flt_seen){0};
	flt_seen_numbers(&numbers->seen, &numbers->column.profile, numbers->values, n);
	numbers->watched = (struct flt_watched){
	        .column = &numbers->column, .seen = &numbers->seen, .values = numbers->values, .n_values = n};
	ck_assert_int_eq(flt_profile_quantiles(numbers->values, n, numbers->watched.quantiles, NULL), FLT_OK);
	*change = (struct flt_change){.kind = FLT_N_CHANGE_KINDS};
	return flt_change_find(&numbers->watched, change);
}

START_TEST(fresh_rows_of_the_same_source_are_quiet)
{
	static const size_t fits[] = {30, 100, N_FIT}, sizes[] = {3, 20, 50, 500, 2000};
	struct flt_change change;
	for (int source = 0; source < SOURCES; source++)
		for (size_t f = 0; f < N_OF(fits); f++) {
			struct numbers *numbers = train((enum source)source, fits[f]);
			for (size_t s = 0; s < N_OF(sizes); s++)
				for (uint64_t seed = 0; seed < 100; seed++)
					ck_assert_msg(
					        !is_change(numbers, (enum source)source, sizes[s], 1, 0, seed, &change),
					        "source %d, %zu fit rows, %zu rows, seed %d: %s", source, fits[f],
					        sizes[s], (int)seed, change.text);
			free(numbers);
		}
}
END_TEST

START_TEST(another_unit_is_named)
{
	static const struct {
		enum source source;
		double factor, offset;
		const char *text;
	} cases[] = {
	        {NORMAL, 100, 0, "about 100 times the values of training, perhaps cents instead of euros (median"},
	        {LOGNORMAL, 100, 0, "about 100 times"},
	        {LOGNORMAL, 0.01, 0, "about 0.01 times"},
	        {LOGNORMAL, 0.01, 0, "euros instead of cents (median "},
	        {WIDE, 1000, 0, "about 1000 times"},
	        {COUNTS, 1000, 0, "about 1000 times"},
	        {NORMAL, 25.4, 0, "millimetres instead of inches (median "},
	        {NORMAL, 1 / 2.54, 0, "inches instead of centimetres (median "},
	        {NORMAL, 1.609344, 0, "kilometres instead of miles (median "},
	        {NORMAL, -1, 0, "x\": the values of training with another sign (median -"},
	        {NORMAL, 1.8, 32, "about 1.8 times the values of training plus 32"},
	        {NORMAL, 1 / 1.8, -32 / 1.8, "Celsius instead of Fahrenheit (median "},
	        {NORMAL, 1, 273.15, ": the values of training plus 273.1"},
	        {NORMAL, 77, 0, "about 7"}, /* no unit, but a factor all the same */
	};
	struct flt_change change;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct numbers *numbers = train(cases[i].source, N_FIT);
		ck_assert(is_change(numbers, cases[i].source, 500, cases[i].factor, cases[i].offset, 9, &change));
		ck_assert_int_eq(change.kind, FLT_CHANGE_SCALED);
		ck_assert_msg(strstr(change.text, cases[i].text), "%s: %s", cases[i].text, change.text);
		ck_assert_ptr_eq(strstr(change.text, "\"x\": "), change.text);
		free(numbers);
	}
}
END_TEST

START_TEST(values_out_of_range_are_told)
{
	struct flt_change change;
	struct numbers *numbers = train(NORMAL, N_FIT);
	ck_assert(is_change(numbers, NORMAL, 500, 0.3, 100, 2, &change)); /* narrower, and elsewhere */
	ck_assert_int_eq(change.kind, FLT_CHANGE_SHIFTED);
	ck_assert_ptr_nonnull(strstr(change.text, "100 % of the values lie outside 2"));
	ck_assert_ptr_nonnull(strstr(change.text, "where 98 % of training lay; now it is 10"));
	ck_assert(!is_change(numbers, NORMAL, 500, 1, 5, 2, &change)); /* half a standard deviation */
	ck_assert(!is_change(numbers, NORMAL, 3, 1, 100, 2, &change)); /* three rows say nothing */
	free(numbers);
}
END_TEST

START_TEST(always_the_same_value_is_told)
{
	struct flt_change change;
	struct numbers *numbers = train(NORMAL, N_FIT);
	ck_assert(is_change(numbers, NORMAL, 100, 0, 52, 2, &change));
	ck_assert_int_eq(change.kind, FLT_CHANGE_CONSTANT);
	ck_assert_ptr_eq(strstr(change.text, "\"x\": always 52; in training 98 % lay in "), change.text);
	ck_assert(!is_change(numbers, NORMAL, 5, 0, 52, 2, &change));
	free(numbers);
	numbers = train(MOSTLY_ZERO, N_FIT); /* 0 in nine of ten rows is not new */
	ck_assert(!is_change(numbers, MOSTLY_ZERO, 2000, 0, 0, 2, &change));
	free(numbers);
}
END_TEST

/* 30 % were missing in training; now these are -999, or 50, which lies in the middle. */
START_TEST(what_missing_cells_were_filled_with_is_told_before_that_they_are_gone)
{
	static const double fillings[] = {-999, 50};
	for (size_t f = 0; f < N_OF(fillings); f++) {
		struct flt_change change;
		struct numbers *numbers = train(NORMAL, N_FIT);
		numbers->column.profile.n_missing = N_FIT * 3 / 7;
		numbers->column.profile.n_rows += numbers->column.profile.n_missing;
		ck_assert(is_change(numbers, NORMAL, 700, 1, 0, 3, &change)); /* none is missing */
		ck_assert_int_eq(change.kind, FLT_CHANGE_MISSING);
		for (size_t i = 0; i < 300; i++)
			numbers->values[i] = fillings[f];
		numbers->seen = (struct flt_seen){0};
		flt_seen_numbers(&numbers->seen, &numbers->column.profile, numbers->values, 1000);
		ck_assert(flt_change_find(&numbers->watched, &change));
		ck_assert_int_eq(change.kind, f == 0 ? FLT_CHANGE_SHIFTED : FLT_CHANGE_MISSING);
		free(numbers);
	}
}
END_TEST

/* ---- counts ---- */

static bool is_change_of_missing(size_t n, size_t n_missing, size_t n_fit, size_t n_fit_missing,
                                 struct flt_change *change)
{
	const struct flt_prep_column column = {.name = "x",
	                                       .use = FLT_USED_NUMERIC,
	                                       .has_indicator = true,
	                                       .profile = {.n_rows = n_fit, .n_missing = n_fit_missing}};
	const struct flt_seen seen = {.n_rows = n, .n_missing = n_missing};
	return flt_change_find(&(struct flt_watched){.column = &column, .seen = &seen}, change);
}

START_TEST(missing_cells_are_told_when_they_are_suddenly_many_or_none)
{
	struct flt_change change;
	ck_assert(is_change_of_missing(1500, 1500, 900, 0, &change));
	ck_assert_int_eq(change.kind, FLT_CHANGE_MISSING);
	ck_assert_str_eq(change.text, "\"x\": missing in 100 % of the rows, 0 % in training");
	ck_assert(is_change_of_missing(1000, 999, 900, 1, &change));
	ck_assert_str_eq(change.text, "\"x\": missing in 99.9 % of the rows, 0.1 % in training");
	ck_assert(is_change_of_missing(100000, 99999, 100000, 1, &change));
	ck_assert_str_eq(change.text, "\"x\": missing in over 99.9 % of the rows, under 0.1 % in training");
	ck_assert(is_change_of_missing(1000, 250, 900, 0, &change));
	ck_assert(is_change_of_missing(1000, 0, 900, 300, &change)); /* filled in before */
	ck_assert_str_eq(change.text, "\"x\": missing in 0 % of the rows, 33 % in training");
	ck_assert(is_change_of_missing(500, 500, 900, 700, &change)); /* often missing, but never always */

	ck_assert(!is_change_of_missing(3, 3, 900, 0, &change));
	ck_assert(!is_change_of_missing(1000, 60, 900, 0, &change));
	ck_assert(!is_change_of_missing(1000, 400, 900, 300, &change));
	ck_assert(!is_change_of_missing(10, 0, 900, 300, &change));
	ck_assert(!is_change_of_missing(1000, 1000, 0, 0, &change)); /* no profile */
	ck_assert(!is_change_of_missing(0, 0, 900, 300, &change));
}
END_TEST

/* Two levels, Web (300 rows) and 7 (500), and 100 rows of others. */
struct levels {
	struct flt_prep_column column;
	size_t counts[3];
	struct flt_seen seen;
	struct flt_watched watched;
};

static void see_levels(struct levels *levels, size_t web, size_t seven, size_t other, const char *first)
{
	static const char *const texts[] = {"Web", "7"};
	static const size_t level_rows[] = {300, 500};
	*levels = (struct levels){.column = {.name = "c",
	                                     .type = FLT_CATEGORICAL,
	                                     .use = FLT_USED_CATEGORICAL,
	                                     .levels = texts,
	                                     .n_levels = 2,
	                                     .has_other = true,
	                                     .profile = {.n_rows = 900, .level_rows = level_rows}},
	                          .counts = {web, seven, other}};
	levels->seen = (struct flt_seen){.n_rows = web + seven + other, .levels = levels->counts};
	levels->watched =
	        (struct flt_watched){.column = &levels->column, .seen = &levels->seen, .first_unlearnt = first};
}

static bool is_change_of_levels(size_t web, size_t seven, size_t other, const char *first, struct flt_change *change)
{
	struct levels levels;
	see_levels(&levels, web, seven, other, first);
	return flt_change_find(&levels.watched, change);
}

START_TEST(categories_without_a_level_are_usual_where_training_had_as_many)
{
	struct levels levels;
	see_levels(&levels, 300, 500, 100, "fax");
	ck_assert(flt_unlearnt_is_usual(&levels.watched));
	see_levels(&levels, 300, 500, 200, "fax");
	ck_assert(flt_unlearnt_is_usual(&levels.watched));
	see_levels(&levels, 300, 500, 800, "fax");
	ck_assert(!flt_unlearnt_is_usual(&levels.watched));
	see_levels(&levels, 300, 500, 1, "fax");
	levels.column.profile.n_rows = 800; /* training had none */
	ck_assert(!flt_unlearnt_is_usual(&levels.watched));
	levels.column.profile.n_rows = 0; /* or it is unknown whether it had */
	ck_assert(!flt_unlearnt_is_usual(&levels.watched));
}
END_TEST

START_TEST(categories_are_told_when_they_are_new_or_a_single_one)
{
	struct flt_change change;
	ck_assert(is_change_of_levels(0, 0, 200, "fax", &change));
	ck_assert_int_eq(change.kind, FLT_CHANGE_UNLEARNT);
	ck_assert_str_eq(change.text, "\"c\": 100 % of the values are categories that the model did not learn "
	                              "(\"fax\" ...), 11 % in training");
	ck_assert(is_change_of_levels(0, 50, 350, " WEB", &change));
	ck_assert_ptr_nonnull(strstr(change.text, ", 11 % in training; it has \"Web\""));
	ck_assert(is_change_of_levels(50, 0, 350, "7.0", &change));
	ck_assert_ptr_nonnull(strstr(change.text, ", 11 % in training; it has \"7\""));
	ck_assert(is_change_of_levels(200, 0, 0, NULL, &change));
	ck_assert_int_eq(change.kind, FLT_CHANGE_CONSTANT);
	ck_assert_str_eq(change.text, "\"c\": always \"Web\", which 33 % of the values were in training");
	ck_assert(!is_change_of_levels(0, 200, 0, NULL, &change)); /* the most frequent one */
	ck_assert(!is_change_of_levels(5, 0, 0, NULL, &change));
	ck_assert(!is_change_of_levels(100, 80, 20, "fax", &change));
	ck_assert(!is_change_of_levels(0, 0, 5, "fax", &change));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("watch");
	TCase *tcase = tcase_create("watch");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_profile_is_of_the_fit_rows);
	tcase_add_test(tcase, a_wrong_profile_is_found);
	tcase_add_test(tcase, a_sample_holds_all_rows_of_a_short_file_and_some_of_a_long_one);
	tcase_add_test(tcase, fresh_rows_of_the_same_source_are_quiet);
	tcase_add_test(tcase, another_unit_is_named);
	tcase_add_test(tcase, values_out_of_range_are_told);
	tcase_add_test(tcase, always_the_same_value_is_told);
	tcase_add_test(tcase, what_missing_cells_were_filled_with_is_told_before_that_they_are_gone);
	tcase_add_test(tcase, missing_cells_are_told_when_they_are_suddenly_many_or_none);
	tcase_add_test(tcase, categories_without_a_level_are_usual_where_training_had_as_many);
	tcase_add_test(tcase, categories_are_told_when_they_are_new_or_a_single_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
