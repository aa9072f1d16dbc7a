/*
 * Intervals: against R, with weights against rows written out, and in simulated worlds whose truth is known.
 */
#include <math.h>
#include <string.h>

#include "base/log_odds.h"
#include "base/random.h"
#include "eval/areas.h"
#include "eval/beta.h"
#include "eval/chance.h"
#include "eval/prior.h"
#include "close.h"
#include "reference_csv.h"
#include "suite.h"

enum { MOST = 6000 };

static double score[MOST], log_odds[MOST], weight[MOST];
static uint8_t label[MOST];
static size_t cluster[MOST];

static struct flt_figures evaluate(const struct flt_scored *rows, double threshold, double prior)
{
	struct flt_figures figures;
	struct flt_evaluate_options options = {.threshold = threshold, .prior = prior, .seed = 3, .n_threads = 1};
	memset(&figures, 0, sizeof figures);
	ck_assert_int_eq(flt_evaluate(rows, &options, &figures, NULL), FLT_OK);
	return figures;
}

/* ---- closed forms ---- */

/* A row for each count: score 1 where predicted positive. */
static struct flt_scored rows_of(const double count[4])
{
	size_t n = 0;
	for (int kind = 0; kind < 4; kind++)
		for (int i = 0; i < (int)count[kind]; i++, n++) {
			ck_assert_uint_lt(n, MOST);
			label[n] = kind == 0 || kind == 2;
			log_odds[n] = kind < 2 ? 1 : -1;
		}
	return (struct flt_scored){.n = n, .score = log_odds, .log_odds = log_odds, .label = label};
}

/* Clopper and Pearson's ends are where a tail of the incomplete beta function is 2.5 %. */
static struct flt_interval clopper_pearson_of(double hits, double n, double lo, double hi)
{
	if (hits > 0)
		assert_close(flt_incomplete_beta(hits, n - hits + 1, lo, 1 - lo), 0.025, 1e-9);
	if (hits < n)
		assert_close(flt_incomplete_beta(hits + 1, n - hits, hi, 1 - hi), 0.975, 1e-9);
	return (struct flt_interval){hits / n, lo, hi};
}

/* The share of hits among rows with weights or clusters, as precision where all are called positive. */
static struct flt_interval survey_interval_of(const char *kind, double number)
{
	struct reference_csv csv;
	struct flt_scored rows = {.log_odds = log_odds, .label = label, .weight = weight};
	struct flt_outcomes outcomes;
	struct flt_point point;
	reference_csv_open(&csv, "tests/reference/survey_rows.csv");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], kind) != 0)
			continue;
		label[rows.n] = reference_csv_number(&csv, 1) > 0;
		weight[rows.n] = reference_csv_number(&csv, 2);
		cluster[rows.n] = (size_t)reference_csv_number(&csv, 3);
		log_odds[rows.n++] = 1;
	}
	rows.cluster = strcmp(kind, "clusters") == 0 ? cluster : NULL;
	rows.n_clusters = rows.n;
	ck_assert_int_eq(flt_outcomes_at(&rows, 0.5, &outcomes, NULL), FLT_OK);
	assert_close(flt_outcome_share(&outcomes, 1 << FLT_TP, 1 << FLT_TP | 1 << FLT_FP).n, number, 1e-9);
	ck_assert_int_eq(flt_point_at(&rows, 0.5, 0, &point, NULL), FLT_OK);
	return point.precision;
}

static struct flt_interval interval_of(const struct reference_csv *csv)
{
	double a[5];
	for (size_t i = 0; i < 5; i++)
		a[i] = reference_csv_number(csv, 1 + i);
	const char *what = csv->field[0];
	if (strcmp(what, "wilson") == 0)
		return flt_wilson_of_share(a[0], a[1]);
	if (strcmp(what, "clopper_pearson") == 0)
		return clopper_pearson_of(a[0], a[1], reference_csv_number(csv, 7), reference_csv_number(csv, 8));
	if (strcmp(what, "logit") == 0)
		return flt_ap_logit_interval(a[0], (size_t)a[1]);
	if (strcmp(what, "roc_auc") == 0)
		return flt_roc_auc_interval_of(a[0], a[1], a[2], 1);
	if (strcmp(what, "ap") == 0)
		return flt_ap_interval_of(a[0], a[1], a[2], a[3], a[4]);
	if (strcmp(what, "weights") == 0 || strcmp(what, "clusters") == 0)
		return survey_interval_of(what, a[0]);
	struct flt_point point;
	struct flt_scored rows = rows_of(a);
	ck_assert_int_eq(flt_point_at(&rows, 0.5, 0, &point, NULL), FLT_OK);
	return strcmp(what, "mcc") == 0 ? point.mcc : point.f1;
}

