/* flt_date_part (table/date_text.h). All steps are exact in double, and so is a quotient's floor. */
#include "export/onnx_parts.h"

static size_t minus(struct flt_onnx_graph *graph, size_t a, size_t b)
{
	return flt_onnx_of_two(graph, "Sub", a, b);
}

static size_t floor_of(struct flt_onnx_graph *graph, size_t x, double divisor)
{
	return flt_onnx_of(graph, "Floor", flt_onnx_with(graph, "Div", x, divisor));
}

/* What is left of x after a whole number of divisors. */
static size_t rest_of(struct flt_onnx_graph *graph, size_t x, double divisor)
{
	return minus(graph, x, flt_onnx_with(graph, "Mul", floor_of(graph, x, divisor), divisor));
}

/* The day, from 0, of the 400 years of the calendar, which begin on 1 March of the year 0. */
static size_t month_of(struct flt_onnx_graph *graph, size_t days)
{
	size_t day = rest_of(graph, flt_onnx_with(graph, "Add", days, 719468), 146097);
	size_t years = minus(graph, day, floor_of(graph, day, 1460));
	years = flt_onnx_of_two(graph, "Add", years, floor_of(graph, day, 36524));
	years = floor_of(graph, minus(graph, years, floor_of(graph, day, 146096)), 365);
	size_t before =
	        flt_onnx_of_two(graph, "Add", flt_onnx_with(graph, "Mul", years, 365), floor_of(graph, years, 4));
	size_t day_of_year = minus(graph, day, minus(graph, before, floor_of(graph, years, 100)));
	size_t month =
	        floor_of(graph, flt_onnx_with(graph, "Add", flt_onnx_with(graph, "Mul", day_of_year, 5), 2), 153);
	size_t is_same_year = flt_onnx_with(graph, "Less", month, 10);
	return flt_onnx_of_three(graph, "Where", is_same_year, flt_onnx_with(graph, "Add", month, 3),
	                         flt_onnx_with(graph, "Sub", month, 9));
}

size_t flt_onnx_date_part(struct flt_onnx_graph *graph, size_t seconds, enum flt_date_part part)
{
	const double day = 86400, hour = 3600;
	size_t days = floor_of(graph, seconds, day);
	switch (part) {
	case FLT_DATE_HOUR:
		return floor_of(graph, minus(graph, seconds, flt_onnx_with(graph, "Mul", days, day)), hour);
	case FLT_DATE_WEEKDAY: /* 1970-01-01 was a Thursday */
		return flt_onnx_with(graph, "Add", rest_of(graph, flt_onnx_with(graph, "Add", days, 3), 7), 1);
	case FLT_DATE_MONTH:
		return month_of(graph, days);
	case FLT_DATE_DAYS:
	case FLT_N_DATE_PARTS:
		break;
	}
	return days;
}
