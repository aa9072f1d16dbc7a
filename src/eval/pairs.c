/*
 * The variance. A pair's term is g(row) + h(partner) + e, each with mean 0. With a the mean of a row's terms over the
 * repeats and b the mean of those in which it is the partner, the sum over rows of (a + b)^2 holds what is wanted, the
 * squares of g + h and e / repeats, and once too often the squares of single terms / repeats^2, which are taken off.
 */
#include "eval/pairs.h"

#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/drawn.h"
#include "eval/student.h"

/* ---- partners ---- */

/* A row is drawn once for each of n marks, set at equal steps, that falls into its part of all weights. */
static void draw_evenly(const double *weight, size_t n, struct flt_random *random, size_t *partner)
{
	double all = 0, below = 0, start = flt_random_uniform(random);
	size_t drawn = 0;
	for (size_t i = 0; i < n; i++)
		all += weight ? weight[i] : 1;
	for (size_t i = 0; i < n; i++) {
		below += weight ? weight[i] : 1;
		while (drawn < n && (i + 1 == n || ((double)drawn + start) * all < below * (double)n))
			partner[drawn++] = i;
	}
}

void flt_pairs_draw(const double *weight, size_t n, size_t n_repeats, uint64_t seed, size_t *partner)
{
	for (size_t r = 0; r < n_repeats; r++) {
		struct flt_random random;
		flt_random_init(&random, seed, "partners", r);
		draw_evenly(weight, n, &random, partner + r * n);
		flt_random_shuffle(&random, partner + r * n, n);
	}
}

/* ---- what is known of their figures ---- */

static const double LEAST = 3, MOST = 1000; /* degrees of freedom; as good as infinitely many */

struct variance {
	const struct flt_pairs *pairs;
	double *own, *both; /* (n_units) sums of a, and of a + b */
	size_t n_units;
};

static size_t unit_of(const struct flt_scored *rows, size_t row)
{
	return rows->cluster ? rows->cluster[row] : row;
}

/* As those of eval/effect.c. */
static double freedom_of(const double *unit, size_t n)
{
	double sum = 0, fourth = 0;
	for (size_t u = 0; u < n; u++) {
		double square = unit[u] * unit[u];
		sum += square;
		fourth += square * square;
	}
	return fourth > 0 ? fmax(3 * sum * sum / fourth - 1, LEAST) : MOST;
}

static double variance_of(const struct variance *variance, const double *term)
{
	const struct flt_pairs *pairs = variance->pairs;
	size_t n = pairs->rows->n;
	double each = 1 / (double)pairs->n_repeats, of_rows = 0, of_both = 0;
	for (size_t p = 0; p < pairs->n_repeats * n; p++) {
		double share = term[p] * each;
		variance->own[unit_of(pairs->rows, p % n)] += share;
		variance->both[unit_of(pairs->rows, p % n)] += share;
		variance->both[unit_of(pairs->rows, pairs->partner[p])] += share;
		of_both -= share * share;
	}
	for (size_t u = 0; u < variance->n_units; u++) {
		of_rows += variance->own[u] * variance->own[u];
		of_both += variance->both[u] * variance->both[u];
	}
	return fmax(of_rows, of_both);
}

struct known {
	double variance, freedom;
	double largest; /* what a unit adds to the figure beyond the usual one, at most */
};

static enum flt_status find_variance(const struct flt_pairs *pairs, const double *term, struct known *known,
                                     struct flt_error *err)
{
	struct variance variance = {.pairs = pairs,
	                            .n_units = pairs->rows->cluster ? pairs->rows->n_clusters : pairs->rows->n};
	double *sums = flt_alloc_zero(variance.n_units, 2 * sizeof *sums, err);
	FLT_TRY_MEMORY(sums);
	variance.own = sums;
	variance.both = sums + variance.n_units;
	known->variance = variance_of(&variance, term);
	known->freedom = fmin(freedom_of(variance.own, variance.n_units), freedom_of(variance.both, variance.n_units));
	known->largest = 0;
	for (size_t u = 0; u < variance.n_units; u++)
		known->largest = fmax(known->largest, variance.own[u]);
	flt_free(sums);
	return FLT_OK;
}

/* How many standard errors an interval reaches. Two are taken off the number of rows: the mean, and that the terms are
 * of ranks among these rows; in simulations with 10 positive rows one is too few (tests/bench/coverage/importance.c).
 */
static enum flt_status find_reach(const struct flt_scored *rows, double *reach, struct flt_error *err)
{
	double number[2] = {(double)rows->n, (double)rows->n};
	if (rows->label)
		FLT_TRY(flt_independent_clusters(rows, number, err));
	double rarer = fmin(fmax(fmin(number[0], number[1]), 3), MOST);
	*reach = flt_student_quantile(0.975, rarer - 1) * sqrt(rarer / (rarer - 2));
	return FLT_OK;
}

enum flt_status flt_pairs_interval(const struct flt_pairs *pairs, double figure, const double *term,
                                   struct flt_interval *interval, struct flt_error *err)
{
	struct known known;
	double reach;
	FLT_TRY(find_variance(pairs, term, &known, err));
	FLT_TRY(find_reach(pairs->rows, &reach, err));
	*interval = (struct flt_interval){figure, figure - reach * sqrt(known.variance),
	                                  figure + reach * sqrt(known.variance)};
	return FLT_OK;
}

enum flt_status flt_pairs_root(const struct flt_pairs *pairs, double *square, struct flt_interval *interval,
                               struct flt_error *err)
{
	const struct flt_scored *rows = pairs->rows;
	double all = 0, sum = 0, reach;
	struct known known;
	for (size_t i = 0; i < rows->n; i++)
		all += flt_row_weight(rows, i);
	for (size_t p = 0; p < pairs->n_repeats * rows->n; p++)
		sum += flt_row_weight(rows, p % rows->n) * square[p];
	double mean = sum / all / (double)pairs->n_repeats;
	for (size_t p = 0; p < pairs->n_repeats * rows->n; p++)
		square[p] = flt_row_weight(rows, p % rows->n) / all * (square[p] - mean);
	FLT_TRY(find_variance(pairs, square, &known, err));
	FLT_TRY(find_reach(rows, &reach, err));
	reach = fmax(reach, flt_student_quantile(0.975, fmin(known.freedom, MOST)));
	double root = sqrt(mean), factor = mean > 0 ? exp(reach * sqrt(known.variance) / mean / 2) : 1;
	*interval = (struct flt_interval){root, root / factor, sqrt(mean + known.largest / 2) * factor};
	return FLT_OK;
}
