/*
 * A run of the pool has one task that reads blocks of the next batch; the others parse the blocks of the present one,
 * or are the client's. Reading gives way as soon as the others are done, and goes on in the next run, so that no thread
 * waits for a slow source while there is work. Before a batch begins, what is left of it is read.
 */
#include "csv/batch_tasks.h"

static bool wants_block(const struct flt_csv_batches *batches)
{
	return !batches->is_all && batches->n_next < batches->n_wanted &&
	       batches->n_next_bytes < batches->client->size.most_bytes;
}

static void read_block(struct flt_csv_batches *batches)
{
	struct flt_block_records *next = batches->slots[batches->n_next++].next;
	flt_block_records_read(batches->csv, next);
	batches->n_next_bytes += flt_block_records_block(next)->n;
	batches->is_all = flt_block_records_block(next)->is_last;
}

void flt_batch_read_all(struct flt_csv_batches *batches)
{
	while (wants_block(batches))
		read_block(batches);
}

struct run {
	struct flt_csv_batches *batches;
	flt_task *task;
	void *context;
};

static void run_task(void *context, size_t task, size_t worker)
{
	struct run *run = context;
	struct flt_csv_batches *batches = run->batches;
	if (task > 0) {
		run->task(run->context, task - 1, worker);
		atomic_fetch_sub(&batches->n_running, 1);
		return;
	}
	while (wants_block(batches) && atomic_load(&batches->n_running) > 0)
		read_block(batches);
}

enum flt_status flt_csv_run_tasks(struct flt_csv_batches *batches, size_t n_tasks, flt_task *task, void *context,
                                  struct flt_error *err)
{
	if (n_tasks == 0)
		return FLT_OK;
	if (n_tasks == 1 && batches->is_all) {
		task(context, 0, 0);
		return FLT_OK;
	}
	if (!batches->pool)
		FLT_TRY(flt_pool_new(batches->n_threads, &batches->pool, err));
	struct run run = {batches, task, context};
	atomic_store(&batches->n_running, n_tasks);
	flt_pool_run(batches->pool, 1 + n_tasks, run_task, &run);
	return FLT_OK;
}
