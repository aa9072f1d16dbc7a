/* Rows of one table that another table has as well: the keys of both are numbered together, and a row of b is shared
 * if a row of a has its number. */
#include <string.h>

#include "base/alloc.h"
#include "split/numbering.h"
#include "split/split.h"

/* Rows of a, and behind them those of b. */
struct both {
	struct flt_keyed_table a, b;
};

static void fill_both(const void *context, const uint32_t *places, size_t n, struct flt_row_key *keys)
{
	const struct both *both = context;
	uint32_t rows[FLT_KEY_TILE];
	size_t n_of_a = 0;
	while (n_of_a < n && places[n_of_a] < both->a.n_rows)
		n_of_a++;
	flt_keyed_table_keys(&both->a, places, n_of_a, keys);
	for (size_t i = n_of_a; i < n; i++)
		rows[i - n_of_a] = places[i] - (uint32_t)both->a.n_rows;
	flt_keyed_table_keys(&both->b, rows, n - n_of_a, keys + n_of_a);
}

/* Counts the rows of b that are among those of a. is_shared (n_rows of b) may be NULL. */
static enum flt_status find_shared(const struct both *both, unsigned n_threads, uint8_t *is_shared, size_t *n_shared,
                                   struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_a = both->a.n_rows, n_b = both->b.n_rows, n_distinct, n_seen = 0;
	struct flt_key_source source = {fill_both, both, n_a + n_b, both->a.n_columns};
	uint32_t *id = flt_alloc(n_a + n_b, sizeof *id, err);
	FLT_TRY_MEMORY(id);
	FLT_TRY_OUT(flt_number_keys(&source, n_threads, id, &n_distinct, err));
	for (size_t i = 0; i < n_a; i++)
		if (id[i] >= n_seen) /* numbered by first appearance: a has all numbers below n_seen */
			n_seen = (size_t)id[i] + 1;
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
	struct both both = {0};
	size_t *columns, n_columns;
	*n_shared = 0;
	FLT_TRY(flt_key_columns(a, &columns, &n_columns, err));
	FLT_TRY_OUT(flt_keyed_table_open(&both.a, a, columns, n_columns, a, err));
	FLT_TRY_OUT(flt_keyed_table_open(&both.b, a, columns, n_columns, b, err));
	if (n_columns > 0)
		status = find_shared(&both, n_threads, is_shared, n_shared, err);
	else if (is_shared)
		memset(is_shared, 0, flt_table_n_rows(b));
out:
	flt_free(columns);
	flt_keyed_table_release(&both.a);
	flt_keyed_table_release(&both.b);
	return status;
}
