/* Numbers of a table that are kept narrow come back to the last bit, and take the bytes that they need. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "cell_numbers.h"
#include "small_table.h"
#include "suite.h"
#include "table/numbers.h"

static bool same_bits(double x, double y)
{
	return isnan(x) ? isnan(y) : memcmp(&x, &y, sizeof x) == 0;
}

/* Narrows numbers (n), checks each, and returns the kind; FLT_DOUBLES: they stayed as they were. */
static enum flt_number_kind narrowed(const double *numbers, size_t n)
{
	struct flt_numbers narrow;
	ck_assert_int_eq(flt_numbers_narrow(numbers, n, &narrow, NULL), FLT_OK);
	enum flt_number_kind kind = narrow.cells ? narrow.kind : FLT_DOUBLES;
	ck_assert(narrow.cells == NULL || kind != FLT_DOUBLES);
	for (size_t i = 0; narrow.cells && i < n; i++)
		ck_assert_msg(same_bits(flt_number_at(&narrow, i), numbers[i]), "%a became %a", numbers[i],
		              flt_number_at(&narrow, i));
	flt_free((void *)narrow.cells);
	ck_assert_uint_eq(flt_alloc_live(), 0);
	return kind;
}

#define KIND_OF(...) narrowed((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

START_TEST(each_kind_begins_and_ends_where_it_must)
{
	ck_assert_int_eq(KIND_OF(0, 127, -127), FLT_INTEGERS_8);
	ck_assert_int_eq(KIND_OF(0, 128), FLT_INTEGERS_16);
	ck_assert_int_eq(KIND_OF(0, -128), FLT_INTEGERS_16); /* the lowest is what is missing */
	ck_assert_int_eq(KIND_OF(32767, -32767), FLT_INTEGERS_16);
	ck_assert_int_eq(KIND_OF(-32768), FLT_INTEGERS_32);
	ck_assert_int_eq(KIND_OF(2147483647, -2147483647, 1), FLT_INTEGERS_32);
	ck_assert_int_eq(KIND_OF(2147483649, 1), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(-2147483648, 2147483648), FLT_FLOATS); /* powers of two */
	ck_assert_int_eq(KIND_OF(NAN, 5, NAN), FLT_INTEGERS_8);
	ck_assert_int_eq(KIND_OF(NAN, NAN), FLT_INTEGERS_8);
	ck_assert_int_eq(KIND_OF(0.5, -1.27), FLT_INTEGERS_8); /* hundredths */
	ck_assert_int_eq(KIND_OF(0.5, 1.28), FLT_INTEGERS_16);
	ck_assert_int_eq(KIND_OF(1, 327.67), FLT_INTEGERS_16);
	ck_assert_int_eq(KIND_OF(1, 327.68), FLT_INTEGERS_32);
	ck_assert_int_eq(KIND_OF(21474836.47, NAN, -0.01), FLT_INTEGERS_32);
	ck_assert_int_eq(KIND_OF(21474836.48, 0.01), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(1e-9, 2.147483647), FLT_INTEGERS_32); /* nine places */
	ck_assert_int_eq(KIND_OF(1e-10), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(2.147483648, 1e-9), FLT_DOUBLES);
}
END_TEST

START_TEST(numbers_that_are_no_decimals_stay_what_they_are)
{
	ck_assert_int_eq(KIND_OF(-0.0), FLT_FLOATS);
	ck_assert_int_eq(KIND_OF(1, 2, -0.0, 3), FLT_FLOATS);
	ck_assert_int_eq(KIND_OF(0.1, -0.0), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(0x1p-30, 3), FLT_FLOATS);
	ck_assert_int_eq(KIND_OF(0.1F, 0.2F), FLT_FLOATS);
	ck_assert_int_eq(KIND_OF((double)FLT_MAX, (double)FLT_TRUE_MIN), FLT_FLOATS);
	ck_assert_int_eq(KIND_OF((double)FLT_MAX * 1.5), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(DBL_TRUE_MIN, 0), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(DBL_MIN / 3), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(DBL_MAX, 1), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(INFINITY, 1), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(nextafter(0.1, 1), 0.2), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(1, nextafter(1, 2)), FLT_DOUBLES);
	ck_assert_int_eq(KIND_OF(M_PI), FLT_DOUBLES);
}
END_TEST

