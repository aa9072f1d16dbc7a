/*
 * Learning the preparation from the fit rows. Only their cells are looked at, with two exceptions: a column's type, and
 * whether all of its texts are dates, are decided by the whole table. The table numbers a column's levels by first
 * appearance among all rows; here they are ordered by frequency and first appearance among the fit rows.
 *
 * Missing numbers do not count for the median and scale of a column: if many are missing, the interquartile range of
 * the present values says more than that of a column filled with medians.
 */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "base/text.h"
#include "table/id_like.h"
#include "prep/contents.h"
#include "prep/scale.h"

enum { MIN_LEVEL_ROWS = 5 }; /* fit rows that a level needs for a slot: with fewer, its weight would be noise */

struct fit_job {
	const struct flt_table *table;
	const size_t *rows; /* (n_rows) */
	size_t n_rows;
	enum flt_scale scale;
	double *present; /* (n_rows) the worker's scratch: the present values of a column */
};

struct level {
	size_t n_rows, first; /* its fit rows: how many, and the index of the first */
	const char *text;
};

/* Leaves the column out, and says why. */
static enum flt_status leave_out(struct flt_prep_column *to, enum flt_column_use use, struct flt_error *err,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static enum flt_status leave_out(struct flt_prep_column *to, enum flt_column_use use, struct flt_error *err,
                                 const char *format, ...)
{
	char reason[160];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	to->use = use;
	to->reason = flt_copy_text(reason, strlen(reason), err);
	FLT_TRY_MEMORY(to->reason);
	return FLT_OK;
}

static enum flt_status leave_out_missing(struct flt_prep_column *to, struct flt_error *err)
{
	return leave_out(to, FLT_ALL_MISSING, err, "missing in all fit rows");
}

static enum flt_status leave_out_id(struct flt_prep_column *to, const struct flt_id_like *id, struct flt_error *err)
{
	if (id->kind == FLT_ID_COUNTS)
		return leave_out(to, FLT_ID_LIKE, err, "whole numbers that count the rows: like an id");
	if (id->kind == FLT_ID_RISES)
		return leave_out(to, FLT_ID_LIKE, err, "whole numbers that rise from row to row: like an id");
	if (id->kind == FLT_ID_FILLS)
		return leave_out(to, FLT_ID_LIKE, err, "%zu different whole numbers in a range of %zu: like an id",
		                 id->n_distinct, id->range);
	if (id->n_distinct == id->n_present)
		return leave_out(to, FLT_ID_LIKE, err, "all %zu texts are distinct: like an id", id->n_distinct);
	return leave_out(to, FLT_ID_LIKE, err, "%zu of %zu texts are distinct: like an id", id->n_distinct,
	                 id->n_present);
}

/* Fills job->present and returns the number of present values. */
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

static enum flt_status learn_quantiles(const struct fit_job *job, size_t n, struct flt_prep_column *to,
                                       struct flt_error *err)
{
	size_t n_quantiles = n < FLT_PREP_MAX_QUANTILES ? n : FLT_PREP_MAX_QUANTILES;
	double *quantiles = flt_alloc(n_quantiles, sizeof *quantiles, err);
	FLT_TRY_MEMORY(quantiles);
	to->quantiles = quantiles;
	to->n_quantiles = n_quantiles;
	return flt_quantiles(job->present, n, n_quantiles - 1, quantiles, err);
}

/* Median and factor, from the profile's quartiles. Reorders the present values (n). */
static enum flt_status learn_robust(double *present, size_t n, struct flt_prep_column *to, struct flt_error *err)
{
	struct flt_fences fences;
	const double *quantiles = to->profile.quantiles;
	FLT_TRY(flt_fences_find(present, n, quantiles, &fences, err));
	to->center = to->median;
	to->factor = flt_robust_factor((const double[]){
	        flt_fenced(&fences, quantiles[FLT_LOWEST]), quantiles[FLT_PERCENT_25], quantiles[FLT_PERCENT_50],
	        quantiles[FLT_PERCENT_75], flt_fenced(&fences, quantiles[FLT_HIGHEST])});
	return FLT_OK;
}

/* Mean and deviation; a value beyond a fence counts as one at the fence. The values are gathered again, since the order
 * of a sum shows in its last bits. */
static void learn_standard(const struct fit_job *job, const double *numbers, struct flt_prep_column *to)
{
	const double largest_factor = 1e300; /* 1 / sd of subnormal values overflows */
	double sd;
	size_t n = gather(job, numbers, &(bool){false});
	for (size_t i = 0; i < n; i++)
		job->present[i] = flt_fenced(&to->fences, job->present[i]);
	flt_mean_and_sd(job->present, n, &to->center, &sd);
	to->factor = sd > 0 ? fmin(1 / sd, largest_factor) : 1;
}

/* The n present values are not all the same. The profile is known. */
static enum flt_status learn_scale(const struct fit_job *job, const double *numbers, size_t n,
                                   struct flt_prep_column *to, struct flt_error *err)
{
	switch (job->scale) {
	case FLT_SCALE_ROBUST:
		return learn_robust(job->present, n, to, err);
	case FLT_SCALE_STANDARD:
		FLT_TRY(flt_fences_find(job->present, n, to->profile.quantiles, &to->fences, err));
		learn_standard(job, numbers, to);
		break;
	case FLT_SCALE_QUANTILE:
		return learn_quantiles(job, n, to, err);
	case FLT_SCALE_NONE:
		if (to->source && to->part == FLT_DATE_DAYS)
			to->center = to->profile.quantiles[FLT_LOWEST];
		break;
	case FLT_N_SCALES:
		break;
	}
	return FLT_OK;
}

static enum flt_status fit_number(const struct fit_job *job, size_t index, const struct flt_column *column,
                                  struct flt_prep_column *to, struct flt_error *err)
{
	bool is_constant;
	struct flt_id_like id_like;
	size_t n = gather(job, column->numbers, &is_constant);
	if (n == 0)
		return leave_out_missing(to, err);
	if (is_constant && n == job->n_rows)
		return leave_out(to, FLT_CONSTANT, err, "constant: %.15g in all fit rows", job->present[0]);
	FLT_TRY(flt_column_is_id_like(job->table, index, job->rows, job->n_rows, &id_like, err));
	if (id_like.kind != FLT_NO_ID)
		return leave_out_id(to, &id_like, err);
	to->use = FLT_USED_NUMERIC;
	to->has_indicator = n < job->n_rows;
	to->format = column->format;
	to->has_number = !is_constant;
	to->profile.n_rows = job->n_rows;
	to->profile.n_missing = job->n_rows - n;
	FLT_TRY(flt_profile_quantiles(job->present, n, to->profile.quantiles, err));
	to->median = to->profile.quantiles[FLT_PERCENT_50];
	return is_constant ? FLT_OK : learn_scale(job, column->numbers, n, to, err);
}

/* Most frequent first, ties by first appearance. */
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

/* The levels (n) are sorted, and the column has a single slot, so it says nothing. */
static enum flt_status leave_out_single_slot(const struct level *levels, size_t n, size_t n_missing,
                                             struct flt_prep_column *to, struct flt_error *err)
{
	size_t n_present = 0;
	while (n_present < n && levels[n_present].n_rows > 0)
		n_present++;
	if (n_present == 1 && n_missing == 0)
		return leave_out(to, FLT_CONSTANT, err, "constant: \"%s\" in all fit rows",
		                 flt_shown(levels->text, strlen(levels->text)).text);
	if (n_present == 1)
		return leave_out(to, FLT_RARE, err, "a single value, in fewer than %d fit rows", MIN_LEVEL_ROWS);
	return leave_out(to, FLT_RARE, err, "each of %zu values is in fewer than %d fit rows", n_present,
	                 MIN_LEVEL_ROWS);
}

/* Sorts the levels (n, some of them without fit rows) and gives slots to the most frequent. */
static enum flt_status learn_slots(struct level *levels, size_t n, size_t n_missing, struct flt_prep_column *to,
                                   struct flt_error *err)
{
	qsort(levels, n, sizeof *levels, compare_levels);
	size_t n_own = 0;
	while (n_own < n && n_own < FLT_PREP_MAX_LEVELS && levels[n_own].n_rows >= MIN_LEVEL_ROWS)
		n_own++;
	to->has_missing = n_missing >= MIN_LEVEL_ROWS;
	to->has_other = (n_own < n && levels[n_own].n_rows > 0) || (n_missing > 0 && !to->has_missing);
	to->n_levels = n_own;
	if (flt_prep_n_slots(to) < 2) {
		to->n_levels = 0;
		to->has_missing = to->has_other = false;
		return leave_out_single_slot(levels, n, n_missing, to, err);
	}
	const char **texts = flt_alloc(n_own, sizeof *texts, err);
	FLT_TRY_MEMORY(texts);
	to->levels = texts;
	size_t *level_rows = flt_alloc(n_own, sizeof *level_rows, err);
	FLT_TRY_MEMORY(level_rows);
	to->profile.level_rows = level_rows;
	for (size_t i = 0; i < n_own; i++) {
		texts[i] = levels[i].text;
		level_rows[i] = levels[i].n_rows;
	}
	to->use = FLT_USED_CATEGORICAL;
	return FLT_OK;
}

/* levels (n_levels of the column) is zeroed scratch. */
static enum flt_status fit_levels(const struct fit_job *job, size_t index, const struct flt_column *column,
                                  struct level *levels, struct flt_prep_column *to, struct flt_error *err)
{
	struct flt_id_like id_like;
	size_t n_missing = count_levels(job, column, levels);
	if (n_missing == job->n_rows)
		return leave_out_missing(to, err);
	if (column->looks_like_dates && !column->type_given)
		return leave_out(to, FLT_DATES, err, "dates; see --date and --time");
	FLT_TRY(flt_column_is_id_like(job->table, index, job->rows, job->n_rows, &id_like, err));
	if (id_like.kind != FLT_NO_ID)
		return leave_out_id(to, &id_like, err);
	FLT_TRY(learn_slots(levels, column->n_levels, n_missing, to, err));
	if (to->use == FLT_USED_CATEGORICAL) {
		to->profile.n_rows = job->n_rows;
		to->profile.n_missing = n_missing;
	}
	return FLT_OK;
}

static enum flt_status fit_category(const struct fit_job *job, size_t index, const struct flt_column *column,
                                    struct flt_prep_column *to, struct flt_error *err)
{
	struct level *levels = flt_alloc_zero(column->n_levels, sizeof *levels, err);
	FLT_TRY_MEMORY(levels);
	enum flt_status status = fit_levels(job, index, column, levels, to, err);
	flt_free(levels);
	return status;
}

static enum flt_status fit_column(const struct fit_job *job, size_t index, struct flt_prep_column *to,
                                  struct flt_error *err)
{
	struct flt_column column = flt_table_column(job->table, index);
	to->name = column.name;
	to->source = column.source;
	to->part = column.part;
	if (column.source)
		to->date = *column.dates;
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
	size_t n_with[FLT_NOT_A_FEATURE + 1] = {0};
	for (size_t c = 0; c < n_columns; c++)
		n_with[columns[c].use]++;
	if (n_with[FLT_USED_NUMERIC] + n_with[FLT_USED_CATEGORICAL] > 0)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: no column is left to learn from: in the %zu fit rows %zu are constant, %zu empty, %zu id-like, "
	        "%zu hold rare texts and %zu hold dates; add a column that varies with the rows",
	        flt_table_path(job->table), job->n_rows, n_with[FLT_CONSTANT], n_with[FLT_ALL_MISSING],
	        n_with[FLT_ID_LIKE], n_with[FLT_RARE], n_with[FLT_DATES]);
}

