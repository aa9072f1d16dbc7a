/* Checks whether a split is possible; if not, the error says why, and what would help. */
#ifndef SPLIT_CHECK_H
#define SPLIT_CHECK_H

#include "split/split.h"

/* The class's text in the file, by label. */
const char *flt_split_class_text(const struct flt_table *table, int label);

/* Before the split: the fractions are valid, and there is a row of each class for each role that is asked for. */
enum flt_status flt_split_check_request(const struct flt_table *table, const struct flt_split_options *options,
                                        struct flt_error *err);

/* After the split: whether each role that is asked for has a row of each class. */
bool flt_split_has_classes(const struct flt_split_options *options, const struct flt_split *split);

/* The roles that are asked for, in words. */
const char *flt_split_roles_text(const struct flt_split_options *options);

/* The error for a split by time that has not. */
enum flt_status flt_split_fail_time(const struct flt_table *table, const struct flt_split_options *options,
                                    const struct flt_split *split, struct flt_error *err);

/* Groups of rows that stay together, by class. */
struct flt_tied_rows {
	const uint32_t (*size)[2]; /* (n_groups) */
	size_t n_groups;
	bool identical; /* identical rows are tied, too */
};

/* The error for groups of which no deal gives each of the parts, so called in the message, rows of both classes. It
 * says how many groups there are and how large; the remedy, if any, begins with "; ". */
enum flt_status flt_split_fail_groups(const struct flt_table *table, const struct flt_tied_rows *tied,
                                      const char *parts, const char *remedy, struct flt_error *err);

#endif
