/*
 * The rows of a file on several threads. The first block of the file is read record by record into the table, which
 * settles what nearly every column is. Then each block is read into a part: a table of its own, whose columns start in
 * the state of the table's, by the very code that adds rows to the table. In the file's order the parts are appended,
 * several columns at once.
 *
 * There is one implementation of every rule and message: a part that meets anything out of the ordinary, whatever it
 * is, is thrown away, and so is one that began in a state which an earlier part has changed since. Its block is then
 * read record by record into the table. So the table and the first error are the same at any number of threads and at
 * any size of blocks.
 *
 * A run of the pool has one task that reads (and digests) the blocks to come, and one for each block at hand.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "table/contents.h"

struct part {
	struct flt_csv_block *block;
	struct flt_row_reader reader; /* the whole's, but for its table */
	struct flt_table table;       /* names are the whole's */
	enum flt_status status;       /* FLT_ERR_DATA: the block is to be read into the whole */
	struct flt_error err;
	struct flt_csv_counts before; /* lines and records of the file before it, once it is appended */
};

/* A run of columns that gets the cells of parts [first, end). */
struct columns {
	size_t begin, end;
	enum flt_status status;
	struct flt_error err;
};

struct parts {
	struct flt_row_reader *whole;
	struct flt_pool *pool;
	struct part *parts;             /* (n) */
	struct flt_csv_block **next;    /* (n) blocks to come */
	size_t n, n_now, n_next;        /* n_now parts and n_next blocks are filled */
	struct flt_table_column *began; /* (n_columns) the states that the parts began in */
	struct columns *columns;        /* (n) */
	size_t first, end;              /* the parts that are being appended */
};

/* Reads what is left of the block that csv is in. */
static enum flt_status add_rows(struct flt_row_reader *reader, struct flt_error *err)
{
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		enum flt_status status = flt_csv_next_in_block(reader->csv, &record, &is_end, err);
		if (status == FLT_OK && !is_end)
			status = flt_table_add_row(reader, &record, err);
		if (status != FLT_OK || is_end)
			return status;
	}
}

/* ---- life ---- */

static enum flt_status part_init(struct part *part, const struct flt_row_reader *whole, struct flt_error *err)
{
	const struct flt_table *table = whole->table;
	part->table = (struct flt_table){
	        .path = table->path, .n_columns = table->n_columns, .target = table->target, .id = table->id};
	part->table.columns = flt_alloc_zero(table->n_columns, sizeof *part->table.columns, err);
	if (!part->table.columns)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < table->n_columns; i++) {
		part->table.columns[i].name = table->columns[i].name;
		part->table.columns[i].source = table->columns[i].source;
	}
	part->reader = *whole;
	part->reader.table = &part->table;
	return flt_csv_block_new(whole->csv, &part->block, err);
}

static void part_release(struct part *part)
{
	for (size_t i = 0; part->table.columns && i < part->table.n_columns; i++)
		flt_column_release(&part->table.columns[i].cells);
	flt_free(part->table.columns);
	flt_free(part->table.row_numbers);
	flt_csv_block_free(part->block);
}

static void parts_release(struct parts *parts)
{
	for (size_t i = 0; parts->parts && i < parts->n; i++)
		part_release(&parts->parts[i]);
	for (size_t i = 0; parts->next && i < parts->n; i++)
		flt_csv_block_free(parts->next[i]);
	flt_free(parts->parts);
	flt_free(parts->next);
	flt_free(parts->began);
	flt_free(parts->columns);
	flt_pool_free(parts->pool);
}

