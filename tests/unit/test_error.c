/* base/error: a message is one line that a terminal can be shown, whatever bytes stand in it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "suite.h"

START_TEST(controls_are_shown)
{
	struct flt_error err;
	ck_assert_int_eq(flt_fail(&err, FLT_ERR_DATA, "column \"%s\"", "a\x1b[2J\r\nb\x7f\xc3\xa9"), FLT_ERR_DATA);
	ck_assert_int_eq(err.status, FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "column \"a?[2J??b?\xc3\xa9\"");
}
END_TEST

/* In the middle: the place and the remedy stay. */
START_TEST(long_ones_are_cut)
{
	struct flt_error err;
	static char name[20 * FLT_ERROR_SIZE];
	const size_t lengths[] = {FLT_ERROR_SIZE - 12, FLT_ERROR_SIZE - 11, 4096, sizeof name - 1};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		bool is_cut = i > 0, has_end = i < 3;
		memset(name, '\t', lengths[i]);
		name[lengths[i]] = '\0';
		flt_fail(&err, FLT_ERR_DATA, "x: %s: remedy", name);
		ck_assert_uint_eq(strlen(err.text), FLT_ERROR_SIZE - 1);
		ck_assert_mem_eq(err.text, "x: ???", 6);
		ck_assert_int_eq(strstr(err.text, "??...??") != NULL, is_cut);
		ck_assert_str_eq(err.text + FLT_ERROR_SIZE - 9, has_end ? ": remedy" : "????????");
	}
	ck_assert_int_eq(flt_fail(NULL, FLT_ERR_GATE, "%s", name), FLT_ERR_GATE);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *cases = tcase_create("text");
	tcase_add_test(cases, controls_are_shown);
	tcase_add_test(cases, long_ones_are_cut);
	suite_add_tcase(suite, cases);
	return suite;
}
