/*
 * Floors of recall and precision that are promised with 90 % confidence, in worlds whose truth is known: scores are
 * normal, those of positive rows 2 higher. A floor that is not promised is not broken. Worlds that are not like the
 * rows which chose the threshold stand apart: no rule can keep its promise there. The last lines are means over worlds
 * and rules.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "coverage.h"
#include "eval/decision.h"

enum { N_RULES = 4, SHIFT = 2, N_PERIODS = 5 };

static const char *const rules[N_RULES] = {"recall>=0.8", "recall>=0.9", "precision>=0.3", "precision>=0.5"};

struct world {
	const char *name;
	size_t n_positive; /* on average */
	double prevalence;
	double most_in_cluster;  /* clusters hold 1 to that many rows, of one class, with scores that hang together */
	bool clusters_known;     /* to the rule */
	double kept_negatives;   /* negative rows were subsampled to this share, and weigh its inverse */
	double later_prevalence; /* of new rows; 0: the same */
	double later_drift;      /* of new positive rows' scores */
	bool times_known;        /* rows come in the order of time, and the rule knows it */
	double period_deviation; /* of positive rows' scores, in each of N_PERIODS periods and in that of the new rows
	                          */
};

static double above(double x)
{
	return erfc(x / sqrt(2)) / 2;
}

struct held_out {
	double *score, *weight, *time;
	uint8_t *label;
	size_t *cluster;
	size_t n, n_clusters;
	double drift[N_PERIODS + 1]; /* of positive rows' scores; the last is that of new rows */
};

static void add_cluster(struct held_out *rows, const struct world *world, struct flt_random *random, size_t n_wanted,
                        size_t n_most)
{
	const double together = 0.8; /* correlation of a cluster's scores */
	bool label = flt_random_uniform(random) < world->prevalence;
	size_t size = 1 + (size_t)floor(flt_random_uniform(random) * world->most_in_cluster);
	double common = sqrt(together) * flt_random_normal(random);
	double drift = label ? rows->drift[rows->n * N_PERIODS / n_wanted] : 0;
	if (!label && flt_random_uniform(random) >= world->kept_negatives)
		return;
	for (size_t i = 0; i < size && rows->n < n_most; i++, rows->n++) {
		double own = flt_random_normal(random);
		rows->score[rows->n] =
		        SHIFT * label + drift + (world->most_in_cluster > 1 ? common + sqrt(1 - together) * own : own);
		rows->weight[rows->n] = label ? 1 : 1 / world->kept_negatives;
		rows->label[rows->n] = label;
		rows->cluster[rows->n] = rows->n_clusters;
		rows->time[rows->n] = (double)rows->n;
	}
	rows->n_clusters++;
}

static struct held_out draw_rows(const struct world *world, struct flt_random *random)
{
	double share = world->prevalence + (1 - world->prevalence) * world->kept_negatives;
	size_t n_drawn = (size_t)((double)world->n_positive / world->prevalence), n = 2 * n_drawn;
	struct held_out rows = {.score = coverage_alloc(n, sizeof(double)),
	                        .weight = coverage_alloc(n, sizeof(double)),
	                        .time = coverage_alloc(n, sizeof(double)),
	                        .label = coverage_alloc(n, 1),
	                        .cluster = coverage_alloc(n, sizeof(size_t))};
	size_t n_wanted = (size_t)ceil(share * (double)n_drawn);
	for (int period = 0; period <= N_PERIODS; period++)
		rows.drift[period] =
		        world->period_deviation > 0 ? world->period_deviation * flt_random_normal(random) : 0;
	while (rows.n < n_wanted)
		add_cluster(&rows, world, random, n_wanted, n);
	return rows;
}

/* drift: of new positive rows. */
static bool is_kept(const struct world *world, double drift, const struct flt_rule *rule, double threshold)
{
	double p = world->later_prevalence > 0 ? world->later_prevalence : world->prevalence, z = flt_logit(threshold);
	double recall = above(z - SHIFT - drift), right = p * recall, wrong = (1 - p) * above(z);
	return (rule->kind == FLT_RULE_RECALL ? recall : right / (right + wrong)) >= rule->value;
}

