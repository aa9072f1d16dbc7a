/*
 * csv itself moves from block to block on the caller's thread. In a block that a worker parsed whole it moves to the
 * end at once.
 */
#include "csv/batches.h"

#include <assert.h>

#include "base/alloc.h"
#include "csv/batch_ranks.h"
#include "csv/batch_tasks.h"

/* ---- life ---- */

static enum flt_status kept_init(struct flt_kept_fields *kept, const struct flt_csv *csv, struct flt_error *err)
{
	kept->fields = flt_alloc(flt_csv_n_columns(csv), sizeof *kept->fields, err);
	FLT_TRY_MEMORY(kept->fields);
	return FLT_OK;
}

static void kept_release(struct flt_kept_fields *kept)
{
	flt_arena_release(&kept->arena);
	flt_free(kept->fields);
}

static enum flt_status slot_init(struct flt_csv_slot *slot, const struct flt_csv *csv, struct flt_error *err)
{
	FLT_TRY(kept_init(&slot->kept, csv, err));
	FLT_TRY(flt_block_records_new(csv, &slot->now, err));
	return flt_block_records_new(csv, &slot->next, err);
}

static enum flt_status init(struct flt_csv_batches *batches, struct flt_error *err)
{
	FLT_TRY(kept_init(&batches->in_order, batches->csv, err));
	batches->is_all = flt_csv_is_at_last_block(batches->csv);
	if (batches->is_all)
		return FLT_OK;
	size_t n = batches->client->size.most_blocks;
	batches->n_wanted = batches->client->size.first_blocks;
	batches->slots = flt_alloc_zero(n, sizeof *batches->slots, err);
	FLT_TRY_MEMORY(batches->slots);
	batches->n_slots = n;
	for (size_t i = 0; i < n; i++)
		FLT_TRY(slot_init(&batches->slots[i], batches->csv, err));
	return FLT_OK;
}

static void release(struct flt_csv_batches *batches)
{
	for (size_t i = 0; i < batches->n_slots; i++) {
		flt_block_records_free(batches->slots[i].now);
		flt_block_records_free(batches->slots[i].next);
		flt_text_buffer_release(&batches->slots[i].packed);
		kept_release(&batches->slots[i].kept);
	}
	flt_free(batches->slots);
	kept_release(&batches->in_order);
	flt_pool_free(batches->pool);
}

/* ---- parsing ---- */

/* Points the record to a copy of its fields. */
static enum flt_status keep_fields(struct flt_kept_fields *kept, size_t n, struct flt_csv_record *record,
                                   struct flt_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct flt_csv_field *field = &record->fields[i];
		const char *copy = flt_arena_add(&kept->arena, field->text, field->length, err);
		FLT_TRY_MEMORY(copy);
		kept->fields[i] = (struct flt_csv_field){copy, field->length};
	}
	record->fields = kept->fields;
	return FLT_OK;
}

static enum flt_status add(struct flt_csv_batches *batches, size_t index, struct flt_csv_record *record,
                           struct flt_error *err)
{
	const struct flt_csv_client *client = batches->client;
	struct flt_csv_slot *slot = &batches->slots[index];
	if (!client->keeps_fields)
		return client->add(client->context, index, record, err);
	if (!record->is_in_block)
		FLT_TRY(keep_fields(&slot->kept, flt_csv_n_columns(batches->csv), record, err));
	FLT_TRY(client->add(client->context, index, record, err));
	if (record->is_in_block)
		flt_block_records_end_fields(slot->now);
	return FLT_OK;
}

/* Adds the block's records, up to the first that is irregular. */
static enum flt_status add_records(struct flt_csv_batches *batches, size_t index)
{
	struct flt_csv_slot *slot = &batches->slots[index];
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		slot->status = flt_block_records_next(slot->now, &record, &is_end, &slot->err);
		if (slot->status != FLT_OK || is_end)
			return slot->status == FLT_ERR_DATA ? FLT_OK : slot->status;
		FLT_TRY(add(batches, index, &record, &slot->err));
	}
}

static enum flt_status parse_slot(struct flt_csv_batches *batches, size_t index)
{
	struct flt_csv_slot *slot = &batches->slots[index];
	const struct flt_csv_client *client = batches->client;
	flt_arena_clear(&slot->kept.arena);
	FLT_TRY(client->begin(client->context, index, &slot->err));
	FLT_TRY(add_records(batches, index));
	return client->end ? client->end(client->context, index, &slot->err) : FLT_OK;
}

