/* audit/summary: the cells of small columns, counted by hand. */
#include "small_table.h"

#include "audit/summary.h"
#include "live_memory.h"
#include "suite.h"

enum { MOST_COLUMNS = 4 };

static struct flt_table *summarized(const char *csv, struct flt_table_options options,
                                    struct flt_column_summary summaries[MOST_COLUMNS])
{
	struct flt_table *table = small_table(csv, options);
	ck_assert_uint_le(flt_table_n_columns(table), MOST_COLUMNS);
	ck_assert_int_eq(flt_summarize_columns(table, 2, summaries, NULL), FLT_OK);
	return table;
}

START_TEST(numbers)
{
	struct flt_column_summary of[MOST_COLUMNS];
	struct flt_table *table = summarized("a,b,c,y\n3,-1e308,,0\n-0,1e308,,1\n0,1e308,,0\n,-1e308,5,0\n7,2,,0\n",
	                                     (struct flt_table_options){0}, of);
	ck_assert_uint_eq(of[0].n_distinct, 3);
	ck_assert_double_eq(of[0].min, 0);
	ck_assert_double_eq(of[0].median, 1.5);
	ck_assert_double_eq(of[0].max, 7);
	ck_assert_uint_eq(of[0].n_top, 0);
	ck_assert_uint_eq(of[1].n_distinct, 3);
	ck_assert_double_eq(of[1].median, 2);
	ck_assert_double_eq(of[1].min, -1e308);
	ck_assert_uint_eq(of[2].n_distinct, 1);
	ck_assert_double_eq(of[2].median, 5);
	flt_table_free(table);
}
END_TEST

/* The most frequent come first, and of equals the one that appears first. */
START_TEST(texts)
{
	struct flt_column_summary of[MOST_COLUMNS];
	struct flt_table *table = summarized("a,b,y\n"
	                                     "p,x,0\nq,x,1\nr,,0\nr,x,0\ns,,0\ns,x,0\nt,,1\nt,x,0\nt,x,0\nq,,0\n",
	                                     (struct flt_table_options){0}, of);
	ck_assert_uint_eq(of[0].n_distinct, 5);
	ck_assert_uint_eq(of[0].n_top, 3);
	ck_assert_str_eq(of[0].top[0].text, "t");
	ck_assert_uint_eq(of[0].top[0].n, 3);
	ck_assert_str_eq(of[0].top[1].text, "q");
	ck_assert_str_eq(of[0].top[2].text, "r");
	ck_assert_uint_eq(of[0].top[2].n, 2);
	ck_assert_uint_eq(of[1].n_distinct, 1);
	ck_assert_uint_eq(of[1].n_top, 1);
	ck_assert_uint_eq(of[1].top[0].n, 6);
	flt_table_free(table);
}
END_TEST

START_TEST(dropped_and_empty_columns)
{
	struct flt_column_summary of[MOST_COLUMNS];
	struct flt_table *table = summarized("a,b,y\n1,,0\n2,,1\n", (struct flt_table_options){.drop = "a"}, of);
	ck_assert_uint_eq(of[0].n_distinct, 0);
	ck_assert_uint_eq(of[1].n_distinct, 0);
	ck_assert(of[1].n_top == 0 && !(of[1].min < 0) && !(of[1].min > 0));
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("summary");
	TCase *tests = tcase_create("summary");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, numbers);
	tcase_add_test(tests, texts);
	tcase_add_test(tests, dropped_and_empty_columns);
	suite_add_tcase(suite, tests);
	return suite;
}
