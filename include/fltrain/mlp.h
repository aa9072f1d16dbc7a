/*
 * The network: a multilayer perceptron with one output logit. All parameters are one flat float32 vector, so that the
 * optimizer, the gradient check, the best-epoch copy and the file need no knowledge of layers.
 */
#ifndef FLTRAIN_MLP_H
#define FLTRAIN_MLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fltrain/error.h"

enum flt_activation { FLT_RELU, FLT_SELU, FLT_SILU, FLT_MISH, FLT_TANH };

enum { FLT_MAX_HIDDEN = 16 };

/* The shape of a network. No hidden layer makes a logistic regression. */
struct flt_mlp_spec {
	size_t n_in;
	size_t n_hidden;
	size_t hidden[FLT_MAX_HIDDEN];
	enum flt_activation activation;
};

struct flt_mlp; /* opaque: a spec and its parameters */

enum flt_status flt_mlp_new(const struct flt_mlp_spec *spec, struct flt_mlp **mlp, struct flt_error *err); /* zeros */
void flt_mlp_free(struct flt_mlp *mlp);
struct flt_mlp_spec flt_mlp_spec(const struct flt_mlp *mlp);
size_t flt_mlp_n_params(const struct flt_mlp *mlp);
float *flt_mlp_params(struct flt_mlp *mlp);
const float *flt_mlp_params_const(const struct flt_mlp *mlp);

/* He (relu, silu, mish) or LeCun (selu, tanh) normal weights from the seed's stream "init", zero biases but for the
 * output's. */
void flt_mlp_init(struct flt_mlp *mlp, uint64_t seed, float output_bias);

/* logit (n) of x (n, n_in), row-major. The logit of a row does not depend on the rows around it nor on n_threads,
 * to the bit. */
enum flt_status flt_mlp_predict(const struct flt_mlp *mlp, const float *x, size_t n, unsigned n_threads, float *logit,
                                struct flt_error *err);

#endif
