/* The scales of numbers, as in prep/apply.c and prep/scale.c. */
#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "export/onnx_parts.h"
#include "prep/scale.h"

/* Columns side by side while they are scaled. */
struct scaling {
	struct flt_onnx_graph *graph;
	const struct flt_prep_column *const *columns; /* (n) */
	size_t n;
	double *row; /* (n) scratch: a constant of each column */
};

static size_t two(const struct scaling *scaling, const char *op, size_t a, size_t b)
{
	return flt_onnx_of_two(scaling->graph, op, a, b);
}

static size_t scalar(const struct scaling *scaling, double value)
{
	return flt_onnx_double(scaling->graph, value);
}

static size_t medians(const struct scaling *scaling)
{
	for (size_t i = 0; i < scaling->n; i++)
		scaling->row[i] = scaling->columns[i]->median;
	return flt_onnx_double_row(scaling->graph, scaling->row, scaling->n);
}

static size_t factors(const struct scaling *scaling)
{
	for (size_t i = 0; i < scaling->n; i++)
		scaling->row[i] = scaling->columns[i]->factor;
	return flt_onnx_double_row(scaling->graph, scaling->row, scaling->n);
}

static size_t centers(const struct scaling *scaling, bool dates_only)
{
	for (size_t i = 0; i < scaling->n; i++)
		scaling->row[i] = dates_only && !scaling->columns[i]->source ? 0 : scaling->columns[i]->center;
	return flt_onnx_double_row(scaling->graph, scaling->row, scaling->n);
}

/* (x - center) * factor */
static size_t standard(const struct scaling *scaling, size_t x)
{
	return two(scaling, "Mul", two(scaling, "Sub", x, centers(scaling, false)), factors(scaling));
}

/* copysign(3 / sqrt(1 + 9 / t^2), t): at t = 0 the quotients are infinity and 0. */
static size_t robust(const struct scaling *scaling, size_t x)
{
	size_t t = standard(scaling, x);
	size_t square = two(scaling, "Add", scalar(scaling, 1),
	                    two(scaling, "Div", scalar(scaling, 9), two(scaling, "Mul", t, t)));
	size_t length = two(scaling, "Div", scalar(scaling, 3), flt_onnx_of(scaling->graph, "Sqrt", square));
	return two(scaling, "Mul", flt_onnx_of(scaling->graph, "Sign", t), length);
}

/* The scaled fences; those that are none lie at the end of the numbers. */
static size_t fence(const struct scaling *scaling, bool is_high)
{
	for (size_t i = 0; i < scaling->n; i++) {
		const struct flt_prep_column *column = scaling->columns[i];
		const struct flt_fences *fences = &column->fences;
		double at = fences->low < fences->high
		                    ? ((is_high ? fences->high : fences->low) - column->center) * column->factor
		                    : (double)INFINITY * (is_high ? 1 : -1);
		scaling->row[i] = fmax(-DBL_MAX, fmin(at, DBL_MAX));
	}
	return flt_onnx_double_row(scaling->graph, scaling->row, scaling->n);
}

/* log(1 + how far a lies above b), 0 where it does not */
static size_t log_beyond(const struct scaling *scaling, size_t a, size_t b)
{
	size_t beyond = two(scaling, "Max", two(scaling, "Sub", a, b), scalar(scaling, 0));
	beyond = two(scaling, "Min", beyond, scalar(scaling, DBL_MAX));
	return flt_onnx_of(scaling->graph, "Log", two(scaling, "Add", scalar(scaling, 1), beyond));
}

static size_t fenced(const struct scaling *scaling, size_t x)
{
	size_t t = standard(scaling, x), low = fence(scaling, false), high = fence(scaling, true);
	size_t inside = two(scaling, "Min", two(scaling, "Max", t, low), high);
	size_t raised = two(scaling, "Add", inside, log_beyond(scaling, t, high));
	return two(scaling, "Sub", raised, log_beyond(scaling, low, t));
}

static enum flt_status apply(const struct scaling *scaling, enum flt_scale scale, size_t x, size_t *y,
                             struct flt_error *err)
{
	switch (scale) {
	case FLT_SCALE_ROBUST:
		*y = robust(scaling, x);
		break;
	case FLT_SCALE_STANDARD:
		*y = fenced(scaling, x);
		break;
	case FLT_SCALE_QUANTILE:
		return flt_onnx_normal_scores(scaling->graph, scaling->columns, scaling->n, x, y, err);
	case FLT_SCALE_NONE:
	case FLT_N_SCALES:
		*y = two(scaling, "Sub", x, centers(scaling, true));
		break;
	}
	return FLT_OK;
}

enum flt_status flt_onnx_scale(struct flt_onnx_graph *graph, enum flt_scale scale,
                               const struct flt_prep_column *const *columns, size_t n, size_t numbers, size_t *scaled,
                               struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct scaling scaling = {graph, columns, n, NULL};
	size_t y = 0;
	scaling.row = flt_alloc(n, sizeof *scaling.row, err);
	FLT_TRY_MEMORY(scaling.row);
	size_t is_missing = flt_onnx_of(graph, "IsNaN", numbers);
	size_t x = flt_onnx_of_three(graph, "Where", is_missing, medians(&scaling), numbers);
	FLT_TRY_OUT(apply(&scaling, scale, x, &y, err));
	y = two(&scaling, "Max", y, scalar(&scaling, -FLT_LARGEST_FEATURE));
	y = two(&scaling, "Min", y, scalar(&scaling, FLT_LARGEST_FEATURE));
	*scaled = flt_onnx_cast(graph, y, FLT_ONNX_FLOAT);
out:
	flt_free(scaling.row);
	return status;
}
