/* table/: several files that are read as one table. */
#include <math.h>
#include <stdlib.h>

#include "live_memory.h"
#include "scratch.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/text.h"
#include "table/table.h"
#include "cell_numbers.h"
#include "table/rows.h"
#include "table/contents.h"
#include "suite.h"

enum { N_FILES = 3, ROWS_OF_FILE = 120, N_ROWS = N_FILES * ROWS_OF_FILE };

static const char *const paths[N_FILES] = {"a.csv", "b.csv", "c.csv"};

static struct flt_error err;

/* "code" is numbers in the first file, and texts with leading zeros later, so that it must be read again. */
static void print_cells(struct flt_text_buffer *text, const char *order, int row)
{
	for (const char *column = order; *column; column++) {
		const char *comma = column == order ? "" : ",";
		const char *kind = row % 5 == 2 ? "" : row % 3 ? "web" : "shop";
		switch (*column) {
		case 'n':
			flt_text_buffer_print(text, NULL, row % 7 ? "%s%d.25" : "%s", comma, row);
			break;
		case 'c':
			flt_text_buffer_print(text, NULL, row < ROWS_OF_FILE ? "%s%d" : "%sbin %d", comma, row % 9);
			break;
		case 'k':
			flt_text_buffer_print(text, NULL, "%s%s", comma, kind);
			break;
		default:
			flt_text_buffer_print(text, NULL, "%s%d", comma, row % 4 == 0);
		}
	}
	flt_text_buffer_append(text, "\n", 1, NULL);
}

static void print_file(struct flt_text_buffer *text, const char *order, int first, int n)
{
	for (const char *column = order; *column; column++)
		flt_text_buffer_print(text, NULL, "%s%s", column == order ? "" : ",",
		                      *column == 'n'   ? "number"
		                      : *column == 'c' ? "code"
		                      : *column == 'k' ? "kind"
		                                       : "y");
	flt_text_buffer_append(text, "\n", 1, NULL);
	for (int row = first; row < first + n; row++)
		print_cells(text, order, row);
}

static void write_text(const char *path, const struct flt_text_buffer *text)
{
	scratch_write(path, text->bytes, text->length);
}

/* Writes the three files, each in another order of columns, and all.csv with their rows. Returns the bytes of the
 * three. */
static struct flt_text_buffer write_files(void)
{
	static const char *const orders[N_FILES] = {"ncky", "yknc", "kycn"};
	struct flt_text_buffer together = {0}, whole = {0};
	print_file(&whole, orders[0], 0, N_ROWS);
	write_text("all.csv", &whole);
	for (int i = 0; i < N_FILES; i++) {
		struct flt_text_buffer one = {0};
		print_file(&one, orders[i], i * ROWS_OF_FILE, ROWS_OF_FILE);
		write_text(paths[i], &one);
		flt_text_buffer_append(&together, one.bytes, one.length, NULL);
		flt_text_buffer_release(&one);
	}
	flt_text_buffer_release(&whole);
	return together;
}

static const char *text_at(const struct flt_table *table, size_t column, size_t row)
{
	int32_t code = flt_table_code(table, column, row);
	return code < 0 ? "" : flt_table_column(table, column).levels[code];
}

static void check_same_columns(const struct flt_table *a, const struct flt_table *b)
{
	ck_assert_uint_eq(flt_table_n_columns(a), flt_table_n_columns(b));
	for (size_t i = 0; i < flt_table_n_columns(a); i++) {
		struct flt_column x = flt_table_column(a, i), y = flt_table_column(b, i);
		ck_assert_str_eq(x.name, y.name);
		ck_assert_int_eq(x.type, y.type);
		ck_assert_int_eq(x.role, y.role);
		ck_assert_uint_eq(x.n_missing, y.n_missing);
		for (size_t row = 0; row < flt_table_n_rows(a); row++)
			if (x.type == FLT_CATEGORICAL)
				ck_assert_str_eq(text_at(a, i, row), text_at(b, i, row));
			else
				ck_assert(flt_number_at(&x.numbers, row) == flt_number_at(&y.numbers, row) ||
				          (isnan(flt_number_at(&x.numbers, row)) &&
				           isnan(flt_number_at(&y.numbers, row))));
	}
}

