/*
 * Applying the preparation. The table is stored by column, the matrix by row: tiles of rows, small enough for the L1
 * cache, are gathered from each column in turn, scaled in double, and written as float.
 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "prep/contents.h"
#include "prep/level_effects.h"
#include "prep/scale.h"

enum { TILE_ROWS = 128, SCALED_ROWS = 16, NOT_FOUND_YET = -1 };

_Static_assert(TILE_ROWS % SCALED_ROWS == 0, "a tile can be scaled part by part");

/* A used column and the table's column of that name. */
struct input {
	const struct flt_prep_column *column;
	struct flt_numbers numbers;
	const int32_t *codes;
	const char *const *levels;
	size_t first_feature;
	atomic_int *places; /* (n_levels + 1): missing, then each level; NULL for numbers. NOT_FOUND_YET until a row
	                       needs the place: then its thread stores it, and every thread would store the same */
};

static double within(double value, double bound)
{
	return value > bound ? bound : value < -bound ? -bound : value;
}

/* Beyond a fence a scaled value grows as a logarithm does: it keeps its order, and 1e9 becomes about 30. */
static void bound_values(const struct flt_prep_column *column, double values[SCALED_ROWS])
{
	double low = (column->fences.low - column->center) * column->factor;
	double high = (column->fences.high - column->center) * column->factor;
	for (size_t i = 0; i < SCALED_ROWS; i++) {
		if (values[i] > high)
			values[i] = high + log1p(fmin(values[i] - high, DBL_MAX));
		else if (values[i] < low)
			values[i] = low - log1p(fmin(low - values[i], DBL_MAX));
	}
}

/* Scales the first n values and perhaps the others: the fixed length of a loop lets the compiler vectorize it. */
static void scale_values(enum flt_scale scale, const struct flt_prep_column *column, size_t n,
                         double values[SCALED_ROWS])
{
	double center = column->center, factor = column->factor;
	switch (scale) {
	case FLT_SCALE_ROBUST:
		for (size_t i = 0; i < SCALED_ROWS; i++) {
			/* t / sqrt(1 + (t/3)^2), written so that t = 0 and t*t = infinity give the limits, 0 and 3 */
			double t = (values[i] - center) * factor;
			values[i] = copysign(3 / sqrt(1 + 9 / (t * t)), t);
		}
		break;
	case FLT_SCALE_STANDARD:
		for (size_t i = 0; i < SCALED_ROWS; i++)
			values[i] = (values[i] - center) * factor;
		if (column->fences.low < column->fences.high)
			bound_values(column, values);
		break;
	case FLT_SCALE_QUANTILE:
		for (size_t i = 0; i < n && i < SCALED_ROWS; i++) /* each takes long */
			values[i] = flt_normal_score(column->quantiles, column->n_quantiles, values[i]);
		break;
	case FLT_SCALE_NONE:
		for (size_t i = 0; column->source && i < SCALED_ROWS; i++)
			values[i] -= center;
		break;
	case FLT_N_SCALES:
		break;
	}
}

/* x points to the column's first step in the tile's first row. A missing number is below every threshold. */
static void write_steps(const struct input *input, const size_t *rows, size_t n, float *x, size_t stride)
{
	const struct flt_prep_column *column = input->column;
	for (size_t i = 0; column->n_steps && i < n; i++) {
		double value = flt_number_at(&input->numbers, rows[i]);
		for (size_t s = 0; s < column->n_steps; s++)
			x[i * stride + s] = value >= column->steps[s] ? 1.0F : 0.0F;
	}
}

