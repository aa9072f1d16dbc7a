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

enum { MAX_ROWS = 400, MAX_FOLDS = 10, N_RESAMPLES = 2000 };

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
			input->entry[c * input->n_folds + f] = (struct flt_compare_entry){
			        input->score[c][f], input->score[c][f], input->predicted[c][f]};
		}
		input->fold[f].n_train = 2 * input->fold[f].n_rows;
		input->fold[f].unit = input->row[f];
		input->fold[f].label = input->label[f];
	}
	input->options = (struct flt_compare_options){
	        .n_folds = input->n_folds, .n_classifiers = 2, .min_precision = {0.5, 0.9}, .seed = 1, .n_threads = 1};
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

START_TEST(means_and_errors_agree_with_numpy)
{
	static struct input input;
	read_input(&input);
	struct flt_comparison comparison = compare(&input);
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_compare.csv");
	const struct flt_spread spreads[] = {flt_comparison_figure(&comparison, 0, FLT_COMPARE_AP),
	                                     flt_comparison_figure(&comparison, 1, FLT_COMPARE_AP),
	                                     flt_comparison_difference(&comparison, 1, 0, FLT_COMPARE_AP),
	                                     flt_comparison_difference(&comparison, 1, 0, FLT_COMPARE_RECALL_AT)};
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		assert_close(spreads[n].mean, reference_csv_number(&csv, 1), 1e-12);
		assert_close(spreads[n].t_lo, reference_csv_number(&csv, 2), 1e-11);
		assert_close(spreads[n].t_hi, reference_csv_number(&csv, 3), 1e-11);
		assert_close(spreads[n].t_p, reference_csv_number(&csv, 4), 1e-11);
		if (csv.field[5][0] != '\0') /* 2,000 resamples give an error that is itself off by 1.6 % */
			assert_close(spreads[n].error, reference_csv_number(&csv, 5), 0.06);
	}
	ck_assert_uint_eq(n, 4);
	ck_assert(spreads[2].p < 0.05 && spreads[2].lo > 0);
	ck_assert(spreads[3].p > 0.05 && spreads[3].lo < 0);
	flt_comparison_release(&comparison);
}
END_TEST

static enum flt_range range_of(const char *word)
{
	static const char *const words[] = {[FLT_RANGE_SHARE] = "share",
	                                    [FLT_RANGE_CORRELATION] = "correlation",
	                                    [FLT_RANGE_POSITIVE] = "positive",
	                                    [FLT_RANGE_DIFFERENCE] = "difference"};
	for (int i = 0; i < 4; i++)
		if (strcmp(words[i], word) == 0)
			return (enum flt_range)i;
	ck_abort_msg("%s is no range", word);
	return FLT_RANGE_SHARE;
}

