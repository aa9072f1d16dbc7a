#include "report/grid.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/character.h"

enum { GAP = 2, LEAST_NAME = 12 }; /* columns between cells, and those that a cut text keeps */

void flt_grid_row(struct flt_grid *grid, char mark)
{
	assert(grid->n_rows < FLT_GRID_ROWS && grid->n_columns <= FLT_GRID_COLUMNS);
	grid->mark[grid->n_rows++] = mark ? mark : ' ';
}

void flt_grid_cell(struct flt_grid *grid, size_t column, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(grid->text[grid->n_rows - 1][column], FLT_GRID_CELL, format, args);
	va_end(args);
}

void flt_grid_interval(struct flt_grid *grid, size_t column, const struct flt_interval *interval, const char *star)
{
	flt_grid_cell(grid, column, "%s", flt_shown_short(interval, star).text);
}

static size_t width_of(const struct flt_grid *grid, size_t column)
{
	size_t width = 0;
	for (size_t i = 0; i < grid->n_rows; i++)
		width = flt_columns(grid->text[i][column]) > width ? flt_columns(grid->text[i][column]) : width;
	return width;
}

/* Cuts a text to a number of columns, "..." included. */
static void shorten(char *text, size_t n_columns)
{
	size_t taken;
	if (flt_columns(text) > n_columns)
		strcpy(text + flt_bytes_within(text, n_columns - 3, &taken), "...");
}

void flt_say_grid(struct flt_layout *layout, struct flt_grid *grid)
{
	size_t width[FLT_GRID_COLUMNS] = {0}, others = 0, page = flt_layout_row_width(layout);
	for (size_t c = 0; c < grid->n_columns; c++) {
		width[c] = width_of(grid, c);
		others += c > 0 ? width[c] + GAP : 0;
	}
	if (width[0] + others > page) {
		width[0] = page > others + LEAST_NAME ? page - others : LEAST_NAME;
		for (size_t i = 0; i < grid->n_rows; i++)
			shorten(grid->text[i][0], width[0]);
	}
	for (size_t i = 0; i < grid->n_rows; i++) {
		size_t n = grid->n_columns;
		while (n > 0 && !grid->text[i][n - 1][0])
			n--;
		flt_layout_row(layout, grid->mark[i]);
		for (size_t c = 0; c < n; c++) {
			const char *text = grid->text[i][c];
			int padding = c + 1 < n ? (int)(width[c] - flt_columns(text)) + GAP : 0;
			fprintf(layout->out, "%s%*s", text, padding, "");
		}
	}
}
