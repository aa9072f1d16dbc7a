/*
 * An arena: texts that are freed all at once. Clearing it keeps its memory for the next texts, except that of huge
 * ones.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/error.h"

struct flt_chunk {
	char *bytes; /* (size) */
	size_t size;
};

/* Zeroed memory is an empty arena; flt_arena_release ends it. */
struct flt_arena {
	struct flt_chunk *chunks; /* (n_chunks) all of one size, except those that hold one long text */
	size_t n_chunks, capacity;
	size_t chunk, used; /* the chunk being filled, and its bytes in use */
};

/* A copy of text (length bytes) with a terminator, valid until the arena is cleared; NULL, with err filled, if memory
 * runs out. */
const char *flt_arena_add(struct flt_arena *arena, const char *text, size_t length, struct flt_error *err);
void flt_arena_clear(struct flt_arena *arena);
void flt_arena_release(struct flt_arena *arena);

#endif
