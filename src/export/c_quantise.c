#include "export/c_quantise.h"

#include <math.h>

enum { LARGEST = 127 };

float flt_c_unit(const float *w, size_t n)
{
	float largest = 0;
	for (size_t i = 0; i < n; i++)
		largest = fmaxf(largest, fabsf(w[i]));
	float unit = largest / LARGEST;
	return unit > 0 ? unit : 1;
}

int flt_c_quantise(float w, float unit)
{
	long whole = lroundf(w / unit);
	return (int)(whole > LARGEST ? LARGEST : whole < -LARGEST ? -LARGEST : whole);
}
