/* The small pieces of csv/, each by itself: delimiters (sniff), footers and rules, markers, edits, names of columns. */
#include <string.h>

#include "base/alloc.h"
#include "csv/edits.h"
#include "csv/footer.h"
#include "csv/header.h"
#include "csv/markers.h"
#include "csv/names.h"
#include "csv/sniff.h"
#include "suite.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- the delimiter ---- */

static const struct {
	const char *text;
	char decimal, want;
} delimited[] = {
        {"a:b\n1:2\n", '.', ':'},
        {"a^b\n1^2\n", '.', '^'},
        {"a:b^c^d\n1:2^3^4\n", '.', '^'}, /* more fields */
        {"a:b:c^d\n1:2:3^4\n", '.', ':'},
        {"a:b\n1:2\n", ':', ','}, /* the decimal mark is no delimiter */
        {"a^b\n", '.', ','},      /* a record alone splits evenly by anything */
        {"a b\n1 2\n", '.', ' '},
        {"a b\n1 2 3\n4 5 6\n", '.', ' '}, /* a header that is one name short */
        {"a b\n1 2 3\n4 5\n", '.', ','},
        {"1,5 2,5\n3,5 4,5\n", '.', ' '}, /* decimal commas */
        {"a,5 2,5\nb,5 4,5\n", '.', ','},
        {"1,5:2\n3,5:4\n", '.', ','},
        {"1,5;2,5;3,5\n1,5;2,5;3,5\n", '.', ';'},
        {"1,5;2\n1,5\n1,5\n", '.', ','}, /* the semicolon is in the first alone */
        {"1,5;2\n3,5;4\n", '.', ';'},
        {"a\tb\n1\t2\n", '.', '\t'},
        {"a  \tb c\n1  \t2 3\n", '.', ' '},    /* blanks that align, a tab among them */
        {"a \t b\tc\n1 \t 2\t3\n", '.', '\t'}, /* tabs that split as much */
        {"a\t b\nc\t d\n", '.', '\t'},
        {"a,b c\n1,2 3\n", '.', ','},
        {"a b,c\n1 2\n3 4\n5 6\n", '.', ' '}, /* the comma is in fewer than half */
        {"a;b\n\"1;2;3\";4\n\"\n\";5\n", '.', ';'},
        {"a;b,c\n----\n1;2\n(2 rows)\n", '.', ';'}, /* neither rule nor footer counts */
        {",1;2\n,1;2\n", '.', ','},                 /* commas that are no decimal marks */
        {"1;2,\n1;2,", '.', ','},
        {"1;2,x\n1;2,x\n", '.', ','},
        {"one\n", '.', ','},
        {"one\n", ',', ';'},
        {"", '.', ','},
        {"a ", '.', ','},
        {"\"a\" \nb\n", '.', ','},
};

START_TEST(the_delimiter_that_splits_evenly)
{
	const char *text = delimited[_i].text;
	char found = flt_sniff_delimiter((const unsigned char *)text, strlen(text), true, delimited[_i].decimal);
	ck_assert_msg(found == delimited[_i].want, "'%c' for %s", found, text);
}
END_TEST

/* Its last line may be cut off in the middle. */
START_TEST(the_last_line_of_a_beginning_is_not_looked_at)
{
	const char *text = "a b\n1 2\n3";
	ck_assert_int_eq(flt_sniff_delimiter((const unsigned char *)text, strlen(text), false, '.'), ' ');
	ck_assert_int_eq(flt_sniff_delimiter((const unsigned char *)text, strlen(text), true, '.'), ',');
	ck_assert_int_eq(flt_sniff_delimiter((const unsigned char *)"a;b", 3, false, '.'),
	                 ';'); /* unless it is alone */
}
END_TEST

/* ---- footers ---- */

START_TEST(footers_of_clients)
{
	static const char *const footers[] =
	        {"(5 rows)", "5 rows affected", " 1,000 Zeilen ", "1'000 lignes", "END",   "EOF",
	         "\\.",      "Query OK",        "SQL> spool off", "-----",        "== ==="},
	                         *const values[] = {"end", "ENDS", "EOL", "5",       "5 apples", "rows",  "5rows",
	                                            "",    "  ",   "(",   ",5 rows", "--",       "- - -", "-+-+-"};
	for (size_t i = 0; i < N_OF(footers); i++)
		ck_assert_msg(flt_is_footer(footers[i], strlen(footers[i])), "%s", footers[i]);
	for (size_t i = 0; i < N_OF(values); i++)
		ck_assert_msg(!flt_is_footer(values[i], strlen(values[i])), "%s", values[i]);
	char text[102];
	memset(text, '-', sizeof text);
	ck_assert(flt_is_footer(text, 100));
	ck_assert(!flt_is_footer(text, 101));
}
END_TEST

