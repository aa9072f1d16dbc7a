/*
 * Each rank sends one parcel for a batch: the head, then its slots in order. Heads are compared before anything of a
 * parcel counts, so ranks whose files differ end where the difference is, all with one sentence.
 *
 * A batch in which the file fails is not dealt: each rank parses all of it, and meets the failure by itself. Where only
 * one rank's file fails, the others hear of it where they would share.
 */
#include "csv/batch_ranks.h"

#include <string.h>

#include "base/alloc.h"
#include "ranks/same.h"

static const char other_data[] = "has read other data; give all ranks the same files";

/* Before a slot's bytes: lines of bad rows, as many as are noted, and what client->pack has added. */
struct slot_head {
	uint64_t n_bytes;
	uint64_t at, line, n_records;
	uint64_t status, is_wanted_again;
	uint64_t n_bad;
};

static size_t n_noted(uint64_t n_bad)
{
	return n_bad < FLT_BAD_LINES ? (size_t)n_bad : FLT_BAD_LINES;
}

/* ---- meeting ---- */

static enum flt_status take_most(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes,
                                 struct flt_error *err)
{
	unsigned *most = context, n = 0;
	(void)rank;
	(void)err;
	memcpy(&n, bytes, n_bytes < sizeof n ? n_bytes : sizeof n);
	*most = n > *most && n <= FLT_MAX_THREADS ? n : *most;
	return FLT_OK;
}

enum flt_status flt_csv_meet_ranks(const struct flt_csv *csv, struct flt_ranks *ranks, unsigned *n_threads,
                                   struct flt_error *err)
{
	char sha256[FLT_SHA256_TEXT];
	struct flt_ranks_trait data = {.own = sha256, .status = FLT_ERR_DATA, .differs = other_data};
	const unsigned own = *n_threads;
	if (flt_ranks_count(ranks) == 1)
		return FLT_OK;
	flt_csv_sha256_so_far(csv, sha256);
	FLT_TRY(flt_ranks_compare(ranks, &data, 1, err));
	return flt_ranks_share(ranks, (const uint8_t *)&own, sizeof own, take_most, n_threads, err);
}

/* ---- dealing ---- */

static bool is_dealt(const struct flt_csv_batches *batches)
{
	return flt_ranks_count(batches->client->ranks) > 1 &&
	       flt_block_records_block(batches->slots[batches->n_now - 1].now)->status == FLT_OK;
}

void flt_batch_begin(struct flt_csv_batches *batches)
{
	struct flt_batch_head *head = &batches->head;
	if (flt_ranks_count(batches->client->ranks) == 1)
		return;
	*head = (struct flt_batch_head){
	        .n_slots = batches->n_now, .n_bytes = batches->n_now_bytes, .is_all = batches->is_all};
	flt_csv_sha256_so_far(batches->csv, head->sha256);
}

size_t flt_batch_n_own(const struct flt_csv_batches *batches)
{
	size_t n = flt_ranks_count(batches->client->ranks), own = flt_ranks_own(batches->client->ranks);
	if (!is_dealt(batches))
		return batches->n_now;
	return own < batches->n_now ? (batches->n_now - own - 1) / n + 1 : 0;
}

size_t flt_batch_own_slot(const struct flt_csv_batches *batches, size_t i)
{
	size_t n = flt_ranks_count(batches->client->ranks);
	return is_dealt(batches) ? flt_ranks_own(batches->client->ranks) + i * n : i;
}

/* ---- packing ---- */

static bool is_kept(const struct flt_csv_slot *slot)
{
	return !slot->is_wanted_again && (slot->status == FLT_OK || slot->status == FLT_ERR_DATA);
}

