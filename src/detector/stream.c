/*
 * Records become rows on several threads (csv/batches.h). The rows of a batch are joined in the order of the file,
 * scored in chunks of equal size on the same threads, and handed out. Files follow one another, each in batches of its
 * own; at any time one of them is being read.
 *
 * Cells are not copied: a row points to the fields of its record, which the reader keeps until the batch is handed out.
 *
 * Where a batch ends depends on the files only, so nothing that is handed out depends on the number of threads.
 */
#include "fltrain/stream.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "csv/batches.h"
#include "detector/stream_batch.h"
#include "detector/stream_deal.h"
#include "detector/stream_follow.h"

/* ---- opening ---- */

static enum flt_status append_copy(struct flt_names *names, size_t *capacity, const char *text, struct flt_error *err)
{
	FLT_TRY(flt_grow((void **)&names->items, capacity, names->n + 1, sizeof *names->items, err));
	names->items[names->n] = flt_copy_text(text, strlen(text), err);
	FLT_TRY_MEMORY(names->items[names->n]);
	names->n++;
	return FLT_OK;
}

static enum flt_status open_file(struct flt_stream *stream, size_t i, struct flt_digest *digest, struct flt_error *err)
{
	const struct flt_stream_file *first = i > 0 ? &stream->files[0] : NULL;
	return flt_stream_file_open(&stream->files[i], stream->detector, stream->paths.items[i], &stream->options,
	                            first, digest, err);
}

/* The digest of all files, in the first run. */
static struct flt_digest *digest_of(struct flt_stream *stream)
{
	return stream->options.needs_sha256 && !stream->was_run ? &stream->digest : NULL;
}

bool flt_stream_is_pipe(const char *path)
{
	struct stat about;
	return strcmp(path, "-") == 0 ||
	       (stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode));
}

/* Files are opened one after another as they are read; what is wrong with their columns is found before. */
static enum flt_status try_rest(struct flt_stream *stream, struct flt_error *err)
{
	for (size_t i = 1; i < stream->paths.n; i++) {
		if (flt_stream_is_pipe(stream->paths.items[i]))
			continue;
		FLT_TRY(open_file(stream, i, NULL, err));
		flt_stream_file_close(&stream->files[i]);
	}
	return FLT_OK;
}

static enum flt_status open_watch(struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_prep *prep = stream->detector->prep;
	const struct flt_stream_file *first = &stream->files[0];
	stream->prep_column = flt_alloc(first->n_columns, sizeof *stream->prep_column, err);
	FLT_TRY_MEMORY(stream->prep_column);
	for (size_t i = 0; i < first->n_columns; i++)
		stream->prep_column[i] = SIZE_MAX;
	for (size_t c = 0; c < flt_prep_n_columns(prep); c++)
		if (flt_scorer_place(first->scorer, c) != SIZE_MAX)
			stream->prep_column[flt_scorer_place(first->scorer, c)] = c;
	return flt_watch_new(prep, first->scorer, FLT_STREAM_MAX_CHUNKS, &stream->watch, err);
}

static enum flt_status name_files(struct flt_stream *stream, struct flt_error *err)
{
	size_t n_more = stream->paths.n - 1;
	const char *first = flt_csv_name(stream->files[0].csv);
	if (n_more == 0)
		return flt_text_buffer_print(&stream->name, err, "%s", first);
	return flt_text_buffer_print(&stream->name, err, "%s and %zu more file%s", first, n_more,
	                             n_more == 1 ? "" : "s");
}

/* Files are opened after the caller's array is gone. */
static enum flt_status copy_extra(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->options.n_extra;
	stream->extra = flt_alloc(n, sizeof *stream->extra, err);
	FLT_TRY_MEMORY(stream->extra);
	for (size_t i = 0; i < n; i++)
		stream->extra[i] = stream->options.extra[i];
	stream->options.extra = stream->extra;
	return FLT_OK;
}

static enum flt_status open_stream(struct flt_stream *stream, const char *const *paths, size_t n_paths,
                                   struct flt_error *err)
{
	size_t capacity = 0;
	FLT_TRY(copy_extra(stream, err));
	for (size_t i = 0; i < n_paths; i++)
		FLT_TRY(append_copy(&stream->paths, &capacity, paths[i], err));
	stream->files = flt_alloc_zero(n_paths, sizeof *stream->files, err);
	FLT_TRY_MEMORY(stream->files);
	FLT_TRY(open_file(stream, 0, digest_of(stream), err));
	FLT_TRY(name_files(stream, err));
	FLT_TRY(try_rest(stream, err));
	return open_watch(stream, err);
}

