#include "audit/interval.h"

#include <math.h>

/* The variance of the ROC-AUC where its true value is auc (Hanley and McNeil 1982, with Newcombe's mean of the numbers
 * of rows in place of each). */
static double variance(double auc, double n_negative, double n_positive)
{
	double more = (n_negative + n_positive) / 2 - 1;
	double factor = 1 + more * (1 - auc) / (2 - auc) + more * auc / (1 + auc);
	return auc * (1 - auc) * factor / (n_negative * n_positive);
}

/* The end of the interval between the figure and limit (0 or 1): the last value that the figure does not contradict. */
static double find_end(double roc_auc, double limit, double n_negative, double n_positive)
{
	const double normal_975 = 1.959963984540054;
	double inside = roc_auc, outside = limit;
	for (int step = 0; step < 60; step++) {
		double middle = (inside + outside) / 2, distance = fabs(roc_auc - middle);
		if (distance <= normal_975 * sqrt(variance(middle, n_negative, n_positive)))
			inside = middle;
		else
			outside = middle;
	}
	return inside;
}

struct flt_interval flt_roc_auc_interval(double roc_auc, size_t n_negative, size_t n_positive)
{
	double negatives = (double)n_negative, positives = (double)n_positive;
	return (struct flt_interval){roc_auc, find_end(roc_auc, 0, negatives, positives),
	                             find_end(roc_auc, 1, negatives, positives)};
}
