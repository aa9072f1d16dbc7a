/*
 * The preparation of records of text. Cells become columns like those of a table, numbers or codes, and then take the
 * same path as in flt_prep_apply: features agree to the bit because the same code computes them.
 *
 * The code of a category is its index among the preparation's levels; all others share the code behind the last level.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/sorted_texts.h"
#include "base/text.h"
#include "csv/markers.h"
#include "table/date_cells.h"
#include "prep/contents.h"
#include "prep/seen.h"

struct flt_cell_reader {
	const struct flt_prep *prep;
	size_t n_names;
	size_t *place;                     /* (prep->n_columns) index among the names; SIZE_MAX: not used */
	bool *is_used;                     /* (n_names) */
	bool *takes_numbers;               /* (n_names) */
	bool *text_is_missing;             /* (prep->n_columns) named by --numeric: text counts as missing */
	struct flt_number_format *formats; /* (prep->n_columns) */
	char delimiter;                    /* of the file, or 0 */
	struct flt_markers markers;
};

void flt_cell_reader_free(struct flt_cell_reader *reader)
{
	if (!reader)
		return;
	flt_free(reader->place);
	flt_free(reader->is_used);
	flt_free(reader->takes_numbers);
	flt_free(reader->text_is_missing);
	flt_free(reader->formats);
	flt_markers_release(&reader->markers);
	flt_free(reader);
}

static enum flt_status missing_column(const char *name, const char *const *names, size_t n_names, struct flt_error *err)
{
	const char *remedy, *near = flt_nearest(name, names, n_names);
	size_t other = flt_find_other_encoding(names, n_names, name, &remedy);
	if (other < n_names)
		return flt_fail(err, FLT_ERR_DATA, "there is no column \"%s\", which the model uses, but \"%s\", %s",
		                flt_shown(name, strlen(name)).text, flt_shown(names[other], strlen(names[other])).text,
		                remedy);
	return flt_fail(err, FLT_ERR_DATA, "there is no column \"%s\", which the model uses%s%s%s",
	                flt_shown(name, strlen(name)).text, near ? "; it has \"" : "",
	                near ? flt_shown(near, strlen(near)).text : "", near ? "\"" : "");
}

/* The column that holds the cells. */
static const char *name_in_file(const struct flt_prep_column *column)
{
	return column->source ? column->source : column->name;
}

static enum flt_status find_place(struct flt_cell_reader *reader, size_t c, const struct flt_sorted_text *sorted,
                                  const char *const *names, struct flt_error *err)
{
	const struct flt_prep_column *column = &reader->prep->columns[c];
	const char *name = name_in_file(column);
	size_t n = reader->n_names, at = flt_find_sorted(sorted, n, name, strlen(name));
	if (at == n)
		return missing_column(name, names, n, err);
	if (at + 1 < n && strcmp(sorted[at + 1].text, name) == 0)
		return flt_fail(err, FLT_ERR_DATA, "columns %zu and %zu are both called \"%s\"; rename one",
		                sorted[at].number + 1, sorted[at + 1].number + 1, flt_shown(name, strlen(name)).text);
	reader->place[c] = sorted[at].number;
	reader->is_used[sorted[at].number] = true;
	reader->takes_numbers[sorted[at].number] = column->use == FLT_USED_NUMERIC && !column->source;
	return FLT_OK;
}

static enum flt_status find_places(struct flt_cell_reader *reader, const char *const *names, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	const struct flt_prep *prep = reader->prep;
	struct flt_sorted_text *sorted;
	FLT_TRY(flt_sort_texts(names, reader->n_names, &sorted, err));
	for (size_t c = 0; c < prep->n_columns; c++) {
		reader->place[c] = SIZE_MAX;
		if (flt_prep_is_read(&prep->columns[c]))
			FLT_TRY_OUT(find_place(reader, c, sorted, names, err));
	}
out:
	flt_free(sorted);
	return status;
}

/* list: column names, or NULL. */
static enum flt_status find_numeric(struct flt_cell_reader *reader, const char *list, struct flt_error *err)
{
	struct flt_names numeric;
	struct flt_sorted_text *sorted = NULL;
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_names_split(list ? list : "", &numeric, err));
	FLT_TRY_OUT(flt_sort_texts((const char *const *)numeric.items, numeric.n, &sorted, err));
	for (size_t c = 0; c < reader->prep->n_columns; c++) {
		const char *name = name_in_file(&reader->prep->columns[c]);
		reader->text_is_missing[c] |= flt_find_sorted(sorted, numeric.n, name, strlen(name)) < numeric.n;
	}
