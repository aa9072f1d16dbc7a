/*
 * A ranking reduced to the counts that its figures depend on. Rows with equal scores form one group, and neighbouring
 * groups without positives are joined: the order of negatives between two positives changes neither precision and
 * recall nor ROC-AUC. P positive rows leave at most 2 P + 1 groups.
 */
#ifndef EVAL_RANK_GROUPS_H
#define EVAL_RANK_GROUPS_H

#include "eval/metrics.h"

struct flt_rank_group {
	double n_positive, n_negative; /* sums of weights: counts where each row stands for one */
};

/* Groups from the highest score down. */
struct flt_rank_groups {
	size_t n;
	struct flt_rank_group *group; /* (n) */
	size_t *end;                  /* (n) ranks, from 0, of the rows of a group lie below it */
	size_t n_rows, n_positive;    /* rows, whatever they weigh */
};

/* Of rows with labels, in the order of their ranking. */
enum flt_status flt_rank_groups_init(struct flt_rank_groups *groups, const struct flt_ranking *ranking,
                                     const struct flt_scored *rows, struct flt_error *err);
void flt_rank_groups_release(struct flt_rank_groups *groups);

/* Figures of groups from the highest score down. A bootstrap resample is such a list as well: zero counts are fine,
 * but each list holds at least one positive and, for ROC-AUC, one negative row. */
double flt_rank_groups_average_precision(const struct flt_rank_group *group, size_t n);
double flt_rank_groups_roc_auc(const struct flt_rank_group *group, size_t n);
double flt_rank_groups_davis_goadrich(const struct flt_rank_group *group, size_t n);
double flt_rank_groups_trapezoid(const struct flt_rank_group *group, size_t n);
double flt_rank_groups_recall_at_precision(const struct flt_rank_group *group, size_t n, double precision);
double flt_rank_groups_hits_at_k(const struct flt_rank_group *group, size_t n,
                                 double k); /* expected positives in the top k */

#endif
