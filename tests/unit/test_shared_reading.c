/* Files whose parsing is divided among ranks, which are threads here: each gets the table, or the error, of one
 * process, to the bit. */
#include "csv/blocks.h"
#include "random_csv.h"
#include "rank_threads.h"
#include "scratch.h"
#include "table_script.h"

/* What all ranks read; set before they begin. Rank `odd_rank` reads odd_path. */
static struct flt_table_options options;
static const char *odd_path;
static size_t odd_rank;
static struct script want, *got; /* got (MOST_RANKS) */
static enum flt_status got_status[MOST_RANKS];

static enum flt_status read_one(const char *path, const struct flt_table_options *how, struct script *script,
                                struct flt_error *err)
{
	struct flt_table *table;
	script_clear(script);
	enum flt_status status = flt_table_read(path, how, &table, err);
	if (status == FLT_OK)
		script_add_table(script, table);
	else
		script_print(script, "%s\n", err->text);
	flt_table_free(table);
	return status;
}

static void read_as_rank(struct flt_ranks *ranks, size_t number)
{
	struct flt_table_options how = options;
	struct flt_error err = {0};
	how.ranks = ranks;
	enum flt_status status =
	        read_one(odd_path && number == odd_rank ? odd_path : "x.csv", &how, &got[number], &err);
	got_status[number] = flt_ranks_end(ranks, status, &err);
	if (got_status[number] != FLT_OK) {
		script_clear(&got[number]);
		script_print(&got[number], "%s\n", err.text);
	}
}

/* Fails unless each of n ranks reads the text as one process does. */
static enum flt_status reads_the_same(const char *bytes, size_t n)
{
	struct flt_error err = {0};
	scratch_write("x.csv", bytes, strlen(bytes));
	enum flt_status status = read_one("x.csv", &options, &want, &err);
	run_all(n, read_as_rank);
	for (size_t i = 0; i < n; i++)
		if (got_status[i] != status || !script_same(&got[i], &want))
			ck_abort_msg("rank %zu of %zu, blocks of %zu bytes:\n%.900s\nreads as\n%.900s\n--- but should "
			             "as\n%.900s",
			             i, n, options.block_size, bytes, got[i].text, want.text);
	return status;
}

static void enter(void)
{
	scratch_enter();
	options = (struct flt_table_options){.n_threads = 1};
	odd_path = NULL;
	spoil = NULL;
	got = malloc(MOST_RANKS * sizeof *got);
	ck_assert_ptr_nonnull(got);
}

static void leave(void)
{
	free(got);
	scratch_leave();
}

/* ---- the same table ---- */

/* As in test_partial_tables.c; a marker may be met by one rank alone. */
START_TEST(random_tables_are_those_of_one_process)
{
	static const size_t sizes[] = {1, 40, 300};
	struct flt_random random;
	size_t n_failed = 0, n_tables = IS_WATCHED ? 6 : 20;
	flt_random_init(&random, 1, "ranks", (uint64_t)_i);
	for (size_t i = 0; i < n_tables; i++) {
		options = (struct flt_table_options){.delimiter = ',',
		                                     .header = FLT_HEADER_YES,
		                                     .block_size = sizes[i % 3],
		                                     .n_threads = 1 + (unsigned)i % 2,
		                                     .na = "l7,29,never",
		                                     .skip_bad_rows = flt_random_below(&random, 3) > 0,
		                                     .drop_missing_target = flt_random_below(&random, 3) > 0};
		if (flt_random_below(&random, 8) == 0)
			options.time = "c0";
		else if (flt_random_below(&random, 8) == 0)
			options.date = "c0";
		if (flt_random_below(&random, 8) == 0)
			options.id = "y";
		n_failed += reads_the_same(random_table(&random), (size_t)_i) != FLT_OK;
	}
	ck_assert_uint_lt(n_failed, n_tables);
}
END_TEST

/* Months first, which is known only in the end, so that the file is read again; a column of numbers whose first text
 * comes late; levels that some ranks meet first; quotes with line ends; a row without a target, and one that is bad. */
