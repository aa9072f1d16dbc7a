/*
 * From records to cells. The loop over a record's columns is all that a row costs here; what a cell costs is column.c.
 *
 * A column of numbers in which text turns up, too much of it to be a slip, is a column of text. Its first cells are
 * numbers by then and their texts ("007") are gone, so the file is read once more for such columns alone.
 */
#include <stdint.h>

#include "base/alloc.h"
#include "table/contents.h"

static struct flt_cell_place place_of(const struct flt_row_reader *reader, const struct flt_table_column *column,
                                      size_t line)
{
	return (struct flt_cell_place){reader->table->path, column->name, line, &reader->markers, reader->decimal};
}

static enum flt_status fail_no_target(const struct flt_row_reader *reader, size_t line, struct flt_error *err)
{
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: no value in target \"%s\": fill it in, or leave such rows out with --missing-target drop",
	        reader->table->path, line, flt_table_target(reader->table));
}

static enum flt_status fail_unknown_class(const struct flt_row_reader *reader, size_t line,
                                          const struct flt_csv_field *field, struct flt_error *err)
{
	const struct flt_table *model = reader->model;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: target \"%s\" holds \"%s\", but its classes in %s are \"%s\" and \"%s\": correct it",
	                reader->table->path, line, flt_table_target(reader->table),
	                flt_shown(field->text, field->length).text, model->path, model->negative, model->positive);
}

/* Looks at the record's target, where the table has one; *is_left_out is set if the row goes for want of it. */
static enum flt_status check_target(const struct flt_row_reader *reader, const struct flt_csv_record *record,
                                    bool *is_left_out, struct flt_error *err)
{
	struct flt_table *table = reader->table;
	*is_left_out = false;
	if (table->target == SIZE_MAX)
		return FLT_OK;
	const struct flt_csv_field *field = &record->fields[table->columns[table->target].source];
	if (!flt_markers_hold(&reader->markers, field->text, field->length)) {
		if (reader->model && !flt_table_knows_class(reader->model, field->text, field->length))
			return fail_unknown_class(reader, record->line, field, err);
		return FLT_OK;
	}
	if (!reader->drop_missing_target)
		return fail_no_target(reader, record->line, err);
	table->notes.n_without_target++;
	*is_left_out = true;
	return FLT_OK;
}

/* Notes the record's number, if rows and records do not run side by side. */
static enum flt_status number_row(struct flt_table *table, size_t number, struct flt_error *err)
{
	if (!table->row_numbers && number == table->n_rows + 1)
		return FLT_OK;
	bool is_first = !table->row_numbers;
	enum flt_status status = flt_grow((void **)&table->row_numbers, &table->row_number_capacity, table->n_rows + 1,
	                                  sizeof *table->row_numbers, err);
	if (status != FLT_OK)
		return status;
	for (size_t row = 0; is_first && row < table->n_rows; row++)
		table->row_numbers[row] = row + 1;
	table->row_numbers[table->n_rows] = number;
	return FLT_OK;
}

/* Room for so many rows in every column, for many more if there is none. Few at first: there may be many columns. */
static enum flt_status reserve(struct flt_table *table, size_t n_rows, struct flt_error *err)
{
	enum { FIRST_ROWS = 16 };
	if (n_rows <= table->row_capacity)
		return FLT_OK;
	size_t capacity = table->row_capacity < FIRST_ROWS ? FIRST_ROWS : 2 * table->row_capacity;
	if (capacity < n_rows)
		capacity = n_rows;
	for (size_t i = 0; i < table->n_columns; i++) {
		enum flt_status status = flt_column_reserve(&table->columns[i].cells, capacity, err);
		if (status != FLT_OK)
			return status;
	}
	table->row_capacity = capacity;
	return FLT_OK;
}

enum flt_status flt_table_add_row(struct flt_row_reader *reader, const struct flt_csv_record *record,
                                  struct flt_error *err)
{
	struct flt_table *table = reader->table;
	bool is_left_out;
	enum flt_status status = check_target(reader, record, &is_left_out, err);
	if (status != FLT_OK || is_left_out)
		return status;
	status = reserve(table, table->n_rows + 1, err);
	if (status == FLT_OK)
		status = number_row(table, record->number, err);
	for (size_t i = 0; status == FLT_OK && i < table->n_columns; i++) {
		struct flt_table_column *column = &table->columns[i];
		if (column->cells.reading == FLT_READ_NOTHING)
			continue;
		const struct flt_csv_field *field = &record->fields[column->source];
		struct flt_cell_place place = place_of(reader, column, record->line);
		status = flt_column_add(&column->cells, field->text, field->length, &place, err);
	}
	table->n_rows += status == FLT_OK;
	return status;
}

