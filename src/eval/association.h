/* How strongly two columns hang together, whatever their types: 0, they tell nothing of each other, to 1. */
#ifndef EVAL_ASSOCIATION_H
#define EVAL_ASSOCIATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A column of n rows: numbers, NaN where missing, or codes, -1 where missing. Borrowed. */
struct flt_associated {
	const double *numbers; /* (n), or NULL */
	const int32_t *codes;  /* (n), or NULL */
	size_t n_codes;        /* codes lie below it */
};

/* strength (n_columns, n_columns), which is symmetric, with 1 on its diagonal. Of two columns of numbers: the size of
 * Spearman's rank correlation; of numbers and categories: the root of the share of the ranks' variance that lies
 * between categories, adjusted for their number (Kelley 1935); of two columns of categories: Cramer's V, corrected for
 * bias (Bergsma 2013). A missing number has the middle rank, and missing categories are one; categories of fewer than 5
 * rows count as one. weight (n) or NULL: how many rows each stands for. n > 0. */
enum flt_status flt_associations(const struct flt_associated *columns, size_t n_columns, const double *weight, size_t n,
                                 double *strength, struct flt_error *err);

#endif
