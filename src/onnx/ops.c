#include "onnx/ops.h"

#include <string.h>

#include "base/alloc.h"

enum flt_status flt_onnx_misfit(const struct flt_onnx_call *call, const char *what, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_MODEL, "the ONNX file cannot be run: %s %s",
	                flt_shown(call->node->op, strlen(call->node->op)).text, what);
}

enum flt_status flt_onnx_make(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	if (!flt_onnx_count(out))
		return flt_onnx_misfit(call, "makes too many numbers", err);
	out->numbers = flt_alloc(out->n, sizeof *out->numbers, err);
	FLT_TRY_MEMORY(out->numbers);
	return FLT_OK;
}

enum flt_status flt_onnx_check_numbers(const struct flt_onnx_call *call, size_t n_inputs, struct flt_error *err)
{
	if (call->node->n_inputs != n_inputs)
		return flt_onnx_misfit(call, "has too many or too few inputs", err);
	for (size_t i = 0; i < n_inputs; i++)
		if (call->in[i]->type == FLT_ONNX_STRING)
			return flt_onnx_misfit(call, "needs numbers, not texts", err);
	return FLT_OK;
}
