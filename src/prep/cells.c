/*
 * The recipe on records of text. Cells become columns like those of a table, of numbers or codes, in small blocks, and
 * then take the very path of flt_prep_apply: features agree to the bit because it is the same code.
 *
 * A category's code is its place among the recipe's levels; all that are not among them share the code behind the last.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/number.h"
#include "csv/markers.h"
#include "prep/contents.h"

struct flt_cell_reader {
	const struct flt_prep *prep;
	size_t n_names;
	size_t *place;         /* (prep->n_columns) among the names; SIZE_MAX: not used */
	bool *is_used;         /* (n_names) */
	bool *text_is_missing; /* (prep->n_columns) --numeric: what is no number is missing */
	char decimal;
	struct flt_markers markers;
};

void flt_cell_reader_free(struct flt_cell_reader *reader)
{
	if (!reader)
		return;
	flt_free(reader->place);
	flt_free(reader->is_used);
	flt_free(reader->text_is_missing);
	flt_markers_release(&reader->markers);
	flt_free(reader);
}

static enum flt_status missing_column(const char *name, const char *const *names, size_t n_names, struct flt_error *err)
{
	const char *near = flt_nearest(name, names, n_names);
	return flt_fail(err, FLT_ERR_DATA, "there is no column \"%s\", which the model uses%s%s%s",
	                flt_shown(name, strlen(name)).text, near ? "; it has \"" : "",
	                near ? flt_shown(near, strlen(near)).text : "", near ? "\"" : "");
}

struct named {
	const char *name;
	size_t place;
};

