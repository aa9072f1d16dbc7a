/* Columns of cells: room for them, and filling them from a table. */
#include "base/alloc.h"
#include "prep/contents.h"

static enum flt_status make_columns(struct flt_cell_columns *columns, const struct flt_prep *prep,
                                    struct flt_error *err)
{
	size_t n_numeric = flt_prep_n_used(prep, FLT_USED_NUMERIC), max_rows = columns->max_rows;
	size_t n_categorical = flt_prep_n_used(prep, FLT_USED_CATEGORICAL), n_levels = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		if (prep->columns[c].use == FLT_USED_CATEGORICAL)
			n_levels += flt_prep_n_codes(&prep->columns[c]);
	columns->rows = flt_alloc(max_rows, sizeof *columns->rows, err);
	FLT_TRY_MEMORY(columns->rows);
	columns->columns = flt_alloc_zero(prep->n_columns, sizeof *columns->columns, err);
	FLT_TRY_MEMORY(columns->columns);
	columns->numbers = flt_alloc(max_rows, n_numeric * sizeof *columns->numbers, err);
	FLT_TRY_MEMORY(columns->numbers);
	columns->codes = flt_alloc(max_rows, n_categorical * sizeof *columns->codes, err);
	FLT_TRY_MEMORY(columns->codes);
	columns->levels = flt_alloc(n_levels, sizeof *columns->levels, err);
	FLT_TRY_MEMORY(columns->levels);
	for (size_t i = 0; i < max_rows; i++)
		columns->rows[i] = i;
	return FLT_OK;
}

void flt_cell_columns_free(struct flt_cell_columns *columns)
{
	if (!columns)
		return;
	flt_free(columns->rows);
	flt_free(columns->columns);
	flt_free(columns->numbers);
	flt_free(columns->codes);
	flt_free(columns->levels);
	flt_free(columns);
}

enum flt_status flt_cell_columns_new_for(const struct flt_prep *prep, size_t max_rows,
                                         struct flt_cell_columns **columns, struct flt_error *err)
{
	*columns = flt_alloc_zero(1, sizeof **columns, err);
	FLT_TRY_MEMORY(*columns);
	(*columns)->max_rows = max_rows;
	enum flt_status status = make_columns(*columns, prep, err);
	if (status != FLT_OK) {
		flt_cell_columns_free(*columns);
		*columns = NULL;
	}
	return status;
}

const struct flt_column *flt_cell_columns_all(const struct flt_cell_columns *columns)
{
	return columns->columns;
}

const size_t *flt_cell_columns_rows(const struct flt_cell_columns *columns)
{
	return columns->rows;
}

/* ---- from a table ---- */

/* As read_codes in cells.c: the code behind the last level stands for all other texts. */
static enum flt_status take_codes(const struct flt_prep_column *column, const struct flt_column *from,
                                  const size_t *rows, size_t n, int32_t *codes, const char **levels,
                                  struct flt_error *err)
{
	enum { NOT_FOUND_YET = -1 };
	size_t n_known = column->n_levels + column->n_more;
	int32_t *code_of = flt_alloc(from->n_levels, sizeof *code_of, err);
	FLT_TRY_MEMORY(code_of);
	for (size_t i = 0; i < from->n_levels; i++)
		code_of[i] = NOT_FOUND_YET;
	for (size_t i = 0; i < n_known; i++)
		levels[i] = column->levels[i];
	for (size_t i = 0; i < n; i++) {
		int32_t code = from->codes[rows[i]];
		codes[i] = -1;
		if (code < 0)
			continue;
		if (code_of[code] == NOT_FOUND_YET) {
			size_t place = flt_prep_place(column, from->levels[code]);
			code_of[code] = (int32_t)(place < n_known ? place : n_known);
			if (place >= n_known)
				levels[n_known] = from->levels[code];
		}
		codes[i] = code_of[code];
	}
	flt_free(code_of);
	return FLT_OK;
}

static enum flt_status take_rows(const struct flt_prep *prep, const struct flt_column *from, const size_t *rows,
                                 size_t n, struct flt_cell_columns *columns, struct flt_error *err)
{
	double *numbers = columns->numbers;
	int32_t *codes = columns->codes;
	const char **levels = columns->levels;
	columns->n_rows = n;
	for (size_t c = 0; c < prep->n_columns; c++) {
		struct flt_column *column = &columns->columns[c];
		if (prep->columns[c].use == FLT_USED_NUMERIC) {
			for (size_t i = 0; i < n; i++)
				numbers[i] = flt_number_at(&from[c].numbers, rows[i]);
			column->numbers = flt_numbers_of(numbers);
			numbers += n;
		} else if (prep->columns[c].use == FLT_USED_CATEGORICAL) {
			FLT_TRY(take_codes(&prep->columns[c], &from[c], rows, n, codes, levels, err));
			column->codes = codes;
			column->levels = levels;
			column->n_levels = flt_prep_n_codes(&prep->columns[c]);
			codes += n;
			levels += column->n_levels;
		}
	}
	return FLT_OK;
}

enum flt_status flt_cell_columns_take(struct flt_cell_columns *columns, const struct flt_prep *prep,
                                      const struct flt_table *table, const size_t *rows, size_t n,
                                      struct flt_error *err)
{
	enum flt_status status;
	struct flt_column *from = flt_alloc_zero(prep->n_columns, sizeof *from, err);
	FLT_TRY_MEMORY(from);
	FLT_TRY_OUT(flt_prep_find_columns(prep, table, from, err));
	status = take_rows(prep, from, rows, n, columns, err);
out:
	flt_free(from);
	return status;
}

/* ---- from other columns ---- */

void flt_cell_columns_select(struct flt_cell_columns *columns, const struct flt_prep *prep,
                             const struct flt_cell_columns *from, const size_t *rows, size_t n)
{
	double *numbers = columns->numbers;
	int32_t *codes = columns->codes;
	columns->n_rows = n;
	for (size_t c = 0; c < prep->n_columns; c++) {
		const struct flt_column *whole = &from->columns[c];
		struct flt_column *column = &columns->columns[c];
		*column = *whole; /* with its levels */
		bool has_numbers = whole->numbers.cells != NULL;
		for (size_t i = 0; has_numbers && i < n; i++)
			numbers[i] = flt_number_at(&whole->numbers, rows[i]);
		for (size_t i = 0; whole->codes && i < n; i++)
			codes[i] = whole->codes[rows[i]];
		column->numbers = flt_numbers_of(has_numbers ? numbers : NULL);
		column->codes = whole->codes ? codes : NULL;
		numbers += has_numbers ? n : 0;
		codes += whole->codes ? n : 0;
	}
}
