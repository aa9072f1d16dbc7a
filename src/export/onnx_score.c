/* From logits to log-odds, as in detector/tile.c, base/log_odds.c and eval/map.c, in double. */
#include <math.h>

#include "base/alloc.h"
#include "export/onnx_parts.h"

static size_t plus_one(struct flt_onnx_graph *graph, size_t x)
{
	return flt_onnx_with(graph, "Add", x, 1);
}

static size_t exp_of_minus(struct flt_onnx_graph *graph, size_t x)
{
	return flt_onnx_of(graph, "Exp", flt_onnx_of(graph, "Neg", x));
}

/* ln(1 + e) / e for 0 <= e <= 1: its series where the sum would lose e */
static size_t log_per_e(struct flt_onnx_graph *graph, size_t e, size_t log_of_sum)
{
	const double small = 1e-5; /* the third power of it is nothing */
	size_t series = flt_onnx_with(graph, "Sub", flt_onnx_with(graph, "Mul", e, 1.0 / 3), 0.5);
	series = plus_one(graph, flt_onnx_of_two(graph, "Mul", e, series));
	size_t quotient = flt_onnx_of_two(graph, "Div", log_of_sum, e);
	return flt_onnx_of_three(graph, "Where", flt_onnx_with(graph, "Less", e, small), series, quotient);
}

/* flt_focal_log_odds; its value near 0, which is a difference of ones, need not be exact relative to itself. */
static size_t focal_log_odds(struct flt_onnx_graph *graph, size_t z, double gamma, double log_weight_ratio)
{
	if (gamma > 0) {
		size_t above = flt_onnx_of(graph, "Abs", z), e = exp_of_minus(graph, above);
		size_t l = flt_onnx_of(graph, "Log", plus_one(graph, e));
		size_t up = flt_onnx_with(
		        graph, "Mul", flt_onnx_of_two(graph, "Mul", e, flt_onnx_of_two(graph, "Add", above, l)), gamma);
		size_t down = flt_onnx_with(graph, "Mul", log_per_e(graph, e, l), gamma);
		size_t log = flt_onnx_of(graph, "Log",
		                         flt_onnx_of_two(graph, "Div", plus_one(graph, up), plus_one(graph, down)));
		size_t size = flt_onnx_of_two(graph, "Add", flt_onnx_with(graph, "Mul", above, 1 + gamma), log);
		z = flt_onnx_of_two(graph, "Mul", size, flt_onnx_of(graph, "Sign", z));
	}
	return log_weight_ratio != 0 ? flt_onnx_with(graph, "Sub", z, log_weight_ratio) : z;
}

/* ---- the mean of members ---- */

static size_t softplus(struct flt_onnx_graph *graph, size_t x)
{
	size_t e = exp_of_minus(graph, flt_onnx_of(graph, "Abs", x));
	return flt_onnx_of_two(graph, "Add", flt_onnx_of(graph, "Log", plus_one(graph, e)),
	                       flt_onnx_with(graph, "Max", x, 0));
}

/* ln of the sum of e^x over a row */
static size_t log_of_sum(struct flt_onnx_graph *graph, size_t x)
{
	size_t most = flt_onnx_largest_of_row(graph, x);
	size_t sum = flt_onnx_sum_of_row(graph, flt_onnx_of(graph, "Exp", flt_onnx_of_two(graph, "Sub", x, most)));
	return flt_onnx_of_two(graph, "Add", most, flt_onnx_of(graph, "Log", sum));
}

static enum flt_status mean(struct flt_onnx_graph *graph, const struct flt_view *view, size_t log_odds, size_t *score,
                            struct flt_error *err)
{
	double *log_weight = flt_alloc(view->n_members, sizeof *log_weight, err);
	FLT_TRY_MEMORY(log_weight);
	for (size_t i = 0; i < view->n_members; i++)
		log_weight[i] = view->members[i].log_weight;
	size_t weights = flt_onnx_double_row(graph, log_weight, view->n_members);
	flt_free(log_weight);
	size_t log_p = flt_onnx_of_two(graph, "Sub", weights, softplus(graph, flt_onnx_of(graph, "Neg", log_odds)));
	size_t log_q = flt_onnx_of_two(graph, "Sub", weights, softplus(graph, log_odds));
	*score = flt_onnx_of_two(graph, "Sub", log_of_sum(graph, log_p), log_of_sum(graph, log_q));
	return FLT_OK;
}