/* The kind of many numbers: those of the first half are one, those of the second the other, and one is the odd one. */
static enum flt_number_kind kind_of_many(double one, double other, double odd)
{
	enum { N = 192 };
	double numbers[N];
	for (size_t i = 0; i < N; i++)
		numbers[i] = i == 70 ? odd : i < N / 2 ? one : other;
	return narrowed(numbers, N);
}

START_TEST(many_numbers_are_as_few)
{
	ck_assert_int_eq(kind_of_many(1, 127, NAN), FLT_INTEGERS_8);
	ck_assert_int_eq(kind_of_many(1, 128, 1), FLT_INTEGERS_16);
	ck_assert_int_eq(kind_of_many(1, 2, -0.01), FLT_INTEGERS_16);
	ck_assert_int_eq(kind_of_many(1, 2, -0.0), FLT_FLOATS);
	ck_assert_int_eq(kind_of_many(0.1, 2, -0.0), FLT_DOUBLES);
	ck_assert_int_eq(kind_of_many(30000001, 0.01, 1), FLT_DOUBLES); /* too large for places that come later */
	ck_assert_int_eq(kind_of_many(0.01, 30000001, 1), FLT_DOUBLES);
	ck_assert_int_eq(kind_of_many(3000000001, 1, 1), FLT_DOUBLES);
	ck_assert_int_eq(kind_of_many(0x1p60, 1, 1), FLT_FLOATS);
	ck_assert_int_eq(kind_of_many(INFINITY, INFINITY, INFINITY), FLT_DOUBLES);
	ck_assert_int_eq(kind_of_many(1, 2, 0x1p-30), FLT_FLOATS);
	ck_assert_int_eq(kind_of_many(1, 2, M_PI), FLT_DOUBLES);
}
END_TEST

/* Each kind follows each other in one column. */
START_TEST(kinds_that_change_on_the_way_keep_each_number)
{
	enum { N = 2000, N_WAYS = 8 };
	struct flt_random random;
	flt_random_init(&random, 12, "test", 0);
	for (int first = 0; first < N_WAYS; first++)
		for (int second = 0; second < N_WAYS; second++) {
			double numbers[N];
			for (size_t i = 0; i < N; i++) {
				double uniform = flt_random_uniform(&random) - 0.5;
				const double ways[N_WAYS] = {rint(uniform * 200),
				                             rint(uniform * 6e4),
				                             rint(uniform * 4e9),
				                             rint(uniform * 1e4) / 100,
				                             rint(uniform * 1e9) / 1e6,
				                             (double)(float)uniform,
				                             uniform,
				                             uniform < 0.4 ? NAN : -0.0};
				numbers[i] = ways[i < N / 2 ? first : second];
			}
			narrowed(numbers, N);
		}
}
END_TEST

