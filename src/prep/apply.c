/*
 * Applying the recipe. The table is stored by column, the matrix by row: blocks of rows small enough for the first
 * cache are gathered from each column in turn, scaled in double, and written as float.
 */
#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "prep/contents.h"
#include "prep/scale.h"

enum { BLOCK_ROWS = 128, UNKNOWN = -2, NO_SLOT = -1 };

/* A used column beside the table's column of that name. */
struct source {
	const struct flt_prep_column *recipe;
	const double *numbers;
	const int32_t *codes;
	const char *const *levels;
	atomic_int *slots; /* (n_levels + 1) of missing, then of each level: UNKNOWN until a row has it, whose thread
	                      finds what any other would find */
	size_t first;      /* its first feature */
};

static double within(double value, double bound)
{
	return value > bound ? bound : value < -bound ? -bound : value;
}

/* Scales a whole block: the loops' fixed length lets the compiler use vector instructions. */
static void scale_block(enum flt_scale scale, const struct flt_prep_column *recipe, double values[BLOCK_ROWS])
{
	double center = recipe->center, factor = recipe->factor;
	switch (scale) {
	case FLT_SCALE_ROBUST:
		for (size_t i = 0; i < BLOCK_ROWS; i++) {
			/* t / sqrt(1 + (t/3)^2), written so that a square of 0 or infinity gives its limit, 0 or 3 */
			double t = (values[i] - center) * factor;
			values[i] = copysign(3 / sqrt(1 + 9 / (t * t)), t);
		}
		break;
	case FLT_SCALE_STANDARD:
		for (size_t i = 0; i < BLOCK_ROWS; i++)
			values[i] = (values[i] - center) * factor;
		break;
	case FLT_SCALE_QUANTILE:
		for (size_t i = 0; i < BLOCK_ROWS; i++)
			values[i] = flt_normal_score(recipe->knots, recipe->n_knots, values[i]);
		break;
	case FLT_SCALE_NONE:
	case FLT_N_SCALES:
		break;
	}
}

/* x points at the column's first feature in the block's first row. */
static void write_numbers(enum flt_scale scale, const struct source *source, const size_t *rows, size_t n, float *x,
                          size_t stride)
{
	double values[BLOCK_ROWS];
	float marks[BLOCK_ROWS];
	const struct flt_prep_column *recipe = source->recipe;
	for (size_t i = 0; i < n; i++) {
		double value = source->numbers[rows[i]];
		marks[i] = isnan(value) ? 1.0F : 0.0F;
		values[i] = isnan(value) ? recipe->median : value;
	}
	if (recipe->has_number) {
		for (size_t i = n; i < BLOCK_ROWS; i++)
			values[i] = recipe->median;
		scale_block(scale, recipe, values);
		for (size_t i = 0; i < n; i++)
			x[i * stride] = (float)within(values[i], FLT_LARGEST_FEATURE);
	}
	if (recipe->has_indicator)
		for (size_t i = 0; i < n; i++)
			x[i * stride + recipe->has_number] = marks[i];
}

static int find_slot(const struct source *source, int32_t code)
{
	const struct flt_prep_column *recipe = source->recipe;
	if (code < 0 && recipe->has_missing)
		return (int)recipe->n_levels;
	for (size_t i = 0; code >= 0 && i < recipe->n_levels; i++)
		if (strcmp(source->levels[code], recipe->levels[i]) == 0)
			return (int)i;
	return recipe->has_other ? (int)flt_prep_n_slots(recipe) - 1 : NO_SLOT;
}

static int slot_of(const struct source *source, int32_t code)
{
	atomic_int *known = &source->slots[code + 1];
	int slot = atomic_load_explicit(known, memory_order_relaxed);
	if (slot != UNKNOWN)
		return slot;
	slot = find_slot(source, code);
	atomic_store_explicit(known, slot, memory_order_relaxed);
	return slot;
}

static void write_slots(const struct source *source, const size_t *rows, size_t n, float *x, size_t stride)
{
	bool is_pair = flt_prep_n_slots(source->recipe) == 2;
	for (size_t i = 0; i < n; i++) {
		int slot = slot_of(source, source->codes[rows[i]]);
		if (is_pair)
			x[i * stride] = slot == NO_SLOT ? 0.0F : slot == 0 ? 1.0F : -1.0F;
		else if (slot != NO_SLOT)
			x[i * stride + (size_t)slot] = 1; /* of its zeros */
	}
}

