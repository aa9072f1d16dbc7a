/*
 * Counters of what rows hold in the columns that a preparation uses, to be compared with the columns' profiles. Parts
 * of a file are counted apart, on any thread, and added up in the order of the file: the sums depend on the file only.
 */
#ifndef PREP_SEEN_H
#define PREP_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "prep/prep.h"

struct flt_seen {
	size_t n_rows, n_missing;

	/* Numbers, where the column has a profile. */
	size_t n_below, n_above; /* outside the range of the fit rows */
	size_t n_low, n_high;    /* below their 1 % quantile, above that of 99 %; these include the former */
	bool varies;             /* two present values differ */
	double first_value;      /* the first present value, if any */

	/* Categories. */
	size_t *levels;        /* (n_levels + 1) cells of each level, then of all other categories */
	size_t first_unlearnt; /* row, from 0, of the first cell of another category, if any */
};

/* *seen (n_columns of the preparation) is zero, with room for the levels of categories. Freed by flt_free. */
enum flt_status flt_seen_new(const struct flt_prep *prep, struct flt_seen **seen, struct flt_error *err);
void flt_seen_clear(const struct flt_prep *prep, struct flt_seen *seen);

/* Counts n more rows of one column: numbers, NaN where missing, or codes, -1 where missing and n_levels for all that is
 * not among the levels. */
void flt_seen_numbers(struct flt_seen *seen, const struct flt_profile *profile, const double *numbers, size_t n);
void flt_seen_codes(struct flt_seen *seen, size_t n_levels, const int32_t *codes, size_t n);

/* Adds the rows of `more`, which come behind those of `seen`; both (n_columns). */
void flt_seen_add(const struct flt_prep *prep, struct flt_seen *seen, const struct flt_seen *more);

/* The counters as words, (flt_seen_n_words), to send them to another process of the same preparation. */
size_t flt_seen_n_words(const struct flt_prep *prep);
void flt_seen_to_words(const struct flt_prep *prep, const struct flt_seen *seen, uint64_t *words);

/* False, and *seen is of no use: these are no words of so many rows. */
bool flt_seen_from_words(const struct flt_prep *prep, const uint64_t *words, size_t n_rows, struct flt_seen *seen);

/* The cells of a categorical column that no level stands for. */
static inline size_t flt_seen_n_unlearnt(const struct flt_seen *seen, size_t n_levels)
{
	return seen->levels[n_levels];
}

#endif