START_TEST(spreads_agree_with_scipy)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_spread.csv");
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		double values[8], zero[8] = {0};
		struct flt_measured measured = {.values = values,
		                                .against = zero,
		                                .n = reference_csv_list(&csv, 1, values, 8),
		                                .n_rare = reference_csv_number(&csv, 2),
		                                .repeats = reference_csv_number(&csv, 3),
		                                .test_per_train = 0.25,
		                                .rows_error = reference_csv_number(&csv, 4),
		                                .range = range_of(csv.field[0]),
		                                .n_behind = reference_csv_number(&csv, 5)};
		struct flt_spread spread = flt_spread_of_measured(&measured);
		ck_assert_double_eq_tol(spread.mean, reference_csv_number(&csv, 6), 1e-15);
		ck_assert_double_eq_tol(spread.error, reference_csv_number(&csv, 7), 1e-15);
		ck_assert_double_eq_tol(spread.lo, reference_csv_number(&csv, 8), 1e-11);
		ck_assert_double_eq_tol(spread.hi, reference_csv_number(&csv, 9), 1e-11);
		ck_assert_double_eq_tol(spread.p, reference_csv_number(&csv, 10), 1e-11);
		ck_assert_double_eq_tol(spread.detectable, reference_csv_number(&csv, 11), 1e-11);
		ck_assert(spread.lo <= spread.mean && spread.mean <= spread.hi);
		ck_assert(measured.range != FLT_RANGE_SHARE || (spread.lo >= 0 && spread.hi <= 1));
		ck_assert(measured.range != FLT_RANGE_POSITIVE || spread.lo > 0);
		ck_assert(measured.range != FLT_RANGE_CORRELATION || (spread.lo >= -1 && spread.hi <= 1));
		measured.against = NULL;
		struct flt_spread same = flt_spread_of_measured(&measured);
		ck_assert(same.mean == spread.mean && same.lo == spread.lo && same.hi == spread.hi);
	}
	ck_assert_uint_eq(n, 16);
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
			assert_close(own[FLT_COMPARE_LOG_LOSS * input.n_folds], figures.log_loss, 1e-14);
			assert_close(own[FLT_COMPARE_BRIER * input.n_folds], figures.brier, 1e-14);
			assert_close(own[FLT_COMPARE_ECE * input.n_folds], figures.ece, 1e-13);
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
	size_t n = (size_t)2 * FLT_N_COMPARED;
	ck_assert_mem_eq(one.per_fold, three.per_fold, n * input.n_folds * sizeof *one.per_fold);
	ck_assert_mem_eq(one.resampled, three.resampled, n * N_RESAMPLES * sizeof *one.resampled);
	input.options.seed = 2;
	struct flt_comparison other = compare(&input);
	struct flt_spread before = flt_comparison_figure(&one, 0, FLT_COMPARE_AP),
	                  after = flt_comparison_figure(&other, 0, FLT_COMPARE_AP);
	ck_assert(after.lo != before.lo && after.mean == before.mean);
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
		struct flt_spread d = flt_comparison_difference(&comparison, c, 0, FLT_COMPARE_AP);
		ck_assert(d.mean == 0 && d.error == 0 && d.lo == 0 && d.hi == 0 && d.t_lo == 0 && d.t_hi == 0);
		ck_assert(d.p == 1 && d.t_p == 1);
	}
	flt_comparison_release(&comparison);
}
END_TEST

/* Testing the same rows again in more repeats must not lower the error that they cause; new rows must. */
START_TEST(repeats_bring_no_new_rows)
{
	static struct input input;
	double error[3];
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
		struct flt_spread d = flt_comparison_difference(&comparison, 1, 0, FLT_COMPARE_AP);
		error[kind] = d.error;
		ck_assert_double_eq(comparison.repeats, kind == 1 ? 4 : 1);
		if (kind == 0)
			ck_assert(isnan(d.t_lo) && isnan(d.t_hi) && isnan(d.t_p));
		flt_comparison_release(&comparison);
	}
	assert_close(error[1], error[0], 1e-12);
	ck_assert_double_lt(error[2], 0.7 * error[0]);
}
END_TEST

START_TEST(spread_of_trainings_agrees_with_hand_computation)
{
	/* Mean 0.5, variance 0.1 / 4: the corrected t by hand, t of 0.975 and 0.8 at 4 degrees from scipy. */
	const double values[] = {0.3, 0.4, 0.5, 0.6, 0.7};
	struct flt_spread spread = flt_spread_of_trainings(values, 5, 0.25);
	double error = sqrt((0.2 + 0.25) * 0.1 / 4), half = 2.7764451051977987 * error;
	assert_close(spread.mean, 0.5, 1e-15);
	assert_close(spread.error, error, 1e-14);
	assert_close(spread.lo, 0.5 - half, 1e-11);
	assert_close(spread.hi, 0.5 + half, 1e-11);
	assert_close(spread.detectable, half + 0.94096457716131 * error, 1e-9);
	ck_assert(spread.t_lo == spread.lo && spread.t_hi == spread.hi && spread.t_p == spread.p);
	spread = flt_spread_of_trainings(values, 1, 0.25);
	ck_assert(spread.mean == 0.3 && isnan(spread.lo) && isnan(spread.hi) && isnan(spread.detectable));
	/* Equal values: no spread at all, and a mean that differs from 0 for certain, or not at all. */
	spread = flt_spread_of_trainings((const double[]){0.5, 0.5, 0.5}, 3, 0.25);
	ck_assert(spread.lo == 0.5 && spread.hi == 0.5 && spread.p == 0);
	spread = flt_spread_of_trainings((const double[]){0, 0}, 2, 0.25);
	ck_assert(spread.lo == 0 && spread.p == 1);
}
END_TEST

