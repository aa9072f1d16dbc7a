/*
 * What training cannot be faster than: the matrix products of one epoch, and nothing else, by OpenBLAS on one thread.
 * OPENBLAS_CORETYPE chooses another core to take its kernels from than it would; its name is printed.
 */
#include <cblas.h>

#include "bare_products.h"

static const char *prepare(struct layer *layers, int n_layers, int batch)
{
	(void)layers, (void)n_layers, (void)batch;
	openblas_set_num_threads(1);
	return openblas_get_corename();
}

static void forward(const struct layer *l, const struct layer *behind, int batch)
{
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch, l->n_out, l->n_in, 1, l->x, l->n_in, l->w, l->n_in,
	            0, behind->x, l->n_out);
}

static void weight_gradient(const struct layer *l, const struct layer *behind, int batch)
{
	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, l->n_out, l->n_in, batch, 1, behind->dx, l->n_out, l->x,
	            l->n_in, 0, l->dw, l->n_in);
}

static void input_gradient(const struct layer *l, const struct layer *behind, int batch)
{
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, batch, l->n_in, l->n_out, 1, behind->dx, l->n_out, l->w,
	            l->n_in, 0, l->dx, l->n_in);
}
