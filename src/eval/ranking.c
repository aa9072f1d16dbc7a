/*
 * Ranking: a radix sort of 64-bit keys whose unsigned order is the reverse order of the scores. It is stable, so ties
 * stay in row order. Bytes that are equal in all keys are skipped: scores that were float32 have three of them. Our own
 * code because qsort with a comparison function was measured to take several times as long.
 *
 * Rows that are ranked only once are parted first, between keys of a sample, and the parts are sorted one by one: so
 * the second copy that a radix sort needs is only as large as a part. Keys of the sample are parts of their own, which
 * need no sorting, so that rows with the same score are no large part.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/metrics.h"

enum { DIGIT_BITS = 8, N_DIGITS = 64 / DIGIT_BITS, N_BUCKETS = 1 << DIGIT_BITS };

static enum flt_status check_capacity(size_t capacity, struct flt_error *err)
{
	if (capacity > UINT32_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%zu rows are more than can be ranked; at most %u can", capacity,
		                UINT32_MAX);
	return FLT_OK;
}

enum flt_status flt_ranking_init(struct flt_ranking *ranking, size_t capacity, struct flt_error *err)
{
	*ranking = (struct flt_ranking){.capacity = capacity};
	FLT_TRY(check_capacity(capacity, err));
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

double flt_ranking_value(const struct flt_ranking *ranking, size_t place)
{
	uint64_t key = ranking->key[place], bits = key >> 63 ? key : ~key & (UINT64_MAX >> 1);
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
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
	for (size_t i = 0; i < ranking->n; i++)
		for (unsigned d = 0; d < N_DIGITS; d++)
			counts[d][ranking->key[i] >> (d * DIGIT_BITS) & (N_BUCKETS - 1)]++;
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
	for (size_t i = 0; i < n; i++) {
		ranking->key[i] = descending_key(score[i]);
		ranking->row[i] = (uint32_t)i;
	}
	sort_keys(ranking);
}

/* ---- ranked once ---- */

enum { FEW_ROWS = 1 << 16, N_SAMPLE = 1024, MOST_PIVOTS = 31, MOST_PARTS = 2 * MOST_PIVOTS + 1 };

/* Rows whose keys lie between two pivots are a part, and those whose key is a pivot. */
struct parting {
	const double *score;
	double (*value)(double);
	uint64_t pivot[MOST_PIVOTS]; /* (n_pivots) ascending, all different */
	size_t n_pivots;
	size_t begin[MOST_PARTS + 1];
};

static uint64_t key_of(const struct parting *parting, size_t row)
{
	double score = parting->score[row];
	return descending_key(parting->value ? parting->value(score) : score);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void choose_pivots(struct parting *parting, size_t n)
{
	uint64_t sample[N_SAMPLE];
	for (size_t i = 0; i < N_SAMPLE; i++)
		sample[i] = key_of(parting, (size_t)((double)i * (double)n / N_SAMPLE));
	qsort(sample, N_SAMPLE, sizeof *sample, compare_keys);
	for (size_t i = 1; i <= MOST_PIVOTS; i++) {
		uint64_t key = sample[i * N_SAMPLE / (MOST_PIVOTS + 1)];
		if (parting->n_pivots == 0 || parting->pivot[parting->n_pivots - 1] != key)
			parting->pivot[parting->n_pivots++] = key;
	}
}

/* Parts with an odd number are those of pivots. */
static size_t part_of(const struct parting *parting, uint64_t key)
{
	size_t low = 0, high = parting->n_pivots;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (parting->pivot[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return 2 * low + (low < parting->n_pivots && parting->pivot[low] == key);
}

/* Puts the rows into their parts, in the order of rows. */
static void part(struct flt_ranking *ranking, struct parting *parting)
{
	size_t next[MOST_PARTS];
	for (size_t i = 0; i < ranking->n; i++)
		parting->begin[part_of(parting, key_of(parting, i)) + 1]++;
	for (size_t p = 0; p < MOST_PARTS; p++) {
		parting->begin[p + 1] += parting->begin[p];
		next[p] = parting->begin[p];
	}
	for (size_t i = 0; i < ranking->n; i++) {
		uint64_t key = key_of(parting, i);
		size_t at = next[part_of(parting, key)]++;
		ranking->key[at] = key;
		ranking->row[at] = (uint32_t)i;
	}
}

/* Sorts rows begin .. end - 1, with the spare of `all`. */
static void sort_part(struct flt_ranking *all, size_t begin, size_t end)
{
	struct flt_ranking rows = {.n = end - begin,
	                           .row = all->row + begin,
	                           .key = all->key + begin,
	                           .spare_row = all->spare_row,
	                           .spare_key = all->spare_key};
	sort_keys(&rows);
	if (rows.row == all->row + begin)
		return;
	memcpy(all->row + begin, rows.row, rows.n * sizeof *rows.row);
	memcpy(all->key + begin, rows.key, rows.n * sizeof *rows.key);
}

enum flt_status flt_ranking_make(struct flt_ranking *ranking, const double *score, size_t n, double (*value)(double),
                                 struct flt_error *err)
{
	struct parting parting = {.score = score, .value = value};
	size_t largest = 0;
	*ranking = (struct flt_ranking){.n = n};
	FLT_TRY(check_capacity(n, err));
	ranking->row = flt_alloc(n, sizeof *ranking->row, err);
	ranking->key = flt_alloc(n, sizeof *ranking->key, err);
	FLT_TRY_MEMORY(ranking->row && ranking->key);
	if (n > FEW_ROWS)
		choose_pivots(&parting, n);
	part(ranking, &parting);
	for (size_t p = 0; p < MOST_PARTS; p += 2)
		if (parting.begin[p + 1] - parting.begin[p] > largest)
			largest = parting.begin[p + 1] - parting.begin[p];
	ranking->spare_row = flt_alloc(largest, sizeof *ranking->spare_row, err);
	ranking->spare_key = flt_alloc(largest, sizeof *ranking->spare_key, err);
	FLT_TRY_MEMORY(ranking->spare_row && ranking->spare_key);
	for (size_t p = 0; p < MOST_PARTS; p += 2)
		sort_part(ranking, parting.begin[p], parting.begin[p + 1]);
	flt_free(ranking->spare_row);
	flt_free(ranking->spare_key);
	ranking->spare_row = NULL;
	ranking->spare_key = NULL;
	return FLT_OK;
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
	enum flt_status status = flt_ranking_make(&ranking, rows->score, rows->n, NULL, err);
	if (status == FLT_OK)
		*ap = average_precision(&ranking, rows);
	flt_ranking_release(&ranking);
	return status;
}