START_TEST(closed_forms_agree_with_r)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/intervals.csv");
	for (; reference_csv_next(&csv); n++) {
		struct flt_interval got = interval_of(&csv);
		assert_close(got.value, reference_csv_number(&csv, 6), 1e-12);
		assert_close(got.lo, reference_csv_number(&csv, 7), 1e-9);
		assert_close(got.hi, reference_csv_number(&csv, 8), 1e-9);
	}
	ck_assert_uint_eq(n, 41);
}
END_TEST

/* ---- any rows ---- */

/* Rows with ties; weights and clusters too, if asked for. */
static struct flt_scored draw_rows(size_t n, double prevalence, double shift, bool weighted, bool clustered,
                                   struct flt_random *random)
{
	size_t n_clusters = n / 3 + 1;
	for (size_t i = 0; i < n; i++) {
		label[i] = i < 2 ? i == 0 : flt_random_uniform(random) < prevalence;
		score[i] = floor(8 * (flt_random_normal(random) + shift * label[i])) / 8;
		log_odds[i] = score[i] + flt_logit(prevalence);
		weight[i] = 1 + (double)flt_random_below(random, 5);
		cluster[i] = flt_random_below(random, n_clusters);
	}
	return (struct flt_scored){.n = n,
	                           .score = score,
	                           .log_odds = log_odds,
	                           .label = label,
	                           .weight = weighted ? weight : NULL,
	                           .cluster = clustered ? cluster : NULL,
	                           .n_clusters = clustered ? n_clusters : 0};
}

static void check_interval(const struct flt_interval *interval, double least, double most)
{
	const double slack = 1e-12;
	ck_assert_msg(least <= interval->lo && interval->lo <= interval->value + slack &&
	                      interval->value <= interval->hi + slack && interval->hi <= most,
	              "%g [%g, %g]", interval->value, interval->lo, interval->hi);
}

static void check_point(const struct flt_point *point)
{
	check_interval(&point->precision, 0, 1);
	check_interval(&point->recall, 0, 1);
	check_interval(&point->f1, 0, 1);
	check_interval(&point->mcc, -1, 1);
	check_interval(&point->alarms_per_10000, 0, 10000);
}

START_TEST(an_interval_holds_its_value)
{
	static const double prevalences[] = {0.02, 0.2, 0.9}, shifts[] = {-1, 0, 1, 6}, priors[] = {0, 0.001, 0.5};
	struct flt_random random;
	flt_random_init(&random, 1, "intervals", (uint64_t)_i);
	for (int round = 0; round < 250; round++) {
		size_t n = 2 + flt_random_below(&random, 150);
		struct flt_scored rows =
		        draw_rows(n, prevalences[round % 3], shifts[round % 4], round % 5 > 1, round % 7 > 3, &random);
		struct flt_figures f = evaluate(&rows, flt_random_uniform(&random), priors[round % 11 % 3]);
		check_interval(&f.ap, 0, 1);
		check_interval(&f.roc_auc, 0, 1);
		check_interval(&f.top_were, 0, 1);
		check_point(&f.chosen);
		check_point(&f.at_half);
		ck_assert(f.chance > 0 && f.chance <= 1 && f.chance95 > 0 && f.chance95 <= 1 && f.ece_null >= 0);
	}
}
END_TEST

