/*
 * The layout of a network: tensors follow each other in the flat vector in the order in which data flows through them,
 * and everything else only reads their offsets.
 */
#include "nn/mlp.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "nn/shape.h"

/* Appends a tensor to the layout and returns its offset. check_spec bounds every size, so n_params cannot overflow. */
static size_t append(struct flt_mlp *mlp, enum flt_group group, size_t n_rows, size_t n_cols, const char *name, ...)
        __attribute__((format(printf, 5, 6)));

static size_t append(struct flt_mlp *mlp, enum flt_group group, size_t n_rows, size_t n_cols, const char *name, ...)
{
	assert(mlp->n_tensors < FLT_MAX_TENSORS);
	struct flt_tensor *tensor = &mlp->tensor[mlp->n_tensors++];
	va_list args;
	va_start(args, name);
	vsnprintf(tensor->name, sizeof tensor->name, name, args);
	va_end(args);
	tensor->group = group;
	tensor->offset = mlp->n_params;
	tensor->n_rows = n_rows;
	tensor->n_cols = n_cols;
	mlp->n_params += n_rows * n_cols;
	return tensor->offset;
}

static void lay_out_embedding(struct flt_mlp *mlp)
{
	struct flt_embedding_shape *e = &mlp->embedding;
	e->n_freq = mlp->spec.n_frequencies;
	e->n_out = mlp->spec.n_embedded - 1;
	e->frequency = append(mlp, FLT_GROUP_EMBEDDING, e->n_numeric, e->n_freq, "embedding.frequency");
	e->phase = append(mlp, FLT_GROUP_EMBEDDING, e->n_numeric, e->n_freq, "embedding.phase");
	e->weight = append(mlp, FLT_GROUP_EMBEDDING, e->n_numeric * e->n_out, e->n_freq, "embedding.weight");
	e->bias = append(mlp, FLT_GROUP_EMBEDDING, e->n_numeric, e->n_out, "embedding.bias");
	mlp->n_first += e->n_numeric * e->n_out;
}

static void lay_out(struct flt_mlp *mlp)
{
	const struct flt_mlp_spec *spec = &mlp->spec;
	mlp->n_first = spec->n_in;
	if (mlp->embedding.n_numeric)
		lay_out_embedding(mlp);
	mlp->max_width = mlp->n_first;
	if (spec->front_scale)
		mlp->scale = append(mlp, FLT_GROUP_SCALE, mlp->n_first, 1, "scale");
	size_t n_in = mlp->n_first;
	for (size_t i = 0; i <= spec->n_hidden; i++) {
		bool last = i == spec->n_hidden;
		struct flt_linear *linear = &mlp->linear[mlp->n_linear++];
		linear->n_in = n_in;
		linear->n_out = last ? 1 : spec->hidden[i];
		linear->weight = append(mlp, last ? FLT_GROUP_OUTPUT_WEIGHT : FLT_GROUP_WEIGHT, linear->n_out, n_in,
		                        "layer%zu.weight", i);
		linear->bias = append(mlp, last ? FLT_GROUP_OUTPUT_BIAS : FLT_GROUP_BIAS, linear->n_out, 1,
		                      "layer%zu.bias", i);
		if (linear->n_out > mlp->max_width)
			mlp->max_width = linear->n_out;
		n_in = linear->n_out;
	}
}

static size_t count_numeric(const struct flt_mlp_spec *spec)
{
	if (!spec->numeric)
		return spec->n_in;
	size_t n = 0;
	for (size_t i = 0; i < spec->n_in; i++)
		n += spec->numeric[i];
	return n;
}

