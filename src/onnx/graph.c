/* The numbers of fields are those of onnx.proto. */
#include "onnx/graph.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_SIZE = 24 };

/* AttributeProto.AttributeType */
enum { ATTRIBUTE_INT = 2, ATTRIBUTE_INTS = 7, ATTRIBUTE_STRINGS = 8 };

void flt_onnx_graph_init(struct flt_onnx_graph *graph, const char *const *input_names, size_t n_inputs,
                         const char *prefix, struct flt_error *err)
{
	*graph = (struct flt_onnx_graph){
	        .prefix = prefix, .input_names = input_names, .n_inputs = n_inputs, .n_values = n_inputs};
	struct flt_proto *all[] = {&graph->nodes,   &graph->constants, &graph->inputs,  &graph->outputs,
	                           &graph->part[0], &graph->part[1],   &graph->part[2], &graph->metadata};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		all[i]->err = err;
}

void flt_onnx_graph_release(struct flt_onnx_graph *graph)
{
	struct flt_proto *all[] = {&graph->nodes,   &graph->constants, &graph->inputs,  &graph->outputs,
	                           &graph->part[0], &graph->part[1],   &graph->part[2], &graph->metadata};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		flt_proto_release(all[i]);
}

/* The value's name as a field. */
static void put_name(struct flt_proto *proto, unsigned field, const struct flt_onnx_graph *graph, size_t value)
{
	char number[NUMBER_SIZE];
	snprintf(number, sizeof number, "%zu", value);
	if (value < graph->n_inputs)
		flt_proto_text(proto, field, graph->input_names[value]);
	else
		flt_proto_two_texts(proto, field, graph->prefix, number);
}

/* ---- inputs, outputs, metadata ---- */

/* The type of a column (rows, 1), in part[1]. */
static void put_column_type(struct flt_onnx_graph *graph, enum flt_onnx_type type)
{
	struct flt_proto *dimension = &graph->part[2], shape = {.err = dimension->err},
	                 tensor = {.err = dimension->err};
	flt_proto_text(dimension, 2, "rows");
	flt_proto_message(&shape, 1, dimension);
	flt_proto_integer(dimension, 1, 1);
	flt_proto_message(&shape, 1, dimension);
	flt_proto_integer(&tensor, 1, type);
	flt_proto_message(&tensor, 2, &shape);
	flt_proto_message(&graph->part[1], 1, &tensor);
	flt_proto_release(&shape);
	flt_proto_release(&tensor);
}

static void put_column(struct flt_onnx_graph *graph, struct flt_proto *to, unsigned field, const char *name,
                       enum flt_onnx_type type, const char *about)
{
	struct flt_proto *column = &graph->part[0];
	flt_proto_text(column, 1, name);
	put_column_type(graph, type);
	flt_proto_message(column, 2, &graph->part[1]);
	flt_proto_text(column, 3, about);
	flt_proto_message(to, field, column);
}

void flt_onnx_input(struct flt_onnx_graph *graph, size_t input, enum flt_onnx_type type, const char *about)
{
	put_column(graph, &graph->inputs, 11, graph->input_names[input], type, about);
}

void flt_onnx_output(struct flt_onnx_graph *graph, size_t value, const char *name, enum flt_onnx_type type,
                     const char *about)
{
	struct flt_proto *node = &graph->part[0];
	put_name(node, 1, graph, value);
	flt_proto_text(node, 2, name);
	flt_proto_text(node, 4, "Identity");
	flt_proto_message(&graph->nodes, 1, node);
	put_column(graph, &graph->outputs, 12, name, type, about);
}

void flt_onnx_metadata(struct flt_onnx_graph *graph, const char *key, const char *value)
{
	flt_proto_text(&graph->part[0], 1, key);
	flt_proto_text(&graph->part[0], 2, value);
	flt_proto_message(&graph->metadata, 14, &graph->part[0]);
}

/* ---- constants ---- */

/* Items of size bytes, which become little-endian whatever the machine is. */
static size_t put_constant(struct flt_onnx_graph *graph, enum flt_onnx_type type, const void *data, size_t size,
                           const size_t *dims, size_t n_dims)
{
	struct flt_proto *tensor = &graph->part[0], *raw = &graph->part[1];
	size_t value = graph->n_values++, n = flt_onnx_n_items(dims, n_dims);
	const unsigned char *items = data;
	for (size_t i = 0; i < n_dims; i++)
		flt_proto_integer(tensor, 1, (int64_t)dims[i]);
	flt_proto_integer(tensor, 2, type);
	put_name(tensor, 8, graph, value);
	if (raw->status == FLT_OK)
		raw->status = flt_text_buffer_reserve(&raw->text, n * size, raw->err);
	for (size_t i = 0; i < n && raw->status == FLT_OK; i++) {
		uint64_t bits = 0;
		uint32_t half;
		memcpy(&half, items + i * size, sizeof half);
		if (size == sizeof bits)
			memcpy(&bits, items + i * size, sizeof bits);
		else
			bits = half;
		for (size_t b = 0; b < size; b++)
			raw->text.bytes[raw->text.length++] = (char)(bits >> 8 * b);
	}
	flt_proto_message(tensor, 9, raw);
	flt_proto_message(&graph->constants, 5, tensor);
	return value;
}

