/* Figures against exact fractions, scikit-learn and slow obvious versions. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "eval/rank_groups.h"
#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "close.h"
#include "scored_rows.h"
#include "suite.h"

static void make_groups(const double *score, const uint8_t *label, size_t n, struct flt_rank_groups *groups)
{
	struct flt_ranking ranking;
	ck_assert_int_eq(flt_ranking_init(&ranking, n, NULL), FLT_OK);
	flt_ranking_sort(&ranking, score, n);
	ck_assert_int_eq(flt_rank_groups_init(groups, &ranking, &(struct flt_scored){.n = n, .label = label}, NULL),
	                 FLT_OK);
	flt_ranking_release(&ranking);
}

START_TEST(figures_agree_with_exact_fractions)
{
	struct reference_csv inputs, wanted;
	reference_csv_open(&inputs, "tests/reference/metrics_inputs.csv");
	reference_csv_open(&wanted, "tests/reference/metrics.csv");
	static struct rows rows;
	size_t n = 0;
	while (reference_csv_next(&inputs) && reference_csv_next(&wanted)) {
		rows_read(&inputs, &rows);
		double ap;
		ck_assert_int_eq(
		        flt_average_precision(
		                &(struct flt_scored){.n = rows.n, .score = rows.score, .label = rows.label}, &ap, NULL),
		        FLT_OK);
		assert_close(ap, reference_csv_number(&wanted, 2), 1e-12);
		if (wanted.field[3][0] == '\0')
			continue; /* no positive row */
		struct flt_rank_groups groups;
		make_groups(rows.score, rows.label, rows.n, &groups);
		assert_close(flt_rank_groups_average_precision(groups.group, groups.n), ap, 1e-15);
		assert_close(flt_rank_groups_roc_auc(groups.group, groups.n), reference_csv_number(&wanted, 3), 1e-12);
		assert_close(flt_rank_groups_trapezoid(groups.group, groups.n), reference_csv_number(&wanted, 4),
		             1e-12);
		assert_close(flt_rank_groups_davis_goadrich(groups.group, groups.n), reference_csv_number(&wanted, 5),
		             1e-12);
		flt_rank_groups_release(&groups);

		double log_odds[MAX_STORED_ROWS];
		for (size_t i = 0; i < rows.n; i++)
			log_odds[i] = flt_logit(rows.score[i]);
		struct flt_confusion confusion = flt_confusion_at(
		        &(struct flt_scored){.n = rows.n, .log_odds = log_odds, .label = rows.label}, 0.5);
		ck_assert(confusion.tp == reference_csv_number(&wanted, 6));
		ck_assert(confusion.fp == reference_csv_number(&wanted, 7));
		ck_assert(confusion.fn == reference_csv_number(&wanted, 8));
		ck_assert(confusion.tn == reference_csv_number(&wanted, 9));
		assert_close(flt_precision(&confusion), reference_csv_number(&wanted, 10), 1e-12);
		assert_close(flt_recall(&confusion), reference_csv_number(&wanted, 11), 1e-12);
		assert_close(flt_f1(&confusion), reference_csv_number(&wanted, 12), 1e-12);
		assert_close(flt_mcc(&confusion), reference_csv_number(&wanted, 13), 1e-12);
		assert_close(flt_brier(&(struct flt_scored){.n = rows.n, .log_odds = log_odds, .label = rows.label}),
		             reference_csv_number(&wanted, 14), 1e-12);
		n++;
	}
	ck_assert_uint_eq(n, 8);
}
END_TEST

