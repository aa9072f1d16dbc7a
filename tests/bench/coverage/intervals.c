/*
 * The intervals of one set of scored rows: three strengths of ranker, 10 to 300 positive rows in the mean, prevalence
 * 0.5 and 5 %; then strengths between them, and positive rows of which some are like the others; then groups, weights
 * and priors. Rows are drawn one by one, so that the number of positive ones varies (it is redrawn if a class has
 * none). Scores are normal, those of positive rows shifted, so that every true figure is an integral. Two thresholds
 * find 50 and 80 % of the positive rows; log-odds are made such that the second is the probability 0.5.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "eval/areas.h"
#include "eval/prior.h"
#include "coverage.h"

enum { AP, ROC_AUC, PRECISION, RECALL, F1, MCC, ALARMS, F1_LOW, MCC_LOW, N_FIGURES };

static const char *const figure_names[N_FIGURES] = {"PR-AUC", "ROC-AUC", "precision",     "recall",        "F1",
                                                    "MCC",    "alarms",  "F1, recall .8", "MCC, recall .8"};

/* How rows come to have weights. Where some are left out, those kept stand for them, and the truth is that of all. */
enum weights {
	NO_WEIGHTS,
	AT_RANDOM,        /* rows count one to five times */
	FEWER_NEGATIVES,  /* one negative row in ten is kept */
	FEWER_LOW_SCORES, /* one row in five is kept of those below the lower threshold */
};

struct world {
	double shift, prevalence;
	double hopeless; /* the share of positive rows that score like negative ones */
	size_t n_rows;
	double threshold[2]; /* scores */
	size_t group;        /* rows that hang together; 1: none do */
	bool is_mixed;       /* rows of a group have classes of their own, else that of the group */
	double alike;        /* the share of the variance of scores that a group has in common */
	enum weights weights;
	double prior; /* 0: none */
	double truth[N_FIGURES];
};

/* P(N(0, 1) >= x). */
static double above(double x)
{
	return erfc(x / sqrt(2)) / 2;
}

/* Of positive rows, where the figures are for. */
static double share_of(const struct world *world)
{
	return world->prior > 0 ? world->prior : world->prevalence;
}

/* The share of positive rows that score at least x. */
static double found(const struct world *world, double x)
{
	return (1 - world->hopeless) * above(x - world->shift) + world->hopeless * above(x);
}

static double normal_density(double x)
{
	return exp(-x * x / 2) / sqrt(2 * acos(-1));
}

/* The area under the precision-recall curve, by the midpoint rule over the density of positive rows. */
static double true_ap(const struct world *world)
{
	enum { N_STEPS = 200000 };
	double sum = 0, step = 20.0 / N_STEPS, p = share_of(world);
	for (int i = 0; i < N_STEPS; i++) {
		double x = -8 + (i + 0.5) * step, tp = p * found(world, x), fp = (1 - p) * above(x);
		double density =
		        (1 - world->hopeless) * normal_density(x - world->shift) + world->hopeless * normal_density(x);
		sum += step * density * tp / (tp + fp);
	}
	return sum;
}

static void find_truth(struct world *world)
{
	world->truth[AP] = true_ap(world);
	world->truth[ROC_AUC] = (1 - world->hopeless) * above(-world->shift / sqrt(2)) + world->hopeless / 2;
	for (int low = 0; low < 2; low++) {
		double recall = found(world, world->threshold[low]), fpr = above(world->threshold[low]),
		       p = share_of(world);
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
		for (size_t i = 0; i < world->n_rows; i++) {
			bool is_first = world->is_mixed || i % world->group == 0;
			label[i] = is_first ? flt_random_uniform(random) < world->prevalence : label[i - 1];
			n_positive += label[i];
		}
	} while (n_positive == 0 || n_positive == world->n_rows);
}

static void draw_scores(const struct world *world, struct flt_random *random, const uint8_t *label, double *score)
{
	double common = 0, own = sqrt(1 - world->alike), shared = sqrt(world->alike);
	for (size_t i = 0; i < world->n_rows; i++) {
		if (world->group > 1 && i % world->group == 0)
			common = flt_random_normal(random);
		bool is_hopeless = label[i] && world->hopeless > 0 && flt_random_uniform(random) < world->hopeless;
		score[i] = own * flt_random_normal(random) + shared * common +
		           (label[i] && !is_hopeless ? world->shift : 0);
	}
}

