#include "nn/pass.h"

#include <assert.h>
#include <string.h>

#include "nn/blas.h"
#include "nn/embedding.h"
#include "nn/matrix.h"

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
	return dropout->probability > 0 ? (float)(1 / (1 - dropout->probability)) : 1;
}

/* da becomes dz of layer i. */
static void activation_backward(struct flt_pass *pass, size_t i, size_t n, size_t n_out,
                                const struct flt_dropout *dropout)
{
	if (pass->slope[i])
		pass->kernels->activate_backward(n, n_out, pass->slope[i], pass->dz[i]);
	else
		pass->kernels->relu_backward(n, n_out, keep_factor(dropout), pass->a[i], pass->dz[i]);
}

/* dx (n, n_in) of layer i. */
static void input_backward(struct flt_pass *pass, const struct flt_weights *weights, size_t i, size_t n, float *dx)
{
	const struct flt_linear *linear = &weights->mlp->linear[i];
	if (is_large(pass, linear))
		flt_blas_backward_input(n, linear->n_in, linear->n_out, weights->params + linear->weight, pass->dz[i],
		                        dx);
	else
		flt_linear_backward_input(pass->kernels->product, n, linear->n_in, linear->n_out, weights->backward[i],
		                          pass->dz[i], dx);
}

static void drop(const struct flt_pass *pass, size_t layer, size_t n, size_t n_out, const struct flt_dropout *dropout)
{
	uint64_t key = dropout->key + layer, high = key >> 32 << 32;
	key = high | (uint32_t)(key + dropout->first_row * n_out); /* the kernel adds an index to the lower half */
	pass->kernels->dropout(n * n_out, key, (uint32_t)(dropout->probability * 4294967296.0), keep_factor(dropout),
	                       pass->a[layer], pass->slope[layer]);
}

static const struct flt_dropout no_dropout = {0};

static void forward(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x,
                    enum flt_use use, const struct flt_dropout *dropout)
{
	const struct flt_mlp *mlp = weights->mlp;
	assert(n <= pass->max_rows);
	front_forward(pass, weights, n, x);
	const float *in = first_input(pass, mlp, x);
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		hidden_forward(pass, weights, i, n, in, use);
		if (dropout->probability > 0)
			drop(pass, i, n, mlp->linear[i].n_out, dropout);
		in = pass->a[i];
	}
	const struct flt_linear *output = &mlp->linear[mlp->spec.n_hidden];
	pass->kernels->output_forward(n, output->n_in, in, weights->params + output->weight,
	                              weights->params[output->bias], pass->logit);
}

/* What a range of parameters and a tensor at offset share, as rows of the tensor. */
struct shared_rows {
	size_t begin, end;
};

static struct shared_rows shared_rows(size_t begin, size_t end, size_t offset, size_t n_rows, size_t n_cols)
{
	size_t behind = offset + n_rows * n_cols;
	size_t from = begin > offset ? begin : offset, to = end < behind ? end : behind;
	if (from >= to)
		return (struct shared_rows){0};
	assert((from - offset) % n_cols == 0 && (to - offset) % n_cols == 0);
	return (struct shared_rows){(from - offset) / n_cols, (to - offset) / n_cols};
}

static void weight_gradient(const struct flt_pass *pass, const struct flt_linear *linear, size_t n, const float *x,
                            const float *dz, struct shared_rows rows, float *dw)
{
	if (is_large(pass, linear)) {
		assert(rows.begin == 0 && rows.end == linear->n_out);
		flt_blas_backward_weight(n, linear->n_in, linear->n_out, x, dz, dw);
	} else {
		flt_linear_backward_weight(pass->kernels->product, n, linear->n_in, linear->n_out, rows.begin, rows.end,
		                           x, dz, dw);
	}
}

/* Of layer i, of whose parameters [begin, end) are wanted, once the gradient by its output is there. */
static void layer_gradient(const struct flt_pass *pass, const struct flt_mlp *mlp, size_t i, size_t n, size_t begin,
                           size_t end, float *dparams)
{
	const struct flt_kernels *kernels = pass->kernels;
	const struct flt_linear *linear = &mlp->linear[i];
	bool is_output = i == mlp->spec.n_hidden;
	struct shared_rows w = shared_rows(begin, end, linear->weight, linear->n_out, linear->n_in);
	struct shared_rows b = shared_rows(begin, end, linear->bias, linear->n_out, 1);
	const float *x = i > 0 ? pass->a[i - 1] : first_input(pass, mlp, pass->x);
	const float *dz = is_output ? pass->dlogit : pass->dz[i];
	float *dw = dparams + linear->weight, *dbias = dparams + linear->bias + b.begin;
	if (w.end > w.begin && is_output)
		kernels->column_sums(n, linear->n_in, linear->n_in, x, dz, dw);
	else if (w.end > w.begin)
		weight_gradient(pass, linear, n, x, dz, w, dw);
	if (b.end > b.begin)
		kernels->column_sums(n, b.end - b.begin, linear->n_out, dz + b.begin, NULL, dbias);
}

void flt_pass_some_gradient(struct flt_pass *pass, const struct flt_mlp *mlp, size_t n, size_t begin, size_t end,
                            float *dparams)
{
	for (size_t i = 0; i < mlp->n_linear; i++)
		layer_gradient(pass, mlp, i, n, begin, end, dparams);
}

