/* The arithmetic of the scales: what is learnt from a column's present values, and how a value is scaled. */
#ifndef PREP_SCALE_H
#define PREP_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define FLT_LARGEST_FEATURE 1e30 /* squares and sums of such features are still finite in double */

/* Computes quantiles (n_steps + 1), the quantiles 0, 1/n_steps, ... 1 of values (n >= 1), interpolated linearly as by
 * numpy: the first is the minimum, the last the maximum. Reorders values. n_steps >= 1. */
enum flt_status flt_quantiles(double *values, size_t n, size_t n_steps, double *quantiles, struct flt_error *err);

/* The quantile 1/2, equal to the bit to that of flt_quantiles. Reorders values (n >= 1). */
double flt_median(double *values, size_t n);

/* The factor of the robust scale from the five quantiles 0, 1/4, ... 1: 1 / interquartile range, or 1 / half the range
 * if that is 0. The range must not be 0. */
double flt_robust_factor(const double quartiles[5]);

/* Mean and population standard deviation of values (n >= 1), without overflow or underflow. The last bits depend on the
 * order of the values. */
void flt_mean_and_sd(const double *values, size_t n, double *mean, double *sd);

/* The quantile of the standard normal distribution, 1e-10 <= p <= 1 - 1e-10, to a relative error of about 1e-15. Near
 * the middle and far from it, it is a fraction of two polynomials, from the constant on, for those who write it down in
 * another language. */
enum { FLT_NORMAL_COEFFICIENTS = 8 };
extern const double flt_normal_near[2][FLT_NORMAL_COEFFICIENTS], flt_normal_far[2][FLT_NORMAL_COEFFICIENTS];
double flt_normal_quantile(double p);

#define FLT_LEAST_RANK 1e-7 /* puts the ends at +-5.2 instead of infinity, as scikit-learn does */

/* The normal score of a value among quantiles (n >= 2, never falling), within +-5.2. A value that equals several
 * quantiles gets the middle of their ranks. */
double flt_normal_score(const double *quantiles, size_t n, double value);

#endif
