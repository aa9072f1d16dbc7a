/* Held-out scores that are kept with a model, weights for a prior, and the prior of unlabelled rows. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/decision.h"
#include "eval/prior.h"
#include "close.h"
#include "reference_csv.h"
#include "suite.h"

enum { MAX_ROWS = 60000 };

static double score[MAX_ROWS], row_weight[MAX_ROWS];
static uint8_t label[MAX_ROWS];

/* Positive rows come first; their scores lie 2 higher. */
static struct flt_scored draw_rows(size_t n, size_t n_positive, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "rows", 0);
	for (size_t i = 0; i < n; i++) {
		label[i] = i < n_positive;
		score[i] = flt_random_normal(&random) + 2 * label[i];
		row_weight[i] = 0.5 + flt_random_uniform(&random);
	}
	return (struct flt_scored){.n = n, .score = score, .label = label};
}

static void keep(struct flt_kept *kept, const struct flt_scored *rows)
{
	struct flt_error err = {0};
	ck_assert_msg(flt_kept_init(kept, rows, &err) == FLT_OK, "%s", err.text);
}

/* ---- held-out scores ---- */

START_TEST(keeps_every_score_of_a_small_class)
{
	struct flt_kept kept;
	struct flt_scored rows = draw_rows(2348, 300, 1);
	keep(&kept, &rows);
	ck_assert_uint_eq(flt_kept_n_rows(&kept), 2348);
	ck_assert_uint_eq(kept.of[0].n, 2048);
	ck_assert_uint_eq(kept.of[1].n, 300);
	for (int c = 0; c < 2; c++)
		for (size_t i = 1; i < kept.of[c].n; i++)
			ck_assert_double_ge(kept.of[c].score[i - 1], kept.of[c].score[i]);
	flt_kept_release(&kept);
	ck_assert_uint_eq(flt_kept_n(2050), 2049); /* the last two are a group */
	ck_assert_uint_lt(flt_kept_n(1000000), 15000);
	ck_assert_uint_lt(flt_kept_n(1000000000), 30000);
}
END_TEST

static double weight_above(const struct flt_scored *rows, double least, uint8_t of)
{
	double sum = 0;
	for (size_t i = 0; i < rows->n; i++)
		if (rows->label[i] == of && rows->score[i] >= least)
			sum += rows->weight ? rows->weight[i] : 1;
	return sum;
}

START_TEST(thinned_scores_know_how_many_rows_lie_above)
{
	for (int weighted = 0; weighted < 2; weighted++) {
		struct flt_kept kept;
		struct flt_kept_rows all;
		struct flt_scored rows = draw_rows(60000, 5000, 2);
		rows.weight = weighted ? row_weight : NULL;
		keep(&kept, &rows);
		ck_assert_uint_lt(kept.of[0].n, 10000);
		ck_assert_int_eq(kept.of[0].weight != NULL, weighted);
		ck_assert_int_eq(flt_kept_expand(&kept, &all, NULL), FLT_OK);
		ck_assert_uint_eq(all.rows.n, 60000);
		for (double least = -4; least < 5; least += 0.1)
			for (uint8_t of = 0; of < 2; of++) {
				double above = weight_above(&rows, least, of), kept_above;
				kept_above = weight_above(&all.rows, least, of);
				ck_assert_double_le(fabs(kept_above - above), above / (weighted ? 2000 : 4096) + 1.5);
			}
		flt_kept_rows_release(&all);
		flt_kept_release(&kept);
	}
}
END_TEST

START_TEST(rows_of_one_class_are_not_kept)
{
	struct flt_kept kept;
	for (size_t n_positive = 0; n_positive <= 10; n_positive += 10) {
		struct flt_scored rows = draw_rows(10, n_positive, 3);
		keep(&kept, &rows);
		ck_assert_uint_eq(flt_kept_n_rows(&kept), 0);
	}
}
END_TEST

