/* Target statistics of levels: what they are, from which rows, and that no row that is learnt from sees its own label.
 */
#include "small_table.h"

#include <math.h>

#include "apply_cells.h"
#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "prep/level_effects.h"
#include "reference_csv.h"
#include "split/split.h"
#include "suite.h"

enum { MOST_ROWS = 2000 };

static size_t all_rows[MOST_ROWS];

static const struct flt_prep_options standard = {.scale = FLT_SCALE_STANDARD, .seed = 3};

static struct flt_prep *fit(const struct flt_table *table, size_t n_rows)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	for (size_t i = 0; i < MOST_ROWS; i++)
		all_rows[i] = i;
	ck_assert_uint_le(n_rows, MOST_ROWS);
	ck_assert_msg(flt_prep_fit(table, all_rows, n_rows, &standard, &prep, &err) == FLT_OK, "%s", err.text);
	return prep;
}

/* The number of column 0 of each of n rows, which the caller frees: as learnt rows get it, or as others do. */
static float *numbers(const struct flt_prep *prep, const struct flt_table *table, size_t n, bool is_learnt,
                      unsigned n_threads)
{
	size_t n_features = flt_prep_n_features(prep), at = 0;
	struct flt_prep_options how = standard;
	float *x = calloc(n * n_features, sizeof *x), *number = calloc(n, sizeof *number);
	how.n_threads = n_threads;
	if (is_learnt)
		ck_assert_int_eq(flt_prep_apply_learnt(prep, table, all_rows, n, &how, x, NULL), FLT_OK);
	else
		ck_assert_int_eq(flt_prep_apply(prep, table, all_rows, n, n_threads, x, NULL), FLT_OK);
	while (!strstr(flt_prep_feature(prep, at), " target statistic"))
		ck_assert_uint_lt(++at, n_features);
	ck_assert(flt_prep_feature_is_numeric(prep, at));
	for (size_t i = 0; i < n; i++)
		number[i] = x[i * n_features + at];
	free(x);
	return number;
}

static double number_of(const struct flt_prep_column *column, double effect)
{
	return (effect - column->center) * column->factor;
}

/* Each of the n rows, all of which are learnt from, gets the number of an effect of 0. */
static void expect_nothing_learnt(const struct flt_table *table, size_t n)
{
	struct flt_prep *prep = fit(table, n);
	struct flt_prep_column column = flt_prep_column(prep, 0);
	float *learnt = numbers(prep, table, n, true, 1);
	for (size_t i = 0; i < n; i++)
		ck_assert_float_eq(learnt[i], (float)number_of(&column, 0));
	free(learnt);
	flt_prep_free(prep);
}

