/*
 * Columns that alone tell the class so well that they are likely to be known only after it, and a file whose order
 * tells it. The names of such columns are for warnings; nothing is left out because of them.
 */
#ifndef AUDIT_LEAKS_H
#define AUDIT_LEAKS_H

#include "audit/strength.h"

struct flt_leak {
	size_t column;
	bool by_missing; /* whether a cell is missing tells the class */
	struct flt_strength strength;
};

struct flt_leaks {
	size_t n;
	struct flt_leak *leak;     /* (n) strongest first */
	bool by_order;             /* the order of the rows tells the class */
	struct flt_strength order; /* of the rows' numbers in the file */
};

/* Whether this strength is that of a leak. */
bool flt_strength_is_leak(const struct flt_strength *strength);

/* Looks at the given rows (n_rows, ascending) alone. Release by flt_leaks_release. */
enum flt_status flt_leaks_find(const struct flt_table *table, const size_t *rows, size_t n_rows, unsigned n_threads,
                               struct flt_leaks *leaks, struct flt_error *err);
void flt_leaks_release(struct flt_leaks *leaks);

#endif