static enum flt_status pack(struct flt_csv_batches *batches, size_t index, struct flt_error *err)
{
	struct flt_csv_slot *slot = &batches->slots[index];
	struct flt_csv_position position = flt_block_records_position(slot->now);
	const struct flt_csv_bad_rows *bad = flt_block_records_bad_rows(slot->now);
	struct slot_head head = {.at = position.at,
	                         .line = position.line,
	                         .n_records = position.n_records,
	                         .status = (uint64_t)slot->status,
	                         .is_wanted_again = slot->is_wanted_again,
	                         .n_bad = bad->n};
	size_t n_line_bytes = n_noted(bad->n) * sizeof *bad->lines;
	slot->packed.length = 0;
	FLT_TRY(flt_text_buffer_append(&slot->packed, (const char *)&head, sizeof head, err));
	FLT_TRY(flt_text_buffer_append(&slot->packed, (const char *)bad->lines, n_line_bytes, err));
	if (is_kept(slot))
		FLT_TRY(batches->client->pack(batches->client->context, index, &slot->packed, err));
	head.n_bytes = slot->packed.length - sizeof head;
	memcpy(slot->packed.bytes, &head, sizeof head);
	return FLT_OK;
}

void flt_batch_pack(struct flt_csv_batches *batches, size_t index)
{
	struct flt_csv_slot *slot = &batches->slots[index];
	struct flt_error err;
	if (!is_dealt(batches))
		return;
	enum flt_status status = pack(batches, index, &err);
	if (status == FLT_OK)
		return;
	slot->status = status;
	slot->err = err;
}

/* Fails if a slot of this rank has failed. */
static enum flt_status count_bytes(const struct flt_csv_batches *batches, size_t *n_bytes, struct flt_error *err)
{
	*n_bytes = sizeof batches->head;
	for (size_t i = 0; i < flt_batch_n_own(batches); i++) {
		const struct flt_csv_slot *slot = &batches->slots[flt_batch_own_slot(batches, i)];
		if (slot->status != FLT_OK && slot->status != FLT_ERR_DATA)
			return flt_fail(err, slot->status, "%s", slot->err.text);
		*n_bytes += slot->packed.length;
	}
	return FLT_OK;
}

/* Moves what the slots have packed into the parcel. */
static enum flt_status pack_batch(const struct flt_csv_batches *batches, struct flt_text_buffer *parcel,
                                  struct flt_error *err)
{
	size_t n_bytes;
	FLT_TRY(count_bytes(batches, &n_bytes, err));
	FLT_TRY(flt_text_buffer_reserve(parcel, n_bytes, err));
	FLT_TRY(flt_text_buffer_append(parcel, (const char *)&batches->head, sizeof batches->head, err));
	for (size_t i = 0; i < flt_batch_n_own(batches); i++) {
		struct flt_csv_slot *slot = &batches->slots[flt_batch_own_slot(batches, i)];
		FLT_TRY(flt_text_buffer_append(parcel, slot->packed.bytes, slot->packed.length, err));
		flt_text_buffer_release(&slot->packed);
	}
	return FLT_OK;
}

/* ---- unpacking ---- */

struct sharing {
	struct flt_csv_batches *batches;
	struct flt_batch_head first; /* of rank 0 */
	size_t odd;                  /* the first rank whose head is not that of rank 0; SIZE_MAX: none */
	/* Of the rank whose parcel is being taken: */
	size_t rank;
	struct flt_unpacking *slots; /* (n_slots of the batches) bytes of its slots, by their place among them */
};

static bool same_heads(const struct flt_batch_head *a, const struct flt_batch_head *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static enum flt_status fail_unlike(size_t rank, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_MACHINE,
	                "rank %zu has sent no rows of this table; start all ranks with the same program, options and "
	                "files",
	                rank);
}

static bool unpack_head(struct flt_unpacking *bytes, struct slot_head *head, struct flt_csv_bad_rows *bad)
{
	if (!flt_unpack(bytes, head, sizeof *head))
		return false;
	bad->n = (size_t)head->n_bad;
	return flt_unpack(bytes, bad->lines, n_noted(head->n_bad) * sizeof *bad->lines);
}

static enum flt_status unpack(struct flt_csv_batches *batches, size_t index, struct flt_unpacking bytes, size_t rank)
{
	struct flt_csv_slot *slot = &batches->slots[index];
	struct slot_head head;
	struct flt_csv_bad_rows bad;
	if (!unpack_head(&bytes, &head, &bad) || (head.status != FLT_OK && head.status != FLT_ERR_DATA) ||
	    !flt_block_records_move(
	            slot->now, (struct flt_csv_position){(size_t)head.at, (size_t)head.line, (size_t)head.n_records},
	            &bad))
		return fail_unlike(rank, &slot->err);
	slot->status = (enum flt_status)head.status;
	slot->is_wanted_again = head.is_wanted_again != 0;
	if (slot->is_wanted_again)
		return FLT_OK;
	enum flt_status status = batches->client->unpack(batches->client->context, index, bytes, &slot->err);
	return status == FLT_ERR_DATA ? fail_unlike(rank, &slot->err) : status;
}

