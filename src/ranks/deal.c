#include "ranks/deal.h"

#include <stdlib.h>

#include "base/alloc.h"

struct piece {
	double work;
	size_t number;
};

static int compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	if (x->work != y->work)
		return x->work > y->work ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

struct load {
	double work;
	size_t n_pieces;
};

/* Where no work is known, pieces count. */
static size_t least_laden(const struct load *loads, size_t n_ranks)
{
	size_t least = 0;
	for (size_t r = 1; r < n_ranks; r++)
		if (loads[r].work < loads[least].work ||
		    (loads[r].work == loads[least].work && loads[r].n_pieces < loads[least].n_pieces))
			least = r;
	return least;
}

enum flt_status flt_ranks_deal(const double *work, size_t n, size_t n_ranks, size_t *rank_of, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct piece *pieces = flt_alloc(n, sizeof *pieces, err);
	struct load *loads = flt_alloc_zero(n_ranks, sizeof *loads, err);
	FLT_TRY_MEMORY_OUT(pieces && loads);
	for (size_t i = 0; i < n; i++)
		pieces[i] = (struct piece){.work = work[i], .number = i};
	qsort(pieces, n, sizeof *pieces, compare);
	for (size_t i = 0; i < n; i++) {
		size_t rank = least_laden(loads, n_ranks);
		rank_of[pieces[i].number] = rank;
		loads[rank].work += pieces[i].work;
		loads[rank].n_pieces++;
	}
out:
	flt_free(pieces);
	flt_free(loads);
	return status;
}
