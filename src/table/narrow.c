#include "table/narrow.h"

#include "base/alloc.h"
#include "table/each_column.h"

static enum flt_status narrow_codes(struct flt_table_column *column, struct flt_error *err)
{
	struct flt_column_cells *cells = &column->cells;
	if (!cells->codes || cells->levels.n > UINT8_MAX || cells->n_missing > 0)
		return FLT_OK;
	column->narrow_codes = flt_alloc(cells->n_rows, sizeof *column->narrow_codes, err);
	FLT_TRY_MEMORY(column->narrow_codes);
	for (size_t row = 0; row < cells->n_rows; row++)
		column->narrow_codes[row] = (uint8_t)cells->codes[row];
	flt_free(cells->codes);
	cells->codes = NULL;
	return FLT_OK;
}

static enum flt_status narrow_numbers(struct flt_table_column *column, struct flt_error *err)
{
	struct flt_column_cells *cells = &column->cells;
	FLT_TRY(flt_numbers_narrow(cells->numbers, cells->n_rows, &column->narrow, err));
	if (!column->narrow.cells)
		return FLT_OK;
	flt_free(cells->numbers);
	cells->numbers = NULL;
	return FLT_OK;
}

static enum flt_status narrow_column(void *context, size_t index, struct flt_error *err)
{
	const struct flt_table *table = context;
	struct flt_table_column *column = &table->columns[index];
	if (column->role == FLT_TARGET)
		return narrow_codes(column, err);
	if (column->role == FLT_WEIGHT || !column->cells.numbers)
		return FLT_OK;
	return narrow_numbers(column, err);
}

enum flt_status flt_table_narrow(struct flt_table *table, unsigned n_threads, struct flt_error *err)
{
	return flt_table_each_column(table, n_threads, narrow_column, table, err);
}
