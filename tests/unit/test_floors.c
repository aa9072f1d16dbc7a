/* Floors of recall and precision: against scipy, and against simulated worlds whose truth is known. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "eval/beta.h"
#include "eval/decision.h"
#include "close.h"
#include "reference_csv.h"
#include "suite.h"

enum { MAX_ROWS = 4000 };

static struct data {
	double log_odds[MAX_ROWS], weight[MAX_ROWS], time[MAX_ROWS];
	uint8_t label[MAX_ROWS];
	size_t cluster[MAX_ROWS];
	size_t n, n_clusters;
} data;

static struct flt_choice choose_by(const char *text, const struct flt_scored *rows)
{
	struct flt_rule rule;
	struct flt_choice choice;
	ck_assert_int_eq(flt_rule_parse(text, &rule, NULL), FLT_OK);
	ck_assert_int_eq(flt_rule_choose(&rule, rows, &choice, NULL), FLT_OK);
	return choice;
}

static struct flt_choice choose(const char *text, bool weights, bool clusters)
{
	const struct flt_scored rows = {.n = data.n,
	                                .score = data.log_odds,
	                                .log_odds = data.log_odds,
	                                .label = data.label,
	                                .weight = weights ? data.weight : NULL,
	                                .cluster = clusters ? data.cluster : NULL,
	                                .n_clusters = clusters ? data.n_clusters : 0};
	return choose_by(text, &rows);
}

static struct flt_choice choose_with_times(const char *text)
{
	const struct flt_scored rows = {
	        .n = data.n, .score = data.log_odds, .log_odds = data.log_odds, .label = data.label, .time = data.time};
	return choose_by(text, &rows);
}

static void read_case(const struct reference_csv *csv)
{
	static double labels[MAX_ROWS], clusters[MAX_ROWS];
	data.n = reference_csv_list(csv, 0, labels, MAX_ROWS);
	ck_assert_uint_eq(reference_csv_list(csv, 1, data.log_odds, MAX_ROWS), data.n);
	ck_assert_uint_eq(reference_csv_list(csv, 2, data.weight, MAX_ROWS), data.n);
	ck_assert_uint_eq(reference_csv_list(csv, 3, clusters, MAX_ROWS), data.n);
	data.n_clusters = data.n;
	for (size_t i = 0; i < data.n; i++) {
		data.label[i] = labels[i] > 0;
		data.cluster[i] = (size_t)clusters[i];
	}
}

START_TEST(floors_agree_with_scipy)
{
	static struct reference_csv csv;
	size_t n_cases = 0, n_kept = 0;
	reference_csv_open(&csv, "tests/reference/floors.csv");
	for (; reference_csv_next(&csv); n_cases++) {
		read_case(&csv);
		struct flt_choice recall = choose(csv.field[4], true, true);
		assert_close(recall.threshold, reference_csv_number(&csv, 5), 1e-12);
		ck_assert_int_eq(recall.met, (int)reference_csv_number(&csv, 6));
		struct flt_choice precision = choose(csv.field[7], true, true);
		ck_assert_int_eq(precision.met, (int)reference_csv_number(&csv, 9));
		if (precision.met)
			assert_close(precision.threshold, reference_csv_number(&csv, 8), 1e-12);
		n_kept += precision.met;
	}
	ck_assert_uint_eq(n_cases, 24);
	ck_assert_uint_eq(n_kept, 21);
}
END_TEST

/* n_positive rows at log-odds 1, 2, ..., among as many negative ones in between. */
static void make_ladder(size_t n_positive)
{
	data.n = 2 * n_positive;
	for (size_t i = 0; i < data.n; i++) {
		data.log_odds[i] = (double)i / 8;
		data.label[i] = i % 2;
		data.weight[i] = 1;
		data.cluster[i] = i;
	}
	data.n_clusters = data.n;
}

