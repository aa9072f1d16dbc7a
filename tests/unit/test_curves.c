/* What pictures are drawn from: thresholds, ranked rows and histograms, against counts of the rows themselves. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "eval/curves.h"
#include "eval/decision.h"
#include "suite.h"

enum { MOST_ROWS = 12000 };

static double log_odds[MOST_ROWS], weight[MOST_ROWS], copied[MOST_ROWS];
static uint8_t label[MOST_ROWS], copied_label[MOST_ROWS];

/* Rows whose log-odds are those of their class: normal, with a distance of `shift`, and rounded so that some tie. */
static struct flt_scored simulate(size_t n, double share, double shift, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "rows", 0);
	for (size_t i = 0; i < n; i++) {
		label[i] = flt_random_uniform(&random) < share || i == 0;
		label[i] = label[i] && i != 1;
		double x = flt_random_normal(&random) + (label[i] ? shift : 0);
		log_odds[i] = shift * (round(64 * x) / 64 - shift / 2) + flt_logit(share);
	}
	return (struct flt_scored){.n = n, .score = log_odds, .log_odds = log_odds, .label = label};
}

static struct flt_curves curves_of(const struct flt_scored *rows, double prior)
{
	struct flt_curves curves;
	ck_assert_int_eq(flt_curves_find(rows, prior, &curves, NULL), FLT_OK);
	return curves;
}

static double n_positive(const struct flt_scored *rows)
{
	double n = 0;
	for (size_t i = 0; i < rows->n; i++)
		n += rows->label[i] ? flt_row_weight(rows, i) : 0;
	return n;
}

/* Of 30 positive rows each has its threshold, if no two tie; of hundreds one in so many. */
START_TEST(thresholds_find_all_positive_rows_step_by_step)
{
	static const double shares[] = {0.005, 0.1, 0.5, 0.999};
	for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
		struct flt_scored rows = simulate(6000, shares[s], 2, s + 1);
		struct flt_curves curves = curves_of(&rows, 0);
		double n = n_positive(&rows), last = 0;
		ck_assert_uint_ge(curves.n_thresholds, n < FLT_MOST_THRESHOLDS ? (size_t)(0.7 * n) : 40);
		ck_assert_uint_le(curves.n_thresholds, FLT_MOST_THRESHOLDS);
		for (size_t i = 0; i < curves.n_thresholds; i++) {
			const struct flt_point *point = &curves.threshold[i];
			struct flt_point same;
			ck_assert_int_eq(flt_point_at(&rows, point->probability, 0, &same, NULL), FLT_OK);
			ck_assert_mem_eq(point, &same, sizeof same);
			ck_assert(i == 0 || point->probability < curves.threshold[i - 1].probability);
			ck_assert_double_gt(point->recall.value, last);
			last = point->recall.value;
			ck_assert_ptr_eq(flt_curves_at_recall(&curves, last), point);
		}
		ck_assert_double_eq(last, 1);
		ck_assert_double_eq(flt_curves_at_recall(&curves, 1)->recall.value, 1);
		ck_assert_ptr_eq(flt_curves_at_recall(&curves, 0), curves.threshold);
	}
}
END_TEST

/* The highest threshold that finds as many positive rows, by trying each row's. */
START_TEST(thresholds_are_corners_of_the_curve)
{
	struct flt_scored rows = simulate(3000, 0.02, 2, 9);
	struct flt_curves curves = curves_of(&rows, 0);
	for (size_t i = 0; i < curves.n_thresholds; i++) {
		double highest = 0;
		for (size_t r = 0; r < rows.n; r++) {
			double threshold = flt_sigmoid(log_odds[r]);
			struct flt_confusion confusion = flt_confusion_at(&rows, threshold);
			if (flt_recall(&confusion) >= curves.threshold[i].recall.value)
				highest = fmax(highest, threshold);
		}
		ck_assert_double_eq(curves.threshold[i].probability, highest);
	}
}
END_TEST

