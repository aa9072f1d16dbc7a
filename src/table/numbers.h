/*
 * The numbers of a column, kept as narrow as they are: as whole numbers, as decimals with the same number of places, or
 * as floats, where that gives back each double to the bit, which -0 and missing values are part of. m / 10^k is the
 * double nearest to the decimal, and so what reading its text gave, since both m and 10^k are exact.
 */
#ifndef TABLE_NUMBERS_H
#define TABLE_NUMBERS_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum flt_number_kind { FLT_DOUBLES, FLT_FLOATS, FLT_INTEGERS_32, FLT_INTEGERS_16, FLT_INTEGERS_8, FLT_N_NUMBER_KINDS };
extern const size_t flt_number_size[FLT_N_NUMBER_KINDS]; /* bytes of a cell */

/* A view, as long as what it views. */
struct flt_numbers {
	const void *cells; /* of the kind: NaN, or the lowest integer, is missing; NULL: there are no numbers */
	enum flt_number_kind kind;
	double divisor; /* of integers: 10^places */
};

static inline struct flt_numbers flt_numbers_of(const double *numbers)
{
	return (struct flt_numbers){.cells = numbers, .kind = FLT_DOUBLES};
}

/* The array itself, of columns that nobody made narrow; NULL if there are no numbers. */
static inline const double *flt_numbers_doubles(const struct flt_numbers *numbers)
{
	assert(!numbers->cells || numbers->kind == FLT_DOUBLES);
	return (const double *)numbers->cells;
}

/* NaN: missing. */
static inline double flt_number_at(const struct flt_numbers *numbers, size_t row)
{
	switch (numbers->kind) {
	case FLT_DOUBLES:
		return ((const double *)numbers->cells)[row];
	case FLT_FLOATS:
		return (double)((const float *)numbers->cells)[row];
	case FLT_INTEGERS_32: {
		int32_t integer = ((const int32_t *)numbers->cells)[row];
		return integer == INT32_MIN ? (double)NAN : (double)integer / numbers->divisor;
	}
	case FLT_INTEGERS_16: {
		int16_t integer = ((const int16_t *)numbers->cells)[row];
		return integer == INT16_MIN ? (double)NAN : (double)integer / numbers->divisor;
	}
	default: {
		int8_t integer = ((const int8_t *)numbers->cells)[row];
		return integer == INT8_MIN ? (double)NAN : (double)integer / numbers->divisor;
	}
	}
}

/* Whether each number (n) is whole or missing. */
bool flt_numbers_are_whole(const double *numbers, size_t n);

/* Copies numbers (n) into the narrowest kind that keeps each; *narrow.cells is the caller's to flt_free. Where no kind
 * but doubles does, *narrow has no cells. */
enum flt_status flt_numbers_narrow(const double *numbers, size_t n, struct flt_numbers *narrow, struct flt_error *err);

#endif
