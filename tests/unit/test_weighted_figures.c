/* Figures of rows with weights: against scikit-learn's sample_weight, and
 * against rows that are written as often. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log_odds.h"
#include "eval/metrics.h"
#include "reference_csv.h"
#include "suite.h"

enum { MOST_ROWS = 512, MOST_COPIES = 5 * MOST_ROWS };

static double score[MOST_COPIES], weight[MOST_ROWS];
static uint8_t label[MOST_COPIES];
static size_t cluster[MOST_COPIES]; /* of a copy: its row */

static size_t read_case(const char *name)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/weighted_inputs.csv");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], name) != 0)
			continue;
		score[n] = reference_csv_number(&csv, 1);
		label[n] = reference_csv_number(&csv, 2) > 0;
		weight[n++] = reference_csv_number(&csv, 3);
		ck_assert(n < MOST_ROWS);
	}
	return n;
}

/* The score is the log-odds, too. */
static void figures_of(size_t n, const double *weights, const size_t *clusters, struct flt_figures *figures)
{
	struct flt_scored rows = {.n = n,
	                          .score = score,
	                          .log_odds = score,
	                          .label = label,
	                          .weight = weights,
	                          .cluster = clusters,
	                          .n_clusters = MOST_ROWS};
	struct flt_evaluate_options options = {.threshold = flt_sigmoid(-1), .seed = 1, .n_threads = 1};
	struct flt_error err = {0};
	enum flt_status status = flt_evaluate(&rows, &options, figures, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
}

static void expect_near(double a, double b, const char *what)
{
	if (!(fabs(a - b) <= 1e-12 * fmax(1, fabs(b))))
		ck_abort_msg("%s: %.17g, not %.17g", what, a, b);
}

/* The intervals of two sets of figures: values to 1e-12, and bounds to 1e-9. */
static void expect_same_intervals(const struct flt_figures *a, const struct flt_figures *b)
{
	const struct flt_interval *of_a[] = {
	        &a->ap,        &a->roc_auc,    &a->chosen.precision,       &a->chosen.recall,
	        &a->chosen.f1, &a->chosen.mcc, &a->chosen.alarms_per_10000};
	const struct flt_interval *of_b[] = {
	        &b->ap,        &b->roc_auc,    &b->chosen.precision,       &b->chosen.recall,
	        &b->chosen.f1, &b->chosen.mcc, &b->chosen.alarms_per_10000};
	for (size_t i = 0; i < sizeof of_a / sizeof *of_a; i++) {
		expect_near(of_a[i]->value, of_b[i]->value, "value of an interval");
		ck_assert(fabs(of_a[i]->lo - of_b[i]->lo) < 1e-9);
		ck_assert(fabs(of_a[i]->hi - of_b[i]->hi) < 1e-9);
	}
}

START_TEST(figures_agree_with_scikit_learn)
{
	struct reference_csv csv;
	size_t n_cases = 0;
	reference_csv_open(&csv, "tests/reference/weighted_figures.csv");
	for (; reference_csv_next(&csv); n_cases++) {
		struct flt_figures figures;
		const struct flt_point *point = &figures.chosen;
		const double *const own[] = {
		        &figures.ap.value,
		        &figures.roc_auc.value,
		        &figures.brier,
		        &figures.log_loss,
		        NULL,
		        &point->confusion.tp,
		        &point->confusion.fp,
		        &point->confusion.fn,
		        &point->confusion.tn,
		        &point->precision.value,
		        &point->recall.value,
		        &point->f1.value,
		        &point->mcc.value,
		};
		size_t n = read_case(csv.field[0]);
		ck_assert(n == (size_t)reference_csv_number(&csv, 1));
		figures_of(n, weight, NULL, &figures);
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			if (own[i])
				expect_near(*own[i], reference_csv_number(&csv, 2 + i), csv.field[0]);
	}
	ck_assert_uint_eq(n_cases, 4);
}
END_TEST

/* Average precision by itself, and as the sum over the points of the curve. */
START_TEST(the_curve_agrees_with_scikit_learn)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/weighted_figures.csv");
	while (reference_csv_next(&csv)) {
		static struct flt_pr_point points[MOST_ROWS];
		struct flt_scored rows = {
		        .n = read_case(csv.field[0]), .score = score, .label = label, .weight = weight};
		double ap, sum = 0, before = 0;
		size_t n_points;
		ck_assert_int_eq(flt_average_precision(&rows, &ap, NULL), FLT_OK);
		expect_near(ap, reference_csv_number(&csv, 2), csv.field[0]);
		ck_assert_int_eq(flt_pr_curve(&rows, points, &n_points, NULL), FLT_OK);
		for (size_t i = 0; i < n_points; i++) {
			sum += (points[i].tp - before) * points[i].tp / (points[i].tp + points[i].fp);
			before = points[i].tp;
		}
		expect_near(sum / before, ap, csv.field[0]);
	}
}
END_TEST