/* Bounds on each dimension that keep every product and sum of the layout below 2^62. */
static enum flt_status check_spec(const struct flt_mlp_spec *spec, struct flt_error *err)
{
	enum { MAX_WIDTH = 1 << 24, MAX_EMBEDDING = 1024 };
	if (spec->n_in < 1 || spec->n_in > MAX_WIDTH)
		return flt_fail(err, FLT_ERR_USAGE, "a network takes 1 to %d inputs, not %zu", MAX_WIDTH, spec->n_in);
	if (spec->n_hidden > FLT_MAX_HIDDEN)
		return flt_fail(err, FLT_ERR_USAGE, "--hidden takes at most %d layers, not %zu", FLT_MAX_HIDDEN,
		                spec->n_hidden);
	for (size_t i = 0; i < spec->n_hidden; i++)
		if (spec->hidden[i] < 1 || spec->hidden[i] > MAX_WIDTH)
			return flt_fail(err, FLT_ERR_USAGE, "--hidden takes widths of 1 to %d, not %zu", MAX_WIDTH,
			                spec->hidden[i]);
	if ((unsigned)spec->activation > FLT_TANH || (unsigned)spec->embedding > FLT_EMBEDDING_PBLD)
		return flt_fail(err, FLT_ERR_USAGE, "the network's activation or embedding is unknown");
	if (spec->embedding == FLT_EMBEDDING_NONE)
		return FLT_OK;
	if (spec->n_frequencies < 1 || spec->n_frequencies > MAX_EMBEDDING || spec->n_embedded < 2 ||
	    spec->n_embedded > MAX_EMBEDDING)
		return flt_fail(err, FLT_ERR_USAGE,
		                "an embedding takes 1 to %d frequencies and 2 to %d outputs, not %zu and %zu",
		                MAX_EMBEDDING, MAX_EMBEDDING, spec->n_frequencies, spec->n_embedded);
	return FLT_OK;
}

static enum flt_status copy_numeric(struct flt_mlp *mlp, const struct flt_mlp_spec *spec, struct flt_error *err)
{
	if (spec->embedding == FLT_EMBEDDING_NONE) {
		mlp->spec.numeric = NULL;
		return FLT_OK;
	}
	mlp->embedding.n_numeric = count_numeric(spec);
	mlp->numeric = flt_alloc(spec->n_in, sizeof *mlp->numeric, err);
	FLT_TRY_MEMORY(mlp->numeric);
	for (size_t i = 0; i < spec->n_in; i++)
		mlp->numeric[i] = spec->numeric ? spec->numeric[i] : true;
	mlp->spec.numeric = mlp->numeric;
	return FLT_OK;
}

enum flt_status flt_mlp_lay_out(const struct flt_mlp_spec *spec, struct flt_mlp *mlp, struct flt_error *err)
{
	*mlp = (struct flt_mlp){0};
	enum flt_status status = FLT_OK;
	FLT_TRY(check_spec(spec, err));
	mlp->spec = *spec;
	FLT_TRY_OUT(copy_numeric(mlp, spec, err));
	lay_out(mlp);
	if (mlp->n_params > FLT_MAX_PARAMS)
		status = flt_fail(err, FLT_ERR_USAGE,
		                  "a network of that shape has %zu parameters, more than %d: choose smaller --hidden "
		                  "layers or fewer inputs",
		                  mlp->n_params, FLT_MAX_PARAMS);
out:
	if (status != FLT_OK)
		flt_mlp_release(mlp);
	return status;
}

void flt_mlp_release(struct flt_mlp *mlp)
{
	flt_free(mlp->numeric);
	flt_free(mlp->params);
	*mlp = (struct flt_mlp){0};
}

enum flt_status flt_mlp_new(const struct flt_mlp_spec *spec, struct flt_mlp **made, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*made = NULL;
	struct flt_mlp *mlp = flt_alloc_zero(1, sizeof *mlp, err);
	FLT_TRY_MEMORY(mlp);
	FLT_TRY_OUT(flt_mlp_lay_out(spec, mlp, err));
	mlp->params = flt_alloc_aligned(mlp->n_params, sizeof *mlp->params, err);
	FLT_TRY_MEMORY_OUT(mlp->params);
	*made = mlp;
out:
	if (status != FLT_OK)
		flt_mlp_free(mlp);
	return status;
}

void flt_mlp_free(struct flt_mlp *mlp)
{
	if (!mlp)
		return;
	flt_mlp_release(mlp);
	flt_free(mlp);
}