static void parse_task(void *context, size_t task, size_t worker)
{
	struct flt_csv_batches *batches = context;
	size_t index = flt_batch_own_slot(batches, task);
	struct flt_csv_slot *slot = &batches->slots[index];
	(void)worker;
	slot->status = FLT_OK;
	enum flt_status status = parse_slot(batches, index);
	slot->is_wanted_again = status == FLT_ERR_DATA;
	slot->status = status != FLT_OK ? status : slot->status;
	flt_batch_pack(batches, index);
}

/* ---- handing over, in order ---- */

/* What is left of the block that csv is in. If the file fails, here or in take_slot, the records before that have been
 * handed over. */
static enum flt_status add_in_order(struct flt_csv_batches *batches, struct flt_error *err)
{
	const struct flt_csv_client *client = batches->client;
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		batches->status = flt_csv_next_in_block(batches->csv, &record, &is_end, &batches->err);
		if (batches->status != FLT_OK || is_end)
			return FLT_OK;
		if (client->keeps_fields)
			FLT_TRY(keep_fields(&batches->in_order, flt_csv_n_columns(batches->csv), &record, err));
		FLT_TRY(client->add_in_order(client->context, batches, &record, err));
	}
}

static enum flt_status take_slot(struct flt_csv_batches *batches, size_t index, struct flt_error *err)
{
	const struct flt_csv_client *client = batches->client;
	struct flt_csv_slot *slot = &batches->slots[index];
	struct flt_csv_counts before;
	if (slot->status != FLT_OK && slot->status != FLT_ERR_DATA)
		return flt_fail(err, slot->status, "%s", slot->err.text);
	bool is_taken = !slot->is_wanted_again && (!client->fits || client->fits(client->context, index));
	assert(is_taken || !client->keeps_fields);
	if (!is_taken)
		flt_block_records_restart(slot->now);
	batches->status =
	        flt_csv_enter(batches->csv, flt_block_records_block(slot->now), flt_block_records_position(slot->now),
	                      flt_block_records_bad_rows(slot->now), &before, &batches->err);
	if (batches->status != FLT_OK)
		return FLT_OK;
	if (is_taken)
		FLT_TRY(client->take(client->context, index, before, err));
	return add_in_order(batches, err);
}

static enum flt_status end_batch(struct flt_csv_batches *batches, struct flt_error *err)
{
	FLT_TRY(batches->client->end_batch(batches->client->context, batches, err));
	if (batches->status != FLT_OK)
		return flt_fail(err, batches->status, "%s", batches->err.text);
	return FLT_OK;
}

static void begin_batch(struct flt_csv_batches *batches)
{
	const struct flt_csv_batch_size *size = &batches->client->size;
	flt_batch_read_all(batches);
	for (size_t i = 0; i < batches->n_next; i++) {
		struct flt_csv_slot *slot = &batches->slots[i];
		struct flt_block_records *read = slot->next;
		slot->next = slot->now;
		slot->now = read;
	}
	batches->share = flt_csv_share(batches->csv);
	batches->n_now = batches->n_next;
	batches->n_now_bytes = batches->n_next_bytes;
	batches->n_next = batches->n_next_bytes = 0;
	batches->n_wanted = 2 * batches->n_now < size->most_blocks ? 2 * batches->n_now : size->most_blocks;
	flt_arena_clear(&batches->in_order.arena);
	flt_batch_begin(batches);
}

static enum flt_status read_batches(struct flt_csv_batches *batches, struct flt_error *err)
{
	FLT_TRY(init(batches, err));
	batches->share = flt_csv_share(batches->csv);
	FLT_TRY(add_in_order(batches, err));
	FLT_TRY(end_batch(batches, err));
	for (begin_batch(batches); batches->n_now > 0; begin_batch(batches)) {
		FLT_TRY(flt_csv_run_tasks(batches, flt_batch_n_own(batches), parse_task, batches, err));
		FLT_TRY(flt_batch_share(batches, err));
		for (size_t i = 0; batches->status == FLT_OK && i < batches->n_now; i++)
			FLT_TRY(take_slot(batches, i, err));
		FLT_TRY(end_batch(batches, err));
	}
	return FLT_OK;
}

double flt_csv_batch_share(const struct flt_csv_batches *batches)
{
	return batches->share;
}

enum flt_status flt_csv_read_batches(struct flt_csv *csv, const struct flt_csv_client *client, unsigned n_threads,
                                     struct flt_error *err)
{
	struct flt_csv_batches batches = {.csv = csv, .client = client, .n_threads = n_threads};
	enum flt_status status = read_batches(&batches, err);
	release(&batches);
	return status;
}
