/* Whether intervals keep what they promise, in simulated worlds whose truth is known. */
#include <math.h>

#include "base/log_odds.h"
#include "base/random.h"
#include "eval/areas.h"
#include "eval/prior.h"
#include "interval_rows.h"
#include "suite.h"

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
		ck_assert_int_eq(flt_ranked(&rows, &ranking, 0, 30, &said, &were, NULL), FLT_OK);
		n_top += holds(&were, said);
	}
	flt_ranking_release(&ranking);
	ck_assert_msg(fabs(sum / sum_null - 1) < 0.03, "%g of the null", sum / sum_null);
	check_kept(n_top, "the top 1 %");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("interval_coverage");
	TCase *tests = tcase_create("interval_coverage");
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, intervals_of_clusters_hold);
	tcase_add_test(tests, intervals_under_a_prior_hold);
	tcase_add_test(tests, intervals_of_hopeless_rows_hold);
	tcase_add_test(tests, intervals_of_thinned_rows_hold);
	tcase_add_loop_test(tests, intervals_of_average_precision_hold, 0, 2);
	tcase_add_test(tests, ece_of_true_probabilities_is_its_null);
	suite_add_tcase(suite, tests);
	return suite;
}