START_TEST(figures_agree_with_scikit_learn)
{
	struct reference_csv inputs, wanted;
	reference_csv_open(&inputs, "tests/reference/eval_inputs.csv");
	reference_csv_open(&wanted, "tests/reference/eval_figures.csv");
	static struct rows rows;
	size_t n = 0;
	for (; reference_csv_next(&inputs) && reference_csv_next(&wanted); n++) {
		rows_read(&inputs, &rows);
		double ap, ece, ece_null;
		ck_assert_int_eq(
		        flt_average_precision(
		                &(struct flt_scored){.n = rows.n, .score = rows.score, .label = rows.label}, &ap, NULL),
		        FLT_OK);
		assert_close(ap, reference_csv_number(&wanted, 2), 1e-12);
		struct flt_rank_groups groups;
		make_groups(rows.score, rows.label, rows.n, &groups);
		assert_close(flt_rank_groups_roc_auc(groups.group, groups.n), reference_csv_number(&wanted, 3), 1e-12);
		const size_t ks[] = {10, 50, 100, 500, groups.n_positive};
		for (size_t i = 0; i < 5; i++) {
			if (ks[i] > rows.n)
				continue;
			double hits = flt_rank_groups_hits_at_k(groups.group, groups.n, (double)ks[i]);
			assert_close(hits / (double)ks[i], reference_csv_number(&wanted, 13 + 2 * i), 1e-12);
			assert_close(hits / (double)groups.n_positive, reference_csv_number(&wanted, 14 + 2 * i),
			             1e-12);
		}
		const double precisions[] = {0.5, 0.7, 0.9, 0.95};
		for (size_t i = 0; i < 4; i++)
			assert_close(flt_rank_groups_recall_at_precision(groups.group, groups.n, precisions[i]),
			             reference_csv_number(&wanted, 23 + i), 1e-12);
		flt_rank_groups_release(&groups);

		assert_close(flt_brier(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label}),
		             reference_csv_number(&wanted, 4), 1e-12);
		assert_close(
		        flt_log_loss(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label}),
		        reference_csv_number(&wanted, 5), 1e-12);
		struct flt_confusion confusion =
		        flt_confusion_at(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label},
		                         reference_csv_number(&wanted, 1));
		assert_close(flt_mcc(&confusion), reference_csv_number(&wanted, 6), 1e-12);
		assert_close(flt_f1(&confusion), reference_csv_number(&wanted, 7), 1e-12);
		assert_close(flt_precision(&confusion), reference_csv_number(&wanted, 8), 1e-12);
		assert_close(flt_recall(&confusion), reference_csv_number(&wanted, 9), 1e-12);
		assert_close(flt_accuracy(&confusion), reference_csv_number(&wanted, 10), 1e-12);
		ck_assert_int_eq(flt_ece(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label},
		                         15, &ece, &ece_null, NULL),
		                 FLT_OK);
		assert_close(ece, reference_csv_number(&wanted, 11), 1e-12);
	}
	ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(log_loss_and_brier_agree_with_reference)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/calibration_metrics.csv");
	ck_assert(reference_csv_next(&csv));
	double labels[16], log_odds[16];
	uint8_t label[16];
	size_t n = reference_csv_list(&csv, 0, labels, 16);
	ck_assert_uint_eq(reference_csv_list(&csv, 1, log_odds, 16), n);
	for (size_t i = 0; i < n; i++) {
		label[i] = labels[i] > 0;
		log_odds[i] = flt_logit(log_odds[i]);
	}
	assert_close(flt_log_loss(&(struct flt_scored){.n = n, .log_odds = log_odds, .label = label}),
	             reference_csv_number(&csv, 2), 1e-12);
	assert_close(flt_brier(&(struct flt_scored){.n = n, .log_odds = log_odds, .label = label}),
	             reference_csv_number(&csv, 3), 1e-12);
	fclose(csv.file);
}
END_TEST

START_TEST(infinite_log_odds_cost_only_when_wrong)
{
	const double log_odds[] = {INFINITY, -INFINITY, 0};
	ck_assert_double_eq(
	        flt_log_loss(&(struct flt_scored){.n = 3, .log_odds = log_odds, .label = (const uint8_t[]){1, 0, 1}}),
	        log(2) / 3);
	ck_assert_double_eq(
	        flt_brier(&(struct flt_scored){.n = 3, .log_odds = log_odds, .label = (const uint8_t[]){1, 0, 1}}),
	        0.25 / 3);
	ck_assert_double_eq(
	        flt_log_loss(&(struct flt_scored){.n = 3, .log_odds = log_odds, .label = (const uint8_t[]){0, 0, 1}}),
	        INFINITY);
	ck_assert_double_eq(
	        flt_brier(&(struct flt_scored){.n = 3, .log_odds = log_odds, .label = (const uint8_t[]){0, 1, 1}}),
	        2.25 / 3);
	ck_assert_double_eq(flt_log_loss(&(struct flt_scored){.n = 0, .log_odds = NULL, .label = NULL}), 0);
}
END_TEST