enum flt_status flt_stream_open_files(const struct flt_detector *detector, const char *const *paths, size_t n_paths,
                                      const struct flt_stream_options *options, struct flt_stream **stream,
                                      struct flt_error *err)
{
	*stream = flt_alloc_zero(1, sizeof **stream, err);
	FLT_TRY_MEMORY(*stream);
	(*stream)->detector = detector;
	(*stream)->options = *options;
	enum flt_status status = open_stream(*stream, paths, n_paths, err);
	if (status != FLT_OK) {
		flt_stream_free(*stream);
		*stream = NULL;
	}
	return status;
}

enum flt_status flt_stream_open(const struct flt_detector *detector, const char *path,
                                const struct flt_stream_options *options, struct flt_stream **stream,
                                struct flt_error *err)
{
	return flt_stream_open_files(detector, &path, 1, options, stream, err);
}

void flt_stream_free(struct flt_stream *stream)
{
	if (!stream)
		return;
	flt_watch_free(stream->watch);
	flt_free(stream->prep_column);
	for (size_t i = 0; i < FLT_STREAM_BATCH_BLOCKS; i++)
		flt_stream_rows_release(&stream->blocks[i]);
	flt_stream_rows_release(&stream->rows);
	flt_free(stream->id_text);
	flt_free(stream->target_text);
	flt_free(stream->extra_text);
	flt_free(stream->hash);
	flt_free(stream->explained_cell);
	flt_free(stream->explained.part);
	flt_free(stream->explained.left);
	flt_free(stream->explained.range);
	flt_free(stream->extra);
	flt_free(stream->score);
	flt_free(stream->deal.letter);
	for (size_t i = 0; stream->files && i < stream->paths.n; i++)
		flt_stream_file_close(&stream->files[i]);
	flt_free(stream->files);
	flt_names_release(&stream->paths);
	flt_names_release(&stream->remarks);
	flt_text_buffer_release(&stream->name);
	flt_text_buffer_release(&stream->skipped);
	flt_free(stream);
}

/* ---- reading: what csv/batches.h calls ---- */

static enum flt_status begin_block(void *context, size_t slot, struct flt_error *err)
{
	struct flt_stream *stream = context;
	(void)err;
	flt_stream_rows_clear(&stream->blocks[slot]);
	return FLT_OK;
}

static enum flt_status add(const struct flt_stream *stream, struct flt_stream_rows *rows,
                           const struct flt_csv_record *record, struct flt_error *err)
{
	return flt_stream_rows_add(rows, stream->file, record, stream->options.keep_records,
	                           flt_stream_delimiter(stream), err);
}

static enum flt_status add_to_block(void *context, size_t slot, const struct flt_csv_record *record,
                                    struct flt_error *err)
{
	struct flt_stream *stream = context;
	return add(stream, &stream->blocks[slot], record, err);
}

static enum flt_status take_block(void *context, size_t slot, struct flt_csv_counts before, struct flt_error *err)
{
	struct flt_stream *stream = context;
	before.n_records += stream->n_rows_before;
	return flt_stream_rows_append(&stream->rows, &stream->blocks[slot], stream->file->n_columns, before, err);
}

static enum flt_status add_in_order(void *context, struct flt_csv_batches *batches, const struct flt_csv_record *record,
                                    struct flt_error *err)
{
	struct flt_stream *stream = context;
	struct flt_csv_record numbered = *record;
	(void)batches;
	numbered.number += stream->n_rows_before;
	return add(stream, &stream->rows, &numbered, err);
}

/* ---- running ---- */

/* In the first batch of a file. */
static enum flt_status check_last_column(const struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_stream_rows *rows = &stream->rows;
	const struct flt_places *places = &stream->file->places;
	if (!places->may_end_empty || stream->n_file_rows > 0 || rows->n == 0)
		return FLT_OK;
	for (size_t row = 0; row < rows->n; row++)
		if (rows->cells[(row + 1) * stream->file->n_columns - 1][0])
			return FLT_OK;
	return flt_places_check_last(places, stream->detector, flt_csv_name(stream->file->csv), rows->n, err);
}

static void score_and_show(void *context, size_t task, size_t worker)
{
	(void)worker;
	flt_stream_batch_score(context, task);
	flt_stream_batch_show(context, task);
}

static void tell_share(const struct flt_stream *stream)
{
	double n_before = (double)(stream->file - stream->files), n = (double)stream->paths.n;
	if (stream->on_read)
		stream->on_read(stream->read_context, (n_before + flt_csv_share(stream->file->csv)) / n);
}

