/* csv/frame, csv/header, csv/foreign, csv/names and csv/footer: what stands around the tables of real files. */
#include <stdarg.h>

#include "scratch.h"

#include "csv/reader.h"
#include "suite.h"

static struct flt_error err;

struct look {
	char text[4000]; /* "NAMES; RECORDS; REMARKS", or the error's sentence */
	bool has_header;
};

__attribute__((format(printf, 3, 4))) static void put(char *text, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t n = strlen(text);
	va_start(arguments, format);
	vsnprintf(text + n, size - n, format, arguments);
	va_end(arguments);
}

/* Reads a file to its end. Of many records only the first and the last are shown. */
static void look_at(const char *bytes, size_t n, const struct flt_csv_options *options, struct look *look)
{
	struct flt_csv *csv;
	struct flt_csv_record record;
	bool is_end = false;
	memset(look, 0, sizeof *look);
	scratch_write("x.csv", bytes, n);
	if (flt_csv_open("x.csv", options, &csv, &err) != FLT_OK) {
		snprintf(look->text, sizeof look->text, "%s", err.text);
		return;
	}
	look->has_header = flt_csv_has_header(csv);
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++) {
		put(look->text, sizeof look->text, "%s", i ? "," : "");
		put(look->text, sizeof look->text, "%s", flt_csv_column_name(csv, i));
	}
	char last[1000] = "", line[1000];
	for (size_t k = 0; !is_end; k++) {
		if (flt_csv_next(csv, &record, &is_end, &err) != FLT_OK) {
			snprintf(look->text, sizeof look->text, "%s", err.text);
			flt_csv_free(csv);
			return;
		}
		snprintf(line, sizeof line, "; %zu:", record.line);
		for (size_t i = 0; !is_end && i < flt_csv_n_columns(csv); i++) {
			put(line, sizeof line, "%s", i ? "," : "");
			put(line, sizeof line, "%s", record.fields[i].text);
		}
		if (!is_end && k == 0)
			put(look->text, sizeof look->text, "%s", line);
		if (!is_end && k > 0)
			strcpy(last, line);
	}
	put(look->text, sizeof look->text, "%s", last);
	for (size_t i = 0; i < flt_csv_n_remarks(csv); i++)
		put(look->text, sizeof look->text, "; %s", flt_csv_remark(csv, i));
	flt_csv_free(csv);
}

static void looks_n(const char *bytes, size_t n, const struct flt_csv_options *options, const char *want)
{
	struct look look;
	look_at(bytes, n, options, &look);
	ck_assert_msg(strcmp(look.text, want) == 0, "%s\n-- is\n%s\n-- but should be\n%s", bytes, look.text, want);
	/* The same in blocks of any size. */
	for (size_t size = 1; size < 40; size = 2 * size + 1) {
		struct flt_csv_options small = *options;
		small.block_size = size;
		look_at(bytes, n, &small, &look);
		ck_assert_msg(strcmp(look.text, want) == 0,
		              "%s\n-- in blocks of %zu bytes is\n%s\n-- but should be\n%s", bytes, size, look.text,
		              want);
	}
}

static void looks(const char *bytes, const char *want)
{
	looks_n(bytes, strlen(bytes), &(struct flt_csv_options){0}, want);
}

#define ROWS "2.5,20,web,1\n3.5,31,shop,0\n4.5,42,web,0\n5.5,53,shop,0\n6.5,20,web,1\n7.5,31,shop,0\n"
#define READ "amount,age,kind,y; %d:2.5,20,web,1; %d:7.5,31,shop,0"

