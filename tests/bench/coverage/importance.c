/*
 * Intervals of importance, of explain: in worlds whose truth is known. A row has three columns, normal and independent
 * given its class: one that tells, one that tells as much or more, and noise that the model listens to all the same.
 * The model knows the world: its log-odds are linear in the columns but for the noise. What the shuffle of a column
 * costs on infinitely many rows is an integral. Shuffling the noise costs nothing.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "coverage.h"
#include "eval/class_sample.h"
#include "eval/importance.h"

enum { N_COLUMNS = 3, MOST_REPEATS = 5, MOST_IN_CLUSTER = 4 };

struct world {
	const char *name;
	size_t n_positive; /* on average */
	double prevalence;
	double shift[N_COLUMNS]; /* of positive rows */
	double weight[N_COLUMNS];
	size_t n_sample; /* SIZE_MAX: all rows */
	size_t n_repeats;
	bool has_clusters; /* of rows that hold the same values and class */
};

/* ---- the truth ---- */

/* Scores of one class: normal, or a mixture where a column was shuffled. */
struct mixture {
	double mean[2], share[2], deviation;
};

static double density(const struct mixture *of, double x)
{
	double sum = 0;
	for (int k = 0; k < 2; k++) {
		double t = (x - of->mean[k]) / of->deviation;
		sum += of->share[k] * exp(-t * t / 2) / of->deviation / sqrt(2 * M_PI);
	}
	return sum;
}

static double above(const struct mixture *of, double x)
{
	double sum = 0;
	for (int k = 0; k < 2; k++)
		sum += of->share[k] * erfc((x - of->mean[k]) / of->deviation / sqrt(2)) / 2;
	return sum;
}

static double intercept_of(const struct world *world)
{
	double sum = flt_logit(world->prevalence);
	for (int c = 0; c < N_COLUMNS; c++)
		sum -= world->weight[c] * world->shift[c] / 2;
	return sum;
}

/* Scores of class y, with that column shuffled (N_COLUMNS: none). */
static struct mixture scores_of(const struct world *world, int y, int shuffled)
{
	double mean = intercept_of(world), variance = 0;
	struct mixture of = {.share = {1 - world->prevalence, world->prevalence}};
	for (int c = 0; c < N_COLUMNS; c++) {
		mean += c == shuffled ? 0 : world->weight[c] * world->shift[c] * y;
		variance += world->weight[c] * world->weight[c];
	}
	of.mean[0] = of.mean[1] = mean;
	if (shuffled < N_COLUMNS)
		of.mean[1] += world->weight[shuffled] * world->shift[shuffled];
	of.deviation = sqrt(variance);
	return of;
}

struct figures {
	double ap, log_loss;
};

static struct figures truth_of(const struct world *world, int shuffled)
{
	struct figures figures = {0, 0};
	struct mixture of[2] = {scores_of(world, 0, shuffled), scores_of(world, 1, shuffled)};
	const double step = 0.002, most = 40;
	for (double x = -most; x < most; x += step) {
		double at = x + step / 2, tp = world->prevalence * above(&of[1], at);
		double fp = (1 - world->prevalence) * above(&of[0], at);
		double positive = density(&of[1], at) * step, negative = density(&of[0], at) * step;
		figures.ap += tp > 0 ? positive * tp / (tp + fp) : 0;
		figures.log_loss += world->prevalence * positive * flt_softplus(-at) +
		                    (1 - world->prevalence) * negative * flt_softplus(at);
	}
	return figures;
}

/* ---- rows ---- */

struct drawn {
	size_t n, n_clusters;
	double *x[N_COLUMNS], *score, *weight;
	uint8_t *label;
	size_t *cluster;
};

static double score_of(const struct world *world, const double x[N_COLUMNS])
{
	double score = intercept_of(world);
	for (int c = 0; c < N_COLUMNS; c++)
		score += world->weight[c] * x[c];
	return score;
}

