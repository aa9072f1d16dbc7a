#include "detector/stream_batch.h"

#include "base/alloc.h"

struct flt_explained flt_stream_explained(const struct flt_stream *stream, size_t first)
{
	const struct flt_explained *all = &stream->explained;
	if (!stream->visitor->reasons || stream->row_error)
		return (struct flt_explained){0};
	return (struct flt_explained){
	        .part = all->part + first * stream->n_parts, .left = all->left + first, .range = all->range + first};
}

static struct flt_scored_rows rows_of(const struct flt_stream *stream, size_t first, size_t n)
{
	const struct flt_stream_rows *rows = &stream->rows;
	struct flt_explained explained = flt_stream_explained(stream, first);
	return (struct flt_scored_rows){
	        .n = n,
	        .n_before = stream->n_rows + first,
	        .file = flt_csv_name(stream->file->csv),
	        .score = stream->score + first,
	        .error = stream->options.follow ? &stream->row_error : NULL,
	        .row = rows->row + first,
	        .line = rows->line + first,
	        .id = stream->file->id != SIZE_MAX ? stream->id_text + first : NULL,
	        .target = stream->file->target != SIZE_MAX ? stream->target_text + first : NULL,
	        .extra = stream->options.n_extra ? stream->extra_text + first * stream->options.n_extra : NULL,
	        .n_extra = stream->options.n_extra,
	        .hash = stream->options.needs_hashes && !stream->row_error ? stream->hash + first : NULL,
	        .part = explained.part,
	        .left = explained.left,
	        .range = explained.range,
	        .cell = explained.part ? stream->explained_cell + first * stream->n_parts : NULL,
	        .record = stream->options.keep_records ? rows->record + first : NULL,
	        .record_length = rows->record_length + first,
	};
}

static enum flt_status prepare_reasons(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->rows.n;
	struct flt_explained *to = &stream->explained;
	if (!stream->visitor->reasons)
		return FLT_OK;
	stream->n_parts = flt_reasons_n_columns(stream->visitor->reasons);
	FLT_TRY(flt_grow((void **)&stream->explained_cell, &stream->cell_capacity, n * stream->n_parts,
	                 sizeof *stream->explained_cell, err));
	FLT_TRY(flt_grow((void **)&to->part, &stream->part_capacity, n * stream->n_parts, sizeof *to->part, err));
	FLT_TRY(flt_grow((void **)&to->left, &stream->left_capacity, n, sizeof *to->left, err));
	return flt_grow((void **)&to->range, &stream->range_capacity, n, sizeof *to->range, err);
}

struct flt_stream_part flt_stream_part_of(size_t first, size_t n)
{
	enum { LEAST_ROWS = 8 }; /* for fewer, what a chunk of a wide file takes for each column would take longer */
	size_t chunk_rows = (n + FLT_STREAM_MAX_CHUNKS - 1) / FLT_STREAM_MAX_CHUNKS;
	chunk_rows = chunk_rows < LEAST_ROWS ? LEAST_ROWS : chunk_rows;
	return (struct flt_stream_part){.first = first,
	                                .n = n,
	                                .chunk_rows = chunk_rows,
	                                .n_chunks = n ? (n + chunk_rows - 1) / chunk_rows : 0};
}

enum flt_status flt_stream_batch_prepare(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->rows.n, n_extra = stream->options.n_extra;
	stream->scored = stream->shown = flt_stream_part_of(0, n);
	FLT_TRY(flt_grow((void **)&stream->score, &stream->score_capacity, n, sizeof *stream->score, err));
	FLT_TRY(prepare_reasons(stream, err));
	FLT_TRY(flt_grow((void **)&stream->id_text, &stream->id_capacity, n, sizeof *stream->id_text, err));
	FLT_TRY(flt_grow((void **)&stream->extra_text, &stream->extra_capacity, n * n_extra, sizeof *stream->extra_text,
	                 err));
	if (stream->options.needs_hashes)
		FLT_TRY(flt_grow((void **)&stream->hash, &stream->hash_capacity, n, sizeof *stream->hash, err));
	return flt_grow((void **)&stream->target_text, &stream->target_capacity, n, sizeof *stream->target_text, err);
}

static void find_special_texts(struct flt_stream *stream, size_t first, size_t n)
{
	const struct flt_stream_file *file = stream->file;
	size_t n_extra = stream->options.n_extra;
	for (size_t row = first; row < first + n; row++) {
		const char *const *cells = stream->rows.cells + row * file->n_columns;
		stream->id_text[row] = file->id != SIZE_MAX ? cells[file->id] : NULL;
		stream->target_text[row] = file->target != SIZE_MAX ? cells[file->target] : NULL;
		for (size_t i = 0; i < n_extra; i++)
			stream->extra_text[row * n_extra + i] =
			        file->extra[i] != SIZE_MAX ? cells[file->extra[i]] : NULL;
	}
}

