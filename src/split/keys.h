/* Keys by which rows are compared: equal keys mean equal values in every compared column. */
#ifndef SPLIT_KEYS_H
#define SPLIT_KEYS_H

#include "table/table.h"

struct flt_row_key {
	uint64_t a, b;
};

/* Lists the columns of `model` that decide whether rows are identical: all features that are neither id-like nor dates.
 * The caller frees *columns (n_columns) with flt_free. */
enum flt_status flt_key_columns(const struct flt_table *model, size_t **columns, size_t *n_columns,
                                struct flt_error *err);

/* Computes keys (n_rows of table) over the columns of `model`, which are found in `table` by name. FLT_ERR_DATA if
 * `table` lacks a column or holds text where `model` holds numbers, or the reverse. n_threads 0: one per processor. */
enum flt_status flt_row_keys(const struct flt_table *model, const size_t *columns, size_t n_columns,
                             const struct flt_table *table, unsigned n_threads, struct flt_row_key *keys,
                             struct flt_error *err);

/* Numbers the distinct keys by first appearance: id (n) gets the number of each row's key. rows (n) selects from keys;
 * NULL selects the first n. */
enum flt_status flt_number_keys(const struct flt_row_key *keys, const size_t *rows, size_t n, size_t *id,
                                size_t *n_distinct, struct flt_error *err);

#endif
