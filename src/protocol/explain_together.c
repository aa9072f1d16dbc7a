#include "protocol/explain_together.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "protocol/explain_categories.h"

enum { LEAST_ROWS = 50 }; /* bands of fewer would be about as wide as the picture */

/* Which rows are in which slice. */
struct sliced_pair {
	const struct flt_explain_shuffles *shuffles;
	size_t column, by;            /* of the preparation */
	const struct flt_column *own; /* those of by */
	size_t *row;                  /* (n) those of the slice in hand */
	size_t n_rows;
};

/* ---- slices ---- */

struct valued {
	double value, weight;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct valued *)a)->value, y = ((const struct valued *)b)->value;
	return (x > y) - (x < y);
}

/* The ends of the thirds: a value belongs to the first whose end it does not pass. */
static enum flt_status find_thirds(const struct sliced_pair *pair, double end[FLT_MOST_TOGETHER], struct flt_error *err)
{
	const struct flt_explain_rows *rows = pair->shuffles->rows;
	struct valued *sorted = flt_alloc(rows->n, sizeof *sorted, err);
	FLT_TRY_MEMORY(sorted);
	size_t n = 0;
	double all = 0, below = 0;
	for (size_t i = 0; i < rows->n; i++)
		if (!isnan(flt_number_at(&pair->own->numbers, i))) {
			sorted[n++] = (struct valued){flt_number_at(&pair->own->numbers, i), rows->weight[i]};
			all += rows->weight[i];
		}
	qsort(sorted, n, sizeof *sorted, by_value);
	for (size_t slice = 0, i = 0; slice < FLT_MOST_TOGETHER; slice++) {
		for (; i < n && below < all * (double)(slice + 1) / FLT_MOST_TOGETHER; i++)
			below += sorted[i].weight;
		end[slice] = slice + 1 == FLT_MOST_TOGETHER ? HUGE_VAL : i > 0 ? sorted[i - 1].value : (double)NAN;
	}
	flt_free(sorted);
	return FLT_OK;
}

static void take_third(struct sliced_pair *pair, double above, double end, struct flt_explained_slice *slice)
{
	pair->n_rows = 0;
	slice->from = HUGE_VAL;
	slice->to = -HUGE_VAL;
	for (size_t i = 0; i < pair->shuffles->rows->n; i++) {
		double value = flt_number_at(&pair->own->numbers, i);
		if (!(value > above && value <= end))
			continue;
		pair->row[pair->n_rows++] = i;
		slice->from = fmin(slice->from, value);
		slice->to = fmax(slice->to, value);
	}
}

/* The known category of the most weight that is not taken yet; -1: none. */
static int32_t heaviest(const struct sliced_pair *pair, const double *weight, const int32_t *taken, size_t n_taken)
{
	const struct flt_prep_column of = flt_prep_column(pair->shuffles->detector->prep, pair->by);
	int32_t best = -1;
	for (int32_t code = 0; code < (int32_t)(of.n_levels + of.n_more); code++) {
		bool is_taken = false;
		for (size_t k = 0; k < n_taken; k++)
			is_taken = is_taken || taken[k] == code;
		if (!is_taken && weight[code] > 0 && (best < 0 || weight[code] > weight[best]))
			best = code;
	}
	return best;
}

static enum flt_status find_categories(const struct sliced_pair *pair, int32_t code[FLT_MOST_TOGETHER],
                                       struct flt_error *err)
{
	const struct flt_explain_rows *rows = pair->shuffles->rows;
	double *weight = flt_alloc_zero(pair->own->n_levels + 1, sizeof *weight, err);
	FLT_TRY_MEMORY(weight);
	for (size_t i = 0; i < rows->n; i++)
		if (pair->own->codes[i] >= 0)
			weight[pair->own->codes[i]] += rows->weight[i];
	for (size_t slice = 0; slice < FLT_MOST_TOGETHER; slice++)
		code[slice] = heaviest(pair, weight, code, slice);
	flt_free(weight);
	return FLT_OK;
}

