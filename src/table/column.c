#include "table/column.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "table/date_text.h"
#include "table/grouping.h"

bool flt_column_reads_dates(const struct flt_column_cells *cells)
{
	return cells->state.reading == FLT_READ_TIME || cells->state.reading == FLT_READ_DATES;
}

bool flt_column_holds_seconds(const struct flt_column_cells *cells)
{
	return flt_column_reads_dates(cells) && cells->state.dates.is_known;
}

void flt_column_init(struct flt_column_cells *cells, enum flt_reading reading)
{
	*cells = (struct flt_column_cells){
	        .state = {.reading = reading, .is_text = reading == FLT_READ_TEXT || reading == FLT_READ_VERBATIM},
	        .plain.may_be_grouped = true};
}

void flt_column_read_texts(struct flt_column_cells *cells)
{
	assert(cells->state.reading == FLT_READ_FIND && cells->n_rows == 0);
	cells->state.is_text = true;
}

void flt_column_release(struct flt_column_cells *cells)
{
	flt_free(cells->numbers);
	flt_free(cells->codes);
	flt_free(cells->odd_counts);
	flt_free(cells->dates);
	flt_dictionary_release(&cells->levels);
	*cells = (struct flt_column_cells){0};
}

enum flt_status flt_column_reserve(struct flt_column_cells *cells, size_t n_rows, struct flt_error *err)
{
	if (cells->state.reading == FLT_READ_NOTHING)
		return FLT_OK;
	if (flt_column_reads_dates(cells) && !cells->dates) {
		cells->dates = flt_alloc_zero(1, sizeof *cells->dates, err);
		FLT_TRY_MEMORY(cells->dates);
	}
	if (cells->state.is_text)
		return flt_grow((void **)&cells->codes, &cells->capacity, n_rows, sizeof *cells->codes, err);
	return flt_grow((void **)&cells->numbers, &cells->capacity, n_rows, sizeof *cells->numbers, err);
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
	int32_t *code = &cells->codes[cells->n_rows];
	FLT_TRY(cells->state.lists_texts ? flt_dictionary_list(&cells->levels, text, length, code, err)
	                                 : flt_dictionary_add(&cells->levels, text, length, code, err));
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

/* Keeps a text among numbers, of which there are n, unless there are too many different ones. */
static enum flt_status keep_odd(struct flt_column_cells *cells, const char *text, size_t length, size_t n,
                                struct flt_error *err)
{
	int32_t code = flt_dictionary_find(&cells->levels, text, length);
	if (!cells->odd_counts) {
		cells->odd_counts = flt_alloc(FLT_MOST_ODD_TEXTS, sizeof *cells->odd_counts, err);
		FLT_TRY_MEMORY(cells->odd_counts);
	}
	if (code < 0 && cells->levels.n == FLT_MOST_ODD_TEXTS) {
		cells->has_more_odd = true;
		return FLT_OK;
	}
	if (code < 0) {
		FLT_TRY(flt_dictionary_add(&cells->levels, text, length, &code, err));
		cells->odd_counts[code] = 0;
	}
	cells->odd_counts[code] += n;
	return FLT_OK;
}

static enum flt_status add_odd(struct flt_column_cells *cells, const char *text, size_t length, struct flt_error *err)
{
	cells->n_odd++;
	add_number(cells, NAN);
	return keep_odd(cells, text, length, 1, err);
}

/* Adds text to a column that is to be judged: one of numbers, or one without values so far. */
static enum flt_status add_text(struct flt_column_cells *cells, const char *text, size_t length, struct flt_error *err)
{
	if (cells->state.is_decided)
		return add_odd(cells, text, length, err);
	cells->state.is_decided = true;
	FLT_TRY(become_text(cells, err));
	return add_level(cells, text, length, err);
}

static enum flt_status add_numeric(struct flt_column_cells *cells, const char *text, size_t length,
                                   const struct flt_cell_place *place, struct flt_error *err)
{
	double value;
	switch (flt_numeric_cell_read(place->markers, place->decimal, text, length, &value)) {
	case FLT_CELL_NUMBER:
		cells->state.is_decided = true;
		if (cells->plain.may_be_grouped)
			flt_note_grouping(&cells->plain, text, length, place->decimal);
		add_number(cells, value);
		break;
	case FLT_CELL_MISSING:
		add_missing(cells);
		break;
	case FLT_CELL_TEXT:
	case FLT_CELL_OUT_OF_RANGE:
		return add_text(cells, text, length, err);
	}
	return FLT_OK;
}

static enum flt_status fail_text(const struct flt_column_cells *cells, const char *text, size_t length,
                                 const struct flt_cell_place *place, struct flt_error *err)
{
	char format[FLT_FORMAT_TEXT];
	flt_format_describe(cells->state.given, false, format, sizeof format);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: column \"%s\" is one of %s, but holds \"%s\": correct it, or leave the field empty if "
	                "it is missing",
	                place->file, place->line, place->column, format, flt_shown(text, length).text);
}

