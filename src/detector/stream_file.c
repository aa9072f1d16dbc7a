#include "detector/stream_file.h"

#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/text.h"
#include "detector/model.h"
#include "table/hint.h"

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

static size_t find_column(const struct flt_stream_file *file, const char *name)
{
	for (size_t i = 0; name && i < file->n_columns; i++)
		if (strcmp(file->places.names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

/* ---- opening ---- */

/* The names that the file should have, which tell a header. */
static enum flt_status open_csv(struct flt_stream_file *file, const char *path, struct flt_csv_options *csv,
                                struct flt_error *err)
{
	const struct flt_prep *prep = file->detector->prep;
	size_t n = flt_prep_n_columns(prep);
	const char **names = flt_alloc(n, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t i = 0; i < n; i++) {
		struct flt_prep_column column = flt_prep_column(prep, i);
		if (column.use == FLT_USED_NUMERIC || column.use == FLT_USED_CATEGORICAL)
			names[csv->n_names++] = column.source ? column.source : column.name;
	}
	csv->names = names;
	csv->names_are_all = true;
	enum flt_status status = flt_csv_open(path, csv, &file->csv, err);
	flt_free(names);
	return status;
}

static enum flt_status open_reader(struct flt_stream_file *file, const char *path,
                                   const struct flt_stream_options *options, struct flt_digest *digest,
                                   struct flt_error *err)
{
	const struct flt_reading_options *reading = &options->reading;
	const struct flt_input *known = &file->detector->input;
	struct flt_csv_options csv = {.delimiter = reading->delimiter,
	                              .decimal = reading->decimal ? reading->decimal : known->decimal,
	                              .header = reading->header,
	                              .na = reading->na ? reading->na : known->na,
	                              .skip_lines = reading->skip_lines,
	                              .skip_bad_rows = reading->skip_bad_rows,
	                              .rewindable = options->rewindable,
	                              .follows = options->follow,
	                              .skip_digest = !digest,
	                              .digest = digest,
	                              .block_size = options->block_size ? options->block_size : FLT_STREAM_BLOCK_BYTES};
	FLT_TRY(open_csv(file, path, &csv, err));
	file->n_columns = flt_csv_n_columns(file->csv);
	if (file->n_columns == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(file->csv));
	return flt_places_find(&file->places, file->detector, file->csv, err);
}

static enum flt_status open_scorer(struct flt_stream_file *file, const struct flt_stream_options *options,
                                   struct flt_error *err)
{
	struct flt_error why;
	struct flt_reading_options reading = options->reading;
	reading.delimiter = flt_csv_delimiter(file->csv);
	enum flt_status status =
	        flt_scorer_new(file->detector, file->places.names, file->n_columns, &reading, &file->scorer, &why);
	if (status == FLT_ERR_DATA)
		return flt_fail(err, status, "%s: %s%s", flt_csv_name(file->csv), why.text,
		                flt_places_header_remedy(file->detector, file->csv));
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "%s", why.text);
}

/* ---- id, target and others that are handed out ---- */

static enum flt_status fail_column(const struct flt_stream_file *file, const char *name, const char *option,
                                   struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	flt_table_hint(name, file->places.names, file->n_columns, hint);
	return flt_fail(err, FLT_ERR_USAGE, "%s: no column \"%s\" for %s%s", flt_csv_name(file->csv), show(name).text,
	                option, hint);
}

static enum flt_status fail_target(const struct flt_stream_file *file, struct flt_error *err)
{
	const char *target = file->detector->target, *remedy;
	size_t other = flt_find_other_encoding(file->places.names, file->n_columns, target, &remedy);
	if (other < file->n_columns)
		return flt_fail(
		        err, FLT_ERR_DATA, "%s: there is no column \"%s\", which holds the true class, but \"%s\", %s",
		        flt_csv_name(file->csv), show(target).text, show(file->places.names[other]).text, remedy);
	const char *near = flt_nearest(target, file->places.names, file->n_columns);
	if (file->detector->input.n_file_columns > 0) /* c2 is no misspelt c1 */
		near = NULL;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: there is no column \"%s\", which holds the true class%s%s%s; to score rows without it use "
	                "`fltrain predict`",
	                flt_csv_name(file->csv), show(target).text, near ? "; it has \"" : "",
	                near ? show(near).text : "", near ? "\"" : "");
}

static enum flt_status fail_lacks(const struct flt_stream_file *file, const struct flt_stream_file *first,
                                  const char *name, const char *remedy, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA, "%s: column \"%s\" of %s is missing: add it, or %s", flt_csv_name(file->csv),
	                show(name).text, flt_csv_name(first->csv), remedy);
}

/* Rows of all files have an id, or none has. */
static enum flt_status find_id(struct flt_stream_file *file, const struct flt_stream_options *options,
                               const struct flt_stream_file *first, struct flt_error *err)
{
	const char *given = options->reading.id, *id = given ? given : file->detector->input.id;
	file->id = find_column(file, id);
	if (given && file->id == SIZE_MAX)
		return fail_column(file, given, "--id", err);
	if (first && first->id == SIZE_MAX)
		file->id = SIZE_MAX;
	else if (first && file->id == SIZE_MAX)
		return fail_lacks(file, first, id, "give this file alone", err);
	return FLT_OK;
}