/* What a half lacks of a figure is what the figure lacks of a half. */
START_TEST(mirrored_spread_is_that_of_mirrored_values)
{
	const double values[] = {0.3, 0.1, 0.25, 0.2}, lacks[] = {0.2, 0.4, 0.25, 0.3};
	struct flt_measured measured = {.values = values,
	                                .n = 4,
	                                .n_rare = 30,
	                                .repeats = 2,
	                                .test_per_train = 0.25,
	                                .rows_error = 0.04,
	                                .range = FLT_RANGE_DIFFERENCE};
	struct flt_spread spread = flt_spread_of_measured(&measured);
	struct flt_spread mirrored = flt_spread_mirrored(0.5, &spread);
	measured.values = lacks;
	struct flt_spread direct = flt_spread_of_measured(&measured);
	const double got[] = {mirrored.mean, mirrored.lo, mirrored.hi, mirrored.p, mirrored.t_lo, mirrored.t_p};
	const double wanted[] = {direct.mean, direct.lo, direct.hi, direct.p, direct.t_lo, direct.t_p};
	for (size_t i = 0; i < sizeof got / sizeof *got; i++)
		ck_assert_double_eq_tol(got[i], wanted[i], 1e-12);
	ck_assert_double_eq(mirrored.detectable, spread.detectable);
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

/* Draws each fold's rows that no earlier fold tested, class by class, one fewer than there are. */
static void draw_once(const struct input *input, size_t number, double *weight, size_t n_rows)
{
	bool seen[MAX_ROWS] = {false};
	struct flt_random random;
	flt_random_init(&random, input->options.seed, "compare", number);
	memset(weight, 0, n_rows * sizeof *weight);
	for (size_t f = 0; f < input->n_folds; f++) {
		for (int y = 0; y < 2; y++) {
			size_t fresh[MAX_ROWS], n = 0;
			for (size_t i = 0; i < input->fold[f].n_rows; i++)
				if (input->label[f][i] == y && !seen[input->row[f][i]])
					fresh[n++] = input->row[f][i];
			for (size_t i = 0; i + 1 < n; i++)
				weight[fresh[flt_random_below(&random, n)]] += (double)n / (double)(n - 1);
			if (n == 1)
				weight[fresh[0]] = 1;
		}
		for (size_t i = 0; i < input->fold[f].n_rows; i++)
			seen[input->row[f][i]] = true;
	}
}

enum { N_NAIVE = 5 };

static const int naive_number[N_NAIVE] = {FLT_COMPARE_AP, FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_F1,
                                          FLT_COMPARE_AT_POINT(1) + FLT_AT_POINT_ACCURACY, FLT_COMPARE_LOG_LOSS,
                                          FLT_COMPARE_BRIER};

/* Average precision by its definition, threshold by threshold. */
static double naive_ap(const double *score, const uint8_t *label, const double *weight, size_t n)
{
	double all = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		double tp = 0, called = 0;
		for (size_t k = 0; k < n; k++) {
			tp += score[k] >= score[i] ? weight[k] * label[k] : 0;
			called += score[k] >= score[i] ? weight[k] : 0;
		}
		all += weight[i] * label[i];
		sum += weight[i] * label[i] > 0 ? weight[i] * tp / called : 0;
	}
	return sum / all;
}

static double naive_f1(const double *score, const uint8_t *label, const double *weight, size_t n)
{
	double tp = 0, wrong = 0;
	for (size_t i = 0; i < n; i++) {
		bool called = flt_is_positive(score[i], 0.75);
		tp += called && label[i] ? weight[i] : 0;
		wrong += called != (label[i] == 1) ? weight[i] : 0;
	}
	return tp > 0 ? 2 * tp / (2 * tp + wrong) : 0;
}

static double naive_accuracy(const double *score, const uint8_t *label, const double *weight, size_t n)
{
	double right = 0, all = 0;
	for (size_t i = 0; i < n; i++) {
		right += flt_is_positive(score[i], 0.5) == (label[i] == 1) ? weight[i] : 0;
		all += weight[i];
	}
	return right / all;
}

/* From the probability of each row's own class. */
static void naive_losses(const double *score, const uint8_t *label, const double *weight, size_t n, double *log_loss,
                         double *brier)
{
	double all = 0, logs = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		double own = 1 / (1 + exp(label[i] ? -score[i] : score[i]));
		logs -= weight[i] * log(own);
		squares += weight[i] * (1 - own) * (1 - own);
		all += weight[i];
	}
	*log_loss = logs / all;
	*brier = squares / all;
}