START_TEST(effects_are_those_of_the_reference)
{
	struct reference_csv csv;
	struct text text = {0};
	size_t n_rows = 0, n_effects = 0, place;
	struct flt_prep *prep = NULL;
	struct flt_prep_column column = {0};
	struct flt_table *table = NULL;
	text_add(&text, "c,w,y\n");
	reference_csv_open(&csv, "tests/reference/level_effects.csv");
	while (reference_csv_next(&csv)) {
		double value = csv.n_fields > 4 ? reference_csv_number(&csv, 4) : 0;
		if (strcmp(csv.field[0], "row") == 0) {
			text_add(&text, "%s,%s,%s\n", csv.field[1], csv.field[2], csv.field[3]);
			n_rows++;
			continue;
		}
		if (!prep) {
			table = table_of(&text, (struct flt_table_options){.weight = "w"});
			prep = fit(table, n_rows);
			column = flt_prep_column(prep, 0);
		}
		if (strcmp(csv.field[0], "effect") == 0) {
			place = flt_prep_place(&column, csv.field[1][0] ? csv.field[1] : NULL);
			ck_assert_uint_eq(place == flt_prep_n_places(&column) - 1, csv.field[1][0] == '?');
			ck_assert_double_le(fabs(column.effects[place] - value), 1e-12);
			n_effects++;
		} else if (strcmp(csv.field[1], "mean") == 0) {
			ck_assert_double_le(fabs(column.center - value), 1e-12);
		} else {
			ck_assert_double_le(fabs(1 / column.factor - value), 1e-12);
		}
	}
	ck_assert_uint_eq(n_effects, column.n_levels + column.n_more + 2);
	ck_assert(column.n_levels == 32 && column.n_more > 5 && column.has_other);
	float *other = numbers(prep, table, n_rows, false, 1);
	const struct flt_column from = flt_table_column(table, 0);
	for (size_t i = 0; i < n_rows; i++) {
		place = flt_prep_place(&column, from.codes[i] < 0 ? NULL : from.levels[from.codes[i]]);
		ck_assert_float_eq(other[i], (float)number_of(&column, column.effects[place]));
	}
	free(other);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

/* Rows of n_levels levels, in turn, with labels by chance, more of them positive in odd levels. copied: all rows of a
 * level are identical. */
static struct flt_table *table_by_chance(size_t n_rows, size_t n_levels, const char *group, bool copied)
{
	struct flt_random random;
	struct text text = {0};
	flt_random_init(&random, 11, "test", n_levels);
	text_add(&text, "c,g,x,y\n");
	for (size_t i = 0; i < n_rows; i++)
		text_add(&text, "l%zu,g%zu,%.6f,%d\n", i % n_levels, i % n_levels,
		         copied ? (double)(i % n_levels) : flt_random_normal(&random),
		         flt_random_uniform(&random) < (i % n_levels % 2 ? 0.4 : 0.1));
	return table_of(&text, (struct flt_table_options){.group = group, .drop = group ? NULL : "g"});
}

static struct flt_table *chance_table(size_t n_rows, size_t n_levels)
{
	return table_by_chance(n_rows, n_levels, NULL, false);
}

/* How often a positive row has the larger number: 0.5 tells nothing. */
static double roc_auc(const float *number, const uint8_t *label, size_t n)
{
	double wins = 0, pairs = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; label[i] && j < n; j++) {
			if (label[j])
				continue;
			wins += number[i] > number[j] ? 1 : number[i] < number[j] ? 0 : 0.5;
			pairs++;
		}
	return wins / pairs;
}

