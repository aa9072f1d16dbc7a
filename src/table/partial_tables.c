/*
 * Each block of the file is read into a partial table, whose columns start in the state that the whole table's columns
 * had at the start of the batch. In the order of the file the partial tables are appended to the whole, several columns
 * at a time.
 *
 * A partial table that began in a state which an earlier block has changed since, or that meets an error, is dropped;
 * its records come again, in order, and go straight into the whole table. So each rule and message has one
 * implementation (rows.c), and the table and the first error do not depend on threads or blocks. The first block is
 * always read in order. It decides what nearly every column is, so partial tables are rarely dropped.
 *
 * Of several ranks each reads its share of the blocks, and sends the partial tables to the others (packed_rows.h). All
 * ranks append all of them, so each has the whole table.
 *
 * The widest tables are read in order from the first record to the last: there, a partial table is larger than its
 * block by far.
 */
#include "table/partial_tables.h"

#include "base/alloc.h"
#include "csv/batches.h"
#include "csv/remedy.h"
#include "table/packed_rows.h"

struct partial_table {
	struct flt_table table; /* borrows path and names from the whole */
	struct flt_waiting_rows waiting;
	size_t n_lines_before; /* of the file, once taken */
};

/* Columns [begin, end), to which one task appends the pending cells. */
struct column_range {
	size_t begin, end;
	enum flt_status status;
	struct flt_error err;
};

struct partial_tables {
	struct flt_table *whole;
	const struct flt_row_rules *rules;
	const struct flt_csv *csv;
	size_t n_rows_before;        /* of other files */
	struct partial_table *slots; /* (n_slots) */
	size_t n_slots;
	size_t *pending;                 /* (n_slots) slots whose rows are in whole, but whose cells are not yet */
	size_t n_pending;                /* in the order of the file */
	size_t n_block_rows;             /* of the last block that was taken */
	struct flt_column_state *states; /* (n_columns) that partial tables begin in */
	struct column_range *ranges;     /* (n_slots) */
};

/* ---- life ---- */

static enum flt_status tables_init(struct partial_tables *tables, size_t n_slots, struct flt_error *err)
{
	tables->slots = flt_alloc_zero(n_slots, sizeof *tables->slots, err);
	FLT_TRY_MEMORY(tables->slots);
	tables->n_slots = n_slots;
	tables->pending = flt_alloc(n_slots, sizeof *tables->pending, err);
	FLT_TRY_MEMORY(tables->pending);
	tables->ranges = flt_alloc(n_slots, sizeof *tables->ranges, err);
	FLT_TRY_MEMORY(tables->ranges);
	tables->states = flt_alloc(tables->whole->n_columns, sizeof *tables->states, err);
	FLT_TRY_MEMORY(tables->states);
	return FLT_OK;
}

static void tables_release(struct partial_tables *tables)
{
	for (size_t i = 0; i < tables->n_slots; i++) {
		struct flt_table *table = &tables->slots[i].table;
		flt_waiting_rows_release(&tables->slots[i].waiting);
		for (size_t c = 0; table->columns && c < table->n_columns; c++)
			flt_column_release(&table->columns[c].cells);
		flt_free(table->columns);
		flt_free(table->row_numbers);
	}
	flt_free(tables->slots);
	flt_free(tables->pending);
	flt_free(tables->ranges);
	flt_free(tables->states);
}

static enum flt_status make_columns(struct flt_table *table, const struct flt_table *whole, struct flt_error *err)
{
	*table = (struct flt_table){.file = whole->file,
	                            .is_partial = true,
	                            .n_columns = whole->n_columns,
	                            .target = whole->target,
	                            .id = whole->id,
	                            .time = whole->time,
	                            .weight = whole->weight};
	table->columns = flt_alloc_zero(whole->n_columns, sizeof *table->columns, err);
	FLT_TRY_MEMORY(table->columns);
	for (size_t i = 0; i < whole->n_columns; i++) {
		table->columns[i].name = whole->columns[i].name;
		table->columns[i].file_column = whole->columns[i].file_column;
	}
	return FLT_OK;
}

/* ---- reading blocks, on any thread ---- */

static enum flt_status begin(void *context, size_t slot, struct flt_error *err)
{
	struct partial_tables *tables = context;
	struct flt_table *table = &tables->slots[slot].table;
	struct flt_waiting_rows *waiting = &tables->slots[slot].waiting;
	if (!table->columns)
		FLT_TRY(make_columns(table, tables->whole, err));
	if (!waiting->fields)
		FLT_TRY(flt_waiting_rows_init(waiting, table->n_columns, err));
	waiting->n = 0;
	flt_free(table->row_numbers);
	table->row_numbers = NULL;
	table->n_rows = table->row_number_capacity = 0;
	table->notes = (struct flt_table_notes){0};
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_column_cells *cells = &table->columns[i].cells;
		flt_column_restart(cells, tables->states[i]);
		FLT_TRY(flt_column_reserve(cells, table->row_capacity, err));
	}
	return FLT_OK;
}

