/*
 * A column that starts with numbers and then holds other texts may turn out to be text, or numbers in some format. Its
 * first cells are stored as numbers by then, and their texts ("007") are lost. Dates that were read with the day first
 * may turn out to have the month first. So the files are read once more, for such columns alone.
 */
#include "table/passes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "table/date_parts.h"
#include "table/doubt.h"
#include "table/each_column.h"
#include "table/group_values.h"
#include "table/partial_tables.h"
#include "table/weight.h"

/* Keeps what is to be said of a column of numbers, and then only the numbers. */
static enum flt_status settle(struct flt_table *table, struct flt_table_column *column, const struct flt_judged *judged,
                              struct flt_error *err)
{
	char *warning;
	FLT_TRY(flt_judged_remark(judged, &column->remark, err));
	FLT_TRY(flt_judged_warning(judged, &warning, err));
	if (warning)
		FLT_TRY(flt_table_add_warning(table, warning, err));
	return flt_column_settle(&column->cells, judged->rules, &column->finding.format, err);
}

/* Says in which format dates were read. */
static enum flt_status note_dates(struct flt_table_column *column, struct flt_error *err)
{
	char format[FLT_DATE_FORMAT_TEXT], remark[sizeof format + 8];
	if (!flt_column_holds_seconds(&column->cells))
		return FLT_OK;
	flt_date_format_text(&column->cells.state.dates.format, format);
	snprintf(remark, sizeof remark, "dates %s", format);
	column->remark = flt_copy_text(remark, strlen(remark), err);
	return column->remark ? FLT_OK : FLT_ERR_MACHINE;
}

/* Refuses a column that the finding leaves in doubt; else its cells become what it says. */
static enum flt_status conclude(struct flt_table *table, struct flt_table_column *column,
                                const struct flt_judged *judged, struct flt_error *err)
{
	const struct flt_weight_column weights = {table->path, column->name, &column->cells};
	if (column->role == FLT_WEIGHT)
		FLT_TRY(flt_weights_check_form(&weights, &column->finding, judged->rules, err));
	else if (column->finding.kind == FLT_FOUND_DOUBT)
		return flt_fail_doubt(judged, err);
	if (column->finding.kind == FLT_FOUND_NUMBERS && !column->cells.state.given)
		return settle(table, column, judged, err);
	return note_dates(column, err);
}

/* What is to be decided of each column, by workers that take columns one by one. */
struct deciding {
	struct flt_table *table;
	struct flt_finding_rules rules; /* but for must_be_numbers */
	struct decision {
		enum flt_status status;
		enum flt_column_fate fate;
		struct flt_error err;
	} * of; /* (n_columns) */
};

static struct flt_finding_rules rules_of(const struct deciding *deciding, const struct flt_table_column *column)
{
	struct flt_finding_rules rules = deciding->rules;
	rules.must_be_numbers = column->cells.state.reading == FLT_READ_NUMBERS_OR_MISSING;
	return rules;
}

/* Judging looks at each text of a column, and touches nothing but that column. */
static void judge_column(void *context, size_t index, size_t worker)
{
	const struct deciding *deciding = context;
	struct flt_table_column *column = &deciding->table->columns[index];
	struct decision *decision = &deciding->of[index];
	(void)worker;
	if (column->is_judged)
		return;
	if (flt_column_reads_dates(&column->cells)) {
		const struct flt_cell_place place = {.file = deciding->table->path, .column = column->name};
		decision->status = flt_column_judge_dates(&column->cells, &place, &decision->fate, &decision->err);
	} else {
		const struct flt_finding_rules rules = rules_of(deciding, column);
		decision->status =
		        flt_column_judge(&column->cells, &rules, &column->finding, &decision->fate, &decision->err);
	}
}

static enum flt_status act_on(const struct deciding *deciding, size_t index, const struct flt_table_file *files,
                              size_t n_files, bool *again, struct flt_error *err)
{
	struct flt_table_column *column = &deciding->table->columns[index];
	const struct decision *decision = &deciding->of[index];
	const struct flt_finding_rules rules = rules_of(deciding, column);
	const struct flt_judged judged = {.name = column->name,
	                                  .cells = &column->cells,
	                                  .rules = &rules,
	                                  .finding = &column->finding,
	                                  .files = files,
	                                  .n_files = n_files,
	                                  .index = index};
	if (decision->status != FLT_OK)
		return flt_fail(err, decision->status, "%s", decision->err.text);
	column->is_judged = decision->fate == FLT_COLUMN_IS_DONE;
	if (column->is_judged)
		return conclude(deciding->table, column, &judged, err);
	*again = true;
	flt_column_begin_again(&column->cells);
	return FLT_OK;
}

static enum flt_status decide_columns(struct deciding *deciding, const struct flt_table_file *files, size_t n_files,
                                      unsigned n_threads, bool *again, struct flt_error *err)
{
	struct flt_table *table = deciding->table;
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new_for(table->n_rows * table->n_columns, n_threads, &pool, err));
	flt_pool_run(pool, table->n_columns, judge_column, deciding);
	flt_pool_free(pool);
	for (size_t i = 0; i < table->n_columns; i++)
		if (!table->columns[i].is_judged)
			FLT_TRY(act_on(deciding, i, files, n_files, again, err));
	return FLT_OK;
}

