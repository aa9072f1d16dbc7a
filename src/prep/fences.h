/*
 * Fences: beyond them a value is so extreme that it must not move a column's scale. They depend on the middle half of
 * the values alone, so a typing error of any size, or a code such as 999999 in up to a quarter of the rows, leaves them
 * where they are.
 */
#ifndef PREP_FENCES_H
#define PREP_FENCES_H

#include "prep/profile.h"

struct flt_fences {
	double low, high; /* equal: there are none */
};

/* Five widths of the middle half below and above it. If these values are all equal, as in a column of mostly zeros, the
 * middle half of the other values counts, together with the common one. quantiles are those of values (n >= 1), which
 * are reordered. */
enum flt_status flt_fences_find(double *values, size_t n, const double quantiles[FLT_PROFILE_QUANTILES],
                                struct flt_fences *fences, struct flt_error *err);

/* The value, or the fence that it is beyond. */
double flt_fenced(const struct flt_fences *fences, double value);

#endif
