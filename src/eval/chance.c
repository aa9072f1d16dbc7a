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

/* The last ranks of rank groups among the 64 ranks of a word. */
static uint64_t ends_in(const struct flt_random_ranking *ranking, size_t word)
{
	return ranking->ends ? ranking->ends[word] : UINT64_MAX;
}

/* Bestgen 2015, "Exact expected average precision of the random baseline", with ties: of the rows down to the end of
 * its group, a positive row meets itself and each other positive row with the same chance. */
static double exact_mean(const struct flt_random_ranking *ranking)
{
	double sum = 0, n = (double)ranking->n;
	double other = n > 1 ? ((double)ranking->n_positive - 1) / (n - 1) : 0;
	for (size_t rank = 0, first = 0; rank < ranking->n; rank++) {
		if (!(ends_in(ranking, rank / FLT_WORD_RANKS) >> rank % FLT_WORD_RANKS & 1))
			continue;
		sum += (double)(rank + 1 - first) * (1 + (double)rank * other) / (double)(rank + 1);
		first = rank + 1;
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
		uint64_t rank = flt_below_draw(&below, random), bit = (uint64_t)1 << rank % FLT_WORD_RANKS;
		n_bits -= !(bitmap[rank / FLT_WORD_RANKS] & bit);
		bitmap[rank / FLT_WORD_RANKS] |= bit;
	}
}

/* The sum of precisions over the positive rows so far, group by group. */
struct walk {
	double sum, tp, in_group; /* of tp, in_group have no precision yet: their group has not ended */
};

static void add_rows(struct walk *walk, uint64_t bits)
{
	double n = (double)__builtin_popcountll(bits);
	walk->tp += n;
	walk->in_group += n;
}

/* n: the rows down to the end of the group. */
static void end_group(struct walk *walk, double n, double ratio)
{
	double weight = walk->tp * ratio;
	walk->sum += walk->in_group * (weight / (weight + (n - walk->tp)));
	walk->in_group = 0;
}

/* Goes on by the ranks of a word: bits are those of positive rows, ends those that end a group. */
static void walk_word(struct walk *walk, uint64_t bits, uint64_t ends, double first, double ratio)
{
	while (bits || walk->in_group > 0) {
		if (!(walk->in_group > 0))
			ends &= -(bits & -bits);      /* groups without a positive row */
		uint64_t through = ends ^ (ends - 1); /* the ranks down to the next end; all if there is none */
		add_rows(walk, bits & through);
		bits &= ~through;
		if (!ends)
			return;
		end_group(walk, first + (double)(__builtin_ctzll(ends) + 1), ratio);
		ends &= ends - 1;
	}
}

/* The average precision if the set bits are the positives' ranks (the clear bits if inverted); clears the bitmap. */
static double read_bits(uint64_t *bitmap, const struct flt_random_ranking *ranking, bool inverted)
{
	struct walk walk = {0};
	size_t n = ranking->n;
	for (size_t word = 0; word * FLT_WORD_RANKS < n; word++) {
		size_t first = word * FLT_WORD_RANKS;
		uint64_t bits = inverted ? ~bitmap[word] : bitmap[word];
		if (n - first < FLT_WORD_RANKS)
			bits &= ((uint64_t)1 << (n - first)) - 1;
		if (bits || walk.in_group > 0)
			walk_word(&walk, bits, ends_in(ranking, word), (double)first, ranking->ratio);
		bitmap[word] = 0;
	}
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
	struct shuffles shuffles = {
	        .ranking = random_ranking, .n_words = (n + FLT_WORD_RANKS - 1) / FLT_WORD_RANKS, .seed = seed};
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
