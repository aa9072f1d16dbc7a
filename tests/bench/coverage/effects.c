/*
 * Bands of effects, of explain: in worlds whose truth is known. A row has two columns that hang together, and its
 * probability is a known function of both. The truth at the points that a test set chose is that of a grid which stands
 * for all rows that there are: the same definition, with the bins' true steps and weights and the true mean.
 */
#include <math.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "coverage.h"
#include "eval/class_sample.h"
#include "eval/effect.h"
#include "eval/category_effects.h"

enum {
	N_GRID = 20000,
	MOST_POINTS = 26,
	ROWS_OF_BIN = 20,
	LEAST_ROWS = 5,
	N_LEVELS = 5,
	N_LOOKED_AT = 5,
	MOST_IN_CLUSTER = 4
};

struct world {
	const char *name;
	size_t n, n_sample; /* rows, and of these drawn (SIZE_MAX: all) */
	double intercept, slope[2], product;
	bool is_categorical; /* the first column holds one of N_LEVELS; its number is the level's */
	bool has_clusters;   /* of rows that hold the same values */
};

static const double CORRELATION = 0.6;

static double probability_of(const struct world *world, double x, double z)
{
	return flt_sigmoid(world->intercept + world->slope[0] * x + world->slope[1] * z + world->product * x * z);
}

/* ---- rows ---- */

struct drawn {
	size_t n, n_clusters;
	double *x, *z, *probability, *weight;
	uint8_t *label;
	size_t *cluster;
};

static struct drawn drawn_new(size_t n)
{
	return (struct drawn){.n = n,
	                      .x = coverage_alloc(n, sizeof(double)),
	                      .z = coverage_alloc(n, sizeof(double)),
	                      .probability = coverage_alloc(n, sizeof(double)),
	                      .weight = coverage_alloc(n, sizeof(double)),
	                      .label = coverage_alloc(n, 1),
	                      .cluster = coverage_alloc(n, sizeof(size_t))};
}

static void drawn_free(struct drawn *drawn)
{
	free(drawn->x);
	free(drawn->z);
	free(drawn->probability);
	free(drawn->weight);
	free(drawn->label);
	free(drawn->cluster);
}

/* A level holds the values between two whole numbers. */
static double level_of(double normal)
{
	return fmin(fmax(floor(normal + N_LEVELS / 2.0), 0), N_LEVELS - 1) - N_LEVELS / 2;
}

static void set_row(const struct world *world, struct drawn *drawn, size_t i, const double normal[2])
{
	drawn->x[i] = world->is_categorical ? level_of(normal[0]) : normal[0];
	drawn->z[i] = CORRELATION * normal[0] + sqrt(1 - CORRELATION * CORRELATION) * normal[1];
	drawn->probability[i] = probability_of(world, drawn->x[i], drawn->z[i]);
	drawn->weight[i] = 1;
}

static struct drawn draw_rows(const struct world *world, struct flt_random *random)
{
	struct drawn drawn = drawn_new(world->n);
	for (size_t i = 0; i < world->n; drawn.n_clusters++) {
		double normal[2] = {flt_random_normal(random), flt_random_normal(random)};
		size_t size = world->has_clusters ? 1 + flt_random_below(random, MOST_IN_CLUSTER) : 1;
		for (; size > 0 && i < world->n; size--, i++) {
			set_row(world, &drawn, i, normal);
			drawn.label[i] = flt_random_uniform(random) < drawn.probability[i];
			drawn.cluster[i] = drawn.n_clusters;
		}
	}
	return drawn;
}

static struct drawn sample_rows(const struct world *world, const struct drawn *all, uint64_t seed)
{
	struct flt_class_sample sample;
	struct flt_error err;
	size_t ignored, n = 0;
	flt_class_sample_begin(&sample, world->n_sample, seed);
	for (size_t i = 0; i < all->n; i++)
		coverage_must(
		        flt_class_sample_offer(&sample, i, all->label[i], all->probability[i], 0.01, &ignored, &err),
		        &err);
	flt_class_sample_end(&sample);
	struct drawn kept = drawn_new(flt_class_sample_n(&sample));
	kept.n_clusters = all->n_clusters;
	for (int y = 0; y < 2; y++)
		for (size_t i = 0; i < sample.of_class[y].n; i++, n++) {
			size_t row = sample.of_class[y].rows[i].row;
			kept.x[n] = all->x[row];
			kept.z[n] = all->z[row];
			kept.probability[n] = all->probability[row];
			kept.label[n] = all->label[row];
			kept.cluster[n] = all->cluster[row];
			kept.weight[n] = flt_priority_weight(&sample.of_class[y].rows[i], sample.threshold[y]);
		}
	flt_class_sample_release(&sample);
	return kept;
}

