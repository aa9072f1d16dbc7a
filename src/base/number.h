/*
 * Numbers from text and back: strict, exact, independent of the locale.
 *
 * Our own code because it was measured to be several times faster than strtod and printf, which took most of the time
 * of reading a file; `make check-differential` compares every result with theirs.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum flt_number { FLT_NUMBER, FLT_NOT_A_NUMBER, FLT_NUMBER_OUT_OF_RANGE };

/* Reads text (length bytes, no terminator needed) as [+-]digits[.[digits]][e[+-]digits] or [+-].digits[e...], or with
 * `decimal` in the place of the point, with nothing left over; e may be E. Real files
 * hold numbers that end in a point ("18."); they are read as strtod reads them. *value is the double nearest to it, as
 * strtod gives in the C locale. Overflow (1e999) and the words inf and infinity are FLT_NUMBER_OUT_OF_RANGE; underflow
 * rounds as strtod does. */
enum flt_number flt_number_parse(const char *text, size_t length, char decimal, double *value);

enum { FLT_NUMBER_SIZE = 32 };

/* Writes the shortest decimal that reads back as the same double (float), with '.', whatever the locale. */
void flt_number_format(double value, char text[FLT_NUMBER_SIZE]);
void flt_number_format_float(float value, char text[FLT_NUMBER_SIZE]);

#endif
