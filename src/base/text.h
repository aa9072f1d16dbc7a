/* Texts that people type, lists of names as options give them, and foreign text as a message may show it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

#include "base/error.h"

/* The name that the user may have meant by text: the one with the fewest typing mistakes (a byte added, lost, changed
 * or swapped with its neighbour, whatever its case), the first of equals. NULL if none is near: more than one mistake
 * in three bytes, or names beyond 127 bytes. Names may be NULL. */
const char *flt_nearest(const char *text, const char *const *names, size_t n_names);

/* Names split from a comma-separated list. Outer spaces go; an item in "" keeps its commas and spaces ("" inside is one
 * quote). An empty list has no items; `a,,b` holds an empty one. */
struct flt_names {
	char **items; /* (n) */
	size_t n;
};

enum flt_status flt_names_split(const char *list, struct flt_names *names, struct flt_error *err);
void flt_names_release(struct flt_names *names);

/* A piece of foreign text, fit for a message: control characters become '?', a long one is cut with "...". */
struct flt_shown {
	char text[56];
};

struct flt_shown flt_shown(const char *text, size_t length);

#endif