/* x points to the column's first feature in the tile's first row. */
static void write_numbers(enum flt_scale scale, const struct input *input, const size_t *rows, size_t n, float *x,
                          size_t stride)
{
	double values[TILE_ROWS];
	float indicators[TILE_ROWS];
	const struct flt_prep_column *column = input->column;
	for (size_t i = 0; i < n; i++) {
		double value = flt_number_at(&input->numbers, rows[i]);
		indicators[i] = isnan(value) ? 1.0F : 0.0F;
		values[i] = isnan(value) ? column->median : value;
	}
	if (column->has_number && !flt_prep_is_silent(column, 0)) {
		for (size_t i = n; i % SCALED_ROWS; i++)
			values[i] = column->median;
		for (size_t i = 0; i < n; i += SCALED_ROWS)
			scale_values(scale, column, n - i, values + i);
		for (size_t i = 0; i < n; i++)
			x[i * stride] = (float)within(values[i], FLT_LARGEST_FEATURE);
	}
	if (column->has_indicator && !flt_prep_is_silent(column, column->has_number))
		for (size_t i = 0; i < n; i++)
			x[i * stride + column->has_number] = indicators[i];
	write_steps(input, rows, n, x + column->has_number + column->has_indicator, stride);
}

static size_t place_of(const struct input *input, int32_t code)
{
	atomic_int *known = &input->places[code + 1];
	int place = atomic_load_explicit(known, memory_order_relaxed);
	if (place == NOT_FOUND_YET) {
		place = (int)flt_prep_place(input->column, code < 0 ? NULL : input->levels[code]);
		atomic_store_explicit(known, place, memory_order_relaxed);
	}
	return (size_t)place;
}

/* FLT_NO_SLOT also where the slot's feature is silent. */
static int slot_of(const struct flt_prep_column *column, size_t place)
{
	int slot = flt_prep_slot_of(column, place);
	size_t feature = slot == FLT_NO_SLOT || flt_prep_slots_width(column) == 1 ? 0 : (size_t)slot;
	return flt_prep_is_silent(column, feature) ? FLT_NO_SLOT : slot;
}

static void write_category(const struct input *input, const size_t *rows, size_t n, float *x, size_t stride)
{
	const struct flt_prep_column *column = input->column;
	size_t effect = flt_prep_slots_width(column);
	bool is_pair = flt_prep_n_slots(column) == 2;
	for (size_t i = 0; i < n; i++) {
		size_t place = place_of(input, input->codes[rows[i]]);
		int slot = slot_of(column, place);
		if (column->has_effects)
			x[i * stride + effect] = flt_level_effect_input(column, column->effects[place]);
		if (is_pair)
			x[i * stride] = slot == FLT_NO_SLOT ? 0.0F : slot == 0 ? 1.0F : -1.0F;
		else if (slot != FLT_NO_SLOT)
			x[i * stride + (size_t)slot] = 1; /* the others are zeroed */
	}
}

static enum flt_status open_input(struct input *input, const struct flt_prep_column *column,
                                  const struct flt_column *from, struct flt_error *err)
{
	input->column = column;
	input->numbers = from->numbers;
	input->codes = from->codes;
	input->levels = from->levels;
	if (column->use == FLT_USED_NUMERIC)
		return FLT_OK;
	input->places = flt_alloc(from->n_levels + 1, sizeof *input->places, err);
	FLT_TRY_MEMORY(input->places);
	for (size_t i = 0; i <= from->n_levels; i++)
		atomic_init(&input->places[i], NOT_FOUND_YET);
	return FLT_OK;
}

/* Opens the used columns into inputs, which are zeroed, and counts them. */
static enum flt_status open_inputs(const struct flt_prep *prep, const struct flt_column *columns, struct input *inputs,
                                   size_t *n_inputs, struct flt_error *err)
{
	size_t first = 0;
	*n_inputs = 0;
	for (size_t c = 0; c < prep->n_columns; c++) {
		size_t width = flt_prep_width(&prep->columns[c]);
		if (width == 0)
			continue;
		struct input *input = &inputs[(*n_inputs)++];
		input->first_feature = first;
		first += width;
		FLT_TRY(open_input(input, &prep->columns[c], &columns[c], err));
	}
	assert(first == prep->n_features);
	return FLT_OK;
}

/* Shared by all tiles. */
struct apply_job {
	const struct flt_prep *prep;
	const struct input *inputs; /* (n_inputs) */
	size_t n_inputs;
	const size_t *rows; /* (n_rows) */
	size_t n_rows;
	float *x; /* (n_rows, n_features) */
};

