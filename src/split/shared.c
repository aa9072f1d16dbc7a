/* Rows of one table that another table has as well: the keys of both are numbered together, and a row of b is shared
 * if a row of a has its number. */
#include <string.h>

#include "base/alloc.h"
#include "split/keys.h"
#include "split/split.h"

/* Counts the last n_b of the keys (n_a + n_b) that are among the first n_a. is_shared (n_b) may be NULL. */
static enum flt_status find_shared(const struct flt_row_key *keys, size_t n_a, size_t n_b, uint8_t *is_shared,
                                   size_t *n_shared, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_distinct, n_seen = 0;
	size_t *id = flt_alloc(n_a + n_b, sizeof *id, err);
	FLT_TRY_MEMORY(id);
	FLT_TRY_OUT(flt_number_keys(keys, NULL, n_a + n_b, id, &n_distinct, err));
	for (size_t i = 0; i < n_a; i++)
		if (id[i] >= n_seen) /* numbered by first appearance: a has all numbers below n_seen */
			n_seen = id[i] + 1;
	for (size_t i = 0; i < n_b; i++) {
		bool shared = id[n_a + i] < n_seen;
		*n_shared += shared;
		if (is_shared)
			is_shared[i] = shared;
	}
out:
	flt_free(id);
	return status;
}

enum flt_status flt_split_shared_rows(const struct flt_table *a, const struct flt_table *b, unsigned n_threads,
                                      uint8_t *is_shared, size_t *n_shared, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_a = flt_table_n_rows(a), n_b = flt_table_n_rows(b), *columns, n_columns;
	*n_shared = 0;
	FLT_TRY(flt_key_columns(a, &columns, &n_columns, err));
	struct flt_row_key *keys = flt_alloc(n_a + n_b, sizeof *keys, err);
	FLT_TRY_MEMORY_OUT(keys);
	FLT_TRY_OUT(flt_row_keys(a, columns, n_columns, a, n_threads, keys, err));
	FLT_TRY_OUT(flt_row_keys(a, columns, n_columns, b, n_threads, keys + n_a, err));
	if (n_columns > 0)
		status = find_shared(keys, n_a, n_b, is_shared, n_shared, err);
	else if (is_shared)
		memset(is_shared, 0, n_b);
out:
	flt_free(columns);
	flt_free(keys);
	return status;
}
