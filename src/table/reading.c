/* Opens files, and reads them into a table with the roles that options give, or with those of another table. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/classes.h"
#include "table/expected.h"
#include "table/hint.h"
#include "table/missing_target.h"
#include "table/narrow.h"
#include "table/passes.h"
#include "table/roles.h"
#include "table/same_columns.h"
#include "table/target_guess.h"
#include "table/weight.h"

struct reading {
	struct flt_table_file *files; /* (n_files) opened so far */
	size_t n_files;
	struct flt_csv *csv;         /* the last of them */
	struct flt_dictionary names; /* of its columns; codes are columns, since no two names are equal */
	const char *path;            /* of the file that is being opened or read */
	struct flt_csv_options how;
	struct flt_digest digest;              /* of all files */
	struct flt_expected expected, of_rest; /* names of columns of the first file, and of the others */
	struct flt_row_rules rules;
	struct flt_table *table;
	unsigned n_threads;
};

/* ---- the file ---- */

static enum flt_status list_names(struct reading *reading, struct flt_error *err)
{
	for (size_t i = 0; i < flt_csv_n_columns(reading->csv); i++) {
		const char *name = flt_csv_column_name(reading->csv, i);
		int32_t code;
		FLT_TRY(flt_dictionary_add(&reading->names, name, strlen(name), &code, err));
		assert((size_t)code == i);
	}
	return FLT_OK;
}

static enum flt_status open_file(struct reading *reading, const char *path, struct flt_error *err)
{
	reading->path = path;
	flt_dictionary_release(&reading->names);
	FLT_TRY(flt_csv_open(path, &reading->how, &reading->csv, err));
	reading->files[reading->n_files++].csv = reading->csv;
	if (flt_csv_n_columns(reading->csv) == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(reading->csv));
	return list_names(reading, err);
}

/* Opens the first of n_files files. model: NULL, or the table that it should be like. close_files must be called even
 * after a failure. */
static enum flt_status open_first(struct reading *reading, const char *path, size_t n_files,
                                  const struct flt_table_options *options, const struct flt_table *model,
                                  struct flt_error *err)
{
	*reading = (struct reading){.path = path,
	                            .how = {.delimiter = options->delimiter,
	                                    .decimal = options->decimal,
	                                    .header = options->header,
	                                    .na = options->na,
	                                    .skip_bad_rows = options->skip_bad_rows,
	                                    .skip_lines = options->skip_lines,
	                                    .names_are_all = model != NULL,
	                                    .rewindable = !model,
	                                    .block_size = options->block_size},
	                            .rules = {.decimal = options->decimal ? options->decimal : '.',
	                                      .drop_missing_target = options->drop_missing_target,
	                                      .drop_missing_time = options->drop_missing_time,
	                                      .on_wide = options->on_wide,
	                                      .on_read = options->on_read,
	                                      .read_context = options->read_context,
	                                      .ranks = options->ranks},
	                            .n_threads = options->n_threads};
	reading->how.skip_digest =
	        options->skip_sha256 && flt_ranks_count(options->ranks) == 1; /* ranks compare what they have read */
	if (!reading->how.skip_digest)
		reading->how.digest = &reading->digest;
	reading->files = flt_alloc_zero(n_files, sizeof *reading->files, err);
	FLT_TRY_MEMORY(reading->files);
	FLT_TRY(flt_markers_init(options->na, &reading->rules.markers, err));
	FLT_TRY(flt_names_split(options->positive, &reading->rules.classes, err));
	FLT_TRY(model ? flt_expect_model(model, &reading->expected, err)
	              : flt_expect_options(options, &reading->expected, err));
	reading->how.names = reading->expected.names;
	reading->how.n_names = reading->expected.n;
	return open_file(reading, path, err);
}

static void close_files(struct reading *reading)
{
	for (size_t i = 0; i < reading->n_files; i++) {
		flt_csv_free(reading->files[i].csv);
		flt_free(reading->files[i].columns);
	}
	flt_free(reading->files);
	flt_expected_release(&reading->expected);
	flt_expected_release(&reading->of_rest);
	flt_dictionary_release(&reading->names);
	flt_markers_release(&reading->rules.markers);
	flt_names_release(&reading->rules.classes);
}

