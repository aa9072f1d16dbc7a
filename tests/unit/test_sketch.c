/* Rows that made a detector are recognised among others, whatever they look like in their file. */
#include "detector/sketch.h"

#include "base/alloc.h"
#include "base/random.h"
#include "csv_file.h"
#include "suite.h"
#include "temporary.h"

enum { N_FEATURES = 3, N_ROWS = 20000 };

static float x[N_ROWS][N_FEATURES];
static double hash[N_ROWS];

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;
	return (first > second) - (first < second);
}

/* Hashes of rows whose values differ little are spread evenly over [0, 1). */
START_TEST(hashes_are_uniform)
{
	enum { BINS = 100 };
	size_t n_in[BINS] = {0};
	for (size_t i = 0; i < N_ROWS; i++) {
		x[i][0] = (float)i;
		x[i][1] = i % 7 == 0 ? 1 : 0;
		x[i][2] = 0.5F;
	}
	flt_row_hashes(&x[0][0], N_ROWS, N_FEATURES, hash);
	for (size_t i = 0; i < N_ROWS; i++) {
		ck_assert(hash[i] >= 0 && hash[i] < 1);
		n_in[(size_t)(hash[i] * BINS)]++;
	}
	double chi2 = 0;
	for (size_t bin = 0; bin < BINS; bin++) {
		double from_mean = (double)n_in[bin] - N_ROWS / BINS;
		chi2 += from_mean * from_mean / (N_ROWS / BINS);
	}
	ck_assert_msg(chi2 > 61 && chi2 < 149, "%g", chi2); /* 99.9 % of chi-squared with 99 degrees of freedom */
	qsort(hash, N_ROWS, sizeof *hash, compare);
	for (size_t i = 1; i < N_ROWS; i++)
		ck_assert(hash[i] > hash[i - 1]);
}
END_TEST

/* Each value counts, and so does its place; the sign of a zero does not. */
START_TEST(hashes_tell_rows_apart)
{
	static const float rows[][N_FEATURES] = {{0, 1, 2},          {-0.0F, 1, 2}, {1, 0, 2},
	                                         {0, 1, 2.0000002F}, {0, 0, 0},     {0, 1, -2}};
	double of[6];
	flt_row_hashes(&rows[0][0], 6, N_FEATURES, of);
	ck_assert(of[0] == of[1]);
	for (size_t i = 1; i < 6; i++)
		for (size_t j = i + 1; j < 6; j++)
			ck_assert(of[i] != of[j]);
}
END_TEST

/* ---- of a table ---- */

static struct flt_table *table;
static struct flt_prep *prep;
static size_t all[CSV_ROWS];

static void read_table(size_t n_copies)
{
	static struct csv_file file;
	static const struct flt_table_options reading = {.drop = "day,customer", .n_threads = 1};
	static const struct flt_prep_options options = {.scale = FLT_SCALE_ROBUST};
	csv_simulate(&file, 3);
	for (size_t i = 0; i < n_copies; i++)
		file.rows[2 * i + 1] = file.rows[2 * i];
	table = csv_read(&file, &reading);
	for (size_t i = 0; i < CSV_ROWS; i++)
		all[i] = i;
	ck_assert_int_eq(flt_prep_fit(table, all, CSV_ROWS, &options, &prep, NULL), FLT_OK);
}

static void release(struct flt_sketch *sketch)
{
	flt_sketch_release(sketch);
	flt_prep_free(prep);
	flt_table_free(table);
}