/* The cells that reasons are about. */
static void find_explained_cells(struct flt_stream *stream, size_t first, size_t n)
{
	const struct flt_reasons *reasons = stream->visitor->reasons;
	const struct flt_stream_file *file = stream->file;
	const char *const *cells = stream->rows.cells + first * file->n_columns;
	for (size_t c = 0; reasons && c < stream->n_parts; c++) {
		size_t place = flt_scorer_place(file->scorer, flt_reasons_prep_columns(reasons)[c]);
		for (size_t i = 0; i < n; i++)
			stream->explained_cell[(first + i) * stream->n_parts + c] = cells[i * file->n_columns + place];
	}
}

static enum flt_status explain_chunk(struct flt_stream *stream, size_t first, size_t n, struct flt_error *err)
{
	const struct flt_reasons *reasons = stream->visitor->reasons;
	const struct flt_stream_file *file = stream->file;
	const struct flt_explained to = flt_stream_explained(stream, first);
	const char *const *cells = stream->rows.cells + first * file->n_columns;
	if (!reasons)
		return FLT_OK;
	return flt_explain_scored(reasons, file->scorer, cells, stream->score + first, n, &to, err);
}

/* Its first row, and how many (*n). */
static size_t chunk_of(const struct flt_stream_part *part, size_t index, size_t *n)
{
	size_t before = index * part->chunk_rows, left = part->n - before;
	*n = left < part->chunk_rows ? left : part->chunk_rows;
	return part->first + before;
}

void flt_stream_batch_score(struct flt_stream *stream, size_t index)
{
	const struct flt_stream_rows *batch = &stream->rows;
	struct flt_stream_chunk *chunk = &stream->chunks[index];
	size_t n, bad_row = 0, first = chunk_of(&stream->scored, index, &n);
	struct flt_error why;
	chunk->status =
	        flt_scorer_score_counting(stream->file->scorer, batch->cells + first * stream->file->n_columns, n,
	                                  stream->score + first, flt_watch_chunk(stream->watch, index),
	                                  stream->options.needs_hashes ? stream->hash + first : NULL, &bad_row, &why);
	if (chunk->status == FLT_ERR_DATA)
		flt_fail(&chunk->err, chunk->status, "%s:%zu: %s", flt_csv_name(stream->file->csv),
		         batch->line[first + bad_row], why.text);
	else if (chunk->status != FLT_OK)
		chunk->err = why;
	if (chunk->status == FLT_OK)
		chunk->status = explain_chunk(stream, first, n, &chunk->err);
}

void flt_stream_batch_show(struct flt_stream *stream, size_t index)
{
	struct flt_stream_chunk *chunk = &stream->chunks[index];
	size_t n, first = chunk_of(&stream->shown, index, &n);
	find_special_texts(stream, first, n);
	find_explained_cells(stream, first, n);
	struct flt_scored_rows rows = rows_of(stream, first, n);
	const struct flt_stream_visitor *visitor = stream->visitor;
	if (chunk->status == FLT_OK && visitor->on_chunk)
		chunk->status = visitor->on_chunk(visitor->context, index, &rows, &chunk->err);
}

static enum flt_status take_chunk(struct flt_stream *stream, size_t index, struct flt_error *err)
{
	const struct flt_stream_chunk *chunk = &stream->chunks[index];
	size_t n, first = chunk_of(&stream->shown, index, &n), n_columns = stream->file->n_columns;
	if (chunk->status != FLT_OK)
		return flt_fail(err, chunk->status, "%s", chunk->err.text);
	if (stream->row_error || stream->deal.ranks)
		return FLT_OK;
	return flt_watch_take(stream->watch, stream->file->scorer, index, stream->rows.cells + first * n_columns,
	                      n_columns, n, err);
}

enum flt_status flt_stream_batch_hand_out(struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_stream_visitor *visitor = stream->visitor;
	for (size_t i = 0; i < stream->shown.n_chunks; i++)
		FLT_TRY(take_chunk(stream, i, err));
	if (!visitor->on_block || stream->rows.n == 0)
		return FLT_OK;
	struct flt_scored_rows rows = rows_of(stream, 0, stream->rows.n);
	return visitor->on_block(visitor->context, stream->shown.n_chunks, &rows, err);
}