/* Thresholds by rules that count rows, on 60,000 of them and on the 9,000 that are kept. */
START_TEST(thinning_hardly_moves_a_chosen_threshold)
{
	static const char *const rules[] = {"f1", "fbeta:2", "fbeta:0.5", "precision>=0.5"};
	static double log_odds[MAX_ROWS], weight[MAX_ROWS];
	static const double priors[] = {0.001, 0.05, 0.4};
	struct flt_kept kept;
	struct flt_kept_rows all;
	struct flt_scored rows = draw_rows(60000, 3000, 4);
	keep(&kept, &rows);
	ck_assert_int_eq(flt_kept_expand(&kept, &all, NULL), FLT_OK);
	for (size_t p = 0; p < 3; p++) {
		double shift = flt_logit(priors[p]) - 2;
		for (size_t i = 0; i < rows.n; i++) {
			log_odds[i] = 2 * rows.score[i] + shift;
			all.log_odds[i] = 2 * all.score[i] + shift;
		}
		rows.log_odds = log_odds;
		rows.weight = NULL;
		flt_prior_weights(&rows, priors[p], weight);
		rows.weight = weight;
		flt_prior_weights(&all.rows, priors[p], all.weight);
		for (size_t r = 0; r < 4; r++) {
			struct flt_rule rule;
			struct flt_choice exact, thinned;
			ck_assert_int_eq(flt_rule_parse(rules[r], &rule, NULL), FLT_OK);
			ck_assert_int_eq(flt_rule_choose(&rule, &rows, &exact, NULL), FLT_OK);
			ck_assert_int_eq(flt_rule_choose(&rule, &all.rows, &thinned, NULL), FLT_OK);
			ck_assert_double_eq_tol(thinned.threshold, exact.threshold, 3e-3);
			ck_assert_double_eq_tol(thinned.attained, exact.attained, 5e-3);
		}
		for (size_t i = 0; i < all.rows.n; i++)
			all.weight[i] = 1;
	}
	flt_kept_rows_release(&all);
	flt_kept_release(&kept);
}
END_TEST

START_TEST(keeping_fails_cleanly_wherever_memory_runs_out)
{
	struct flt_scored rows = draw_rows(1000, 100, 1);
	rows.weight = row_weight;
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_kept kept;
		struct flt_kept_rows all = {0};
		flt_alloc_fail_at(k);
		status = flt_kept_init(&kept, &rows, NULL);
		if (status == FLT_OK)
			status = flt_kept_expand(&kept, &all, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		flt_kept_rows_release(&all);
		flt_kept_release(&kept);
		ck_assert_uint_lt(k, 50);
	}
}
END_TEST

/* ---- weights for a prior ---- */

START_TEST(weights_make_the_prior_the_share_of_positive_rows)
{
	static double weight[MAX_ROWS];
	static const double priors[] = {1e-6, 0.1, 0.9};
	for (int weighted = 0; weighted < 2; weighted++) {
		struct flt_scored rows = draw_rows(500, 50, 5);
		rows.weight = weighted ? row_weight : NULL;
		for (size_t p = 0; p < 3; p++) {
			double sum[2] = {0, 0};
			flt_prior_weights(&rows, priors[p], weight);
			for (size_t i = 0; i < rows.n; i++)
				sum[label[i]] += weight[i];
			assert_close(sum[1] / (sum[0] + sum[1]), priors[p], 1e-12);
			ck_assert_double_eq(weight[499], weighted ? row_weight[499] : 1); /* of a negative row */
			double ratio = weighted ? row_weight[0] / row_weight[1] : 1;
			assert_close(weight[0] / weight[1], ratio, 1e-12);
		}
	}
	struct flt_scored rows = draw_rows(3, 3, 5);
	flt_prior_weights(&rows, 0.1, weight);
	ck_assert_double_eq(weight[2], 1);
}
END_TEST

/* ---- the most likely share ---- */

static double share_of(double *log_odds, size_t n, double training_prior)
{
	static double ones[MAX_ROWS];
	for (size_t i = 0; i < n; i++) {
		log_odds[i] -= flt_logit(training_prior);
		ones[i] = 1;
	}
	return flt_most_likely_share(log_odds, ones, n);
}