static struct drawn drawn_new(size_t n)
{
	struct drawn drawn = {.n = 0};
	for (int c = 0; c < N_COLUMNS; c++)
		drawn.x[c] = coverage_alloc(n, sizeof(double));
	drawn.score = coverage_alloc(n, sizeof(double));
	drawn.weight = coverage_alloc(n, sizeof(double));
	drawn.label = coverage_alloc(n, 1);
	drawn.cluster = coverage_alloc(n, sizeof(size_t));
	return drawn;
}

static void drawn_free(struct drawn *drawn)
{
	for (int c = 0; c < N_COLUMNS; c++)
		free(drawn->x[c]);
	free(drawn->score);
	free(drawn->weight);
	free(drawn->label);
	free(drawn->cluster);
}

static struct drawn draw_rows(const struct world *world, struct flt_random *random)
{
	size_t n = (size_t)((double)world->n_positive / world->prevalence);
	struct drawn drawn = drawn_new(n);
	while (drawn.n < n) {
		double x[N_COLUMNS];
		uint8_t label = flt_random_uniform(random) < world->prevalence;
		size_t size = world->has_clusters ? 1 + flt_random_below(random, MOST_IN_CLUSTER) : 1;
		for (int c = 0; c < N_COLUMNS; c++)
			x[c] = world->shift[c] * label + flt_random_normal(random);
		for (; size > 0 && drawn.n < n; size--, drawn.n++) {
			for (int c = 0; c < N_COLUMNS; c++)
				drawn.x[c][drawn.n] = x[c];
			drawn.score[drawn.n] = score_of(world, x);
			drawn.label[drawn.n] = label;
			drawn.weight[drawn.n] = 1;
			drawn.cluster[drawn.n] = drawn.n_clusters;
		}
		drawn.n_clusters++;
	}
	return drawn;
}

static void keep_class(const struct drawn *all, const struct flt_class_sample *sample, int y, struct drawn *kept)
{
	for (size_t i = 0; i < sample->of_class[y].n; i++, kept->n++) {
		size_t row = sample->of_class[y].rows[i].row;
		for (int c = 0; c < N_COLUMNS; c++)
			kept->x[c][kept->n] = all->x[c][row];
		kept->score[kept->n] = all->score[row];
		kept->label[kept->n] = all->label[row];
		kept->cluster[kept->n] = all->cluster[row];
		kept->weight[kept->n] = flt_priority_weight(&sample->of_class[y].rows[i], sample->threshold[y]);
	}
}

static struct drawn sample_rows(const struct world *world, const struct drawn *all, uint64_t seed)
{
	struct flt_class_sample sample;
	struct flt_error err;
	size_t ignored;
	flt_class_sample_begin(&sample, world->n_sample, seed);
	for (size_t i = 0; i < all->n; i++)
		coverage_must(flt_class_sample_offer(&sample, i, all->label[i], flt_sigmoid(all->score[i]),
		                                     world->prevalence, &ignored, &err),
		              &err);
	flt_class_sample_end(&sample);
	struct drawn kept = drawn_new(flt_class_sample_n(&sample));
	kept.n_clusters = all->n_clusters;
	keep_class(all, &sample, 0, &kept);
	keep_class(all, &sample, 1, &kept);
	flt_class_sample_release(&sample);
	return kept;
}

/* ---- intervals ---- */

struct room {
	size_t *partner;
	double *score;
};

static struct flt_importance shuffle(const struct world *world, const struct drawn *rows, int column,
                                     const struct room *room)
{
	struct flt_importance importance;
	struct flt_error err;
	const struct flt_scored scored = {.n = rows->n,
	                                  .score = rows->score,
	                                  .log_odds = rows->score,
	                                  .label = rows->label,
	                                  .weight = rows->weight,
	                                  .cluster = world->has_clusters ? rows->cluster : NULL,
	                                  .n_clusters = rows->n_clusters};
	for (size_t p = 0; p < world->n_repeats * rows->n; p++) {
		double x[N_COLUMNS];
		for (int c = 0; c < N_COLUMNS; c++)
			x[c] = rows->x[c][c == column ? room->partner[p] : p % rows->n];
		room->score[p] = score_of(world, x);
	}
	const struct flt_shuffled shuffled = {
	        .pairs = {.rows = &scored, .n_repeats = world->n_repeats, .partner = room->partner},
	        .score = room->score,
	        .log_odds = room->score,
	        .before = rows->score,
	        .after = room->score};
	coverage_must(flt_importance_find(&shuffled, &importance, &err), &err);
	return importance;
}

