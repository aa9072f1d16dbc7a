/* table/id_like: which columns only number the rows, at the edges of the rule. */
#include "small_table.h"

#include "suite.h"
#include "table/id_like.h"

/* How column 0 of a table of these cells numbers the rows (NULL: all). Cells are printed by `cell`. */
static struct flt_id_like id_like(int n_rows, void (*cell)(struct text *text, int row), const size_t *rows, size_t n)
{
	struct text text = {0};
	text_add(&text, "id,y\n");
	for (int row = 0; row < n_rows; row++) {
		cell(&text, row);
		text_add(&text, ",%d\n", row % 3 == 0);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){.skip_bad_rows = true});
	struct flt_id_like found;
	ck_assert_int_eq(flt_column_is_id_like(table, 0, rows, rows ? n : flt_table_n_rows(table), &found, NULL),
	                 FLT_OK);
	flt_table_free(table);
	return found;
}

static bool is_id_like(int n_rows, void (*cell)(struct text *text, int row), const size_t *rows, size_t n)
{
	return id_like(n_rows, cell, rows, n).kind != FLT_NO_ID;
}

static int n_distinct; /* of the texts */

static void text_cell(struct text *text, int row)
{
	text_add(text, "t%d", row < n_distinct ? row : 0);
}

/* 90 % distinct is not enough, and a single row more is. */
START_TEST(texts_that_are_nearly_all_distinct)
{
	static const struct {
		int n_rows, n_distinct;
		bool yes;
	} cases[] = {{100, 100, true}, {100, 91, true}, {100, 90, false}, {100, 85, false}, {20, 20, true},
	             {20, 19, true},   {20, 18, false}, {19, 19, false},  {25, 23, true},   {25, 22, false}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		n_distinct = cases[i].n_distinct;
		ck_assert_msg(is_id_like(cases[i].n_rows, text_cell, NULL, 0) == cases[i].yes, "case %zu", i);
	}
}
END_TEST

static void counted_cell(struct text *text, int row)
{
	text_add(text, "%d", 1000 + row);
}

static void gap_cell(struct text *text, int row)
{
	text_add(text, "%d", 1000 + row + (row > 30));
}

/* The record of row 30 has a third field, so it is skipped. */
static void bad_row_cell(struct text *text, int row)
{
	text_add(text, row == 30 ? "%d,1" : "%d", 1000 + row);
}

static void missing_cell(struct text *text, int row)
{
	if (row != 30)
		text_add(text, "%d", 1000 + row);
}

static void falling_cell(struct text *text, int row)
{
	text_add(text, "%d", 1000 - row);
}

static void fraction_cell(struct text *text, int row)
{
	text_add(text, "%d.5", row);
}

static size_t every_second[30];

static void set_every_second(void)
{
	for (size_t i = 0; i < 30; i++)
		every_second[i] = 2 * i;
}

START_TEST(numbers_that_count_the_rows)
{
	ck_assert_int_eq(id_like(60, counted_cell, NULL, 0).kind, FLT_ID_COUNTS);
	ck_assert_int_eq(id_like(20, counted_cell, NULL, 0).kind, FLT_ID_COUNTS);
	ck_assert(!is_id_like(19, counted_cell, NULL, 0));
	ck_assert_int_eq(id_like(60, counted_cell, every_second, 30).kind, FLT_ID_COUNTS);
	ck_assert_int_eq(id_like(60, bad_row_cell, NULL, 0).kind, FLT_ID_COUNTS);
	ck_assert(!is_id_like(60, missing_cell, NULL, 0));
	ck_assert(!is_id_like(60, fraction_cell, NULL, 0));
}
END_TEST

/* Row names of a sample of a larger table. */
static void rising_cell(struct text *text, int row)
{
	text_add(text, "%d", row * row + 10 * row);
}

static void pause_cell(struct text *text, int row)
{
	text_add(text, "%d", 1000 * (row == 30 ? 29 : row));
}

static void dip_cell(struct text *text, int row)
{
	text_add(text, "%d", 1000 * (row == 30 ? 28 : row));
}

START_TEST(numbers_that_rise)
{
	ck_assert_int_eq(id_like(60, gap_cell, NULL, 0).kind, FLT_ID_RISES); /* no row was left out in the gap */
	ck_assert_int_eq(id_like(60, rising_cell, NULL, 0).kind, FLT_ID_RISES);
	ck_assert_int_eq(id_like(20, rising_cell, NULL, 0).kind, FLT_ID_RISES);
	ck_assert(!is_id_like(19, rising_cell, NULL, 0));
	ck_assert(!is_id_like(60, pause_cell, NULL, 0));
	ck_assert(!is_id_like(60, dip_cell, NULL, 0));
}
END_TEST

