/* Names of columns that the caller knows, by which a header is recognised. Private to table/. */
#ifndef TABLE_EXPECTED_H
#define TABLE_EXPECTED_H

#include "base/text.h"
#include "table/table.h"

/* The texts belong to the options, the model, or lists. */
struct flt_expected {
	const char **names; /* (n) */
	size_t n, capacity;
	struct flt_names lists[4]; /* (n_lists) */
	size_t n_lists;
};

/* Columns that options name, or all of the model's. flt_expected_release must be called even after a failure. */
enum flt_status flt_expect_options(const struct flt_table_options *options, struct flt_expected *expected,
                                   struct flt_error *err);
enum flt_status flt_expect_model(const struct flt_table *model, struct flt_expected *expected, struct flt_error *err);
void flt_expected_release(struct flt_expected *expected);

#endif