START_TEST(lines_above)
{
	looks("sep=,\namount,age,kind,y\n" ROWS,
	      "amount,age,kind,y; 3:2.5,20,web,1; 8:7.5,31,shop,0; line 1, \"sep=,\", names the delimiter");
	looks("sep=;\na;b\n1,5;2\n2,5;3\n", "a,b; 3:1,5,2; 4:2,5,3; line 1, \"sep=;\", names the delimiter");
	looks("# by lab\n# v2, of May\n\namount,age,kind,y\n" ROWS,
	      "amount,age,kind,y; 5:2.5,20,web,1; 10:7.5,31,shop,0; 2 lines of comments above the table left out");
	looks("// by a 5\" lab\namount,age,kind,y\n" ROWS,
	      "amount,age,kind,y; 3:2.5,20,web,1; 8:7.5,31,shop,0; 1 line of comments above the table left out");
	looks("#amount,age,kind,y\n" ROWS, "#amount,age,kind,y; 2:2.5,20,web,1; 7:7.5,31,shop,0");
	looks("% by lab\n#amount,age,kind,y\n" ROWS,
	      "#amount,age,kind,y; 3:2.5,20,web,1; 8:7.5,31,shop,0; 1 line of comments above the table left out");
	looks("#a,b\n#1,2\n", "#a,b; 2:#1,2");
	looks("Sales of May\n\namount,age,kind,y\n" ROWS, "amount,age,kind,y; 4:2.5,20,web,1; 9:7.5,31,shop,0; 2 lines "
	                                                  "above the header left out: \"Sales of May\"");
	looks("Sales,,,\nby month,,,\namount,age,kind,y\n" ROWS, "amount,age,kind,y; 4:2.5,20,web,1; 9:7.5,31,shop,0; "
	                                                         "2 lines above the header left out: \"Sales,,,\" ...");
	looks("Sales, of May\namount,age,kind,y\n" ROWS, "amount,age,kind,y; 3:2.5,20,web,1; 8:7.5,31,shop,0; 1 line "
	                                                 "above the header left out: \"Sales, of May\"");
}
END_TEST

/* Lines above a table without a clear header may be anything. */
START_TEST(lines_above_that_are_not_sure)
{
	const char *remedy =
	        ": if the table begins here, leave out what stands above it with --skip-lines 1; else look at "
	        "this line, and name the delimiter with --delimiter";
	char want[300];
	snprintf(want, sizeof want, "x.csv:2: 3 fields, expected 1%s", remedy);
	looks("Sales\n1,2,3\n4,5,6\n7,8,9\n", want);
	const struct flt_csv_options skip = {.skip_lines = 1};
	looks_n("Sales\n1,2,3\n4,5,6\n7,8,9\n", 24, &skip, "c1,c2,c3; 2:1,2,3; 4:7,8,9");
	looks_n("Sales\na,b,c\n4,5,6\n", 18, &skip, "a,b,c; 3:4,5,6");
	looks_n("Sales\r\"a\",b,c\r4,5,6", 19, &skip, "a,b,c; 3:4,5,6");
	looks_n("Sales\n", 6, &skip, "x.csv: no line is left after --skip-lines 1: skip fewer");
	looks_n("5\" pipes\na,b\n1,2\n", 17, &skip, "a,b; 3:1,2");
}
END_TEST

START_TEST(ends_of_lines)
{
	looks("a,b,y,\n1,2,0,\n3,4,1,\n", "a,b,y; 2:1,2,0; 3:3,4,1; the delimiter at the end of each line left out");
	looks("a,b,y\r\n1,2,0,\r\n3,4,1,\r\n",
	      "a,b,y; 2:1,2,0; 3:3,4,1; the delimiter at the end of each line left out");
	looks("1,2,0,\n3,4,1,\n3,4,1,\n3,4,1,",
	      "c1,c2,c3; 1:1,2,0; 4:3,4,1; the delimiter at the end of each line left out");
	looks("a,b,y,\n1,2,0\n3,4,\n", "a,b,y; 2:1,2,0; 3:3,4,; the delimiter at the end of the header left out");
	looks("a,b,y\n1,2,\n3,4,\n", "a,b,y; 2:1,2,; 3:3,4,");     /* a column without values */
	looks("a,b,\n1,2,0\n3,4,1\n", "a,b,c3; 2:1,2,0; 3:3,4,1"); /* a column without a name */
	looks("a,b,y,\n1,\"x,\n\",0,\n3,4,1,\n",
	      "a,b,y; 2:1,x,\n,0; 4:3,4,1; the delimiter at the end of each line left out");
	looks("|a|b|y|\n|1|2|0|\n|3|4|1|\n",
	      "a,b,y; 2:1,2,0; 3:3,4,1; the delimiter at the beginning and end of each line left out");
}
END_TEST

START_TEST(row_names)
{
	looks("a,b,y\n1,5,6,0\n2,7,8,1\n",
	      "row.names,a,b,y; 2:1,5,6,0; 3:2,7,8,1; the header is one name short: the first column is called "
	      "\"row.names\"");
	looks("\"a\" \"b\"\n\"1\" 5 6\n\"2\" 7 8\n", "row.names,a,b; 2:1,5,6; 3:2,7,8; the header is one name short: "
	                                             "the first column is called \"row.names\"");
	looks("a,b,y\n1,5,6,0\n1,7,8,1\n", /* decimal commas, perhaps */
	      "x.csv:2: 4 fields, expected 3: if the table begins here, leave out what stands above it with "
	      "--skip-lines "
	      "1; else look at this line, and name the delimiter with --delimiter");
}
END_TEST

