/* Operators that pick, place and name values without computing any. */
#include <string.h>

#include "base/alloc.h"
#include "onnx/ops.h"

/* The attribute axis, which must be below n_dims. */
static enum flt_status take_axis(const struct flt_onnx_call *call, int64_t otherwise, size_t n_dims, size_t *axis,
                                 struct flt_error *err)
{
	int64_t at = flt_onnx_integer(call->node, "axis", otherwise);
	if (at < 0 || (uint64_t)at >= n_dims)
		return flt_onnx_misfit(call, "has an axis that its input has not", err);
	*axis = (size_t)at;
	return FLT_OK;
}

enum flt_status flt_onnx_gather(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 2, err));
	const struct flt_onnx_tensor *data = call->in[0], *index = call->in[1];
	size_t axis = 0;
	FLT_TRY(take_axis(call, 0, data->n_dims, &axis, err));
	if (index->type != FLT_ONNX_INT64 || data->n_dims - 1 + index->n_dims > FLT_ONNX_MAX_DIMS)
		return flt_onnx_misfit(call, "has an index that does not fit", err);
	size_t size = data->dims[axis], before = flt_onnx_n_items(data->dims, axis);
	size_t behind = flt_onnx_n_items(data->dims + axis + 1, data->n_dims - axis - 1);
	out->type = data->type;
	out->n_dims = data->n_dims - 1 + index->n_dims;
	memcpy(out->dims, data->dims, axis * sizeof *out->dims);
	memcpy(out->dims + axis, index->dims, index->n_dims * sizeof *out->dims);
	memcpy(out->dims + axis + index->n_dims, data->dims + axis + 1, (data->n_dims - axis - 1) * sizeof *out->dims);
	for (size_t i = 0; i < index->n; i++)
		if (!(index->numbers[i] >= 0 && index->numbers[i] < (double)size))
			return flt_onnx_misfit(call, "has an index beyond its data", err);
	FLT_TRY(flt_onnx_make(call, out, err));
	for (size_t b = 0; b < before; b++)
		for (size_t i = 0; i < index->n; i++)
			memcpy(out->numbers + (b * index->n + i) * behind,
			       data->numbers + (b * size + (size_t)index->numbers[i]) * behind,
			       behind * sizeof *out->numbers);
	return FLT_OK;
}

/* The parts of a concatenation have the same type, and the same dimensions but for that along the axis. */
static enum flt_status join_parts(const struct flt_onnx_call *call, size_t axis, struct flt_onnx_tensor *out,
                                  struct flt_error *err)
{
	*out = *call->in[0];
	out->numbers = NULL;
	out->dims[axis] = 0;
	for (size_t i = 0; i < call->node->n_inputs; i++) {
		const struct flt_onnx_tensor *in = call->in[i];
		bool fits = in->n_dims == out->n_dims && in->type == out->type;
		for (size_t d = 0; fits && d < out->n_dims; d++)
			fits = d == axis || in->dims[d] == out->dims[d];
		if (!fits || __builtin_add_overflow(out->dims[axis], in->dims[axis], &out->dims[axis]))
			return flt_onnx_misfit(call, "has inputs that do not fit", err);
	}
	return FLT_OK;
}

enum flt_status flt_onnx_concat(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	size_t n_inputs = call->node->n_inputs, axis = 0, column = 0;
	FLT_TRY(flt_onnx_check_numbers(call, n_inputs > 0 ? n_inputs : 1, err));
	FLT_TRY(take_axis(call, -1, call->in[0]->n_dims, &axis, err));
	FLT_TRY(join_parts(call, axis, out, err));
	FLT_TRY(flt_onnx_make(call, out, err));
	size_t before = flt_onnx_n_items(out->dims, axis),
	       behind = flt_onnx_n_items(out->dims + axis + 1, out->n_dims - axis - 1);
	size_t stride = out->dims[axis] * behind;
	for (size_t i = 0; i < n_inputs; i++) {
		size_t width = call->in[i]->dims[axis] * behind;
		for (size_t b = 0; b < before; b++)
			memcpy(out->numbers + b * stride + column, call->in[i]->numbers + b * width,
			       width * sizeof *out->numbers);
		column += width;
	}
	return FLT_OK;
}

/* The dimensions that shape asks for, of n numbers; at most one of them is -1, which takes what is left. */
static bool read_shape(const struct flt_onnx_tensor *shape, size_t n, struct flt_onnx_tensor *out)
{
	size_t known = 1, open = SIZE_MAX;
	for (size_t d = 0; d < shape->n; d++) {
		double size = shape->numbers[d];
		if (size == -1 && open == SIZE_MAX)
			open = d;
		else if (!(size > 0 && size <= (double)(SIZE_MAX / 4096)) ||
		         __builtin_mul_overflow(known, (size_t)size, &known))
			return false;
		out->dims[d] = size > 0 ? (size_t)size : 1;
	}
	if (open != SIZE_MAX)
		out->dims[open] = n / known;
	return open == SIZE_MAX ? n == known : n % known == 0;
}

