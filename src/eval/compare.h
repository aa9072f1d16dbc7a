/*
 * Comparison of classifiers that were evaluated_on on the same folds, perhaps of several repeats of cross-validation.
 * Each figure is computed per fold and averaged over folds, and so is its difference to a reference classifier. Every
 * mean comes with two 95 % intervals, which ask different questions:
 *
 * - Bootstrap: were the test rows luck? 2,000 resamples draw positive and negative rows with replacement within each
 *   fold, the same for all classifiers. A row that a later repeat tests again keeps the weight that it was drawn with,
 *   since repeats bring no new rows; repeating therefore does not narrow this interval as new data would.
 * - Nadeau and Bengio's corrected t: was the training luck? From the spread over folds and repeats, whose variance is
 *   enlarged by test rows / training rows because training sets overlap.
 */
#ifndef EVAL_COMPARE_H
#define EVAL_COMPARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { FLT_COMPARE_MAX_POINTS = 4, FLT_N_MIN_PRECISIONS = 4 };

/* Numbers of the figures; those of cut c stand at FLT_COMPARE_AT_POINT(c) + FLT_AT_POINT_ACCURACY and so on. */
enum {
	FLT_COMPARE_AP,
	FLT_COMPARE_ROC_AUC,
	FLT_COMPARE_RECALL_AT, /* + f: the most recall at a precision of at least floor f */
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
	size_t n_rows, n_train; /* n_train: rows that were learnt from */
	const size_t *row;      /* (n_rows) equal numbers in two folds are the same row; NULL: rows of no other fold */
	const uint8_t *label;   /* (n_rows) at least one of each class */
};

/* What one classifier said about the rows of one fold. */
struct flt_compare_entry {
	const double *score;  /* (n_rows) */
	const uint8_t *calls; /* (n_rows) bit c: called positive at cut c; NULL: at none */
};

struct flt_compare_options {
	size_t n_folds, n_classifiers;
	size_t reference;                   /* the classifier that others are compared with */
	double floor[FLT_N_MIN_PRECISIONS]; /* precisions; an unused one is 0, its recall 1 */
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
};

/* A mean over folds. p: two-sided, for the mean being 0. */
struct flt_spread {
	double mean;
	double lo, hi, p;       /* bootstrap, percentiles */
	double t_lo, t_hi, t_p; /* corrected t; NaN with fewer than 2 folds */
};

struct flt_comparison {
	size_t n_folds, n_classifiers;
	double *per_fold;              /* (n_classifiers, FLT_N_COMPARED, n_folds) */
	struct flt_spread *figure;     /* (n_classifiers, FLT_N_COMPARED) */
	struct flt_spread *difference; /* (n_classifiers, FLT_N_COMPARED) to the reference, whose own is 0 */
};

/* entries (n_classifiers, n_folds). */
enum flt_status flt_compare(const struct flt_compare_fold *folds, const struct flt_compare_entry *entries,
                            const struct flt_compare_options *options, struct flt_comparison *comparison,
                            struct flt_error *err);
void flt_comparison_release(struct flt_comparison *comparison);

/* The spread of any figure with one value per fold, n >= 1: the bootstrap draws folds, since it knows no rows. */
void flt_spread_of(const double *values, size_t n, double test_per_train, uint64_t seed, struct flt_spread *spread);

const struct flt_spread *flt_comparison_figure(const struct flt_comparison *comparison, size_t classifier, int figure);
const struct flt_spread *flt_comparison_difference(const struct flt_comparison *comparison, size_t classifier,
                                                   int figure);

#endif
