/* base/error: a message is one line that a terminal can be shown, whatever bytes stand in it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
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

/* No half of a character stands before or behind the gap, wherever it comes. */
START_TEST(they_are_cut_between_characters)
{
	struct flt_error err;
	char name[3 * FLT_ERROR_SIZE + 3] = "", *end = name;
	while (end < name + 3 * FLT_ERROR_SIZE)
		end = stpcpy(end, "\xe2\x82\xac");
	for (size_t at = 0; at < 3; at++) {
		flt_fail(&err, FLT_ERR_DATA, "%.*s%s", (int)at, "xx", name);
		for (const char *text = err.text; *text; text += flt_utf8_length(text))
			ck_assert_uint_gt(flt_utf8_length(text), 0);
		ck_assert_ptr_nonnull(strstr(err.text, "\xe2\x82\xac...\xe2\x82\xac"));
	}
}
END_TEST

START_TEST(what_fits_of_a_text_ends_with_a_character)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac";
	static const size_t fitting[] = {0, 1, 1, 3, 3, 3, 6, 6};
	for (size_t most = 0; most < sizeof fitting / sizeof *fitting; most++)
		ck_assert_uint_eq(flt_fitting_length(text, most), fitting[most]);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *cases = tcase_create("text");
	tcase_add_test(cases, controls_are_shown);
	tcase_add_test(cases, long_ones_are_cut);
	tcase_add_test(cases, they_are_cut_between_characters);
	tcase_add_test(cases, what_fits_of_a_text_ends_with_a_character);
	suite_add_tcase(suite, cases);
	return suite;
}
