/* Steps as features, and columns passed over: what is learnt, from which rows, and what comes out. */
#include "small_table.h"

#include <math.h>

#include "apply_cells.h"
#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "prep/prep.h"
#include "prep/scout_rows.h"
#include "cell_numbers.h"
#include "suite.h"

enum { N = 600 };

/* Label 1 mostly where a >= 2 or b >= 0.5 and its kind is web; noise tells nothing; a misses some cells. The rows from
 * n_same on are drawn by another stream. */
static struct flt_table *make_table(size_t n_same, size_t n_noise)
{
	struct text text = {0};
	text_add(&text, "a,b,kind");
	for (size_t k = 0; k < n_noise; k++)
		text_add(&text, ",noise%zu", k);
	text_add(&text, ",y\n");
	for (size_t i = 0; i < N; i++) {
		struct flt_random random;
		flt_random_init(&random, 5, i < n_same ? "one" : "other", i);
		double a = flt_random_normal(&random) * 2, b = flt_random_uniform(&random);
		bool is_missing = flt_random_below(&random, 9) == 0, is_web = flt_random_below(&random, 2);
		if (is_missing)
			text_add(&text, ",%.4f,%s", b, is_web ? "web" : "shop");
		else
			text_add(&text, "%.4f,%.4f,%s", a, b, is_web ? "web" : "shop");
		for (size_t k = 0; k < n_noise; k++)
			text_add(&text, ",%.4f", flt_random_normal(&random));
		double p = (a >= 2 && !is_missing) || (b >= 0.5 && is_web) ? 0.8 : 0.05;
		text_add(&text, ",%d\n", flt_random_uniform(&random) < p);
	}
	return table_of(&text, (struct flt_table_options){0});
}

static void all_rows(size_t rows[N])
{
	for (size_t i = 0; i < N; i++)
		rows[i] = i;
}

