/*
 * The profile of a used column: what the fit rows held in it. It is kept with the preparation, so that a file that is
 * scored later can be compared with the rows that the model was fitted on.
 */
#ifndef PREP_PROFILE_H
#define PREP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The quantiles that are kept of numbers: their places, and how many percent of the values lie at or below them. */
enum flt_profile_quantile {
	FLT_LOWEST,
	FLT_PERCENT_1,
	FLT_PERCENT_5,
	FLT_PERCENT_25,
	FLT_PERCENT_50,
	FLT_PERCENT_75,
	FLT_PERCENT_95,
	FLT_PERCENT_99,
	FLT_HIGHEST,
	FLT_PROFILE_QUANTILES
};
extern const unsigned flt_profile_percent[FLT_PROFILE_QUANTILES];

struct flt_profile {
	size_t n_rows; /* fit rows; 0: unknown, as in model files written before there were profiles */
	size_t n_missing;
	double quantiles[FLT_PROFILE_QUANTILES]; /* numbers: of the present values, never falling */
	const size_t *level_rows; /* categories: (n_levels) rows of each level with a slot; the rest are others */
};

/* The quantiles of values (n >= 1), which are reordered. */
enum flt_status flt_profile_quantiles(double *values, size_t n, double quantiles[FLT_PROFILE_QUANTILES],
                                      struct flt_error *err);

/* What is wrong with a profile, as the end of a sentence; NULL: nothing. n_levels is 0 for numbers. */
const char *flt_profile_wrong(const struct flt_profile *profile, bool is_number, size_t n_levels);

/* The rows whose category has no slot of its own; of a profile that is known. */
size_t flt_profile_n_other(const struct flt_profile *profile, size_t n_levels);

#endif
