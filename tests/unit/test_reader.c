/* csv/reader: what real files bring, record by record: line ends, marks, quotes, delimiters, headers, and what is
 * refused, with the exact text. */
#include "read_records.h"

#include "base/random.h"
#include "csv/blocks.h"
#include "suite.h"

static void reads_n(const char *text, size_t n, const struct flt_csv_options *options, const char *want)
{
	struct flt_csv *csv;
	scratch_write("x.csv", text, n);
	if (flt_csv_open("x.csv", options, &csv, &err) != FLT_OK) {
		ck_assert_str_eq(err.text, want);
		ck_assert_ptr_null(csv);
		return;
	}
	ck_assert_str_eq(read_all(csv), want);
	flt_csv_free(csv);
}

/* Fails unless text, with a header, reads as wanted. */
static void reads(const char *text, const char *want)
{
	reads_n(text, strlen(text), &(struct flt_csv_options){.header = FLT_HEADER_YES}, want);
}

START_TEST(line_ends)
{
	reads("a,b\n1,2\n3,4\n", "2:1|2/3:3|4");
	reads("a,b\r\n1,2\r\n3,4\r\n", "2:1|2/3:3|4");
	reads("a,b\r1,2\r3,4\r", "2:1|2/3:3|4");
	reads("a,b\n1,2\r\n3,4\r5,6", "2:1|2/3:3|4/4:5|6");
	reads("a,b\r\n1,2", "2:1|2");
	reads("a,b", "");
	reads("a,b\n", "");
}
END_TEST

START_TEST(blank_lines_are_no_records)
{
	reads("\n\na,b\n\n1,2\n  \t \n\r\n3,4\n\n", "5:1|2/8:3|4");
	reads("\r\ra,b\r\r1,2\r", "5:1|2");
}
END_TEST

START_TEST(byte_order_mark)
{
	struct flt_csv *csv = open_text("\xEF\xBB\xBF\"a\",b\n1,2\n", 13, &(struct flt_csv_options){0});
	ck_assert_str_eq(flt_csv_column_name(csv, 0), "a");
	ck_assert(flt_csv_has_header(csv));
	ck_assert_str_eq(read_all(csv), "2:1|2");
	flt_csv_free(csv);
}
END_TEST

START_TEST(quotes)
{
	reads("a,b\n\"1,5\",\"say \"\"so\"\"\"\n", "2:1,5|say \"so\"");
	reads("a,b\n\"two\nlines\",2\n3,4\n", "2:two\nlines|2/4:3|4");
	reads("a,b\n\"two\r\nlines\",2\r\n3,4\r\n", "2:two\r\nlines|2/4:3|4");
	reads("a,b\n\"\n\n\",\"\n\"\n3,4\n", "2:\n\n|\n/6:3|4");
	reads("a,b\n\" kept \", dropped \t\n", "2: kept |dropped");
	reads("a,b\n,\"\"\n", "2:|");
	reads("a\n\"\"\n", "2:");
	reads("a,b\n'x,y'\n", "2:'x|y'");
}
END_TEST

START_TEST(spaces_around_fields)
{
	reads("a, b ,c\n 1,\t.400 , x y \n", "2:1|.400|x y");
	reads("a , \"b\"\n \"1\" ,2\n", "2:1|2");
}
END_TEST

START_TEST(wrong_number_of_fields)
{
	reads("a,b,c\n1,2,3\n\n4,5\n",
	      "x.csv:4: 2 fields, expected 3: complete the line, or leave such lines out with --bad-rows skip");
	reads("a,b,c\n1,2,3,4\n",
	      "x.csv:2: 4 fields, expected 3: if the table begins here, leave out what stands above it with "
	      "--skip-lines 1; else look at this line, and name the delimiter with --delimiter");
	reads("a,b,c\n\"x\ny\",2\n",
	      "x.csv:2: 2 fields, expected 3: if the table begins here, leave out what stands above it with "
	      "--skip-lines 1; else look at this line, and name the delimiter with --delimiter");
	reads("a,b\n1\n", "x.csv:2: 1 field, expected 2: if the table begins here, leave out what stands above it with "
	                  "--skip-lines 1; else look at this line, and name the delimiter with --delimiter");
}
END_TEST

