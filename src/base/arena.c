#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"

enum { CHUNK_BYTES = 1 << 16 };

/* Puts a new chunk before the one that is being filled, or behind the last; NULL if memory is out. */
static char *insert_chunk(struct flt_arena *arena, size_t size, struct flt_error *err)
{
	if (flt_grow((void **)&arena->chunks, &arena->capacity, arena->n_chunks + 1, sizeof *arena->chunks, err) !=
	    FLT_OK)
		return NULL;
	char *bytes = flt_alloc(size, 1, err);
	if (!bytes)
		return NULL;
	struct flt_chunk *at = arena->chunks + arena->chunk;
	memmove(at + 1, at, (arena->n_chunks++ - arena->chunk) * sizeof *at);
	*at = (struct flt_chunk){bytes, size};
	return bytes;
}

/* A long text has a chunk of its own, and the one that is being filled stays so: to go on behind it would leave all
 * chunks that were kept unused, and more would be taken each time. */
static char *take(struct flt_arena *arena, size_t size, struct flt_error *err)
{
	if (size > CHUNK_BYTES) {
		char *bytes = insert_chunk(arena, size, err);
		arena->chunk += bytes != NULL;
		return bytes;
	}
	if (arena->chunk < arena->n_chunks && CHUNK_BYTES - arena->used < size) {
		arena->chunk++;
		arena->used = 0;
	}
	if (arena->chunk == arena->n_chunks && !insert_chunk(arena, CHUNK_BYTES, err))
		return NULL;
	char *bytes = arena->chunks[arena->chunk].bytes + arena->used;
	arena->used += size;
	return bytes;
}

const char *flt_arena_add(struct flt_arena *arena, const char *text, size_t length, struct flt_error *err)
{
	char *copy = take(arena, length + 1, err);
	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void flt_arena_clear(struct flt_arena *arena)
{
	size_t n_kept = 0;
	for (size_t i = 0; i < arena->n_chunks; i++)
		if (arena->chunks[i].size > CHUNK_BYTES)
			flt_free(arena->chunks[i].bytes);
		else
			arena->chunks[n_kept++] = arena->chunks[i];
	arena->n_chunks = n_kept;
	arena->chunk = arena->used = 0;
}

void flt_arena_release(struct flt_arena *arena)
{
	for (size_t i = 0; i < arena->n_chunks; i++)
		flt_free(arena->chunks[i].bytes);
	flt_free(arena->chunks);
	*arena = (struct flt_arena){0};
}