/* held: each rule kept its floor, then each promised it. */
static void choose_all(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	struct held_out drawn = draw_rows(world, random);
	struct flt_scored rows = {.n = drawn.n, .score = drawn.score, .log_odds = drawn.score, .label = drawn.label};
	struct flt_error err;
	double drift = world->later_drift + drawn.drift[N_PERIODS];
	rows.time = world->times_known ? drawn.time : NULL;
	if (world->clusters_known) {
		rows.cluster = drawn.cluster;
		rows.n_clusters = drawn.n_clusters;
	}
	if (world->kept_negatives < 1)
		rows.weight = drawn.weight;
	for (size_t r = 0; r < N_RULES; r++) {
		struct flt_rule rule;
		struct flt_choice choice;
		coverage_must(flt_rule_parse(rules[r], &rule, &err), &err);
		coverage_must(flt_rule_choose(&rule, &rows, &choice, &err), &err);
		held[r] = !choice.met || is_kept(world, drift, &rule, choice.threshold);
		held[N_RULES + r] = choice.met;
		held[2 * N_RULES + r] = is_kept(world, drift, &rule, choice.bare_threshold);
	}
	free(drawn.score);
	free(drawn.weight);
	free(drawn.time);
	free(drawn.label);
	free(drawn.cluster);
}

/* Promises of all worlds and rules, and those kept. */
struct pool_of_worlds {
	size_t n, kept;
};

/* One row for the promises, one for how often there was one, one for the bare estimates. */
static void run_world(struct coverage *coverage, const struct world *world, struct pool_of_worlds *pool)
{
	size_t kept[COVERAGE_MAX_PROMISES];
	coverage_count(coverage, choose_all, world, 3 * N_RULES, kept);
	coverage_row(coverage, "floors", world->name, "90", kept, N_RULES);
	coverage_row(coverage, "floors promised", world->name, "-", kept + N_RULES, N_RULES);
	coverage_row(coverage, "bare estimates", world->name, "-", kept + 2 * N_RULES, N_RULES);
	for (size_t r = 0; r < N_RULES; r++) {
		pool->kept += kept[r];
		pool->n += coverage->n;
	}
}

static void print_pool(const char *name, const struct pool_of_worlds *pool)
{
	double share = (double)pool->kept / (double)pool->n;
	printf("| floors | mean of %s | 90 | %.1f | %.1f |\n", name, 100 * share,
	       100 * sqrt(share * (1 - share) / (double)pool->n));
}

void coverage_floors(struct coverage *coverage)
{
	static const struct world worlds[] = {
	        {"30 positives, 5 %", 30, 0.05, 1, false, 1, 0, 0, false, 0},
	        {"100 positives, 5 %", 100, 0.05, 1, false, 1, 0, 0, false, 0},
	        {"300 positives, 5 %", 300, 0.05, 1, false, 1, 0, 0, false, 0},
	        {"100 positives, 20 %", 100, 0.2, 1, false, 1, 0, 0, false, 0},
	        {"200 positives in known clusters of 1 to 4, 5 %", 200, 0.05, 4, true, 1, 0, 0, false, 0},
	        {"400 positives in known clusters of 1 to 20, 20 %", 400, 0.2, 20, true, 1, 0, 0, false, 0},
	        {"100 positives, 5 %, one negative in four kept and weighted", 100, 0.05, 1, false, 0.25, 0, 0, false,
	         0},
	        {"100 positives, 5 %, with times", 100, 0.05, 1, false, 1, 0, 0, true, 0},
	        {"200 positives in clusters of 1 to 4 that only times show", 200, 0.05, 4, false, 1, 0, 0, true, 0},
	        {"400 positives in clusters of 1 to 20 that only times show", 400, 0.05, 20, false, 1, 0, 0, true, 0},
	};
	static const struct world misspecified[] = {
	        {"misspecified: 200 positives in clusters of 1 to 4 that nobody knows of", 200, 0.05, 4, false, 1, 0, 0,
	         false, 0},
	        {"misspecified: 100 positives, 5 %, later 4 %", 100, 0.05, 1, false, 1, 0.04, 0, false, 0},
	        {"misspecified: 100 positives, 5 %, later positives score 0.1 lower", 100, 0.05, 1, false, 1, 0, -0.1,
	         false, 0},
	        {"misspecified: 100 positives that drift by 0.2, with times", 100, 0.05, 1, false, 1, 0, 0, true, 0.2},
	};
	struct pool_of_worlds good = {0}, bad = {0};
	for (size_t w = 0; w < sizeof worlds / sizeof *worlds; w++)
		run_world(coverage, &worlds[w], &good);
	for (size_t w = 0; w < sizeof misspecified / sizeof *misspecified; w++)
		run_world(coverage, &misspecified[w], &bad);
	const struct pool_of_worlds all = {good.n + bad.n, good.kept + bad.kept};
	print_pool("the worlds like the rows that chose", &good);
	print_pool("misspecified worlds", &bad);
	print_pool("all worlds", &all);
}
