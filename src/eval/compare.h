/*
 * Comparison of classifiers tested on the same folds, possibly of several repeats of cross-validation. Each figure is
 * computed per fold and averaged over folds. Its error, and that of its difference between two classifiers, is that of
 * a spread (spread.h): 2,000 resamples say what other test rows would have changed, the folds what other trainings
 * would have.
 *
 * A resample draws units with replacement, the same for all classifiers: rows, or clusters of rows that hang together.
 * It draws within each fold, apart those with a positive row and those without. A unit tested again in a later repeat
 * keeps its weight: repeats bring no new rows. Of n units it draws n - 1, each of which counts n / (n - 1) times (Rao
 * and Wu 1988): drawing n would understate the variance by a factor of (n - 1) / n, and a fold may hold few positive
 * rows.
 */
#ifndef EVAL_COMPARE_H
#define EVAL_COMPARE_H

#include <stddef.h>
#include <stdint.h>

#include "eval/fold_figures.h"
#include "eval/spread.h"

struct flt_compare_options {
	size_t n_folds, n_classifiers;
	double min_precision[FLT_N_MIN_PRECISIONS]; /* of the recall figures; 0: unused, its recall is 1 */
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
};

struct flt_comparison {
	size_t n_folds, n_classifiers;
	double n_rare;         /* units of the rarer class */
	double repeats;        /* how often a row is tested, on average */
	double test_per_train; /* test rows over training rows, averaged over the folds */
	double *per_fold;      /* (n_classifiers, FLT_N_COMPARED, n_folds) */
	double *resampled;     /* (n_classifiers, FLT_N_COMPARED, FLT_N_RESAMPLES) means over the folds */
	double *n_behind;      /* (n_classifiers, FLT_N_COMPARED) units that the figure, a share, is one of */
};

/* entries (n_classifiers, n_folds). */
enum flt_status flt_compare(const struct flt_compare_fold *folds, const struct flt_compare_entry *entries,
                            const struct flt_compare_options *options, struct flt_comparison *comparison,
                            struct flt_error *err);
void flt_comparison_release(struct flt_comparison *comparison);

/* What the memory of a comparison depends on. */
struct flt_compare_size {
	size_t n_folds, n_classifiers;
	size_t n_rows, n_units;           /* of all folds; an upper bound of the units that they belong to */
	size_t most_rows, most_positives; /* of a fold */
	unsigned n_threads;
};

/* The most that flt_compare allocates at once, with the comparison that it leaves, in bytes. */
double flt_compare_bytes(const struct flt_compare_size *size);

/* A figure of one classifier, and its difference between two: first - second. */
struct flt_spread flt_comparison_figure(const struct flt_comparison *comparison, size_t classifier, int figure);
struct flt_spread flt_comparison_difference(const struct flt_comparison *comparison, size_t first, size_t second,
                                            int figure);

/* The values of a figure by fold: (n_folds). */
const double *flt_comparison_per_fold(const struct flt_comparison *comparison, size_t classifier, int figure);

#endif
