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
	size_t large;                  /* in training, OpenBLAS multiplies layers of more weights */
	bool has_blas;                 /* a work space of OpenBLAS is reserved */
	float *memory;                 /* owned: all that follow */
	float *x;                      /* (max_rows, n_in) the caller puts the rows here before flt_pass_gradient */
	float *embedded, *scaled;      /* (max_rows, n_first); NULL if the network has none */
	float *column;                 /* (n_embedded, and to explain 1 more, max_rows) one input and its embedding */
	float *a[FLT_MAX_HIDDEN];      /* (max_rows, hidden[i]) outputs of the hidden layers */
	float *slope[FLT_MAX_HIDDEN];  /* (max_rows, hidden[i]) their derivatives; NULL when only predicting, and for
	                                  relu */
	float *da[2];                  /* (max_rows, max_width); NULL when only predicting */
	float *dx;                     /* (max_rows, n_in) NULL unless explaining */
	float *logit, *value, *dlogit; /* (max_rows) */
};

/* Dropout of one tile of rows; each layer adds its number to key. */
struct flt_dropout {
	uint64_t key;
	double probability;
};

enum flt_status flt_pass_init(struct flt_pass *pass, const struct flt_mlp *mlp, size_t max_rows, enum flt_use use,
                              struct flt_error *err);
size_t flt_pass_n_floats(const struct flt_mlp *mlp, size_t max_rows, enum flt_use use); /* its memory */
void flt_pass_release(struct flt_pass *pass);

/* To explain by several networks in turn: memory for n_floats, the most that any of them needs. flt_pass_turn_to makes
 * it the pass of one of them. */
enum flt_status flt_pass_init_shared(struct flt_pass *pass, size_t n_floats, size_t max_rows, struct flt_error *err);
void flt_pass_turn_to(struct flt_pass *pass, const struct flt_mlp *mlp);

/* Writes logit (n) of x (n, n_in) to pass->logit. A row's logit depends on its row of x alone, to the bit. */
void flt_pass_predict(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x);

/* Writes the logits of the n <= max_rows rows in pass->x to pass->logit, and their gradients by the inputs to pass->dx
 * (n, n_in). Both depend on the row alone, to the bit; the logit is that of flt_pass_predict. To explain. */
void flt_pass_input_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n);

/* The loss of the n <= max_rows rows in pass->x, added to *sums, and its gradient, written to dparams (n_params):
 * forward, loss, backward. label (n), weight (n; NULL: 1 each). factor scales the gradient (1 / rows of the batch for
 * that of the mean). dropout may be NULL. */
void flt_pass_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const uint8_t *label,
                       const float *weight, const struct flt_focal *focal, float factor,
                       const struct flt_dropout *dropout, float *dparams, struct flt_loss_sums *sums);

#endif
