/* Numbers of a table for tests, however narrow they are kept. */
#ifndef CELL_NUMBERS_H
#define CELL_NUMBERS_H

#include <stdlib.h>

#include "table/table.h"

static inline double number_in(const struct flt_table *table, size_t column, size_t row)
{
	struct flt_column view = flt_table_column(table, column);
	return flt_number_at(&view.numbers, row);
}

/* All of a column; the caller frees them. */
static inline double *numbers_in(const struct flt_table *table, size_t column)
{
	size_t n = flt_table_n_rows(table);
	double *numbers = malloc((n + 1) * sizeof *numbers);
	for (size_t row = 0; numbers && row < n; row++)
		numbers[row] = number_in(table, column, row);
	return numbers;
}

#endif
