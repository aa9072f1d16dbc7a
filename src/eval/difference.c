#include "eval/difference.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

static const double NORMAL_975 = 1.959963984540054; /* the 97.5th percentile of the standard normal */

double flt_difference_p(const struct flt_interval *a, const struct flt_interval *b)
{
	const struct flt_interval *low = a->value < b->value ? a : b, *high = low == a ? b : a;
	double difference = high->value - low->value, half = hypot(low->hi - low->value, high->value - high->lo);
	if (difference == 0)
		return 1;
	return half > 0 ? erfc(difference / half * NORMAL_975 / sqrt(2)) : 0;
}

struct ranked {
	double p;
	size_t place;
};

static int compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return (x->p > y->p) - (x->p < y->p);
}

enum flt_status flt_holm(double *p, size_t n, struct flt_error *err)
{
	struct ranked *ranked = flt_alloc(n, sizeof *ranked, err);
	double highest = 0;
	FLT_TRY_MEMORY(ranked);
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){p[i], i};
	qsort(ranked, n, sizeof *ranked, compare);
	for (size_t i = 0; i < n; i++) {
		highest = fmax(highest, fmin(1, (double)(n - i) * ranked[i].p));
		p[ranked[i].place] = highest;
	}
	flt_free(ranked);
	return FLT_OK;
}
