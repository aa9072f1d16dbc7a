#include "nn/optimizer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

/*
 * Neural tangent parametrisation trains V = s W, s = sqrt(n_in), instead of W, so dV = dW / s. A step of lr on V is a
 * step of lr / s on W with Adam, whose step does not depend on the gradient's size, and of lr / s^2 with SGD. Decay has
 * to make up for the smaller rate: decoupled decay is lr * decay for V and W alike; L2 adds decay * V to dV, which is
 * s^2 decay W added to dW. Adam compares its epsilon with |dV|.
 */
static void apply_ntp(const struct flt_train_options *options, double n_in, struct flt_range *range)
{
	double s = sqrt(n_in);
	range->lr_factor /= options->optimizer == FLT_SGD ? n_in : s;
	range->decay_factor *= options->optimizer == FLT_ADAMW ? s : n_in;
	range->epsilon_factor = s;
}

static bool is_weight(enum flt_group group)
{
	return group == FLT_GROUP_WEIGHT || group == FLT_GROUP_OUTPUT_WEIGHT;
}

enum flt_status flt_optimizer_init(struct flt_optimizer *optimizer, const struct flt_train_options *options,
                                   const struct flt_mlp *mlp, struct flt_error *err)
{
	memset(optimizer, 0, sizeof *optimizer);
	optimizer->kernels = flt_kernels();
	optimizer->kind = options->optimizer;
	optimizer->momentum = options->momentum;
	optimizer->beta1 = options->beta1;
	optimizer->beta2 = options->beta2;
	optimizer->epsilon = options->epsilon;
	optimizer->nesterov = options->nesterov;
	optimizer->n_params = flt_mlp_n_params(mlp);
	optimizer->n_ranges = flt_mlp_n_tensors(mlp);
	optimizer->range = flt_alloc(optimizer->n_ranges, sizeof *optimizer->range, err);
	optimizer->first = flt_alloc_aligned(optimizer->n_params, sizeof *optimizer->first, err);
	if (options->optimizer != FLT_SGD)
		optimizer->second = flt_alloc_aligned(optimizer->n_params, sizeof *optimizer->second, err);
	if (!optimizer->range || !optimizer->first || (options->optimizer != FLT_SGD && !optimizer->second)) {
		flt_optimizer_release(optimizer);
		return FLT_ERR_MACHINE;
	}
	for (size_t i = 0; i < optimizer->n_ranges; i++) {
		struct flt_tensor tensor = flt_mlp_tensor(mlp, i);
		struct flt_range *range = &optimizer->range[i];
		*range = (struct flt_range){.begin = tensor.offset,
		                            .end = tensor.offset + tensor.n_rows * tensor.n_cols,
		                            .lr_factor = options->lr_factor[tensor.group],
		                            .decay_factor = options->decay_factor[tensor.group],
		                            .epsilon_factor = 1};
		if (options->ntp && is_weight(tensor.group))
			apply_ntp(options, (double)tensor.n_cols, range);
	}
	return FLT_OK;
}

void flt_optimizer_release(struct flt_optimizer *optimizer)
{
	flt_free(optimizer->range);
	flt_free(optimizer->first);
	flt_free(optimizer->second);
	memset(optimizer, 0, sizeof *optimizer);
}

void flt_optimizer_begin(struct flt_optimizer *optimizer)
{
	double t = (double)++optimizer->n_steps;
	optimizer->first_correction = 1 - pow(optimizer->beta1, t);
	optimizer->second_root = sqrt(1 - pow(optimizer->beta2, t));
}

static void step_sgd(const struct flt_optimizer *o, const struct flt_update *update, const struct flt_range *range,
                     size_t begin, size_t n, const float *gradient, float *params)
{
	struct flt_sgd sgd = {.gradient_factor = (float)update->gradient_factor,
	                      .l2 = (float)(update->decay * range->decay_factor),
	                      .momentum = (float)o->momentum,
	                      .nesterov = o->nesterov,
	                      .rate = (float)(update->lr * range->lr_factor)};
	o->kernels->sgd(&sgd, n, gradient + begin, o->first + begin, params + begin);
}

static void step_adam(const struct flt_optimizer *o, const struct flt_update *update, const struct flt_range *range,
                      size_t begin, size_t n, const float *gradient, float *params)
{
	double lr = update->lr * range->lr_factor, decay = update->decay * range->decay_factor;
	bool decoupled = o->kind == FLT_ADAMW;
	struct flt_adam adam = {.gradient_factor = (float)update->gradient_factor,
	                        .l2 = (float)(decoupled ? 0 : decay),
	                        .keep = (float)(decoupled ? 1 - lr * decay : 1),
	                        .beta1 = (float)o->beta1,
	                        .beta2 = (float)o->beta2,
	                        .one_minus_beta1 = (float)(1 - o->beta1),
	                        .one_minus_beta2 = (float)(1 - o->beta2),
	                        .rate = (float)(lr / o->first_correction),
	                        .root_correction = (float)o->second_root,
	                        .epsilon = (float)(o->epsilon * range->epsilon_factor)};
	o->kernels->adam(&adam, n, gradient + begin, o->first + begin, o->second + begin, params + begin);
}

void flt_optimizer_step(const struct flt_optimizer *optimizer, const struct flt_update *update, size_t begin,
                        size_t end, const float *gradient, float *params)
{
	for (size_t i = 0; i < optimizer->n_ranges; i++) {
		const struct flt_range *range = &optimizer->range[i];
		size_t from = range->begin > begin ? range->begin : begin, to = range->end < end ? range->end : end;
		if (from >= to)
			continue;
		if (optimizer->kind == FLT_SGD)
			step_sgd(optimizer, update, range, from, to - from, gradient, params);
		else
			step_adam(optimizer, update, range, from, to - from, gradient, params);
	}
}
