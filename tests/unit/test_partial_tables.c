/* table/partial_tables: the same table, to the bit, or the same error, at any number of threads and any size of blocks
 * as from one block, whose records are read in order. */
#include "random_csv.h"
#include "scratch.h"
#include "table_script.h"

#include "base/alloc.h"
#include "suite.h"

static struct script got, want;
static struct flt_error err;

static enum flt_status read_table(const char *path, const struct flt_table_options *options, struct script *script)
{
	struct flt_table *table;
	script_clear(script);
	enum flt_status status = flt_table_read(path, options, &table, &err);
	if (status == FLT_OK)
		script_add_table(script, table);
	else
		script_print(script, "%s\n", err.text);
	flt_table_free(table);
	return status;
}

static void same(const char *bytes, size_t block_size, unsigned n_threads)
{
	if (!script_same(&got, &want))
		ck_abort_msg("%u threads, blocks of %zu bytes:\n%s\nreads as\n%s\n--- but should as\n%s", n_threads,
		             block_size, bytes, got.text, want.text);
}

/* Fails unless the text reads the same in small blocks, on 1, 2 and 3 threads, as in one block. */
static enum flt_status reads_the_same_in_blocks(const char *bytes, struct flt_table_options options)
{
	static const size_t sizes[] = {1, 40, 300};
	scratch_write("x.csv", bytes, strlen(bytes));
	options.block_size = 1 << 19;
	enum flt_status status = read_table("x.csv", &options, &want);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		options.block_size = sizes[i];
		for (options.n_threads = 1; options.n_threads <= 3; options.n_threads++) {
			read_table("x.csv", &options, &got);
			same(bytes, sizes[i], options.n_threads);
		}
	}
	return status;
}

/* ---- random tables ---- */

START_TEST(random_tables)
{
	struct flt_random random;
	size_t n_tables = 250, n_failed = 0;
	flt_random_init(&random, 1, "parts", 0);
	for (size_t i = 0; i < n_tables; i++) {
		struct flt_table_options options = {.delimiter = ',',
		                                    .header = FLT_HEADER_YES,
		                                    .skip_bad_rows = flt_random_below(&random, 3) > 0,
		                                    .drop_missing_target = flt_random_below(&random, 3) > 0};
		if (flt_random_below(&random, 8) == 0)
			options.time = "c0";
		if (flt_random_below(&random, 8) == 0)
			options.id = "c0";
		n_failed += reads_the_same_in_blocks(random_table(&random), options) != FLT_OK;
	}
	ck_assert_uint_gt(n_failed, n_tables / 10);
	ck_assert_uint_lt(n_failed, n_tables / 2);
}
END_TEST

/* ---- what a partial table may not decide by itself ---- */

/* 30 numbers, a change, more of it. */
static const char *changing(const char *before, const char *change, const char *after)
{
	static char bytes[4000];
	size_t n = (size_t)sprintf(bytes, "x,y\n");
	for (int i = 0; i < 100; i++)
		n += (size_t)sprintf(bytes + n, "%s,%d\n", i < 30 ? before : i == 30 ? change : after, i % 4 == 0);
	return bytes;
}

START_TEST(times_that_begin_late)
{
	static const struct {
		const char *change, *after;
		enum flt_status status;
	} cases[] = {{"2024-01-31", "2024-02-01", FLT_OK},
	             {"5", "6", FLT_OK},
	             {"2024-01-31", "6", FLT_ERR_DATA},
	             {"5", "2024-02-01", FLT_ERR_DATA},
	             {"x", "", FLT_ERR_DATA}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char bytes[4000];
		size_t n = (size_t)sprintf(bytes, "t,x,y\n");
		for (int row = 0; row < 100; row++)
			n += (size_t)sprintf(bytes + n, "%s,%d,%d\n",
			                     row < 30    ? ""
			                     : row == 30 ? cases[i].change
			                                 : cases[i].after,
			                     row, row % 4 == 0);
		enum flt_status status = reads_the_same_in_blocks(
		        bytes, (struct flt_table_options){.delimiter = ',', .header = FLT_HEADER_YES, .time = "t"});
		ck_assert_msg(status == cases[i].status, "case %zu: %s", i, want.text);
	}
}
END_TEST

