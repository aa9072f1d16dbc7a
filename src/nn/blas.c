#include "nn/blas.h"

#include <assert.h>
#include <cblas.h>
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "fltrain/version.h"

enum {
	WORK_SPACE = 32 << 22, /* bytes: BUFFER_SIZE of OpenBLAS 0.3 on x86-64; smaller elsewhere */
	MAX_WORK_SPACES = 512, /* more than threads: a pool has 256 */
};

/* What is taken from OpenBLAS, and the error that kept it from being opened. */
static struct {
	bool is_open;
	char reason[200];
	__typeof__(cblas_sgemm) *sgemm;
	__typeof__(openblas_get_corename) *core;
	__typeof__(openblas_get_config) *config;
	__typeof__(openblas_set_num_threads) *set_n_threads;
	/* Exported but undocumented: NULL in builds that keep them to themselves, whose work spaces cannot be reserved.
	 */
	void *(*take)(int);
	void (*give)(void *);
} blas;

/* Work spaces: each that OpenBLAS was seen to have, how many those are, and how many are promised to threads. */
static struct {
	pthread_mutex_t mutex;
	const void *mapped[MAX_WORK_SPACES];
	size_t n_mapped, n_reserved;
} spaces = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* Fills *function, a pointer to one. */
static bool find(void *handle, const char *name, void *function)
{
	void *found = dlsym(handle, name);
	memcpy(function, &found, sizeof found);
	return found;
}

/* Whether the system would map a work space, or another. */
static bool has_room(void)
{
	void *trial = mmap(NULL, WORK_SPACE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (trial == MAP_FAILED)
		return false;
	munmap(trial, WORK_SPACE);
	return true;
}

static void open_library(void)
{
	/* Refused memory while it is loaded, the Fortran library that comes with it ends the program. */
	if (!has_room()) {
		strcpy(blas.reason, "out of memory");
		return;
	}
	setenv("OPENBLAS_NUM_THREADS", "1", 1);
	void *handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
	if (handle && find(handle, "cblas_sgemm", &blas.sgemm) && find(handle, "openblas_get_corename", &blas.core) &&
	    find(handle, "openblas_get_config", &blas.config) &&
	    find(handle, "openblas_set_num_threads", &blas.set_n_threads)) {
		blas.set_n_threads(1); /* builds with OpenMP do not heed the environment */
		find(handle, "blas_memory_alloc", &blas.take);
		find(handle, "blas_memory_free", &blas.give);
		blas.is_open = true;
		return;
	}
	const char *reason = dlerror();
	strncat(blas.reason, reason ? reason : "no reason given", sizeof blas.reason - 1);
}

enum flt_status flt_blas_open(struct flt_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, open_library);
	if (blas.is_open)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MACHINE,
	                "OpenBLAS, which trains layers this wide, cannot be opened (%s): install libopenblas0, raise "
	                "the limit of address space (ulimit -v), or use fewer hidden units",
	                blas.reason);
}

const char *flt_blas_core(void)
{
	return flt_blas_open(NULL) == FLT_OK ? blas.core() : NULL;
}

const char *flt_blas_config(void)
{
	return flt_blas_open(NULL) == FLT_OK ? blas.config() : NULL;
}

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

size_t flt_blas_lanes(void)
{
	static const char *const avx512[] = {"SkylakeX", "Cooperlake", "Sapphirerapids"}, *const avx2[] = {"Haswell",
	                                                                                                   "Zen"};
	const char *core = blas.core();
	return is_one_of(core, avx512, 3) ? 16 : is_one_of(core, avx2, 2) ? 8 : 4;
}

static bool is_mapped(const void *space)
{
	for (size_t i = 0; i < spaces.n_mapped; i++)
		if (spaces.mapped[i] == space)
			return true;
	return false;
}

/* Takes work spaces until one is new or the system has no more; gives them back, which keeps them mapped. */
static void map_one_more(void)
{
	void *taken[MAX_WORK_SPACES];
	size_t n_taken = 0, n_before = spaces.n_mapped;
	while (spaces.n_mapped == n_before && n_taken < MAX_WORK_SPACES && has_room()) {
		void *space = blas.take(0);
		taken[n_taken++] = space;
		if (!is_mapped(space))
			spaces.mapped[spaces.n_mapped++] = space;
	}
	while (n_taken > 0)
		blas.give(taken[--n_taken]);
}

enum flt_status flt_blas_reserve(struct flt_error *err)
{
	bool is_known = blas.take && blas.give;
	pthread_mutex_lock(&spaces.mutex);
	if (is_known && spaces.n_mapped <= spaces.n_reserved && spaces.n_mapped < MAX_WORK_SPACES)
		map_one_more();
	bool is_reserved = !is_known || spaces.n_reserved < spaces.n_mapped;
	spaces.n_reserved += is_reserved;
	pthread_mutex_unlock(&spaces.mutex);
	if (is_reserved)
		return FLT_OK;
	char size[FLT_SIZE_TEXT];
	flt_size_text(WORK_SPACE, size);
	return flt_fail(err, FLT_ERR_MACHINE,
	                "out of memory: training layers this wide takes %s of address space for each thread; raise its "
	                "limit (ulimit -v), or use fewer hidden units",
	                size);
}

void flt_blas_unreserve(void)
{
	pthread_mutex_lock(&spaces.mutex);
	spaces.n_reserved--;
	pthread_mutex_unlock(&spaces.mutex);
}

static int blas_int(size_t n)
{
	assert(n <= INT_MAX);
	return (int)n;
}

void flt_blas_forward(size_t n, size_t n_in, size_t n_out, const float *x, const float *w, float *y)
{
	int rows = blas_int(n), in = blas_int(n_in), out = blas_int(n_out);
	blas.sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, out, in, 1, x, in, w, in, 0, y, out);
}

void flt_blas_backward_weight(size_t n, size_t n_in, size_t n_out, const float *x, const float *dy, float *dw)
{
	int rows = blas_int(n), in = blas_int(n_in), out = blas_int(n_out);
	blas.sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, rows, 1, dy, out, x, in, 0, dw, in);
}

void flt_blas_backward_input(size_t n, size_t n_in, size_t n_out, const float *w, const float *dy, float *dx)
{
	int rows = blas_int(n), in = blas_int(n_in), out = blas_int(n_out);
	blas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, in, out, 1, dy, out, w, in, 0, dx, in);
}
