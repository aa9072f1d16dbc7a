/*
 * The intervals of rows with weights (normal_world.h), at a prevalence of 5 %: weights that have nothing to do with the
 * row, negative rows thinned to a tenth, and rows thinned to a fifth where scores are low. Each row that is kept weighs
 * as many as it was drawn from, so the truth is that of the whole world.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "normal_world.h"

enum kind { APART, FEWER_NEGATIVES, FEWER_LOW_SCORES, N_KINDS };

static const char *const kind_texts[N_KINDS] = {"weights apart from the rows", "a tenth of the negative rows",
                                                "a fifth of the low scores"};

struct world {
	enum kind kind;
	struct normal_world of;
};

/* How many rows a row stands for; 0: it is not kept. */
static double weigh(const struct world *world, const struct normal_row *row, struct flt_random *random)
{
	double share = 1;
	if (world->kind == APART)
		return exp(0.7 * flt_random_normal(random)); /* effective: 61 % of the rows */
	if (world->kind == FEWER_NEGATIVES && !row->label)
		share = 0.1;
	if (world->kind == FEWER_LOW_SCORES && row->score < world->of.threshold[1])
		share = 0.2;
	return flt_random_uniform(random) < share ? 1 / share : 0;
}

static void draw(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	size_t n = world->of.n_rows, n_kept, n_positive;
	double *score = coverage_alloc(n, sizeof *score), *log_odds = coverage_alloc(n, sizeof *log_odds);
	double *weight = coverage_alloc(n, sizeof *weight);
	uint8_t *label = coverage_alloc(n, 1);
	do {
		n_kept = n_positive = 0;
		for (size_t i = 0; i < n; i++) {
			struct normal_row row = normal_world_row(&world->of, random);
			weight[n_kept] = weigh(world, &row, random);
			if (weight[n_kept] == 0)
				continue;
			score[n_kept] = row.score;
			log_odds[n_kept] = row.log_odds;
			n_positive += label[n_kept++] = row.label;
		}
	} while (n_positive == 0 || n_positive == n_kept);
	struct flt_scored rows = {.n = n_kept, .score = score, .log_odds = log_odds, .label = label, .weight = weight};
	normal_world_judge(&world->of, &rows, held);
	free(score);
	free(log_odds);
	free(weight);
	free(label);
}

static void count_worlds(struct coverage *coverage, enum kind kind, size_t n_positive)
{
	static const double shifts[] = {0.5, 1.5, 3};
	size_t by_figure[N_FIGURES][3], kept[COVERAGE_MAX_PROMISES];
	char text[120];
	for (size_t cell = 0; cell < 3; cell++) {
		struct world world = {kind, normal_world_of(shifts[cell], 0.05, (double)n_positive)};
		coverage_count(coverage, draw, &world, N_FIGURES, kept);
		for (size_t f = 0; f < N_FIGURES; f++)
			by_figure[f][cell] = kept[f];
	}
	snprintf(text, sizeof text, "%s; of %zu positive rows; ROC-AUC .64, .86, .98", kind_texts[kind], n_positive);
	for (size_t f = 0; f < N_FIGURES; f++)
		coverage_row(coverage, normal_figure_names[f], text, "95", by_figure[f], 3);
}

void coverage_weights(struct coverage *coverage)
{
	for (enum kind kind = APART; kind < N_KINDS; kind++) {
		count_worlds(coverage, kind, 30);
		count_worlds(coverage, kind, 100);
	}
}