struct flt_mlp_spec flt_mlp_spec(const struct flt_mlp *mlp)
{
	return mlp->spec;
}

size_t flt_mlp_n_params(const struct flt_mlp *mlp)
{
	return mlp->n_params;
}

float *flt_mlp_params(struct flt_mlp *mlp)
{
	return mlp->params;
}

const float *flt_mlp_params_const(const struct flt_mlp *mlp)
{
	return mlp->params;
}

size_t flt_mlp_n_tensors(const struct flt_mlp *mlp)
{
	return mlp->n_tensors;
}

struct flt_tensor flt_mlp_tensor(const struct flt_mlp *mlp, size_t i)
{
	assert(i < mlp->n_tensors);
	return mlp->tensor[i];
}

/* Each tensor has its own stream, so another layer's presence or shape never changes this one's numbers. */
static void fill_normal(struct flt_mlp *mlp, uint64_t seed, size_t number, double deviation)
{
	const struct flt_tensor *tensor = &mlp->tensor[number];
	struct flt_random random;
	flt_random_init(&random, seed, "init", number);
	for (size_t i = 0; i < tensor->n_rows * tensor->n_cols; i++)
		mlp->params[tensor->offset + i] = (float)(deviation * flt_random_normal(&random));
}

static void fill_uniform(struct flt_mlp *mlp, uint64_t seed, size_t number, double bound)
{
	const struct flt_tensor *tensor = &mlp->tensor[number];
	struct flt_random random;
	flt_random_init(&random, seed, "init", number);
	for (size_t i = 0; i < tensor->n_rows * tensor->n_cols; i++)
		mlp->params[tensor->offset + i] = (float)(bound * (2 * flt_random_uniform(&random) - 1));
}

static void start_embedding(struct flt_mlp *mlp, const struct flt_start *start, size_t number)
{
	const struct flt_embedding_shape *e = &mlp->embedding;
	size_t offset = mlp->tensor[number].offset;
	if (offset == e->frequency)
		fill_normal(mlp, start->seed, number, start->frequency_sigma);
	else if (offset == e->phase)
		fill_uniform(mlp, start->seed, number, 3.14159265358979323846);
	else
		fill_uniform(mlp, start->seed, number, 1 / sqrt((double)e->n_freq));
}

static double hidden_deviation(const struct flt_mlp *mlp, const struct flt_start *start, size_t n_in)
{
	bool lecun = start->ntp || mlp->spec.activation == FLT_SELU || mlp->spec.activation == FLT_TANH;
	return sqrt((lecun ? 1.0 : 2.0) / (double)n_in);
}

void flt_mlp_start(struct flt_mlp *mlp, const struct flt_start *start)
{
	/* Logistic regression is convex: it needs no random start. */
	bool zero_output = start->zero_output_weight || mlp->spec.n_hidden == 0;
	memset(mlp->params, 0, mlp->n_params * sizeof *mlp->params);
	for (size_t i = 0; i < mlp->n_tensors; i++) {
		const struct flt_tensor *tensor = &mlp->tensor[i];
		switch (tensor->group) {
		case FLT_GROUP_EMBEDDING:
			start_embedding(mlp, start, i);
			break;
		case FLT_GROUP_SCALE:
			for (size_t j = 0; j < tensor->n_rows; j++)
				mlp->params[tensor->offset + j] = 1;
			break;
		case FLT_GROUP_WEIGHT:
			fill_normal(mlp, start->seed, i, hidden_deviation(mlp, start, tensor->n_cols));
			break;
		case FLT_GROUP_BIAS:
			if (start->ntp)
				fill_normal(mlp, start->seed, i, 1);
			break;
		case FLT_GROUP_OUTPUT_WEIGHT:
			if (!zero_output)
				fill_normal(mlp, start->seed, i, 1 / sqrt((double)tensor->n_cols));
			break;
		case FLT_GROUP_OUTPUT_BIAS:
			mlp->params[tensor->offset] = start->output_bias;
			break;
		case FLT_N_GROUPS:
			break;
		}
	}
}
