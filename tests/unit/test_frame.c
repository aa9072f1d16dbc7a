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
	snprintf(want, sizeof want, "x.csv:2: 3 fields, expected 1%s", remedy);
	looks("Sales\n1;2;3\n4;5;6\n7;8;9\n", want); /* by the delimiter of the lines below */
	looks_n("Sales\n1;2;3\n4;5;6\n7;8;9\n", 24, &(struct flt_csv_options){.delimiter = ','},
	        "Sales; 2:1;2;3; 4:7;8;9");
	looks_n("Sales\n1;2;3\n4;5;6\n7;8;9\n", 24,
	        &(struct flt_csv_options){.names = (const char *const[]){"Sales"}, .n_names = 1},
	        "Sales; 2:1;2;3; 4:7;8;9");
	const struct flt_csv_options skip = {.skip_lines = 1};
	looks_n("Sales\n1;2;3\n4;5;6\n7;8;9\n", 24, &skip, "c1,c2,c3; 2:1,2,3; 4:7,8,9");
	looks_n("Sales\n1,2,3\n4,5,6\n7,8,9\n", 24, &skip, "c1,c2,c3; 2:1,2,3; 4:7,8,9");
	looks_n("Sales\na,b,c\n4,5,6\n", 18, &skip, "a,b,c; 3:4,5,6");
	looks_n("Sales\r\"a\",b,c\r4,5,6", 19, &skip, "a,b,c; 3:4,5,6");
	looks_n("Sales\n", 6, &skip, "x.csv: no line is left after --skip-lines 1: skip fewer");
	looks_n("5\" pipes\na,b\n1,2\n", 17, &skip, "a,b; 3:1,2");
}
END_TEST

/* What the caller said stands; a line that would say more is left out with its remark. */
START_TEST(lines_above_beside_options)
{
	const struct flt_csv_options comma = {.delimiter = ','}, tab = {.delimiter = '\t'};
	looks_n("sep=;\na;b,c\n1;2,3\n", 18, &comma, "a;b,c; 3:1;2,3; line 1, \"sep=;\", names the delimiter");
	looks("sep=\t\na\tb\n1\t2\n", "a,b; 3:1,2; line 1, \"sep= \", names the delimiter");
	looks("\"sep=;\" \na;b\n1;2\n", "a,b; 3:1,2; line 1, \"sep=;\", names the delimiter");
	looks("sep=;", "sep=,c2"); /* a line alone is the table */
	looks("sep=;\n\n", "; line 1, \"sep=;\", names the delimiter");
	looks_n("\n", 1, &tab, "");
	looks("/a,b\n1,2\n", "/a,b; 2:1,2");
	looks("/\n1\n", "/; 2:1");
	looks("# a comment alone\n", "# a comment alone");
	looks("#\n# two\n", "#; 2:# two");
}
END_TEST

/* A line above is no title if it has as many fields as the header or the records; and there are at most 30 titles. */
START_TEST(lines_above_that_are_no_titles)
{
	char bytes[1000], want[300];
	const char *remedy =
	        "if the table begins here, leave out what stands above it with --skip-lines 1; else look at "
	        "this line, and name the delimiter with --delimiter";
	snprintf(want, sizeof want, "x.csv:2: 1 field, expected 2: %s", remedy);
	looks("amount,age\nEUR\n2.5,20\n3.5,31\n4.5,42\n", want);
	looks("T,x\nU\na,b\n1,2\n3,4\n5,6\n", want);
	snprintf(want, sizeof want, "x.csv:2: 4 fields, expected 1: %s", remedy);
	looks("Title\na,b,c,d\n1,2\n3,4\n5,6\n", want);
	snprintf(want, sizeof want, "x.csv:2: 3 fields, expected 1: %s", remedy);
	looks("Title\na,b,c\n1,2\n3,4\n5,6\n", want);
	looks("Title\na,b,\n1,2\n3,4\n5,6\n", "a,b; 3:1,2; 5:5,6; 1 line above the header left out: \"Title\"; the "
	                                      "delimiter at the end of the header left "
	                                      "out");
	looks("Title\na,b\n1,2,3\n4,5,6\n7,8,9\n", "row.names,a,b; 3:1,2,3; 5:7,8,9; 1 line above the header left out: "
	                                           "\"Title\"; the header is one name short: "
	                                           "the first column is called \"row.names\"");
	for (size_t n_titles = 30; n_titles <= 31; n_titles++) {
		size_t n = 0;
		for (size_t i = 1; i <= n_titles; i++)
			n += (size_t)sprintf(bytes + n, "Title %zu\n", i);
		sprintf(bytes + n, "a,b\n1,2\n3,4\n5,6\n");
		looks(bytes, n_titles == 30
		                     ? "a,b; 32:1,2; 34:5,6; 30 lines above the header left out: \"Title 1\" ..."
		                     : "x.csv:32: 2 fields, expected 1: put the field with commas inside in quotes, or "
		                       "leave such lines out with --bad-rows skip");
	}
}
END_TEST

