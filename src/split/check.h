/* Checks whether a split is possible; if not, the error says why, and what would help. */
#ifndef SPLIT_CHECK_H
#define SPLIT_CHECK_H

#include "split/split.h"

/* The class's text in the file, by label. */
const char *flt_split_class_text(const struct flt_table *table, int label);

/* Before the split: the fractions are valid, and there is a row of each class for each role that is asked for. */
enum flt_status flt_split_check_request(const struct flt_table *table, const struct flt_split_options *options,
                                        struct flt_error *err);

/* After the split: each role that is asked for has a row of each class. */
enum flt_status flt_split_check_classes(const struct flt_table *table, const struct flt_split_options *options,
                                        const struct flt_split *split, struct flt_error *err);

#endif
