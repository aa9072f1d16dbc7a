/*
 * Drawing rows with unequal chances in one pass, without knowing how many there will be: priority sampling (Duffield,
 * Lund and Thorup 2007). Each row gets a key, a uniform number over its size, and the rows with the lowest keys stay. A
 * row that stays weighs what it takes for sums over the sample to have those over all rows as their mean: 1 over its
 * size times the lowest key that went, but at least 1. While all rows fit, all stay and weigh 1.
 */
#ifndef EVAL_PRIORITY_H
#define EVAL_PRIORITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct flt_drawn_row {
	double key, size;
	size_t row;  /* its number */
	size_t slot; /* where its values are kept: below the capacity + 1, and its own as long as it stays */
};

struct flt_priority {
	size_t most; /* rows to keep; SIZE_MAX: all */
	uint64_t seed;
	const char *stream;
	size_t n, capacity;
	struct flt_drawn_row *rows; /* (n) a heap, the largest key first, of `most` + 1 rows */
};

/* Zero-initialise all but most, seed and stream, which names the random numbers; release after that. */
void flt_priority_release(struct flt_priority *priority);

/* Offers a row of this number, which no other has, and size > 0. *slot: where its values go, in place of those of the
 * row that leaves; SIZE_MAX if it does not stay. */
enum flt_status flt_priority_offer(struct flt_priority *priority, size_t row, double size, size_t *slot,
                                   struct flt_error *err);

/* After the last row: keeps at most n of them and sorts them by their numbers. *threshold: the lowest key that went, or
 * 0 if none did. No more rows can be offered. */
void flt_priority_end(struct flt_priority *priority, size_t n, double *threshold);

static inline double flt_priority_weight(const struct flt_drawn_row *row, double threshold)
{
	double expected = row->size * threshold;
	return expected > 0 && expected < 1 ? 1 / expected : 1;
}

#endif
