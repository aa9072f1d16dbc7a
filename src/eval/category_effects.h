/*
 * Effects of categories: how a prediction moves where rows are given another level. Local effects that add up along an
 * order of the levels, as along numbers (eval/effect.h), would depend on that order. Here each two levels are compared
 * directly, by the rows of the one and of the other alike:
 *
 *   d(l, m) = (E_m[p(l) - p(m)] + E_l[p(l) - p(m)]) / 2
 *
 * where E_l is the mean over the rows of level l, each with all of its other values, and p(m) what the model says once
 * they are given level m. The effect of l is the mean prediction of all rows and the mean of d(l, m) over the levels m
 * by their share of rows: of all values for the levels, these fit the differences best (least squares, weighted by the
 * product of the shares), and their mean over the rows is the mean prediction.
 */
#ifndef EVAL_CATEGORY_EFFECTS_H
#define EVAL_CATEGORY_EFFECTS_H

#include "eval/metrics.h"

/* Borrowed arrays. */
struct flt_category_effects {
	const struct flt_scored *rows; /* weight and cluster are read */
	const double *probability;     /* (rows->n) that the model says */
	size_t n_levels;
	const size_t *level; /* (rows->n) below n_levels; SIZE_MAX: one that is not shown */
	const double *moved; /* (n_levels, rows->n) that it says once the row has that level */
};

/* value (n_levels): within [0, 1], with 95 % bands, level by level, for the rows drawn anew, whole clusters at a time.
 * Each level has a row. */
enum flt_status flt_category_effects_find(const struct flt_category_effects *effects, struct flt_interval *value,
                                          struct flt_error *err);

#endif
