/*
 * Probabilities and log-odds, and psi, the inverse of what focal loss does to them.
 *
 * psi is computed for z >= 0 and mirrored, since it is odd up to the weight ratio. With e = exp(-z) its two factors
 * share p and exp(-z), which cancel:
 *   psi(z) = (1 + gamma) z + ln[(1 + gamma e softplus(z)) / (1 + gamma ln(1 + e) / e)] - log_weight_ratio,
 * so nothing under- or overflows at any z, and gamma = 0 gives z itself to the bit.
 */
#include "base/log_odds.h"

#include <math.h>

double flt_sigmoid(double log_odds)
{
	double e = exp(-fabs(log_odds));
	return log_odds >= 0 ? 1 / (1 + e) : e / (1 + e);
}

double flt_logit(double probability)
{
	return log(probability / (1 - probability));
}

double flt_softplus(double x)
{
	return log1p(exp(-fabs(x))) + (x > 0 ? x : 0);
}

/* psi for z >= 0 without the weight ratio. */
static double focal_log_odds_above_zero(double z, double gamma)
{
	if (isinf(z))
		return z;
	double e = exp(-z);
	double l = log1p(e);
	double per_e = e > 0 ? l / e : 1; /* ln(1 + e) / e */
	if (z > 1)
		return (1 + gamma) * z + log((1 + gamma * e * (z + l)) / (1 + gamma * per_e));
	/* The same logarithm near 0, where its argument is near 1: e softplus(z) - ln(1 + e) / e = e z - 2 l sinh(z).
	 */
	return (1 + gamma) * z + log1p(gamma * (e * z - 2 * l * sinh(z)) / (1 + gamma * per_e));
}

double flt_focal_log_odds(double z, double gamma, double log_weight_ratio)
{
	return copysign(focal_log_odds_above_zero(fabs(z), gamma), z) - log_weight_ratio;
}

/* With A = gamma q softplus(z) + p and B = gamma p softplus(-z) + q it is gamma + A'/A - B'/B, and even in z. Of z >=
 * 0, divided by e = exp(-z), B and B' keep their accuracy where both vanish. */
double flt_focal_slope(double z, double gamma)
{
	z = fabs(z);
	double e = exp(-z), l = log1p(e), p = 1 / (1 + e), q = e * p;
	double per_e = e > 0 ? l / e : 1;
	double above = gamma * q * (z + l) + p, below = gamma * p * per_e + p;
	double rise = p * q * (gamma * (1 - z - l) + 1), fall = p * p * (gamma * (1 - l) + 1);
	return isinf(z) ? 1 + gamma : gamma + rise / above + fall / below;
}

double flt_focal_logit(double log_odds, double gamma, double log_weight_ratio)
{
	double target = fabs(log_odds + log_weight_ratio);
	if (!(target > 0) || isinf(target))
		return log_odds + log_weight_ratio;
	/* z <= psi(z) <= (1 + gamma) z for z >= 0; a little wider against rounding. */
	double low = target / (1 + gamma) * (1 - 1e-12), high = target * (1 + 1e-12);
	double middle;
	while ((middle = low + (high - low) / 2) > low && middle < high) {
		if (focal_log_odds_above_zero(middle, gamma) < target)
			low = middle;
		else
			high = middle;
	}
	double below = target - focal_log_odds_above_zero(low, gamma);
	double above = focal_log_odds_above_zero(high, gamma) - target;
	return copysign(below < above ? low : high, log_odds + log_weight_ratio);
}

/* ln(e^a + e^b), also if one is -infinity. */
static double log_sum(double a, double b)
{
	double high = a > b ? a : b, low = a > b ? b : a;
	return isinf(high) ? high : high + log1p(exp(low - high));
}

void flt_mean_log_odds_add(double *log_p, double *log_q, double log_weight, double log_odds)
{
	double least = log1p(exp(-fabs(log_odds))); /* what softplus is of both signs, without the greater of x and 0 */
	*log_p = log_sum(*log_p, log_weight - (least + (log_odds < 0 ? -log_odds : 0)));
	*log_q = log_sum(*log_q, log_weight - (least + (log_odds > 0 ? log_odds : 0)));
}
