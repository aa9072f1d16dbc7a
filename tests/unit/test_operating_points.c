/* What other thresholds would give, and what the outcome at the chosen one says. */
#include "eval/chance.h"
#include "eval/operating_points.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "suite.h"

enum { MOST_ROWS = 6000 };

static double log_odds[MOST_ROWS], weight[MOST_ROWS];
static uint8_t label[MOST_ROWS];

/* Rows with this share of positives, whose log-odds are higher by `shift`. */
static struct flt_scored simulate(size_t n, double share, double shift, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "rows", 0);
	for (size_t i = 0; i < n; i++) {
		label[i] = i < (size_t)((double)n * share);
		log_odds[i] = flt_random_normal(&random) + (label[i] ? shift : 0) - 4;
		weight[i] = 1;
	}
	return (struct flt_scored){.n = n, .score = log_odds, .log_odds = log_odds, .label = label};
}

static double n_called(const struct flt_point *point)
{
	return point->confusion.tp + point->confusion.fp;
}

static enum flt_status find_points(const struct flt_scored *rows, double threshold, struct flt_operating_points *points)
{
	struct flt_point chosen;
	FLT_TRY(flt_point_at(rows, threshold, 0, &chosen, NULL));
	return flt_operating_points_find(rows, &chosen, 0, points, NULL);
}

/* The steps of 1, 2 and 5 around the share of positives: 50 per 10,000 are 10 to 500, and at half of the rows none
 * passes 5,000. */
static const struct {
	double share;
	size_t n;
	double alarms[7]; /* per 10,000 */
} grids[] = {
        {0.005, 6, {10, 20, 50, 100, 200, 500}},
        {0.0033, 6, {5, 10, 20, 50, 100, 200}},
        {0.05, 6, {100, 200, 500, 1000, 2000, 5000}},
        {0.5, 6, {100, 200, 500, 1000, 2000, 5000}},
        {0.0005, 5, {2, 5, 10, 20, 50}}, /* 1 alarm per 10,000 is less than a row */
};

START_TEST(thresholds_follow_from_the_alarms)
{
	struct flt_scored rows = simulate(6000, grids[_i].share, 1.5, 1);
	struct flt_operating_points points;
	double threshold = 0.99; /* calls nothing */
	ck_assert_int_eq(find_points(&rows, threshold, &points), FLT_OK);
	ck_assert_uint_eq(points.n, grids[_i].n + 1);
	ck_assert_uint_eq(points.chosen, 0);
	ck_assert(n_called(&points.point[0]) == 0 && points.point[0].probability == threshold);
	for (size_t i = 0; i < grids[_i].n; i++) {
		const struct flt_point *point = &points.point[1 + i];
		ck_assert(n_called(point) == floor(grids[_i].alarms[i] * 0.6 + 1e-9));
		struct flt_point same;
		ck_assert_int_eq(flt_point_at(&rows, point->probability, 0, &same, NULL), FLT_OK);
		ck_assert_mem_eq(&same, point, sizeof same);
	}
}
END_TEST

/* A step that would call the same rows as the chosen threshold gives way to it; ties are called together. */
START_TEST(no_two_points_call_the_same_rows)
{
	struct flt_scored rows = simulate(6000, 0.005, 1.5, 2);
	struct flt_operating_points points, again;
	ck_assert_int_eq(find_points(&rows, 0, &points), FLT_OK);
	ck_assert(points.n == 7 && points.chosen == 6 && n_called(&points.point[6]) == 6000);
	double threshold = points.point[2].probability * (1 - 1e-12);
	ck_assert_int_eq(find_points(&rows, threshold, &again), FLT_OK);
	ck_assert(again.n == 6 && again.chosen == 2 && again.point[2].probability == threshold);
	for (size_t i = 0; i < rows.n; i++) /* the highest 100 rows become two groups of 50 */
		if (log_odds[i] >= flt_logit(points.point[3].probability))
			log_odds[i] = 0;
	ck_assert_int_eq(find_points(&rows, 0.99, &again), FLT_OK);
	ck_assert_uint_eq(again.n, 4); /* the chosen one, and 100, 200 and 500 of 10,000 */
	ck_assert(n_called(&again.point[1]) == 60);
}
END_TEST

START_TEST(alarms_are_counted_by_weight)
{
	struct flt_scored rows = simulate(6000, 0.01, 1.5, 3);
	struct flt_operating_points plain, weighted;
	ck_assert_int_eq(find_points(&rows, 0.99, &plain), FLT_OK);
	for (size_t i = 0; i < rows.n; i++)
		weight[i] = 0.25;
	rows.weight = weight;
	ck_assert_int_eq(find_points(&rows, 0.99, &weighted), FLT_OK);
	ck_assert_uint_eq(plain.n, weighted.n);
	for (size_t i = 0; i < plain.n; i++)
		ck_assert(plain.point[i].probability == weighted.point[i].probability);
}
END_TEST

