/*
 * Learning the recipe. Only the cells of the given rows are looked at. Two things come from the table as a whole: a
 * column's type, and that all of its texts are dates. The table numbers a column's levels by their first appearance
 * among all rows; here they are ordered by frequency and first appearance among the fit rows.
 *
 * A missing number does not count for its column's median and scale: with many missing, the interquartile range of what
 * is there says more than that of a heap of medians.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "table/id_like.h"
#include "prep/contents.h"
#include "prep/scale.h"

enum { LEAST_ROWS = 5 }; /* of a level with a slot of its own */

struct fit_job {
	const struct flt_table *table;
	const size_t *rows; /* (n_rows) */
	size_t n_rows;
	enum flt_scale scale;
	double *present; /* (n_rows) scratch of the worker: a column's values without the missing ones */
};

struct level {
	size_t n_rows, first; /* fit rows, and the place of the first among them */
	const char *text;
};

/* Leaves the present values in job->present and returns how many there are. */
static size_t gather(const struct fit_job *job, const double *numbers, bool *is_constant)
{
	size_t n = 0;
	*is_constant = true;
	for (size_t i = 0; i < job->n_rows; i++) {
		double value = numbers[job->rows[i]];
		if (isnan(value))
			continue;
		job->present[n] = value + 0.0; /* -0 becomes 0 */
		*is_constant =
		        *is_constant && !(job->present[n] < job->present[0]) && !(job->present[n] > job->present[0]);
		n++;
	}
	return n;
}

static enum flt_status learn_knots(const struct fit_job *job, size_t n, struct flt_prep_column *to,
                                   struct flt_error *err)
{
	size_t n_knots = n < FLT_PREP_MAX_KNOTS ? n : FLT_PREP_MAX_KNOTS;
	double *knots = flt_alloc(n_knots, sizeof *knots, err);
	if (!knots)
		return FLT_ERR_MACHINE;
	to->knots = knots;
	to->n_knots = n_knots;
	return flt_quantile_knots(job->present, n, n_knots - 1, knots, err);
}

/* Median and scale by the quartiles. */
static enum flt_status learn_robust(const struct fit_job *job, size_t n, struct flt_prep_column *to,
                                    struct flt_error *err)
{
	double quartiles[5];
	enum flt_status status = flt_quantile_knots(job->present, n, 4, quartiles, err);
	if (status)
		return status;
	to->median = to->center = quartiles[2];
	to->factor = flt_robust_factor(quartiles);
	return FLT_OK;
}

/* The n present values are not all the same. */
static enum flt_status learn_scale(const struct fit_job *job, size_t n, struct flt_prep_column *to,
                                   struct flt_error *err)
{
	double sd;
	if (job->scale == FLT_SCALE_ROBUST)
		return learn_robust(job, n, to, err);
	if (job->scale == FLT_SCALE_STANDARD) { /* first, while the values are in the order of the rows */
		flt_mean_and_sd(job->present, n, &to->center, &sd);
		to->factor = sd > 0 ? fmin(1 / sd, 1e300) : 1;
	}
	to->median = flt_median(job->present, n);
	return job->scale == FLT_SCALE_QUANTILE ? learn_knots(job, n, to, err) : FLT_OK;
}

static enum flt_status fit_number(const struct fit_job *job, size_t index, const struct flt_column *column,
                                  struct flt_prep_column *to, struct flt_error *err)
{
	bool is_constant, id_like;
	size_t n = gather(job, column->numbers, &is_constant);
	if (n == 0 || (is_constant && n == job->n_rows)) {
		to->use = n == 0 ? FLT_ALL_MISSING : FLT_CONSTANT;
		return FLT_OK;
	}
	enum flt_status status = flt_column_is_id_like(job->table, index, job->rows, job->n_rows, &id_like, err);
	if (status)
		return status;
	if (id_like) {
		to->use = FLT_ID_LIKE;
		return FLT_OK;
	}
	to->use = FLT_USED_NUMERIC;
	to->has_indicator = n < job->n_rows;
	to->has_number = !is_constant;
	to->median = job->present[0];
	return is_constant ? FLT_OK : learn_scale(job, n, to, err);
}

/* Most frequent first, then the one that appears first. */
static int compare_levels(const void *a, const void *b)
{
	const struct level *x = a, *y = b;
	if (x->n_rows != y->n_rows)
		return x->n_rows > y->n_rows ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static size_t count_levels(const struct fit_job *job, const struct flt_column *column, struct level *levels)
{
	size_t n_missing = 0;
	for (size_t i = 0; i < job->n_rows; i++) {
		int32_t code = column->codes[job->rows[i]];
		if (code < 0) {
			n_missing++;
			continue;
		}
		if (levels[code].n_rows++ == 0) {
			levels[code].first = i;
			levels[code].text = column->levels[code];
		}
	}
	return n_missing;
}

/* Gives slots to the levels (n, some without rows), which get sorted. */
static enum flt_status learn_slots(struct level *levels, size_t n, size_t n_missing, struct flt_prep_column *to,
                                   struct flt_error *err)
{
	qsort(levels, n, sizeof *levels, compare_levels);
	size_t n_own = 0;
	while (n_own < n && n_own < FLT_PREP_MAX_LEVELS && levels[n_own].n_rows >= LEAST_ROWS)
		n_own++;
	const char **texts = flt_alloc(n_own, sizeof *texts, err);
	if (!texts)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n_own; i++)
		texts[i] = levels[i].text;
	to->levels = texts;
	to->n_levels = n_own;
	to->has_missing = n_missing >= LEAST_ROWS;
	to->has_other = (n_own < n && levels[n_own].n_rows > 0) || (n_missing > 0 && !to->has_missing);
	to->use = flt_prep_n_slots(to) < 2 ? FLT_CONSTANT : FLT_USED_CATEGORICAL;
	return FLT_OK;
}

