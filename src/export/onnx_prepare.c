/*
 * Preparations: pieces stand side by side in one wide matrix, and each preparation picks its inputs from the columns of
 * that. A piece is the numbers that are scaled alike, of all preparations; all missing indicators; all steps; or what
 * the places of a category stand for, which is a row of a table.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "csv/markers.h"
#include "export/onnx_parts.h"

struct pieces {
	struct flt_markers markers;
	struct flt_onnx_graph *graph;
	const struct flt_view *view;
	size_t *piece;             /* (n) values */
	size_t n;                  /* pieces */
	size_t n_columns;          /* of them together */
	int64_t **columns;         /* (n_preps): (n_inputs) of which column an input is; -1: it is always 0 */
	size_t *number;            /* (n_values) the place of a number among all numbers */
	size_t n_numbers, numbers; /* how many, and the value (rows, n_numbers), double */

	/* Scratch for as many numbers as there are inputs in all preparations. */
	int64_t *from;
	const struct flt_prep_column **learnt;
	double *threshold;
};

static void add_piece(struct pieces *pieces, size_t value, size_t n_columns)
{
	pieces->piece[pieces->n++] = value;
	pieces->n_columns += n_columns;
}

/* ---- numbers ---- */

/* All numbers side by side: those of columns, and parts of dates. */
static enum flt_status put_numbers(struct pieces *pieces, struct flt_error *err)
{
	const struct flt_view *view = pieces->view;
	size_t *values = flt_alloc(view->n_values, sizeof *values, err);
	FLT_TRY_MEMORY(values);
	for (size_t v = 0; v < view->n_values; v++) {
		const struct flt_view_value *value = &view->values[v];
		if (value->type == FLT_VIEW_CATEGORY)
			continue;
		pieces->number[v] = pieces->n_numbers;
		values[pieces->n_numbers++] = value->type == FLT_VIEW_DATE
		                                      ? flt_onnx_date_part(pieces->graph, value->column, value->part)
		                                      : value->column;
	}
	if (pieces->n_numbers > 0)
		pieces->numbers = flt_onnx_beside(pieces->graph, values, pieces->n_numbers);
	flt_free(values);
	return FLT_OK;
}

static enum flt_status put_scaled(struct pieces *pieces, enum flt_scale scale, struct flt_error *err)
{
	const struct flt_view *view = pieces->view;
	size_t n = 0, scaled;
	for (size_t p = 0; p < view->n_preps; p++)
		for (size_t b = 0; view->preps[p].scale == scale && b < view->preps[p].n_blocks; b++) {
			const struct flt_view_block *block = &view->preps[p].blocks[b];
			if (block->scaled == SIZE_MAX)
				continue;
			pieces->from[n] = (int64_t)pieces->number[block->value];
			pieces->learnt[n] = &block->column;
			pieces->columns[p][block->scaled] = (int64_t)(pieces->n_columns + n++);
		}
	if (n == 0)
		return FLT_OK;
	size_t numbers = flt_onnx_columns(pieces->graph, pieces->numbers, pieces->from, n);
	FLT_TRY(flt_onnx_scale(pieces->graph, scale, pieces->learnt, n, numbers, &scaled, err));
	add_piece(pieces, scaled, n);
	return FLT_OK;
}

static void put_indicators(struct pieces *pieces)
{
	const struct flt_view *view = pieces->view;
	bool is_any = false;
	for (size_t p = 0; p < view->n_preps; p++)
		for (size_t b = 0; b < view->preps[p].n_blocks; b++) {
			const struct flt_view_block *block = &view->preps[p].blocks[b];
			if (block->indicator == SIZE_MAX)
				continue;
			pieces->columns[p][block->indicator] =
			        (int64_t)(pieces->n_columns + pieces->number[block->value]);
			is_any = true;
		}
	if (!is_any)
		return;
	size_t is_missing = flt_onnx_of(pieces->graph, "IsNaN", pieces->numbers);
	add_piece(pieces, flt_onnx_cast(pieces->graph, is_missing, FLT_ONNX_FLOAT), pieces->n_numbers);
}

