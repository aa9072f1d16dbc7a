/*
 * The intervals of one set of scored rows (normal_world.h): three strengths of ranker, 10 to 300 positive rows in the
 * mean, prevalence 0.5 and 5 %.
 */
#include <stdio.h>
#include <stdlib.h>

#include "normal_world.h"

static void draw(const void *context, struct flt_random *random, bool *held)
{
	const struct normal_world *world = context;
	size_t n = world->n_rows, n_positive;
	double *score = coverage_alloc(n, sizeof *score), *log_odds = coverage_alloc(n, sizeof *log_odds);
	uint8_t *label = coverage_alloc(n, 1);
	do {
		n_positive = 0;
		for (size_t i = 0; i < n; i++) {
			struct normal_row row = normal_world_row(world, random);
			score[i] = row.score;
			log_odds[i] = row.log_odds;
			n_positive += label[i] = row.label;
		}
	} while (n_positive == 0 || n_positive == n);
	struct flt_scored rows = {.n = n, .score = score, .log_odds = log_odds, .label = label};
	normal_world_judge(world, &rows, held);
	free(score);
	free(log_odds);
	free(label);
}

void coverage_intervals(struct coverage *coverage)
{
	static const double shifts[] = {0.5, 1.5, 3}, shares[] = {0.005, 0.05};
	static const size_t positives[] = {10, 30, 100, 300};
	for (size_t p = 0; p < 4; p++) {
		size_t by_figure[N_FIGURES][6], kept[COVERAGE_MAX_PROMISES];
		for (size_t cell = 0; cell < 6; cell++) {
			struct normal_world world =
			        normal_world_of(shifts[cell % 3], shares[cell / 3], (double)positives[p]);
			coverage_count(coverage, draw, &world, N_FIGURES, kept);
			for (size_t f = 0; f < N_FIGURES; f++)
				by_figure[f][cell] = kept[f];
		}
		char text[120];
		snprintf(text, sizeof text, "%zu positive rows; ROC-AUC .64, .86, .98 at 0.5 %%, then at 5 %%",
		         positives[p]);
		for (size_t f = 0; f < N_FIGURES; f++)
			coverage_row(coverage, normal_figure_names[f], text, "95", by_figure[f], 6);
	}
}
