/* Logits of many rows, computed on a pool. */
#ifndef NN_PREDICT_H
#define NN_PREDICT_H

#include "base/pool.h"
#include "nn/pass.h"

/* Rows of one task. */
enum { FLT_TILE_ROWS = 128 };

/* passes (threads of pool), each for at least FLT_TILE_ROWS rows, or n. */
void flt_predict(const struct flt_weights *weights, struct flt_pool *pool, struct flt_pass *passes, const float *x,
                 size_t n, float *logit);

/* flt_mlp_predict by weights that were packed before, which threads may share. */
enum flt_status flt_predict_packed(const struct flt_weights *weights, const float *x, size_t n, unsigned n_threads,
                                   float *logit, struct flt_error *err);

enum flt_status flt_passes_new(const struct flt_mlp *mlp, size_t n, size_t max_rows, enum flt_use use,
                               struct flt_pass **passes, struct flt_error *err);
void flt_passes_free(struct flt_pass *passes, size_t n);

#endif