START_TEST(a_floor_that_cannot_be_promised_says_what_it_takes)
{
	make_ladder(20);
	struct flt_choice choice = choose("recall>=0.9", false, false);
	ck_assert(!choice.met && choice.has == 20 && choice.needed == 22); /* ln 0.1 / ln 0.9 = 21.9 */
	ck_assert(choice.threshold == flt_sigmoid(1.0 / 8) && choice.attained == 1);
	ck_assert(choice.bare_threshold == flt_sigmoid(5.0 / 8));
	assert_close(choice.alarms, 39.0 / 40, 1e-15);
	assert_close(choice.bare_alarms, 35.0 / 40, 1e-15);
	make_ladder(21);
	ck_assert(!choose("recall>=0.9", false, false).met);
	make_ladder(22);
	choice = choose("recall>=0.9", false, false);
	ck_assert(choice.met && isnan(choice.needed) && choice.threshold == flt_sigmoid(1.0 / 8));
	ck_assert_double_eq(choose("recall>=0.9@95", false, false).needed, 29);
	ck_assert(!choose("recall>=1", false, false).met);
	ck_assert(isinf(choose("recall>=1", false, false).needed));

	/* Pairs of rows that hang together are half as many. */
	for (size_t i = 0; i < data.n; i++)
		data.cluster[i] = i / 4 * 2 + i % 2;
	choice = choose("recall>=0.9", false, true);
	ck_assert(!choice.met && choice.has == 11 && choice.needed == 22);
	/* So do weights of 1 and 3: (sum w)^2 / sum w^2 = 44^2 / (11 * 10). */
	for (size_t i = 0; i < data.n; i++)
		data.weight[i] = i / 2 % 2 ? 3 : 1;
	assert_close(choose("recall>=0.9", true, false).has, 17.6, 1e-12);

	/* Every fifth of the 40 first alarms is wrong, and all others: a little above the floor, but on too few rows.
	 */
	data.n = 100;
	for (size_t i = 0; i < data.n; i++) {
		data.log_odds[i] = (double)i / 8 - 5;
		data.label[i] = i >= 60 && i % 5 != 0;
	}
	choice = choose("precision>=0.75", false, false);
	double share = choice.attained, n = choice.needed;
	ck_assert(!choice.met && choice.has == 39 && share == 32.0 / 39 && n > 39);
	ck_assert(flt_incomplete_beta(n * share, n * (1 - share) + 1, 0.75, 0.25) <= 0.1);
	ck_assert(flt_incomplete_beta((n - 1) * share, (n - 1) * (1 - share) + 1, 0.75, 0.25) > 0.1);
	/* The tests start at 3 alarms or more for each of the 22 that could show 0.9, so fewer than 66 cannot. */
	choice = choose("precision>=0.9", false, false);
	ck_assert(!choice.met && choice.attained == 1 && choice.needed == 66);
	/* No number of alarms shows that every one is right; the purest threshold is nearest. */
	choice = choose("precision>=1", false, false);
	ck_assert(!choice.met && choice.attained == 1 && isinf(choice.needed));
	ck_assert(choice.threshold == flt_sigmoid(96.0 / 8 - 5));
}
END_TEST

/* Labels from the highest row down: '1', '0', repeated. */
static void make_pattern(const char *pattern, size_t n_times)
{
	size_t length = strlen(pattern);
	data.n = length * n_times;
	for (size_t i = 0; i < data.n; i++) {
		data.log_odds[i] = 5 - (double)i / 100;
		data.label[i] = pattern[i % length] == '1';
	}
}

START_TEST(many_positives_start_the_tests_further_down)
{
	/* 4 alarms could show 0.5, so 12 are the start; with 300 positive rows, 30. */
	make_pattern("1", 300);
	for (size_t i = 0; i < 12; i += 2)
		data.label[i] = 0;
	struct flt_choice choice = choose("precision>=0.5", false, false);
	ck_assert(choice.met && choice.attained == 294.0 / 300);
	data.n = 100;
	choice = choose("precision>=0.5", false, false);
	ck_assert(!choice.met && choice.has == 100);
}
END_TEST

