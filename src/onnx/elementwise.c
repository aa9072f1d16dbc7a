/* Operators on each number by itself. Shapes are broadcast as in numpy: from the right, a dimension of 1 is repeated.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "onnx/ops.h"

/* ---- functions ---- */

static double negated(double x)
{
	return -x;
}

static double sign(double x)
{
	return x > 0 ? 1 : x < 0 ? -1 : x;
}

static double relu(double x)
{
	return x < 0 ? 0 : x;
}

/* With the constants that the specification gives to the operator, floats. */
static double selu(double x)
{
	const double alpha = 1.67326319217681884765625, gamma = 1.05070102214813232421875;
	return x > 0 ? gamma * x : gamma * alpha * expm1(x);
}

static double is_nan(double x)
{
	return isnan(x) ? 1 : 0;
}

static double same(double x)
{
	return x;
}

static double difference(double x, double y)
{
	return x - y;
}

static double times(double x, double y)
{
	return x * y;
}

static double quotient(double x, double y)
{
	return x / y;
}

static double smaller(double x, double y)
{
	return isnan(x) || x < y ? x : y;
}

static double is_less(double x, double y)
{
	return x < y;
}

static double is_at_most(double x, double y)
{
	return x <= y;
}

static double is_at_least(double x, double y)
{
	return x >= y;
}

static const struct {
	const char *op;
	double (*of)(double);
	bool is_of_any;           /* type; else of float and double */
	enum flt_onnx_type gives; /* 0: what it takes */
} of_one[] = {
        {"Abs", fabs, true, 0},      {"Neg", negated, true, 0},
        {"Exp", exp, false, 0},      {"Log", log, false, 0},
        {"Sqrt", sqrt, false, 0},    {"Floor", floor, false, 0},
        {"Sign", sign, true, 0},     {"Round", nearbyint, false, 0},
        {"Cos", cos, false, 0},      {"Tanh", tanh, false, 0},
        {"Relu", relu, false, 0},    {"Selu", selu, false, 0},
        {"Identity", same, true, 0}, {"IsNaN", is_nan, false, FLT_ONNX_BOOL},
};

static const struct {
	const char *op;
	double (*of)(double, double);
	enum flt_onnx_type gives; /* 0: what it takes */
} of_two[] = {
        {"Add", flt_onnx_sum, 0},
        {"Sub", difference, 0},
        {"Mul", times, 0},
        {"Div", quotient, 0},
        {"Min", smaller, 0},
        {"Max", flt_onnx_larger, 0},
        {"Less", is_less, FLT_ONNX_BOOL},
        {"LessOrEqual", is_at_most, FLT_ONNX_BOOL},
        {"GreaterOrEqual", is_at_least, FLT_ONNX_BOOL},
};

enum { N_OF_ONE = sizeof of_one / sizeof *of_one, N_OF_TWO = sizeof of_two / sizeof *of_two };

static size_t find_of_one(const char *op)
{
	size_t i = 0;
	while (i < N_OF_ONE && strcmp(of_one[i].op, op) != 0)
		i++;
	return i;
}

static size_t find_of_two(const char *op)
{
	size_t i = 0;
	while (i < N_OF_TWO && strcmp(of_two[i].op, op) != 0)
		i++;
	return i;
}

/* ---- one ---- */

static enum flt_status run_one(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	size_t which = find_of_one(call->node->op);
	FLT_TRY(flt_onnx_check_numbers(call, 1, err));
	const struct flt_onnx_tensor *in = call->in[0];
	bool is_real = in->type == FLT_ONNX_FLOAT || in->type == FLT_ONNX_DOUBLE;
	if (!is_real && (in->type == FLT_ONNX_BOOL || !of_one[which].is_of_any))
		return flt_onnx_misfit(call, "takes no values of this type", err);
	*out = *in;
	out->numbers = NULL;
	out->type = of_one[which].gives ? of_one[which].gives : in->type;
	FLT_TRY(flt_onnx_make(call, out, err));
	for (size_t i = 0; i < in->n; i++)
		out->numbers[i] = flt_onnx_rounded(out->type, of_one[which].of(in->numbers[i]));
	return FLT_OK;
}