/* Among levels that are alike, a number tells the labels of its own rows, or nothing. */
START_TEST(no_row_sees_its_own_label)
{
	enum { N = 1200 };
	struct flt_table *table = chance_table(N, 200);
	struct flt_prep *prep = fit(table, N);
	float *learnt = numbers(prep, table, N, true, 1), *others = numbers(prep, table, N, false, 1);
	uint8_t label[N / 2];
	for (size_t i = 0; i < N / 2; i++) {
		label[i] = flt_table_labels(table)[2 * i + 1];
		learnt[i] = learnt[2 * i + 1];
		others[i] = others[2 * i + 1];
	}
	/* Six labels make a level's statistic, and a row's own is one of them. */
	ck_assert_double_ge(roc_auc(others, label, N / 2), 0.65);
	ck_assert_double_le(roc_auc(learnt, label, N / 2), 0.56);
	free(learnt);
	free(others);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(levels_that_differ_by_chance_alone_tell_nothing)
{
	enum { N = 900 };
	struct text text = {0};
	text_add(&text, "c,y\n");
	for (size_t i = 0; i < N; i++) /* each level has its share of positives, as nearly as that can be */
		text_add(&text, "l%zu,%d\n", i % 30, i / 30 % 6 == i % 6 || i == 30);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_prep *prep = fit(table, N);
	struct flt_prep_column column = flt_prep_column(prep, 0);
	ck_assert(column.has_effects);
	for (size_t i = 0; i < flt_prep_n_places(&column); i++)
		ck_assert_double_eq(column.effects[i], 0);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

/* Neither rows of the same group nor copies tell a row its label. */
START_TEST(rows_that_hang_together_tell_each_other_nothing)
{
	enum { N = 600 };
	for (int copied = 0; copied < 2; copied++) {
		struct flt_table *table = table_by_chance(N, 100, copied ? NULL : "g", copied);
		expect_nothing_learnt(table, N);
		flt_table_free(table);
	}
}
END_TEST

/* The same by counting anew for each row what rows of other folds say. */
START_TEST(a_row_takes_what_other_folds_say)
{
	enum { N = 700, N_LEVELS = 35 };
	struct flt_table *table = chance_table(N, N_LEVELS);
	struct flt_prep *prep = fit(table, N);
	struct flt_prep_column column = flt_prep_column(prep, 0);
	const int32_t *codes = flt_table_column(table, 0).codes;
	const uint8_t *label = flt_table_labels(table);
	float *learnt = numbers(prep, table, N, true, 1);
	struct flt_random random;
	static uint32_t fold[N];
	flt_random_init(&random, standard.seed, "level effects", 0);
	struct flt_fold_options how = {
	        .n_folds = FLT_EFFECT_FOLDS, .identical = FLT_IDENTICAL_TOGETHER, .seed = flt_random_next(&random)};
	ck_assert_int_eq(flt_split_folds(table, all_rows, N, &how, fold, NULL), FLT_OK);
	for (size_t i = 0; i < N; i++) {
		double all[2] = {0}, level[N_LEVELS][2] = {{0}}, varies = 0, squares = 0;
		for (size_t j = 0; j < N; j++) {
			all[label[j]] += fold[j] != fold[i];
			level[codes[j]][label[j]] += fold[j] != fold[i];
		}
		double prior = all[1] / (all[0] + all[1]), chance = prior * (1 - prior);
		for (size_t c = 0; c < N_LEVELS; c++) {
			double n = level[c][0] + level[c][1];
			varies += pow(level[c][1] - n * prior, 2) - n * chance;
			squares += n * n;
		}
		ck_assert_double_gt(varies, 0);
		const double *own = level[codes[i]];
		double rows = fmax(10, chance * squares / varies);
		double share = (own[1] + rows * prior) / (own[0] + own[1] + rows);
		double effect = log(share / (1 - share)) - log(prior / (1 - prior));
		ck_assert_double_le(fabs(learnt[i] - number_of(&column, effect)), 1e-5);
	}
	free(learnt);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(threads_change_nothing)
{
	enum { N = 2000 };
	struct flt_table *table = chance_table(N, 60);
	struct flt_prep *prep = fit(table, N);
	float *one = numbers(prep, table, N, true, 1);
	for (unsigned t = 2; t < 5; t++) {
		float *more = numbers(prep, table, N, true, t);
		ck_assert_mem_eq(one, more, N * sizeof *one);
		free(more);
	}
	free(one);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(a_weight_is_a_number_of_rows)
{
	enum { N = 400 };
	struct text copies = {0}, weighted = {0};
	text_add(&copies, "c,w,y\n");
	text_add(&weighted, "c,w,y\n");
	size_t n_copies = 0;
	for (size_t i = 0; i < N; i++) {
		size_t weight = 1 + i / 3 % 3, level = i * 7 % 29;
		int y = i % 7 == 0 || (level < 5 && i % 2);
		text_add(&weighted, "l%zu,%zu,%d\n", level, weight, y);
		for (size_t k = 0; k < weight; k++, n_copies++)
			text_add(&copies, "l%zu,1,%d\n", level, y);
	}
	/* the levels of most rows first: their order may differ, so only texts are compared */
	struct flt_table *tables[] = {table_of(&copies, (struct flt_table_options){.weight = "w"}),
	                              table_of(&weighted, (struct flt_table_options){.weight = "w"})};
	struct flt_prep *preps[] = {fit(tables[0], n_copies), fit(tables[1], N)};
	struct flt_prep_column a = flt_prep_column(preps[0], 0), b = flt_prep_column(preps[1], 0);
	ck_assert(a.has_effects && b.has_effects);
	for (size_t i = 0; i < b.n_levels; i++)
		ck_assert_double_eq(b.effects[i], a.effects[flt_prep_place(&a, b.levels[i])]);
	ck_assert_double_le(fabs(a.center - b.center), 1e-14);
	ck_assert_double_le(fabs(a.factor - b.factor), 1e-12);
	for (size_t t = 0; t < 2; t++) {
		flt_prep_free(preps[t]);
		flt_table_free(tables[t]);
	}
}
END_TEST

START_TEST(a_refit_learns_from_its_own_rows)
{
	enum { N = 900, N_FIRST = 500 };
	struct flt_table *table = chance_table(N, 40);
	struct flt_prep *base = fit(table, N), *first = fit(table, N_FIRST), *refit;
	ck_assert_int_eq(flt_prep_refit(base, table, all_rows, N_FIRST, &standard, &refit, NULL), FLT_OK);
	struct flt_prep_column a = flt_prep_column(first, 0), b = flt_prep_column(refit, 0),
	                       whole = flt_prep_column(base, 0);
	ck_assert_uint_eq(flt_prep_n_features(refit), flt_prep_n_features(base));
	size_t n_other = 0;
	for (size_t i = 0; i < a.n_levels + a.n_more; i++) {
		ck_assert_double_eq(a.effects[i], b.effects[flt_prep_place(&b, a.levels[i])]);
		n_other += fabs(a.effects[i] - whole.effects[flt_prep_place(&whole, a.levels[i])]) > 1e-3;
	}
	ck_assert_uint_ge(n_other, 20);
	flt_prep_free(refit);
	flt_prep_free(first);
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

START_TEST(few_levels_have_no_effects)
{
	struct flt_table *tables[] = {chance_table(600, 19), chance_table(600, 20)};
	for (size_t t = 0; t < 2; t++) {
		struct flt_prep *prep = fit(tables[t], 600);
		ck_assert_uint_eq(flt_prep_n_effects(prep), t);
		ck_assert_uint_eq(flt_prep_n_features(prep), t ? 20 + 1 + 1 : 19 + 1);
		flt_prep_free(prep);
		flt_table_free(tables[t]);
	}
}
END_TEST

/* Folds need rows of both classes. With a single positive row, there are none, and nothing can be said. */
START_TEST(without_folds_learnt_rows_get_nothing)
{
	enum { N = 400 };
	struct text text = {0};
	text_add(&text, "c,y\n");
	for (size_t i = 0; i < N; i++)
		text_add(&text, "l%zu,%d\n", i % 25, i == 7);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	expect_nothing_learnt(table, N);
	flt_table_free(table);
}
END_TEST

START_TEST(cells_get_the_effects_of_a_table)
{
	enum { N = 900 };
	struct flt_table *table = chance_table(N, 60);
	struct flt_prep *prep = fit(table, N);
	struct flt_prep_column column = flt_prep_column(prep, 0);
	struct flt_cell_reader *reader;
	const char *cells[] = {"l3", "0", "l59", "0", "", "0", "new", "0", "l40", "0", "newer", "0"};
	size_t n_features = flt_prep_n_features(prep);
	ck_assert_uint_eq(n_features, 32 + 1 + 1 + 1); /* slots, others, effect, x */
	float *x = calloc(6 * n_features, sizeof *x);
	ck_assert_int_eq(flt_cell_reader_new(prep, &(struct flt_table_options){0}, (const char *const[]){"c", "x"}, 2,
	                                     &reader, NULL),
	                 FLT_OK);
	ck_assert_int_eq(apply_cells(reader, prep, cells, 6, x, NULL, NULL), FLT_OK);
	for (size_t i = 0; i < 6; i++) {
		size_t place = flt_prep_place(&column, cells[2 * i][0] ? cells[2 * i] : NULL);
		ck_assert_float_eq(x[i * n_features + 33], (float)number_of(&column, column.effects[place]));
		ck_assert_float_eq(x[i * n_features + 32], place < 32 ? 0.0F : 1.0F);
	}
	ck_assert(column.effects[60] == 0 && column.effects[61] == 0); /* no row told anything of them */
	ck_assert_float_ne(x[33], x[4 * n_features + 33]);             /* l3 and l40 */
	flt_cell_reader_free(reader);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	enum { N = 400 };
	struct flt_table *table = chance_table(N, 40);
	struct flt_prep *base = fit(table, N), *prep = NULL;
	float *x = calloc(N * flt_prep_n_features(base), sizeof *x);
	struct flt_prep_options options = standard;
	options.n_threads = 1;
	for (int of = 0; of < 3; of++) {
		enum flt_status status = FLT_ERR_MACHINE;
		for (unsigned long k = 1; status != FLT_OK; k++) {
			ck_assert_uint_lt(k, 600);
			flt_alloc_fail_at(k);
			status = of == 0   ? flt_prep_fit(table, all_rows, N, &options, &prep, NULL)
			         : of == 1 ? flt_prep_refit(base, table, all_rows, N, &options, &prep, NULL)
			                   : flt_prep_apply_learnt(base, table, all_rows, N, &options, x, NULL);
			flt_alloc_fail_at(0);
			ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !prep));
		}
		flt_prep_free(prep);
		prep = NULL;
	}
	free(x);
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

static void refuse(struct flt_prep_column column, const char *text)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, &column, 1, &prep, &err), FLT_ERR_MODEL);
	ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" should say \"%s\"", err.text, text);
}

