/*
 * Reads a CSV file on several threads, and hands its records over in the order of the file.
 *
 * The file is read in blocks, each of which holds whole records, and a batch is a run of consecutive blocks. Each block
 * of a batch has a slot of its own. What a client sees of a batch:
 *
 *   1. On any thread, several slots at a time: begin(slot), then add(slot, record) for the records of the slot's block,
 *      then end(slot). Lines and record numbers count from 1 in each block.
 *   2. On the caller's thread, in the order of the file: take(slot) says that the slot's records come next, and how
 * many lines and records of the file precede them. Records that no slot holds come one by one: add_in_order(record),
 *      with the lines and numbers of the file.
 *   3. On the caller's thread: end_batch. It may use the reader's threads (flt_csv_run_tasks).
 *
 * The first batch has no slots: it holds the records that opening the file has already read.
 *
 * Records come in order if a worker cannot parse them, because something about them is out of the ordinary, and if the
 * client wants a block again: add or end has failed with FLT_ERR_DATA, or fits returned false. The client must then
 * ignore that slot; its records come again, in order. So error messages, rules about broken records, and everything
 * that depends on earlier records are implemented once: for records in order. The same records come out in the same
 * order at any number of threads and any size of blocks.
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

#include "csv/batch_client.h"

/* Reads the data records of csv, which was opened or rewound just before, to the end. n_threads as flt_pool_new takes
 * it. When the file fails, the client gets the records before the failure, and an end_batch. */
enum flt_status flt_csv_read_batches(struct flt_csv *csv, const struct flt_csv_client *client, unsigned n_threads,
                                     struct flt_error *err);

#endif
