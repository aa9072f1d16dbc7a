/* The areas under the precision-recall and the ROC curve, with intervals. */
#ifndef EVAL_AREAS_H
#define EVAL_AREAS_H

#include "eval/drawn.h"

struct flt_areas {
	struct flt_interval ap, roc_auc;
	double n_effective[2]; /* rows of each class that would tell as much of the ROC-AUC, if drawn one by one */
};

/* groups: of these rows; the weight of a positive row has been multiplied by positive_weight, so that positive rows
 * have the share that a prior asks for. has_prior: that share is given, and would be the same in other rows. */
enum flt_status flt_areas_find(const struct flt_scored *rows, const struct flt_ranking *ranking,
                               const struct flt_rank_groups *groups, double positive_weight, bool has_prior,
                               struct flt_areas *areas, struct flt_error *err);

/* What a row of weight 1 more in each group would add to the average precision ap of the groups, to first order: add[y]
 * (groups->n) for a row of class y. Times the weights of the rows there these sum up to 0. */
void flt_ap_influence(const struct flt_rank_groups *groups, double ap, double *const add[2]);

#endif
