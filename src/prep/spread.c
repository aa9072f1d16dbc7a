#include "prep/spread.h"

#include <math.h>
#include <stdio.h>

static const double narrow =
        0.05; /* of a unit of scale: what lies so close together, a network can hardly tell apart */

/* The least span of half of the values; below 0.02 of them may lie outside each way. */
static double span_of_half(const double *quantiles)
{
	double lower = quantiles[FLT_PERCENT_50] - quantiles[FLT_PERCENT_1];
	double middle = quantiles[FLT_PERCENT_75] - quantiles[FLT_PERCENT_25];
	double upper = quantiles[FLT_PERCENT_99] - quantiles[FLT_PERCENT_50];
	return fmin(fmin(lower, upper), middle);
}

/* What the standard deviation is at least, by values at or beyond two quantiles. */
static double least_deviation(const double *quantiles, enum flt_profile_quantile low, enum flt_profile_quantile high,
                              double share)
{
	double median = quantiles[FLT_PERCENT_50];
	return sqrt(share) * fmax(median - quantiles[low], quantiles[high] - median);
}

/* A range of most values, and the quantiles beyond it. */
struct range {
	enum flt_profile_quantile low, high;
	int percent;
};

/* Writes which values lie far from the given range, if the others span little beside them. */
static bool say_far(const struct flt_profile *profile, struct range range, char text[FLT_SPREAD_TEXT])
{
	const double *quantiles = profile->quantiles;
	double n = (double)(profile->n_rows - profile->n_missing);
	double span = quantiles[range.high] - quantiles[range.low];
	double deviation = least_deviation(quantiles, FLT_LOWEST, FLT_HIGHEST, 1 / n);
	if (range.low > FLT_PERCENT_1)
		deviation = fmax(deviation, least_deviation(quantiles, FLT_PERCENT_1, FLT_PERCENT_99, 0.01));
	if (range.low > FLT_PERCENT_5)
		deviation = fmax(deviation, least_deviation(quantiles, FLT_PERCENT_5, FLT_PERCENT_95, 0.05));
	if (!(span > 0 && span < narrow * deviation))
		return false;
	bool is_high =
	        quantiles[FLT_HIGHEST] - quantiles[FLT_PERCENT_50] > quantiles[FLT_PERCENT_50] - quantiles[FLT_LOWEST];
	snprintf(text, FLT_SPREAD_TEXT, "%d %% in %.3g to %.3g, but some %s to %.6g", range.percent,
	         quantiles[range.low], quantiles[range.high], is_high ? "up" : "down",
	         quantiles[is_high ? FLT_HIGHEST : FLT_LOWEST]);
	return true;
}

void flt_spread_text(enum flt_scale scale, const struct flt_prep_column *column, char text[FLT_SPREAD_TEXT])
{
	static const struct range ranges[] = {{FLT_PERCENT_1, FLT_PERCENT_99, 98},
	                                      {FLT_PERCENT_5, FLT_PERCENT_95, 90},
	                                      {FLT_PERCENT_25, FLT_PERCENT_75, 50}};
	text[0] = '\0';
	if (column->use != FLT_USED_NUMERIC || !column->has_number || column->source || column->profile.n_rows == 0)
		return;
	double span = span_of_half(column->profile.quantiles) * column->factor;
	if ((scale == FLT_SCALE_ROBUST || scale == FLT_SCALE_STANDARD) && span > 0 && span < narrow) {
		snprintf(text, FLT_SPREAD_TEXT, "half within %.2g %% of its scale; see --scale quantile", 100 * span);
		return;
	}
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (say_far(&column->profile, ranges[i], text))
			return;
}
