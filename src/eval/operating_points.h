/*
 * What a classifier does at its threshold, in counts of rows, and what it would do at others.
 *
 * The other thresholds are those that raise 1, 2 or 5 times a power of ten alarms per 10,000 rows, from about a fifth
 * of the share of positive rows to ten times as many: what someone can look at is the choice that there is. They are
 * read off the ranking of the evaluated rows and not off the labels, so that what is measured there is not flattered.
 */
#ifndef EVAL_OPERATING_POINTS_H
#define EVAL_OPERATING_POINTS_H

#include "eval/metrics.h"

enum { FLT_MAX_OPERATING_POINTS = 7 };

/* From the fewest alarms to the most; no two raise the same. */
struct flt_operating_points {
	size_t n, chosen; /* the index of the chosen one */
	struct flt_point point[FLT_MAX_OPERATING_POINTS];
};

/* Of rows with log-odds and labels, beside what was measured on them at the chosen threshold; prior as in
 * flt_evaluate_options. */
enum flt_status flt_operating_points_find(const struct flt_scored *rows, const struct flt_point *chosen, double prior,
                                          struct flt_operating_points *points, struct flt_error *err);

/* Rows, whatever they weigh. */
struct flt_outcome {
	size_t n_rows, n_positive, n_called, n_right; /* called: predicted positive; right: of them */
	double by_chance;                             /* right ones expected among as many rows drawn at random */
	bool ranks_better;                            /* than guessing, by more than chance gives */
	bool calls_better;                            /* more of the called rows are right than by_chance */
};

/* The ranking is better than guessing where its average precision exceeds that of 95 % of random rankings. With
 * clusters these count effective rows, which says little where few clusters are left: an interval must lie above chance
 * as well. */
struct flt_outcome flt_outcome_of(const struct flt_scored *rows, double threshold, const struct flt_figures *figures);

#endif
