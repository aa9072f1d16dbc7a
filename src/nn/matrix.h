/*
 * The linear layer, row-major. Prediction, and layers of moderate size in training, use our own product, because it
 * gives a row the same bits in any company (OpenBLAS does not) and was measured to be about twice as fast at these
 * sizes; large layers in training use CBLAS, and nothing else does. Everything runs on the calling thread.
 */
#ifndef NN_MATRIX_H
#define NN_MATRIX_H

#include <stddef.h>

#include "nn/product.h"

/* The floats that one OpenBLAS instruction handles, going by the name of the core it chose: on processors that it does
 * not know, OpenBLAS falls back to old cores. */
size_t flt_blas_lanes(void);

/* y (n, n_out) = x (n, n_in) w^T, packed (panels, n_in, FLT_PANEL) of w^T. A row of y depends on its row of x alone, to
 * the bit. */
void flt_linear_forward(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *x, const float *packed,
                        float *y);

/* dw (n_out, n_in) = dy^T x of x (n, n_in), dy (n, n_out). May read up to a panel's width beyond the end of x. */
void flt_linear_backward_weight(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *x,
                                const float *dy, float *dw);

/* dx (n, n_in) = dy w of dy (n, n_out), packed (panels, n_out, FLT_PANEL) of w. */
void flt_linear_backward_input(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *packed,
                               const float *dy, float *dx);

/* The same by CBLAS: w (n_out, n_in); dx may be NULL. */
void flt_blas_forward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, float *y);
void flt_blas_backward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, const float *dy, float *dx,
                       float *dw);

#endif
