/* Which rows belong together: identical ones, and those of one group of --group. */
#ifndef SPLIT_GROUPS_H
#define SPLIT_GROUPS_H

#include "table/table.h"

struct flt_row_key {
	uint64_t a, b;
};

/* The columns of `model` that decide whether rows are identical, as indexes: *columns is the caller's to flt_free. */
enum flt_status flt_key_columns(const struct flt_table *model, size_t **columns, size_t *n_columns,
                                struct flt_error *err);

/* Keys (n_rows of table), on n_threads (0: one per processor): equal keys mean equal values in those columns of model,
 * which table has by the same names. */
enum flt_status flt_row_keys(const struct flt_table *model, const size_t *columns, size_t n_columns,
                             const struct flt_table *table, unsigned n_threads, struct flt_row_key *keys,
                             struct flt_error *err);

/* id (n) gets the number of each key among the distinct ones, in order of first appearance. rows (n) picks keys; NULL:
 * the first n. */
enum flt_status flt_number_keys(const struct flt_row_key *keys, const size_t *rows, size_t n, size_t *id,
                                size_t *n_distinct, struct flt_error *err);

struct flt_row_groups {
	size_t *of; /* (n) the group of each given row, numbered by first appearance */
	size_t n_groups;
	size_t n_identical; /* given rows that are identical to another given row */
};

/* Groups the given rows (NULL: rows 0 .. n - 1) by identity, and by the table's group column if `joined` is set and it
 * has one: groups that share identical rows are one. Where no column can tell rows apart, each is a group of its own.
 */
enum flt_status flt_row_groups_make(const struct flt_table *table, const size_t *rows, size_t n, bool joined,
                                    unsigned n_threads, struct flt_row_groups *groups, struct flt_error *err);
void flt_row_groups_release(struct flt_row_groups *groups);

#endif
