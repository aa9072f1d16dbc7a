/* Weights of models by ensemble selection, against a plain version of it in Python. */
#include "eval/ensemble.h"

#include <math.h>

#include "base/alloc.h"
#include "close.h"
#include "reference_csv.h"
#include "suite.h"

enum { MAX_ROWS = 400, MAX_MODELS = 8 };

static struct {
	struct flt_scored rows;
	size_t n_models;
	double log_odds[MAX_ROWS], weight[MAX_ROWS];
	uint8_t label[MAX_ROWS];
	const double *model[MAX_MODELS];
} data;

static void read_case(const struct reference_csv *csv)
{
	static double labels[MAX_ROWS];
	data.n_models = (size_t)reference_csv_number(csv, 1);
	size_t n = reference_csv_list(csv, 2, labels, MAX_ROWS);
	ck_assert_uint_eq(reference_csv_list(csv, 3, data.weight, MAX_ROWS), n);
	ck_assert_uint_eq(reference_csv_list(csv, 4, data.log_odds, MAX_ROWS), n * data.n_models);
	for (size_t i = 0; i < n; i++)
		data.label[i] = labels[i] > 0;
	for (size_t k = 0; k < data.n_models; k++)
		data.model[k] = data.log_odds + k * n;
	data.rows = (struct flt_scored){.n = n, .label = data.label, .weight = data.weight};
}

START_TEST(shares_agree_with_a_plain_version)
{
	static struct reference_csv csv;
	size_t n_cases = 0;
	reference_csv_open(&csv, "tests/reference/ensembles.csv");
	for (; reference_csv_next(&csv); n_cases++) {
		double share[MAX_MODELS], expected[MAX_MODELS];
		read_case(&csv);
		ck_assert_int_eq(flt_ensemble_choose(&data.rows, data.model, data.n_models, share, NULL), FLT_OK);
		ck_assert_uint_eq(reference_csv_list(&csv, 5, expected, MAX_MODELS), data.n_models);
		for (size_t k = 0; k < data.n_models; k++)
			assert_close(share[k], expected[k], 1e-12);
		flt_ensemble_shrink(share, data.n_models, reference_csv_number(&csv, 6));
		reference_csv_list(&csv, 7, expected, MAX_MODELS);
		for (size_t k = 0; k < data.n_models; k++)
			assert_close(share[k], expected[k], 1e-12);
		reference_csv_list(&csv, 8, expected, MAX_MODELS);
		for (size_t k = 0; k < data.n_models; k++)
			assert_close(flt_ensemble_log_loss(&data.rows, data.model[k]), expected[k], 1e-12);
	}
	ck_assert_uint_eq(n_cases, 5);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* Where every probability is 0 or 1 in double, the models are told apart all the same. */
START_TEST(scores_beyond_all_probabilities_count)
{
	static const double mild[] = {-800, 800, 700}, wild[] = {-4000, 4000, -9000}, milder[] = {-800, 800, 760};
	static const uint8_t label[] = {0, 1, 0};
	const double *models[] = {wild, mild, milder};
	struct flt_scored rows = {.n = 3, .label = label};
	double share[3];
	ck_assert_int_eq(flt_ensemble_choose(&rows, models, 2, share, NULL), FLT_OK);
	ck_assert_double_eq(share[0], 1);
	models[0] = milder;
	ck_assert_int_eq(flt_ensemble_choose(&rows, models, 2, share, NULL), FLT_OK);
	ck_assert_double_eq_tol(share[1], 1, 1e-12);
	ck_assert_double_eq(flt_ensemble_log_loss(&rows, milder), 760.0 / 3);
}
END_TEST

/* Few positives: next to equal. Many: half of what the choice says. */
START_TEST(few_positives_decide_little)
{
	double few[4] = {1, 0, 0, 0}, many[4] = {1, 0, 0, 0};
	flt_ensemble_shrink(few, 4, 3);
	flt_ensemble_shrink(many, 4, 1e9);
	ck_assert_double_lt(few[0], 0.32);
	ck_assert_double_eq_tol(many[0], 0.625, 1e-6);
	ck_assert_double_eq_tol(many[3], 0.125, 1e-6);
}
END_TEST

START_TEST(a_failed_allocation_is_an_error)
{
	static const double z[] = {1, -1};
	static const uint8_t label[] = {1, 0};
	const double *models[] = {z, z};
	struct flt_scored rows = {.n = 2, .label = label};
	for (unsigned long k = 1; k <= 2; k++) {
		double share[2];
		flt_alloc_fail_at(k);
		ck_assert_int_eq(flt_ensemble_choose(&rows, models, 2, share, NULL), FLT_ERR_MACHINE);
		flt_alloc_fail_at(0);
		ck_assert_uint_eq(flt_alloc_live(), 0);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("ensemble");
	TCase *tests = tcase_create("ensemble");
	tcase_add_test(tests, shares_agree_with_a_plain_version);
	tcase_add_test(tests, scores_beyond_all_probabilities_count);
	tcase_add_test(tests, few_positives_decide_little);
	tcase_add_test(tests, a_failed_allocation_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}