/* Adds the rows of the last file. The first file has the columns that the table's say. */
static enum flt_status add_rows(struct reading *reading, struct flt_error *err)
{
	struct flt_table *table = reading->table;
	struct flt_table_file *file = &reading->files[reading->n_files - 1];
	file->columns = flt_alloc(table->n_columns, sizeof *file->columns, err);
	FLT_TRY_MEMORY(file->columns);
	if (reading->n_files > 1)
		FLT_TRY(flt_table_find_same_columns(table, reading->csv, &reading->names, file->columns, err));
	for (size_t i = 0; reading->n_files == 1 && i < table->n_columns; i++)
		file->columns[i] = table->columns[i].file_column;
	return flt_table_add_file(table, &reading->rules, file, reading->n_threads, err);
}

static enum flt_status decide(struct reading *reading, struct flt_error *err)
{
	return flt_table_decide(reading->table, &reading->rules, reading->files, reading->n_files, reading->n_threads,
	                        err);
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

/* "lines 17, 40"; of several files "b.csv lines 17, 40; c.csv line 3" */
static void note_bad_rows(struct flt_table *table, const struct flt_csv *csv, bool of_several)
{
	struct flt_table_notes *notes = &table->notes;
	size_t used = strlen(notes->bad_rows), left = sizeof notes->bad_rows - used;
	if (flt_csv_n_bad_rows(csv) == 0)
		return;
	notes->n_bad_rows += flt_csv_n_bad_rows(csv);
	if (of_several)
		snprintf(notes->bad_rows + used, left, "%s%s %s", used ? "; " : "", flt_csv_name(csv),
		         flt_csv_bad_rows(csv));
	else
		snprintf(notes->bad_rows, left, "%s", flt_csv_bad_rows(csv));
}

static enum flt_status take_remarks(struct flt_table *table, const struct flt_csv *csv, bool of_several,
                                    struct flt_error *err)
{
	for (size_t i = 0; i < flt_csv_n_remarks(csv); i++)
		FLT_TRY(flt_table_add_remark(table, err, "%s%s%s", of_several ? flt_csv_name(csv) : "",
		                             of_several ? ": " : "", flt_csv_remark(csv, i)));
	return FLT_OK;
}

static enum flt_status take_notes(struct reading *reading, struct flt_error *err)
{
	struct flt_table *table = reading->table;
	table->notes.delimiter = flt_csv_delimiter(reading->files->csv);
	table->notes.header = flt_csv_has_header(reading->files->csv);
	for (size_t i = 0; i < reading->n_files; i++) {
		note_bad_rows(table, reading->files[i].csv, reading->n_files > 1);
		FLT_TRY(take_remarks(table, reading->files[i].csv, reading->n_files > 1, err));
	}
	if (reading->how.digest)
		flt_digest_end(&reading->digest, table->sha256);
	return FLT_OK;
}

static enum flt_status list_files(struct reading *reading, struct flt_error *err)
{
	struct flt_names *files = &reading->table->files;
	files->items = flt_alloc_zero(reading->n_files, sizeof *files->items, err);
	FLT_TRY_MEMORY(files->items);
	for (; files->n < reading->n_files; files->n++) {
		const char *name = flt_csv_name(reading->files[files->n].csv);
		files->items[files->n] = flt_copy_text(name, strlen(name), err);
		FLT_TRY_MEMORY(files->items[files->n]);
	}
	return FLT_OK;
}

/* From now on messages are about all files. */
static enum flt_status name_files(struct reading *reading, struct flt_error *err)
{
	struct flt_table *table = reading->table;
	struct flt_text_buffer text = {0};
	size_t n_more = reading->n_files - 1;
	enum flt_status status = FLT_OK;
	FLT_TRY(list_files(reading, err));
	if (n_more == 0)
		return FLT_OK;
	FLT_TRY_OUT(flt_text_buffer_print(&text, err, "%s and %zu more file%s", table->path, n_more,
	                                  n_more == 1 ? "" : "s"));
	flt_free(table->path);
	table->path = text.bytes;
	text.bytes = NULL;
out:
	flt_text_buffer_release(&text);
	return status;
}

/* Hands the table over, or frees it after a failure. */
static enum flt_status finish(struct reading *reading, enum flt_status status, struct flt_table **table,
                              struct flt_error *err)
{
	close_files(reading);
	*table = reading->table;
	if (status == FLT_OK)
		return FLT_OK;
	flt_table_free(reading->table);
	*table = NULL;
	return status == FLT_ERR_MACHINE ? name_file(reading->path, status, err) : status;
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

/* The files after the first have its header and its columns. */
static enum flt_status read_rest(struct reading *reading, const char *const *paths, size_t n_paths,
                                 struct flt_error *err)
{
	if (n_paths > 1)
		FLT_TRY(flt_expect_model(reading->table, &reading->of_rest, err));
	reading->how.names = reading->of_rest.names;
	reading->how.n_names = reading->of_rest.n;
	reading->how.names_are_all = true;
	reading->how.header = flt_csv_has_header(reading->csv) ? FLT_HEADER_YES : FLT_HEADER_NO;
	for (size_t i = 1; i < n_paths; i++) {
		FLT_TRY(open_file(reading, paths[i], err));
		FLT_TRY(add_rows(reading, err));
	}
	return FLT_OK;
}

static enum flt_status read_table(struct reading *reading, const char *const *paths, size_t n_paths,
                                  const struct flt_table_options *options, struct flt_error *err)
{
	FLT_TRY(open_first(reading, paths[0], n_paths, options, NULL, err));
	FLT_TRY(make_table(reading, err));
	reading->table->decimal = reading->rules.decimal;
	FLT_TRY(flt_table_assign_roles(reading->table, options, &reading->names, err));
	FLT_TRY(add_rows(reading, err));
	FLT_TRY(read_rest(reading, paths, n_paths, err));
	FLT_TRY(name_files(reading, err));
	FLT_TRY(flt_table_check_targets(reading->table, &reading->rules, options->positive, err));
	FLT_TRY(decide(reading, err));
	FLT_TRY(take_notes(reading, err));
	bool may_have_header = options->header == FLT_HEADER_FIND && !reading->table->notes.header;
	FLT_TRY(flt_table_choose_positive(reading->table, options->positive, may_have_header, err));
	FLT_TRY(flt_table_check_weights(reading->table, err));
	FLT_TRY(flt_table_warn_of_heaviest(reading->table, err));
	FLT_TRY(flt_table_warn_of_weight_names(reading->table, err));
	FLT_TRY(flt_table_remark_on_guess(reading->table, err));
	return flt_table_narrow(reading->table, options->n_threads, err);
}

enum flt_status flt_table_read_files(const char *const *paths, size_t n_paths, const struct flt_table_options *options,
                                     struct flt_table **table, struct flt_error *err)
{
	struct reading reading;
	enum flt_status status = read_table(&reading, paths, n_paths, options, err);
	return finish(&reading, status, table, err);
}

enum flt_status flt_table_read(const char *path, const struct flt_table_options *options, struct flt_table **table,
                               struct flt_error *err)
{
	return flt_table_read_files(&path, 1, options, table, err);
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
	reading->table->weight = model->weight;
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
	FLT_TRY(open_first(reading, path, 1, options, model, err));
	FLT_TRY(check_places(reading, model, err));
	FLT_TRY(make_table_like(reading, model, err));
	reading->table->decimal = reading->rules.decimal;
	reading->table->notes.target_given = true; /* by model */
	FLT_TRY(add_rows(reading, err));
	FLT_TRY(name_files(reading, err));
	FLT_TRY(decide(reading, err));
	FLT_TRY(flt_table_label_like(reading->table, model, err));
	FLT_TRY(flt_table_check_weights(reading->table, err));
	FLT_TRY(flt_table_warn_of_heaviest(reading->table, err));
	reading->table->notes.target_by_name = model->notes.target_by_name;
	reading->table->notes.target_given = model->notes.target_given;
	FLT_TRY(take_notes(reading, err));
	return flt_table_narrow(reading->table, options->n_threads, err);
}

enum flt_status flt_table_read_like(const struct flt_table *model, const char *path,
                                    const struct flt_table_options *options, struct flt_table **table,
                                    struct flt_error *err)
{
	struct reading reading;
	enum flt_status status = read_table_like(&reading, model, path, options, err);
	return finish(&reading, status, table, err);
}
