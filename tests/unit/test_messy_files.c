/* The small awkward files of tests/data, each with what real files bring, read with the defaults. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/table.h"
#include "suite.h"

static const struct expected {
	const char *file;
	size_t n_rows, n_columns, n_numeric, n_positive, n_missing; /* n_numeric: of the features */
	const char *target, *positive;
	char delimiter, decimal;
	bool header;
} expected[] = {
        {"bom_crlf_no_final_newline.csv", 3, 4, 2, 1, 0, "Failure", "1", ',', 0, true},
        {"cr_only.csv", 4, 4, 3, 1, 1, "risk", "1", ',', 0, true},
        {"semicolon_decimal_comma.csv", 3, 3, 1, 1, 1, "betrug", "ja", ';', ',', true},
        {"tab.tsv", 3, 3, 1, 1, 1, "class", "bad", '\t', 0, true},
        {"pipe.csv", 3, 4, 2, 1, 1, "class", "p", '|', 0, true},
        {"spaces_bare_points.csv", 3, 4, 3, 1, 0, "Class", "positive", ',', 0, true},
        {"quoted_labels.csv", 3, 3, 2, 1, 0, "target", "'1'", ',', 0, true},
        {"bytestring_labels.csv", 3, 3, 2, 1, 1, "defects", "b'true'", ',', 0, true},
        {"no_header.csv", 3, 3, 2, 1, 0, "c3", "versicolor", ',', 0, false},
        {"quotes_and_blank_lines.csv", 3, 3, 1, 1, 1, "y", "1", ',', 0, true},
        {"missing_markers.csv", 4, 8, 7, 1, 14, "y", "1", ',', 0, true},
        {"zip_codes.csv", 32, 2, 0, 2, 0, "y", "1", ',', 0, true},
        {"all_text.csv", 3, 3, 0, 1, 0, "edible", "no", ',', 0, true},
        {"packed.csv.gz", 3, 3, 2, 1, 0, "y", "1", ',', 0, true},
};
enum { N_FILES = sizeof expected / sizeof *expected };

START_TEST(is_read_as_expected)
{
	const struct expected *want = &expected[_i];
	char path[200];
	struct flt_table *table;
	struct flt_error err;
	snprintf(path, sizeof path, "tests/data/%s", want->file);
	struct flt_table_options options = {.decimal = want->decimal};
	enum flt_status status = flt_table_read(path, &options, &table, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	size_t n_numeric = 0, n_missing = 0;
	for (size_t i = 0; i < flt_table_n_columns(table); i++) {
		struct flt_column column = flt_table_column(table, i);
		n_numeric += column.role == FLT_FEATURE && column.type == FLT_NUMERIC;
		n_missing += column.n_missing;
	}
	struct flt_table_notes notes = flt_table_notes(table);
	ck_assert_uint_eq(flt_table_n_rows(table), want->n_rows);
	ck_assert_uint_eq(flt_table_n_columns(table), want->n_columns);
	ck_assert_uint_eq(n_numeric, want->n_numeric);
	ck_assert_uint_eq(n_missing, want->n_missing);
	ck_assert_uint_eq(flt_table_n_positive(table), want->n_positive);
	ck_assert_str_eq(flt_table_target(table), want->target);
	ck_assert_str_eq(flt_table_positive(table), want->positive);
	ck_assert_int_eq(notes.delimiter, want->delimiter);
	ck_assert_int_eq(notes.header, want->header);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("awkward files");
	TCase *cases = tcase_create("files");
	tcase_add_loop_test(cases, is_read_as_expected, 0, N_FILES);
	suite_add_tcase(suite, cases);
	return suite;
}
