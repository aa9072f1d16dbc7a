#include "audit/interval.h"

#include <math.h>

struct flt_interval flt_ap_interval(const struct flt_rank_group *group, size_t n, const size_t n_class[2])
{
	double ap = flt_rank_groups_average_precision(group, n), edge = 1 / (2 * (double)n_class[1]);
	struct flt_interval interval = flt_ap_logit_interval(ap, n_class[1]);
	if (ap <= edge)
		interval.lo = 0;
	if (ap >= 1 - edge)
		interval.hi = 1;
	return interval;
}

/* The variance of the ROC-AUC where its true value is auc (Hanley and McNeil 1982, with Newcombe's mean of the numbers
 * of rows in place of each). */
static double assumed_variance(double auc, const size_t n_class[2])
{
	double n_negative = (double)n_class[0], n_positive = (double)n_class[1];
	double more = (n_negative + n_positive) / 2 - 1;
	double factor = 1 + more * (1 - auc) / (2 - auc) + more * auc / (1 + auc);
	return auc * (1 - auc) * factor / (n_negative * n_positive);
}

/* DeLong's: that of the share of the other class that a row outranks, in each class. */
static double observed_variance(const struct flt_rank_group *group, size_t n, double auc, const size_t n_class[2])
{
	double total[2] = {0}, above[2] = {0}, squares[2] = {0};
	for (size_t i = 0; i < n; i++) {
		total[0] += group[i].n_negative;
		total[1] += group[i].n_positive;
	}
	for (size_t i = 0; i < n; i++) {
		double of_positive = 1 - (above[0] + 0.5 * group[i].n_negative) / total[0] - auc;
		double of_negative = (above[1] + 0.5 * group[i].n_positive) / total[1] - auc;
		squares[1] += group[i].n_positive * of_positive * of_positive;
		squares[0] += group[i].n_negative * of_negative * of_negative;
		above[0] += group[i].n_negative;
		above[1] += group[i].n_positive;
	}
	return squares[1] / total[1] / (double)n_class[1] + squares[0] / total[0] / (double)n_class[0];
}

/* The end of the interval between auc and limit (0 or 1): the last value that auc does not contradict. */
static double find_end(double auc, double limit, double widening, const size_t n_class[2])
{
	const double normal_975 = 1.959963984540054;
	double inside = auc, outside = limit;
	for (int step = 0; step < 60; step++) {
		double middle = (inside + outside) / 2;
		if (fabs(auc - middle) <= normal_975 * sqrt(widening * assumed_variance(middle, n_class)))
			inside = middle;
		else
			outside = middle;
	}
	return inside;
}

struct flt_interval flt_roc_auc_interval(const struct flt_rank_group *group, size_t n, const size_t n_class[2])
{
	double auc = flt_rank_groups_roc_auc(group, n);
	double assumed = assumed_variance(auc, n_class), observed = observed_variance(group, n, auc, n_class);
	/* Other rows would also have taught another tree. make bench-coverage finds that this much more is
	 * enough. */
	const double learning = 1.4;
	double widening = learning * (assumed > 0 ? fmax(1, observed / assumed) : 1);
	return (struct flt_interval){auc, find_end(auc, 0, widening, n_class), find_end(auc, 1, widening, n_class)};
}
