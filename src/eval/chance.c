/*
 * The average precision of random rankings. A shuffle is a set of n_positive distinct ranks out of n, drawn as bits of
 * a bitmap and read in order, so it costs one pass over n / 64 words. Where most ranks are positive, the negative ones
 * are drawn instead.
 */
#include <assert.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "base/random.h"
#include "eval/sample.h"
#include "eval/metrics.h"

enum { N_SHUFFLES = 10000, SHUFFLES_PER_TASK = 100 };

/* The closed form of Bestgen 2015, "Exact expected average precision of the random baseline". */
double flt_chance(size_t n, size_t n_positive)
{
	assert(n_positive > 0 && n_positive <= n);
	if (n_positive == n)
		return 1;
	double harmonic = 0, rows = (double)n;
	for (size_t i = n; i > 0; i--)
		harmonic += 1 / (double)i;
	return (harmonic + ((double)n_positive - 1) / (rows - 1) * (rows - harmonic)) / rows;
}

struct shuffles {
	size_t n, n_positive, n_words;
	uint64_t seed;
	uint64_t *bitmap; /* (n_workers, n_words) zero between shuffles */
	double ap[N_SHUFFLES];
};

static void draw_bits(uint64_t *bitmap, size_t n, size_t n_bits, struct flt_random *random)
{
	struct flt_below below = flt_below_init(n);
	while (n_bits > 0) {
		uint64_t rank = flt_below_draw(&below, random), bit = (uint64_t)1 << (rank & 63);
		n_bits -= !(bitmap[rank >> 6] & bit);
		bitmap[rank >> 6] |= bit;
	}
}

/* The average precision if the set bits are the positives' ranks (the clear bits if inverted); clears the bitmap. */
static double read_bits(uint64_t *bitmap, size_t n, bool inverted)
{
	double sum = 0, tp = 0;
	for (size_t first = 0; first < n; first += 64) {
		uint64_t bits = inverted ? ~bitmap[first >> 6] : bitmap[first >> 6];
		if (n - first < 64)
			bits &= ((uint64_t)1 << (n - first)) - 1;
		for (; bits; bits &= bits - 1) {
			tp += 1;
			sum += tp / (double)(int64_t)(first + (size_t)__builtin_ctzll(bits) + 1);
		}
		bitmap[first >> 6] = 0;
	}
	return sum / tp;
}

static void shuffle_some(void *context, size_t task, size_t worker)
{
	struct shuffles *shuffles = context;
	uint64_t *bitmap = shuffles->bitmap + worker * shuffles->n_words;
	size_t n = shuffles->n, n_positive = shuffles->n_positive;
	bool inverted = n_positive > n / 2;
	for (size_t i = task * SHUFFLES_PER_TASK; i < (task + 1) * SHUFFLES_PER_TASK; i++) {
		struct flt_random random;
		flt_random_init(&random, shuffles->seed, "chance", i);
		draw_bits(bitmap, n, inverted ? n - n_positive : n_positive, &random);
		shuffles->ap[i] = read_bits(bitmap, n, inverted);
	}
}

enum flt_status flt_chance95(size_t n, size_t n_positive, uint64_t seed, unsigned n_threads, double *chance95,
                             struct flt_error *err)
{
	assert(n_positive > 0 && n_positive <= n);
	struct flt_pool *pool = NULL;
	enum flt_status status = FLT_OK;
	struct shuffles *shuffles = flt_alloc_zero(1, sizeof *shuffles, err);
	FLT_TRY_MEMORY_OUT(shuffles);
	FLT_TRY_OUT(flt_pool_new(n_threads, &pool, err));
	*shuffles = (struct shuffles){.n = n, .n_positive = n_positive, .n_words = (n + 63) / 64, .seed = seed};
	shuffles->bitmap = flt_alloc_zero(flt_pool_n_threads(pool) * shuffles->n_words, sizeof(uint64_t), err);
	FLT_TRY_MEMORY_OUT(shuffles->bitmap);
	flt_pool_run(pool, N_SHUFFLES / SHUFFLES_PER_TASK, shuffle_some, shuffles);
	flt_sort_doubles(shuffles->ap, N_SHUFFLES);
	*chance95 = flt_quantile_sorted(shuffles->ap, N_SHUFFLES, 0.95);
out:
	if (shuffles)
		flt_free(shuffles->bitmap);
	flt_free(shuffles);
	flt_pool_free(pool);
	return status;
}