/* Shared by all columns, which workers take one by one. */
struct columns_job {
	struct fit_job *of_worker;       /* (n_workers) */
	struct flt_error *errors;        /* (n_workers) of a column that failed; only memory can run out */
	struct flt_prep_column *columns; /* (n_columns) */
};

static void fit_one(void *context, size_t column, size_t worker)
{
	struct columns_job *job = context;
	struct flt_error err = {0};
	if (fit_column(&job->of_worker[worker], column, &job->columns[column], &err))
		job->errors[worker] = err;
}

static enum flt_status fit_columns(const struct fit_job *job, struct flt_pool *pool, struct flt_prep_column *columns,
                                   size_t n_columns, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_workers = flt_pool_n_threads(pool);
	double *present = flt_alloc(n_workers * job->n_rows, sizeof *present, err);
	struct columns_job all = {.columns = columns};
	FLT_TRY_MEMORY_OUT(present);
	all.of_worker = flt_alloc(n_workers, sizeof *all.of_worker, err);
	FLT_TRY_MEMORY_OUT(all.of_worker);
	all.errors = flt_alloc_zero(n_workers, sizeof *all.errors, err);
	FLT_TRY_MEMORY_OUT(all.errors);
	for (size_t i = 0; i < n_workers; i++) {
		all.of_worker[i] = *job;
		all.of_worker[i].present = present + i * job->n_rows;
	}
	flt_pool_run(pool, n_columns, fit_one, &all);
	for (size_t i = 0; i < n_workers; i++)
		if (all.errors[i].status)
			FLT_TRY_OUT(flt_fail(err, all.errors[i].status, "%s", all.errors[i].text));
out:
	flt_free(present);
	flt_free(all.of_worker);
	flt_free(all.errors);
	return status;
}

