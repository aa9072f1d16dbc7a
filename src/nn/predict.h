/* Logits of many rows, computed on a pool. */
#ifndef NN_PREDICT_H
#define NN_PREDICT_H

#include "base/pool.h"
#include "nn/pass.h"

/* Rows of one task. */
enum { FLT_TILE_ROWS = 128 };

/* logit (n) of the rows of x that have these numbers (n), or of its first n (NULL). passes (threads of pool), each for
 * at least FLT_TILE_ROWS rows, or n; with numbers they must be for training. */
void flt_predict(const struct flt_weights *weights, struct flt_pool *pool, struct flt_pass *passes, const float *x,
                 const uint32_t *numbers, size_t n, float *logit);

/* Threads, and a pass for each, for several networks in turn: made once, since zeroed memory takes longer than a few
 * rows of a small network. */
struct flt_predictor {
	struct flt_pool *pool;
	struct flt_pass *passes; /* (threads of pool) */
};

/* For tiles of max_rows, and networks whose passes need up to n_floats (flt_predictor_n_floats). Release it whatever
 * that returned. */
enum flt_status flt_predictor_init(struct flt_predictor *predictor, size_t n_floats, size_t max_rows,
                                   unsigned n_threads, struct flt_error *err);
void flt_predictor_release(struct flt_predictor *predictor); /* a zeroed one is fine */
size_t flt_predictor_n_floats(const struct flt_mlp *mlp, size_t max_rows);

/* flt_mlp_predict of n <= max_rows rows by weights that were packed before. */
void flt_predictor_run(struct flt_predictor *predictor, const struct flt_weights *weights, const float *x, size_t n,
                       float *logit);

enum flt_status flt_passes_new(const struct flt_mlp *mlp, size_t n, size_t max_rows, enum flt_use use,
                               struct flt_pass **passes, struct flt_error *err);
void flt_passes_free(struct flt_pass *passes, size_t n);

#endif
