/*
 * "Rises by one" is tested on a subset of the rows. So it means that the value minus the row's number stays the same.
 * Rows that reading left out (bad records, no target) took their numbers with them: for each of them the difference may
 * grow by one, and it never falls. A missing value is evidence against a column that counts rows.
 */
#include "table/id_like.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

static size_t row_at(const size_t *rows, size_t i)
{
	return rows ? rows[i] : i;
}

/* Whole numbers of the given rows. */
struct whole {
	const struct flt_numbers *numbers;
	const size_t *rows;
	size_t n_rows;
	double lowest, highest;
	bool rises; /* each is higher than the one before */
};

/* Returns false if some number is missing or not whole. */
static bool look_at_whole(struct whole *whole)
{
	whole->lowest = whole->highest = flt_number_at(whole->numbers, row_at(whole->rows, 0));
	whole->rises = true;
	double before = -INFINITY;
	for (size_t i = 0; i < whole->n_rows; i++) {
		double value = flt_number_at(whole->numbers, row_at(whole->rows, i));
		if (!(fabs(value) < 0x1p53) || value != floor(value))
			return false;
		whole->rises = whole->rises && value > before;
		whole->lowest = fmin(whole->lowest, value);
		whole->highest = fmax(whole->highest, value);
		before = value;
	}
	return true;
}

static bool counts_rows(const struct whole *whole, size_t n_left_out)
{
	double first = 0, last = 0;
	for (size_t i = 0; i < whole->n_rows; i++) {
		size_t row = row_at(whole->rows, i);
		double difference = flt_number_at(whole->numbers, row) - (double)row;
		if (i == 0)
			first = last = difference;
		if (difference < last || difference - first > (double)n_left_out)
			return false;
		last = difference;
	}
	return true;
}

/* How many pairs would be equal if the numbers were drawn from the range at random. Of measures there are more: they
 * crowd. */
static double expected_pairs(double n, double range)
{
	return n * (n - 1) / 2 / range;
}

static enum flt_status are_different(const struct whole *whole, size_t range, bool *yes, struct flt_error *err)
{
	*yes = false;
	uint8_t *seen = flt_alloc_zero(range / 8 + 1, 1, err);
	FLT_TRY_MEMORY(seen);
	size_t i = 0;
	for (; i < whole->n_rows; i++) {
		size_t place = (size_t)(flt_number_at(whole->numbers, row_at(whole->rows, i)) - whole->lowest);
		uint8_t bit = (uint8_t)(1 << place % 8);
		if (seen[place / 8] & bit)
			break;
		seen[place / 8] |= bit;
	}
	flt_free(seen);
	*yes = i == whole->n_rows;
	return FLT_OK;
}

/* A file may hold a part of the rows that were numbered, so the range may be twice that of the rows in the file. */
static enum flt_status find_filled_range(const struct flt_table *table, const struct whole *whole,
                                         struct flt_id_like *found, struct flt_error *err)
{
	const double no_chance = 5;
	double range = whole->highest - whole->lowest + 1;
	size_t first = row_at(whole->rows, 0), last = row_at(whole->rows, whole->n_rows - 1);
	size_t span = flt_table_row_number(table, last) - flt_table_row_number(table, first) + 1;
	bool is_filled;
	if (range > 2 * (double)span || expected_pairs((double)whole->n_rows, range) < no_chance)
		return FLT_OK;
	FLT_TRY(are_different(whole, (size_t)range, &is_filled, err));
	if (is_filled)
		*found = (struct flt_id_like){FLT_ID_FILLS, whole->n_rows, whole->n_rows, (size_t)range};
	return FLT_OK;
}

static enum flt_status find_row_numbers(const struct flt_table *table, const struct flt_numbers *numbers,
                                        const size_t *rows, size_t n_rows, struct flt_id_like *found,
                                        struct flt_error *err)
{
	struct whole whole = {.numbers = numbers, .rows = rows, .n_rows = n_rows};
	struct flt_table_notes notes = flt_table_notes(table);
	if (n_rows < FLT_ID_LIKE_ROWS || !look_at_whole(&whole))
		return FLT_OK;
	if (!whole.rises)
		return find_filled_range(table, &whole, found, err);
	found->kind = counts_rows(&whole, notes.n_bad_rows + notes.n_without_target + notes.n_without_time +
	                                          notes.n_zero_weight)
	                      ? FLT_ID_COUNTS
	                      : FLT_ID_RISES;
	found->n_present = found->n_distinct = n_rows;
	return FLT_OK;
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
		*found = (struct flt_id_like){FLT_ID_TEXTS, n_present, n_distinct, 0};
	return FLT_OK;
}

enum flt_status flt_column_is_id_like(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                      struct flt_id_like *found, struct flt_error *err)
{
	struct flt_column view = flt_table_column(table, column);
	*found = (struct flt_id_like){.kind = FLT_NO_ID};
	if (view.type_given)
		return FLT_OK;
	if (view.type == FLT_CATEGORICAL)
		return find_distinct_texts(&view, rows, n_rows, found, err);
	return find_row_numbers(table, &view.numbers, rows, n_rows, found, err);
}

/* ---- ids that do not number the rows ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts the numbers (n) and looks for equal ones. */
static bool sorts_without_pairs(double *numbers, size_t n)
{
	qsort(numbers, n, sizeof *numbers, by_value);
	for (size_t i = 1; i < n; i++)
		if (!(numbers[i] > numbers[i - 1]))
			return false;
	return true;
}

/* Measures have pairs soon, so a part of the rows is looked at first. */
static enum flt_status have_no_pairs(const struct whole *whole, bool *yes, struct flt_error *err)
{
	size_t n = whole->n_rows, n_first = n < 1000 ? n : 1000;
	double *numbers = flt_alloc(n, sizeof *numbers, err);
	FLT_TRY_MEMORY(numbers);
	for (size_t i = 0; i < n; i++)
		numbers[i] = flt_number_at(whole->numbers, row_at(whole->rows, i));
	*yes = sorts_without_pairs(numbers, n_first) && sorts_without_pairs(numbers, n);
	flt_free(numbers);
	return FLT_OK;
}

/* Whether nine numbers of ten lie between two neighbouring powers of ten, and are long. */
static bool are_long_and_alike(const struct whole *whole)
{
	enum { SHORTEST = 8, LONGEST = 17 };
	size_t n_of_length[LONGEST + 1] = {0};
	for (size_t i = 0; i < whole->n_rows; i++) {
		unsigned length = 1;
		for (double value = fabs(flt_number_at(whole->numbers, row_at(whole->rows, i)));
		     value >= 10 && length < LONGEST; value /= 10)
			length++;
		n_of_length[length]++;
	}
	for (unsigned length = SHORTEST; length <= LONGEST; length++)
		if (n_of_length[length] >= whole->n_rows / 10 * 9)
			return true;
	return false;
}

enum flt_status flt_column_may_be_id(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                     bool *yes, struct flt_error *err)
{
	const double no_chance = 20;
	struct flt_column view = flt_table_column(table, column);
	struct whole whole = {.numbers = &view.numbers, .rows = rows, .n_rows = n_rows};
	*yes = false;
	if (view.type_given || view.source || !view.numbers.cells || n_rows < FLT_MAY_BE_ID_ROWS ||
	    !look_at_whole(&whole))
		return FLT_OK;
	double pairs = expected_pairs((double)n_rows, whole.highest - whole.lowest + 1);
	return pairs >= no_chance || are_long_and_alike(&whole) ? have_no_pairs(&whole, yes, err) : FLT_OK;
}