START_TEST(rules_are_dashes_and_what_stands_between_columns)
{
	ck_assert(flt_is_rule("---", 3));
	ck_assert(flt_is_rule("===\t=", 5));
	ck_assert(flt_is_rule("|--+-|", 6));
	ck_assert(!flt_is_rule("-- ", 3));
	ck_assert(!flt_is_rule("-+-+-", 5));
	ck_assert(!flt_is_rule("---x", 4));
	ck_assert(!flt_is_rule("---\0", 4));
}
END_TEST

/* ---- markers ---- */

static struct flt_markers markers_of(const char *added)
{
	struct flt_markers markers;
	ck_assert_int_eq(flt_markers_init(added, &markers, NULL), FLT_OK);
	return markers;
}

static bool holds(const struct flt_markers *markers, const char *text)
{
	return flt_markers_hold(markers, text, strlen(text));
}

START_TEST(markers_are_compared_as_texts_and_as_numbers)
{
	struct flt_markers markers = markers_of("none,-999,5,1,5,0,\"2,5\"");
	static const char *const texts[] = {"",    " ",   "\t ",  "\xC2\xA0", "?",    "NA", "N/A",
	                                    "NaN", "nan", "null", "none",     "-999", "0"},
	                         *const others[] = {"N",  "NAN",      "NULL", "nulls", "-999.0",
	                                            " x", "\xC3\xA9", "a",    "5,1"};
	for (size_t i = 0; i < N_OF(texts); i++)
		ck_assert_msg(holds(&markers, texts[i]), "%s", texts[i]);
	for (size_t i = 0; i < N_OF(others); i++)
		ck_assert_msg(!holds(&markers, others[i]), "%s", others[i]);
	static const double values[] = {-999, 5, 1, 0, -0.0, 2.5}, other_values[] = {-1000, -998, 0.5, 6};
	for (size_t i = 0; i < N_OF(values); i++)
		ck_assert(flt_markers_hold_value(&markers, values[i]));
	for (size_t i = 0; i < N_OF(other_values); i++)
		ck_assert(!flt_markers_hold_value(&markers, other_values[i]));
	static const bool met[] = {true, true, true, true, false, true, true}; /* of two equal ones the first */
	for (size_t i = 0; i < N_OF(met); i++)
		ck_assert_int_eq(markers.was_met[i], met[i]);
	flt_markers_release(&markers);
}
END_TEST

START_TEST(a_cell_of_numbers_may_hold_other_things)
{
	struct flt_markers markers = markers_of("-1,5");
	static const struct {
		const char *text;
		enum flt_numeric_cell want;
	} cells[] = {{"2,5", FLT_CELL_NUMBER},        {" 2,5 ", FLT_CELL_NUMBER}, {"", FLT_CELL_MISSING},
	             {" ", FLT_CELL_MISSING},         {"NA", FLT_CELL_MISSING},   {"-1", FLT_CELL_MISSING},
	             {" -1,0", FLT_CELL_MISSING},     {"5,0", FLT_CELL_MISSING},  {"web", FLT_CELL_TEXT},
	             {"1e999", FLT_CELL_OUT_OF_RANGE}};
	for (size_t i = 0; i < N_OF(cells); i++) {
		double value = -7;
		enum flt_numeric_cell cell =
		        flt_numeric_cell_read(&markers, ',', cells[i].text, strlen(cells[i].text), &value);
		ck_assert_msg(cell == cells[i].want, "%s: %d", cells[i].text, (int)cell);
		ck_assert(cell != FLT_CELL_NUMBER || value == 2.5);
	}
	flt_markers_release(&markers);
}
END_TEST

START_TEST(words_for_missing)
{
	static const char *const words[] = {"NULL", "None", " n/a ", "#DIV/0!", "-", "\\N", "\xE2\x80\x94", "#n/a n/a"},
	                         *const others[] = {"",  " ",       "nul",   "nullx", "nullable", "a very long text",
	                                            "@", "Nothing", "[NULL", "5"};
	for (size_t i = 0; i < N_OF(words); i++)
		ck_assert_msg(flt_is_word_for_missing(words[i], strlen(words[i])), "%s", words[i]);
	for (size_t i = 0; i < N_OF(others); i++)
		ck_assert_msg(!flt_is_word_for_missing(others[i], strlen(others[i])), "%s", others[i]);
}
END_TEST

START_TEST(each_allocation_of_markers_may_fail)
{
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_markers markers;
		struct flt_error err;
		flt_alloc_fail_at(k);
		status = flt_markers_init("x,-1", &markers, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		flt_markers_release(&markers);
		ck_assert_uint_lt(k, 20);
	}
}
END_TEST

