/* Reading the blocks of the next batch, beside the tasks of the present one (flt_csv_run_tasks). Private to csv/. */
#ifndef CSV_BATCH_TASKS_H
#define CSV_BATCH_TASKS_H

#include "csv/batch_slots.h"

/* Reads what is left of the next batch. */
void flt_batch_read_all(struct flt_csv_batches *batches);

#endif