START_TEST(a_floor_just_below_the_precision_takes_many_alarms)
{
	make_pattern("0101010101010101010101011", 8); /* 13 of 25 */
	struct flt_choice choice = choose("precision>=0.5", false, false);
	ck_assert(!choice.met && choice.has == 200 && choice.attained == 0.52);
	ck_assert(choice.needed > 900 && choice.needed < 1200); /* (1.28 / 0.04)^2 is 1,024 */
}
END_TEST

START_TEST(half_confidence_is_the_bare_estimate)
{
	make_ladder(30);
	struct flt_choice recall = choose("recall>=0.5@50", false, false);
	ck_assert(recall.met && recall.attained == 0.5 && recall.threshold == recall.bare_threshold);
	ck_assert(isnan(recall.has) && isnan(recall.needed));
	/* The top row is positive, and so is every other one below. */
	ck_assert_double_eq(choose("precision>=1@50", false, false).threshold, flt_sigmoid(59.0 / 8));
	struct flt_choice promised = choose("recall>=0.5", false, false);
	ck_assert(promised.threshold < recall.threshold && promised.bare_threshold == recall.threshold);
	ck_assert(choose("recall>=0.5@99", false, false).threshold < promised.threshold);
}
END_TEST

/* A table with each row written w times has the same bare thresholds. */
START_TEST(weights_stand_for_copies)
{
	static const char *const rules[] = {"f1",       "fbeta:2",  "recall>=0.8@50", "precision>=0.3@50",
	                                    "rate:0.2", "cost:1:4", "recall>=0.3@50", "precision>=0.5@50"};
	static struct data single;
	struct flt_random random;
	flt_random_init(&random, 3, "rows", 0);
	for (int round = 0; round < 20; round++) {
		single.n = 200;
		for (size_t i = 0; i < single.n; i++) {
			single.label[i] = flt_random_uniform(&random) < 0.3;
			single.log_odds[i] = floor(4 * (flt_random_normal(&random) + single.label[i] - 1)) / 4;
			single.weight[i] = 1 + (double)flt_random_below(&random, 4);
		}
		for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
			data = single;
			struct flt_choice weighted = choose(rules[r], true, false);
			data.n = 0;
			for (size_t i = 0; i < single.n; i++) {
				for (int copy = 0; copy < (int)single.weight[i]; copy++, data.n++) {
					data.log_odds[data.n] = single.log_odds[i];
					data.label[data.n] = single.label[i];
					data.cluster[data.n] = i;
				}
			}
			struct flt_choice copied = choose(rules[r], false, false);
			ck_assert_msg(weighted.threshold == copied.threshold && weighted.met == copied.met, "%s",
			              rules[r]);
			assert_close(weighted.attained, copied.attained, 1e-12);
		}
		/* And the same promise, where the copies are known to hang together. */
		data.n_clusters = single.n;
		struct flt_choice copied = choose("recall>=0.7", false, true);
		data = single;
		struct flt_choice weighted = choose("recall>=0.7", true, false);
		ck_assert(weighted.threshold == copied.threshold && weighted.met == copied.met);
	}
}
END_TEST

/* Classes whose scores are normal, 2 apart, of which `prevalence` are positive: the truth at a threshold. */
static double normal_tail(double z)
{
	return erfc(z / sqrt(2)) / 2;
}

static double true_recall(double log_odds)
{
	return normal_tail(log_odds - 2);
}

static double true_precision(double log_odds, double prevalence)
{
	double right = prevalence * true_recall(log_odds), wrong = (1 - prevalence) * normal_tail(log_odds);
	return right / (right + wrong);
}

static void draw_world(struct flt_random *random, size_t n, double prevalence)
{
	data.n = n;
	for (size_t i = 0; i < n; i++) {
		data.label[i] = i == 0 || flt_random_uniform(random) < prevalence;
		data.log_odds[i] = flt_random_normal(random) + 2 * data.label[i];
	}
}

