#include "table/date_parts.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "table/time_order.h"

/* ---- the time column ---- */

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static enum flt_status fail_misfit(const struct flt_table *table, const char *column, const char *way,
                                   struct flt_error *err)
{
	bool is_clock = *way == 'h';
	char name[256];
	if (!flt_option_value(&column, 1, name, sizeof name))
		snprintf(name, sizeof name, "COL");
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: the numbers of time column \"%s\" look like %s as %s, which rows cannot be ordered by: %s, or "
	        "order them as plain numbers with --numeric %s",
	        table->path, column, is_clock ? "times of day" : "dates", way,
	        is_clock ? "name a column with the date with --time" : "write them as yyyy-mm-dd", name);
}

static enum flt_status fail_far(const struct flt_table *table, const struct flt_table_column *column, size_t n_far,
                                bool is_first, struct flt_error *err)
{
	const struct flt_date_cells *dates = column->cells.dates;
	char item[2 * sizeof(struct flt_shown)];
	const struct flt_end_cell *cell = is_first ? &dates->lowest : &dates->highest;
	const struct flt_shown shown = flt_shown(cell->text, cell->length);
	const char *text = shown.text;
	if (!flt_option_value(&text, 1, item, sizeof item))
		snprintf(item, sizeof item, "TEXT");
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: time column \"%s\" holds \"%s\" in %zu of its %zu rows, years from all other dates: if it "
	        "stands for an unknown time, make it missing with --na %s and leave such rows out with "
	        "--missing-time drop",
	        cell->file ? cell->file : table->path, cell->line, column->name, text, n_far, table->n_rows, item);
}

static enum flt_status check_sorted(const struct flt_table *table, const struct flt_table_column *column,
                                    const double *times, size_t n, struct flt_error *err)
{
	if (!flt_column_holds_seconds(&column->cells)) {
		const char *way = flt_time_misfit(times, n);
		return way ? fail_misfit(table, column->name, way, err) : FLT_OK;
	}
	struct flt_far_times far = flt_far_times(times, n);
	return far.n > 0 ? fail_far(table, column, far.n_rows[0], far.value[0] <= times[0], err) : FLT_OK;
}

enum flt_status flt_table_check_time(const struct flt_table *table, struct flt_error *err)
{
	if (table->time == SIZE_MAX)
		return FLT_OK;
	const struct flt_table_column *column = &table->columns[table->time];
	const struct flt_column_cells *cells = &column->cells;
	if (cells->state.reading != FLT_READ_TIME && cells->state.reading != FLT_READ_DATES)
		return FLT_OK;
	double *times = flt_alloc(cells->n_rows, sizeof *times, err);
	FLT_TRY_MEMORY(times);
	size_t n = 0;
	for (size_t row = 0; row < cells->n_rows; row++)
		if (!isnan(cells->numbers[row]))
			times[n++] = cells->numbers[row];
	enum flt_status status = FLT_OK;
	if (flt_time_is_suspicious(times, n, flt_column_holds_seconds(cells))) {
		qsort(times, n, sizeof *times, compare_doubles);
		status = check_sorted(table, column, times, n, err);
	}
	flt_free(times);
	return status;
}

/* ---- parts ---- */

static bool has_part(const struct flt_table_column *column, enum flt_date_part part)
{
	if (!column->gives_parts || !flt_column_holds_seconds(&column->cells))
		return false;
	return part != FLT_DATE_HOUR || column->cells.state.dates.format.has_time;
}

/* "when (hour)"; NULL if memory ran out. */
static char *part_name(const char *source, enum flt_date_part part, struct flt_error *err)
{
	size_t size = strlen(source) + strlen(flt_date_part_words[part]) + 4;
	char *name = flt_alloc(size, 1, err);
	if (name)
		snprintf(name, size, "%s (%s)", source, flt_date_part_words[part]);
	return name;
}

/* names: of the table's columns so far. */
static enum flt_status add_part(struct flt_table *table, size_t source, enum flt_date_part part,
                                struct flt_dictionary *names, struct flt_error *err)
{
	struct flt_table_column *column = &table->columns[table->n_columns];
	*column = (struct flt_table_column){.role = FLT_FEATURE,
	                                    .is_part = true,
	                                    .source = source,
	                                    .part = part,
	                                    .type_given = true,
	                                    .file_column = SIZE_MAX};
	flt_column_init(&column->cells, FLT_READ_NOTHING);
	column->name = part_name(table->columns[source].name, part, err);
	FLT_TRY_MEMORY(column->name);
	size_t n = names->n;
	int32_t code;
	table->n_columns++;
	FLT_TRY(flt_dictionary_add(names, column->name, strlen(column->name), &code, err));
	return names->n > n ? FLT_OK
	                    : flt_fail(err, FLT_ERR_DATA,
	                               "%s: --date \"%s\" gives a column \"%s\", and the file has one of that "
	                               "name: rename that one",
	                               table->path, table->columns[source].name, column->name);
}

static enum flt_status add_parts(struct flt_table *table, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_dictionary names = {0};
	int32_t code;
	size_t n = table->n_columns;
	for (size_t i = 0; i < n; i++)
		FLT_TRY_OUT(
		        flt_dictionary_add(&names, table->columns[i].name, strlen(table->columns[i].name), &code, err));
	for (size_t i = 0; i < n; i++)
		for (int part = 0; part < FLT_N_DATE_PARTS; part++)
			if (has_part(&table->columns[i], (enum flt_date_part)part))
				FLT_TRY_OUT(add_part(table, i, (enum flt_date_part)part, &names, err));
out:
	flt_dictionary_release(&names);
	return status;
}

enum flt_status flt_table_add_date_parts(struct flt_table *table, struct flt_error *err)
{
	size_t n = table->n_columns, n_more = 0;
	for (size_t i = 0; i < n; i++)
		for (int part = 0; part < FLT_N_DATE_PARTS; part++)
			n_more += has_part(&table->columns[i], (enum flt_date_part)part);
	if (n_more == 0)
		return FLT_OK;
	struct flt_table_column *columns = flt_alloc(n + n_more, sizeof *columns, err);
	FLT_TRY_MEMORY(columns);
	memcpy(columns, table->columns, n * sizeof *columns);
	flt_free(table->columns);
	table->columns = columns;
	return add_parts(table, err);
}

static enum flt_status fill_part(struct flt_table_column *column, const struct flt_column_cells *source,
                                 struct flt_error *err)
{
	struct flt_column_cells *cells = &column->cells;
	cells->numbers = flt_alloc(source->n_rows, sizeof *cells->numbers, err);
	FLT_TRY_MEMORY(cells->numbers);
	for (size_t row = 0; row < source->n_rows; row++)
		cells->numbers[row] = flt_date_part(source->numbers[row], column->part);
	cells->n_rows = source->n_rows;
	cells->n_missing = source->n_missing;
	column->integers = true;
	return FLT_OK;
}

enum flt_status flt_table_fill_date_parts(struct flt_table *table, struct flt_error *err)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].is_part)
			FLT_TRY(fill_part(&table->columns[i], &table->columns[table->columns[i].source].cells, err));
	return FLT_OK;
}