/* The definition, row by row: a positive counts the precision of all rows that score at least as high. */
static double slow_average_precision(const double *score, const uint8_t *label, size_t n)
{
	double sum = 0, positives = 0;
	for (size_t i = 0; i < n; i++) {
		if (!label[i])
			continue;
		double tp = 0, rows = 0;
		for (size_t j = 0; j < n; j++) {
			if (score[j] >= score[i]) {
				rows++;
				tp += label[j];
			}
		}
		sum += tp / rows;
		positives++;
	}
	return positives > 0 ? sum / positives : 0;
}

static double slow_roc_auc(const double *score, const uint8_t *label, size_t n)
{
	double wins = 0, pairs = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			if (label[i] && !label[j]) {
				wins += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
				pairs++;
			}
		}
	}
	return wins / pairs;
}

START_TEST(fast_versions_equal_slow_ones)
{
	static struct rows rows;
	struct flt_random random;
	flt_random_init(&random, 3, "test", 0);
	for (int round = 0; round < 300; round++) {
		rows.n = 2 + flt_random_below(&random, 120);
		double grid = round % 3 == 0 ? 2 : round % 3 == 1 ? 8 : 1e9;
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = flt_random_uniform(&random) < 0.2;
			rows.score[i] = floor((flt_random_normal(&random) + rows.label[i]) * grid) / grid;
			if (flt_random_below(&random, 30) == 0)
				rows.score[i] = flt_random_below(&random, 2) ? INFINITY : -INFINITY;
		}
		rows.label[0] = 1;
		rows.label[1] = 0;
		double ap;
		ck_assert_int_eq(
		        flt_average_precision(
		                &(struct flt_scored){.n = rows.n, .score = rows.score, .label = rows.label}, &ap, NULL),
		        FLT_OK);
		assert_close(ap, slow_average_precision(rows.score, rows.label, rows.n), 1e-14);
		struct flt_rank_groups groups;
		make_groups(rows.score, rows.label, rows.n, &groups);
		ck_assert_uint_le(groups.n, 2 * groups.n_positive + 1);
		assert_close(flt_rank_groups_average_precision(groups.group, groups.n), ap, 1e-14);
		assert_close(flt_rank_groups_roc_auc(groups.group, groups.n),
		             slow_roc_auc(rows.score, rows.label, rows.n), 1e-14);
		flt_rank_groups_release(&groups);
	}
}
END_TEST

/* All that depends on the ranking alone. */
static void ranking_figures(const double *score, const uint8_t *label, size_t n, double figures[6])
{
	struct flt_rank_groups groups;
	make_groups(score, label, n, &groups);
	figures[0] = flt_rank_groups_average_precision(groups.group, groups.n);
	figures[1] = flt_rank_groups_roc_auc(groups.group, groups.n);
	figures[2] = flt_rank_groups_davis_goadrich(groups.group, groups.n);
	figures[3] = flt_rank_groups_trapezoid(groups.group, groups.n);
	figures[4] = flt_rank_groups_recall_at_precision(groups.group, groups.n, 0.3);
	figures[5] = flt_rank_groups_hits_at_k(groups.group, groups.n, 17);
	flt_rank_groups_release(&groups);
}

