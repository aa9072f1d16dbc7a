/* Hot: most cells of most files are short numbers in a column that is to be judged, and are read here. */
#include "table/cell_run.h"

#include <assert.h>
#include <stdint.h>

#include "base/short_number.h"
#include "table/grouping.h"

/* Whether the next cell, if it is a short number, is added as one: no marker may be a number then. */
static bool takes_short_numbers(const struct flt_column_cells *cells, const struct flt_cell_place *place)
{
	return cells->state.reading == FLT_READ_FIND && !cells->state.is_text && place->markers->n_values == 0;
}

enum { AT_ONCE = 64 };

/* Adds fields up to the first that is no short number, and no more than AT_ONCE; returns how many. The divisions wait,
 * since each on its own would keep the next number waiting. */
static size_t add_short_numbers(struct flt_column_cells *cells, const struct flt_csv_field *fields, size_t n,
                                char decimal)
{
	double divisors[AT_ONCE], *const numbers = cells->numbers + cells->n_rows;
	struct flt_plain_numbers plain = cells->plain;
	size_t n_read = 0;
	n = n < AT_ONCE ? n : AT_ONCE;
	for (; n_read < n; n_read++) {
		const struct flt_csv_field *field = &fields[n_read];
		if (!flt_short_number_parse(field->text, field->length, decimal, &numbers[n_read], &divisors[n_read]))
			break;
		if (plain.may_be_grouped)
			flt_note_grouping(&plain, field->text, field->length, decimal);
	}
	for (size_t i = 0; i < n_read; i++)
		numbers[i] /= divisors[i]; /* cppcheck-suppress uninitvar */
	cells->plain = plain;
	cells->n_rows += n_read;
	cells->state.is_decided |= n_read > 0;
	return n_read;
}

/* ---- texts ---- */

/* A text of up to SHORT bytes, as two words that no other has, and its code; length 0: none. Of a run, those whose
 * words fall into one place drive each other out. Columns with few different texts hold little else. */
enum { SHORT = 2 * FLT_WORD, PLACES = 16 };

struct short_text {
	uint64_t first, last;
	size_t length;
	int32_t code;
};

/* Behind the text FLT_NUMBER_PADDING bytes can be read. */
static inline struct short_text short_text_of(const struct flt_csv_field *field)
{
	struct short_text text = {.first = flt_load_digits(field->text), .length = field->length};
	if (field->length <= FLT_WORD)
		text.first = flt_first_digits(text.first, field->length);
	else
		text.last = flt_load_digits(field->text + field->length - FLT_WORD);
	return text;
}

static inline struct short_text *place_of(struct short_text *known, const struct short_text *text)
{
	return &known[(text->first ^ text->last) * UINT64_C(0x9E3779B97F4A7C15) >> 60];
}

/* Whether cells are codes whose texts may come again. */
static bool takes_short_texts(const struct flt_column_cells *cells)
{
	return cells->state.is_text && !cells->state.lists_texts;
}

/* Adds a text that the run has had; false if it had none like it. */
static inline bool add_known(struct flt_column_cells *cells, struct short_text *known,
                             const struct flt_csv_field *field)
{
	if (field->length - 1 >= SHORT)
		return false;
	struct short_text text = short_text_of(field), *place = place_of(known, &text);
	if (place->first != text.first || place->last != text.last || place->length != text.length)
		return false;
	cells->codes[cells->n_rows++] = place->code;
	return true;
}

/* Notes the last text that was added, unless it was a missing marker. */
static inline void note_known(const struct flt_column_cells *cells, struct short_text *known,
                              const struct flt_csv_field *field)
{
	int32_t code = cells->codes[cells->n_rows - 1];
	if (field->length - 1 >= SHORT || code < 0)
		return;
	struct short_text text = short_text_of(field);
	text.code = code;
	*place_of(known, &text) = text;
}

static enum flt_status add_texts(struct flt_column_cells *cells, const struct flt_csv_field *fields,
                                 const size_t *lines, size_t n, struct flt_cell_place *place, struct flt_error *err)
{
	struct short_text known[PLACES] = {{0}};
	for (size_t i = 0; i < n; i++) {
		if (add_known(cells, known, &fields[i]))
			continue;
		place->line = lines[i];
		FLT_TRY(flt_column_add(cells, fields[i].text, fields[i].length, place, err));
		note_known(cells, known, &fields[i]);
	}
	return FLT_OK;
}

enum flt_status flt_column_add_run(struct flt_column_cells *cells, const struct flt_csv_field *fields,
                                   const size_t *lines, size_t n, const struct flt_cell_place *place,
                                   struct flt_error *err)
{
	struct flt_cell_place here = *place;
	assert(cells->n_rows + n <= cells->capacity);
	if (takes_short_texts(cells))
		return add_texts(cells, fields, lines, n, &here, err);
	for (size_t i = 0; i < n;) {
		size_t n_added = 0;
		if (takes_short_numbers(cells, place))
			n_added = add_short_numbers(cells, fields + i, n - i, place->decimal);
		i += n_added;
		if (n_added > 0)
			continue;
		here.line = lines[i];
		FLT_TRY(flt_column_add(cells, fields[i].text, fields[i].length, &here, err));
		i++;
	}
	return FLT_OK;
}
