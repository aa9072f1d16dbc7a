/*
 * A row's key is a 128-bit hash of its features: numbers by value (-0 equals 0, and all missing values are equal),
 * categories by text, so that rows of two tables can be compared. It is the SipHash, under the key of the process, of
 * the numbers' bits and of the hashes of the texts.
 *
 * Keys are compared, never the values behind them. A collision would merely keep two different rows together, and none
 * can be made by someone who does not know the key of the process: the probability that any two of n different rows
 * collide is about n^2 / 2^129, below 1e-22 for 100 million rows.
 *
 * Columns that number the rows or hold dates are not features, and must not make identical rows look different. The
 * preparation finds id-like columns on the fit rows, but before the split there are none, so all rows decide here. The
 * target is not looked at. A column that is id-like among all rows is almost always id-like among the fit rows; where
 * the two disagree, rows are compared by one column more or fewer than the network sees.
 */
#include "split/keys.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash_key.h"
#include "table/id_like.h"

/* An arbitrary constant, here digits of pi: no text has that hash by design, since none knows the key. */
static const struct flt_siphash_128 missing_text = {0xa4093822299f31d0u, 0x082efa98ec4e6c89u};

static uint64_t number_bits(double value)
{
	uint64_t bits;
	if (value != value)
		return UINT64_MAX; /* a NaN's bits, which no number has */
	if (value == 0)
		return 0; /* -0 too */
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* A compared column: its numbers, or its codes and the keys of its levels. */
struct flt_key_column {
	struct flt_numbers numbers;
	const int32_t *codes;
	struct flt_siphash_128 *levels; /* (n_levels + 1): missing, then the levels; NULL for numbers */
};

/* hashes (n): of the rows (n). Returns the number of words that each got. */
static size_t add_to_tile(const struct flt_key_column *column, const uint32_t *rows, size_t n,
                          struct flt_siphash *hashes)
{
	if (column->numbers.cells) {
		for (size_t i = 0; i < n; i++)
			flt_siphash_add(&hashes[i], number_bits(flt_number_at(&column->numbers, rows[i])));
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		const struct flt_siphash_128 *level = &column->levels[column->codes[rows[i]] + 1];
		flt_siphash_add(&hashes[i], level->low);
		flt_siphash_add(&hashes[i], level->high);
	}
	return 2;
}

static enum flt_status open_column(struct flt_key_column *opened, const struct flt_column *column,
                                   struct flt_error *err)
{
	*opened = (struct flt_key_column){.numbers = column->numbers, .codes = column->codes};
	if (column->numbers.cells)
		return FLT_OK;
	opened->levels = flt_alloc(column->n_levels + 1, sizeof *opened->levels, err);
	FLT_TRY_MEMORY(opened->levels);
	opened->levels[0] = missing_text;
	for (size_t i = 0; i < column->n_levels; i++)
		opened->levels[i + 1] =
		        flt_siphash_text_128(flt_hash_key(), column->levels[i], strlen(column->levels[i]));
	return FLT_OK;
}

/* Finds the table's column by the name of the model's; both must hold numbers, or both texts. */
static enum flt_status find_column(const struct flt_table *model, size_t index, const struct flt_table *table,
                                   struct flt_column *column, struct flt_error *err)
{
	struct flt_column wanted = flt_table_column(model, index);
	size_t found = flt_table_find_near(table, wanted.name, index);
	if (found == SIZE_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%s: there is no column \"%s\", which %s has", flt_table_path(table),
		                wanted.name, flt_table_path(model));
	*column = flt_table_column(table, found);
	if (wanted.numbers.cells ? !column->numbers.cells : !column->codes)
		return flt_fail(err, FLT_ERR_DATA, "%s: column \"%s\" must hold %s, as in %s", flt_table_path(table),
		                wanted.name, wanted.numbers.cells ? "numbers" : "text", flt_table_path(model));
	return FLT_OK;
}

enum flt_status flt_keyed_table_open(struct flt_keyed_table *keyed, const struct flt_table *model,
                                     const size_t *columns, size_t n_columns, const struct flt_table *table,
                                     struct flt_error *err)
{
	*keyed = (struct flt_keyed_table){.n_rows = flt_table_n_rows(table)};
	keyed->columns = flt_alloc_zero(n_columns, sizeof *keyed->columns, err);
	FLT_TRY_MEMORY(keyed->columns);
	for (; keyed->n_columns < n_columns; keyed->n_columns++) {
		struct flt_column column = {0};
		FLT_TRY(find_column(model, columns[keyed->n_columns], table, &column, err));
		FLT_TRY(open_column(&keyed->columns[keyed->n_columns], &column, err));
	}
	return FLT_OK;
}

void flt_keyed_table_release(struct flt_keyed_table *keyed)
{
	for (size_t i = 0; i < keyed->n_columns; i++)
		flt_free(keyed->columns[i].levels);
	flt_free(keyed->columns);
	*keyed = (struct flt_keyed_table){0};
}

void flt_keyed_table_keys(const struct flt_keyed_table *keyed, const uint32_t *rows, size_t n, struct flt_row_key *keys)
{
	struct flt_siphash hashes[FLT_KEY_TILE];
	uint64_t n_words = 0;
	assert(n <= FLT_KEY_TILE);
	for (size_t i = 0; i < n; i++)
		hashes[i] = flt_siphash_begin_128(flt_hash_key());
	for (size_t i = 0; i < keyed->n_columns; i++)
		n_words += add_to_tile(&keyed->columns[i], rows, n, hashes);
	for (size_t i = 0; i < n; i++) {
		struct flt_siphash_128 hash = flt_siphash_end_128(&hashes[i], 8 * n_words << 56);
		keys[i] = (struct flt_row_key){hash.low, hash.high};
	}
}

enum flt_status flt_key_columns(const struct flt_table *model, size_t **columns, size_t *n_columns,
                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = flt_table_n_columns(model);
	*n_columns = 0;
	*columns = flt_alloc(n, sizeof **columns, err);
	FLT_TRY_MEMORY(*columns);
	for (size_t i = 0; i < n; i++) {
		struct flt_column column = flt_table_column(model, i);
		struct flt_id_like id_like;
		if (column.role != FLT_FEATURE || (column.looks_like_dates && !column.type_given))
			continue;
		FLT_TRY_OUT(flt_column_is_id_like(model, i, NULL, flt_table_n_rows(model), &id_like, err));
		if (id_like.kind == FLT_NO_ID)
			(*columns)[(*n_columns)++] = i;
	}
out:
	if (status != FLT_OK) {
		flt_free(*columns);
		*columns = NULL;
	}
	return status;
}