/* Every row is in one of the parts, which give the mean probability and the share of positive rows of all. */
START_TEST(ranked_rows_are_all_rows)
{
	static const struct {
		size_t n;
		double share, first; /* the share of the highest part */
	} cases[] = {{12000, 0.005, 2e-3}, {12000, 0.4, 0.1}, {300, 0.005, 0.1}, {15, 0.3, 1}, {12000, 2e-4, 2e-3}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct flt_scored rows = simulate(cases[c].n, cases[c].share, 2, c + 1);
		struct flt_curves curves = curves_of(&rows, 0);
		double weights = 0, said = 0, were = 0, mean = 0;
		for (size_t i = 0; i < curves.n_ranked; i++) {
			const struct flt_ranked_rows *ranked = &curves.ranked[i];
			ck_assert_double_eq(ranked->from, i ? curves.ranked[i - 1].to : 0);
			ck_assert(ranked->were.lo <= ranked->were.value && ranked->were.value <= ranked->were.hi);
			ck_assert(i == 0 || ranked->said <= curves.ranked[i - 1].said);
			weights += ranked->weight;
			said += ranked->weight * ranked->said;
			were += ranked->weight * ranked->were.value;
		}
		for (size_t i = 0; i < rows.n; i++)
			mean += flt_sigmoid(log_odds[i]);
		ck_assert_double_eq(curves.ranked[0].to, cases[c].first);
		ck_assert_double_eq(curves.ranked[curves.n_ranked - 1].to, 1);
		ck_assert_double_eq_tol(weights, (double)rows.n, 1e-8);
		ck_assert_double_eq_tol(said, mean, 1e-8);
		ck_assert_double_eq_tol(were, n_positive(&rows), 1e-8);
	}
}
END_TEST

START_TEST(bins_hold_all_rows)
{
	struct flt_scored rows = simulate(5000, 0.1, 2, 4);
	log_odds[2] = 60;
	log_odds[3] = -60;
	struct flt_histogram histogram = curves_of(&rows, 0).histogram;
	double sum[2] = {0, 0}, width = (histogram.hi - histogram.lo) / FLT_HISTOGRAM_BINS;
	ck_assert_double_eq(histogram.lo, -14);
	ck_assert_double_eq(histogram.hi, 14);
	for (size_t bin = 0; bin < FLT_HISTOGRAM_BINS; bin++) {
		double lo = bin ? histogram.lo + (double)bin * width : -HUGE_VAL, counted[2] = {0, 0};
		double hi = bin + 1 < FLT_HISTOGRAM_BINS ? histogram.lo + (double)(bin + 1) * width : HUGE_VAL;
		for (size_t i = 0; i < rows.n; i++)
			counted[label[i]] += log_odds[i] >= lo && log_odds[i] < hi;
		ck_assert_double_eq(histogram.negative[bin], counted[0]);
		ck_assert_double_eq(histogram.positive[bin], counted[1]);
		sum[0] += counted[0];
		sum[1] += counted[1];
	}
	ck_assert_double_eq(sum[1], n_positive(&rows));
	ck_assert_double_eq(sum[0] + sum[1], (double)rows.n);
}
END_TEST

/* Where all log-odds are equal, there is one threshold, and one bin. */
START_TEST(equal_log_odds)
{
	struct flt_scored rows = simulate(100, 0.1, 2, 4);
	for (size_t i = 0; i < rows.n; i++)
		log_odds[i] = 900;
	struct flt_curves curves = curves_of(&rows, 0);
	ck_assert_uint_eq(curves.n_thresholds, 1);
	ck_assert_double_eq(curves.threshold[0].probability, 1);
	ck_assert_double_eq(curves.histogram.hi - curves.histogram.lo, 1);
	ck_assert_double_eq(curves.histogram.positive[FLT_HISTOGRAM_BINS - 1], n_positive(&rows));
	for (size_t i = 0; i < curves.n_ranked; i++)
		ck_assert_double_eq_tol(curves.ranked[i].were.value, n_positive(&rows) / 100, 1e-12);
}
END_TEST