START_TEST(the_ends_of_the_range_are_reached)
{
	for (size_t i = 0; i < 60; i++) {
		label[i] = i < 10;
		score[i] = label[i] ? 2 : -2;
	}
	struct flt_scored rows = {.n = 60, .score = score, .log_odds = score, .label = label};
	struct flt_figures f = evaluate(&rows, 0.5, 0);
	ck_assert(f.ap.value == 1 && f.ap.hi == 1 && f.ap.lo > 0.6 && f.ap.lo < 0.95);
	ck_assert(f.roc_auc.value == 1 && f.roc_auc.hi == 1 && f.roc_auc.lo > 0.7 && f.roc_auc.lo < 0.97);
	ck_assert(f.chosen.mcc.hi == 1 && f.chosen.mcc.lo < 0.9 && f.chosen.f1.lo < 0.9);
	memset(score, 0, sizeof score); /* all alike: the average precision is the prevalence, by chance too */
	f = evaluate(&rows, 0.6, 0);
	assert_close(f.ap.value, 1.0 / 6, 1e-12);
	assert_close(f.chance, 1.0 / 6, 1e-12);
	assert_close(f.chance95, 1.0 / 6, 1e-12);
	ck_assert(f.roc_auc.value == 0.5 && f.roc_auc.lo < 0.35 && f.roc_auc.hi > 0.65);
	ck_assert(f.chosen.mcc.value == 0 && f.chosen.precision.lo == 0 && f.chosen.precision.hi == 1);
}
END_TEST

/* ---- weights ---- */

START_TEST(weighted_figures_agree_with_scikit_learn)
{
	struct reference_csv wanted;
	size_t n_cases = 0;
	reference_csv_open(&wanted, "tests/reference/weighted_figures.csv");
	for (; reference_csv_next(&wanted); n_cases++) {
		struct reference_csv csv;
		size_t n = 0;
		reference_csv_open(&csv, "tests/reference/weighted_inputs.csv");
		while (reference_csv_next(&csv)) {
			if (strcmp(csv.field[0], wanted.field[0]) != 0)
				continue;
			score[n] = reference_csv_number(&csv, 1);
			label[n] = reference_csv_number(&csv, 2) > 0;
			weight[n++] = reference_csv_number(&csv, 3);
		}
		struct flt_scored rows = {.n = n, .score = score, .log_odds = score, .label = label, .weight = weight};
		struct flt_figures f = evaluate(&rows, flt_sigmoid(-1) * (1 - 1e-12), 0);
		const struct flt_confusion *c = &f.chosen.confusion;
		const double got[] = {f.ap.value,
		                      f.roc_auc.value,
		                      f.brier,
		                      f.log_loss,
		                      f.weight_positive / f.weight,
		                      c->tp,
		                      c->fp,
		                      c->fn,
		                      c->tn,
		                      f.chosen.precision.value,
		                      f.chosen.recall.value,
		                      f.chosen.f1.value,
		                      f.chosen.mcc.value};
		for (size_t i = 0; i < sizeof got / sizeof *got; i++)
			assert_close(got[i], reference_csv_number(&wanted, 2 + i), 1e-12);
	}
	ck_assert_uint_eq(n_cases, 4);
}
END_TEST

/* All numbers of the figures but the counts of rows, which come first. */
static void check_same(const struct flt_figures *a, const struct flt_figures *b, double scale)
{
	ck_assert_uint_eq(sizeof *a % sizeof(double), 0);
	struct flt_figures scaled = *a;
	struct flt_confusion *counts[] = {&scaled.chosen.confusion, &scaled.at_half.confusion};
	for (size_t i = 0; i < 2; i++)
		*counts[i] = (struct flt_confusion){counts[i]->tp * scale, counts[i]->fp * scale, counts[i]->fn * scale,
		                                    counts[i]->tn * scale};
	scaled.weight *= scale;
	scaled.weight_positive *= scale;
	const double *x = &scaled.weight, *y = &b->weight;
	size_t n = (size_t)((const char *)scaled.at_k - (const char *)x) / sizeof *x;
	for (size_t i = 0; i < n; i++)
		if (scale == 1 || (x + i != &scaled.top && x + i != &scaled.top_said &&
		                   (x + i < &scaled.top_were.value || x + i > &scaled.top_were.hi)))
			ck_assert_msg(fabs(x[i] - y[i]) <= 1e-12 * fmax(1, fabs(y[i])), "number %zu: %.17g, not %.17g",
			              i, x[i], y[i]);
	for (size_t i = 0; scale == 1 && i < FLT_N_AT_K; i++)
		ck_assert(a->at_k[i].k == b->at_k[i].k && fabs(a->at_k[i].recall - b->at_k[i].recall) < 1e-12);
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		ck_assert(fabs(a->at_precision[i].recall - b->at_precision[i].recall) < 1e-12);
}