/* Decides the type of each column. *again: some must be read again, and are emptied. */
static enum flt_status decide_types(struct flt_table *table, const struct flt_row_rules *rules,
                                    const struct flt_table_file *files, size_t n_files, unsigned n_threads, bool *again,
                                    struct flt_error *err)
{
	struct deciding deciding = {.table = table,
	                            .rules = {.markers = &rules->markers,
	                                      .decimal = rules->decimal,
	                                      .delimiter = flt_csv_delimiter(files->csv)},
	                            .of = flt_alloc_zero(table->n_columns, sizeof *deciding.of, err)};
	*again = false;
	FLT_TRY_MEMORY(deciding.of);
	enum flt_status status = decide_columns(&deciding, files, n_files, n_threads, again, err);
	flt_free(deciding.of);
	return status;
}

/* A marker of --na that no cell held was probably misspelt, unless it is one that always counts. */
static enum flt_status warn_of_markers(struct flt_table *table, const struct flt_markers *markers,
                                       struct flt_error *err)
{
	static const struct flt_markers always;
	for (size_t i = 0; i < markers->added.n; i++) {
		const char *marker = markers->added.items[i];
		char text[128];
		if (markers->was_met[i] || flt_markers_hold(&always, marker, strlen(marker)))
			continue;
		snprintf(text, sizeof text, "--na: no cell is \"%s\"", flt_shown(marker, strlen(marker)).text);
		char *warning = flt_copy_text(text, strlen(text), err);
		FLT_TRY_MEMORY(warning);
		FLT_TRY(flt_table_add_warning(table, warning, err));
	}
	return FLT_OK;
}

enum flt_status flt_table_add_file(struct flt_table *table, const struct flt_row_rules *rules,
                                   const struct flt_table_file *file, unsigned n_threads, struct flt_error *err)
{
	struct flt_row_rules own = *rules;
	own.delimiter = flt_csv_delimiter(file->csv);
	for (size_t i = 0; i < table->n_columns; i++)
		table->columns[i].file_column = file->columns[i];
	table->file = flt_csv_name(file->csv);
	FLT_TRY(flt_table_add_records(table, &own, file->csv, n_threads, err));
	table->n_records_before += flt_csv_n_records(file->csv);
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].cells.dates)
			flt_date_cells_end_file(table->columns[i].cells.dates, table->file);
	return FLT_OK;
}

static enum flt_status rewind_and_add(struct flt_table *table, const struct flt_row_rules *rules,
                                      const struct flt_table_file *files, size_t n_files, unsigned n_threads,
                                      struct flt_error *err)
{
	table->n_records_before = 0;
	for (size_t i = 0; i < n_files; i++) {
		FLT_TRY(flt_csv_rewind(files[i].csv, err));
		FLT_TRY(flt_table_add_file(table, rules, &files[i], n_threads, err));
	}
	return FLT_OK;
}

/* Reads the files again for the emptied columns; the others keep their cells. */
static enum flt_status add_records_again(struct flt_table *table, const struct flt_row_rules *rules,
                                         const struct flt_table_file *files, size_t n_files, unsigned n_threads,
                                         struct flt_error *err)
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
	table->notes.n_without_target = table->notes.n_without_time = table->notes.n_zero_weight = 0;
	enum flt_status status = rewind_and_add(table, rules, files, n_files, n_threads, err);
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
	if (table->notes.n_zero_weight > 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: no row has a weight above 0 in column \"%s\": name another with --weight",
		                table->path, table->columns[table->weight].name);
	if (flt_csv_n_bad_rows(csv) > 0)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: no record has as many fields as the first one (%zu), which are separated by %s: name "
		        "another delimiter with --delimiter, or leave out lines above the table with --skip-lines %zu",
		        table->path, flt_csv_n_columns(csv), flt_delimiter_name(flt_csv_delimiter(csv)).text,
		        flt_csv_n_lines_above(csv) + 1);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: a header and no rows: add rows, or say --header no if the first line is one", table->path);
}

struct finishing {
	struct flt_table *table;
	char decimal;
};

/* Copies the results of reading into the column's public view. */
static enum flt_status finish_column(void *context, size_t index, struct flt_error *err)
{
	const struct finishing *finishing = context;
	struct flt_table_column *column = &finishing->table->columns[index];
	const struct flt_column_cells *cells = &column->cells;
	if (cells->state.reading == FLT_READ_NOTHING)
		return FLT_OK;
	if (column->role == FLT_GROUP)
		FLT_TRY(flt_column_merge_values(&column->cells, finishing->decimal, err));
	if (cells->state.is_text)
		FLT_TRY(flt_table_list_levels(column, err));
	column->looks_like_dates = column->finding.kind == FLT_FOUND_DATES;
	column->integers = cells->numbers && flt_numbers_are_whole(cells->numbers, cells->n_rows);
	return FLT_OK;
}

enum flt_status flt_table_decide(struct flt_table *table, const struct flt_row_rules *rules,
                                 const struct flt_table_file *files, size_t n_files, unsigned n_threads,
                                 struct flt_error *err)
{
	bool again;
	FLT_TRY(check_rows(table, files->csv, err));
	FLT_TRY(decide_types(table, rules, files, n_files, n_threads, &again, err));
	if (again) {
		FLT_TRY(add_records_again(table, rules, files, n_files, n_threads, err));
		FLT_TRY(decide_types(table, rules, files, n_files, n_threads, &again, err));
		assert(!again);
	}
	if (!rules->model)
		FLT_TRY(warn_of_markers(table, &rules->markers, err));
	struct finishing finishing = {table, rules->decimal};
	FLT_TRY(flt_table_each_column(table, n_threads, finish_column, &finishing, err));
	FLT_TRY(flt_table_check_time(table, err));
	if (!rules->model)
		FLT_TRY(flt_table_add_date_parts(table, err));
	return flt_table_fill_date_parts(table, err);
}