enum flt_status flt_onnx_reshape(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 2, err));
	const struct flt_onnx_tensor *in = call->in[0], *shape = call->in[1];
	bool is_shape = shape->type == FLT_ONNX_INT64 && shape->n_dims == 1 && shape->n <= FLT_ONNX_MAX_DIMS;
	if (!is_shape || !read_shape(shape, in->n, out))
		return flt_onnx_misfit(call, "has a shape that does not fit", err);
	out->type = in->type;
	out->n_dims = shape->n;
	FLT_TRY(flt_onnx_make(call, out, err));
	memcpy(out->numbers, in->numbers, in->n * sizeof *out->numbers);
	return FLT_OK;
}

/* stride (n_dims): how far apart in the input numbers are that are neighbours along each dimension of the output. */
static bool turn_dims(const struct flt_onnx_tensor *in, const struct flt_onnx_attribute *perm,
                      struct flt_onnx_tensor *out, size_t stride[FLT_ONNX_MAX_DIMS])
{
	bool is_taken[FLT_ONNX_MAX_DIMS] = {false};
	if (!perm || perm->n_integers != in->n_dims)
		return false;
	for (size_t d = 0; d < in->n_dims; d++) {
		int64_t from = perm->integers[d];
		if (from < 0 || (uint64_t)from >= in->n_dims || is_taken[from])
			return false;
		is_taken[from] = true;
		out->dims[d] = in->dims[from];
		stride[d] = flt_onnx_n_items(in->dims + from + 1, in->n_dims - (size_t)from - 1);
	}
	return true;
}

enum flt_status flt_onnx_transpose(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 1, err));
	const struct flt_onnx_tensor *in = call->in[0];
	size_t stride[FLT_ONNX_MAX_DIMS];
	out->type = in->type;
	out->n_dims = in->n_dims;
	if (!turn_dims(in, flt_onnx_attribute(call->node, "perm"), out, stride))
		return flt_onnx_misfit(call, "has an order that does not fit", err);
	FLT_TRY(flt_onnx_make(call, out, err));
	for (size_t i = 0; i < out->n; i++) {
		size_t rest = i, at = 0;
		for (size_t d = out->n_dims; d-- > 0;) {
			at += rest % out->dims[d] * stride[d];
			rest /= out->dims[d];
		}
		out->numbers[i] = in->numbers[at];
	}
	return FLT_OK;
}

/* To float, double, or from bool to int64: what the graphs ask for. */
enum flt_status flt_onnx_cast_op(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 1, err));
	const struct flt_onnx_tensor *in = call->in[0];
	int64_t to = flt_onnx_integer(call->node, "to", 0);
	if (to != FLT_ONNX_FLOAT && to != FLT_ONNX_DOUBLE && (to != FLT_ONNX_INT64 || in->type != FLT_ONNX_BOOL))
		return flt_onnx_misfit(call, "makes values of a type that is not known here", err);
	*out = *in;
	out->numbers = NULL;
	out->type = (enum flt_onnx_type)to;
	FLT_TRY(flt_onnx_make(call, out, err));
	for (size_t i = 0; i < in->n; i++)
		out->numbers[i] = flt_onnx_rounded(out->type, in->numbers[i]);
	return FLT_OK;
}

enum flt_status flt_onnx_label_encoder(const struct flt_onnx_call *call, struct flt_onnx_tensor *out,
                                       struct flt_error *err)
{
	const struct flt_onnx_attribute *keys = flt_onnx_attribute(call->node, "keys_strings");
	const struct flt_onnx_attribute *values = flt_onnx_attribute(call->node, "values_int64s");
	if (call->node->n_inputs != 1 || call->in[0]->type != FLT_ONNX_STRING || !keys || !values ||
	    keys->n_texts != values->n_integers)
		return flt_onnx_misfit(call, "needs texts, and a number for each that it knows", err);
	*out = *call->in[0];
	out->texts = NULL;
	out->type = FLT_ONNX_INT64;
	FLT_TRY(flt_onnx_make(call, out, err));
	for (size_t i = 0; i < out->n; i++) {
		const char *text = call->in[0]->texts[i];
		size_t at = flt_find_sorted(call->node->keys, keys->n_texts, text, strlen(text));
		out->numbers[i] = (double)(at < keys->n_texts ? values->integers[call->node->keys[at].number]
		                                              : flt_onnx_integer(call->node, "default_int64", -1));
	}
	return FLT_OK;
}