START_TEST(bad_rows_skipped)
{
	char text[4000] = "a,b\n";
	for (int i = 0; i < 300; i++)
		strcat(text, i % 2 ? "1,2\n" : "1,2,3\n");
	struct flt_csv *csv = open_text(text, strlen(text), &(struct flt_csv_options){.skip_bad_rows = true});
	struct flt_csv_record record;
	bool is_end;
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_uint_eq(record.number, 2);
	ck_assert_str_eq(flt_csv_bad_rows(csv), "lines 2");
	read_all(csv);
	ck_assert_uint_eq(flt_csv_n_bad_rows(csv), 150);
	ck_assert_str_eq(flt_csv_bad_rows(csv), "lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, "
	                                        "36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64, 66, ...");
	flt_csv_free(csv);
}
END_TEST

START_TEST(quotes_that_never_close)
{
	reads("a,b\n1,\"open\n3,4\n",
	      "x.csv:2: the quote that opens here never closes: close it, or double it if it is text");
	reads("a,b\n1,\"open", "x.csv:2: the quote that opens here never closes: close it, or double it if it is text");
	reads("a,b\n\"one\ntwo\",\"open\nmore\n\nmore",
	      "x.csv:3: the quote that opens here never closes: close it, or double it if it is text");
	reads("a,b\n1,2\n\n\"open",
	      "x.csv:4: the quote that opens here never closes: close it, or double it if it is text");
	reads("a,b\n\"one\ntwo\",\"open",
	      "x.csv:3: the quote that opens here never closes: close it, or double it if it is text");
	reads("a,b\n1,\"open\n3,\"x\"\n",
	      "x.csv:2: the quote that opens here is not closed before line 3, where text follows a quote: close it, "
	      "and double each quote inside");
	reads("a,b\n1,5\" disk\n",
	      "x.csv:2: a quote inside a field that does not begin with one: put the whole field in quotes and double "
	      "the one inside, or replace all quotes: sed \"s/\\\"/'/g\" x.csv | fltrain ... -");
	reads("a,b\n1,\"x\"y\n",
	      "x.csv:2: text follows the quote that ends a field: double each quote inside the field");
	reads("a,b\n1,\"5\\\" pipe\"\n",
	      "x.csv:2: a quote with a backslash before it, inside a field in quotes: double it instead: "
	      "sed 's/\\\\\"/\"\"/g' x.csv | fltrain ... -");
	reads("a,b\n1,\"C:\\tmp\\\"\n", "2:1|C:\\tmp\\");
	reads("a,b\n1,=\"007\"\n",
	      "x.csv:2: =\"...\", as Excel keeps numbers from being changed: leave out the signs before the quotes: "
	      "sed 's/=\"/\"/g' x.csv | fltrain ... -");
}
END_TEST

START_TEST(nul_bytes)
{
	const struct flt_csv_options options = {.header = FLT_HEADER_YES};
	reads_n("a,b\n1,2\n3,\0\n", 12, &options,
	        "x.csv:3: a NUL byte: this is not a text file, or a damaged one; to read it without: sed 's/\\x00//g' "
	        "x.csv | fltrain ... -");
	reads_n("\0", 1, &options,
	        "x.csv:1: a NUL byte: this is not a text file, or a damaged one; to read it without: sed 's/\\x00//g' "
	        "x.csv | fltrain ... -");
	reads_n("\xFF\xFE"
	        "a\0,\0b\0\n\0",
	        10, &options, "x.csv: UTF-16 text, not a CSV file: iconv -f UTF-16 -t UTF-8 x.csv | fltrain ... -");
}
END_TEST

START_TEST(raw_records)
{
	const char text[] = "a;\"b\"\r\n1 ; \"x\r\ny\"\r\n\r\n 3;4";
	struct flt_csv *csv = open_text(text, strlen(text), &(struct flt_csv_options){0});
	struct flt_csv_record record;
	bool is_end;
	size_t length;
	const char *header = flt_csv_raw_header(csv, &length);
	ck_assert_mem_eq(header, "a;\"b\"", length);
	ck_assert_uint_eq(length, 5);
	ck_assert_int_eq(flt_csv_delimiter(csv), ';');
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_uint_eq(record.n_raw, 10);
	ck_assert_mem_eq(record.raw, "1 ; \"x\r\ny\"", 10);
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_uint_eq(record.n_raw, 4);
	ck_assert_mem_eq(record.raw, " 3;4", 4);
	flt_csv_free(csv);
}
END_TEST