/* Neither a strictly increasing function of the scores nor another order of the rows changes a bit. */
START_TEST(figures_of_a_ranking_depend_on_it_alone)
{
	static struct rows rows, other;
	struct flt_random random;
	flt_random_init(&random, 8, "test", 0);
	for (int round = 0; round < 50; round++) {
		double figures[6], changed[6];
		size_t order[100];
		rows.n = other.n = 20 + flt_random_below(&random, 80);
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = i < 2 ? i == 0 : flt_random_uniform(&random) < 0.2;
			rows.score[i] = floor(4 * flt_random_normal(&random)) / 4;
			order[i] = i;
		}
		ranking_figures(rows.score, rows.label, rows.n, figures);
		for (size_t i = 0; i < rows.n; i++)
			other.score[i] = round % 2 ? exp(rows.score[i]) : 3 * rows.score[i] - 100;
		ranking_figures(other.score, rows.label, rows.n, changed);
		ck_assert_mem_eq(figures, changed, sizeof figures);
		flt_random_shuffle(&random, order, rows.n);
		for (size_t i = 0; i < rows.n; i++) {
			other.score[i] = rows.score[order[i]];
			other.label[i] = rows.label[order[i]];
		}
		ranking_figures(other.score, other.label, rows.n, changed);
		ck_assert_mem_eq(figures, changed, sizeof figures);
	}
}
END_TEST

/* ROC-AUC of the reversed ranking is what is left to 1. */
START_TEST(reversed_ranking_has_the_complement_of_roc_auc)
{
	static struct rows rows;
	struct flt_random random;
	flt_random_init(&random, 9, "test", 0);
	rows.n = 120;
	for (int round = 0; round < 30; round++) {
		double figures[6], reversed[6];
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = i < 2 ? i == 0 : flt_random_uniform(&random) < 0.3;
			rows.score[i] = floor(3 * flt_random_normal(&random));
		}
		ranking_figures(rows.score, rows.label, rows.n, figures);
		for (size_t i = 0; i < rows.n; i++)
			rows.score[i] = -rows.score[i];
		ranking_figures(rows.score, rows.label, rows.n, reversed);
		assert_close(reversed[1], 1 - figures[1], 1e-14);
	}
}
END_TEST

/* Two bins of three rows; the tie of the ranks 2 to 4 goes whole into the first bin, where it begins. */
START_TEST(ece_keeps_ties_in_one_bin)
{
	const double log_odds[] = {-2, -1, 0.5, 0.5, 0.5, 3};
	const uint8_t label[] = {0, 1, 0, 1, 1, 0};
	double first = flt_sigmoid(-2) + flt_sigmoid(-1) + 3 * flt_sigmoid(0.5) - 3, second = flt_sigmoid(3), ece,
	       ece_null;
	ck_assert_int_eq(
	        flt_ece(&(struct flt_scored){.n = 6, .log_odds = log_odds, .label = label}, 2, &ece, &ece_null, NULL),
	        FLT_OK);
	assert_close(ece, (fabs(first) + second) / 6, 1e-14);
	ck_assert_int_eq(
	        flt_ece(&(struct flt_scored){.n = 6, .log_odds = log_odds, .label = label}, 1, &ece, &ece_null, NULL),
	        FLT_OK);
	assert_close(ece, fabs(first + second) / 6, 1e-14);
	/* A bin for each group of ties. */
	double each = flt_sigmoid(-2) + 1 - flt_sigmoid(-1) + fabs(3 * flt_sigmoid(0.5) - 2) + second;
	ck_assert_int_eq(
	        flt_ece(&(struct flt_scored){.n = 6, .log_odds = log_odds, .label = label}, 100, &ece, &ece_null, NULL),
	        FLT_OK);
	assert_close(ece, each / 6, 1e-14);
	ck_assert_int_eq(
	        flt_ece(&(struct flt_scored){.n = 0, .log_odds = NULL, .label = NULL}, 15, &ece, &ece_null, NULL),
	        FLT_OK);
	ck_assert_double_eq(ece, 0);
}
END_TEST

/* The integral of precision over recall where, between two points of the curve, false positives come in proportion to
 * true ones: by the midpoint rule. */
static double integrated_area(const struct flt_rank_groups *groups)
{
	enum { N_STEPS = 2000 };
	double tp = 0, fp = 0, area = 0;
	for (size_t g = 0; g < groups->n; g++) {
		double n_positive = groups->group[g].n_positive, n_negative = groups->group[g].n_negative;
		for (int k = 0; k < N_STEPS; k++) {
			double share = (k + 0.5) / N_STEPS, hits = tp + share * n_positive,
			       misses = fp + share * n_negative;
			area += n_positive / N_STEPS * hits / (hits + misses);
		}
		tp += n_positive;
		fp += n_negative;
	}
	return area / tp;
}

