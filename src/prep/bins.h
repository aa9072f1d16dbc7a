/*
 * Columns cut into bins, for trees: numbers into at most 255 of about equal counts, categories into the slots of the
 * preparation. Missing numbers, and categories without a slot, have a bin of their own.
 */
#ifndef PREP_BINS_H
#define PREP_BINS_H

#include <stdint.h>

#include "base/pool.h"
#include "prep/prep.h"

enum { FLT_MAX_BINS = 255 };

struct flt_binned {
	size_t column; /* of the preparation */
	bool is_number;
	size_t n_bins;      /* besides FLT_BIN_MISSING; 0: a number without a value */
	const uint8_t *bin; /* (n_rows) */
	const double
	        *above; /* (n_bins - 1) of numbers: the bin of x is the number of values here that x is not below */
};

struct flt_bins {
	size_t n_rows, n_inputs;
	struct flt_binned *inputs; /* (n_inputs) */
	uint8_t *all_bins;         /* (n_inputs, n_rows) */
	double *all_above;         /* (n_inputs, FLT_MAX_BINS - 1) */
};

/* Cuts those of columns (n_columns) that are used, with the values that stand in from (n_columns) at rows (n_rows, at
 * least 1). If all numbers are distinct values of at most 255, each has a bin. An edge is half way between the values
 * that it parts. */
enum flt_status flt_bins_init(struct flt_bins *bins, const struct flt_prep_column *columns,
                              const struct flt_column *from, size_t n_columns, const size_t *rows, size_t n_rows,
                              struct flt_pool *pool, struct flt_error *err);
void flt_bins_release(struct flt_bins *bins);

/* Bytes that flt_bins_init takes at most with a pool of one thread. */
size_t flt_bins_bytes(size_t n_inputs, size_t n_rows);

#endif
