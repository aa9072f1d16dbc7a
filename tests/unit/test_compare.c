/* Comparison over folds against numpy and scipy, and Student's t against scipy. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/student.h"
#include "eval/compare.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "reference_csv.h"
#include "suite.h"

enum { MAX_ROWS = 400, MAX_FOLDS = 6 };

static void assert_close(double got, double wanted, double rtol)
{
	ck_assert_msg(fabs(got - wanted) <= rtol * fabs(wanted) + 1e-15, "%.17g is not %.17g", got, wanted);
}

/* Two classifiers on some folds; predicted: at score >= 1 and at score >= 0. */
struct input {
	size_t n_folds;
	size_t row[MAX_FOLDS][MAX_ROWS];
	uint8_t label[MAX_FOLDS][MAX_ROWS];
	double score[2][MAX_FOLDS][MAX_ROWS];
	uint8_t predicted[2][MAX_FOLDS][MAX_ROWS];
	struct flt_compare_fold fold[MAX_FOLDS];
	struct flt_compare_entry entry[2 * MAX_FOLDS];
	struct flt_compare_options options;
};

static void finish_input(struct input *input)
{
	for (size_t f = 0; f < input->n_folds; f++) {
		for (size_t c = 0; c < 2; c++) {
			for (size_t i = 0; i < input->fold[f].n_rows; i++) {
				double score = input->score[c][f][i];
				input->predicted[c][f][i] =
				        (uint8_t)(flt_is_positive(score, 0.75) | flt_is_positive(score, 0.5) << 1);
			}
			input->entry[c * input->n_folds + f] =
			        (struct flt_compare_entry){input->score[c][f], input->predicted[c][f]};
		}
		input->fold[f].n_train = 2 * input->fold[f].n_rows;
		input->fold[f].row = input->row[f];
		input->fold[f].label = input->label[f];
	}
	input->options = (struct flt_compare_options){.n_folds = input->n_folds,
	                                              .n_classifiers = 2,
	                                              .reference = 0,
	                                              .min_precision = {0.5, 0.9},
	                                              .seed = 1,
	                                              .n_threads = 1};
}

static void read_input(struct input *input)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_compare_inputs.csv");
	double list[MAX_ROWS];
	for (input->n_folds = 0; reference_csv_next(&csv); input->n_folds++) {
		size_t f = input->n_folds, n = reference_csv_list(&csv, 1, list, MAX_ROWS);
		input->fold[f].n_rows = n;
		for (size_t i = 0; i < n; i++)
			input->row[f][i] = (size_t)list[i];
		ck_assert_uint_eq(reference_csv_list(&csv, 2, list, MAX_ROWS), n);
		for (size_t i = 0; i < n; i++)
			input->label[f][i] = list[i] > 0;
		ck_assert_uint_eq(reference_csv_list(&csv, 3, input->score[0][f], MAX_ROWS), n);
		ck_assert_uint_eq(reference_csv_list(&csv, 4, input->score[1][f], MAX_ROWS), n);
	}
	ck_assert_uint_eq(input->n_folds, 6);
	finish_input(input);
}

static struct flt_comparison compare(const struct input *input)
{
	struct flt_comparison comparison;
	struct flt_error err;
	ck_assert_msg(flt_compare(input->fold, input->entry, &input->options, &comparison, &err) == FLT_OK, "%s",
	              err.text);
	return comparison;
}

START_TEST(student_agrees_with_scipy)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_student.csv");
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		double at = reference_csv_number(&csv, 1), df = reference_csv_number(&csv, 2);
		double got = csv.field[0][0] == 'q' ? flt_student_quantile(at, df) : flt_student_two_sided(at, df);
		assert_close(got, reference_csv_number(&csv, 3), 1e-11);
	}
	ck_assert_uint_eq(n, 54);
	ck_assert_double_eq(flt_student_two_sided(0, 3), 1);
	ck_assert_double_eq(flt_student_two_sided(INFINITY, 3), 0);
	assert_close(flt_student_two_sided(-1.7, 4), flt_student_two_sided(1.7, 4), 0);
}
END_TEST