START_TEST(columns_that_change)
{
	static const struct {
		const char *before, *change, *after;
		enum flt_status status;
	} cases[] = {{"1", "x", "x", FLT_OK},       /* read again for its texts */
	             {"1", "x", "2", FLT_ERR_DATA}, /* a slip */
	             {"1", "1,5", "2", FLT_ERR_DATA}, {"", "x", "2", FLT_ERR_DATA},
	             {"", "x", "y", FLT_OK}, /* text after all */
	             {"", "2", "x", FLT_OK},          {"", "1e999", "2", FLT_ERR_DATA},
	             {"", "1e999", "x", FLT_OK},      {"NA", "", "", FLT_OK}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char bytes[4000];
		strcpy(bytes, changing(cases[i].before, cases[i].change, cases[i].after));
		for (char *at = bytes; *at; at++) /* the comma of 1,5 is none between columns */
			if (*at == ',' && at[1] != '5')
				*at = ';';
		enum flt_status status = reads_the_same_in_blocks(
		        bytes, (struct flt_table_options){.delimiter = ';', .header = FLT_HEADER_YES});
		ck_assert_msg(status == cases[i].status, "case %zu: %s", i, want.text);
	}
}
END_TEST

/* A column whose texts come again and again, of each length up to LONGEST, with equal beginnings and ends; one of as
 * many texts as rows, nearly; and missing cells among both. */
START_TEST(columns_of_few_texts_and_of_many)
{
	enum { LONGEST = 20, N_ROWS = 900 };
	static char bytes[N_ROWS * 80];
	static const size_t sizes[] = {300, 4000, 20000};
	struct flt_table_options options = {.delimiter = ',', .header = FLT_HEADER_YES, .block_size = 1 << 19};
	size_t n = (size_t)sprintf(bytes, "few,many,y\n");
	for (int row = 0; row < N_ROWS; row++) {
		char few[] = "abcdefghijklmnopqrst";
		few[row * 7 % 5 == 0 ? 0 : row * 7 % LONGEST] = 'A'; /* or none, in those that are cut before it */
		few[row % LONGEST] = row % 3 ? few[row % LONGEST] : '\0';
		n += (size_t)sprintf(bytes + n, "%s,%s%d,%d\n", row % 11 ? few : "NA", row % 13 ? "text " : "?",
		                     row * 7919 % (N_ROWS - 100), row % 4 == 0);
	}
	scratch_write("x.csv", bytes, n);
	ck_assert_int_eq(read_table("x.csv", &options, &want), FLT_OK);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (options.n_threads = 1; options.n_threads <= 3; options.n_threads++) {
			options.block_size = sizes[i];
			ck_assert_int_eq(read_table("x.csv", &options, &got), FLT_OK);
			same(bytes, sizes[i], options.n_threads);
		}
}
END_TEST

