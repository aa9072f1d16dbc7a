/* csv/reader: what real files bring, record by record: line ends, marks, quotes, delimiters, headers, and what is
 * refused, with the exact text. */
#include <stdint.h>
#include <zlib.h>

#include "scratch.h"

#include "base/alloc.h"
#include "base/random.h"
#include "csv/reader.h"
#include "suite.h"

static struct flt_error err;

static struct flt_csv *open_text(const char *text, size_t n, const struct flt_csv_options *options)
{
	struct flt_csv *csv;
	scratch_write("x.csv", text, n);
	enum flt_status status = flt_csv_open("x.csv", options, &csv, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return csv;
}

/* All data records as "LINE:field|field/LINE:...", or the error's text. */
static const char *read_all(struct flt_csv *csv)
{
	static char all[20000];
	size_t used = 0;
	all[0] = '\0';
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		if (flt_csv_next(csv, &record, &is_end, &err) != FLT_OK)
			return err.text;
		if (is_end)
			return all;
		used += (size_t)sprintf(all + used, "%s%zu:", used ? "/" : "", record.line);
		ck_assert(record.n_raw > 0 && !strchr("\r\n", record.raw[0]));
		for (size_t i = 0; i < flt_csv_n_columns(csv); i++) {
			ck_assert_uint_eq(strlen(record.fields[i].text), record.fields[i].length);
			used += (size_t)sprintf(all + used, "%s%s", i ? "|" : "", record.fields[i].text);
		}
	}
}

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