out:
	flt_free(sorted);
	flt_names_release(&numeric);
	return status;
}

/* decimal: of the file; 0: as in training. */
static enum flt_status choose_formats(struct flt_cell_reader *reader, char decimal, struct flt_error *err)
{
	size_t n_columns = reader->prep->n_columns;
	reader->formats = flt_alloc(n_columns, sizeof *reader->formats, err);
	FLT_TRY_MEMORY(reader->formats);
	for (size_t c = 0; c < n_columns; c++) {
		struct flt_number_format *format = &reader->formats[c];
		*format = reader->prep->columns[c].format;
		if (!format->decimal)
			format->decimal = '.';
		if (decimal && decimal != format->decimal)
			*format = flt_format_with_decimal(*format, decimal);
	}
	return FLT_OK;
}

static enum flt_status open_reader(struct flt_cell_reader *reader, const struct flt_table_options *options,
                                   const char *const *names, struct flt_error *err)
{
	size_t n_columns = reader->prep->n_columns;
	reader->place = flt_alloc(n_columns, sizeof *reader->place, err);
	FLT_TRY_MEMORY(reader->place);
	reader->is_used = flt_alloc_zero(reader->n_names, sizeof *reader->is_used, err);
	FLT_TRY_MEMORY(reader->is_used);
	reader->takes_numbers = flt_alloc_zero(reader->n_names, sizeof *reader->takes_numbers, err);
	FLT_TRY_MEMORY(reader->takes_numbers);
	reader->text_is_missing = flt_alloc_zero(n_columns, sizeof *reader->text_is_missing, err);
	FLT_TRY_MEMORY(reader->text_is_missing);
	reader->delimiter = options->delimiter;
	FLT_TRY(choose_formats(reader, options->decimal, err));
	FLT_TRY(flt_markers_init(options->na, &reader->markers, err));
	FLT_TRY(find_numeric(reader, options->numeric, err));
	return find_places(reader, names, err);
}

enum flt_status flt_cell_reader_new(const struct flt_prep *prep, const struct flt_table_options *options,
                                    const char *const *names, size_t n_names, struct flt_cell_reader **reader,
                                    struct flt_error *err)
{
	*reader = flt_alloc_zero(1, sizeof **reader, err);
	FLT_TRY_MEMORY(*reader);
	(*reader)->prep = prep;
	(*reader)->n_names = n_names;
	enum flt_status status = open_reader(*reader, options, names, err);
	if (status != FLT_OK) {
		flt_cell_reader_free(*reader);
		*reader = NULL;
	}
	return status;
}

enum flt_status flt_cell_columns_new(const struct flt_cell_reader *reader, size_t max_rows,
                                     struct flt_cell_columns **columns, struct flt_error *err)
{
	return flt_cell_columns_new_for(reader->prep, max_rows, columns, err);
}

bool flt_cell_reader_uses(const struct flt_cell_reader *reader, size_t column)
{
	return reader->is_used[column];
}

bool flt_cell_reader_takes_numbers(const struct flt_cell_reader *reader, size_t column)
{
	return reader->takes_numbers[column];
}

bool flt_cell_reader_is_missing(const struct flt_cell_reader *reader, const char *cell)
{
	return flt_markers_hold(&reader->markers, cell, strlen(cell));
}

size_t flt_cell_reader_place(const struct flt_cell_reader *reader, size_t column)
{
	return reader->place[column];
}

/* ---- cells ---- */

/* Records that are being read. */
struct records {
	const struct flt_cell_reader *reader;
	const char *const *cells;     /* (n_rows, n_names) */
	const double *const *numbers; /* (n_names) columns in their place, or NULL; NULL: none */
	size_t n_rows;
	struct flt_seen *seen; /* (prep->n_columns), or NULL */
};

enum { WHY_SIZE = FLT_FORMAT_TEXT + 160 };