START_TEST(several_files_read_as_one)
{
	struct flt_text_buffer bytes = write_files();
	char sha256[FLT_SHA256_TEXT];
	flt_digest_of(bytes.bytes, bytes.length, sha256);
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
		struct flt_table_options options = {.n_threads = n_threads, .block_size = n_threads > 1 ? 64 : 0};
		struct flt_table *one, *all;
		ck_assert_msg(flt_table_read("all.csv", &options, &all, &err) == FLT_OK, "%s", err.text);
		ck_assert_msg(flt_table_read_files(paths, N_FILES, &options, &one, &err) == FLT_OK, "%s", err.text);
		ck_assert_uint_eq(flt_table_n_rows(one), N_ROWS);
		ck_assert_int_eq(flt_table_column(one, 1).type, FLT_CATEGORICAL);
		check_same_columns(one, all);
		for (size_t row = 0; row < N_ROWS; row++)
			ck_assert_uint_eq(flt_table_row_number(one, row), row + 1);
		ck_assert_str_eq(flt_table_sha256(one), sha256);
		ck_assert_str_eq(flt_table_path(one), "a.csv and 2 more files");
		ck_assert_uint_eq(flt_table_n_files(one), N_FILES);
		ck_assert_str_eq(flt_table_file(one, 2), "c.csv");
		ck_assert_str_eq(flt_table_path(all), "all.csv");
		ck_assert_uint_eq(flt_table_n_files(all), 1);
		flt_table_free(one);
		flt_table_free(all);
	}
	flt_text_buffer_release(&bytes);
}
END_TEST

static void write_small(const char *a, const char *b)
{
	scratch_write("a.csv", a, strlen(a));
	scratch_write("b.csv", b, strlen(b));
}

/* Skipped and dropped records count in the numbers of later files too. */
START_TEST(row_numbers_go_on)
{
	struct flt_table_options options = {.skip_bad_rows = true, .drop_missing_target = true};
	struct flt_table *table;
	write_small("x,y\n1,0\n2,0,3\n3,1\n4,\n", "y,x\n0,5\n0\n,7\n0,8\n");
	ck_assert_msg(flt_table_read_files(paths, 2, &options, &table, &err) == FLT_OK, "%s", err.text);
	static const size_t numbers[] = {1, 3, 5, 8};
	static const double values[] = {1, 3, 5, 8};
	ck_assert_uint_eq(flt_table_n_rows(table), 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(flt_table_row_number(table, i), numbers[i]);
		ck_assert_double_eq(number_in(table, 0, i), values[i]);
	}
	struct flt_table_notes notes = flt_table_notes(table);
	ck_assert_uint_eq(notes.n_bad_rows, 2);
	ck_assert_str_eq(notes.bad_rows, "a.csv lines 3; b.csv lines 3");
	ck_assert_uint_eq(notes.n_without_target, 2);
	flt_table_free(table);
}
END_TEST

START_TEST(without_headers_columns_are_matched_by_place)
{
	struct flt_table *table;
	write_small("1,0\n2,0\n3,1\n", "4,1\n5,0\n");
	ck_assert_msg(flt_table_read_files(paths, 2, &(struct flt_table_options){0}, &table, &err) == FLT_OK, "%s",
	              err.text);
	ck_assert_uint_eq(flt_table_n_rows(table), 5);
	ck_assert_double_eq(number_in(table, 0, 3), 4);
	flt_table_free(table);
}
END_TEST

static void refuses(const char *a, const char *b, const struct flt_table_options *options, const char *want)
{
	struct flt_table *table;
	write_small(a, b);
	ck_assert_int_eq(flt_table_read_files(paths, 2, options, &table, &err), FLT_ERR_DATA);
	ck_assert_ptr_null(table);
	ck_assert_str_eq(err.text, want);
}

