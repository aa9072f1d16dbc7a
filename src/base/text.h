/* Texts that people type: likely misspellings, lists of names, and foreign text made safe for messages. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

#include "base/error.h"

/* The name that the user probably meant: the one with the fewest typing mistakes (a byte added, lost, changed or
 * swapped with its neighbour, ignoring case), the first of equals. NULL if none is near, which means more than one
 * mistake in three bytes, or names longer than 127 bytes. Names may be NULL. */
const char *flt_nearest(const char *text, const char *const *names, size_t n_names);

/* Names split from a comma-separated list. Outer spaces are dropped; an item in double quotes keeps its commas and
 * spaces
 * ("" inside is one quote). An empty list has no items; `a,,b` has an empty one. */
struct flt_names {
	char **items; /* (n) */
	size_t n;
};

enum flt_status flt_names_split(const char *list, struct flt_names *names, struct flt_error *err);
void flt_names_release(struct flt_names *names);

/* Foreign text made fit for a message: control characters become '?', and long text is cut with "...". */
struct flt_shown {
	char text[56];
};

struct flt_shown flt_shown(const char *text, size_t length);

#endif
