/*
 * Epochs of networks that train side by side: they are reported in any order, and as they end. Not locked:
 * flt_hooks.on_epoch is called by one thread at a time.
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
size_t flt_epoch_log_bytes(size_t n);               /* that a log of n epochs takes */
void flt_epoch_log_sort(struct flt_epoch_log *log); /* by network, then by epoch */
void flt_epoch_log_release(struct flt_epoch_log *log);

#endif
