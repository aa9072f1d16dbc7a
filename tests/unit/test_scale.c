/* The arithmetic of the scales, against sorting, numpy and scipy. */
#include "reference_csv.h"

#include <math.h>

#include "base/alloc.h"
#include "live_memory.h"
#include "base/random.h"
#include "prep/scale.h"
#include "suite.h"

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

enum { MOST = 3000 };

/* The slow obvious version. */
static double sorted_quantile(const double *sorted, size_t n, double place)
{
	size_t low = (size_t)place, high = low + 1 < n ? low + 1 : low;
	return sorted[low] + (sorted[high] - sorted[low]) * (place - (double)low);
}

static void check_quantiles(double *values, size_t n, size_t n_steps)
{
	double sorted[MOST], quantiles[1001];
	memcpy(sorted, values, n * sizeof *values);
	qsort(sorted, n, sizeof *sorted, compare_doubles);
	ck_assert_int_eq(flt_quantiles(values, n, n_steps, quantiles, NULL), FLT_OK);
	for (size_t i = 0; i <= n_steps; i++) {
		double expected = sorted_quantile(sorted, n, (double)i * (double)(n - 1) / (double)n_steps);
		ck_assert_double_le(fabs(quantiles[i] - expected), 1e-9 * fmax(1, fabs(expected)));
	}
	ck_assert_double_eq(quantiles[0], sorted[0]);
	ck_assert_double_eq(quantiles[n_steps], sorted[n - 1]);
	qsort(values, n, sizeof *values, compare_doubles); /* reordered, not changed */
	ck_assert_mem_eq(values, sorted, n * sizeof *values);
}

START_TEST(selected_quantiles_equal_sorted_ones)
{
	struct flt_random random;
	double values[MOST];
	static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 10, 64, 999, 1000, 1001, 3000};
	static const size_t steps[] = {1, 4, 7, 999};
	flt_random_init(&random, 1, "test", 0);
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
			for (int kind = 0; kind < 5; kind++) {
				for (size_t i = 0; i < sizes[s]; i++) {
					double drawn[] = {flt_random_normal(&random),
					                  (double)flt_random_below(&random, 3), (double)i, -(double)i,
					                  flt_random_uniform(&random) < 0.01 ? 5 : 2};
					values[i] = drawn[kind];
				}
				check_quantiles(values, sizes[s], steps[k]);
			}
}
END_TEST

START_TEST(quantiles_between_the_largest_numbers_are_finite)
{
	double quantiles[5];
	ck_assert_int_eq(flt_quantiles((double[]){1.7e308, -1.7e308}, 2, 4, quantiles, NULL), FLT_OK);
	ck_assert_double_eq_tol(quantiles[1] / 1.7e308, -0.5, 1e-15);
	ck_assert_double_eq_tol(quantiles[2] / 1.7e308, 0, 1e-15);
	ck_assert_double_eq_tol(quantiles[3] / 1.7e308, 0.5, 1e-15);
}
END_TEST

START_TEST(selection_of_equal_values_is_not_quadratic)
{
	enum { N = 400000 }; /* in quadratic time: far beyond the limit of a test */
	double *values = calloc(N, sizeof *values), quantiles[5];
	for (size_t i = 0; i < N; i += 100)
		values[i] = (double)i - N / 2;
	ck_assert_int_eq(flt_quantiles(values, N, 4, quantiles, NULL), FLT_OK);
	ck_assert_double_eq(quantiles[0], -N / 2);
	ck_assert_double_eq(quantiles[1], 0);
	ck_assert_double_eq(quantiles[3], 0);
	ck_assert_double_eq(quantiles[4], N / 2 - 100);
	free(values);
}
END_TEST

START_TEST(quantiles_agree_with_numpy)
{
	struct reference_csv csv;
	double values[2][100], quantiles[5];
	size_t n[2] = {0, 0}, n_checked = 0;
	reference_csv_open(&csv, "tests/reference/scales.csv");
	while (reference_csv_next(&csv)) {
		int which = strcmp(csv.field[1], "ties") == 0 ? 0 : strcmp(csv.field[1], "skewed") == 0 ? 1 : -1;
		if (which >= 0 && strcmp(csv.field[0], "standard") == 0 && csv.field[2][0] == '1')
			values[which][n[which]++] = reference_csv_number(&csv, 3);
		if (which < 0 || strcmp(csv.field[0], "quartile") != 0)
			continue;
		ck_assert_int_eq(flt_quantiles(values[which], n[which], 4, quantiles, NULL), FLT_OK);
		double expected = reference_csv_number(&csv, 4);
		double value = quantiles[(size_t)(4 * reference_csv_number(&csv, 3))];
		ck_assert_double_le(fabs(value - expected), 1e-12 * fabs(expected));
		n_checked++;
	}
	ck_assert_uint_eq(n_checked, 10);
}
END_TEST

START_TEST(the_normal_quantile_agrees_with_scipy)
{
	struct reference_csv csv;
	size_t n_checked = 0;
	reference_csv_open(&csv, "tests/reference/scales.csv");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], "normal") != 0)
			continue;
		double p = reference_csv_number(&csv, 3), expected = reference_csv_number(&csv, 4);
		ck_assert_msg(fabs(flt_normal_quantile(p) - expected) <= 1e-14 * fabs(expected),
		              "p %g: %.17g, expected %.17g", p, flt_normal_quantile(p), expected);
		n_checked++;
	}
	ck_assert_uint_eq(n_checked, 13);
}
END_TEST