#define FIRST "x,z,y\n1,2,0\n2,3,0\n3,4,1\n"

START_TEST(a_file_that_differs_is_named)
{
	struct flt_table_options plain = {0};
	refuses(FIRST, "x,y\n4,1\n", &plain,
	        "b.csv: column \"z\" of a.csv is missing: files of one table have the same columns; add it, or leave "
	        "it "
	        "out with --drop z");
	refuses(FIRST, "y,z,new,x\n1,4,4,4\n", &plain,
	        "b.csv: column \"new\" is not in a.csv: files of one table have the same columns; remove it, or give "
	        "b.csv first and leave it out with --drop new");
	refuses(FIRST, "4,5,1\n", &plain,
	        "b.csv: no column has a name that one of a.csv has: files of one table have the same columns, and a "
	        "header each");
	refuses("1,0\n2,0\n3,1\n", "4,5,1\n", &plain,
	        "b.csv: 3 columns, but a.csv has 2: give files with the same columns");
	refuses(FIRST, "", &plain, "b.csv: the file is empty");
	refuses(FIRST, "x,z,y\n4,5,1\n4,5\n", &plain,
	        "b.csv:3: 2 fields, expected 3: complete the line, or leave such lines out with --bad-rows skip");
	refuses(FIRST, "x,z,y\n4,5,1\n4,5,\n", &(struct flt_table_options){.target = "y"},
	        "b.csv:3: target \"y\" has no value here: fill it in, or leave such rows out with --missing-target "
	        "drop");
}
END_TEST

/* The remedies of the messages above. */
START_TEST(a_dropped_column_may_be_missing)
{
	struct flt_table *table;
	write_small(FIRST, "y,x\n0,4\n");
	ck_assert_msg(flt_table_read_files(paths, 2, &(struct flt_table_options){.drop = "z"}, &table, &err) == FLT_OK,
	              "%s", err.text);
	ck_assert_uint_eq(flt_table_n_rows(table), 4);
	flt_table_free(table);
}
END_TEST

/* The line of an odd text is that of its file, whichever file it is in. */
START_TEST(an_odd_text_is_found_in_its_file)
{
	struct flt_text_buffer numbers = {0};
	for (int i = 0; i < 200; i++)
		flt_text_buffer_print(&numbers, NULL, i ? "%d,%d\n" : "x,y\n", i, i % 3 == 0);
	struct flt_table *table;
	write_small(numbers.bytes, "y,x\n0,4\n1,oops\n0,6\n");
	ck_assert_int_eq(flt_table_read_files(paths, 2, &(struct flt_table_options){0}, &table, &err), FLT_ERR_DATA);
	ck_assert_msg(strstr(err.text, "b.csv:3: column \"x\" holds \"oops\"") == err.text, "%s", err.text);
	flt_text_buffer_release(&numbers);
}
END_TEST

START_TEST(an_odd_date_is_found_in_its_file)
{
	refuses("day,x,y\n2024-01-31,1,0\n2024-02-01,2,0\n2024-02-02,3,1\n", "day,x,y\n2024-03-01,1,0\n03.02.24,1,0\n",
	        &(struct flt_table_options){.time = "day"},
	        "b.csv:3: time column \"day\" holds \"03.02.24\" (like 1 of its 5 cells) and \"2024-01-31\" (a.csv:2): "
	        "write all of them in one way");
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
	struct flt_text_buffer bytes = write_files();
	unsigned long n_made, k = 0;
	do {
		struct flt_table *table;
		flt_alloc_fail_at(++k);
		enum flt_status status =
		        flt_table_read_files(paths, N_FILES, &(struct flt_table_options){.n_threads = 1}, &table, &err);
		n_made = flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert((status == FLT_OK) == (table != NULL));
		flt_table_free(table);
	} while (n_made >= k);
	ck_assert_uint_gt(k, 50);
	flt_text_buffer_release(&bytes);
}
END_TEST

