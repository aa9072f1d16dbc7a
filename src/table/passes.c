/*
 * A column that starts with numbers and then holds other texts may turn out to be text, or numbers in some format. Its
 * first cells are stored as numbers by then, and their texts ("007") are lost. Dates that were read with the day first
 * may turn out to have the month first. So the file is read once more, for such columns alone.
 */
#include "table/passes.h"

#include <assert.h>

#include "base/alloc.h"
#include "table/date_parts.h"
#include "table/doubt.h"
#include "table/partial_tables.h"

/* Decides the type of each column. *again: some must be read again, and are emptied. */
static enum flt_status decide_types(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                    bool *again, struct flt_error *err)
{
	*again = false;
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_table_column *column = &table->columns[i];
		if (column->is_judged)
			continue;
		struct flt_finding_rules how = {.markers = &rules->markers,
		                                .decimal = rules->decimal,
		                                .delimiter = flt_csv_delimiter(csv),
		                                .must_be_numbers =
		                                        column->cells.state.reading == FLT_READ_NUMBERS_OR_MISSING};
		enum flt_column_fate fate;
		struct flt_cell_place place = {.file = table->path, .column = column->name};
		if (flt_column_reads_dates(&column->cells))
			FLT_TRY(flt_column_judge_dates(&column->cells, &place, &fate, err));
		else
			FLT_TRY(flt_column_judge(&column->cells, &how, &column->finding, &fate, err));
		struct flt_judged judged = {.file = table->path,
		                            .name = column->name,
		                            .cells = &column->cells,
		                            .rules = &how,
		                            .finding = &column->finding,
		                            .file_column = column->file_column};
		if (fate == FLT_COLUMN_AGAIN)
			flt_column_begin_again(&column->cells);
		else if (column->finding.kind == FLT_FOUND_DOUBT)
			return flt_fail_doubt(&judged, csv, err);
		column->is_judged = fate == FLT_COLUMN_IS_DONE;
		*again |= fate == FLT_COLUMN_AGAIN;
	}
	return FLT_OK;
}

static enum flt_status rewind_and_add(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                      unsigned n_threads, struct flt_error *err)
{
	FLT_TRY(flt_csv_rewind(csv, err));
	return flt_table_add_records(table, rules, csv, n_threads, err);
}

/* Reads the file again for the emptied columns; the others keep their cells. */
static enum flt_status add_records_again(struct flt_table *table, const struct flt_row_rules *rules,
                                         struct flt_csv *csv, unsigned n_threads, struct flt_error *err)
{
	size_t n_rows = table->n_rows;
	enum flt_reading *readings = flt_alloc(table->n_columns, sizeof *readings, err);
	FLT_TRY_MEMORY(readings);
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_column_cells *cells = &table->columns[i].cells;
		readings[i] = cells->state.reading;
		if (cells->n_rows > 0)
			cells->state.reading = FLT_READ_NOTHING;
	}
	table->n_rows = table->row_capacity = 0;
	table->notes.n_without_target = table->notes.n_without_time = 0;
	enum flt_status status = rewind_and_add(table, rules, csv, n_threads, err);
	for (size_t i = 0; i < table->n_columns; i++)
		table->columns[i].cells.state.reading = readings[i];
	flt_free(readings);
	FLT_TRY(status);
	if (table->n_rows != n_rows)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: the file changed while it was read: run again when it is complete", table->path);
	return FLT_OK;
}

static enum flt_status check_rows(const struct flt_table *table, const struct flt_csv *csv, struct flt_error *err)
{
	if (table->n_rows > 0)
		return FLT_OK;
	if (table->notes.n_without_time > 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: no row has a value in time column \"%s\": name another with --time", table->path,
		                table->columns[table->time].name);
	if (table->notes.n_without_target > 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: no row has a value in target \"%s\": name another with --target", table->path,
		                table->columns[table->target].name);
	if (flt_csv_n_bad_rows(csv) > 0)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: no record has as many fields as the first one (%zu): look at the delimiter, which is "
		        "taken to be '%c'",
		        table->path, flt_csv_n_columns(csv), flt_csv_delimiter(csv));
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: a header and no rows: add rows, or say --header no if the first line is one", table->path);
}

enum flt_status flt_table_list_levels(struct flt_table_column *column, struct flt_error *err)
{
	const struct flt_dictionary *levels = &column->cells.levels;
	flt_free(column->levels);
	column->levels = flt_alloc(levels->n, sizeof *column->levels, err);
	FLT_TRY_MEMORY(column->levels);
	for (size_t i = 0; i < levels->n; i++)
		column->levels[i] = flt_dictionary_text(levels, i);
	return FLT_OK;
}

/* Copies the results of reading into the columns' public views. */
static enum flt_status finish_columns(struct flt_table *table, struct flt_error *err)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_table_column *column = &table->columns[i];
		if (column->cells.state.reading == FLT_READ_NOTHING)
			continue;
		if (column->cells.state.is_text)
			FLT_TRY(flt_table_list_levels(column, err));
		column->looks_like_dates = flt_column_are_dates(&column->cells);
		column->integers = flt_column_are_integers(&column->cells);
	}
	return FLT_OK;
}

enum flt_status flt_table_add_file(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                   unsigned n_threads, struct flt_error *err)
{
	bool again;
	FLT_TRY(flt_table_add_records(table, rules, csv, n_threads, err));
	FLT_TRY(check_rows(table, csv, err));
	FLT_TRY(decide_types(table, rules, csv, &again, err));
	if (again) {
		FLT_TRY(add_records_again(table, rules, csv, n_threads, err));
		FLT_TRY(decide_types(table, rules, csv, &again, err));
		assert(!again);
	}
	FLT_TRY(finish_columns(table, err));
	FLT_TRY(flt_table_check_time(table, err));
	if (!rules->model)
		FLT_TRY(flt_table_add_date_parts(table, err));
	return flt_table_fill_date_parts(table, err);
}