START_TEST(files_that_cannot_be_read)
{
	struct flt_csv *csv;
	const struct flt_csv_options options = {0};
	ck_assert_int_eq(flt_csv_open("none.csv", &options, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "none.csv: No such file or directory");
	ck_assert_int_eq(flt_csv_open(".", &options, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, ".: Is a directory");
	scratch_write("secret.csv", "a\n", 2);
	chmod("secret.csv", 0);
	if (geteuid() != 0) { /* to root nothing is forbidden */
		ck_assert_int_eq(flt_csv_open("secret.csv", &options, &csv, &err), FLT_ERR_DATA);
		ck_assert_str_eq(err.text, "secret.csv: Permission denied");
	}
}
END_TEST

static void append_row(void)
{
	FILE *file = fopen("live.csv", "a");
	fputs("3,4\n", file);
	fclose(file);
}

static void shrink(void)
{
	ck_assert_int_eq(truncate("live.csv", 40000), 0);
}

static void overwrite(void)
{
	FILE *file = fopen("live.csv", "r+");
	fputs("x", file);
	fclose(file);
}

static void expect_change(const char *word)
{
	char sentence[120];
	snprintf(sentence, sizeof sentence, "live.csv: %s while it was read: try again when nothing writes to it",
	         word);
	ck_assert_str_eq(err.text, sentence);
}

START_TEST(file_changes_while_it_is_read)
{
	static void (*const changes[])(void) = {append_row, shrink, overwrite, append_row};
	static const char *const words[] = {"grew", "changed", "changed", "grew"};
	enum { N_ROWS = 100000, TICK = 20000 /* microseconds in which a file's time moves on */ };
	static char text[4 + 4 * N_ROWS];
	memcpy(text, "a,b\n", 4);
	for (size_t i = 0; i < N_ROWS; i++)
		memcpy(text + 4 + 4 * i, "1,2\n", 4);
	for (size_t i = 0; i <= sizeof changes / sizeof *changes; i++) {
		const struct flt_csv_options options = {.delimiter = ',', .header = FLT_HEADER_YES};
		struct flt_csv_record record;
		struct flt_csv *csv;
		bool is_end = false;
		size_t n_missing = i == 4 ? 3 : 0; /* of the last record, which is half written */
		scratch_write("live.csv", text, sizeof text - n_missing);
		ck_assert_int_eq(flt_csv_open("live.csv", &options, &csv, &err), FLT_OK);
		usleep(TICK);
		if (i > 0)
			changes[i - 1]();
		enum flt_status status = FLT_OK;
		while (status == FLT_OK && !is_end)
			status = flt_csv_next(csv, &record, &is_end, &err);
		ck_assert_int_eq(status, i > 0 ? FLT_ERR_DATA : FLT_OK);
		if (i > 0)
			expect_change(words[i - 1]);
		flt_csv_free(csv);
	}
}
END_TEST

static size_t gzip_write(const char *name, const char *text, size_t n)
{
	gzFile file = gzopen(name, "wb1");
	gzwrite(file, text, (unsigned)n);
	gzclose(file);
	struct stat info;
	stat(name, &info);
	return (size_t)info.st_size;
}

/* 100,000 rows "i,i*7", long enough for many blocks. */
static char *long_text(size_t *n)
{
	char *text = malloc(3000000);
	*n = (size_t)sprintf(text, "a,b\n");
	for (int i = 0; i < 100000; i++)
		*n += (size_t)sprintf(text + *n, "%d,%d\n", i, i * 7);
	return text;
}

static void check_long(struct flt_csv *csv)
{
	struct flt_csv_record record;
	bool is_end = false;
	for (int i = 0;; i++) {
		enum flt_status status = flt_csv_next(csv, &record, &is_end, &err);
		ck_assert_msg(status == FLT_OK, "%s", err.text);
		if (is_end) {
			ck_assert_int_eq(i, 100000);
			return;
		}
		if (atoi(record.fields[0].text) != i || atoi(record.fields[1].text) != i * 7 ||
		    record.line != (size_t)i + 2)
			ck_abort_msg("row %d, line %zu: %s", i, record.line, record.raw);
	}
}

START_TEST(gzip)
{
	size_t n;
	char *text = long_text(&n);
	const struct flt_csv_options options = {.rewindable = true};
	struct flt_csv *csv;
	size_t n_packed = gzip_write("x.csv.gz", text, n);
	ck_assert_int_eq(flt_csv_open("x.csv.gz", &options, &csv, &err), FLT_OK);
	check_long(csv);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	check_long(csv);
	flt_csv_free(csv);

	ck_assert_int_eq(truncate("x.csv.gz", (off_t)n_packed - 1000), 0);
	ck_assert_int_eq(flt_csv_open("x.csv.gz", &options, &csv, &err), FLT_OK);
	while (flt_csv_next(csv, &(struct flt_csv_record){0}, &(bool){false}, &err) == FLT_OK)
		;
	ck_assert_str_eq(err.text, "x.csv.gz: the gzip data end too early: the file is not whole, get it again");
	flt_csv_free(csv);

	scratch_write("y.gz", "\x1F\x8B\x08 rubbish rubbish", 20);
	ck_assert_int_eq(flt_csv_open("y.gz", &options, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "y.gz: damaged gzip data (unknown header flags set): get the file again");
	free(text);
}
END_TEST

/* A stored block of text, followed by a block of a type that does not exist: zlib gives the text and fails at once. */
START_TEST(rows_before_damaged_gzip_data_are_read)
{
	static const char packed[] = "\x1F\x8B\x08\0\0\0\0\0\0\x03"
	                             "\0\x0A\0\xF5\xFF"
	                             "a,b\n1,2\n3\n"
	                             "\x07";
	struct flt_csv *csv;
	struct flt_csv_record record;
	bool is_end;
	scratch_write("x.gz", packed, sizeof packed - 1);
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){0}, &csv, &err), FLT_OK);
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_str_eq(record.fields[1].text, "2");
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_ERR_DATA);
	ck_assert_str_eq(
	        err.text,
	        "x.gz:3: 1 field, expected 2: complete the line, or leave such lines out with --bad-rows skip");
	flt_csv_free(csv);
}
END_TEST

/* Two members one after the other are one text. */
START_TEST(gzip_members)
{
	struct flt_csv *csv;
	gzip_write("1", "a,b\n1,", 6);
	gzip_write("2", "2\n3,4\n", 6);
	ck_assert_int_eq(system("cat 1 2 > x.csv.gz"), 0);
	ck_assert_int_eq(flt_csv_open("x.csv.gz", &(struct flt_csv_options){0}, &csv, &err), FLT_OK);
	ck_assert_str_eq(read_all(csv), "2:1|2/3:3|4");
	flt_csv_free(csv);
}
END_TEST

