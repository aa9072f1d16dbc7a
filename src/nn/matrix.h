/*
 * The linear layer by our own product, row-major: for prediction, and for layers of moderate size in training, because
 * it gives a row the same bits in any company (OpenBLAS does not) and was measured to be about twice as fast at these
 * sizes. Large layers in training use OpenBLAS (nn/blas.h), and nothing else does.
 */
#ifndef NN_MATRIX_H
#define NN_MATRIX_H

#include <stddef.h>

#include "nn/product.h"

/* y (n, n_out) = x (n, n_in) w^T, packed (panels, n_in, FLT_PANEL) of w^T. A row of y depends on its row of x alone, to
 * the bit. */
void flt_linear_forward(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *x, const float *packed,
                        float *y);

/* The rows [begin, end) of dw (n_out, n_in) = dy^T x of x (n, n_in), dy (n, n_out), each with the same bits in any
 * company. May read up to a panel's width beyond the end of x. */
void flt_linear_backward_weight(flt_product *product, size_t n, size_t n_in, size_t n_out, size_t begin, size_t end,
                                const float *x, const float *dy, float *dw);

/* dx (n, n_in) = dy w of dy (n, n_out), packed (panels, n_out, FLT_PANEL) of w. */
void flt_linear_backward_input(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *packed,
                               const float *dy, float *dx);

#endif
