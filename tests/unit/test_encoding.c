/* base/encoding.c: texts that differ in their encoding only. */
#include <check.h>
#include <string.h>

#include "base/encoding.h"
#include "suite.h"

static void is_remedied(const char *found, const char *wanted, const char *by)
{
	const char *remedy = flt_encoding_remedy(found, wanted);
	if (!by)
		ck_assert_msg(!remedy, "%s, %s: %s", found, wanted, remedy);
	else
		ck_assert_msg(remedy && strstr(remedy, by), "%s, %s: %s", found, wanted, remedy ? remedy : "none");
}

START_TEST(tells_encodings_apart)
{
	is_remedied("gr\xF6\xDF"
	            "e",
	            "größe", "-f LATIN1 -t UTF-8");
	is_remedied("größe",
	            "gr\xF6\xDF"
	            "e",
	            "-f UTF-8 -t LATIN1");
	is_remedied("gro\u0308ße", "größe", "any-nfc");
	is_remedied("größe", "gro\u0308ße", "any-nfd");
	is_remedied("c\u030C\u0301", "č\u0301", NULL); /* marks in both */
	is_remedied("Z\u030C", "Ž", "any-nfc");
	is_remedied("o\u0308", "\xF6", "-f UTF-8 -t LATIN1");
	is_remedied("größe", "größe", NULL);
	is_remedied("größe", "grosse", NULL);
	is_remedied("grosse", "große", NULL);
	is_remedied("große", "größe", NULL); /* another word */
	is_remedied("gr\xF6\xDF", "größe", NULL);
	is_remedied("größe", "grö\xC3", NULL);
	is_remedied("日本\u0301", "日本", "any-nfc");
	is_remedied("", "", NULL);
	is_remedied("a\u0301", "b", NULL);
	is_remedied("\xF0\x9F\x98\x80"
	            "e\u0301",
	            "\xF0\x9F\x98\x80é", "any-nfc");
}
END_TEST

START_TEST(finds_the_first)
{
	static const char *const names[] = {"alter", "gro\u0308ße",
	                                    "gr\xF6\xDF"
	                                    "e"};
	const char *remedy;
	ck_assert_uint_eq(flt_find_other_encoding(names, 3, "größe", &remedy), 1);
	ck_assert_ptr_nonnull(strstr(remedy, "any-nfc"));
	ck_assert_uint_eq(flt_find_other_encoding(names, 1, "größe", &remedy), 1);
	ck_assert_ptr_null(remedy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("encoding");
	TCase *cases = tcase_create("encoding");
	tcase_add_test(cases, tells_encodings_apart);
	tcase_add_test(cases, finds_the_first);
	suite_add_tcase(suite, cases);
	return suite;
}
