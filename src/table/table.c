/* A table's life and what it shows of itself; how it comes about in short. */
#include "table/table.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "table/contents.h"

enum flt_status flt_table_new(const char *path, const char *const *names, size_t n, struct flt_table **made,
                              struct flt_error *err)
{
	*made = NULL;
	struct flt_table *table = flt_alloc_zero(1, sizeof *table, err);
	if (!table)
		return FLT_ERR_MACHINE;
	table->target = table->id = SIZE_MAX;
	table->path = flt_copy_text(path, strlen(path), err);
	table->columns = table->path ? flt_alloc_zero(n, sizeof *table->columns, err) : NULL;
	if (!table->columns)
		goto fail;
	for (; table->n_columns < n; table->n_columns++) {
		struct flt_table_column *column = &table->columns[table->n_columns];
		flt_column_init(&column->cells, FLT_READ_FIND);
		column->role = FLT_FEATURE;
		column->source = table->n_columns;
		column->name = flt_copy_text(names[table->n_columns], strlen(names[table->n_columns]), err);
		if (!column->name)
			goto fail;
	}
	*made = table;
	return FLT_OK;
fail:
	flt_table_free(table);
	return FLT_ERR_MACHINE;
}

void flt_table_free(struct flt_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n_columns; i++) {
		flt_free(table->columns[i].name);
		flt_column_release(&table->columns[i].cells);
		flt_free(table->columns[i].levels);
	}
	flt_free(table->columns);
	flt_free(table->path);
	flt_free(table->row_numbers);
	flt_free(table->labels);
	flt_free(table->level_is_positive);
	flt_free(table->positive);
	flt_free(table->negative);
	flt_free(table);
}

/* ---- reading ---- */

static enum flt_status fail_duplicate(const struct flt_csv *csv, size_t first, size_t second, struct flt_error *err)
{
	const char *name = flt_csv_column_name(csv, second);
	return flt_fail(err, FLT_ERR_DATA, "%s: columns %zu and %zu are both called \"%s\": rename one",
	                flt_csv_name(csv), first + 1, second + 1, flt_shown(name, strlen(name)).text);
}

static enum flt_status list_names(struct flt_row_reader *reader, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < flt_csv_n_columns(reader->csv); i++) {
		const char *name = flt_csv_column_name(reader->csv, i);
		int32_t code;
		status = flt_dictionary_add(&reader->names, name, strlen(name), &code, err);
		if (status == FLT_OK && (size_t)code != i)
			status = fail_duplicate(reader->csv, (size_t)code, i, err);
	}
	return status;
}

/* Opens the file and the reader's markers. Whatever happens, close_reader ends it. */
static enum flt_status open_reader(struct flt_row_reader *reader, const char *path,
                                   const struct flt_table_options *options, bool rewindable, struct flt_error *err)
{
	struct flt_csv_options csv_options = {.delimiter = options->delimiter,
	                                      .decimal = options->decimal,
	                                      .header = options->header,
	                                      .na = options->na,
	                                      .skip_bad_rows = options->skip_bad_rows,
	                                      .rewindable = rewindable,
	                                      .block_size = options->block_size};
	*reader = (struct flt_row_reader){.decimal = options->decimal ? options->decimal : '.',
	                                  .drop_missing_target = options->drop_missing_target,
	                                  .n_threads = options->n_threads};
	enum flt_status status = flt_markers_init(options->na, &reader->markers, err);
	if (status == FLT_OK)
		status = flt_csv_open(path, &csv_options, &reader->csv, err);
	if (status == FLT_OK && flt_csv_n_columns(reader->csv) == 0)
		status = flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(reader->csv));
	return status == FLT_OK ? list_names(reader, err) : status;
}

static void close_reader(struct flt_row_reader *reader)
{
	flt_csv_free(reader->csv);
	flt_dictionary_release(&reader->names);
	flt_markers_release(&reader->markers);
}

/* Lets the sentence of a failed reading begin with the file's name, as all but those about memory and threads do. */
static enum flt_status name_file(const char *path, enum flt_status status, struct flt_error *err)
{
	struct flt_error name, why;
	flt_fail(&name, status, "%s: ", strcmp(path, "-") == 0 ? "standard input" : path);
	if (!err || strncmp(err->text, name.text, strlen(name.text)) == 0)
		return status;
	why = *err;
	return flt_fail(err, status, "%s%s", name.text, why.text);
}

