/*
 * Every block is counted at the size that the C library gave it, so that what is live returns to 0 when all is freed.
 * Bytes are set aside before they are asked for: threads that grow at the same time cannot pass the limit together.
 */
#include "base/alloc.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
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

static atomic_size_t n_live;
static atomic_size_t limit = SIZE_MAX;

size_t flt_alloc_live(void)
{
	return atomic_load(&n_live);
}

size_t flt_alloc_limit(void)
{
	return atomic_load(&limit);
}

void flt_alloc_set_limit(size_t n_bytes)
{
	atomic_store(&limit, n_bytes);
}

/* Sets bytes aside; false if that is beyond the limit. */
static bool reserve(size_t bytes)
{
	size_t before = atomic_load(&n_live), most = atomic_load(&limit);
	do {
		if (before > most || bytes > most - before)
			return false;
	} while (!atomic_compare_exchange_weak(&n_live, &before, before + bytes));
	return true;
}

/* Counts block, which may be NULL, at its true size instead of the bytes that were set aside for it. */
static void settle(void *block, size_t reserved)
{
	atomic_fetch_add(&n_live, malloc_usable_size(block) - reserved); /* modulo 2^64 where it is less */
}

static bool is_to_fail(void)
{
	return atomic_fetch_add(&n_made, 1) + 1 == atomic_load(&fails_at);
}

enum flt_status flt_fail_memory(struct flt_error *err, unsigned long long n_bytes)
{
	size_t total, live = flt_alloc_live(), most = flt_alloc_limit();
	if (__builtin_add_overflow(live, n_bytes, &total))
		total = SIZE_MAX;
	if (total <= most)
		return flt_fail(err, FLT_ERR_MACHINE, "out of memory: %llu bytes more are needed", n_bytes);
	char needed[FLT_SIZE_TEXT], allowed[FLT_SIZE_TEXT];
	flt_size_text((double)total, needed);
	flt_size_text((double)most, allowed);
	return flt_fail(err, FLT_ERR_MACHINE,
	                "out of memory: this needs %s or more, but the limit is %s; raise --memory-limit, or use fewer "
	                "rows, columns or hidden units",
	                needed, allowed);
}

void flt_size_text(double n_bytes, char text[FLT_SIZE_TEXT])
{
	static const char units[] = " KMGTPE";
	size_t unit = 0;
	for (; n_bytes >= 999.95 && unit + 2 < sizeof units; unit++)
		n_bytes /= 1024;
	if (unit == 0)
		snprintf(text, FLT_SIZE_TEXT, "%.0f bytes", n_bytes);
	else
		snprintf(text, FLT_SIZE_TEXT, "%.1f %cB", n_bytes, units[unit]);
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

/* Whether so many bytes may be asked for. */
static bool is_allowed(size_t bytes, struct flt_error *err)
{
	if (!is_to_fail() && reserve(bytes))
		return true;
	flt_fail_memory(err, bytes);
	return false;
}

/* What came of asking. The sentence is made once the bytes are no longer set aside, or they would count twice. */
static void *checked(void *block, size_t bytes, struct flt_error *err)
{
	settle(block, bytes);
	if (!block)
		flt_fail_memory(err, bytes);
	return block;
}

void *flt_alloc(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes = checked_bytes(n, size, err);
	return bytes && is_allowed(bytes, err) ? checked(malloc(bytes), bytes, err) : NULL;
}

void *flt_alloc_zero(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes = checked_bytes(n, size, err);
	return bytes && is_allowed(bytes, err) ? checked(calloc(1, bytes), bytes, err) : NULL;
}

void *flt_alloc_aligned(size_t n, size_t size, struct flt_error *err)
{
	enum { ALIGNMENT = 64 };
	size_t bytes = checked_bytes(n, size, err);
	if (!bytes)
		return NULL;
	if (bytes > PTRDIFF_MAX - ALIGNMENT) {
		flt_fail_memory(err, bytes);
		return NULL;
	}
	size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!is_allowed(rounded, err))
		return NULL;
	void *block = checked(aligned_alloc(ALIGNMENT, rounded), rounded, err);
	return block ? memset(block, 0, rounded) : NULL;
}

/* The block at its new size, or NULL with err filled and the block as it was. */
static void *resized(void *block, size_t bytes, struct flt_error *err)
{
	size_t before = malloc_usable_size(block), more = bytes > before ? bytes - before : 0;
	if (!is_allowed(more, err))
		return NULL;
	void *grown = realloc(block, bytes);
	if (!grown) {
		atomic_fetch_sub(&n_live, more);
		flt_fail_memory(err, more);
		return NULL;
	}
	settle(grown, before + more);
	return grown;
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
	void *grown = bytes ? resized(*block, bytes, err) : NULL;
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
	atomic_fetch_sub(&n_live, malloc_usable_size(block));
	free(block);
}
