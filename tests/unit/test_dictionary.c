/* data/dictionary and data/iso8601: small things that others stand on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "table/dictionary.h"
#include "table/iso8601.h"
#include "suite.h"

START_TEST(numbers_in_order_of_appearance)
{
	struct flt_dictionary dictionary = {0};
	int32_t code;
	char text[32];
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "x", 1), -1);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 20000; i++) {
			size_t n = (size_t)sprintf(text, "a long level %d", i * 7919 % 20000);
			ck_assert_int_eq(flt_dictionary_add(&dictionary, text, n, &code, NULL), FLT_OK);
			if (code != i)
				ck_abort_msg("%s: %d", text, code);
		}
	ck_assert_uint_eq(dictionary.n, 20000);
	ck_assert_str_eq(flt_dictionary_text(&dictionary, 1), "a long level 7919");
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "a long level 7919", 17), 1);
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "a long level 7919", 16), 4089); /* "... 791" */
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "none", 4), -1);
	ck_assert_int_eq(flt_dictionary_add(&dictionary, "", 0, &code, NULL), FLT_OK);
	ck_assert_int_eq(code, 20000);
	flt_dictionary_release(&dictionary);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	for (unsigned long k = 1, failed = 1; failed; k++) {
		struct flt_dictionary dictionary = {0};
		failed = 0;
		flt_alloc_fail_at(k);
		for (int i = 0; i < 100; i++) {
			char text[16];
			int32_t code;
			size_t n = (size_t)sprintf(text, "%d", i);
			if (flt_dictionary_add(&dictionary, text, n, &code, NULL) != FLT_OK) {
				failed++;
				i--; /* the same again works, as if nothing had been */
			} else {
				ck_assert_int_eq(code, i);
			}
		}
		flt_alloc_fail_at(0);
		ck_assert_uint_le(failed, 1);
		ck_assert_uint_eq(dictionary.n, 100);
		flt_dictionary_release(&dictionary);
	}
}
END_TEST

static void is_time(const char *text, double want)
{
	double seconds;
	ck_assert_msg(flt_iso8601_parse(text, strlen(text), &seconds), "%s", text);
	ck_assert_double_eq_tol(seconds, want, 1e-6);
}

START_TEST(dates_and_times)
{
	is_time("1970-01-01", 0);
	is_time("1969-12-31", -86400);
	is_time("2000-02-29", 951782400);
	is_time("2024-03-01", 1709251200);
	is_time("0000-01-01", -62167219200);
	is_time("0000-02-29", -62162121600);
	is_time("0000-03-01", -62162035200);
	is_time("0001-01-01", -62135596800);
	is_time("9999-12-31", 253402214400);
	is_time("2024-01-31T23:59", 1706745540);
	is_time("2024-01-31 23:59:59", 1706745599);
	is_time("2024-01-31T23:59:59.25", 1706745599.25);
	is_time("2024-01-31T23:59:59Z", 1706745599);
	is_time("2024-01-31T23:59:59.5-01:30", 1706750999.5);
	is_time("2024-01-31T23:59+0200", 1706738340);
	is_time("2024-01-31T23:59+02", 1706738340);
}
END_TEST

START_TEST(no_dates)
{
	static const char *const texts[] = {"",
	                                    "2024",
	                                    "20240131",
	                                    "2024-1-31",
	                                    "2024-13-01",
	                                    "2024-00-01",
	                                    "2023-02-29",
	                                    "1900-02-29",
	                                    "2024-04-31",
	                                    "2024-01-00",
	                                    "31.01.2024",
	                                    "2024-01-31T",
	                                    "2024-01-31T24:00",
	                                    "2024-01-31T23:60",
	                                    "2024-01-31T23:59:61",
	                                    "2024-01-31T23:59:",
	                                    "2024-01-31T23:59:59.",
	                                    "2024-01-31T23:59z",
	                                    "2024-01-31T23:59+",
	                                    "2024-01-31T23:59+02:",
	                                    "2024-01-31T23:59Z1",
	                                    "2024-01-31  23:59",
	                                    " 2024-01-31",
	                                    "2024-01-31Z"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		double seconds;
		ck_assert_msg(!flt_iso8601_parse(texts[i], strlen(texts[i]), &seconds), "\"%s\"", texts[i]);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dictionary");
	TCase *cases = tcase_create("dictionary, dates");
	tcase_add_test(cases, numbers_in_order_of_appearance);
	tcase_add_test(cases, each_allocation_may_fail);
	tcase_add_test(cases, dates_and_times);
	tcase_add_test(cases, no_dates);
	suite_add_tcase(suite, cases);
	return suite;
}
