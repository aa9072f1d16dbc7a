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

/* Sets the thousands of a whole number apart from 10,000 on: "-12345" becomes "-12,345". Other text, such as "1e+20" or
 * "12345.5", stays as it is, and so does what has no room (size bytes). */
void flt_group_digits(char *text, size_t size);

#endif
