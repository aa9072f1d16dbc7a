/*
 * A network's parameters as the passes read them: the flat vector, and a copy of each linear layer's weights packed
 * into the panels that the small matrix product takes. Packed once for all tiles of rows that share the parameters.
 */
#ifndef NN_WEIGHTS_H
#define NN_WEIGHTS_H

#include "base/pool.h"
#include "nn/kernels.h"
#include "nn/shape.h"

/* What a network is run for: its logits, their gradient by the inputs, or a loss's gradient by the parameters. */
enum flt_use { FLT_TO_PREDICT, FLT_TO_EXPLAIN, FLT_TO_TRAIN };

struct flt_weights {
	const struct flt_mlp *mlp; /* borrowed */
	const float *params;       /* borrowed, by flt_weights_set */
	float *memory;             /* owned: all that follow */
	/* (panels, n_in, FLT_PANEL) of w^T, for y = x w^T */
	float *forward[FLT_MAX_HIDDEN];
	/* (panels, n_out, FLT_PANEL) of w, for dx = dy w; NULL where dx is not needed */
	float *backward[FLT_MAX_HIDDEN];
};

enum flt_status flt_weights_init(struct flt_weights *weights, const struct flt_mlp *mlp, enum flt_use use,
                                 struct flt_error *err);
size_t flt_weights_n_floats(const struct flt_mlp *mlp, enum flt_use use); /* its memory */
void flt_weights_release(struct flt_weights *weights);

/* Packs params (n_params), which must stay unchanged while the weights are in use. */
void flt_weights_set(struct flt_weights *weights, const float *params, struct flt_pool *pool);

/* Packs params[begin, end) again after they changed: whole rows of each layer's weights (n_out, n_in). Threads may do
 * so side by side; ranges that start at multiples of FLT_ROWS_A_LINE rows share no cache line. */
enum { FLT_ROWS_A_LINE = 16 };

void flt_weights_renew(struct flt_weights *weights, size_t begin, size_t end);

#endif