/* ---- the map ---- */

/* The probability at x among the breakpoints, linear between them; the end values hold beyond them, to the bit. */
static enum flt_status interpolate(struct flt_onnx_graph *graph, const struct flt_map *map, size_t x,
                                   size_t *probability, struct flt_error *err)
{
	struct flt_onnx_search at, p;
	const double *log_odds = map->breakpoint_log_odds, *values = map->breakpoint_probability;
	size_t n = map->n_breakpoints;
	FLT_TRY(flt_onnx_search_init(graph, &log_odds, &n, 1, &at, err));
	FLT_TRY(flt_onnx_search_init(graph, &values, &n, 1, &p, err));
	size_t inside = flt_onnx_with(graph, "Min", flt_onnx_with(graph, "Max", x, log_odds[0]), log_odds[n - 1]);
	size_t place = flt_onnx_find(graph, &at, inside, false);
	size_t left = flt_onnx_item(graph, &at, place, -1), low = flt_onnx_item(graph, &p, place, -1);
	size_t width = flt_onnx_of_two(graph, "Sub", flt_onnx_item(graph, &at, place, 0), left);
	size_t height = flt_onnx_of_two(graph, "Sub", flt_onnx_item(graph, &p, place, 0), low);
	size_t share = flt_onnx_of_two(graph, "Div", flt_onnx_of_two(graph, "Sub", inside, left), width);
	size_t between = flt_onnx_of_two(graph, "Add", low, flt_onnx_of_two(graph, "Mul", share, height));
	size_t is_first = flt_onnx_with(graph, "LessOrEqual", x, log_odds[0]);
	size_t is_last = flt_onnx_with(graph, "GreaterOrEqual", x, log_odds[n - 1]),
	       last = flt_onnx_double(graph, values[n - 1]);
	between = flt_onnx_of_three(graph, "Where", is_last, last, flt_onnx_of_two(graph, "Min", between, last));
	*probability = flt_onnx_of_three(graph, "Where", is_first, flt_onnx_double(graph, values[0]), between);
	return FLT_OK;
}

static enum flt_status apply_map(struct flt_onnx_graph *graph, const struct flt_map *map, size_t score,
                                 size_t *log_odds, struct flt_error *err)
{
	size_t x = focal_log_odds(graph, score, map->gamma, map->log_weight_ratio), p;
	if (map->n_breakpoints > 0) {
		FLT_TRY(interpolate(graph, map, x, &p, err));
		size_t q = flt_onnx_of_two(graph, "Sub", flt_onnx_double(graph, 1), p);
		x = flt_onnx_of(graph, "Log", flt_onnx_of_two(graph, "Div", p, q));
	} else {
		x = flt_onnx_with(graph, "Add", flt_onnx_with(graph, "Mul", x, map->slope), map->intercept);
	}
	*log_odds = flt_onnx_with(graph, "Add", x, map->prior_shift);
	return FLT_OK;
}

enum flt_status flt_onnx_log_odds(struct flt_onnx_graph *graph, const struct flt_view *view, const size_t *logits,
                                  size_t *log_odds, struct flt_error *err)
{
	const struct flt_detector *detector = view->detector;
	size_t score = flt_onnx_cast(graph, flt_onnx_beside(graph, logits, view->n_members), FLT_ONNX_DOUBLE);
	if (view->n_members > 1) {
		score = focal_log_odds(graph, score, detector->member_gamma, detector->member_log_weight_ratio);
		FLT_TRY(mean(graph, view, score, &score, err));
	}
	return apply_map(graph, &detector->map, score, log_odds, err);
}

/* flt_sigmoid, which neither overflows nor loses small probabilities. */
size_t flt_onnx_sigmoid(struct flt_onnx_graph *graph, size_t log_odds)
{
	size_t e = exp_of_minus(graph, flt_onnx_of(graph, "Abs", log_odds)), below = plus_one(graph, e);
	size_t one = flt_onnx_double(graph, 1), is_negative = flt_onnx_with(graph, "Less", log_odds, 0);
	size_t above = flt_onnx_of_three(graph, "Where", is_negative, e, one);
	return flt_onnx_of_two(graph, "Div", above, below);
}