static enum flt_status fail_out_of_range(const struct flt_cell_place *place, const char *text, size_t length,
                                         struct flt_error *err)
{
	struct flt_shown shown = flt_shown(text, length);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: column \"%s\" holds \"%s\", which is out of range for a number: correct it, or make it "
	        "missing with --na %s",
	        place->file, place->line, place->column, shown.text, shown.text);
}

/* Adds a cell to a column of numbers in a given format. */
static enum flt_status add_formatted(struct flt_column_cells *cells, const char *text, size_t length,
                                     const struct flt_cell_place *place, struct flt_error *err)
{
	double value;
	switch (flt_formatted_cell_read(place->markers, cells->state.given, text, length, &value)) {
	case FLT_CELL_NUMBER:
		add_number(cells, value);
		break;
	case FLT_CELL_MISSING:
		add_missing(cells);
		break;
	case FLT_CELL_TEXT:
		if (cells->state.reading == FLT_READ_NUMBERS)
			return fail_text(cells, text, length, place, err);
		add_missing(cells);
		break;
	case FLT_CELL_OUT_OF_RANGE:
		return fail_out_of_range(place, text, length, err);
	}
	return FLT_OK;
}

static void add_time(struct flt_column_cells *cells, const char *text, size_t length,
                     const struct flt_cell_place *place)
{
	double value;
	const struct flt_date_reading *reading = &cells->state.dates;
	if (flt_markers_hold(place->markers, text, length))
		add_missing(cells);
	else if (flt_date_cells_add_date(cells->dates, reading, text, length, place->line, &value))
		add_number(cells, value);
	else if (flt_date_cell_is_missing(place->markers, place->decimal, text, length))
		add_missing(cells);
	else
		add_number(cells,
		           flt_date_cells_add_other(cells->dates, reading, place->decimal, text, length, place->line));
}

static enum flt_status add_to_text(struct flt_column_cells *cells, const char *text, size_t length,
                                   const struct flt_cell_place *place, struct flt_error *err)
{
	bool is_verbatim = cells->state.reading == FLT_READ_VERBATIM;
	if (is_verbatim ? length > 0 : !flt_markers_hold(place->markers, text, length))
		return add_level(cells, text, length, err);
	add_missing(cells);
	return FLT_OK;
}

/* The most frequent case, plain numbers in a column that is to be judged, comes first. */
enum flt_status flt_column_add(struct flt_column_cells *cells, const char *text, size_t length,
                               const struct flt_cell_place *place, struct flt_error *err)
{
	assert(cells->n_rows < cells->capacity || cells->state.reading == FLT_READ_NOTHING);
	if (cells->state.reading == FLT_READ_FIND && !cells->state.is_text)
		return add_numeric(cells, text, length, place, err);
	if (cells->state.reading == FLT_READ_NOTHING)
		return FLT_OK;
	if (flt_column_reads_dates(cells)) {
		add_time(cells, text, length, place);
		return FLT_OK;
	}
	if (cells->state.given)
		return add_formatted(cells, text, length, place, err);
	return cells->state.is_text ? add_to_text(cells, text, length, place, err)
	                            : add_numeric(cells, text, length, place, err);
}

/* ---- the finding ---- */

void flt_count_codes(const int32_t *codes, size_t n_rows, size_t *counts, size_t n_levels)
{
	enum { LANES = 4, FEW = 64 };
	size_t of_lane[LANES][FEW + 1] = {{0}};
	if (n_levels > FEW) {
		for (size_t row = 0; row < n_rows; row++)
			if (codes[row] >= 0)
				counts[codes[row]]++;
		return;
	}
	/* A count that is raised twice in a row waits for itself, so there are several. */
	for (size_t row = 0; row < n_rows; row++)
		of_lane[row % LANES][codes[row] + 1]++;
	for (size_t lane = 0; lane < LANES; lane++)
		for (size_t i = 0; i < n_levels; i++)
			counts[i] += of_lane[lane][i + 1];
}

