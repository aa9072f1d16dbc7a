/*
 * The scout: a small gradient booster of decision trees that predicts nothing. Its splits propose which columns tell
 * the class, and at which thresholds. Trees of log-loss with second-order gains (Friedman 2001; Chen and Guestrin
 * 2016), grown level by level on histograms; rows without a value go to the side that gains more. A category is split
 * by one of its slots against all others.
 */
#ifndef PREP_SCOUT_H
#define PREP_SCOUT_H

#include "prep/bins.h"

enum { FLT_SCOUT_MAX_DEPTH = 4 };

struct flt_scout_options {
	size_t n_trees;
	unsigned depth; /* 1 to FLT_SCOUT_MAX_DEPTH */
	double rate;
	double row_share, column_share; /* drawn anew for each tree */
	double lambda, min_hessian;     /* penalty of a leaf's value squared; the least sum of p (1 - p) in a leaf */
	uint64_t seed;
};

/* 100 trees of depth 4, rate 0.1, rows .8, columns .5 if there are more than 30, lambda 1, least hessian 1. */
void flt_scout_options_init(struct flt_scout_options *options, size_t n_inputs);

struct flt_proposal {
	size_t column;
	double threshold, gain; /* of all splits there, of all trees */
};

/* By the numbers of the bins' columns. */
struct flt_scout {
	size_t n_columns;
	double *gain;                   /* (n_columns) of all splits of a column */
	struct flt_proposal *proposals; /* (n_proposals) the largest gain first */
	size_t n_proposals;
};

/* label (n_rows of the bins), weight (n_rows) or NULL. The pool's number of threads changes no result. If all rows are
 * of one class there is nothing to propose. */
enum flt_status flt_scout_run(const struct flt_bins *bins, size_t n_columns, const uint8_t *label, const double *weight,
                              const struct flt_scout_options *options, struct flt_pool *pool, struct flt_scout *scout,
                              struct flt_error *err);
void flt_scout_release(struct flt_scout *scout);

/* Bytes that flt_scout_run takes at most under the options of flt_scout_options_init. */
size_t flt_scout_bytes(size_t n_inputs, size_t n_rows);

#endif
