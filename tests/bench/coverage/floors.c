/*
 * Floors of recall and precision that are promised with 90 % confidence, in worlds whose truth is known: scores are
 * normal, those of positive rows 2 higher. A floor that is not promised is not broken. Worlds that are not like the
 * rows which chose the threshold stand apart: no rule can keep its promise there.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "coverage.h"
#include "eval/decision.h"

enum { N_RULES = 4, SHIFT = 2 };

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
};

static double above(double x)
{
	return erfc(x / sqrt(2)) / 2;
}

struct held_out {
	double *score, *weight;
	uint8_t *label;
	size_t *cluster;
	size_t n, n_clusters;
};

static void add_cluster(struct held_out *rows, const struct world *world, struct flt_random *random, size_t n_most)
{
	const double together = 0.8; /* correlation of a cluster's scores */
	bool label = flt_random_uniform(random) < world->prevalence;
	size_t size = 1 + (size_t)floor(flt_random_uniform(random) * world->most_in_cluster);
	double common = sqrt(together) * flt_random_normal(random);
	if (!label && flt_random_uniform(random) >= world->kept_negatives)
		return;
	for (size_t i = 0; i < size && rows->n < n_most; i++, rows->n++) {
		double own = flt_random_normal(random);
		rows->score[rows->n] =
		        SHIFT * label + (world->most_in_cluster > 1 ? common + sqrt(1 - together) * own : own);
		rows->weight[rows->n] = label ? 1 : 1 / world->kept_negatives;
		rows->label[rows->n] = label;
		rows->cluster[rows->n] = rows->n_clusters;
	}
	rows->n_clusters++;
}

static struct held_out draw_rows(const struct world *world, struct flt_random *random)
{
	double share = world->prevalence + (1 - world->prevalence) * world->kept_negatives;
	size_t n_drawn = (size_t)((double)world->n_positive / world->prevalence), n = 2 * n_drawn;
	struct held_out rows = {.score = coverage_alloc(n, sizeof(double)),
	                        .weight = coverage_alloc(n, sizeof(double)),
	                        .label = coverage_alloc(n, 1),
	                        .cluster = coverage_alloc(n, sizeof(size_t))};
	while ((double)rows.n < share * (double)n_drawn)
		add_cluster(&rows, world, random, n);
	return rows;
}

static bool is_kept(const struct world *world, const struct flt_rule *rule, double threshold)
{
	double p = world->later_prevalence > 0 ? world->later_prevalence : world->prevalence, z = flt_logit(threshold);
	double recall = above(z - SHIFT - world->later_drift), right = p * recall, wrong = (1 - p) * above(z);
	return (rule->kind == FLT_RULE_RECALL ? recall : right / (right + wrong)) >= rule->value;
}

/* held: each rule kept its floor, then each promised it. */
static void choose_all(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	struct held_out drawn = draw_rows(world, random);
	struct flt_scored rows = {.n = drawn.n, .score = drawn.score, .log_odds = drawn.score, .label = drawn.label};
	struct flt_error err;
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
		held[r] = !choice.met || is_kept(world, &rule, choice.threshold);
		held[N_RULES + r] = choice.met;
		held[2 * N_RULES + r] = is_kept(world, &rule, choice.bare_threshold);
	}
	free(drawn.score);
	free(drawn.weight);
	free(drawn.label);
	free(drawn.cluster);
}

/* One row for the promises, one for how often there was one, one for the bare estimates. */
static void run_world(struct coverage *coverage, const struct world *world)
{
	size_t kept[COVERAGE_MAX_PROMISES];
	coverage_count(coverage, choose_all, world, 3 * N_RULES, kept);
	coverage_row(coverage, "floors", world->name, "90", kept, N_RULES);
	coverage_row(coverage, "floors promised", world->name, "-", kept + N_RULES, N_RULES);
	coverage_row(coverage, "bare estimates", world->name, "-", kept + 2 * N_RULES, N_RULES);
}

void coverage_floors(struct coverage *coverage)
{
	static const struct world worlds[] = {
	        {"30 positives, 5 %", 30, 0.05, 1, false, 1, 0, 0},
	        {"100 positives, 5 %", 100, 0.05, 1, false, 1, 0, 0},
	        {"300 positives, 5 %", 300, 0.05, 1, false, 1, 0, 0},
	        {"100 positives, 20 %", 100, 0.2, 1, false, 1, 0, 0},
	        {"200 positives in known clusters of 1 to 4, 5 %", 200, 0.05, 4, true, 1, 0, 0},
	        {"400 positives in known clusters of 1 to 20, 20 %", 400, 0.2, 20, true, 1, 0, 0},
	        {"100 positives, 5 %, one negative in four kept and weighted", 100, 0.05, 1, false, 0.25, 0, 0},
	        {"misspecified: 200 positives in clusters of 1 to 4 that nobody knows of", 200, 0.05, 4, false, 1, 0,
	         0},
	        {"misspecified: 100 positives, 5 %, later 4 %", 100, 0.05, 1, false, 1, 0.04, 0},
	        {"misspecified: 100 positives, 5 %, later positives score 0.1 lower", 100, 0.05, 1, false, 1, 0, -0.1},
	};
	for (size_t w = 0; w < sizeof worlds / sizeof *worlds; w++)
		run_world(coverage, &worlds[w]);
}