/* A table with the columns of the file. */
static enum flt_status make_table(struct flt_row_reader *reader, struct flt_error *err)
{
	size_t n = flt_csv_n_columns(reader->csv);
	const char **names = flt_alloc(n, sizeof *names, err);
	if (!names)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++)
		names[i] = flt_csv_column_name(reader->csv, i);
	enum flt_status status = flt_table_new(flt_csv_name(reader->csv), names, n, &reader->table, err);
	flt_free(names);
	return status;
}

static void take_notes(struct flt_table *table, const struct flt_csv *csv)
{
	table->notes.delimiter = flt_csv_delimiter(csv);
	table->notes.header = flt_csv_has_header(csv);
	table->notes.n_bad_rows = flt_csv_n_bad_rows(csv);
	const char *sha256 = flt_csv_sha256(csv);
	snprintf(table->sha256, sizeof table->sha256, "%s", sha256 ? sha256 : "");
	snprintf(table->notes.bad_rows, sizeof table->notes.bad_rows, "%s", flt_csv_bad_rows(csv));
}

enum flt_status flt_table_read(const char *path, const struct flt_table_options *options, struct flt_table **table,
                               struct flt_error *err)
{
	struct flt_row_reader reader;
	enum flt_status status = open_reader(&reader, path, options, true, err);
	if (status == FLT_OK)
		status = make_table(&reader, err);
	if (status == FLT_OK)
		status = flt_table_assign_roles(reader.table, options, err);
	if (status == FLT_OK)
		status = flt_table_add_all_rows(&reader, err);
	if (status == FLT_OK)
		status = flt_table_finish_columns(reader.table, err);
	if (status == FLT_OK)
		status = flt_table_choose_positive(reader.table, options->positive, err);
	if (status == FLT_OK)
		take_notes(reader.table, reader.csv);
	close_reader(&reader);
	*table = reader.table;
	if (status == FLT_OK)
		return status;
	flt_table_free(reader.table);
	*table = NULL;
	return status == FLT_ERR_MACHINE ? name_file(path, status, err) : status;
}

/* ---- reading like ---- */

static size_t find_in_file(const struct flt_row_reader *reader, const char *name)
{
	int32_t code = flt_dictionary_find(&reader->names, name, strlen(name));
	return code < 0 ? SIZE_MAX : (size_t)code;
}

static enum flt_status fail_missing(const struct flt_csv *csv, const char *name, struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	size_t n = flt_csv_n_columns(csv);
	const char **names = flt_alloc(n, sizeof *names, err);
	if (!names)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++)
		names[i] = flt_csv_column_name(csv, i);
	flt_table_hint(name, names, n, hint);
	flt_free(names);
	return flt_fail(err, FLT_ERR_DATA, "%s: column \"%s\" is missing%s", flt_csv_name(csv),
	                flt_shown(name, strlen(name)).text, hint);
}

static enum flt_reading reading_like(const struct flt_table_column *column)
{
	switch (column->role) {
	case FLT_DROPPED:
		return FLT_READ_NOTHING;
	case FLT_TIME:
		return FLT_READ_TIME;
	default:
		if (column->cells.is_text)
			return FLT_READ_TEXT;
		return column->cells.reading == FLT_READ_NUMBERS_OR_MISSING ? FLT_READ_NUMBERS_OR_MISSING
		                                                            : FLT_READ_NUMBERS;
	}
}

/* A table with the columns of model, each with its place in the file. Time and group only serve to split model, so a
 * file without them has them dropped. */
static enum flt_status make_table_like(struct flt_row_reader *reader, const struct flt_table *model,
                                       struct flt_error *err)
{
	const char **names = flt_alloc(model->n_columns, sizeof *names, err);
	if (!names)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < model->n_columns; i++)
		names[i] = model->columns[i].name;
	enum flt_status status = flt_table_new(flt_csv_name(reader->csv), names, model->n_columns, &reader->table, err);
	flt_free(names);
	for (size_t i = 0; status == FLT_OK && i < model->n_columns; i++) {
		struct flt_table_column *column = &reader->table->columns[i];
		column->role = model->columns[i].role;
		column->source = find_in_file(reader, column->name);
		if (column->source == SIZE_MAX && (column->role == FLT_TIME || column->role == FLT_GROUP))
			column->role = FLT_DROPPED;
		flt_column_init(&column->cells,
		                column->role == FLT_DROPPED ? FLT_READ_NOTHING : reading_like(&model->columns[i]));
		if (column->source == SIZE_MAX && column->role != FLT_DROPPED)
			status = fail_missing(reader->csv, column->name, err);
	}
	if (status == FLT_OK) {
		reader->model = model;
		reader->table->target = model->target;
		reader->table->id = model->id;
	}
	return status;
}

