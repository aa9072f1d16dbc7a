/* Preparations that learn values anew from some of the rows. */
#include "small_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apply_cells.h"
#include "base/alloc.h"
#include "base/random.h"
#include "prep/prep.h"
#include "prep/refit_size.h"
#include "suite.h"

/* The base learns from all rows, a refit from the first. */
enum { N_ROWS = 240, N_FIRST = 150, N_NAMES = 9 };

/* Of the columns, in the first rows: flat and its kind are constant, gone is missing, full is not missing, few has a
 * single value and gaps. */
static const char *const names[N_NAMES] = {"a", "tail", "flat", "gone", "full", "few", "kind", "pair", "when"};

struct cells {
	char text[N_ROWS][N_NAMES][48];
	const char *at[N_ROWS * N_NAMES];
};

static void put(struct cells *cells, size_t row, size_t column, const char *text)
{
	snprintf(cells->text[row][column], sizeof cells->text[row][column], "%s", text);
}

static void put_number(struct cells *cells, size_t row, size_t column, bool is_missing, double value)
{
	snprintf(cells->text[row][column], sizeof cells->text[row][column], "%.9g", value);
	if (is_missing)
		put(cells, row, column, "");
}

static void fill_row(struct cells *cells, size_t row, struct flt_random *random)
{
	static const char *const kinds[] = {"web", "shop", "phone", "late"};
	bool first = row < N_FIRST;
	double normal = flt_random_normal(random);
	char date[48];
	put_number(cells, row, 0, false, normal);
	put_number(cells, row, 1, flt_random_below(random, 7) == 0, exp(4 * flt_random_normal(random)));
	put_number(cells, row, 2, false, first ? 7.5 : row % 2 ? -1e308 : 1e308);
	put_number(cells, row, 3, first, normal * 100);
	put_number(cells, row, 4, !first && row % 3 == 0, normal - 9);
	put_number(cells, row, 5, row % 4 != 0, first ? 3 : normal);
	put(cells, row, 6, kinds[first ? row % 3 : row % 4]);
	put(cells, row, 7, first || row % 2 ? "yes" : "no");
	snprintf(date, sizeof date, "2023-%02zu-%02zu", 1 + row * 7 % 12, 1 + row * 5 % 28);
	put(cells, row, 8, date);
}

/* seed: of the rows behind the first; the first are always the same. */
static void fill(struct cells *cells, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, 1, "test", 0);
	for (size_t row = 0; row < N_ROWS; row++) {
		if (row == N_FIRST)
			flt_random_init(&random, seed, "test", 1);
		fill_row(cells, row, &random);
		for (size_t i = 0; i < N_NAMES; i++)
			cells->at[row * N_NAMES + i] = cells->text[row][i];
	}
}

static struct flt_table *table_of_cells(const struct cells *cells)
{
	struct text text = {0};
	for (size_t i = 0; i < N_NAMES; i++)
		text_add(&text, "%s,", names[i]);
	text_add(&text, "y\n");
	for (size_t row = 0; row < N_ROWS; row++) {
		for (size_t i = 0; i < N_NAMES; i++)
			text_add(&text, "%s,", cells->text[row][i]);
		text_add(&text, "%zu\n", row % 2);
	}
	return table_of(&text, (struct flt_table_options){.date = "when"});
}

static size_t all_rows[N_ROWS];

static struct flt_prep *fit(const struct flt_table *table, enum flt_scale scale)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	struct flt_prep_options options = {.scale = scale};
	ck_assert_msg(flt_prep_fit(table, all_rows, N_ROWS, &options, &prep, &err) == FLT_OK, "%s", err.text);
	return prep;
}

static struct flt_prep *refit(const struct flt_prep *base, const struct flt_table *table, size_t n_rows,
                              enum flt_scale scale, unsigned n_threads)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	struct flt_prep_options options = {.scale = scale, .n_threads = n_threads};
	ck_assert_msg(flt_prep_refit(base, table, all_rows, n_rows, &options, &prep, &err) == FLT_OK, "%s", err.text);
	return prep;
}

static float *apply(const struct flt_prep *prep, const struct flt_table *table)
{
	float *x = calloc(N_ROWS * flt_prep_n_features(prep), sizeof *x);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(flt_prep_apply(prep, table, all_rows, N_ROWS, 1, x, NULL), FLT_OK);
	return x;
}

