/*
 * Whether the values of a time column can be ordered. Numbers may be dates that were written so that their order is not
 * that of time: 01.2023 for January 2023 comes before 12.2022, 1012023 (ddmmyyyy) before 2011990, and 2300 o'clock
 * after 100 o'clock of the next day. And a date far from all others is likely a mark for "unknown", which would put its
 * rows at one end of time.
 *
 * Nothing is suspected unless every value fits, and the two orders differ.
 */
#ifndef TABLE_TIME_ORDER_H
#define TABLE_TIME_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Whether values (n, in any order, no NaN) need a closer look by the functions below: a fast test. */
bool flt_time_is_suspicious(const double *values, size_t n, bool are_seconds);

/* Names the way in which numbers (n, sorted, no NaN) seem to be written; NULL: they can be ordered. */
const char *flt_time_misfit(const double *numbers, size_t n);

/* Values far from all others. */
struct flt_far_times {
	size_t n; /* at most 2: at one end or at both */
	double value[2];
	size_t n_rows[2]; /* with that value */
};

/* Of dates in seconds (n, sorted): a first or last day that is over ten years from the next one, and over twice as far
 * as all the others are from each other, if it looks like a mark: it begins or ends a year, or lies outside 1800 to
 * 2100. It must not be most of the rows. */
struct flt_far_times flt_far_times(const double *seconds, size_t n);

#endif