START_TEST(normal_scores_rise_and_stay_within_bounds)
{
	static const double quantiles[] = {0, 0, 0, 1, 2, 2, 5, 1e300};
	double last = -6;
	for (double x = -3; x < 8; x += 0.125) {
		double score = flt_normal_score(quantiles, 8, x);
		ck_assert_double_ge(score, last);
		last = score;
	}
	ck_assert_double_eq_tol(flt_normal_score(quantiles, 8, -1), -5.1993375821928165, 1e-12);
	ck_assert_double_eq_tol(flt_normal_score(quantiles, 8, 1e300), 5.1993375821928165, 1e-9);
	ck_assert_double_eq_tol(flt_normal_score(quantiles, 8, 1.7e308), 5.1993375821928165, 1e-9);
	ck_assert_double_eq_tol(flt_normal_score(quantiles, 8, 0), flt_normal_quantile(1.0 / 7), 1e-15);
	ck_assert_double_eq_tol(flt_normal_score(quantiles, 8, 2), flt_normal_quantile(4.5 / 7), 1e-15);
	ck_assert_double_eq_tol(flt_normal_score(quantiles, 8, 3.5), flt_normal_quantile(5.5 / 7), 1e-15);
	/* a range that overflows, and one of three of the smallest numbers */
	ck_assert_double_eq_tol(flt_normal_score((const double[]){-1.7e308, 1.7e308}, 2, 0), 0, 1e-15);
	ck_assert_double_eq_tol(flt_normal_score((const double[]){15e-324, 25e-324}, 2, 20e-324), 0, 1e-15);
}
END_TEST

START_TEST(robust_factors_are_finite_for_any_range)
{
	ck_assert_double_eq(flt_robust_factor((const double[]){0, 1, 2, 3, 9}), 0.5);
	ck_assert_double_eq(flt_robust_factor((const double[]){0, 1, 1, 1, 9}), 1 / 4.5);
	ck_assert_double_eq(flt_robust_factor((const double[]){2, 5, 5, 5, 9}), 1 / 3.5);
	ck_assert_double_eq(flt_robust_factor((const double[]){-4, 2, 3, 7, 9}), 0.2);
	ck_assert_double_eq(flt_robust_factor((const double[]){-9, -7, 0, 1, 9}), 0.125);
	double huge = flt_robust_factor((const double[]){-1.7e308, -1.7e308, 0, 1.7e308, 1.7e308});
	ck_assert(isfinite(huge) && huge > 0);
	huge = flt_robust_factor((const double[]){-1.7e308, 0, 0, 0, 1.7e308});
	ck_assert(isfinite(huge) && huge > 0);
	ck_assert_double_eq_tol(flt_robust_factor((const double[]){0, 0, 0, 5e-324, 5e-324}), 1e30, 1e15);
	ck_assert_double_eq_tol(flt_robust_factor((const double[]){0, 0, 0, 0, 5e-324}), 1e30, 1e15);
}
END_TEST

START_TEST(the_median_is_the_middle_quantile)
{
	enum { N_VALUES = 50 };
	struct flt_random random;
	flt_random_init(&random, 4, "test", 0);
	for (int round = 0; round < 500; round++) {
		double values[N_VALUES], again[N_VALUES], quantiles[5];
		size_t n = 1 + flt_random_below(&random, N_VALUES);
		for (size_t i = 0; i < n; i++) /* many of them equal in every other round */
			again[i] = values[i] =
			        round % 2 ? flt_random_normal(&random) : (double)flt_random_below(&random, 5);
		ck_assert_int_eq(flt_quantiles(again, n, 4, quantiles, NULL), FLT_OK);
		double median = flt_median(values, n);
		ck_assert(median == quantiles[2]);
	}
}
END_TEST

START_TEST(mean_and_deviation_neither_overflow_nor_underflow)
{
	double mean, sd;
	flt_mean_and_sd((const double[]){1, 2, 3, 6}, 4, &mean, &sd);
	ck_assert_double_eq_tol(mean, 3, 1e-15);
	ck_assert_double_eq_tol(sd, sqrt(3.5), 1e-15);
	flt_mean_and_sd((const double[]){1.5e308, 1.5e308, -1.5e308, 1.5e308}, 4, &mean, &sd);
	ck_assert_double_eq_tol(mean / 1e308, 0.75, 1e-15);
	ck_assert_double_eq_tol(sd / 1e308, 1.5 * sqrt(0.75), 1e-14);
	flt_mean_and_sd((const double[]){1e-300, 3e-300}, 2, &mean, &sd);
	ck_assert_double_eq_tol(mean / 1e-300, 2, 1e-14);
	ck_assert_double_eq_tol(sd / 1e-300, 1, 1e-14);
	flt_mean_and_sd((const double[]){0, 0}, 2, &mean, &sd);
	ck_assert_double_eq(mean, 0);
	ck_assert_double_eq(sd, 0);
	flt_mean_and_sd((const double[]){0, 5e-324}, 2, &mean, &sd);
	ck_assert(isfinite(mean) && isfinite(sd));
}
END_TEST

START_TEST(a_failed_allocation_is_an_error)
{
	double values[] = {3, 1, 2}, quantiles[5];
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_quantiles(values, 3, 4, quantiles, NULL), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("scale");
	TCase *tests = tcase_create("scale");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, selected_quantiles_equal_sorted_ones);
	tcase_add_test(tests, quantiles_between_the_largest_numbers_are_finite);
	tcase_add_test(tests, selection_of_equal_values_is_not_quadratic);
	tcase_add_test(tests, quantiles_agree_with_numpy);
	tcase_add_test(tests, the_normal_quantile_agrees_with_scipy);
	tcase_add_test(tests, normal_scores_rise_and_stay_within_bounds);
	tcase_add_test(tests, robust_factors_are_finite_for_any_range);
	tcase_add_test(tests, the_median_is_the_middle_quantile);
	tcase_add_test(tests, mean_and_deviation_neither_overflow_nor_underflow);
	tcase_add_test(tests, a_failed_allocation_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}
