/* Columns that --date and --time name, from the file to the inputs of a network. */
#include "small_table.h"

#include <math.h>

#include "apply_cells.h"
#include "base/alloc.h"
#include "live_memory.h"
#include "prep/prep.h"
#include "cell_numbers.h"
#include "suite.h"

enum { N = 60 };

/* Row i is of day i / 2 since 2023-01-01, in the order that `step` gives; 13:00 in odd rows. */
static struct text dates_in_order(const char *format, int step)
{
	struct text text = {0};
	text_add(&text, "a,when,y\n");
	for (int i = 0; i < N; i++) {
		static const int months[] = {31, 28, 31};
		int row = i * step % N, month = 0, day = row / 2;
		while (day >= months[month])
			day -= months[month++];
		text_add(&text, "%d,", row);
		if (format[0] == 'm')
			text_add(&text, "%d/%d/2023 %d:00 %s", month + 1, day + 1, row % 2 ? 1 : 12,
			         row % 2 ? "PM" : "AM");
		else
			text_add(&text, "2023-%02d-%02d %02d:00", month + 1, day + 1, row % 2 ? 13 : 0);
		text_add(&text, ",%d\n", row % 7 == 0);
	}
	return text;
}

static struct flt_column named(const struct flt_table *table, const char *name)
{
	size_t i = flt_table_find(table, name);
	ck_assert_msg(i != SIZE_MAX, "%s", name);
	return flt_table_column(table, i);
}

START_TEST(the_parts_of_dates_are_columns)
{
	static const char *const formats[] = {"iso", "mdy"};
	static const int steps[] = {1, 7, 59};
	for (size_t k = 0; k < 6; k++) {
		struct text text = dates_in_order(formats[k % 2], steps[k / 2]);
		struct flt_table *table = table_of(&text, (struct flt_table_options){.date = "when"});
		ck_assert_uint_eq(flt_table_n_columns(table), 7);
		struct flt_column when = named(table, "when"), hour = named(table, "when (hour)");
		ck_assert_int_eq(when.role, FLT_DATE);
		ck_assert_ptr_null(when.source);
		ck_assert_ptr_nonnull(when.dates);
		ck_assert(when.dates->has_time && !when.dates->has_zone);
		ck_assert_int_eq(when.dates->order, k % 2 ? FLT_DATE_MDY : FLT_DATE_ORDER_FIND);
		ck_assert_int_eq(hour.role, FLT_FEATURE);
		ck_assert_int_eq(hour.type, FLT_NUMERIC);
		ck_assert_str_eq(hour.source, "when");
		ck_assert(hour.type_given && hour.integers);
		for (size_t i = 0; i < N; i++) {
			int row = (int)i * steps[k / 2] % N;
			ck_assert_double_eq(flt_number_at(&when.numbers, i),
			                    1672531200 + row / 2 * 86400.0 + row % 2 * 13 * 3600.0);
			ck_assert_double_eq(flt_number_at(&hour.numbers, i), row % 2 * 13);
			ck_assert_double_eq(number_in(table, flt_table_find(table, "when (weekday)"), i),
			                    (row / 2 + 6) % 7 + 1);
			ck_assert_double_eq(number_in(table, flt_table_find(table, "when (month)"), i),
			                    row / 2 < 31 ? 1 : 2);
			ck_assert_double_eq(number_in(table, flt_table_find(table, "when (days)"), i), 19358 + row / 2);
		}
		flt_table_free(table);
	}
}
END_TEST

START_TEST(hours_need_times_of_day)
{
	struct flt_table *table =
	        small_table("a,when,y\n1,2024-01-31,0\n2,,0\n3,NULL,1\n", (struct flt_table_options){.date = "when"});
	ck_assert_uint_eq(flt_table_find(table, "when (hour)"), SIZE_MAX);
	struct flt_column days = named(table, "when (days)");
	ck_assert_uint_eq(days.n_missing, 2);
	ck_assert_double_eq(flt_number_at(&days.numbers, 0), 19753);
	ck_assert(isnan(flt_number_at(&days.numbers, 1)) && isnan(flt_number_at(&days.numbers, 2)));
	ck_assert_uint_eq(flt_table_n_missing(table), 0);
	flt_table_free(table);
	table = small_table("a,when,y\n1,,0\n2,,1\n", (struct flt_table_options){.date = "when"});
	ck_assert_uint_eq(flt_table_n_columns(table), 3); /* nothing is known of these dates */
	flt_table_free(table);
}
END_TEST