static void check_same(const struct flt_prep *a, const struct flt_prep *b, const struct flt_table *table)
{
	float *x = apply(a, table), *y = apply(b, table);
	ck_assert_uint_eq(flt_prep_n_features(a), flt_prep_n_features(b));
	ck_assert_mem_eq(x, y, N_ROWS * flt_prep_n_features(a) * sizeof *x);
	free(x);
	free(y);
}

static size_t feature_of(const struct flt_prep *prep, const char *name)
{
	for (size_t i = 0; i < flt_prep_n_features(prep); i++)
		if (strcmp(flt_prep_feature(prep, i), name) == 0)
			return i;
	return SIZE_MAX;
}

static struct cells cells, others;

static void setup(void)
{
	for (size_t i = 0; i < N_ROWS; i++)
		all_rows[i] = i;
	fill(&cells, 2);
	fill(&others, 3);
}

/* On its own rows a refit learns what a fit of that scale learns. */
START_TEST(a_refit_on_all_rows_is_the_fit_of_its_scale)
{
	struct flt_table *table = table_of_cells(&cells);
	for (enum flt_scale of_base = 0; of_base < FLT_N_SCALES; of_base++)
		for (enum flt_scale scale = 0; scale < FLT_N_SCALES; scale++) {
			struct flt_prep *base = fit(table, of_base), *fitted = fit(table, scale);
			struct flt_prep *again = refit(base, table, N_ROWS, scale, 1);
			ck_assert_int_eq(flt_prep_scale(again), scale);
			check_same(again, fitted, table);
			flt_prep_free(base);
			flt_prep_free(fitted);
			flt_prep_free(again);
		}
	flt_table_free(table);
}
END_TEST

/* Against formulas. */
START_TEST(it_learns_scales_from_its_rows_alone)
{
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	struct flt_prep *first = refit(base, table, N_FIRST, FLT_SCALE_STANDARD, 1);
	size_t a = feature_of(first, "a"), n = flt_prep_n_features(first);
	float *x = apply(first, table);
	double sum = 0, squares = 0;
	for (size_t i = 0; i < N_FIRST; i++)
		sum += atof(cells.text[i][0]);
	double mean = sum / N_FIRST;
	for (size_t i = 0; i < N_FIRST; i++)
		squares += pow(atof(cells.text[i][0]) - mean, 2);
	for (size_t i = 0; i < N_ROWS; i++)
		ck_assert_double_eq_tol((double)x[i * n + a], (atof(cells.text[i][0]) - mean) / sqrt(squares / N_FIRST),
		                        1e-6);
	free(x);
	flt_prep_free(base);
	flt_prep_free(first);
	flt_table_free(table);
}
END_TEST

/* The same base on a table whose other rows differ. */
START_TEST(rows_that_are_left_out_have_no_say)
{
	struct flt_table *table = table_of_cells(&cells), *changed = table_of_cells(&others);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	for (enum flt_scale scale = 0; scale < FLT_N_SCALES; scale++) {
		struct flt_prep *one = refit(base, table, N_FIRST, scale, 1);
		struct flt_prep *other = refit(base, changed, N_FIRST, scale, 1);
		struct flt_prep *more = refit(base, changed, N_ROWS, scale, 1);
		check_same(one, other, table);
		float *x = apply(one, table), *y = apply(more, table); /* the check can fail */
		ck_assert_int_ne(memcmp(x, y, N_ROWS * flt_prep_n_features(one) * sizeof *x), 0);
		free(x);
		free(y);
		flt_prep_free(one);
		flt_prep_free(other);
		flt_prep_free(more);
	}
	flt_prep_free(base);
	flt_table_free(table);
	flt_table_free(changed);
}
END_TEST

START_TEST(its_features_are_those_of_the_base)
{
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	struct flt_prep *first = refit(base, table, N_FIRST, FLT_SCALE_QUANTILE, 1);
	ck_assert_uint_eq(flt_prep_n_features(first), flt_prep_n_features(base));
	for (size_t i = 0; i < flt_prep_n_features(base); i++) {
		ck_assert_str_eq(flt_prep_feature(first, i), flt_prep_feature(base, i));
		ck_assert_int_eq(flt_prep_feature_is_numeric(first, i), flt_prep_feature_is_numeric(base, i));
	}
	flt_prep_free(base);
	flt_prep_free(first);
	flt_table_free(table);
}
END_TEST

