/* The dictionary of a column's texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "table/dictionary.h"
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

Suite *test_suite(void)
{
	Suite *suite = suite_create("dictionary");
	TCase *cases = tcase_create("dictionary");
	tcase_add_test(cases, numbers_in_order_of_appearance);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