size_t flt_onnx_doubles(struct flt_onnx_graph *graph, const double *data, const size_t *dims, size_t n_dims)
{
	return put_constant(graph, FLT_ONNX_DOUBLE, data, sizeof *data, dims, n_dims);
}

size_t flt_onnx_floats(struct flt_onnx_graph *graph, const float *data, const size_t *dims, size_t n_dims)
{
	return put_constant(graph, FLT_ONNX_FLOAT, data, sizeof *data, dims, n_dims);
}

size_t flt_onnx_integers(struct flt_onnx_graph *graph, const int64_t *data, size_t n)
{
	return put_constant(graph, FLT_ONNX_INT64, data, sizeof *data, &n, 1);
}

size_t flt_onnx_double(struct flt_onnx_graph *graph, double scalar)
{
	return flt_onnx_doubles(graph, &scalar, NULL, 0);
}

size_t flt_onnx_float(struct flt_onnx_graph *graph, float scalar)
{
	return flt_onnx_floats(graph, &scalar, NULL, 0);
}

size_t flt_onnx_double_row(struct flt_onnx_graph *graph, const double *data, size_t n)
{
	return flt_onnx_doubles(graph, data, (const size_t[]){1, n}, 2);
}

/* ---- nodes ---- */

/* Begins a node of n values, in part[0]; attributes may follow. Returns the value that it makes. */
static size_t begin_node(struct flt_onnx_graph *graph, const char *op, const size_t *values, size_t n)
{
	struct flt_proto *node = &graph->part[0];
	size_t made = graph->n_values++;
	for (size_t i = 0; i < n; i++) {
		assert(values[i] < made);
		put_name(node, 1, graph, values[i]);
	}
	put_name(node, 2, graph, made);
	flt_proto_text(node, 4, op);
	return made;
}

static size_t end_node(struct flt_onnx_graph *graph, size_t made)
{
	flt_proto_message(&graph->nodes, 1, &graph->part[0]);
	return made;
}

static void put_attribute(struct flt_onnx_graph *graph, const char *name, int type)
{
	flt_proto_text(&graph->part[1], 1, name);
	flt_proto_integer(&graph->part[1], 20, type);
	flt_proto_message(&graph->part[0], 5, &graph->part[1]);
}

static void put_integer(struct flt_onnx_graph *graph, const char *name, int64_t value)
{
	flt_proto_integer(&graph->part[1], 3, value);
	put_attribute(graph, name, ATTRIBUTE_INT);
}

static void put_integers(struct flt_onnx_graph *graph, const char *name, const int64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		flt_proto_integer(&graph->part[1], 8, values[i]);
	put_attribute(graph, name, ATTRIBUTE_INTS);
}

static size_t put_node(struct flt_onnx_graph *graph, const char *op, const size_t *values, size_t n)
{
	return end_node(graph, begin_node(graph, op, values, n));
}

size_t flt_onnx_of(struct flt_onnx_graph *graph, const char *op, size_t a)
{
	return put_node(graph, op, &a, 1);
}

size_t flt_onnx_of_two(struct flt_onnx_graph *graph, const char *op, size_t a, size_t b)
{
	return put_node(graph, op, (const size_t[]){a, b}, 2);
}

size_t flt_onnx_with(struct flt_onnx_graph *graph, const char *op, size_t a, double b)
{
	return flt_onnx_of_two(graph, op, a, flt_onnx_double(graph, b));
}

size_t flt_onnx_of_three(struct flt_onnx_graph *graph, const char *op, size_t a, size_t b, size_t c)
{
	return put_node(graph, op, (const size_t[]){a, b, c}, 3);
}

/* A node with one attribute, a number. */
static size_t put_with(struct flt_onnx_graph *graph, const char *op, const size_t *values, size_t n,
                       const char *attribute, int64_t value)
{
	size_t made = begin_node(graph, op, values, n);
	put_integer(graph, attribute, value);
	return end_node(graph, made);
}

size_t flt_onnx_cast(struct flt_onnx_graph *graph, size_t value, enum flt_onnx_type type)
{
	return put_with(graph, "Cast", &value, 1, "to", type);
}