/* Writes each row as often as it weighs; returns how many there are then. */
static size_t copy_rows(size_t n)
{
	size_t n_copies = 0;
	for (size_t i = 0; i < n; i++)
		n_copies += (size_t)weight[i];
	for (size_t i = n, at = n_copies; i-- > 0;)
		for (size_t copy = 0; copy < (size_t)weight[i]; copy++) {
			score[--at] = score[i];
			label[at] = label[i];
			cluster[at] = i;
		}
	return n_copies;
}

static void expect_same_point(const struct flt_point *a, const struct flt_point *b)
{
	expect_near(a->confusion.tp, b->confusion.tp, "tp");
	expect_near(a->confusion.fp, b->confusion.fp, "fp");
	expect_near(a->confusion.fn, b->confusion.fn, "fn");
	expect_near(a->confusion.tn, b->confusion.tn, "tn");
	expect_near(a->precision.value, b->precision.value, "precision");
	expect_near(a->recall.value, b->recall.value, "recall");
	expect_near(a->f1.value, b->f1.value, "F1");
	expect_near(a->mcc.value, b->mcc.value, "MCC");
	expect_near(a->alarms_per_10000.value, b->alarms_per_10000.value, "alarms");
	expect_near(a->accuracy, b->accuracy, "accuracy");
}

START_TEST(figures_are_those_of_copied_rows)
{
	struct flt_figures a, b;
	size_t n = read_case("counts");
	figures_of(n, weight, NULL, &a);
	figures_of(copy_rows(n), NULL, NULL, &b);
	expect_near(a.ap.value, b.ap.value, "AP");
	expect_near(a.roc_auc.value, b.roc_auc.value, "ROC-AUC");
	expect_near(a.davis_goadrich, b.davis_goadrich, "area by Davis and Goadrich");
	expect_near(a.trapezoid, b.trapezoid, "trapezoid area");
	expect_near(a.log_loss, b.log_loss, "log-loss");
	expect_near(a.brier, b.brier, "Brier");
	expect_near(a.ece, b.ece, "ECE");
	expect_near(a.mean_probability, b.mean_probability, "mean probability");
	expect_near(a.majority_accuracy, b.majority_accuracy, "accuracy of the majority");
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		expect_near(a.at_precision[i].recall, b.at_precision[i].recall, "recall at a precision");
	expect_same_point(&a.chosen, &b.chosen);
	expect_same_point(&a.at_half, &b.at_half);
}
END_TEST

/* Copies of a row hang together: they tell no more than the row. */
START_TEST(intervals_are_those_of_copies_that_hang_together)
{
	struct flt_figures a, b;
	size_t n = read_case("counts");
	figures_of(n, weight, NULL, &a);
	figures_of(copy_rows(n), NULL, cluster, &b);
	expect_same_intervals(&a, &b);
}
END_TEST

/* What weights are to each other counts, not their unit. */
START_TEST(the_unit_of_weights_does_not_matter)
{
	struct flt_figures a, b;
	size_t n = read_case("coarse");
	figures_of(n, weight, NULL, &a);
	for (size_t i = 0; i < n; i++)
		weight[i] *= 1e-9;
	figures_of(n, weight, NULL, &b);
	expect_same_intervals(&a, &b);
}
END_TEST

/* Equal weights leave the intervals as they are. */
START_TEST(equal_weights_are_no_weights)
{
	struct flt_figures a, b;
	size_t n = read_case("fine");
	figures_of(n, NULL, NULL, &a);
	for (size_t i = 0; i < n; i++)
		weight[i] = 3;
	figures_of(n, weight, NULL, &b);
	expect_same_intervals(&a, &b);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("weighted figures");
	TCase *tests = tcase_create("weighted figures");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, figures_agree_with_scikit_learn);
	tcase_add_test(tests, the_curve_agrees_with_scikit_learn);
	tcase_add_test(tests, figures_are_those_of_copied_rows);
	tcase_add_test(tests, intervals_are_those_of_copies_that_hang_together);
	tcase_add_test(tests, the_unit_of_weights_does_not_matter);
	tcase_add_test(tests, equal_weights_are_no_weights);
	suite_add_tcase(suite, tests);
	return suite;
}
