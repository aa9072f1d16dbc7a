/* base/text: splitting lists, showing foreign text. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "suite.h"

/* Fails unless the list splits into the n wanted items. */
static void splits(const char *list, size_t n, const char *const *want)
{
	struct flt_names names;
	ck_assert_int_eq(flt_names_split(list, &names, NULL), FLT_OK);
	ck_assert_uint_eq(names.n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(names.items[i], want[i]);
	flt_names_release(&names);
}

START_TEST(lists)
{
	splits(NULL, 0, NULL);
	splits("", 0, NULL);
	splits("a", 1, (const char *[]){"a"});
	splits("a,b c , d", 3, (const char *[]){"a", "b c", "d"});
	splits("a,,b,", 4, (const char *[]){"a", "", "b", ""});
	splits("\"a,b\", \"say \"\"so\"\" \",'1'", 3, (const char *[]){"a,b", "say \"so\" ", "'1'"});
	splits("\"never closed, c", 1, (const char *[]){"never closed, c"});
	splits(" ", 1, (const char *[]){""});
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	for (unsigned long k = 1;; k++) {
		struct flt_names names;
		flt_alloc_fail_at(k);
		enum flt_status status = flt_names_split("a,b,c,d,e,f,g,h,i,j", &names, NULL);
		flt_alloc_fail_at(0);
		if (status == FLT_OK) {
			ck_assert_uint_eq(names.n, 10);
			ck_assert_uint_gt(k, 10);
			flt_names_release(&names);
			break;
		}
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_ptr_null(names.items);
	}
}
END_TEST

START_TEST(foreign_text_as_shown)
{
	ck_assert_str_eq(flt_shown("plain", 5).text, "plain");
	ck_assert_str_eq(flt_shown("plain", 2).text, "pl");
	ck_assert_str_eq(flt_shown("", 0).text, "");
	ck_assert_str_eq(flt_shown("a\nb\033[1mc", 8).text, "a?b?[1mc");
	char text[200];
	memset(text, 'x', sizeof text);
	struct flt_shown shown = flt_shown(text, sizeof text);
	ck_assert_uint_eq(strlen(shown.text), sizeof shown.text - 1);
	ck_assert_str_eq(shown.text + sizeof shown.text - 5, "x...");
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "ä", 2);
	shown = flt_shown(text + 1, 60); /* starts and would end inside a character */
	ck_assert_str_eq(shown.text + strlen(shown.text) - 5, "ä...");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *cases = tcase_create("names");
	tcase_add_test(cases, lists);
	tcase_add_test(cases, each_allocation_may_fail);
	tcase_add_test(cases, foreign_text_as_shown);
	suite_add_tcase(suite, cases);
	return suite;
}
