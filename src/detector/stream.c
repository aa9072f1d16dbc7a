/*
 * A batch of rows goes through two runs of the pool. In the first, pieces of the file become records, each piece on a
 * thread of its own; their rows are then joined in the file's order, and what a piece left to csv is read. In the
 * second the rows are scored in equal parts, while one task reads the pieces of the batch to come.
 *
 * Cells stay where they were read: in the pieces, which are left alone until the batch is handed out. What does not lie
 * there, since csv read it, is copied.
 *
 * Where a batch ends depends on the file only, so neither does anything else depend on the number of threads.
 */
#include "fltrain/stream.h"

#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/pool.h"
#include "base/text.h"
#include "csv/reader.h"
#include "detector/model.h"

enum {
	PIECE_BYTES = 1 << 18,
	N_PIECES = 8, /* of a batch */
};

/* Consecutive rows. */
struct rows {
	size_t n, capacity; /* of all arrays */
	const char **cells; /* (capacity, n_columns); NULL where a column is not used */
	const char **record;
	size_t *record_length, *row, *line; /* (capacity) each */
};

/* A piece of the file: in `text` whole records, in rows what came of them. */
struct piece {
	struct flt_csv_block *text;
	struct rows rows;
	struct flt_arena arena; /* of cells that do not lie in text */
	enum flt_status status;
	struct flt_error err;
};

/* What a task found out. */
struct part {
	enum flt_status status;
	struct flt_error err;
	struct flt_unlearnt *unlearnt; /* (n_columns) */
};

struct flt_stream {
	const struct flt_detector *detector;
	struct flt_stream_options options;
	struct flt_csv *csv;
	struct flt_scorer *scorer;
	struct flt_pool *pool;
	size_t n_columns;
	bool *is_kept;     /* (n_columns) */
	size_t id, target; /* columns, or SIZE_MAX */

	struct piece pieces[N_PIECES];
	struct flt_csv_block *next[N_PIECES]; /* texts of the batch to come */
	size_t n_next;
	bool is_last; /* there is no batch to come */

	struct rows rows; /* of the batch */
	const char **id_text, **target_text;
	double *score; /* (score_capacity) each */
	size_t id_capacity, target_capacity, score_capacity;
	enum flt_status status; /* of reading the batch: its rows are those before the failure */
	struct flt_error err;
	size_t part_rows;
	struct part parts[FLT_STREAM_MAX_CHUNKS];

	const struct flt_stream_visitor *visitor;
	size_t *n_unlearnt;    /* (n_columns) */
	char **first_unlearnt; /* (n_columns) */
	size_t n_rows;
	bool was_run;
};

/* ---- opening ---- */

static size_t find_column(const struct flt_stream *stream, const char *name)
{
	for (size_t i = 0; name && i < stream->n_columns; i++)
		if (strcmp(flt_csv_column_name(stream->csv, i), name) == 0)
			return i;
	return SIZE_MAX;
}

