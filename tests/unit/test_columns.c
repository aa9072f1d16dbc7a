/* Columns of numbers and texts score as the same cells do, bit by bit, one by one and on several threads. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/random.h"
#include "fltrain/fltrain.h"
#include "suite.h"

enum { N_ROWS = 1300, N_COLUMNS = 4, N_THREADS = 4 }; /* more rows than a tile */

static const char *const names[N_COLUMNS] = {"kind", "note", "age", "amount"};
static const char *const kinds[] = {"web", "shop", "phone", "", "fax", NULL, "NA"};

static double amount[N_ROWS], age[N_ROWS];
static const char *kind[N_ROWS], *cells[N_ROWS][N_COLUMNS];
static char amount_text[N_ROWS][FLT_NUMBER_SIZE], age_text[N_ROWS][FLT_NUMBER_SIZE];
static const struct flt_cells columns[N_COLUMNS] = {{.text = kind}, {0}, {.number = age}, {.number = amount}};
static struct flt_detector *detector;

static void set_number(double *number, char text[FLT_NUMBER_SIZE], double value)
{
	*number = value;
	text[0] = '\0';
	if (!isnan(value))
		flt_number_format(value, text);
}

static void make(void)
{
	struct flt_random random;
	flt_random_init(&random, 1, "rows", 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		double wide = exp(40 * flt_random_uniform(&random) - 20);
		set_number(&amount[i], amount_text[i], i % 7 ? wide - 3 : i % 2 ? (double)NAN : -999);
		set_number(&age[i], age_text[i], i % 3 ? (double)flt_random_below(&random, 90) : -0.0);
		kind[i] = kinds[flt_random_below(&random, sizeof kinds / sizeof *kinds)];
		cells[i][0] = kind[i] ? kind[i] : "";
		cells[i][1] = NULL;
		cells[i][2] = age_text[i];
		cells[i][3] = amount_text[i];
	}
	ck_assert_int_eq(flt_detector_load("tests/data/unprofiled.safetensors", &detector, NULL), FLT_OK);
}

static void drop(void)
{
	flt_detector_free(detector);
}

static struct flt_scorer *new_scorer(const struct flt_reading_options *reading)
{
	struct flt_scorer *scorer;
	ck_assert_int_eq(flt_scorer_new(detector, names, N_COLUMNS, reading, &scorer, NULL), FLT_OK);
	return scorer;
}

START_TEST(columns_score_as_their_cells_do)
{
	static double of_columns[N_ROWS], of_cells[N_ROWS];
	/* -999 is a number here, and a missing one there. */
	static const struct flt_reading_options readings[] = {{0}, {.na = "-999,fax"}};
	struct flt_scorer *scorer = new_scorer(&readings[_i]);
	ck_assert_int_eq(flt_scorer_score_columns(scorer, columns, N_ROWS, of_columns, NULL, NULL), FLT_OK);
	ck_assert_int_eq(flt_scorer_score(scorer, &cells[0][0], N_ROWS, of_cells, NULL, NULL), FLT_OK);
	ck_assert_int_eq(memcmp(of_columns, of_cells, sizeof of_cells), 0);
	ck_assert(of_cells[0] != of_cells[1] && of_cells[1] != of_cells[2]);
	for (size_t i = 0; i < N_ROWS && _i == 0; i += 97) {
		double probability;
		cells[i][1] = "";
		ck_assert_int_eq(flt_score_row(detector, names, cells[i], N_COLUMNS, &probability, NULL), FLT_OK);
		ck_assert(probability == flt_detector_probability(detector, of_columns[i]));
		cells[i][1] = NULL;
	}
	flt_scorer_free(scorer);
}
END_TEST

/* Numbers in a column of categories, and texts in one of numbers. */
START_TEST(numbers_and_texts_may_change_places)
{
	static double of_columns[N_ROWS], of_cells[N_ROWS];
	static const char *texts[N_ROWS], *other[N_ROWS][N_COLUMNS];
	struct flt_scorer *scorer = new_scorer(&(struct flt_reading_options){.na = "7"});
	for (size_t i = 0; i < N_ROWS; i++) {
		memcpy(other[i], cells[i], sizeof other[i]);
		other[i][0] = age_text[i];
		texts[i] = amount_text[i];
	}
	const struct flt_cells swapped[N_COLUMNS] = {{.number = age}, {0}, {.number = age}, {.text = texts}};
	ck_assert_int_eq(flt_scorer_score_columns(scorer, swapped, N_ROWS, of_columns, NULL, NULL), FLT_OK);
	ck_assert_int_eq(flt_scorer_score(scorer, &other[0][0], N_ROWS, of_cells, NULL, NULL), FLT_OK);
	ck_assert_int_eq(memcmp(of_columns, of_cells, sizeof of_cells), 0);
	flt_scorer_free(scorer);
}
END_TEST

