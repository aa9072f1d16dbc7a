/* Lists of names as options give them, and foreign text as a message may show it. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>

#include "fltrain/error.h"

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