/* The standard normal's quantile, by bisection. */
static double normal_quantile(double share)
{
	double low = -9, high = 9;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		*(erfc(-middle / sqrt(2)) / 2 < share ? &low : &high) = middle;
	}
	return (low + high) / 2;
}

/* All rows that there are: evenly spread (a lattice of the golden ratio). */
static struct drawn grid_new(const struct world *world)
{
	struct drawn grid = drawn_new(N_GRID);
	for (size_t i = 0; i < N_GRID; i++) {
		double second = fmod(((double)i + 0.5) * 0.6180339887498949, 1);
		double normal[2] = {normal_quantile(((double)i + 0.5) / N_GRID), normal_quantile(second)};
		set_row(world, &grid, i, normal);
	}
	return grid;
}

/* ---- points ---- */

struct points {
	size_t n;
	double at[MOST_POINTS];
};

struct valued {
	double value, weight;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct valued *)a)->value, y = ((const struct valued *)b)->value;
	return (x > y) - (x < y);
}

/* As explain does: the lowest value, and quantiles with rows enough between them. */
static struct points choose_points(const struct drawn *rows)
{
	static const double ends[] = {0.002, 0.005, 0.01, 0.03, 0.06, 0.1,  0.15, 0.2,  0.3,   0.4,   0.5,
	                              0.6,   0.7,   0.8,  0.85, 0.9,  0.94, 0.97, 0.99, 0.995, 0.998, 1};
	enum { N_ENDS = sizeof ends / sizeof *ends };
	struct valued *sorted = coverage_alloc(rows->n, sizeof *sorted);
	struct points points = {.n = 0};
	double all = 0, below = 0;
	size_t next = 0, n_since = 0;
	for (size_t i = 0; i < rows->n; i++) {
		sorted[i] = (struct valued){rows->x[i], rows->weight[i]};
		all += rows->weight[i];
	}
	qsort(sorted, rows->n, sizeof *sorted, by_value);
	points.at[points.n++] = sorted[0].value;
	for (size_t i = 0; i < rows->n; i++) {
		below += sorted[i].weight;
		n_since++;
		if (i + 1 < rows->n && (below < ends[next] * all || n_since < ROWS_OF_BIN))
			continue;
		points.n -= n_since < LEAST_ROWS && points.n > 1; /* the last bin takes in what is left */
		points.at[points.n++] = sorted[i].value;
		n_since = 0;
		while (next + 1 < N_ENDS && ends[next] * all <= below)
			next++;
	}
	free(sorted);
	return points;
}

static struct points levels_present(const struct drawn *rows)
{
	struct points points = {.n = 0};
	for (int level = 0; level < N_LEVELS; level++) {
		size_t n = 0;
		for (size_t i = 0; i < rows->n; i++)
			n += rows->x[i] == level - N_LEVELS / 2;
		if (n >= 5)
			points.at[points.n++] = level - N_LEVELS / 2;
	}
	return points;
}

/* ---- the curve ---- */

struct curve {
	struct flt_effect_step *steps;
	size_t n_steps, before[MOST_POINTS];
	struct flt_effect_place *place;
};

static void add_step(const struct world *world, const struct points *points, const struct drawn *rows, size_t i,
                     size_t point, struct curve *curve)
{
	double from = probability_of(world, points->at[point - 1], rows->z[i]);
	double to = probability_of(world, points->at[point], rows->z[i]);
	curve->steps[curve->n_steps++] = (struct flt_effect_step){i, point, to - from};
}

static void add_number(const struct world *world, const struct points *points, const struct drawn *rows, size_t i,
                       struct curve *curve)
{
	size_t bin = 1;
	while (bin + 1 < points->n && rows->x[i] > points->at[bin])
		bin++;
	double low = points->at[bin - 1], high = points->at[bin];
	double share = fmin(fmax((rows->x[i] - low) / (high - low), 0), 1);
	curve->place[i] = (struct flt_effect_place){bin, share};
	add_step(world, points, rows, i, bin, curve);
}

