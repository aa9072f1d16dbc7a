/* The arithmetic of the scales: what is learnt from a column's present values, and where a value lands. */
#ifndef PREP_SCALE_H
#define PREP_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define FLT_LARGEST_FEATURE 1e30

/* knots (n_steps + 1) get the quantiles 0, 1/n_steps, ... 1 of values (n >= 1), interpolated linearly as numpy does:
 * the first is the minimum, the last the maximum. Reorders values. n_steps >= 1. */
enum flt_status flt_quantile_knots(double *values, size_t n, size_t n_steps, double *knots, struct flt_error *err);

/* Knot 1 of 2 steps, without the others. Reorders values (n >= 1). */
double flt_median(double *values, size_t n);

/* Robust scale from the five quantiles 0, 1/4, ... 1: 1 / interquartile range, where that is 0 1 / half the range.
 * The range must not be 0. */
double flt_robust_factor(const double quartiles[5]);

/* Mean and population standard deviation of values (n >= 1); neither overflows nor underflows. Their last bits
 * depend on the order of the values. */
void flt_mean_and_sd(const double *values, size_t n, double *mean, double *sd);

/* The quantile of the normal distribution, 0 < p < 1, to about 1e-15 relative. */
double flt_normal_quantile(double p);

/* The normal score of a value among knots (n_knots >= 2, never falling), within +-5.2. A value that equals several
 * knots has the middle of their ranks. */
double flt_normal_score(const double *knots, size_t n_knots, double value);

#endif
