/*
 * A column while it is read: cells come in as texts, row by row, and become numbers or numbered levels. What a column
 * is (numbers or text) may only be known at the end, so one that starts with numbers counts the texts that follow and
 * keeps no copy of them: if text it is to be, the file is read again.
 *
 * A column builder knows nothing of other columns or of the file. Parts of a file that are read at once have builders
 * of their own, which start in the state of the column so far and are appended to it in the file's order.
 */
#ifndef TABLE_COLUMN_H
#define TABLE_COLUMN_H

#include "base/text.h"
#include "table/dictionary.h"
#include "csv/markers.h"
#include "table/table.h"

/* What is to be made of the cells. */
enum flt_reading {
	FLT_READ_FIND,               /* numbers if all are, else text */
	FLT_READ_NUMBERS,            /* text is an error */
	FLT_READ_NUMBERS_OR_MISSING, /* text is missing */
	FLT_READ_TEXT,
	FLT_READ_TIME, /* numbers, or ISO 8601 as seconds; all else is an error */
	FLT_READ_NOTHING,
};

/* The first cell of its kind, for a message. */
struct flt_cell_note {
	size_t line; /* 0: there was none */
	struct flt_shown text;
};

struct flt_column_cells {
	enum flt_reading reading;
	bool is_text;    /* codes hold the cells, else numbers */
	bool is_decided; /* a cell that was not missing has been seen */
	double *numbers; /* (n_rows), NaN = missing or text, or NULL */
	int32_t *codes;  /* (n_rows), -1 = missing, or NULL */
	size_t n_rows, capacity;
	size_t n_missing;
	struct flt_dictionary levels;

	size_t n_texts;        /* in a column of numbers: the cells that are none */
	bool texts_are_commas; /* each of those is a number with a decimal comma */
	bool is_iso;           /* time: ISO 8601, not numbers */
	struct flt_cell_note first_text, first_out_of_range;
};

/* Where a cell stands, and how it is to be understood. */
struct flt_cell_place {
	const char *file, *column;
	size_t line;
	const struct flt_markers *markers;
	char decimal;
};

void flt_column_init(struct flt_column_cells *cells, enum flt_reading reading);
void flt_column_release(struct flt_column_cells *cells);

/* Makes part an empty column in the state that whole is in, so that what is added to it is read as if it were added to
 * whole. part is zeroed, or was such a part before; its memory is kept. */
void flt_column_clear_like(struct flt_column_cells *part, const struct flt_column_cells *whole);
bool flt_column_same_state(const struct flt_column_cells *a, const struct flt_column_cells *b);

/* Adds what such a part holds, which whole's state allows only as long as it is the one that part began in. n_lines
 * stand before the part's first. */
enum flt_status flt_column_append(struct flt_column_cells *whole, const struct flt_column_cells *part, size_t n_lines,
                                  struct flt_error *err);

enum flt_status flt_column_reserve(struct flt_column_cells *cells, size_t n_rows, struct flt_error *err);

/* Adds a cell; room must have been reserved. */
enum flt_status flt_column_add(struct flt_column_cells *cells, const char *text, size_t length,
                               const struct flt_cell_place *place, struct flt_error *err);

/* After the last cell: what the column is. *again is set if its texts must be read once more, with FLT_READ_TEXT.
 * may_have_commas: the file's delimiter and decimal mark leave decimal commas possible. */
enum flt_status flt_column_decide(struct flt_column_cells *cells, const struct flt_cell_place *place,
                                  bool may_have_commas, bool *again, struct flt_error *err);

bool flt_column_are_dates(const struct flt_column_cells *cells);    /* text, each level an ISO 8601 date or date-time */
bool flt_column_are_integers(const struct flt_column_cells *cells); /* numbers, each a whole one or missing */

#endif
