/*
 * Each allocation counts with the size that the C library really gave it, so the count returns to 0 when everything is
 * freed. Bytes are reserved before the system is asked for them, so threads that allocate at the same time cannot pass
 * the limit together.
 */
#include "base/alloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_memory.h"

/* Allocations since the test hook was last set, and the one that must fail (0: none). */
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

/* Reserves bytes; false if that would pass the limit. */
static bool reserve(size_t bytes)
{
	size_t before = atomic_load(&n_live), most = atomic_load(&limit);
	do {
		if (before > most || bytes > most - before)
			return false;
	} while (!atomic_compare_exchange_weak(&n_live, &before, before + bytes));
	return true;
}

double flt_alloc_counted(double n_bytes)
{
	return n_bytes < (double)SIZE_MAX && flt_file_memory_takes((size_t)n_bytes) ? 0 : n_bytes;
}

bool flt_alloc_count(size_t n_bytes)
{
	return reserve(n_bytes);
}

void flt_alloc_uncount(size_t n_bytes)
{
	atomic_fetch_sub(&n_live, n_bytes);
}

/* Replaces a reservation by the true size of the memory, which may be NULL. */
static void count_true_size(void *memory, size_t reserved)
{
	atomic_fetch_add(&n_live, malloc_usable_size(memory) - reserved); /* wraps if negative */
}

static bool must_fail(void)
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
	                "out of memory: this needs %s or more, but the limit is %s; raise --memory-limit, %suse fewer "
	                "rows, columns or hidden units",
	                needed, allowed,
	                flt_file_memory_folder() ? "or " : "keep large arrays in a file with --cache, or ");
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

/* The bytes of n items, at least 1; 0, with err filled, if no memory could hold them. */
static size_t checked_bytes(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX) {
		flt_fail_memory(err, UINT64_MAX);
		return 0;
	}
	return bytes ? bytes : 1;
}

/* Whether the system may be asked for these bytes; if so, they are reserved. */
static bool is_allowed(size_t bytes, struct flt_error *err)
{
	if (!must_fail() && reserve(bytes))
		return true;
	flt_fail_memory(err, bytes);
	return false;
}

/* Counts what the system returned. The message comes after the reservation has gone, or it would count twice. */
static void *checked(void *memory, size_t bytes, struct flt_error *err)
{
	count_true_size(memory, bytes);
	if (!memory)
		flt_fail_memory(err, bytes);
	return memory;
}

/* A large array in the file that takes them (base/file_memory.h), which counts as no memory. */
static void *in_file(size_t bytes, struct flt_error *err)
{
	errno = ENOMEM;
	void *array = must_fail() ? NULL : flt_file_memory_new(bytes);
	if (array)
		return array;
	char size[FLT_SIZE_TEXT];
	int reason = errno;
	flt_size_text((double)bytes, size);
	flt_fail(err, FLT_ERR_MACHINE, "%s: cannot keep %s more of the data there: %s; --cache takes another folder",
	         flt_file_memory_folder(), size, strerror(reason));
	return NULL;
}

void *flt_alloc(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes = checked_bytes(n, size, err);
	if (flt_file_memory_takes(bytes))
		return in_file(bytes, err);
	return bytes && is_allowed(bytes, err) ? checked(malloc(bytes), bytes, err) : NULL;
}

void *flt_alloc_zero(size_t n, size_t size, struct flt_error *err)
{
	size_t bytes = checked_bytes(n, size, err);
	if (flt_file_memory_takes(bytes))
		return in_file(bytes, err);
	return bytes && is_allowed(bytes, err) ? checked(calloc(1, bytes), bytes, err) : NULL;
}

void *flt_alloc_aligned(size_t n, size_t size, struct flt_error *err)
{
	enum { ALIGNMENT = 64 };
	size_t bytes = checked_bytes(n, size, err);
	if (!bytes)
		return NULL;
	if (flt_file_memory_takes(bytes))
		return in_file(bytes, err);
	if (bytes > PTRDIFF_MAX - ALIGNMENT) {
		flt_fail_memory(err, bytes);
		return NULL;
	}
	size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!is_allowed(rounded, err))
		return NULL;
	void *memory = checked(aligned_alloc(ALIGNMENT, rounded), rounded, err);
	return memory ? memset(memory, 0, rounded) : NULL;
}

static size_t size_of(void *memory)
{
	return flt_file_memory_has(memory) ? flt_file_memory_size(memory) : malloc_usable_size(memory);
}

/* A larger copy in the file of arrays. */
static void *moved_to_file(void *memory, size_t bytes, struct flt_error *err)
{
	void *moved = in_file(bytes, err);
	if (!moved || !memory)
		return moved;
	size_t before = size_of(memory);
	memcpy(moved, memory, before < bytes ? before : bytes);
	flt_free(memory);
	return moved;
}

/* The memory at its new size; NULL, with err filled and the memory untouched, on failure. */
static void *resized(void *memory, size_t bytes, struct flt_error *err)
{
	if (flt_file_memory_takes(bytes) || flt_file_memory_has(memory))
		return moved_to_file(memory, bytes, err);
	size_t before = malloc_usable_size(memory), more = bytes > before ? bytes - before : 0;
	if (!is_allowed(more, err))
		return NULL;
	void *grown = realloc(memory, bytes);
	if (!grown) {
		atomic_fetch_sub(&n_live, more);
		flt_fail_memory(err, more);
		return NULL;
	}
	count_true_size(grown, before + more);
	return grown;
}

enum { FEWEST_ITEMS = 8 };

enum flt_status flt_grow(void **items, size_t *capacity, size_t n, size_t size, struct flt_error *err)
{
	if (n <= *capacity)
		return FLT_OK;
	size_t wanted = *capacity > SIZE_MAX / 2 ? n : *capacity * 2;
	if (wanted < n)
		wanted = n;
	if (wanted < FEWEST_ITEMS)
		wanted = FEWEST_ITEMS;
	size_t bytes = checked_bytes(wanted, size, err);
	void *grown = bytes ? resized(*items, bytes, err) : NULL;
	FLT_TRY_MEMORY(grown);
	*items = grown;
	*capacity = wanted;
	return FLT_OK;
}

size_t flt_grown_capacity(size_t n)
{
	size_t capacity = n > 0 ? FEWEST_ITEMS : 0;
	while (capacity < n)
		capacity = capacity > SIZE_MAX / 2 ? n : capacity * 2;
	return capacity;
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

void flt_free(void *memory)
{
	if (flt_file_memory_has(memory)) {
		flt_file_memory_free(memory);
		return;
	}
	atomic_fetch_sub(&n_live, malloc_usable_size(memory));
	free(memory);
}
