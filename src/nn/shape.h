/* Where each tensor of a network lies in its flat vector of parameters. */
#ifndef NN_SHAPE_H
#define NN_SHAPE_H

#include "nn/mlp.h"

struct flt_linear {
	size_t n_in, n_out;
	size_t weight, bias; /* offsets */
};

struct flt_embedding_shape {
	size_t n_numeric; /* embedded inputs; 0: no embedding, and the members below are 0 */
	size_t n_freq;
	size_t n_out;                          /* outputs beside x itself, for each embedded input */
	size_t frequency, phase, weight, bias; /* offsets */
};

enum { FLT_MAX_TENSORS = 5 + 2 * (FLT_MAX_HIDDEN + 1) };

struct flt_mlp {
	struct flt_mlp_spec spec;
	bool *numeric; /* (spec.n_in) owned; NULL without embedding */
	struct flt_embedding_shape embedding;
	size_t n_first; /* inputs of the first linear layer */
	size_t scale;   /* offset of the front scale (n_first), if spec.front_scale */
	size_t n_linear;
	struct flt_linear linear[FLT_MAX_HIDDEN + 1];
	size_t max_width; /* the widest layer, its input included */
	size_t n_tensors;
	struct flt_tensor tensor[FLT_MAX_TENSORS];
	size_t n_params;
	float *params; /* (n_params) */
};

/* Whether something comes before the first linear layer. */
static inline bool flt_mlp_has_front(const struct flt_mlp *mlp)
{
	return mlp->spec.front_scale || mlp->embedding.n_numeric > 0;
}

/* How parameters are initialised. */
struct flt_start {
	uint64_t seed;
	float output_bias;
	bool zero_output_weight;
	bool ntp; /* weights N(0, 1 / n_in), biases N(0, 1), whatever the activation */
	double frequency_sigma;
};

/* Fills *mlp except for params, which stays NULL; fails as flt_mlp_new does. Release it with flt_mlp_release. */
enum flt_status flt_mlp_lay_out(const struct flt_mlp_spec *spec, struct flt_mlp *mlp, struct flt_error *err);
void flt_mlp_release(struct flt_mlp *mlp);

/* Sets all parameters, the weights of the hidden layers with the seed's streams "init": He normal (relu, silu, mish) or
 * LeCun normal (selu, tanh). */
void flt_mlp_start(struct flt_mlp *mlp, const struct flt_start *start);

#endif
