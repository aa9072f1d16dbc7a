/*
 * The memory of a checkpoint: one slot per network, with a copy of its last state.
 */
#ifndef PROTOCOL_CHECKPOINT_SLOTS_H
#define PROTOCOL_CHECKPOINT_SLOTS_H

#include <pthread.h>

#include "base/text.h"
#include "nn/train.h"
#include "protocol/checkpoint.h"

struct flt_slot {
	struct flt_train_state state; /* points to vectors and epochs */
	float *vectors[FLT_N_STATE_VECTORS];
	struct flt_epoch *epochs;
	bool is_filled;
	size_t max_epochs;
	bool has_room; /* for all vectors and max_epochs; a loaded state has no more room than it needs */
	bool is_training;
	unsigned long round; /* in which the state was copied */
};

struct flt_checkpoint {
	char *path;
	char *options, *data_sha256, *test_sha256; /* as in the file; without a test file "" */
	struct flt_shown other_kernels; /* those of the state that was loaded, unless they are this machine's */
	flt_on_write_failure *on_failure;
	void *context;

	/* The mutex guards all that follows. Atomics may be read without it, and a slot by its own network. */
	pthread_mutex_t mutex;
	size_t n_members;       /* 0: training has not begun */
	struct flt_slot *slots; /* (n_members) */
	double started;
	_Atomic double due;          /* when the next round opens, by the clock; infinite while one is open */
	_Atomic unsigned long round; /* networks whose state is of an older round are asked for it */
	bool is_open;                /* some states of this round are missing */
};

/* Allocates memory for the vectors that state has, the best one, and max_epochs; frees what the slot held. On failure
 * the slot is unchanged. */
enum flt_status flt_slot_make_room(struct flt_slot *slot, const struct flt_train_state *state, size_t max_epochs,
                                   struct flt_error *err);
void flt_slot_fill(struct flt_slot *slot, const struct flt_train_state *state); /* copies it; there must be room */

/* Replaces all slots by n empty ones. On failure they are unchanged. */
enum flt_status flt_checkpoint_make_slots(struct flt_checkpoint *checkpoint, size_t n, struct flt_error *err);
void flt_checkpoint_release_slots(struct flt_checkpoint *checkpoint);

#endif