/* The floor holds in 90 % of the worlds or more; the bare estimate, in about half. 500 worlds: standard error 1.3 %. */
START_TEST(floors_hold_on_new_rows)
{
	struct flt_random random;
	flt_random_init(&random, 7, "worlds", 0);
	enum { N_WORLDS = 500 };
	int recall = 0, bare_recall = 0, precision = 0, bare_precision = 0, n_promised = 0;
	for (int world = 0; world < N_WORLDS; world++) {
		draw_world(&random, 1500, 0.05);
		struct flt_choice choice = choose("recall>=0.8", false, false);
		ck_assert(choice.met);
		recall += true_recall(flt_logit(choice.threshold)) >= 0.8;
		bare_recall += true_recall(flt_logit(choice.bare_threshold)) >= 0.8;
		choice = choose("precision>=0.4", false, false);
		n_promised += choice.met;
		precision += !choice.met || true_precision(flt_logit(choice.threshold), 0.05) >= 0.4;
		bare_precision += true_precision(flt_logit(choice.bare_threshold), 0.05) >= 0.4;
	}
	ck_assert_int_ge(recall, N_WORLDS * 88 / 100);
	ck_assert_int_ge(precision, N_WORLDS * 88 / 100);
	ck_assert_int_le(bare_recall, N_WORLDS * 65 / 100);
	ck_assert_int_le(bare_precision, N_WORLDS * 65 / 100);
	ck_assert_int_ge(n_promised, N_WORLDS * 70 / 100);
}
END_TEST

/* Clusters of 1 to 7 rows of one class whose scores hang together: as single rows they promise too much. */
static void draw_clusters(struct flt_random *random, size_t n, double prevalence)
{
	data.n = data.n_clusters = 0;
	for (; data.n + 7 < n; data.n_clusters++) {
		bool label = data.n == 0 || flt_random_uniform(random) < prevalence;
		double common = flt_random_normal(random);
		for (uint64_t left = 1 + flt_random_below(random, 7); left > 0; left--, data.n++) {
			data.label[data.n] = label;
			data.log_odds[data.n] = 2 * label + sqrt(0.8) * common + sqrt(0.2) * flt_random_normal(random);
			data.cluster[data.n] = data.n_clusters;
		}
	}
}

START_TEST(floors_hold_where_rows_hang_together)
{
	struct flt_random random;
	flt_random_init(&random, 8, "worlds", 0);
	enum { N_WORLDS = 300 };
	int recall = 0, blind_recall = 0, precision = 0;
	for (int world = 0; world < N_WORLDS; world++) {
		draw_clusters(&random, 2500, 0.1);
		struct flt_choice choice = choose("recall>=0.8", false, true);
		recall += !choice.met || true_recall(flt_logit(choice.threshold)) >= 0.8;
		blind_recall += true_recall(flt_logit(choose("recall>=0.8", false, false).threshold)) >= 0.8;
		choice = choose("precision>=0.4", false, true);
		precision += !choice.met || true_precision(flt_logit(choice.threshold), 0.1) >= 0.4;
	}
	ck_assert_int_ge(recall, N_WORLDS * 88 / 100);
	ck_assert_int_ge(precision, N_WORLDS * 88 / 100);
	ck_assert_int_le(blind_recall, N_WORLDS * 84 / 100);
}
END_TEST

/* ---- times ---- */

