/*
 * The figures behind pictures of a classifier: curves over thresholds, probabilities beside outcomes, and the scores of
 * each class. They are taken at so few places that they do not grow with the rows.
 */
#ifndef EVAL_CURVES_H
#define EVAL_CURVES_H

#include "eval/metrics.h"

enum { FLT_MOST_THRESHOLDS = 48, FLT_MOST_RANKED = 13, FLT_HISTOGRAM_BINS = 48 };

/* Rows that follow each other in the ranking by probability. */
struct flt_ranked_rows {
	double from, to;          /* shares of all weight, counted from the highest probability down */
	double weight, said;      /* of the rows, and their mean probability */
	struct flt_interval were; /* their share of positive rows */
};

/* Bins of equal width in log-odds. What lies beyond their ends is in the outermost. */
struct flt_histogram {
	double lo, hi; /* log-odds at the ends, at most 14 from 0, and at least 1 apart */
	double negative[FLT_HISTOGRAM_BINS], positive[FLT_HISTOGRAM_BINS]; /* sums of weights */
};

/* What mistakes cost, in one unit: both above 0. */
struct flt_costs {
	double false_alarm, miss;
};

struct flt_curves {
	size_t n_thresholds, n_ranked;
	struct flt_point
	        threshold[FLT_MOST_THRESHOLDS]; /* from the highest down; the last one finds all positive rows */
	struct flt_ranked_rows ranked[FLT_MOST_RANKED]; /* from the highest down to the last row */
	struct flt_histogram histogram;
	bool has_costs;
	struct flt_costs costs;
	double cost[FLT_MOST_THRESHOLDS]; /* of 10,000 rows, at each threshold */
	double cost_of_none, cost_of_all,
	        cost_chosen; /* of calling no row positive, all, those at the chosen threshold */
};

/*
 * Of rows with log-odds and labels, some of each class; prior as in flt_evaluate_options, but for the probabilities,
 * too: without one the rows count as they are.
 *
 * Thresholds are those that find one more forty-eighth of the positive rows: between two of them precision only falls.
 * They are read off the labels, as the corners of every such curve are. Ranked rows end at 1, 2 and 5 times a power of
 * ten of all rows, from a fifth of the share of positive rows on, where at least 20 rows are; they are read off the
 * ranking alone.
 */
enum flt_status flt_curves_find(const struct flt_scored *rows, double prior, struct flt_curves *curves,
                                struct flt_error *err);

/* Adds what mistakes cost to curves that were found with this prior; `chosen` are the figures at the threshold in use,
 * of the same rows. */
void flt_curves_add_costs(struct flt_curves *curves, const struct flt_costs *costs, double prior,
                          const struct flt_confusion *chosen);

/* The cost of 10,000 rows that are called as these were, of both classes, where `prior` of them are positive (0: as
 * many as here). */
double flt_cost_per_10000(const struct flt_confusion *confusion, const struct flt_costs *costs, double prior);

/* The point of the highest threshold that finds at least this share of the positive rows, in [0, 1]. */
const struct flt_point *flt_curves_at_recall(const struct flt_curves *curves, double recall);

#endif
