/* csv/field: fields that are written read back as they were; those that need no quotes have none. */
#include "scratch.h"

#include "base/alloc.h"
#include "base/random.h"
#include "csv/field.h"
#include "csv/raw_field.h"
#include "csv/reader.h"
#include "suite.h"

static const char *written(const char *text, char delimiter)
{
	static char copy[200];
	struct flt_text_buffer buffer = {0};
	ck_assert_int_eq(flt_append_field(&buffer, text, strlen(text), delimiter, NULL), FLT_OK);
	ck_assert_uint_lt(buffer.length, sizeof copy);
	memcpy(copy, buffer.length ? buffer.bytes : "", buffer.length);
	copy[buffer.length] = '\0';
	flt_text_buffer_release(&buffer);
	return copy;
}

START_TEST(quotes_where_a_reader_needs_them)
{
	static const struct {
		const char *text, *field;
	} cases[] = {{"", ""},
	             {"plain text", "plain text"},
	             {"-1.5", "-1.5"},
	             {" before", "\" before\""},
	             {"after ", "\"after \""},
	             {"\tbefore", "\"\tbefore\""},
	             {"after\t", "\"after\t\""},
	             {"a,b", "\"a,b\""},
	             {"a;b", "\"a;b\""},
	             {"a|b", "\"a|b\""},
	             {"a\tb", "\"a\tb\""},
	             {"two\nlines", "\"two\nlines\""},
	             {"two\rlines", "\"two\rlines\""},
	             {"\"", "\"\"\"\""},
	             {"say \"so\"", "\"say \"\"so\"\"\""}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(written(cases[i].text, ','), cases[i].field);
	ck_assert_str_eq(written("a:b", ','), "a:b");
	ck_assert_str_eq(written("", ' '), "\"\"");       /* nothing between blanks is no field */
	ck_assert_str_eq(written("a:b", ':'), "\"a:b\""); /* a delimiter that nobody would guess */
}
END_TEST

/* To a file, read back by our own reader. */
START_TEST(reads_back)
{
	static const char alphabet[] = "ab ,;|\t\"\r\n0";
	struct flt_random random;
	flt_random_init(&random, 1, "field", 0);
	for (int i = 0; i < 500; i++) {
		char text[12];
		size_t n = flt_random_below(&random, sizeof text);
		for (size_t k = 0; k < n; k++)
			text[k] = alphabet[flt_random_below(&random, sizeof alphabet - 1)];
		text[n] = '\0';
		FILE *out = fopen("x.csv", "w");
		ck_assert_ptr_nonnull(out);
		fputs("a,b\n", out);
		flt_write_field(out, text);
		fputc(',', out);
		flt_write_number(out, 0.1);
		fputc('\n', out);
		ck_assert_int_eq(fclose(out), 0);
		struct flt_csv_options options = {.delimiter = ',', .header = FLT_HEADER_YES};
		struct flt_csv_record record;
		struct flt_csv *csv;
		bool is_end;
		ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, NULL), FLT_OK);
		ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, NULL), FLT_OK);
		ck_assert(!is_end);
		ck_assert_str_eq(record.fields[0].text, text);
		ck_assert_str_eq(record.fields[1].text, "0.1");
		flt_csv_free(csv);
	}
}
END_TEST

/* Blanks that the reader drops are still there in the record. */
START_TEST(an_id_keeps_its_blanks)
{
	static const struct {
		const char *line;
		char delimiter;
		size_t index;
		const char *want;
	} cases[] = {{" a ,b ", ',', 0, " a "},       {" a ,b ", ',', 1, "b "},
	             {"x,\" a \" ,b", ',', 1, " a "}, /* blanks outside quotes are no part of it */
	             {"\"p,q\", a,b", ',', 1, " a"},  {"\"p\"\",q\",\ta,b", ',', 1, "\ta"},
	             {"a\t b \tc", '\t', 1, " b "},   {"a,   ,b", ',', 1, ""},
	             {"a,b,c d", ',', 1, "b"},        {"a,b,c", ',', 1, "b"},
	             {"a,\tb", ',', 1, "\tb"},        {"a\tb", '\t', 1, "b"},
	             {"\"a\" ,\"\"", ',', 0, "a"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_csv_options options = {.delimiter = cases[i].delimiter, .header = FLT_HEADER_NO};
		struct flt_csv *csv;
		struct flt_csv_record record;
		bool is_end;
		scratch_write("x.csv", cases[i].line, strlen(cases[i].line));
		ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, NULL), FLT_OK);
		ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, NULL), FLT_OK);
		struct flt_csv_field field = flt_csv_field_with_blanks(&record, cases[i].index, cases[i].delimiter);
		ck_assert_msg(field.length == strlen(cases[i].want) &&
		                      memcmp(field.text, cases[i].want, field.length) == 0,
		              "%zu: %.*s", i, (int)field.length, field.text);
		flt_csv_free(csv);
	}
}
END_TEST

/* Memory may run out before any piece of a field in quotes. */
START_TEST(each_allocation_may_fail)
{
	size_t n_failed = 0, n_written;
	for (size_t before = 1; before < 300; before++) {
		struct flt_text_buffer buffer = {0};
		char text[300] = "";
		memset(text, 'x', before);
		ck_assert_int_eq(flt_append_field(&buffer, text, before, ',', NULL), FLT_OK);
		flt_alloc_fail_at(1);
		enum flt_status status = flt_append_field(&buffer, "a\"b", 3, ',', NULL);
		flt_alloc_fail_at(0);
		n_failed += status != FLT_OK;
		n_written = status == FLT_OK ? strlen("\"a\"\"b\"") : buffer.length - before;
		ck_assert_uint_eq(buffer.length, before + n_written);
		ck_assert_mem_eq(buffer.bytes + before, "\"a\"\"b\"", n_written);
		flt_text_buffer_release(&buffer);
	}
	ck_assert_uint_gt(n_failed, 6);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("field");
	TCase *cases = tcase_create("field");
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, quotes_where_a_reader_needs_them);
	tcase_add_test(cases, reads_back);
	tcase_add_test(cases, an_id_keeps_its_blanks);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