/* Each row written as often as it weighs, its copies in one cluster, gives the same figures and intervals. */
START_TEST(weights_are_copies_that_hang_together)
{
	static double long_score[5 * MOST], long_log_odds[5 * MOST];
	static uint8_t long_label[5 * MOST];
	static size_t copy_of[5 * MOST];
	struct flt_random random;
	flt_random_init(&random, 2, "copies", 0);
	for (int round = 0; round < 20; round++) {
		struct flt_scored rows = draw_rows(150 + (size_t)round, 0.15, 1, true, false, &random);
		size_t n = 0;
		for (size_t i = 0; i < rows.n; i++)
			for (int k = 0; k < (int)weight[i]; k++, n++) {
				long_score[n] = score[i];
				long_log_odds[n] = log_odds[i];
				long_label[n] = label[i];
				copy_of[n] = i;
			}
		struct flt_scored copies = {.n = n,
		                            .score = long_score,
		                            .log_odds = long_log_odds,
		                            .label = long_label,
		                            .cluster = copy_of,
		                            .n_clusters = rows.n};
		double prior = round % 2 ? 0.02 : 0;
		struct flt_figures weighted = evaluate(&rows, 0.2, prior), copied = evaluate(&copies, 0.2, prior);
		check_same(&weighted, &copied, 1);
		ck_assert_uint_eq(weighted.n_rows, rows.n);
	}
}
END_TEST

START_TEST(equal_weights_change_counts_alone)
{
	struct flt_random random;
	flt_random_init(&random, 4, "equal", 0);
	struct flt_scored rows = draw_rows(400, 0.1, 1, false, false, &random);
	struct flt_figures plain = evaluate(&rows, 0.2, 0);
	for (size_t i = 0; i < rows.n; i++)
		weight[i] = 0.3;
	rows.weight = weight;
	struct flt_figures weighted = evaluate(&rows, 0.2, 0);
	check_same(&plain, &weighted, 0.3);
}
END_TEST

/* ---- what is promised holds ---- */

enum { TIMES = 400 };

/* 19 of 20 are expected; 90 and 99.5 % lie more than 4 standard errors away. */
static void check_kept(size_t kept, const char *what)
{
	ck_assert_msg(kept >= TIMES * 90 / 100 && kept <= TIMES * 995 / 1000, "%s: %zu of %d", what, kept, TIMES);
}

static bool holds(const struct flt_interval *interval, double truth)
{
	return interval->lo <= truth && truth <= interval->hi;
}

/* Patients of ten nearly equal rows, whose class the scores do not tell: as single rows they would hold in half of the
 * cases. */
/* One pair of copies among 2,000 rows is no sign that heavy rows were missed. */
START_TEST(a_single_pair_of_copies_hardly_widens)
{
	enum { N = 2000 };
	static double odds[N];
	static uint8_t labels[N];
	static size_t clusters[N];
	for (size_t i = 0; i < N; i++) {
		odds[i] = i < 6 ? 1 : -1;
		labels[i] = i < 12;
		clusters[i] = i == N - 1 ? N - 2 : i;
	}
	struct flt_scored rows = {.n = N, .score = odds, .log_odds = odds, .label = labels};
	struct flt_point apart, together;
	ck_assert_int_eq(flt_point_at(&rows, 0.5, 0, &apart, NULL), FLT_OK);
	rows.cluster = clusters;
	rows.n_clusters = N - 1;
	ck_assert_int_eq(flt_point_at(&rows, 0.5, 0, &together, NULL), FLT_OK);
	assert_close(together.precision.lo, apart.precision.lo, 0.005);
	assert_close(together.recall.lo, apart.recall.lo, 0.005);
	assert_close(together.recall.hi, apart.recall.hi, 0.005);
}
END_TEST

