#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

#include "inject.h"

extern char *__real_realpath(const char *, char *);
extern __typeof__(malloc) __real_malloc;
extern __typeof__(calloc) __real_calloc;
extern __typeof__(realloc) __real_realloc;
extern __typeof__(aligned_alloc) __real_aligned_alloc;
extern __typeof__(free) __real_free;

static atomic_long n_held; /* pieces of memory that the program has, jansson's among them */

static void *held(void *memory)
{
	if (memory)
		atomic_fetch_add(&n_held, 1);
	return memory;
}

static void *json_allocate(size_t n)
{
	return strikes(CALL_JSON, false) ? NULL : held(__real_malloc(n));
}

void *__wrap_malloc(size_t n)
{
	return strikes(CALL_ALLOC, false) ? NULL : held(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return strikes(CALL_ALLOC, false) ? NULL : held(__real_calloc(n, size));
}

void *__wrap_realloc(void *memory, size_t n)
{
	if (strikes(CALL_ALLOC, false))
		return NULL;
	void *grown = __real_realloc(memory, n);
	return memory ? grown : held(grown);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
	return strikes(CALL_ALLOC, false) ? NULL : held(__real_aligned_alloc(alignment, n));
}

char *__wrap_realpath(const char *path, char *resolved)
{
	return strikes(CALL_REALPATH, false) ? NULL : held(__real_realpath(path, resolved));
}

void __wrap_free(void *memory)
{
	if (memory)
		atomic_fetch_sub(&n_held, 1);
	__real_free(memory);
}

void memory_begin(void)
{
	json_set_alloc_funcs(json_allocate, __wrap_free);
	mallopt(M_PERTURB, 0xa5); /* who uses memory that was freed, or never filled, finds this */
	atomic_store(&n_held, 0);
}

long memory_held(void)
{
	return atomic_load(&n_held);
}
