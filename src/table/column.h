/*
 * The cells of a column while the file is read: texts come in row by row, and become numbers or numbered levels.
 *
 * Whether a column is numbers or text is only known at the end, from all of its cells (finding.h). A column that starts
 * with numbers keeps these as numbers, and the first few different texts among them. If more must be known of it, the
 * file is read again for this column, as text. A column of text that turns out to be numbers becomes one at the end.
 *
 * A column knows nothing of other columns or of the file. Blocks that are parsed at the same time have columns of their
 * own, which start in the state of the whole column, and are appended to it in the order of the file.
 */
#ifndef TABLE_COLUMN_H
#define TABLE_COLUMN_H

#include "base/text.h"
#include "csv/markers.h"
#include "table/date_cells.h"
#include "table/finding.h"
#include "table/table.h"

/* How to read cells. */
enum flt_reading {
	FLT_READ_FIND,               /* as the finding says */
	FLT_READ_NUMBERS,            /* in the given format; text is an error */
	FLT_READ_NUMBERS_OR_MISSING, /* in the given format, or as the finding says; text is missing */
	FLT_READ_TEXT,
	FLT_READ_VERBATIM, /* as text; only an empty cell is missing */
	FLT_READ_TIME,     /* numbers, or dates as seconds; all else is an error */
	FLT_READ_DATES,    /* the same, where numbers must be dates too */
	FLT_READ_NOTHING,
};

/* What decides how the next cell is read. */
struct flt_column_state {
	enum flt_reading reading;
	bool is_text;                          /* cells are codes, else numbers */
	bool is_decided;                       /* a cell that is not missing was seen */
	bool lists_texts;                      /* of cells to be appended: levels are a list (dictionary.h) */
	struct flt_date_reading dates;         /* of FLT_READ_TIME and FLT_READ_DATES */
	const struct flt_number_format *given; /* the format of numbers; borrowed; NULL: to be found */
};

enum { FLT_MOST_ODD_TEXTS = 64 }; /* different ones that a column of numbers keeps */

struct flt_column_cells {
	struct flt_column_state state;
	double *numbers; /* (n_rows), NaN = missing or text, or NULL */
	int32_t *codes;  /* (n_rows), -1 = missing, or NULL */
	size_t n_rows, capacity;
	size_t n_missing;
	struct flt_dictionary levels;

	/* of a column that is read as numbers */
	struct flt_plain_numbers plain; /* n is set at the end */
	size_t n_odd;                   /* cells that are no plain numbers; their texts are levels ... */
	bool has_more_odd;              /* ... up to FLT_MOST_ODD_TEXTS of them */
	size_t *odd_counts;             /* (FLT_MOST_ODD_TEXTS) or NULL */

	struct flt_number_format format; /* once it is decided */
	struct flt_date_cells *dates;    /* of FLT_READ_TIME and FLT_READ_DATES */
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

/* Makes a new column of FLT_READ_FIND keep the texts of all cells, so that it need not be read again to be judged. */
void flt_column_read_texts(struct flt_column_cells *cells);

/* Empties cells, which must be zeroed or in use before, and puts them in the given state. Keeps their memory. */
void flt_column_restart(struct flt_column_cells *cells, struct flt_column_state state);

/* The state in which cells of about n_rows rows begin that are to be appended to whole. */
struct flt_column_state flt_column_state_of_next(const struct flt_column_cells *whole, size_t n_rows);
bool flt_column_is_in_state(const struct flt_column_cells *cells, struct flt_column_state state);

/* Appends cells that began in the state that whole is in. n_lines of the file precede theirs. */
enum flt_status flt_column_append(struct flt_column_cells *whole, const struct flt_column_cells *cells, size_t n_lines,
                                  struct flt_error *err);

enum flt_status flt_column_reserve(struct flt_column_cells *cells, size_t n_rows, struct flt_error *err);

/* Adds a cell, for which room must be reserved. */
enum flt_status flt_column_add(struct flt_column_cells *cells, const char *text, size_t length,
                               const struct flt_cell_place *place, struct flt_error *err);

/* What is to be done with a column after the last cell. */
enum flt_column_fate {
	FLT_COLUMN_IS_DONE, /* finding says what it is */
	FLT_COLUMN_AGAIN,   /* it must be read again: flt_column_begin_again */
};

/* Judges the column, which stays as it is. */
enum flt_status flt_column_judge(struct flt_column_cells *cells, const struct flt_finding_rules *rules,
                                 struct flt_finding *finding, enum flt_column_fate *fate, struct flt_error *err);

/* Makes a column that was judged to be one of numbers (FLT_FOUND_NUMBERS) hold only these. */
enum flt_status flt_column_settle(struct flt_column_cells *cells, const struct flt_finding_rules *rules,
                                  const struct flt_number_format *format, struct flt_error *err);

/* The same for a column that --time or --date names. */
enum flt_status flt_column_judge_dates(struct flt_column_cells *cells, const struct flt_cell_place *place,
                                       enum flt_column_fate *fate, struct flt_error *err);
bool flt_column_reads_dates(const struct flt_column_cells *cells);   /* one of --time or --date */
bool flt_column_holds_seconds(const struct flt_column_cells *cells); /* one whose numbers are dates */

/* Empties the column, to read its cells again: as text to be judged, or as the dates that were found. */
void flt_column_begin_again(struct flt_column_cells *cells);

/* The texts and their counts, counts (n_texts), which the caller frees. */
enum flt_status flt_column_census(const struct flt_column_cells *cells, struct flt_census *census, size_t **counts,
                                  struct flt_error *err);

/* Adds to counts (n_levels) the rows that have each code; those of missing cells, -1, are left out. */
void flt_count_codes(const int32_t *codes, size_t n_rows, size_t *counts, size_t n_levels);

#endif