START_TEST(davis_goadrich_is_the_integral_of_the_interpolated_curve)
{
	static struct rows rows;
	struct flt_random random;
	flt_random_init(&random, 10, "test", 0);
	for (int round = 0; round < 50; round++) {
		struct flt_rank_groups groups;
		rows.n = 90;
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = i < 2 ? i == 0 : flt_random_uniform(&random) < 0.4;
			rows.score[i] = floor(2 * flt_random_normal(&random) + rows.label[i]);
		}
		make_groups(rows.score, rows.label, rows.n, &groups);
		ck_assert_double_eq_tol(flt_rank_groups_davis_goadrich(groups.group, groups.n),
		                        integrated_area(&groups), 1e-5);
		flt_rank_groups_release(&groups);
	}
}
END_TEST

START_TEST(curve_holds_every_threshold_that_finds_a_positive)
{
	/* Groups 3, 2 (a tie of three), 1 and -1 (without a positive), 0. */
	const double score[] = {2, 0, 3, 2, -1, 2, 1};
	const uint8_t label[] = {0, 1, 1, 1, 0, 0, 0};
	const double tp[] = {1, 2, 3}, fp[] = {0, 2, 3};
	const double at[] = {3, 2, 0};
	struct flt_pr_point points[3];
	size_t n_points;
	ck_assert_int_eq(
	        flt_pr_curve(&(struct flt_scored){.n = 7, .score = score, .label = label}, points, &n_points, NULL),
	        FLT_OK);
	ck_assert_uint_eq(n_points, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(points[i].tp == tp[i] && points[i].fp == fp[i]);
		ck_assert_double_eq(score[points[i].row], at[i]);
		struct flt_confusion c = flt_confusion_at(
		        &(struct flt_scored){.n = 7, .log_odds = score, .label = label}, flt_sigmoid(at[i]));
		ck_assert(c.tp == tp[i] && c.fp == fp[i]);
	}
	for (unsigned long k = 1; k <= 4; k++) {
		flt_alloc_fail_at(k);
		ck_assert_int_eq(flt_pr_curve(&(struct flt_scored){.n = 7, .score = score, .label = label}, points,
		                              &n_points, NULL),
		                 FLT_ERR_MACHINE);
	}
	flt_alloc_fail_at(0);
}
END_TEST

START_TEST(ranking_sorts_every_kind_of_double)
{
	static const double wanted[] = {INFINITY, 1e308, 2,       1.5, 1 + 0x1p-52, 1,        5e-324,
	                                0,        -0.0,  -5e-324, -1,  -1e300,      -INFINITY};
	static const uint32_t shuffle[] = {4, 11, 0, 7, 8, 2, 12, 9, 1, 10, 3, 6, 5};
	enum { N = sizeof wanted / sizeof *wanted };
	double score[N];
	for (size_t i = 0; i < N; i++)
		score[i] = wanted[shuffle[i]];
	struct flt_ranking ranking;
	ck_assert_int_eq(flt_ranking_init(&ranking, N, NULL), FLT_OK);
	flt_ranking_sort(&ranking, score, N);
	for (size_t i = 0; i < N; i++) {
		ck_assert_double_eq(score[ranking.row[i]], wanted[i]);
		if (i > 0)
			ck_assert_int_eq(ranking.key[i] == ranking.key[i - 1], wanted[i] == wanted[i - 1]);
	}
	ck_assert_uint_eq(ranking.row[7], 3); /* of the two zeros the first row comes first */
	double ap;
	flt_ranking_sort(&ranking, score, 0);
	ck_assert_uint_eq(ranking.n, 0);
	ck_assert_int_eq(flt_average_precision(&(struct flt_scored){.n = 0, .score = NULL, .label = NULL}, &ap, NULL),
	                 FLT_OK);
	ck_assert_double_eq(ap, 0);
	flt_ranking_release(&ranking);
	flt_ranking_release(&ranking);
}
END_TEST

