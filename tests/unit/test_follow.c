/* Files that are followed: a record comes when its line end does, however the bytes are cut; a broken one takes no
 * other along; and where nothing is broken the records are those that the file has otherwise. */
#include "csv/follow.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/text.h"
#include "csv/reader.h"
#include "suite.h"
#include "temporary.h"

static struct flt_csv_options followed = {.follows = true, .skip_digest = true, .header = FLT_HEADER_YES};
static const struct flt_csv_options whole = {.skip_digest = true, .header = FLT_HEADER_YES};

/* A pipe that a child fills, so many bytes at a time. */
static const char *open_pipe(const char *text, size_t n, size_t at_once, int *end)
{
	static char name[32];
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		close(ends[0]);
		for (size_t at = 0; at < n; at += at_once)
			if (write(ends[1], text + at, n - at < at_once ? n - at : at_once) < 0)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	*end = ends[0];
	snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
	return name;
}

static void put_record(struct flt_text_buffer *out, const struct flt_csv *csv, const struct flt_csv_record *record)
{
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++)
		ck_assert_int_eq(flt_text_buffer_print(out, NULL, "%s%s", i ? "|" : "", record->fields[i].text),
		                 FLT_OK);
	ck_assert_int_eq(flt_text_buffer_append(out, "\n", 1, NULL), FLT_OK);
}

/* Appends each record as a line of fields, and "!line: what is wrong" for a broken one. False at an allocation that
 * failed, or at the first broken record of a file that is not followed. */
static bool read_on(struct flt_csv *csv, bool follows, struct flt_text_buffer *out)
{
	struct flt_csv_record record;
	struct flt_error err;
	for (bool is_end = false;;) {
		enum flt_status status = flt_csv_next(csv, &record, &is_end, &err);
		if (status == FLT_OK && is_end)
			return true;
		if (status == FLT_OK)
			put_record(out, csv, &record);
		else if (status != FLT_ERR_DATA || !follows || !flt_csv_pass_record(csv))
			return false;
		else
			ck_assert_int_eq(flt_text_buffer_print(out, NULL, "!%.40s\n", strchr(err.text, ':') + 1),
			                 FLT_OK);
	}
}

static bool read_pipe(const char *text, size_t n, size_t at_once, bool follows, struct flt_text_buffer *out)
{
	struct flt_csv *csv;
	int end;
	out->length = 0;
	const char *path = open_pipe(text, n, at_once, &end);
	bool all = flt_csv_open(path, follows ? &followed : &whole, &csv, NULL) == FLT_OK;
	if (all && flt_csv_n_columns(csv) > 0)
		all = read_on(csv, follows, out);
	flt_csv_free(csv);
	close(end);
	wait(NULL);
	return all;
}

static const struct {
	const char *text, *records;
} cases[] = {
        {"x,y\n1,2\n3,4\n", "1|2\n3|4\n"},
        {"x,y\r\n1,2\r\n3,4", "1|2\n3|4\n"},
        {"x,y\r1,2\r\r3,4\r", "1|2\n3|4\n"},
        {"\xEF\xBB\xBFx;y\n1;2\n", "1|2\n"},
        {"x,y\n\n  \n1,\"a\nb\"\n3,\"say \"\"hi\"\"\"\n", "1|a\nb\n3|say \"hi\"\n"},
        {"x,y\n \"1\" , \"2\" \n3,4\n", "1|2\n3|4\n"},
        {"\"x\",\"y\n z\"\n1,2\n", "1|2\n"},
        {"x,y\n1\n3,4\nx,y\n5,6,7\n8,9\n",
         "!2: 1 field, expected 2: if the table beg\n3|4\n!5: 3 fields, expected 2: put the field w\n8|9\n"},
        {"x,y\n1,a\"b\n3,4\n\"5\"6,7\n8,9\n",
         "!2: a quote inside a field that does not \n3|4\n!4: text follows the quote that ends a fi\n8|9\n"},
        {"x,y\n(2 rows)\n3,4\n", "!2: 1 field, expected 2: if the table beg\n3|4\n"},
        {"x,y\n1,2\n3,\"4\n", "1|2\n!3: the quote that opens here never close\n"},
        {"x,y\n1,\"2\n3,4\n5,6\n", "!2: the quote that opens here never close\n3|4\n5|6\n"},
        {"x,y\r\n1,\"2\r\n3,4\r\n5,6", "!2: the quote that opens here never close\n3|4\n5|6\n"},
        {"x,y\r1,\"2\r\"3\r4,5\r",
         "!2: the quote that opens here is not clos\n!3: the quote that opens here never close\n4|5\n"},
        {"x,y\n1,\"2\n3\n4\n5\"\n6,7\n", "1|2\n3\n4\n5\n6|7\n"},
        {"x,y\r\n1,\"2\r\n3\r\n4\"\r\n6,7\r\n", "1|2\r\n3\r\n4\n6|7\n"},
        {"x,y\n1,2\"\n3,4\n5,6\"7\n",
         "!2: a quote inside a field that does not \n3|4\n!4: a quote inside a field that does not \n"},
        {"x,y\n\"1,\"2\n\"3\"\"\n4,5\n",
         "!2: text follows the quote that ends a fi\n!3: the quote that opens here never close\n4|5\n"},
        {"x y\n1   2\n 3\t4\n\"a b\"  5\n", "1|2\n3|4\na b|5\n"},
        {"x,y\n", ""},
        {"x,y", ""},
        {"", ""},
};

