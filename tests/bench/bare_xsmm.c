/*
 * The same products by kernels that LIBXSMM makes for these shapes, once, on one thread. It counts by columns, so what
 * is row-major here is the transpose to it, and a product's operands change places. Its kernels take no transpose of
 * the first operand, so each step transposes the weights for the way up.
 *
 * A kernel runs over all it is given, so rows are given to it in blocks: of all rows, or of BLOCK of them, whichever
 * was faster when it was tried.
 */
#include <libxsmm.h>
#include <string.h>

#include "bare_products.h"

enum { BLOCK = 64, TRIALS = 20 };

typedef void (*product)(const struct layer *, const struct layer *, int);

/* By rows at a time, and what is left. */
struct kernels {
	int block, rest; /* rows */
	libxsmm_smmfunction whole, part;
};

struct own {
	float *transposed; /* w' (n_in, n_out) */
	struct kernels forward, weight, input;
};

static struct own *own_of(const struct layer *l)
{
	return l->own;
}

static libxsmm_smmfunction kernel(int m, int n, int k, int lda, int ldb, int ldc, float beta, int flags)
{
	const float alpha = 1;
	if (n == 0 || k == 0)
		return NULL;
	libxsmm_smmfunction made = libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &alpha, &beta, &flags, NULL);
	if (!made) {
		fprintf(stderr, "LIBXSMM makes no kernel for %d x %d x %d\n", m, n, k);
		exit(EXIT_FAILURE);
	}
	return made;
}

static void forward(const struct layer *l, const struct layer *behind, int batch)
{
	const struct own *own = own_of(l);
	const struct kernels *k = &own->forward;
	libxsmm_otrans(own->transposed, l->w, sizeof *l->w, l->n_in, l->n_out, l->n_in, l->n_out);
	int row = 0;
	for (; row + k->block <= batch; row += k->block)
		k->whole(own->transposed, l->x + row * l->n_in, behind->x + row * l->n_out);
	if (k->rest)
		k->part(own->transposed, l->x + row * l->n_in, behind->x + row * l->n_out);
}

static void weight_gradient(const struct layer *l, const struct layer *behind, int batch)
{
	const struct kernels *k = &own_of(l)->weight;
	int row = 0;
	if (k->block < batch) /* blocks are added to what is there */
		memset(l->dw, 0, (size_t)(l->n_in * l->n_out) * sizeof *l->dw);
	for (; row + k->block <= batch; row += k->block)
		k->whole(l->x + row * l->n_in, behind->dx + row * l->n_out, l->dw);
	if (k->rest)
		k->part(l->x + row * l->n_in, behind->dx + row * l->n_out, l->dw);
}

static void input_gradient(const struct layer *l, const struct layer *behind, int batch)
{
	const struct kernels *k = &own_of(l)->input;
	int row = 0;
	for (; row + k->block <= batch; row += k->block)
		k->whole(l->w, behind->dx + row * l->n_out, l->dx + row * l->n_in);
	if (k->rest)
		k->part(l->w, behind->dx + row * l->n_out, l->dx + row * l->n_in);
}

static void make_kernels(struct layer *l, int batch, int block)
{
	struct own *own = own_of(l);
	int in = l->n_in, out = l->n_out, rest = batch % block;
	own->forward = own->weight = own->input = (struct kernels){.block = block, .rest = rest};
	own->forward.whole = kernel(out, block, in, out, in, out, 0, 0);
	own->forward.part = kernel(out, rest, in, out, in, out, 0, 0);
	float beta = block < batch;
	own->weight.whole = kernel(in, out, block, in, out, in, beta, LIBXSMM_GEMM_FLAG_TRANS_B);
	own->weight.part = kernel(in, out, rest, in, out, in, beta, LIBXSMM_GEMM_FLAG_TRANS_B);
	own->input.whole = kernel(in, block, out, in, out, in, 0, 0);
	own->input.part = kernel(in, rest, out, in, out, in, 0, 0);
}

static double seconds_of(product run, const struct layer *l, int batch)
{
	double least = 1e9;
	for (int i = 0; i < TRIALS; i++) {
		double start = now();
		run(l, l + 1, batch);
		double seconds = now() - start;
		least = seconds < least ? seconds : least;
	}
	return least;
}

static const char *prepare(struct layer *layers, int n_layers, int batch)
{
	libxsmm_init();
	for (int i = 0; i < n_layers; i++) {
		struct layer *l = &layers[i];
		struct own *own = l->own = calloc(1, sizeof *own);
		if (!own)
			exit(EXIT_FAILURE);
		own->transposed = matrix(l->n_in, l->n_out);
		make_kernels(l, batch, batch);
		struct own all = *own;
		double forward_all = seconds_of(forward, l, batch), weight_all = seconds_of(weight_gradient, l, batch);
		double input_all = seconds_of(input_gradient, l, batch);
		make_kernels(l, batch, batch < BLOCK ? batch : BLOCK);
		if (forward_all <= seconds_of(forward, l, batch))
			own->forward = all.forward;
		if (weight_all <= seconds_of(weight_gradient, l, batch))
			own->weight = all.weight;
		if (input_all <= seconds_of(input_gradient, l, batch))
			own->input = all.input;
	}
	return LIBXSMM_VERSION;
}
