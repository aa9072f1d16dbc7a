/*
 * The same products by oneDNN's sgemm on one thread.
 */
#include <dnnl.h>
#include <omp.h>

#include "bare_products.h"

static const char *prepare(struct layer *layers, int n_layers, int batch)
{
	(void)layers, (void)n_layers, (void)batch;
	static char name[40];
	const dnnl_version_t *version = dnnl_version();
	omp_set_num_threads(1);
	snprintf(name, sizeof name, "%d.%d.%d", version->major, version->minor, version->patch);
	return name;
}

static void must(dnnl_status_t status)
{
	if (status != dnnl_success) {
		fprintf(stderr, "oneDNN refused a product: status %d\n", (int)status);
		exit(EXIT_FAILURE);
	}
}

static void forward(const struct layer *l, const struct layer *behind, int batch)
{
	must(dnnl_sgemm('N', 'T', batch, l->n_out, l->n_in, 1, l->x, l->n_in, l->w, l->n_in, 0, behind->x, l->n_out));
}

static void weight_gradient(const struct layer *l, const struct layer *behind, int batch)
{
	must(dnnl_sgemm('T', 'N', l->n_out, l->n_in, batch, 1, behind->dx, l->n_out, l->x, l->n_in, 0, l->dw, l->n_in));
}

static void input_gradient(const struct layer *l, const struct layer *behind, int batch)
{
	must(dnnl_sgemm('N', 'N', batch, l->n_in, l->n_out, 1, behind->dx, l->n_out, l->w, l->n_in, 0, l->dx, l->n_in));
}
