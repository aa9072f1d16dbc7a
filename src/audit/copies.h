/*
 * Rows that stand more than once in a table, and labels that contradict each other in them.
 *
 * Two rows are copies if they are equal in every feature; target and ids do not count (split/keys.h). Where few
 * different rows are possible, copies are no surprise: then many rows also differ from another in a single column. Such
 * near copies tell what chance does.
 */
#ifndef AUDIT_COPIES_H
#define AUDIT_COPIES_H

#include "table/table.h"

/* To count near copies, at most so many columns are left out in turn; with more, the count is scaled up. */
enum { FLT_NEAR_COLUMNS = 32 };

/* A run of rows that repeats an earlier run in its order. */
struct flt_block {
	size_t first, original; /* the first row of both */
	size_t n_rows;          /* 0: there is none */
};

struct flt_copies {
	size_t n_columns; /* compared; 0: no column tells rows apart, and nothing below is set */
	size_t n_repeats; /* rows that repeat an earlier row */
	size_t n_groups;  /* of two or more identical rows */
	size_t n_in_groups;
	bool is_surprising; /* more repeats than near copies, or a repeated block: hardly chance */
	bool has_near;      /* n_near was counted: only where the repeats are at least flt_many_copies of all rows */
	size_t n_near;      /* rows that differ from an earlier one in a single column */
	struct flt_block block; /* the longest that chance does not explain */
	size_t first, original; /* the first repeat, and the row that it repeats */

	size_t n_mixed_groups, n_mixed_rows; /* identical rows of both classes */
	size_t n_must_err;                   /* that any model gets wrong: the fewer of each such group */
	size_t mixed[2];                     /* a negative and a positive row of the first such group */
};

/* The share of rows from which on copies deserve a word. */
extern const double flt_many_copies;

enum flt_status flt_copies_find(const struct flt_table *table, unsigned n_threads, struct flt_copies *copies,
                                struct flt_error *err);

#endif
