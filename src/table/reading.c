/* Opens a file, and reads it into a table with the roles that options give, or with those of another table. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/classes.h"
#include "table/hint.h"
#include "table/passes.h"
#include "table/roles.h"
#include "table/target_guess.h"

struct reading {
	struct flt_csv *csv;
	struct flt_dictionary names; /* of the file's columns; codes are columns, since no two names are equal */
	struct flt_row_rules rules;
	struct flt_table *table;
	unsigned n_threads;
};

/* ---- the file ---- */

static enum flt_status fail_duplicate(const struct flt_csv *csv, size_t first, size_t second, struct flt_error *err)
{
	const char *name = flt_csv_column_name(csv, second);
	return flt_fail(err, FLT_ERR_DATA, "%s: columns %zu and %zu are both called \"%s\": rename one",
	                flt_csv_name(csv), first + 1, second + 1, flt_shown(name, strlen(name)).text);
}

static enum flt_status list_names(struct reading *reading, struct flt_error *err)
{
	for (size_t i = 0; i < flt_csv_n_columns(reading->csv); i++) {
		const char *name = flt_csv_column_name(reading->csv, i);
		int32_t code;
		FLT_TRY(flt_dictionary_add(&reading->names, name, strlen(name), &code, err));
		if ((size_t)code != i)
			return fail_duplicate(reading->csv, (size_t)code, i, err);
	}
	return FLT_OK;
}

/* close_file must be called even after a failure. */
static enum flt_status open_file(struct reading *reading, const char *path, const struct flt_table_options *options,
                                 bool rewindable, struct flt_error *err)
{
	struct flt_csv_options csv_options = {.delimiter = options->delimiter,
	                                      .decimal = options->decimal,
	                                      .header = options->header,
	                                      .na = options->na,
	                                      .skip_bad_rows = options->skip_bad_rows,
	                                      .rewindable = rewindable,
	                                      .block_size = options->block_size};
	*reading = (struct reading){.rules = {.decimal = options->decimal ? options->decimal : '.',
	                                      .drop_missing_target = options->drop_missing_target,
	                                      .drop_missing_time = options->drop_missing_time},
	                            .n_threads = options->n_threads};
	FLT_TRY(flt_markers_init(options->na, &reading->rules.markers, err));
	FLT_TRY(flt_names_split(options->positive, &reading->rules.classes, err));
	FLT_TRY(flt_csv_open(path, &csv_options, &reading->csv, err));
	reading->rules.delimiter = flt_csv_delimiter(reading->csv);
	if (flt_csv_n_columns(reading->csv) == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(reading->csv));
	return list_names(reading, err);
}

static void close_file(struct reading *reading)
{
	flt_csv_free(reading->csv);
	flt_dictionary_release(&reading->names);
	flt_markers_release(&reading->rules.markers);
	flt_names_release(&reading->rules.classes);
}

/* Makes the message start with the file's name, which those about memory and threads lack. */
static enum flt_status name_file(const char *path, enum flt_status status, struct flt_error *err)
{
	struct flt_error name, why;
	flt_fail(&name, status, "%s: ", strcmp(path, "-") == 0 ? "standard input" : path);
	if (!err || strncmp(err->text, name.text, strlen(name.text)) == 0)
		return status;
	why = *err;
	return flt_fail(err, status, "%s%s", name.text, why.text);
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

/* Hands the table over, or frees it after a failure. */
static enum flt_status finish(struct reading *reading, enum flt_status status, const char *path,
                              struct flt_table **table, struct flt_error *err)
{
	close_file(reading);
	*table = reading->table;
	if (status == FLT_OK)
		return FLT_OK;
	flt_table_free(reading->table);
	*table = NULL;
	return status == FLT_ERR_MACHINE ? name_file(path, status, err) : status;
}

/* ---- by options ---- */

static enum flt_status make_table(struct reading *reading, struct flt_error *err)
{
	size_t n = flt_csv_n_columns(reading->csv);
	const char **names = flt_alloc(n, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t i = 0; i < n; i++)
		names[i] = flt_csv_column_name(reading->csv, i);
	enum flt_status status = flt_table_new(flt_csv_name(reading->csv), names, n, &reading->table, err);
	flt_free(names);
	return status;
}

static enum flt_status read_table(struct reading *reading, const char *path, const struct flt_table_options *options,
                                  struct flt_error *err)
{
	FLT_TRY(open_file(reading, path, options, true, err));
	FLT_TRY(make_table(reading, err));
	reading->table->decimal = reading->rules.decimal;
	FLT_TRY(flt_table_assign_roles(reading->table, options, err));
	FLT_TRY(flt_table_add_file(reading->table, &reading->rules, reading->csv, reading->n_threads, err));
	take_notes(reading->table, reading->csv);
	bool may_have_header = options->header == FLT_HEADER_FIND && !flt_csv_has_header(reading->csv);
	FLT_TRY(flt_table_choose_positive(reading->table, options->positive, may_have_header, err));
	return flt_table_remark_on_guess(reading->table, err);
}

enum flt_status flt_table_read(const char *path, const struct flt_table_options *options, struct flt_table **table,
                               struct flt_error *err)
{
	struct reading reading;
	enum flt_status status = read_table(&reading, path, options, err);
	return finish(&reading, status, path, table, err);
}

/* ---- like another table ---- */

static size_t find_in_file(const struct reading *reading, const char *name)
{
	int32_t code = flt_dictionary_find(&reading->names, name, strlen(name));
	return code < 0 ? SIZE_MAX : (size_t)code;
}

static enum flt_status fail_missing(const struct flt_csv *csv, const char *name, struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	size_t n = flt_csv_n_columns(csv);
	const char **names = flt_alloc(n, sizeof *names, err);
	FLT_TRY_MEMORY(names);
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
	case FLT_DATE:
		return column->cells.state.reading;
	case FLT_TARGET:
	case FLT_ID:
		return FLT_READ_VERBATIM;
	default:
		if (column->cells.state.is_text)
			return FLT_READ_TEXT;
		return column->cells.state.reading == FLT_READ_NUMBERS_OR_MISSING ? FLT_READ_NUMBERS_OR_MISSING
		                                                                  : FLT_READ_NUMBERS;
	}
}

