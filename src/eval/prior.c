/*
 * The prevalence of unlabelled rows. With posteriors s(q) moved to a prior q, the likelihood's derivative has the sign
 * of mean s(q) - q, and the likelihood is concave in q: the sign changes once. Expectation-maximisation, q <- mean
 * s(q), creeps to that point and can stop early; bisection on the logit of q finds it to ten digits in 40 passes.
 */
#include <assert.h>

#include "eval/calibrate.h"

void flt_prior_weights(const struct flt_scored *rows, double prior, double *weight)
{
	double of_class[2] = {0, 0};
	for (size_t i = 0; i < rows->n; i++) {
		weight[i] = rows->weight ? rows->weight[i] : 1;
		of_class[rows->label[i]] += weight[i];
	}
	assert(prior > 0 && prior < 1);
	bool has_both = of_class[0] > 0 && of_class[1] > 0;
	double factor = has_both ? prior / (1 - prior) * of_class[0] / of_class[1] : 1;
	for (size_t i = 0; i < rows->n; i++)
		weight[i] *= rows->label[i] ? factor : 1;
}

double flt_estimate_prior(const double *log_odds, size_t n, double training_prior)
{
	assert(n > 0 && training_prior > 0 && training_prior < 1);
	double rows = (double)n, trained = flt_logit(training_prior), high = flt_logit(1 - 1 / (2 * rows)), low = -high;
	while (high - low > 1e-10) {
		double middle = low + (high - low) / 2, sum = 0;
		for (size_t i = 0; i < n; i++)
			sum += flt_sigmoid(log_odds[i] + middle - trained);
		*(sum > rows * flt_sigmoid(middle) ? &low : &high) = middle;
	}
	return flt_sigmoid(low + (high - low) / 2);
}