static enum flt_status open_source(struct source *source, const struct flt_prep_column *recipe,
                                   const struct flt_column *column, struct flt_error *err)
{
	*source = (struct source){
	        .recipe = recipe, .numbers = column->numbers, .codes = column->codes, .levels = column->levels};
	if (recipe->use == FLT_USED_NUMERIC)
		return FLT_OK;
	source->slots = flt_alloc(column->n_levels + 1, sizeof *source->slots, err);
	if (!source->slots)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i <= column->n_levels; i++)
		atomic_init(&source->slots[i], UNKNOWN);
	return FLT_OK;
}

/* Opens the used columns: *n_sources of them, those opened before a failure included. */
static enum flt_status open_sources(const struct flt_prep *prep, const struct flt_column *columns,
                                    struct source *sources, size_t *n_sources, struct flt_error *err)
{
	size_t first = 0;
	for (size_t c = 0; c < prep->n_columns; c++) {
		size_t width = flt_prep_width(&prep->columns[c]);
		if (width == 0)
			continue;
		struct source *source = &sources[*n_sources];
		enum flt_status status = open_source(source, &prep->columns[c], &columns[c], err);
		if (status)
			return status;
		source->first = first;
		first += width;
		++*n_sources;
	}
	assert(first == prep->n_features);
	return FLT_OK;
}

/* What the blocks of rows share. */
struct job {
	const struct flt_prep *prep;
	const struct source *sources; /* (n_sources) */
	size_t n_sources;
	const size_t *rows; /* (n_rows) */
	size_t n_rows;
	float *x; /* (n_rows, n_features) */
};

static void apply_block(void *context, size_t block, size_t worker)
{
	(void)worker;
	const struct job *job = context;
	size_t first = block * BLOCK_ROWS, n = job->n_rows - first < BLOCK_ROWS ? job->n_rows - first : BLOCK_ROWS;
	size_t stride = job->prep->n_features;
	float *x = job->x + first * stride;
	memset(x, 0, n * stride * sizeof *x);
	for (size_t s = 0; s < job->n_sources; s++) {
		const struct source *source = &job->sources[s];
		if (source->numbers)
			write_numbers(job->prep->scale, source, job->rows + first, n, x + source->first, stride);
		else
			write_slots(source, job->rows + first, n, x + source->first, stride);
	}
}

static enum flt_status apply_blocks(struct job *job, unsigned n_threads, struct flt_error *err)
{
	struct flt_pool *pool;
	enum flt_status status = flt_pool_new_for(job->n_rows * job->prep->n_features, n_threads, &pool, err);
	if (status)
		return status;
	flt_pool_run(pool, (job->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS, apply_block, job);
	flt_pool_free(pool);
	return FLT_OK;
}

enum flt_status flt_prep_apply_columns(const struct flt_prep *prep, const struct flt_column *columns,
                                       const size_t *rows, size_t n_rows, unsigned n_threads, float *x,
                                       struct flt_error *err)
{
	size_t n_sources = 0;
	struct source *sources = flt_alloc(prep->n_columns, sizeof *sources, err);
	if (!sources)
		return FLT_ERR_MACHINE;
	enum flt_status status = open_sources(prep, columns, sources, &n_sources, err);
	if (!status) {
		struct job job = {prep, sources, n_sources, rows, n_rows, x};
		status = apply_blocks(&job, n_threads, err);
	}
	for (size_t s = 0; s < n_sources; s++)
		flt_free(sources[s].slots);
	flt_free(sources);
	return status;
}

/* The table's column of that name, which must hold what the recipe takes. It mostly stands where it stood when the
 * recipe was learnt. */
static enum flt_status find_column(const struct flt_table *table, const struct flt_prep_column *recipe, size_t expected,
                                   struct flt_column *column, struct flt_error *err)
{
	size_t index = flt_table_find_near(table, recipe->name, expected);
	if (index == SIZE_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%s: there is no column \"%s\", which the model uses",
		                flt_table_path(table), recipe->name);
	*column = flt_table_column(table, index);
	bool is_number = recipe->use == FLT_USED_NUMERIC;
	if (is_number ? !column->numbers : !column->codes)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: column \"%s\" is to hold %s, as it did when the model was trained",
		                flt_table_path(table), recipe->name, is_number ? "numbers" : "text");
	return FLT_OK;
}

enum flt_status flt_prep_apply(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, unsigned n_threads, float *x, struct flt_error *err)
{
	struct flt_column *columns = flt_alloc_zero(prep->n_columns, sizeof *columns, err);
	enum flt_status status = columns ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t c = 0; !status && c < prep->n_columns; c++)
		if (flt_prep_width(&prep->columns[c]) > 0)
			status = find_column(table, &prep->columns[c], c, &columns[c], err);
	if (!status)
		status = flt_prep_apply_columns(prep, columns, rows, n_rows, n_threads, x, err);
	flt_free(columns);
	return status;
}