/* ---- broadcasting ---- */

/* Dimension d, counted from the right. */
static size_t dim(const struct flt_onnx_tensor *tensor, size_t d)
{
	return d < tensor->n_dims ? tensor->dims[tensor->n_dims - 1 - d] : 1;
}

/* The shape that two or three tensors have together; out's type is set. */
static enum flt_status join_shapes(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	size_t n_inputs = call->node->n_inputs;
	for (size_t i = 0; i < n_inputs; i++)
		out->n_dims = call->in[i]->n_dims > out->n_dims ? call->in[i]->n_dims : out->n_dims;
	for (size_t d = 0; d < out->n_dims; d++) {
		size_t size = 1;
		for (size_t i = 0; i < n_inputs; i++) {
			size_t its = dim(call->in[i], d);
			if (its != 1 && size != 1 && its != size)
				return flt_onnx_misfit(call, "has inputs whose shapes do not fit", err);
			size = its == 1 ? size : its;
		}
		out->dims[out->n_dims - 1 - d] = size;
	}
	return flt_onnx_make(call, out, err);
}

/* Where the numbers of an input stand for a run along the last dimension: from `at`, each `step` further. */
struct strand {
	size_t at, step;
};

static struct strand strand_of(const struct flt_onnx_tensor *in, const struct flt_onnx_tensor *out, size_t run)
{
	struct strand strand = {0, dim(in, 0) == 1 ? 0 : 1};
	size_t stride = dim(in, 0);
	for (size_t d = 1; d < out->n_dims; d++) {
		size_t index = run % dim(out, d);
		run /= dim(out, d);
		strand.at += dim(in, d) == 1 ? 0 : index * stride;
		stride *= dim(in, d);
	}
	return strand;
}

static enum flt_status run_two(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	size_t which = find_of_two(call->node->op);
	FLT_TRY(flt_onnx_check_numbers(call, 2, err));
	const struct flt_onnx_tensor *a = call->in[0], *b = call->in[1];
	if (a->type != b->type || a->type == FLT_ONNX_BOOL)
		return flt_onnx_misfit(call, "has inputs of two types", err);
	out->type = of_two[which].gives ? of_two[which].gives : a->type;
	FLT_TRY(join_shapes(call, out, err));
	size_t length = dim(out, 0);
	for (size_t run = 0; run * length < out->n; run++) {
		struct strand x = strand_of(a, out, run), y = strand_of(b, out, run);
		double *to = out->numbers + run * length;
		for (size_t i = 0; i < length; i++)
			to[i] = flt_onnx_rounded(out->type, of_two[which].of(a->numbers[x.at + i * x.step],
			                                                     b->numbers[y.at + i * y.step]));
	}
	return FLT_OK;
}

static enum flt_status run_where(const struct flt_onnx_call *call, struct flt_onnx_tensor *out, struct flt_error *err)
{
	FLT_TRY(flt_onnx_check_numbers(call, 3, err));
	const struct flt_onnx_tensor *condition = call->in[0], *a = call->in[1], *b = call->in[2];
	if (condition->type != FLT_ONNX_BOOL || a->type != b->type || a->type == FLT_ONNX_BOOL)
		return flt_onnx_misfit(call, "has inputs of other types", err);
	out->type = a->type;
	FLT_TRY(join_shapes(call, out, err));
	size_t length = dim(out, 0);
	for (size_t run = 0; run * length < out->n; run++) {
		struct strand c = strand_of(condition, out, run), x = strand_of(a, out, run),
		              y = strand_of(b, out, run);
		double *to = out->numbers + run * length;
		for (size_t i = 0; i < length; i++)
			to[i] = condition->numbers[c.at + i * c.step] != 0 ? a->numbers[x.at + i * x.step]
			                                                   : b->numbers[y.at + i * y.step];
	}
	return FLT_OK;
}

flt_onnx_op *flt_onnx_elementwise(const char *op)
{
	if (strcmp(op, "Where") == 0)
		return run_where;
	return find_of_one(op) < N_OF_ONE ? run_one : find_of_two(op) < N_OF_TWO ? run_two : NULL;
}
