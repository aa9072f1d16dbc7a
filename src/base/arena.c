#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"

enum { CHUNK_BYTES = 1 << 16 };

/* Inserts a new chunk before the one being filled, or at the end; NULL if memory runs out. */
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

/* A long text gets a chunk of its own, placed before the one being filled: filling a chunk behind it instead would skip
 * all the chunks kept from last time, and the arena would grow with every use. */
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
