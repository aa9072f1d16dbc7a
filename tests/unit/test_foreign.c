/* csv/foreign, csv/remedy: what a file that is no CSV is taken for, and what is not taken for one. */
#include "csv/foreign.h"

#include <string.h>

#include "suite.h"

#define OF(bytes) bytes, sizeof(bytes) - 1
#define N_OF(array) (sizeof(array) / sizeof *(array))

static const struct flt_named_file plain = {.name = "x"}, packed = {.name = "x", .is_packed = true},
                                   piped = {.name = "standard input", .is_standard_input = true},
                                   piped_and_packed = {
                                           .name = "standard input", .is_standard_input = true, .is_packed = true};

/* Fails unless these first bytes are of a file of that kind ("zip", ...), or of a CSV file where it is NULL. */
static void is_taken_for(const char *bytes, size_t n, const char *kind)
{
	struct flt_error err;
	enum flt_status status = flt_check_is_csv(&plain, (const unsigned char *)bytes, n, &err);
	if (!kind) {
		ck_assert_msg(status == FLT_OK, "%.*s: %s", (int)n, bytes, err.text);
		return;
	}
	ck_assert_msg(status == FLT_ERR_DATA, "%.*s is no %s", (int)n, bytes, kind);
	ck_assert_msg(strstr(err.text, kind), "%.*s is no %s: %s", (int)n, bytes, kind, err.text);
}

