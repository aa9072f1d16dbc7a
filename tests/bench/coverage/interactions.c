/*
 * Intervals of interactions, of explain: in worlds whose truth is known. The log-odds of a row are linear in two
 * columns but for a product: of both, or of whether each is high. With (x, z) and (x', z') two rows, half the mixed
 * difference is c (x - x') (z - z') / 2, or the same of what is 1 where a column is high, and 0 elsewhere; of normal
 * columns with correlation r its mean square is c^2 (1 + 2 r^2), of independent shares p above the limit it is
 * c^2 (p (1 - p))^2.
 */
#include <math.h>
#include <stdlib.h>

#include "base/log_odds.h"
#include "coverage.h"
#include "eval/class_sample.h"
#include "eval/pairs.h"

enum { MOST_IN_CLUSTER = 4 };

struct world {
	const char *name;
	size_t n, n_sample; /* rows, and of these drawn (SIZE_MAX: all) */
	double intercept, product, correlation;
	double limit; /* above which a column is high; NaN: the product is of the columns */
	bool is_labelled, has_clusters;
};

struct drawn {
	size_t n, n_clusters;
	double *x[2], *weight;
	uint8_t *label;
	size_t *cluster;
};

static double log_odds_of(const struct world *world, double x, double z)
{
	double product = isnan(world->limit) ? x * z : (double)(x > world->limit && z > world->limit);
	return world->intercept + x + z + world->product * product;
}

static double truth_of(const struct world *world)
{
	double r = world->correlation, high = erfc(world->limit / sqrt(2)) / 2;
	return world->product * (isnan(world->limit) ? sqrt(1 + 2 * r * r) : high * (1 - high));
}

/* ---- rows ---- */

static struct drawn drawn_new(size_t n)
{
	return (struct drawn){.n = n,
	                      .x = {coverage_alloc(n, sizeof(double)), coverage_alloc(n, sizeof(double))},
	                      .weight = coverage_alloc(n, sizeof(double)),
	                      .label = coverage_alloc(n, 1),
	                      .cluster = coverage_alloc(n, sizeof(size_t))};
}

static void drawn_free(struct drawn *drawn)
{
	free(drawn->x[0]);
	free(drawn->x[1]);
	free(drawn->weight);
	free(drawn->label);
	free(drawn->cluster);
}

static struct drawn draw_rows(const struct world *world, struct flt_random *random)
{
	struct drawn drawn = drawn_new(world->n);
	double r = world->correlation;
	for (size_t i = 0; i < world->n; drawn.n_clusters++) {
		double x = flt_random_normal(random), z = r * x + sqrt(1 - r * r) * flt_random_normal(random);
		size_t size = world->has_clusters ? 1 + flt_random_below(random, MOST_IN_CLUSTER) : 1;
		for (; size > 0 && i < world->n; size--, i++) {
			drawn.x[0][i] = x;
			drawn.x[1][i] = z;
			drawn.label[i] = flt_random_uniform(random) < flt_sigmoid(log_odds_of(world, x, z));
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
	for (size_t i = 0; i < all->n; i++) {
		double probability = flt_sigmoid(log_odds_of(world, all->x[0][i], all->x[1][i]));
		coverage_must(flt_class_sample_offer(&sample, i, all->label[i], probability, 0.01, &ignored, &err),
		              &err);
	}
	flt_class_sample_end(&sample);
	struct drawn kept = drawn_new(flt_class_sample_n(&sample));
	kept.n_clusters = all->n_clusters;
	for (int y = 0; y < 2; y++)
		for (size_t i = 0; i < sample.of_class[y].n; i++, n++) {
			size_t row = sample.of_class[y].rows[i].row;
			kept.x[0][n] = all->x[0][row];
			kept.x[1][n] = all->x[1][row];
			kept.label[n] = all->label[row];
			kept.cluster[n] = all->cluster[row];
			kept.weight[n] = flt_priority_weight(&sample.of_class[y].rows[i], sample.threshold[y]);
		}
	flt_class_sample_release(&sample);
	return kept;
}

/* ---- how often ---- */

/* held: whether the truth lies in the interval, not below it, not above it. */
static void try_one(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	struct flt_interval found;
	struct flt_error err;
	struct drawn all = draw_rows(world, random), rows = sample_rows(world, &all, flt_random_next(random));
	size_t *partner = coverage_alloc(rows.n, sizeof *partner);
	double *square = coverage_alloc(rows.n, sizeof *square), truth = truth_of(world);
	const struct flt_scored scored = {.n = rows.n,
	                                  .label = world->is_labelled ? rows.label : NULL,
	                                  .weight = rows.weight,
	                                  .cluster = world->has_clusters ? rows.cluster : NULL,
	                                  .n_clusters = rows.n_clusters};
	const struct flt_pairs pairs = {.rows = &scored, .n_repeats = 1, .partner = partner};
	flt_pairs_draw(rows.weight, rows.n, 1, flt_random_next(random), partner);
	for (size_t i = 0; i < rows.n; i++) {
		const double x[2] = {rows.x[0][i], rows.x[0][partner[i]]}, z[2] = {rows.x[1][i], rows.x[1][partner[i]]};
		double mixed = log_odds_of(world, x[0], z[0]) - log_odds_of(world, x[1], z[0]) -
		               log_odds_of(world, x[0], z[1]) + log_odds_of(world, x[1], z[1]);
		square[i] = mixed * mixed / 4;
	}
	coverage_must(flt_pairs_root(&pairs, square, &found, &err), &err);
	held[0] = coverage_holds(&found, truth);
	held[1] = truth >= found.lo;
	held[2] = truth <= found.hi;
	free(partner);
	free(square);
	drawn_free(&rows);
	drawn_free(&all);
}

void coverage_interactions(struct coverage *coverage)
{
	static const struct world worlds[] = {
	        {"100 rows, product", 100, SIZE_MAX, -1.5, 1, 0, (double)NAN, true, false},
	        {"300 rows, product", 300, SIZE_MAX, -1.5, 1, 0, (double)NAN, true, false},
	        {"1000 rows, product", 1000, SIZE_MAX, -1.5, 1, 0, (double)NAN, true, false},
	        {"1000 rows, product, no labels", 1000, SIZE_MAX, -1.5, 1, 0, (double)NAN, false, false},
	        {"1000 rows, product, correlated", 1000, SIZE_MAX, -1.5, 1, 0.6, (double)NAN, true, false},
	        {"1000 rows, half high", 1000, SIZE_MAX, -1.5, 1, 0, 0, true, false},
	        {"300 rows, 10 % high", 300, SIZE_MAX, -1.5, 1, 0, 1.281551565544600, true, false},
	        {"1000 rows, 10 % high", 1000, SIZE_MAX, -1.5, 1, 0, 1.281551565544600, true, false},
	        {"1000 of 20000 rows, product", 20000, 1000, -5, 0.5, 0, (double)NAN, true, false},
	        {"300 of 20000 rows, product", 20000, 300, -5, 0.5, 0, (double)NAN, true, false},
	        {"1000 of 20000 rows, 10 % high", 20000, 1000, -5, 1, 0, 1.281551565544600, true, false},
	        {"1000 rows in clusters, product", 1000, SIZE_MAX, -1.5, 1, 0, (double)NAN, true, true},
	};
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
		size_t kept[COVERAGE_MAX_PROMISES];
		coverage_count(coverage, try_one, &worlds[i], 3, kept);
		coverage_row(coverage, "interaction, not too high, not too low", worlds[i].name, "95", kept, 3);
	}
}
