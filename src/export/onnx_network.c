/*
 * A network (nn/mlp.h). The numbers that embeddings give stand behind all inputs here, and between them there, so the
 * columns of the first layer's weight, and of the front scale, change places.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "export/onnx_parts.h"

struct network {
	struct flt_onnx_graph *graph;
	const struct flt_view_member *member;
	size_t n_numeric; /* embedded inputs */
	size_t n_first;   /* inputs of the first layer */
	size_t *first;    /* (n_first) where the graph has what is there */
	float *scratch;   /* as large as any tensor */
};

static size_t two(const struct network *network, const char *op, size_t a, size_t b)
{
	return flt_onnx_of_two(network->graph, op, a, b);
}

static size_t with(const struct network *network, const char *op, size_t a, float b)
{
	return two(network, op, a, flt_onnx_float(network->graph, b));
}

static size_t of(const struct network *network, const char *op, size_t a)
{
	return flt_onnx_of(network->graph, op, a);
}

/* A tensor in other dimensions, as a constant. */
static size_t constant(const struct network *network, const char *name, const size_t *dims, size_t n_dims)
{
	struct flt_tensor tensor;
	return flt_onnx_floats(network->graph, flt_view_tensor(network->member, name, &tensor), dims, n_dims);
}

/* ---- embedding ---- */

static size_t put_phase(const struct network *network, const size_t dims[3])
{
	const float turns_per_radian = 0.159154943f;
	struct flt_tensor tensor;
	const float *phase = flt_view_tensor(network->member, "embedding.phase", &tensor);
	for (size_t i = 0; i < dims[0] * dims[2]; i++)
		network->scratch[i] = phase[i] * turns_per_radian;
	return flt_onnx_floats(network->graph, network->scratch, dims, 3);
}

/* (n_numeric, n_frequencies, n_out) of (n_numeric, n_out, n_frequencies) */
static size_t put_embedding_weight(const struct network *network, size_t n_out)
{
	size_t n_freq = network->member->spec.n_frequencies;
	struct flt_tensor tensor;
	const float *weight = flt_view_tensor(network->member, "embedding.weight", &tensor);
	for (size_t k = 0; k < network->n_numeric; k++)
		for (size_t j = 0; j < n_out; j++)
			for (size_t f = 0; f < n_freq; f++)
				network->scratch[(k * n_freq + f) * n_out + j] = weight[(k * n_out + j) * n_freq + f];
	return flt_onnx_floats(network->graph, network->scratch, (const size_t[]){network->n_numeric, n_freq, n_out},
	                       3);
}

/* The cosine of so many turns; 1 where they are too many to hold a fraction, as in nn/kernels_math.h. */
static size_t cosine_of_turns(const struct network *network, size_t turns)
{
	const float most = 4194304, radians_per_turn = 6.2831853f;
	size_t rest = two(network, "Sub", turns, of(network, "Round", turns));
	size_t has_rest = with(network, "Less", of(network, "Abs", turns), most);
	rest = flt_onnx_of_three(network->graph, "Where", has_rest, rest, flt_onnx_float(network->graph, 0));
	return of(network, "Cos", with(network, "Mul", rest, radians_per_turn));
}

/* What the embedded inputs of x become, beside them (rows, n_numeric * n_out): one matrix product for each, of its
 * cosines (n_numeric, rows, n_frequencies). */
static enum flt_status put_embedding(const struct network *network, size_t *x, struct flt_error *err)
{
	struct flt_onnx_graph *graph = network->graph;
	const struct flt_mlp_spec *spec = &network->member->spec;
	size_t n = network->n_numeric, n_out = spec->n_embedded - 1, n_picked = 0;
	const size_t of_freq[] = {n, 1, spec->n_frequencies}, of_out[] = {n, 1, n_out};
	int64_t *numeric = flt_alloc(n, sizeof *numeric, err);
	FLT_TRY_MEMORY(numeric);
	for (size_t i = 0; i < spec->n_in; i++)
		if (spec->numeric[i])
			numeric[n_picked++] = (int64_t)i;
	size_t inputs = flt_onnx_turned(graph, flt_onnx_columns(graph, *x, numeric, n), (const int64_t[]){1, 0}, 2);
	flt_free(numeric);
	inputs = flt_onnx_shaped(graph, inputs, (const int64_t[]){(int64_t)n, -1, 1}, 3);
	size_t turns = two(network, "Mul", inputs, constant(network, "embedding.frequency", of_freq, 3));
	turns = two(network, "Add", turns, put_phase(network, of_freq));
	size_t y = two(network, "MatMul", cosine_of_turns(network, turns), put_embedding_weight(network, n_out));
	y = two(network, "Add", y, constant(network, "embedding.bias", of_out, 3));
	y = flt_onnx_turned(graph, y, (const int64_t[]){1, 0, 2}, 3);
	y = flt_onnx_shaped(graph, y, (const int64_t[]){-1, (int64_t)(n * n_out)}, 2);
	*x = flt_onnx_beside(graph, (const size_t[]){*x, y}, 2);
	return FLT_OK;
}

