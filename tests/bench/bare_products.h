/*
 * The matrix products of an epoch, for the programs that make them by one library each. They print the seconds of one
 * epoch, after one that warms up caches and clock, and what the library says of itself.
 *
 * usage: PROGRAM ROWS BATCH WIDTH WIDTH...   (ROWS / BATCH steps; widths from the inputs to the output)
 *
 * A step: y = x w' up through the layers; down again dw = dy' x, and dx = dy w but for the first layer, whose inputs
 * need no gradient. All matrices are row-major, w is (n_out, n_in).
 */
#ifndef BENCH_BARE_PRODUCTS_H
#define BENCH_BARE_PRODUCTS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_LAYERS = 16 };

/* Of each layer: the rows that enter it with their gradient (batch, n_in), its weights with theirs (n_out, n_in). The
 * layer behind the last holds the output only. */
struct layer {
	int n_in, n_out;
	float *x, *dx, *w, *dw;
	void *own; /* what the library keeps of it */
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Small numbers that are neither zero nor equal; products of them never become subnormal. */
static float *matrix(int n_rows, int n_cols)
{
	size_t n = (size_t)n_rows * (size_t)n_cols;
	float *m = aligned_alloc(64, (n * sizeof *m + 63) / 64 * 64);
	if (!m) {
		fprintf(stderr, "out of memory\n");
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < n; i++)
		m[i] = 0.01f * (float)(i % 7 + 1);
	return m;
}

/* What a program defines: y is the x of the layer behind, dy its dx. */
static const char *prepare(struct layer *layers, int n_layers, int batch); /* returns the library's name */
static void forward(const struct layer *layer, const struct layer *behind, int batch);
static void weight_gradient(const struct layer *layer, const struct layer *behind, int batch);
static void input_gradient(const struct layer *layer, const struct layer *behind, int batch);

static void step(const struct layer *layers, int n_layers, int batch)
{
	for (int i = 0; i < n_layers; i++)
		forward(&layers[i], &layers[i + 1], batch);
	for (int i = n_layers; i-- > 0;) {
		weight_gradient(&layers[i], &layers[i + 1], batch);
		if (i > 0)
			input_gradient(&layers[i], &layers[i + 1], batch);
	}
}

int main(int argc, char **argv)
{
	struct layer layers[MAX_LAYERS + 1] = {0};
	int n_layers = argc - 4;
	if (n_layers < 1 || n_layers > MAX_LAYERS) {
		fprintf(stderr, "usage: %s ROWS BATCH WIDTH WIDTH...\n", argv[0]);
		return 2;
	}
	long n_rows = strtol(argv[1], NULL, 10);
	int batch = (int)strtol(argv[2], NULL, 10);
	for (int i = 0; i <= n_layers; i++) {
		struct layer *l = &layers[i];
		l->n_in = (int)strtol(argv[3 + i], NULL, 10);
		l->n_out = i < n_layers ? (int)strtol(argv[4 + i], NULL, 10) : 1;
		l->x = matrix(batch, l->n_in);
		l->dx = matrix(batch, l->n_in);
		l->w = matrix(l->n_out, l->n_in);
		l->dw = matrix(l->n_out, l->n_in);
	}
	const char *name = prepare(layers, n_layers, batch);
	double start = 0;
	for (int epoch = 0; epoch < 2; epoch++) {
		start = now();
		for (long i = 0; i < n_rows / batch; i++)
			step(layers, n_layers, batch);
	}
	printf("%.6f %s\n", now() - start, name);
	for (int i = 0; i <= n_layers; i++) {
		free(layers[i].x);
		free(layers[i].dx);
		free(layers[i].w);
		free(layers[i].dw);
	}
	return EXIT_SUCCESS;
}

#endif
