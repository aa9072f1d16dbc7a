#include <string.h>

#include "base/alloc.h"
#include "nn/blas.h"
#include "nn/pass.h"

/* Divides one allocation into arrays aligned to 64 bytes. With memory NULL it only adds up their size. */
struct cutter {
	float *memory;
	size_t used;
};

static float *cut(struct cutter *cutter, size_t n_rows, size_t n_cols)
{
	enum { FLOATS_A_LINE = 16 };
	size_t at = cutter->used;
	cutter->used += (n_rows * n_cols + FLOATS_A_LINE - 1) / FLOATS_A_LINE * FLOATS_A_LINE;
	return cutter->memory ? cutter->memory + at : NULL;
}

static void lay_out(struct flt_pass *pass, const struct flt_mlp *mlp, enum flt_use use, struct cutter *cutter)
{
	const struct flt_mlp_spec *spec = &mlp->spec;
	size_t n = pass->max_rows;
	pass->x = cut(cutter, n, spec->n_in);
	if (mlp->embedding.n_numeric) {
		pass->embedded = cut(cutter, n, mlp->n_first);
		pass->column = cut(cutter, n, spec->n_embedded + (use == FLT_TO_EXPLAIN));
	}
	if (spec->front_scale)
		pass->scaled = cut(cutter, n, mlp->n_first);
	for (size_t i = 0; i < spec->n_hidden; i++) {
		pass->a[i] = cut(cutter, n, spec->hidden[i]);
		if (use == FLT_TO_PREDICT)
			continue;
		if (spec->activation != FLT_RELU)
			pass->slope[i] = cut(cutter, n, spec->hidden[i]);
		pass->dz[i] = cut(cutter, n, spec->hidden[i]);
	}
	if (use != FLT_TO_PREDICT && flt_mlp_has_front(mlp))
		pass->dfirst = cut(cutter, n, mlp->n_first);
	if (use == FLT_TO_EXPLAIN)
		pass->dx = cut(cutter, n, spec->n_in);
	pass->logit = cut(cutter, n, 1);
	pass->value = cut(cutter, n, 1);
	pass->dlogit = cut(cutter, n, 1);
	cut(cutter, 1, FLT_PANEL); /* products may read this far beyond */
}

size_t flt_pass_n_floats(const struct flt_mlp *mlp, size_t max_rows, enum flt_use use)
{
	struct flt_pass pass = {.max_rows = max_rows};
	struct cutter cutter = {0};
	lay_out(&pass, mlp, use, &cutter);
	return cutter.used;
}

static size_t largest_layer(const struct flt_mlp *mlp)
{
	size_t largest = 0;
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		size_t n = mlp->linear[i].n_in * mlp->linear[i].n_out;
		largest = n > largest ? n : largest;
	}
	return largest;
}

/* In training, OpenBLAS multiplies large layers, since it blocks them for the caches, if it knows this processor. */
static enum flt_status get_blas(struct flt_pass *pass, const struct flt_mlp *mlp, struct flt_error *err)
{
	if (largest_layer(mlp) <= pass->kernels->large)
		return FLT_OK;
	FLT_TRY(flt_blas_open(err));
	if (flt_blas_lanes() < pass->kernels->lanes)
		return FLT_OK;
	FLT_TRY(flt_blas_reserve(err));
	pass->has_blas = true;
	pass->large = pass->kernels->large;
	return FLT_OK;
}

enum flt_status flt_pass_init(struct flt_pass *pass, const struct flt_mlp *mlp, size_t max_rows, enum flt_use use,
                              struct flt_error *err)
{
	memset(pass, 0, sizeof *pass);
	pass->kernels = flt_kernels();
	pass->max_rows = max_rows;
	pass->large = SIZE_MAX;
	struct cutter cutter = {0};
	cutter.memory = flt_alloc_aligned(flt_pass_n_floats(mlp, max_rows, use), sizeof *cutter.memory, err);
	FLT_TRY_MEMORY(cutter.memory);
	lay_out(pass, mlp, use, &cutter);
	pass->memory = cutter.memory;
	return use == FLT_TO_TRAIN ? get_blas(pass, mlp, err) : FLT_OK;
}

enum flt_status flt_pass_init_shared(struct flt_pass *pass, size_t n_floats, size_t max_rows, struct flt_error *err)
{
	*pass = (struct flt_pass){.kernels = flt_kernels(), .max_rows = max_rows, .large = SIZE_MAX};
	pass->memory = flt_alloc_aligned(n_floats, sizeof *pass->memory, err);
	FLT_TRY_MEMORY(pass->memory);
	return FLT_OK;
}

void flt_pass_turn_to(struct flt_pass *pass, const struct flt_mlp *mlp, enum flt_use use)
{
	struct cutter cutter = {.memory = pass->memory};
	*pass = (struct flt_pass){
	        .kernels = pass->kernels, .max_rows = pass->max_rows, .large = SIZE_MAX, .memory = pass->memory};
	lay_out(pass, mlp, use, &cutter);
}

void flt_pass_release(struct flt_pass *pass)
{
	if (pass->has_blas)
		flt_blas_unreserve();
	flt_free(pass->memory);
	memset(pass, 0, sizeof *pass);
}