/* What flt_evaluate does, but for what chance attains, which takes longer than all else. */
static void measure(const struct flt_scored *rows, const struct world *world, struct flt_areas *areas,
                    struct flt_point *point, struct flt_point *low)
{
	struct flt_ranking ranking;
	struct flt_rank_groups groups;
	struct flt_error err;
	double mass[2] = {0}, positive_weight, threshold = flt_sigmoid(world->threshold[0] - world->threshold[1]);
	coverage_must(flt_ranking_init(&ranking, rows->n, &err), &err);
	flt_ranking_sort(&ranking, rows->score, rows->n);
	coverage_must(flt_rank_groups_init(&groups, &ranking, rows, &err), &err);
	for (size_t i = 0; i < rows->n; i++)
		mass[rows->label[i]] += flt_row_weight(rows, i);
	positive_weight = flt_prior_weight(mass, world->prior);
	for (size_t g = 0; g < groups.n; g++)
		groups.group[g].n_positive *= positive_weight;
	coverage_must(flt_areas_find(rows, &ranking, &groups, positive_weight, world->prior > 0, areas, &err), &err);
	coverage_must(flt_point_at(rows, threshold, world->prior, point, &err), &err);
	coverage_must(flt_point_at(rows, 0.5, world->prior, low, &err), &err);
	flt_rank_groups_release(&groups);
	flt_ranking_release(&ranking);
}

/* How many rows a row stands for; 0: it is left out. */
static double weigh(const struct world *world, struct flt_random *random, double score, int label)
{
	double share = 1;
	if (world->weights == AT_RANDOM)
		return 1 + (double)flt_random_below(random, 5);
	if (world->weights == FEWER_NEGATIVES && !label)
		share = 0.1;
	if (world->weights == FEWER_LOW_SCORES && score < world->threshold[1])
		share = 0.2;
	return share == 1 || flt_random_uniform(random) < share ? 1 / share : 0;
}

static void draw(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	size_t n = world->n_rows, n_kept, n_positive;
	double *score = coverage_alloc(n, sizeof *score), *log_odds = coverage_alloc(n, sizeof *log_odds),
	       *weight = coverage_alloc(n, sizeof *weight);
	size_t *cluster = coverage_alloc(n, sizeof *cluster);
	uint8_t *label = coverage_alloc(n, 1);
	do {
		draw_labels(world, random, label);
		draw_scores(world, random, label, score);
		n_kept = n_positive = 0;
		for (size_t i = 0; i < n; i++) {
			weight[n_kept] = weigh(world, random, score[i], label[i]);
			if (weight[n_kept] == 0)
				continue;
			score[n_kept] = score[i];
			log_odds[n_kept] = score[i] - world->threshold[1];
			cluster[n_kept] = i / world->group;
			n_positive += label[n_kept++] = label[i];
		}
	} while (n_positive == 0 || n_positive == n_kept);
	struct flt_scored rows = {.n = n_kept,
	                          .score = score,
	                          .log_odds = log_odds,
	                          .label = label,
	                          .weight = world->weights != NO_WEIGHTS ? weight : NULL,
	                          .cluster = world->group > 1 ? cluster : NULL,
	                          .n_clusters = n};
	struct flt_areas areas;
	struct flt_point point, low;
	measure(&rows, world, &areas, &point, &low);
	const struct flt_interval *got[N_FIGURES] = {&areas.ap, &areas.roc_auc, &point.precision,        &point.recall,
	                                             &point.f1, &point.mcc,     &point.alarms_per_10000, &low.f1,
	                                             &low.mcc};
	for (size_t i = 0; i < N_FIGURES; i++)
		held[i] = coverage_holds(got[i], world->truth[i]);
	free(score);
	free(log_odds);
	free(weight);
	free(cluster);
	free(label);
}

enum { MOST_CELLS = 6 };

/* A row of the table for each figure, of worlds that differ in one thing. */
static void try_worlds(struct coverage *coverage, struct world *worlds, size_t n, const char *text)
{
	size_t by_figure[N_FIGURES][MOST_CELLS], kept[COVERAGE_MAX_PROMISES];
	for (size_t cell = 0; cell < n; cell++) {
		find_truth(&worlds[cell]);
		coverage_count(coverage, draw, &worlds[cell], N_FIGURES, kept);
		for (size_t f = 0; f < N_FIGURES; f++)
			by_figure[f][cell] = kept[f];
	}
	for (size_t f = 0; f < N_FIGURES; f++)
		coverage_row(coverage, figure_names[f], text, "95", by_figure[f], n);
}

static struct world make_world(double shift, double prevalence, double n_positive)
{
	return (struct world){.shift = shift,
	                      .prevalence = prevalence,
	                      .threshold = {shift, shift - 0.8416},
	                      .n_rows = (size_t)(n_positive / prevalence + 0.5),
	                      .group = 1};
}

