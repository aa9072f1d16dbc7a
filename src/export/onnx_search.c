/*
 * A binary search without branches, as in prep/scale.c: each step halves all tables at once, so a table of 1,000 items
 * takes ten steps of four nodes. Tables shorter than the longest are filled up with infinities, which no number is
 * above.
 */
#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "export/onnx_parts.h"

static void fill(const double *const *tables, const size_t *sizes, size_t n, size_t stride, double *all, int64_t *start)
{
	for (size_t c = 0; c < n; c++) {
		double *table = all + c * stride;
		start[c] = (int64_t)(c * stride + 1);
		table[0] = tables[c][0];
		for (size_t i = 0; i + 1 < stride; i++)
			table[i + 1] = i < sizes[c] ? tables[c][i] : (double)INFINITY;
	}
}

enum flt_status flt_onnx_search_init(struct flt_onnx_graph *graph, const double *const *tables, const size_t *sizes,
                                     size_t n, struct flt_onnx_search *search, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	search->most = 0;
	for (size_t c = 0; c < n; c++)
		search->most = sizes[c] > search->most ? sizes[c] : search->most;
	size_t stride = search->most + 2, n_items = n * stride;
	int64_t *start = flt_alloc(n, sizeof *start, err);
	double *all = flt_alloc(n_items, sizeof *all, err);
	FLT_TRY_MEMORY_OUT(start && all);
	fill(tables, sizes, n, stride, all, start);
	search->table = flt_onnx_doubles(graph, all, &n_items, 1);
	search->start = flt_onnx_shaped(graph, flt_onnx_integers(graph, start, n), (const int64_t[]){1, -1}, 2);
out:
	flt_free(all);
	flt_free(start);
	return status;
}

static size_t plus(struct flt_onnx_graph *graph, size_t places, int64_t n)
{
	return n == 0 ? places : flt_onnx_of_two(graph, "Add", places, flt_onnx_integers(graph, &n, 1));
}

size_t flt_onnx_item(struct flt_onnx_graph *graph, const struct flt_onnx_search *search, size_t place, int64_t behind)
{
	return flt_onnx_rows(graph, search->table, plus(graph, place, behind));
}

size_t flt_onnx_find(struct flt_onnx_graph *graph, const struct flt_onnx_search *search, size_t numbers, bool or_equal)
{
	size_t place = search->start;
	for (size_t n = search->most; n > 0;) {
		size_t half = (n + 1) / 2;
		size_t probe = flt_onnx_item(graph, search, place, (int64_t)half - 1);
		size_t is_behind = flt_onnx_of_two(graph, or_equal ? "LessOrEqual" : "Less", probe, numbers);
		place = flt_onnx_of_three(graph, "Where", is_behind, plus(graph, place, (int64_t)half), place);
		n -= half;
	}
	return place;
}