static enum flt_status end_batch(void *context, struct flt_csv_batches *batches, struct flt_error *err)
{
	struct flt_stream *stream = context;
	FLT_TRY(check_last_column(stream, err));
	FLT_TRY(flt_stream_batch_prepare(stream, err));
	size_t n = stream->rows.n;
	if (stream->deal.ranks)
		FLT_TRY(flt_stream_deal_batch(stream, batches, err));
	else
		FLT_TRY(flt_csv_run_tasks(batches, stream->shown.n_chunks, score_and_show, stream, err));
	FLT_TRY(flt_stream_batch_hand_out(stream, err));
	stream->n_rows += n;
	stream->n_file_rows += n;
	if (stream->n_blank == 0)
		stream->first_blank = stream->rows.first_blank;
	stream->n_blank += stream->rows.n_blank;
	flt_stream_rows_clear(&stream->rows);
	tell_share(stream);
	return FLT_OK;
}

static enum flt_status read_file(struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_csv_client client = {
	        .context = stream,
	        .size = {.first_blocks = FLT_STREAM_BATCH_BLOCKS,
	                 .most_blocks = FLT_STREAM_BATCH_BLOCKS,
	                 .most_bytes = FLT_STREAM_BATCH_BLOCKS * (size_t)FLT_STREAM_BLOCK_BYTES},
	        .keeps_fields = true,
	        .begin = begin_block,
	        .add = add_to_block,
	        .take = take_block,
	        .add_in_order = add_in_order,
	        .end_batch = end_batch};
	flt_stream_rows_clear(&stream->rows);
	stream->n_file_rows = stream->n_blank = 0;
	stream->file->was_read = true;
	return flt_csv_read_batches(stream->file->csv, &client, stream->options.n_threads, err);
}

/* A remark on the file that was read. */
static enum flt_status add_remark(struct flt_stream *stream, const char *remark, struct flt_error *err)
{
	char text[1024];
	bool of_several = stream->paths.n > 1;
	snprintf(text, sizeof text, "%s%s%s", of_several ? flt_csv_name(stream->file->csv) : "", of_several ? ": " : "",
	         remark);
	return append_copy(&stream->remarks, &stream->remark_capacity, text, err);
}

/* What is known of a file when it was read. */
static enum flt_status take_notes(struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_csv *csv = stream->file->csv;
	bool of_several = stream->paths.n > 1;
	size_t n_skipped = flt_csv_n_bad_rows(csv);
	stream->n_rows_before += flt_csv_n_records(csv);
	stream->n_skipped += n_skipped;
	if (n_skipped > 0)
		FLT_TRY(flt_text_buffer_print(&stream->skipped, err, "%s%s%s%s", stream->skipped.length ? "; " : "",
		                              of_several ? flt_csv_name(csv) : "", of_several ? " " : "",
		                              flt_csv_bad_rows(csv)));
	for (size_t i = 0; i < flt_csv_n_remarks(csv); i++)
		FLT_TRY(add_remark(stream, flt_csv_remark(csv, i), err));
	if (stream->n_blank == 0)
		return FLT_OK;
	char text[160];
	snprintf(text, sizeof text,
	         "%zu row%s nothing but delimiters, the first in line %zu: scored as if each value were missing",
	         stream->n_blank, stream->n_blank == 1 ? " holds" : "s hold", stream->first_blank);
	return add_remark(stream, text, err);
}

/* A file that will not be read again is closed, so that memory does not grow with the number of files. */
static enum flt_status run_file(struct flt_stream *stream, size_t i, struct flt_error *err)
{
	struct flt_stream_file *file = &stream->files[i];
	if (!file->csv)
		FLT_TRY(open_file(stream, i, digest_of(stream), err));
	else if (file->was_read)
		FLT_TRY(flt_csv_rewind(file->csv, err));
	stream->file = file;
	FLT_TRY(stream->options.follow ? flt_stream_follow(stream, err) : read_file(stream, err));
	FLT_TRY(take_notes(stream, err));
	if (i > 0 && !stream->options.rewindable)
		flt_stream_file_close(file);
	return FLT_OK;
}

static void forget_last_run(struct flt_stream *stream)
{
	flt_watch_clear(stream->watch);
	flt_names_release(&stream->remarks);
	stream->skipped.length = 0;
	stream->remark_capacity = stream->n_rows = stream->n_skipped = stream->n_rows_before = 0;
}

enum flt_status flt_stream_run(struct flt_stream *stream, const struct flt_stream_visitor *visitor,
                               struct flt_error *err)
{
	forget_last_run(stream);
	stream->visitor = visitor;
	for (size_t i = 0; i < stream->paths.n; i++)
		FLT_TRY(run_file(stream, i, err));
	FLT_TRY(flt_stream_deal_end(stream, err));
	if (digest_of(stream))
		flt_digest_end(&stream->digest, stream->sha256);
	stream->was_run = true;
	return flt_watch_finish(stream->watch, err);
}
