/*
 * How well sums over rows are known: their variance if the rows were drawn anew, whole clusters at a time. A row of
 * weight w counts as w rows that hang together. So writing each row w times, with its copies in one cluster, changes
 * nothing, and neither do weights that are all equal.
 *
 * Intervals in closed form take it as an effective number: how many single rows would tell as much. Rows that hang
 * together are never taken to tell more than they would if they did not.
 */
#ifndef EVAL_DRAWN_H
#define EVAL_DRAWN_H

#include "eval/metrics.h"
#include "eval/rank_groups.h"

/* What a threshold makes of a row. */
enum flt_outcome_of_row { FLT_TP, FLT_FP, FLT_FN, FLT_TN, FLT_N_OUTCOMES };

/* Rows by outcome: sums of weights, of squared weights, and of products of what clusters hold. */
struct flt_outcomes {
	double sum[FLT_N_OUTCOMES], square[FLT_N_OUTCOMES], product[FLT_N_OUTCOMES][FLT_N_OUTCOMES];
};

/* Of rows with log-odds and labels. Only clusters take memory. */
enum flt_status flt_outcomes_at(const struct flt_scored *rows, double threshold, struct flt_outcomes *outcomes,
                                struct flt_error *err);

/* A share, and the effective number of rows that it is known by; 0 where there are none. */
struct flt_share {
	double value, n;
};

/* The share that the outcomes in `part` have of those in `whole`: sets of bits 1 << FLT_TP and so on. */
struct flt_share flt_outcome_share(const struct flt_outcomes *outcomes, unsigned part, unsigned whole);

/* The variance of a sum over rows of weight times what a row of its class adds in each rank group: of the terms of each
 * class, and of all. */
struct flt_variance {
	double of_class[2], total;
};

/* add[y] (groups->n) is what a row of class y adds. */
enum flt_status flt_variance_of(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                const struct flt_rank_groups *groups, const double *const add[2],
                                struct flt_variance *variance, struct flt_error *err);

/* How many clusters of equal weight (rows, where there are no clusters) would be as good as those of each class are, if
 * the rows of each were all alike. */
enum flt_status flt_independent_clusters(const struct flt_scored *rows, double number[2], struct flt_error *err);

#endif
