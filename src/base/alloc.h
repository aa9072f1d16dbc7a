/* Checked allocation: the only calls to malloc and its kin. A test can let the k-th allocation fail. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "fltrain/error.h"

/* n items of the given size, uninitialised or zeroed; n * size is checked; n = 0 gives a non-NULL pointer.
 * On failure NULL, and err is filled. Freed by flt_free. */
void *flt_alloc(size_t n, size_t size, struct flt_error *err);
void *flt_alloc_zero(size_t n, size_t size, struct flt_error *err);
void *flt_alloc_aligned(size_t n, size_t size, struct flt_error *err); /* at 64 bytes, zeroed; freed by flt_free */
/* Grows *block to at least n items, doubling capacity; *block is untouched on failure. */
enum flt_status flt_grow(void **block, size_t *capacity, size_t n, size_t size, struct flt_error *err);
char *flt_copy_text(const char *text, size_t length, struct flt_error *err);
void flt_free(void *block);

/* Test hook: the k-th allocation from now on fails, k from 1 (0: none fails); returns how many were made since the last
 * call. */
unsigned long flt_alloc_fail_at(unsigned long k);

#endif