/* A row of weight 3 is three rows. */
START_TEST(weights_are_copies)
{
	struct flt_scored rows = simulate(2000, 0.05, 2, 8);
	size_t n = 0;
	for (size_t i = 0; i < rows.n; i++) {
		weight[i] = (double)(1 + i % 3);
		for (size_t k = 0; k < 1 + i % 3; k++, n++) {
			copied[n] = log_odds[i];
			copied_label[n] = label[i];
		}
	}
	rows.weight = weight;
	struct flt_scored copies = {.n = n, .score = copied, .log_odds = copied, .label = copied_label};
	struct flt_curves weighted = curves_of(&rows, 0), written = curves_of(&copies, 0);
	ck_assert_uint_eq(weighted.n_thresholds, written.n_thresholds);
	for (size_t i = 0; i < weighted.n_thresholds; i++) {
		const struct flt_point *a = &weighted.threshold[i], *b = &written.threshold[i];
		ck_assert_double_eq(a->probability, b->probability);
		ck_assert_double_eq(a->confusion.fp, b->confusion.fp);
	}
	ck_assert_uint_eq(weighted.n_ranked, written.n_ranked);
	for (size_t i = 0; i < weighted.n_ranked; i++) {
		ck_assert_double_eq_tol(weighted.ranked[i].said, written.ranked[i].said, 1e-12);
		ck_assert_double_eq_tol(weighted.ranked[i].were.value, written.ranked[i].were.value, 1e-12);
	}
	ck_assert_mem_eq(&weighted.histogram, &written.histogram, sizeof weighted.histogram);
}
END_TEST

/* Under a prior, ranked rows are those of a table with that share of positive rows, and so is precision. */
START_TEST(a_prior_weighs_the_classes)
{
	struct flt_scored rows = simulate(4000, 0.2, 2, 3);
	struct flt_curves curves = curves_of(&rows, 0.01);
	double were = 0;
	for (size_t i = 0; i < curves.n_ranked; i++)
		were += (curves.ranked[i].to - curves.ranked[i].from) * curves.ranked[i].were.value;
	ck_assert_double_eq_tol(were, 0.01, 1e-9);
	const struct flt_confusion *all = &curves.threshold[curves.n_thresholds - 1].confusion;
	double false_alarms = all->fp / (all->fp + all->tn);
	ck_assert_double_eq_tol(curves.threshold[curves.n_thresholds - 1].precision.value,
	                        0.01 / (0.01 + 0.99 * false_alarms), 1e-9);
}
END_TEST

static double beyond(double x)
{
	return 0.5 * erfc(x / sqrt(2));
}

/* The 95 % intervals of precision hold the precision that new rows have at these thresholds, and those of ranked rows
 * the mean probability, which is true here. */
START_TEST(intervals_hold)
{
	enum { TIMES = 150, N = 3000, FIRST = 4 };
	const double share = 0.05, shift = 2;
	size_t n = 0, n_held = 0, n_first = 0, n_first_held = 0, n_ranked = 0, n_ranked_held = 0;
	for (uint64_t t = 1; t <= TIMES; t++) {
		struct flt_scored rows = simulate(N, share, shift, t);
		struct flt_curves curves = curves_of(&rows, 0);
		for (size_t i = 0; i < curves.n_thresholds; i++) {
			const struct flt_point *point = &curves.threshold[i];
			double at = (flt_logit(point->probability) - flt_logit(share)) / shift + shift / 2;
			double tp = share * beyond(at - 1.0 / 128 - shift), fp = (1 - share) * beyond(at - 1.0 / 128);
			bool holds = point->precision.lo <= tp / (tp + fp) && tp / (tp + fp) <= point->precision.hi;
			*(i < FIRST ? &n_first : &n) += 1;
			*(i < FIRST ? &n_first_held : &n_held) += holds;
		}
		for (size_t i = 0; i < curves.n_ranked; i++, n_ranked++)
			n_ranked_held += curves.ranked[i].were.lo <= curves.ranked[i].said &&
			                 curves.ranked[i].said <= curves.ranked[i].were.hi;
	}
	ck_assert_double_ge((double)n_held / (double)n, 0.93);
	ck_assert_double_ge((double)n_first_held / (double)n_first, 0.9);
	ck_assert_double_ge((double)n_ranked_held / (double)n_ranked, 0.93);
}
END_TEST

