/* Comparison over folds against numpy and scipy, and Student's t against scipy. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/student.h"
#include "eval/compare.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "close.h"
#include "reference_csv.h"
#include "suite.h"

enum { MAX_ROWS = 400, MAX_FOLDS = 6, N_RESAMPLES = 2000 };

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

/* The smallest double whose two tails hold no more than is left. */
START_TEST(quantile_of_student_is_exact_to_the_last_bit)
{
	static const double shares[] = {0.6, 0.9, 0.975, 0.999};
	for (double df = 1; df < 200; df = 1.7 * df + 0.3)
		for (size_t k = 0; k < 4; k++) {
			double t = flt_student_quantile(shares[k], df), tail = 2 * (1 - shares[k]);
			ck_assert_double_le(flt_student_two_sided(t, df), tail);
			ck_assert_double_gt(flt_student_two_sided(nextafter(t, 0), df), tail);
		}
	/* One degree of freedom is Cauchy's distribution, and two have a closed form. */
	assert_close(flt_student_quantile(0.975, 1), tan(M_PI * 0.475), 1e-12);
	assert_close(flt_student_two_sided(1.5, 2), 1 - 1.5 / sqrt(2 + 1.5 * 1.5), 1e-13);
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

START_TEST(figures_of_a_fold_are_those_of_evaluate)
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
			struct flt_scored rows = {.n = n, .score = score, .log_odds = score, .label = input.label[f]};
			const struct flt_evaluate_options options = {.threshold = 0.75, .seed = 1, .n_threads = 1};
			ck_assert_int_eq(flt_evaluate(&rows, &options, &figures, NULL), FLT_OK);
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
START_TEST(repeats_do_not_narrow_the_bootstrap)
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

START_TEST(spread_agrees_with_hand_computation)
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
	ck_assert(spread.lo == 0.3 && spread.hi == 0.3 && isnan(spread.t_lo) && isnan(spread.t_hi));
	/* Equal values: no spread at all, and a mean that differs from 0 for certain, or not at all. */
	flt_spread_of((const double[]){0.5, 0.5, 0.5}, 3, 0.25, 1, &spread);
	ck_assert(spread.t_lo == 0.5 && spread.t_hi == 0.5 && spread.t_p == 0);
	flt_spread_of((const double[]){0, 0}, 2, 0.25, 1, &spread);
	ck_assert(spread.t_lo == 0 && spread.t_p == 1 && spread.p == 1);
}
END_TEST

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Percentiles and the p value of resampled means, by the obvious way: numpy's linear quantiles, and twice the smaller
 * share on one side of 0, the mean itself counted in. */
static void check_percentiles(const struct flt_spread *spread, double *resampled)
{
	double lo = 0, below = 1, above = 1;
	for (size_t b = 0; b < N_RESAMPLES; b++) {
		below += resampled[b] <= 0;
		above += resampled[b] >= 0;
	}
	qsort(resampled, N_RESAMPLES, sizeof *resampled, by_value);
	lo = resampled[49] + 0.975 * (resampled[50] - resampled[49]); /* 0.025 of 1,999 is 49.975 */
	ck_assert_double_eq_tol(spread->lo, lo, 1e-13);
	ck_assert_double_eq_tol(spread->hi, resampled[1949] + 0.025 * (resampled[1950] - resampled[1949]), 1e-13);
	ck_assert_double_eq_tol(spread->p, fmin(1, 2 * fmin(below, above) / (N_RESAMPLES + 1)), 1e-15);
}

START_TEST(spread_is_that_of_a_naive_bootstrap)
{
	static const double values[] = {0.3, -0.1, 0.25, 0.2, -0.05, 0.01};
	double resampled[N_RESAMPLES];
	struct flt_spread spread, mirror;
	flt_spread_of(values, 6, 0.1, 4, &spread);
	for (size_t b = 0; b < N_RESAMPLES; b++) {
		struct flt_random random;
		flt_random_init(&random, 4, "spread", b);
		resampled[b] = 0;
		for (size_t i = 0; i < 6; i++)
			resampled[b] += values[flt_random_below(&random, 6)] / 6;
	}
	check_percentiles(&spread, resampled);
	ck_assert(spread.p > 0.01 && spread.p < 0.5);
	/* Gains are losses of the other: all is mirrored, and both p values stay. */
	const double losses[] = {-0.3, 0.1, -0.25, -0.2, 0.05, -0.01};
	flt_spread_of(losses, 6, 0.1, 4, &mirror);
	ck_assert_double_eq(mirror.p, spread.p);
	ck_assert_double_eq(mirror.t_p, spread.t_p);
	ck_assert_double_eq_tol(mirror.lo, -spread.hi, 1e-15);
	ck_assert_double_eq_tol(mirror.t_lo, -spread.t_hi, 1e-15);
}
END_TEST

/* What a fold's figures depend on, row by row: three folds, of which the last tests rows of both others again. */
static void make_overlapping_folds(struct input *input)
{
	static const size_t n_rows[] = {40, 70, 14}, first[] = {0, 40, 15};
	struct flt_random random;
	flt_random_init(&random, 6, "rows", 0);
	memset(input, 0, sizeof *input);
	input->n_folds = 3;
	for (size_t f = 0; f < 3; f++) {
		input->fold[f].n_rows = n_rows[f];
		for (size_t i = 0; i < n_rows[f]; i++) {
			size_t row = first[f] + i;
			input->row[f][i] = row;
			input->label[f][i] = row % 6 == 0;
			for (size_t c = 0; c < 2; c++)
				input->score[c][f][i] =
				        floor(3 * flt_random_normal(&random) + (row % 6 == 0 ? 4 + 2 * (double)c : 0)) /
				        3;
		}
	}
	finish_input(input);
}

