/* Intervals: against R, and with weights against rows written out. test_interval_coverage.c has worlds of known truth.
 */
#include <math.h>
#include <string.h>

#include "base/log_odds.h"
#include "base/random.h"
#include "eval/beta.h"
#include "eval/chance.h"
#include "eval/drawn.h"
#include "eval/sample.h"
#include "close.h"
#include "reference_csv.h"
#include "interval_rows.h"
#include "suite.h"

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

/* ---- chance with ties ---- */

/* Four rows, two positive, scores tied 1, 2 and 1: the six labellings, by hand. */
START_TEST(chance_with_ties_is_exact)
{
	const uint64_t ends = 1 << 0 | 1 << 2 | 1 << 3;
	const struct flt_random_ranking ranking = {4, 2, 1, &ends};
	double chance, chance95;
	ck_assert_int_eq(flt_chance_find(&ranking, FLT_CHANCE_THOROUGH, 1, 1, &chance, &chance95, NULL), FLT_OK);
	const double first_and_tied = (1 + 2.0 / 3) / 2, first_and_last = (1 + 0.5) / 2, both_tied = 2.0 / 3,
	             tied_and_last = (1.0 / 3 + 0.5) / 2;
	assert_close(chance, (2 * first_and_tied + first_and_last + both_tied + 2 * tied_and_last) / 6, 1e-14);
	assert_close(chance95, first_and_tied, 1e-14);
	/* With a weight beside 1 it is the mean of the shuffles: a positive row that counts as three. */
	const struct flt_random_ranking heavy = {4, 2, 3, &ends};
	ck_assert_int_eq(flt_chance_find(&heavy, FLT_CHANCE_THOROUGH, 1, 1, &chance, &chance95, NULL), FLT_OK);
	const double heavy_sum = 2 * (1 + 6.0 / 7) / 2 + (1 + 6.0 / 8) / 2 + 6.0 / 7 + 2 * (3.0 / 5 + 6.0 / 8) / 2;
	ck_assert(fabs(chance - heavy_sum / 6) < 0.005);
}
END_TEST

/* Groups that end within words of 64 ranks, with them, and behind several: as the average precision of rows whose
 * labels are dealt at random, with few positive rows and with many. */
START_TEST(chance_with_ties_is_that_of_random_labels)
{
	enum { N = 400, TIMES = 20000 };
	static const size_t sizes[] = {1, 62, 1, 1, 130, 5, 56, 100, 3, 41}, n_positives[] = {12, 330};
	static double scores[N], ap[TIMES];
	static uint8_t labels[N];
	uint64_t ends[(N + FLT_WORD_RANKS - 1) / FLT_WORD_RANKS] = {0};
	size_t n = 0, n_positive = n_positives[_i];
	for (size_t g = 0; g < sizeof sizes / sizeof *sizes; g++) {
		for (size_t i = 0; i < sizes[g]; i++)
			scores[n++] = -(double)g;
		ends[(n - 1) / FLT_WORD_RANKS] |= (uint64_t)1 << (n - 1) % FLT_WORD_RANKS;
	}
	ck_assert_uint_eq(n, N);
	const struct flt_random_ranking ranking = {N, n_positive, 1, ends};
	const struct flt_scored rows = {.n = N, .score = scores, .label = labels};
	struct flt_random random;
	double chance, chance95, sum = 0, squares = 0;
	flt_random_init(&random, 1, "labels", 0);
	for (size_t t = 0; t < TIMES; t++) {
		memset(labels, 0, N);
		for (size_t left = n_positive; left > 0;) {
			size_t row = flt_random_below(&random, N);
			left -= !labels[row];
			labels[row] = 1;
		}
		ck_assert_int_eq(flt_average_precision(&rows, &ap[t], NULL), FLT_OK);
		sum += ap[t];
		squares += ap[t] * ap[t];
	}
	double mean = sum / TIMES, sd = sqrt(squares / TIMES - mean * mean);
	ck_assert_int_eq(flt_chance_find(&ranking, FLT_CHANCE_THOROUGH, 1, 1, &chance, &chance95, NULL), FLT_OK);
	ck_assert(fabs(chance - mean) < 4 * sd / sqrt(TIMES));
	flt_sort_doubles(ap, TIMES);
	ck_assert(fabs(chance95 - flt_quantile_sorted(ap, TIMES, 0.95)) < 0.15 * sd);
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
	tcase_add_test(tests, chance_with_ties_is_exact);
	tcase_add_loop_test(tests, chance_with_ties_is_that_of_random_labels, 0, 2);
	suite_add_tcase(suite, tests);
	return suite;
}
