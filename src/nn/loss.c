#include <math.h>

#include "base/log_odds.h"
#include "nn/train.h"

double flt_loss_optimal_bias(const struct flt_loss *loss, double prevalence)
{
	return flt_focal_logit(flt_logit(prevalence), loss->gamma, log(loss->weight_positive / loss->weight_negative));
}

enum flt_loss_kind flt_loss_kind(const struct flt_loss *loss)
{
	return loss->gamma > 0 ? FLT_FOCAL : FLT_BCE;
}
