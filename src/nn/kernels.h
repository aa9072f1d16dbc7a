/*
 * The elementwise passes of a network, vectorised by the compiler: one body (kernels_body.h) compiled for several
 * instruction sets, chosen at run time. All versions give the same bits, since none fuses a product and a sum; the one
 * exception is the matrix product, which does so where the instruction set can.
 *
 * Arrays are row-major, their shapes in brackets. Outputs never overlap inputs.
 */
#ifndef NN_KERNELS_H
#define NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "nn/mlp.h"
#include "nn/product.h"

/* The focal loss in float32, gamma split so that (1 - p_t)^gamma keeps its relative accuracy. */
struct flt_focal {
	float gamma;
	unsigned long whole; /* floor of gamma */
	float rest;          /* gamma - whole, less 1/2 if `half` */
	int half;
	float weight_positive, weight_negative;
};

/* Sums over rows, each times its weight, in double. */
struct flt_loss_sums {
	double loss;
	double total, easy, positive; /* of |dL/dz|: all rows, those with p_t > 0.9, positives */
};

void flt_loss_sums_add(struct flt_loss_sums *total, const struct flt_loss_sums *sums);

struct flt_adam {
	float gradient_factor; /* clipping */
	float l2, keep;        /* g += l2 w; w *= keep */
	float beta1, beta2, one_minus_beta1, one_minus_beta2;
	float rate;            /* lr / (1 - beta1^t) */
	float root_correction; /* sqrt(1 - beta2^t) */
	float epsilon;
};

struct flt_sgd {
	float gradient_factor;
	float l2;
	float momentum;
	int nesterov;
	float rate;
};

/* Rows of a matrix (, n_in): the first n, or those named. */
struct flt_row_span {
	size_t n, n_in;
	const float *x;
	const size_t *rows; /* (n) NULL: the first n */
};

typedef void flt_activate(size_t n, size_t n_out, const float *bias, float *a, float *slope);

struct flt_kernels {
	const char *name;
	flt_product *product;
	size_t lanes; /* floats that one instruction of product handles */
	size_t large; /* weights of a layer above which a BLAS with as many lanes was measured to be faster */

	/* a (n, n_out): in x w^T, out f(x w^T + bias); slope (n, n_out) gets f' there, unless NULL. bias (n_out).
	 * relu writes no slope: it follows from a. */
	flt_activate *activate_forward[FLT_N_ACTIVATIONS];
	/* dz (n, n_out) = da slope, overwriting da. */
	void (*activate_backward)(size_t n, size_t n_out, const float *slope, float *dz);
	/* The same for relu, whose slope is factor (dropout's; 1 without) where a > 0. */
	void (*relu_backward)(size_t n, size_t n_out, float factor, const float *a, float *dz);
	/* The same without dropout, to explain: what is dropped is 0 even of an infinite dz. */
	void (*relu_backward_input)(size_t n, size_t n_out, const float *a, float *dz);

	/* sum (n_cols) = the sums over n rows, which are stride apart, of x, or of factor (n) x unless that is NULL,
	 * added in the order of the rows: a column's has the same bits in any company. */
	void (*column_sums)(size_t n, size_t n_cols, size_t stride, const float *x, const float *factor, float *sum);

	/* Keeps each of a and slope (n) with probability 1 - drop / 2^32, times factor; else 0. slope may be NULL. */
	void (*dropout)(size_t n, uint64_t key, uint32_t drop, float factor, float *a, float *slope);

	/* y (n, n_in) = x scale, scale (n_in) */
	void (*scale_forward)(size_t n, size_t n_in, const float *x, const float *scale, float *y);
	/* dx = dy scale, overwriting dy (n, n_in); dscale (n_in) = column sums of dy x. */
	void (*scale_backward)(size_t n, size_t n_in, const float *x, const float *scale, float *dy, float *dscale);

	/* logit (n) = x (n, n_in) w + bias */
	void (*output_forward)(size_t n, size_t n_in, const float *x, const float *w, float bias, float *logit);
	/* dx (n, n_in) = dlogit (n) w (n_in); of dlogit 1 */
	void (*output_backward)(size_t n, size_t n_in, const float *w, const float *dlogit, float *dx);
	void (*output_backward_input)(size_t n, size_t n_in, const float *w, float *dx);

	/* One input, n_freq frequencies: out (n_out, n) = weight (n_out, n_freq) cos(2 pi frequency x + phase) + bias.
	 */
	void (*periodic_forward)(size_t n, size_t n_freq, size_t n_out, const float *x, const float *frequency,
	                         const float *phase, const float *weight, const float *bias, float *out);
	void (*periodic_backward)(size_t n, size_t n_freq, size_t n_out, const float *x, const float *frequency,
	                          const float *phase, const float *weight, const float *dout, float *dfrequency,
	                          float *dphase, float *dweight, float *dbias);
	/* dx (n) += the gradient by the input, of dout (n_out, n) */
	void (*periodic_backward_input)(size_t n, size_t n_freq, size_t n_out, const float *x, const float *frequency,
	                                const float *phase, const float *weight, const float *dout, float *dx);

	/* value (n) and gradient (n) = factor dL/dz of logit (n), label (n), weight (n; NULL: 1 each); the rows' sums
	 * are added to *sums. */
	void (*focal)(const struct flt_focal *focal, size_t n, const float *logit, const uint8_t *label,
	              const float *weight, float factor, float *value, float *gradient, struct flt_loss_sums *sums);

	/* In double, for linear models: out (n) = x vector + its last, vector (n_in + 1). */
	void (*project)(const struct flt_row_span *span, const double *vector, double *out);
	/* sum (n_in + 1) += x^T factor, and the sum of factor (n) to the last; the same with the squares of x. */
	void (*combine)(const struct flt_row_span *span, const double *factor, double *sum);
	void (*combine_squares)(const struct flt_row_span *span, const double *factor, double *sum);

	/* p (n) = sigmoid(x) and q (n) = sigmoid(-x), with x taken for no farther from 0 than 80, so that neither is 0
	 */
	void (*sigmoid)(size_t n, const float *x, float *p, float *q);
	void (*add)(size_t n, const float *x, float *sum);
	double (*sum_of_squares)(size_t n, const float *x);
	void (*adam)(const struct flt_adam *adam, size_t n, const float *gradient, float *m, float *v, float *w);
	void (*sgd)(const struct flt_sgd *sgd, size_t n, const float *gradient, float *buffer, float *w);
	void (*average)(size_t n, float keep, const float *w, float *mean); /* mean += (1 - keep) (w - mean) */
};

/* The fastest that this processor can run. */
const struct flt_kernels *flt_kernels(void);

/* All that this processor can run, the plain one first; NULL after the last. */
const struct flt_kernels *flt_kernels_number(size_t i);

struct flt_focal flt_focal_of(double gamma, double weight_positive, double weight_negative);

#endif