/* A record in no block is gone with the next one, so it cannot wait. */
static enum flt_status add(void *context, size_t slot, const struct flt_csv_record *record, struct flt_error *err)
{
	struct partial_tables *tables = context;
	struct partial_table *partial = &tables->slots[slot];
	if (record->is_in_block)
		return flt_table_hold_row(&partial->table, tables->rules, record, &partial->waiting, err);
	FLT_TRY(flt_table_add_waiting(&partial->table, tables->rules, &partial->waiting, err));
	return flt_table_add_row(&partial->table, tables->rules, record, err);
}

static enum flt_status end(void *context, size_t slot, struct flt_error *err)
{
	struct partial_tables *tables = context;
	struct partial_table *partial = &tables->slots[slot];
	return flt_table_add_waiting(&partial->table, tables->rules, &partial->waiting, err);
}

/* ---- blocks that other ranks read ---- */

static enum flt_status pack(void *context, size_t slot, struct flt_text_buffer *bytes, struct flt_error *err)
{
	const struct partial_tables *tables = context;
	return flt_rows_pack(&tables->slots[slot].table, tables->rules, tables->states, bytes, err);
}

static enum flt_status unpack(void *context, size_t slot, struct flt_unpacking bytes, struct flt_error *err)
{
	struct partial_tables *tables = context;
	FLT_TRY(begin(tables, slot, err));
	return flt_rows_unpack(&tables->slots[slot].table, tables->rules, tables->states, bytes, err);
}

/* ---- appending, in the order of the file ---- */

/* Whether the columns so far are in the state that partial tables began in. */
static bool fits(void *context, size_t slot)
{
	const struct partial_tables *tables = context;
	const struct flt_table *so_far = tables->whole;
	(void)slot;
	if (tables->n_pending > 0)
		so_far = &tables->slots[tables->pending[tables->n_pending - 1]].table;
	for (size_t i = 0; i < so_far->n_columns; i++)
		if (!flt_column_is_in_state(&so_far->columns[i].cells, tables->states[i]))
			return false;
	return true;
}

static enum flt_status take(void *context, size_t slot, struct flt_csv_counts before, struct flt_error *err)
{
	struct partial_tables *tables = context;
	tables->slots[slot].n_lines_before = before.n_lines;
	tables->pending[tables->n_pending++] = slot;
	tables->n_block_rows = tables->slots[slot].table.n_rows;
	return flt_table_append_rows(tables->whole, &tables->slots[slot].table,
	                             tables->whole->n_records_before + before.n_records, err);
}

static enum flt_status append_column(struct partial_tables *tables, size_t column, struct flt_error *err)
{
	struct flt_column_cells *whole = &tables->whole->columns[column].cells;
	for (size_t i = 0; i < tables->n_pending; i++) {
		const struct partial_table *partial = &tables->slots[tables->pending[i]];
		FLT_TRY(flt_column_append(whole, &partial->table.columns[column].cells, partial->n_lines_before, err));
	}
	return FLT_OK;
}

static void append_range(void *context, size_t task, size_t worker)
{
	struct partial_tables *tables = context;
	struct column_range *range = &tables->ranges[task];
	(void)worker;
	for (size_t i = range->begin; range->status == FLT_OK && i < range->end; i++)
		range->status = append_column(tables, i, &range->err);
}

static enum flt_status append_pending(struct partial_tables *tables, struct flt_csv_batches *batches,
                                      struct flt_error *err)
{
	size_t n_columns = tables->whole->n_columns;
	size_t n_tasks = tables->n_slots < n_columns ? tables->n_slots : n_columns;
	if (tables->n_pending == 0)
		return FLT_OK;
	for (size_t i = 0; i < n_tasks; i++)
		tables->ranges[i] =
		        (struct column_range){.begin = i * n_columns / n_tasks, .end = (i + 1) * n_columns / n_tasks};
	FLT_TRY(flt_csv_run_tasks(batches, n_tasks, append_range, tables, err));
	tables->n_pending = 0;
	for (size_t i = 0; i < n_tasks; i++)
		if (tables->ranges[i].status != FLT_OK)
			return flt_fail(err, tables->ranges[i].status, "%s", tables->ranges[i].err.text);
	return FLT_OK;
}

static enum flt_status add_in_order(void *context, struct flt_csv_batches *batches, const struct flt_csv_record *record,
                                    struct flt_error *err)
{
	struct partial_tables *tables = context;
	FLT_TRY(append_pending(tables, batches, err));
	return flt_table_add_row(tables->whole, tables->rules, record, err);
}

static void tell_share(const struct flt_row_rules *rules, const struct flt_csv *csv)
{
	if (rules->on_read)
		rules->on_read(rules->read_context, flt_csv_share(csv));
}

