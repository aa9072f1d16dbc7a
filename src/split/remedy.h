/* What helps where groups of rows cannot be split. */
#ifndef SPLIT_REMEDY_H
#define SPLIT_REMEDY_H

#include "split/groups.h"
#include "split/split.h"

/* The error for a stratified split of these groups in which some role has no row of a class, although the table has
 * enough of them: says what the groups are like, and names options with which a split was tried and works. kept: what
 * identical rows do, not AUTO. */
enum flt_status flt_split_fail_stratified(const struct flt_table *table, const struct flt_split_options *options,
                                          enum flt_identical kept, const struct flt_row_groups *groups,
                                          struct flt_error *err);

#endif