static enum flt_status find_special(struct flt_stream *stream, const char *const *names, struct flt_error *err)
{
	const char *id = stream->options.reading.id, *target = stream->detector->target;
	const char *file = flt_csv_name(stream->csv);
	stream->id = find_column(stream, id ? id : stream->detector->input.id);
	stream->target = stream->options.needs_target ? find_column(stream, target) : SIZE_MAX;
	if (id && stream->id == SIZE_MAX) {
		const char *near = flt_nearest(id, names, stream->n_columns);
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

static enum flt_status open_scorer(struct flt_stream *stream, struct flt_error *err)
{
	const char **names = flt_alloc(stream->n_columns, sizeof *names, err);
	if (!names)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < stream->n_columns; i++)
		names[i] = flt_csv_column_name(stream->csv, i);
	struct flt_error why;
	enum flt_status status = flt_scorer_new(stream->detector, names, stream->n_columns, &stream->options.reading,
	                                        &stream->scorer, &why);
	if (status == FLT_ERR_DATA)
		flt_fail(err, status, "%s: %s", flt_csv_name(stream->csv), why.text);
	else if (status != FLT_OK)
		flt_fail(err, status, "%s", why.text);
	else
		status = find_special(stream, names, err);
	flt_free(names);
	return status;
}

static void rows_release(struct rows *rows)
{
	flt_free(rows->cells);
	flt_free(rows->record);
	flt_free(rows->record_length);
	flt_free(rows->row);
	flt_free(rows->line);
}

static enum flt_status rows_reserve(struct rows *rows, size_t n, size_t n_columns, struct flt_error *err)
{
	if (n <= rows->capacity)
		return FLT_OK;
	size_t wanted = n < 2 * rows->capacity ? 2 * rows->capacity : n, capacities[5];
	for (size_t i = 0; i < 5; i++)
		capacities[i] = rows->capacity;
	if (flt_grow((void **)&rows->cells, &capacities[0], wanted, n_columns * sizeof *rows->cells, err) ||
	    flt_grow((void **)&rows->record, &capacities[1], wanted, sizeof *rows->record, err) ||
	    flt_grow((void **)&rows->record_length, &capacities[2], wanted, sizeof *rows->record_length, err) ||
	    flt_grow((void **)&rows->row, &capacities[3], wanted, sizeof *rows->row, err) ||
	    flt_grow((void **)&rows->line, &capacities[4], wanted, sizeof *rows->line, err))
		return FLT_ERR_MACHINE;
	rows->capacity = wanted;
	return FLT_OK;
}

/* Which columns' cells are kept: those that are used, and the special ones. */
static enum flt_status mark_kept(struct flt_stream *stream, struct flt_error *err)
{
	stream->is_kept = flt_alloc(stream->n_columns, sizeof *stream->is_kept, err);
	if (!stream->is_kept)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < stream->n_columns; i++)
		stream->is_kept[i] = flt_scorer_uses(stream->scorer, i) || i == stream->id || i == stream->target;
	return FLT_OK;
}

static enum flt_status make_pieces(struct flt_stream *stream, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < N_PIECES; i++) {
		status = flt_csv_block_new(stream->csv, &stream->pieces[i].text, err);
		if (status == FLT_OK)
			status = flt_csv_block_new(stream->csv, &stream->next[i], err);
	}
	for (size_t i = 0; status == FLT_OK && i < FLT_STREAM_MAX_CHUNKS; i++) {
		stream->parts[i].unlearnt = flt_alloc(stream->n_columns, sizeof(struct flt_unlearnt), err);
		status = stream->parts[i].unlearnt ? FLT_OK : FLT_ERR_MACHINE;
	}
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
	                              .skip_bad_rows = reading->skip_bad_rows,
	                              .rewindable = stream->options.rewindable,
	                              .skip_digest = !stream->options.needs_sha256,
	                              .block_size =
	                                      stream->options.block_size ? stream->options.block_size : PIECE_BYTES};
	enum flt_status status = flt_csv_open(path, &csv, &stream->csv, err);
	if (status != FLT_OK)
		return status;
	stream->n_columns = flt_csv_n_columns(stream->csv);
	if (stream->n_columns == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(stream->csv));
	status = open_scorer(stream, err);
	if (status == FLT_OK)
		status = mark_kept(stream, err);
	if (status == FLT_OK)
		status = flt_pool_new(stream->options.n_threads, &stream->pool, err);
	if (status == FLT_OK)
		status = make_pieces(stream, err);
	if (status != FLT_OK)
		return status;
	stream->n_unlearnt = flt_alloc_zero(stream->n_columns, sizeof *stream->n_unlearnt, err);
	stream->first_unlearnt = stream->n_unlearnt ? flt_alloc_zero(stream->n_columns, sizeof(char *), err) : NULL;
	return stream->first_unlearnt ? FLT_OK : FLT_ERR_MACHINE;
}

enum flt_status flt_stream_open(const struct flt_detector *detector, const char *path,
                                const struct flt_stream_options *options, struct flt_stream **stream,
                                struct flt_error *err)
{
	*stream = flt_alloc_zero(1, sizeof **stream, err);
	if (!*stream)
		return FLT_ERR_MACHINE;
	(*stream)->detector = detector;
	(*stream)->options = *options;
	enum flt_status status = open_stream(*stream, path, err);
	if (status != FLT_OK) {
		flt_stream_free(*stream);
		*stream = NULL;
	}
	return status;
}

static void forget_unlearnt(struct flt_stream *stream)
{
	for (size_t i = 0; stream->first_unlearnt && i < stream->n_columns; i++) {
		flt_free(stream->first_unlearnt[i]);
		stream->first_unlearnt[i] = NULL;
		stream->n_unlearnt[i] = 0;
	}
}

