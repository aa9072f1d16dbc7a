#include "nn/train_state.h"

static bool has_vectors(const struct flt_train_state *state, const struct flt_state_kind *kind)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		bool is_wanted = i == FLT_STATE_PARAMS || (i == FLT_STATE_BEST ? state->n_epochs > 0 : kind->has[i]);
		if (!state->vectors[i] == is_wanted)
			return false;
	}
	return true;
}

enum flt_status flt_train_state_check(const struct flt_train_state *state, const struct flt_state_kind *kind,
                                      struct flt_error *err)
{
	if (state->n_params == kind->n_params && state->n_epochs <= kind->most_epochs &&
	    state->n_epochs == state->n_steps / kind->n_batches && has_vectors(state, kind))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL,
	                "a state of %zu weights after %zu steps and %zu epochs does not belong to this training",
	                state->n_params, state->n_steps, state->n_epochs);
}