START_TEST(intervals_of_clusters_hold)
{
	enum { N = 1000 };
	struct flt_random random;
	size_t n_auc = 0, n_recall = 0, n_precision = 0, n_mcc = 0, n_alarms = 0, n_as_rows = 0, n_better = 0;
	flt_random_init(&random, 5, "patients", 0);
	for (int t = 0; t < TIMES; t++) {
		for (size_t i = 0; i < N; i++) {
			size_t patient = i / 10;
			cluster[i] = patient;
			label[i] = i % 10        ? label[i - 1]
			           : patient < 2 ? patient == 0
			                         : flt_random_uniform(&random) < 0.15;
			score[i] =
			        i % 10 ? score[i - 1] + 0.01 * flt_random_normal(&random) : flt_random_normal(&random);
		}
		struct flt_scored rows = {.n = N,
		                          .score = score,
		                          .log_odds = score,
		                          .label = label,
		                          .cluster = cluster,
		                          .n_clusters = N / 10};
		struct flt_figures f = evaluate(&rows, 0.5, 0);
		n_auc += holds(&f.roc_auc, 0.5);
		n_recall += holds(&f.chosen.recall, 0.5);
		n_precision += holds(&f.chosen.precision, 0.157);
		n_mcc += holds(&f.chosen.mcc, 0);
		n_alarms += holds(&f.chosen.alarms_per_10000, 5000);
		n_better += f.ap.value > f.chance95;
		struct flt_interval as_rows =
		        flt_roc_auc_interval_of(f.roc_auc.value, (double)f.n_positive, (double)(N - f.n_positive), 1);
		n_as_rows += holds(&as_rows, 0.5);
	}
	check_kept(n_auc, "ROC-AUC");
	check_kept(n_recall, "recall");
	check_kept(n_precision, "precision");
	check_kept(n_mcc, "MCC");
	check_kept(n_alarms, "alarms");
	ck_assert_uint_lt(n_as_rows, TIMES * 7 / 10);
	/* A ranking without signal beats 95 % of random ones in a twentieth of the cases. */
	ck_assert_msg(n_better >= 6 && n_better <= 40, "better than chance in %zu", n_better);
}
END_TEST

/* A prior of 1 % where positive rows are a tenth of those at hand. */
START_TEST(intervals_under_a_prior_hold)
{
	const double prior = 0.01, recall = 0.5, false_alarm = erfc(1.5 / sqrt(2)) / 2;
	const struct flt_confusion true_shares = {prior * recall, (1 - prior) * false_alarm, prior * (1 - recall),
	                                          (1 - prior) * (1 - false_alarm)};
	struct flt_random random;
	size_t n_precision = 0, n_f1 = 0, n_mcc = 0, n_alarms = 0, n_recall = 0;
	flt_random_init(&random, 6, "prior", 0);
	for (int t = 0; t < TIMES; t++) {
		for (size_t i = 0; i < 1500; i++) {
			label[i] = i < 150;
			score[i] = flt_random_normal(&random) + 1.5 * label[i] - 1.5;
		}
		struct flt_scored rows = {.n = 1500, .score = score, .log_odds = score, .label = label};
		struct flt_point point;
		ck_assert_int_eq(flt_point_at(&rows, 0.5, prior, &point, NULL), FLT_OK);
		n_precision += holds(&point.precision, flt_precision(&true_shares));
		n_f1 += holds(&point.f1, flt_f1(&true_shares));
		n_mcc += holds(&point.mcc, flt_mcc(&true_shares));
		n_alarms += holds(&point.alarms_per_10000, 10000 * (true_shares.tp + true_shares.fp));
		n_recall += holds(&point.recall, recall);
	}
	check_kept(n_precision, "precision");
	check_kept(n_f1, "F1");
	check_kept(n_mcc, "MCC");
	check_kept(n_alarms, "alarms");
	check_kept(n_recall, "recall");
}
END_TEST

/* Only the areas, which take no shuffles. */
static struct flt_areas areas_of(const struct flt_scored *rows, double prior)
{
	struct flt_ranking ranking;
	struct flt_rank_groups groups;
	struct flt_areas areas;
	double mass[2] = {0};
	ck_assert_int_eq(flt_ranking_init(&ranking, rows->n, NULL), FLT_OK);
	flt_ranking_sort(&ranking, rows->score, rows->n);
	ck_assert_int_eq(flt_rank_groups_init(&groups, &ranking, rows, NULL), FLT_OK);
	for (size_t i = 0; i < rows->n; i++)
		mass[rows->label[i]] += flt_row_weight(rows, i);
	double positive_weight = flt_prior_weight(mass, prior);
	for (size_t g = 0; g < groups.n; g++)
		groups.group[g].n_positive *= positive_weight;
	ck_assert_int_eq(flt_areas_find(rows, &ranking, &groups, positive_weight, prior > 0, &areas, NULL), FLT_OK);
	flt_rank_groups_release(&groups);
	flt_ranking_release(&ranking);
	return areas;
}

