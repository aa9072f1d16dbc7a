#include "detector/gathered.h"

#include <math.h>

#include "base/alloc.h"

/* A number in a column that is read as text. */
static bool becomes_text(const struct flt_gathered *gathered, const struct flt_cell_reader *reader, size_t column)
{
	return gathered->columns[column].number && flt_cell_reader_uses(reader, column) &&
	       !flt_cell_reader_takes_numbers(reader, column);
}

enum flt_status flt_gathered_init(struct flt_gathered *gathered, const struct flt_cell_reader *reader,
                                  const struct flt_cells *columns, size_t n_names, size_t max_rows,
                                  struct flt_error *err)
{
	gathered->columns = columns;
	gathered->n_names = n_names;
	gathered->max_rows = max_rows;
	for (size_t c = 0; c < n_names; c++)
		gathered->n_texts += becomes_text(gathered, reader, c);
	gathered->numbers = flt_alloc_zero(n_names, sizeof *gathered->numbers, err);
	FLT_TRY_MEMORY(gathered->numbers);
	gathered->cells = flt_alloc(max_rows, n_names * sizeof *gathered->cells, err);
	FLT_TRY_MEMORY(gathered->cells);
	gathered->text = flt_alloc(max_rows, gathered->n_texts * sizeof *gathered->text, err);
	return gathered->text ? FLT_OK : FLT_ERR_MACHINE;
}

void flt_gathered_release(struct flt_gathered *gathered)
{
	flt_free(gathered->numbers);
	flt_free(gathered->cells);
	flt_free(gathered->text);
}

/* Missing is an empty cell. */
static void put_texts(const struct flt_gathered *gathered, size_t column, size_t first, size_t n)
{
	const char *const *text = gathered->columns[column].text;
	for (size_t i = 0; i < n; i++)
		gathered->cells[i * gathered->n_names + column] = text && text[first + i] ? text[first + i] : "";
}

static void put_numbers_as_texts(const struct flt_gathered *gathered, size_t column, size_t first, size_t n,
                                 char (*text)[FLT_NUMBER_SIZE])
{
	const double *number = gathered->columns[column].number;
	for (size_t i = 0; i < n; i++) {
		text[i][0] = '\0';
		if (!isnan(number[first + i]))
			flt_number_format(number[first + i], text[i]);
		gathered->cells[i * gathered->n_names + column] = text[i];
	}
}

enum flt_status flt_gathered_read(struct flt_gathered *gathered, const struct flt_cell_reader *reader, size_t first,
                                  size_t n, struct flt_cell_columns *to, struct flt_error *err)
{
	size_t n_texts = 0;
	for (size_t c = 0; c < gathered->n_names; c++) {
		const double *number = gathered->columns[c].number;
		gathered->numbers[c] = number && flt_cell_reader_takes_numbers(reader, c) ? number + first : NULL;
		if (becomes_text(gathered, reader, c))
			put_numbers_as_texts(gathered, c, first, n, gathered->text + gathered->max_rows * n_texts++);
		else if (flt_cell_reader_uses(reader, c) && !gathered->numbers[c])
			put_texts(gathered, c, first, n);
	}
	const struct flt_cell_rows rows = {.cells = gathered->cells, .numbers = gathered->numbers, .n_rows = n};
	return flt_cell_reader_read_rows(reader, &rows, to, NULL, err);
}
