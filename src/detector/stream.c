/*
 * Records become rows on several threads (csv/batches.h). The rows of a batch are joined in the order of the file,
 * scored in chunks of equal size on the same threads, and handed out.
 *
 * Cells are not copied: a row points to the fields of its record, which the reader keeps until the batch is handed out.
 *
 * Where a batch ends depends on the file only, so nothing that is handed out depends on the number of threads.
 */
#include "fltrain/stream.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/encoding.h"
#include "base/text.h"
#include "csv/batches.h"
#include "csv/raw_field.h"
#include "detector/model.h"
#include "detector/places.h"
#include "detector/watch.h"
#include "table/hint.h"

enum {
	BLOCK_BYTES = 1 << 18, /* with their rows, some of these fit into the cache of a processor */
	BATCH_BLOCKS = 8,
};

/* Consecutive rows. */
struct rows {
	size_t n, capacity; /* of all arrays */
	const char **cells; /* (capacity, n_columns); NULL where a column is not used */
	const char **record;
	size_t *record_length, *row, *line; /* (capacity) each */
	struct flt_arena records;           /* copies of raw records that were added here */
};

/* The outcome of scoring one chunk of the batch's rows. */
struct chunk {
	enum flt_status status;
	struct flt_error err;
};

struct flt_stream {
	const struct flt_detector *detector;
	struct flt_stream_options options;
	struct flt_csv *csv;
	struct flt_scorer *scorer;
	size_t n_columns;
	struct flt_places places;
	bool *is_kept;     /* (n_columns) */
	size_t id, target; /* columns, or SIZE_MAX */
	size_t *extra;     /* (options.n_extra) columns */

	struct rows blocks[BATCH_BLOCKS];                  /* rows of each block of a batch */
	struct rows rows;                                  /* of the batch so far */
	const char **id_text, **target_text, **extra_text; /* of the batch: (n), (n), (n, options.n_extra) */
	double *score;                                     /* (n) */
	size_t id_capacity, target_capacity, extra_capacity, score_capacity;
	size_t chunk_rows;
	struct chunk chunks[FLT_STREAM_MAX_CHUNKS];

	const struct flt_stream_visitor *visitor;
	struct flt_watch *watch;
	size_t *prep_column; /* (n_columns) the preparation's column that is read from it, or SIZE_MAX */
	size_t n_rows;
	bool was_run;
};

/* ---- opening ---- */

