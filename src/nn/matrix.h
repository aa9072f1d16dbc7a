/*
 * Matrix products of float32, row-major. The only user of CBLAS. Each product runs on the calling thread.
 */
#ifndef NN_MATRIX_H
#define NN_MATRIX_H

#include <stddef.h>

/* Keeps OpenBLAS on the calling thread: before the first product. May be called any number of times, by any thread. */
void flt_blas_init(void);

/* y (n, n_out) = x (n, n_in) w^T, w (n_out, n_in) */
void flt_linear_forward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, float *y);

/* dw (n_out, n_in) = dy^T x and, unless dx is NULL, dx (n, n_in) = dy w, of dy (n, n_out). */
void flt_linear_backward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, const float *dy,
                         float *dx, float *dw);

#endif