START_TEST(intervals_agree_with_reference)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/ap_intervals.csv");
	size_t n = 0;
	for (; reference_csv_next(&csv); n++) {
		struct flt_interval got =
		        flt_ap_logit_interval(reference_csv_number(&csv, 0), (size_t)reference_csv_number(&csv, 1));
		assert_close(got.lo, reference_csv_number(&csv, 2), 1e-12);
		assert_close(got.hi, reference_csv_number(&csv, 3), 1e-12);
	}
	ck_assert_uint_eq(n, 4);
	struct flt_interval zero = flt_ap_logit_interval(0, 10), one = flt_ap_logit_interval(1, 10);
	ck_assert(zero.value == 0 && zero.lo > 0 && zero.hi < 1 && one.value == 1 && one.lo > 0 && one.hi < 1);

	reference_csv_open(&csv, "tests/reference/eval_wilson.csv");
	for (n = 0; reference_csv_next(&csv); n++) {
		size_t count = (size_t)reference_csv_number(&csv, 0), total = (size_t)reference_csv_number(&csv, 1);
		struct flt_interval got = flt_wilson(count, total);
		ck_assert_double_eq(got.value, (double)count / (double)total);
		assert_close(got.lo, reference_csv_number(&csv, 2), 1e-10); /* roots of a polynomial: 1e-11 */
		assert_close(got.hi, reference_csv_number(&csv, 3), 1e-10);
		ck_assert(count > 0 ? got.lo > 0 : got.lo == 0);
		ck_assert(count < total ? got.hi < 1 : got.hi == 1);
	}
	ck_assert_uint_eq(n, 6);
	struct flt_interval nothing = flt_wilson(0, 0);
	ck_assert(nothing.value == 0 && nothing.lo == 0 && nothing.hi == 1);

	reference_csv_open(&csv, "tests/reference/eval_wilson_width.csv");
	for (n = 0; reference_csv_next(&csv); n++) {
		double count = reference_csv_number(&csv, 0), total = reference_csv_number(&csv, 1);
		struct flt_interval got = flt_wilson_of_width(count / total, total, reference_csv_number(&csv, 2));
		assert_close(got.lo, reference_csv_number(&csv, 3), 1e-9); /* the confidence is near 1 */
		assert_close(got.hi, reference_csv_number(&csv, 4), 1e-9);
	}
	ck_assert_uint_eq(n, 8);
}
END_TEST

START_TEST(wilson_contains_the_share_rises_with_it_and_is_symmetric)
{
	for (size_t n = 1; n <= 60; n++) {
		struct flt_interval before = {-1, -1, -1};
		for (size_t count = 0; count <= n; count++) {
			struct flt_interval at = flt_wilson(count, n), mirrored = flt_wilson(n - count, n);
			ck_assert(at.lo >= 0 && at.lo <= at.value && at.value <= at.hi && at.hi <= 1);
			ck_assert(at.lo > before.lo && at.value > before.value && at.hi > before.hi);
			ck_assert_double_eq_tol(at.lo, 1 - mirrored.hi, 1e-15);
			struct flt_interval more = flt_wilson(4 * count, 4 * n);
			ck_assert(more.hi - more.lo < at.hi - at.lo);
			before = at;
		}
	}
}
END_TEST

START_TEST(figures_of_nothing_are_zero)
{
	const struct flt_confusion nothing = {0}, all_negative = {.fn = 3, .tn = 9};
	ck_assert(flt_precision(&nothing) == 0 && flt_recall(&nothing) == 0 && flt_f1(&nothing) == 0 &&
	          flt_mcc(&nothing) == 0 && flt_accuracy(&nothing) == 0);
	ck_assert(flt_precision(&all_negative) == 0 && flt_recall(&all_negative) == 0 && flt_f1(&all_negative) == 0 &&
	          flt_mcc(&all_negative) == 0 && flt_accuracy(&all_negative) == 0.75);
	ck_assert(flt_is_positive(0, 0.5) && !flt_is_positive(-1e-9, 0.5) && flt_is_positive(-INFINITY, 0));
}
END_TEST

