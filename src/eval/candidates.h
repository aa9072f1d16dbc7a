/*
 * Held-out rows ranked by probability, and the thresholds that they offer, from the highest down. Rows are ranked by
 * the number that flt_is_positive compares, flt_sigmoid(log_odds), so a candidate's counts are those of its
 * predictions.
 */
#ifndef EVAL_CANDIDATES_H
#define EVAL_CANDIDATES_H

#include "eval/metrics.h"

struct flt_candidates {
	const struct flt_scored *rows;
	struct flt_ranking ranking; /* by probability */
	double weight;              /* of all rows */
	double positive;            /* weight of the positive rows; 0 without labels */
	double expected;            /* weighted sum of the probabilities */
	/* How much weight of each class tells as much as one row drawn by itself (flt_independent_clusters): 1 where
	 * rows have neither weights nor clusters. */
	double unit[2];
};

/* The caller releases candidates, after a failure too. With `needs_units` the units are set, else they are 1. */
enum flt_status flt_candidates_init(struct flt_candidates *candidates, const struct flt_scored *rows, bool needs_units,
                                    struct flt_error *err);
void flt_candidates_release(struct flt_candidates *candidates);
double flt_candidates_probability(const struct flt_candidates *candidates, size_t row);

/* A candidate and what it predicts positive: all rows of its probability or a higher one. */
struct flt_candidate {
	double threshold;
	size_t n_alarms;
	double alarms, tp; /* weights */
	double expected;   /* weighted sum of the probabilities */
};

/* Moves to the next lower threshold, starting from a zeroed candidate. False after the last. */
bool flt_candidates_next(const struct flt_candidates *candidates, struct flt_candidate *candidate);

#endif