/* A missing number, which is NaN, reaches no threshold. */
static void put_steps(struct pieces *pieces)
{
	const struct flt_view *view = pieces->view;
	size_t n = 0;
	for (size_t p = 0; p < view->n_preps; p++)
		for (size_t b = 0; b < view->preps[p].n_blocks; b++) {
			const struct flt_view_block *block = &view->preps[p].blocks[b];
			for (size_t s = 0; block->first_step != SIZE_MAX && s < block->column.n_steps; s++) {
				pieces->from[n] = (int64_t)pieces->number[block->value];
				pieces->threshold[n] = block->column.steps[s];
				pieces->columns[p][block->first_step + s] = (int64_t)(pieces->n_columns + n++);
			}
		}
	if (n == 0)
		return;
	size_t numbers = flt_onnx_columns(pieces->graph, pieces->numbers, pieces->from, n);
	size_t thresholds = flt_onnx_double_row(pieces->graph, pieces->threshold, n);
	size_t is_reached = flt_onnx_of_two(pieces->graph, "GreaterOrEqual", numbers, thresholds);
	add_piece(pieces, flt_onnx_cast(pieces->graph, is_reached, FLT_ONNX_FLOAT), n);
}

/* Inputs of numbers that are always 0: nothing reaches a threshold that is not a number. Those of categories are
 * columns of their tables. */
static void put_zeros(struct pieces *pieces)
{
	bool is_any = false;
	for (size_t p = 0; p < pieces->view->n_preps; p++)
		for (size_t i = 0; i < pieces->view->preps[p].n_inputs; i++) {
			if (pieces->columns[p][i] >= 0)
				continue;
			pieces->columns[p][i] = (int64_t)pieces->n_columns;
			is_any = true;
		}
	if (!is_any)
		return;
	assert(pieces->n_numbers > 0);
	size_t number = flt_onnx_columns(pieces->graph, pieces->numbers, (const int64_t[]){0}, 1);
	size_t never =
	        flt_onnx_of_two(pieces->graph, "GreaterOrEqual", number, flt_onnx_double(pieces->graph, (double)NAN));
	add_piece(pieces, flt_onnx_cast(pieces->graph, never, FLT_ONNX_FLOAT), 1);
}

/* ---- categories ---- */

/* A category, and a table with a row for each of the texts known to it, then one for missing and one for all others,
 * and a column for each input that these rows stand for. */
struct category {
	size_t value;     /* of the view */
	bool has_effects; /* a table of effects, where all known levels count; else one of slots */
	size_t n_texts;   /* with rows of their own */
	size_t n_columns;
	float *table; /* (n_texts + 2, n_columns) */
};

static size_t place_of(const struct pieces *pieces, const struct category *category, size_t row)
{
	size_t n_levels = pieces->view->values[category->value].n_levels;
	return row < category->n_texts ? row : n_levels + row - category->n_texts;
}

static size_t block_columns(const struct category *category, const struct flt_view_block *block)
{
	if (block->value != category->value)
		return 0;
	size_t n_effects = block->effect ? 1 : 0;
	return category->has_effects ? n_effects : block->width - n_effects;
}

static void fill_slots(const struct pieces *pieces, const struct category *category, const struct flt_view_block *block,
                       size_t column)
{
	for (size_t row = 0; row < category->n_texts + 2; row++) {
		size_t place = place_of(pieces, category, row);
		if (block->slot[place] != SIZE_MAX)
			category->table[row * category->n_columns + column + block->slot[place] - block->first] =
			        block->slot_value[place];
	}
}

static void fill_effects(const struct pieces *pieces, const struct category *category,
                         const struct flt_view_block *block, size_t column)
{
	for (size_t row = 0; row < category->n_texts + 2; row++)
		category->table[row * category->n_columns + column] = block->effect[place_of(pieces, category, row)];
}

