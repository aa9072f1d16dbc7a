/*
 * Texts of many lengths that are given up together. Emptied, an arena keeps its memory, but for that of huge texts.
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
	struct flt_chunk *chunks; /* (n_chunks) of one size, but for those of a single long text */
	size_t n_chunks, capacity;
	size_t chunk, used; /* the chunk that is being filled, and how far */
};

/* A copy of text (length) with a terminator, which lives until the arena is cleared; NULL, with err filled, if memory
 * is out. */
const char *flt_arena_add(struct flt_arena *arena, const char *text, size_t length, struct flt_error *err);
void flt_arena_clear(struct flt_arena *arena);
void flt_arena_release(struct flt_arena *arena);

#endif