START_TEST(a_feature_without_a_difference_in_its_rows_is_0)
{
	static const char *const silent[] = {"flat", "gone",     "gone missing", "full missing",
	                                     "few",  "pair=yes", "kind=late"};
	static const char *const alive[] = {"a", "tail", "tail missing", "full", "few missing", "kind=web"};
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	for (enum flt_scale scale = 0; scale < FLT_N_SCALES; scale++) {
		struct flt_prep *first = refit(base, table, N_FIRST, scale, 1);
		size_t n = flt_prep_n_features(first);
		float *x = apply(first, table), *of_base = apply(base, table);
		for (size_t s = 0; s < sizeof silent / sizeof *silent; s++) {
			size_t f = feature_of(first, silent[s]);
			ck_assert_msg(f != SIZE_MAX, "%s", silent[s]);
			bool varies = false;
			for (size_t i = 0; i < N_ROWS; i++) {
				ck_assert_msg(x[i * n + f] == 0, "%s in row %zu", silent[s], i);
				varies |= of_base[i * n + f] < of_base[f] || of_base[i * n + f] > of_base[f];
			}
			ck_assert_msg(varies, "%s", silent[s]);
		}
		for (size_t s = 0; s < sizeof alive / sizeof *alive; s++) {
			size_t f = feature_of(first, alive[s]), n_other = 0;
			for (size_t i = 0; i < N_FIRST; i++)
				n_other += x[i * n + f] < x[f] || x[i * n + f] > x[f];
			ck_assert_msg(n_other > 0, "%s", alive[s]);
		}
		for (size_t i = 0; i < N_ROWS * n; i++)
			ck_assert(isfinite(x[i]));
		free(x);
		free(of_base);
		flt_prep_free(first);
	}
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

/* Levels that the base has not learnt, missing cells, numbers out of range included. */
START_TEST(records_get_the_features_of_table_rows)
{
	struct flt_cell_reader *reader;
	struct flt_error err = {0};
	put(&others, 200, 6, "unknown");
	put(&others, 201, 6, "");
	put(&others, 202, 7, "maybe");
	put(&others, 203, 0, "-1.7e308");
	struct flt_table *table = table_of_cells(&cells), *changed = table_of_cells(&others);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	ck_assert_msg(flt_cell_reader_new(base, &(struct flt_table_options){0}, names, N_NAMES, &reader, &err) ==
	                      FLT_OK,
	              "%s", err.text);
	for (enum flt_scale scale = 0; scale < FLT_N_SCALES; scale++) {
		struct flt_prep *first = refit(base, table, N_FIRST, scale, 1);
		size_t n = N_ROWS * flt_prep_n_features(first);
		float *x = apply(first, changed), *y = calloc(n, sizeof *y);
		ck_assert_msg(apply_cells(reader, first, others.at, N_ROWS, y, NULL, &err) == FLT_OK, "%s", err.text);
		ck_assert_mem_eq(x, y, n * sizeof *x);
		free(x);
		free(y);
		flt_prep_free(first);
	}
	flt_cell_reader_free(reader);
	flt_prep_free(base);
	flt_table_free(table);
	flt_table_free(changed);
}
END_TEST

/* One reading serves several preparations, in any order. */
START_TEST(columns_are_read_once_for_all)
{
	struct flt_cell_reader *reader;
	struct flt_cell_columns *columns;
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	struct flt_prep *first = refit(base, table, N_FIRST, FLT_SCALE_QUANTILE, 1);
	ck_assert_int_eq(flt_cell_reader_new(base, &(struct flt_table_options){0}, names, N_NAMES, &reader, NULL),
	                 FLT_OK);
	ck_assert_int_eq(flt_cell_columns_new(reader, N_ROWS, &columns, NULL), FLT_OK);
	ck_assert_int_eq(flt_cell_reader_read(reader, cells.at, N_ROWS, columns, NULL, NULL), FLT_OK);
	const struct flt_prep *const preps[] = {first, base, first};
	for (size_t i = 0; i < 3; i++) {
		size_t n = N_ROWS * flt_prep_n_features(preps[i]);
		float *x = apply(preps[i], table), *y = calloc(n, sizeof *y);
		ck_assert_int_eq(flt_prep_apply_cells(preps[i], columns, y, NULL), FLT_OK);
		ck_assert_mem_eq(x, y, n * sizeof *x);
		free(x);
		free(y);
	}
	flt_cell_columns_free(columns);
	flt_cell_columns_free(NULL);
	flt_cell_reader_free(reader);
	flt_prep_free(base);
	flt_prep_free(first);
	flt_table_free(table);
}
END_TEST

START_TEST(the_number_of_threads_changes_no_bit)
{
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST);
	for (enum flt_scale scale = 0; scale < FLT_N_SCALES; scale++) {
		struct flt_prep *one = refit(base, table, N_FIRST, scale, 1);
		struct flt_prep *five = refit(base, table, N_FIRST, scale, 5);
		check_same(one, five, table);
		flt_prep_free(one);
		flt_prep_free(five);
	}
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

/* No refit has more features than said, and with all columns and steps it has as many; its memory is within a fifth. */
START_TEST(refits_are_as_large_as_said)
{
	static const struct flt_prep_options options[] = {
	        {.scale = FLT_SCALE_STANDARD, .n_threads = 1},
	        {.scale = FLT_SCALE_QUANTILE, .n_threads = 1},
	        {.scale = FLT_SCALE_STANDARD, .n_threads = 1, .n_steps = 3},
	        {.scale = FLT_SCALE_STANDARD, .n_threads = 1, .n_steps = 3, .n_columns = 2},
	};
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, options[_i].scale), *prep;
	size_t before = flt_alloc_live(), most = flt_prep_most_features(base, &options[_i]);
	ck_assert_int_eq(flt_prep_refit(base, table, all_rows, N_ROWS, &options[_i], &prep, NULL), FLT_OK);
	double said = (double)flt_prep_refit_bytes(base, &options[_i], N_ROWS),
	       taken = (double)(flt_alloc_live() - before);
	ck_assert_uint_le(flt_prep_n_features(prep), most);
	if (options[_i].n_columns == 0)
		ck_assert_uint_eq(flt_prep_n_features(prep), most);
	ck_assert_uint_le(flt_prep_most_features(base, &options[3]), flt_prep_most_features(base, &options[2]));
	ck_assert_msg(said > 0.8 * taken && said < 1.25 * taken, "%.0f bytes said, %.0f taken", said, taken);
	flt_prep_free(prep);
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

START_TEST(a_table_without_a_column_is_refused)
{
	struct flt_table *table = table_of_cells(&cells),
	                 *small = small_table("a,y\n1,0\n2,1\n", (struct flt_table_options){0});
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST), *prep;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_prep_refit(base, small, all_rows, 2, &(struct flt_prep_options){0}, &prep, &err),
	                 FLT_ERR_DATA);
	ck_assert_ptr_null(prep);
	ck_assert_ptr_nonnull(strstr(err.text, "there is no column \"tail\""));
	flt_prep_free(base);
	flt_table_free(table);
	flt_table_free(small);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	struct flt_table *table = table_of_cells(&cells);
	struct flt_prep *base = fit(table, FLT_SCALE_ROBUST), *prep;
	struct flt_prep_options options = {.scale = FLT_SCALE_QUANTILE, .n_threads = 1};
	enum flt_status status = FLT_ERR_MACHINE;
	size_t live = flt_alloc_live();
	unsigned long k = 0;
	while (status) {
		flt_alloc_fail_at(++k);
		status = flt_prep_refit(base, table, all_rows, N_FIRST, &options, &prep, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !prep && flt_alloc_live() == live));
	}
	ck_assert_uint_gt(k, 40);
	flt_prep_free(prep);
	flt_prep_free(base);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("refit");
	TCase *tcase = tcase_create("refit");
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, a_refit_on_all_rows_is_the_fit_of_its_scale);
	tcase_add_test(tcase, it_learns_scales_from_its_rows_alone);
	tcase_add_test(tcase, rows_that_are_left_out_have_no_say);
	tcase_add_test(tcase, its_features_are_those_of_the_base);
	tcase_add_test(tcase, a_feature_without_a_difference_in_its_rows_is_0);
	tcase_add_test(tcase, records_get_the_features_of_table_rows);
	tcase_add_test(tcase, columns_are_read_once_for_all);
	tcase_add_test(tcase, the_number_of_threads_changes_no_bit);
	tcase_add_loop_test(tcase, refits_are_as_large_as_said, 0, 4);
	tcase_add_test(tcase, a_table_without_a_column_is_refused);
	tcase_add_test(tcase, every_failed_allocation_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
