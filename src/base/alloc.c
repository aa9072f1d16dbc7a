#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Counts down to the allocation that is to fail; the test hook is the only writer besides the count itself. */
static atomic_ulong n_made;
static atomic_ulong fails_at;

unsigned long flt_alloc_fail_at(unsigned long k)
{
	atomic_store(&fails_at, k);
	return atomic_exchange(&n_made, 0);
}

static bool is_to_fail(void)
{
	return atomic_fetch_add(&n_made, 1) + 1 == atomic_load(&fails_at);
}

/* The bytes of n items, or 0 with err filled if that is more than memory can be. Never 0 otherwise. */
static size_t checked_bytes(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX) {
		flt_fail_memory(err, UINT64_MAX);
		return 0;
	}
	return bytes ? bytes : 1;
}

static void *checked(void *block, size_t bytes, struct flt_error *err)
{
	if (!block)
		flt_fail_memory(err, bytes);
	return block;
}

void *flt_alloc(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes = checked_bytes(n, size, err);
	return bytes ? checked(is_to_fail() ? NULL : malloc(bytes), bytes, err) : NULL;
}

void *flt_alloc_zero(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes = checked_bytes(n, size, err);
	return bytes ? checked(is_to_fail() ? NULL : calloc(1, bytes), bytes, err) : NULL;
}

void *flt_alloc_aligned(size_t n, size_t size, struct flt_error *err)
{
	enum { ALIGNMENT = 64 };
	size_t bytes = checked_bytes(n, size, err);
	if (!bytes)
		return NULL;
	if (bytes > PTRDIFF_MAX - ALIGNMENT)
		return checked(NULL, bytes, err);
	size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	void *block = checked(is_to_fail() ? NULL : aligned_alloc(ALIGNMENT, rounded), bytes, err);
	return block ? memset(block, 0, rounded) : NULL;
}

enum flt_status flt_grow(void **block, size_t *capacity, size_t n, size_t size, struct flt_error *err)
{
	if (n <= *capacity)
		return FLT_OK;
	size_t wanted = *capacity > SIZE_MAX / 2 ? n : *capacity * 2;
	if (wanted < n)
		wanted = n;
	if (wanted < 8)
		wanted = 8;
	size_t bytes = checked_bytes(wanted, size, err);
	void *grown = bytes ? checked(is_to_fail() ? NULL : realloc(*block, bytes), bytes, err) : NULL;
	if (!grown)
		return FLT_ERR_MACHINE;
	*block = grown;
	*capacity = wanted;
	return FLT_OK;
}

char *flt_copy_text(const char *text, size_t length, struct flt_error *err)
{
	char *copy = flt_alloc(length + 1, 1, err);
	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void flt_free(void *block)
{
	free(block);
}
