/* Operators that add up: products of matrices, and sums of rows. Float products are rounded once, at their end. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/ops.h"

enum { ROWS_AT_ONCE = 8 };

/* y (n_rows, n_out) of x (n_in, ROWS_AT_ONCE), whose rows stand side by side so that the compiler makes vectors of
 * them, and weight (n_out, n_in), bias (n_out). n_rows is at most ROWS_AT_ONCE. */
static void multiply_rows(size_t n_rows, size_t n_in, size_t n_out, const double *restrict x, const double *weight,
                          const double *bias, enum flt_onnx_type type, double *restrict y)
{
	for (size_t o = 0; o < n_out; o++) {
		double sum[ROWS_AT_ONCE] = {0};
		const double *w = weight + o * n_in;
		for (size_t i = 0; i < n_in; i++)
			for (size_t row = 0; row < ROWS_AT_ONCE; row++)
				sum[row] += x[i * ROWS_AT_ONCE + row] * w[i];
		for (size_t row = 0; row < n_rows; row++)
			y[row * n_out + o] = flt_onnx_rounded(type, sum[row] + bias[o]);
	}
}

/* to (n_in, ROWS_AT_ONCE) of x (n_rows, n_in); rows that are not there are 0. */
static void stand_rows(size_t n_rows, size_t n_in, const double *x, double *to)
{
	for (size_t i = 0; i < n_in; i++)
		for (size_t row = 0; row < ROWS_AT_ONCE; row++)
			to[i * ROWS_AT_ONCE + row] = row < n_rows ? x[row * n_in + i] : 0;
}

static bool is_real(const struct flt_onnx_tensor *tensor)
{
	return tensor->type == FLT_ONNX_FLOAT || tensor->type == FLT_ONNX_DOUBLE;
}

/* With transB = 1, and no other attribute. */
enum flt_status flt_onnx_gemm(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 3, err));
	const struct flt_onnx_tensor *x = call->in[0], *weight = call->in[1], *bias = call->in[2];
	bool fits = flt_onnx_integer(call->node, "transB", 0) == 1 && call->node->n_attributes == 1 && is_real(x) &&
	            x->type == weight->type && x->type == bias->type && x->n_dims == 2 && weight->n_dims == 2 &&
	            bias->n_dims == 1 && x->dims[1] == weight->dims[1] && bias->dims[0] == weight->dims[0];
	if (!fits)
		return flt_onnx_misfit(call, "has matrices that do not fit", err);
	size_t n_rows = x->dims[0], n_in = x->dims[1], n_out = weight->dims[0];
	*out = (struct flt_onnx_tensor){.type = x->type, .n_dims = 2, .dims = {n_rows, n_out}};
	FLT_TRY(flt_onnx_make(call, out, err));
	double *rows = flt_alloc(n_in, ROWS_AT_ONCE * sizeof *rows, err);
	FLT_TRY_MEMORY(rows);
	for (size_t row = 0; row < n_rows; row += ROWS_AT_ONCE) {
		size_t n = n_rows - row < ROWS_AT_ONCE ? n_rows - row : ROWS_AT_ONCE;
		stand_rows(n, n_in, x->numbers + row * n_in, rows);
		multiply_rows(n, n_in, n_out, rows, weight->numbers, bias->numbers, x->type,
		              out->numbers + row * n_out);
	}
	flt_free(rows);
	return FLT_OK;
}

/* Of as many matrices as there are pairs: (n, n_rows, n_in) and (n, n_in, n_out). */
enum flt_status flt_onnx_matmul(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 2, err));
	const struct flt_onnx_tensor *x = call->in[0], *y = call->in[1];
	bool fits = is_real(x) && x->type == y->type && x->n_dims == 3 && y->n_dims == 3 && x->dims[0] == y->dims[0] &&
	            x->dims[2] == y->dims[1];
	if (!fits)
		return flt_onnx_misfit(call, "has matrices that do not fit", err);
	size_t n_rows = x->dims[1], n_in = x->dims[2], n_out = y->dims[2];
	*out = (struct flt_onnx_tensor){.type = x->type, .n_dims = 3, .dims = {x->dims[0], n_rows, n_out}};
	FLT_TRY(flt_onnx_make(call, out, err));
	memset(out->numbers, 0, out->n * sizeof *out->numbers);
	for (size_t row = 0; row < x->dims[0] * n_rows; row++) {
		double *to = out->numbers + row * n_out;
		const double *matrix = y->numbers + row / n_rows * n_in * n_out;
		for (size_t i = 0; i < n_in; i++)
			for (size_t o = 0; o < n_out; o++)
				to[o] += x->numbers[row * n_in + i] * matrix[i * n_out + o];
	}
	for (size_t i = 0; i < out->n; i++)
		out->numbers[i] = flt_onnx_rounded(out->type, out->numbers[i]);
	return FLT_OK;
}

/* ---- along a row ---- */

/* Of a matrix (n_rows, n), along its rows; the result has one column. */
static enum flt_status reduce(const struct flt_onnx_call *call, int64_t axis, double (*add)(double, double),
                              struct flt_onnx_tensor *out, struct flt_error *err)
{
	const struct flt_onnx_tensor *in = call->in[0];
	if (in->n_dims != 2 || axis != 1 || in->dims[1] == 0 || !is_real(in) ||
	    flt_onnx_integer(call->node, "keepdims", 1) != 1)
		return flt_onnx_misfit(call, "has an input that does not fit", err);
	size_t n = in->dims[1];
	*out = (struct flt_onnx_tensor){.type = in->type, .n_dims = 2, .dims = {in->dims[0], 1}};
	FLT_TRY(flt_onnx_make(call, out, err));
	for (size_t row = 0; row < out->n; row++) {
		double all = in->numbers[row * n];
		for (size_t i = 1; i < n; i++)
			all = add(all, in->numbers[row * n + i]);
		out->numbers[row] = flt_onnx_rounded(in->type, all);
	}
	return FLT_OK;
}

double flt_onnx_sum(double x, double y)
{
	return x + y;
}

double flt_onnx_larger(double x, double y)
{
	return isnan(x) || x > y ? x : y;
}

enum flt_status flt_onnx_reduce_sum(const struct flt_onnx_call *call, struct flt_onnx_tensor *out,
                                    struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 2, err));
	const struct flt_onnx_tensor *axes = call->in[1];
	bool is_one = axes->type == FLT_ONNX_INT64 && axes->n_dims == 1 && axes->n == 1;
	return reduce(call, is_one && axes->numbers[0] == 1 ? 1 : -1, flt_onnx_sum, out, err);
}

enum flt_status flt_onnx_reduce_max(const struct flt_onnx_call *call, struct flt_onnx_tensor *out,
                                    struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 1, err));
	const struct flt_onnx_attribute *axes = flt_onnx_attribute(call->node, "axes");
	return reduce(call, axes && axes->n_integers == 1 ? axes->integers[0] : -1, flt_onnx_larger, out, err);
}
