/* The two ways to give each row of a table its role, and folds that are blocks of time. */
#ifndef SPLIT_ASSIGN_H
#define SPLIT_ASSIGN_H

#include "split/groups.h"
#include "split/split.h"

/* Stratified: role (n_rows of table) gets an enum flt_row_role, the same for all rows of a group. *oversized gets the
 * number of rows of the largest group that was too large to be held out; 0 if there was none. */
enum flt_status flt_assign_stratified(const struct flt_table *table, const struct flt_split_options *options,
                                      const struct flt_row_groups *groups, uint8_t *role, size_t *oversized,
                                      struct flt_error *err);

/* By the table's time column: the latest rows are test, the latest before them validation. */
enum flt_status flt_assign_by_time(const struct flt_table *table, const struct flt_split_options *options,
                                   uint8_t *role, struct flt_error *err);

/* flt_split_folds for a table with a time column. */
enum flt_status flt_fold_by_time(const struct flt_table *table, const size_t *rows, size_t n,
                                 const struct flt_fold_options *options, uint32_t *fold, struct flt_error *err);

#endif
