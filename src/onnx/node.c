/* What readers of a model ask of its nodes and tensors. */
#include <string.h>

#include "onnx/model.h"

const struct flt_onnx_attribute *flt_onnx_attribute(const struct flt_onnx_node *node, const char *name)
{
	for (size_t i = 0; i < node->n_attributes; i++)
		if (strcmp(node->attributes[i].name, name) == 0)
			return &node->attributes[i];
	return NULL;
}

int64_t flt_onnx_integer(const struct flt_onnx_node *node, const char *name, int64_t otherwise)
{
	const struct flt_onnx_attribute *attribute = flt_onnx_attribute(node, name);
	return attribute ? attribute->integer : otherwise;
}

bool flt_onnx_count(struct flt_onnx_tensor *tensor)
{
	tensor->n = 1;
	for (size_t i = 0; i < tensor->n_dims; i++)
		if (__builtin_mul_overflow(tensor->n, tensor->dims[i], &tensor->n))
			return false;
	return tensor->n <= SIZE_MAX / sizeof(double);
}