START_TEST(a_table_holds_no_more_rows_than_its_numbers)
{
	const char *const names[] = {"a"};
	struct flt_table *table, *other;
	ck_assert_int_eq(flt_table_new("many.csv", names, 1, &table, &err), FLT_OK);
	ck_assert_int_eq(flt_table_new("many.csv", names, 1, &other, &err), FLT_OK);
	other->n_rows = (size_t)1 << 30; /* without memory for any */
	ck_assert_int_eq(flt_table_append_rows(table, other, 0, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "many.csv: more rows than the 1073741823 that a table can hold: give it fewer");
	flt_table_free(table);
	flt_table_free(other);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

START_TEST(the_checksum_is_left_out_where_it_is_not_asked_for)
{
	struct flt_text_buffer bytes = write_files();
	struct flt_table *with, *without;
	ck_assert_int_eq(flt_table_read_files(paths, N_FILES, &(struct flt_table_options){0}, &with, &err), FLT_OK);
	ck_assert_int_eq(
	        flt_table_read_files(paths, N_FILES, &(struct flt_table_options){.skip_sha256 = true}, &without, &err),
	        FLT_OK);
	ck_assert_ptr_nonnull(flt_table_sha256(with));
	ck_assert_ptr_null(flt_table_sha256(without));
	check_same_columns(without, with);
	flt_table_free(with);
	flt_table_free(without);
	flt_text_buffer_release(&bytes);
}
END_TEST

/* Reads n_short rows of a few bytes and n_long rows of many, and gives the rows that its columns have room for. */
static size_t room_for(int n_short, int n_long, unsigned n_threads)
{
	struct flt_text_buffer text = {0};
	struct flt_table *table;
	struct flt_table_options options = {.n_threads = n_threads, .drop = "text"};
	flt_text_buffer_print(&text, NULL, "x,text,y\n");
	for (int i = 0; i < n_short + n_long; i++)
		flt_text_buffer_print(&text, NULL, "%d,%0*d,%d\n", 100000 + i, i < n_short ? 4 : 4000, 0, i % 4 == 0);
	write_text("rows.csv", &text);
	ck_assert_msg(flt_table_read("rows.csv", &options, &table, &err) == FLT_OK, "%s", err.text);
	ck_assert_uint_eq(flt_table_n_rows(table), (size_t)(n_short + n_long));
	size_t room = table->row_capacity;
	flt_table_free(table);
	flt_text_buffer_release(&text);
	return room;
}

/* With the thirty-second more that is allowed for. */
START_TEST(columns_grow_to_the_rows_that_come)
{
	enum { N = 40000, SHORT = 9000, LONG = 400 };
	for (unsigned n_threads = 1; n_threads <= 2; n_threads++) {
		size_t room = room_for(N, 0, n_threads), misled = room_for(SHORT, LONG, n_threads);
		ck_assert_msg(room >= N && room < N + N / 16, "%zu", room);
		ck_assert_msg(misled >= SHORT + LONG && misled <= 4 * (SHORT + LONG), "%zu", misled);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("files of a table");
	TCase *cases = tcase_create("files of a table");
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_checked_fixture(cases, note_live_memory, check_live_memory);
	tcase_add_test(cases, several_files_read_as_one);
	tcase_add_test(cases, a_table_holds_no_more_rows_than_its_numbers);
	tcase_add_test(cases, the_checksum_is_left_out_where_it_is_not_asked_for);
	tcase_add_test(cases, columns_grow_to_the_rows_that_come);
	tcase_add_test(cases, row_numbers_go_on);
	tcase_add_test(cases, without_headers_columns_are_matched_by_place);
	tcase_add_test(cases, a_file_that_differs_is_named);
	tcase_add_test(cases, a_dropped_column_may_be_missing);
	tcase_add_test(cases, an_odd_text_is_found_in_its_file);
	tcase_add_test(cases, an_odd_date_is_found_in_its_file);
	tcase_add_test(cases, every_failed_allocation_is_reported);
	suite_add_tcase(suite, cases);
	return suite;
}
