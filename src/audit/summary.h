/* What the cells of each column look like. */
#ifndef AUDIT_SUMMARY_H
#define AUDIT_SUMMARY_H

#include "table/table.h"

enum { FLT_TOP_LEVELS = 3 };

struct flt_column_summary {
	size_t n_distinct;       /* different values, missing ones aside */
	double min, median, max; /* of numbers; NaN if there are none */
	size_t n_top;            /* of text: the most frequent, ties in order of first appearance */
	struct {
		const char *text; /* the table's */
		size_t n;
	} top[FLT_TOP_LEVELS];
};

/* Fills summaries (n_columns of the table); those of dropped columns stay zero. n_threads 0: one per processor. */
enum flt_status flt_summarize_columns(const struct flt_table *table, unsigned n_threads,
                                      struct flt_column_summary *summaries, struct flt_error *err);

#endif
