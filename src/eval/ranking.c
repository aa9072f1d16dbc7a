/*
 * Ranking: a radix sort of 64-bit keys whose unsigned order is the reverse order of the scores. It is stable, so ties
 * stay in row order. Bytes that are equal in all keys are skipped: scores that were float32 have three of them. Our own
 * code because qsort with a comparison function was measured to take several times as long.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/metrics.h"

enum { DIGIT_BITS = 8, N_DIGITS = 64 / DIGIT_BITS, N_BUCKETS = 1 << DIGIT_BITS };

enum flt_status flt_ranking_init(struct flt_ranking *ranking, size_t capacity, struct flt_error *err)
{
	*ranking = (struct flt_ranking){.capacity = capacity};
	if (capacity > UINT32_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%zu rows are more than can be ranked; at most %u can", capacity,
		                UINT32_MAX);
	ranking->row = flt_alloc(capacity, sizeof *ranking->row, err);
	ranking->key = flt_alloc(capacity, sizeof *ranking->key, err);
	ranking->spare_row = flt_alloc(capacity, sizeof *ranking->spare_row, err);
	ranking->spare_key = flt_alloc(capacity, sizeof *ranking->spare_key, err);
	if (ranking->row && ranking->key && ranking->spare_row && ranking->spare_key)
		return FLT_OK;
	flt_ranking_release(ranking);
	return FLT_ERR_MACHINE;
}

void flt_ranking_release(struct flt_ranking *ranking)
{
	flt_free(ranking->row);
	flt_free(ranking->key);
	flt_free(ranking->spare_row);
	flt_free(ranking->spare_key);
	*ranking = (struct flt_ranking){0};
}

/* Positive doubles sort like their bits, negative ones in reverse; the key reverses the whole order. */
static uint64_t descending_key(double score)
{
	assert(!isnan(score));
	uint64_t bits;
	score += 0.0; /* -0 becomes 0 */
	memcpy(&bits, &score, sizeof bits);
	return bits >> 63 ? bits : ~bits & (UINT64_MAX >> 1);
}

static void sort_by_digit(struct flt_ranking *ranking, unsigned digit, uint32_t count[N_BUCKETS])
{
	uint32_t n = 0;
	for (size_t b = 0; b < N_BUCKETS; b++) {
		uint32_t in_bucket = count[b];
		count[b] = n;
		n += in_bucket;
	}
	for (size_t i = 0; i < ranking->n; i++) {
		uint64_t key = ranking->key[i];
		uint32_t to = count[key >> (digit * DIGIT_BITS) & (N_BUCKETS - 1)]++;
		ranking->spare_key[to] = key;
		ranking->spare_row[to] = ranking->row[i];
	}
	uint64_t *keys = ranking->key;
	uint32_t *rows = ranking->row;
	ranking->key = ranking->spare_key;
	ranking->row = ranking->spare_row;
	ranking->spare_key = keys;
	ranking->spare_row = rows;
}

static void sort_keys(struct flt_ranking *ranking)
{
	uint32_t counts[N_DIGITS][N_BUCKETS] = {{0}};
	for (size_t i = 0; i < ranking->n; i++) {
		ranking->row[i] = (uint32_t)i;
		for (unsigned d = 0; d < N_DIGITS; d++)
			counts[d][ranking->key[i] >> (d * DIGIT_BITS) & (N_BUCKETS - 1)]++;
	}
	for (unsigned d = 0; d < N_DIGITS && ranking->n > 0; d++) {
		uint64_t any = ranking->key[0] >> (d * DIGIT_BITS) & (N_BUCKETS - 1);
		if (counts[d][any] < ranking->n)
			sort_by_digit(ranking, d, counts[d]);
	}
}

void flt_ranking_sort(struct flt_ranking *ranking, const double *score, size_t n)
{
	assert(n <= ranking->capacity);
	ranking->n = n;
	for (size_t i = 0; i < n; i++)
		ranking->key[i] = descending_key(score[i]);
	sort_keys(ranking);
}

static double average_precision(const struct flt_ranking *ranking, const struct flt_scored *rows)
{
	double sum = 0, positive = 0, all = 0;
	for (size_t i = 0; i < ranking->n;) {
		double in_group = 0;
		uint64_t key = ranking->key[i];
		for (; i < ranking->n && ranking->key[i] == key; i++) {
			double weight = flt_row_weight(rows, ranking->row[i]);
			in_group += rows->label[ranking->row[i]] ? weight : 0;
			all += weight;
		}
		positive += in_group;
		if (in_group > 0)
			sum += in_group * (positive / all);
	}
	return positive > 0 ? sum / positive : 0;
}

enum flt_status flt_average_precision(const struct flt_scored *rows, double *ap, struct flt_error *err)
{
	struct flt_ranking ranking;
	FLT_TRY(flt_ranking_init(&ranking, rows->n, err));
	flt_ranking_sort(&ranking, rows->score, rows->n);
	*ap = average_precision(&ranking, rows);
	flt_ranking_release(&ranking);
	return FLT_OK;
}