/* All hashes of few rows are kept: each row is known. Copies are counted. */
START_TEST(few_rows_are_all_known)
{
	struct flt_sketch sketch = {0}, again = {0};
	read_table(30);
	ck_assert_int_eq(flt_sketch_make(prep, table, all, 500, 1, &sketch, NULL), FLT_OK);
	ck_assert_uint_eq(sketch.n, 500 - 30);
	ck_assert(sketch.below == 1 && sketch.repeated > 60 / 500.0 - 1e-9 && sketch.repeated < 60 / 500.0 + 1e-9);
	ck_assert_int_eq(flt_sketch_make(prep, table, all + 500, 100, 2, &again, NULL), FLT_OK);
	ck_assert(again.repeated == 0 && again.n == 100);
	for (size_t i = 0; i < again.n; i++)
		ck_assert(flt_sketch_samples(&sketch, again.hash[i]) && !flt_sketch_holds(&sketch, again.hash[i]));
	for (size_t i = 0; i < sketch.n; i++)
		ck_assert(flt_sketch_holds(&sketch, sketch.hash[i]));
	flt_sketch_release(&again);
	release(&sketch);
}
END_TEST

/* Of many rows those with the lowest hashes are kept, and which others are known. */
START_TEST(many_rows_are_sampled)
{
	struct flt_sketch sketch = {0};
	size_t *rows = flt_alloc(N_ROWS, sizeof *rows, NULL);
	struct flt_random random;
	flt_random_init(&random, 9, "values", 0);
	char path[TEMPORARY_SIZE];
	FILE *file = temporary_file(path);
	fputs("a,y\n", file);
	for (size_t i = 0; i < N_ROWS; i++) {
		fprintf(file, "%.17g,%d\n", flt_random_normal(&random), i % 9 == 0);
		rows[i] = i;
	}
	fclose(file);
	static const struct flt_table_options reading = {.n_threads = 1};
	static const struct flt_prep_options options = {.scale = FLT_SCALE_STANDARD};
	ck_assert_int_eq(flt_table_read(path, &reading, &table, NULL), FLT_OK);
	unlink(path);
	ck_assert_int_eq(flt_prep_fit(table, rows, N_ROWS, &options, &prep, NULL), FLT_OK);
	ck_assert_int_eq(flt_sketch_make(prep, table, rows, N_ROWS / 2, 2, &sketch, NULL), FLT_OK);
	ck_assert_uint_eq(sketch.n, FLT_SKETCH_SIZE);
	ck_assert(sketch.below > 0.38 && sketch.below < 0.44 && sketch.hash[sketch.n - 1] < sketch.below);
	ck_assert(!flt_sketch_samples(&sketch, sketch.below) && !flt_sketch_samples(&(struct flt_sketch){0}, 0.5));
	struct flt_sketch whole = {0};
	ck_assert_int_eq(flt_sketch_make(prep, table, rows, N_ROWS, 1, &whole, NULL), FLT_OK);
	size_t n_found = 0;
	for (size_t i = 0; i < whole.n; i++) {
		ck_assert(flt_sketch_samples(&sketch, whole.hash[i]));
		n_found += flt_sketch_holds(&sketch, whole.hash[i]);
	}
	ck_assert_msg(n_found > 1920 && n_found < 2176, "%zu", n_found); /* half of 4096, +- 4 standard errors */
	flt_sketch_release(&whole);
	flt_free(rows);
	release(&sketch);
}
END_TEST

START_TEST(without_memory_there_is_no_sketch)
{
	struct flt_sketch sketch = {0};
	read_table(0);
	size_t before = flt_alloc_live();
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = flt_sketch_make(prep, table, all, CSV_ROWS, 1, &sketch, &(struct flt_error){0});
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k));
		ck_assert(status == FLT_OK || (flt_alloc_live() == before && sketch.n == 0));
	}
	release(&sketch);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("sketch");
	TCase *tests = tcase_create("all");
	tcase_add_test(tests, hashes_are_uniform);
	tcase_add_test(tests, hashes_tell_rows_apart);
	tcase_add_test(tests, few_rows_are_all_known);
	tcase_add_test(tests, many_rows_are_sampled);
	tcase_add_test(tests, without_memory_there_is_no_sketch);
	suite_add_tcase(suite, tests);
	return suite;
}
