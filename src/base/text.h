/* Texts that people type. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

/* The name that the user may have meant by text: the one with the fewest typing mistakes (a byte added, lost, changed
 * or swapped with its neighbour, whatever its case), the first of equals. NULL if none is near: more than one mistake
 * in three bytes, or names beyond 127 bytes. Names may be NULL. */
const char *flt_nearest(const char *text, const char *const *names, size_t n_names);

#endif
