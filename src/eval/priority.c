#include "eval/priority.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/random.h"

void flt_priority_release(struct flt_priority *priority)
{
	flt_free(priority->rows);
	priority->rows = NULL;
	priority->n = priority->capacity = 0;
}

static bool is_before(const struct flt_drawn_row *a, const struct flt_drawn_row *b)
{
	return a->key < b->key || (a->key == b->key && a->row < b->row);
}

static void sift_up(struct flt_drawn_row *rows, size_t at)
{
	while (at > 0 && is_before(&rows[(at - 1) / 2], &rows[at])) {
		struct flt_drawn_row row = rows[at];
		rows[at] = rows[(at - 1) / 2];
		rows[(at - 1) / 2] = row;
		at = (at - 1) / 2;
	}
}

static void sift_down(struct flt_drawn_row *rows, size_t n)
{
	for (size_t at = 0, child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && is_before(&rows[child], &rows[child + 1]))
			child++;
		if (!is_before(&rows[at], &rows[child]))
			return;
		struct flt_drawn_row row = rows[at];
		rows[at] = rows[child];
		rows[child] = row;
	}
}

enum flt_status flt_priority_offer(struct flt_priority *priority, size_t row, double size, size_t *slot,
                                   struct flt_error *err)
{
	struct flt_random random;
	flt_random_init(&random, priority->seed, priority->stream, row);
	struct flt_drawn_row drawn = {.size = size, .row = row, .slot = priority->n};
	drawn.key = (1 - flt_random_uniform(&random)) / size;
	*slot = SIZE_MAX;
	if (priority->n <= priority->most && priority->n < SIZE_MAX - 1) {
		FLT_TRY(flt_grow((void **)&priority->rows, &priority->capacity, priority->n + 1, sizeof *priority->rows,
		                 err));
		priority->rows[priority->n++] = drawn;
		sift_up(priority->rows, priority->n - 1);
		*slot = drawn.slot;
	} else if (is_before(&drawn, &priority->rows[0])) {
		*slot = drawn.slot = priority->rows[0].slot;
		priority->rows[0] = drawn;
		sift_down(priority->rows, priority->n);
	}
	return FLT_OK;
}

static int by_key(const void *a, const void *b)
{
	return is_before(a, b) ? -1 : is_before(b, a);
}

static int by_row(const void *a, const void *b)
{
	size_t x = ((const struct flt_drawn_row *)a)->row, y = ((const struct flt_drawn_row *)b)->row;
	return (x > y) - (x < y);
}

void flt_priority_end(struct flt_priority *priority, size_t n, double *threshold)
{
	size_t kept = priority->n > priority->most ? priority->most : priority->n;
	kept = kept > n ? n : kept;
	*threshold = 0;
	if (priority->n == 0)
		return;
	qsort(priority->rows, priority->n, sizeof *priority->rows, by_key);
	if (kept < priority->n)
		*threshold = priority->rows[kept].key;
	priority->n = kept;
	qsort(priority->rows, kept, sizeof *priority->rows, by_row);
}
