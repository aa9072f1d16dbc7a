/* base/text: what counts as near, and what does not. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "suite.h"

static const char *const columns[] = {"amount", "age", "Class", "merchant", NULL, "merchants", "x"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static const char *nearest(const char *text)
{
	return flt_nearest(text, columns, N_COLUMNS);
}

START_TEST(finds_each_kind_of_mistake)
{
	ck_assert_str_eq(nearest("amount"), "amount");
	ck_assert_str_eq(nearest("amounts"), "amount"); /* added */
	ck_assert_str_eq(nearest("amunt"), "amount");   /* lost */
	ck_assert_str_eq(nearest("amoumt"), "amount");  /* changed */
	ck_assert_str_eq(nearest("aomunt"), "amount");  /* swapped: one mistake, not two */
	ck_assert_str_eq(nearest("CLASS"), "Class");    /* another case is none */
}
END_TEST

START_TEST(prefers_the_nearer_then_the_first)
{
	ck_assert_str_eq(nearest("merchantz"), "merchant"); /* one mistake to either */
	ck_assert_str_eq(nearest("merchants"), "merchants");
}
END_TEST

START_TEST(is_silent_when_nothing_is_near)
{
	ck_assert_ptr_null(nearest("country"));
	ck_assert_ptr_null(nearest("ega")); /* two mistakes in three bytes */
	ck_assert_ptr_null(nearest("y"));   /* one mistake to "x", but nothing in common */
	ck_assert_ptr_null(nearest(""));
	ck_assert_ptr_null(flt_nearest("a", NULL, 0));
}
END_TEST

START_TEST(leaves_long_names_alone)
{
	char name[200], text[200];
	memset(name, 'a', sizeof name);
	memset(text, 'a', sizeof text);
	name[127] = '\0';
	text[126] = '\0';
	const char *names[] = {name};
	ck_assert_ptr_eq(flt_nearest(text, names, 1), name);
	ck_assert_ptr_eq(flt_nearest(name, names, 1), name);
	name[127] = 'a';
	name[128] = '\0';
	ck_assert_ptr_null(flt_nearest(text, names, 1));
	ck_assert_ptr_null(flt_nearest(name, names, 1));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *cases = tcase_create("nearest");
	tcase_add_test(cases, finds_each_kind_of_mistake);
	tcase_add_test(cases, prefers_the_nearer_then_the_first);
	tcase_add_test(cases, is_silent_when_nothing_is_near);
	tcase_add_test(cases, leaves_long_names_alone);
	suite_add_tcase(suite, cases);
	return suite;
}