START_TEST(means_and_intervals_agree_with_numpy)
{
	static struct input input;
	read_input(&input);
	struct flt_comparison comparison = compare(&input);
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_compare.csv");
	const struct flt_spread *spreads[] = {flt_comparison_figure(&comparison, 0, FLT_COMPARE_AP),
	                                      flt_comparison_figure(&comparison, 1, FLT_COMPARE_AP),
	                                      flt_comparison_difference(&comparison, 1, FLT_COMPARE_AP),
	                                      flt_comparison_difference(&comparison, 1, FLT_COMPARE_RECALL_AT)};
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		assert_close(spreads[n]->mean, reference_csv_number(&csv, 1), 1e-12);
		assert_close(spreads[n]->t_lo, reference_csv_number(&csv, 2), 1e-11);
		assert_close(spreads[n]->t_hi, reference_csv_number(&csv, 3), 1e-11);
		assert_close(spreads[n]->t_p, reference_csv_number(&csv, 4), 1e-11);
		if (csv.field[5][0] == '\0')
			continue;
		ck_assert_double_ge(spreads[n]->lo, reference_csv_number(&csv, 5));
		ck_assert_double_le(spreads[n]->lo, reference_csv_number(&csv, 6));
		ck_assert_double_ge(spreads[n]->hi, reference_csv_number(&csv, 7));
		ck_assert_double_le(spreads[n]->hi, reference_csv_number(&csv, 8));
	}
	ck_assert_uint_eq(n, 4);
	ck_assert_double_lt(spreads[2]->p, 0.01);
	ck_assert_double_gt(spreads[2]->lo, 0);
	ck_assert_double_gt(spreads[3]->p, 0.05);
	flt_comparison_release(&comparison);
}
END_TEST

/* Each fold's figures are those of the parts that evaluate uses. */
START_TEST(folds_are_judged_as_elsewhere)
{
	static struct input input;
	read_input(&input);
	struct flt_comparison comparison = compare(&input);
	for (size_t c = 0; c < 2; c++) {
		for (size_t f = 0; f < input.n_folds; f++) {
			const double *score = input.score[c][f];
			size_t n = input.fold[f].n_rows;
			const double *own = comparison.per_fold + c * FLT_N_COMPARED * input.n_folds + f;
			struct flt_figures figures;
			ck_assert_int_eq(flt_evaluate(score, score, input.label[f], n, 0.75, 1, 1, &figures, NULL),
			                 FLT_OK);
			const struct flt_point *points[] = {&figures.chosen, &figures.at_half};
			assert_close(own[FLT_COMPARE_AP * input.n_folds], figures.ap.value, 1e-15);
			assert_close(own[FLT_COMPARE_ROC_AUC * input.n_folds], figures.roc_auc.value, 1e-15);
			assert_close(own[FLT_COMPARE_RECALL_AT * input.n_folds], figures.at_precision[0].recall, 1e-15);
			assert_close(own[(FLT_COMPARE_RECALL_AT + 1) * input.n_folds], figures.at_precision[2].recall,
			             1e-15);
			for (size_t cut = 0; cut < 2; cut++) {
				const double *at = own + FLT_COMPARE_AT_POINT(cut) * input.n_folds;
				const double wanted[] = {points[cut]->accuracy, points[cut]->precision.value,
				                         points[cut]->recall.value, points[cut]->f1.value,
				                         points[cut]->mcc.value};
				for (size_t i = 0; i < FLT_N_AT_POINT; i++)
					assert_close(at[i * input.n_folds], wanted[i], 1e-15);
			}
		}
	}
	flt_comparison_release(&comparison);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
	static struct input input;
	read_input(&input);
	struct flt_comparison one = compare(&input);
	input.options.n_threads = 3;
	struct flt_comparison three = compare(&input);
	ck_assert_mem_eq(one.figure, three.figure, 2 * FLT_N_COMPARED * sizeof *one.figure);
	ck_assert_mem_eq(one.difference, three.difference, 2 * FLT_N_COMPARED * sizeof *one.figure);
	input.options.seed = 2;
	struct flt_comparison other = compare(&input);
	ck_assert(other.figure->lo != one.figure->lo && other.figure->mean == one.figure->mean);
	flt_comparison_release(&one);
	flt_comparison_release(&three);
	flt_comparison_release(&other);
}
END_TEST

START_TEST(a_classifier_does_not_differ_from_itself)
{
	static struct input input;
	read_input(&input);
	memcpy(input.score[1], input.score[0], sizeof input.score[0]);
	finish_input(&input);
	struct flt_comparison comparison = compare(&input);
	for (size_t c = 0; c < 2; c++) {
		const struct flt_spread *d = flt_comparison_difference(&comparison, c, FLT_COMPARE_AP);
		ck_assert(d->mean == 0 && d->lo == 0 && d->hi == 0 && d->t_lo == 0 && d->t_hi == 0);
		ck_assert(d->p == 1 && d->t_p == 1);
	}
	flt_comparison_release(&comparison);
}
END_TEST

