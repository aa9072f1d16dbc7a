#include "base/sorted_texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int by_text(const void *left, const void *right)
{
	const struct flt_sorted_text *a = left, *b = right;
	int order = strcmp(a->text, b->text);
	return order ? order : (a->number > b->number) - (a->number < b->number);
}

enum flt_status flt_sort_texts(const char *const *texts, size_t n, struct flt_sorted_text **sorted,
                               struct flt_error *err)
{
	struct flt_sorted_text *made = flt_alloc(n, sizeof *made, err);
	*sorted = made;
	FLT_TRY_MEMORY(made);
	for (size_t i = 0; i < n; i++)
		made[i] = (struct flt_sorted_text){texts[i], i};
	qsort(made, n, sizeof *made, by_text);
	return FLT_OK;
}

/* The order of a text of that length and another. */
static int compare(const char *text, size_t length, const char *other)
{
	int order = strncmp(text, other, length);
	return order == 0 && other[length] ? -1 : order;
}

size_t flt_find_sorted(const struct flt_sorted_text *sorted, size_t n, const char *text, size_t length)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(text, length, sorted[middle].text) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && compare(text, length, sorted[low].text) == 0 ? low : n;
}
