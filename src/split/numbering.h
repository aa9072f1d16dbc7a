/*
 * Numbering rows by what they hold: rows with equal keys get the same number, by first appearance.
 *
 * Most rows of most tables are like no other, and need not be remembered. So all rows are looked at twice. First each
 * sets one of many bits that its key names; a row whose bit no other row has set is alone and just gets the next
 * number. Only of the others are keys kept, one for each that differs. Memory is that of the numbers, 2 to 4 bytes a
 * row for the bits, and 28 to 40 for each different row that has, or may have, a like.
 */
#ifndef SPLIT_NUMBERING_H
#define SPLIT_NUMBERING_H

#include "split/keys.h"

/* Whose keys are numbered: n rows, which stand at places 0 to n - 1. */
struct flt_key_source {
	/* Fills the keys (n <= FLT_KEY_TILE) of the rows at these places, which rise. Several threads call it. */
	void (*fill)(const void *context, const uint32_t *places, size_t n, struct flt_row_key *keys);
	const void *context;
	size_t n, n_columns; /* n < UINT32_MAX; about how many values make a key */
};

/* Numbers the distinct keys by first appearance: id (n of source) gets the number of each row's key. n_threads 0: one
 * per processor; never changes the result. */
enum flt_status flt_number_keys(const struct flt_key_source *source, unsigned n_threads, uint32_t *id,
                                size_t *n_distinct, struct flt_error *err);

/* Numbers rows (n; NULL: rows 0 .. n - 1) of the table by these columns (n_columns). */
enum flt_status flt_number_rows(const struct flt_table *table, const size_t *columns, size_t n_columns,
                                const size_t *rows, size_t n, unsigned n_threads, uint32_t *id, size_t *n_distinct,
                                struct flt_error *err);

#endif
