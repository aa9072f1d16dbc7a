#include "nn/train_state.h"

#include <math.h>

static bool has_vectors(const struct flt_train_state *state, const struct flt_state_kind *kind)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		bool is_wanted = i == FLT_STATE_PARAMS || (i == FLT_STATE_BEST ? state->n_epochs > 0 : kind->has[i]);
		if (!state->vectors[i] == is_wanted)
			return false;
	}
	return true;
}

static bool has_nan(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isnan(x[i]))
			return true;
	return false;
}

static bool epoch_has_nan(const struct flt_epoch *epoch, const struct flt_state_kind *kind)
{
	return isnan(epoch->loss + epoch->gradient_total + epoch->gradient_easy + epoch->gradient_positive) ||
	       (kind->has_rate && isnan(epoch->lr)) ||
	       (kind->is_validated && isnan(epoch->validation_loss + epoch->validation_ap));
}

/* What of the state holds NaN; NULL: nothing. */
static const char *find_nan(const struct flt_train_state *state, const struct flt_state_kind *kind)
{
	static const char *const words[FLT_N_STATE_VECTORS] = {[FLT_STATE_PARAMS] = "weights",
	                                                       [FLT_STATE_FIRST] = "mean gradients",
	                                                       [FLT_STATE_SECOND] = "mean squared gradients",
	                                                       [FLT_STATE_MEAN] = "average weights",
	                                                       [FLT_STATE_BEST] = "best weights"};
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (state->vectors[i] && has_nan(state->vectors[i], state->n_params))
			return words[i];
	for (size_t i = 0; i < sizeof state->sums / sizeof *state->sums; i++)
		if (isnan(state->sums[i]))
			return "sums";
	for (size_t i = 0; i < state->n_epochs; i++)
		if (epoch_has_nan(&state->epochs[i], kind))
			return "epochs";
	return NULL;
}

enum flt_status flt_train_state_check(const struct flt_train_state *state, const struct flt_state_kind *kind,
                                      struct flt_error *err)
{
	bool belongs = state->n_params == kind->n_params && state->n_epochs <= kind->most_epochs &&
	               state->n_epochs == state->n_steps / kind->n_batches && has_vectors(state, kind);
	if (!belongs)
		return flt_fail(
		        err, FLT_ERR_MODEL,
		        "a state of %zu weights after %zu steps and %zu epochs does not belong to this training",
		        state->n_params, state->n_steps, state->n_epochs);
	const char *nan = find_nan(state, kind);
	if (nan)
		return flt_fail(
		        err, FLT_ERR_MODEL,
		        "holds a state with NaN among its %s, so it is damaged; remove it and train from the start",
		        nan);
	return FLT_OK;
}