enum flt_status flt_table_read_like(const struct flt_table *model, const char *path,
                                    const struct flt_table_options *options, struct flt_table **table,
                                    struct flt_error *err)
{
	struct flt_row_reader reader;
	enum flt_status status = open_reader(&reader, path, options, false, err);
	if (status == FLT_OK)
		status = make_table_like(&reader, model, err);
	if (status == FLT_OK)
		status = flt_table_add_all_rows(&reader, err);
	if (status == FLT_OK)
		status = flt_table_finish_columns(reader.table, err);
	if (status == FLT_OK)
		status = flt_table_label_like(reader.table, model, err);
	if (status == FLT_OK) {
		reader.table->notes.target_by_name = model->notes.target_by_name;
		reader.table->notes.target_given = model->notes.target_given;
		take_notes(reader.table, reader.csv);
	}
	close_reader(&reader);
	*table = reader.table;
	if (status == FLT_OK)
		return status;
	flt_table_free(reader.table);
	*table = NULL;
	return status == FLT_ERR_MACHINE ? name_file(path, status, err) : status;
}

/* ---- what a table shows ---- */

size_t flt_table_n_rows(const struct flt_table *table)
{
	return table->n_rows;
}

size_t flt_table_n_columns(const struct flt_table *table)
{
	return table->n_columns;
}

struct flt_column flt_table_column(const struct flt_table *table, size_t index)
{
	assert(index < table->n_columns);
	const struct flt_table_column *column = &table->columns[index];
	const struct flt_column_cells *cells = &column->cells;
	return (struct flt_column){.name = column->name,
	                           .type = cells->is_text ? FLT_CATEGORICAL : FLT_NUMERIC,
	                           .role = column->role,
	                           .n_missing = cells->n_missing,
	                           .numbers = cells->numbers,
	                           .codes = cells->codes,
	                           .levels = column->levels,
	                           .n_levels = cells->levels.n,
	                           .looks_like_dates = column->looks_like_dates,
	                           .integers = column->integers};
}

size_t flt_table_find(const struct flt_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

size_t flt_table_find_near(const struct flt_table *table, const char *name, size_t expected)
{
	bool is_there = expected < table->n_columns && strcmp(table->columns[expected].name, name) == 0;
	return is_there ? expected : flt_table_find(table, name);
}

size_t flt_table_role(const struct flt_table *table, enum flt_column_role role)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].role == role)
			return i;
	return SIZE_MAX;
}

const uint8_t *flt_table_labels(const struct flt_table *table)
{
	return table->labels;
}

size_t flt_table_n_positive(const struct flt_table *table)
{
	return table->n_positive;
}

const char *flt_table_path(const struct flt_table *table)
{
	return table->path;
}

const char *flt_table_target(const struct flt_table *table)
{
	return table->target == SIZE_MAX ? NULL : table->columns[table->target].name;
}

const char *flt_table_positive(const struct flt_table *table)
{
	return table->positive;
}

const char *flt_table_negative(const struct flt_table *table)
{
	return table->negative;
}

static const char *text_of(const struct flt_table *table, size_t column, size_t row)
{
	assert(row < table->n_rows);
	int32_t code = table->columns[column].cells.codes[row];
	return code < 0 ? "" : table->columns[column].levels[code];
}

const char *flt_table_target_text(const struct flt_table *table, size_t row)
{
	return table->target == SIZE_MAX ? NULL : text_of(table, table->target, row);
}

const char *flt_table_id_text(const struct flt_table *table, size_t row)
{
	return table->id == SIZE_MAX ? NULL : text_of(table, table->id, row);
}

size_t flt_table_row_number(const struct flt_table *table, size_t row)
{
	assert(row < table->n_rows);
	return table->row_numbers ? table->row_numbers[row] : row + 1;
}

const char *flt_table_sha256(const struct flt_table *table)
{
	return table->sha256;
}

struct flt_table_notes flt_table_notes(const struct flt_table *table)
{
	return table->notes;
}