static size_t find_column(const struct flt_stream *stream, const char *name)
{
	for (size_t i = 0; name && i < stream->n_columns; i++)
		if (strcmp(stream->places.names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static enum flt_status fail_column(const struct flt_stream *stream, const char *name, const char *option,
                                   struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	flt_table_hint(name, stream->places.names, stream->n_columns, hint);
	return flt_fail(err, FLT_ERR_USAGE, "%s: no column \"%s\" for %s%s", flt_csv_name(stream->csv),
	                flt_shown(name, strlen(name)).text, option, hint);
}

static enum flt_status fail_target(const struct flt_stream *stream, struct flt_error *err)
{
	const char *target = stream->detector->target, *remedy;
	size_t other = flt_find_other_encoding(stream->places.names, stream->n_columns, target, &remedy);
	if (other < stream->n_columns)
		return flt_fail(
		        err, FLT_ERR_DATA, "%s: there is no column \"%s\", which holds the true class, but \"%s\", %s",
		        flt_csv_name(stream->csv), flt_shown(target, strlen(target)).text,
		        flt_shown(stream->places.names[other], strlen(stream->places.names[other])).text, remedy);
	const char *near = flt_nearest(target, stream->places.names, stream->n_columns);
	if (stream->detector->input.n_file_columns > 0) /* c2 is no misspelt c1 */
		near = NULL;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: there is no column \"%s\", which holds the true class%s%s%s; to score rows without it use "
	                "`fltrain predict`",
	                flt_csv_name(stream->csv), flt_shown(target, strlen(target)).text, near ? "; it has \"" : "",
	                near ? flt_shown(near, strlen(near)).text : "", near ? "\"" : "");
}

static enum flt_status find_extra(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->options.n_extra;
	stream->extra = flt_alloc(n, sizeof *stream->extra, err);
	FLT_TRY_MEMORY(stream->extra);
	for (size_t i = 0; i < n; i++) {
		const struct flt_stream_extra *extra = &stream->options.extra[i];
		stream->extra[i] = find_column(stream, extra->name);
		if (stream->extra[i] == SIZE_MAX)
			return fail_column(stream, extra->name, extra->option, err);
	}
	return FLT_OK;
}

static enum flt_status find_special(struct flt_stream *stream, struct flt_error *err)
{
	const char *id = stream->options.reading.id;
	bool needs_target = stream->options.needs_target;
	stream->id = find_column(stream, id ? id : stream->detector->input.id);
	stream->target = needs_target ? find_column(stream, stream->detector->target) : SIZE_MAX;
	if (id && stream->id == SIZE_MAX)
		return fail_column(stream, id, "--id", err);
	if (needs_target && stream->target == SIZE_MAX)
		return fail_target(stream, err);
	return find_extra(stream, err);
}

static enum flt_status open_scorer(struct flt_stream *stream, struct flt_error *err)
{
	struct flt_error why;
	struct flt_reading_options reading = stream->options.reading;
	reading.delimiter = flt_csv_delimiter(stream->csv);
	enum flt_status status = flt_scorer_new(stream->detector, stream->places.names, stream->n_columns, &reading,
	                                        &stream->scorer, &why);
	if (status == FLT_ERR_DATA)
		return flt_fail(err, status, "%s: %s%s", flt_csv_name(stream->csv), why.text,
		                flt_places_header_remedy(stream->detector, stream->csv));
	if (status != FLT_OK)
		return flt_fail(err, status, "%s", why.text);
	return find_special(stream, err);
}

/* The cells of a column are kept if it is used or handed out. */
static enum flt_status choose_kept(struct flt_stream *stream, struct flt_error *err)
{
	stream->is_kept = flt_alloc(stream->n_columns, sizeof *stream->is_kept, err);
	FLT_TRY_MEMORY(stream->is_kept);
	for (size_t i = 0; i < stream->n_columns; i++)
		stream->is_kept[i] = flt_scorer_uses(stream->scorer, i) || i == stream->id || i == stream->target;
	for (size_t i = 0; i < stream->options.n_extra; i++)
		stream->is_kept[stream->extra[i]] = true;
	stream->is_kept[stream->n_columns - 1] |= stream->places.may_end_empty;
	return FLT_OK;
}

static enum flt_status open_watch(struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_prep *prep = stream->detector->prep;
	stream->prep_column = flt_alloc(stream->n_columns, sizeof *stream->prep_column, err);
	FLT_TRY_MEMORY(stream->prep_column);
	for (size_t i = 0; i < stream->n_columns; i++)
		stream->prep_column[i] = SIZE_MAX;
	for (size_t c = 0; c < flt_prep_n_columns(prep); c++)
		if (flt_scorer_place(stream->scorer, c) != SIZE_MAX)
			stream->prep_column[flt_scorer_place(stream->scorer, c)] = c;
	return flt_watch_new(prep, stream->scorer, FLT_STREAM_MAX_CHUNKS, &stream->watch, err);
}

/* The names that the file should have, which tell a header. */
static enum flt_status open_csv(struct flt_stream *stream, const char *path, struct flt_csv_options *csv,
                                struct flt_error *err)
{
	const struct flt_prep *prep = stream->detector->prep;
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
	enum flt_status status = flt_csv_open(path, csv, &stream->csv, err);
	flt_free(names);
	return status;
}

static enum flt_status open_stream(struct flt_stream *stream, const char *path, struct flt_error *err)
{
	const struct flt_reading_options *reading = &stream->options.reading;
	const struct flt_input *known = &stream->detector->input;
	struct flt_csv_options csv = {.delimiter = reading->delimiter,
	                              .decimal = reading->decimal ? reading->decimal : known->decimal,
	                              .header = reading->header,
	                              .na = reading->na ? reading->na : known->na,
	                              .skip_lines = reading->skip_lines,
	                              .skip_bad_rows = reading->skip_bad_rows,
	                              .rewindable = stream->options.rewindable,
	                              .skip_digest = !stream->options.needs_sha256,
	                              .block_size =
	                                      stream->options.block_size ? stream->options.block_size : BLOCK_BYTES};
	FLT_TRY(open_csv(stream, path, &csv, err));
	stream->n_columns = flt_csv_n_columns(stream->csv);
	if (stream->n_columns == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(stream->csv));
	FLT_TRY(flt_places_find(&stream->places, stream->detector, stream->csv, err));
	FLT_TRY(open_scorer(stream, err));
	FLT_TRY(choose_kept(stream, err));
	return open_watch(stream, err);
}

enum flt_status flt_stream_open(const struct flt_detector *detector, const char *path,
                                const struct flt_stream_options *options, struct flt_stream **stream,
                                struct flt_error *err)
{
	*stream = flt_alloc_zero(1, sizeof **stream, err);
	FLT_TRY_MEMORY(*stream);
	(*stream)->detector = detector;
	(*stream)->options = *options;
	enum flt_status status = open_stream(*stream, path, err);
	if (status != FLT_OK) {
		flt_stream_free(*stream);
		*stream = NULL;
	}
	return status;
}

static void rows_release(struct rows *rows)
{
	flt_free(rows->cells);
	flt_free(rows->record);
	flt_free(rows->record_length);
	flt_free(rows->row);
	flt_free(rows->line);
	flt_arena_release(&rows->records);
}

void flt_stream_free(struct flt_stream *stream)
{
	if (!stream)
		return;
	flt_watch_free(stream->watch);
	flt_free(stream->prep_column);
	for (size_t i = 0; i < BATCH_BLOCKS; i++)
		rows_release(&stream->blocks[i]);
	rows_release(&stream->rows);
	flt_free(stream->id_text);
	flt_free(stream->target_text);
	flt_free(stream->extra_text);
	flt_free(stream->extra);
	flt_free(stream->score);
	flt_free(stream->is_kept);
	flt_places_release(&stream->places);
	flt_scorer_free(stream->scorer);
	flt_csv_free(stream->csv);
	flt_free(stream);
}

/* ---- rows ---- */

static void rows_clear(struct rows *rows)
{
	rows->n = 0;
	flt_arena_clear(&rows->records);
}

static enum flt_status rows_reserve(struct rows *rows, size_t n, size_t n_columns, struct flt_error *err)
{
	if (n <= rows->capacity)
		return FLT_OK;
	size_t wanted = n < 2 * rows->capacity ? 2 * rows->capacity : n, capacities[5];
	for (size_t i = 0; i < 5; i++)
		capacities[i] = rows->capacity;
	FLT_TRY(flt_grow((void **)&rows->cells, &capacities[0], wanted, n_columns * sizeof *rows->cells, err));
	FLT_TRY(flt_grow((void **)&rows->record, &capacities[1], wanted, sizeof *rows->record, err));
	FLT_TRY(flt_grow((void **)&rows->record_length, &capacities[2], wanted, sizeof *rows->record_length, err));
	FLT_TRY(flt_grow((void **)&rows->row, &capacities[3], wanted, sizeof *rows->row, err));
	FLT_TRY(flt_grow((void **)&rows->line, &capacities[4], wanted, sizeof *rows->line, err));
	rows->capacity = wanted;
	return FLT_OK;
}

/* An id keeps the blanks around it, so that it joins back. */
static enum flt_status keep_id(const struct flt_stream *stream, struct rows *rows, const struct flt_csv_record *record,
                               const char **cell, struct flt_error *err)
{
	struct flt_csv_field id = flt_csv_field_with_blanks(record, stream->id, flt_csv_delimiter(stream->csv));
	if (id.length == record->fields[stream->id].length || flt_scorer_uses(stream->scorer, stream->id))
		return FLT_OK;
	*cell = flt_arena_add(&rows->records, id.text, id.length, err);
	return *cell ? FLT_OK : FLT_ERR_MACHINE;
}

static enum flt_status rows_add(const struct flt_stream *stream, struct rows *rows, const struct flt_csv_record *record,
                                struct flt_error *err)
{
	FLT_TRY(rows_reserve(rows, rows->n + 1, stream->n_columns, err));
	if (stream->options.keep_records) {
		rows->record[rows->n] = flt_arena_add(&rows->records, record->raw, record->n_raw, err);
		FLT_TRY_MEMORY(rows->record[rows->n]);
	}
	const char **cells = rows->cells + rows->n * stream->n_columns;
	for (size_t i = 0; i < stream->n_columns; i++)
		cells[i] = stream->is_kept[i] ? record->fields[i].text : NULL;
	if (stream->id != SIZE_MAX)
		FLT_TRY(keep_id(stream, rows, record, &cells[stream->id], err));
	rows->record_length[rows->n] = record->n_raw;
	rows->row[rows->n] = record->number;
	rows->line[rows->n] = record->line;
	rows->n++;
	return FLT_OK;
}

/* ---- reading: what csv/batches.h calls ---- */

static enum flt_status begin_block(void *context, size_t slot, struct flt_error *err)
{
	struct flt_stream *stream = context;
	(void)err;
	rows_clear(&stream->blocks[slot]);
	return FLT_OK;
}

static enum flt_status add_to_block(void *context, size_t slot, const struct flt_csv_record *record,
                                    struct flt_error *err)
{
	struct flt_stream *stream = context;
	return rows_add(stream, &stream->blocks[slot], record, err);
}

/* Appends the block's rows to those of the batch. */
static enum flt_status take_block(void *context, size_t slot, struct flt_csv_counts before, struct flt_error *err)
{
	struct flt_stream *stream = context;
	const struct rows *rows = &stream->blocks[slot];
	struct rows *all = &stream->rows;
	size_t first = all->n, n_columns = stream->n_columns;
	FLT_TRY(rows_reserve(all, first + rows->n, n_columns, err));
	if (rows->n == 0)
		return FLT_OK;
	memcpy(all->cells + first * n_columns, rows->cells, rows->n * n_columns * sizeof *rows->cells);
	memcpy(all->record + first, rows->record, rows->n * sizeof *rows->record);
	memcpy(all->record_length + first, rows->record_length, rows->n * sizeof *rows->record_length);
	for (size_t i = 0; i < rows->n; i++) {
		all->row[first + i] = rows->row[i] + before.n_records;
		all->line[first + i] = rows->line[i] + before.n_lines;
	}
	all->n += rows->n;
	return FLT_OK;
}

static enum flt_status add_in_order(void *context, struct flt_csv_batches *batches, const struct flt_csv_record *record,
                                    struct flt_error *err)
{
	struct flt_stream *stream = context;
	(void)batches;
	return rows_add(stream, &stream->rows, record, err);
}

/* ---- scoring ---- */

static struct flt_scored_rows rows_of(const struct flt_stream *stream, size_t first, size_t n)
{
	const struct rows *rows = &stream->rows;
	return (struct flt_scored_rows){
	        .n = n,
	        .score = stream->score + first,
	        .row = rows->row + first,
	        .line = rows->line + first,
	        .id = stream->id != SIZE_MAX ? stream->id_text + first : NULL,
	        .target = stream->target != SIZE_MAX ? stream->target_text + first : NULL,
	        .extra = stream->extra_text + first * stream->options.n_extra,
	        .n_extra = stream->options.n_extra,
	        .record = stream->options.keep_records ? rows->record + first : NULL,
	        .record_length = rows->record_length + first,
	};
}

/* Makes room for what is handed out with the batch, and sets the size of its chunks. */
static enum flt_status prepare_batch(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->rows.n, n_extra = stream->options.n_extra;
	stream->chunk_rows = (n + FLT_STREAM_MAX_CHUNKS - 1) / FLT_STREAM_MAX_CHUNKS;
	FLT_TRY(flt_grow((void **)&stream->score, &stream->score_capacity, n, sizeof *stream->score, err));
	FLT_TRY(flt_grow((void **)&stream->id_text, &stream->id_capacity, n, sizeof *stream->id_text, err));
	FLT_TRY(flt_grow((void **)&stream->extra_text, &stream->extra_capacity, n * n_extra, sizeof *stream->extra_text,
	                 err));
	return flt_grow((void **)&stream->target_text, &stream->target_capacity, n, sizeof *stream->target_text, err);
}

static void find_special_texts(struct flt_stream *stream, size_t first, size_t n)
{
	size_t n_extra = stream->options.n_extra;
	for (size_t row = first; row < first + n; row++) {
		const char *const *cells = stream->rows.cells + row * stream->n_columns;
		stream->id_text[row] = stream->id != SIZE_MAX ? cells[stream->id] : NULL;
		stream->target_text[row] = stream->target != SIZE_MAX ? cells[stream->target] : NULL;
		for (size_t i = 0; i < n_extra; i++)
			stream->extra_text[row * n_extra + i] = cells[stream->extra[i]];
	}
}

static void score_chunk(struct flt_stream *stream, size_t index)
{
	const struct rows *batch = &stream->rows;
	struct chunk *chunk = &stream->chunks[index];
	size_t first = index * stream->chunk_rows, bad_row = 0;
	size_t n = batch->n - first < stream->chunk_rows ? batch->n - first : stream->chunk_rows;
	struct flt_error why;
	chunk->status =
	        flt_scorer_score_counting(stream->scorer, batch->cells + first * stream->n_columns, n,
	                                  stream->score + first, flt_watch_chunk(stream->watch, index), &bad_row, &why);
	if (chunk->status == FLT_ERR_DATA)
		flt_fail(&chunk->err, chunk->status, "%s:%zu: %s", flt_csv_name(stream->csv),
		         batch->line[first + bad_row], why.text);
	else if (chunk->status != FLT_OK)
		chunk->err = why;
	find_special_texts(stream, first, n);
	struct flt_scored_rows rows = rows_of(stream, first, n);
	const struct flt_stream_visitor *visitor = stream->visitor;
	if (chunk->status == FLT_OK && visitor->on_chunk)
		chunk->status = visitor->on_chunk(visitor->context, index, &rows, &chunk->err);
}

static void score_task(void *context, size_t task, size_t worker)
{
	(void)worker;
	score_chunk(context, task);
}

static enum flt_status hand_out(struct flt_stream *stream, size_t n_chunks, struct flt_error *err)
{
	const struct flt_stream_visitor *visitor = stream->visitor;
	for (size_t i = 0; i < n_chunks; i++) {
		const struct chunk *chunk = &stream->chunks[i];
		if (chunk->status != FLT_OK)
			return flt_fail(err, chunk->status, "%s", chunk->err.text);
		size_t first = i * stream->chunk_rows;
		size_t n = stream->rows.n - first < stream->chunk_rows ? stream->rows.n - first : stream->chunk_rows;
		FLT_TRY(flt_watch_take(stream->watch, i, stream->rows.cells + first * stream->n_columns,
		                       stream->n_columns, n, err));
	}
	if (!visitor->on_block || stream->rows.n == 0)
		return FLT_OK;
	struct flt_scored_rows rows = rows_of(stream, 0, stream->rows.n);
	return visitor->on_block(visitor->context, n_chunks, &rows, err);
}

/* In the first batch. */
static enum flt_status check_last_column(const struct flt_stream *stream, struct flt_error *err)
{
	const struct rows *rows = &stream->rows;
	if (!stream->places.may_end_empty || stream->n_rows > 0 || rows->n == 0)
		return FLT_OK;
	for (size_t row = 0; row < rows->n; row++)
		if (rows->cells[(row + 1) * stream->n_columns - 1][0])
			return FLT_OK;
	return flt_places_check_last(&stream->places, stream->detector, flt_csv_name(stream->csv), rows->n, err);
}

static enum flt_status end_batch(void *context, struct flt_csv_batches *batches, struct flt_error *err)
{
	struct flt_stream *stream = context;
	FLT_TRY(check_last_column(stream, err));
	FLT_TRY(prepare_batch(stream, err));
	size_t n = stream->rows.n, n_chunks = n ? (n + stream->chunk_rows - 1) / stream->chunk_rows : 0;
	FLT_TRY(flt_csv_run_tasks(batches, n_chunks, score_task, stream, err));
	FLT_TRY(hand_out(stream, n_chunks, err));
	stream->n_rows += n;
	rows_clear(&stream->rows);
	return FLT_OK;
}

enum flt_status flt_stream_run(struct flt_stream *stream, const struct flt_stream_visitor *visitor,
                               struct flt_error *err)
{
	const struct flt_csv_client client = {.context = stream,
	                                      .size = {.first_blocks = BATCH_BLOCKS,
	                                               .most_blocks = BATCH_BLOCKS,
	                                               .most_bytes = BATCH_BLOCKS * (size_t)BLOCK_BYTES},
	                                      .keeps_fields = true,
	                                      .begin = begin_block,
	                                      .add = add_to_block,
	                                      .take = take_block,
	                                      .add_in_order = add_in_order,
	                                      .end_batch = end_batch};
	if (stream->was_run)
		FLT_TRY(flt_csv_rewind(stream->csv, err));
	flt_watch_clear(stream->watch);
	rows_clear(&stream->rows);
	stream->was_run = true;
	stream->n_rows = 0;
	stream->visitor = visitor;
	FLT_TRY(flt_csv_read_batches(stream->csv, &client, stream->options.n_threads, err));
	return flt_watch_finish(stream->watch, err);
}

/* ---- the file, and the last run ---- */

const char *flt_stream_name(const struct flt_stream *stream)
{
	return flt_csv_name(stream->csv);
}

size_t flt_stream_n_columns(const struct flt_stream *stream)
{
	return stream->n_columns;
}

const char *flt_stream_column_name(const struct flt_stream *stream, size_t column)
{
	return stream->places.names[column];
}

const char *flt_stream_id_name(const struct flt_stream *stream)
{
	return stream->id != SIZE_MAX ? stream->places.names[stream->id] : NULL;
}

const char *flt_stream_header(const struct flt_stream *stream, size_t *length)
{
	return flt_csv_raw_header(stream->csv, length);
}

char flt_stream_delimiter(const struct flt_stream *stream)
{
	return flt_csv_delimiter(stream->csv);
}

char flt_stream_decimal(const struct flt_stream *stream)
{
	char given = stream->options.reading.decimal, trained = stream->detector->input.decimal;
	return given ? given : trained ? trained : '.';
}

bool flt_stream_is_missing(const struct flt_stream *stream, const char *cell)
{
	return flt_scorer_is_missing(stream->scorer, cell);
}

size_t flt_stream_n_rows(const struct flt_stream *stream)
{
	return stream->n_rows;
}

size_t flt_stream_n_skipped(const struct flt_stream *stream)
{
	return flt_csv_n_bad_rows(stream->csv);
}

const char *flt_stream_skipped_lines(const struct flt_stream *stream)
{
	return flt_csv_bad_rows(stream->csv);
}

size_t flt_stream_n_remarks(const struct flt_stream *stream)
{
	return flt_csv_n_remarks(stream->csv);
}

const char *flt_stream_remark(const struct flt_stream *stream, size_t i)
{
	return flt_csv_remark(stream->csv, i);
}

const char *flt_stream_sha256(const struct flt_stream *stream)
{
	return flt_csv_sha256(stream->csv);
}

size_t flt_stream_n_unlearnt(const struct flt_stream *stream, size_t column, const char **first)
{
	size_t c = stream->prep_column[column];
	*first = NULL;
	if (c == SIZE_MAX || flt_prep_use(stream->detector->prep, c) != FLT_USED_CATEGORICAL)
		return 0;
	const struct flt_watched *watched = flt_watch_column(stream->watch, c);
	*first = watched->first_unlearnt;
	return flt_seen_n_unlearnt(watched->seen, watched->column->n_levels);
}

bool flt_stream_unlearnt_is_usual(const struct flt_stream *stream, size_t column)
{
	size_t c = stream->prep_column[column];
	return c == SIZE_MAX || flt_prep_use(stream->detector->prep, c) != FLT_USED_CATEGORICAL ||
	       flt_unlearnt_is_usual(flt_watch_column(stream->watch, c));
}

/* ---- changes ---- */

size_t flt_stream_n_warnings(const struct flt_stream *stream)
{
	return flt_watch_n_changes(stream->watch);
}

const char *flt_stream_warning(const struct flt_stream *stream, size_t i)
{
	return flt_watch_change(stream->watch, i)->text;
}

bool flt_stream_warns_of(const struct flt_stream *stream, size_t column)
{
	for (size_t i = 0; i < flt_watch_n_changes(stream->watch); i++)
		if (flt_scorer_place(stream->scorer, flt_watch_changed_column(stream->watch, i)) == column)
			return true;
	return false;
}

const struct flt_watch *flt_stream_watch(const struct flt_stream *stream)
{
	return stream->watch;
}
