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

/* Borrowed arrays. The first point is where the curve starts. */
struct flt_effect {
	const struct flt_scored *rows; /* weight and cluster are read */
	size_t n_points, n_steps;
	const size_t *before; /* (n_points) the point that a step comes from: a lower one; of the first, 0 */
	const double *mass;   /* (n_points) the weight of the rows there */
	const struct flt_effect_step *steps; /* (n_steps) a row may be in several */
	double mean;                         /* prediction of all rows */
};

/* curve (n_points): within [0, 1], with 95 % bands for the rows drawn anew, whole clusters at a time; points, masses
 * and the mean are taken as given. */
enum flt_status flt_effect_find(const struct flt_effect *effect, struct flt_interval *curve, struct flt_error *err);

#endif