/* Testing the same rows again in more repeats must not narrow the bootstrap; new rows must. */
START_TEST(repeats_are_not_new_rows)
{
	static struct input input;
	double width[3];
	for (int kind = 0; kind < 3; kind++) {
		memset(&input, 0, sizeof input);
		input.n_folds = kind == 0 ? 1 : 4;
		for (size_t f = 0; f < input.n_folds; f++) {
			struct flt_random random;
			flt_random_init(&random, 5, "rows", kind == 1 ? 0 : f);
			input.fold[f].n_rows = 300;
			for (size_t i = 0; i < 300; i++) {
				input.row[f][i] = kind == 1 ? i : f * 300 + i;
				input.label[f][i] = i < 30;
				for (size_t c = 0; c < 2; c++)
					input.score[c][f][i] = flt_random_normal(&random) + (i < 30 ? 1.5 : 0);
			}
		}
		finish_input(&input);
		struct flt_comparison comparison = compare(&input);
		const struct flt_spread *d = flt_comparison_difference(&comparison, 1, FLT_COMPARE_AP);
		width[kind] = d->hi - d->lo;
		if (kind == 0)
			ck_assert(isnan(d->t_lo) && isnan(d->t_hi) && isnan(d->t_p));
		flt_comparison_release(&comparison);
	}
	assert_close(width[1], width[0], 1e-12);
	ck_assert_double_lt(width[2], 0.7 * width[0]);
}
END_TEST

START_TEST(any_figure_gets_a_spread)
{
	/* Mean 0.5, variance 0.1 / 4: the corrected t by hand, t of 0.975 at 4 degrees from scipy. */
	const double values[] = {0.3, 0.4, 0.5, 0.6, 0.7};
	struct flt_spread spread;
	flt_spread_of(values, 5, 0.25, 1, &spread);
	double half = 2.7764451051977987 * sqrt((0.2 + 0.25) * 0.1 / 4);
	assert_close(spread.mean, 0.5, 1e-15);
	assert_close(spread.t_lo, 0.5 - half, 1e-11);
	assert_close(spread.t_hi, 0.5 + half, 1e-11);
	/* Means of 5 draws of 5 have the deviation sqrt(0.02 / 5); nearly normal. */
	ck_assert_double_eq_tol(spread.lo, 0.5 - 1.96 * sqrt(0.004), 0.012);
	ck_assert_double_eq_tol(spread.hi, 0.5 + 1.96 * sqrt(0.004), 0.012);
	assert_close(spread.p, 2.0 / 2001, 1e-12);
	flt_spread_of(values, 1, 0.25, 1, &spread);
	ck_assert(spread.lo == 0.3 && spread.hi == 0.3 && isnan(spread.t_lo));
}
END_TEST

START_TEST(a_fold_of_one_class_is_an_error)
{
	static struct input input;
	read_input(&input);
	memset(input.label[2], 0, sizeof input.label[2]);
	struct flt_comparison comparison;
	struct flt_error err;
	ck_assert_int_eq(flt_compare(input.fold, input.entry, &input.options, &comparison, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "fold 3 has no positive row to test on; use fewer folds");
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
	static struct input input;
	read_input(&input);
	unsigned long k = 1;
	for (;; k++) {
		struct flt_comparison comparison;
		struct flt_error err = {FLT_OK, ""};
		flt_alloc_fail_at(k);
		enum flt_status status = flt_compare(input.fold, input.entry, &input.options, &comparison, &err);
		flt_alloc_fail_at(0);
		if (status == FLT_OK) {
			flt_comparison_release(&comparison);
			break;
		}
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	}
	ck_assert_uint_gt(k, 50);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("compare");
	TCase *tests = tcase_create("compare");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, student_agrees_with_scipy);
	tcase_add_test(tests, means_and_intervals_agree_with_numpy);
	tcase_add_test(tests, folds_are_judged_as_elsewhere);
	tcase_add_test(tests, threads_do_not_change_a_bit);
	tcase_add_test(tests, a_classifier_does_not_differ_from_itself);
	tcase_add_test(tests, repeats_are_not_new_rows);
	tcase_add_test(tests, any_figure_gets_a_spread);
	tcase_add_test(tests, a_fold_of_one_class_is_an_error);
	tcase_add_test(tests, failed_allocations_are_reported);
	suite_add_tcase(suite, tests);
	return suite;
}
