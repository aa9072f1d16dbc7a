/*
 * Figures of pairs of rows: each row of a sample meets a partner from the same sample, in each of a few repeats, as
 * where the values of a column are shuffled. The figure is the mean over the repeats; were the rows drawn anew, and the
 * partners with them, both a row and its partner would be others.
 */
#ifndef EVAL_PAIRS_H
#define EVAL_PAIRS_H

#include "eval/metrics.h"

/* Borrowed arrays. */
struct flt_pairs {
	const struct flt_scored *rows; /* label (may be NULL), weight and cluster are read */
	size_t n_repeats;              /* at least 1 */
	const size_t *partner;         /* (n_repeats, rows->n) */
};

/* Draws partners: in each repeat rows are partners as often as they weigh, as evenly as whole numbers allow, in an
 * order of its own. Rows of equal weight, or weight NULL, are shuffled. partner (n_repeats, n). */
void flt_pairs_draw(const double *weight, size_t n, size_t n_repeats, uint64_t seed, size_t *partner);

/* The 95 % interval around a figure that is the mean over repeats of the sum of term (n_repeats, rows->n) over pairs,
 * to first order, as far as it varies; the terms of a repeat sum up to 0. Its variance is that of rows in both roles
 * (dyadic: Aronow, Samii and Assenova 2015, "Cluster-robust variance estimation for dyadic data"), at least that of
 * rows with their partners, whole clusters at a time. The factor is Student's, for as many rows as the rarer class has.
 */
enum flt_status flt_pairs_interval(const struct flt_pairs *pairs, double figure, const double *term,
                                   struct flt_interval *interval, struct flt_error *err);

/* The root of the weighted mean of square (n_repeats, rows->n) over all pairs, with its interval, which is one of the
 * logarithm. Squares have long tails: where few rows decide, Student's factor has the fewer degrees of freedom, and the
 * upper end counts half of what the heaviest row or cluster adds as unseen (eval/drawn.h). Overwrites square. */
enum flt_status flt_pairs_root(const struct flt_pairs *pairs, double *square, struct flt_interval *interval,
                               struct flt_error *err);

#endif
