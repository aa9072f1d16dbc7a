/* The loss of one point in double, its optimal constant and the schedules against the stored reference values. */
#include <math.h>

#include "nn/train.h"
#include "double_network.h"
#include "reference_csv.h"
#include "suite.h"

static void expect_close(double a, double b, double rtol, double atol)
{
	if (!(fabs(a - b) <= rtol * fabs(b) + atol))
		ck_abort_msg("%.17g, not %.17g", a, b);
}

START_TEST(focal_point_agrees_with_reference)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/focal.csv");
	for (; reference_csv_next(&csv); n++) {
		double alpha = reference_csv_number(&csv, 3), value, gradient;
		struct flt_loss loss = {reference_csv_number(&csv, 2), alpha < 0 ? 1 : alpha,
		                        alpha < 0 ? 1 : 1 - alpha};
		dn_loss_point(&loss, reference_csv_number(&csv, 0), (int)reference_csv_number(&csv, 1), &value,
		              &gradient);
		expect_close(value, reference_csv_number(&csv, 4), 1e-12, 1e-300);
		expect_close(gradient, reference_csv_number(&csv, 5), 1e-12, 1e-300);
	}
	ck_assert_uint_eq(n, 684);
}
END_TEST

START_TEST(weighted_bce_point_agrees_with_reference)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/weighted_bce.csv");
	for (; reference_csv_next(&csv); n++) {
		struct flt_loss loss = {0, reference_csv_number(&csv, 2), 1};
		double value, gradient;
		dn_loss_point(&loss, reference_csv_number(&csv, 0), (int)reference_csv_number(&csv, 1), &value,
		              &gradient);
		expect_close(value, reference_csv_number(&csv, 3), 1e-12, 1e-300);
		expect_close(gradient, reference_csv_number(&csv, 4), 1e-12, 1e-300);
	}
	ck_assert_uint_eq(n, 36);
}
END_TEST

/* Columns: prevalence, gamma, alpha ("1-pi": the prevalence's complement), log-odds, optimal bias. */
START_TEST(optimal_bias_agrees_with_reference)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/bias_init.csv");
	for (; reference_csv_next(&csv); n++) {
		double prevalence = reference_csv_number(&csv, 0);
		double alpha = strcmp(csv.field[2], "1-pi") == 0 ? 1 - prevalence : reference_csv_number(&csv, 2);
		struct flt_loss loss = {reference_csv_number(&csv, 1), alpha, 1 - alpha};
		expect_close(flt_loss_optimal_bias(&loss, prevalence), reference_csv_number(&csv, 4), 1e-12, 1e-13);
	}
	ck_assert_uint_eq(n, 96);
}
END_TEST

/* What "optimal" means: the mean gradient of constant scores vanishes there, and the loss rises to both sides. */
START_TEST(optimal_bias_is_where_the_loss_of_a_constant_is_least)
{
	static const struct flt_loss losses[] = {{0, 1, 1}, {2, 1, 1}, {0, 20, 1}, {3, 0.25, 0.75}, {0.5, 4, 2}};
	for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
		double pi = 0.013, at = flt_loss_optimal_bias(&losses[i], pi), loss[3], slope = 0;
		for (int side = -1; side <= 1; side++) {
			double one, zero, done, dzero;
			dn_loss_point(&losses[i], at + 0.01 * side, 1, &one, &done);
			dn_loss_point(&losses[i], at + 0.01 * side, 0, &zero, &dzero);
			loss[side + 1] = pi * one + (1 - pi) * zero;
			slope = side == 0 ? pi * done + (1 - pi) * dzero : slope;
		}
		ck_assert_msg(fabs(slope) < 1e-15, "slope %g", slope);
		ck_assert(loss[0] > loss[1] && loss[2] > loss[1]);
	}
}
END_TEST

START_TEST(schedules_agree_with_reference)
{
	static const enum flt_schedule columns[] = {FLT_COSLOG4, FLT_FLAT_COS, FLT_COSINE};
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/schedules.csv");
	for (; reference_csv_next(&csv); n++)
		for (size_t i = 0; i < 3; i++)
			expect_close(flt_schedule_factor(columns[i], reference_csv_number(&csv, 0)),
			             reference_csv_number(&csv, i + 1), 1e-13, 1e-14);
	ck_assert_uint_eq(n, 17);
	ck_assert(flt_schedule_factor(FLT_CONSTANT_RATE, 0.3) == 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("loss");
	TCase *tests = tcase_create("loss");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, focal_point_agrees_with_reference);
	tcase_add_test(tests, weighted_bce_point_agrees_with_reference);
	tcase_add_test(tests, optimal_bias_agrees_with_reference);
	tcase_add_test(tests, optimal_bias_is_where_the_loss_of_a_constant_is_least);
	tcase_add_test(tests, schedules_agree_with_reference);
	suite_add_tcase(suite, tests);
	return suite;
}
