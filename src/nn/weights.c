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

/* The elements begin .. end of w (n_out, n_in) to forward (panels, n_in, FLT_PANEL) and backward (panels, n_out,
 * FLT_PANEL), if there is one. */
static void pack(const struct flt_linear *linear, const float *w, size_t begin, size_t end, float *forward,
                 float *backward)
{
	size_t n_in = linear->n_in, n_out = linear->n_out;
	for (size_t at = begin; at < end;) {
		size_t j = at / n_in, i = at % n_in, last = end - at < n_in - i ? i + (end - at) : n_in;
		float *column = forward + j / FLT_PANEL * n_in * FLT_PANEL + j % FLT_PANEL;
		const float *row = w + j * n_in;
		at += last - i;
		for (size_t input = i; input < last; input++)
			column[input * FLT_PANEL] = row[input];
		while (backward && i < last) {
			size_t n = FLT_PANEL - i % FLT_PANEL < last - i ? FLT_PANEL - i % FLT_PANEL : last - i;
			memcpy(backward + i / FLT_PANEL * n_out * FLT_PANEL + j * FLT_PANEL + i % FLT_PANEL, row + i,
			       n * sizeof *row);
			i += n;
		}
	}
}

void flt_weights_renew(struct flt_weights *weights, size_t begin, size_t end)
{
	for (size_t i = 0; i < weights->mlp->spec.n_hidden; i++) {
		const struct flt_linear *linear = &weights->mlp->linear[i];
		size_t first = linear->weight, behind = first + linear->n_in * linear->n_out;
		size_t from = begin > first ? begin : first, to = end < behind ? end : behind;
		if (from < to)
			pack(linear, weights->params + first, from - first, to - first, weights->forward[i],
			     weights->backward[i]);
	}
}

enum { RENEWED_AT_ONCE = 1 << 14 };

static void renew_some(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct flt_weights *weights = context;
	size_t begin = task * RENEWED_AT_ONCE, left = weights->mlp->n_params - begin;
	flt_weights_renew(weights, begin, begin + (left < RENEWED_AT_ONCE ? left : RENEWED_AT_ONCE));
}

void flt_weights_set(struct flt_weights *weights, const float *params, struct flt_pool *pool)
{
	weights->params = params;
	flt_pool_run(pool, (weights->mlp->n_params + RENEWED_AT_ONCE - 1) / RENEWED_AT_ONCE, renew_some, weights);
}
