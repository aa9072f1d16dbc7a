/* Who wants the records of a file from several threads, or several processes: what it gives to flt_csv_read_batches
 * (batches.h, which says what is called when), and what it may call itself. */
#ifndef CSV_BATCH_CLIENT_H
#define CSV_BATCH_CLIENT_H

#include "base/pool.h"
#include "base/text.h"
#include "base/unpacking.h"
#include "csv/reader.h"
#include "ranks/ranks.h"

struct flt_csv_batches; /* opaque; a run of flt_csv_read_batches */

/* A batch ends at most_blocks blocks, at most_bytes bytes (long records make blocks large), or at the end of the file.
 * The first has first_blocks blocks, and each may have twice as many as the one before. */
struct flt_csv_batch_size {
	size_t first_blocks, most_blocks, most_bytes;
};

struct flt_csv_client {
	void *context;
	struct flt_csv_batch_size size; /* slots are numbered from 0, below size.most_blocks */

	/* A NUL follows each field once add or add_in_order has returned, and the fields stay valid until end_batch
	 * returns. The client cannot want blocks again then. Else records are valid only during the call. */
	bool keeps_fields;

	/* On any thread. A failure other than FLT_ERR_DATA of add or end ends the run. end comes after the last record
	 * that is added, and may be NULL; records that are in the block (is_in_block) stay valid until it returns. */
	enum flt_status (*begin)(void *context, size_t slot, struct flt_error *err);
	enum flt_status (*add)(void *context, size_t slot, const struct flt_csv_record *record, struct flt_error *err);
	enum flt_status (*end)(void *context, size_t slot, struct flt_error *err);

	/* On the caller's thread. A failure ends the run. */
	bool (*fits)(void *context,
	             size_t slot); /* before take; NULL if what is added never depends on what came before */
	enum flt_status (*take)(void *context, size_t slot, struct flt_csv_counts before, struct flt_error *err);
	enum flt_status (*add_in_order)(void *context, struct flt_csv_batches *batches,
	                                const struct flt_csv_record *record, struct flt_error *err);
	enum flt_status (*end_batch)(void *context, struct flt_csv_batches *batches, struct flt_error *err);

	/* Several processes that read the same file, with the same client and size: each parses its share of a batch's
	 * blocks and packs what it got of them; the others unpack it in the place of begin and add. NULL: this process
	 * parses all, and needs neither. Both on any thread. */
	struct flt_ranks *ranks;
	enum flt_status (*pack)(void *context, size_t slot, struct flt_text_buffer *bytes, struct flt_error *err);
	enum flt_status (*unpack)(void *context, size_t slot, struct flt_unpacking bytes, struct flt_error *err);
};

/* Before flt_csv_read_batches with client.ranks: all ranks wait for each other and make sure that they have opened the
 * same file (of options.digest). *n_threads becomes the most of any rank, which the size of batches may depend on. */
enum flt_status flt_csv_meet_ranks(const struct flt_csv *csv, struct flt_ranks *ranks, unsigned *n_threads,
                                   struct flt_error *err);

/* The share of the file's bytes up to the end of the present batch; NaN of a pipe. */
double flt_csv_batch_share(const struct flt_csv_batches *batches);

/* Runs tasks on the reader's threads. To be called from add_in_order or end_batch. */
enum flt_status flt_csv_run_tasks(struct flt_csv_batches *batches, size_t n_tasks, flt_task *task, void *context,
                                  struct flt_error *err);

#endif