/* In a file, the column of one kind becomes another in the middle, at a block's end or within it. */
START_TEST(a_file_is_read_alike_in_blocks_of_any_size)
{
	enum { N = 3000 };
	static double wanted[4][N];
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 13, "test", 0);
	text_add(&text, "a,b,c,d,y\n");
	for (size_t i = 0; i < N; i++) {
		bool is_late = i >= N / 2;
		char cells[4][40];
		snprintf(cells[0], sizeof *cells, "%d", (int)flt_random_below(&random, is_late ? 100000 : 100));
		snprintf(cells[1], sizeof *cells, "%.*f", is_late ? 4 : 1, 1 + flt_random_uniform(&random));
		snprintf(cells[2], sizeof *cells, is_late ? "%.17g" : "%.2f", flt_random_normal(&random));
		snprintf(cells[3], sizeof *cells, "%s", i % 7 ? i == N - 1 ? "-0" : "2" : "");
		for (size_t c = 0; c < 4; c++)
			wanted[c][i] = cells[c][0] ? strtod(cells[c], NULL) : (double)NAN;
		text_add(&text, "%s,%s,%s,%s,%d\n", cells[0], cells[1], cells[2], cells[3], i % 5 == 0);
	}
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++)
		for (size_t block = 100; block <= 100000; block *= 10) {
			struct flt_table *table;
			struct flt_table_options options = {.n_threads = n_threads, .block_size = block};
			ck_assert_int_eq(read_small_table(text.bytes, text.length, options, &table, NULL), FLT_OK);
			for (size_t c = 0; c < 4; c++)
				for (size_t i = 0; i < N; i++)
					ck_assert(same_bits(number_in(table, c, i), wanted[c][i]));
			static const enum flt_number_kind kinds[] = {FLT_INTEGERS_32, FLT_INTEGERS_16, FLT_DOUBLES,
			                                             FLT_FLOATS};
			for (size_t c = 0; c < 4; c++)
				ck_assert_int_eq(flt_table_column(table, c).numbers.kind, kinds[c]);
			flt_table_free(table);
		}
	free(text.bytes);
}
END_TEST

static bool are_whole(double number, size_t at, size_t n)
{
	double numbers[200];
	for (size_t i = 0; i < n; i++)
		numbers[i] = i % 3 ? (double)i : NAN;
	numbers[at] = number;
	return flt_numbers_are_whole(numbers, n);
}

/* Beside rint, which asks one number at a time. */
START_TEST(whole_numbers_are_told_wherever_they_stand)
{
	static const double whole[] = {0,          -0.0,       NAN,    -3,          0x1p51 + 1, 0x1p52 - 1, 0x1p52,
	                               0x1p52 + 1, 0x1p53 - 1, 0x1p53, -0x1p52 - 1, 1e300,      INFINITY,   -INFINITY},
	                    others[] = {0.5, -0.5, 0.1, 0x1p51 + 0.5, 0x1p52 - 0.5, -0x1p52 + 0.5, 5e-324, 1 - 0x1p-53};
	static const size_t places[] = {0, 63, 64, 127, 128, 129};
	struct flt_random random;
	flt_random_init(&random, 5, "whole", 0);
	ck_assert(flt_numbers_are_whole(NULL, 0));
	for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
		for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
			ck_assert_msg(are_whole(whole[i], places[p], 130), "%a", whole[i]);
		for (size_t i = 0; i < sizeof others / sizeof *others; i++)
			ck_assert_msg(!are_whole(others[i], places[p], 130), "%a", others[i]);
	}
	for (size_t i = 0; i < 20000; i++) {
		uint64_t bits = flt_random_next(&random);
		double number;
		memcpy(&number, &bits, sizeof number);
		number = i % 2 ? number : ldexp((double)(bits >> 11), (int)(bits % 8) - 3);
		ck_assert_msg(are_whole(number, i % 200, 200) == (isnan(number) || number == rint(number)), "%a",
		              number);
	}
}
END_TEST

START_TEST(memory_may_run_out)
{
	const double numbers[] = {1, 2};
	struct flt_numbers narrow;
	struct flt_error err;
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_numbers_narrow(numbers, 2, &narrow, &err), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
	ck_assert_ptr_null(narrow.cells);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("narrow numbers");
	TCase *tests = tcase_create("narrow numbers");
	tcase_add_test(tests, each_kind_begins_and_ends_where_it_must);
	tcase_add_test(tests, numbers_that_are_no_decimals_stay_what_they_are);
	tcase_add_test(tests, many_numbers_are_as_few);
	tcase_add_test(tests, kinds_that_change_on_the_way_keep_each_number);
	tcase_add_test(tests, a_file_is_read_alike_in_blocks_of_any_size);
	tcase_add_test(tests, whole_numbers_are_told_wherever_they_stand);
	tcase_add_test(tests, memory_may_run_out);
	suite_add_tcase(suite, tests);
	return suite;
}
