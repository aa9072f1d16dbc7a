/* base/text: splitting lists, showing foreign text. */
#include <stdio.h>
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

/* What a shell makes of the value of an option. */
static void shell_reads(const char *value, char *out, size_t size)
{
	char command[512];
	snprintf(command, sizeof command, "printf %%s %s", value);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	out[fread(out, 1, size - 1, pipe)] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
}

START_TEST(values_of_options)
{
	static const char *const items[] = {
	        "unknown", "n/a, see file", "it's", "say \"so\"", "\"q\"",  " x ", "$HOME `id`",  "a\\b",
	        "*",       "#N/A",          "-",    "<5",         "\u20ac", "",    "'; exit 3 '", "!x",
	        "100 %",   "a&b|c;d",       "~",    "(x)"};
	const size_t n = sizeof items / sizeof *items;
	char value[256], list[256], small[8];
	for (size_t i = 0; i < n; i++)
		for (size_t count = 1; count <= 3 && i + count <= n; count++) {
			ck_assert(flt_option_value(items + i, count, value, sizeof value));
			shell_reads(value, list, sizeof list);
			splits(list, count, items + i);
		}
	ck_assert(flt_option_value(items, 1, value, sizeof value));
	ck_assert_str_eq(value, "unknown");
	ck_assert(flt_option_value(items + 1, 1, value, sizeof value));
	ck_assert_str_eq(value, "'\"n/a, see file\"'");
	ck_assert(!flt_option_value(&(const char *){"two\nlines"}, 1, value, sizeof value));
	ck_assert(!flt_option_value(&(const char *){"gr\u00fc\u00df\x9b"}, 1, value, sizeof value));
	ck_assert(!flt_option_value(&(const char *){"\u202e5"}, 1, value, sizeof value));
	ck_assert(!flt_option_value(items + 1, 1, small, sizeof small));
	ck_assert_uint_lt(strlen(small), sizeof small);
}
END_TEST

START_TEST(blanks)
{
	const char *text = " \t\u00a0 a b\u202f";
	size_t n = strlen(text);
	const char *trimmed = flt_trim(text, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(trimmed, "a b", 3);
	n = 3;
	flt_trim("\u2009", &n);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(flt_first_blank("\xc2", 1), 0);
	ck_assert_uint_eq(flt_first_blank("\xe2\x80", 2), 0);
	ck_assert_uint_eq(flt_first_blank("", 0), 0);
	ck_assert_uint_eq(flt_leading_blanks("  \u2007x", 6), 5);
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

/* Words that a shell gives back byte for byte, and that stay as they are where nothing in them means anything to it. */
START_TEST(words_for_a_shell)
{
	static const char *const words[] = {"",
	                                    "--loss",
	                                    "data/fraud.csv",
	                                    "recall>=0.9",
	                                    "my file.csv",
	                                    "it's",
	                                    "''",
	                                    "'",
	                                    "a'b'c",
	                                    "$HOME",
	                                    "`id`",
	                                    "a\\b",
	                                    "line\nbreak",
	                                    "tab\there",
	                                    "\001\033[m",
	                                    "\xff",
	                                    "\u20ac",
	                                    "~",
	                                    "#x",
	                                    "=ls",
	                                    "--loss=focal",
	                                    "a,b",
	                                    "cost:1:50",
	                                    "*?[a]",
	                                    "!x",
	                                    "{a,b}"};
	struct flt_text_buffer line = {0};
	char read[64];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		line.length = 0;
		ck_assert_int_eq(flt_text_buffer_shell_word(&line, words[i], NULL), FLT_OK);
		shell_reads(line.bytes, read, sizeof read);
		ck_assert_str_eq(read, words[i]);
		bool is_plain = *words[i] && *words[i] != '=' &&
		                strspn(words[i], "abcdefghijklmnopqrstuvwxyz0123456789-/.=,:") == strlen(words[i]);
		ck_assert_int_eq(strcmp(line.bytes, words[i]) == 0, is_plain);
	}
	flt_text_buffer_release(&line);
}
END_TEST

/* One that has no room is cut, and its quotes closed. */
START_TEST(long_words_are_cut)
{
	static const struct {
		const char *word, *want;
		size_t size;
		bool fits;
	} cut[] = {{"data.csv", "data.csv", 9, true},
	           {"data.csv", "data.cs", 8, false},
	           {"my data", "'my data'", 10, true},
	           {"my data", "'my dat'", 9, false},
	           {"it's", "'it'\\''s'", 10, true},
	           {"it's", "'it'\\'''", 9, false},
	           {"it's", "'it'", 8, false},
	           {"'", "''", 3, false},
	           {"", "''", 3, true}};
	char out[16];
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		memset(out, 'x', sizeof out);
		ck_assert(flt_shell_word(cut[i].word, out, cut[i].size) == cut[i].fits);
		ck_assert_str_eq(out, cut[i].want);
		ck_assert_int_eq(out[cut[i].size], 'x');
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
	tcase_add_test(cases, values_of_options);
	tcase_add_test(cases, words_for_a_shell);
	tcase_add_test(cases, long_words_are_cut);
	tcase_add_test(cases, blanks);
	tcase_add_test(cases, each_allocation_may_fail);
	tcase_add_test(cases, foreign_text_as_shown);
	suite_add_tcase(suite, cases);
	return suite;
}
