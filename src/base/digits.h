/* Numbers for people: so many digits that each of them tells something. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stddef.h>

enum { FLT_DIGITS_TEXT = 48 };

/* Rounded to so many significant digits, at least 1: "0.00213", "14.2", "3.1e-08". What is not finite is "-", as in all
 * of these. */
void flt_digits_significant(double value, int digits, char text[FLT_DIGITS_TEXT]);

/* Of a share: with so many decimals, or as many more as it takes to tell it from 0 or 1, up to 8. */
void flt_digits_fraction(double value, int decimals, char text[FLT_DIGITS_TEXT]);

struct flt_digits_interval {
	char value[FLT_DIGITS_TEXT], lo[FLT_DIGITS_TEXT], hi[FLT_DIGITS_TEXT];
};

/* An estimate and its bounds with digits that fit each other: "0.587 [0.43, 0.73]", but "0.012 [0.009, 0.015]". Bounds
 * have so many decimals, or as many more, up to 8, as it takes to tell them from each other, from 0 and from 1, and to
 * leave the estimate between them; the estimate has at least as many, and at least value_decimals; of a share, as many
 * as tell it from 0 and 1. Exactly 0 and 1 are plain. All three must be finite and below 1e15. */
void flt_digits_interval(double value, double lo, double hi, int value_decimals, int decimals,
                         struct flt_digits_interval *shown);

/* The decimals that leave two significant digits of the larger bound, for figures that are no shares. */
int flt_digits_of_bounds(double lo, double hi);

/* Sets the thousands of a whole number apart from 10,000 on: "-12345" becomes "-12,345". Other text, such as "1e+20" or
 * "12345.5", stays as it is, and so does what has no room (size bytes). */
void flt_group_digits(char *text, size_t size);

#endif
