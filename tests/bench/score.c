/*
 * Scoring in memory: prints the seconds that flt_mlp_predict takes for ROWS rows of 30 inputs through 30-64-32-1.
 * usage: score THREADS ROWS
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/start_network.h"

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
	struct flt_mlp_spec spec = {.n_in = 30, .n_hidden = 2, .hidden = {64, 32}, .activation = FLT_RELU};
	struct flt_mlp *mlp = NULL;
	struct flt_error err = {0};
	if (argc != 3) {
		fprintf(stderr, "usage: score THREADS ROWS\n");
		return 2;
	}
	unsigned n_threads = (unsigned)strtoul(argv[1], NULL, 10);
	size_t n = strtoul(argv[2], NULL, 10);
	float *x = malloc(n * spec.n_in * sizeof *x); /* (n, n_in) */
	float *logit = malloc(n * sizeof *logit);
	enum flt_status status = FLT_ERR_MACHINE;
	double start = 0;
	if (!x || !logit)
		goto out;
	for (size_t i = 0; i < n * spec.n_in; i++)
		x[i] = (float)(i * 2654435761U % 4096) / 1024 - 2;
	status = flt_mlp_new(&spec, &mlp, &err);
	if (status != FLT_OK)
		goto out;
	start_network(mlp, 1, 0);
	for (int pass = 0; pass < 2 && status == FLT_OK; pass++) { /* the first warms up */
		start = now();
		status = flt_mlp_predict(mlp, x, n, n_threads, logit, &err);
	}
	printf("%.6f\n", now() - start);
out:
	if (status != FLT_OK)
		fprintf(stderr, "score: %s\n", err.text[0] ? err.text : "out of memory");
	flt_mlp_free(mlp);
	free(x);
	free(logit);
	return status == FLT_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
