/* Groups of rows that must stay together: identical rows if asked for, and rows with the same value of --group. */
#ifndef SPLIT_GROUPS_H
#define SPLIT_GROUPS_H

#include "split/identical.h"

struct flt_row_groups {
	uint32_t *of; /* (n) the group of each given row, numbered by first appearance */
	size_t n_groups;
};

/* What makes rows a group. */
struct flt_row_ties {
	enum flt_identical identity; /* not AUTO; if no column can tell rows apart, it makes no group */
	bool column;                 /* equal values in the group column, if the table has one */
};

/* Groups the given rows (NULL: rows 0 .. n - 1); groups that share a row by either tie are merged. n_threads 0: one per
 * processor. */
enum flt_status flt_row_groups_make(const struct flt_table *table, const size_t *rows, size_t n,
                                    struct flt_row_ties ties, unsigned n_threads, struct flt_row_groups *groups,
                                    struct flt_error *err);
void flt_row_groups_release(struct flt_row_groups *groups);

/* Counts the rows of each group by class: (n_groups), [0] negative, [1] positive. The caller frees it with flt_free;
 * NULL if memory ran out. rows and n are those the groups were made of. */
uint32_t (*flt_row_groups_sizes(const struct flt_row_groups *groups, const struct flt_table *table, const size_t *rows,
                                size_t n, struct flt_error *err))[2];

#endif
