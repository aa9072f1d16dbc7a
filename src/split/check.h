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

/* Options with which groups can be split. */
struct flt_split_remedy {
	bool works;      /* else none are known */
	bool apart;      /* identical rows dealt one by one, so that they tie no groups */
	double fraction; /* of test and of validation rows; 0: as asked */
};

/* The error if it has not. */
enum flt_status flt_split_check_classes(const struct flt_table *table, const struct flt_split_options *options,
                                        const struct flt_split *split, const struct flt_split_remedy *remedy,
                                        struct flt_error *err);

#endif