/* Fills the table and says which input each column is. */
static void fill_table(struct pieces *pieces, const struct category *category)
{
	size_t column = 0;
	for (size_t p = 0; p < pieces->view->n_preps; p++)
		for (size_t b = 0; b < pieces->view->preps[p].n_blocks; b++) {
			const struct flt_view_block *block = &pieces->view->preps[p].blocks[b];
			size_t n = block_columns(category, block);
			if (n == 0)
				continue;
			(category->has_effects ? fill_effects : fill_slots)(pieces, category, block, column);
			size_t first = category->has_effects ? block->effect_input : block->first;
			for (size_t i = 0; i < n; i++)
				pieces->columns[p][first + i] = (int64_t)(pieces->n_columns + column + i);
			column += n;
		}
}

/* Texts and the rows of the table that they stand for. */
struct keys {
	const char **texts;
	int64_t *rows;
	size_t n;
};

/* A text that is there keeps its row. */
static void add_key(struct keys *keys, const char *text, size_t row)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->texts[i], text) == 0)
			return;
	keys->texts[keys->n] = text;
	keys->rows[keys->n++] = (int64_t)row;
}

/* The number of the row of the table. Markers are missing, as they are in a file. */
static enum flt_status put_row_number(struct pieces *pieces, const struct category *category, size_t *number,
                                      struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	const struct flt_names *added = &pieces->markers.added;
	const struct flt_view_value *value = &pieces->view->values[category->value];
	size_t n_known, missing = category->n_texts;
	const char *const *known = flt_known_markers(&n_known);
	size_t n_most = category->n_texts + 1 + n_known + added->n;
	struct keys keys = {.texts = flt_alloc(n_most, sizeof *keys.texts, err),
	                    .rows = flt_alloc(n_most, sizeof *keys.rows, err)};
	FLT_TRY_MEMORY_OUT(keys.texts && keys.rows);
	for (; keys.n < category->n_texts; keys.n++) {
		keys.texts[keys.n] = value->levels[keys.n];
		keys.rows[keys.n] = (int64_t)keys.n;
	}
	add_key(&keys, "", missing);
	for (size_t i = 0; i < n_known; i++)
		add_key(&keys, known[i], missing);
	for (size_t i = 0; i < added->n; i++)
		if (flt_json_is_utf8(added->items[i])) /* no other text can be an input */
			add_key(&keys, added->items[i], missing);
	size_t code = flt_onnx_number_of_text(pieces->graph, value->column, keys.texts, keys.rows, keys.n,
	                                      (int64_t)missing + 1);
	*number = flt_onnx_shaped(pieces->graph, code, (const int64_t[]){-1}, 1);
out:
	flt_free(keys.texts);
	flt_free(keys.rows);
	return status;
}

static enum flt_status put_table(struct pieces *pieces, struct category *category, struct flt_error *err)
{
	size_t n_rows = category->n_texts + 2, number;
	for (size_t p = 0; p < pieces->view->n_preps; p++)
		for (size_t b = 0; b < pieces->view->preps[p].n_blocks; b++)
			category->n_columns += block_columns(category, &pieces->view->preps[p].blocks[b]);
	if (category->n_columns == 0)
		return FLT_OK;
	category->table = flt_alloc_zero(n_rows, category->n_columns * sizeof *category->table, err);
	FLT_TRY_MEMORY(category->table);
	fill_table(pieces, category);
	FLT_TRY(put_row_number(pieces, category, &number, err));
	size_t table =
	        flt_onnx_floats(pieces->graph, category->table, (const size_t[]){n_rows, category->n_columns}, 2);
	add_piece(pieces, flt_onnx_rows(pieces->graph, table, number), category->n_columns);
	return FLT_OK;
}

/* The levels with slots: all preparations have the same. */
static size_t n_slotted(const struct flt_view *view, size_t value)
{
	for (size_t p = 0; p < view->n_preps; p++)
		for (size_t b = 0; b < view->preps[p].n_blocks; b++)
			if (view->preps[p].blocks[b].value == value)
				return view->preps[p].blocks[b].column.n_levels;
	return 0;
}