/* A pipe as standard input: read twice, and packed as well. */
static void check_pipe(const char *command)
{
	struct flt_csv *csv;
	int old = dup(STDIN_FILENO);
	FILE *pipe = popen(command, "r");
	dup2(fileno(pipe), STDIN_FILENO);
	ck_assert_int_eq(flt_csv_open("-", &(struct flt_csv_options){.rewindable = true}, &csv, &err), FLT_OK);
	ck_assert_str_eq(flt_csv_name(csv), "standard input");
	check_long(csv);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	check_long(csv);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	check_long(csv);
	flt_csv_free(csv);
	dup2(old, STDIN_FILENO);
	pclose(pipe);
}

START_TEST(standard_input)
{
	size_t n;
	char *text = long_text(&n);
	scratch_write("x.csv", text, n);
	check_pipe("cat x.csv");
	gzip_write("x.csv.gz", text, n);
	check_pipe("cat x.csv.gz");
	free(text);
}
END_TEST

/* Every byte of an awkward text across the ends of blocks (the first is of 64 KiB, those after it of 256), where
 * padding moves it. */
START_TEST(ends_of_blocks)
{
	static const char tail[] = "\"q\r\n\"\"\r\nz\",1\r\n\r\n\"\n\",2\r3,4\n";
	static const size_t ends[] = {1 << 16, 1 << 18, (1 << 16) + (1 << 18)};
	char *text = malloc(ends[2] + 200);
	for (size_t k = 0; k < 3 * sizeof tail; k++) {
		size_t pad = ends[k % 3] - k / 3 - strlen("a,b\n,0\n"), n = 0;
		n += (size_t)sprintf(text, "a,b\n");
		memset(text + n, 'x', pad);
		n += pad;
		n += (size_t)sprintf(text + n, ",0\n%s", tail);
		struct flt_csv *csv = open_text(text, n, &(struct flt_csv_options){.header = FLT_HEADER_YES});
		struct flt_csv_record record;
		bool is_end;
		ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
		ck_assert_uint_eq(record.fields[0].length, pad);
		ck_assert_str_eq(read_all(csv), "3:q\r\n\"\r\nz|1/7:\n|2/9:3|4");
		flt_csv_free(csv);
	}
	free(text);
}
END_TEST

/* Fields that ended before the record outgrew its room are still whole. */
START_TEST(growing_record)
{
	enum { LONG = 300000 };
	char *text = malloc(LONG + 100);
	size_t n = (size_t)sprintf(text, "a,b,c\nfirst,\"sec\nond\",\"x\n");
	memset(text + n, 'y', LONG);
	n += LONG + (size_t)sprintf(text + n + LONG, "\"\n");
	struct flt_csv *csv = open_text(text, n, &(struct flt_csv_options){.header = FLT_HEADER_YES});
	struct flt_csv_record record;
	bool is_end;
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_str_eq(record.fields[0].text, "first");
	ck_assert_str_eq(record.fields[1].text, "sec\nond");
	ck_assert_uint_eq(record.fields[2].length, LONG + 2);
	flt_csv_free(csv);
	free(text);
}
END_TEST

static void reads_endless(const char *start, const char *want)
{
	size_t n = 17 << 20;
	char *text = malloc(n);
	struct flt_csv *csv;
	memset(text, 'x', n);
	memcpy(text, start, strlen(start));
	gzip_write("x.csv.gz", text, n);
	free(text);
	enum flt_status status = flt_csv_open("x.csv.gz", &(struct flt_csv_options){0}, &csv, &err);
	while (status == FLT_OK)
		status = flt_csv_next(csv, &(struct flt_csv_record){0}, &(bool){false}, &err);
	ck_assert_str_eq(err.text, want);
	flt_csv_free(csv);
}

START_TEST(endless_record)
{
	reads_endless("a,b\n", "x.csv.gz:2: a record of more than 16 MB: add the line end that is missing "
	                       "here, or shorten the text");
	reads_endless("a,b\n1,2\n\"x\n",
	              "x.csv.gz:3: the quote that opens here never closes: close it, or double it if it is text");
}
END_TEST