static struct flt_prep *fit(const struct flt_table *table, size_t n_rows, struct flt_prep_options options)
{
	size_t rows[N];
	struct flt_prep *prep;
	struct flt_error err = {0};
	all_rows(rows);
	enum flt_status status = flt_prep_fit(table, rows, n_rows, &options, &prep, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return prep;
}

static const struct flt_prep_options standard = {.scale = FLT_SCALE_STANDARD},
                                     ten_steps = {.scale = FLT_SCALE_STANDARD, .n_steps = 10};

START_TEST(steps_stand_behind_their_number)
{
	struct flt_table *table = make_table(N, 2);
	struct flt_prep *prep = fit(table, N, ten_steps), *plain = fit(table, N, standard);
	ck_assert_uint_eq(flt_prep_n_steps(plain), 0);
	ck_assert_uint_eq(flt_prep_n_steps(prep), 10);
	ck_assert_uint_eq(flt_prep_n_features(prep), flt_prep_n_features(plain) + 10);
	size_t rows[N], n_features = flt_prep_n_features(prep), at = 0;
	float *x = calloc(N * n_features, sizeof *x);
	all_rows(rows);
	ck_assert_int_eq(flt_prep_apply(prep, table, rows, N, 2, x, NULL), FLT_OK);
	for (size_t c = 0; c < 2; c++) {
		struct flt_prep_column column = flt_prep_column(prep, c);
		ck_assert(column.n_steps >= 1 && column.n_steps <= 8);
		at += 1 + column.has_indicator;
		for (size_t s = 0; s < column.n_steps; s++, at++) {
			char name[64];
			snprintf(name, sizeof name, "%s >= %.6g", c ? "b" : "a", column.steps[s]);
			ck_assert_str_eq(flt_prep_feature(prep, at), name);
			ck_assert(!flt_prep_feature_is_numeric(prep, at));
			ck_assert(s == 0 || column.steps[s] > column.steps[s - 1]);
			for (size_t i = 0; i < N; i++)
				ck_assert_float_eq(x[i * n_features + at],
				                   number_in(table, c, i) >= column.steps[s] ? 1.0F : 0.0F);
		}
	}
	/* among them the true thresholds */
	double nearest[2] = {1, 1};
	static const double truth[2] = {2, 0.5};
	for (size_t c = 0; c < 2; c++)
		for (size_t s = 0; s < flt_prep_column(prep, c).n_steps; s++)
			nearest[c] = fmin(nearest[c], fabs(flt_prep_column(prep, c).steps[s] - truth[c]));
	ck_assert(nearest[0] < 0.1 && nearest[1] < 0.02);
	free(x);
	flt_prep_free(plain);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

static bool same_steps(const struct flt_prep *a, const struct flt_prep *b)
{
	bool same = flt_prep_n_features(a) == flt_prep_n_features(b);
	for (size_t c = 0; same && c < flt_prep_n_columns(a); c++) {
		struct flt_prep_column x = flt_prep_column(a, c), y = flt_prep_column(b, c);
		same = x.n_steps == y.n_steps && x.is_passed_over == y.is_passed_over;
		for (size_t s = 0; same && s < x.n_steps; s++)
			same = x.steps[s] >= y.steps[s] && x.steps[s] <= y.steps[s];
	}
	return same;
}

START_TEST(only_the_given_rows_choose_steps)
{
	struct flt_table *tables[3] = {make_table(N, 2), make_table(N / 2, 2), make_table(N / 2 - 40, 2)};
	struct flt_prep *preps[3];
	for (size_t t = 0; t < 3; t++)
		preps[t] = fit(tables[t], N / 2, ten_steps);
	ck_assert(same_steps(preps[0], preps[1]));
	ck_assert(!same_steps(preps[0], preps[2])); /* rows that were given do change them: the check can fail */
	/* The same of a refit, which keeps no step of its base. */
	size_t rows[N];
	struct flt_prep *base = fit(tables[1], N, ten_steps), *refit, *plain;
	all_rows(rows);
	ck_assert_int_eq(flt_prep_refit(base, tables[1], rows, N / 2, &ten_steps, &refit, NULL), FLT_OK);
	ck_assert_int_eq(flt_prep_refit(base, tables[1], rows, N / 2, &standard, &plain, NULL), FLT_OK);
	ck_assert(same_steps(refit, preps[0]) && !same_steps(refit, base));
	ck_assert_uint_eq(flt_prep_n_steps(plain), 0);
	flt_prep_free(base);
	flt_prep_free(refit);
	flt_prep_free(plain);
	for (size_t t = 0; t < 3; t++) {
		flt_prep_free(preps[t]);
		flt_table_free(tables[t]);
	}
}
END_TEST

START_TEST(threads_and_a_rebuild_change_nothing)
{
	struct flt_table *table = make_table(N, 3);
	struct flt_prep *preps[3], *rebuilt;
	struct flt_prep_column columns[7];
	for (unsigned t = 0; t < 3; t++) {
		struct flt_prep_options options = ten_steps;
		options.n_columns = 3;
		options.n_threads = t + 1;
		preps[t] = fit(table, N, options);
		ck_assert(same_steps(preps[0], preps[t]));
	}
	ck_assert_uint_eq(flt_prep_n_columns(preps[0]), 7);
	for (size_t c = 0; c < 7; c++)
		columns[c] = flt_prep_column(preps[0], c);
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, columns, 7, &rebuilt, NULL), FLT_OK);
	ck_assert(same_steps(preps[0], rebuilt));
	for (unsigned t = 0; t < 3; t++)
		flt_prep_free(preps[t]);
	flt_prep_free(rebuilt);
	flt_table_free(table);
}
END_TEST

