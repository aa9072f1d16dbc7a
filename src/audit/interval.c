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

struct flt_interval flt_roc_auc_interval(const struct flt_rank_group *group, size_t n, const size_t n_class[2])
{
	double auc = flt_rank_groups_roc_auc(group, n);
	double n_positive = (double)n_class[1], n_negative = (double)n_class[0];
	double assumed = flt_roc_auc_variance(auc, n_positive, n_negative),
	       observed = observed_variance(group, n, auc, n_class);
	/* Other rows would also have taught another tree. make bench-coverage finds that this much more is
	 * enough. */
	const double learning = 1.4;
	double widening = learning * (assumed > 0 ? fmax(1, observed / assumed) : 1);
	return flt_roc_auc_interval_of(auc, n_positive, n_negative, widening);
}
