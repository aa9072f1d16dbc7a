#include "nn/pass.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/blas.h"
#include "nn/embedding.h"
#include "nn/matrix.h"

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
		if (use != FLT_TO_PREDICT && spec->activation != FLT_RELU)
			pass->slope[i] = cut(cutter, n, spec->hidden[i]);
	}
	for (size_t i = 0; use != FLT_TO_PREDICT && i < 2; i++)
		pass->da[i] = cut(cutter, n, mlp->max_width);
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

void flt_pass_turn_to(struct flt_pass *pass, const struct flt_mlp *mlp)
{
	struct cutter cutter = {.memory = pass->memory};
	*pass = (struct flt_pass){
	        .kernels = pass->kernels, .max_rows = pass->max_rows, .large = SIZE_MAX, .memory = pass->memory};
	lay_out(pass, mlp, FLT_TO_EXPLAIN, &cutter);
}

void flt_pass_release(struct flt_pass *pass)
{
	if (pass->has_blas)
		flt_blas_unreserve();
	flt_free(pass->memory);
	memset(pass, 0, sizeof *pass);
}

static bool is_large(const struct flt_pass *pass, const struct flt_linear *linear)
{
	return linear->n_in * linear->n_out > pass->large;
}

/* The input of the first linear layer. */
static const float *first_input(const struct flt_pass *pass, const struct flt_mlp *mlp, const float *x)
{
	return mlp->spec.front_scale ? pass->scaled : mlp->embedding.n_numeric ? pass->embedded : x;
}

static void front_forward(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x)
{
	const struct flt_mlp *mlp = weights->mlp;
	if (mlp->embedding.n_numeric) {
		flt_embedding_forward(mlp, pass->kernels, weights->params, n, x, pass->column, pass->embedded);
		x = pass->embedded;
	}
	if (mlp->spec.front_scale)
		pass->kernels->scale_forward(n, mlp->n_first, x, weights->params + mlp->scale, pass->scaled);
}

/* Overwrites dy (n, n_first). */
static void front_backward(struct flt_pass *pass, const struct flt_weights *weights, size_t n, float *dy,
                           float *dparams)
{
	const struct flt_mlp *mlp = weights->mlp;
	if (mlp->spec.front_scale)
		pass->kernels->scale_backward(n, mlp->n_first, mlp->embedding.n_numeric ? pass->embedded : pass->x,
		                              weights->params + mlp->scale, dy, dparams + mlp->scale);
	if (mlp->embedding.n_numeric)
		flt_embedding_backward(mlp, pass->kernels, weights->params, n, pass->x, pass->column, dy, dparams);
}

static void hidden_forward(struct flt_pass *pass, const struct flt_weights *weights, size_t i, size_t n, const float *x,
                           enum flt_use use)
{
	const struct flt_mlp *mlp = weights->mlp;
	const struct flt_linear *linear = &mlp->linear[i];
	if (use == FLT_TO_TRAIN && is_large(pass, linear))
		flt_blas_forward(n, linear->n_in, linear->n_out, x, weights->params + linear->weight, pass->a[i]);
	else
		flt_linear_forward(pass->kernels->product, n, linear->n_in, linear->n_out, x, weights->forward[i],
		                   pass->a[i]);
	pass->kernels->activate_forward[mlp->spec.activation](n, linear->n_out, weights->params + linear->bias,
	                                                      pass->a[i],
	                                                      use == FLT_TO_PREDICT ? NULL : pass->slope[i]);
}

/* The factor by which dropout scales the units it keeps. */
static float keep_factor(const struct flt_dropout *dropout)
{
	return dropout && dropout->probability > 0 ? (float)(1 / (1 - dropout->probability)) : 1;
}

static void activation_backward(struct flt_pass *pass, size_t i, size_t n, size_t n_out,
                                const struct flt_dropout *dropout, float *da, float *dbias)
{
	if (pass->slope[i])
		pass->kernels->activate_backward(n, n_out, pass->slope[i], da, dbias);
	else
		pass->kernels->relu_backward(n, n_out, keep_factor(dropout), pass->a[i], da, dbias);
}

/* Overwrites da (n, n_out); writes dx (n, n_in) unless it is NULL. */
static void hidden_backward(struct flt_pass *pass, const struct flt_weights *weights, size_t i, size_t n,
                            const float *x, const struct flt_dropout *dropout, float *da, float *dx, float *dparams)
{
	const struct flt_linear *linear = &weights->mlp->linear[i];
	size_t n_in = linear->n_in, n_out = linear->n_out;
	float *dw = dparams + linear->weight;
	activation_backward(pass, i, n, n_out, dropout, da, dparams + linear->bias);
	if (is_large(pass, linear)) {
		flt_blas_backward(n, n_in, n_out, x, weights->params + linear->weight, da, dx, dw);
		return;
	}
	flt_linear_backward_weight(pass->kernels->product, n, n_in, n_out, x, da, dw);
	if (dx)
		flt_linear_backward_input(pass->kernels->product, n, n_in, n_out, weights->backward[i], da, dx);
}

