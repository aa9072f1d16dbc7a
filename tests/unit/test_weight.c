/* Weights of rows: the column of --weight (table/weight). */
#include "failing_allocations.h"
#include "small_table.h"
#include "suite.h"

static const struct flt_table_options by_w = {.weight = "w"};

START_TEST(weights_are_no_feature)
{
	struct flt_table *table = small_table("a,w,y\n1,2,0\n2,0.5,1\n3,1e3,0\n1,1e12,1\n1,1e-12,0\n", by_w);
	const double *weight = flt_table_weights(table);
	ck_assert_ptr_nonnull(weight);
	ck_assert_double_eq(weight[0], 2);
	ck_assert_double_eq(weight[1], 0.5);
	ck_assert_double_eq(weight[2], 1000);
	ck_assert_double_eq(weight[3], 1e12);
	ck_assert_double_eq(weight[4], 1e-12);
	ck_assert_uint_eq(flt_table_role(table, FLT_WEIGHT), 1);
	ck_assert_uint_eq(flt_table_notes(table).n_zero_weight, 0);
	flt_table_free(table);
	table = small_table("a,w,y\n1,2,0\n2,0.5,1\n3,1e3,0\n", (struct flt_table_options){0});
	ck_assert_ptr_null(flt_table_weights(table));
	flt_table_free(table);
}
END_TEST

START_TEST(rows_of_weight_zero_are_left_out)
{
	struct flt_table *table = small_table("a,w,y\n1,0,0\n2,1,1\n3,0.0,\n4,3,0\n", by_w);
	ck_assert_uint_eq(flt_table_n_rows(table), 2);
	ck_assert_uint_eq(flt_table_notes(table).n_zero_weight, 2);
	ck_assert_uint_eq(flt_table_row_number(table, 0), 2);
	ck_assert_uint_eq(flt_table_row_number(table, 1), 4);
	ck_assert_double_eq(flt_table_weights(table)[1], 3);
	flt_table_free(table);
}
END_TEST

START_TEST(what_is_no_weight_is_refused)
{
	static const char *const cells[][2] = {
	        {"", "has no value here"},           {"NA", "a missing marker"},
	        {"many", "which is no number"},      {"-1", "fewer than 0"},
	        {"(1 200)", "fewer than 0"},         {"12,5-", "fewer than 0"},
	        {"-0.001", "fewer than 0"},          {"1e13", "between 1e-12 and"},
	        {"1e999", "between 1e-12 and 1e12"}, {"inf", "between 1e-12 and 1e12"},
	        {"1e-13", "between 1e-12 and"},
	};
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		char text[100];
		struct flt_table *table;
		struct flt_error err = {0};
		snprintf(text, sizeof text, "a,w,y\n1,2,0\n2,\"%s\",1\n3,1,0\n", cells[i][0]);
		enum flt_status status = read_small_table(text, strlen(text), by_w, &table, &err);
		ck_assert_int_eq(status, FLT_ERR_DATA);
		ck_assert_ptr_null(table);
		ck_assert_msg(strstr(err.text, cells[i][1]) && strstr(err.text, ":3: weight \"w\""), "%s", err.text);
	}
}
END_TEST

/* Weights of 1200.5, 12.25, 0 and 3, in the forms that numbers of any column may have. */
static const char *const forms[][4] = {
        {"1200.5", "12.25", "0", "3"},           {"1,200.5", "12.25", "0.0", "3"},
        {"1.200,5", "12,25", "0,0", "3"},        {"1 200,5", "12,25", "0", "3"},
        {"1\u202f200.5", "12.25", "0", "3"},     {"1'200.5", "12.25", "0.00", "3"},
        {"1200,5", "12,25", "0,000", "3"},       {"$1,200.5", "$12.25", "$0", "$3"},
        {"1200.5 %", "12.25 %", "0 %", "3.0 %"}, {"1,200.5 EUR", "12.25 EUR", "0 EUR", "3 EUR"},
        {"'1200.5'", "'12.25'", "'0'", "'3'"},   {"1,200.5", "12.2500", "-0", "+3"},
};

START_TEST(weights_are_written_as_numbers_of_any_column)
{
	static const double expected[] = {1200.5, 12.25, 3};
	struct text text = {0};
	text_add(&text, "a,w,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "%d,\"%s\",%d\n", i, forms[_i][i % 4], i % 8 < 4);
	struct flt_table *table = table_of(&text, by_w);
	ck_assert_uint_eq(flt_table_n_rows(table), 30);
	ck_assert_uint_eq(flt_table_notes(table).n_zero_weight, 10);
	for (size_t row = 0; row < 30; row++)
		ck_assert_double_eq(flt_table_weights(table)[row], expected[row % 3]);
	const char *remark = flt_table_column(table, flt_table_role(table, FLT_WEIGHT)).remark;
	ck_assert_msg((remark == NULL) == (_i == 0), "%s", remark ? remark : "none");
	flt_table_free(table);
}
END_TEST

