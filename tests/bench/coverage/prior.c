/*
 * The interval of `predict --prior estimate`: held-out scores of one prevalence, new rows of another. Positive scores
 * are normal around 2, with the spread of the others, which Platt's line fits exactly; or wider; or a quarter of the
 * positive rows are like the others, which no line fits.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "coverage.h"
#include "eval/prior.h"

enum kind { LINE, WIDE, MIXED, N_KINDS };

static const char *const kind_names[N_KINDS] = {"a line fits", "wider positives", "a quarter like others"};

struct setting {
	enum kind kind;
	double prevalence, shift; /* of the held-out rows; times this in the new rows */
	size_t n_positive, n_new; /* held out; new rows */
};

enum { HOLDS, AGREES, STAYS, DECLINED, N_PROMISES };

static double draw_score(const struct setting *setting, bool is_positive, struct flt_random *random)
{
	bool is_like_others = setting->kind == MIXED && flt_random_uniform(random) < 0.25;
	double normal = flt_random_normal(random);
	if (!is_positive || is_like_others)
		return normal;
	return 2 + normal * (setting->kind == WIDE ? 1.5 : 1);
}

static void keep(const struct setting *setting, struct flt_random *random, struct flt_kept *kept)
{
	size_t n = (size_t)lround((double)setting->n_positive / setting->prevalence);
	double *score = coverage_alloc(n, sizeof *score);
	uint8_t *label = coverage_alloc(n, 1);
	struct flt_error err;
	for (size_t i = 0; i < n; i++) {
		label[i] = i < setting->n_positive;
		score[i] = draw_score(setting, label[i], random);
	}
	struct flt_scored rows = {.n = n, .score = score, .label = label};
	coverage_must(flt_kept_init(kept, &rows, &err), &err);
	free(score);
	free(label);
}

static void try_rows(const void *world, struct flt_random *random, bool *held)
{
	const struct setting *setting = world;
	double truth = setting->prevalence * setting->shift, *score = coverage_alloc(setting->n_new, sizeof *score);
	struct flt_kept kept;
	struct flt_map map;
	struct flt_prior_estimate estimate;
	struct flt_error err;
	keep(setting, random, &kept);
	for (size_t i = 0; i < setting->n_new; i++)
		score[i] = draw_score(setting, flt_random_uniform(random) < truth, random);
	flt_map_init(&map);
	coverage_must(
	        flt_prior_estimate(&kept, &map, score, setting->n_new, flt_random_next(random), 1, &estimate, &err),
	        &err);
	held[DECLINED] = estimate.doubt != FLT_PRIOR_IS_ESTIMATED;
	held[HOLDS] = held[DECLINED] || coverage_holds(&estimate.share, truth);
	held[AGREES] = held[DECLINED] || !estimate.contradicts;
	held[STAYS] = held[DECLINED] || coverage_holds(&estimate.share, setting->prevalence);
	flt_kept_release(&kept);
	free(score);
}

/* The shifts share a row of the table. */
static void try_shifts(struct coverage *coverage, struct setting setting)
{
	static const double shifts[] = {1, 0.1, 0.4, 2.5};
	size_t kept[N_PROMISES][4], counts[COVERAGE_MAX_PROMISES];
	char world[160];
	for (size_t s = 0; s < 4; s++) {
		setting.shift = shifts[s];
		coverage_count(coverage, try_rows, &setting, N_PROMISES, counts);
		for (size_t p = 0; p < N_PROMISES; p++)
			kept[p][s] = counts[p];
	}
	snprintf(world, sizeof world, "%s, %zu positive rows held out of %g %%, %zu new rows of 1, 0.1, 0.4, 2.5 times",
	         kind_names[setting.kind], setting.n_positive, 100 * setting.prevalence, setting.n_new);
	coverage_row(coverage, "prior: interval", world, "95", kept[HOLDS], 4);
	coverage_row(coverage, "prior: counting agrees", world, "-", kept[AGREES], 4);
	coverage_row(coverage, "prior: training's stays", world, "95, -, -, -", kept[STAYS], 4);
}

void coverage_prior(struct coverage *coverage)
{
	static const double prevalences[] = {0.005, 0.05, 0.2};
	static const size_t positives[] = {30, 100}, new_rows[] = {3000, 30000};
	for (enum kind kind = 0; kind < N_KINDS; kind++)
		for (size_t i = 0; i < 3; i++)
			for (size_t j = 0; j < 2; j++)
				try_shifts(coverage, (struct setting){.kind = kind,
				                                      .prevalence = prevalences[i],
				                                      .n_positive = positives[j],
				                                      .n_new = new_rows[j]});
}