/* Three of ten positive rows score like negative ones: no spread of scores that Newcombe's variance knows. */
START_TEST(intervals_of_hopeless_rows_hold)
{
	const double auc = 0.7 * erfc(-1.5) / 2 + 0.15; /* P(N(3, 1) > N(0, 1)) = erfc(-3 / 2) / 2 */
	struct flt_random random;
	size_t n_auc = 0, n_newcombe = 0;
	flt_random_init(&random, 8, "hopeless", 0);
	for (int t = 0; t < TIMES; t++) {
		for (size_t i = 0; i < 1000; i++) {
			label[i] = i < 50;
			score[i] = flt_random_normal(&random) + (label[i] && flt_random_uniform(&random) < 0.7 ? 3 : 0);
		}
		struct flt_scored rows = {.n = 1000, .score = score, .log_odds = score, .label = label};
		struct flt_areas f = areas_of(&rows, 0);
		struct flt_interval newcombe = flt_roc_auc_interval_of(f.roc_auc.value, 50, 950, 1);
		n_auc += holds(&f.roc_auc, auc);
		n_newcombe += holds(&newcombe, auc);
	}
	check_kept(n_auc, "ROC-AUC");
	ck_assert_uint_lt(n_newcombe, TIMES * 9 / 10);
}
END_TEST

/* One row in five of low score is kept for five: the heavy ones among 30 positive rows may all be missing. */
START_TEST(intervals_of_thinned_rows_hold)
{
	const double threshold = 1.5 - 0.8416, recall = 0.8, false_alarm = erfc(threshold / sqrt(2)) / 2,
	             auc = erfc(-0.75) / 2;
	const struct flt_confusion shares = {0.05 * recall, 0.95 * false_alarm, 0.05 * (1 - recall),
	                                     0.95 * (1 - false_alarm)};
	struct flt_random random;
	size_t n_auc = 0, n_mcc = 0, n_f1 = 0, n_recall = 0;
	flt_random_init(&random, 9, "thinned", 0);
	for (int t = 0; t < TIMES; t++) {
		size_t n = 0;
		for (size_t i = 0; i < 600; i++) {
			label[n] = flt_random_uniform(&random) < 0.05;
			score[n] = flt_random_normal(&random) + 1.5 * label[n] - threshold;
			weight[n] = score[n] < 0 ? 5 : 1;
			n += weight[n] == 1 || flt_random_below(&random, 5) == 0;
		}
		struct flt_scored rows = {.n = n, .score = score, .log_odds = score, .label = label, .weight = weight};
		struct flt_areas f = areas_of(&rows, 0);
		struct flt_point point;
		ck_assert_int_eq(flt_point_at(&rows, 0.5, 0, &point, NULL), FLT_OK);
		n_auc += holds(&f.roc_auc, auc);
		n_mcc += holds(&point.mcc, flt_mcc(&shares));
		n_f1 += holds(&point.f1, flt_f1(&shares));
		n_recall += holds(&point.recall, recall);
	}
	check_kept(n_auc, "ROC-AUC");
	check_kept(n_mcc, "MCC");
	check_kept(n_f1, "F1");
	check_kept(n_recall, "recall");
}
END_TEST

/* The average precision of few positive rows errs upwards, the more so where each negative row stands for many. */
START_TEST(intervals_of_average_precision_hold)
{
	static const struct {
		size_t n, n_positive;
		double prior, truth;
	} worlds[] = {{2000, 10, 0, 0.0665}, {1000, 100, 0.01, 0.1155}};
	struct flt_random random;
	flt_random_init(&random, 10, "average precision", (uint64_t)_i);
	size_t n_ap = 0, n_above = 0;
	for (int t = 0; t < TIMES; t++) {
		for (size_t i = 0; i < worlds[_i].n; i++) {
			label[i] = i < worlds[_i].n_positive;
			score[i] = flt_random_normal(&random) + 1.5 * label[i];
		}
		struct flt_scored rows = {.n = worlds[_i].n, .score = score, .log_odds = score, .label = label};
		struct flt_areas f = areas_of(&rows, worlds[_i].prior);
		n_ap += holds(&f.ap, worlds[_i].truth);
		n_above += f.ap.lo > worlds[_i].truth;
	}
	check_kept(n_ap, "PR-AUC");
	ck_assert_msg(n_above <= TIMES * 6 / 100, "%zu intervals lie above the truth", n_above);
}
END_TEST