static enum flt_status put_categories(struct pieces *pieces, struct flt_error *err)
{
	const struct flt_view *view = pieces->view;
	for (size_t v = 0; v < view->n_values; v++)
		for (int has_effects = 0; view->values[v].type == FLT_VIEW_CATEGORY && has_effects < 2; has_effects++) {
			struct category category = {.value = v, .has_effects = has_effects != 0};
			category.n_texts = has_effects ? view->values[v].n_levels : n_slotted(view, v);
			enum flt_status status = put_table(pieces, &category, err);
			flt_free(category.table);
			FLT_TRY(status);
		}
	return FLT_OK;
}

/* ---- all of them ---- */

static void pieces_release(struct pieces *pieces)
{
	for (size_t p = 0; pieces->columns && p < pieces->view->n_preps; p++)
		flt_free(pieces->columns[p]);
	flt_free(pieces->columns);
	flt_free(pieces->piece);
	flt_free(pieces->number);
	flt_free(pieces->from);
	flt_free((void *)pieces->learnt);
	flt_markers_release(&pieces->markers);
	flt_free(pieces->threshold);
}

/* Released by pieces_release, also after a failure. */
static enum flt_status pieces_init(struct pieces *pieces, struct flt_error *err)
{
	const struct flt_view *view = pieces->view;
	size_t n_inputs = 0, max_pieces = FLT_N_SCALES + 3 + 2 * view->n_values;
	FLT_TRY(flt_markers_init(view->detector->input.na, &pieces->markers, err));
	pieces->columns = flt_alloc_zero(view->n_preps, sizeof *pieces->columns, err);
	FLT_TRY_MEMORY(pieces->columns);
	for (size_t p = 0; p < view->n_preps; p++) {
		size_t n = view->preps[p].n_inputs;
		pieces->columns[p] = flt_alloc(n, sizeof **pieces->columns, err);
		FLT_TRY_MEMORY(pieces->columns[p]);
		for (size_t i = 0; i < n; i++)
			pieces->columns[p][i] = -1;
		n_inputs += n;
	}
	pieces->piece = flt_alloc(max_pieces, sizeof *pieces->piece, err);
	FLT_TRY_MEMORY(pieces->piece);
	pieces->number = flt_alloc(view->n_values, sizeof *pieces->number, err);
	FLT_TRY_MEMORY(pieces->number);
	pieces->from = flt_alloc(n_inputs, sizeof *pieces->from, err);
	FLT_TRY_MEMORY(pieces->from);
	pieces->learnt = flt_alloc(n_inputs, sizeof *pieces->learnt, err);
	FLT_TRY_MEMORY(pieces->learnt);
	pieces->threshold = flt_alloc(n_inputs, sizeof *pieces->threshold, err);
	FLT_TRY_MEMORY(pieces->threshold);
	return FLT_OK;
}

enum flt_status flt_onnx_prepare(struct flt_onnx_graph *graph, const struct flt_view *view, size_t *x,
                                 struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct pieces pieces = {.graph = graph, .view = view};
	FLT_TRY_OUT(pieces_init(&pieces, err));
	FLT_TRY_OUT(put_numbers(&pieces, err));
	for (int scale = 0; scale < FLT_N_SCALES; scale++)
		FLT_TRY_OUT(put_scaled(&pieces, (enum flt_scale)scale, err));
	put_indicators(&pieces);
	put_steps(&pieces);
	FLT_TRY_OUT(put_categories(&pieces, err));
	put_zeros(&pieces);
	size_t all = flt_onnx_beside(graph, pieces.piece, pieces.n);
	for (size_t p = 0; p < view->n_preps; p++)
		x[p] = flt_onnx_columns(graph, all, pieces.columns[p], view->preps[p].n_inputs);
out:
	pieces_release(&pieces);
	return status;
}