static int by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* The first of sorted (n) that is not before name. */
static size_t first_of_name(const struct named *sorted, size_t n, const char *name)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(sorted[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum flt_status find_place(struct flt_cell_reader *reader, size_t c, const struct named *sorted,
                                  const char *const *names, struct flt_error *err)
{
	const char *name = reader->prep->columns[c].name;
	size_t n = reader->n_names, at = first_of_name(sorted, n, name);
	if (at == n || strcmp(sorted[at].name, name) != 0)
		return missing_column(name, names, n, err);
	if (at + 1 < n && strcmp(sorted[at + 1].name, name) == 0)
		return flt_fail(err, FLT_ERR_DATA, "columns %zu and %zu are both called \"%s\"; rename one",
		                sorted[at].place + 1, sorted[at + 1].place + 1, flt_shown(name, strlen(name)).text);
	reader->place[c] = sorted[at].place;
	reader->is_used[sorted[at].place] = true;
	return FLT_OK;
}

static enum flt_status find_places(struct flt_cell_reader *reader, const char *const *names, struct flt_error *err)
{
	const struct flt_prep *prep = reader->prep;
	struct named *sorted = flt_alloc(reader->n_names, sizeof *sorted, err);
	enum flt_status status = sorted ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t i = 0; !status && i < reader->n_names; i++)
		sorted[i] = (struct named){names[i], i};
	if (!status)
		qsort(sorted, reader->n_names, sizeof *sorted, by_name);
	for (size_t c = 0; !status && c < prep->n_columns; c++) {
		reader->place[c] = SIZE_MAX;
		if (flt_prep_width(&prep->columns[c]) > 0)
			status = find_place(reader, c, sorted, names, err);
	}
	flt_free(sorted);
	return status;
}

static enum flt_status mark_numeric(struct flt_cell_reader *reader, const char *list, struct flt_error *err)
{
	struct flt_names numeric;
	enum flt_status status = flt_names_split(list ? list : "", &numeric, err);
	if (status)
		return status;
	for (size_t c = 0; c < reader->prep->n_columns; c++)
		for (size_t i = 0; i < numeric.n; i++)
			reader->text_is_missing[c] |= strcmp(numeric.items[i], reader->prep->columns[c].name) == 0;
	flt_names_release(&numeric);
	return FLT_OK;
}

static enum flt_status open_reader(struct flt_cell_reader *reader, const struct flt_table_options *options,
                                   const char *const *names, struct flt_error *err)
{
	size_t n_columns = reader->prep->n_columns;
	reader->place = flt_alloc(n_columns, sizeof *reader->place, err);
	reader->is_used = reader->place ? flt_alloc_zero(reader->n_names, sizeof *reader->is_used, err) : NULL;
	reader->text_is_missing =
	        reader->is_used ? flt_alloc_zero(n_columns, sizeof *reader->text_is_missing, err) : NULL;
	if (!reader->text_is_missing)
		return FLT_ERR_MACHINE;
	reader->decimal = options->decimal ? options->decimal : '.';
	enum flt_status status = flt_markers_init(options->na, &reader->markers, err);
	if (!status)
		status = mark_numeric(reader, options->numeric, err);
	if (!status)
		status = find_places(reader, names, err);
	return status;
}

enum flt_status flt_cell_reader_new(const struct flt_prep *prep, const struct flt_table_options *options,
                                    const char *const *names, size_t n_names, struct flt_cell_reader **reader,
                                    struct flt_error *err)
{
	*reader = flt_alloc_zero(1, sizeof **reader, err);
	if (!*reader)
		return FLT_ERR_MACHINE;
	(*reader)->prep = prep;
	(*reader)->n_names = n_names;
	enum flt_status status = open_reader(*reader, options, names, err);
	if (status) {
		flt_cell_reader_free(*reader);
		*reader = NULL;
	}
	return status;
}

bool flt_cell_reader_uses(const struct flt_cell_reader *reader, size_t column)
{
	return reader->is_used[column];
}

bool flt_cell_reader_is_missing(const struct flt_cell_reader *reader, const char *cell)
{
	return flt_markers_hold(&reader->markers, cell, strlen(cell));
}

/* ---- cells ---- */

/* One block of rows; the columns stand where the recipe's do. */
struct block {
	const struct flt_cell_reader *reader;
	const char *const *cells; /* (n_rows, n_names) */
	size_t n_rows;
	size_t *rows;               /* (n_rows) 0, 1, 2 ... */
	struct flt_column *columns; /* (prep->n_columns) */
	double *numbers;            /* (n_numeric, n_rows) */
	int32_t *codes;             /* (n_categorical, n_rows) */
	const char **levels;        /* (n_categorical, FLT_PREP_MAX_LEVELS + 1) */
	struct flt_unlearnt *unlearnt;
	size_t *bad_row;
};

static enum flt_status refuse_cell(const struct block *block, size_t c, size_t row, const char *text, bool out_of_range,
                                   struct flt_error *err)
{
	const char *name = block->reader->prep->columns[c].name;
	*block->bad_row = row;
	return flt_fail(err, FLT_ERR_DATA, "column \"%s\": \"%s\" is %s; %s", flt_shown(name, strlen(name)).text,
	                flt_shown(text, strlen(text)).text,
	                out_of_range ? "out of the range of numbers" : "no number, which the model needs here",
	                "correct it, or give --na if it stands for a missing value");
}

static enum flt_status read_number(const struct block *block, size_t c, size_t row, const char *text, double *value,
                                   struct flt_error *err)
{
	const struct flt_cell_reader *reader = block->reader;
	size_t length = strlen(text);
	*value = (double)NAN;
	if (length == 0)
		return FLT_OK;
	double number;
	enum flt_number kind = flt_number_parse(text, length, reader->decimal, &number);
	if (kind == FLT_NUMBER && !reader->markers.may_be_numbers)
		*value = number;
	else if (flt_markers_hold(&reader->markers, text, length))
		return FLT_OK;
	else if (kind == FLT_NUMBER)
		*value = number;
	else if (kind == FLT_NUMBER_OUT_OF_RANGE || !reader->text_is_missing[c])
		return refuse_cell(block, c, row, text, kind == FLT_NUMBER_OUT_OF_RANGE, err);
	return FLT_OK;
}

static enum flt_status read_numbers(const struct block *block, size_t c, double *numbers, struct flt_error *err)
{
	const char *const *cell = block->cells + block->reader->place[c];
	enum flt_status status = FLT_OK;
	for (size_t row = 0; !status && row < block->n_rows; row++, cell += block->reader->n_names)
		status = read_number(block, c, row, *cell, &numbers[row], err);
	return status;
}

static int32_t find_level(const struct flt_prep_column *recipe, const char *text)
{
	size_t i = 0;
	while (i < recipe->n_levels && strcmp(recipe->levels[i], text) != 0)
		i++;
	return (int32_t)i;
}

/* The level behind the last stands for all others; its text is that of the first of them, which no level equals. */
static void read_codes(const struct block *block, size_t c, int32_t *codes, const char **levels)
{
	const struct flt_prep_column *recipe = &block->reader->prep->columns[c];
	size_t place = block->reader->place[c];
	const char *const *cell = block->cells + place;
	for (size_t i = 0; i < recipe->n_levels; i++)
		levels[i] = recipe->levels[i];
	for (size_t row = 0; row < block->n_rows; row++, cell += block->reader->n_names) {
		if (flt_markers_hold(&block->reader->markers, *cell, strlen(*cell))) {
			codes[row] = -1;
			continue;
		}
		codes[row] = find_level(recipe, *cell);
		if ((size_t)codes[row] < recipe->n_levels)
			continue;
		levels[recipe->n_levels] = *cell;
		if (block->unlearnt && block->unlearnt[place].n++ == 0)
			block->unlearnt[place].first_row = row;
	}
}

static enum flt_status read_block(struct block *block, struct flt_error *err)
{
	const struct flt_prep *prep = block->reader->prep;
	double *numbers = block->numbers;
	int32_t *codes = block->codes;
	const char **levels = block->levels;
	for (size_t c = 0; c < prep->n_columns; c++) {
		if (block->reader->place[c] == SIZE_MAX)
			continue;
		if (prep->columns[c].use == FLT_USED_NUMERIC) {
			enum flt_status status = read_numbers(block, c, numbers, err);
			if (status)
				return status;
			block->columns[c].numbers = numbers;
			numbers += block->n_rows;
		} else {
			read_codes(block, c, codes, levels);
			block->columns[c].codes = codes;
			block->columns[c].levels = levels;
			block->columns[c].n_levels = prep->columns[c].n_levels + 1;
			codes += block->n_rows;
			levels += FLT_PREP_MAX_LEVELS + 1;
		}
	}
	return FLT_OK;
}

enum flt_status flt_cell_reader_apply(const struct flt_cell_reader *reader, const char *const *cells, size_t n_rows,
                                      float *x, struct flt_unlearnt *unlearnt, size_t *bad_row, struct flt_error *err)
{
	const struct flt_prep *prep = reader->prep;
	size_t n_numeric = flt_prep_n_used(prep, FLT_USED_NUMERIC);
	size_t n_categorical = flt_prep_n_used(prep, FLT_USED_CATEGORICAL);
	struct block block = {
	        .reader = reader, .cells = cells, .n_rows = n_rows, .unlearnt = unlearnt, .bad_row = bad_row};
	enum flt_status status = FLT_ERR_MACHINE;
	if (!(block.rows = flt_alloc(n_rows, sizeof *block.rows, err)) ||
	    !(block.columns = flt_alloc_zero(prep->n_columns, sizeof *block.columns, err)) ||
	    !(block.numbers = flt_alloc(n_rows, n_numeric * sizeof *block.numbers, err)) ||
	    !(block.codes = flt_alloc(n_rows, n_categorical * sizeof *block.codes, err)) ||
	    !(block.levels = flt_alloc(n_categorical, (FLT_PREP_MAX_LEVELS + 1) * sizeof *block.levels, err)))
		goto out;
	for (size_t i = 0; i < n_rows; i++)
		block.rows[i] = i;
	status = read_block(&block, err);
	if (!status)
		status = flt_prep_apply_columns(prep, block.columns, block.rows, n_rows, 1, x, err);
out:
	flt_free(block.rows);
	flt_free(block.columns);
	flt_free(block.numbers);
	flt_free(block.codes);
	flt_free(block.levels);
	return status;
}