static const char *long_text(bool is_whole)
{
	static char bytes[1 << 16];
	size_t n = (size_t)sprintf(bytes, "when,code,kind,note,y\n");
	for (int i = 0; i < 800; i++) {
		n += (size_t)sprintf(bytes + n, "%d/%d/2023,%s%d,k%d,", 1 + i % 12, 1 + (i < 700 ? i % 12 : i % 28),
		                     i > 500 ? "B" : "", i, i / 37 % 5 + i % 3);
		n += (size_t)sprintf(bytes + n, i % 7 == 0 ? "\"a\n%d,\"\"b\"\"\r\n\",%s\n" : "%d,%s\n", i,
		                     i % 90 == 45 ? ""
		                     : i % 4 == 0 ? "1"
		                                  : "0");
		if (is_whole && i % 300 == 299)
			n += (size_t)sprintf(bytes + n, "bad,row\n");
	}
	return bytes;
}

START_TEST(what_only_the_whole_file_tells_is_found_together)
{
	options.date = "when";
	options.skip_bad_rows = options.drop_missing_target = true;
	for (options.block_size = 30; options.block_size <= 3000; options.block_size *= 10)
		ck_assert_int_eq(reads_the_same(long_text(true), (size_t)_i), FLT_OK);
	ck_assert_ptr_nonnull(strstr(want.text, "when (month)"));
	ck_assert_ptr_nonnull(strstr(want.text, "bad 2 (lines "));
	options.skip_bad_rows = false;
	options.block_size = 300;
	ck_assert_int_eq(reads_the_same(long_text(true), (size_t)_i), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(want.text, ": 2 fields, expected 5: "));
	options.drop_missing_target = false;
	ck_assert_int_eq(reads_the_same(long_text(false), (size_t)_i), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(want.text, ", which has no value here: "));
}
END_TEST

/* Blocks without bad rows, then with a few, then with more than a block notes. */
START_TEST(bad_rows_are_told_with_their_lines)
{
	static char bytes[1 << 15];
	size_t n = (size_t)sprintf(bytes, "a,y\n");
	for (int i = 0; i < 3000; i++)
		n += (size_t)sprintf(bytes + n, i > 2000 || (i > 500 && i % 100 == 0) ? "%d\n" : "%d,%d\n", i, i % 2);
	options.skip_bad_rows = true;
	options.block_size = 1000;
	ck_assert_int_eq(reads_the_same(bytes, (size_t)_i), FLT_OK);
	ck_assert_ptr_nonnull(strstr(want.text, "bad 1014 (lines 602, 702, 802, 902, "));
}
END_TEST

/* A test file beside its table, both in their second pass or not. */
static void read_like_as_rank(struct flt_ranks *ranks, size_t number)
{
	struct flt_table_options how = options;
	struct flt_table *model, *table;
	struct flt_error err = {0};
	how.ranks = ranks;
	ck_assert_msg(flt_table_read("x.csv", &how, &model, &err) == FLT_OK, "%s", err.text);
	ck_assert_msg(flt_table_read_like(model, "x.csv", &how, &table, &err) == FLT_OK, "%s", err.text);
	script_clear(&got[number]);
	script_add_table(&got[number], table);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_table_free(table);
	flt_table_free(model);
}

START_TEST(a_test_file_is_shared_too)
{
	options.block_size = 200;
	options.drop_missing_target = true;
	ck_assert_int_eq(reads_the_same(long_text(false), 3), FLT_OK);
	run_all(3, read_like_as_rank);
	for (size_t i = 1; i < 3; i++)
		ck_assert(script_same(&got[i], &got[0]));
	run_all(1, read_like_as_rank);
	ck_assert(script_same(&got[0], &got[1]));
}
END_TEST

/* ---- ranks that differ ---- */

/* Where rank 1 of 3 reads `path`, all end with this sentence. */
static void all_end(const char *path, enum flt_status status, const char *sentence)
{
	odd_path = path;
	odd_rank = 1;
	run_all(3, read_as_rank);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(got_status[i], status);
		ck_assert_msg(strstr(got[i].text, sentence), "rank %zu: %s", i, got[i].text);
	}
}

/* A text that is far longer than what opening a file reads of it. */
static size_t make_longer(char *bytes, size_t size)
{
	const char *once = long_text(false), *rows = strchr(once, '\n') + 1;
	size_t n = (size_t)sprintf(bytes, "%s", once), n_rows = strlen(rows);
	for (; n + n_rows < size; n += n_rows)
		memcpy(bytes + n, rows, n_rows + 1);
	return n;
}

