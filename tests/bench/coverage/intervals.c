/*
 * The intervals of one set of scored rows: three strengths of ranker, 10 to 300 positive rows in the mean, prevalence
 * 0.5 and 5 %. Rows are drawn one by one, so that the number of positive ones varies (it is redrawn if a class has
 * none). Scores are normal, those of positive rows shifted, so that every true figure is an integral. Two thresholds
 * find 50 and 80 % of the positive rows; log-odds are made such that the second is the probability 0.5.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "coverage.h"

enum { AP, ROC_AUC, PRECISION, RECALL, F1, MCC, ALARMS, F1_LOW, MCC_LOW, N_FIGURES };

static const char *const figure_names[N_FIGURES] = {"PR-AUC", "ROC-AUC", "precision",     "recall",        "F1",
                                                    "MCC",    "alarms",  "F1, recall .8", "MCC, recall .8"};

struct world {
	double shift, prevalence;
	size_t n_rows;
	double threshold[2]; /* scores */
	double truth[N_FIGURES];
};

/* P(N(0, 1) >= x). */
static double above(double x)
{
	return erfc(x / sqrt(2)) / 2;
}

/* The area under the precision-recall curve, by the midpoint rule over recall's density. */
static double true_ap(const struct world *world)
{
	enum { N_STEPS = 200000 };
	double sum = 0, step = 20.0 / N_STEPS, p = world->prevalence;
	for (int i = 0; i < N_STEPS; i++) {
		double z = -10 + (i + 0.5) * step, score = z + world->shift;
		double tp = p * above(z), fp = (1 - p) * above(score);
		sum += step * exp(-z * z / 2) / sqrt(2 * acos(-1)) * tp / (tp + fp);
	}
	return sum;
}

static void find_truth(struct world *world)
{
	world->truth[AP] = true_ap(world);
	world->truth[ROC_AUC] = above(-world->shift / sqrt(2));
	for (int low = 0; low < 2; low++) {
		double recall = above(world->threshold[low] - world->shift), fpr = above(world->threshold[low]),
		       p = world->prevalence;
		struct flt_confusion c = {p * recall, (1 - p) * fpr, p * (1 - recall), (1 - p) * (1 - fpr)};
		world->truth[low ? F1_LOW : F1] = flt_f1(&c);
		world->truth[low ? MCC_LOW : MCC] = flt_mcc(&c);
		if (low)
			continue;
		world->truth[PRECISION] = flt_precision(&c);
		world->truth[RECALL] = recall;
		world->truth[ALARMS] = 10000 * (c.tp + c.fp);
	}
}

static void draw_labels(const struct world *world, struct flt_random *random, uint8_t *label)
{
	size_t n_positive;
	do {
		n_positive = 0;
		for (size_t i = 0; i < world->n_rows; i++)
			n_positive += label[i] = flt_random_uniform(random) < world->prevalence;
	} while (n_positive == 0 || n_positive == world->n_rows);
}

static void draw(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	size_t n = world->n_rows;
	double *score = coverage_alloc(n, sizeof *score), *log_odds = coverage_alloc(n, sizeof *log_odds);
	uint8_t *label = coverage_alloc(n, 1);
	draw_labels(world, random, label);
	for (size_t i = 0; i < n; i++) {
		score[i] = flt_random_normal(random) + (label[i] ? world->shift : 0);
		log_odds[i] = score[i] - world->threshold[1];
	}
	struct flt_scored rows = {.n = n, .score = score, .log_odds = log_odds, .label = label};
	struct flt_evaluate_options options = {.threshold = flt_sigmoid(world->threshold[0] - world->threshold[1]),
	                                       .seed = flt_random_next(random),
	                                       .n_threads = 1};
	struct flt_figures f;
	struct flt_error err;
	coverage_must(flt_evaluate(&rows, &options, &f, &err), &err);
	const struct flt_interval *got[N_FIGURES] = {
	        &f.ap,         &f.roc_auc,    &f.chosen.precision,        &f.chosen.recall,
	        &f.chosen.f1,  &f.chosen.mcc, &f.chosen.alarms_per_10000, &f.at_half.f1,
	        &f.at_half.mcc};
	for (size_t i = 0; i < N_FIGURES; i++)
		held[i] = coverage_holds(got[i], world->truth[i]);
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
			struct world world = {.shift = shifts[cell % 3],
			                      .prevalence = shares[cell / 3],
			                      .threshold = {shifts[cell % 3], shifts[cell % 3] - 0.8416}};
			world.n_rows = (size_t)((double)positives[p] / world.prevalence + 0.5);
			find_truth(&world);
			coverage_count(coverage, draw, &world, N_FIGURES, kept);
			for (size_t f = 0; f < N_FIGURES; f++)
				by_figure[f][cell] = kept[f];
		}
		char text[120];
		snprintf(text, sizeof text, "%zu positive rows; ROC-AUC .64, .86, .98 at 0.5 %%, then at 5 %%",
		         positives[p]);
		for (size_t f = 0; f < N_FIGURES; f++)
			coverage_row(coverage, figure_names[f], text, "95", by_figure[f], 6);
	}
}
