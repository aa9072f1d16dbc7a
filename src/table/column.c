#include "table/column.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "table/date_text.h"

void flt_column_init(struct flt_column_cells *cells, enum flt_reading reading)
{
	*cells = (struct flt_column_cells){.state = {.reading = reading, .is_text = reading == FLT_READ_TEXT},
	                                   .texts_are_commas = true};
}

void flt_column_release(struct flt_column_cells *cells)
{
	flt_free(cells->numbers);
	flt_free(cells->codes);
	flt_dictionary_release(&cells->levels);
	*cells = (struct flt_column_cells){0};
}

enum flt_status flt_column_reserve(struct flt_column_cells *cells, size_t n_rows, struct flt_error *err)
{
	if (cells->state.reading == FLT_READ_NOTHING)
		return FLT_OK;
	if (cells->state.is_text)
		return flt_grow((void **)&cells->codes, &cells->capacity, n_rows, sizeof *cells->codes, err);
	return flt_grow((void **)&cells->numbers, &cells->capacity, n_rows, sizeof *cells->numbers, err);
}

static void note(struct flt_cell_note *first, const char *text, size_t length, size_t line)
{
	if (first->line == 0)
		*first = (struct flt_cell_note){line, flt_shown(text, length)};
}

static void add_number(struct flt_column_cells *cells, double number)
{
	cells->numbers[cells->n_rows++] = number;
}

static void add_missing(struct flt_column_cells *cells)
{
	cells->n_missing++;
	if (cells->state.is_text)
		cells->codes[cells->n_rows++] = -1;
	else
		add_number(cells, NAN);
}

static enum flt_status add_level(struct flt_column_cells *cells, const char *text, size_t length, struct flt_error *err)
{
	FLT_TRY(flt_dictionary_add(&cells->levels, text, length, &cells->codes[cells->n_rows], err));
	cells->n_rows++;
	return FLT_OK;
}

/* Makes a column whose cells so far are all missing one of text. */
static enum flt_status become_text(struct flt_column_cells *cells, struct flt_error *err)
{
	int32_t *codes = flt_alloc(cells->capacity, sizeof *codes, err);
	FLT_TRY_MEMORY(codes);
	for (size_t i = 0; i < cells->n_rows; i++)
		codes[i] = -1;
	flt_free(cells->numbers);
	cells->numbers = NULL;
	cells->codes = codes;
	cells->state.is_text = true;
	return FLT_OK;
}

static bool is_number(const char *text, size_t length, char decimal)
{
	double value;
	return flt_number_parse(text, length, decimal, &value) != FLT_NOT_A_NUMBER;
}

/* Adds text to a column of numbers, or to one without values so far. */
static enum flt_status add_text(struct flt_column_cells *cells, const char *text, size_t length,
                                const struct flt_cell_place *place, struct flt_error *err)
{
	if (cells->state.reading == FLT_READ_NUMBERS_OR_MISSING) {
		add_missing(cells);
		return FLT_OK;
	}
	if (cells->state.reading == FLT_READ_NUMBERS)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: column \"%s\" is one of numbers, but holds \"%s\": correct it, or leave the "
		                "field empty if it is missing",
		                place->file, place->line, place->column, flt_shown(text, length).text);
	note(&cells->first_text, text, length, place->line);
	if (!cells->state.is_decided) {
		cells->state.is_decided = true;
		FLT_TRY(become_text(cells, err));
		return add_level(cells, text, length, err);
	}
	cells->n_texts++;
	cells->texts_are_commas = cells->texts_are_commas && is_number(text, length, ',');
	add_number(cells, NAN);
	return FLT_OK;
}

static enum flt_status fail_out_of_range(const struct flt_cell_place *place, size_t line, const char *text,
                                         struct flt_error *err)
{
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: column \"%s\" holds \"%s\", which is out of range for a number: correct it, or make it "
	        "missing with --na %s",
	        place->file, line, place->column, text, text);
}

static enum flt_status add_out_of_range(struct flt_column_cells *cells, const char *text, size_t length,
                                        const struct flt_cell_place *place, struct flt_error *err)
{
	if (cells->state.reading != FLT_READ_FIND)
		return fail_out_of_range(place, place->line, flt_shown(text, length).text, err);
	note(&cells->first_out_of_range, text, length, place->line);
	cells->state.is_decided = true;
	add_number(cells, NAN);
	return FLT_OK;
}