static void take_category(struct sliced_pair *pair, int32_t code, struct flt_explained_slice *slice)
{
	pair->n_rows = 0;
	slice->level = code < 0 ? NULL : pair->own->levels[code];
	for (size_t i = 0; code >= 0 && i < pair->shuffles->rows->n; i++)
		if (pair->own->codes[i] == code)
			pair->row[pair->n_rows++] = i;
}

/* ---- their effects ---- */

/* Explains on the rows of the slice in hand, and adds it if there are enough of them, with more than one point. */
static enum flt_status add_slice(const struct sliced_pair *pair, struct flt_explained_slice slice,
                                 struct flt_explained_together *together, struct flt_error *err)
{
	const struct flt_explain_shuffles *shuffles = pair->shuffles;
	struct flt_explain_rows rows = {0};
	enum flt_status status;
	if (pair->n_rows < LEAST_ROWS)
		return FLT_OK;
	slice.n_rows = pair->n_rows;
	FLT_TRY_OUT(flt_explain_rows_select(&rows, shuffles->detector, shuffles->rows, pair->row, pair->n_rows, err));
	status = flt_explain_column(shuffles->detector, &rows, pair->column, shuffles->n_threads, &slice.effect, err);
	if (status == FLT_OK && slice.effect.n_points > 1)
		together->slice[together->n_slices++] = slice;
	else
		flt_explained_effect_release(&slice.effect);
out:
	flt_explain_rows_release(&rows);
	return status;
}

static enum flt_status explain_slices(struct sliced_pair *pair, struct flt_explained_together *together,
                                      struct flt_error *err)
{
	double end[FLT_MOST_TOGETHER];
	int32_t code[FLT_MOST_TOGETHER];
	bool is_numeric = pair->own->numbers.cells != NULL;
	if (is_numeric)
		FLT_TRY(find_thirds(pair, end, err));
	else
		FLT_TRY(find_categories(pair, code, err));
	for (size_t i = 0; i < FLT_MOST_TOGETHER; i++) {
		struct flt_explained_slice slice = {.level = NULL};
		if (is_numeric)
			take_third(pair, i > 0 ? end[i - 1] : -HUGE_VAL, end[i], &slice);
		else
			take_category(pair, code[i], &slice);
		FLT_TRY(add_slice(pair, slice, together, err));
	}
	return FLT_OK;
}

static bool is_numeric(const struct flt_explain_shuffles *shuffles, size_t column)
{
	return flt_prep_column(shuffles->detector->prep, column).use == FLT_USED_NUMERIC;
}

static enum flt_status explain_pair(const struct flt_explain_shuffles *shuffles, size_t first, size_t second,
                                    struct flt_explained_together *together, struct flt_error *err)
{
	bool is_second = !is_numeric(shuffles, first) && is_numeric(shuffles, second);
	struct sliced_pair pair = {
	        .shuffles = shuffles, .column = is_second ? second : first, .by = is_second ? first : second};
	pair.own = &flt_cell_columns_all(shuffles->rows->columns)[pair.by];
	pair.row = flt_alloc(shuffles->rows->n, sizeof *pair.row, err);
	FLT_TRY_MEMORY(pair.row);
	enum flt_status status = explain_slices(&pair, together, err);
	flt_free(pair.row);
	together->by = flt_prep_column(shuffles->detector->prep, pair.by).name;
	if (together->n_slices < 2)
		flt_explained_together_release(together);
	return status;
}

enum flt_status flt_explain_together(const struct flt_explain_shuffles *shuffles,
                                     const struct flt_explained_interaction *pairs, size_t n,
                                     struct flt_explained_together *together, struct flt_error *err)
{
	*together = (struct flt_explained_together){0};
	for (size_t i = 0; i < n; i++) {
		const struct flt_explain_unit *first = &shuffles->units->units[pairs[i].units[0]];
		const struct flt_explain_unit *second = &shuffles->units->units[pairs[i].units[1]];
		if (first->n_columns == 1 && second->n_columns == 1)
			return explain_pair(shuffles, first->columns[0], second->columns[0], together, err);
	}
	return FLT_OK;
}

void flt_explained_together_release(struct flt_explained_together *together)
{
	for (size_t i = 0; i < together->n_slices; i++)
		flt_explained_effect_release(&together->slice[i].effect);
	*together = (struct flt_explained_together){0};
}
