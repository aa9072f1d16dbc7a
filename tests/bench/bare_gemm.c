/*
 * What training cannot be faster than: the matrix products of one epoch, and nothing else, by the same BLAS that the
 * program links. Prints the seconds of one epoch, after one that warms up caches and clock, and the core that OpenBLAS
 * took its kernels from: OPENBLAS_CORETYPE chooses another than it would.
 *
 * usage: bare_gemm THREADS ROWS BATCH WIDTH WIDTH...   (ROWS / BATCH steps; widths from the inputs to the output)
 *
 * A step: y = x w' up through the layers; down again dw = dy' x, and dx = dy w but for the first layer, whose inputs
 * need no gradient. All matrices are row-major, w is (n_out, n_in).
 */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_LAYERS = 16 };

/* Of each layer: the rows that enter it with their gradient (batch, n_in), its weights with theirs (n_out, n_in). The
 * layer behind the last holds the output only. */
struct layer {
	int n_in, n_out;
	float *x, *dx, *w, *dw;
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
		fprintf(stderr, "bare_gemm: out of memory\n");
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < n; i++)
		m[i] = 0.01f * (float)(i % 7 + 1);
	return m;
}

static void step(struct layer *layers, int n_layers, int batch)
{
	for (int i = 0; i < n_layers; i++) {
		struct layer *l = &layers[i];
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, l->n_out, l->n_in, 1, l->x, l->n_in, l->w,
		            l->n_in, 0, l[1].x, l->n_out);
	}
	for (int i = n_layers; i-- > 0;) {
		struct layer *l = &layers[i];
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, l->n_out, l->n_in, batch, 1, l[1].dx, l->n_out,
		            l->x, l->n_in, 0, l->dw, l->n_in);
		if (i > 0)
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, l->n_in, l->n_out, 1, l[1].dx,
			            l->n_out, l->w, l->n_in, 0, l->dx, l->n_in);
	}
}

int main(int argc, char **argv)
{
	struct layer layers[MAX_LAYERS + 1] = {0};
	int n_layers = argc - 5;
	if (n_layers < 1 || n_layers > MAX_LAYERS) {
		fprintf(stderr, "usage: bare_gemm THREADS ROWS BATCH WIDTH WIDTH...\n");
		return 2;
	}
	openblas_set_num_threads((int)strtol(argv[1], NULL, 10));
	long n_rows = strtol(argv[2], NULL, 10);
	int batch = (int)strtol(argv[3], NULL, 10);
	for (int i = 0; i <= n_layers; i++) {
		struct layer *l = &layers[i];
		l->n_in = (int)strtol(argv[4 + i], NULL, 10);
		l->n_out = i < n_layers ? (int)strtol(argv[5 + i], NULL, 10) : 1;
		l->x = matrix(batch, l->n_in);
		l->dx = matrix(batch, l->n_in);
		l->w = matrix(l->n_out, l->n_in);
		l->dw = matrix(l->n_out, l->n_in);
	}
	double start = 0;
	for (int epoch = 0; epoch < 2; epoch++) {
		start = now();
		for (long i = 0; i < n_rows / batch; i++)
			step(layers, n_layers, batch);
	}
	printf("%.6f %s\n", now() - start, openblas_get_corename());
	for (int i = 0; i <= n_layers; i++) {
		free(layers[i].x);
		free(layers[i].dx);
		free(layers[i].w);
		free(layers[i].dw);
	}
	return EXIT_SUCCESS;
}