static void delimits(const char *text, char decimal, char want)
{
	struct flt_csv *csv = open_text(text, strlen(text), &(struct flt_csv_options){.decimal = decimal});
	ck_assert_msg(flt_csv_delimiter(csv) == want, "'%c' for %s", flt_csv_delimiter(csv), text);
	flt_csv_free(csv);
}

START_TEST(delimiter_found)
{
	delimits("a,b\n1,2\n", 0, ',');
	delimits("a;b\n1;2\n", 0, ';');
	delimits("a\tb\n1\t2\n", 0, '\t');
	delimits("a|b\n1|2\n", 0, '|');
	delimits("a;b\n1,5;2,5\n", 0, ';');
	delimits("1,5;2,5\n1,5;2,5\n", 0, ';'); /* no header: more commas than semicolons */
	delimits("1,5;2,5;3,1\n1,5;2,5;9,9\n", 0, ';');
	delimits("1,5;2,5\n", ',', ';');
	delimits("a,b;c\n1,2\n3,4\n", 0, ',');
	delimits("\"a;b;c\",d\n\"1;2\n;3;\",4\n", 0, ','); /* not in quotes */
	delimits("a|b,c\nx|y,2\n", 0, ',');
	delimits("one\n1\n", 0, ',');
	delimits("one\n1,5\n", ',', ';');
	delimits("a,b\n1,2\n1\n1,3\n", 0, ',');
}
END_TEST

static void has_header(const char *text, bool want)
{
	struct flt_csv *csv = open_text(text, strlen(text), &(struct flt_csv_options){0});
	ck_assert_msg(flt_csv_has_header(csv) == want, "%s", text);
	flt_csv_free(csv);
}

START_TEST(header_found)
{
	has_header("a,b\n1,2\n", true);
	has_header("attr1,attr2,target\n0.2,5.0,'-1'\n0.1,-0.1,'1'\n", true);
	has_header(",a,b\n0,1,2\n1,3,4\n", true); /* a nameless first column */
	has_header("shape,colour\nx,red\ny,blue\n", true);
	has_header("x,red\ny,blue\nx,blue\n", false); /* a text that comes again below is data */
	has_header("x,red\nx,blue\ny,pink\n", false); /* and stays data, whatever follows */
	has_header("1,2\n3,4\n", false);
	has_header("5.1,setosa\n4.9,setosa\n", false);
	has_header("?,red\n?,blue\n", false);
	has_header("a,b", true);
	has_header("1,2", false);
	has_header("a,b,a\n1,2,3\n", true); /* the table will refuse it */
	has_header("x,0\ny,1\n", false);
	has_header("yes,1e999\n", false);
}
END_TEST

START_TEST(delimiters_have_names)
{
	ck_assert_str_eq(flt_delimiter_name(',').text, "commas");
	ck_assert_str_eq(flt_delimiter_name('\t').text, "tabs");
	ck_assert_str_eq(flt_delimiter_name('~').text, "'~'");
}
END_TEST

START_TEST(names_without_a_header)
{
	struct flt_csv *csv = open_text("1,2\n3,4\n", 8, &(struct flt_csv_options){0});
	ck_assert_str_eq(flt_csv_column_name(csv, 1), "c2");
	ck_assert_str_eq(read_all(csv), "1:1|2/2:3|4");
	flt_csv_free(csv);
	csv = open_text("a,b\nx,y\n", 8, &(struct flt_csv_options){.header = FLT_HEADER_NO});
	ck_assert_str_eq(flt_csv_column_name(csv, 0), "c1");
	ck_assert_str_eq(read_all(csv), "1:a|b/2:x|y");
	flt_csv_free(csv);
	csv = open_text(",b\n0,1\n", 7, &(struct flt_csv_options){0});
	ck_assert_str_eq(flt_csv_column_name(csv, 0), "c1");
	ck_assert_str_eq(flt_csv_column_name(csv, 1), "b");
	flt_csv_free(csv);
}
END_TEST

START_TEST(empty_file)
{
	struct flt_csv *csv = open_text("", 0, &(struct flt_csv_options){0});
	ck_assert_uint_eq(flt_csv_n_columns(csv), 0);
	ck_assert_str_eq(read_all(csv), "");
	flt_csv_free(csv);
	csv = open_text("\xEF\xBB\xBF\n\n", 5, &(struct flt_csv_options){0});
	ck_assert_uint_eq(flt_csv_n_columns(csv), 0);
	flt_csv_free(csv);
}
END_TEST

