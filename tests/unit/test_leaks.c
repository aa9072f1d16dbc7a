/* audit/leaks and audit/telling: which columns are said to tell the class, at the edges of the rules. */
#include "small_table.h"

#include <math.h>

#include "audit/leaks.h"
#include "base/alloc.h"
#include "suite.h"

enum { N_ROWS = 1000 };

static bool is_positive_row(int row)
{
	return row % 10 == 3;
}

/* What is found in rows first, first + 1 ... of a table with column x, as `cell` prints it, a column of little use and
 * a column that counts the rows. */
static struct flt_leaks leaks_among(void (*cell)(struct text *text, int row), size_t first, size_t n,
                                    bool (*is_positive)(int row), bool keep_used)
{
	struct text text = {0};
	size_t rows[N_ROWS];
	struct flt_leaks leaks;
	text_add(&text, "x,other,count,y\n");
	for (int row = 0; row < N_ROWS; row++) {
		cell(&text, row);
		text_add(&text, ",%d,%d,%d\n", row * 7 % 31, row + 5, is_positive(row));
	}
	for (size_t i = 0; i < n; i++)
		rows[i] = first + i;
	struct flt_table *table = table_of(&text, (struct flt_table_options){.categorical = "x"});
	ck_assert_int_eq(flt_leaks_find(table, rows, n, 1, &leaks, NULL), FLT_OK);
	if (keep_used) {
		struct flt_prep *prep;
		ck_assert_int_eq(flt_prep_fit(table, rows, n, &(struct flt_prep_options){.n_threads = 1}, &prep, NULL),
		                 FLT_OK);
		flt_leaks_keep_used(&leaks, prep);
		flt_prep_free(prep);
	}
	flt_table_free(table);
	return leaks;
}

static struct flt_leaks leaks_of(void (*cell)(struct text *text, int row))
{
	return leaks_among(cell, 0, N_ROWS, is_positive_row, false);
}

static void outcome_cell(struct text *text, int row)
{
	text_add(text, is_positive_row(row) ? "bad" : "good");
}

static void plain_cell(struct text *text, int row)
{
	text_add(text, row * 13 % 17 < 5 ? "a" : "b");
}

/* The first 500 rows tell nothing. */
static void later_cell(struct text *text, int row)
{
	if (row < 500)
		plain_cell(text, row);
	else
		outcome_cell(text, row);
}

START_TEST(only_the_given_rows_count)
{
	struct flt_leaks leaks = leaks_of(outcome_cell);
	ck_assert_uint_eq(leaks.n, 1);
	ck_assert_uint_eq(leaks.leak[0].column, 0);
	ck_assert(!leaks.leak[0].is_partial && !leaks.leak[0].by_missing && !leaks.by_order);
	ck_assert_uint_eq(leaks.leak[0].strength.n_positive, 100);
	flt_leaks_release(&leaks);
	leaks = leaks_of(plain_cell);
	ck_assert_uint_eq(leaks.n, 0);
	flt_leaks_release(&leaks);
	leaks = leaks_among(later_cell, 0, 500, is_positive_row, false);
	ck_assert_uint_eq(leaks.n, 0);
	flt_leaks_release(&leaks);
	leaks = leaks_among(later_cell, 500, 500, is_positive_row, false);
	ck_assert_uint_eq(leaks.n, 1);
	flt_leaks_release(&leaks);
}
END_TEST

static bool is_late_row(int row)
{
	return row >= 850;
}

static bool is_early_row(int row)
{
	return row < 150;
}

static bool is_mostly_late_row(int row)
{
	return row % 10 == 3 && (row > 500 || row % 20 == 3);
}

START_TEST(the_order_of_a_sorted_file_tells_the_class)
{
	static const struct {
		bool (*is_positive)(int row);
		bool by_order;
	} cases[] = {{is_late_row, true}, {is_early_row, true}, {is_positive_row, false}, {is_mostly_late_row, false}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_leaks leaks = leaks_among(plain_cell, 0, N_ROWS, cases[i].is_positive, false);
		ck_assert_msg(leaks.by_order == cases[i].by_order, "case %zu", i);
		/* The column that counts the rows tells it as well ... */
		ck_assert_uint_eq(leaks.n, cases[i].by_order ? 1 : 0);
		flt_leaks_release(&leaks);
		/* ... but is left out. */
		leaks = leaks_among(plain_cell, 0, N_ROWS, cases[i].is_positive, true);
		ck_assert(leaks.by_order == cases[i].by_order);
		ck_assert_uint_eq(leaks.n, 0);
		flt_leaks_release(&leaks);
	}
}
END_TEST

static int n_with_code, n_mistaken; /* positive rows, and negative ones */

static void some_cell(struct text *text, int row)
{
	bool has_code = is_positive_row(row) ? row / 10 < n_with_code : row % 10 == 4 && row / 10 < n_mistaken;
	if (has_code)
		text_add(text, "X");
	else
		plain_cell(text, row);
}