static void drop(const struct flt_pass *pass, size_t layer, size_t n, const struct flt_dropout *dropout)
{
	pass->kernels->dropout(n, dropout->key + layer, (uint32_t)(dropout->probability * 4294967296.0),
	                       keep_factor(dropout), pass->a[layer], pass->slope[layer]);
}

static void forward(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x,
                    enum flt_use use, const struct flt_dropout *dropout)
{
	const struct flt_mlp *mlp = weights->mlp;
	assert(n <= pass->max_rows);
	front_forward(pass, weights, n, x);
	const float *in = first_input(pass, mlp, x);
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		hidden_forward(pass, weights, i, n, in, use);
		if (dropout && dropout->probability > 0)
			drop(pass, i, n * mlp->linear[i].n_out, dropout);
		in = pass->a[i];
	}
	const struct flt_linear *output = &mlp->linear[mlp->spec.n_hidden];
	pass->kernels->output_forward(n, output->n_in, in, weights->params + output->weight,
	                              weights->params[output->bias], pass->logit);
}

static void backward(struct flt_pass *pass, const struct flt_weights *weights, size_t n,
                     const struct flt_dropout *dropout, float *dparams)
{
	const struct flt_mlp *mlp = weights->mlp;
	size_t layer = mlp->spec.n_hidden;
	bool front = mlp->spec.front_scale || mlp->embedding.n_numeric;
	const float *first = first_input(pass, mlp, pass->x);
	const struct flt_linear *output = &mlp->linear[layer];
	float *da = pass->da[0], *spare = pass->da[1];
	pass->kernels->output_backward(n, output->n_in, layer ? pass->a[layer - 1] : first,
	                               weights->params + output->weight, pass->dlogit, layer || front ? da : NULL,
	                               dparams + output->weight, dparams + output->bias);
	while (layer-- > 0) {
		hidden_backward(pass, weights, layer, n, layer ? pass->a[layer - 1] : first, dropout, da,
		                layer || front ? spare : NULL, dparams);
		float *swapped = da;
		da = spare;
		spare = swapped;
	}
	if (front)
		front_backward(pass, weights, n, da, dparams);
}

void flt_pass_predict(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x)
{
	forward(pass, weights, n, x, FLT_TO_PREDICT, NULL);
}

/* ---- the gradient by the inputs ---- */

/* From dy (n, n_first); spare is as large. */
static void front_backward_input(struct flt_pass *pass, const struct flt_weights *weights, size_t n, float *dy,
                                 float *spare)
{
	const struct flt_mlp *mlp = weights->mlp;
	bool is_embedded = mlp->embedding.n_numeric > 0;
	if (mlp->spec.front_scale) {
		float *scaled = is_embedded ? spare : pass->dx;
		pass->kernels->scale_forward(n, mlp->n_first, dy, weights->params + mlp->scale, scaled);
		dy = scaled;
	}
	if (is_embedded)
		flt_embedding_backward_input(mlp, pass->kernels, weights->params, n, pass->x, pass->column, dy,
		                             pass->dx);
}

static void backward_input(struct flt_pass *pass, const struct flt_weights *weights, size_t n)
{
	const struct flt_mlp *mlp = weights->mlp;
	size_t layer = mlp->spec.n_hidden;
	bool front = mlp->spec.front_scale || mlp->embedding.n_numeric;
	const struct flt_linear *output = &mlp->linear[layer];
	float *da = layer || front ? pass->da[0] : pass->dx, *spare = pass->da[1];
	pass->kernels->output_backward_input(n, output->n_in, weights->params + output->weight, da);
	while (layer-- > 0) {
		const struct flt_linear *linear = &mlp->linear[layer];
		float *dx = layer || front ? spare : pass->dx;
		if (pass->slope[layer])
			pass->kernels->activate_backward_input(n, linear->n_out, pass->slope[layer], da);
		else
			pass->kernels->relu_backward_input(n, linear->n_out, pass->a[layer], da);
		flt_linear_backward_input(pass->kernels->product, n, linear->n_in, linear->n_out,
		                          weights->backward[layer], da, dx);
		spare = da;
		da = dx;
	}
	if (front)
		front_backward_input(pass, weights, n, da, spare);
}

void flt_pass_input_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n)
{
	forward(pass, weights, n, pass->x, FLT_TO_EXPLAIN, NULL);
	backward_input(pass, weights, n);
}

void flt_pass_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const uint8_t *label,
                       const float *weight, const struct flt_focal *focal, float factor,
                       const struct flt_dropout *dropout, float *dparams, struct flt_loss_sums *sums)
{
	forward(pass, weights, n, pass->x, FLT_TO_TRAIN, dropout);
	pass->kernels->focal(focal, n, pass->logit, label, weight, factor, pass->value, pass->dlogit, sums);
	backward(pass, weights, n, dropout, dparams);
}
