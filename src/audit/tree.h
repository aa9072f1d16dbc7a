/* A small decision tree on one column of numbers, learnt on all folds but one. */
#ifndef AUDIT_TREE_H
#define AUDIT_TREE_H

#include "audit/deal.h"
#include "audit/judged.h"
#include "eval/metrics.h"

enum { FLT_TREE_LEAVES = 8 };

/* n log n of whole numbers, 0 for 0: entropies are sums of it. */
struct flt_entropy_table {
	double *n_log_n; /* (n + 1) */
};

enum flt_status flt_entropy_table_init(struct flt_entropy_table *table, size_t n, struct flt_error *err);
void flt_entropy_table_release(struct flt_entropy_table *table);

/* Room for the trees of one column at a time, used by one thread. */
struct flt_tree_room {
	struct flt_run *run; /* see tree.c */
};

enum flt_status flt_tree_room_init(struct flt_tree_room *room, size_t n_rows, struct flt_error *err);
void flt_tree_room_release(struct flt_tree_room *room);

/* Learns from the rows that are not of the fold, and writes what it makes of those that are: at most FLT_TREE_LEAVES
 * groups, whose number it returns. value (n) falls, and tag (n) is that of flt_deal. prior: the share of positive rows.
 */
size_t flt_tree_judge(const struct flt_tree_room *room, const struct flt_entropy_table *table, const double *value,
                      const uint8_t *tag, size_t n, unsigned fold, double prior,
                      struct flt_judged judged[FLT_TREE_LEAVES]);

#endif
