/* The two ways of splitting, each of which says the part of every row; split.c checks and lists them. */
#ifndef SPLIT_METHODS_H
#define SPLIT_METHODS_H

#include "split/split.h"
#include "split/groups.h"

/* part (n_rows of table) gets an enum flt_row_role; split->oversized is set. */
enum flt_status flt_split_by_groups(const struct flt_table *table, const struct flt_split_options *options,
                                    const struct flt_row_groups *groups, uint8_t *part, struct flt_split *split,
                                    struct flt_error *err);
enum flt_status flt_split_by_time(const struct flt_table *table, const struct flt_split_options *options, uint8_t *part,
                                  struct flt_error *err);

/* Rows by class of each group: allocated here, the caller's to flt_free; NULL if memory ran out. of is (n); rows (n)
 * are row numbers of the table, NULL for 0 .. n - 1. */
size_t (*flt_group_sizes(const struct flt_table *table, const struct flt_row_groups *groups, const size_t *rows,
                         size_t n, struct flt_error *err))[2];

/* The class's text, by label. */
const char *flt_class_text(const struct flt_table *table, int label);

#endif