START_TEST(a_code_of_some_positive_rows_is_a_partial_leak)
{
	static const struct {
		int n_with_code, n_mistaken;
		bool is_leak;
	} cases[] = {{40, 0, true}, {16, 0, true}, {15, 0, false}, {40, 2, true}, {40, 10, false}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		n_with_code = cases[i].n_with_code;
		n_mistaken = cases[i].n_mistaken;
		struct flt_leaks leaks = leaks_of(some_cell);
		ck_assert_msg(leaks.n == cases[i].is_leak, "case %zu", i);
		if (leaks.n) {
			const struct flt_telling *telling = &leaks.leak[0].strength.telling;
			ck_assert(leaks.leak[0].is_partial);
			ck_assert_int_eq(telling->kind, FLT_TELLING_LEVEL);
			ck_assert_uint_eq(telling->n_positive, (size_t)n_with_code);
			ck_assert_uint_eq(telling->n_rows, (size_t)(n_with_code + n_mistaken));
		}
		flt_leaks_release(&leaks);
	}
}
END_TEST

static bool is_odd_row(int row)
{
	return row % 2;
}

/* 100 of 500 positive rows have it. */
static void odd_cell(struct text *text, int row)
{
	if (is_odd_row(row) && row % 5 == 0)
		text_add(text, "X");
	else
		plain_cell(text, row);
}

START_TEST(where_the_class_is_common_a_level_of_it_is_no_surprise)
{
	struct flt_leaks leaks = leaks_among(odd_cell, 0, N_ROWS, is_odd_row, false);
	ck_assert_uint_eq(leaks.n, 0);
	flt_leaks_release(&leaks);
}
END_TEST

static void mostly_missing_cell(struct text *text, int row)
{
	if (is_positive_row(row) && row % 20 == 3)
		text_add(text, "t%d", row);
}

START_TEST(a_value_at_all_may_tell_the_class)
{
	struct flt_leaks leaks = leaks_of(mostly_missing_cell);
	ck_assert_uint_eq(leaks.n, 1);
	ck_assert(leaks.leak[0].is_partial);
	ck_assert_int_eq(leaks.leak[0].strength.telling.kind, FLT_TELLING_PRESENT);
	ck_assert_uint_eq(leaks.leak[0].strength.telling.n_rows, 50);
	flt_leaks_release(&leaks);
}
END_TEST

START_TEST(numbers_are_codes_where_there_are_few)
{
	enum { N = 60 };
	size_t weight[2] = {1, 1};
	double value[N];
	uint8_t tag[N];
	for (int n_codes = 20; n_codes <= 21; n_codes++) {
		struct flt_telling telling = {0};
		for (int i = 0; i < N; i++) {
			value[i] = i < 30 ? n_codes : i < 30 + n_codes - 1 ? n_codes - 1 - (i - 30) : 1; /* falling */
			tag[i] = (uint8_t)(i % 5 * 2 + (i < 30));
		}
		flt_telling_offer_numbers(&telling, value, tag, N, weight);
		ck_assert_int_eq(telling.kind, n_codes == 20 ? FLT_TELLING_NUMBER : FLT_TELLING_NONE);
		if (n_codes == 20) {
			ck_assert_double_eq(telling.number, 20);
			ck_assert_uint_eq(telling.n_rows, 30);
			ck_assert_uint_eq(telling.n_positive, 30);
		}
	}
}
END_TEST

START_TEST(memory_may_run_out_at_any_time)
{
	struct text text = {0};
	size_t rows[200], before;
	text_add(&text, "x,g,number,y\n");
	for (int row = 0; row < 200; row++) {
		rows[row] = (size_t)row;
		text_add(&text, "t%d,%d,%d,%d\n", row % 7, row / 4, 10000019 * row % 99999989, is_positive_row(row));
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){.group = "g"});
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long n = 0;
	before = flt_alloc_live();
	while (status != FLT_OK) {
		struct flt_leaks leaks;
		struct flt_error err;
		flt_alloc_fail_at(++n);
		status = flt_leaks_find(table, rows, 200, 1, &leaks, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		if (status == FLT_OK)
			flt_leaks_release(&leaks);
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
	ck_assert_uint_gt(n, 20);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("leaks");
	TCase *cases = tcase_create("leaks");
	tcase_add_test(cases, only_the_given_rows_count);
	tcase_add_test(cases, the_order_of_a_sorted_file_tells_the_class);
	tcase_add_test(cases, a_code_of_some_positive_rows_is_a_partial_leak);
	tcase_add_test(cases, where_the_class_is_common_a_level_of_it_is_no_surprise);
	tcase_add_test(cases, a_value_at_all_may_tell_the_class);
	tcase_add_test(cases, memory_may_run_out_at_any_time);
	tcase_add_test(cases, numbers_are_codes_where_there_are_few);
	suite_add_tcase(suite, cases);
	return suite;
}