/* n bytes of `fill`, then text; a file that begins with them. Returns what is read of it with so many lines skipped. */
static const char *skips(const char *start, size_t n, const char *text, size_t n_lines, bool is_rewound)
{
	static char result[20000];
	const struct flt_csv_options options = {
	        .skip_lines = n_lines, .header = FLT_HEADER_YES, .rewindable = is_rewound};
	size_t n_start = strlen(start);
	char *bytes = malloc(n_start + n + strlen(text));
	struct flt_csv *csv;
	memcpy(bytes, start, n_start);
	memset(bytes + n_start, 'x', n);
	memcpy(bytes + n_start + n, text, strlen(text));
	scratch_write("x.csv", bytes, n_start + n + strlen(text));
	free(bytes);
	if (flt_csv_open("x.csv", &options, &csv, &err) != FLT_OK)
		return err.text;
	snprintf(result, sizeof result, "%s", read_all(csv));
	if (is_rewound) {
		ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
		ck_assert_str_eq(read_all(csv), result);
	}
	flt_csv_free(csv);
	return result;
}

/* Lines of any length and with any end, as many as fit into what is kept of the beginning (64 KiB) and more. */
START_TEST(skipped_lines)
{
	enum { KEPT = 1 << 16 };
	const char *none = "x.csv: no line is left after --skip-lines 3: skip fewer";
	for (int is_rewound = 0; is_rewound < 2; is_rewound++) {
		ck_assert_str_eq(skips("t\r\nu\rv\n", 0, "a,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", 40000, "\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", 3 * KEPT, "\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", KEPT - 3, "\r\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\nu\n", KEPT - 4, "\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\nu\n", 0, "", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", KEPT, "", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", 2 * KEPT, "\n", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", 5, "\r", 3, is_rewound), none);
	}
}
END_TEST

/* A failure after the lines that are skipped is told, and not that no line is left. */
START_TEST(skipped_lines_before_damaged_data)
{
	static const char packed[] = "\x1F\x8B\x08\0\0\0\0\0\0\x03"
	                             "\0\x02\0\xFD\xFF"
	                             "t\n"
	                             "\x07";
	struct flt_csv *csv;
	scratch_write("x.gz", packed, sizeof packed - 1);
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){.skip_lines = 1}, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.gz: damaged gzip data (invalid block type): get the file again");
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){.skip_lines = 1}, &csv, NULL), FLT_ERR_DATA);
	scratch_write("x.gz", packed, 16); /* no line end was read */
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){.skip_lines = 1}, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.gz: the gzip data end too early: the file is not whole, get it again");
}
END_TEST

static struct flt_csv *open_to_the_end(const char *path, size_t skip_lines)
{
	struct flt_csv *csv;
	bool is_end = false;
	const struct flt_csv_options options = {.rewindable = true, .skip_lines = skip_lines};
	ck_assert_int_eq(flt_csv_open(path, &options, &csv, &err), FLT_OK);
	while (!is_end)
		ck_assert_int_eq(flt_csv_next(csv, &(struct flt_csv_record){0}, &is_end, &err), FLT_OK);
	return csv;
}

/* A file may be another one when it is read again. */
START_TEST(a_file_changes_before_it_is_read_again)
{
	const char *text = "a title of some length\na,b\n1,2\n", *changed =
	                                                                 ": changed while it was read: try again when "
	                                                                 "nothing writes to it";
	char want[100];
	scratch_write("x.csv", text, strlen(text));
	struct flt_csv *csv = open_to_the_end("x.csv", 1);
	ck_assert_int_eq(truncate("x.csv", 5), 0); /* less than was skipped */
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_ERR_DATA);
	snprintf(want, sizeof want, "x.csv%s", changed);
	ck_assert_str_eq(err.text, want);
	flt_csv_free(csv);
	scratch_write("x.csv", text, strlen(text));
	csv = open_to_the_end("x.csv", 1);
	ck_assert_int_eq(truncate("x.csv", 0), 0);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, want);
	flt_csv_free(csv);
	gzip_write("x.gz", text, strlen(text));
	csv = open_to_the_end("x.gz", 0);
	scratch_write("x.gz", "\x1F\x8B\x08 rubbish rubbish", 20);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.gz: damaged gzip data (unknown header flags set): get the file again");
	flt_csv_free(csv);
}
END_TEST