static enum flt_status parts_init(struct parts *parts, struct flt_row_reader *whole, struct flt_error *err)
{
	/* So many that no thread waits long for another, but fewer where each has many columns. */
	enum { PARTS_PER_THREAD = 8, WIDE_PARTS_PER_THREAD = 2, WIDE = 2048 };
	*parts = (struct parts){.whole = whole};
	enum flt_status status = flt_pool_new(whole->n_threads, &parts->pool, err);
	if (status != FLT_OK)
		return status;
	parts->n = flt_pool_n_threads(parts->pool) *
	           (whole->table->n_columns < WIDE ? PARTS_PER_THREAD : WIDE_PARTS_PER_THREAD);
	parts->parts = flt_alloc_zero(parts->n, sizeof *parts->parts, err);
	parts->next = parts->parts ? flt_alloc_zero(parts->n, sizeof(struct flt_csv_block *), err) : NULL;
	parts->began = parts->next ? flt_alloc(whole->table->n_columns, sizeof *parts->began, err) : NULL;
	parts->columns = parts->began ? flt_alloc(parts->n, sizeof *parts->columns, err) : NULL;
	if (!parts->columns)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; status == FLT_OK && i < parts->n; i++) {
		status = part_init(&parts->parts[i], whole, err);
		if (status == FLT_OK)
			status = flt_csv_block_new(whole->csv, &parts->next[i], err);
	}
	return status;
}

/* ---- tasks ---- */

/* Twice as many as there are now, so that the first are soon at hand, as far as there is room; and fewer if records are
 * so long that each block is large. */
static void read_next(struct parts *parts)
{
	enum { BYTES_PER_PART = 1 << 18, BYTES_PER_COLUMN = 256 }; /* of one usual block, and of a wide one */
	size_t n_wide = flt_pool_n_threads(parts->pool) * parts->whole->table->n_columns * BYTES_PER_COLUMN;
	size_t most_bytes = parts->n * BYTES_PER_PART + n_wide, n_bytes = 0;
	size_t n_wanted = parts->n_now == 0 ? flt_pool_n_threads(parts->pool) : 2 * parts->n_now;
	bool is_last = parts->n_now > 0 && flt_csv_block_is_last(parts->parts[parts->n_now - 1].block);
	parts->n_next = 0;
	while (parts->n_next < parts->n && parts->n_next < n_wanted && n_bytes < most_bytes && !is_last) {
		struct flt_csv_block *next = parts->next[parts->n_next++];
		n_bytes += flt_csv_block_read(parts->whole->csv, next);
		is_last = flt_csv_block_is_last(next);
	}
}

static enum flt_status start_part(struct part *part, const struct flt_table_column *began, struct flt_error *err)
{
	struct flt_table *table = &part->table;
	enum flt_status status = FLT_OK;
	flt_free(table->row_numbers);
	table->row_numbers = NULL;
	table->n_rows = table->row_number_capacity = table->notes.n_without_target = 0;
	for (size_t i = 0; status == FLT_OK && i < table->n_columns; i++) {
		struct flt_column_cells *cells = &table->columns[i].cells;
		flt_column_clear_like(cells, &began[i].cells);
		status = flt_column_reserve(cells, table->row_capacity, err);
	}
	return status;
}

static void read_part(struct part *part, const struct flt_table_column *began)
{
	bool is_end = false;
	part->status = start_part(part, began, &part->err);
	while (part->status == FLT_OK && !is_end) {
		struct flt_csv_record record;
		part->status = flt_csv_block_next(part->block, &record, &is_end, &part->err);
		if (part->status == FLT_OK && !is_end)
			part->status = flt_table_add_row(&part->reader, &record, &part->err);
	}
}

static void run_task(void *context, size_t task, size_t worker)
{
	struct parts *parts = context;
	(void)worker;
	if (task == 0)
		read_next(parts);
	else
		read_part(&parts->parts[task - 1], parts->began);
}

/* ---- joining ---- */

static bool are_as_they_began(const struct parts *parts, const struct flt_table *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (!flt_column_same_state(&parts->began[i].cells, &table->columns[i].cells))
			return false;
	return true;
}

/* The end of the parts from parts->first on that are good and began in the state that those before them leave. */
static size_t find_end(const struct parts *parts)
{
	const struct flt_table *before = parts->whole->table;
	size_t end = parts->first;
	while (end < parts->n_now && parts->parts[end].status == FLT_OK && are_as_they_began(parts, before))
		before = &parts->parts[end++].table;
	return end;
}

