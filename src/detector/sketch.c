#include "detector/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Rows that are prepared at a time: 16 MB of inputs, unless a row is very wide. */
enum { TILE_ROWS = 8192, TILE_VALUES = 1 << 22 };

/* The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

void flt_row_hashes(const float *x, size_t n, size_t n_features, double *hash)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t state = 0x9e3779b97f4a7c15U;
		for (size_t j = 0; j < n_features; j++) {
			float value = x[i * n_features + j] + 0.0F; /* -0 is 0 */
			uint32_t bits;
			memcpy(&bits, &value, sizeof bits);
			state = mix(state + bits) + 0x9e3779b97f4a7c15U;
		}
		hash[i] = ldexp((double)(mix(state) >> 11), -53);
	}
}

static enum flt_status hash_rows(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                 size_t n, unsigned n_threads, double *hash, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_features = flt_prep_n_features(prep), tile = TILE_VALUES / (n_features + 1) + 1;
	tile = tile > TILE_ROWS ? TILE_ROWS : tile;
	float *x = flt_alloc(tile * n_features, sizeof *x, err); /* (tile, n_features) */
	FLT_TRY_MEMORY(x);
	for (size_t start = 0; start < n; start += tile) {
		size_t n_tile = n - start < tile ? n - start : tile;
		FLT_TRY_OUT(flt_prep_apply(prep, table, rows + start, n_tile, n_threads, x, err));
		flt_row_hashes(x, n_tile, n_features, hash + start);
	}
out:
	flt_free(x);
	return status;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts hashes (n). They are parted in place by their size, since qsort copies what it sorts. */
static void sort(double *hash, size_t n)
{
	enum { N_PARTS = 256 };
	size_t next[N_PARTS], begin[N_PARTS + 1] = {0};
	for (size_t i = 0; i < n; i++)
		begin[(size_t)(hash[i] * N_PARTS) + 1]++;
	for (size_t p = 0; p < N_PARTS; p++) {
		begin[p + 1] += begin[p];
		next[p] = begin[p];
	}
	for (size_t p = 0; p < N_PARTS; p++) {
		while (next[p] < begin[p + 1]) {
			size_t at = next[p], to = next[(size_t)(hash[at] * N_PARTS)]++;
			double one = hash[at];
			hash[at] = hash[to];
			hash[to] = one;
		}
		qsort(hash + begin[p], begin[p + 1] - begin[p], sizeof *hash, compare);
	}
}

/* Keeps the lowest of sorted hashes (n), each once. */
static enum flt_status keep(struct flt_sketch *sketch, const double *hash, size_t n, struct flt_error *err)
{
	size_t n_single = 0;
	sketch->hash = flt_alloc(n < FLT_SKETCH_SIZE ? n : FLT_SKETCH_SIZE, sizeof *sketch->hash, err);
	FLT_TRY_MEMORY(sketch->hash);
	sketch->below = 1;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && hash[end] == hash[i]; end++)
			;
		n_single += end == i + 1;
		if (sketch->n < FLT_SKETCH_SIZE)
			sketch->hash[sketch->n++] = hash[i];
		else if (sketch->below == 1)
			sketch->below = hash[i];
	}
	sketch->repeated = 1 - (double)n_single / (double)n;
	return FLT_OK;
}

enum flt_status flt_sketch_make(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                size_t n, unsigned n_threads, struct flt_sketch *sketch, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double *hash = flt_alloc(n, sizeof *hash, err);
	flt_sketch_release(sketch);
	FLT_TRY_MEMORY_OUT(hash);
	FLT_TRY_OUT(hash_rows(prep, table, rows, n, n_threads, hash, err));
	sort(hash, n);
	FLT_TRY_OUT(keep(sketch, hash, n, err));
out:
	flt_free(hash);
	return status;
}

void flt_sketch_release(struct flt_sketch *sketch)
{
	flt_free(sketch->hash);
	*sketch = (struct flt_sketch){0};
}

bool flt_sketch_samples(const struct flt_sketch *sketch, double hash)
{
	return sketch->n > 0 && hash < sketch->below;
}

bool flt_sketch_holds(const struct flt_sketch *sketch, double hash)
{
	return bsearch(&hash, sketch->hash, sketch->n, sizeof hash, compare) != NULL;
}