START_TEST(the_outcome_counts_rows)
{
	static const double logit[] = {2, 2, 1, 0, -1, -1, -2, -3};
	static const uint8_t is_positive[] = {1, 0, 1, 0, 1, 0, 0, 0};
	static const double heavy[] = {9, 9, 9, 9, 9, 9, 9, 9};
	struct flt_scored rows = {.n = 8, .score = logit, .log_odds = logit, .label = is_positive, .weight = heavy};
	struct flt_figures figures = {.ap.value = 0.5, .chance95 = 0.4};
	struct flt_outcome outcome = flt_outcome_of(&rows, 0.5, &figures);
	ck_assert(outcome.n_rows == 8 && outcome.n_positive == 3 && outcome.n_called == 4 && outcome.n_right == 2);
	ck_assert(outcome.by_chance == 1.5 && outcome.ranks_better && outcome.calls_better);
	figures.chance95 = 0.5;
	outcome = flt_outcome_of(&rows, 0, &figures);
	ck_assert(!outcome.ranks_better && outcome.n_called == 8 && !outcome.calls_better);
}
END_TEST

/* Of rankings without any signal at most one in 20 is called better than guessing, a strong one always is. */
START_TEST(noise_is_not_better_than_guessing)
{
	enum { N = 500, TIMES = 400 };
	static const double shifts[] = {0, 2};
	size_t n_better[2] = {0};
	struct flt_figures figures;
	const struct flt_random_ranking by_chance = {N, N * 3 / 100, 1, NULL};
	ck_assert_int_eq(
	        flt_chance_find(&by_chance, FLT_CHANCE_THOROUGH, 1, 1, &figures.chance, &figures.chance95, NULL),
	        FLT_OK);
	for (size_t i = 0; i < TIMES; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct flt_scored rows = simulate(N, 0.03, shifts[k], i);
			ck_assert_int_eq(flt_average_precision(
			                         &(struct flt_scored){.n = N, .score = rows.score, .label = rows.label},
			                         &figures.ap.value, NULL),
			                 FLT_OK);
			n_better[k] += flt_outcome_of(&rows, 0.5, &figures).ranks_better;
		}
	}
	/* 20 are expected; below 8 and above 34 lie 0.2 % each */
	ck_assert_msg(n_better[0] >= 8 && n_better[0] <= 34, "%zu", n_better[0]);
	ck_assert_uint_eq(n_better[1], TIMES);
}
END_TEST

/* Where rows hang together, an interval has to lie above chance as well. */
START_TEST(clusters_need_an_interval_above_chance)
{
	static const size_t cluster[] = {0, 0, 1, 1};
	static const double logit[] = {1, 0, -1, -2};
	static const uint8_t is_positive[] = {1, 0, 0, 0};
	struct flt_scored rows = {
	        .n = 4, .score = logit, .log_odds = logit, .label = is_positive, .cluster = cluster, .n_clusters = 2};
	struct flt_figures figures = {
	        .ap = {0.5, 0.1, 0.9}, .chance = 0.2, .chance95 = 0.4, .roc_auc = {0.7, 0.45, 0.9}};
	ck_assert(!flt_outcome_of(&rows, 0.5, &figures).ranks_better);
	figures.roc_auc.lo = 0.55;
	ck_assert(flt_outcome_of(&rows, 0.5, &figures).ranks_better);
	figures.roc_auc.lo = 0.45;
	figures.ap.lo = 0.25;
	ck_assert(flt_outcome_of(&rows, 0.5, &figures).ranks_better);
	rows.cluster = NULL;
	figures.ap.lo = 0.1;
	ck_assert(flt_outcome_of(&rows, 0.5, &figures).ranks_better);
}
END_TEST

START_TEST(without_memory_there_are_no_points)
{
	struct flt_scored rows = simulate(100, 0.1, 1, 1);
	struct flt_operating_points points;
	size_t before = flt_alloc_live();
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = find_points(&rows, 0.5, &points);
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k));
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("operating_points");
	TCase *tests = tcase_create("all");
	tcase_add_loop_test(tests, thresholds_follow_from_the_alarms, 0, sizeof grids / sizeof *grids);
	tcase_add_test(tests, no_two_points_call_the_same_rows);
	tcase_add_test(tests, alarms_are_counted_by_weight);
	tcase_add_test(tests, the_outcome_counts_rows);
	tcase_add_test(tests, noise_is_not_better_than_guessing);
	tcase_add_test(tests, clusters_need_an_interval_above_chance);
	tcase_add_test(tests, without_memory_there_are_no_points);
	suite_add_tcase(suite, tests);
	return suite;
}