/* ---- layers ---- */

/* A matrix (n_rows, n_first), whose columns change places. */
static size_t put_first(const struct network *network, const char *name, size_t n_rows)
{
	size_t n = network->n_first;
	struct flt_tensor tensor;
	const float *from = flt_view_tensor(network->member, name, &tensor);
	for (size_t row = 0; row < n_rows; row++)
		for (size_t i = 0; i < n; i++)
			network->scratch[row * n + network->first[i]] = from[row * n + i];
	return flt_onnx_floats(network->graph, network->scratch, (const size_t[]){n_rows, n}, 2);
}

static size_t activate(const struct network *network, size_t x)
{
	size_t e, n;
	switch (network->member->spec.activation) {
	case FLT_RELU:
		return of(network, "Relu", x);
	case FLT_SELU:
		return of(network, "Selu", x);
	case FLT_SILU: /* x / (1 + e^-x) is as exact far below 0 as near it */
		return two(network, "Div", x, with(network, "Add", of(network, "Exp", of(network, "Neg", x)), 1));
	case FLT_MISH: /* x tanh(softplus(x)), as in nn/kernels_math.h */
		e = of(network, "Exp", with(network, "Min", x, 20));
		n = two(network, "Mul", e, with(network, "Add", e, 2));
		return two(network, "Mul", x, two(network, "Div", n, with(network, "Add", n, 2)));
	case FLT_TANH:
	case FLT_N_ACTIVATIONS:
		break;
	}
	return of(network, "Tanh", x);
}

static size_t put_layer(const struct network *network, size_t layer, size_t x)
{
	const struct flt_mlp_spec *spec = &network->member->spec;
	char weight_name[sizeof((struct flt_tensor *)NULL)->name], bias_name[sizeof weight_name];
	snprintf(weight_name, sizeof weight_name, "layer%zu.weight", layer);
	snprintf(bias_name, sizeof bias_name, "layer%zu.bias", layer);
	size_t n_out = layer < spec->n_hidden ? spec->hidden[layer] : 1;
	const size_t dims[] = {n_out, layer > 0 ? spec->hidden[layer - 1] : network->n_first};
	size_t weight = layer > 0 ? constant(network, weight_name, dims, 2) : put_first(network, weight_name, n_out);
	return flt_onnx_linear(network->graph, x, weight, constant(network, bias_name, dims, 1));
}

static enum flt_status put_layers(const struct network *network, size_t x, size_t *logit, struct flt_error *err)
{
	const struct flt_mlp_spec *spec = &network->member->spec;
	if (network->n_numeric > 0)
		FLT_TRY(put_embedding(network, &x, err));
	if (spec->front_scale)
		x = two(network, "Mul", x, put_first(network, "scale", 1));
	for (size_t i = 0; i < spec->n_hidden; i++)
		x = activate(network, put_layer(network, i, x));
	*logit = put_layer(network, spec->n_hidden, x);
	return FLT_OK;
}

/* ---- shape ---- */

static void place_inputs(struct network *network)
{
	const struct flt_mlp_spec *spec = &network->member->spec;
	size_t n_out = network->n_numeric > 0 ? spec->n_embedded - 1 : 0, at = 0, behind = spec->n_in;
	for (size_t i = 0; i < spec->n_in; i++) {
		network->first[at++] = i;
		for (size_t j = 0; network->n_numeric > 0 && spec->numeric[i] && j < n_out; j++)
			network->first[at++] = behind++;
	}
}

static size_t largest_tensor(const struct flt_mlp *net)
{
	size_t largest = 0;
	for (size_t i = 0; i < flt_mlp_n_tensors(net); i++) {
		struct flt_tensor tensor = flt_mlp_tensor(net, i);
		size_t n = tensor.n_rows * tensor.n_cols;
		largest = n > largest ? n : largest;
	}
	return largest;
}

enum flt_status flt_onnx_network(struct flt_onnx_graph *graph, const struct flt_view_member *member, size_t x,
                                 size_t *logit, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	const struct flt_mlp_spec *spec = &member->spec;
	struct network network = {.graph = graph, .member = member, .n_first = spec->n_in};
	for (size_t i = 0; spec->embedding != FLT_EMBEDDING_NONE && i < spec->n_in; i++)
		network.n_numeric += spec->numeric[i];
	network.n_first += network.n_numeric > 0 ? network.n_numeric * (spec->n_embedded - 1) : 0;
	network.first = flt_alloc(network.n_first, sizeof *network.first, err);
	network.scratch = flt_alloc(largest_tensor(member->net), sizeof *network.scratch, err);
	FLT_TRY_MEMORY_OUT(network.first && network.scratch);
	place_inputs(&network);
	status = put_layers(&network, x, logit, err);
out:
	flt_free(network.first);
	flt_free(network.scratch);
	return status;
}
