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

bool flt_epoch_can_be(const struct flt_epoch *epoch)
{
	const double most_ap = 1 + 1e-6; /* sums of weights in another order may differ */
	const double sums[] = {epoch->l2, epoch->loss, epoch->gradient_total, epoch->gradient_easy,
	                       epoch->gradient_positive};
	double loss = epoch->validation_loss, ap = epoch->validation_ap;
	bool is_validated = isfinite(loss) && loss >= 0 && (isnan(ap) || (ap >= 0 && ap <= most_ap));
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
		if (!isfinite(sums[i]) || sums[i] < 0)
			return false;
	return !isinf(epoch->lr) && !(epoch->lr < 0) && (is_validated || (isnan(loss) && isnan(ap)));
}

/* Squares beyond the range of float leave weights as they are, so a mean of them may be infinite. */
static bool can_be_vector(enum flt_state_vector which, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (which == FLT_STATE_SECOND ? !(x[i] >= 0) : !isfinite(x[i]))
			return false;
	return true;
}

const char *flt_train_state_fault(const struct flt_train_state *state)
{
	static const char *const words[FLT_N_STATE_VECTORS] = {[FLT_STATE_PARAMS] = "weights",
	                                                       [FLT_STATE_FIRST] = "mean gradients",
	                                                       [FLT_STATE_SECOND] = "mean squared gradients",
	                                                       [FLT_STATE_MEAN] = "average weights",
	                                                       [FLT_STATE_BEST] = "best weights"};
	for (enum flt_state_vector i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (state->vectors[i] && !can_be_vector(i, state->vectors[i], state->n_params))
			return words[i];
	for (size_t i = 0; i < sizeof state->sums / sizeof *state->sums; i++)
		if (!isfinite(state->sums[i]))
			return "sums";
	for (size_t i = 0; i < state->n_epochs; i++)
		if (!flt_epoch_can_be(&state->epochs[i]))
			return "epochs";
	return NULL;
}

static bool lacks_numbers(const struct flt_epoch *epoch, const struct flt_state_kind *kind)
{
	return (kind->has_rate && isnan(epoch->lr)) || (kind->is_validated && isnan(epoch->validation_loss)) ||
	       (kind->has_precision && isnan(epoch->validation_ap));
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
	const char *fault = flt_train_state_fault(state);
	for (size_t i = 0; i < state->n_epochs && !fault; i++)
		if (lacks_numbers(&state->epochs[i], kind))
			fault = "epochs";
	if (!fault)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL,
	                "holds %s that cannot be those of a training, so it is damaged; remove it and start over",
	                fault);
}