static const struct {
	const char *texts[3];
	const char *says;
} in_doubt[] = {
        {{"1.234", "2.500", "123"},
         ": weight \"w\" holds numbers like 1.234 or 1,234, whose mark may be for decimals or between thousands: write "
         "them as 1.2340 or as 1234"},
        {{"1.234,5", "7,5", "1,234.5"},
         ": weight \"w\" holds \"1,234.5\" beside 20 numbers with \".\" between thousands and a decimal comma: write "
         "all "
         "in one form"},
        {{"5", "6", "7 kg"}, ": weight \"w\" holds \"7 kg\" beside 20 numbers: write all in one form"},
        {{"1,5", "1.000.000.000.000.000,5", "7"},
         ": row 2: weight \"w\" is 1e+15, but weights lie between 1e-12 and 1e12: correct it; 0 leaves the row out"},
        {{"1,5", "0,000000000000001", "7"}, ": row 2: weight \"w\" is 1e-15, but weights lie between"},
};

START_TEST(weights_in_doubt_are_refused)
{
	struct text text = {0};
	struct flt_table *table;
	struct flt_error err = {0};
	text_add(&text, "a,w,y\n");
	for (int i = 0; i < 30; i++)
		text_add(&text, "%d,\"%s\",%d\n", i, in_doubt[_i].texts[i % 3], i % 2);
	ck_assert_int_eq(read_small_table(text.bytes, text.length, by_w, &table, &err), FLT_ERR_DATA);
	ck_assert_msg(strstr(err.text, in_doubt[_i].says), "%s", err.text);
	free(text.bytes);
}
END_TEST

START_TEST(some_row_must_count)
{
	struct flt_table *table;
	struct flt_error err = {0};
	const char text[] = "a,w,y\n1,0,0\n2,0,1\n";
	ck_assert_int_eq(read_small_table(text, sizeof text - 1, by_w, &table, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "no row has a weight above 0"));
}
END_TEST

/* The same at any number of threads and size of blocks, in several files, and in a file like it. */
START_TEST(many_blocks)
{
	enum { N = 3000 };
	char path[TEMPORARY_SIZE];
	FILE *stream = temporary_file(path);
	fputs("a,w,y\n", stream);
	for (int i = 0; i < N; i++)
		fprintf(stream, "%d,%d.5,%d\n%s", i * 7919 % 997, i % 5, i % 3 == 0, i % 10 == 0 ? "1,0,1\n" : "");
	fclose(stream);
	for (int i = 0; i < 4; i++) {
		struct flt_table_options options = {.weight = "w", .n_threads = 1 + (unsigned)i % 3, .block_size = 100};
		struct flt_table *table, *like;
		const char *paths[] = {path, path};
		struct flt_error err = {0};
		ck_assert_msg(flt_table_read_files(paths, i > 1 ? 2 : 1, &options, &table, &err) == FLT_OK, "%s",
		              err.text);
		ck_assert_msg(flt_table_read_like(table, path, &options, &like, &err) == FLT_OK, "%s", err.text);
		ck_assert_uint_eq(flt_table_n_rows(table), (size_t)N * (i > 1 ? 2 : 1));
		ck_assert_uint_eq(flt_table_notes(table).n_zero_weight, N / 10 * (i > 1 ? 2 : 1));
		for (size_t row = 0; row < flt_table_n_rows(table); row++) {
			double expected = (double)(row % N % 5) + 0.5;
			ck_assert_double_eq(flt_table_weights(table)[row], expected);
			ck_assert_double_eq(flt_table_weights(like)[row % N], expected);
		}
		flt_table_free(table);
		flt_table_free(like);
	}
	unlink(path);
}
END_TEST

START_TEST(a_file_like_another_needs_its_weights)
{
	struct flt_table *table = small_table("a,w,y\n1,2,0\n2,0.5,1\n3,1e3,0\n", by_w), *like;
	char path[TEMPORARY_SIZE];
	struct flt_error err = {0};
	FILE *stream = temporary_file(path);
	fputs("a,y\n1,0\n", stream);
	fclose(stream);
	ck_assert_int_eq(flt_table_read_like(table, path, &by_w, &like, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "column \"w\" is missing"));
	unlink(path);
	flt_table_free(table);
}
END_TEST

