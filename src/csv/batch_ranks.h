/* The blocks of a batch dealt over ranks. Private to csv/. All of it does nothing without client->ranks. */
#ifndef CSV_BATCH_RANKS_H
#define CSV_BATCH_RANKS_H

#include "csv/batch_slots.h"

/* Once the blocks of a batch were read, and before others are. */
void flt_batch_begin(struct flt_csv_batches *batches);

/* The slots of the present batch that this process parses: how many, and the i-th. */
size_t flt_batch_n_own(const struct flt_csv_batches *batches);
size_t flt_batch_own_slot(const struct flt_csv_batches *batches, size_t i);

/* On any thread, once a slot was parsed: packs it for the others. A failure is that of the slot. */
void flt_batch_pack(struct flt_csv_batches *batches, size_t slot);

/* Gives all ranks what each has parsed of the batch. FLT_ERR_DATA: some rank reads other bytes. */
enum flt_status flt_batch_share(struct flt_csv_batches *batches, struct flt_error *err);

#endif