/* ---- chance with ties, calibration ---- */

/* Four rows, two positive, scores tied 1, 2 and 1: the six labellings, by hand. */
START_TEST(chance_with_ties_is_exact)
{
	const uint32_t tie_end[] = {1, 3, 3, 4};
	const struct flt_random_ranking ranking = {4, 2, 1, tie_end};
	double chance, chance95;
	ck_assert_int_eq(flt_chance_find(&ranking, FLT_CHANCE_THOROUGH, 1, 1, &chance, &chance95, NULL), FLT_OK);
	const double first_and_tied = (1 + 2.0 / 3) / 2, first_and_last = (1 + 0.5) / 2, both_tied = 2.0 / 3,
	             tied_and_last = (1.0 / 3 + 0.5) / 2;
	assert_close(chance, (2 * first_and_tied + first_and_last + both_tied + 2 * tied_and_last) / 6, 1e-14);
	assert_close(chance95, first_and_tied, 1e-14);
	/* With a weight beside 1 it is the mean of the shuffles: a positive row that counts as three. */
	const struct flt_random_ranking heavy = {4, 2, 3, tie_end};
	ck_assert_int_eq(flt_chance_find(&heavy, FLT_CHANCE_THOROUGH, 1, 1, &chance, &chance95, NULL), FLT_OK);
	const double heavy_sum = 2 * (1 + 6.0 / 7) / 2 + (1 + 6.0 / 8) / 2 + 6.0 / 7 + 2 * (3.0 / 5 + 6.0 / 8) / 2;
	ck_assert(fabs(chance - heavy_sum / 6) < 0.005);
}
END_TEST

/* Labels drawn from the probabilities themselves: the mean error is what ece_null says, within 3 %. */
START_TEST(ece_of_true_probabilities_is_its_null)
{
	struct flt_random random;
	double sum = 0, sum_null = 0;
	size_t n_top = 0;
	struct flt_ranking ranking;
	ck_assert_int_eq(flt_ranking_init(&ranking, 3000, NULL), FLT_OK);
	flt_random_init(&random, 7, "calibrated", 0);
	for (int t = 0; t < TIMES; t++) {
		double ece, ece_null;
		for (size_t i = 0; i < 3000; i++) {
			log_odds[i] = 1.2 * flt_random_normal(&random) - 2.5;
			label[i] = flt_random_uniform(&random) < flt_sigmoid(log_odds[i]);
		}
		struct flt_scored rows = {.n = 3000, .score = log_odds, .log_odds = log_odds, .label = label};
		ck_assert_int_eq(flt_ece(&rows, 15, &ece, &ece_null, NULL), FLT_OK);
		sum += ece;
		sum_null += ece_null;
		double said;
		struct flt_interval were;
		flt_ranking_sort(&ranking, log_odds, rows.n);
		ck_assert_int_eq(flt_top(&rows, &ranking, 30, &said, &were, NULL), FLT_OK);
		n_top += holds(&were, said);
	}
	flt_ranking_release(&ranking);
	ck_assert_msg(fabs(sum / sum_null - 1) < 0.03, "%g of the null", sum / sum_null);
	check_kept(n_top, "the top 1 %");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("intervals");
	TCase *tests = tcase_create("intervals");
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, closed_forms_agree_with_r);
	tcase_add_loop_test(tests, an_interval_holds_its_value, 0, 2);
	tcase_add_test(tests, the_ends_of_the_range_are_reached);
	tcase_add_test(tests, weighted_figures_agree_with_scikit_learn);
	tcase_add_test(tests, weights_are_copies_that_hang_together);
	tcase_add_test(tests, equal_weights_change_counts_alone);
	tcase_add_test(tests, a_single_pair_of_copies_hardly_widens);
	tcase_add_test(tests, intervals_of_clusters_hold);
	tcase_add_test(tests, intervals_under_a_prior_hold);
	tcase_add_test(tests, intervals_of_hopeless_rows_hold);
	tcase_add_test(tests, intervals_of_thinned_rows_hold);
	tcase_add_loop_test(tests, intervals_of_average_precision_hold, 0, 2);
	tcase_add_test(tests, chance_with_ties_is_exact);
	tcase_add_test(tests, ece_of_true_probabilities_is_its_null);
	suite_add_tcase(suite, tests);
	return suite;
}