static enum flt_status fit_category(const struct fit_job *job, size_t index, const struct flt_column *column,
                                    struct flt_prep_column *to, struct flt_error *err)
{
	bool id_like;
	struct level *levels = flt_alloc_zero(column->n_levels, sizeof *levels, err);
	if (!levels)
		return FLT_ERR_MACHINE;
	size_t n_missing = count_levels(job, column, levels);
	enum flt_status status = FLT_OK;
	if (n_missing == job->n_rows)
		to->use = FLT_ALL_MISSING;
	else if (column->looks_like_dates)
		to->use = FLT_DATES;
	else if (!(status = flt_column_is_id_like(job->table, index, job->rows, job->n_rows, &id_like, err))) {
		to->use = FLT_ID_LIKE;
		if (!id_like)
			status = learn_slots(levels, column->n_levels, n_missing, to, err);
	}
	flt_free(levels);
	return status;
}

static enum flt_status fit_column(const struct fit_job *job, size_t index, struct flt_prep_column *to,
                                  struct flt_error *err)
{
	struct flt_column column = flt_table_column(job->table, index);
	to->name = column.name;
	to->type = column.type;
	to->use = FLT_NOT_A_FEATURE;
	if (column.role != FLT_FEATURE)
		return FLT_OK;
	return column.type == FLT_NUMERIC ? fit_number(job, index, &column, to, err)
	                                  : fit_category(job, index, &column, to, err);
}

static enum flt_status check_usable(const struct fit_job *job, const struct flt_prep_column *columns, size_t n_columns,
                                    struct flt_error *err)
{
	size_t n_met[FLT_NOT_A_FEATURE + 1] = {0};
	for (size_t c = 0; c < n_columns; c++)
		n_met[columns[c].use]++;
	if (n_met[FLT_USED_NUMERIC] + n_met[FLT_USED_CATEGORICAL] > 0)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: no column is left to learn from: in the %zu fit rows %zu are constant, %zu empty, %zu id-like "
	        "and %zu hold dates; add a column that varies with the rows",
	        flt_table_path(job->table), job->n_rows, n_met[FLT_CONSTANT], n_met[FLT_ALL_MISSING],
	        n_met[FLT_ID_LIKE], n_met[FLT_DATES]);
}

/* What the columns share. */
struct columns_job {
	struct fit_job *of;              /* (n_workers) */
	struct flt_error *errors;        /* (n_workers) of the columns that failed, which only memory can make them */
	struct flt_prep_column *columns; /* (n_columns) */
};

static void fit_one(void *context, size_t column, size_t worker)
{
	struct columns_job *job = context;
	struct flt_error err = {0};
	if (fit_column(&job->of[worker], column, &job->columns[column], &err))
		job->errors[worker] = err;
}

static enum flt_status fit_columns(const struct fit_job *job, struct flt_pool *pool, struct flt_prep_column *columns,
                                   size_t n_columns, struct flt_error *err)
{
	size_t n_workers = flt_pool_n_threads(pool);
	enum flt_status status = FLT_ERR_MACHINE;
	double *present = flt_alloc(n_workers * job->n_rows, sizeof *present, err);
	struct columns_job all = {.of = present ? flt_alloc(n_workers, sizeof *all.of, err) : NULL, .columns = columns};
	all.errors = all.of ? flt_alloc_zero(n_workers, sizeof *all.errors, err) : NULL;
	if (!all.errors)
		goto out;
	for (size_t i = 0; i < n_workers; i++) {
		all.of[i] = *job;
		all.of[i].present = present + i * job->n_rows;
	}
	flt_pool_run(pool, n_columns, fit_one, &all);
	status = FLT_OK;
	for (size_t i = 0; !status && i < n_workers; i++)
		if (all.errors[i].status)
			status = flt_fail(err, all.errors[i].status, "%s", all.errors[i].text);
out:
	flt_free(present);
	flt_free(all.of);
	flt_free(all.errors);
	return status;
}

enum flt_status flt_prep_fit(const struct flt_table *table, const size_t *rows, size_t n_rows,
                             const struct flt_prep_options *options, struct flt_prep **prep, struct flt_error *err)
{
	*prep = NULL;
	struct fit_job job = {.table = table, .rows = rows, .n_rows = n_rows, .scale = options->scale};
	size_t n_columns = flt_table_n_columns(table);
	struct flt_pool *pool = NULL;
	struct flt_prep_column *columns = flt_alloc_zero(n_columns, sizeof *columns, err);
	if (!columns)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_pool_new_for(n_rows * n_columns, options->n_threads, &pool, err);
	if (!status)
		status = fit_columns(&job, pool, columns, n_columns, err);
	flt_pool_free(pool);
	if (status || (status = check_usable(&job, columns, n_columns, err)))
		goto out;
	status = flt_prep_from_columns(options->scale, columns, n_columns, prep, err);
	assert(status != FLT_ERR_MODEL);
out:
	for (size_t c = 0; c < n_columns; c++) {
		flt_free((void *)columns[c].levels); /* the texts are the table's */
		flt_free((void *)columns[c].knots);
	}
	flt_free(columns);
	return status;
}