static void try_strengths(struct coverage *coverage)
{
	static const double shifts[] = {0.5, 1.5, 3}, shares[] = {0.005, 0.05}, positives[] = {10, 30, 100, 300};
	for (size_t p = 0; p < 4; p++) {
		struct world worlds[MOST_CELLS];
		char text[120];
		for (size_t cell = 0; cell < MOST_CELLS; cell++)
			worlds[cell] = make_world(shifts[cell % 3], shares[cell / 3], positives[p]);
		snprintf(text, sizeof text, "%g positive rows; ROC-AUC .64, .86, .98 at 0.5 %%, then at 5 %%",
		         positives[p]);
		try_worlds(coverage, worlds, MOST_CELLS, text);
	}
}

/* Strengths between the others, and scores of positive rows that are no single normal. */
static void try_other_rankers(struct coverage *coverage)
{
	static const double positives[] = {10, 30, 100};
	for (size_t p = 0; p < 3; p++) {
		struct world worlds[MOST_CELLS];
		char text[120];
		for (size_t cell = 0; cell < MOST_CELLS; cell++) {
			double prevalence = (const double[]){0.02, 0.02, 0.02, 0.005, 0.02, 0.1}[cell];
			worlds[cell] = make_world((const double[]){0.742, 1.19, 2.087, 3, 3, 3}[cell], prevalence,
			                          positives[p]);
			worlds[cell].hopeless = cell < 3 ? 0 : 0.3;
		}
		snprintf(text, sizeof text,
		         "%g positive rows; ROC-AUC .70, .80, .93 at 2 %%; three in ten hopeless at 0.5, 2, 10 %%",
		         positives[p]);
		try_worlds(coverage, worlds, MOST_CELLS, text);
	}
}

/* 40 and 120 positive rows in groups of four, whose scores are not, half or nearly alike. */
static void try_groups(struct coverage *coverage)
{
	for (int is_mixed = 0; is_mixed < 2; is_mixed++) {
		struct world worlds[MOST_CELLS];
		for (size_t cell = 0; cell < MOST_CELLS; cell++) {
			worlds[cell] = make_world(1.5, 0.05, cell < 3 ? 40 : 120);
			worlds[cell].group = 4;
			worlds[cell].is_mixed = is_mixed;
			worlds[cell].alike = (const double[]){0, 0.5, 0.98}[cell % 3];
		}
		try_worlds(coverage, worlds, MOST_CELLS,
		           is_mixed ? "groups of four rows of any class, scores not, half, all alike; 40, then 120 "
		                      "positive rows"
		                    : "groups of four rows of one class, scores not, half, all alike; 40, then 120 "
		                      "positive rows");
	}
}

static void try_weights_and_priors(struct coverage *coverage)
{
	struct world weighted[4], under_prior[4];
	for (size_t cell = 0; cell < 4; cell++) {
		double n_positive = (const double[]){10, 30, 100, 300}[cell];
		weighted[cell] = make_world(1.5, 0.05, n_positive);
		weighted[cell].weights = AT_RANDOM;
		under_prior[cell] = make_world(1.5, 0.1, n_positive);
		under_prior[cell].prior = 0.01;
	}
	try_worlds(coverage, weighted, 4, "weights of 1 to 5; 10, 30, 100, 300 positive rows");
	try_worlds(coverage, under_prior, 4, "10 % positive, prior 1 %; 10, 30, 100, 300 positive rows");
}

static void try_thinned(struct coverage *coverage, enum weights weights, const char *text)
{
	struct world worlds[MOST_CELLS];
	for (size_t cell = 0; cell < MOST_CELLS; cell++) {
		worlds[cell] = make_world((const double[]){0.5, 1.5, 3}[cell % 3], 0.05, cell < 3 ? 30 : 100);
		worlds[cell].weights = weights;
	}
	try_worlds(coverage, worlds, MOST_CELLS, text);
}

void coverage_intervals(struct coverage *coverage)
{
	try_strengths(coverage);
	try_groups(coverage);
	try_weights_and_priors(coverage);
	try_thinned(coverage, FEWER_NEGATIVES,
	            "a tenth of the negative rows; ROC-AUC .64, .86, .98; 30, then 100 positive rows");
	try_thinned(coverage, FEWER_LOW_SCORES,
	            "a fifth of the low scores; ROC-AUC .64, .86, .98; 30, then 100 positive rows");
	try_other_rankers(coverage);
}
