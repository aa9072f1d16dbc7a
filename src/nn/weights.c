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

size_t flt_weights_n_floats(const struct flt_mlp *mlp, bool backward)
{
	struct flt_weights weights = {.mlp = mlp};
	return lay_out(&weights, backward);
}

enum flt_status flt_weights_init(struct flt_weights *weights, const struct flt_mlp *mlp, bool backward,
                                 struct flt_error *err)
{
	*weights = (struct flt_weights){.mlp = mlp};
	/* Zeroed: what lies beyond the last column of the last panel stays 0. */
	weights->memory = flt_alloc_aligned(flt_weights_n_floats(mlp, backward), sizeof *weights->memory, err);
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

/* A stretch of the elements of w (n_out, n_in). */
struct stretch {
	size_t begin, end;
};

/* Those of row j, as columns. */
static struct stretch of_row(const struct stretch *all, size_t j, size_t n_in)
{
	size_t first = j * n_in;
	return (struct stretch){all->begin > first ? all->begin - first : 0,
	                        all->end - first < n_in ? all->end - first : n_in};
}

/* to (panels, n_in, FLT_PANEL) = w^T, a few inputs at a time so that what is written stays near. */
static void pack_transposed(size_t n_in, const struct stretch *all, const float *w, float *to)
{
	enum { INPUTS = 64 };
	for (size_t begin = 0; begin < n_in; begin += INPUTS)
		for (size_t j = all->begin / n_in; j * n_in < all->end; j++) {
			struct stretch in = of_row(all, j, n_in);
			size_t i = in.begin > begin ? in.begin : begin;
			size_t end = in.end < begin + INPUTS ? in.end : begin + INPUTS;
			float *column = to + j / FLT_PANEL * n_in * FLT_PANEL + j % FLT_PANEL;
			for (; i < end; i++)
				column[i * FLT_PANEL] = w[j * n_in + i];
		}
}

/* to (panels, n_out, FLT_PANEL) = w */
static void pack(size_t n_in, size_t n_out, const struct stretch *all, const float *w, float *to)
{
	for (size_t j = all->begin / n_in; j * n_in < all->end; j++) {
		struct stretch in = of_row(all, j, n_in);
		for (size_t i = in.begin; i < in.end;) {
			size_t lane = i % FLT_PANEL, left = in.end - i,
			       n = FLT_PANEL - lane < left ? FLT_PANEL - lane : left;
			memcpy(to + (i - lane) * n_out + j * FLT_PANEL + lane, w + j * n_in + i, n * sizeof *w);
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
		if (from >= to)
			continue;
		struct stretch all = {from - first, to - first};
		pack_transposed(linear->n_in, &all, weights->params + first, weights->forward[i]);
		if (weights->backward[i])
			pack(linear->n_in, linear->n_out, &all, weights->params + first, weights->backward[i]);
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
