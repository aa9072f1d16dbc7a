/*
 * Comparison of classifiers tested on the same folds, possibly of several repeats of cross-validation. Each figure, and
 * its difference from a reference classifier, is computed per fold and averaged over folds. Every mean comes with two
 * 95 % intervals that answer different questions:
 *
 * - Bootstrap: could other test rows have changed the result? 2,000 resamples draw positive and negative rows with
 *   replacement within each fold, the same for all classifiers. A row tested again in a later repeat keeps its weight:
 *   repeats bring no new rows, so they do not narrow this interval as new data would.
 * - Nadeau and Bengio's corrected t (2003): could another training have changed it? It uses the spread over folds and
 *   repeats, with the variance enlarged by test rows / training rows because training sets overlap.
 */
#ifndef EVAL_COMPARE_H
#define EVAL_COMPARE_H

#include <stddef.h>
#include <stdint.h>

#include "eval/metrics.h"

enum { FLT_COMPARE_MAX_POINTS = 4, FLT_N_MIN_PRECISIONS = FLT_N_AT_PRECISION };

/* Numbers of the figures; those at operating point p are FLT_COMPARE_AT_POINT(p) + FLT_AT_POINT_ACCURACY and so on. */
enum {
	FLT_COMPARE_AP,
	FLT_COMPARE_ROC_AUC,
	FLT_COMPARE_RECALL_AT, /* + f: the most recall at a precision of at least min_precision[f] */
	FLT_COMPARE_FIRST_POINT = FLT_COMPARE_RECALL_AT + FLT_N_MIN_PRECISIONS,
};

enum {
	FLT_AT_POINT_ACCURACY,
	FLT_AT_POINT_PRECISION,
	FLT_AT_POINT_RECALL,
	FLT_AT_POINT_F1,
	FLT_AT_POINT_MCC,
	FLT_N_AT_POINT
};

#define FLT_COMPARE_AT_POINT(c) (FLT_COMPARE_FIRST_POINT + (c)*FLT_N_AT_POINT)

enum { FLT_N_COMPARED = FLT_COMPARE_AT_POINT(FLT_COMPARE_MAX_POINTS) };

/* The test rows of one fold. */
struct flt_compare_fold {
	size_t n_rows, n_train; /* n_train: rows trained on */
	const size_t *row; /* (n_rows) equal numbers in two folds are the same row; NULL: no row is in another fold */
	const uint8_t *label; /* (n_rows) at least one of each class */
};

/* One classifier's output on the rows of one fold. */
struct flt_compare_entry {
	const double *score;      /* (n_rows) */
	const uint8_t *predicted; /* (n_rows) bit p: predicted positive at operating point p; NULL: at none */
};

struct flt_compare_options {
	size_t n_folds, n_classifiers;
	size_t reference;                           /* the classifier the others are compared with */
	double min_precision[FLT_N_MIN_PRECISIONS]; /* of the recall figures; 0: unused, its recall is 1 */
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
};

/* A mean over folds with its intervals. p values are two-sided tests of a mean of 0. */
struct flt_spread {
	double mean;
	double lo, hi, p;       /* bootstrap, percentiles */
	double t_lo, t_hi, t_p; /* corrected t; NaN with fewer than 2 folds */
};

struct flt_comparison {
	size_t n_folds, n_classifiers;
	double *per_fold;              /* (n_classifiers, FLT_N_COMPARED, n_folds) */
	struct flt_spread *figure;     /* (n_classifiers, FLT_N_COMPARED) */
	struct flt_spread *difference; /* (n_classifiers, FLT_N_COMPARED) from the reference, whose own is 0 */
};

/* entries (n_classifiers, n_folds). */
enum flt_status flt_compare(const struct flt_compare_fold *folds, const struct flt_compare_entry *entries,
                            const struct flt_compare_options *options, struct flt_comparison *comparison,
                            struct flt_error *err);
void flt_comparison_release(struct flt_comparison *comparison);

/* The spread of any figure with one value per fold, n >= 1. The bootstrap draws whole folds. */
void flt_spread_of(const double *values, size_t n, double test_per_train, uint64_t seed, struct flt_spread *spread);

const struct flt_spread *flt_comparison_figure(const struct flt_comparison *comparison, size_t classifier, int figure);
const struct flt_spread *flt_comparison_difference(const struct flt_comparison *comparison, size_t classifier,
                                                   int figure);

#endif