START_TEST(records_are_cut_at_their_line_ends)
{
	struct flt_text_buffer out = {0};
	followed.delimiter = strncmp(cases[_i].text, "x y", 3) == 0 ? ' ' : 0;
	for (size_t at_once = 1; at_once < 100; at_once *= 3) {
		ck_assert_int_eq(flt_text_buffer_append(&out, "", 0, NULL), FLT_OK);
		ck_assert(read_pipe(cases[_i].text, strlen(cases[_i].text), at_once, true, &out));
		ck_assert_str_eq(out.length ? out.bytes : "", cases[_i].records);
	}
	flt_text_buffer_release(&out);
}
END_TEST

/* Texts of the characters that matter. */
static size_t draw(char text[64], uint64_t seed)
{
	static const char alphabet[] = "a1,,,\"\"\n\n\r ";
	struct flt_random random;
	flt_random_init(&random, seed, "text", 0);
	size_t n = 4 + flt_random_below(&random, 40);
	memcpy(text, "x,y\n", 4);
	for (size_t i = 4; i < n; i++)
		text[i] = alphabet[flt_random_below(&random, sizeof alphabet - 1)];
	return n;
}

START_TEST(the_way_of_the_bytes_and_the_reader_change_no_record)
{
	struct flt_text_buffer slow = {0}, fast = {0}, other = {0};
	size_t n_compared = 0;
	for (uint64_t seed = 0; seed < 500; seed++) {
		char text[64];
		size_t n = draw(text, seed);
		ck_assert(read_pipe(text, n, 1, true, &slow));
		ck_assert(read_pipe(text, n, n, true, &fast));
		ck_assert_uint_eq(slow.length, fast.length);
		ck_assert(slow.length == 0 || memcmp(slow.bytes, fast.bytes, slow.length) == 0);
		if (!read_pipe(text, n, n, false, &other) || memchr(slow.length ? slow.bytes : "", '!', slow.length))
			continue;
		ck_assert_uint_eq(slow.length, other.length);
		ck_assert(slow.length == 0 || memcmp(slow.bytes, other.bytes, slow.length) == 0);
		n_compared += slow.length > 0;
	}
	ck_assert_uint_gt(n_compared, 20);
	flt_text_buffer_release(&slow);
	flt_text_buffer_release(&fast);
	flt_text_buffer_release(&other);
}
END_TEST

/* Lines of a quoted field, closed behind the last if it is to be; then two rows. */
static void put_lines(struct flt_text_buffer *text, size_t n, const char *line_end, bool closes)
{
	text->length = 0;
	ck_assert_int_eq(flt_text_buffer_print(text, NULL, "x,y%s1,\"", line_end), FLT_OK);
	for (size_t i = 1; i < n; i++)
		ck_assert_int_eq(flt_text_buffer_print(text, NULL, "a,b%s", line_end), FLT_OK);
	ck_assert_int_eq(
	        flt_text_buffer_print(text, NULL, "%s%s3,4%s5,6%s", closes ? "\"" : "c", line_end, line_end, line_end),
	        FLT_OK);
}

/* The rows after it are answered when a record has as many lines as it may have, and not at the end only. */
START_TEST(an_open_quote_takes_no_rows_along)
{
	struct flt_text_buffer text = {0}, out = {0};
	const char *line_end = _i ? "\r\n" : "\n";
	followed.delimiter = 0;
	for (size_t at_once = 1; at_once < 1000; at_once *= 30) {
		put_lines(&text, FLT_FOLLOW_LINES, line_end, true);
		ck_assert(read_pipe(text.bytes, text.length, at_once, true, &out));
		ck_assert_int_eq(strncmp(out.bytes, "1|a,b", 5), 0);
		ck_assert_ptr_nonnull(strstr(out.bytes, "\n3|4\n5|6\n"));
		put_lines(&text, FLT_FOLLOW_LINES + 1, line_end, true);
		ck_assert(read_pipe(text.bytes, text.length, at_once, true, &out));
		ck_assert_int_eq(strncmp(out.bytes, "!2: the quote that opens here is not clos\na|b\n", 46), 0);
		ck_assert_ptr_nonnull(strstr(out.bytes, "\na|b\na|b\n!102: the quote that opens here never"));
		ck_assert_ptr_nonnull(strstr(out.bytes, "\n3|4\n5|6\n"));
		put_lines(&text, 3, line_end, false);
		ck_assert(read_pipe(text.bytes, text.length, at_once, true, &out));
		ck_assert_str_eq(out.bytes, "!2: the quote that opens here never close\na|b\n"
		                            "!4: 1 field, expected 2: complete the lin\n3|4\n5|6\n");
	}
	flt_text_buffer_release(&text);
	flt_text_buffer_release(&out);
}
END_TEST

