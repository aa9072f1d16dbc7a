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
#include "base/text.h"
#include "csv/batches.h"
#include "csv/raw_field.h"
#include "detector/model.h"
#include "detector/watch.h"

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
	const char **names; /* (n_columns) as the detector calls them */
	char (*places)[24]; /* (n_columns) c1, c2 ... where these names follow from those of training */
	bool *is_kept;      /* (n_columns) */
	size_t id, target;  /* columns, or SIZE_MAX */

	struct rows blocks[BATCH_BLOCKS]; /* rows of each block of a batch */
	struct rows rows;                 /* of the batch so far */
	const char **id_text, **target_text;
	double *score; /* (score_capacity) each */
	size_t id_capacity, target_capacity, score_capacity;
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
		if (strcmp(stream->names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static enum flt_status find_special(struct flt_stream *stream, struct flt_error *err)
{
	const char *id = stream->options.reading.id, *target = stream->detector->target;
	const char *file = flt_csv_name(stream->csv);
	stream->id = find_column(stream, id ? id : stream->detector->input.id);
	stream->target = stream->options.needs_target ? find_column(stream, target) : SIZE_MAX;
	if (id && stream->id == SIZE_MAX) {
		const char *near = flt_nearest(id, stream->names, stream->n_columns);
		return flt_fail(err, FLT_ERR_USAGE, "--id %s: %s has no column of that name%s%s%s", id, file,
		                near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	}
	if (stream->options.needs_target && stream->target == SIZE_MAX)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: there is no column \"%s\", which holds the true class; to score rows without it use "
		        "`fltrain predict`",
		        file, flt_shown(target, strlen(target)).text);
	return FLT_OK;
}

/* ---- files without a header ---- */

/* Names the columns of a file without a header as in training, which may have had the target in their midst. */
static enum flt_status name_by_place(struct flt_stream *stream, size_t skipped, struct flt_error *err)
{
	stream->places = flt_alloc(stream->n_columns, sizeof *stream->places, err);
	FLT_TRY_MEMORY(stream->places);
	for (size_t i = 0; i < stream->n_columns; i++) {
		snprintf(stream->places[i], sizeof *stream->places, "c%zu", i + 1 + (i >= skipped));
		stream->names[i] = stream->places[i];
	}
	return FLT_OK;
}

/* Neither file has a header, so columns are told apart by their places alone. */
static enum flt_status find_places(struct flt_stream *stream, struct flt_error *err)
{
	const struct flt_input *known = &stream->detector->input;
	size_t n = stream->n_columns;
	if (n == known->n_file_columns)
		return FLT_OK;
	if (n + 1 == known->n_file_columns)
		return name_by_place(stream, known->file_target, err);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %zu column%s and no header, but the model learnt from a file of %zu columns without one, "
	                "in which column "
	                "%zu was the target: give all %zu columns in that order, or all but the target",
	                flt_csv_name(stream->csv), n, n == 1 ? "" : "s", known->n_file_columns, known->file_target + 1,
	                known->n_file_columns);
}

static enum flt_status find_names(struct flt_stream *stream, struct flt_error *err)
{
	stream->names = flt_alloc(stream->n_columns, sizeof *stream->names, err);
	FLT_TRY_MEMORY(stream->names);
	for (size_t i = 0; i < stream->n_columns; i++)
		stream->names[i] = flt_csv_column_name(stream->csv, i);
	bool by_place = stream->detector->input.n_file_columns > 0 && !flt_csv_has_header(stream->csv);
	return by_place ? find_places(stream, err) : FLT_OK;
}

/* The names of a file with a header do not fit a model of one without, and the other way round. The file may have been
 * taken for the other kind. */
static const char *header_remedy(const struct flt_stream *stream)
{
	bool has_header = flt_csv_has_header(stream->csv), learnt_places = stream->detector->input.n_file_columns > 0;
	if (has_header && learnt_places)
		return "; the model learnt from a file without a header: say --header no if this one has none either, "
		       "else call its columns c1, c2, ...";
	if (!has_header && !learnt_places)
		return "; no header was found: say --header yes if the first line is one, else add a line with the "
		       "names";
	return "";
}

static enum flt_status open_scorer(struct flt_stream *stream, struct flt_error *err)
{
	struct flt_error why;
	enum flt_status status = flt_scorer_new(stream->detector, stream->names, stream->n_columns,
	                                        &stream->options.reading, &stream->scorer, &why);
	if (status == FLT_ERR_DATA)
		return flt_fail(err, status, "%s: %s%s", flt_csv_name(stream->csv), why.text, header_remedy(stream));
	if (status != FLT_OK)
		return flt_fail(err, status, "%s", why.text);
	return find_special(stream, err);
}

/* The cells of a column are kept if it is used, or if it is the id or the target. */
static enum flt_status choose_kept(struct flt_stream *stream, struct flt_error *err)
{
	stream->is_kept = flt_alloc(stream->n_columns, sizeof *stream->is_kept, err);
	FLT_TRY_MEMORY(stream->is_kept);
	for (size_t i = 0; i < stream->n_columns; i++)
		stream->is_kept[i] = flt_scorer_uses(stream->scorer, i) || i == stream->id || i == stream->target;
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
	for (size_t i = 0; i < n; i++)
		names[i] = flt_prep_column(prep, i).name;
	csv->names = names;
	csv->n_names = n;
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
	FLT_TRY(find_names(stream, err));
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
	flt_free(stream->score);
	flt_free(stream->is_kept);
	flt_free(stream->names);
	flt_free(stream->places);
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
	        .record = stream->options.keep_records ? rows->record + first : NULL,
	        .record_length = rows->record_length + first,
	};
}

/* Makes room for the batch's scores, ids and targets, and sets the size of its chunks. */
static enum flt_status prepare_batch(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->rows.n;
	stream->chunk_rows = (n + FLT_STREAM_MAX_CHUNKS - 1) / FLT_STREAM_MAX_CHUNKS;
	FLT_TRY(flt_grow((void **)&stream->score, &stream->score_capacity, n, sizeof *stream->score, err));
	FLT_TRY(flt_grow((void **)&stream->id_text, &stream->id_capacity, n, sizeof *stream->id_text, err));
	return flt_grow((void **)&stream->target_text, &stream->target_capacity, n, sizeof *stream->target_text, err);
}

static void find_special_texts(struct flt_stream *stream, size_t first, size_t n)
{
	for (size_t row = first; row < first + n; row++) {
		const char *const *cells = stream->rows.cells + row * stream->n_columns;
		stream->id_text[row] = stream->id != SIZE_MAX ? cells[stream->id] : NULL;
		stream->target_text[row] = stream->target != SIZE_MAX ? cells[stream->target] : NULL;
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

static enum flt_status end_batch(void *context, struct flt_csv_batches *batches, struct flt_error *err)
{
	struct flt_stream *stream = context;
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
	return stream->names[column];
}

const char *flt_stream_id_name(const struct flt_stream *stream)
{
	return stream->id != SIZE_MAX ? stream->names[stream->id] : NULL;
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