START_TEST(share_agrees_with_expectation_maximisation)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_prior.csv");
	static double log_odds[2000];
	size_t rows = 0;
	for (; reference_csv_next(&csv); rows++) {
		size_t n = reference_csv_list(&csv, 3, log_odds, 2000);
		ck_assert_uint_eq(n, (size_t)reference_csv_number(&csv, 0));
		double share = share_of(log_odds, n, reference_csv_number(&csv, 1)), least = 1 / (2 * (double)n);
		/* The reference ends where a row could still contradict it. */
		assert_close(fmin(fmax(share, least), 1 - least), reference_csv_number(&csv, 2), 1e-8);
	}
	ck_assert_uint_eq(rows, 5);
}
END_TEST

START_TEST(sure_rows_are_counted)
{
	double sure[] = {-INFINITY, -INFINITY, INFINITY, -INFINITY}, all[] = {800, 900}, none[] = {-800, -900};
	const double counts[] = {3, 1};
	double two[] = {-50, 50};
	ck_assert_double_eq_tol(share_of(sure, 4, 0.5), 0.25, 1e-9);
	ck_assert_double_eq_tol(share_of(all, 2, 0.5), 1, 1e-9);
	ck_assert_double_eq(share_of(none, 2, 0.5), 0);
	ck_assert_double_eq_tol(flt_most_likely_share(two, counts, 2), 0.25, 1e-9);
}
END_TEST

/* The likelihood is flat there, and lower on both sides. */
START_TEST(share_is_most_likely)
{
	static double log_ratio[2000], ratio[2000], ones[2000];
	for (uint64_t seed = 1; seed <= 20; seed++) {
		size_t n = 50 + 40 * (size_t)seed;
		struct flt_scored rows = draw_rows(n, n / 4, seed);
		for (size_t i = 0; i < n; i++) {
			ratio[i] = log_ratio[i] = 2 * rows.score[i] - 2;
			ones[i] = 1;
		}
		double share = flt_most_likely_share(log_ratio, ones, n);
		for (int side = -1; side <= 1; side += 2) {
			double near = share * (1 + side * 1e-6), slope = 0;
			for (size_t i = 0; i < n; i++) {
				double excess = expm1(ratio[i]);
				slope += excess / (1 + near * excess);
			}
			ck_assert_double_lt(slope * side, 0);
		}
	}
}
END_TEST

/* ---- the estimate with its interval ---- */

static struct flt_prior_estimate estimate_of(const struct flt_kept *kept, const struct flt_scored *rows,
                                             unsigned n_threads)
{
	struct flt_map map;
	struct flt_prior_estimate estimate;
	struct flt_error err = {0};
	flt_map_init(&map);
	ck_assert_msg(flt_prior_estimate(kept, &map, rows->score, rows->n, 7, n_threads, &estimate, &err) == FLT_OK,
	              "%s", err.text);
	return estimate;
}

static bool holds(const struct flt_interval *interval, double truth)
{
	return interval->lo <= truth && truth <= interval->hi;
}

/* The reference goes row by row, the estimate by bins of rows. */
START_TEST(the_share_agrees_with_an_independent_estimate)
{
	static double unlabelled[2000];
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/prior_estimate.csv");
	size_t n_cases = 0;
	for (; reference_csv_next(&csv); n_cases++) {
		struct flt_kept kept;
		struct flt_scored rows = {.score = score, .label = label};
		size_t n_positive = reference_csv_list(&csv, 1, score, MAX_ROWS);
		rows.n = n_positive + reference_csv_list(&csv, 2, score + n_positive, MAX_ROWS - n_positive);
		for (size_t i = 0; i < rows.n; i++)
			label[i] = i < n_positive;
		keep(&kept, &rows);
		struct flt_scored new = {.score = unlabelled, .n = reference_csv_list(&csv, 3, unlabelled, 2000)};
		assert_close(estimate_of(&kept, &new, 1).share.value, reference_csv_number(&csv, 0), 4e-3);
		flt_kept_release(&kept);
	}
	ck_assert_uint_eq(n_cases, 4);
}
END_TEST

