#include <math.h>

#include "base/log_odds.h"
#include "nn/train.h"

void flt_loss_point(const struct flt_loss *loss, double logit, int label, double *value, double *gradient)
{
	double margin = label ? logit : -logit, weight = label ? loss->weight_positive : loss->weight_negative;
	double e = exp(-fabs(margin)), r = 1 / (1 + e);
	double p = margin >= 0 ? r : e * r,
	       q = margin >= 0 ? e * r : r; /* each to full relative accuracy: never 1 - p */
	double minus_log_p = log1p(e) + (margin < 0 ? -margin : 0);
	double weighted = weight * pow(q, loss->gamma);
	*value = weighted * minus_log_p;
	*gradient = (label ? -weighted : weighted) * (loss->gamma * p * minus_log_p + q);
}

double flt_loss_optimal_bias(const struct flt_loss *loss, double prevalence)
{
	return flt_focal_logit(flt_logit(prevalence), loss->gamma, log(loss->weight_positive / loss->weight_negative));
}
