/*
 * Learning the preparation from the fit rows. Only their cells are looked at, with two exceptions: a column's type, and
 * whether all of its texts are dates, are decided by the whole table. The table numbers a column's levels by first
 * appearance among all rows; here they are ordered by frequency and first appearance among the fit rows.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/id_like.h"
#include "prep/learn.h"

enum { MIN_EFFECT_LEVELS = 20 }; /* with fewer levels, slots alone do as well: measured in tests/bench/README.md */
enum { MIN_LEVEL_ROWS = 5 };     /* fit rows that a level needs for a slot: with fewer, its weight would be noise */

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

static enum flt_status fit_number(const struct flt_learner *learner, size_t index, const struct flt_column *column,
                                  struct flt_prep_column *to, struct flt_error *err)
{
	bool is_constant;
	struct flt_id_like id_like;
	size_t n = flt_learn_present(learner, &column->numbers, &is_constant);
	if (n == 0)
		return leave_out_missing(to, err);
	if (is_constant && n == learner->n_rows)
		return leave_out(to, FLT_CONSTANT, err, "constant: %.15g in all fit rows", learner->present[0]);
	FLT_TRY(flt_column_is_id_like(learner->table, index, learner->rows, learner->n_rows, &id_like, err));
	if (id_like.kind != FLT_NO_ID)
		return leave_out_id(to, &id_like, err);
	to->use = FLT_USED_NUMERIC;
	to->has_indicator = n < learner->n_rows;
	to->format = column->format;
	to->has_number = !is_constant;
	to->profile.n_rows = learner->n_rows;
	to->profile.n_missing = learner->n_rows - n;
	FLT_TRY(flt_profile_quantiles(learner->present, n, to->profile.quantiles, err));
	to->median = to->profile.quantiles[FLT_PERCENT_50];
	return is_constant ? FLT_OK : flt_learn_scale(learner, &column->numbers, n, to->profile.quantiles, to, err);
}