/* Where the gradient by the input of layer i goes: NULL where nobody needs it. */
static float *gradient_below(const struct flt_pass *pass, size_t i)
{
	return i > 0 ? pass->dz[i - 1] : pass->dfirst;
}

/* Down to the gradient by the first layer's input; that by each layer's parameters on the way, while its rows are in
 * the cache, unless dparams is NULL. */
static void backward(struct flt_pass *pass, const struct flt_weights *weights, size_t n,
                     const struct flt_dropout *dropout, float *dparams)
{
	const struct flt_mlp *mlp = weights->mlp;
	size_t layer = mlp->spec.n_hidden;
	const struct flt_linear *output = &mlp->linear[layer];
	float *below = gradient_below(pass, layer);
	if (below)
		pass->kernels->output_backward(n, output->n_in, weights->params + output->weight, pass->dlogit, below);
	if (dparams)
		layer_gradient(pass, mlp, layer, n, 0, mlp->n_params, dparams);
	while (layer-- > 0) {
		activation_backward(pass, layer, n, mlp->linear[layer].n_out, dropout);
		if (dparams)
			layer_gradient(pass, mlp, layer, n, 0, mlp->n_params, dparams);
		below = gradient_below(pass, layer);
		if (below)
			input_backward(pass, weights, layer, n, below);
	}
}

void flt_pass_predict(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *x)
{
	forward(pass, weights, n, x, FLT_TO_PREDICT, &no_dropout);
}

/* ---- the gradient by the inputs ---- */

/* From dy (n, n_first). */
static void front_backward_input(struct flt_pass *pass, const struct flt_weights *weights, size_t n, const float *dy)
{
	const struct flt_mlp *mlp = weights->mlp;
	bool is_embedded = mlp->embedding.n_numeric > 0;
	if (mlp->spec.front_scale) {
		float *scaled = is_embedded ? pass->scaled : pass->dx; /* what it holds is not needed any more */
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
	const struct flt_linear *output = &mlp->linear[layer];
	float *below = gradient_below(pass, layer);
	pass->kernels->output_backward_input(n, output->n_in, weights->params + output->weight,
	                                     below ? below : pass->dx);
	while (layer-- > 0) {
		size_t n_out = mlp->linear[layer].n_out;
		if (pass->slope[layer])
			pass->kernels->activate_backward(n, n_out, pass->slope[layer], pass->dz[layer]);
		else
			pass->kernels->relu_backward_input(n, n_out, pass->a[layer], pass->dz[layer]);
		below = gradient_below(pass, layer);
		input_backward(pass, weights, layer, n, below ? below : pass->dx);
	}
	if (pass->dfirst)
		front_backward_input(pass, weights, n, pass->dfirst);
}

void flt_pass_input_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n)
{
	forward(pass, weights, n, pass->x, FLT_TO_EXPLAIN, &no_dropout);
	backward_input(pass, weights, n);
}

/* ---- the gradient of a loss ---- */

void flt_pass_gradient(struct flt_pass *pass, const struct flt_weights *weights, size_t n,
                       const struct flt_pass_loss *loss, float *dparams, struct flt_loss_sums *sums)
{
	forward(pass, weights, n, pass->x, FLT_TO_TRAIN, &loss->dropout);
	flt_pass_sum_loss(pass, n, loss, sums);
	backward(pass, weights, n, &loss->dropout, dparams);
	if (pass->dfirst)
		front_backward(pass, weights, n, pass->dfirst, dparams);
}

void flt_pass_sum_loss(struct flt_pass *pass, size_t n, const struct flt_pass_loss *loss, struct flt_loss_sums *sums)
{
	pass->kernels->focal(loss->focal, n, pass->logit, loss->label, loss->weight, loss->factor, pass->value,
	                     pass->dlogit, sums);
}

bool flt_pass_is_divisible(const struct flt_pass *pass, const struct flt_mlp *mlp)
{
	for (size_t i = 0; i < mlp->spec.n_hidden; i++)
		if (is_large(pass, &mlp->linear[i]))
			return false;
	return !flt_mlp_has_front(mlp);
}

/* The pass whose first row is row `begin` of this one. */
static struct flt_pass pass_from(const struct flt_pass *pass, const struct flt_mlp *mlp, size_t begin)
{
	struct flt_pass part = *pass;
	part.max_rows -= begin;
	part.x += begin * mlp->spec.n_in;
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		size_t at = begin * mlp->spec.hidden[i];
		part.a[i] += at;
		part.dz[i] += at;
		if (part.slope[i])
			part.slope[i] += at;
	}
	part.logit += begin;
	part.value += begin;
	part.dlogit += begin;
	return part;
}

void flt_pass_some_rows(struct flt_pass *pass, const struct flt_weights *weights, size_t begin, size_t n,
                        const struct flt_pass_loss *loss)
{
	struct flt_pass part = pass_from(pass, weights->mlp, begin);
	struct flt_dropout dropout = loss->dropout;
	struct flt_loss_sums unused = {0};
	dropout.first_row = begin;
	forward(&part, weights, n, part.x, FLT_TO_TRAIN, &dropout);
	part.kernels->focal(loss->focal, n, part.logit, loss->label + begin, loss->weight ? loss->weight + begin : NULL,
	                    loss->factor, part.value, part.dlogit, &unused);
	backward(&part, weights, n, &dropout, NULL);
}