/* NumPy writes the names as a comment, with a blank after the #. */
START_TEST(a_comment_that_is_the_header)
{
	looks("# a b\n1 2\n3 4\n", "a,b; 2:1,2; 3:3,4; the \"#\" before the header left out");
	looks("# of May\n# a b\n1 2\n3 4\n",
	      "a,b; 3:1,2; 4:3,4; the \"#\" before the header left out; 1 line of comments above the table left out");
	looks("#a b\n1 2\n3 4\n", "#a,b; 2:1,2; 3:3,4");
	looks("% a b\n1 2\n3 4\n", "c1,c2; 2:1,2; 3:3,4; 1 line of comments above the table left out");
	looks("#x a b\n1 2\n3 4\n", "c1,c2; 2:1,2; 3:3,4; 1 line of comments above the table left out");
	looks("# a b\nx y\n3 4\n", "x,y; 3:3,4; 1 line of comments above the table left out");
	looks("# a b c d\n1 2\n3 4\n", "c1,c2; 2:1,2; 3:3,4; 1 line of comments above the table left out");
	looks("# a\n1\n2\n", "c1; 2:1; 3:2; 1 line of comments above the table left out");
	static const char *const names[] = {"x"};
	const struct flt_csv_options named = {.names = names, .n_names = 1};
	looks_n("#a b\n3 x\n3 4\n", 13, &named, "3,x; 3:3,4; 1 line of comments above the table left out");
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
	looks("a,b,\n1,2,3,\n4,5,6,\n",
	      "x.csv:2: 4 fields, expected 3: if the table begins here, leave out what stands "
	      "above it with --skip-lines 1; "
	      "else look at this line, and name the delimiter with --delimiter");
	looks("a,b\n1,2,3,\n4,5,6,\n", "x.csv:2: 4 fields, expected 2: if the table begins here, leave out what stands "
	                               "above it with --skip-lines 1; "
	                               "else look at this line, and name the delimiter with --delimiter");
	looks("1,2,\n3,4,\n5,6,\n", "c1,c2,c3; 1:1,2,; 3:5,6,"); /* too few to be sure */
	static const char *const names[] = {"a", "c4"};          /* one that a model was trained with */
	const struct flt_csv_options named = {.names = names, .n_names = 2};
	looks_n("a,b,y,\n1,2,0,\n3,4,1,\n", 21, &named, "a,b,y,c4; 2:1,2,0,; 3:3,4,1,");
	looks(",a,\n,1,\n,3,\n", "a; 2:1; 3:3; the delimiter at the beginning and end of each line left out");
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

/* The first column may have a header after all, or the caller knows better. */
START_TEST(row_names_that_are_not_sure)
{
	const char *misfit =
	        "x.csv:2: 3 fields, expected 2: if the table begins here, leave out what stands above it with "
	        "--skip-lines 1; else look at this line, and name the delimiter with --delimiter";
	static const char *const names[] = {"5"};
	const struct flt_csv_options yes = {.header = FLT_HEADER_YES}, no = {.header = FLT_HEADER_NO},
	                             named = {.names = (const char *const[]){"x"}, .n_names = 1},
	                             numbered = {.names = names, .n_names = 1};
	looks("a,\n1,5,6\n2,7,8\n", misfit);
	looks("5,6\n1,7,8\n2,5,9\n", misfit);
	looks_n("5,6\n1,7,8\n2,5,9\n", 16, &numbered, misfit); /* a number is no name that tells */
	looks_n("5,6\n1,7,8\n2,5,9\n", 16, &yes,
	        "row.names,5,6; 2:1,7,8; 3:2,5,9; the header is one name short: the first column is called "
	        "\"row.names\"");
	looks_n("x,6\n1,7,8\n2,5,9\n", 16, &named,
	        "row.names,x,6; 2:1,7,8; 3:2,5,9; the header is one name short: the first column is called "
	        "\"row.names\"");
	looks_n("a,b\n1,5,6\n2,7,8\n", 16, &no, misfit);
	looks("a,b\n1,5,6\n",
	      "x.csv:2: 3 fields, expected 2: if the table begins here, leave out what stands above it with "
	      "--skip-lines 1; else look at this line, and name the delimiter with --delimiter");
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
	looks("\xEF\xBB\xBF\xEF\xBB\xBF", "; a byte order mark in line 1 left out"); /* and nothing else */
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
	looks("a,b\n---\n---\n1,2\n", "x.csv:3: 1 field, expected 2: if the table begins here, leave out what stands "
	                              "above it with --skip-lines 2; "
	                              "else look at this line, and name the delimiter with --delimiter");
	looks("a,b\n\n---\n1,2\n",
	      "x.csv:3: 1 field, expected 2: if the table begins here, leave out what stands above it with "
	      "--skip-lines 2; "
	      "else look at this line, and name the delimiter with --delimiter"); /* not right below the header */
	looks_n("a,b\n---\n1,2\n", 12, &(struct flt_csv_options){.header = FLT_HEADER_NO, .skip_bad_rows = true},
	        "c1,c2; 1:a,b; 3:1,2");
	looks("\"a,b\"\n", "a,b");
	looks("\"a,b\"x\n1\n", "x.csv:1: text follows the quote that ends a field: double each quote inside the field");
	looks("x\n\"1,0\"\n", "x; 2:1,0");
	looks_n("\"a,y\"\n\"1,0\"\n\"3,1\"\n", 18,
	        &(struct flt_csv_options){.names = (const char *const[]){"a,y"}, .n_names = 1}, "a,y; 2:1,0; 3:3,1");
	looks_n("1,2\n1,2,3\n4,5,6\n7,8,9\n", 22, &(struct flt_csv_options){.skip_bad_rows = true}, "c1,c2; 1:1,2");
	looks("a,y\n1,0\na,y\na,y\n", "a,y; 2:1,0; the header again in line 3 and others left out");
	looks("a,y\n1,0\n\xEF\xBB\xBF"
	      "2,1\n\xEF\xBB\xBF"
	      "3,0\n",
	      "a,y; 2:1,0; 4:3,0; a byte order mark in line 3 and others left out");
}
END_TEST

#define UNITS                                                                                                          \
	"x.csv:2: \"EUR\" stands over the numbers of column \"amount\": if the line holds the names, leave out what "  \
	"stands above it with --skip-lines 1; if it holds units, leave it out: sed 2d x.csv | fltrain ... -"

/* A line of units has texts over numbers and no value; a unit alone has nothing beside it. */
START_TEST(units)
{
	static const char *const below = "2.5,20,a\n3.5,31,b\n4.5,42,c\n5.5,53,d\n6.5,20,e\n7.5,31,f\n";
	static const struct {
		const char *line, *want;
	} lines[] = {{"EUR,years,", UNITS}, {"EUR,years,u", UNITS}, {"EUR,,", UNITS},
	             {"EUR,,u", NULL},      {"EUR,,a", NULL},       {"EUR,years,NA", NULL},
	             {"EUR,5,", NULL},      {",,u", NULL},          {",,", NULL}};
	char bytes[200], want[200];
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(bytes, sizeof bytes, "amount,age,k\n%s\n%s", lines[i].line, below);
		snprintf(want, sizeof want, "amount,age,k; 2:%s; 8:7.5,31,f", lines[i].line);
		looks(bytes, lines[i].want ? lines[i].want : want);
	}
	looks("amount,age\nEUR,y\n2.5,NA\nNA,31\n4.5,42\n5.5\n6.5,20\n7.5,31\n", UNITS);
	looks("amount,age\nEUR,y\nNA,2\nNA,31\nNA,42\nNA,5.5\nNA,20\nNA,31\n",
	      "amount,age; 2:EUR,y; 8:NA,31"); /* over no number */
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

START_TEST(names_that_tell_no_header)
{
	static const char *const two[] = {"c1", "c2"}, *const odd[] = {"", "c2"}, *const others[] = {"x", "y"};
	const char *has_one =
	        "x.csv: the file has a header, and the model was trained on a file without one: leave it out "
	        "with --skip-lines 1 --header no";
	const struct flt_csv_options all = {.names = two, .n_names = 2, .names_are_all = true},
	                             given = {.names = odd, .n_names = 2},
	                             foreign = {.names = others, .n_names = 2, .names_are_all = true};
	looks_n("c1,x\n1,2\n3,4\n", 13, &all, has_one); /* one of the two names alone */
	looks_n("x,\n1,2\n3,4\n", 11, &given, "c1,c2; 1:x,; 3:3,4");
	looks_n("a,b\n1,2\n3,4\n", 12, &foreign, "a,b; 2:1,2; 3:3,4");
	const struct flt_csv_options named = {.names = (const char *const[]){"fraud"}, .n_names = 1};
	looks_n("Title\n3,fraud\n1,2\n5,4\n", 22, &named,
	        "3,fraud; 3:1,2; 4:5,4; 1 line above the header left out: \"Title\"");
}
END_TEST

/* Few records are always close. */
START_TEST(a_close_decision_about_many_records_is_said)
{
	static const struct {
		const char *first, *pattern, *want;
	} cases[] = {{"0,web", "0,a\n1,b\n2,c\n0,d\n1,a\n2,b\n0,c\n1,d\n2,a\n0,b\n1,c\n2,d\n",
	              "0,web; 2:0,a; 13:2,d; the first record is taken for the header: if it is not, say --header no"},
	             {"9", "0\n1\n2\n0\n1\n2\n0\n1\n2\n0\n1\n2\n",
	              "c1; 1:9; 13:2; the first record is taken for data: if it is not, say --header yes"},
	             {"9", "0\n1\n2\n0\n1\n2\n0\n1\n2\n", "c1; 1:9; 10:2"}};
	char bytes[200];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(bytes, sizeof bytes, "%s\n%s", cases[i].first, cases[i].pattern);
		looks(bytes, cases[i].want);
	}
}
END_TEST