enum flt_status flt_prep_fit(const struct flt_table *table, const size_t *rows, size_t n_rows,
                             const struct flt_prep_options *options, struct flt_prep **prep, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*prep = NULL;
	struct fit_job job = {.table = table, .rows = rows, .n_rows = n_rows, .scale = options->scale};
	size_t n_columns = flt_table_n_columns(table);
	struct flt_pool *pool = NULL;
	struct flt_prep_column *columns = flt_alloc_zero(n_columns, sizeof *columns, err);
	FLT_TRY_MEMORY(columns);
	FLT_TRY_OUT(flt_pool_new_for(n_rows * n_columns, options->n_threads, &pool, err));
	FLT_TRY_OUT(fit_columns(&job, pool, columns, n_columns, err));
	FLT_TRY_OUT(check_usable(&job, columns, n_columns, err));
	status = flt_prep_from_columns(options->scale, columns, n_columns, prep, err);
	assert(status != FLT_ERR_MODEL);
out:
	flt_pool_free(pool);
	for (size_t c = 0; c < n_columns; c++) {
		flt_free((void *)columns[c].levels); /* the texts are the table's */
		flt_free((void *)columns[c].quantiles);
		flt_free((void *)columns[c].profile.level_rows);
		flt_free((void *)columns[c].reason);
	}
	flt_free(columns);
	return status;
}
