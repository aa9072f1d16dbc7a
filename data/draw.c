#include "draw.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "the simulations need plain double arithmetic (on i386: -msse2 -mfpmath=sse)");

/* splitmix64 (Steele, Lea and Flood). */
static uint64_t next(struct source *source)
{
	uint64_t z = (source->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct source source_open(uint64_t seed, uint64_t stream)
{
	struct source source = {seed};
	source.state = next(&source) ^ stream;
	source.state = next(&source);
	return source;
}

double draw_uniform(struct source *source)
{
	return ((double)(next(source) >> 12) + 0.5) * 0x1p-52;
}

double draw_between(struct source *source, double low, double high)
{
	return low + (high - low) * draw_uniform(source);
}

unsigned draw_below(struct source *source, unsigned n)
{
	return (unsigned)(((next(source) >> 32) * n) >> 32);
}

double draw_normal(struct source *source)
{
	return exact_normal_quantile(draw_uniform(source));
}

double draw_exponential(struct source *source, double mean)
{
	return -mean * exact_log(draw_uniform(source));
}

unsigned draw_count(struct source *source, double mean)
{
	double left = draw_uniform(source), term = exact_exp(-mean);
	unsigned k = 0;
	while (left > term && k < 1000) {
		left -= term;
		k++;
		term *= mean / k;
	}
	return k;
}

unsigned draw_kind(struct source *source, const double *share, unsigned n)
{
	double left = draw_uniform(source);
	unsigned k = 0;
	while (k + 1 < n && left >= share[k])
		left -= share[k++];
	return k;
}

/* 2 to the power of k, for a normal number. */
static double power_of_two(int64_t k)
{
	uint64_t bits = (uint64_t)(k + 1023) << 52;
	double x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static const double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;

/* Coefficients stand as quotients that the compiler rounds once: a division in the loop would cost ten times as much.
 */
static const double one_over[] = {0,        1.0,      1.0 / 2,  1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6,  1.0 / 7,
                                  1.0 / 8,  1.0 / 9,  1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13, 1.0 / 14, 1.0 / 15,
                                  1.0 / 16, 1.0 / 17, 1.0 / 18, 1.0 / 19, 1.0 / 20, 1.0 / 21};

/* exp(k ln 2 + r) = 2^k exp(r) with |r| <= ln(2) / 2, where thirteen terms of the series are enough. */
double exact_exp(double x)
{
	if (x < -700)
		return 0;
	assert(x < 700);
	double turns = x * 1.4426950408889634;
	int64_t k = (int64_t)(turns < 0 ? turns - 0.5 : turns + 0.5);
	double r = (x - (double)k * ln2_high) - (double)k * ln2_low;
	double sum = 1;
	for (int i = 13; i >= 1; i--)
		sum = 1 + sum * (r * one_over[i]);
	return sum * power_of_two(k);
}

/* log(2^k m) = k ln 2 + 2 artanh((m - 1) / (m + 1)) with m between sqrt(1/2) and sqrt(2). */
double exact_log(double x)
{
	assert(x >= DBL_MIN && x <= DBL_MAX);
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int64_t k = (int64_t)(bits >> 52) - 1023;
	double m = x * power_of_two(-k);
	if (m > 1.4142135623730951) {
		m /= 2;
		k++;
	}
	double t = (m - 1) / (m + 1), t2 = t * t, sum = 0;
	for (int i = 21; i >= 1; i -= 2)
		sum = sum * t2 + one_over[i];
	return (double)k * ln2_high + (2 * t * sum + (double)k * ln2_low);
}

static double tail_quantile(double p)
{
	double r = sqrt(-2 * exact_log(p));
	double above = ((((-7.784894002430293e-03 * r - 3.223964580411365e-01) * r - 2.400758277161838e+00) * r -
	                 2.549732539343734e+00) *
	                        r +
	                4.374664141464968e+00) *
	                       r +
	               2.938163982698783e+00;
	double below = (((7.784695709041462e-03 * r + 3.224671290700398e-01) * r + 2.445134137142996e+00) * r +
	                3.754408661907416e+00) *
	                       r +
	               1;
	return above / below;
}

/* Acklam's rational approximation, relative error 1e-9: here it is not an approximation but the definition. */
double exact_normal_quantile(double p)
{
	const double tail = 0.02425;
	if (p < tail)
		return tail_quantile(p);
	if (p > 1 - tail)
		return -tail_quantile(1 - p);
	double q = p - 0.5, r = q * q;
	double above = (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r +
	                  1.383577518672690e+02) *
	                         r -
	                 3.066479806614716e+01) *
	                        r +
	                2.506628277459239e+00) *
	               q;
	double below = ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r +
	                 6.680131188771972e+01) *
	                        r -
	                1.328068155288572e+01) *
	                       r +
	               1;
	return above / below;
}

/* Abramowitz and Stegun 26.2.17, absolute error 7.5e-8: again the definition. */
double exact_normal_cdf(double x)
{
	double size = fabs(x);
	if (size > 12)
		return x < 0 ? 0 : 1;
	double t = 1 / (1 + 0.2316419 * size);
	double series =
	        t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
	double upper = 0.3989422804014327 * exact_exp(-size * size / 2) * series;
	return x < 0 ? upper : 1 - upper;
}

double logistic(double x)
{
	return x < 0 ? 1 - 1 / (1 + exact_exp(x)) : 1 / (1 + exact_exp(-x));
}

double step(double x, double at, double width)
{
	return logistic((x - at) / width);
}

double bell(double x, double at, double width)
{
	double z = (x - at) / width;
	return exact_exp(-z * z / 2);
}

double either(double p, double q)
{
	return p + q - p * q;
}
