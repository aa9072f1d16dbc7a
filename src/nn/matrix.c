#include "nn/matrix.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "fltrain/version.h"

/* Ends the threads that OpenBLAS starts when the program is loaded. Exported but undocumented; builds without it
 * (OpenMP, single-threaded) have no such threads. */
extern int blas_thread_shutdown_(void) __attribute__((weak));

static void keep_to_caller(void)
{
	openblas_set_num_threads(1);
	if (blas_thread_shutdown_)
		blas_thread_shutdown_();
}

void flt_blas_init(void)
{
	/* OpenBLAS keeps this state for the whole process. */
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, keep_to_caller);
}

const char *flt_blas_core(void)
{
	return openblas_get_corename();
}

const char *flt_blas_config(void)
{
	return openblas_get_config();
}

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

size_t flt_blas_lanes(void)
{
	static const char *const avx512[] = {"SkylakeX", "Cooperlake", "Sapphirerapids"}, *const avx2[] = {"Haswell",
	                                                                                                   "Zen"};
	const char *core = flt_blas_core();
	return is_one_of(core, avx512, 3) ? 16 : is_one_of(core, avx2, 2) ? 8 : 4;
}

static int blas_int(size_t n)
{
	assert(n <= INT_MAX);
	return (int)n;
}

void flt_linear_forward(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *x, const float *packed,
                        float *y)
{
	product(n, n_out, n_in, x, n_in, 1, packed, n_in * FLT_PANEL, FLT_PANEL, y, n_out);
}

void flt_linear_backward_weight(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *x,
                                const float *dy, float *dw)
{
	product(n_out, n_in, n, dy, 1, n_out, x, FLT_PANEL, n_in, dw, n_in);
}

void flt_linear_backward_input(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *packed,
                               const float *dy, float *dx)
{
	product(n, n_in, n_out, dy, n_out, 1, packed, n_out * FLT_PANEL, FLT_PANEL, dx, n_in);
}

void flt_blas_forward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, float *y)
{
	int rows = blas_int(n), in = blas_int(n_in), out = blas_int(n_out);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, out, in, 1, x, in, w, in, 0, y, out);
}

void flt_blas_backward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, const float *dy, float *dx,
                       float *dw)
{
	int rows = blas_int(n), in = blas_int(n_in), out = blas_int(n_out);
	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, rows, 1, dy, out, x, in, 0, dw, in);
	if (dx)
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, in, out, 1, dy, out, w, in, 0, dx, in);
}
