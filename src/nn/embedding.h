/*
 * PBLD embeddings of the numeric inputs: each becomes itself and n_out numbers that are linear in n_freq cosines of it.
 * The inputs keep their order; those that are not numeric pass through.
 */
#ifndef NN_EMBEDDING_H
#define NN_EMBEDDING_H

#include "nn/kernels.h"
#include "nn/shape.h"

/* y (n, n_first) of x (n, n_in); column (n_embedded, n) is scratch. */
void flt_embedding_forward(const struct flt_mlp *mlp, const struct flt_kernels *kernels, const float *params, size_t n,
                           const float *x, float *column, float *y);

/* Writes the embedding's gradient into its place in dparams, from dy (n, n_first). */
void flt_embedding_backward(const struct flt_mlp *mlp, const struct flt_kernels *kernels, const float *params, size_t n,
                            const float *x, float *column, const float *dy, float *dparams);

/* dx (n, n_in) of dy (n, n_first); column (n_embedded + 1, n). */
void flt_embedding_backward_input(const struct flt_mlp *mlp, const struct flt_kernels *kernels, const float *params,
                                  size_t n, const float *x, float *column, const float *dy, float *dx);

#endif
