/* The quantile scale: flt_normal_score (prep/scale.h) of whole columns. */
#include <float.h>

#include "base/alloc.h"
#include "export/onnx_parts.h"
#include "prep/scale.h"

static enum flt_status make_search(struct flt_onnx_graph *graph, const struct flt_prep_column *const *columns, size_t n,
                                   struct flt_onnx_search *search, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	const double **tables = flt_alloc(n, sizeof *tables, err);
	size_t *sizes = flt_alloc(n, sizeof *sizes, err);
	FLT_TRY_MEMORY_OUT(tables && sizes);
	for (size_t i = 0; i < n; i++) {
		tables[i] = columns[i]->quantiles;
		sizes[i] = columns[i]->n_quantiles;
	}
	status = flt_onnx_search_init(graph, tables, sizes, n, search, err);
out:
	flt_free((void *)tables);
	flt_free(sizes);
	return status;
}

/* The number of the last quantile of each column, as a row. */
static enum flt_status put_lasts(struct flt_onnx_graph *graph, const struct flt_prep_column *const *columns, size_t n,
                                 size_t *lasts, struct flt_error *err)
{
	double *row = flt_alloc(n, sizeof *row, err);
	FLT_TRY_MEMORY(row);
	for (size_t i = 0; i < n; i++)
		row[i] = (double)(columns[i]->n_quantiles - 1);
	*lasts = flt_onnx_double_row(graph, row, n);
	flt_free(row);
	return FLT_OK;
}

/* How far x lies between the quantiles around place, in halves of them, so that no difference overflows. Before the
 * first it is -infinity, behind the last 0. */
static size_t share_of(struct flt_onnx_graph *graph, const struct flt_onnx_search *search, size_t place, size_t x)
{
	size_t left = flt_onnx_with(graph, "Mul", flt_onnx_item(graph, search, place, -1), 0.5);
	size_t right = flt_onnx_with(graph, "Mul", flt_onnx_item(graph, search, place, 0), 0.5);
	size_t from_left = flt_onnx_of_two(graph, "Sub", flt_onnx_with(graph, "Mul", x, 0.5), left);
	return flt_onnx_of_two(graph, "Div", from_left, flt_onnx_of_two(graph, "Sub", right, left));
}

/* The fraction of the distribution below x; negative before the first quantile. */
static size_t rank_of(struct flt_onnx_graph *graph, const struct flt_onnx_search *search, size_t lasts, size_t x)
{
	size_t first = flt_onnx_find(graph, search, x, false), behind = flt_onnx_find(graph, search, x, true);
	size_t start = flt_onnx_cast(graph, search->start, FLT_ONNX_DOUBLE);
	size_t below = flt_onnx_of_two(graph, "Sub", flt_onnx_cast(graph, first, FLT_ONNX_DOUBLE), start);
	size_t not_above = flt_onnx_of_two(graph, "Sub", flt_onnx_cast(graph, behind, FLT_ONNX_DOUBLE), start);
	size_t middle = flt_onnx_with(
	        graph, "Mul", flt_onnx_with(graph, "Sub", flt_onnx_of_two(graph, "Add", below, not_above), 1), 0.5);
	size_t between =
	        flt_onnx_of_two(graph, "Add", flt_onnx_with(graph, "Sub", below, 1), share_of(graph, search, first, x));
	size_t is_quantile = flt_onnx_of_two(graph, "Less", below, not_above);
	return flt_onnx_of_two(graph, "Div", flt_onnx_of_three(graph, "Where", is_quantile, middle, between), lasts);
}

static size_t polynomial(struct flt_onnx_graph *graph, const double coefficients[FLT_NORMAL_COEFFICIENTS], size_t x)
{
	size_t sum = flt_onnx_double(graph, coefficients[FLT_NORMAL_COEFFICIENTS - 1]);
	for (size_t i = FLT_NORMAL_COEFFICIENTS - 1; i-- > 0;)
		sum = flt_onnx_with(graph, "Add", flt_onnx_of_two(graph, "Mul", sum, x), coefficients[i]);
	return sum;
}

static size_t fraction(struct flt_onnx_graph *graph, const double coefficients[2][FLT_NORMAL_COEFFICIENTS], size_t x)
{
	return flt_onnx_of_two(graph, "Div", polynomial(graph, coefficients[0], x),
	                       polynomial(graph, coefficients[1], x));
}

/* flt_normal_quantile */
static size_t normal_quantile(struct flt_onnx_graph *graph, size_t p)
{
	size_t q = flt_onnx_with(graph, "Sub", p, 0.5);
	size_t r = flt_onnx_of_two(graph, "Sub", flt_onnx_double(graph, 0.180625), flt_onnx_of_two(graph, "Mul", q, q));
	size_t near = flt_onnx_of_two(graph, "Mul", q, fraction(graph, flt_normal_near, r));
	size_t tail = flt_onnx_of_two(graph, "Min", p, flt_onnx_of_two(graph, "Sub", flt_onnx_double(graph, 1), p));
	size_t root = flt_onnx_of(graph, "Sqrt", flt_onnx_of(graph, "Neg", flt_onnx_of(graph, "Log", tail)));
	size_t far = fraction(graph, flt_normal_far, flt_onnx_with(graph, "Sub", root, 1.6));
	far = flt_onnx_of_two(graph, "Mul", flt_onnx_of(graph, "Sign", q), far);
	size_t is_near = flt_onnx_with(graph, "LessOrEqual", flt_onnx_of(graph, "Abs", q), 0.425);
	return flt_onnx_of_three(graph, "Where", is_near, near, far);
}

enum flt_status flt_onnx_normal_scores(struct flt_onnx_graph *graph, const struct flt_prep_column *const *columns,
                                       size_t n, size_t numbers, size_t *scores, struct flt_error *err)
{
	struct flt_onnx_search search;
	size_t lasts;
	FLT_TRY(make_search(graph, columns, n, &search, err));
	FLT_TRY(put_lasts(graph, columns, n, &lasts, err));
	size_t x = flt_onnx_with(graph, "Min", flt_onnx_with(graph, "Max", numbers, -DBL_MAX), DBL_MAX);
	size_t rank = rank_of(graph, &search, lasts, x);
	rank = flt_onnx_with(graph, "Min", flt_onnx_with(graph, "Max", rank, FLT_LEAST_RANK), 1 - FLT_LEAST_RANK);
	*scores = normal_quantile(graph, rank);
	return FLT_OK;
}
