#include <math.h>

#include "base/log_odds.h"
#include "nn/train.h"

double flt_loss_optimal_bias(const struct flt_loss *loss, double prevalence)
{
	return flt_focal_logit(flt_logit(prevalence), loss->gamma, log(loss->weight_positive / loss->weight_negative));
}

double flt_loss_log_odds(const struct flt_loss *loss, double logit)
{
	return flt_focal_log_odds(logit, loss->gamma, log(loss->weight_positive / loss->weight_negative));
}

enum flt_loss_kind flt_loss_kind(const struct flt_loss *loss)
{
	return loss->gamma > 0 ? FLT_FOCAL : FLT_BCE;
}

/* With m the margin, p = sigmoid(m), q = 1 - p and L = -ln p, the loss is q^gamma L. Its derivatives by m are
 * -q^gamma (gamma p L + q) and q^gamma p (q (1 + 2 gamma) + gamma L (gamma p - q)). */
struct flt_loss_point flt_loss_point(const struct flt_loss *loss, double logit, bool is_positive)
{
	double margin = is_positive ? logit : -logit, e = exp(-fabs(margin)), r = 1 / (1 + e);
	double p = margin >= 0 ? r : e * r, q = margin >= 0 ? e * r : r, gamma = loss->gamma;
	double minus_log_p = log1p(e) + (margin < 0 ? -margin : 0);
	double weight = is_positive ? loss->weight_positive : loss->weight_negative;
	if (gamma > 0)
		weight *= pow(q, gamma);
	double slope = -weight * (gamma * p * minus_log_p + q);
	return (struct flt_loss_point){.value = weight * minus_log_p,
	                               .slope = is_positive ? slope : -slope,
	                               .curvature = weight * p *
	                                            (q * (1 + 2 * gamma) + gamma * minus_log_p * (gamma * p - q))};
}