struct known_world {
	const struct world *world;
	struct figures lost[N_COLUMNS]; /* in truth */
};

/* held: for each column, PR-AUC and log-loss. */
static void try_one(const void *context, struct flt_random *random, bool *held)
{
	const struct known_world *known = context;
	const struct world *world = known->world;
	struct drawn all = draw_rows(world, random), rows = sample_rows(world, &all, flt_random_next(random));
	struct room room = {coverage_alloc(world->n_repeats * rows.n, sizeof(size_t)),
	                    coverage_alloc(world->n_repeats * rows.n, sizeof(double))};
	flt_pairs_draw(rows.weight, rows.n, world->n_repeats, flt_random_next(random), room.partner);
	for (int c = 0; c < N_COLUMNS; c++) {
		struct flt_importance importance = shuffle(world, &rows, c, &room);
		held[2 * c] = coverage_holds(&importance.ap, known->lost[c].ap);
		held[2 * c + 1] = coverage_holds(&importance.log_loss, known->lost[c].log_loss);
	}
	free(room.partner);
	free(room.score);
	drawn_free(&rows);
	drawn_free(&all);
}

static void run_world(struct coverage *coverage, const struct world *world)
{
	struct known_world known = {.world = world};
	struct figures base = truth_of(world, N_COLUMNS);
	size_t kept[COVERAGE_MAX_PROMISES];
	for (int c = 0; c < N_COLUMNS; c++) {
		struct figures shuffled = truth_of(world, c);
		known.lost[c] = (struct figures){base.ap - shuffled.ap, shuffled.log_loss - base.log_loss};
	}
	coverage_count(coverage, try_one, &known, 2 * N_COLUMNS, kept);
	coverage_row(coverage, "importance", world->name, "95", kept, 2 * N_COLUMNS);
}

void coverage_importance(struct coverage *coverage)
{
	static const struct world worlds[] = {
	        {"10 pos., 5 %", 10, 0.05, {1, 1.5, 0}, {1, 1.5, 0.5}, SIZE_MAX, 3, false},
	        {"30 pos., 5 %", 30, 0.05, {1, 1.5, 0}, {1, 1.5, 0.5}, SIZE_MAX, 3, false},
	        {"100 pos., 5 %", 100, 0.05, {1, 1.5, 0}, {1, 1.5, 0.5}, SIZE_MAX, 3, false},
	        {"100 pos., 5 %, 1 shuffle", 100, 0.05, {1, 1.5, 0}, {1, 1.5, 0.5}, SIZE_MAX, 1, false},
	        {"30 pos., 0.5 %", 30, 0.005, {1, 2.5, 0}, {1, 2.5, 0.5}, SIZE_MAX, 3, false},
	        {"30 pos., 0.5 %, 1000 rows", 30, 0.005, {1, 2.5, 0}, {1, 2.5, 0.5}, 1000, 3, false},
	        {"100 pos., 0.5 %, 2000 rows", 100, 0.005, {1, 2.5, 0}, {1, 2.5, 0.5}, 2000, 3, false},
	        {"600 pos., 6 %, 1250 rows", 600, 0.06, {1, 1.5, 0}, {1, 1.5, 0.5}, 1250, 3, false},
	        {"400 pos., 0.5 %, 1000 rows, 1 shuffle", 400, 0.005, {1, 2.5, 0}, {1, 2.5, 0.5}, 1000, 1, false},
	        {"100 pos. in clusters, 5 %", 100, 0.05, {1, 1.5, 0}, {1, 1.5, 0.5}, SIZE_MAX, 3, true},
	};
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
		run_world(coverage, &worlds[i]);
}
