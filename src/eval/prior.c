/* Weights for a prior, and the most likely share of positive rows. */
#include "eval/prior.h"

#include <assert.h>
#include <math.h>

double flt_prior_weight(const double of_class[2], double prior)
{
	return prior > 0 ? prior / (1 - prior) * (of_class[0] / of_class[1]) : 1;
}

struct flt_scored flt_prior_weights(const struct flt_scored *rows, double prior, double *weight)
{
	double of_class[2] = {0, 0};
	for (size_t i = 0; i < rows->n; i++) {
		weight[i] = rows->weight ? rows->weight[i] : 1;
		of_class[rows->label[i]] += weight[i];
	}
	assert(prior > 0 && prior < 1);
	bool has_both = of_class[0] > 0 && of_class[1] > 0;
	double factor = has_both ? flt_prior_weight(of_class, prior) : 1;
	for (size_t i = 0; i < rows->n; i++)
		weight[i] *= rows->label[i] ? factor : 1;
	struct flt_scored weighted = *rows;
	weighted.weight = weight;
	weighted.unit[1] *= factor;
	return weighted;
}

/* The derivative of the log-likelihood sum count ln(1 + share (ratio - 1)) at a share, and its own. excess (n): of a
 * group, 1 - ratio where the ratio is below 1, else 1 - 1 / ratio with the sign turned, so that none overflows. */
static void slope_at(const double *excess, const double *count, size_t n, double share, double *slope, double *bend)
{
	*slope = *bend = 0;
	for (size_t i = 0; i < n; i++) {
		double e = excess[i], term = e < 0 ? -e / (1 + e - share * e) : -e / (1 - share * e);
		*slope += count[i] * term;
		*bend -= count[i] * term * term;
	}
}

/* The log-likelihood is concave: where its derivative is 0 is found by Newton's method between two bounds. */
double flt_most_likely_share(double *log_ratio, const double *count, size_t n)
{
	enum { MAX_STEPS = 200 };
	double low = 0, high = 1, share = 0.5, slope, bend;
	for (size_t i = 0; i < n; i++)
		log_ratio[i] = copysign(-expm1(-fabs(log_ratio[i])), -log_ratio[i]);
	for (int step = 0; step < MAX_STEPS && high - low > 1e-14 * high; step++) {
		slope_at(log_ratio, count, n, share, &slope, &bend);
		*(slope > 0 ? &low : &high) = share;
		double next = share - slope / bend;
		bool is_inside = next > low && next < high;
		if (is_inside && fabs(next - share) <= 1e-12 * next)
			return next;
		share = is_inside ? next : low + (high - low) / 2;
		if (high < 1e-15)
			return 0;
	}
	return share;
}