/* Compares a ranking made once with one that is sorted: the same rows and keys, from few bytes more. */
static void rank_once(const double *score, size_t n, double (*value)(double), size_t spare_bytes)
{
	struct flt_ranking sorted, made;
	double *values = calloc(n + 1, sizeof *values);
	for (size_t i = 0; i < n; i++)
		values[i] = value ? value(score[i]) : score[i];
	ck_assert_int_eq(flt_ranking_init(&sorted, n, NULL), FLT_OK);
	flt_ranking_sort(&sorted, values, n);
	flt_alloc_set_limit(flt_alloc_live() + 12 * n + spare_bytes);
	ck_assert_int_eq(flt_ranking_make(&made, score, n, value, NULL), FLT_OK);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_uint_eq(made.n, n);
	ck_assert_mem_eq(made.row, sorted.row, n * sizeof *made.row);
	ck_assert_mem_eq(made.key, sorted.key, n * sizeof *made.key);
	for (size_t i = 0; i < n; i += 1 + n / 1000)
		ck_assert_double_eq(flt_ranking_value(&made, i), values[made.row[i]]);
	flt_ranking_release(&made);
	flt_ranking_release(&sorted);
	free(values);
}

START_TEST(ranking_once_is_ranking)
{
	enum { N = 200000, PART = 2 * N };
	static double score[N];
	struct flt_random random;
	flt_random_init(&random, 11, "test", 0);
	for (int kind = 0; kind < 6; kind++) {
		for (size_t i = 0; i < N; i++) {
			double normal = flt_random_normal(&random);
			double of_kind[] = {normal,                               /* of both signs */
			                    (double)(float)(normal * 1e-3) - 7,   /* few digits differ */
			                    floor(2 * normal),                    /* few values, -0 among them */
			                    i % 10 ? 0.25 : normal,               /* most are equal */
			                    3,                                    /* all are */
			                    (double)i * (i % 3 ? 1 : -INFINITY)}; /* one in three is */
			score[i] = isnan(of_kind[kind]) ? 0 : of_kind[kind];
		}
		rank_once(score, N, NULL, PART);
		rank_once(score, N, flt_sigmoid, PART);
		rank_once(score, N / 10, NULL, 2 * N);
		rank_once(score, 0, NULL, 1000);
		rank_once(score, 1, NULL, 1000);
	}
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
	const double score[] = {1, 2, 3};
	const uint8_t label[] = {0, 1, 1};
	struct flt_error err;
	double value;
	int k = 1;
	for (;; k++) {
		flt_alloc_fail_at((unsigned long)k);
		enum flt_status status = flt_average_precision(
		        &(struct flt_scored){.n = 3, .score = score, .label = label}, &value, &err);
		flt_alloc_fail_at(0);
		if (status == FLT_OK)
			break;
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	}
	ck_assert_int_eq(k, 5);
	struct flt_ranking ranking;
	if (SIZE_MAX > UINT32_MAX)
		ck_assert_int_eq(flt_ranking_init(&ranking, (size_t)UINT32_MAX + 1, &err), FLT_ERR_DATA);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tests = tcase_create("metrics");
	tcase_add_test(tests, figures_agree_with_exact_fractions);
	tcase_add_test(tests, figures_agree_with_scikit_learn);
	tcase_add_test(tests, log_loss_and_brier_agree_with_reference);
	tcase_add_test(tests, infinite_log_odds_cost_only_when_wrong);
	tcase_add_test(tests, fast_versions_equal_slow_ones);
	tcase_add_test(tests, figures_of_a_ranking_depend_on_it_alone);
	tcase_add_test(tests, reversed_ranking_has_the_complement_of_roc_auc);
	tcase_add_test(tests, ece_keeps_ties_in_one_bin);
	tcase_add_test(tests, davis_goadrich_is_the_integral_of_the_interpolated_curve);
	tcase_add_test(tests, curve_holds_every_threshold_that_finds_a_positive);
	tcase_add_test(tests, ranking_sorts_every_kind_of_double);
	tcase_add_test(tests, ranking_once_is_ranking);
	tcase_add_test(tests, intervals_agree_with_reference);
	tcase_add_test(tests, wilson_contains_the_share_rises_with_it_and_is_symmetric);
	tcase_add_test(tests, figures_of_nothing_are_zero);
	tcase_add_test(tests, failed_allocations_are_reported);
	suite_add_tcase(suite, tests);
	return suite;
}