/* The rows of fold f of a resample, each as often as it was drawn; returns how many. */
static size_t repeat_rows(const struct input *input, size_t f, size_t c, const size_t *times, double *score,
                          uint8_t *label)
{
	size_t n = 0;
	for (size_t i = 0; i < input->fold[f].n_rows; i++)
		for (size_t k = 0; k < times[input->row[f][i]]; k++, n++) {
			score[n] = input->score[c][f][i];
			label[n] = input->label[f][i];
		}
	return n;
}

/* Draws each fold's rows that no earlier fold tested, class by class. times (rows): how often each was drawn. */
static void draw_once(const struct input *input, size_t number, size_t *times, size_t n_rows)
{
	bool seen[MAX_ROWS] = {false};
	struct flt_random random;
	flt_random_init(&random, input->options.seed, "compare", number);
	memset(times, 0, n_rows * sizeof *times);
	for (size_t f = 0; f < input->n_folds; f++) {
		for (int y = 0; y < 2; y++) {
			size_t fresh[MAX_ROWS], n = 0;
			for (size_t i = 0; i < input->fold[f].n_rows; i++)
				if (input->label[f][i] == y && !seen[input->row[f][i]])
					fresh[n++] = input->row[f][i];
			for (size_t i = 0; i < n; i++)
				times[fresh[flt_random_below(&random, n)]]++;
		}
		for (size_t i = 0; i < input->fold[f].n_rows; i++)
			seen[input->row[f][i]] = true;
	}
}

enum { N_NAIVE = 3 };

static const int naive_number[N_NAIVE] = {FLT_COMPARE_AP, FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_F1,
                                          FLT_COMPARE_AT_POINT(1) + FLT_AT_POINT_ACCURACY};

/* Means over the folds that have rows of both classes. */
static void naive_means(const struct input *input, size_t c, const size_t *times, double means[N_NAIVE])
{
	static double score[4 * MAX_ROWS];
	static uint8_t label[4 * MAX_ROWS];
	double sum[N_NAIVE] = {0}, n_counted = 0;
	for (size_t f = 0; f < input->n_folds; f++) {
		size_t n = repeat_rows(input, f, c, times, score, label), n_positive = 0;
		for (size_t i = 0; i < n; i++)
			n_positive += label[i];
		if (n_positive == 0 || n_positive == n)
			continue;
		double ap;
		ck_assert_int_eq(flt_average_precision(score, label, n, &ap, NULL), FLT_OK);
		struct flt_confusion chosen = flt_confusion_at(score, label, n, 0.75),
		                     at_half = flt_confusion_at(score, label, n, 0.5);
		sum[0] += ap;
		sum[1] += flt_f1(&chosen);
		sum[2] += flt_accuracy(&at_half);
		n_counted++;
	}
	for (size_t k = 0; k < N_NAIVE; k++)
		means[k] = sum[k] / n_counted;
}

START_TEST(comparison_is_that_of_a_naive_bootstrap)
{
	static struct input input;
	static double own[2][N_NAIVE][N_RESAMPLES], difference[N_RESAMPLES];
	make_overlapping_folds(&input);
	input.options.reference = 1;
	struct flt_comparison comparison = compare(&input);
	for (size_t b = 0; b < N_RESAMPLES; b++) {
		size_t times[110];
		draw_once(&input, b, times, 110);
		for (size_t c = 0; c < 2; c++) {
			double means[N_NAIVE];
			naive_means(&input, c, times, means);
			for (size_t k = 0; k < N_NAIVE; k++)
				own[c][k][b] = means[k];
		}
	}
	for (size_t k = 0; k < N_NAIVE; k++) {
		for (size_t b = 0; b < N_RESAMPLES; b++)
			difference[b] = own[0][k][b] - own[1][k][b];
		check_percentiles(flt_comparison_difference(&comparison, 0, naive_number[k]), difference);
		for (size_t c = 0; c < 2; c++)
			check_percentiles(flt_comparison_figure(&comparison, c, naive_number[k]), own[c][k]);
	}
	flt_comparison_release(&comparison);
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
	memset(input.label[2], 1, sizeof input.label[2]);
	ck_assert_int_eq(flt_compare(input.fold, input.entry, &input.options, &comparison, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "fold 3 has no negative row to test on; use fewer folds");
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
	tcase_add_test(tests, quantile_of_student_is_exact_to_the_last_bit);
	tcase_add_test(tests, means_and_intervals_agree_with_numpy);
	tcase_add_test(tests, figures_of_a_fold_are_those_of_evaluate);
	tcase_add_test(tests, threads_do_not_change_a_bit);
	tcase_add_test(tests, a_classifier_does_not_differ_from_itself);
	tcase_add_test(tests, repeats_do_not_narrow_the_bootstrap);
	tcase_add_test(tests, spread_agrees_with_hand_computation);
	tcase_add_test(tests, spread_is_that_of_a_naive_bootstrap);
	tcase_add_test(tests, comparison_is_that_of_a_naive_bootstrap);
	tcase_add_test(tests, a_fold_of_one_class_is_an_error);
	tcase_add_test(tests, failed_allocations_are_reported);
	suite_add_tcase(suite, tests);
	return suite;
}
