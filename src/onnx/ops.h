/*
 * The operators that onnx/graph.h's callers use, as the specification of ONNX defines them, slow and plain: all
 * arithmetic is in double, rounded to float where the type is that. Shapes and types are checked as strictly as by any
 * runtime, so that a graph which runs here is one.
 */
#ifndef ONNX_OPS_H
#define ONNX_OPS_H

#include "onnx/model.h"

/* A node and its inputs' values. */
struct flt_onnx_call {
	const struct flt_onnx_node *node;
	const struct flt_onnx_tensor *const *in; /* (node->n_inputs) */
};

/* Makes out, whose numbers belong to the caller (flt_free), after a failure too. FLT_ERR_MODEL names the operator and
 * says what does not fit. */
typedef enum flt_status flt_onnx_op(const struct flt_onnx_call *call, struct flt_onnx_tensor *out,
                                    struct flt_error *err);

/* The operator of a node; NULL where it is none of those that we know. */
flt_onnx_op *flt_onnx_op_of(const struct flt_onnx_node *node);

/* Those of one number, of two numbers, and Where, which work on each by itself (elementwise.c); NULL: another. */
flt_onnx_op *flt_onnx_elementwise(const char *op);

flt_onnx_op flt_onnx_gather, flt_onnx_concat, flt_onnx_reshape, flt_onnx_transpose, flt_onnx_cast_op,
        flt_onnx_label_encoder;                                                       /* rearrange.c */
flt_onnx_op flt_onnx_matmul, flt_onnx_gemm, flt_onnx_reduce_sum, flt_onnx_reduce_max; /* sums.c */

/* Of two numbers, and so of many; the larger of NaN and another is NaN (sums.c). */
double flt_onnx_sum(double x, double y);
double flt_onnx_larger(double x, double y);

/* Fails with a sentence about the node. */
enum flt_status flt_onnx_misfit(const struct flt_onnx_call *call, const char *what, struct flt_error *err);

/* Makes room for out's numbers; its type and dims are set. */
enum flt_status flt_onnx_make(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err);

/* FLT_OK if the node has so many inputs, and no string among them. */
enum flt_status flt_onnx_check_numbers(const struct flt_onnx_call *call, size_t n_inputs, struct flt_error *err);

/* A result in the precision of its type. */
static inline double flt_onnx_rounded(enum flt_onnx_type type, double value)
{
	return type == FLT_ONNX_FLOAT ? (double)(float)value : value;
}

#endif
