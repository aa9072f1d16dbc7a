/*
 * Whether jansson ran out of memory. It does not always say so: where a buffer cannot grow it calls the text malformed,
 * or goes on with a part of it. So its allocation is watched, with whatever function allocates for it by now.
 */
#ifndef BASE_JSON_MEMORY_H
#define BASE_JSON_MEMORY_H

#include <stddef.h>

/* Forgets what was refused to this thread so far; to be called before JSON is read. */
void flt_json_memory_watch(void);

/* The size of the allocation that was refused to jansson in this thread since then, or 0. */
size_t flt_json_memory_refused(void);

#endif
