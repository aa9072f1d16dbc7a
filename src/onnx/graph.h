/*
 * Writing an ONNX model: values, which are inputs, constants, or what a node makes of others, and in the end the file's
 * bytes. A value is a number; its name in the file is that of the input, or the prefix and the number.
 *
 * The first failure stays in the graph and makes all later calls do nothing, so only the end needs a check.
 */
#ifndef ONNX_GRAPH_H
#define ONNX_GRAPH_H

#include "onnx/proto.h"

/* Operator sets of onnxruntime 1.8 and later, and of every onnx package since 1.8. */
enum { FLT_ONNX_IR = 7, FLT_ONNX_OPSET = 13, FLT_ONNX_ML_OPSET = 2 };

/* TensorProto.DataType */
enum flt_onnx_type {
	FLT_ONNX_FLOAT = 1,
	FLT_ONNX_INT64 = 7,
	FLT_ONNX_STRING = 8,
	FLT_ONNX_BOOL = 9,
	FLT_ONNX_DOUBLE = 11
};

/* Of an array of these dimensions; 1 for a scalar. */
static inline size_t flt_onnx_n_items(const size_t *dims, size_t n_dims)
{
	size_t n = 1;
	for (size_t i = 0; i < n_dims; i++)
		n *= dims[i];
	return n;
}

struct flt_onnx_graph {
	const char *prefix; /* of the names of values; no input's name starts with it */
	const char *const *input_names;
	size_t n_inputs;
	size_t n_values;
	struct flt_proto nodes, constants, inputs, outputs; /* fields of the GraphProto */
	struct flt_proto part[3];                           /* messages inside these, while they are written */
	struct flt_proto metadata;                          /* fields of the ModelProto */
};

/* input_names and prefix are borrowed. */
void flt_onnx_graph_init(struct flt_onnx_graph *graph, const char *const *input_names, size_t n_inputs,
                         const char *prefix, struct flt_error *err);
void flt_onnx_graph_release(struct flt_onnx_graph *graph);

/* Declares input number `input` as a column (rows, 1) of type, with a word about it for people. The input is the value
 * of the same number. */
void flt_onnx_input(struct flt_onnx_graph *graph, size_t input, enum flt_onnx_type type, const char *about);

/* A constant of n_dims dimensions, without any a scalar, and its value. */
size_t flt_onnx_doubles(struct flt_onnx_graph *graph, const double *data, const size_t *dims, size_t n_dims);
size_t flt_onnx_floats(struct flt_onnx_graph *graph, const float *data, const size_t *dims, size_t n_dims);
size_t flt_onnx_integers(struct flt_onnx_graph *graph, const int64_t *data, size_t n); /* one dimension */
size_t flt_onnx_double(struct flt_onnx_graph *graph, double scalar);
size_t flt_onnx_float(struct flt_onnx_graph *graph, float scalar);
size_t flt_onnx_double_row(struct flt_onnx_graph *graph, const double *data, size_t n); /* (1, n) */

/* What an operator of one, two or three values without attributes makes. */
size_t flt_onnx_of(struct flt_onnx_graph *graph, const char *op, size_t a);
size_t flt_onnx_of_two(struct flt_onnx_graph *graph, const char *op, size_t a, size_t b);
size_t flt_onnx_with(struct flt_onnx_graph *graph, const char *op, size_t a, double b); /* b: a constant */
size_t flt_onnx_of_three(struct flt_onnx_graph *graph, const char *op, size_t a, size_t b, size_t c);

/* Operators with attributes. */
size_t flt_onnx_cast(struct flt_onnx_graph *graph, size_t value, enum flt_onnx_type type);
size_t flt_onnx_columns(struct flt_onnx_graph *graph, size_t value, const int64_t *index, size_t n); /* picked */
size_t flt_onnx_rows(struct flt_onnx_graph *graph, size_t table, size_t index);                      /* picked */
size_t flt_onnx_beside(struct flt_onnx_graph *graph, const size_t *values, size_t n);                /* n >= 1 */
size_t flt_onnx_shaped(struct flt_onnx_graph *graph, size_t value, const int64_t *shape, size_t n_dims);
size_t flt_onnx_turned(struct flt_onnx_graph *graph, size_t value, const int64_t *order, size_t n_dims);
size_t flt_onnx_sum_of_row(struct flt_onnx_graph *graph, size_t value);     /* (rows, 1) */
size_t flt_onnx_largest_of_row(struct flt_onnx_graph *graph, size_t value); /* (rows, 1) */
/* x weight^T + bias: (n, n_in), (n_out, n_in), (n_out) */
size_t flt_onnx_linear(struct flt_onnx_graph *graph, size_t x, size_t weight, size_t bias);
/* The number of each text of value: of those among texts (n, no two the same) that in numbers (n), of others n_others.
 */
size_t flt_onnx_number_of_text(struct flt_onnx_graph *graph, size_t value, const char *const *texts,
                               const int64_t *numbers, size_t n, int64_t n_others);

/* Makes value an output of that name and type, (rows, 1). */
void flt_onnx_output(struct flt_onnx_graph *graph, size_t value, const char *name, enum flt_onnx_type type,
                     const char *about);
void flt_onnx_metadata(struct flt_onnx_graph *graph, const char *key, const char *value);

/* Appends the file's bytes. version: of the producer, fltrain. */
enum flt_status flt_onnx_finish(struct flt_onnx_graph *graph, const char *name, const char *version, const char *about,
                                struct flt_text_buffer *bytes, struct flt_error *err);

#endif
