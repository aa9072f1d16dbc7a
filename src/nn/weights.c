#include "nn/weights.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/product.h"

static size_t n_panels(size_t n)
{
	return (n + FLT_PANEL - 1) / FLT_PANEL;
}

/* Hands out the two copies of each layer; with memory NULL it only counts. */
static size_t lay_out(struct flt_weights *weights, bool backward)
{
	const struct flt_mlp *mlp = weights->mlp;
	bool front = mlp->spec.front_scale || mlp->embedding.n_numeric;
	size_t used = 0;
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		const struct flt_linear *linear = &mlp->linear[i];
		if (weights->memory)
			weights->forward[i] = weights->memory + used;
		used += n_panels(linear->n_out) * linear->n_in * FLT_PANEL;
		if (!backward || (i == 0 && !front))
			continue;
		if (weights->memory)
			weights->backward[i] = weights->memory + used;
		used += n_panels(linear->n_in) * linear->n_out * FLT_PANEL;
	}
	return used;
}

enum flt_status flt_weights_init(struct flt_weights *weights, const struct flt_mlp *mlp, bool backward,
                                 struct flt_error *err)
{
	*weights = (struct flt_weights){.mlp = mlp};
	/* Zeroed: what lies beyond the last column of the last panel stays 0. */
	weights->memory = flt_alloc_aligned(lay_out(weights, backward), sizeof *weights->memory, err);
	if (!weights->memory)
		return FLT_ERR_MACHINE;
	lay_out(weights, backward);
	return FLT_OK;
}

void flt_weights_release(struct flt_weights *weights)
{
	flt_free(weights->memory);
	*weights = (struct flt_weights){0};
}

/* to (panels, n_in, FLT_PANEL) = w^T of w (n_out, n_in), a few inputs at a time so that what is written stays near. */
static void pack_transposed(size_t n_in, size_t n_out, const float *w, float *to)
{
	enum { INPUTS = 64 };
	for (size_t begin = 0; begin < n_in; begin += INPUTS) {
		size_t end = begin + INPUTS < n_in ? begin + INPUTS : n_in;
		for (size_t j = 0; j < n_out; j++) {
			float *column = to + j / FLT_PANEL * n_in * FLT_PANEL + j % FLT_PANEL;
			for (size_t i = begin; i < end; i++)
				column[i * FLT_PANEL] = w[j * n_in + i];
		}
	}
}

/* to (panels, n_out, FLT_PANEL) = w (n_out, n_in) */
static void pack(size_t n_in, size_t n_out, const float *w, float *to)
{
	for (size_t j = 0; j < n_out; j++, w += n_in)
		for (size_t i = 0; i < n_in; i += FLT_PANEL) {
			size_t n = n_in - i < FLT_PANEL ? n_in - i : FLT_PANEL;
			memcpy(to + i * n_out + j * FLT_PANEL, w + i, n * sizeof *w);
		}
}

static void pack_layer(void *context, size_t task, size_t worker)
{
	(void)worker;
	const struct flt_weights *weights = context;
	size_t i = task / 2;
	const struct flt_linear *linear = &weights->mlp->linear[i];
	const float *w = weights->params + linear->weight;
	if (task % 2 == 0)
		pack_transposed(linear->n_in, linear->n_out, w, weights->forward[i]);
	else if (weights->backward[i])
		pack(linear->n_in, linear->n_out, w, weights->backward[i]);
}

void flt_weights_set(struct flt_weights *weights, const float *params, struct flt_pool *pool)
{
	enum { WORTH_SHARING = 1 << 16 };
	size_t n_tasks = 2 * weights->mlp->spec.n_hidden;
	weights->params = params;
	if (weights->mlp->n_params >= WORTH_SHARING)
		flt_pool_run(pool, n_tasks, pack_layer, weights);
	else
		for (size_t task = 0; task < n_tasks; task++)
			pack_layer(weights, task, 0);
}
