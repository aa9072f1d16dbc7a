/*
 * Binomial draws: by inversion where few successes are expected, else by transformed rejection (BTRS of Hörmann 1993,
 * "The generation of binomial random variates"). Both are exact but for rounding.
 */
#include "eval/sample.h"

#include <math.h>
#include <stdlib.h>

static double binomial_by_inversion(struct flt_random *random, double n, double p)
{
	double odds = p / (1 - p), none = exp(n * log1p(-p));
	for (;;) {
		double left = flt_random_uniform(random), mass = none;
		for (double k = 0; k <= n; k++) {
			if (left < mass)
				return k;
			left -= mass;
			mass *= odds * (n - k) / (k + 1);
		}
		/* Rounding left a little of the unit mass over: draw again. */
	}
}

/* The error of Stirling's formula: ln(k!) - ((k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi) / 2), for k >= 0. */
static double stirling_rest(double k)
{
	const double half_log_2pi = 0.91893853320467274178;
	double k1 = k + 1, k2 = k1 * k1;
	int sign;
	if (k < 10)
		return lgamma_r(k1, &sign) - ((k + 0.5) * log(k1) - k1 + half_log_2pi);
	return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / k2) / k2) / k1;
}

static double binomial_by_rejection(struct flt_random *random, double n, double p)
{
	double spread = sqrt(n * p * (1 - p)), odds = p / (1 - p);
	double b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p, c = n * p + 0.5;
	double v_accept = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * spread, mode = floor((n + 1) * p);
	for (;;) {
		double u = flt_random_uniform(random) - 0.5, v = 1 - flt_random_uniform(random);
		double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + c);
		if (!(k >= 0 && k <= n))
			continue;
		if (us >= 0.07 && v <= v_accept)
			return k;
		double bound = (mode + 0.5) * log((mode + 1) / (odds * (n - mode + 1))) +
		               (n + 1) * log((n - mode + 1) / (n - k + 1)) +
		               (k + 0.5) * log(odds * (n - k + 1) / (k + 1)) + stirling_rest(mode) +
		               stirling_rest(n - mode) - stirling_rest(k) - stirling_rest(n - k);
		if (log(v * alpha / (a / (us * us) + b)) <= bound)
			return k;
	}
}

uint64_t flt_binomial(struct flt_random *random, uint64_t n, uint64_t part, uint64_t whole)
{
	if (part > whole / 2)
		return n - (part == whole ? 0 : flt_binomial(random, n, whole - part, whole));
	if (n == 0 || part == 0)
		return 0;
	double trials = (double)n, p = (double)part / (double)whole;
	return (uint64_t)(trials * p < 10 ? binomial_by_inversion(random, trials, p)
	                                  : binomial_by_rejection(random, trials, p));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void flt_sort_doubles(double *values, size_t n)
{
	qsort(values, n, sizeof *values, by_value);
}

double flt_quantile_sorted(const double *sorted, size_t n, double share)
{
	double at = share * (double)(n - 1);
	size_t i = (size_t)at;
	return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}
