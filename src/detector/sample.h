/*
 * A sample of the rows of a stream, in constant memory: all rows of a short file, else a thousand or two. Whether a row
 * is drawn depends on its number and on how many there are, so the same file gives the same sample.
 */
#ifndef DETECTOR_SAMPLE_H
#define DETECTOR_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct flt_sample {
	size_t n_values;    /* of each row */
	size_t n, capacity; /* rows */
	uint64_t bound;     /* rows whose key is larger are not drawn */
	uint64_t *keys;     /* (capacity) */
	double *values;     /* (capacity, n_values) */
};

enum flt_status flt_sample_init(struct flt_sample *sample, size_t n_values, struct flt_error *err);
void flt_sample_release(struct flt_sample *sample);
void flt_sample_clear(struct flt_sample *sample);

/* To be called for each row, in order. The place for the row's values (n_values), to be filled at once; NULL if it is
 * not drawn. */
double *flt_sample_offer(struct flt_sample *sample, size_t row);

#endif