/* Lines and row numbers far behind the first block. */
START_TEST(places_are_those_of_the_file)
{
	static char bytes[3 << 20];
	size_t n = (size_t)sprintf(bytes, "x,z,y\n");
	int line = 2;
	for (; n < sizeof bytes - 100; line++)
		n += (size_t)sprintf(bytes + n, "%d,1.25,%d\n", line, line % 3 == 0);
	static const struct {
		const char *tail, *message;
	} cases[] = {
	        {"1,2\n",
	         "x.csv:%d: 2 fields, expected 3: complete the line, or leave such lines out with --bad-rows skip"},
	        {"1,\"2,3\n", "x.csv:%d: the quote that opens here never closes: close it, or double it if it is text"},
	        {"\"1\n2\"x,3,0\n", "x.csv:%d: the quote that opens here is not closed before line %d, where text "
	                            "follows a quote: close it, and double each quote inside"},
	        {"1,2,\n", "x.csv:%d: target \"y\" has no value here: fill it in, or leave such rows out with "
	                   "--missing-target drop"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sprintf(bytes + n, "%s1,2,0\n1,2,0\n", cases[i].tail);
		scratch_write("x.csv", bytes, strlen(bytes));
		char message[300];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		sprintf(message, cases[i].message, line, line + 1);
#pragma GCC diagnostic pop
		for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
			struct flt_table_options options = {
			        .target = "y", .header = FLT_HEADER_YES, .n_threads = n_threads};
			struct flt_table *table;
			ck_assert_int_eq(flt_table_read("x.csv", &options, &table, &err), FLT_ERR_DATA);
			ck_assert_str_eq(err.text, message);
			options.skip_bad_rows = true;
			if (i > 0)
				continue;
			ck_assert_int_eq(flt_table_read("x.csv", &options, &table, &err), FLT_OK);
			size_t last = flt_table_n_rows(table) - 1;
			ck_assert_uint_eq(last, (size_t)line - 1);
			ck_assert_uint_eq(flt_table_row_number(table, last), last + 2);
			ck_assert_uint_eq(flt_table_row_number(table, last - 2), last - 1);
			flt_table_free(table);
		}
	}
}
END_TEST

START_TEST(like_another)
{
	struct flt_table_options options = {.header = FLT_HEADER_YES, .block_size = 1 << 19};
	struct flt_table *model, *table;
	scratch_write("x.csv", changing("1", "2", "3"), strlen(changing("1", "2", "3")));
	ck_assert_int_eq(flt_table_read("x.csv", &options, &model, &err), FLT_OK);
	char bytes[4000];
	strcpy(bytes, changing("1", "2", "3"));
	strcpy(strrchr(bytes, ',') - 5, "3,7\n3,0\n");
	scratch_write("z.csv", bytes, strlen(bytes));
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
		options.n_threads = n_threads;
		options.block_size = 50;
		ck_assert_int_eq(flt_table_read_like(model, "x.csv", &options, &table, &err), FLT_OK);
		script_clear(&want);
		script_clear(&got);
		script_add_table(&want, model);
		script_add_table(&got, table);
		same("like", 50, n_threads);
		flt_table_free(table);
		ck_assert_int_eq(flt_table_read_like(model, "z.csv", &options, &table, &err), FLT_ERR_DATA);
		ck_assert_str_eq(err.text,
		                 "z.csv:100: target \"y\" holds \"7\", but its classes in x.csv are \"0\" and "
		                 "\"1\": correct it");
	}
	flt_table_free(model);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	char bytes[4000];
	strcpy(bytes, changing("1", "x", "y"));
	strcat(bytes, "z,0\nq,0\n\"r\"\"\",0\n");
	scratch_write("x.csv", bytes, strlen(bytes));
	for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
		struct flt_table_options options = {
		        .header = FLT_HEADER_YES, .n_threads = n_threads, .block_size = 120};
		ck_assert_int_eq(read_table("x.csv", &options, &want), FLT_OK);
		unsigned long k = 0, n_made;
		size_t n_failed = 0;
		do {
			flt_alloc_fail_at(++k);
			enum flt_status status = read_table("x.csv", &options, &got);
			n_made = flt_alloc_fail_at(0);
			n_failed += status != FLT_OK;
			ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
			if (status == FLT_OK)
				same(bytes, options.block_size, n_threads);
			else
				ck_assert_msg(strstr(got.text, "x.csv: out of memory: ") == got.text, "%lu: %s", k,
				              got.text);
		} while (n_made >= k);
		ck_assert_uint_gt(n_failed, 100);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("partial tables");
	TCase *cases = tcase_create("partial tables");
	tcase_set_timeout(cases, 240);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, random_tables);
	tcase_add_test(cases, columns_that_change);
	tcase_add_test(cases, columns_of_few_texts_and_of_many);
	tcase_add_test(cases, times_that_begin_late);
	tcase_add_test(cases, places_are_those_of_the_file);
	tcase_add_test(cases, like_another);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