/* One byte in a number, here or there; rows less, so that whole batches are missing. */
START_TEST(files_that_differ_end_all_ranks)
{
	static const char sentence[] = "rank 1 has read other data; give all ranks the same files\n";
	static char bytes[1 << 18];
	size_t n = make_longer(bytes, sizeof bytes);
	ck_assert_uint_gt(n, 3 * FLT_BEGINNING_SIZE);
	options.drop_missing_target = true;
	scratch_write("x.csv", bytes, n);
	for (options.block_size = 500; options.block_size <= 50000; options.block_size *= 10) {
		for (size_t at = 200; at < n; at += n / 3) {
			char *digit = strpbrk(bytes + at, "34");
			*digit ^= 7; /* 4 or 3 */
			scratch_write("other.csv", bytes, n);
			*digit ^= 7;
			all_end("other.csv", FLT_ERR_DATA, sentence);
		}
		scratch_write("other.csv", bytes, n - 30);
		all_end("other.csv", FLT_ERR_DATA, sentence);
		const char *middle = strstr(bytes + n / 2, "\n5/");
		scratch_write("other.csv", bytes, (size_t)(middle + 1 - bytes));
		all_end("other.csv", FLT_ERR_DATA, sentence);
	}
}
END_TEST

START_TEST(a_file_that_one_rank_cannot_read_ends_all)
{
	options.drop_missing_target = true;
	scratch_write("x.csv", long_text(false), strlen(long_text(false)));
	all_end("none.csv", FLT_ERR_DATA, "): none.csv: No such file or directory\n");
}
END_TEST

/* ---- bytes that are no rows ---- */

static size_t spoilt_byte, n_seen;

static void spoil_byte(size_t rank, void *bytes, size_t n_bytes)
{
	enum { HEADS = 150 }; /* all that is shorter is no parcel of rows */
	if (rank != 1 || n_bytes < HEADS)
		return;
	if (spoilt_byte >= n_seen && spoilt_byte < n_seen + n_bytes)
		((uint8_t *)bytes)[spoilt_byte - n_seen] ^= 0x81;
	n_seen += n_bytes;
}

/* A byte that arrives otherwise, every third or so in turn: it may change a cell, or be noticed; nothing is touched
 * that is not there, and no rank waits for another. */
START_TEST(no_byte_of_another_rank_is_trusted)
{
	static char bytes[2000];
	size_t n_noticed = 0, n_all;
	size_t n = (size_t)sprintf(bytes, "t,x,k,y\n");
	for (int i = 0; i < 24; i++)
		n += (size_t)sprintf(bytes + n, "2024-01-%02d,%s,k%d,%d\n", i + 1, i == 20 ? "odd" : "1.5", i % 3,
		                     i % 2);
	scratch_write("x.csv", bytes, n);
	options = (struct flt_table_options){
	        .time = "t", .categorical = "k", .block_size = 60, .n_threads = 1, .header = FLT_HEADER_YES};
	spoil = spoil_byte;
	for (spoilt_byte = 0, n_all = 1; spoilt_byte < n_all; spoilt_byte += 1 + spoilt_byte % 5) {
		n_seen = 0;
		run_all(2, read_as_rank);
		n_all = n_seen > n_all ? n_seen : n_all;
		n_noticed += strstr(got[0].text, " has sent no rows of this table; ") != NULL;
	}
	ck_assert_uint_gt(n_all, 2000);
	ck_assert_uint_gt(n_noticed, 100);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("shared reading");
	TCase *tests = tcase_create("shared reading");
	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, enter, leave);
	tcase_add_loop_test(tests, random_tables_are_those_of_one_process, 1, 17);
	tcase_add_loop_test(tests, what_only_the_whole_file_tells_is_found_together, 1, 6);
	tcase_add_loop_test(tests, bad_rows_are_told_with_their_lines, 2, 4);
	tcase_add_test(tests, a_test_file_is_shared_too);
	tcase_add_test(tests, files_that_differ_end_all_ranks);
	tcase_add_test(tests, a_file_that_one_rank_cannot_read_ends_all);
	if (!WATCHES_THREADS)
		tcase_add_test(tests, no_byte_of_another_rank_is_trusted);
	suite_add_tcase(suite, tests);
	return suite;
}
