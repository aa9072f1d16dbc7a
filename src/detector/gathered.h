/* Columns of numbers and texts as records: what a preparation takes as a number stays one, all else becomes cells. */
#ifndef DETECTOR_GATHERED_H
#define DETECTOR_GATHERED_H

#include "base/number.h"
#include "fltrain/detector.h"
#include "prep/prep.h"

/* Zero-initialised, made by flt_gathered_init, released whatever that returned. Borrows the columns (n_names). */
struct flt_gathered {
	const struct flt_cells *columns;
	size_t n_names;
	const double **numbers;        /* (n_names) of the records at hand, or NULL */
	const char **cells;            /* (max_rows, n_names) */
	char (*text)[FLT_NUMBER_SIZE]; /* (n_texts, max_rows) of numbers in columns that are read as text */
	size_t n_texts, max_rows;
};

enum flt_status flt_gathered_init(struct flt_gathered *gathered, const struct flt_cell_reader *reader,
                                  const struct flt_cells *columns, size_t n_names, size_t max_rows,
                                  struct flt_error *err);
void flt_gathered_release(struct flt_gathered *gathered);

/* Reads n <= max_rows records from the one numbered first on, as flt_cell_reader_read does. What was read before is
 * lost. */
enum flt_status flt_gathered_read(struct flt_gathered *gathered, const struct flt_cell_reader *reader, size_t first,
                                  size_t n, struct flt_cell_columns *to, struct flt_error *err);

#endif
