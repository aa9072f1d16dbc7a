/* Effects of categories: their definition, what they must not depend on, and how often their bands hold. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/log_odds.h"
#include "base/random.h"
#include "eval/category_effects.h"
#include "suite.h"

enum { N_LEVELS = 3, MOST_ROWS = 100000 };

/* Rows of a simulated world: what lies behind them, their levels, and what the model says with each. */
static struct world {
	size_t n, level[MOST_ROWS];
	double weight[MOST_ROWS], probability[MOST_ROWS], moved[N_LEVELS * MOST_ROWS];
} world;

static double said(size_t level, double u)
{
	static const double slope[N_LEVELS] = {0.5, -1, 1.5}, height[N_LEVELS] = {0, 1, -0.5};
	return flt_sigmoid(-2 + height[level] + slope[level] * u);
}

/* Levels hang together with what lies behind; the second is twice as frequent as the others. */
static void draw_world(uint64_t seed, size_t n, bool is_weighted)
{
	struct flt_random random;
	flt_random_init(&random, seed, "levels", 0);
	world.n = n;
	for (size_t i = 0; i < n; i++) {
		double u = flt_random_normal(&random);
		double v = u + flt_random_normal(&random);
		world.level[i] = v < -0.9 ? 0 : v < 0.9 ? 1 : 2;
		world.weight[i] = is_weighted ? 0.2 + flt_random_uniform(&random) : 1;
		world.probability[i] = said(world.level[i], u);
		for (size_t l = 0; l < N_LEVELS; l++)
			world.moved[l * n + i] = said(l, u);
	}
}

static void find(struct flt_interval value[N_LEVELS])
{
	struct flt_error err = {0};
	const struct flt_scored rows = {.n = world.n, .weight = world.weight};
	const struct flt_category_effects effects = {&rows, world.probability, N_LEVELS, world.level, world.moved};
	ck_assert_int_eq(flt_category_effects_find(&effects, value, &err), FLT_OK);
}

/* E_l[p(m)] */
static double mean_of(size_t rows_of, size_t level)
{
	double sum = 0, all = 0;
	for (size_t i = 0; i < world.n; i++) {
		if (world.level[i] != rows_of)
			continue;
		sum += world.weight[i] * world.moved[level * world.n + i];
		all += world.weight[i];
	}
	return sum / all;
}

START_TEST(effects_are_means_of_differences_of_two_levels)
{
	struct flt_interval value[N_LEVELS];
	double share[N_LEVELS] = {0}, all = 0, mean = 0, of_all = 0;
	draw_world(1, 500, true);
	find(value);
	for (size_t i = 0; i < world.n; i++) {
		share[world.level[i]] += world.weight[i];
		all += world.weight[i];
		mean += world.weight[i] * world.probability[i];
	}
	for (size_t l = 0; l < N_LEVELS; l++) {
		double expected = mean / all;
		for (size_t m = 0; m < N_LEVELS; m++)
			expected +=
			        share[m] / all / 2 * (mean_of(m, l) - mean_of(m, m) + mean_of(l, l) - mean_of(l, m));
		ck_assert_double_eq_tol(value[l].value, expected, 1e-12);
		ck_assert(value[l].lo < value[l].value && value[l].value < value[l].hi);
		of_all += share[l] / all * value[l].value;
	}
	ck_assert_double_eq_tol(of_all, mean / all, 1e-12);
}
END_TEST

/* Each level has rows that suit it: any other would raise their probability, and no level is worse than another. */
START_TEST(levels_with_rows_of_their_own_are_alike)
{
	struct flt_interval value[N_LEVELS];
	draw_world(2, 600, false);
	for (size_t i = 0; i < world.n; i++)
		for (size_t l = 0; l < N_LEVELS; l++)
			world.moved[l * world.n + i] = l == world.level[i] ? 0.01 : 0.2;
	for (size_t i = 0; i < world.n; i++)
		world.probability[i] = 0.01;
	find(value);
	for (size_t l = 0; l < N_LEVELS; l++)
		ck_assert_double_eq_tol(value[l].value, 0.01, 1e-12);
}
END_TEST

START_TEST(rows_of_levels_that_are_not_shown_count_for_the_mean_alone)
{
	struct flt_interval before[N_LEVELS], after[N_LEVELS];
	draw_world(3, 500, false);
	find(before);
	double mean = 0;
	for (size_t i = 0; i < world.n; i++)
		mean += world.probability[i] / (double)world.n;
	size_t n = world.n;
	struct world *more = &world;
	memmove(more->moved + 2 * (n + 1), more->moved + 2 * n, n * sizeof *more->moved);
	memmove(more->moved + (n + 1), more->moved + n, n * sizeof *more->moved);
	for (size_t l = 0; l < N_LEVELS; l++)
		more->moved[l * (n + 1) + n] = 0.9;
	more->level[n] = SIZE_MAX;
	more->weight[n] = 1;
	more->probability[n] = 0.8;
	more->n++;
	find(after);
	for (size_t l = 0; l < N_LEVELS; l++)
		ck_assert_double_eq_tol(after[l].value - before[l].value, (0.8 - mean) / (double)(n + 1), 1e-12);
}
END_TEST

/* The truth is that of very many rows. */
START_TEST(bands_hold_as_often_as_promised)
{
	enum { N_WORLDS = 400, N_ROWS = 400 };
	struct flt_interval truth[N_LEVELS], value[N_LEVELS];
	size_t n_held = 0;
	draw_world(99, MOST_ROWS, _i == 1);
	find(truth);
	for (size_t w = 0; w < N_WORLDS; w++) {
		draw_world(1000 + w, N_ROWS, _i == 1);
		find(value);
		for (size_t l = 0; l < N_LEVELS; l++)
			n_held += value[l].lo <= truth[l].value && truth[l].value <= value[l].hi;
	}
	double share = (double)n_held / (N_WORLDS * N_LEVELS);
	ck_assert_msg(share > 0.93 && share < 0.98, "%g", share);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("category_effects");
	TCase *tests = tcase_create("category_effects");
	tcase_add_test(tests, effects_are_means_of_differences_of_two_levels);
	tcase_add_test(tests, levels_with_rows_of_their_own_are_alike);
	tcase_add_test(tests, rows_of_levels_that_are_not_shown_count_for_the_mean_alone);
	tcase_add_loop_test(tests, bands_hold_as_often_as_promised, 0, 2);
	suite_add_tcase(suite, tests);
	return suite;
}
