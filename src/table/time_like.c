#include "table/time_like.h"

#include <math.h>

static bool holds_dates(const struct flt_column *column)
{
	return column->role == FLT_DATE || (column->role == FLT_FEATURE && column->looks_like_dates);
}

static bool rises(const struct flt_column *column, size_t n_rows)
{
	enum { LEAST_ROWS = 100, LEAST_VALUES = 20, ROWS_PER_FALL = 1000, ROWS_PER_MISSING = 100 };
	size_t n_rises = 0, n_by_1 = 0, n_falls = 0;
	double last = -HUGE_VAL;
	if (column->role != FLT_FEATURE || !column->numbers.cells || column->source || n_rows < LEAST_ROWS ||
	    column->n_missing > n_rows / ROWS_PER_MISSING)
		return false;
	for (size_t i = 0; i < n_rows && n_falls <= n_rows / ROWS_PER_FALL; i++) {
		double value = flt_number_at(&column->numbers, i);
		if (isnan(value))
			continue;
		n_rises += value > last;
		n_by_1 += value == last + 1;
		n_falls += value < last;
		last = value;
	}
	return n_falls <= n_rows / ROWS_PER_FALL && n_rises >= LEAST_VALUES && n_by_1 + 1 < n_rows - column->n_missing;
}

size_t flt_table_find_time_like(const struct flt_table *table)
{
	size_t n = flt_table_n_columns(table), rising = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		struct flt_column column = flt_table_column(table, i);
		if (holds_dates(&column))
			return i;
		if (rising == SIZE_MAX && rises(&column, flt_table_n_rows(table)))
			rising = i;
	}
	return rising;
}
