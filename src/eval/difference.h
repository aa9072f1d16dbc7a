/* Whether two figures of different rows differ, judged from their intervals alone. */
#ifndef EVAL_DIFFERENCE_H
#define EVAL_DIFFERENCE_H

#include "eval/metrics.h"

/* The two-sided p-value of a difference between a figure of some rows and the same of others. The squared distances
 * from each value to that bound of its 95 % interval which lies towards the other add up to that of their difference
 * (Zou and Donner 2008, for shares Newcombe 1998): p is below 0.05 where this interval excludes 0. Beyond it, the
 * distance counts as so many standard errors. 1 where the values are equal. */
double flt_difference_p(const struct flt_interval *a, const struct flt_interval *b);

/* Adjusts p-values (n) of several differences in place, so that all of them together are below 0.05 by chance in at
 * most 5 % of all cases (Holm 1979). */
enum flt_status flt_holm(double *p, size_t n, struct flt_error *err);

#endif
