/* audit/mixed_units: columns of which a part is in another unit are found; round numbers and large ones are not. */

#include "small_table.h"

#include <math.h>

#include "audit/mixed_units.h"
#include "base/random.h"
#include "live_memory.h"
#include "suite.h"

enum { N_ROWS = 6000, N_COLUMNS = 8 };

/* euros: every third in cents. metres: the last fifth in millimetres. minus: with two decimals and of either sign, a
 * quarter in hundredths. loans: people round them, larger ones more. counts: 60 at most, or hundreds. exact: all
 * digits of a fraction. code: two values. */
static struct flt_table *make_table(void)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 1, "units", 0);
	text_add(&text, "euros,metres,minus,loans,counts,exact,code,y\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		double euros = round(100 * exp(3 + 1.2 * flt_random_normal(&random))) / 100;
		double loan = exp(8 + flt_random_normal(&random)), step = loan > 2000 ? 500 : loan > 500 ? 100 : 1;
		double minus = round(100 * flt_random_normal(&random)) / 100;
		text_add(&text, "%.10g,", i % 3 == 1 ? 100 * euros : euros);
		text_add(&text, i >= N_ROWS * 4 / 5 ? "%.0f," : "%.3f,",
		         (i >= N_ROWS * 4 / 5 ? 1000 : 1) * (1 + 3 * flt_random_uniform(&random)));
		text_add(&text, "%.10g,", i % 4 == 0 ? 100 * minus : minus);
		text_add(&text, "%.0f,", round(loan / step) * step);
		text_add(&text, "%zu,", flt_random_below(&random, i % 5 == 0 ? 900 : 60));
		text_add(&text, "%.16g,", flt_random_uniform(&random));
		text_add(&text, "%zu,%d\n", flt_random_below(&random, 2) * 99 + 1, flt_random_uniform(&random) < 0.2);
	}
	return table_of(&text, (struct flt_table_options){.numeric = "code"});
}

START_TEST(parts_in_another_unit_are_found)
{
	struct flt_table *table = make_table();
	struct flt_mixed_units units[N_COLUMNS], again[N_COLUMNS];
	ck_assert_int_eq(flt_mixed_units_find(table, 1, units, NULL), FLT_OK);
	ck_assert_double_eq(units[0].factor, 100);
	ck_assert_double_eq_tol(units[0].share, 1.0 / 3, 0.03); /* and one in a hundred of the others */
	ck_assert_double_eq_tol(units[0].median[0], exp(3), 2);
	ck_assert_double_eq_tol(units[0].median[1], 100 * exp(3), 200);
	ck_assert_uint_le(units[0].first, 1);
	ck_assert_double_eq(units[1].factor, 1000);
	ck_assert_double_eq_tol(units[1].share, 0.2, 0.03);
	for (size_t i = 3; i < N_COLUMNS; i++)
		ck_assert_msg(units[i].factor <= 0, "column %zu", i);
	for (unsigned n_threads = 2; n_threads <= 3; n_threads++) {
		ck_assert_int_eq(flt_mixed_units_find(table, n_threads, again, NULL), FLT_OK);
		ck_assert_mem_eq(again, units, sizeof units);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(few_values_say_nothing)
{
	struct text text = {0};
	struct flt_mixed_units units[2];
	text_add(&text, "euros,y\n");
	for (int i = 0; i < 99; i++)
		text_add(&text, "%d.%02d%s,%d\n", 10 + i, 1 + i % 98, i % 3 ? "" : "e2", i % 5 == 0);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	ck_assert_int_eq(flt_mixed_units_find(table, 1, units, NULL), FLT_OK);
	ck_assert(units[0].factor <= 0);
	flt_table_free(table);
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
	struct flt_table *table = make_table();
	struct flt_mixed_units units[N_COLUMNS];
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k;
	for (k = 1; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = flt_mixed_units_find(table, 1, units, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
	}
	ck_assert_uint_gt(k, 3);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("mixed_units");
	TCase *tcase = tcase_create("mixed_units");
	tcase_add_checked_fixture(tcase, note_live_memory, check_live_memory);
	tcase_add_test(tcase, parts_in_another_unit_are_found);
	tcase_add_test(tcase, few_values_say_nothing);
	tcase_add_test(tcase, failed_allocations_are_reported);
	suite_add_tcase(suite, tcase);
	return suite;
}