static enum flt_status find_target(struct flt_stream_file *file, const struct flt_stream_options *options,
                                   const struct flt_stream_file *first, struct flt_error *err)
{
	bool may_lack = options->may_lack_target && (!first || first->target == SIZE_MAX);
	bool is_wanted = options->needs_target && !(first && may_lack);
	file->target = is_wanted ? find_column(file, file->detector->target) : SIZE_MAX;
	return is_wanted && file->target == SIZE_MAX && !may_lack ? fail_target(file, err) : FLT_OK;
}

static enum flt_status find_extra(struct flt_stream_file *file, const struct flt_stream_options *options,
                                  const struct flt_stream_file *first, struct flt_error *err)
{
	file->extra = flt_alloc(options->n_extra, sizeof *file->extra, err);
	FLT_TRY_MEMORY(file->extra);
	for (size_t i = 0; i < options->n_extra; i++) {
		const struct flt_stream_extra *extra = &options->extra[i];
		bool is_lacking = first && first->extra[i] == SIZE_MAX;
		file->extra[i] = is_lacking ? SIZE_MAX : find_column(file, extra->name);
		if (file->extra[i] == SIZE_MAX && extra->option)
			return fail_column(file, extra->name, extra->option, err);
		if (file->extra[i] == SIZE_MAX && first && !is_lacking)
			return fail_lacks(file, first, extra->name, "give this file alone", err);
	}
	return FLT_OK;
}

/* The cells of a column are kept if it is used or handed out. */
static enum flt_status choose_kept(struct flt_stream_file *file, size_t n_extra, struct flt_error *err)
{
	file->is_kept = flt_alloc(file->n_columns, sizeof *file->is_kept, err);
	FLT_TRY_MEMORY(file->is_kept);
	for (size_t i = 0; i < file->n_columns; i++)
		file->is_kept[i] = flt_scorer_uses(file->scorer, i) || i == file->id || i == file->target;
	for (size_t i = 0; i < n_extra; i++)
		if (file->extra[i] != SIZE_MAX)
			file->is_kept[file->extra[i]] = true;
	file->is_kept[file->n_columns - 1] |= file->places.may_end_empty;
	return FLT_OK;
}

/* ---- the order of the first file ---- */

static enum flt_status fail_extra(const struct flt_stream_file *file, const struct flt_stream_file *first,
                                  struct flt_error *err)
{
	size_t i = 0;
	while (find_column(first, file->places.names[i]) != SIZE_MAX)
		i++;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: column \"%s\" is not in %s: remove it, or leave out --keep-all, which needs the same "
	                "columns in all files",
	                flt_csv_name(file->csv), show(file->places.names[i]).text, flt_csv_name(first->csv));
}

static bool is_in_place(const struct flt_stream_file *file, const struct flt_stream_file *first)
{
	for (size_t i = 0; i < file->n_order; i++)
		if (file->order[i] != i)
			return false;
	return flt_csv_delimiter(file->csv) == flt_csv_delimiter(first->csv);
}

static enum flt_status find_order(struct flt_stream_file *file, const struct flt_stream_file *first,
                                  struct flt_error *err)
{
	file->order = flt_alloc(first->n_columns, sizeof *file->order, err);
	FLT_TRY_MEMORY(file->order);
	file->n_order = first->n_columns;
	for (size_t i = 0; i < first->n_columns; i++) {
		file->order[i] = find_column(file, first->places.names[i]);
		if (file->order[i] == SIZE_MAX)
			return fail_lacks(file, first, first->places.names[i],
			                  "leave out --keep-all, which needs the same columns in all files", err);
	}
	if (file->n_columns > first->n_columns)
		return fail_extra(file, first, err);
	if (is_in_place(file, first)) {
		flt_free(file->order);
		file->order = NULL;
	}
	return FLT_OK;
}

/* ---- life ---- */

static enum flt_status open_file(struct flt_stream_file *file, const char *path,
                                 const struct flt_stream_options *options, const struct flt_stream_file *first,
                                 struct flt_digest *digest, struct flt_error *err)
{
	FLT_TRY(open_reader(file, path, options, digest, err));
	FLT_TRY(open_scorer(file, options, err));
	FLT_TRY(find_id(file, options, first, err));
	FLT_TRY(find_target(file, options, first, err));
	FLT_TRY(find_extra(file, options, first, err));
	if (first && options->keep_records)
		FLT_TRY(find_order(file, first, err));
	return choose_kept(file, options->n_extra, err);
}

enum flt_status flt_stream_file_open(struct flt_stream_file *file, const struct flt_detector *detector,
                                     const char *path, const struct flt_stream_options *options,
                                     const struct flt_stream_file *first, struct flt_digest *digest,
                                     struct flt_error *err)
{
	*file = (struct flt_stream_file){.detector = detector};
	enum flt_status status = open_file(file, path, options, first, digest, err);
	if (status != FLT_OK)
		flt_stream_file_close(file);
	return status;
}

void flt_stream_file_close(struct flt_stream_file *file)
{
	flt_free(file->order);
	flt_free(file->extra);
	flt_free(file->is_kept);
	flt_places_release(&file->places);
	flt_scorer_free(file->scorer);
	flt_csv_free(file->csv);
	*file = (struct flt_stream_file){0};
}