static void apply_tile(void *context, size_t tile, size_t worker)
{
	(void)worker;
	const struct apply_job *job = context;
	size_t first = tile * TILE_ROWS, n = job->n_rows - first < TILE_ROWS ? job->n_rows - first : TILE_ROWS;
	size_t stride = job->prep->n_features;
	float *x = job->x + first * stride;
	memset(x, 0, n * stride * sizeof *x);
	for (size_t i = 0; i < job->n_inputs; i++) {
		const struct input *input = &job->inputs[i];
		float *features = x + input->first_feature;
		if (input->numbers.cells)
			write_numbers(job->prep->scale, input, job->rows + first, n, features, stride);
		else
			write_category(input, job->rows + first, n, features, stride);
	}
}

static enum flt_status apply_tiles(struct apply_job *job, unsigned n_threads, struct flt_error *err)
{
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new_for(job->n_rows * job->prep->n_features, n_threads, &pool, err));
	flt_pool_run(pool, (job->n_rows + TILE_ROWS - 1) / TILE_ROWS, apply_tile, job);
	flt_pool_free(pool);
	return FLT_OK;
}

enum flt_status flt_prep_apply_columns(const struct flt_prep *prep, const struct flt_column *columns,
                                       const size_t *rows, size_t n_rows, unsigned n_threads, float *x,
                                       struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct input *inputs = flt_alloc_zero(prep->n_columns, sizeof *inputs, err);
	FLT_TRY_MEMORY(inputs);
	struct apply_job job = {.prep = prep, .inputs = inputs, .rows = rows, .n_rows = n_rows, .x = x};
	FLT_TRY_OUT(open_inputs(prep, columns, inputs, &job.n_inputs, err));
	FLT_TRY_OUT(apply_tiles(&job, n_threads, err));
out:
	for (size_t i = 0; i < job.n_inputs; i++)
		flt_free(inputs[i].places);
	flt_free(inputs);
	return status;
}

/* Finds the table's column of that name, which mostly stands where it stood in the fitted table, and checks its type.
 */
static enum flt_status find_column(const struct flt_table *table, const struct flt_prep_column *wanted, size_t expected,
                                   struct flt_column *column, struct flt_error *err)
{
	size_t index = flt_table_find_near(table, wanted->name, expected);
	if (index == SIZE_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%s: there is no column \"%s\", which the model uses",
		                flt_table_path(table), wanted->name);
	*column = flt_table_column(table, index);
	bool is_number = wanted->use == FLT_USED_NUMERIC;
	if (is_number ? !column->numbers.cells : !column->codes)
		return flt_fail(err, FLT_ERR_DATA, "%s: column \"%s\" must hold %s, as in the training data",
		                flt_table_path(table), wanted->name, is_number ? "numbers" : "text");
	return FLT_OK;
}

enum flt_status flt_prep_find_columns(const struct flt_prep *prep, const struct flt_table *table,
                                      struct flt_column *columns, struct flt_error *err)
{
	for (size_t c = 0; c < prep->n_columns; c++)
		if (flt_prep_is_read(&prep->columns[c]))
			FLT_TRY(find_column(table, &prep->columns[c], c, &columns[c], err));
	return FLT_OK;
}

/* options: of flt_prep_apply_learnt, or NULL. */
static enum flt_status apply(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                             size_t n_rows, const struct flt_prep_options *options, unsigned n_threads, float *x,
                             struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_column *columns = flt_alloc_zero(prep->n_columns, sizeof *columns, err);
	FLT_TRY_MEMORY(columns);
	FLT_TRY_OUT(flt_prep_find_columns(prep, table, columns, err));
	FLT_TRY_OUT(flt_prep_apply_columns(prep, columns, rows, n_rows, n_threads, x, err));
	if (options)
		status = flt_level_effects_cross_fit(prep, table, columns, rows, n_rows, options->seed, x, err);
out:
	flt_free(columns);
	return status;
}

enum flt_status flt_prep_apply(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, unsigned n_threads, float *x, struct flt_error *err)
{
	return apply(prep, table, rows, n_rows, NULL, n_threads, x, err);
}

enum flt_status flt_prep_apply_learnt(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                      size_t n_rows, const struct flt_prep_options *options, float *x,
                                      struct flt_error *err)
{
	return apply(prep, table, rows, n_rows, options, options->n_threads, x, err);
}
