/*
 * Optimizers on the flat vector of parameters, in PyTorch's conventions. Each tensor has its own rate and decay. Any
 * range of parameters can be updated by itself, so threads can share the work.
 */
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include "nn/kernels.h"
#include "nn/train.h"

struct flt_range {
	size_t begin, end;
	double lr_factor, decay_factor, epsilon_factor;
};

struct flt_optimizer {
	const struct flt_kernels *kernels;
	enum flt_optimizer_kind kind;
	double momentum, beta1, beta2, epsilon;
	bool nesterov;
	size_t n_ranges;
	struct flt_range *range; /* (n_ranges) owned; they cover the vector in order */
	size_t n_params;
	float *first,
	        *second; /* (n_params) owned: momentum buffer or mean of gradients; mean of their squares (adam) */
	unsigned long n_steps;
	double first_correction, second_root; /* adam: 1 - beta1^t and sqrt(1 - beta2^t) of this step */
};

enum flt_status flt_optimizer_init(struct flt_optimizer *optimizer, const struct flt_train_options *options,
                                   const struct flt_mlp *mlp, struct flt_error *err);
void flt_optimizer_release(struct flt_optimizer *optimizer);

/* One step's settings, the same for all parameters. */
struct flt_update {
	double lr, decay;
	double gradient_factor; /* clipping */
};

/* Starts a step. */
void flt_optimizer_begin(struct flt_optimizer *optimizer);
/* Updates params[begin, end) for this step. */
void flt_optimizer_step(const struct flt_optimizer *optimizer, const struct flt_update *update, size_t begin,
                        size_t end, const float *gradient, float *params);

#endif