static enum flt_status add_numeric(struct flt_column_cells *cells, const char *text, size_t length,
                                   const struct flt_cell_place *place, struct flt_error *err)
{
	double value;
	switch (flt_numeric_cell_read(place->markers, place->decimal, text, length, &value)) {
	case FLT_CELL_NUMBER:
		cells->state.is_decided = true;
		add_number(cells, value);
		break;
	case FLT_CELL_MISSING:
		add_missing(cells);
		break;
	case FLT_CELL_TEXT:
		return add_text(cells, text, length, place, err);
	case FLT_CELL_OUT_OF_RANGE:
		return add_out_of_range(cells, text, length, place, err);
	}
	return FLT_OK;
}

static bool is_iso_date(const char *text, size_t length, double *seconds)
{
	struct flt_date_scan date;
	if (!flt_date_scan(text, length, &date) || date.shape != FLT_DATE_YMD_DASH)
		return false;
	*seconds = flt_date_seconds(&date, FLT_DATE_DMY);
	return true;
}

static enum flt_status add_time(struct flt_column_cells *cells, const char *text, size_t length,
                                const struct flt_cell_place *place, struct flt_error *err)
{
	double value;
	if (flt_markers_hold(place->markers, text, length)) {
		add_missing(cells);
		return FLT_OK;
	}
	bool is_iso = is_iso_date(text, length, &value);
	if (!is_iso && flt_number_parse(text, length, place->decimal, &value) != FLT_NUMBER)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: time column \"%s\" holds \"%s\", which is neither a number nor an ISO 8601 date "
		        "(2024-01-31 or 2024-01-31T23:59:59): correct it",
		        place->file, place->line, place->column, flt_shown(text, length).text);
	if (cells->state.is_decided && is_iso != cells->state.is_iso)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: time column \"%s\" holds \"%s\", a %s, but the rows above hold %s: use one of the two",
		        place->file, place->line, place->column, flt_shown(text, length).text,
		        is_iso ? "date" : "number", is_iso ? "numbers" : "dates");
	cells->state.is_decided = true;
	cells->state.is_iso = is_iso;
	add_number(cells, value);
	return FLT_OK;
}

enum flt_status flt_column_add(struct flt_column_cells *cells, const char *text, size_t length,
                               const struct flt_cell_place *place, struct flt_error *err)
{
	assert(cells->n_rows < cells->capacity || cells->state.reading == FLT_READ_NOTHING);
	if (cells->state.reading == FLT_READ_NOTHING)
		return FLT_OK;
	if (cells->state.reading == FLT_READ_TIME)
		return add_time(cells, text, length, place, err);
	if (!cells->state.is_text)
		return add_numeric(cells, text, length, place, err);
	if (!flt_markers_hold(place->markers, text, length))
		return add_level(cells, text, length, err);
	add_missing(cells);
	return FLT_OK;
}

/* For a column that started with text: counts the cells that are not numbers, and finds out whether all of these are
 * numbers with a decimal comma. Each level is parsed once. */
static enum flt_status count_texts(struct flt_column_cells *cells, char decimal, struct flt_error *err)
{
	const struct flt_dictionary *levels = &cells->levels;
	bool *is_text = flt_alloc(levels->n, sizeof *is_text, err);
	FLT_TRY_MEMORY(is_text);
	for (size_t i = 0; i < levels->n; i++) {
		const char *text = flt_dictionary_text(levels, i);
		is_text[i] = !is_number(text, levels->levels[i].length, decimal);
		if (is_text[i] && cells->texts_are_commas)
			cells->texts_are_commas = is_number(text, levels->levels[i].length, ',');
	}
	for (size_t row = 0; row < cells->n_rows; row++)
		cells->n_texts += cells->codes[row] >= 0 && is_text[cells->codes[row]];
	flt_free(is_text);
	return FLT_OK;
}

static enum flt_status fail_few_texts(const struct flt_column_cells *cells, const struct flt_cell_place *place,
                                      struct flt_error *err)
{
	const char *column = place->column, *text = cells->first_text.text.text;
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: column \"%s\" holds \"%s\", but all except %zu of its %zu values are numbers: resolve "
	        "it with --na \"%s\" (a missing marker), --numeric \"%s\" (all text is missing) or --categorical "
	        "\"%s\"",
	        place->file, cells->first_text.line, column, text, cells->n_texts, cells->n_rows - cells->n_missing,
	        text, column, column);
}

