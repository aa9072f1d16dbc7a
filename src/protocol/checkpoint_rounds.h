/*
 * How the networks of a training keep a checkpoint up to date: begin once, then each network enters, passes between any
 * two of its steps, and leaves. enter, pass and leave may be called by any thread, each network's by one at a time.
 * `training` says which training of a study; a training that is none of a study is number 0.
 */
#ifndef PROTOCOL_CHECKPOINT_ROUNDS_H
#define PROTOCOL_CHECKPOINT_ROUNDS_H

#include <stddef.h>

#include "nn/train.h"
#include "protocol/checkpoint.h"

/* n_members networks will train; a loaded state must be of as many (else FLT_ERR_MODEL). By any thread. */
enum flt_status flt_checkpoint_begin(struct flt_checkpoint *checkpoint, size_t training, size_t n_members,
                                     struct flt_error *err);

/* A network begins to train, for at most max_epochs. Returns the state to start from, valid until its first pass, or
 * NULL to start afresh. */
const struct flt_train_state *flt_checkpoint_enter(struct flt_checkpoint *checkpoint, size_t training, size_t member,
                                                   size_t max_epochs);

/* Between two steps: copies the state if a write is due, and whenever the network stops here or has ended. The first
 * pass allocates memory for the copy; the others allocate only what a write needs. */
enum flt_status flt_checkpoint_pass(struct flt_checkpoint *checkpoint, size_t training, size_t member,
                                    const struct flt_train_state *state, bool stops, struct flt_error *err);

/* Seconds to the next write, after one that took from `began` to now, in a training that began at `started`: at most
 * ten, and at most a tenth of the time trained so far, but so many that writing takes no more than a hundredth of all
 * time. */
double flt_checkpoint_pause(double started, double began, double now);

/* The network trains no more; its last state stays in the file. */
void flt_checkpoint_leave(struct flt_checkpoint *checkpoint, size_t training, size_t member);

#endif