START_TEST(errors_are_those_of_the_cells)
{
	double score[N_ROWS];
	struct flt_error of_columns, of_cells;
	size_t bad_column = 0, bad_cell = 0;
	struct flt_scorer *scorer = new_scorer(NULL);
	double wrong = _i == 0 ? (double)INFINITY : -(double)INFINITY;
	amount[1200] = amount[1250] = wrong;
	cells[1200][3] = cells[1250][3] = _i == 0 ? "inf" : "-inf";
	ck_assert_int_eq(flt_scorer_score_columns(scorer, columns, N_ROWS, score, &bad_column, &of_columns),
	                 FLT_ERR_DATA);
	ck_assert_int_eq(flt_scorer_score(scorer, &cells[0][0], N_ROWS, score, &bad_cell, &of_cells), FLT_ERR_DATA);
	ck_assert_uint_eq(bad_column, 1200);
	ck_assert_uint_eq(bad_column, bad_cell);
	ck_assert_str_eq(of_columns.text, of_cells.text);
	ck_assert_int_eq(flt_scorer_score_columns(scorer, columns, N_ROWS, score, NULL, NULL), FLT_ERR_DATA);
	flt_scorer_free(scorer);
}
END_TEST

START_TEST(no_rows_and_no_memory)
{
	double score[N_ROWS];
	struct flt_error err = {0};
	struct flt_scorer *scorer = new_scorer(NULL);
	ck_assert_int_eq(flt_scorer_score_columns(scorer, columns, 0, score, NULL, NULL), FLT_OK);
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = flt_scorer_score_columns(scorer, columns, 5, score, NULL, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert_uint_lt(k, 100);
	}
	flt_scorer_free(scorer);
}
END_TEST

/* ---- threads ---- */

static const struct flt_scorer *shared;
static pthread_barrier_t both;

/* One makes a scorer of its own besides, and gets an error. */
static void *score_here(void *context)
{
	double *score = context, probability;
	struct flt_error err;
	pthread_barrier_wait(&both);
	if (flt_scorer_score_columns(shared, columns, N_ROWS, score, NULL, &err) != FLT_OK ||
	    flt_score_row(detector, names, cells[0], 2, &probability, &err) != FLT_ERR_DATA)
		return NULL;
	return score;
}

START_TEST(threads_share_a_detector_and_a_scorer)
{
	static double alone[N_ROWS], together[N_THREADS][N_ROWS];
	pthread_t threads[N_THREADS];
	struct flt_scorer *scorer = new_scorer(NULL);
	shared = scorer;
	ck_assert_int_eq(flt_scorer_score(scorer, &cells[0][0], N_ROWS, alone, NULL, NULL), FLT_OK);
	ck_assert_int_eq(pthread_barrier_init(&both, NULL, N_THREADS), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, score_here, together[i]), 0);
	for (size_t i = 0; i < N_THREADS; i++) {
		void *done;
		ck_assert_int_eq(pthread_join(threads[i], &done), 0);
		ck_assert_ptr_nonnull(done);
		ck_assert_int_eq(memcmp(together[i], alone, sizeof alone), 0);
	}
	pthread_barrier_destroy(&both);
	flt_scorer_free(scorer);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("columns");
	TCase *tests = tcase_create("columns");
	tcase_add_checked_fixture(tests, make, drop);
	tcase_add_loop_test(tests, columns_score_as_their_cells_do, 0, 2);
	tcase_add_test(tests, numbers_and_texts_may_change_places);
	tcase_add_loop_test(tests, errors_are_those_of_the_cells, 0, 2);
	tcase_add_test(tests, no_rows_and_no_memory);
	tcase_add_test(tests, threads_share_a_detector_and_a_scorer);
	suite_add_tcase(suite, tests);
	return suite;
}
