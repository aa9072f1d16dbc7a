/*
 * A pass: the scratch of one thread for taking a block of rows forward through a network and its gradient backward.
 * Nothing is allocated after flt_pass_new.
 */
#ifndef NN_PASS_H
#define NN_PASS_H

#include "nn/kernels.h"
#include "nn/shape.h"
#include "nn/weights.h"

struct flt_pass {
	const struct flt_kernels *kernels;
	size_t max_rows;
	size_t large;  /* layers of more weights go to the BLAS in training, if it is one for this processor */
	float *memory; /* owned: all that follow */
	float *x;      /* (max_rows, n_in), where the caller puts the rows of a gradient */
	float *embedded, *scaled;      /* (max_rows, n_first); NULL where the network has none */
	float *column;                 /* (n_embedded, max_rows): one input and what it becomes, by columns */
	float *a[FLT_MAX_HIDDEN];      /* (max_rows, hidden[i]) outputs of the hidden layers */
	float *slope[FLT_MAX_HIDDEN];  /* (max_rows, hidden[i]) their derivatives; NULL when only predicting, and for
	                                  relu */
	float *da[2];                  /* (max_rows, max_width); NULL when only predicting */
	float *logit, *value, *dlogit; /* (max_rows) */
};

/* Dropout of one block of rows: the layer's number is added to key. */
struct flt_dropout {
	uint64_t key;
	double probability;
};

enum flt_status flt_pass_init(struct flt_pass *pass, const struct flt_mlp *mlp, size_t max_rows, bool backward,
                              struct flt_error *err);
size_t flt_pass_n_floats(const struct flt_mlp *mlp, size_t max_rows, bool backward); /* that it allocates */
void flt_pass_release(struct flt_pass *pass);

/* logit (n) of x (n, n_in), in pass->logit. A row's logit depends on its row of x alone, to the bit. */
void flt_pass_predict(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x);

/* The loss of the n <= max_rows rows in pass->x and its whole gradient dparams (n_params): forward, loss, backward.
 * label (n). factor multiplies the gradient (1 / rows of the batch makes it that of the mean); sums are added to.
 * dropout: NULL for none. */
void flt_pass_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const uint8_t *label,
                       const struct flt_focal *focal, float factor, const struct flt_dropout *dropout, float *dparams,
                       struct flt_loss_sums *sums);

#endif
