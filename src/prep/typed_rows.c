#include "prep/typed_rows.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "prep/contents.h"
#include "prep/refit_size.h"

/* ---- from a table ---- */

/* values points to the column's in the first row. */
static void take_column(const struct flt_prep_column *column, const struct flt_column *from, const size_t *rows,
                        size_t n, double *values, size_t stride)
{
	for (size_t i = 0; i < n; i++) {
		if (from->numbers.cells) {
			values[i * stride] = flt_number_at(&from->numbers, rows[i]);
			continue;
		}
		int32_t code = from->codes[rows[i]];
		values[i * stride] = (double)flt_prep_place(column, code < 0 ? NULL : from->levels[code]);
	}
}

enum flt_status flt_typed_rows_take(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                    size_t n, double *values, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_read = flt_prep_n_read(prep), at = 0;
	struct flt_column *columns = flt_alloc_zero(prep->n_columns, sizeof *columns, err);
	FLT_TRY_MEMORY(columns);
	FLT_TRY_OUT(flt_prep_find_columns(prep, table, columns, err));
	for (size_t c = 0; c < prep->n_columns; c++)
		if (flt_prep_is_read(&prep->columns[c]))
			take_column(&prep->columns[c], &columns[c], rows, n, values + at++, n_read);
out:
	flt_free(columns);
	return status;
}

/* ---- from a file ---- */

static bool is_valid(const struct flt_prep_column *column, double value)
{
	if (column->use == FLT_USED_NUMERIC)
		return isnan(value) || isfinite(value);
	return value >= 0 && value < (double)flt_prep_n_places(column) && value == floor(value);
}

bool flt_typed_rows_are_valid(const struct flt_prep *prep, const double *values, size_t n)
{
	bool all = true;
	size_t n_read = flt_prep_n_read(prep), at = 0;
	for (size_t c = 0; c < prep->n_columns; c++) {
		if (!flt_prep_is_read(&prep->columns[c]))
			continue;
		for (size_t i = 0; i < n; i++)
			all = all && is_valid(&prep->columns[c], values[i * n_read + at]);
		at++;
	}
	return all;
}

/* ---- to inputs ---- */

/* Columns like those of a table, with memory of their own. */
struct columns {
	struct flt_column *columns; /* (n_columns of the preparation) */
	size_t *rows;               /* (n) 0, 1, 2 ... */
	double *numbers;            /* (n_read, n) */
	int32_t *codes;             /* (n_read, n) */
	const char **levels;        /* of each categorical column: its levels, and `other` */
	char *other;                /* a text that is no level of any column */
};

static void columns_release(struct columns *made)
{
	flt_free(made->columns);
	flt_free(made->rows);
	flt_free(made->numbers);
	flt_free(made->codes);
	flt_free(made->levels);
	flt_free(made->other);
}

static enum flt_status columns_init(struct columns *made, const struct flt_prep *prep, size_t n, struct flt_error *err)
{
	size_t n_read = flt_prep_n_read(prep), n_levels = 0, longest = 0;
	for (size_t c = 0; c < prep->n_columns; c++) {
		const struct flt_prep_column *column = &prep->columns[c];
		if (column->use != FLT_USED_CATEGORICAL)
			continue;
		n_levels += column->n_levels + column->n_more + 1;
		for (size_t i = 0; i < column->n_levels + column->n_more; i++)
			longest = strlen(column->levels[i]) > longest ? strlen(column->levels[i]) : longest;
	}
	made->columns = flt_alloc_zero(prep->n_columns, sizeof *made->columns, err);
	made->rows = flt_alloc(n, sizeof *made->rows, err);
	made->numbers = flt_alloc(n, n_read * sizeof *made->numbers, err);
	made->codes = flt_alloc(n, n_read * sizeof *made->codes, err);
	made->levels = flt_alloc(n_levels, sizeof *made->levels, err);
	made->other = flt_alloc(longest + 2, 1, err);
	FLT_TRY_MEMORY(made->columns && made->rows && made->numbers && made->codes && made->levels && made->other);
	memset(made->other, 'x', longest + 1);
	made->other[longest + 1] = '\0';
	for (size_t i = 0; i < n; i++)
		made->rows[i] = i;
	return FLT_OK;
}

/* The code of a level is its place; -1 is missing, and the one behind the levels all other texts. */
static void fill_codes(const struct flt_prep_column *column, const double *values, size_t n, size_t stride,
                       int32_t *codes)
{
	size_t n_levels = column->n_levels + column->n_more;
	for (size_t i = 0; i < n; i++) {
		size_t place = (size_t)values[i * stride];
		codes[i] = place < n_levels ? (int32_t)place : place == n_levels ? -1 : (int32_t)n_levels;
	}
}

static void fill_columns(struct columns *made, const struct flt_prep *prep, const double *values, size_t n)
{
	size_t n_read = flt_prep_n_read(prep), at = 0;
	const char **levels = made->levels;
	for (size_t c = 0; c < prep->n_columns; c++) {
		const struct flt_prep_column *column = &prep->columns[c];
		struct flt_column *to = &made->columns[c];
		if (!flt_prep_is_read(column))
			continue;
		if (column->use == FLT_USED_NUMERIC) {
			for (size_t i = 0; i < n; i++)
				made->numbers[at * n + i] = values[i * n_read + at];
			to->numbers = flt_numbers_of(made->numbers + at * n);
		} else {
			fill_codes(column, values + at, n, n_read, made->codes + at * n);
			to->codes = made->codes + at * n;
			to->levels = levels;
			for (size_t i = 0; i < column->n_levels + column->n_more; i++)
				*levels++ = column->levels[i];
			*levels++ = made->other;
			to->n_levels = column->n_levels + column->n_more + 1;
		}
		at++;
	}
}

enum flt_status flt_typed_rows_apply(const struct flt_prep *prep, const double *values, size_t n, float *x,
                                     struct flt_error *err)
{
	enum flt_status status;
	struct columns made = {0};
	FLT_TRY_OUT(columns_init(&made, prep, n, err));
	fill_columns(&made, prep, values, n);
	FLT_TRY_OUT(flt_prep_apply_columns(prep, made.columns, made.rows, n, 1, x, err));
out:
	columns_release(&made);
	return status;
}
