/*
 * Reads a CSV file on several threads, and hands its records over in the order of the file.
 *
 * The file is read in blocks, each of which holds whole records, and a batch is a run of consecutive blocks. Each block
 * of a batch has a slot of its own. What a client sees of a batch:
 *
 *   1. On any thread, several slots at a time: begin(slot), then add(slot, record) for the records of the slot's block.
 *      Lines and record numbers count from 1 in each block.
 *   2. On the caller's thread, in the order of the file: take(slot) says that the slot's records come next, and how
 * many lines and records of the file precede them. Records that no slot holds come one by one: add_in_order(record),
 *      with the lines and numbers of the file.
 *   3. On the caller's thread: end_batch. It may use the reader's threads (flt_csv_run_tasks).
 *
 * The first batch has no slots: it holds the records that opening the file has already read.
 *
 * Records come in order if a worker cannot parse them, because something about them is out of the ordinary, and if the
 * client wants a block again: add has failed with FLT_ERR_DATA, or fits returned false. The client must then ignore
 * that slot; its records come again, in order. So error messages, rules about broken records, and everything that
 * depends on earlier records are implemented once: for records in order. The same records come out in the same order at
 * any number of threads and any size of blocks.
 *
 * Blocks of the next batch are read while the present one is parsed and while flt_csv_run_tasks runs. Which blocks form
 * a batch depends on the file and on struct flt_csv_batch_size only.
 *
 * Ranks that read the same file divide the parsing: each reads all bytes, which is quick, and parses every n-th block
 * of a batch. Before a batch is handed over, what came of its blocks goes to all ranks. So each hands over the same
 * slots and the same records in order, and the errors are those of one process.
 */
#ifndef CSV_BATCHES_H
#define CSV_BATCHES_H

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

	/* On any thread. A failure other than FLT_ERR_DATA of add ends the run. */
	enum flt_status (*begin)(void *context, size_t slot, struct flt_error *err);
	enum flt_status (*add)(void *context, size_t slot, const struct flt_csv_record *record, struct flt_error *err);

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

/* Reads the data records of csv, which was opened or rewound just before, to the end. n_threads as flt_pool_new takes
 * it. When the file fails, the client gets the records before the failure, and an end_batch. */
enum flt_status flt_csv_read_batches(struct flt_csv *csv, const struct flt_csv_client *client, unsigned n_threads,
                                     struct flt_error *err);

/* Runs tasks on the reader's threads. To be called from add_in_order or end_batch. */
enum flt_status flt_csv_run_tasks(struct flt_csv_batches *batches, size_t n_tasks, flt_task *task, void *context,
                                  struct flt_error *err);

#endif
