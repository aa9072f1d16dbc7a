/*
 * The average precision of random rankings. A shuffle is a set of n_positive distinct ranks out of n, drawn as bits of
 * a bitmap and read in order, so it costs one pass over n / 64 words. Where most ranks are positive, the negative ones
 * are drawn instead.
 */
#include "eval/chance.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "base/random.h"
#include "eval/sample.h"

enum { SHUFFLES_PER_TASK = 100 }; /* of which there are a multiple */

/* Bestgen 2015, "Exact expected average precision of the random baseline", with ties: of the rows down to the end of
 * its group, a positive row meets itself and each other positive row with the same chance. */
static double exact_mean(const struct flt_random_ranking *ranking)
{
	double sum = 0, n = (double)ranking->n;
	double other = n > 1 ? ((double)ranking->n_positive - 1) / (n - 1) : 0;
	for (size_t first = 0, end; first < ranking->n; first = end) {
		end = ranking->tie_end ? ranking->tie_end[first] : first + 1;
		sum += (double)(end - first) * (1 + (double)(end - 1) * other) / (double)end;
	}
	return sum / n;
}

double flt_chance_of(size_t n, size_t n_positive)
{
	const struct flt_random_ranking ranking = {.n = n, .n_positive = n_positive, .ratio = 1};
	return exact_mean(&ranking);
}

struct shuffles {
	const struct flt_random_ranking *ranking;
	size_t n_words;
	uint64_t seed;
	uint64_t *bitmap; /* (n_workers, n_words) zero between shuffles */
	double *ap;       /* (n_shuffles) */
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

/* The sum of precisions over the positive rows so far, group by group. */
struct walk {
	double sum, tp, in_group; /* of which in_group have no precision yet */
	size_t end;               /* of the group */
};

static void end_group(struct walk *walk, double ratio)
{
	double weight = walk->tp * ratio;
	walk->sum += walk->in_group * (weight / (weight + ((double)walk->end - walk->tp)));
	walk->in_group = 0;
}

/* The average precision if the set bits are the positives' ranks (the clear bits if inverted); clears the bitmap. */
static double read_bits(uint64_t *bitmap, const struct flt_random_ranking *ranking, bool inverted)
{
	struct walk walk = {0};
	size_t n = ranking->n;
	for (size_t first = 0; first < n; first += 64) {
		uint64_t bits = inverted ? ~bitmap[first >> 6] : bitmap[first >> 6];
		if (n - first < 64)
			bits &= ((uint64_t)1 << (n - first)) - 1;
		for (; bits; bits &= bits - 1) {
			size_t rank = first + (size_t)__builtin_ctzll(bits);
			if (rank >= walk.end) {
				if (walk.in_group > 0)
					end_group(&walk, ranking->ratio);
				walk.end = ranking->tie_end ? ranking->tie_end[rank] : rank + 1;
			}
			walk.tp++;
			walk.in_group++;
		}
		bitmap[first >> 6] = 0;
	}
	end_group(&walk, ranking->ratio);
	return walk.sum / walk.tp;
}

static void shuffle_some(void *context, size_t task, size_t worker)
{
	struct shuffles *shuffles = context;
	uint64_t *bitmap = shuffles->bitmap + worker * shuffles->n_words;
	size_t n = shuffles->ranking->n, n_positive = shuffles->ranking->n_positive;
	bool inverted = n_positive > n / 2;
	for (size_t i = task * SHUFFLES_PER_TASK; i < (task + 1) * SHUFFLES_PER_TASK; i++) {
		struct flt_random random;
		flt_random_init(&random, shuffles->seed, "chance", i);
		draw_bits(bitmap, n, inverted ? n - n_positive : n_positive, &random);
		shuffles->ap[i] = read_bits(bitmap, shuffles->ranking, inverted);
	}
}

static double mean_of(const double *values, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return sum / (double)n;
}

static size_t n_shuffles_of(enum flt_chance_effort effort)
{
	assert(effort != FLT_CHANCE_NONE);
	return effort == FLT_CHANCE_QUICK ? 1000 : 10000;
}

enum flt_status flt_chance_find(const struct flt_random_ranking *random_ranking, enum flt_chance_effort effort,
                                uint64_t seed, unsigned n_threads, double *chance, double *chance95,
                                struct flt_error *err)
{
	size_t n = random_ranking->n, n_shuffles = n_shuffles_of(effort);
	assert(random_ranking->n_positive > 0 && random_ranking->n_positive <= n);
	struct shuffles shuffles = {.ranking = random_ranking, .n_words = (n + 63) / 64, .seed = seed};
	struct flt_pool *pool = NULL;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_pool_new(n_threads, &pool, err));
	shuffles.ap = flt_alloc(n_shuffles, sizeof *shuffles.ap, err);
	shuffles.bitmap = flt_alloc_zero(flt_pool_n_threads(pool) * shuffles.n_words, sizeof(uint64_t), err);
	FLT_TRY_MEMORY_OUT(shuffles.ap && shuffles.bitmap);
	flt_pool_run(pool, n_shuffles / SHUFFLES_PER_TASK, shuffle_some, &shuffles);
	*chance = random_ranking->ratio == 1 ? exact_mean(random_ranking) : mean_of(shuffles.ap, n_shuffles);
	flt_sort_doubles(shuffles.ap, n_shuffles);
	*chance95 = flt_quantile_sorted(shuffles.ap, n_shuffles, 0.95);
out:
	flt_free(shuffles.bitmap);
	flt_free(shuffles.ap);
	flt_pool_free(pool);
	return status;
}