START_TEST(spreads_over_time_agree_with_scipy)
{
	static struct reference_csv csv;
	static double labels[MAX_ROWS];
	size_t n_cases = 0;
	reference_csv_open(&csv, "tests/reference/stretches.csv");
	for (; reference_csv_next(&csv); n_cases++) {
		data.n = reference_csv_list(&csv, 0, labels, MAX_ROWS);
		ck_assert_uint_eq(reference_csv_list(&csv, 1, data.log_odds, MAX_ROWS), data.n);
		ck_assert_uint_eq(reference_csv_list(&csv, 2, data.time, MAX_ROWS), data.n);
		for (size_t i = 0; i < data.n; i++)
			data.label[i] = labels[i] > 0;
		for (size_t rule = 3; rule < 7; rule += 2)
			assert_close(choose_with_times(csv.field[rule]).spread, reference_csv_number(&csv, rule + 1),
			             1e-9);
	}
	ck_assert_uint_eq(n_cases, 12);
}
END_TEST

/* Rows of an event follow each other, and nothing but their times says so. */
START_TEST(floors_hold_where_only_times_show_events)
{
	struct flt_random random;
	flt_random_init(&random, 9, "worlds", 0);
	enum { N_WORLDS = 300 };
	int recall = 0, precision = 0;
	for (size_t i = 0; i < MAX_ROWS; i++)
		data.time[i] = (double)(i / 2);
	for (int world = 0; world < N_WORLDS; world++) {
		draw_clusters(&random, 2500, 0.1);
		struct flt_choice choice = choose_with_times("recall>=0.8");
		recall += !choice.met || true_recall(flt_logit(choice.threshold)) >= 0.8;
		choice = choose_with_times("precision>=0.4");
		precision += !choice.met || true_precision(flt_logit(choice.threshold), 0.1) >= 0.4;
	}
	ck_assert_int_ge(recall, N_WORLDS * 87 / 100);
	ck_assert_int_ge(precision, N_WORLDS * 87 / 100);
}
END_TEST

START_TEST(times_without_events_cost_little)
{
	struct flt_random random;
	flt_random_init(&random, 10, "worlds", 0);
	enum { N_WORLDS = 100 };
	double alarms = 0, without = 0;
	for (int world = 0; world < N_WORLDS; world++) {
		draw_world(&random, 2000, 0.05);
		for (size_t i = 0; i < data.n; i++)
			data.time[i] = flt_random_uniform(&random);
		alarms += choose_with_times("recall>=0.8").alarms;
		without += choose("recall>=0.8", false, false).alarms;
	}
	ck_assert(alarms >= without && alarms < 1.1 * without);
	ck_assert_double_eq(choose_with_times("recall>=0.8@50").spread, 1);
}
END_TEST

START_TEST(units_that_are_known_take_the_place_of_clusters)
{
	make_ladder(40);
	for (size_t i = 0; i < data.n; i++)
		data.cluster[i] = i / 4 * 2 + i % 2;
	struct flt_choice by_cluster = choose("recall>=0.7", false, true);
	const struct flt_scored rows = {.n = data.n, .log_odds = data.log_odds, .label = data.label, .unit = {1, 2}};
	struct flt_choice by_unit = choose_by("recall>=0.7", &rows);
	ck_assert(by_unit.met && by_unit.threshold == by_cluster.threshold);
	ck_assert(by_unit.threshold < choose("recall>=0.7", false, false).threshold);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("floors");
	TCase *tests = tcase_create("floors");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, floors_agree_with_scipy);
	tcase_add_test(tests, a_floor_that_cannot_be_promised_says_what_it_takes);
	tcase_add_test(tests, many_positives_start_the_tests_further_down);
	tcase_add_test(tests, a_floor_just_below_the_precision_takes_many_alarms);
	tcase_add_test(tests, half_confidence_is_the_bare_estimate);
	tcase_add_test(tests, weights_stand_for_copies);
	tcase_add_test(tests, floors_hold_on_new_rows);
	tcase_add_test(tests, floors_hold_where_rows_hang_together);
	tcase_add_test(tests, spreads_over_time_agree_with_scipy);
	tcase_add_test(tests, floors_hold_where_only_times_show_events);
	tcase_add_test(tests, times_without_events_cost_little);
	tcase_add_test(tests, units_that_are_known_take_the_place_of_clusters);
	suite_add_tcase(suite, tests);
	return suite;
}