enum flt_status flt_column_decide(struct flt_column_cells *cells, const struct flt_cell_place *place,
                                  bool may_have_commas, bool *again, struct flt_error *err)
{
	/* Up to one text in this many cells is taken for a typing error in a column of numbers. */
	enum { CELLS_PER_SLIP = 100 };
	*again = false;
	if (cells->state.reading != FLT_READ_FIND)
		return FLT_OK;
	if (cells->state.is_text)
		FLT_TRY(count_texts(cells, place->decimal, err));
	if (cells->n_texts > 0 && may_have_commas && cells->texts_are_commas)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: column \"%s\" holds \"%s\", a decimal comma: read it with --decimal , or as text "
		        "with --categorical \"%s\"",
		        place->file, cells->first_text.line, place->column, cells->first_text.text.text, place->column);
	if (cells->n_texts > 0 && cells->n_texts <= (cells->n_rows - cells->n_missing) / CELLS_PER_SLIP)
		return fail_few_texts(cells, place, err);
	if (cells->n_texts == 0 && cells->first_out_of_range.line != 0)
		return fail_out_of_range(place, cells->first_out_of_range.line, cells->first_out_of_range.text.text,
		                         err);
	*again = cells->n_texts > 0 && !cells->state.is_text;
	return FLT_OK;
}

/* ---- columns of blocks ---- */

bool flt_column_is_in_state(const struct flt_column_cells *cells, struct flt_column_state state)
{
	const struct flt_column_state *own = &cells->state;
	return own->reading == state.reading && own->is_text == state.is_text && own->is_decided == state.is_decided &&
	       own->is_iso == state.is_iso;
}

void flt_column_restart(struct flt_column_cells *cells, struct flt_column_state state)
{
	if (cells->state.is_text != state.is_text) {
		flt_free(cells->numbers);
		flt_free(cells->codes);
		cells->numbers = NULL;
		cells->codes = NULL;
		cells->capacity = 0;
	}
	cells->state = state;
	cells->texts_are_commas = true;
	cells->n_rows = cells->n_missing = cells->n_texts = 0;
	cells->first_text.line = cells->first_out_of_range.line = 0;
	if (cells->levels.n > 0)
		flt_dictionary_clear(&cells->levels);
}

static void append_note(struct flt_cell_note *first, const struct flt_cell_note *note, size_t n_lines)
{
	if (first->line != 0 || note->line == 0)
		return;
	*first = *note;
	first->line += n_lines;
}

static enum flt_status append_codes(struct flt_column_cells *whole, const struct flt_column_cells *cells,
                                    struct flt_error *err)
{
	int32_t *code_of = flt_alloc(cells->levels.n, sizeof *code_of, err); /* in whole, of the levels in cells */
	enum flt_status status;
	FLT_TRY_MEMORY_OUT(code_of);
	FLT_TRY_OUT(flt_dictionary_merge(&whole->levels, &cells->levels, code_of, err));
	for (size_t row = 0; row < cells->n_rows; row++)
		whole->codes[whole->n_rows + row] = cells->codes[row] < 0 ? -1 : code_of[cells->codes[row]];
out:
	flt_free(code_of);
	return status;
}

static enum flt_status append_cells(struct flt_column_cells *whole, const struct flt_column_cells *cells,
                                    struct flt_error *err)
{
	FLT_TRY(flt_column_reserve(whole, whole->n_rows + cells->n_rows, err));
	if (!cells->state.is_text) {
		if (cells->n_rows > 0)
			memcpy(whole->numbers + whole->n_rows, cells->numbers, cells->n_rows * sizeof *cells->numbers);
		return FLT_OK;
	}
	if (!whole->state.is_text)
		FLT_TRY(become_text(whole, err));
	return append_codes(whole, cells, err);
}

enum flt_status flt_column_append(struct flt_column_cells *whole, const struct flt_column_cells *cells, size_t n_lines,
                                  struct flt_error *err)
{
	if (whole->state.reading == FLT_READ_NOTHING)
		return FLT_OK;
	FLT_TRY(append_cells(whole, cells, err));
	whole->state = cells->state;
	whole->n_rows += cells->n_rows;
	whole->n_missing += cells->n_missing;
	whole->n_texts += cells->n_texts;
	whole->texts_are_commas &= cells->texts_are_commas;
	append_note(&whole->first_text, &cells->first_text, n_lines);
	append_note(&whole->first_out_of_range, &cells->first_out_of_range, n_lines);
	return FLT_OK;
}

bool flt_column_are_dates(const struct flt_column_cells *cells)
{
	struct flt_date_scan date;
	for (size_t i = 0; i < cells->levels.n; i++)
		if (!flt_date_scan(flt_dictionary_text(&cells->levels, i), cells->levels.levels[i].length, &date))
			return false;
	return cells->state.is_text && cells->levels.n > 0;
}

bool flt_column_are_integers(const struct flt_column_cells *cells)
{
	if (!cells->numbers)
		return false;
	for (size_t i = 0; i < cells->n_rows; i++)
		if (!isnan(cells->numbers[i]) && cells->numbers[i] != rint(cells->numbers[i]))
			return false;
	return true;
}
