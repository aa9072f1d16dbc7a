/*
 * The memory of a checkpoint: of each training that is under way one slot per network, with a copy of its last state;
 * of each that has ended its result.
 */
#ifndef PROTOCOL_CHECKPOINT_SLOTS_H
#define PROTOCOL_CHECKPOINT_SLOTS_H

#include <pthread.h>

#include "base/text.h"
#include "nn/train.h"
#include "protocol/checkpoint_results.h"
#include "ranks/ranks.h"

struct flt_slot {
	struct flt_train_state state; /* points to vectors and epochs */
	float *vectors[FLT_N_STATE_VECTORS];
	struct flt_epoch *epochs;
	bool is_filled;
	size_t max_epochs;
	bool has_room;       /* for all vectors and max_epochs; a loaded state has no more room than it needs */
	bool is_moving;      /* between its first step and its last */
	unsigned long round; /* in which the state was copied */
	bool is_news;        /* other ranks do not have this state yet */
};

struct flt_kept_training {
	size_t n_members;       /* 0: it has not begun, or has ended */
	struct flt_slot *slots; /* (n_members) */
	bool has_ended;
	struct flt_training_result result; /* once it has ended; owned */
	bool is_news;                      /* other ranks do not have the result yet */
};

struct flt_checkpoint {
	char *path;                                          /* NULL: it is kept in memory only */
	struct flt_ranks *ranks;                             /* NULL: this process works alone */
	char *command, *options, *data_sha256, *test_sha256; /* as in the file; without a test file "" */
	struct flt_shown other_kernels; /* those of the state that was loaded, unless they are this machine's */
	struct flt_shown odd_kernels;   /* of another rank, likewise, and which */
	size_t odd_rank;
	flt_on_write_failure *on_failure;
	void *context;

	/* The mutex guards all that follows. Atomics may be read without it, and a slot by its own network. */
	pthread_mutex_t mutex;
	pthread_cond_t moved;                /* a state was copied, a network has left, or a write has ended */
	size_t most_trainings;               /* that a file can hold */
	size_t n_trainings;                  /* 1 but for a study */
	struct flt_kept_training *trainings; /* (n_trainings) */
	double started;                      /* on the clock, like the next two */
	double affordable;                   /* from when on a write keeps within its share of the time */
	_Atomic double due;                  /* when the next round opens; infinite while one is open or written */
	_Atomic unsigned long round;         /* networks whose state is of an older round are asked for it */
	bool is_open;                        /* some states of this round are missing */
};

/* Allocates memory for the vectors that state has, the best one, and max_epochs; frees what the slot held. On failure
 * the slot is unchanged. */
enum flt_status flt_slot_make_room(struct flt_slot *slot, const struct flt_train_state *state, size_t max_epochs,
                                   struct flt_error *err);
void flt_slot_fill(struct flt_slot *slot, const struct flt_train_state *state); /* copies it; there must be room */

/* Gives the training, which has neither slots nor a result, n empty slots. */
enum flt_status flt_kept_training_make_slots(struct flt_kept_training *training, size_t n, struct flt_error *err);

/* Replaces slots by a copy of the result. On failure nothing has changed. */
enum flt_status flt_kept_training_end(struct flt_kept_training *training, const struct flt_training_result *result,
                                      struct flt_error *err);

/* Replaces all trainings by n that have not begun. On failure they are unchanged. */
enum flt_status flt_checkpoint_make_trainings(struct flt_checkpoint *checkpoint, size_t n, struct flt_error *err);
void flt_checkpoint_release_trainings(struct flt_checkpoint *checkpoint);

#endif
