/* Intervals in closed form. */
#include <math.h>

#include "base/log_odds.h"
#include "eval/beta.h"
#include "eval/metrics.h"

static const double NORMAL_975 = 1.959963984540054; /* the 97.5th percentile of the standard normal */

struct flt_interval flt_wilson_of_width(double share, double n, double width)
{
	if (n <= 0)
		return (struct flt_interval){0, 0, 1};
	double z2 = width * width;
	double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
	double half = width * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n);
	/* At the ends the interval touches 0 or 1 exactly, which rounding would miss. */
	return (struct flt_interval){share, share > 0 ? fmin(centre - half, share) : 0,
	                             share < 1 ? fmax(centre + half, share) : 1};
}

struct flt_interval flt_wilson_of_share(double share, double n)
{
	return flt_wilson_of_width(share, n, NORMAL_975);
}

struct flt_interval flt_wilson(size_t count, size_t n)
{
	return flt_wilson_of_share(n ? (double)count / (double)n : 0, (double)n);
}

struct flt_interval flt_ap_logit_interval(double ap, size_t n_positive)
{
	double n = (double)n_positive, edge = 1 / (2 * n);
	double inside = fmin(fmax(ap, edge), 1 - edge);
	double half = NORMAL_975 / sqrt(n * inside * (1 - inside)), centre = flt_logit(inside);
	return (struct flt_interval){ap, flt_sigmoid(centre - half), flt_sigmoid(centre + half)};
}

/* ---- average precision ---- */

/* The x with I_x(a, b) = p. */
static double beta_quantile(double a, double b, double p)
{
	double low = 0, high = 1;
	for (int step = 0; step < 60; step++) {
		double middle = (low + high) / 2;
		if (flt_incomplete_beta(a, b, middle, 1 - middle) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/* The variance that Boyd, Eng and Page 2013 assume, where the false alarms above a positive row are counted in units of
 * `ratio` positive rows. */
static double assumed_ap_variance(double ap, double n_positive, double ratio)
{
	return ap * (1 - ap) * (1 - ap + ratio * ap) / n_positive;
}

struct flt_interval flt_ap_interval_of(double ap, double among_others, double variance, double n_positive, double ratio)
{
	/* Few positive rows show too little of their variance: up to 5 the assumed one counts alone, above it fades
	 * out, since it knows nothing of the ranking. */
	const double few = 5;
	double edge = 1 / (2 * n_positive), inside = fmin(fmax(ap, edge), 1 - edge);
	double assumed = assumed_ap_variance(inside, n_positive, ratio);
	double weight = fmin(1, few / n_positive);
	/* No average precision is known to better than half a positive row. */
	double seen = fmax(variance, inside * inside * edge * edge);
	double used = seen < assumed ? exp(weight * log(assumed) + (1 - weight) * log(seen)) : seen;
	/* Like a share of n rows, by Jeffreys. */
	double n = inside * (1 - inside) / used;
	double lo = ap > edge ? beta_quantile(among_others * n + 0.5, (1 - among_others) * n + 0.5, 0.025) : 0;
	double hi = ap < 1 - edge ? beta_quantile(ap * n + 0.5, (1 - ap) * n + 0.5, 0.975) : 1;
	return (struct flt_interval){ap, fmin(lo, ap), fmax(hi, ap)};
}

/* ---- ROC-AUC ---- */

double flt_roc_auc_variance(double auc, double n_positive, double n_negative)
{
	double more = (n_negative + n_positive) / 2 - 1;
	double factor = 1 + more * (1 - auc) / (2 - auc) + more * auc / (1 + auc);
	return auc * (1 - auc) * factor / (n_negative * n_positive);
}

/* The end of the interval between auc and limit (0 or 1): the last value that auc does not contradict. */
static double find_end(double auc, double limit, double n_positive, double n_negative, double widening)
{
	double inside = auc, outside = limit;
	for (int step = 0; step < 60; step++) {
		double middle = (inside + outside) / 2;
		double variance = widening * flt_roc_auc_variance(middle, n_positive, n_negative);
		if (fabs(auc - middle) <= NORMAL_975 * sqrt(variance))
			inside = middle;
		else
			outside = middle;
	}
	return inside;
}

struct flt_interval flt_roc_auc_interval_of(double auc, double n_positive, double n_negative, double widening)
{
	return (struct flt_interval){auc, find_end(auc, 0, n_positive, n_negative, widening),
	                             find_end(auc, 1, n_positive, n_negative, widening)};
}