/* The digest is the caller's, nobody's, or the reader's, which has none before the end. */
START_TEST(digests)
{
	struct flt_digest digest = {0};
	char sha256[FLT_SHA256_TEXT];
	const char *text = "a,b\n1,2\n", *want = "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470";
	struct flt_csv *csv = open_text(text, strlen(text), &(struct flt_csv_options){.block_size = 1});
	ck_assert(!flt_csv_may_have_header(csv) && flt_csv_has_header(csv));
	read_all(csv);
	ck_assert_str_eq(flt_csv_sha256(csv), want);
	flt_csv_free(csv);
	csv = open_text(text, strlen(text), &(struct flt_csv_options){.digest = &digest, .header = FLT_HEADER_NO});
	ck_assert(!flt_csv_may_have_header(csv));
	read_all(csv);
	ck_assert_ptr_null(flt_csv_sha256(csv));
	flt_csv_free(csv);
	flt_digest_end(&digest, sha256);
	ck_assert_str_eq(sha256, want);
	csv = open_text("1,2\n3,4\n", 8, &(struct flt_csv_options){.skip_digest = true});
	ck_assert(flt_csv_may_have_header(csv));
	read_all(csv);
	ck_assert_ptr_null(flt_csv_sha256(csv));
	flt_csv_free(csv);
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

/* To the end, once or twice. */
static enum flt_status read_to_the_end(const char *path, const struct flt_csv_options *options)
{
	struct flt_csv *csv;
	struct flt_csv_record record;
	enum flt_status status = flt_csv_open(path, options, &csv, &err);
	for (bool is_end = false; status == FLT_OK && !is_end;)
		status = flt_csv_next(csv, &record, &is_end, &err);
	if (status == FLT_OK && options->rewindable)
		status = flt_csv_rewind(csv, &err);
	flt_csv_free(csv);
	return status;
}

/* Until the answer is the one without failures. libcsv tries again with less, so that not each failure is one of
 * reading. */
static void fail_each_allocation(const char *path, const struct flt_csv_options *options, enum flt_status expected)
{
	unsigned long k = 0, n, n_failed = 0;
	do {
		flt_alloc_fail_at(++k);
		enum flt_status status = read_to_the_end(path, options);
		n = flt_alloc_fail_at(0);
		ck_assert_msg(status == expected || status == FLT_ERR_MACHINE, "%s, %lu: %s", path, k, err.text);
		n_failed += status == FLT_ERR_MACHINE;
		ck_assert_uint_lt(k, 300);
	} while (n >= k);
	ck_assert_uint_gt(n_failed, 10);
}

START_TEST(each_allocation_may_fail)
{
	static const char *const texts[] = {"name,\"b\nc\"\nx,\"1\n2\"\ny,3\n",
	                                    "a",
	                                    "a,b,a\n1,2,3",
	                                    "# of May\n# a b\n1 2\n3 4\n",
	                                    "Title\na,b\n1,2\n3,4\n5,6\n",
	                                    "Title, of May\n5,6,7\n8,9,1\n"};
	char name[20], packed[24];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		snprintf(name, sizeof name, "%zu.csv", i);
		snprintf(packed, sizeof packed, "%s.gz", name);
		scratch_write(name, texts[i], strlen(texts[i]));
		gzip_write(packed, texts[i], strlen(texts[i]));
		fail_each_allocation(name, &(struct flt_csv_options){.rewindable = true, .na = "?,-"}, FLT_OK);
		fail_each_allocation(packed, &(struct flt_csv_options){.skip_bad_rows = true}, FLT_OK);
	}
}
END_TEST

static size_t put_many(char *at, char delimiter, const char *end)
{
	char *start = at;
	for (size_t i = 0; i < 300; i++)
		at += sprintf(at, "%zu%c", i, delimiter);
	return (size_t)(at - start) + (size_t)sprintf(at, "%s", end);
}