START_TEST(columns_that_tell_least_are_passed_over)
{
	enum { N_NOISE = 40 };
	struct flt_table *table = make_table(N, N_NOISE);
	struct flt_prep_options options = {.scale = FLT_SCALE_STANDARD, .n_columns = 3};
	struct flt_prep *prep = fit(table, N, options);
	ck_assert_uint_eq(flt_prep_n_features(prep), 4); /* a, its indicator, b, kind */
	ck_assert_str_eq(flt_prep_feature(prep, 2), "b");
	ck_assert_uint_eq(flt_prep_n_used(prep, FLT_USED_NUMERIC), 2 + N_NOISE);
	for (size_t c = 0; c < 3 + N_NOISE; c++)
		ck_assert(flt_prep_column(prep, c).is_passed_over == (c >= 3));
	/* A refit of it reads all columns again; so does a reader of cells, which has to serve both. */
	size_t rows[N];
	struct flt_prep *refit;
	struct flt_cell_reader *reader;
	const char *names[3 + N_NOISE], *cells[3 + N_NOISE];
	float *x = calloc(3 * (4 + N_NOISE), sizeof *x), *of_cells = calloc(4 + N_NOISE, sizeof *x);
	all_rows(rows);
	ck_assert_int_eq(flt_prep_refit(prep, table, rows, N, &standard, &refit, NULL), FLT_OK);
	ck_assert_uint_eq(flt_prep_n_features(refit), 4 + N_NOISE);
	for (size_t c = 0; c < 3 + N_NOISE; c++) {
		names[c] = flt_prep_column(prep, c).name;
		cells[c] = c == 2 ? "web" : "0.25";
	}
	ck_assert_int_eq(flt_cell_reader_new(prep, &(struct flt_table_options){0}, names, 3 + N_NOISE, &reader, NULL),
	                 FLT_OK);
	ck_assert_int_eq(apply_cells(reader, refit, cells, 1, of_cells, NULL, NULL), FLT_OK);
	ck_assert_int_eq(apply_cells(reader, prep, cells, 1, x, NULL, NULL), FLT_OK);
	ck_assert_mem_eq(x, of_cells, 4 * sizeof *x);
	flt_cell_reader_free(reader);
	free(x);
	free(of_cells);
	flt_prep_free(refit);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(cells_get_the_steps_of_a_table)
{
	struct flt_table *table = make_table(N, 0);
	struct flt_prep *prep = fit(table, N, ten_steps);
	struct flt_cell_reader *reader;
	size_t n_features = flt_prep_n_features(prep), n_steps = flt_prep_column(prep, 0).n_steps;
	const double *steps = flt_prep_column(prep, 0).steps;
	char text[8 + 1][32];
	const char *cells[9 * 3];
	float x[9 * 20];
	ck_assert_uint_le(n_features, 20);
	for (size_t i = 0; i < n_steps; i++)
		snprintf(text[i], sizeof text[i], "%.17g", steps[i]);
	text[n_steps][0] = '\0';
	for (size_t i = 0; i <= n_steps; i++) {
		cells[i * 3] = text[i];
		cells[i * 3 + 1] = "0.25";
		cells[i * 3 + 2] = "web";
	}
	ck_assert_int_eq(flt_cell_reader_new(prep, &(struct flt_table_options){0},
	                                     (const char *const[]){"a", "b", "kind"}, 3, &reader, NULL),
	                 FLT_OK);
	ck_assert_int_eq(apply_cells(reader, prep, cells, n_steps + 1, x, NULL, NULL), FLT_OK);
	for (size_t i = 0; i <= n_steps; i++) /* the number of a step is the step or more; a missing one is not */
		for (size_t s = 0; s < n_steps; s++)
			ck_assert_float_eq(x[i * n_features + 2 + s], i < n_steps && s <= i ? 1.0F : 0.0F);
	flt_cell_reader_free(reader);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(more_rows_than_the_scout_looks_at)
{
	enum { MANY = 70000 };
	struct flt_random random;
	struct text text = {0};
	size_t *rows = calloc(MANY, sizeof *rows);
	flt_random_init(&random, 8, "test", 0);
	text_add(&text, "a,b,y\n");
	for (size_t i = 0; i < MANY; i++) {
		double a = flt_random_uniform(&random);
		rows[i] = i;
		text_add(&text, "%.5f,%.5f,%d\n", a, flt_random_uniform(&random),
		         flt_random_uniform(&random) < (a >= 0.9 ? 0.02 : 0.0005));
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_prep *prep, *again;
	struct flt_prep_options options = {.scale = FLT_SCALE_STANDARD, .n_steps = 1};
	ck_assert_int_eq(flt_prep_fit(table, rows, MANY, &options, &prep, NULL), FLT_OK);
	ck_assert_uint_eq(flt_prep_column(prep, 0).n_steps, 1);
	ck_assert_double_le(fabs(flt_prep_column(prep, 0).steps[0] - 0.9), 0.01);
	ck_assert_int_eq(flt_prep_fit(table, rows, MANY, &options, &again, NULL), FLT_OK);
	ck_assert(same_steps(prep, again));
	flt_prep_free(prep);
	flt_prep_free(again);
	flt_table_free(table);
	free(rows);
}
END_TEST

/* Rows of which n_positive are 1, spread evenly; the weight of row i is 1 + i % 2. */
static struct flt_table *many_rows(size_t n, size_t n_positive)
{
	struct text text = {0};
	text_add(&text, "a,w,y\n");
	for (size_t i = 0; i < n; i++)
		text_add(&text, "%zu,%zu,%d\n", i * i % 97, 1 + i % 2, i * n_positive % n < n_positive);
	return table_of(&text, (struct flt_table_options){.weight = "w"});
}

START_TEST(rare_rows_are_kept_and_others_stand_for_more)
{
	enum { MANY = 70000 };
	static const size_t n_positive[] = {100, 15000, 20000, 40000, 69000};
	size_t *rows = calloc(MANY, sizeof *rows);
	for (size_t i = 0; i < MANY; i++)
		rows[i] = i;
	for (size_t k = 0; k < 5; k++) {
		struct flt_table *table = many_rows(MANY, n_positive[k]);
		struct flt_scout_rows sample;
		size_t n[2] = {MANY - n_positive[k], n_positive[k]}, kept[2] = {0}, rare = n[1] > n[0] ? 0 : 1;
		double weight[2] = {0}, sum = 0;
		ck_assert_int_eq(flt_scout_rows_init(&sample, table, rows, MANY, 3, NULL), FLT_OK);
		ck_assert_uint_eq(sample.n_rows, FLT_SCOUT_MOST_ROWS);
		for (size_t i = 0; i < sample.n_rows; i++) {
			size_t of = flt_table_labels(table)[sample.rows[i]];
			double stands_for = sample.weight[i] / (double)(1 + sample.rows[i] % 2);
			ck_assert_uint_eq(sample.label[i], of);
			ck_assert(i == 0 || sample.rows[i] > sample.rows[i - 1]);
			kept[of]++;
			weight[of] += stands_for;
			sum += (double)sample.rows[i];
		}
		ck_assert_uint_eq(kept[rare], n[rare] < 15000 ? n[rare] : 15000);
		for (size_t of = 0; of < 2; of++)
			ck_assert_double_le(fabs(weight[of] - (double)n[of]), 1e-6 * (double)n[of]);
		/* drawn from all over: the mean is within five standard errors */
		ck_assert_double_le(fabs(sum / (double)sample.n_rows / MANY - 0.5), 5 * 0.29 / sqrt(15000));
		flt_scout_rows_release(&sample);
		flt_table_free(table);
	}
	struct flt_table *few = many_rows(500, 20);
	struct flt_scout_rows sample;
	ck_assert_int_eq(flt_scout_rows_init(&sample, few, rows, 500, 3, NULL), FLT_OK);
	ck_assert_uint_eq(sample.n_rows, 500);
	for (size_t i = 0; i < 500; i++)
		ck_assert(sample.rows[i] == i && sample.weight[i] == (double)(1 + i % 2));
	flt_scout_rows_release(&sample);
	flt_table_free(few);
	free(rows);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	struct flt_table *table = make_table(N, 2);
	size_t rows[N];
	struct flt_prep *base = fit(table, N, standard), *prep = NULL;
	struct flt_prep_options options = ten_steps;
	enum flt_status status = FLT_ERR_MACHINE;
	options.n_threads = 1;
	options.n_columns = 2;
	all_rows(rows);
	for (int refit = 0; refit < 2; refit++) {
		status = FLT_ERR_MACHINE;
		for (unsigned long k = 1; status != FLT_OK; k++) {
			ck_assert_uint_lt(k, 400);
			flt_alloc_fail_at(k);
			status = refit ? flt_prep_refit(base, table, rows, 90, &options, &prep, NULL)
			               : flt_prep_fit(table, rows, 90, &options, &prep, NULL);
			flt_alloc_fail_at(0);
			ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !prep));
		}
		flt_prep_free(prep);
		prep = NULL;
	}
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

static void refuse(struct flt_prep_column column, const char *text)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	struct flt_prep_column columns[] = {column,
	                                    {.name = "m", .use = FLT_USED_NUMERIC, .has_number = true, .factor = 1}};
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, columns, 2, &prep, &err), FLT_ERR_MODEL);
	ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" is not in: %s", text, err.text);
}

