/*
 * How well sums over rows are known: their variance if the rows were drawn anew, whole clusters at a time. A row of
 * weight w counts as w rows that hang together. So writing each row w times, with its copies in one cluster, changes
 * nothing, and neither do weights that are all equal.
 *
 * Intervals in closed form take it as an effective number: how many single rows would tell as much. Rows that hang
 * together are never taken to tell more than they would if they did not.
 *
 * Where rows weigh differently, the heavy ones of some kind may all have been missed, and then nothing in their
 * variance says so. Each end of an interval therefore counts half of what the heaviest row (or cluster), but for one
 * row in twenty, weighs beyond the usual one as unseen, on the side that moves the end away. Fay and Feuer 1997,
 * "Confidence intervals for directly standardized rates", put one more event of the largest weight into the upper end;
 * half of it, as in mid-P intervals, is enough. Rows of one weight lose nothing.
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
	double heaviest[2]; /* see flt_class_weights */
};

/* Of rows with log-odds and labels. Only clusters take memory. */
enum flt_status flt_outcomes_at(const struct flt_scored *rows, double threshold, struct flt_outcomes *outcomes,
                                struct flt_error *err);

/* A share, and the effective number of rows that it is known by; 0 where there are none. low and high: the share with
 * what may be unseen of its other side, or of its own. */
struct flt_share {
	double value, n, low, high;
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

/* The clusters (rows, where there are no clusters) of each class. heaviest: what one of the class may weigh, but for
 * one row in twenty, which is the most of either class where weights differ within one, since heavy ones of this class
 * may not have been drawn. Clusters that hold both classes show what they hold of each. */
struct flt_class_weights {
	double sum[2], square[2], heaviest[2];
	bool is_mixed; /* clusters hold both classes */
};

enum flt_status flt_class_weights_of(const struct flt_scored *rows, struct flt_class_weights *weights,
                                     struct flt_error *err);

/* The mean weight of the cluster of a row, drawn by weight. */
double flt_usual_weight(const struct flt_class_weights *weights, int y);

/* How many clusters of equal weight would be as good as those of each class are, if the rows of each were all alike. */
enum flt_status flt_independent_clusters(const struct flt_scored *rows, double number[2], struct flt_error *err);

#endif
