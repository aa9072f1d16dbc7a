/*
 * Epochs of networks that train side by side: they are reported in any order, and as they end.
 *
 * Neither type locks: flt_hooks.on_epoch is called by one thread at a time.
 */
#ifndef PROTOCOL_EPOCH_LOG_H
#define PROTOCOL_EPOCH_LOG_H

#include "nn/train.h"

enum { FLT_MAX_MEMBERS = 128 }; /* networks of one detector */

/* Zero-initialised it is empty. */
struct flt_epoch_log {
	struct flt_epoch *epochs; /* (n) owned */
	size_t n, capacity;
};

enum flt_status flt_epoch_log_add(struct flt_epoch_log *log, const struct flt_epoch *epoch, struct flt_error *err);
void flt_epoch_log_sort(struct flt_epoch_log *log); /* by network, then by epoch */
void flt_epoch_log_release(struct flt_epoch_log *log);

/* How far training is. Zero-initialised it has not begun. */
struct flt_epoch_progress {
	double done[FLT_MAX_MEMBERS]; /* of each network: share of its epochs, [0, 1] */
};

enum { FLT_PROGRESS_WHOLE = 1000 };

/* Notes that an epoch has ended. Returns the share of all epochs that are done, all networks weighted equally, in units
 * of 1 / FLT_PROGRESS_WHOLE. */
size_t flt_epoch_progress_add(struct flt_epoch_progress *progress, const struct flt_epoch *epoch);

#endif