START_TEST(impossible_effects_are_refused)
{
	static const char *const levels[FLT_PREP_MAX_KNOWN + 1] = {"a", "b", "c"}, *const twice[] = {"a", "b", "a"};
	static const double effects[] = {1, 2, 3, 4, 5}, endless[] = {1, 2, 3, 4, INFINITY};
	struct flt_prep *prep;
	struct flt_prep_column good = {.name = "c",
	                               .type = FLT_CATEGORICAL,
	                               .use = FLT_USED_CATEGORICAL,
	                               .levels = levels,
	                               .n_levels = 2,
	                               .n_more = 1,
	                               .has_effects = true,
	                               .effects = effects,
	                               .factor = 1};
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, &good, 1, &prep, NULL), FLT_OK);
	ck_assert_uint_eq(flt_prep_n_features(prep), 2); /* two slots are one feature, and the effect */
	flt_prep_free(prep);
	struct flt_prep_column bad = good;
	bad.effects = endless;
	refuse(bad, "an effect of a level that is not finite");
	bad = good;
	bad.levels = twice;
	refuse(bad, "a level twice");
	bad = good;
	bad.factor = 0;
	refuse(bad, "a factor that is not above 0");
	bad = good;
	bad.center = (double)NAN;
	refuse(bad, "center or factor that is not finite");
	bad = good;
	bad.has_effects = false;
	bad.effects = NULL;
	refuse(bad, "levels without slots, but no effects");
	bad = good;
	bad.n_more = FLT_PREP_MAX_KNOWN - 1;
	refuse(bad, "more than 1000 levels");
	bad.n_more = 2;
	refuse(bad, "a level without text");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("level_effects");
	TCase *tcase = tcase_create("all");
	tcase_add_checked_fixture(tcase, note_live_memory, check_live_memory);
	tcase_add_test(tcase, effects_are_those_of_the_reference);
	tcase_add_test(tcase, no_row_sees_its_own_label);
	tcase_add_test(tcase, levels_that_differ_by_chance_alone_tell_nothing);
	tcase_add_test(tcase, rows_that_hang_together_tell_each_other_nothing);
	tcase_add_test(tcase, a_row_takes_what_other_folds_say);
	tcase_add_test(tcase, threads_change_nothing);
	tcase_add_test(tcase, a_weight_is_a_number_of_rows);
	tcase_add_test(tcase, a_refit_learns_from_its_own_rows);
	tcase_add_test(tcase, few_levels_have_no_effects);
	tcase_add_test(tcase, without_folds_learnt_rows_get_nothing);
	tcase_add_test(tcase, cells_get_the_effects_of_a_table);
	tcase_add_test(tcase, every_failed_allocation_is_an_error);
	tcase_add_test(tcase, impossible_effects_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
