/* Which numbers and dates cannot be ordered in time: table/time_order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "table/date_text.h"
#include "table/time_order.h"
#include "suite.h"

enum { N = 240 };

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The days of two years, ten to a month. */
static const char *misfit_of(double (*value)(int year, int month, int day))
{
	double numbers[N];
	for (int i = 0; i < N; i++)
		numbers[i] = value(2022 + i / 120, i / 10 % 12 + 1, i % 10 * 3 + 1);
	bool is_suspicious = flt_time_is_suspicious(numbers, N, false);
	qsort(numbers, N, sizeof *numbers, compare);
	const char *misfit = flt_time_misfit(numbers, N);
	ck_assert(is_suspicious || !misfit);
	return misfit;
}

static double mm_yyyy(int year, int month, int day)
{
	(void)day;
	return month + year / 1e4;
}

static double mmyyyy(int year, int month, int day)
{
	(void)day;
	return month * 10000 + year;
}

static double ddmmyyyy(int year, int month, int day)
{
	return day * 1000000 + month * 10000 + year;
}

static double mmddyyyy(int year, int month, int day)
{
	return month * 1000000 + day * 10000 + year;
}

static double ddmmyy(int year, int month, int day)
{
	return day * 10000 + month * 100 + year % 100;
}

static double dd_mm(int year, int month, int day)
{
	(void)year;
	return day + month / 100.0;
}

static double yyyymmdd(int year, int month, int day)
{
	return year * 10000 + month * 100 + day;
}

static double yyyymm(int year, int month, int day)
{
	(void)day;
	return year * 100 + month;
}

static double hhmm(int year, int month, int day)
{
	(void)year;
	return (month * 2 - 1) * 100 + day;
}

static double hhmmss(int year, int month, int day)
{
	return hhmm(year, month, day) * 100 + day;
}

START_TEST(dates_as_numbers)
{
	ck_assert_str_eq(misfit_of(mm_yyyy), "mm.yyyy");
	ck_assert_str_eq(misfit_of(mmyyyy), "mmyyyy");
	ck_assert_str_eq(misfit_of(ddmmyyyy), "ddmmyyyy");
	ck_assert_str_eq(misfit_of(mmddyyyy), "mmddyyyy");
	ck_assert_str_eq(misfit_of(ddmmyy), "ddmmyy");
	ck_assert_str_eq(misfit_of(dd_mm), "dd.mm");
	ck_assert_str_eq(misfit_of(hhmm), "hhmm");
	ck_assert_str_eq(misfit_of(hhmmss), "hhmmss");
	ck_assert_ptr_null(misfit_of(yyyymmdd));
	ck_assert_ptr_null(misfit_of(yyyymm));
}
END_TEST

START_TEST(plain_numbers)
{
	double numbers[N];
	static const struct {
		double first, step;
	} series[] = {{0, 1},           {1, 1},       {1900, 0.5},    {12000, 1},   {120100, 1}, {1, 0.01},
	              {1012023, 1},     {1e9, 86400}, {1.7e12, 1e6},  {-120, 1},    {0, 10},     {44927, 0.25},
	              {2023, 1 / 12.0}, {0, 0},       {1e300, 1e299}, {101000, 50}, {11901, 1}};
	for (size_t s = 0; s < sizeof series / sizeof *series; s++) {
		for (int i = 0; i < N; i++)
			numbers[i] = series[s].first + series[s].step * i;
		ck_assert_msg(flt_time_misfit(numbers, N) == NULL, "%g + %g: %s", series[s].first, series[s].step,
		              flt_time_misfit(numbers, N));
	}
	ck_assert_ptr_null(flt_time_misfit(numbers, 0));
}
END_TEST

static double day(const char *text)
{
	struct flt_date_scan date;
	ck_assert(flt_date_scan(text, strlen(text), &date));
	return flt_date_seconds(&date, FLT_DATE_DMY);
}

START_TEST(far_dates)
{
	double seconds[N];
	for (int i = 0; i < N; i++)
		seconds[i] = day("2022-03-01") + 86400.0 * i;
	ck_assert_uint_eq(flt_far_times(seconds, N).n, 0);
	seconds[N - 1] = seconds[N - 2] = day("9999-12-31");
	struct flt_far_times far = flt_far_times(seconds, N);
	ck_assert(flt_time_is_suspicious(seconds, N, true));
	ck_assert_uint_eq(far.n, 1);
	ck_assert_double_eq(far.value[0], day("9999-12-31"));
	ck_assert_uint_eq(far.n_rows[0], 2);
	seconds[0] = day("1900-01-01");
	ck_assert_uint_eq(flt_far_times(seconds, N).n, 2);
	seconds[N - 1] = seconds[N - 2] = day("2022-12-30");
	far = flt_far_times(seconds, N);
	ck_assert_uint_eq(far.n, 1);
	ck_assert_double_eq(far.value[0], day("1900-01-01"));
	ck_assert_uint_eq(far.n_rows[0], 1);
	seconds[0] = day("1985-06-17"); /* an old row */
	ck_assert_uint_eq(flt_far_times(seconds, N).n, 0);
	for (int i = 0; i < N; i++) /* two kinds of rows */
		seconds[i] = day(i < N / 2 ? "2000-01-01" : "2020-06-01");
	ck_assert_uint_eq(flt_far_times(seconds, N).n, 0);
	ck_assert_uint_eq(flt_far_times(seconds, 1).n, 0);
	ck_assert_uint_eq(flt_far_times(seconds, 0).n, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("time order");
	TCase *cases = tcase_create("time order");
	tcase_add_test(cases, dates_as_numbers);
	tcase_add_test(cases, plain_numbers);
	tcase_add_test(cases, far_dates);
	suite_add_tcase(suite, cases);
	return suite;
}