static void unpack_task(void *context, size_t task, size_t worker)
{
	const struct sharing *sharing = context;
	size_t index = sharing->rank + task * flt_ranks_count(sharing->batches->client->ranks);
	(void)worker;
	enum flt_status status = unpack(sharing->batches, index, sharing->slots[task], sharing->rank);
	if (status != FLT_OK)
		sharing->batches->slots[index].status = status;
}

/* Finds where each slot of the rank begins; *n of them. */
static bool split(struct sharing *sharing, struct flt_unpacking bytes, size_t *n)
{
	size_t n_ranks = flt_ranks_count(sharing->batches->client->ranks);
	*n = 0;
	for (size_t i = sharing->rank; i < sharing->batches->n_now; i += n_ranks) {
		struct slot_head head;
		struct flt_unpacking ahead = bytes;
		if (!flt_unpack(&ahead, &head, sizeof head) || head.n_bytes > ahead.n_left)
			return false;
		size_t n_bytes = sizeof head + (size_t)head.n_bytes;
		sharing->slots[*n] = (struct flt_unpacking){bytes.at, n_bytes};
		flt_unpack_view(&bytes, n_bytes);
		++*n;
	}
	return bytes.n_left == 0;
}

static void note_head(struct sharing *sharing, size_t rank, const struct flt_batch_head *head)
{
	if (rank == 0)
		sharing->first = *head;
	else if (sharing->odd == SIZE_MAX && !same_heads(head, &sharing->first))
		sharing->odd = rank;
}

static enum flt_status take(void *context, size_t rank, const uint8_t *parcel, size_t n_bytes, struct flt_error *err)
{
	struct sharing *sharing = context;
	struct flt_unpacking bytes = {parcel, n_bytes};
	struct flt_batch_head head = {0};
	size_t n, own = flt_ranks_own(sharing->batches->client->ranks);
	bool is_whole = flt_unpack(&bytes, &head, sizeof head);
	if (own > 0 && rank > own) /* nobody takes the rank's own */
		note_head(sharing, own, &sharing->batches->head);
	note_head(sharing, rank, &head);
	if (!same_heads(&head, &sharing->batches->head))
		return FLT_OK;
	sharing->rank = rank;
	if (!is_whole || !split(sharing, bytes, &n))
		return fail_unlike(rank, err);
	return flt_csv_run_tasks(sharing->batches, n, unpack_task, sharing, err);
}

static enum flt_status share(struct sharing *sharing, const struct flt_text_buffer *parcel, struct flt_error *err)
{
	struct flt_ranks *ranks = sharing->batches->client->ranks;
	size_t own = flt_ranks_own(ranks);
	FLT_TRY(flt_ranks_share(ranks, (const uint8_t *)parcel->bytes, parcel->length, take, sharing, err));
	if (own > 0)
		note_head(sharing, own, &sharing->batches->head);
	if (sharing->odd == SIZE_MAX)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA, "rank %zu %s", sharing->odd, other_data);
}

enum flt_status flt_batch_share(struct flt_csv_batches *batches, struct flt_error *err)
{
	struct sharing sharing = {.batches = batches, .first = batches->head, .odd = SIZE_MAX};
	struct flt_text_buffer parcel = {0};
	enum flt_status status = FLT_OK;
	if (!is_dealt(batches))
		return FLT_OK;
	sharing.slots = flt_alloc(batches->n_slots, sizeof *sharing.slots, err);
	FLT_TRY_MEMORY_OUT(sharing.slots);
	FLT_TRY_OUT(pack_batch(batches, &parcel, err));
	FLT_TRY_OUT(share(&sharing, &parcel, err));
out:
	flt_text_buffer_release(&parcel);
	flt_free(sharing.slots);
	return status;
}
