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

#include "eval/metrics.h"
#include "eval/spread.h"

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
	const size_t *unit;   /* (n_rows) rows with equal numbers are drawn together, in whatever folds; NULL: each row
	                         by itself */
	const double *weight; /* (n_rows) above 0: how many rows each stands for; NULL: one */
	const uint8_t *label; /* (n_rows) at least one of each class */
};

/* One classifier's output on the rows of one fold. */
struct flt_compare_entry {
	const double *score;      /* (n_rows) */
	const uint8_t *predicted; /* (n_rows) bit p: predicted positive at operating point p; NULL: at none */
};

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

/* A figure of one classifier, and its difference between two: first - second. */
struct flt_spread flt_comparison_figure(const struct flt_comparison *comparison, size_t classifier, int figure);
struct flt_spread flt_comparison_difference(const struct flt_comparison *comparison, size_t first, size_t second,
                                            int figure);

/* The values of a figure by fold: (n_folds). */
const double *flt_comparison_per_fold(const struct flt_comparison *comparison, size_t classifier, int figure);

#endif