/* What is wrong with a text that the column's format does not read, and what to do about it. */
static void explain_text(const struct flt_cell_reader *reader, const struct flt_number_format *format, const char *text,
                         char why[WHY_SIZE])
{
	static const char remedy[] = "correct it, or use --na if it stands for a missing value";
	struct flt_number_shape shape;
	char kind[FLT_FORMAT_TEXT];
	if (!flt_number_shape_of(text, strlen(text), &shape)) {
		snprintf(why, WHY_SIZE, "is not a number, which the model needs here; %s", remedy);
	} else if (shape.kind == FLT_CORE_DECIMAL && shape.decimal != format->decimal &&
	           shape.decimal != reader->delimiter) {
		snprintf(why, WHY_SIZE, "has a decimal %s: read the file with --decimal %c",
		         shape.decimal == ',' ? "comma" : "point", shape.decimal);
	} else {
		flt_format_describe(format, false, kind, sizeof kind);
		snprintf(why, WHY_SIZE, "is written in another way than in training, which had %s%s; %s",
		         flt_format_is_plain(format) ? "plain " : "", kind, remedy);
	}
}

static enum flt_status refuse_cell(const struct records *records, size_t c, const char *text, bool out_of_range,
                                   struct flt_error *err)
{
	const char *name = records->reader->prep->columns[c].name;
	char why[WHY_SIZE] = "is out of range for a number; correct it, or use --na if it stands for a missing value";
	if (!out_of_range)
		explain_text(records->reader, &records->reader->formats[c], text, why);
	return flt_fail(err, FLT_ERR_DATA, "column \"%s\": \"%s\" %s", flt_shown(name, strlen(name)).text,
	                flt_shown(text, strlen(text)).text, why);
}

static enum flt_status read_number(const struct records *records, size_t c, const char *text, double *value,
                                   struct flt_error *err)
{
	const struct flt_cell_reader *reader = records->reader;
	switch (flt_formatted_cell_read(&reader->markers, &reader->formats[c], text, strlen(text), value)) {
	case FLT_CELL_NUMBER:
		return FLT_OK;
	case FLT_CELL_MISSING:
		break;
	case FLT_CELL_TEXT:
		if (!reader->text_is_missing[c])
			return refuse_cell(records, c, text, false, err);
		break;
	case FLT_CELL_OUT_OF_RANGE:
		return refuse_cell(records, c, text, true, err);
	}
	*value = (double)NAN;
	return FLT_OK;
}

static enum flt_status refuse_date(const struct records *records, size_t c, const char *text, struct flt_error *err)
{
	const struct flt_prep_column *column = &records->reader->prep->columns[c];
	char format[FLT_DATE_FORMAT_TEXT];
	flt_date_format_text(&column->date, format);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "column \"%s\": \"%s\" is no date in the format of the training data, %s; correct it, or use --na "
	        "if it stands for a missing value",
	        flt_shown(column->source, strlen(column->source)).text, flt_shown(text, strlen(text)).text, format);
}

/* The column's part of a date in its source. */
static enum flt_status read_part(const struct records *records, size_t c, const char *cell, double *number,
                                 struct flt_error *err)
{
	const struct flt_cell_reader *reader = records->reader;
	const struct flt_prep_column *column = &reader->prep->columns[c];
	double seconds = (double)NAN;
	bool is_missing = flt_date_cell_is_missing(&reader->markers, '.', cell, strlen(cell));
	if (!is_missing && !flt_date_read(&column->date, cell, strlen(cell), &seconds)) {
		if (!reader->text_is_missing[c])
			return refuse_date(records, c, cell, err);
		seconds = (double)NAN;
	}
	*number = flt_date_part(seconds, column->part);
	return FLT_OK;
}

static enum flt_status read_parts(const struct records *records, size_t c, double *numbers, struct flt_error *err)
{
	const char *const *cell = records->cells + records->reader->place[c];
	for (size_t row = 0; row < records->n_rows; row++, cell += records->reader->n_names)
		FLT_TRY(read_part(records, c, *cell, &numbers[row], err));
	return FLT_OK;
}

double flt_cell_reader_number(const struct flt_cell_reader *reader, size_t column, const char *cell)
{
	double value = (double)NAN;
	const struct records record = {.reader = reader};
	bool is_part = reader->prep->columns[column].source;
	return (is_part ? read_part : read_number)(&record, column, cell, &value, NULL) == FLT_OK ? value : (double)NAN;
}

