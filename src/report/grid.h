/* A table of short texts in a report, its columns as wide as they need to be. */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include "report/layout.h"

enum { FLT_GRID_ROWS = 52, FLT_GRID_COLUMNS = 6, FLT_GRID_CELL = 96 };

/* Zero-initialise all but n_columns. */
struct flt_grid {
	size_t n_rows, n_columns;
	char mark[FLT_GRID_ROWS]; /* in front of each row; 0: none */
	char text[FLT_GRID_ROWS][FLT_GRID_COLUMNS][FLT_GRID_CELL];
};

void flt_grid_row(struct flt_grid *grid, char mark); /* starts a row of empty cells */
void flt_grid_cell(struct flt_grid *grid, size_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "0.53* [0.36, 0.70]" */
void flt_grid_interval(struct flt_grid *grid, size_t column, const struct flt_interval *interval, const char *star);

/* Where the page is too narrow, texts of the first column are cut with "...". */
void flt_say_grid(struct flt_layout *layout, struct flt_grid *grid);

#endif