START_TEST(lines_below)
{
	static const char *const footers[] = {
	        "(600 rows affected)", "600 rows selected.", "(3 Zeilen)", "1,234 rows in set (0.01 sec)", "\\.",
	        "----------"};
	for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
		char bytes[100], want[200];
		snprintf(bytes, sizeof bytes, "a,y\n1,0\n3,1\n\n%s\n\n", footers[i]);
		snprintf(want, sizeof want, "a,y; 2:1,0; 3:3,1; line 5 below the table left out: \"%s\"", footers[i]);
		if (i != 3) /* which has as many fields as a record */
			looks(bytes, want);
	}
	looks("a,y\n1,0\n3,1\n(2 rows affected)\n\nCompletion time: 2023-01-01\n",
	      "a,y; 2:1,0; 3:3,1; line 4 below the table left out: \"(2 rows affected)\" ...");
	looks("a,y\n1,0\n3,1\n\x1A", "a,y; 2:1,0; 3:3,1");
	looks("a,y\n1,0\n3,1\x1A", "a,y; 2:1,0; 3:3,1");
	const char *complete = "complete the line, or leave such lines out with --bad-rows skip";
	char want[200];
	snprintf(want, sizeof want, "x.csv:4: 1 field, expected 2: %s", complete);
	looks("a,y\n1,0\n3,1\n(2 rows affected)\n5,1\n", want); /* not the end */
	looks("a,y\n1,0\n3,1\n5", want);                        /* cut off */
	looks("a,y\n1,0\n3,1\n12 row", "a,y; 2:1,0; 3:3,1; line 4 below the table left out: \"12 row\"");
}
END_TEST

START_TEST(lines_inside)
{
	looks("a,y\n1,0\n3,1\na,y\n5,0\n", "a,y; 2:1,0; 5:5,0; the header again in line 4 left out");
	looks("a,y\n1,0\n\xEF\xBB\xBF"
	      "a,y\n5,0\n",
	      "a,y; 2:1,0; 4:5,0; the header again in line 3 left out; a byte order mark in line 3 left out");
	looks("\xEF\xBB\xBF\xEF\xBB\xBF\"a\",y\n1,0\n\xEF\xBB\xBF\"5\",0\n",
	      "a,y; 2:1,0; 3:5,0; a byte order mark in line 3 left out");
	looks("a,y\n--,-\n1,0\n3,1\n", "a,y; 3:1,0; 4:3,1; the line of dashes below the header left out");
	looks(" a | y\n---+---\n 1 | 0\n 3 | 1\n(2 rows)\n",
	      "a,y; 3:1,0; 4:3,1; the line of dashes below the header left out; line 5 below the table left out: \"(2 "
	      "rows)\"");
	looks("amount,age,kind,y\nEUR,years,,\n" ROWS,
	      "x.csv:2: \"EUR\" stands over the numbers of column \"amount\": "
	      "if the line holds the names, leave out what stands above it with --skip-lines "
	      "1; if it holds units, leave it out: sed 2d x.csv | fltrain ... -");
	looks("\"a,y\"\n\"1,0\"\n\"3,1\"\n",
	      "x.csv: each line is in quotes as a whole, and so one field: take them off: "
	      "sed 's/\\r$//; s/^\"//; s/\"$//; s/\"\"/\"/g' x.csv | fltrain ... -");
	looks("\"a,y\"\n\"1,0\"\n\"3 1\"\n", "a,y; 2:1,0; 3:3 1");
	looks("amount,age,kind,y\nEUR,40,web,1\n" ROWS, "amount,age,kind,y; 2:EUR,40,web,1; 8:7.5,31,shop,0");
}
END_TEST

START_TEST(blanks)
{
	looks("A1 2 3.5\nA2 3 4.5\nA1 2 3.5 \n", "c1,c2,c3; 1:A1,2,3.5; 3:A1,2,3.5");
	looks("  a    b\n  1    2\n\t10  20\n", "a,b; 2:1,2; 3:10,20");
	looks("a b\n\"x  y\" 2\n\"\tz\" 3\n", "a,b; 2:x  y,2; 3:\tz,3");
	looks("1,5 2,5\n3,5 4,5\n", "c1,c2; 1:1,5,2,5; 2:3,5,4,5"); /* decimal commas */
	looks("a:b\n1:2\n3:4\n", "a,b; 2:1,2; 3:3,4");
	looks("a^b\n1^2\n3^4\n", "a,b; 2:1,2; 3:3,4");
	looks("when,x\n12:30,1\n12:45,2\n", "when,x; 2:12:30,1; 3:12:45,2");
	const struct flt_csv_options given = {.delimiter = ' '};
	looks_n("a   b\n1 \t 2\n", 12, &given, "a,b; 2:1,2");
}
END_TEST

