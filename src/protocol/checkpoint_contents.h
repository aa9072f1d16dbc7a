/* A checkpoint from inside: checkpoint.c collects states, checkpoint_file.c is their file. */
#ifndef PROTOCOL_CHECKPOINT_CONTENTS_H
#define PROTOCOL_CHECKPOINT_CONTENTS_H

#include <pthread.h>

#include "protocol/checkpoint_states.h"

/* The state of one network as it was last taken, in memory of its own. */
struct flt_slot {
	struct flt_train_state state; /* points to the two below */
	float *vectors[FLT_N_STATE_VECTORS];
	struct flt_epoch *epochs;
	bool is_filled;
	size_t max_epochs;
	bool has_room; /* for max_epochs and all vectors; a loaded state has no more than it needs */
	bool is_training;
	unsigned long round; /* of writing, in which the state was taken */
};

struct flt_checkpoint {
	char *path;
	char *options, *data_sha256, *test_sha256; /* as in the file; no test: "" */
	flt_on_write_failure *on_failure;
	void *context;

	pthread_mutex_t mutex; /* guards what follows; atomics are read without it as well, and a slot by its network */
	size_t n_members;      /* 0: training has not begun */
	struct flt_slot *slots; /* (n_members) */
	double started;
	_Atomic double due;          /* when the next round opens, by the clock; infinite while one is open */
	_Atomic unsigned long round; /* networks whose state is of an older one are asked for it */
	bool is_open;                /* a round whose states are not all there */
};

/* Memory for the vectors that state has, the best, and so many epochs; what is there is freed. On failure the slot is
 * as it was. */
enum flt_status flt_slot_make_room(struct flt_slot *slot, const struct flt_train_state *state, size_t max_epochs,
                                   struct flt_error *err);
void flt_slot_fill(struct flt_slot *slot, const struct flt_train_state *state);
void flt_slot_release(struct flt_slot *slot);

/* n empty slots in place of those that are there. */
enum flt_status flt_checkpoint_make_slots(struct flt_checkpoint *checkpoint, size_t n, struct flt_error *err);

#endif