/* What each row costs, added up row by row; under a prior, each class by itself. */
static double cost_by_rows(const struct flt_scored *rows, double threshold, const struct flt_costs *costs, double prior)
{
	double cost[2] = {0, 0}, all[2] = {0, 0};
	for (size_t i = 0; i < rows->n; i++) {
		bool called = flt_is_positive(rows->log_odds[i], threshold);
		double w = flt_row_weight(rows, i);
		all[rows->label[i]] += w;
		if (called && !rows->label[i])
			cost[0] += w * costs->false_alarm;
		if (!called && rows->label[i])
			cost[1] += w * costs->miss;
	}
	if (prior <= 0)
		return 1e4 * (cost[0] + cost[1]) / (all[0] + all[1]);
	return 1e4 * ((1 - prior) * cost[0] / all[0] + prior * cost[1] / all[1]);
}

START_TEST(costs_are_those_of_the_rows)
{
	static const struct flt_costs costs = {2, 35};
	static const double priors[] = {0, 0.3};
	struct flt_scored rows = simulate(3000, 0.03, 2, 5);
	for (size_t i = 0; i < rows.n; i++)
		weight[i] = 1 + (double)(i % 3);
	for (int weighted = 0; weighted < 2; weighted++) {
		rows.weight = weighted ? weight : NULL;
		for (size_t p = 0; p < 2; p++) {
			struct flt_curves curves = curves_of(&rows, priors[p]);
			ck_assert(!curves.has_costs);
			struct flt_confusion chosen = flt_confusion_at(&rows, 0.123);
			flt_curves_add_costs(&curves, &costs, priors[p], &chosen);
			ck_assert(curves.has_costs && curves.costs.miss == 35);
			for (size_t i = 0; i < curves.n_thresholds; i++)
				ck_assert_double_eq_tol(
				        curves.cost[i],
				        cost_by_rows(&rows, curves.threshold[i].probability, &costs, priors[p]), 1e-8);
			ck_assert_double_eq_tol(curves.cost_chosen, cost_by_rows(&rows, 0.123, &costs, priors[p]),
			                        1e-8);
			ck_assert_double_eq_tol(curves.cost_of_none, cost_by_rows(&rows, 1.1, &costs, priors[p]), 1e-8);
			ck_assert_double_eq_tol(curves.cost_of_all, cost_by_rows(&rows, 0, &costs, priors[p]), 1e-8);
		}
	}
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	struct flt_scored rows = simulate(500, 0.1, 2, 1);
	static size_t cluster[500];
	for (size_t i = 0; i < rows.n; i++)
		cluster[i] = i / 5;
	rows.cluster = cluster;
	rows.n_clusters = 100;
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_curves curves;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_curves_find(&rows, 0.02, &curves, &err);
		flt_alloc_fail_at(0);
		ck_assert_msg(status == FLT_OK || status == FLT_ERR_MACHINE, "%lu: %s", k, err.text);
		ck_assert_uint_lt(k, 1000);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("curves");
	TCase *tests = tcase_create("curves");
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, thresholds_find_all_positive_rows_step_by_step);
	tcase_add_test(tests, thresholds_are_corners_of_the_curve);
	tcase_add_test(tests, ranked_rows_are_all_rows);
	tcase_add_test(tests, bins_hold_all_rows);
	tcase_add_test(tests, equal_log_odds);
	tcase_add_test(tests, weights_are_copies);
	tcase_add_test(tests, a_prior_weighs_the_classes);
	tcase_add_test(tests, intervals_hold);
	tcase_add_test(tests, costs_are_those_of_the_rows);
	tcase_add_test(tests, each_allocation_may_fail);
	suite_add_tcase(suite, tests);
	return suite;
}
