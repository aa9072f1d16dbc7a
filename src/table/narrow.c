#include "table/narrow.h"

#include "base/alloc.h"
#include "base/pool.h"

/* Shared by all columns, which workers take one by one. */
struct narrowing {
	struct flt_table *table;
	enum flt_status *status;  /* (n_columns) */
	struct flt_error *errors; /* (n_columns) only memory can run out */
};

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

static void narrow_column(void *context, size_t index, size_t worker)
{
	(void)worker;
	struct narrowing *narrowing = context;
	struct flt_table_column *column = &narrowing->table->columns[index];
	struct flt_error *err = &narrowing->errors[index];
	narrowing->status[index] = FLT_OK;
	if (column->role == FLT_TARGET)
		narrowing->status[index] = narrow_codes(column, err);
	else if (column->role != FLT_WEIGHT && column->cells.numbers)
		narrowing->status[index] = narrow_numbers(column, err);
}

enum flt_status flt_table_narrow(struct flt_table *table, unsigned n_threads, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = table->n_columns;
	struct flt_pool *pool = NULL;
	struct narrowing narrowing = {.table = table,
	                              .status = flt_alloc(n, sizeof *narrowing.status, err),
	                              .errors = flt_alloc_zero(n, sizeof *narrowing.errors, err)};
	FLT_TRY_MEMORY_OUT(narrowing.status && narrowing.errors);
	FLT_TRY_OUT(flt_pool_new_for(table->n_rows * n, n_threads, &pool, err));
	flt_pool_run(pool, n, narrow_column, &narrowing);
	for (size_t i = 0; i < n && status == FLT_OK; i++)
		if (narrowing.status[i] != FLT_OK)
			status = flt_fail(err, narrowing.status[i], "%s", narrowing.errors[i].text);
out:
	flt_pool_free(pool);
	flt_free(narrowing.status);
	flt_free(narrowing.errors);
	return status;
}
