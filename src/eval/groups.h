/*
 * A ranking reduced to what its figures depend on. Rows with equal scores form one group, and groups without positive
 * rows that follow each other are joined: where the negatives between two positives stand among themselves matters to
 * no figure of precision and recall, nor to ROC-AUC. At most 2 P + 1 groups are left for P positive rows.
 */
#ifndef EVAL_GROUPS_H
#define EVAL_GROUPS_H

#include "eval/metrics.h"

struct flt_group {
	uint32_t n_positive, n_negative;
};

/* Groups from the highest score down. */
struct flt_groups {
	size_t n;
	struct flt_group *group; /* (n) */
	size_t n_rows, n_positive;
};

enum flt_status flt_groups_init(struct flt_groups *groups, const struct flt_ranking *ranking, const uint8_t *label,
                                struct flt_error *err);
void flt_groups_release(struct flt_groups *groups);

/* Figures of groups from the highest score down. A bootstrap resample is such a list as well: zero counts are fine,
 * but each list holds at least one positive and, for ROC-AUC, one negative row. */
double flt_groups_average_precision(const struct flt_group *group, size_t n);
double flt_groups_roc_auc(const struct flt_group *group, size_t n);
double flt_groups_davis_goadrich(const struct flt_group *group, size_t n);
double flt_groups_trapezoid(const struct flt_group *group, size_t n);
double flt_groups_recall_at_precision(const struct flt_group *group, size_t n, double precision);
double flt_groups_hits_at_k(const struct flt_group *group, size_t n, size_t k); /* expected positives in the top k */

#endif
