/*
 * The cells of a column while the file is read: texts come in row by row, and become numbers or numbered levels.
 * Whether a column is numbers or text may only be known at the end. So a column that starts with numbers counts the
 * texts that follow, but does not keep them; if it turns out to be text, the file is read again.
 *
 * A column knows nothing of other columns or of the file. Blocks that are parsed at the same time have columns of their
 * own, which start in the state of the whole column, and are appended to it in the order of the file.
 */
#ifndef TABLE_COLUMN_H
#define TABLE_COLUMN_H

#include "base/text.h"
#include "csv/markers.h"
#include "table/date_cells.h"
#include "table/dictionary.h"
#include "table/table.h"

/* How to read cells. */
enum flt_reading {
	FLT_READ_FIND,               /* as numbers if all are, else as text */
	FLT_READ_NUMBERS,            /* text is an error */
	FLT_READ_NUMBERS_OR_MISSING, /* text is missing */
	FLT_READ_TEXT,
	FLT_READ_TIME,  /* numbers, or dates as seconds; all else is an error */
	FLT_READ_DATES, /* the same, where numbers must be dates too */
	FLT_READ_NOTHING,
};

/* What decides how the next cell is read. */
struct flt_column_state {
	enum flt_reading reading;
	bool is_text;                  /* cells are codes, else numbers */
	bool is_decided;               /* a cell that is not missing was seen */
	struct flt_date_reading dates; /* of FLT_READ_TIME and FLT_READ_DATES */
};

struct flt_column_cells {
	struct flt_column_state state;
	double *numbers; /* (n_rows), NaN = missing or text, or NULL */
	int32_t *codes;  /* (n_rows), -1 = missing, or NULL */
	size_t n_rows, capacity;
	size_t n_missing;
	struct flt_dictionary levels;

	size_t n_texts;        /* in a column of numbers: cells that are not numbers */
	bool texts_are_commas; /* each of those is a number with a decimal comma */
	struct flt_cell_note first_text, first_out_of_range;
	struct flt_date_cells *dates; /* of FLT_READ_TIME and FLT_READ_DATES */
};

/* The place of a cell, for messages, and how to read its text. */
struct flt_cell_place {
	const char *file, *column;
	size_t line;
	const struct flt_markers *markers;
	char decimal;
};

void flt_column_init(struct flt_column_cells *cells, enum flt_reading reading);
void flt_column_release(struct flt_column_cells *cells);

/* Empties cells, which must be zeroed or in use before, and puts them in the given state. Keeps their memory. */
void flt_column_restart(struct flt_column_cells *cells, struct flt_column_state state);
bool flt_column_is_in_state(const struct flt_column_cells *cells, struct flt_column_state state);

/* Appends cells that began in the state that whole is in. n_lines of the file precede theirs. */
enum flt_status flt_column_append(struct flt_column_cells *whole, const struct flt_column_cells *cells, size_t n_lines,
                                  struct flt_error *err);

enum flt_status flt_column_reserve(struct flt_column_cells *cells, size_t n_rows, struct flt_error *err);

/* Adds a cell, for which room must be reserved. */
enum flt_status flt_column_add(struct flt_column_cells *cells, const char *text, size_t length,
                               const struct flt_cell_place *place, struct flt_error *err);

/* Decides the type after the last cell. *again: it must be read again, after flt_column_begin_again. may_have_commas:
 * neither the file's delimiter nor its decimal mark is a comma, so there may be decimal commas. */
enum flt_status flt_column_decide(struct flt_column_cells *cells, const struct flt_cell_place *place,
                                  bool may_have_commas, bool *again, struct flt_error *err);

/* Empties a column that must be read again, so that its cells are read as it was decided. */
void flt_column_begin_again(struct flt_column_cells *cells);

bool flt_column_holds_seconds(const struct flt_column_cells *cells); /* its numbers are dates */
bool flt_column_are_dates(const struct flt_column_cells *cells);     /* text, and each level is a date */
bool flt_column_are_integers(const struct flt_column_cells *cells);  /* numbers, and each is whole or missing */

#endif