/* Means over the folds that have rows of both classes. */
static void naive_means(const struct input *input, size_t c, const double *weight, double means[N_NAIVE])
{
	double sum[N_NAIVE] = {0}, n_counted = 0;
	for (size_t f = 0; f < input->n_folds; f++) {
		double own[MAX_ROWS], of_class[2] = {0};
		size_t n = input->fold[f].n_rows;
		const double *score = input->score[c][f];
		const uint8_t *label = input->label[f];
		for (size_t i = 0; i < n; i++) {
			own[i] = weight[input->row[f][i]] * (input->fold[f].weight ? input->fold[f].weight[i] : 1);
			of_class[label[i]] += own[i];
		}
		if (of_class[0] == 0 || of_class[1] == 0)
			continue;
		sum[0] += naive_ap(score, label, own, n);
		sum[1] += naive_f1(score, label, own, n);
		sum[2] += naive_accuracy(score, label, own, n);
		double log_loss, brier;
		naive_losses(score, label, own, n, &log_loss, &brier);
		sum[3] += log_loss;
		sum[4] += brier;
		n_counted++;
	}
	for (size_t k = 0; k < N_NAIVE; k++)
		means[k] = sum[k] / n_counted;
}

static void check_resamples(const struct input *input)
{
	struct flt_comparison comparison = compare(input);
	for (size_t b = 0; b < N_RESAMPLES; b += 10) {
		double weight[110];
		draw_once(input, b, weight, 110);
		for (size_t c = 0; c < 2; c++) {
			double means[N_NAIVE];
			naive_means(input, c, weight, means);
			for (size_t k = 0; k < N_NAIVE; k++)
				ck_assert_double_eq_tol(
				        means[k],
				        comparison.resampled[(c * FLT_N_COMPARED + (size_t)naive_number[k]) *
				                                     N_RESAMPLES +
				                             b],
				        1e-12);
		}
	}
	flt_comparison_release(&comparison);
}

START_TEST(resamples_are_those_of_a_naive_bootstrap)
{
	static struct input input;
	make_overlapping_folds(&input);
	check_resamples(&input);
}
END_TEST

/* Weights of rows multiply those of the draws. */
START_TEST(weighted_resamples_are_those_of_a_naive_bootstrap)
{
	static struct input input;
	static double weight[3][MAX_ROWS];
	make_overlapping_folds(&input);
	for (size_t f = 0; f < 3; f++) {
		for (size_t i = 0; i < input.fold[f].n_rows; i++)
			weight[f][i] = 0.25 + (double)(input.row[f][i] % 7);
		input.fold[f].weight = weight[f];
	}
	check_resamples(&input);
}
END_TEST

/* A table with each row written w times, copies in one cluster, and the weighted table: the same figures, and nearly
 * the same error, since both draw the same units; the number of rows that a repeat tests differs a little. */
START_TEST(weights_are_copies_that_are_drawn_together)
{
	static struct input rows, copies;
	static double weight[3][MAX_ROWS];
	make_overlapping_folds(&rows);
	make_overlapping_folds(&copies);
	for (size_t f = 0; f < 3; f++) {
		size_t n = 0;
		for (size_t i = 0; i < rows.fold[f].n_rows; i++) {
			size_t w = 1 + rows.row[f][i] % 3;
			weight[f][i] = (double)w;
			for (; w > 0; w--, n++) {
				copies.row[f][n] = rows.row[f][i];
				copies.label[f][n] = rows.label[f][i];
				for (size_t c = 0; c < 2; c++)
					copies.score[c][f][n] = rows.score[c][f][i];
			}
		}
		copies.fold[f].n_rows = n;
		rows.fold[f].weight = weight[f];
	}
	finish_input(&copies);
	struct flt_comparison one = compare(&rows), other = compare(&copies);
	for (int figure = 0; figure < FLT_N_COMPARED; figure++) {
		struct flt_spread a = flt_comparison_figure(&one, 1, figure),
		                  b = flt_comparison_figure(&other, 1, figure);
		ck_assert_double_eq_tol(a.mean, b.mean, 1e-12);
		ck_assert_double_eq_tol(a.error, b.error, 1e-12 + 0.02 * a.error);
	}
	flt_comparison_release(&one);
	flt_comparison_release(&other);
}
END_TEST

