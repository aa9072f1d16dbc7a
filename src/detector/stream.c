/*
 * Two blocks take turns: while the rows of one are scored, in parts that are tasks of the pool, another task reads the
 * other. A block holds copies of the cells that are needed, since the reader's records die with the next one; texts
 * stand in chunks that never move, so that a cell is a pointer.
 *
 * Where a block ends depends on the file only, so neither does anything else depend on the number of threads.
 */
#include "fltrain/stream.h"

#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/pool.h"
#include "base/text.h"

enum {
	BLOCK_ROWS = 8192,
	BLOCK_CELLS = 1 << 20,  /* a block of many columns has fewer rows */
	BLOCK_BYTES = 16 << 20, /* and so has one of long records */
	CHUNK_BYTES = 1 << 20,
};

/* Texts, one after another. Emptied, it keeps its chunks. */
struct arena {
	char **chunks; /* (n_chunks) of CHUNK_BYTES, but for those of one long text */
	size_t *sizes; /* (n_chunks) */
	size_t n_chunks, capacity, size_capacity;
	size_t chunk, used, n_bytes;
};

static enum flt_status arena_grow(struct arena *arena, size_t size, struct flt_error *err)
{
	if (flt_grow((void **)&arena->chunks, &arena->capacity, arena->n_chunks + 1, sizeof *arena->chunks, err) ||
	    flt_grow((void **)&arena->sizes, &arena->size_capacity, arena->n_chunks + 1, sizeof *arena->sizes, err))
		return FLT_ERR_MACHINE;
	size_t bytes = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	char *chunk = flt_alloc(bytes, 1, err);
	if (!chunk)
		return FLT_ERR_MACHINE;
	arena->chunks[arena->n_chunks] = chunk;
	arena->sizes[arena->n_chunks++] = bytes;
	return FLT_OK;
}

/* A copy of text with a terminator, NULL if memory is out. */
static const char *arena_add(struct arena *arena, const char *text, size_t length, struct flt_error *err)
{
	while (arena->chunk < arena->n_chunks && arena->sizes[arena->chunk] - arena->used < length + 1) {
		arena->chunk++;
		arena->used = 0;
	}
	if (arena->chunk == arena->n_chunks && arena_grow(arena, length + 1, err) != FLT_OK)
		return NULL;
	char *copy = arena->chunks[arena->chunk] + arena->used;
	memcpy(copy, text, length);
	copy[length] = '\0';
	arena->used += length + 1;
	arena->n_bytes += length + 1;
	return copy;
}

/* Keeps chunks of the common size only, so that one huge field is not held to the end. */
static void arena_clear(struct arena *arena)
{
	size_t n_kept = 0;
	for (size_t i = 0; i < arena->n_chunks; i++) {
		if (arena->sizes[i] > CHUNK_BYTES) {
			flt_free(arena->chunks[i]);
			continue;
		}
		arena->chunks[n_kept] = arena->chunks[i];
		arena->sizes[n_kept++] = arena->sizes[i];
	}
	arena->n_chunks = n_kept;
	arena->chunk = arena->used = arena->n_bytes = 0;
}

static void arena_release(struct arena *arena)
{
	for (size_t i = 0; i < arena->n_chunks; i++)
		flt_free(arena->chunks[i]);
	flt_free(arena->chunks);
	flt_free(arena->sizes);
}