START_TEST(names)
{
	looks("a,a,a.1,a\n1,2,3,4\n5,6,7,8\n",
	      "a,a.2,a.1,a.3; 2:1,2,3,4; 3:5,6,7,8; 2 columns had the name of an earlier "
	      "one: column 2 is called \"a.2\"");
	looks_n("c2,\n1,2\n5,6\n", 12, &(struct flt_csv_options){.header = FLT_HEADER_YES},
	        "c2,c2.1; 2:1,2; 3:5,6; 1 column had the name of an earlier one: column 2 is called "
	        "\"c2.1\"");
	looks("a,A,\"a \"\n1,2,3\n", "a,A,a ; 2:1,2,3");
}
END_TEST

/* A table with a row for each i, written by its columns' formats: %d is i, %w one of three words, %x a number with
 * decimals that is different in each row. */
static void with_rows(const char *header, const char *const *formats, size_t n_rows, bool want)
{
	static char bytes[1 << 16];
	static const char *const words[] = {"web", "shop", "phone"};
	size_t n = (size_t)sprintf(bytes, "%s\n", header);
	for (size_t i = 0; i < n_rows; i++) {
		for (size_t k = 0; formats[k]; k++) {
			const char *format = formats[k];
			n += (size_t)sprintf(bytes + n, "%s", k ? "," : "");
			if (*format == 'i')
				n += (size_t)sprintf(bytes + n, "%zu", i);
			else if (*format == 'w')
				n += (size_t)sprintf(bytes + n, "%s", words[i * 7 % 3]);
			else if (*format == 'x')
				n += (size_t)sprintf(bytes + n, "%zu.%zu", i * 37 % 101, i % 10);
			else if (*format == 'n')
				n += (size_t)sprintf(bytes + n, "%zu", 20 + i * 37 % 60);
			else if (*format == 'd')
				n += (size_t)sprintf(bytes + n, "2023-01-%02zu", 1 + i % 28);
			else
				n += (size_t)sprintf(bytes + n, "%d", i % 7 == 3);
		}
		n += (size_t)sprintf(bytes + n, "\n");
	}
	struct look look;
	look_at(bytes, n, &(struct flt_csv_options){0}, &look);
	ck_assert_msg(look.has_header == want, "%s: %s", header, look.has_header ? "header" : "no header");
}

START_TEST(header_by_weight)
{
	with_rows(",channel,kind", (const char *const[]){"i", "w", "w", NULL}, 60, true); /* pandas' index */
	with_rows("0,1,2,Class", (const char *const[]){"x", "n", "x", "y", NULL}, 60, true);
	with_rows("0,1,2,3", (const char *const[]){"x", "n", "x", "y", NULL}, 60, true);
	with_rows("0,1", (const char *const[]){"x", "y", NULL}, 60, true);
	with_rows("amount,2023,2024,churn", (const char *const[]){"x", "n", "x", "w", NULL}, 60, true);
	with_rows("kind,web", (const char *const[]){"w", "w", NULL}, 60, true); /* a name that is also a value */
	with_rows("date,y", (const char *const[]){"d", "y", NULL}, 60, true);
	with_rows("web,shop", (const char *const[]){"w", "w", NULL}, 60, false);
	with_rows("1.5,33,web,0", (const char *const[]){"x", "n", "w", "y", NULL}, 60, false);
	with_rows("unknown,33,2.5,0", (const char *const[]){"x", "n", "x", "y", NULL}, 60, false); /* an odd cell */
	with_rows("2022-12-31,0", (const char *const[]){"d", "y", NULL}, 60, false);
	with_rows("0,1,0", (const char *const[]){"y", "y", "y", NULL}, 60, false);
}
END_TEST

