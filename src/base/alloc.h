/*
 * Checked allocation: the only calls to malloc and its kin. What is live is counted, and what would pass the limit is
 * refused before it is asked for: a program that the machine cannot hold ends with a sentence, not in swap. A test can
 * let the k-th allocation fail.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/error.h"

/* n items of the given size, uninitialised or zeroed; n * size is checked; n = 0 gives a non-NULL pointer.
 * On failure NULL, and err is filled. Freed by flt_free. */
void *flt_alloc(size_t n, size_t size, struct flt_error *err);
void *flt_alloc_zero(size_t n, size_t size, struct flt_error *err);
void *flt_alloc_aligned(size_t n, size_t size, struct flt_error *err); /* at 64 bytes, zeroed; freed by flt_free */
/* Grows *block to at least n items, doubling capacity; *block is untouched on failure. */
enum flt_status flt_grow(void **block, size_t *capacity, size_t n, size_t size, struct flt_error *err);
char *flt_copy_text(const char *text, size_t length, struct flt_error *err);
void flt_free(void *block);

/* The bytes that are allocated now, by all threads, and the most that may be: SIZE_MAX, no limit, at the start. A limit
 * below what is live refuses all that follows. */
size_t flt_alloc_live(void);
size_t flt_alloc_limit(void);
void flt_alloc_set_limit(size_t n_bytes);

/* "512 bytes", "1.5 KB", "12.3 GB": units of 1024. */
enum { FLT_SIZE_TEXT = 24 };
void flt_size_text(double n_bytes, char text[FLT_SIZE_TEXT]);

/* Test hook: the k-th allocation from now on fails, k from 1 (0: none fails); returns how many were made since the last
 * call. */
unsigned long flt_alloc_fail_at(unsigned long k);

#endif
