/*
 * Accumulated local effects (Apley and Zhu 2020, "Visualizing the effects of predictor variables in black box
 * supervised learning models"): how a prediction moves along a column. From one point of the column to the next, it is
 * the mean difference over the rows that lie there, each with all of its other values. The differences add up; the
 * curve is centred, so that its mean over all rows is that of the predictions.
 */
#ifndef EVAL_EFFECT_H
#define EVAL_EFFECT_H

#include "eval/metrics.h"

/* What a row says of the step to a point from the one before it. */
struct flt_effect_step {
	size_t row, point; /* point > 0 */
	double difference;
};

/* Where a row lies: its weight is shared between a point and the one before it. */
struct flt_effect_place {
	size_t point; /* SIZE_MAX: at none that is shown */
	double share; /* at the point; the rest lies at the one before it */
};

/* Borrowed arrays. The first point is where the curve starts. */
struct flt_effect {
	const struct flt_scored *rows;        /* weight, label (may be NULL) and cluster are read */
	const double *probability;            /* (rows->n) that the model says */
	const struct flt_effect_place *place; /* (rows->n) */
	size_t n_points, n_steps;
	const size_t *before; /* (n_points) the point that a step comes from: a lower one; of the first, 0 */
	const struct flt_effect_step *steps; /* (n_steps) a row may be in several */
};

/* curve (n_points): within [0, 1], with 95 % bands, point by point, for the rows drawn anew, whole clusters at a time:
 * of the steps, of the mean prediction and of how many rows lie where. Where rows
 * weigh differently, heavy ones may be unseen (eval/drawn.h). The points are taken as given. How often bands hold:
 * tests/bench/README.md. */
enum flt_status flt_effect_find(const struct flt_effect *effect, struct flt_interval *curve, struct flt_error *err);

#endif