/* Most frequent first, ties by first appearance. */
static int compare_levels(const void *a, const void *b)
{
	const struct level *x = a, *y = b;
	if (x->n_rows != y->n_rows)
		return x->n_rows > y->n_rows ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static size_t count_levels(const struct flt_learner *learner, const struct flt_column *column, struct level *levels)
{
	size_t n_missing = 0;
	for (size_t i = 0; i < learner->n_rows; i++) {
		int32_t code = column->codes[learner->rows[i]];
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
	size_t n_frequent = 0;
	while (n_frequent < n && levels[n_frequent].n_rows >= MIN_LEVEL_ROWS)
		n_frequent++;
	size_t n_own = n_frequent < FLT_PREP_MAX_LEVELS ? n_frequent : FLT_PREP_MAX_LEVELS;
	size_t n_known = n_frequent < FLT_PREP_MAX_KNOWN ? n_frequent : FLT_PREP_MAX_KNOWN;
	to->has_missing = n_missing >= MIN_LEVEL_ROWS;
	to->has_other = (n_own < n && levels[n_own].n_rows > 0) || (n_missing > 0 && !to->has_missing);
	to->n_levels = n_own;
	if (flt_prep_n_slots(to) < 2) {
		to->n_levels = 0;
		to->has_missing = to->has_other = false;
		return leave_out_single_slot(levels, n, n_missing, to, err);
	}
	to->has_effects = n_frequent >= MIN_EFFECT_LEVELS;
	to->n_more = to->has_effects ? n_known - n_own : 0;
	const char **texts = flt_alloc(n_own + to->n_more, sizeof *texts, err);
	FLT_TRY_MEMORY(texts);
	to->levels = texts;
	for (size_t i = 0; i < n_own + to->n_more; i++)
		texts[i] = levels[i].text;
	size_t *level_rows = flt_alloc(n_own, sizeof *level_rows, err);
	FLT_TRY_MEMORY(level_rows);
	to->profile.level_rows = level_rows;
	for (size_t i = 0; i < n_own; i++)
		level_rows[i] = levels[i].n_rows;
	to->use = FLT_USED_CATEGORICAL;
	return FLT_OK;
}

/* levels (n_levels of the column) is zeroed scratch. */
static enum flt_status fit_levels(const struct flt_learner *learner, size_t index, const struct flt_column *column,
                                  struct level *levels, struct flt_prep_column *to, struct flt_error *err)
{
	struct flt_id_like id_like;
	size_t n_missing = count_levels(learner, column, levels);
	if (n_missing == learner->n_rows)
		return leave_out_missing(to, err);
	if (column->looks_like_dates && !column->type_given)
		return leave_out(to, FLT_DATES, err, "dates; see --date and --time");
	FLT_TRY(flt_column_is_id_like(learner->table, index, learner->rows, learner->n_rows, &id_like, err));
	if (id_like.kind != FLT_NO_ID)
		return leave_out_id(to, &id_like, err);
	FLT_TRY(learn_slots(levels, column->n_levels, n_missing, to, err));
	if (to->use == FLT_USED_CATEGORICAL) {
		to->profile.n_rows = learner->n_rows;
		to->profile.n_missing = n_missing;
	}
	return FLT_OK;
}

static enum flt_status fit_category(const struct flt_learner *learner, size_t index, const struct flt_column *column,
                                    struct flt_prep_column *to, struct flt_error *err)
{
	struct level *levels = flt_alloc_zero(column->n_levels, sizeof *levels, err);
	FLT_TRY_MEMORY(levels);
	enum flt_status status = fit_levels(learner, index, column, levels, to, err);
	flt_free(levels);
	return status;
}

static enum flt_status fit_column(const struct flt_learner *learner, size_t index, struct flt_prep_column *to,
                                  struct flt_error *err)
{
	struct flt_column column = flt_table_column(learner->table, index);
	to->name = column.name;
	to->source = column.source;
	to->part = column.part;
	if (column.source)
		to->date = *column.dates;
	to->type = column.type;
	to->use = FLT_NOT_A_FEATURE;
	if (column.role != FLT_FEATURE)
		return FLT_OK;
	return column.type == FLT_NUMERIC ? fit_number(learner, index, &column, to, err)
	                                  : fit_category(learner, index, &column, to, err);
}

static enum flt_status check_usable(const struct flt_learner *learner, const struct flt_prep_column *columns,
                                    size_t n_columns, struct flt_error *err)
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
	        flt_table_path(learner->table), learner->n_rows, n_with[FLT_CONSTANT], n_with[FLT_ALL_MISSING],
	        n_with[FLT_ID_LIKE], n_with[FLT_RARE], n_with[FLT_DATES]);
}

enum flt_status flt_prep_fit(const struct flt_table *table, const size_t *rows, size_t n_rows,
                             const struct flt_prep_options *options, struct flt_prep **prep, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*prep = NULL;
	struct flt_learner learner = {.table = table, .rows = rows, .n_rows = n_rows, .scale = options->scale};
	size_t n_columns = flt_table_n_columns(table);
	struct flt_prep_column *columns = flt_alloc_zero(n_columns, sizeof *columns, err);
	struct flt_column *from = flt_alloc(n_columns, sizeof *from, err);
	FLT_TRY_MEMORY_OUT(columns && from);
	FLT_TRY_OUT(flt_learn_columns(&learner, fit_column, options->n_threads, columns, n_columns, err));
	FLT_TRY_OUT(check_usable(&learner, columns, n_columns, err));
	for (size_t c = 0; c < n_columns; c++)
		from[c] = flt_table_column(table, c);
	status = flt_learn_from_labels(&learner, options, columns, from, n_columns, prep, err);
out:
	flt_free(from);
	for (size_t c = 0; columns && c < n_columns; c++) {
		flt_free((void *)columns[c].levels); /* the texts are the table's */
		flt_free((void *)columns[c].quantiles);
		flt_free((void *)columns[c].steps);
		flt_free((void *)columns[c].profile.level_rows);
		flt_free((void *)columns[c].reason);
	}
	flt_free(columns);
	return status;
}