START_TEST(the_interval_holds_the_truth_in_most_worlds)
{
	enum { N_WORLDS = 10 };
	static const double shares[] = {0.1, 0.02, 0.3};
	size_t n_held = 0, n_counted = 0;
	for (size_t s = 0; s < 3; s++) {
		for (uint64_t world = 1; world <= N_WORLDS; world++) {
			struct flt_kept kept;
			struct flt_scored rows = draw_rows(1000, 100, 2 * world);
			keep(&kept, &rows);
			rows = draw_rows(2000, (size_t)(shares[s] * 2000), 2 * world + 1);
			struct flt_prior_estimate estimate = estimate_of(&kept, &rows, 1);
			ck_assert_int_eq(estimate.doubt, FLT_PRIOR_IS_ESTIMATED);
			ck_assert(holds(&estimate.share, estimate.share.value));
			ck_assert(holds(&estimate.adjusted_count, estimate.adjusted_count.value));
			n_held += holds(&estimate.share, shares[s]);
			n_counted += holds(&estimate.adjusted_count, shares[s]);
			flt_kept_release(&kept);
		}
	}
	ck_assert_uint_ge(n_held, 27);
	ck_assert_uint_ge(n_counted, 27);
}
END_TEST

/* 600 rows without a positive one: a share of 0.6 % would show none in one sample of forty. */
START_TEST(rows_without_a_positive_one_leave_room)
{
	struct flt_kept kept;
	struct flt_scored rows = draw_rows(1000, 60, 3);
	for (size_t i = 0; i < rows.n; i++)
		score[i] += 6 * label[i]; /* no row is in doubt */
	keep(&kept, &rows);
	rows = draw_rows(600, 0, 4);
	struct flt_prior_estimate none = estimate_of(&kept, &rows, 1);
	ck_assert_double_eq_tol(none.share.value, 0, 1e-6);
	ck_assert_double_eq(none.share.lo, 0);
	assert_close(pow(1 - none.share.hi, 600), 0.025, 1e-9);
	rows = draw_rows(600, 600, 4);
	for (size_t i = 0; i < rows.n; i++)
		score[i] += 6;
	struct flt_prior_estimate all = estimate_of(&kept, &rows, 1);
	ck_assert_double_eq_tol(all.share.value, 1, 1e-6);
	ck_assert_double_eq_tol(all.share.hi, 1, 1e-12);
	ck_assert_double_le(pow(all.share.lo, 600), 0.025 * (1 + 1e-9));
	flt_kept_release(&kept);
}
END_TEST

/* Weights say how many rows one stands for; in which unit they say it is nothing. */
START_TEST(a_common_factor_of_weights_changes_no_estimate)
{
	struct flt_prior_estimate by[3];
	for (int f = 0; f < 3; f++) {
		struct flt_kept kept;
		struct flt_scored rows = draw_rows(1000, 60, 3);
		for (size_t i = 0; i < rows.n; i++)
			row_weight[i] = f ? (f == 1 ? 1e-3 : 1e3) : 1;
		rows.weight = row_weight;
		keep(&kept, &rows);
		rows = draw_rows(2000, 200, 4);
		by[f] = estimate_of(&kept, &rows, 1);
		flt_kept_release(&kept);
		assert_close(by[f].share.value, by[0].share.value, 1e-9);
		assert_close(by[f].share.lo, by[0].share.lo, 1e-9);
		assert_close(by[f].share.hi, by[0].share.hi, 1e-9);
	}
}
END_TEST

