/*
 * The network: a multilayer perceptron with one output logit. All parameters are one flat float32 vector, so that the
 * optimizer, the gradient check, the best-epoch copy and the file need no knowledge of layers.
 *
 *   x (n, n_in) -> [embedding of the numeric inputs] -> [front scale] -> { linear -> activation } x n_hidden -> linear
 */
#ifndef NN_MLP_H
#define NN_MLP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum flt_activation { FLT_RELU, FLT_SELU, FLT_SILU, FLT_MISH, FLT_TANH, FLT_N_ACTIVATIONS };
extern const char *const flt_activation_words[];

/* How a numeric input enters the network. PBLD (Holzmueller et al. 2024): x becomes
 * [x, W cos(2 pi c x + b) + d] with its own c, b (n_frequencies), W (n_embedded - 1, n_frequencies), d. */
enum flt_embedding { FLT_EMBEDDING_NONE, FLT_EMBEDDING_PBLD, FLT_N_EMBEDDINGS };
extern const char *const flt_embedding_words[];

enum { FLT_MAX_HIDDEN = 16, FLT_MAX_PARAMS = INT_MAX }; /* BLAS counts in int */

/* The shape of a network. Without hidden layers (all zero but n_in) it is a logistic regression. */
struct flt_mlp_spec {
	size_t n_in;
	size_t n_hidden;
	size_t hidden[FLT_MAX_HIDDEN];
	enum flt_activation activation;
	bool front_scale; /* a learnable factor on each input of the first linear layer, 1 at the start */
	enum flt_embedding embedding;
	size_t n_frequencies; /* of each embedded input; unused without embedding */
	size_t n_embedded;    /* outputs of each embedded input, itself included: at least 2 */
	const bool *numeric;  /* (n_in) which inputs are embedded; NULL: all. Borrowed */
};

struct flt_mlp; /* opaque: a spec and its parameters */

/* All parameters are zero (the front scale too). Fails on shapes that are out of bounds. Copies what spec points to. */
enum flt_status flt_mlp_new(const struct flt_mlp_spec *spec, struct flt_mlp **mlp, struct flt_error *err);
void flt_mlp_free(struct flt_mlp *mlp);
struct flt_mlp_spec flt_mlp_spec(const struct flt_mlp *mlp); /* its pointers live as long as mlp */
size_t flt_mlp_n_params(const struct flt_mlp *mlp);
float *flt_mlp_params(struct flt_mlp *mlp);
const float *flt_mlp_params_const(const struct flt_mlp *mlp);

/* The tensors of the flat vector, which follow each other without gaps. Linear layers are numbered from 0; each has
 * weight (n_out, n_in), then bias (n_out), as in PyTorch. */
enum flt_group {
	FLT_GROUP_EMBEDDING,
	FLT_GROUP_SCALE,
	FLT_GROUP_WEIGHT,
	FLT_GROUP_BIAS,
	FLT_GROUP_OUTPUT_WEIGHT, /* of the last layer */
	FLT_GROUP_OUTPUT_BIAS,
	FLT_N_GROUPS
};

struct flt_tensor {
	char name[32]; /* "embedding.frequency", "scale", "layer0.weight" */
	enum flt_group group;
	size_t offset;         /* of its first number in the flat vector */
	size_t n_rows, n_cols; /* n_cols is 1 for a vector */
};

size_t flt_mlp_n_tensors(const struct flt_mlp *mlp);
struct flt_tensor flt_mlp_tensor(const struct flt_mlp *mlp, size_t i);

/* logit (n) of x (n, n_in), row-major. The logit of a row does not depend on the rows around it nor on n_threads,
 * to the bit. */
enum flt_status flt_mlp_predict(const struct flt_mlp *mlp, const float *x, size_t n, unsigned n_threads, float *logit,
                                struct flt_error *err);

#endif
