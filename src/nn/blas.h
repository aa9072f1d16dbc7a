/*
 * OpenBLAS, opened when the first layer is wide enough to need it, and never by scoring: a program that links this
 * library starts none of its threads. It runs on the calling thread. Open it before any other call but flt_blas_open.
 *
 * Each product takes a work space that OpenBLAS maps when it is first needed, and where it cannot, it tries again for
 * ever. So every thread reserves one before it multiplies.
 */
#ifndef NN_BLAS_H
#define NN_BLAS_H

#include <stddef.h>

#include "base/error.h"

/* Opens it; once it is open, this does nothing. Sets OPENBLAS_NUM_THREADS in the environment, or OpenBLAS would start
 * a thread for each processor. From any thread. */
enum flt_status flt_blas_open(struct flt_error *err);

/* The floats that one OpenBLAS instruction handles, going by the name of the core it chose: on processors that it does
 * not know, OpenBLAS falls back to old cores. */
size_t flt_blas_lanes(void);

/* Makes sure that one more thread can multiply; gives that up. From any thread. */
enum flt_status flt_blas_reserve(struct flt_error *err);
void flt_blas_unreserve(void);

/* y (n, n_out) = x (n, n_in) w^T of w (n_out, n_in). */
void flt_blas_forward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, float *y);

/* Of dy (n, n_out): dw (n_out, n_in) = dy^T x; dx (n, n_in) = dy w. */
void flt_blas_backward_weight(size_t n, size_t n_in, size_t n_out, const float *x, const float *dy, float *dw);
void flt_blas_backward_input(size_t n, size_t n_in, size_t n_out, const float *w, const float *dy, float *dx);

#endif
