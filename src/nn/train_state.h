/* Whether the state of a training, which may come from a damaged file, can be one of this training. */
#ifndef NN_TRAIN_STATE_H
#define NN_TRAIN_STATE_H

#include "nn/train.h"

/* What a training's states are like. */
struct flt_state_kind {
	size_t n_params, n_batches; /* steps of an epoch */
	size_t most_epochs;
	bool has_rate;                 /* epochs have a learning rate */
	bool is_validated;             /* a validation loss */
	bool has_precision;            /* and an average precision */
	bool has[FLT_N_STATE_VECTORS]; /* FLT_STATE_PARAMS is there always, FLT_STATE_BEST after an epoch: not read */
};

/* Whether some training can have such an epoch: its numbers are finite and not below 0, or NaN where it has none. */
bool flt_epoch_can_be(const struct flt_epoch *epoch);

/* What of the state, in words, no training that goes on can have; NULL: nothing. A training that diverges is in such a
 * state just before it is found out. */
const char *flt_train_state_fault(const struct flt_train_state *state);

/* FLT_ERR_MODEL if it cannot; the sentence has no subject. */
enum flt_status flt_train_state_check(const struct flt_train_state *state, const struct flt_state_kind *kind,
                                      struct flt_error *err);

#endif