/* As read_number reads the text of a number. */
static enum flt_status take_numbers(const struct records *records, size_t c, const double *from, double *numbers,
                                    struct flt_error *err)
{
	const struct flt_markers *markers = &records->reader->markers;
	for (size_t row = 0; row < records->n_rows; row++) {
		bool is_marker =
		        markers->n_values > 0 && !isnan(from[row]) && flt_markers_hold_value(markers, from[row]);
		if (isinf(from[row]))
			return refuse_cell(records, c, from[row] > 0 ? "inf" : "-inf", true, err);
		numbers[row] = is_marker ? (double)NAN : from[row];
	}
	return FLT_OK;
}

static enum flt_status read_numbers(const struct records *records, size_t c, double *numbers, struct flt_error *err)
{
	const double *given = records->numbers ? records->numbers[records->reader->place[c]] : NULL;
	if (given)
		return take_numbers(records, c, given, numbers, err);
	const char *const *cell = records->cells + records->reader->place[c];
	for (size_t row = 0; row < records->n_rows; row++, cell += records->reader->n_names)
		FLT_TRY(read_number(records, c, *cell, &numbers[row], err));
	return FLT_OK;
}

/* The code behind the last level stands for all other texts. The text of that extra level is one of them, so it equals
 * no level. */
static void read_codes(const struct records *records, size_t c, int32_t *codes, const char **levels)
{
	const struct flt_prep_column *column = &records->reader->prep->columns[c];
	const char *const *cell = records->cells + records->reader->place[c];
	size_t n = column->n_levels + column->n_more;
	for (size_t i = 0; i < n; i++)
		levels[i] = column->levels[i];
	for (size_t row = 0; row < records->n_rows; row++, cell += records->reader->n_names) {
		if (flt_cell_reader_is_missing(records->reader, *cell)) {
			codes[row] = -1;
			continue;
		}
		size_t place = flt_prep_place(column, *cell);
		codes[row] = (int32_t)(place < n ? place : n);
		if (place >= n)
			levels[n] = *cell;
	}
	if (records->seen)
		flt_seen_codes(&records->seen[c], column->n_levels, codes, records->n_rows);
}

enum flt_status flt_cell_reader_read_rows(const struct flt_cell_reader *reader, const struct flt_cell_rows *rows,
                                          struct flt_cell_columns *columns, struct flt_seen *seen,
                                          struct flt_error *err)
{
	const struct flt_prep *prep = reader->prep;
	const size_t n_rows = rows->n_rows;
	const struct records records = {
	        .reader = reader, .cells = rows->cells, .numbers = rows->numbers, .n_rows = n_rows, .seen = seen};
	double *numbers = columns->numbers;
	int32_t *codes = columns->codes;
	const char **levels = columns->levels;
	assert(n_rows <= columns->max_rows);
	columns->n_rows = n_rows;
	for (size_t c = 0; c < prep->n_columns; c++) {
		struct flt_column *column = &columns->columns[c];
		if (reader->place[c] == SIZE_MAX)
			continue;
		if (prep->columns[c].use == FLT_USED_NUMERIC) {
			FLT_TRY((prep->columns[c].source ? read_parts : read_numbers)(&records, c, numbers, err));
			if (seen)
				flt_seen_numbers(&seen[c], &prep->columns[c].profile, numbers, n_rows);
			column->numbers = flt_numbers_of(numbers);
			numbers += n_rows;
		} else {
			read_codes(&records, c, codes, levels);
			column->codes = codes;
			column->levels = levels;
			column->n_levels = flt_prep_n_codes(&prep->columns[c]);
			codes += n_rows;
			levels += column->n_levels;
		}
	}
	return FLT_OK;
}

enum flt_status flt_cell_reader_read(const struct flt_cell_reader *reader, const char *const *cells, size_t n_rows,
                                     struct flt_cell_columns *columns, struct flt_seen *seen, struct flt_error *err)
{
	const struct flt_cell_rows rows = {.cells = cells, .n_rows = n_rows};
	return flt_cell_reader_read_rows(reader, &rows, columns, seen, err);
}

enum flt_status flt_prep_apply_cells(const struct flt_prep *prep, const struct flt_cell_columns *columns, float *x,
                                     struct flt_error *err)
{
	return flt_prep_apply_columns(prep, columns->columns, columns->rows, columns->n_rows, 1, x, err);
}