START_TEST(header_by_names)
{
	static const char *const given[] = {"fraud"}, *const model[] = {"c1", "c2"};
	const char text[] = "3,fraud\n1,2\n5,4\n";
	struct look look;
	look_at(text, strlen(text), &(struct flt_csv_options){.names = given, .n_names = 1}, &look);
	ck_assert(look.has_header);
	look_at("1,2\n3,4\n", 8, &(struct flt_csv_options){.names = given, .n_names = 1}, &look);
	ck_assert(!look.has_header);
	const struct flt_csv_options headless = {.names = model, .n_names = 2, .names_are_all = true};
	looks_n("x,y\nz,w\n", 8, &headless, "c1,c2; 1:x,y; 2:z,w");
	looks_n("c1,c2\n1,2\n", 10, &headless, "c1,c2; 2:1,2"); /* a header of a file whose names are like that */
	looks_n("amount,y\n1,2\n3,4\n5,6\n", 21, &headless,
	        "x.csv: the file has a header, and the model was trained on a file without one: leave it out with "
	        "--skip-lines 1 --header no");
}
END_TEST

/* A NUL ends the evidence: no text that is looked at holds one. */
START_TEST(evidence_ends_at_a_nul)
{
	const char bytes[] = "a,N\0A,y\n1,N\0A,0\n";
	looks_n(bytes, sizeof bytes - 1, &(struct flt_csv_options){0},
	        "x.csv:1: a NUL byte: this is not a text file, or a damaged one; to read it without: sed 's/\\x00//g' "
	        "x.csv "
	        "| fltrain ... -");
}
END_TEST

START_TEST(foreign_files)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *want;
	} files[] = {
#define FILE_OF(bytes, want) {bytes, sizeof(bytes) - 1, want}
	        FILE_OF("PK\3\4....d.csv", "a zip archive, not a CSV file: unzip -p x.csv | fltrain ... -"),
	        FILE_OF("PK\3\4....[Content_Types].xml",
	                "a workbook of a spreadsheet program, not a CSV file: save its sheet "
	                "as CSV there, or with `libreoffice --headless --convert-to csv "
	                "x.csv`"),
	        FILE_OF("BZh91AY", "data packed with bzip2, not a CSV file: bzip2 -dc x.csv | fltrain ... -"),
	        FILE_OF("a\0,\0b\0\n\0"
	                "1\0,\0002\0\n\0",
	                "UTF-16 text, not a CSV file: iconv -f UTF-16LE -t UTF-8 x.csv | fltrain ... -"),
	        FILE_OF("\0a\0,\0b\0\n\0"
	                "1\0,\0002\0\n",
	                "UTF-16 text, not a CSV file: iconv -f UTF-16BE -t UTF-8 x.csv | fltrain ... -"),
	        FILE_OF("a,b\xE2\x80\xA8"
	                "1,2\xE2\x80\xA8",
	                "a text whose lines end with U+2028, not a CSV file: sed 's/\\xe2\\x80\\xa8/\\n/g' x.csv | "
	                "fltrain "
	                "... -"),
	        FILE_OF(" {\"a\": 1}\n{\"a\": 2}\n",
	                "JSON, one object a line, not a CSV file: jq -r -s '(.[0] | "
	                "keys_unsorted) as $k | $k, (.[] | [.[$k[]]]) | @csv' x.csv | fltrain "
	                "... -"),
	        FILE_OF("<!DOCTYPE html>\n<html>",
	                "an HTML page, perhaps for logging in or about an error, not a CSV file: "
	                "get the file itself"),
	        FILE_OF("version https://git-lfs.github.com/spec/v1\n",
	                "a pointer of Git LFS, not a CSV file: get the file itself with `git lfs pull`"),
	};
	char want[400];
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(want, sizeof want, "x.csv: %s", files[i].want);
		looks_n(files[i].bytes, files[i].n, &(struct flt_csv_options){0}, want);
	}
	looks("[amount],[age]\n1,2\n3,4\n", "[amount],[age]; 2:1,2; 3:3,4");
	looks("{a},{b}\n1,2\n3,4\n", "{a},{b}; 2:1,2; 3:3,4");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("frame");
	TCase *cases = tcase_create("frame");
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, lines_above);
	tcase_add_test(cases, lines_above_that_are_not_sure);
	tcase_add_test(cases, ends_of_lines);
	tcase_add_test(cases, row_names);
	tcase_add_test(cases, lines_below);
	tcase_add_test(cases, lines_inside);
	tcase_add_test(cases, blanks);
	tcase_add_test(cases, names);
	tcase_add_test(cases, header_by_weight);
	tcase_add_test(cases, header_by_names);
	tcase_add_test(cases, evidence_ends_at_a_nul);
	tcase_add_test(cases, foreign_files);
	suite_add_tcase(suite, cases);
	return suite;
}