static enum flt_status make_columns_like(struct reading *reading, const struct flt_table *model, struct flt_error *err)
{
	const char **names = flt_alloc(model->n_columns, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t i = 0; i < model->n_columns; i++)
		names[i] = model->columns[i].name;
	enum flt_status status =
	        flt_table_new(flt_csv_name(reading->csv), names, model->n_columns, &reading->table, err);
	flt_free(names);
	return status;
}

/* A part of a date has no column in the file. */
static void make_part_like(struct flt_table_column *column, const struct flt_table_column *model)
{
	column->file_column = SIZE_MAX;
	column->is_part = true;
	column->source = model->source;
	column->part = model->part;
	column->type_given = model->type_given;
	flt_column_init(&column->cells, FLT_READ_NOTHING);
}

/* Makes a table with the columns of model, and finds each in the file. Time and group only serve to split model, so a
 * file may lack them: they are dropped. */
static enum flt_status make_table_like(struct reading *reading, const struct flt_table *model, struct flt_error *err)
{
	FLT_TRY(make_columns_like(reading, model, err));
	for (size_t i = 0; i < model->n_columns; i++) {
		struct flt_table_column *column = &reading->table->columns[i];
		column->role = model->columns[i].role;
		column->file_column = find_in_file(reading, column->name);
		column->gives_parts = model->columns[i].gives_parts;
		if (model->columns[i].is_part) {
			make_part_like(column, &model->columns[i]);
			continue;
		}
		bool is_missing = column->file_column == SIZE_MAX;
		if (is_missing && !column->gives_parts && (column->role == FLT_TIME || column->role == FLT_GROUP))
			column->role = FLT_DROPPED;
		if (is_missing && column->role != FLT_DROPPED)
			return fail_missing(reading->csv, column->name, err);
		flt_column_init(&column->cells,
		                column->role == FLT_DROPPED ? FLT_READ_NOTHING : reading_like(&model->columns[i]));
		column->cells.state.dates = model->columns[i].cells.state.dates;
		enum flt_reading how = column->cells.state.reading;
		if (how == FLT_READ_NUMBERS || how == FLT_READ_NUMBERS_OR_MISSING)
			column->cells.state.given = &model->columns[i].cells.format;
	}
	reading->rules.model = model;
	reading->table->target = model->target;
	reading->table->id = model->id;
	reading->table->time = flt_table_role(reading->table, FLT_TIME);
	return FLT_OK;
}

/* Without headers, columns are told apart by their places alone. */
static enum flt_status check_places(const struct reading *reading, const struct flt_table *model, struct flt_error *err)
{
	size_t n = flt_csv_n_columns(reading->csv);
	if (model->notes.header || flt_csv_has_header(reading->csv) || n == model->n_columns)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA, "%s: %zu column%s and no header, but %s has %zu: give the same columns",
	                flt_csv_name(reading->csv), n, n == 1 ? "" : "s", model->path, model->n_columns);
}

static enum flt_status read_table_like(struct reading *reading, const struct flt_table *model, const char *path,
                                       const struct flt_table_options *options, struct flt_error *err)
{
	FLT_TRY(open_file(reading, path, options, false, err));
	FLT_TRY(check_places(reading, model, err));
	FLT_TRY(make_table_like(reading, model, err));
	reading->table->decimal = reading->rules.decimal;
	reading->table->notes.target_given = true; /* by model */
	FLT_TRY(flt_table_add_file(reading->table, &reading->rules, reading->csv, reading->n_threads, err));
	FLT_TRY(flt_table_label_like(reading->table, model, err));
	reading->table->notes.target_by_name = model->notes.target_by_name;
	reading->table->notes.target_given = model->notes.target_given;
	take_notes(reading->table, reading->csv);
	return FLT_OK;
}

enum flt_status flt_table_read_like(const struct flt_table *model, const char *path,
                                    const struct flt_table_options *options, struct flt_table **table,
                                    struct flt_error *err)
{
	struct reading reading;
	enum flt_status status = read_table_like(&reading, model, path, options, err);
	return finish(&reading, status, path, table, err);
}
