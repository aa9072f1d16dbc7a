/* By its continued fraction (Lentz's method). */
#include "eval/beta.h"

#include <math.h>

/* The continued fraction of I_x(a, b); it converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
	enum { MAX_TERMS = 10000 };
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1);
	d = 1 / (fabs(d) < tiny ? tiny : d);
	double value = d;
	for (int m = 1; m < MAX_TERMS; m++) {
		double steps[2] = {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
		                   -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))};
		double before = value;
		for (int i = 0; i < 2; i++) {
			d = 1 + steps[i] * d;
			c = 1 + steps[i] / c;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = fabs(c) < tiny ? tiny : c;
			value *= c * d;
		}
		if (fabs(value - before) <= 1e-16 * fabs(value))
			break;
	}
	return value;
}

double flt_incomplete_beta(double a, double b, double x, double rest)
{
	if (x <= 0 || rest <= 0)
		return x <= 0 ? 0 : 1;
	int sign;
	double log_front =
	        lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) + b * log(rest);
	double front = exp(log_front);
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, rest) / b;
}