/* It is answered when as much of it as a record may have was read, and not kept in memory to its end. */
START_TEST(a_record_without_end_is_an_error)
{
	struct flt_csv *csv;
	struct flt_csv_record record;
	struct flt_error err;
	bool is_end;
	int end;
	size_t n = (1 << 24) + 200000;
	char *text = flt_alloc(n, 1, NULL);
	ck_assert_ptr_nonnull(text);
	memset(text, 'a', n);
	memcpy(text, "x,y\n1,", 6);
	ck_assert_int_eq(flt_csv_open(open_pipe(text, n, n, &end), &followed, &csv, NULL), FLT_OK);
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, ":2: a record of more than 16 MB"));
	flt_csv_free(csv);
	close(end);
	wait(NULL);
	flt_free(text);
}
END_TEST

/* A gzip file with this text, and then bytes that are no gzip data. */
static void write_packed(char path[TEMPORARY_SIZE], const char *text)
{
	fclose(temporary_file(path));
	gzFile packed = gzopen(path, "wb");
	ck_assert_int_gt(gzputs(packed, text), 0);
	gzclose(packed);
	FILE *file = fopen(path, "ab");
	fputs("junk", file);
	fclose(file);
}

static const struct {
	const char *text, *records;
} failing[] = {
        {"x,y\n1,2\n3,4\n", "1|2\n3|4\n"},
        {"x,y\n1,2\n3,", "1|2\n"},
        {"x,y\r1,2\r", "1|2\n"},
};

/* The records before it come, and it is not taken for a broken one. */
START_TEST(a_file_that_fails_is_not_passed)
{
	struct flt_csv *csv;
	struct flt_csv_record record;
	struct flt_error err;
	struct flt_text_buffer out = {0};
	char path[TEMPORARY_SIZE];
	bool is_end;
	write_packed(path, failing[_i].text);
	followed.delimiter = 0;
	ck_assert_int_eq(flt_csv_open(path, &followed, &csv, &err), FLT_OK);
	ck_assert(!read_on(csv, true, &out));
	ck_assert_str_eq(out.bytes, failing[_i].records);
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "bytes are gzip data, and those that follow are not"));
	ck_assert(!flt_csv_pass_record(csv));
	flt_csv_free(csv);
	flt_text_buffer_release(&out);
	unlink(path);
}
END_TEST

/* A record that is longer than the first memory for it, too. */
START_TEST(each_allocation_may_fail)
{
	static char text[70000];
	static const char records[] = "\n1,2\n3,\"4\n5\"\n";
	struct flt_text_buffer out = {0};
	memset(text, 'a', sizeof text);
	text[1] = ',';
	memcpy(text + sizeof text - sizeof records, records, sizeof records);
	followed.delimiter = 0;
	bool all = false;
	for (unsigned long k = 1; !all; k++) {
		ck_assert_int_eq(flt_text_buffer_reserve(&out, 1000, NULL), FLT_OK);
		flt_alloc_fail_at(k);
		all = read_pipe(text, sizeof text - 1, 997, true, &out);
		flt_alloc_fail_at(0);
		ck_assert_uint_lt(k, 1000);
	}
	ck_assert_int_eq(strncmp(out.bytes, "1|2\n3|4\n5\n", out.length), 0);
	flt_text_buffer_release(&out);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("follow");
	TCase *cases_of = tcase_create("follow");
	tcase_set_timeout(cases_of, 240); /* starting processes takes long under the sanitizers */
	tcase_add_loop_test(cases_of, records_are_cut_at_their_line_ends, 0, sizeof cases / sizeof *cases);
	tcase_add_test(cases_of, the_way_of_the_bytes_and_the_reader_change_no_record);
	tcase_add_loop_test(cases_of, an_open_quote_takes_no_rows_along, 0, 2);
	tcase_add_test(cases_of, a_record_without_end_is_an_error);
	tcase_add_loop_test(cases_of, a_file_that_fails_is_not_passed, 0, sizeof failing / sizeof *failing);
	tcase_add_test(cases_of, each_allocation_may_fail);
	suite_add_tcase(suite, cases_of);
	return suite;
}