static enum flt_status count_levels(const struct flt_column_cells *cells, size_t **counts, struct flt_error *err)
{
	*counts = flt_alloc_zero(cells->levels.n, sizeof **counts, err);
	FLT_TRY_MEMORY(*counts);
	if (!cells->state.is_text) {
		for (size_t i = 0; i < cells->levels.n; i++)
			(*counts)[i] = cells->odd_counts[i];
		return FLT_OK;
	}
	flt_count_codes(cells->codes, cells->n_rows, *counts, cells->levels.n);
	return FLT_OK;
}

enum flt_status flt_column_census(const struct flt_column_cells *cells, struct flt_census *census, size_t **counts,
                                  struct flt_error *err)
{
	FLT_TRY(count_levels(cells, counts, err));
	*census = (struct flt_census){.texts = &cells->levels, .counts = *counts, .plain = cells->plain};
	census->plain.n = cells->state.is_text ? 0 : cells->n_rows - cells->n_missing - cells->n_odd;
	return FLT_OK;
}

/* Whether the few odd texts of a column of numbers leave a doubt that only the texts of all cells could settle. */
static bool needs_all_texts(const struct flt_column_cells *cells)
{
	enum { FEW = 10 };
	struct flt_number_shape shape;
	if (cells->has_more_odd || cells->n_odd * FEW > cells->n_rows - cells->n_missing)
		return true;
	for (size_t i = 0; i < cells->levels.n; i++) {
		const char *text = flt_dictionary_text(&cells->levels, i);
		size_t length = cells->levels.levels[i].length;
		if (flt_is_code(text, length) || flt_number_shape_of(text, length, &shape))
			return true;
	}
	return false;
}

/* Makes a column of text one of numbers in the given format; all else is missing. */
static enum flt_status become_numbers(struct flt_column_cells *cells, const struct flt_finding_rules *rules,
                                      struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	const struct flt_dictionary *levels = &cells->levels;
	double *numbers = flt_alloc(cells->capacity, sizeof *numbers, err);
	double *values = flt_alloc(levels->n, sizeof *values, err);
	FLT_TRY_MEMORY_OUT(numbers);
	FLT_TRY_MEMORY_OUT(values);
	for (size_t i = 0; i < levels->n; i++)
		if (flt_formatted_cell_read(rules->markers, &cells->format, flt_dictionary_text(levels, i),
		                            levels->levels[i].length, &values[i]) != FLT_CELL_NUMBER)
			values[i] = NAN;
	cells->n_missing = 0;
	for (size_t row = 0; row < cells->n_rows; row++) {
		numbers[row] = cells->codes[row] < 0 ? NAN : values[cells->codes[row]];
		cells->n_missing += isnan(numbers[row]) ? 1 : 0;
	}
	flt_free(cells->codes);
	cells->codes = NULL;
	cells->numbers = numbers;
	cells->state.is_text = false;
	numbers = NULL;
out:
	flt_free(numbers);
	flt_free(values);
	return status;
}

static enum flt_status judge(struct flt_column_cells *cells, const struct flt_finding_rules *rules,
                             struct flt_finding *finding, struct flt_error *err)
{
	size_t *counts = NULL;
	struct flt_census census;
	enum flt_status status = flt_column_census(cells, &census, &counts, err);
	if (status == FLT_OK)
		*finding = flt_find_type(&census, rules);
	flt_free(counts);
	return status;
}

enum flt_status flt_column_judge(struct flt_column_cells *cells, const struct flt_finding_rules *rules,
                                 struct flt_finding *finding, enum flt_column_fate *fate, struct flt_error *err)
{
	const struct flt_column_state *state = &cells->state;
	*fate = FLT_COLUMN_IS_DONE;
	*finding = (struct flt_finding){.kind = state->is_text ? FLT_FOUND_TEXT : FLT_FOUND_NUMBERS,
	                                .format = state->given ? *state->given : flt_plain_format(rules->decimal)};
	cells->format = finding->format;
	if (state->given || (state->reading != FLT_READ_FIND && state->reading != FLT_READ_NUMBERS_OR_MISSING))
		return FLT_OK;
	const struct flt_plain_numbers *plain = &cells->plain;
	bool is_suspicious = plain->may_be_grouped && plain->has_mark && plain->has_hundreds;
	if (!state->is_text && cells->n_odd == 0 && !is_suspicious)
		return FLT_OK;
	if (!state->is_text && needs_all_texts(cells)) {
		*fate = FLT_COLUMN_AGAIN;
		return FLT_OK;
	}
	FLT_TRY(judge(cells, rules, finding, err));
	if (finding->kind != FLT_FOUND_DOUBT && finding->kind != FLT_FOUND_NUMBERS && !state->is_text)
		*fate = FLT_COLUMN_AGAIN;
	return FLT_OK;
}

