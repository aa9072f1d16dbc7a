/* What a run of flt_csv_read_batches consists of. Private to csv/: batches.c runs it, batch_tasks.c reads
 * its blocks and runs tasks, batch_ranks.c deals the blocks.
 */
#ifndef CSV_BATCH_SLOTS_H
#define CSV_BATCH_SLOTS_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/text.h"
#include "csv/batch_client.h"
#include "csv/block_records.h"

/* Copies of fields that lie in no block. */
struct flt_kept_fields {
	struct flt_arena arena;
	struct flt_csv_field *fields; /* (n_columns) of the last record */
};

/* The block of a batch with the same number, and what came of it. */
struct flt_csv_slot {
	struct flt_block_records *now, *next; /* of the present batch, and of the next */
	struct flt_kept_fields kept;
	enum flt_status status; /* FLT_ERR_DATA: the block was not parsed whole */
	struct flt_error err;
	bool is_wanted_again;          /* add failed with FLT_ERR_DATA */
	struct flt_text_buffer packed; /* of a slot that other ranks get: what came of its block */
};

/* What ranks must have read alike before they share what they have parsed of a batch. */
struct flt_batch_head {
	uint64_t n_slots, n_bytes, is_all;
	char sha256[FLT_SHA256_TEXT + 7]; /* of all bytes read so far, in the first pass; without padding */
};

struct flt_csv_batches {
	struct flt_csv *csv;
	const struct flt_csv_client *client;
	unsigned n_threads;
	struct flt_pool *pool;           /* NULL until there are tasks to run */
	struct flt_csv_slot *slots;      /* (n_slots) */
	size_t n_slots;                  /* 0 if the file has a single block */
	size_t n_now, n_now_bytes;       /* slots that the present batch uses, and bytes of their blocks */
	size_t n_next, n_wanted;         /* blocks of the next batch: read, and to be read */
	size_t n_next_bytes;             /* of the blocks read */
	bool is_all;                     /* the file's last block was read */
	double share;                    /* of the file's bytes, up to the end of the present batch */
	struct flt_batch_head head;      /* of the present batch, where there are ranks */
	struct flt_kept_fields in_order; /* of records in order */
	enum flt_status status;          /* of the file: why it ends before its end */
	struct flt_error err;
	atomic_size_t n_running; /* tasks of the present run that are not done, but for reading */
};

#endif