void flt_stream_free(struct flt_stream *stream)
{
	if (!stream)
		return;
	forget_unlearnt(stream);
	flt_free(stream->first_unlearnt);
	flt_free(stream->n_unlearnt);
	for (size_t i = 0; i < FLT_STREAM_MAX_CHUNKS; i++)
		flt_free(stream->parts[i].unlearnt);
	for (size_t i = 0; i < N_PIECES; i++) {
		flt_csv_block_free(stream->pieces[i].text);
		flt_csv_block_free(stream->next[i]);
		rows_release(&stream->pieces[i].rows);
		flt_arena_release(&stream->pieces[i].arena);
	}
	rows_release(&stream->rows);
	flt_free(stream->id_text);
	flt_free(stream->target_text);
	flt_free(stream->score);
	flt_free(stream->is_kept);
	flt_pool_free(stream->pool);
	flt_scorer_free(stream->scorer);
	flt_csv_free(stream->csv);
	flt_free(stream);
}

/* ---- reading ---- */

static enum flt_status keep_text(struct piece *piece, const struct flt_csv_field *field, const char **text)
{
	*text = flt_arena_add(&piece->arena, field->text, field->length, &piece->err);
	return *text ? FLT_OK : FLT_ERR_MACHINE;
}

/* Adds a record to the piece's rows. is_held: its fields stay where they are. */
static enum flt_status add_record(const struct flt_stream *stream, struct piece *piece,
                                  const struct flt_csv_record *record, bool is_held)
{
	struct rows *rows = &piece->rows;
	enum flt_status status = rows_reserve(rows, rows->n + 1, stream->n_columns, &piece->err);
	struct flt_csv_field raw = {record->raw, record->n_raw};
	if (status == FLT_OK && stream->options.keep_records)
		status = keep_text(piece, &raw, &rows->record[rows->n]);
	if (status != FLT_OK)
		return status;
	const char **cells = rows->cells + rows->n * stream->n_columns;
	if (is_held)
		flt_csv_block_end_fields(piece->text);
	for (size_t i = 0; status == FLT_OK && i < stream->n_columns; i++) {
		cells[i] = stream->is_kept[i] ? record->fields[i].text : NULL;
		if (!is_held && stream->is_kept[i])
			status = keep_text(piece, &record->fields[i], &cells[i]);
	}
	rows->record_length[rows->n] = record->n_raw;
	rows->row[rows->n] = record->number;
	rows->line[rows->n] = record->line;
	rows->n += status == FLT_OK;
	return status;
}

static void read_piece(const struct flt_stream *stream, struct piece *piece)
{
	bool is_end = false;
	flt_arena_clear(&piece->arena);
	piece->rows.n = 0;
	piece->status = FLT_OK;
	while (piece->status == FLT_OK && !is_end) {
		struct flt_csv_record record;
		piece->status = flt_csv_block_next(piece->text, &record, &is_end, &piece->err);
		if (piece->status == FLT_OK && !is_end)
			piece->status =
			        add_record(stream, piece, &record, flt_csv_block_holds(piece->text, record.raw));
	}
}

/* What is left of the block that csv is in. */
static enum flt_status read_rest(struct flt_stream *stream, struct piece *piece)
{
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		enum flt_status status = flt_csv_next_in_block(stream->csv, &record, &is_end, &piece->err);
		if (status == FLT_OK && !is_end)
			status = add_record(stream, piece, &record, false);
		if (status != FLT_OK || is_end)
			return status;
	}
}

/* Adds the piece's rows to the batch's. */
static enum flt_status join_rows(struct flt_stream *stream, const struct rows *rows, struct flt_error *err)
{
	struct rows *all = &stream->rows;
	size_t first = all->n, n_columns = stream->n_columns;
	enum flt_status status = rows_reserve(all, first + rows->n, n_columns, err);
	if (status != FLT_OK || rows->n == 0)
		return status;
	memcpy(all->cells + first * n_columns, rows->cells, rows->n * n_columns * sizeof *rows->cells);
	memcpy(all->record + first, rows->record, rows->n * sizeof *rows->record);
	memcpy(all->record_length + first, rows->record_length, rows->n * sizeof *rows->record_length);
	memcpy(all->row + first, rows->row, rows->n * sizeof *rows->row);
	memcpy(all->line + first, rows->line, rows->n * sizeof *rows->line);
	all->n += rows->n;
	return FLT_OK;
}

