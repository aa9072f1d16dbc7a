/*
 * Watches what the program allocates from the estimate of a training on. Linked with --wrap for the functions below, so
 * it sees each call of them between two of the program's own objects; at the end it writes a line of numbers to the
 * file that MEMORY_SEEN names: estimate, bytes allocated when it was made, the most allocated since, and the same two
 * in resident memory.
 *
 * cv and compare estimate each of their fits, and the largest estimate counts.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "protocol/memory.h"

static atomic_size_t most;
static _Atomic double estimate;
static atomic_flag is_started = ATOMIC_FLAG_INIT;
static size_t live_before, resident_before;

/* "VmRSS:" or "VmHWM:", in bytes. */
static size_t resident(const char *key)
{
	char line[256];
	size_t kilobytes = 0;
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof line, status))
		if (strncmp(line, key, strlen(key)) == 0)
			kilobytes = strtoul(line + strlen(key), NULL, 10);
	if (status)
		fclose(status);
	return kilobytes * 1024;
}

static void note_live(void)
{
	size_t live = flt_alloc_live(), before = atomic_load(&most);
	while (live > before && !atomic_compare_exchange_weak(&most, &before, live))
		;
}

static void start(void)
{
	FILE *peak = fopen("/proc/self/clear_refs", "w");
	if (peak) {
		fputs("5", peak); /* VmHWM begins anew */
		fclose(peak);
	}
	live_before = flt_alloc_live();
	resident_before = resident("VmRSS:");
	atomic_store(&most, live_before);
}

__attribute__((destructor)) static void tell(void)
{
	const char *name = getenv("MEMORY_SEEN");
	FILE *out = name && estimate > 0 ? fopen(name, "w") : NULL;
	if (!out)
		return;
	fprintf(out, "%.0f %zu %zu %zu %zu\n", estimate, live_before, most, resident_before, resident("VmHWM:"));
	fclose(out);
}

enum flt_status __real_flt_fit_memory_check(const struct flt_fit_size *, const struct flt_sharing *, double *,
                                            struct flt_error *);
enum flt_status __wrap_flt_fit_memory_check(const struct flt_fit_size *size, const struct flt_sharing *sharing,
                                            double *n_bytes, struct flt_error *err)
{
	if (!atomic_flag_test_and_set(&is_started))
		start();
	enum flt_status status = __real_flt_fit_memory_check(size, sharing, n_bytes, err);
	if (status == FLT_OK && *n_bytes > estimate)
		estimate = *n_bytes;
	return status;
}

void *__real_flt_alloc(size_t, size_t, struct flt_error *);
void *__wrap_flt_alloc(size_t n, size_t size, struct flt_error *err)
{
	void *memory = __real_flt_alloc(n, size, err);
	note_live();
	return memory;
}

void *__real_flt_alloc_zero(size_t, size_t, struct flt_error *);
void *__wrap_flt_alloc_zero(size_t n, size_t size, struct flt_error *err)
{
	void *memory = __real_flt_alloc_zero(n, size, err);
	note_live();
	return memory;
}

void *__real_flt_alloc_aligned(size_t, size_t, struct flt_error *);
void *__wrap_flt_alloc_aligned(size_t n, size_t size, struct flt_error *err)
{
	void *memory = __real_flt_alloc_aligned(n, size, err);
	note_live();
	return memory;
}

enum flt_status __real_flt_grow(void **, size_t *, size_t, size_t, struct flt_error *);
enum flt_status __wrap_flt_grow(void **items, size_t *capacity, size_t n, size_t size, struct flt_error *err)
{
	enum flt_status status = __real_flt_grow(items, capacity, n, size, err);
	note_live();
	return status;
}