/* Copies tell nothing new: the interval is that of one of each, within what a thousand resamples leave open. */
START_TEST(clusters_widen_the_estimate)
{
	enum { COPIES = 4 };
	static size_t cluster[MAX_ROWS];
	struct flt_prior_estimate single, known, unknown;
	struct flt_kept kept;
	struct flt_scored rows = draw_rows(1500, 100, 5), copies = rows;
	keep(&kept, &rows);
	static double new_score[20000];
	rows = draw_rows(20000, 2000, 6);
	memcpy(new_score, score, sizeof new_score);
	struct flt_scored new = {.n = 20000, .score = new_score};
	single = estimate_of(&kept, &new, 1);
	flt_kept_release(&kept);
	draw_rows(1500, 100, 5);
	for (size_t i = COPIES * copies.n; i-- > 0;) {
		score[i] = score[i / COPIES];
		label[i] = label[i / COPIES];
		cluster[i] = i / COPIES;
	}
	copies.n *= COPIES;
	keep(&kept, &copies);
	unknown = estimate_of(&kept, &new, 1);
	flt_kept_release(&kept);
	copies.cluster = cluster;
	copies.n_clusters = copies.n / COPIES;
	keep(&kept, &copies);
	ck_assert_double_eq(kept.unit[0], COPIES);
	ck_assert_double_eq(kept.unit[1], COPIES);
	known = estimate_of(&kept, &new, 1);
	flt_kept_release(&kept);
	double width = single.share.hi - single.share.lo;
	ck_assert_double_eq_tol(known.share.value, single.share.value, 0.02 * width);
	ck_assert_double_eq_tol(known.share.hi - known.share.lo, width, 0.15 * width);
	ck_assert_double_lt(unknown.share.hi - unknown.share.lo, 0.8 * width);
}
END_TEST

START_TEST(threads_change_no_estimate)
{
	struct flt_kept kept;
	struct flt_scored rows = draw_rows(30000, 1000, 1);
	keep(&kept, &rows);
	rows = draw_rows(50000, 4000, 2);
	struct flt_prior_estimate one = estimate_of(&kept, &rows, 1), four = estimate_of(&kept, &rows, 4);
	ck_assert_double_eq(one.share.lo, four.share.lo);
	ck_assert_double_eq(one.share.hi, four.share.hi);
	ck_assert_double_eq(one.adjusted_count.hi, four.adjusted_count.hi);
	ck_assert_double_eq_tol(one.share.value, 0.08, 0.008);
	flt_kept_release(&kept);
}
END_TEST

START_TEST(estimating_fails_cleanly_wherever_memory_runs_out)
{
	struct flt_kept kept;
	struct flt_map map;
	struct flt_scored rows = draw_rows(300, 30, 1);
	keep(&kept, &rows);
	flt_map_init(&map);
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_prior_estimate estimate;
		flt_alloc_fail_at(k);
		status = flt_prior_estimate(&kept, &map, rows.score, rows.n, 1, 1, &estimate, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert_uint_lt(k, 60);
	}
	flt_kept_release(&kept);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("prior");
	TCase *tcase = tcase_create("prior");
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, keeps_every_score_of_a_small_class);
	tcase_add_test(tcase, thinned_scores_know_how_many_rows_lie_above);
	tcase_add_test(tcase, rows_of_one_class_are_not_kept);
	tcase_add_test(tcase, thinning_hardly_moves_a_chosen_threshold);
	tcase_add_test(tcase, keeping_fails_cleanly_wherever_memory_runs_out);
	tcase_add_test(tcase, weights_make_the_prior_the_share_of_positive_rows);
	tcase_add_test(tcase, share_agrees_with_expectation_maximisation);
	tcase_add_test(tcase, sure_rows_are_counted);
	tcase_add_test(tcase, share_is_most_likely);
	tcase_add_test(tcase, the_share_agrees_with_an_independent_estimate);
	tcase_add_test(tcase, the_interval_holds_the_truth_in_most_worlds);
	tcase_add_test(tcase, rows_without_a_positive_one_leave_room);
	tcase_add_test(tcase, a_common_factor_of_weights_changes_no_estimate);
	tcase_add_test(tcase, clusters_widen_the_estimate);
	tcase_add_test(tcase, threads_change_no_estimate);
	tcase_add_test(tcase, estimating_fails_cleanly_wherever_memory_runs_out);
	return suite;
}