/* Counts the piece's rows from the file's beginning, and reads what it left to csv. */
static enum flt_status finish_piece(struct flt_stream *stream, struct piece *piece)
{
	struct rows *rows = &piece->rows;
	struct flt_csv_counts before;
	if (piece->status != FLT_OK && piece->status != FLT_ERR_DATA)
		return piece->status;
	enum flt_status status = flt_csv_enter(stream->csv, piece->text, &before, &piece->err);
	for (size_t i = 0; status == FLT_OK && i < rows->n; i++) {
		rows->row[i] += before.n_records;
		rows->line[i] += before.n_lines;
	}
	return status == FLT_OK ? read_rest(stream, piece) : status;
}

/* The batch so far ends where a piece cannot be read; its rows before that stay. */
static void end_piece(struct flt_stream *stream, struct piece *piece, enum flt_status status)
{
	stream->status = status;
	stream->err = piece->err;
	enum flt_status joined = join_rows(stream, &piece->rows, &piece->err);
	if (joined == FLT_OK)
		return;
	stream->status = joined;
	stream->err = piece->err;
}

/* The first batch is what csv holds already. */
static void read_first(struct flt_stream *stream)
{
	struct piece *piece = &stream->pieces[0];
	flt_arena_clear(&piece->arena);
	piece->rows.n = 0;
	end_piece(stream, piece, read_rest(stream, piece));
	stream->is_last = flt_csv_is_at_last_block(stream->csv);
}

/* Pieces for the next batch: fewer, if records are so long that each is large. */
static void read_next(struct flt_stream *stream)
{
	size_t n_bytes = 0;
	stream->n_next = 0;
	while (stream->n_next < N_PIECES && n_bytes < N_PIECES * (size_t)PIECE_BYTES && !stream->is_last) {
		struct flt_csv_block *next = stream->next[stream->n_next++];
		n_bytes += flt_csv_block_read(stream->csv, next);
		stream->is_last = flt_csv_block_is_last(next);
	}
}

static void run_piece(void *context, size_t task, size_t worker)
{
	struct flt_stream *stream = context;
	(void)worker;
	read_piece(stream, &stream->pieces[task]);
}

