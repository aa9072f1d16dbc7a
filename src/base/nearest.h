/*
 * The double nearest to a decimal: digits times a power of ten. Correctly rounded for every argument, halves to even,
 * by the method of Eisel and Lemire: a product of 128 bits with a power of five, which Mushtak and Lemire (2022) proved
 * to be close enough for all digits of 64 bits, so that nothing slower stands behind it.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <float.h>
#include <stdint.h>

enum { FLT_EXACT_POWERS = 22 };                                /* 10^22 is the largest power of ten that is a double */
extern const double flt_power_of_ten[2][FLT_EXACT_POWERS + 1]; /* positive, negative */

/* The double nearest to digits * 10^exponent; HUGE_VAL if that is beyond the largest. */
double flt_nearest_by_product(uint64_t digits, int64_t exponent);

/* The same. Where digits and the power are doubles themselves, one division or product rounds once (Clinger). */
static inline double flt_nearest_double(uint64_t digits, int64_t exponent)
{
	if (digits > (uint64_t)1 << DBL_MANT_DIG || exponent < -FLT_EXACT_POWERS || exponent > FLT_EXACT_POWERS)
		return flt_nearest_by_product(digits, exponent);
	double whole = (double)(int64_t)digits;
	return exponent < 0 ? whole / flt_power_of_ten[0][-exponent] : whole * flt_power_of_ten[0][exponent];
}

#endif
