#include "eval/student.h"

#include <math.h>

#include "eval/beta.h"

double flt_student_two_sided(double t, double df)
{
	double square = t * t;
	return isinf(square) ? 0 : flt_incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square));
}

double flt_student_quantile(double p, double df)
{
	double tail = 2 * (1 - p), low = 0, high = 1, middle;
	while (flt_student_two_sided(high, df) > tail)
		high *= 2;
	while ((middle = low + (high - low) / 2) > low && middle < high)
		*(flt_student_two_sided(middle, df) > tail ? &low : &high) = middle;
	return high;
}
