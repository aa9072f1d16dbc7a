/*
 * Columns that alone tell the class so well that they are likely to be known only after it, a file whose order tells
 * it, and numbers that may be ids. All of it is for warnings: nothing is left out because of it.
 */
#ifndef AUDIT_LEAKS_H
#define AUDIT_LEAKS_H

#include "audit/strength.h"
#include "prep/prep.h"

struct flt_leak {
	size_t column;
	bool is_partial; /* strength.telling tells of some positive rows, but the column does not rank the others */
	bool by_missing; /* whether a cell is missing tells as much as its value */
	struct flt_strength strength;
};

struct flt_leaks {
	size_t n;
	struct flt_leak *leak;     /* (n) strongest first */
	bool by_order;             /* the order of the rows tells the class */
	struct flt_strength order; /* of the rows' numbers in the file */
	size_t n_ids;
	size_t *id; /* (n_ids) columns of numbers that may be ids, see table/id_like.h */
};

/* Looks at the given rows (n_rows, ascending) alone, and at all features. Release by flt_leaks_release. */
enum flt_status flt_leaks_find(const struct flt_table *table, const size_t *rows, size_t n_rows, unsigned n_threads,
                               struct flt_leaks *leaks, struct flt_error *err);
/* The same where the strength (n_columns of the table) of these rows is known. */
enum flt_status flt_leaks_judge(const struct flt_table *table, const struct flt_strength *strength, const size_t *rows,
                                size_t n_rows, struct flt_leaks *leaks, struct flt_error *err);
void flt_leaks_release(struct flt_leaks *leaks);

/* Forgets the columns that the preparation leaves out anyway. */
void flt_leaks_keep_used(struct flt_leaks *leaks, const struct flt_prep *prep);

#endif