static const struct {
	const char *bytes;
	size_t n;
	const char *kind;
} files[] = {
        {OF("PK\3\4...."), "zip archive"},
        {OF("PK\5\6...."), "zip archive"},
        {OF("PK\1\2...."), NULL},
        {OF("PK\3\4....[Content_Types].xml"), "a workbook"},
        {OF("PK"), NULL},
        {OF("PK\3\4....xl/workbook.xml"), "a workbook"},
        {OF("PK\3\4....mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "a workbook"},
        {OF("\x1F\x8B\x08.."), "gzip inside gzip"},
        {OF("\xFF\xFE\0\0a\0\0\0"), "UTF-32"},
        {OF("\0\0\xFE\xFF\0\0\0a"), "UTF-32"},
        {OF("\xFF\xFE,\0"), "UTF-16"},
        {OF("\xFE\xFF\0,"), "UTF-16"},
        {OF("\xFE\xFF"), "UTF-16"},
        {OF("\xFE"), NULL},
        {OF("a\0\0\0,\0\0\0"), "iconv -f UTF-32LE"},
        {OF("\0\0\0a\0\0\0,"), "iconv -f UTF-32BE"},
        {OF("a\0,\0b\0\n\0"), "iconv -f UTF-16LE"},
        {OF("\0a\0,\0b\0\n"), "iconv -f UTF-16BE"},
        /* a NUL here and there is no text in wide characters: the reader will name its line */
        {OF("a,b\0,c\n1,2,3\n"), NULL},
        {OF("a\0,b,c,d\n"), NULL},
        {OF("a\0\0,b,c\n"), NULL},
        {OF("a\0\0\0\0b,c\n"), NULL},
        {OF("a\0\0\0bcd\n"), NULL},
        {OF("a\0\0\0b\0cd\n"), NULL},
        {OF("a\0\0bcd,\n"), NULL},
        {OF("\0a,b,c,d\n"), NULL},
        {OF("\0\0a,b,c\n"), NULL},
        {OF("\0\0\0\0bcde\n"), NULL},
        {OF("\0\0\0abcde\n"), NULL},
        {OF("\0\0\0a\0bcd\n"), NULL},
        {OF("\0\0\0a\0\0bc\n"), NULL},
        {OF("\0\0\0\0\0\0\0\0\0\0\0\0"), NULL},
        {OF("\x80\x02}q\0."), "a pickle"},
        {OF("\x80\x05.\0"), "a pickle"},
        {OF("\x80\x01}q\0."), NULL},
        {OF("\x80\x06}q\0."), NULL},
        {OF("\x80\x04,b\n"), NULL}, /* the euro sign of a DOS code page */
        {OF("\x80,"), NULL},
        {OF("\x72\x01\x01\0..."), "data of Stata"},
        {OF("\x69\x02\x01\0..."), "data of Stata"},
        {OF("r,\1\0"), NULL},
        {OF("r\1,\0"), NULL},
        {OF("r\1\1,b"), NULL},
        {OF("t\1\1\0"), NULL},
        {OF("r,a\n"), NULL},
        /* JSON in its three layouts, and headers with braces */
        {OF("{\"a\": 1}\n{\"a\": 2}\n"), "JSON, one object a line"},
        {OF("{\"a\": [1]}\n{\"a\": [2]}\n"), "JSON, one object a line"},
        {OF("[\n {\"a\": 1}]"), "JSON, not"},
        {OF("{\"a\" : [1, 2], \"b\": [3, 4]}"), "JSON by column"},
        {OF("{\"a\": {\"0\": 1}}"), "JSON by column"},
        {OF("{\"a\""), "JSON, one object a line"},
        {OF("{\"a"), "JSON, one object a line"},
        {OF("{\"a\" 1"), "JSON, one object a line"},
        {OF("{\"a\":"), "JSON, one object a line"},
        {OF("{"), NULL},
        {OF("  "), NULL},
        {OF("{{x"), NULL},
        {OF("[\"a\",\"b\"]\n"), NULL},
        {OF("[a],[b]\n1,2\n"), NULL},
        {OF("{a},{b}\n1,2\n"), NULL},
        /* tags, but no header in angle brackets */
        {OF("<a>1</a>\n"), "XML or a piece of HTML"},
        {OF(" <error code='1'><text>no</text>"), "XML or a piece of HTML"},
        {OF("<DATE>,<OPEN>\n1,2\n"), NULL},
        {OF("<DATE>\t</OPEN>\n"), NULL},
        {OF("<a>1\n2\n"), NULL},
        {OF("<a>"), NULL},
        {OF("<a"), NULL},
        {OF("<abc"), NULL},
        {OF("<5,6\n1,2\n"), NULL},
        {OF("<html>"), "an HTML page"},
        {OF("\n<!DOCTYPE HTML>"), "an HTML page"},
        {OF("<?xml version='1.0'?>"), "an XML file"},
        {OF("@relation x\n"), "an ARFF file"},
        {OF("% of Weka\n\n% again\n@RELATION x\n"), "an ARFF file"},
        {OF("% a comment"), NULL},
        {OF("a\xE2\x80\xA8"
            "1\xE2\x80\xA8"),
         "U+2028"},
        {OF("a\xE2\x80\xA8\n1\n"), NULL},
        {OF("a\xE2\x80\xA8\r1\r"), NULL},
        {OF("a,b\n1,2\n"), NULL},
        {OF(""), NULL},
};

START_TEST(kinds_are_told_by_the_first_bytes)
{
	is_taken_for(files[_i].bytes, files[_i].n, files[_i].kind);
}
END_TEST

START_TEST(a_tar_archive_is_told_by_its_middle)
{
	char bytes[512] = "table.csv";
	is_taken_for(bytes, 257 + 5, NULL);
	is_taken_for(bytes, sizeof bytes, NULL);
	memcpy(bytes + 257, "ustar", 5);
	is_taken_for(bytes, 257 + 5, NULL); /* too short for one */
	is_taken_for(bytes, sizeof bytes, "a tar archive");
}
END_TEST

/* Nearly all odd bytes are NUL, and few of the others: else text in another script, or damage. */
START_TEST(wide_text_has_its_nuls_in_one_place)
{
	char bytes[400];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = i % 2 ? '\0' : 'a';
	is_taken_for(bytes, sizeof bytes, "UTF-16LE");
	for (size_t i = 8; i < 58; i += 2)
		bytes[i] = '\0';
	is_taken_for(bytes, sizeof bytes, "UTF-16LE");
	for (size_t i = 8; i < 108; i += 2)
		bytes[i] = '\0';
	is_taken_for(bytes, sizeof bytes, NULL);
}
END_TEST

static const struct {
	const struct flt_named_file *file;
	const char *bytes;
	size_t n;
	const char *want;
} ways[] = {
        {&plain, OF("BZh9"), "x: data packed with bzip2, not a CSV file: bzip2 -dc x | fltrain ... -"},
        {&packed, OF("BZh9"),
         "x: data packed with bzip2, packed with gzip, not a CSV file: zcat x | bzip2 -dc | fltrain ... -"},
        {&piped, OF("BZh9"), "standard input: data packed with bzip2, not a CSV file: ... | bzip2 -dc | fltrain ... -"},
        {&piped_and_packed, OF("BZh9"),
         "standard input: data packed with bzip2, packed with gzip, not a CSV file: ... | zcat | bzip2 -dc | fltrain "
         "... "
         "-"},
        {&packed, OF("\x1F\x8B\x08."), "x: gzip inside gzip, not a CSV file: zcat x | zcat | fltrain ... -"},
        {&plain, OF("Rar!\x1A\x07"), "x: a rar archive, not a CSV file: unrar p -inul x | fltrain ... -"},
        {&piped, OF("Rar!\x1A\x07"),
         "standard input: a rar archive, not a CSV file: write it to FILE, then unrar p -inul FILE | fltrain ... -"},
        {&packed, OF("Rar!\x1A\x07"),
         "x: a rar archive, packed with gzip, not a CSV file: write it to FILE with zcat, then unrar p -inul FILE | "
         "fltrain ... -"},
        {&plain, OF("%PDF-"),
         "x: a PDF document, not a CSV file: get the table as CSV from where the document comes from"},
        {&packed, OF("%PDF-"),
         "x: a PDF document, packed with gzip, not a CSV file: get the table as CSV from where the document comes "
         "from"},
        {&plain, OF("SQLite format 3"),
         "x: a SQLite database, not a CSV file: name the table in `sqlite3 -csv -header x 'select * from TABLE' | "
         "fltrain ... -`"},
        {&packed, OF("SQLite format 3"),
         "x: a SQLite database, packed with gzip, not a CSV file: name the table in `sqlite3 -csv -header FILE "
         "'select * from TABLE' | fltrain ... -`"},
        {&piped, OF("SQLite format 3"),
         "standard input: a SQLite database, not a CSV file: name the table in `sqlite3 -csv -header FILE 'select * "
         "from TABLE' | fltrain ... -`"},
};

START_TEST(the_remedy_fits_the_way_the_file_came)
{
	struct flt_error err;
	ck_assert_int_eq(flt_check_is_csv(ways[_i].file, (const unsigned char *)ways[_i].bytes, ways[_i].n, &err),
	                 FLT_ERR_DATA);
	ck_assert_str_eq(err.text, ways[_i].want);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("foreign");
	TCase *cases = tcase_create("foreign");
	tcase_add_loop_test(cases, kinds_are_told_by_the_first_bytes, 0, (int)N_OF(files));
	tcase_add_test(cases, a_tar_archive_is_told_by_its_middle);
	tcase_add_test(cases, wide_text_has_its_nuls_in_one_place);
	tcase_add_loop_test(cases, the_remedy_fits_the_way_the_file_came, 0, (int)N_OF(ways));
	suite_add_tcase(suite, cases);
	return suite;
}