/* A table of 40 positive and 120 negative rows, tested in 2 repeats of 5 folds by two classifiers. They see mostly the
 * same in a row; positive rows stand 1.4 higher, and 1.4 + gain by the second. */
static void draw_table(struct input *input, uint64_t number, double gain)
{
	enum { N = 160, N_POSITIVE = 40, FOLDS = 5 };
	struct flt_random random;
	double seen[2][N];
	size_t order[N];
	flt_random_init(&random, 7, "tables", number);
	memset(input->fold, 0, sizeof input->fold);
	input->n_folds = 2 * FOLDS;
	for (size_t i = 0; i < N; i++) {
		double common = flt_random_normal(&random);
		order[i] = i;
		for (size_t c = 0; c < 2; c++)
			seen[c][i] = sqrt(0.85) * common + sqrt(0.15) * flt_random_normal(&random);
	}
	for (size_t f = 0; f < input->n_folds; f++) {
		if (f % FOLDS == 0) {
			flt_random_shuffle(&random, order, N_POSITIVE);
			flt_random_shuffle(&random, order + N_POSITIVE, N - N_POSITIVE);
		}
		for (size_t i = f % FOLDS; i < N; i += FOLDS) {
			size_t row = order[i], at = input->fold[f].n_rows++;
			input->row[f][at] = row;
			input->label[f][at] = row < N_POSITIVE;
			for (size_t c = 0; c < 2; c++)
				input->score[c][f][at] = seen[c][row] + (row < N_POSITIVE ? 1.4 + (double)c * gain : 0);
		}
	}
	finish_input(input);
}

/* A small part of the family "compare" of make bench-coverage. True ROC-AUC: P(N(1.4, 2) > 0) = 0.8389. */
START_TEST(intervals_keep_their_promise)
{
	enum { N_TABLES = 60 };
	static struct input input;
	size_t n_held = 0, n_alarms = 0, n_told = 0;
	for (uint64_t t = 0; t < N_TABLES; t++)
		for (int gains = 0; gains < 2; gains++) {
			draw_table(&input, t, gains ? 0.45 : 0);
			struct flt_comparison comparison = compare(&input);
			struct flt_spread own = flt_comparison_figure(&comparison, 0, FLT_COMPARE_ROC_AUC);
			struct flt_spread gain = flt_comparison_difference(&comparison, 1, 0, FLT_COMPARE_ROC_AUC);
			n_held += !gains && own.lo <= 0.8389 && 0.8389 <= own.hi;
			n_alarms += !gains && (gain.lo > 0 || gain.hi < 0);
			n_told += gains && gain.lo > 0;
			flt_comparison_release(&comparison);
		}
	ck_assert_msg(n_held >= 0.93 * N_TABLES, "%zu held", n_held);
	ck_assert_msg(n_alarms < 0.05 * N_TABLES, "%zu false alarms", n_alarms);
	ck_assert_msg(n_told >= 0.6 * N_TABLES, "%zu told", n_told);
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
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, student_agrees_with_scipy);
	tcase_add_test(tests, quantile_of_student_is_exact_to_the_last_bit);
	tcase_add_test(tests, means_and_errors_agree_with_numpy);
	tcase_add_test(tests, figures_of_a_fold_are_those_of_evaluate);
	tcase_add_test(tests, threads_do_not_change_a_bit);
	tcase_add_test(tests, a_classifier_does_not_differ_from_itself);
	tcase_add_test(tests, repeats_bring_no_new_rows);
	tcase_add_test(tests, spreads_agree_with_scipy);
	tcase_add_test(tests, spread_of_trainings_agrees_with_hand_computation);
	tcase_add_test(tests, mirrored_spread_is_that_of_mirrored_values);
	tcase_add_test(tests, resamples_are_those_of_a_naive_bootstrap);
	tcase_add_test(tests, weighted_resamples_are_those_of_a_naive_bootstrap);
	tcase_add_test(tests, weights_are_copies_that_are_drawn_together);
	if (!IS_WATCHED)
		tcase_add_test(tests, intervals_keep_their_promise);
	tcase_add_test(tests, a_fold_of_one_class_is_an_error);
	tcase_add_test(tests, failed_allocations_are_reported);
	suite_add_tcase(suite, tests);
	return suite;
}