/* The one cell that tells the order of day and month stands in the last of many blocks. */
START_TEST(a_late_cell_decides_at_any_number_of_threads)
{
	char path[TEMPORARY_SIZE];
	FILE *file = temporary_file(path);
	fputs("a,when,y\n", file);
	for (int i = 0; i < 20000; i++)
		fprintf(file, "%d,%d/%d/2023,%d\n", i, i == 19990 ? 1 : 1 + i % 12, i == 19990 ? 31 : 1 + i / 12 % 12,
		        i % 5 == 0);
	ck_assert_int_eq(fclose(file), 0);
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++)
		for (size_t block = 1000; block <= 100000; block *= 10) {
			struct flt_table *table;
			struct flt_error err = {0};
			struct flt_table_options options = {
			        .time = "when", .date = "when", .n_threads = n_threads, .block_size = block};
			ck_assert_msg(flt_table_read(path, &options, &table, &err) == FLT_OK, "%s", err.text);
			struct flt_column when = named(table, "when");
			ck_assert_int_eq(when.role, FLT_TIME);
			ck_assert_int_eq(when.dates->order, FLT_DATE_MDY);
			for (int i = 0; i < 20000; i += 13)
				ck_assert_double_eq(number_in(table, flt_table_find(table, "when (month)"), (size_t)i),
				                    1 + i % 12);
			flt_table_free(table);
		}
	unlink(path);
}
END_TEST

static struct flt_prep *fit(const struct flt_table *table, size_t n, enum flt_scale scale)
{
	size_t rows[N];
	struct flt_prep *prep;
	struct flt_error err = {0};
	for (size_t i = 0; i < n; i++)
		rows[i] = i;
	ck_assert_msg(flt_prep_fit(table, rows, n, &(struct flt_prep_options){.scale = scale}, &prep, &err) == FLT_OK,
	              "%s", err.text);
	return prep;
}

START_TEST(records_of_text_give_the_same_inputs)
{
	static const char *const names[] = {"a", "when"};
	for (enum flt_scale scale = 0; scale < FLT_N_SCALES; scale++) {
		struct text text = dates_in_order("mdy", 1), again = dates_in_order("mdy", 1);
		struct flt_table *table = table_of(&text, (struct flt_table_options){.date = "when"});
		struct flt_prep *prep = fit(table, N / 2, scale);
		ck_assert_uint_eq(flt_prep_n_features(prep), 3); /* all of January; "a" numbers the rows */
		size_t rows[N];
		const char *cells[N][2];
		float x[N * 3], from_text[N * 3];
		char *line = strtok(again.bytes, "\n");
		for (size_t i = 0; i < N; i++) {
			rows[i] = i;
			line = strtok(NULL, "\n");
			cells[i][0] = line;
			*strchr(line, ',') = '\0';
			cells[i][1] = line + strlen(line) + 1;
			*strchr(cells[i][1], ',') = '\0';
		}
		ck_assert_int_eq(flt_prep_apply(prep, table, rows, N, 2, x, NULL), FLT_OK);
		struct flt_cell_reader *reader;
		struct flt_error err = {0};
		ck_assert_int_eq(flt_cell_reader_new(prep, &(struct flt_table_options){0}, names, 2, &reader, &err),
		                 FLT_OK);
		ck_assert(flt_cell_reader_uses(reader, 1));
		ck_assert_msg(apply_cells(reader, prep, &cells[0][0], N, from_text, NULL, &err) == FLT_OK, "%s",
		              err.text);
		ck_assert_mem_eq(x, from_text, sizeof x);
		if (scale == FLT_SCALE_NONE)
			for (size_t i = 0; i < N; i++)
				ck_assert_float_eq(x[3 * i + 2], (float)(i / 2)); /* days since the first */
		cells[7][1] = "13/1/2023";
		ck_assert_int_eq(apply_cells(reader, prep, &cells[0][0], N, from_text, NULL, &err), FLT_ERR_DATA);
		ck_assert_ptr_nonnull(strstr(err.text, "column \"when\": \"13/1/2023\" is no date"));
		cells[7][1] = " NULL ";
		ck_assert_int_eq(apply_cells(reader, prep, &cells[0][0], N, from_text, NULL, &err), FLT_OK);
		flt_cell_reader_free(reader);
		ck_assert_int_eq(flt_cell_reader_new(prep, &(struct flt_table_options){0}, names, 1, &reader, &err),
		                 FLT_ERR_DATA);
		ck_assert_ptr_nonnull(strstr(err.text, "no column \"when\""));
		flt_prep_free(prep);
		flt_table_free(table);
		free(again.bytes);
	}
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	struct text text = dates_in_order("mdy", 1);
	struct flt_error err = {0};
	size_t n_failed = 0;
	for (size_t k = 1;; k++) {
		struct flt_table *table = NULL;
		flt_alloc_fail_at(k);
		enum flt_status status =
		        read_small_table(text.bytes, text.length,
		                         (struct flt_table_options){.date = "when", .time = "when"}, &table, &err);
		flt_alloc_fail_at(0);
		flt_table_free(table);
		if (status == FLT_OK)
			break;
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		n_failed++;
	}
	ck_assert_uint_gt(n_failed, 8);
	free(text.bytes);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("date inputs");
	TCase *cases = tcase_create("date inputs");
	tcase_add_checked_fixture(cases, note_live_memory, check_live_memory);
	tcase_add_test(cases, the_parts_of_dates_are_columns);
	tcase_add_test(cases, hours_need_times_of_day);
	tcase_add_test(cases, a_late_cell_decides_at_any_number_of_threads);
	tcase_add_test(cases, records_of_text_give_the_same_inputs);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
