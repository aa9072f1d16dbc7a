/*
 * Each row has a key that looks random, and the rows with small keys are drawn. When there are too many, the bound is
 * halved and the rows above it are dropped.
 */
#include "detector/sample.h"

#include <string.h>

#include "base/alloc.h"

/* Rows of the sample, and values in all of it: 8 MB, however wide the table is. */
enum { MOST_ROWS = 1024, MOST_VALUES = 1 << 20, LEAST_ROWS = 64 };

enum flt_status flt_sample_init(struct flt_sample *sample, size_t n_values, struct flt_error *err)
{
	size_t n = n_values > 0 ? MOST_VALUES / n_values : MOST_ROWS;
	*sample = (struct flt_sample){.n_values = n_values,
	                              .capacity = n < LEAST_ROWS  ? LEAST_ROWS
	                                          : n < MOST_ROWS ? n
	                                                          : MOST_ROWS,
	                              .bound = UINT64_MAX};
	sample->keys = flt_alloc(sample->capacity, sizeof *sample->keys, err);
	FLT_TRY_MEMORY(sample->keys);
	sample->values = flt_alloc(sample->capacity, n_values * sizeof *sample->values, err);
	FLT_TRY_MEMORY(sample->values);
	return FLT_OK;
}

void flt_sample_release(struct flt_sample *sample)
{
	flt_free(sample->keys);
	flt_free(sample->values);
	*sample = (struct flt_sample){0};
}

void flt_sample_clear(struct flt_sample *sample)
{
	sample->n = 0;
	sample->bound = UINT64_MAX;
}

/* The last step of splitmix64 (Steele, Lea and Flood). */
static uint64_t key_of(size_t row)
{
	uint64_t key = ((uint64_t)row + 1) * 0x9e3779b97f4a7c15;
	key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9;
	key = (key ^ key >> 27) * 0x94d049bb133111eb;
	return key ^ key >> 31;
}

static void thin(struct flt_sample *sample)
{
	size_t n = 0, size = sample->n_values * sizeof *sample->values;
	sample->bound /= 2;
	for (size_t i = 0; i < sample->n; i++) {
		if (sample->keys[i] > sample->bound)
			continue;
		sample->keys[n] = sample->keys[i];
		memmove(sample->values + n * sample->n_values, sample->values + i * sample->n_values, size);
		n++;
	}
	sample->n = n;
}

double *flt_sample_offer(struct flt_sample *sample, size_t row)
{
	uint64_t key = key_of(row);
	while (key <= sample->bound && sample->n == sample->capacity)
		thin(sample);
	if (key > sample->bound)
		return NULL;
	sample->keys[sample->n] = key;
	return sample->values + sample->n++ * sample->n_values;
}