/* The file goes on as it has begun, or with rows that are a little shorter. */
static void expect_rows(struct partial_tables *tables, double share)
{
	const double slack = 1 + 1.0 / 32;
	struct flt_table *whole = tables->whole;
	double expected =
	        (double)tables->n_rows_before + slack * (double)(whole->n_rows - tables->n_rows_before) / share;
	if (expected <= FLT_MOST_ROWS) /* false of a pipe, whose share is NaN */
		whole->n_expected = (size_t)expected;
}

static enum flt_status end_batch(void *context, struct flt_csv_batches *batches, struct flt_error *err)
{
	struct partial_tables *tables = context;
	FLT_TRY(append_pending(tables, batches, err));
	tell_share(tables->rules, tables->csv);
	expect_rows(tables, flt_csv_batch_share(batches));
	for (size_t i = 0; i < tables->whole->n_columns; i++)
		tables->states[i] = flt_column_state_of_next(&tables->whole->columns[i].cells, tables->n_block_rows);
	return FLT_OK;
}

/* A batch may hold the bytes of that many default blocks, plus BYTES_PER_COLUMN for each column and thread. */
static struct flt_csv_batch_size size_of(size_t n_first, size_t n_blocks, size_t n_threads, size_t n_columns)
{
	enum { BYTES_PER_BLOCK = 1 << 18, BYTES_PER_COLUMN = 256 };
	return (struct flt_csv_batch_size){.first_blocks = n_first,
	                                   .most_blocks = n_blocks,
	                                   .most_bytes = n_blocks * BYTES_PER_BLOCK +
	                                                 n_threads * n_columns * BYTES_PER_COLUMN};
}

enum { WIDE = 2048 }; /* columns: each block costs memory for each of them */

/* Many small blocks keep every thread busy; wide tables get fewer. */
static struct flt_csv_batch_size batch_size(size_t n_threads, size_t n_columns)
{
	enum { PER_THREAD = 8, PER_WIDE_THREAD = 2 };
	return size_of(n_threads, n_threads * (n_columns < WIDE ? PER_THREAD : PER_WIDE_THREAD), n_threads, n_columns);
}

/* The same where ranks, of so many threads each, share the blocks. Each keeps all of a batch, so where there are many
 * threads in all, each gets fewer. */
static struct flt_csv_batch_size shared_batch_size(size_t n_ranks, size_t n_threads, size_t n_columns)
{
	enum { MANY = 64 };
	size_t n_all = n_ranks * n_threads, n_alone = batch_size(n_threads, n_columns).most_blocks;
	if (n_columns >= WIDE)
		return size_of(n_ranks, n_alone > n_ranks ? n_alone : n_ranks, n_threads, n_columns);
	size_t most = n_ranks * n_alone < MANY ? n_ranks * n_alone : MANY;
	return size_of(n_all, n_all < most ? most / n_all * n_all : n_all, n_threads, n_columns);
}

static void tell_of_wide(struct flt_table *table, const struct flt_row_rules *rules, const struct flt_csv *csv,
                         const struct flt_csv_record *record)
{
	const struct flt_named_file *file = flt_csv_file(csv);
	const struct flt_wide_file wide = {file->name, file->is_standard_input, table->n_columns, record->n_raw};
	if (rules->on_wide && !table->is_told_of)
		rules->on_wide(&wide);
	table->is_told_of = true;
}

static enum flt_status add_all_in_order(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                        struct flt_error *err)
{
	struct flt_csv_record record;
	bool is_end;
	for (;;) {
		FLT_TRY(flt_csv_next(csv, &record, &is_end, err));
		if (is_end)
			return FLT_OK;
		tell_of_wide(table, rules, csv, &record);
		tell_share(rules, csv);
		FLT_TRY(flt_table_add_row(table, rules, &record, err));
	}
}

enum flt_status flt_table_add_records(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                      unsigned n_threads, struct flt_error *err)
{
	struct partial_tables tables = {
	        .whole = table, .rules = rules, .csv = csv, .n_rows_before = table->n_rows, .n_block_rows = SIZE_MAX};
	size_t n_ranks = flt_ranks_count(rules->ranks);
	unsigned n_most = flt_pool_size(n_threads);
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_csv_meet_ranks(csv, rules->ranks, &n_most, err));
	struct flt_csv_client client = {.context = &tables,
	                                .size = n_ranks > 1 ? shared_batch_size(n_ranks, n_most, table->n_columns)
	                                                    : batch_size(n_most, table->n_columns),
	                                .begin = begin,
	                                .add = add,
	                                .end = end,
	                                .fits = fits,
	                                .take = take,
	                                .add_in_order = add_in_order,
	                                .end_batch = end_batch,
	                                .ranks = rules->ranks,
	                                .pack = pack,
	                                .unpack = unpack};
	if (table->n_columns > FLT_CSV_WIDE)
		return add_all_in_order(table, rules, csv, err);
	FLT_TRY_OUT(tables_init(&tables, client.size.most_blocks, err));
	FLT_TRY_OUT(flt_csv_read_batches(csv, &client, n_threads, err));
out:
	tables_release(&tables);
	return status;
}