static void append_columns(void *context, size_t task, size_t worker)
{
	struct parts *parts = context;
	struct columns *columns = &parts->columns[task];
	(void)worker;
	for (size_t i = columns->begin; i < columns->end; i++) {
		struct flt_column_cells *whole = &parts->whole->table->columns[i].cells;
		for (size_t p = parts->first; columns->status == FLT_OK && p < parts->end; p++) {
			const struct part *part = &parts->parts[p];
			columns->status = flt_column_append(whole, &part->table.columns[i].cells, part->before.n_lines,
			                                    &columns->err);
		}
	}
}

/* Appends the parts [first, end): their rows in turn, then their cells by columns. */
static enum flt_status append(struct parts *parts, struct flt_error *err)
{
	struct flt_row_reader *whole = parts->whole;
	enum flt_status status = FLT_OK;
	for (size_t i = parts->first; status == FLT_OK && i < parts->end; i++) {
		struct part *part = &parts->parts[i];
		status = flt_csv_enter(whole->csv, part->block, &part->before, err);
		if (status == FLT_OK)
			status = flt_table_append_rows(whole->table, &part->table, part->before.n_records, err);
	}
	if (status != FLT_OK)
		return status;
	size_t n_columns = whole->table->n_columns, n_tasks = parts->n < n_columns ? parts->n : n_columns;
	for (size_t i = 0; i < n_tasks; i++)
		parts->columns[i] =
		        (struct columns){.begin = i * n_columns / n_tasks, .end = (i + 1) * n_columns / n_tasks};
	flt_pool_run(parts->pool, n_tasks, append_columns, parts);
	for (size_t i = 0; i < n_tasks; i++)
		if (parts->columns[i].status != FLT_OK)
			return flt_fail(err, parts->columns[i].status, "%s", parts->columns[i].err.text);
	return FLT_OK;
}

/* Reads the block of a part that cannot be appended into the table. */
static enum flt_status read_again(struct parts *parts, struct part *part, struct flt_error *err)
{
	if (part->status != FLT_OK && part->status != FLT_ERR_DATA)
		return flt_fail(err, part->status, "%s", part->err.text);
	flt_csv_block_restart(part->block);
	enum flt_status status = flt_csv_enter(parts->whole->csv, part->block, &part->before, err);
	return status == FLT_OK ? add_rows(parts->whole, err) : status;
}

static enum flt_status join(struct parts *parts, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (parts->first = 0; status == FLT_OK && parts->first < parts->n_now; parts->first = parts->end) {
		parts->end = find_end(parts);
		if (parts->end > parts->first)
			status = append(parts, err);
		else
			status = read_again(parts, &parts->parts[parts->end++], err);
	}
	return status;
}

static void take_next(struct parts *parts)
{
	for (size_t i = 0; i < parts->n_next; i++) {
		struct flt_csv_block *read = parts->next[i];
		parts->next[i] = parts->parts[i].block;
		parts->parts[i].block = read;
	}
	parts->n_now = parts->n_next;
	memcpy(parts->began, parts->whole->table->columns, parts->whole->table->n_columns * sizeof *parts->began);
}

static enum flt_status add_blocks(struct parts *parts, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	read_next(parts);
	while (status == FLT_OK && parts->n_next > 0) {
		take_next(parts);
		flt_pool_run(parts->pool, 1 + parts->n_now, run_task, parts);
		status = join(parts, err);
	}
	return status;
}

enum flt_status flt_table_add_parts(struct flt_row_reader *reader, struct flt_error *err)
{
	enum flt_status status = add_rows(reader, err);
	if (status != FLT_OK || flt_csv_is_at_last_block(reader->csv))
		return status;
	struct parts parts;
	status = parts_init(&parts, reader, err);
	if (status == FLT_OK)
		status = add_blocks(&parts, err);
	parts_release(&parts);
	return status;
}