size_t flt_onnx_columns(struct flt_onnx_graph *graph, size_t value, const int64_t *index, size_t n)
{
	return put_with(graph, "Gather", (const size_t[]){value, flt_onnx_integers(graph, index, n)}, 2, "axis", 1);
}

size_t flt_onnx_rows(struct flt_onnx_graph *graph, size_t table, size_t index)
{
	return put_with(graph, "Gather", (const size_t[]){table, index}, 2, "axis", 0);
}

size_t flt_onnx_beside(struct flt_onnx_graph *graph, const size_t *values, size_t n)
{
	return n == 1 ? values[0] : put_with(graph, "Concat", values, n, "axis", 1);
}

size_t flt_onnx_shaped(struct flt_onnx_graph *graph, size_t value, const int64_t *shape, size_t n_dims)
{
	return flt_onnx_of_two(graph, "Reshape", value, flt_onnx_integers(graph, shape, n_dims));
}

size_t flt_onnx_turned(struct flt_onnx_graph *graph, size_t value, const int64_t *order, size_t n_dims)
{
	size_t made = begin_node(graph, "Transpose", &value, 1);
	put_integers(graph, "perm", order, n_dims);
	return end_node(graph, made);
}

size_t flt_onnx_sum_of_row(struct flt_onnx_graph *graph, size_t value)
{
	return flt_onnx_of_two(graph, "ReduceSum", value, flt_onnx_integers(graph, (const int64_t[]){1}, 1));
}

size_t flt_onnx_largest_of_row(struct flt_onnx_graph *graph, size_t value)
{
	size_t made = begin_node(graph, "ReduceMax", &value, 1);
	put_integers(graph, "axes", (const int64_t[]){1}, 1);
	return end_node(graph, made);
}

size_t flt_onnx_linear(struct flt_onnx_graph *graph, size_t x, size_t weight, size_t bias)
{
	return put_with(graph, "Gemm", (const size_t[]){x, weight, bias}, 3, "transB", 1);
}

size_t flt_onnx_number_of_text(struct flt_onnx_graph *graph, size_t value, const char *const *texts,
                               const int64_t *numbers, size_t n, int64_t n_others)
{
	size_t made = begin_node(graph, "LabelEncoder", &value, 1);
	flt_proto_text(&graph->part[0], 7, "ai.onnx.ml");
	for (size_t i = 0; i < n; i++)
		flt_proto_text(&graph->part[1], 9, texts[i]);
	put_attribute(graph, "keys_strings", ATTRIBUTE_STRINGS);
	for (size_t i = 0; i < n; i++)
		flt_proto_integer(&graph->part[1], 8, numbers[i]);
	put_attribute(graph, "values_int64s", ATTRIBUTE_INTS);
	put_integer(graph, "default_int64", n_others);
	return end_node(graph, made);
}

/* ---- the file ---- */

static void append_part(struct flt_proto *to, const struct flt_proto *part)
{
	if (to->status == FLT_OK)
		to->status = part->status;
	if (to->status == FLT_OK && part->text.length > 0)
		to->status = flt_text_buffer_append(&to->text, part->text.bytes, part->text.length, to->err);
}

static void put_opset(struct flt_proto *model, const char *domain, int64_t version, struct flt_proto *opset)
{
	flt_proto_text(opset, 1, domain);
	flt_proto_integer(opset, 2, version);
	flt_proto_message(model, 8, opset);
}

enum flt_status flt_onnx_finish(struct flt_onnx_graph *graph, const char *name, const char *version, const char *about,
                                struct flt_text_buffer *bytes, struct flt_error *err)
{
	struct flt_proto body = {.err = err}, model = {.text = *bytes, .err = err};
	append_part(&body, &graph->nodes);
	flt_proto_text(&body, 2, name);
	append_part(&body, &graph->constants);
	append_part(&body, &graph->inputs);
	append_part(&body, &graph->outputs);
	flt_proto_integer(&model, 1, FLT_ONNX_IR);
	flt_proto_text(&model, 2, "fltrain");
	flt_proto_text(&model, 3, version);
	flt_proto_text(&model, 6, about);
	flt_proto_message(&model, 7, &body);
	put_opset(&model, "", FLT_ONNX_OPSET, &graph->part[0]);
	put_opset(&model, "ai.onnx.ml", FLT_ONNX_ML_OPSET, &graph->part[0]);
	append_part(&model, &graph->metadata);
	for (size_t i = 0; i < 3 && model.status == FLT_OK; i++)
		model.status = graph->part[i].status;
	*bytes = model.text;
	flt_proto_release(&body);
	return model.status;
}