/* Makes rows of the texts that were read. */
static void read_batch(struct flt_stream *stream)
{
	size_t n = stream->n_next;
	for (size_t i = 0; i < n; i++) {
		struct flt_csv_block *read = stream->next[i];
		stream->next[i] = stream->pieces[i].text;
		stream->pieces[i].text = read;
	}
	stream->rows.n = stream->n_next = 0;
	flt_pool_run(stream->pool, n, run_piece, stream);
	for (size_t i = 0; stream->status == FLT_OK && i < n; i++)
		end_piece(stream, &stream->pieces[i], finish_piece(stream, &stream->pieces[i]));
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

/* Room for what the batch's rows are given beside their cells, and how they are parted. */
static enum flt_status prepare_batch(struct flt_stream *stream, struct flt_error *err)
{
	size_t n = stream->rows.n;
	stream->part_rows = (n + FLT_STREAM_MAX_CHUNKS - 1) / FLT_STREAM_MAX_CHUNKS;
	if (flt_grow((void **)&stream->score, &stream->score_capacity, n, sizeof *stream->score, err) ||
	    flt_grow((void **)&stream->id_text, &stream->id_capacity, n, sizeof *stream->id_text, err) ||
	    flt_grow((void **)&stream->target_text, &stream->target_capacity, n, sizeof *stream->target_text, err))
		return FLT_ERR_MACHINE;
	return FLT_OK;
}

static void find_special_texts(struct flt_stream *stream, size_t first, size_t n)
{
	for (size_t row = first; row < first + n; row++) {
		const char *const *cells = stream->rows.cells + row * stream->n_columns;
		stream->id_text[row] = stream->id != SIZE_MAX ? cells[stream->id] : NULL;
		stream->target_text[row] = stream->target != SIZE_MAX ? cells[stream->target] : NULL;
	}
}

static void score_part(struct flt_stream *stream, size_t index)
{
	const struct rows *batch = &stream->rows;
	struct part *part = &stream->parts[index];
	size_t first = index * stream->part_rows, bad_row = 0;
	size_t n = batch->n - first < stream->part_rows ? batch->n - first : stream->part_rows;
	struct flt_error why;
	memset(part->unlearnt, 0, stream->n_columns * sizeof *part->unlearnt);
	part->status = flt_scorer_score_counting(stream->scorer, batch->cells + first * stream->n_columns, n,
	                                         stream->score + first, part->unlearnt, &bad_row, &why);
	if (part->status == FLT_ERR_DATA)
		flt_fail(&part->err, part->status, "%s:%zu: %s", flt_csv_name(stream->csv),
		         batch->line[first + bad_row], why.text);
	else if (part->status != FLT_OK)
		part->err = why;
	find_special_texts(stream, first, n);
	struct flt_scored_rows rows = rows_of(stream, first, n);
	const struct flt_stream_visitor *visitor = stream->visitor;
	if (part->status == FLT_OK && visitor->on_chunk)
		part->status = visitor->on_chunk(visitor->context, index, &rows, &part->err);
}

/* Task 0 reads; the others are parts of the batch. */
static void run_part(void *context, size_t task, size_t worker)
{
	struct flt_stream *stream = context;
	(void)worker;
	if (task > 0)
		score_part(stream, task - 1);
	else if (stream->status == FLT_OK)
		read_next(stream);
}

static enum flt_status note_unlearnt(struct flt_stream *stream, size_t part, struct flt_error *err)
{
	for (size_t i = 0; i < stream->n_columns; i++) {
		const struct flt_unlearnt *met = &stream->parts[part].unlearnt[i];
		stream->n_unlearnt[i] += met->n;
		if (met->n == 0 || stream->first_unlearnt[i])
			continue;
		size_t row = part * stream->part_rows + met->first_row;
		const char *text = stream->rows.cells[row * stream->n_columns + i];
		stream->first_unlearnt[i] = flt_copy_text(text, strlen(text), err);
		if (!stream->first_unlearnt[i])
			return FLT_ERR_MACHINE;
	}
	return FLT_OK;
}

static enum flt_status hand_out(struct flt_stream *stream, size_t n_parts, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < n_parts; i++) {
		status = stream->parts[i].status;
		if (status != FLT_OK)
			flt_fail(err, status, "%s", stream->parts[i].err.text);
		else
			status = note_unlearnt(stream, i, err);
	}
	size_t n = stream->rows.n;
	if (status == FLT_OK && stream->visitor->on_block && n > 0) {
		struct flt_scored_rows rows = rows_of(stream, 0, n);
		status = stream->visitor->on_block(stream->visitor->context, n_parts, &rows, err);
	}
	stream->n_rows += n;
	return status;
}

static enum flt_status score_batch(struct flt_stream *stream, struct flt_error *err)
{
	enum flt_status status = prepare_batch(stream, err);
	if (status != FLT_OK)
		return status;
	size_t n = stream->rows.n, n_parts = n ? (n + stream->part_rows - 1) / stream->part_rows : 0;
	flt_pool_run(stream->pool, 1 + n_parts, run_part, stream);
	status = hand_out(stream, n_parts, err);
	if (status == FLT_OK && stream->status != FLT_OK)
		return flt_fail(err, stream->status, "%s", stream->err.text);
	return status;
}

enum flt_status flt_stream_run(struct flt_stream *stream, const struct flt_stream_visitor *visitor,
                               struct flt_error *err)
{
	enum flt_status status = stream->was_run ? flt_csv_rewind(stream->csv, err) : FLT_OK;
	if (status != FLT_OK)
		return status;
	forget_unlearnt(stream);
	stream->was_run = true;
	stream->rows.n = stream->n_rows = stream->n_next = 0;
	stream->visitor = visitor;
	stream->status = FLT_OK;
	read_first(stream);
	status = score_batch(stream, err);
	while (status == FLT_OK && stream->n_next > 0) {
		read_batch(stream);
		status = score_batch(stream, err);
	}
	return status;
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
	return flt_csv_column_name(stream->csv, column);
}

const char *flt_stream_id_name(const struct flt_stream *stream)
{
	return stream->id != SIZE_MAX ? flt_csv_column_name(stream->csv, stream->id) : NULL;
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
	*first = stream->first_unlearnt[column];
	return stream->n_unlearnt[column];
}
