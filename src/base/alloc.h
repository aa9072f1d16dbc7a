/*
 * Checked allocation: nothing else in the library calls malloc. Live bytes are counted, and an allocation beyond the
 * limit is refused before the system sees it, so a job too large for the machine ends with a sentence instead of in
 * swap. Tests can make the k-th allocation fail.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* n items of the given size, uninitialised or zeroed; n * size is checked; n = 0 gives a non-NULL pointer.
 * On failure NULL, and err is filled. Freed by flt_free. */
void *flt_alloc(size_t n, size_t size, struct flt_error *err);
void *flt_alloc_zero(size_t n, size_t size, struct flt_error *err);
void *flt_alloc_aligned(size_t n, size_t size, struct flt_error *err); /* at 64 bytes, zeroed; freed by flt_free */
/* Grows the array *items to at least n items, doubling its capacity; *items is untouched on failure. */
enum flt_status flt_grow(void **items, size_t *capacity, size_t n, size_t size, struct flt_error *err);
/* The capacity of an array that flt_grow grew from nothing, item by item, to n of them. */
size_t flt_grown_capacity(size_t n);
/* A copy of text (length bytes) with a terminator; NULL on failure. Freed by flt_free. */
char *flt_copy_text(const char *text, size_t length, struct flt_error *err);
void flt_free(void *memory); /* NULL is fine */

/* Bytes allocated now, by all threads, and the most that may be: SIZE_MAX (no limit) at the start. With a limit below
 * the live bytes, every further allocation fails. */
size_t flt_alloc_live(void);
size_t flt_alloc_limit(void);
void flt_alloc_set_limit(size_t n_bytes);

/* What an array of that many bytes would count: 0 where it would live in a file (base/file_memory.h). */
double flt_alloc_counted(double n_bytes);

/* Counts bytes that a library allocates for us, and gives them back; false if they would pass the limit. */
bool flt_alloc_count(size_t n_bytes);
void flt_alloc_uncount(size_t n_bytes);

/* "512 bytes", "1.5 KB", "12.3 GB": units of 1024. */
enum { FLT_SIZE_TEXT = 24 };
void flt_size_text(double n_bytes, char text[FLT_SIZE_TEXT]);

/* Test hook: makes the k-th allocation from now on fail, k from 1 (0: none). Returns the number of allocations since
 * the last call. */
unsigned long flt_alloc_fail_at(unsigned long k);

#endif