/* Lines above a table may have more fields than the first, by the delimiter of the table or by another. */
START_TEST(each_allocation_of_the_search_for_a_table_may_fail)
{
	char text[4000];
	const char *misfit = "Title\n", *table = "a;b\n1;2,5\n3;4,5\n5;6,5\n7;8,5\n";
	size_t n = (size_t)sprintf(text, "%s", misfit);
	n += put_many(text + n, ';', "x\n");
	n += put_many(text + n, ';', "x\n");
	scratch_write("below.csv", text, n);
	fail_each_allocation("below.csv", &(struct flt_csv_options){0}, FLT_ERR_DATA);
	fail_each_allocation("below.csv", &(struct flt_csv_options){.header = FLT_HEADER_NO}, FLT_ERR_DATA);
	n = (size_t)sprintf(text, "%s", misfit);
	n += put_many(text + n, ';', ",x\n");
	n += (size_t)sprintf(text + n, "%s", table);
	scratch_write("above.csv", text, n);
	fail_each_allocation("above.csv", &(struct flt_csv_options){0}, FLT_OK);
}
END_TEST

/* The tail that a block leaves to the next may need more memory than the beginning of the file took, and so may what a
 * packed file is unpacked with. */
START_TEST(each_allocation_for_long_records_may_fail)
{
	enum { LONG = 300000, BEFORE = 70000 };
	char *text = malloc(BEFORE + LONG + 20);
	size_t n = (size_t)sprintf(text, "a,b\n");
	while (n < BEFORE)
		n += (size_t)sprintf(text + n, "1,2\n");
	n += (size_t)sprintf(text + n, "3,");
	memset(text + n, 'y', LONG);
	scratch_write("x.csv", text, n + LONG);
	gzip_write("x.csv.gz", text, n + LONG);
	free(text);
	fail_each_allocation("x.csv", &(struct flt_csv_options){0}, FLT_OK);
	fail_each_allocation("x.csv.gz", &(struct flt_csv_options){0}, FLT_OK);
}
END_TEST

/* Our own memory for the second record is there since the first, which has as many bytes in more fields; that of libcsv
 * for a field is not, and not a byte more may be taken. */
START_TEST(libcsv_may_run_out_of_memory)
{
	enum { N_COLUMNS = 4000, LONG = 7000 };
	char *text = malloc(2 * N_COLUMNS + LONG + 10), *at = text;
	for (size_t i = 0; i < N_COLUMNS; i++)
		at += sprintf(at, "a%c", i + 1 < N_COLUMNS ? ',' : '\n');
	memset(at, 'y', LONG);
	struct flt_csv *csv = open_text(text, (size_t)(at - text) + LONG, &(struct flt_csv_options){.delimiter = ','});
	flt_alloc_set_limit(flt_alloc_live());
	ck_assert_int_eq(flt_csv_next(csv, &(struct flt_csv_record){0}, &(bool){false}, &err), FLT_ERR_MACHINE);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_ptr_nonnull(strstr(err.text, "memory"));
	flt_csv_free(csv);
	free(text);
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
	tcase_add_test(cases, files_that_cannot_be_read);
	tcase_add_test(cases, file_changes_while_it_is_read);
	tcase_add_test(cases, gzip);
	tcase_add_test(cases, rows_before_damaged_gzip_data_are_read);
	tcase_add_test(cases, gzip_members);
	tcase_add_test(cases, standard_input);
	tcase_add_test(cases, ends_of_blocks);
	tcase_add_test(cases, growing_record);
	tcase_add_test(cases, endless_record);
	tcase_add_test(cases, skipped_lines);
	tcase_add_test(cases, skipped_lines_before_damaged_data);
	tcase_add_test(cases, a_file_changes_before_it_is_read_again);
	tcase_add_test(cases, digests);
	tcase_add_test(cases, random_bytes);
	tcase_add_test(cases, each_allocation_may_fail);
	tcase_add_test(cases, each_allocation_of_the_search_for_a_table_may_fail);
	tcase_add_test(cases, each_allocation_for_long_records_may_fail);
	tcase_add_test(cases, libcsv_may_run_out_of_memory);
	suite_add_tcase(suite, cases);
	return suite;
}
