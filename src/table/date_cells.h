/*
 * The cells of a column that --time or --date names, while the file is read. Dates become seconds since 1970-01-01, and
 * numbers stay what they are; what the column holds is decided at the end, when all cells were seen.
 *
 * Where nothing but the whole column tells the order of day and month, dates are read with the day first if they can
 * be. If the month stands first, the column must be read again, by the format that was found.
 */
#ifndef TABLE_DATE_CELLS_H
#define TABLE_DATE_CELLS_H

#include "base/error.h"
#include "csv/markers.h"
#include "table/cell_note.h"
#include "table/date_format.h"

enum { FLT_ODD_TEXTS = 3 };

/* Zeroed: no cell so far. */
struct flt_date_cells {
	struct flt_date_evidence evidence;
	size_t n_numbers, n_odd; /* cells that are numbers; cells that are neither those nor dates */
	struct flt_cell_note first_number, first_of[FLT_DATE_N_TEXTS], first_not_in[FLT_N_DATE_ORDERS];
	struct flt_cell_note first_zoned, first_local;
	struct flt_end_cell {
		double value;
		size_t line;      /* 0: there is none */
		const char *file; /* as in struct flt_cell_note */
		size_t length;
		char text[40]; /* as it stands, or its beginning: dates often rise, so a note must cost little */
	} lowest, highest;     /* of the values as they were read, and the first cells that hold them */
	struct flt_cell_note odd[FLT_ODD_TEXTS]; /* different ones, in the order of the file */
};

/* How cells are read. */
struct flt_date_reading {
	bool is_known;                 /* all cells are in `format`; else only its order counts */
	struct flt_date_format format; /* order FIND: to be found */
};

/* Whether a cell of such a column has no value: it is empty or a marker, which are compared by value with numbers, or a
 * word for "missing". */
bool flt_date_cell_is_missing(const struct flt_markers *markers, char decimal, const char *text, size_t length);

/* Adds a cell if it is a date; false if it is something else. *value is its seconds, or NaN if it is no date in the
 * order that is asked for. */
bool flt_date_cells_add_date(struct flt_date_cells *cells, const struct flt_date_reading *reading, const char *text,
                             size_t length, size_t line, double *value);

/* Adds a cell that is neither missing nor a date, and returns its number; NaN if it is none. */
double flt_date_cells_add_other(struct flt_date_cells *cells, const struct flt_date_reading *reading, char decimal,
                                const char *text, size_t length, size_t line);

/* Adds cells that stand behind n_lines lines of the file. */
void flt_date_cells_append(struct flt_date_cells *cells, const struct flt_date_cells *more, size_t n_lines);

/* Makes cells what another process has seen; false if that cannot be. */
bool flt_date_cells_fill(struct flt_date_cells *cells, const struct flt_date_cells *seen);

/* Once all cells of a file were added: notes of these cells name it. The name must outlive cells. */
void flt_date_cells_end_file(struct flt_date_cells *cells, const char *file);

/* Of which column, for messages. */
struct flt_date_column {
	const char *file, *name;
	bool is_time; /* --time names it: plain numbers are fine. Else --date: numbers must be dates in some way */
};

/* Decides what numbers (n_rows) are, as flt_date_cells_add gave them. Dates: *reading is known from now on, and numbers
 * become seconds unless *again says that the cells must be read once more. Plain numbers: *reading stays unknown. */
enum flt_status flt_date_cells_decide(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                      double *numbers, size_t n_rows, struct flt_date_reading *reading, bool *again,
                                      struct flt_error *err);

#endif