/* Over numbers without decimals: a year is more likely a name than another number that does not fit them. */
START_TEST(numbers_as_names)
{
	static const struct {
		const char *name;
		bool want;
	} cases[] = {{"1950", true}, {"1899", false}, {"2101", false}, {"9.5", false}, {"\xC3\xA9", true}};
	char bytes[100];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct look look;
		snprintf(bytes, sizeof bytes, "%s\n0\n1\n2\n0\n1\n2\n0\n1\n2\n0\n1\n2\n", cases[i].name);
		look_at(bytes, strlen(bytes), &(struct flt_csv_options){0}, &look);
		ck_assert_msg(look.has_header == cases[i].want, "%s", cases[i].name);
	}
	looks("\xC3\xA9-1\n\xC3\xA8-2\n\xC3\xAA-3\n", "c1; 1:\xC3\xA9-1; 3:\xC3\xAA-3"); /* all of one form */
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
	tcase_add_test(cases, lines_above_beside_options);
	tcase_add_test(cases, lines_above_that_are_no_titles);
	tcase_add_test(cases, a_comment_that_is_the_header);
	tcase_add_test(cases, ends_of_lines);
	tcase_add_test(cases, row_names);
	tcase_add_test(cases, row_names_that_are_not_sure);
	tcase_add_test(cases, lines_below);
	tcase_add_test(cases, lines_inside);
	tcase_add_test(cases, units);
	tcase_add_test(cases, blanks);
	tcase_add_test(cases, names);
	tcase_add_test(cases, header_by_weight);
	tcase_add_test(cases, header_by_names);
	tcase_add_test(cases, names_that_tell_no_header);
	tcase_add_test(cases, a_close_decision_about_many_records_is_said);
	tcase_add_test(cases, numbers_as_names);
	tcase_add_test(cases, evidence_ends_at_a_nul);
	tcase_add_test(cases, foreign_files);
	suite_add_tcase(suite, cases);
	return suite;
}
