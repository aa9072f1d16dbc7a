/*
 * What a checkpoint is for the networks that train: each enters, passes by between its steps, and leaves. All of it may
 * be called from any thread.
 */
#ifndef PROTOCOL_CHECKPOINT_STATES_H
#define PROTOCOL_CHECKPOINT_STATES_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/checkpoint.h"
#include "nn/train.h"

/* So many networks will train; a loaded state must be of as many. */
enum flt_status flt_checkpoint_begin(struct flt_checkpoint *checkpoint, size_t n_members, struct flt_error *err);

/* A network begins to train, for so many epochs at most. Returns where to take it up, or NULL; to be copied before the
 * first step. */
const struct flt_train_state *flt_checkpoint_enter(struct flt_checkpoint *checkpoint, size_t member, size_t max_epochs);

/* Between two steps. Takes the state if a write is due, if the network stops here or has ended; the first call takes
 * memory for it, the others none but that of a write. */
enum flt_status flt_checkpoint_pass(struct flt_checkpoint *checkpoint, size_t member,
                                    const struct flt_train_state *state, bool stops, struct flt_error *err);

void flt_checkpoint_leave(struct flt_checkpoint *checkpoint, size_t member);

/* The file's bytes (flt_free), and flt_checkpoint_load from them; without the digest's check a test or fuzzer gets at
 * what lies behind it. */
enum flt_status flt_checkpoint_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                        struct flt_error *err);
enum flt_status flt_checkpoint_parse(struct flt_checkpoint *checkpoint, const uint8_t *bytes, size_t n_bytes,
                                     bool check_digest, struct flt_error *err);

#endif
