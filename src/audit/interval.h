/* 95 % intervals of figures of one column, in closed form. */
#ifndef AUDIT_INTERVAL_H
#define AUDIT_INTERVAL_H

#include "eval/metrics.h"

/* Of a ROC-AUC, from the numbers of rows alone: method 5 of Newcombe 2006, "Confidence intervals for an effect size
 * measure based on the Mann-Whitney statistic". It does not shrink to a point where the classes do not overlap. */
struct flt_interval flt_roc_auc_interval(double roc_auc, size_t n_negative, size_t n_positive);

#endif