START_TEST(what_weights_come_to)
{
	static const double weight[] = {1, 2, 3, 0.5};
	struct flt_weighing all = flt_weigh(weight, 4);
	ck_assert_double_eq(all.sum, 6.5);
	ck_assert_double_eq(all.effective, 6.5 * 6.5 / 14.25);
	struct flt_weighing positive = flt_weigh_class(weight, (const uint8_t[]){1, 0, 1, 0}, 4, 1);
	ck_assert_double_eq(positive.sum, 4);
	ck_assert_double_eq(positive.effective, 1.6);
	all = flt_weigh(NULL, 7);
	ck_assert_double_eq(all.sum, 7);
	ck_assert_double_eq(all.effective, 7);
}
END_TEST

/* A table of 12 rows with a column of that name, which holds `first` and 2 elsewhere. */
static struct flt_table *named_table(const char *name, const char *first, struct flt_table_options options)
{
	struct text text = {0};
	text_add(&text, "a,%s,y\n1,%s,0\n", name, first);
	for (int i = 0; i < 11; i++)
		text_add(&text, "%d,2,%d\n", i, i % 2);
	return table_of(&text, options);
}

static bool warns(const char *name, const char *first, struct flt_table_options options, const char *of)
{
	struct flt_table *table = named_table(name, first, options);
	bool found = false;
	for (size_t i = 0; i < flt_table_n_warnings(table); i++)
		found |= strstr(flt_table_warning(table, i), of) != NULL;
	flt_table_free(table);
	return found;
}

START_TEST(features_called_weight_are_pointed_out)
{
	static const char learnt[] = "is learnt from";
	const struct flt_table_options none = {0};
	ck_assert(warns("weight", "2", none, learnt));
	ck_assert(warns("Sample-Weight", "2", none, learnt));
	ck_assert(warns("fnlwgt", "2", none, learnt));
	ck_assert(!warns("w", "2", none, learnt));
	ck_assert(!warns("weight_kg", "2", none, learnt));
	ck_assert(warns("weight", "0", none, learnt));
	ck_assert(warns("weight", "0.5", none, learnt));
	ck_assert(warns("weight", "1e12", none, learnt));
	ck_assert(!warns("weight", "1.1e12", none, learnt));
	ck_assert(!warns("weight", "-2", none, learnt));
	ck_assert(!warns("weight", "", none, learnt));
	ck_assert(!warns("weight", "2", (struct flt_table_options){.weight = "weight"}, learnt));
	ck_assert(!warns("weight", "2", (struct flt_table_options){.drop = "weight"}, learnt));
	ck_assert(!warns("weight", "2", (struct flt_table_options){.numeric = "weight"}, learnt));
}
END_TEST

START_TEST(a_row_of_most_weight_is_pointed_out)
{
	ck_assert(warns("w", "23", by_w, "row 1 holds 51 % of all weight"));
	ck_assert(!warns("w", "22", by_w, "holds"));
}
END_TEST

/* With a warning of the heaviest row, and of a feature. */
START_TEST(each_allocation_may_fail)
{
	for (int named = 0; named < 2; named++) {
		struct flt_table_options options = {.weight = named ? NULL : "weight", .drop = "b"};
		char path[TEMPORARY_SIZE];
		FILE *stream = temporary_file(path);
		fputs("a,b,weight,y\n", stream);
		for (int i = 0; i < 40; i++)
			fprintf(stream, "%d,%d,%d,%d\n", i * 7 % 31, i, i == 5 ? 5000 : 2, i % 3 == 0);
		fclose(stream);
		read_with_failing_allocations(path, &options);
		unlink(path);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("weight");
	TCase *cases = tcase_create("weight");
	tcase_add_test(cases, weights_are_no_feature);
	tcase_add_test(cases, rows_of_weight_zero_are_left_out);
	tcase_add_test(cases, what_is_no_weight_is_refused);
	tcase_add_loop_test(cases, weights_are_written_as_numbers_of_any_column, 0, sizeof forms / sizeof *forms);
	tcase_add_loop_test(cases, weights_in_doubt_are_refused, 0, sizeof in_doubt / sizeof *in_doubt);
	tcase_add_test(cases, some_row_must_count);
	tcase_add_test(cases, many_blocks);
	tcase_add_test(cases, a_file_like_another_needs_its_weights);
	tcase_add_test(cases, what_weights_come_to);
	tcase_add_test(cases, features_called_weight_are_pointed_out);
	tcase_add_test(cases, a_row_of_most_weight_is_pointed_out);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