/* ---- edits ---- */

static void edits_to(struct flt_edits edits, const char *text, bool is_last, const char *want)
{
	unsigned char bytes[100];
	memcpy(bytes, text, strlen(text));
	size_t n = flt_edit_lines(&edits, bytes, strlen(text), is_last);
	ck_assert_msg(n == strlen(want) && memcmp(bytes, want, n) == 0, "%s becomes %.*s", text, (int)n, bytes);
}

START_TEST(delimiters_at_the_ends_of_lines_go)
{
	const char *text = ",a,,\r\n,\",\",b,\n,\"\n,\",c,", *middle = "a,,\r\n\",\",b,\n\"\n,\",c,";
	struct flt_edits edits = {.delimiter = ','};
	edits_to(edits, text, true, text);
	edits.strips_leading = true;
	edits_to(edits, text, true, middle);
	edits.strips_trailing = true;
	edits_to(edits, text, true, "a,\r\n\",\",b\n\"\n,\",c");
	edits_to(edits, text, false, "a,\r\n\",\",b\n\"\n,\",c,");
	edits.strips_leading = false;
	edits_to(edits, text, true, ",a,\r\n,\",\",b\n,\"\n,\",c");
}
END_TEST

START_TEST(runs_of_blanks_become_one)
{
	const struct flt_edits edits = {.delimiter = ' ', .joins_blanks = true};
	edits_to(edits, "  a \t b\t\n\"x  y\"  2 \r\n\n \t\n3", true, "a b\n\"x  y\" 2\r\n\n\n3");
}
END_TEST

/* The file may have become shorter since the places were found. */
START_TEST(a_cut_beyond_the_end_is_left_out)
{
	unsigned char bytes[40] = "one,two,three";
	const struct flt_edits edits = {
	        .cuts = {{3, 1}, {10, 4}}, .n_cuts = 2, .names_first_column = true, .delimiter = ','};
	size_t n = flt_edit_beginning(&edits, bytes, 13);
	ck_assert_uint_eq(n, 22);
	ck_assert_mem_eq(bytes, "row.names,onetwo,three", 22);
}
END_TEST

/* ---- names ---- */

START_TEST(equal_names_get_numbers_by_their_place)
{
	static const char *const texts[] = {"b", "b", "a", "a", "", "a.1"}, *const want[] = {"b",   "b.1", "a",
	                                                                                     "a.2", "c5",  "a.1"};
	struct flt_csv_field header[N_OF(texts)];
	struct flt_csv_names names;
	for (size_t i = 0; i < N_OF(texts); i++)
		header[i] = (struct flt_csv_field){texts[i], strlen(texts[i])};
	ck_assert_int_eq(flt_csv_names_init(header, N_OF(texts), &names, NULL), FLT_OK);
	for (size_t i = 0; i < N_OF(texts); i++)
		ck_assert_str_eq(names.items[i].text, want[i]);
	ck_assert_uint_eq(names.n_renamed, 2);
	ck_assert_uint_eq(names.first_renamed, 1);
	flt_csv_names_release(&names);
}
END_TEST

START_TEST(default_names_are_a_c_and_digits)
{
	ck_assert(flt_is_default_name("c1"));
	ck_assert(flt_is_default_name("c120"));
	ck_assert(!flt_is_default_name("c"));
	ck_assert(!flt_is_default_name("c1x"));
	ck_assert(!flt_is_default_name("x1"));
	ck_assert(!flt_is_default_name(""));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pieces");
	TCase *cases = tcase_create("pieces");
	tcase_add_loop_test(cases, the_delimiter_that_splits_evenly, 0, (int)N_OF(delimited));
	tcase_add_test(cases, the_last_line_of_a_beginning_is_not_looked_at);
	tcase_add_test(cases, footers_of_clients);
	tcase_add_test(cases, rules_are_dashes_and_what_stands_between_columns);
	tcase_add_test(cases, markers_are_compared_as_texts_and_as_numbers);
	tcase_add_test(cases, a_cell_of_numbers_may_hold_other_things);
	tcase_add_test(cases, words_for_missing);
	tcase_add_test(cases, each_allocation_of_markers_may_fail);
	tcase_add_test(cases, delimiters_at_the_ends_of_lines_go);
	tcase_add_test(cases, runs_of_blanks_become_one);
	tcase_add_test(cases, a_cut_beyond_the_end_is_left_out);
	tcase_add_test(cases, equal_names_get_numbers_by_their_place);
	tcase_add_test(cases, default_names_are_a_c_and_digits);
	suite_add_tcase(suite, cases);
	return suite;
}
