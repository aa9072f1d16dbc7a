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

/* The columns of a table that are compared, opened: a row's key is made of its values there. */
struct flt_keyed_table {
	struct flt_key_column *columns; /* (n_columns) */
	size_t n_columns, n_rows;
};

/* Opens the columns of `model`, which are found in `table` by name. FLT_ERR_DATA if `table` lacks a column or holds
 * text where `model` holds numbers, or the reverse. Release it after a failure, too. */
enum flt_status flt_keyed_table_open(struct flt_keyed_table *keyed, const struct flt_table *model,
                                     const size_t *columns, size_t n_columns, const struct flt_table *table,
                                     struct flt_error *err);
void flt_keyed_table_release(struct flt_keyed_table *keyed);

enum { FLT_KEY_TILE = 512 }; /* a tile's hashes stay in the L1 cache while its columns are read one by one */

/* Computes the keys (n <= FLT_KEY_TILE) of the given rows (n). */
void flt_keyed_table_keys(const struct flt_keyed_table *keyed, const uint32_t *rows, size_t n,
                          struct flt_row_key *keys);

#endif