enum flt_status flt_column_settle(struct flt_column_cells *cells, const struct flt_finding_rules *rules,
                                  const struct flt_number_format *format, struct flt_error *err)
{
	cells->format = *format;
	if (cells->state.is_text)
		FLT_TRY(become_numbers(cells, rules, err));
	else
		cells->n_missing += cells->n_odd;
	flt_dictionary_release(&cells->levels);
	flt_free(cells->odd_counts);
	cells->odd_counts = NULL;
	cells->n_odd = 0;
	return FLT_OK;
}

enum flt_status flt_column_judge_dates(struct flt_column_cells *cells, const struct flt_cell_place *place,
                                       enum flt_column_fate *fate, struct flt_error *err)
{
	bool again;
	struct flt_date_column column = {place->file, place->column, cells->state.reading == FLT_READ_TIME};
	FLT_TRY(flt_date_cells_decide(cells->dates, &column, cells->numbers, cells->n_rows, &cells->state.dates, &again,
	                              err));
	*fate = again ? FLT_COLUMN_AGAIN : FLT_COLUMN_IS_DONE;
	return FLT_OK;
}

void flt_column_begin_again(struct flt_column_cells *cells)
{
	struct flt_column_state state = cells->state;
	state.is_text = state.is_decided = !flt_column_reads_dates(cells);
	flt_column_release(cells);
	flt_column_init(cells, state.reading);
	cells->state = state;
}

/* ---- columns of blocks ---- */

/* Where the column has more texts than a block has rows, few come twice in a block, so each would be looked up in vain
 * before it is looked up in the whole. */
struct flt_column_state flt_column_state_of_next(const struct flt_column_cells *whole, size_t n_rows)
{
	struct flt_column_state state = whole->state;
	state.lists_texts = state.is_text && whole->levels.n > n_rows;
	return state;
}

bool flt_column_is_in_state(const struct flt_column_cells *cells, struct flt_column_state state)
{
	const struct flt_column_state *own = &cells->state;
	return own->reading == state.reading && own->is_text == state.is_text && own->is_decided == state.is_decided;
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
	cells->plain = (struct flt_plain_numbers){.may_be_grouped = true};
	cells->n_rows = cells->n_missing = cells->n_odd = 0;
	cells->has_more_odd = false;
	if (cells->dates)
		*cells->dates = (struct flt_date_cells){0};
	if (cells->levels.n > 0)
		flt_dictionary_clear(&cells->levels);
}

static void append_plain(struct flt_plain_numbers *whole, const struct flt_plain_numbers *plain)
{
	whole->has_mark |= plain->has_mark;
	whole->has_hundreds |= plain->has_hundreds;
	whole->may_be_grouped &= plain->may_be_grouped;
}

/* Adds what a column of numbers kept of its odd texts. */
static enum flt_status append_odd(struct flt_column_cells *whole, const struct flt_column_cells *cells,
                                  struct flt_error *err)
{
	whole->n_odd += cells->n_odd;
	whole->has_more_odd |= cells->has_more_odd;
	for (size_t i = 0; i < cells->levels.n; i++)
		FLT_TRY(keep_odd(whole, flt_dictionary_text(&cells->levels, i), cells->levels.levels[i].length,
		                 cells->odd_counts[i], err));
	return FLT_OK;
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
		append_plain(&whole->plain, &cells->plain);
		return append_odd(whole, cells, err);
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
	if (cells->dates)
		flt_date_cells_append(whole->dates, cells->dates, n_lines);
	whole->state = cells->state;
	whole->state.lists_texts = false;
	whole->n_rows += cells->n_rows;
	whole->n_missing += cells->n_missing;
	return FLT_OK;
}
