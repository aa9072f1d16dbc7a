/* Which function runs which operator. */
#include <string.h>

#include "onnx/ops.h"

static const struct {
	const char *domain, *op;
	flt_onnx_op *run;
} table[] = {
        {"", "Gather", flt_onnx_gather},
        {"", "Concat", flt_onnx_concat},
        {"", "Reshape", flt_onnx_reshape},
        {"", "Transpose", flt_onnx_transpose},
        {"", "Cast", flt_onnx_cast_op},
        {"", "MatMul", flt_onnx_matmul},
        {"", "Gemm", flt_onnx_gemm},
        {"", "ReduceSum", flt_onnx_reduce_sum},
        {"", "ReduceMax", flt_onnx_reduce_max},
        {"ai.onnx.ml", "LabelEncoder", flt_onnx_label_encoder},
};

flt_onnx_op *flt_onnx_op_of(const struct flt_onnx_node *node)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].op, node->op) == 0 && strcmp(table[i].domain, node->domain) == 0)
			return table[i].run;
	return node->domain[0] == '\0' ? flt_onnx_elementwise(node->op) : NULL;
}
