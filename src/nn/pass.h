/*
 * A pass: one thread's scratch for the forward pass of a tile of rows through a network, and for the backward pass of
 * its gradient. Nothing is allocated after flt_pass_init.
 */
#ifndef NN_PASS_H
#define NN_PASS_H

#include <stdbool.h>

#include "nn/kernels.h"
#include "nn/shape.h"
#include "nn/weights.h"

struct flt_pass {
	const struct flt_kernels *kernels;
	size_t max_rows;
	size_t large;                 /* in training, OpenBLAS multiplies layers of more weights */
	bool has_blas;                /* a work space of OpenBLAS is reserved */
	float *memory;                /* owned: all that follow */
	float *x;                     /* (max_rows, n_in) the caller puts the rows here before flt_pass_gradient */
	float *embedded, *scaled;     /* (max_rows, n_first); NULL if the network has none */
	float *column;                /* (n_embedded, and to explain 1 more, max_rows) one input and its embedding */
	float *a[FLT_MAX_HIDDEN];     /* (max_rows, hidden[i]) outputs of the hidden layers */
	float *slope[FLT_MAX_HIDDEN]; /* (max_rows, hidden[i]) their derivatives; NULL when only predicting, and for
	                                 relu */
	float *dz[FLT_MAX_HIDDEN];    /* (max_rows, hidden[i]) gradients by what enters the hidden layers' activations;
	                                 NULL when only predicting */
	float *dfirst; /* (max_rows, n_first) that by the first linear layer's input; NULL unless needed */
	float *dx;     /* (max_rows, n_in) NULL unless explaining */
	float *logit, *value, *dlogit; /* (max_rows) */
};

/* Dropout of one tile of rows; each layer adds its number to key. */
struct flt_dropout {
	uint64_t key;
	double probability;
	size_t first_row; /* the first of the rows at hand, of those of the tile */
};

enum flt_status flt_pass_init(struct flt_pass *pass, const struct flt_mlp *mlp, size_t max_rows, enum flt_use use,
                              struct flt_error *err);
size_t flt_pass_n_floats(const struct flt_mlp *mlp, size_t max_rows, enum flt_use use); /* its memory */
void flt_pass_release(struct flt_pass *pass);

/* For several networks in turn: memory for n_floats, the most that any of them needs for max_rows and its use, which is
 * not to train. flt_pass_turn_to makes it the pass of one of them. */
enum flt_status flt_pass_init_shared(struct flt_pass *pass, size_t n_floats, size_t max_rows, struct flt_error *err);
void flt_pass_turn_to(struct flt_pass *pass, const struct flt_mlp *mlp, enum flt_use use);

/* Writes logit (n) of x (n, n_in) to pass->logit. A row's logit depends on its row of x alone, to the bit. */
void flt_pass_predict(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x);

/* Writes the logits of the n <= max_rows rows in pass->x to pass->logit, and their gradients by the inputs to pass->dx
 * (n, n_in). Both depend on the row alone, to the bit; the logit is that of flt_pass_predict. To explain. */
void flt_pass_input_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n);

/* What is lost by rows in pass->x, and how much that counts. */
struct flt_pass_loss {
	const uint8_t *label; /* (rows) */
	const float *weight;  /* (rows) NULL: 1 each */
	const struct flt_focal *focal;
	float factor;               /* scales the gradient: 1 / rows of the batch for that of the mean */
	struct flt_dropout dropout; /* of the tile of rows; probability 0: none */
};

/* The loss of the n <= max_rows rows in pass->x, added to *sums, and its gradient, written to dparams (n_params):
 * forward, loss, backward. */
void flt_pass_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n,
                       const struct flt_pass_loss *loss, float *dparams, struct flt_loss_sums *sums);

/* The same by several threads, where flt_pass_is_divisible. First each takes some of the rows: [begin, begin + n) of
 * pass->x, label and weight. Then each takes some of the gradient: of all n rows the parameters [begin, end), whole
 * rows of each tensor. The loss may be asked for in between. All have the bits that flt_pass_gradient gives them. */
bool flt_pass_is_divisible(const struct flt_pass *pass, const struct flt_mlp *mlp);
void flt_pass_some_rows(struct flt_pass *pass, const struct flt_weights *weights, size_t begin, size_t n,
                        const struct flt_pass_loss *loss);
void flt_pass_some_gradient(struct flt_pass *pass, const struct flt_mlp *mlp, size_t n, size_t begin, size_t end,
                            float *dparams);
void flt_pass_sum_loss(struct flt_pass *pass, size_t n, const struct flt_pass_loss *loss, struct flt_loss_sums *sums);

#endif
