/* Probabilities, log-odds and psi against 80-digit values. */
#include <math.h>

#include "eval/calibrate.h"
#include "reference_csv.h"
#include "suite.h"

static void assert_close(double got, double wanted, double rtol)
{
	ck_assert_msg(fabs(got - wanted) <= rtol * fabs(wanted), "%.17g is not %.17g", got, wanted);
}

static double log_ratio(double alpha)
{
	return alpha < 0 ? 0 : log(alpha / (1 - alpha));
}

START_TEST(sigmoid_and_softplus_keep_relative_accuracy)
{
	assert_close(flt_sigmoid(-20), 2.06115361819020358143e-9, 1e-15);
	assert_close(flt_sigmoid(-740), exp(-740), 1e-12);
	ck_assert_double_eq(flt_sigmoid(0), 0.5);
	ck_assert_double_eq(flt_sigmoid(INFINITY), 1);
	ck_assert_double_eq(flt_sigmoid(-INFINITY), 0);
	ck_assert_double_eq(flt_softplus(-INFINITY), 0);
	ck_assert_double_eq(flt_softplus(INFINITY), INFINITY);
	assert_close(flt_softplus(-50), exp(-50), 1e-15);
	assert_close(flt_softplus(1000), 1000, 0);
	ck_assert_double_eq(flt_logit(1), INFINITY);
	ck_assert_double_eq(flt_logit(0), -INFINITY);
	for (double z = -30; z <= 30; z += 0.37)
		ck_assert_double_eq_tol(flt_logit(flt_sigmoid(z)), z, 3e-16 * exp(fmax(z, 0)) + 1e-14);
}
END_TEST

START_TEST(psi_agrees_with_reference)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/focal_calibration_map.csv");
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		double z = reference_csv_number(&csv, 0), gamma = reference_csv_number(&csv, 1);
		double got = flt_focal_log_odds(z, gamma, log_ratio(reference_csv_number(&csv, 2)));
		assert_close(got, reference_csv_number(&csv, 3), 1e-12);
		assert_close(flt_sigmoid(got), reference_csv_number(&csv, 4), 1e-12);
	}
	ck_assert_uint_eq(n, 234);
}
END_TEST

START_TEST(psi_maps_the_risk_minimiser_to_the_truth)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/focal_risk_minimiser.csv");
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		double eta = reference_csv_number(&csv, 0), gamma = reference_csv_number(&csv, 1);
		double ratio = log_ratio(reference_csv_number(&csv, 2)), z = reference_csv_number(&csv, 3);
		assert_close(flt_sigmoid(flt_focal_log_odds(z, gamma, ratio)), eta, 1e-12);
		/* The stored minimiser has 16 digits, and is 0 up to rounding in the symmetric case. */
		ck_assert_double_eq_tol(flt_focal_logit(flt_logit(eta), gamma, ratio), z, 1e-14 + 1e-12 * fabs(z));
	}
	ck_assert_uint_eq(n, 84);
}
END_TEST

START_TEST(optimal_constant_agrees_with_reference)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/bias_init.csv");
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		double prevalence = reference_csv_number(&csv, 0), gamma = reference_csv_number(&csv, 1);
		double ratio = strcmp(csv.field[2], "1-pi") == 0 ? -flt_logit(prevalence)
		                                                 : log_ratio(reference_csv_number(&csv, 2));
		double got = flt_focal_logit(flt_logit(prevalence), gamma, ratio),
		       wanted = reference_csv_number(&csv, 4);
		ck_assert_double_eq_tol(got, wanted, 1e-14 + 1e-12 * fabs(wanted));
		assert_close(flt_logit(prevalence), reference_csv_number(&csv, 3), 1e-12);
	}
	ck_assert_uint_eq(n, 96);
}
END_TEST

START_TEST(psi_is_increasing_odd_and_inverted)
{
	static const double gammas[] = {0, 0.25, 0.5, 1, 2, 3.3, 5, 10, 50};
	for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++) {
		double gamma = gammas[g], before = -INFINITY;
		for (int i = -8000; i <= 8000; i++) {
			double z = i / 10.0, psi = flt_focal_log_odds(z, gamma, 0.7);
			ck_assert(psi > before);
			before = psi;
			ck_assert_double_eq(-flt_focal_log_odds(-z, gamma, 0), flt_focal_log_odds(z, gamma, 0));
			double rise = flt_focal_log_odds(z + 1e-4, gamma, 0) - flt_focal_log_odds(z - 1e-4, gamma, 0);
			ck_assert_double_eq_tol(flt_focal_slope(z, gamma), rise / 2e-4, 1e-6 * (1 + gamma));
			if (i % 7 == 0)
				ck_assert_double_eq_tol(flt_focal_logit(psi, gamma, 0.7), z, 1e-15 + fabs(z) * 1e-14);
		}
		/* Near zero, where a logarithm near 1 could lose everything: the slope of SCIENCE 2.1. */
		double ln2 = log(2), slope = gamma + (gamma * (1 - ln2) + 1) / (gamma * ln2 + 1);
		assert_close(flt_focal_slope(0, gamma), slope, 1e-14);
		assert_close(flt_focal_log_odds(1e-9, gamma, 0), slope * 1e-9, 1e-14);
		assert_close(flt_focal_logit(-1e-9, gamma, 0), -1e-9 / slope, 1e-14);
		ck_assert_double_eq(flt_focal_log_odds(INFINITY, gamma, 1), INFINITY);
		ck_assert_double_eq(flt_focal_logit(-INFINITY, gamma, 1), -INFINITY);
	}
	ck_assert_double_eq(flt_focal_log_odds(1.2345678901234567, 0, 0), 1.2345678901234567);
	/* Both branches meet at 1. */
	assert_close(flt_focal_log_odds(nextafter(1, 2), 2, 0), flt_focal_log_odds(1, 2, 0), 1e-14);
}
END_TEST

/* Of all doubles near it, the inverse is the one whose psi comes nearest. */
START_TEST(inverse_of_psi_is_exact_to_the_last_bit)
{
	static const double gammas[] = {0, 0.5, 2, 10};
	for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++)
		for (double target = -40; target <= 40; target += 0.773) {
			double z = flt_focal_logit(target, gammas[g], 0);
			double miss = fabs(flt_focal_log_odds(z, gammas[g], 0) - target);
			for (int side = -1; side <= 1; side += 2) {
				double near = nextafter(z, side * 1e300);
				ck_assert_double_le(miss, fabs(flt_focal_log_odds(near, gammas[g], 0) - target) +
				                                  0x1p-52 * fabs(target));
			}
		}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("probability");
	TCase *tests = tcase_create("probability");
	tcase_add_test(tests, sigmoid_and_softplus_keep_relative_accuracy);
	tcase_add_test(tests, psi_agrees_with_reference);
	tcase_add_test(tests, psi_maps_the_risk_minimiser_to_the_truth);
	tcase_add_test(tests, optimal_constant_agrees_with_reference);
	tcase_add_test(tests, psi_is_increasing_odd_and_inverted);
	tcase_add_test(tests, inverse_of_psi_is_exact_to_the_last_bit);
	suite_add_tcase(suite, tests);
	return suite;
}
