/* Texts in order, to be found by halves: for lists of which each name or cell may ask. */
#ifndef BASE_SORTED_TEXTS_H
#define BASE_SORTED_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct flt_sorted_text {
	const char *text; /* borrowed */
	size_t number;    /* among those given */
};

/* *sorted (n): by text, equal ones by number. Owned by the caller (flt_free), NULL after a failure. */
enum flt_status flt_sort_texts(const char *const *texts, size_t n, struct flt_sorted_text **sorted,
                               struct flt_error *err);

/* The index of the first of sorted (n) that is the text of that length, which may hold no NUL; n: there is none. */
size_t flt_find_sorted(const struct flt_sorted_text *sorted, size_t n, const char *text, size_t length);

#endif
