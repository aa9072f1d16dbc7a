/*
 * "Rises by one" is tested on a subset of the rows. So it means that the value minus the row's number stays the same.
 * Rows that reading left out (bad records, no target) took their numbers with them: for each of them the difference may
 * grow by one, and it never falls. A missing value is evidence against a column that counts rows.
 */
#include "table/id_like.h"

#include <math.h>

#include "base/alloc.h"

static size_t row_at(const size_t *rows, size_t i)
{
	return rows ? rows[i] : i;
}

static bool numbers_rise_by_one(const double *numbers, const size_t *rows, size_t n_rows, size_t n_left_out)
{
	if (n_rows < FLT_ID_LIKE_ROWS)
		return false;
	double first = 0, last = 0;
	for (size_t i = 0; i < n_rows; i++) {
		size_t row = row_at(rows, i);
		double value = numbers[row];
		if (!(fabs(value) < 0x1p53) || value != floor(value))
			return false;
		double difference = value - (double)row;
		if (i == 0)
			first = last = difference;
		if (difference < last || difference - first > (double)n_left_out)
			return false;
		last = difference;
	}
	return true;
}

static enum flt_status find_distinct_texts(const struct flt_column *column, const size_t *rows, size_t n_rows,
                                           struct flt_id_like *found, struct flt_error *err)
{
	size_t n_present = 0, n_distinct = 0;
	for (size_t i = 0; i < n_rows; i++)
		n_present += column->codes[row_at(rows, i)] >= 0;
	if (n_present < FLT_ID_LIKE_ROWS || column->n_levels <= n_present / 10 * 9)
		return FLT_OK;
	uint8_t *seen = flt_alloc_zero(column->n_levels, 1, err);
	FLT_TRY_MEMORY(seen);
	for (size_t i = 0; i < n_rows; i++) {
		int32_t code = column->codes[row_at(rows, i)];
		if (code >= 0 && !seen[code]) {
			seen[code] = 1;
			n_distinct++;
		}
	}
	flt_free(seen);
	if (10 * n_distinct > 9 * n_present)
		*found = (struct flt_id_like){FLT_ID_TEXTS, n_present, n_distinct};
	return FLT_OK;
}

enum flt_status flt_column_is_id_like(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                      struct flt_id_like *found, struct flt_error *err)
{
	struct flt_column view = flt_table_column(table, column);
	*found = (struct flt_id_like){FLT_NO_ID};
	if (view.type_given)
		return FLT_OK;
	if (view.type == FLT_CATEGORICAL)
		return find_distinct_texts(&view, rows, n_rows, found, err);
	struct flt_table_notes notes = flt_table_notes(table);
	if (numbers_rise_by_one(view.numbers, rows, n_rows,
	                        notes.n_bad_rows + notes.n_without_target + notes.n_without_time))
		found->kind = FLT_ID_COUNTS;
	return FLT_OK;
}