static int n_in_range, n_twice; /* the numbers of the rows go round this range; so many rows have that of another */

static void shuffled_cell(struct text *text, int row)
{
	text_add(text, "%d", 500 + (row < n_twice ? 0 : 37 * row % n_in_range));
}

START_TEST(numbers_that_fill_a_range)
{
	static const struct {
		int n_rows, n_in_range, n_twice;
		bool yes;
	} cases[] = {
	        {60, 60, 0, true},   {60, 120, 0, true},                     /* a half of the rows that were numbered */
	        {60, 130, 0, false},                                         /* and less */
	        {60, 60, 2, false},  {20, 20, 0, true},  {20, 40, 0, false}, /* might be chance */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		n_in_range = cases[i].n_in_range;
		n_twice = cases[i].n_twice;
		struct flt_id_like found = id_like(cases[i].n_rows, shuffled_cell, NULL, 0);
		ck_assert_msg((found.kind == FLT_ID_FILLS) == cases[i].yes, "case %zu", i);
	}
	ck_assert_int_eq(id_like(60, falling_cell, NULL, 0).kind, FLT_ID_FILLS);
	n_in_range = 60;
	n_twice = 0;
	struct flt_id_like part = id_like(60, shuffled_cell, every_second, 30);
	ck_assert_int_eq(part.kind, FLT_ID_FILLS);
	ck_assert_uint_eq(part.n_distinct, 30);
	ck_assert_uint_eq(part.range, 59);
}
END_TEST

/* ---- ids that do not number the rows ---- */

static bool may_be_id(int n_rows, void (*cell)(struct text *text, int row), const char *numeric)
{
	struct text text = {0};
	text_add(&text, "id,y\n");
	for (int row = 0; row < n_rows; row++) {
		cell(&text, row);
		text_add(&text, ",%d\n", row % 3 == 0);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){.numeric = numeric});
	bool yes;
	ck_assert_int_eq(flt_column_may_be_id(table, 0, NULL, (size_t)n_rows, &yes, NULL), FLT_OK);
	flt_table_free(table);
	return yes;
}

static int n_equal; /* rows with the number of another */

/* Different numbers below 10,007, in no order. */
static void customer_cell(struct text *text, int row)
{
	text_add(text, "%d", 4321 * (row < n_equal ? 0 : row) % 10007);
}

static int n_digits, n_short;

static void phone_cell(struct text *text, int row)
{
	int number = 1000003 * (row % 2 ? row : -row) % 8999999 + (row % 2 ? 0 : 8999999);
	text_add(text, "%.*s%07d", row < n_short ? 0 : n_digits - 7, "123456789", number % 9000000 + 1000000);
}

START_TEST(different_numbers_may_be_ids)
{
	n_equal = 0;
	ck_assert(may_be_id(1000, customer_cell, NULL));
	ck_assert(!may_be_id(1000, customer_cell, "id")); /* the user has said that it is a number */
	ck_assert(!may_be_id(600, customer_cell, NULL));  /* might be chance: 18 pairs, where 20 are no chance */
	ck_assert(may_be_id(640, customer_cell, NULL));
	n_equal = 2;
	ck_assert(!may_be_id(1000, customer_cell, NULL));
	n_digits = 11;
	n_short = 0;
	ck_assert(may_be_id(100, phone_cell, NULL));
	ck_assert(!may_be_id(99, phone_cell, NULL));
	n_short = 10;
	ck_assert(may_be_id(100, phone_cell, NULL));
	n_short = 11;
	ck_assert(!may_be_id(100, phone_cell, NULL)); /* measures differ in length */
	n_short = 0;
	n_digits = 7;
	ck_assert(!may_be_id(100, phone_cell, NULL));
	ck_assert(!may_be_id(200, fraction_cell, NULL));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("id-like");
	TCase *cases = tcase_create("id-like");
	tcase_add_test(cases, texts_that_are_nearly_all_distinct);
	tcase_add_checked_fixture(cases, set_every_second, NULL);
	tcase_add_test(cases, numbers_that_count_the_rows);
	tcase_add_test(cases, numbers_that_rise);
	tcase_add_test(cases, numbers_that_fill_a_range);
	tcase_add_test(cases, different_numbers_may_be_ids);
	suite_add_tcase(suite, cases);
	return suite;
}