static void find_curve(const struct world *world, const struct points *points, const struct drawn *rows,
                       struct flt_interval *found)
{
	struct curve curve = {.steps = coverage_alloc(2 * rows->n, sizeof(struct flt_effect_step)),
	                      .place = coverage_alloc(rows->n, sizeof(struct flt_effect_place))};
	struct flt_error err;
	for (size_t i = 0; i < rows->n; i++)
		add_number(world, points, rows, i, &curve);
	for (size_t p = 1; p < points->n; p++)
		curve.before[p] = p - 1;
	const struct flt_scored scored = {.n = rows->n,
	                                  .label = rows->label,
	                                  .weight = rows->weight,
	                                  .cluster = world->has_clusters && rows->n_clusters ? rows->cluster : NULL,
	                                  .n_clusters = rows->n_clusters};
	const struct flt_effect effect = {.rows = &scored,
	                                  .n_points = points->n,
	                                  .n_steps = curve.n_steps,
	                                  .before = curve.before,
	                                  .probability = rows->probability,
	                                  .place = curve.place,
	                                  .steps = curve.steps};
	coverage_must(flt_effect_find(&effect, found, &err), &err);
	free(curve.steps);
	free(curve.place);
}

static void find_levels(const struct world *world, const struct points *points, const struct drawn *rows,
                        struct flt_interval *found)
{
	size_t n = rows->n, *level = coverage_alloc(n, sizeof *level);
	double *moved = coverage_alloc(points->n * n, sizeof *moved);
	struct flt_error err;
	for (size_t i = 0; i < n; i++) {
		level[i] = SIZE_MAX;
		for (size_t p = 0; p < points->n; p++) {
			level[i] = points->at[p] == rows->x[i] ? p : level[i];
			moved[p * n + i] = probability_of(world, points->at[p], rows->z[i]);
		}
	}
	const struct flt_scored scored = {.n = n, .weight = rows->weight};
	const struct flt_category_effects effects = {&scored, rows->probability, points->n, level, moved};
	coverage_must(flt_category_effects_find(&effects, found, &err), &err);
	free(level);
	free(moved);
}

/* ---- how often ---- */

struct known_world {
	const struct world *world;
	struct drawn grid;
};

/* held: at the first point, a quarter of the way, in the middle, at three quarters, at the last. */
static void try_one(const void *context, struct flt_random *random, bool *held)
{
	const struct known_world *known = context;
	struct flt_interval found[MOST_POINTS], truth[MOST_POINTS];
	struct drawn all = draw_rows(known->world, random);
	struct drawn rows = sample_rows(known->world, &all, flt_random_next(random));
	struct points points = known->world->is_categorical ? levels_present(&rows) : choose_points(&rows);
	(known->world->is_categorical ? find_levels : find_curve)(known->world, &points, &rows, found);
	(known->world->is_categorical ? find_levels : find_curve)(known->world, &points, &known->grid, truth);
	for (size_t k = 0; k < N_LOOKED_AT; k++) {
		size_t p = k * (points.n - 1) / (N_LOOKED_AT - 1);
		held[k] = coverage_holds(&found[p], truth[p].value);
	}
	drawn_free(&rows);
	drawn_free(&all);
}

void coverage_effects(struct coverage *coverage)
{
	static const struct world worlds[] = {
	        {"100 rows, 25 %", 100, SIZE_MAX, -1.5, {1, 1}, 0, false, false},
	        {"300 rows, 25 %", 300, SIZE_MAX, -1.5, {1, 1}, 0, false, false},
	        {"1000 rows, 25 %", 1000, SIZE_MAX, -1.5, {1, 1}, 0, false, false},
	        {"1000 rows, 25 %, product", 1000, SIZE_MAX, -1.5, {1, 1}, 0.5, false, false},
	        {"1000 rows, weak column", 1000, SIZE_MAX, -1.5, {0.1, 1.5}, 0, false, false},
	        {"1000 rows, 3 %", 1000, SIZE_MAX, -5, {1, 1}, 0, false, false},
	        {"1000 of 20000 rows, 3 %", 20000, 1000, -5, {1, 1}, 0, false, false},
	        {"300 of 20000 rows, 3 %", 20000, 300, -5, {1, 1}, 0, false, false},
	        {"1000 rows in clusters, 25 %", 1000, SIZE_MAX, -1.5, {1, 1}, 0, false, true},
	        {"300 rows, categories", 300, SIZE_MAX, -1.5, {1, 1}, 0, true, false},
	        {"1000 of 20000 rows, categories", 20000, 1000, -5, {1, 1}, 0, true, false},
	};
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
		struct known_world known = {&worlds[i], grid_new(&worlds[i])};
		size_t kept[COVERAGE_MAX_PROMISES];
		coverage_count(coverage, try_one, &known, N_LOOKED_AT, kept);
		coverage_row(coverage, "effect", worlds[i].name, "95", kept, N_LOOKED_AT);
		drawn_free(&known.grid);
	}
}