/* Notes the numbers of a part's rows behind the table's. */
static enum flt_status number_rows(struct flt_table *table, const struct flt_table *part, size_t n_before,
                                   struct flt_error *err)
{
	if (!table->row_numbers && !part->row_numbers && n_before == table->n_rows) {
		table->n_rows += part->n_rows;
		return FLT_OK;
	}
	enum flt_status status = FLT_OK;
	for (size_t row = 0; status == FLT_OK && row < part->n_rows; row++) {
		status = number_row(table, n_before + (part->row_numbers ? part->row_numbers[row] : row + 1), err);
		table->n_rows++;
	}
	return status;
}

enum flt_status flt_table_append_rows(struct flt_table *table, const struct flt_table *part, size_t n_before,
                                      struct flt_error *err)
{
	enum flt_status status = reserve(table, table->n_rows + part->n_rows, err);
	table->notes.n_without_target += part->notes.n_without_target;
	return status == FLT_OK ? number_rows(table, part, n_before, err) : status;
}

/* Settles what each column is. *again: some must be read again, for their texts. */
static enum flt_status decide(struct flt_row_reader *reader, bool *again, struct flt_error *err)
{
	struct flt_table *table = reader->table;
	char delimiter = flt_csv_delimiter(reader->csv);
	*again = false;
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_table_column *column = &table->columns[i];
		struct flt_cell_place place = place_of(reader, column, 0);
		bool this_one;
		enum flt_status status = flt_column_decide(&column->cells, &place,
		                                           delimiter != ',' && reader->decimal != ',', &this_one, err);
		if (status != FLT_OK)
			return status;
		if (this_one) {
			flt_column_release(&column->cells);
			flt_column_init(&column->cells, FLT_READ_TEXT);
		}
		*again |= this_one;
	}
	return FLT_OK;
}

/* Reads the file again for the columns that were emptied; the others keep what they have. */
static enum flt_status add_rows_again(struct flt_row_reader *reader, struct flt_error *err)
{
	struct flt_table *table = reader->table;
	size_t n_rows = table->n_rows;
	enum flt_reading *readings = flt_alloc(table->n_columns, sizeof *readings, err);
	if (!readings)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_column_cells *cells = &table->columns[i].cells;
		readings[i] = cells->reading;
		if (cells->n_rows > 0)
			cells->reading = FLT_READ_NOTHING;
	}
	table->n_rows = table->row_capacity = table->notes.n_without_target = 0;
	enum flt_status status = flt_csv_rewind(reader->csv, err);
	if (status == FLT_OK)
		status = flt_table_add_parts(reader, err);
	for (size_t i = 0; i < table->n_columns; i++)
		table->columns[i].cells.reading = readings[i];
	flt_free(readings);
	if (status == FLT_OK && table->n_rows != n_rows)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: the file changed while it was read: run again when it is complete", table->path);
	return status;
}

static enum flt_status check_rows(const struct flt_row_reader *reader, struct flt_error *err)
{
	const struct flt_table *table = reader->table;
	if (table->n_rows > 0)
		return FLT_OK;
	if (table->notes.n_without_target > 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: no row has a value in target \"%s\": name another with --target", table->path,
		                table->columns[table->target].name);
	if (flt_csv_n_bad_rows(reader->csv) > 0)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: no record has as many fields as the first one (%zu): look at the delimiter, which is "
		        "taken to be '%c'",
		        table->path, flt_csv_n_columns(reader->csv), flt_csv_delimiter(reader->csv));
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: a header and no rows: add rows, or say --header no if the first line is one", table->path);
}

enum flt_status flt_table_add_all_rows(struct flt_row_reader *reader, struct flt_error *err)
{
	bool again = false;
	enum flt_status status = flt_table_add_parts(reader, err);
	if (status == FLT_OK)
		status = check_rows(reader, err);
	if (status == FLT_OK)
		status = decide(reader, &again, err);
	if (status == FLT_OK && again)
		status = add_rows_again(reader, err);
	return status;
}

static enum flt_status list_levels(struct flt_table_column *column, struct flt_error *err)
{
	const struct flt_dictionary *levels = &column->cells.levels;
	flt_free(column->levels);
	column->levels = flt_alloc(levels->n, sizeof *column->levels, err);
	if (!column->levels)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < levels->n; i++)
		column->levels[i] = flt_dictionary_text(levels, i);
	return FLT_OK;
}

enum flt_status flt_table_finish_columns(struct flt_table *table, struct flt_error *err)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_table_column *column = &table->columns[i];
		if (column->cells.reading == FLT_READ_NOTHING)
			continue;
		enum flt_status status = column->cells.is_text ? list_levels(column, err) : FLT_OK;
		if (status != FLT_OK)
			return status;
		column->looks_like_dates = flt_column_are_dates(&column->cells);
		column->integers = flt_column_are_integers(&column->cells);
	}
	return FLT_OK;
}