START_TEST(impossible_steps_are_refused)
{
	static const double rising[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, twice[] = {1, 1}, endless[] = {1, (double)INFINITY};
	struct flt_prep_column good = {.name = "n",
	                               .use = FLT_USED_NUMERIC,
	                               .has_number = true,
	                               .has_indicator = true,
	                               .factor = 1,
	                               .steps = rising,
	                               .n_steps = 8},
	                       bad = good;
	struct flt_prep *prep;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, &good, 1, &prep, NULL), FLT_OK);
	ck_assert_uint_eq(flt_prep_n_features(prep), 10);
	flt_prep_free(prep);
	bad.n_steps = 9;
	refuse(bad, "more than 8 steps");
	bad = good;
	bad.has_number = false;
	refuse(bad, "steps of no number");
	bad = good;
	bad.is_passed_over = true;
	refuse(bad, "has steps but is passed over");
	bad = good;
	bad.n_steps = 2;
	bad.steps = twice;
	refuse(bad, "do not rise");
	bad.steps = endless;
	refuse(bad, "steps that are not finite");
	bad.steps = NULL;
	refuse(bad, "steps of no number");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("steps");
	TCase *tests = tcase_create("steps");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, steps_stand_behind_their_number);
	tcase_add_test(tests, only_the_given_rows_choose_steps);
	tcase_add_test(tests, threads_and_a_rebuild_change_nothing);
	tcase_add_test(tests, columns_that_tell_least_are_passed_over);
	tcase_add_test(tests, cells_get_the_steps_of_a_table);
	tcase_add_test(tests, more_rows_than_the_scout_looks_at);
	tcase_add_test(tests, rare_rows_are_kept_and_others_stand_for_more);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	tcase_add_test(tests, impossible_steps_are_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