START_TEST(options_at_odds)
{
	reads_n("a;b\n", 4, &(struct flt_csv_options){.delimiter = ',', .decimal = ','},
	        "--delimiter and --decimal: both are ',', but they must differ");
	reads_n("a;b\n", 4, &(struct flt_csv_options){.delimiter = '"'},
	        "--delimiter: a quote or a line end cannot separate fields");
}
END_TEST

/* A block may be larger than a record may be, and still ends where one ends. */
START_TEST(large_blocks_end_with_a_record)
{
	enum { N = 200000, LENGTH = 200 };
	const struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = FLT_RECORD_LIMIT + (1 << 20)};
	char *text = malloc(LENGTH * (N + 1) + 1), *end = text;
	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i <= N; i++, end += LENGTH)
		snprintf(end, LENGTH + 1, "%zu,%0*zu\n", 1000000 + i, LENGTH - 9, i);
	struct flt_csv *csv = open_text(text, (size_t)(end - text), &options);
	struct flt_csv_record record;
	bool is_end = false;
	for (size_t n = 0; !is_end; n++) {
		ck_assert_msg(flt_csv_next(csv, &record, &is_end, &err) == FLT_OK, "%s", err.text);
		ck_assert_uint_eq(is_end, n == N);
	}
	flt_csv_free(csv);
	free(text);
}
END_TEST

/* More columns than blocks are made larger for. */
START_TEST(very_wide_records_are_whole)
{
	enum { N_COLUMNS = FLT_CSV_WIDE + 1, N_RECORDS = 3, MOST = 8 };
	const struct flt_csv_options options = {.header = FLT_HEADER_YES};
	char *text = malloc((1 + N_RECORDS) * (size_t)N_COLUMNS * MOST), *end = text;
	ck_assert_ptr_nonnull(text);
	for (size_t row = 0; row <= N_RECORDS; row++)
		for (size_t i = 0; i < N_COLUMNS; i++)
			end += snprintf(end, MOST, "%zu%c", row + i, i + 1 < N_COLUMNS ? ',' : '\n');
	struct flt_csv *csv = open_text(text, (size_t)(end - text), &options);
	struct flt_csv_record record;
	bool is_end;
	for (size_t row = 1; row <= N_RECORDS; row++) {
		ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
		ck_assert_uint_eq(strtoul(record.fields[0].text, NULL, 10), row);
		ck_assert_uint_eq(strtoul(record.fields[N_COLUMNS - 1].text, NULL, 10), row + N_COLUMNS - 1);
	}
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert(is_end);
	flt_csv_free(csv);
	free(text);
}
END_TEST

/* Random bytes of the alphabet that matters: whatever they are, an answer and no crash. */
START_TEST(random_bytes)
{
	struct flt_random random;
	flt_random_init(&random, 1, "csv", 0);
	for (int i = 0; i < 1000; i++) {
		char text[64];
		size_t n = flt_random_below(&random, sizeof text);
		for (size_t k = 0; k < n; k++)
			text[k] = ",;\t|\"\r\n ab1."[flt_random_below(&random, 12)];
		struct flt_csv *csv;
		scratch_write("x.csv", text, n);
		if (flt_csv_open("x.csv", &(struct flt_csv_options){.skip_bad_rows = i % 2}, &csv, &err) != FLT_OK)
			continue;
		read_all(csv);
		flt_csv_free(csv);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("csv");
	TCase *cases = tcase_create("csv");
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, line_ends);
	tcase_add_test(cases, blank_lines_are_no_records);
	tcase_add_test(cases, byte_order_mark);
	tcase_add_test(cases, quotes);
	tcase_add_test(cases, spaces_around_fields);
	tcase_add_test(cases, wrong_number_of_fields);
	tcase_add_test(cases, bad_rows_skipped);
	tcase_add_test(cases, quotes_that_never_close);
	tcase_add_test(cases, nul_bytes);
	tcase_add_test(cases, raw_records);
	tcase_add_test(cases, delimiter_found);
	tcase_add_test(cases, header_found);
	tcase_add_test(cases, delimiters_have_names);
	tcase_add_test(cases, names_without_a_header);
	tcase_add_test(cases, empty_file);
	tcase_add_test(cases, options_at_odds);
	tcase_add_test(cases, large_blocks_end_with_a_record);
	tcase_add_test(cases, very_wide_records_are_whole);
	tcase_add_test(cases, random_bytes);
	suite_add_tcase(suite, cases);
	return suite;
}
