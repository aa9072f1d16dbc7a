#include "export/c_quantise.h"

#include <math.h>

enum { LARGEST = 127, UNIT_BITS = 16 };

/* Units below it are 0 to a network, and their products would not be exact. */
static const float least_unit = 1e-30F;

float flt_c_unit(const float *w, size_t n)
{
	float largest = 0;
	for (size_t i = 0; i < n; i++)
		largest = fmaxf(largest, fabsf(w[i]));
	int exponent;
	float digits = frexpf(largest / LARGEST, &exponent);
	float unit = ldexpf(ceilf(ldexpf(digits, UNIT_BITS)), exponent - UNIT_BITS);
	return unit > least_unit ? unit : 1;
}

int flt_c_quantise(float w, float unit)
{
	long whole = lroundf(w / unit);
	return (int)(whole > LARGEST ? LARGEST : whole < -LARGEST ? -LARGEST : whole);
}
