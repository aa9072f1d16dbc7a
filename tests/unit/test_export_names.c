/* Names of columns as identifiers of C: they can be read back, and no two are the same. */
#include <string.h>

#include "export/c_names.h"
#include "suite.h"

static void check_name(const char *name, const char *expected)
{
	struct flt_text_buffer identifier = {0};
	ck_assert_int_eq(flt_c_name(name, &identifier, NULL), FLT_OK);
	ck_assert_str_eq(identifier.bytes, expected);
	flt_text_buffer_release(&identifier);
}

START_TEST(identifiers_stay_and_others_are_escaped)
{
	check_name("amount", "amount");
	check_name("n_last_hour", "n_last_hour");
	check_name("max_x", "max_x");
	check_name("1st", "_x31_st");
	check_name("a b", "a_x20_b");
	check_name("\xc3\xa9", "_xc3__xa9_");
	check_name("int", "_x69_nt");
	check_name("NAN", "_x4e_AN");
	check_name("class", "_x63_lass");
	check_name("M_PI", "_x4d__PI");
	check_name("EOF", "_x45_OF");
	check_name("SEEK_SET", "_x53_EEK_SET");
	check_name("ULONG_MAX", "_x55_LONG_MAX");
	check_name("SIGN", "SIGN");
	check_name("stdin", "_x73_tdin");
	check_name("_y", "_x5f_y");
	check_name("", "_x00_");
}
END_TEST

START_TEST(what_looks_like_an_escape_is_escaped)
{
	check_name("a_x41_", "a_x5f_x41_");
	check_name("a_x4", "a_x4");
	check_name("a_x4-", "a_x4_x2d_");
	check_name("a_x41-", "a_x5f_x41_x2d_");
	check_name("a_-", "a__x2d_");
	check_name("-x41_", "_x2d_x41_");
}
END_TEST

static void check_prefix(const char *path, const char *expected)
{
	struct flt_text_buffer prefix = {0};
	ck_assert_int_eq(flt_c_prefix(path, &prefix, NULL), FLT_OK);
	ck_assert_str_eq(prefix.bytes, expected);
	flt_text_buffer_release(&prefix);
}

START_TEST(a_prefix_is_harmless)
{
	char path[400];
	check_prefix("fraud.c", "fraud");
	check_prefix("/tmp/a b/fraud-2.model.c", "fraud_2_model");
	check_prefix("x/.c", "m_c");
	check_prefix("2.c", "m2");
	check_prefix("x/math.c", "mmath");
	check_prefix("float.model.c", "float_model");
	check_prefix("mathematics.c", "mathematics");
	check_prefix("*/ int x;\".c", "m_int_x__");
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	struct flt_text_buffer prefix = {0};
	ck_assert_int_eq(flt_c_prefix(path, &prefix, NULL), FLT_OK);
	ck_assert_uint_lt(prefix.length, FLT_C_PREFIX_SIZE);
	flt_text_buffer_release(&prefix);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("export names");
	TCase *tests = tcase_create("export names");
	tcase_add_test(tests, identifiers_stay_and_others_are_escaped);
	tcase_add_test(tests, what_looks_like_an_escape_is_escaped);
	tcase_add_test(tests, a_prefix_is_harmless);
	suite_add_tcase(suite, tests);
	return suite;
}