struct block {
	size_t n_rows;
	struct arena arena;
	const char **cells; /* (BLOCK_ROWS, n_columns); NULL where a column is not used */
	const char **id, **target, **record;
	size_t *record_length, *row, *line;
	double *score; /* (BLOCK_ROWS) each */
	bool is_last;
	enum flt_status status; /* of reading it: its rows are those before the failure */
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
	size_t block_rows, part_rows;
	size_t id, target; /* columns, or SIZE_MAX */
	struct block blocks[2];
	struct block *current, *next;
	struct part parts[FLT_STREAM_PARTS];
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

static enum flt_status block_init(struct block *block, size_t n_rows, size_t n_columns, struct flt_error *err)
{
	bool made = (block->cells = flt_alloc_zero(n_rows * n_columns, sizeof *block->cells, err)) &&
	            (block->id = flt_alloc(n_rows, sizeof *block->id, err)) &&
	            (block->target = flt_alloc(n_rows, sizeof *block->target, err)) &&
	            (block->record = flt_alloc(n_rows, sizeof *block->record, err)) &&
	            (block->record_length = flt_alloc(n_rows, sizeof *block->record_length, err)) &&
	            (block->row = flt_alloc(n_rows, sizeof *block->row, err)) &&
	            (block->line = flt_alloc(n_rows, sizeof *block->line, err)) &&
	            (block->score = flt_alloc(n_rows, sizeof *block->score, err));
	return made ? FLT_OK : FLT_ERR_MACHINE;
}

static void block_release(struct block *block)
{
	arena_release(&block->arena);
	flt_free(block->cells);
	flt_free(block->id);
	flt_free(block->target);
	flt_free(block->record);
	flt_free(block->record_length);
	flt_free(block->row);
	flt_free(block->line);
	flt_free(block->score);
}

static enum flt_status open_stream(struct flt_stream *stream, const char *path, struct flt_error *err)
{
	const struct flt_table_options *reading = &stream->options.reading;
	const struct flt_input *known = &stream->detector->input;
	struct flt_csv_options csv = {.delimiter = reading->delimiter,
	                              .decimal = reading->decimal ? reading->decimal : known->decimal,
	                              .header = reading->header,
	                              .na = reading->na ? reading->na : known->na,
	                              .skip_bad_rows = reading->skip_bad_rows,
	                              .rewindable = stream->options.rewindable};
	enum flt_status status = flt_csv_open(path, &csv, &stream->csv, err);
	if (status != FLT_OK)
		return status;
	stream->n_columns = flt_csv_n_columns(stream->csv);
	if (stream->n_columns == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: the file is empty", flt_csv_name(stream->csv));
	stream->part_rows = BLOCK_CELLS / stream->n_columns / FLT_STREAM_PARTS;
	stream->part_rows = stream->part_rows < 1                               ? 1
	                    : stream->part_rows > BLOCK_ROWS / FLT_STREAM_PARTS ? BLOCK_ROWS / FLT_STREAM_PARTS
	                                                                        : stream->part_rows;
	stream->block_rows = stream->part_rows * FLT_STREAM_PARTS;
	status = open_scorer(stream, err);
	if (status == FLT_OK)
		status = flt_pool_new(stream->options.n_threads, &stream->pool, err);
	for (size_t i = 0; status == FLT_OK && i < 2; i++)
		status = block_init(&stream->blocks[i], stream->block_rows, stream->n_columns, err);
	for (size_t i = 0; status == FLT_OK && i < FLT_STREAM_PARTS; i++) {
		stream->parts[i].unlearnt = flt_alloc(stream->n_columns, sizeof(struct flt_unlearnt), err);
		status = stream->parts[i].unlearnt ? FLT_OK : FLT_ERR_MACHINE;
	}
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
	for (size_t i = 0; i < FLT_STREAM_PARTS; i++)
		flt_free(stream->parts[i].unlearnt);
	block_release(&stream->blocks[0]);
	block_release(&stream->blocks[1]);
	flt_pool_free(stream->pool);
	flt_scorer_free(stream->scorer);
	flt_csv_free(stream->csv);
	flt_free(stream);
}

/* ---- reading ---- */

static bool keep(struct block *block, const struct flt_csv_field *field, const char **text)
{
	*text = arena_add(&block->arena, field->text, field->length, &block->err);
	return *text;
}

static enum flt_status add_record(const struct flt_stream *stream, struct block *block,
                                  const struct flt_csv_record *record)
{
	size_t row = block->n_rows;
	const char **cells = block->cells + row * stream->n_columns;
	for (size_t i = 0; i < stream->n_columns; i++)
		if (flt_scorer_uses(stream->scorer, i) && !keep(block, &record->fields[i], &cells[i]))
			return FLT_ERR_MACHINE;
	if (stream->id != SIZE_MAX && !keep(block, &record->fields[stream->id], &block->id[row]))
		return FLT_ERR_MACHINE;
	if (stream->target != SIZE_MAX && !keep(block, &record->fields[stream->target], &block->target[row]))
		return FLT_ERR_MACHINE;
	struct flt_csv_field raw = {record->raw, record->n_raw};
	if (stream->options.keep_records && !keep(block, &raw, &block->record[row]))
		return FLT_ERR_MACHINE;
	block->record_length[row] = record->n_raw;
	block->row[row] = record->number;
	block->line[row] = record->line;
	block->n_rows++;
	return FLT_OK;
}

static void read_block(struct flt_stream *stream, struct block *block)
{
	arena_clear(&block->arena);
	block->n_rows = 0;
	block->status = FLT_OK;
	while (block->status == FLT_OK && !block->is_last && block->n_rows < stream->block_rows &&
	       block->arena.n_bytes < BLOCK_BYTES) {
		struct flt_csv_record record;
		block->status = flt_csv_next(stream->csv, &record, &block->is_last, &block->err);
		if (block->status == FLT_OK && !block->is_last)
			block->status = add_record(stream, block, &record);
	}
	block->is_last |= block->status != FLT_OK;
}

/* ---- scoring ---- */

static struct flt_scored_rows rows_of(const struct flt_stream *stream, const struct block *block, size_t first,
                                      size_t n)
{
	return (struct flt_scored_rows){
	        .n = n,
	        .score = block->score + first,
	        .row = block->row + first,
	        .line = block->line + first,
	        .id = stream->id != SIZE_MAX ? block->id + first : NULL,
	        .target = stream->target != SIZE_MAX ? block->target + first : NULL,
	        .record = stream->options.keep_records ? block->record + first : NULL,
	        .record_length = block->record_length + first,
	};
}

static void score_part(struct flt_stream *stream, size_t index)
{
	struct block *block = stream->current;
	struct part *part = &stream->parts[index];
	size_t first = index * stream->part_rows, bad_row = 0;
	size_t n = block->n_rows - first < stream->part_rows ? block->n_rows - first : stream->part_rows;
	struct flt_error why;
	memset(part->unlearnt, 0, stream->n_columns * sizeof *part->unlearnt);
	part->status = flt_scorer_score(stream->scorer, block->cells + first * stream->n_columns, n,
	                                block->score + first, part->unlearnt, &bad_row, &why);
	if (part->status == FLT_ERR_DATA)
		flt_fail(&part->err, part->status, "%s:%zu: %s", flt_csv_name(stream->csv),
		         block->line[first + bad_row], why.text);
	else if (part->status != FLT_OK)
		part->err = why;
	struct flt_scored_rows rows = rows_of(stream, block, first, n);
	const struct flt_stream_visitor *visitor = stream->visitor;
	if (part->status == FLT_OK && visitor->on_rows)
		part->status = visitor->on_rows(visitor->context, index, &rows, &part->err);
}

/* Task 0 reads, as it takes longest; the others are parts of the block read before. */
static void run_task(void *context, size_t task, size_t worker)
{
	struct flt_stream *stream = context;
	(void)worker;
	if (task > 0)
		score_part(stream, task - 1);
	else if (!stream->current->is_last)
		read_block(stream, stream->next);
}

static enum flt_status note_unlearnt(struct flt_stream *stream, size_t part, struct flt_error *err)
{
	for (size_t i = 0; i < stream->n_columns; i++) {
		const struct flt_unlearnt *met = &stream->parts[part].unlearnt[i];
		stream->n_unlearnt[i] += met->n;
		if (met->n == 0 || stream->first_unlearnt[i])
			continue;
		size_t row = part * stream->part_rows + met->first_row;
		const char *text = stream->current->cells[row * stream->n_columns + i];
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
	struct flt_scored_rows rows = rows_of(stream, stream->current, 0, stream->current->n_rows);
	if (status == FLT_OK && stream->visitor->on_block && rows.n > 0)
		status = stream->visitor->on_block(stream->visitor->context, n_parts, &rows, err);
	stream->n_rows += rows.n;
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
	stream->n_rows = 0;
	stream->visitor = visitor;
	stream->current = &stream->blocks[0];
	stream->next = &stream->blocks[1];
	stream->current->is_last = stream->next->is_last = false;
	read_block(stream, stream->current);
	for (;;) {
		size_t n_parts = (stream->current->n_rows + stream->part_rows - 1) / stream->part_rows;
		flt_pool_run(stream->pool, 1 + n_parts, run_task, stream);
		status = hand_out(stream, n_parts, err);
		if (status == FLT_OK && stream->current->status != FLT_OK)
			status = flt_fail(err, stream->current->status, "%s", stream->current->err.text);
		if (status != FLT_OK || stream->current->is_last)
			return status;
		struct block *read = stream->next;
		stream->next = stream->current;
		stream->current = read;
	}
}

const struct flt_detector *flt_stream_detector(const struct flt_stream *stream)
{
	return stream->detector;
}

bool flt_stream_is_missing(const struct flt_stream *stream, const char *cell)
{
	return flt_scorer_is_missing(stream->scorer, cell);
}

const struct flt_csv *flt_stream_csv(const struct flt_stream *stream)
{
	return stream->csv;
}

const char *flt_stream_id_name(const struct flt_stream *stream)
{
	return stream->id != SIZE_MAX ? flt_csv_column_name(stream->csv, stream->id) : NULL;
}

size_t flt_stream_n_rows(const struct flt_stream *stream)
{
	return stream->n_rows;
}

size_t flt_stream_unlearnt(const struct flt_stream *stream, size_t column, const char **first)
{
	*first = stream->first_unlearnt[column];
	return stream->n_unlearnt[column];
}
