#include "nn/weights.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/product.h"

static size_t n_panels(size_t n)
{
	return (n + FLT_PANEL - 1) / FLT_PANEL;
}

/* Places the two copies of each layer; with memory NULL it only counts. */
static size_t lay_out(struct flt_weights *weights, enum flt_use use)
{
	const struct flt_mlp *mlp = weights->mlp;
	size_t used = 0;
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		const struct flt_linear *linear = &mlp->linear[i];
		if (weights->memory)
			weights->forward[i] = weights->memory + used;
		used += n_panels(linear->n_out) * linear->n_in * FLT_PANEL;
		if (use == FLT_TO_PREDICT || (use == FLT_TO_TRAIN && i == 0 && !flt_mlp_has_front(mlp)))
			continue;
		if (weights->memory)
			weights->backward[i] = weights->memory + used;
		used += n_panels(linear->n_in) * linear->n_out * FLT_PANEL;
	}
	return used;
}

size_t flt_weights_n_floats(const struct flt_mlp *mlp, enum flt_use use)
{
	struct flt_weights weights = {.mlp = mlp};
	return lay_out(&weights, use);
}

enum flt_status flt_weights_init(struct flt_weights *weights, const struct flt_mlp *mlp, enum flt_use use,
                                 struct flt_error *err)
{
	*weights = (struct flt_weights){.mlp = mlp};
	/* Zeroed: the padding of the last panel must stay 0. */
	weights->memory = flt_alloc_aligned(flt_weights_n_floats(mlp, use), sizeof *weights->memory, err);
	FLT_TRY_MEMORY(weights->memory);
	lay_out(weights, use);
	return FLT_OK;
}

void flt_weights_release(struct flt_weights *weights)
{
	flt_free(weights->memory);
	*weights = (struct flt_weights){0};
}

typedef float four __attribute__((vector_size(4 * sizeof(float)), aligned(4), may_alias));

/* Four rows of w (, n_in) become columns of to, whose rows are FLT_PANEL apart: four of them. */
static void transpose(size_t n_in, const float *w, float *to)
{
	four a = *(const four *)w, b = *(const four *)(w + n_in);
	four c = *(const four *)(w + 2 * n_in), d = *(const four *)(w + 3 * n_in);
	four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
	*(four *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
	*(four *)(to + FLT_PANEL) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
	ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
	*(four *)(to + 2 * FLT_PANEL) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
	*(four *)(to + 3 * FLT_PANEL) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/* Packs rows [begin, end) of w (n_out, n_in) as columns of to (panels, n_in, FLT_PANEL) = w^T, as many at a time as
 * share a cache line. */
static void pack_transposed(size_t n_in, size_t begin, size_t end, const float *w, float *to)
{
	for (size_t j = begin, n; j < end; j += n) {
		n = FLT_ROWS_A_LINE - j % FLT_ROWS_A_LINE;
		n = n < end - j ? n : end - j;
		float *columns = to + j / FLT_PANEL * n_in * FLT_PANEL + j % FLT_PANEL;
		size_t i = 0;
		for (; n == FLT_ROWS_A_LINE && i + 4 <= n_in; i += 4)
			for (size_t l = 0; l < FLT_ROWS_A_LINE; l += 4)
				transpose(n_in, w + (j + l) * n_in + i, columns + i * FLT_PANEL + l);
		for (; i < n_in; i++)
			for (size_t l = 0; l < n; l++)
				columns[i * FLT_PANEL + l] = w[(j + l) * n_in + i];
	}
}

/* Packs the same rows of to (panels, n_out, FLT_PANEL) = w. */
static void pack(size_t n_in, size_t n_out, size_t begin, size_t end, const float *w, float *to)
{
	for (size_t j = begin; j < end; j++)
		for (size_t i = 0; i < n_in; i += FLT_PANEL) {
			float *row = to + i * n_out + j * FLT_PANEL;
			const float *from = w + j * n_in + i;
			if (n_in - i < FLT_PANEL)
				memcpy(row, from, (n_in - i) * sizeof *w);
			else
				memcpy(row, from, FLT_PANEL * sizeof *w); /* inlined, since it is constant */
		}
}

static void renew_rows(struct flt_weights *weights, size_t layer, size_t begin, size_t end)
{
	const struct flt_linear *linear = &weights->mlp->linear[layer];
	const float *w = weights->params + linear->weight;
	pack_transposed(linear->n_in, begin, end, w, weights->forward[layer]);
	if (weights->backward[layer])
		pack(linear->n_in, linear->n_out, begin, end, w, weights->backward[layer]);
}

void flt_weights_renew(struct flt_weights *weights, size_t begin, size_t end)
{
	for (size_t layer = 0; layer < weights->mlp->spec.n_hidden; layer++) {
		const struct flt_linear *linear = &weights->mlp->linear[layer];
		size_t first = linear->weight, behind = first + linear->n_in * linear->n_out;
		size_t from = begin > first ? begin : first, to = end < behind ? end : behind;
		if (from >= to)
			continue;
		assert((from - first) % linear->n_in == 0 && (to - first) % linear->n_in == 0);
		renew_rows(weights, layer, (from - first) / linear->n_in, (to - first) / linear->n_in);
	}
}

/* Packs the rows of one panel of one layer. */
static void renew_panel(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct flt_weights *weights = context;
	size_t layer = 0;
	for (; task >= n_panels(weights->mlp->linear[layer].n_out); layer++)
		task -= n_panels(weights->mlp->linear[layer].n_out);
	size_t begin = task * FLT_PANEL, left = weights->mlp->linear[layer].n_out - begin;
	renew_rows(weights, layer, begin, begin + (left < FLT_PANEL ? left : FLT_PANEL));
}

void flt_weights_set(struct flt_weights *weights, const float *params, struct flt_pool *pool)
{
	size_t n_tasks = 0;
	for (size_t layer = 0; layer < weights->mlp->spec.n_hidden; layer++)
		n_tasks += n_panels(weights->mlp->linear[layer].n_out);
	weights->params = params;
	flt_pool_run(pool, n_tasks, renew_panel, weights);
}
