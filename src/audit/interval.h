/* 95 % intervals of what a ranking of rows gives, in closed form, since there may be one for each of many columns. */
#ifndef AUDIT_INTERVAL_H
#define AUDIT_INTERVAL_H

#include "eval/rank_groups.h"

/* groups (n) from the highest score down; n_class rows of each class were measured, which the groups may count several
 * times. Both kinds of interval keep a width where the classes do not overlap. */

/* Of the average precision: the logit interval of Boyd, Eng and Page 2013, which depends on the number of positive
 * rows. Beyond what they can tell from 0 and 1 it reaches these. */
struct flt_interval flt_ap_interval(const struct flt_rank_group *group, size_t n, const size_t n_class[2]);

/* Of the ROC-AUC: method 5 of Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
 * statistic", widened where the variance of DeLong et al. 1988 is larger than the one that it assumes, as when some
 * positive rows look like negative ones. */
struct flt_interval flt_roc_auc_interval(const struct flt_rank_group *group, size_t n, const size_t n_class[2]);

#endif
