#include "base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* FNV-1a over the stream's name. */
static uint64_t name_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
	return hash;
}

void flt_random_init(struct flt_random *random, uint64_t seed, const char *stream, uint64_t index)
{
	/* Each part passes through the mixer before the next is added, so that (seed, index) pairs do not collide. */
	uint64_t x = seed;
	x = splitmix64(&x) ^ name_hash(stream);
	x = splitmix64(&x) ^ index;
	for (int i = 0; i < 4; i++)
		random->state[i] = splitmix64(&x);
}

static uint64_t rotate_left(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

uint64_t flt_random_next(struct flt_random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

double flt_random_uniform(struct flt_random *random)
{
	return (double)(flt_random_next(random) >> 11) * 0x1p-53;
}

size_t flt_random_below(struct flt_random *random, size_t n)
{
	/* Lemire 2019: the high word of a product, with the few biased low words drawn again. */
	for (;;) {
		unsigned __int128 product = (unsigned __int128)flt_random_next(random) * n;
		uint64_t low = (uint64_t)product;
		if (low >= n || low >= -(uint64_t)n % n) /* the division is rarely needed */
			return (size_t)(product >> 64);
	}
}

double flt_random_normal(struct flt_random *random)
{
	/* Box and Muller, using one number of each pair, so that the stream needs no further state. 1 - uniform lies in
	 * (0, 1]. */
	double radius = sqrt(-2 * log(1 - flt_random_uniform(random)));
	return radius * cos(2 * 3.14159265358979323846 * flt_random_uniform(random));
}

/* Partners are drawn a few at a time, so that a long list comes from memory while others are swapped. */
enum { AHEAD = 32 };

/* Draws the partners of the last items of n, which have n, n - 1, ... partners to choose from. Returns how many. */
static size_t draw_partners(struct flt_random *random, size_t n, size_t partner[AHEAD])
{
	size_t m = n - 1 < AHEAD ? n - 1 : AHEAD;
	for (size_t i = 0; i < m; i++)
		partner[i] = flt_random_below(random, n - i);
	return m;
}

#define DEFINE_SHUFFLE(name, type)                                                                                     \
	void name(struct flt_random *random, type *items, size_t n)                                                    \
	{                                                                                                              \
		size_t partner[AHEAD];                                                                                 \
		while (n > 1) {                                                                                        \
			size_t m = draw_partners(random, n, partner);                                                  \
			for (size_t i = 0; i < m; i++)                                                                 \
				__builtin_prefetch(&items[partner[i]], 1);                                             \
			for (size_t i = 0; i < m; i++, n--) {                                                          \
				type item = items[n - 1];                                                              \
				items[n - 1] = items[partner[i]];                                                      \
				items[partner[i]] = item;                                                              \
			}                                                                                              \
		}                                                                                                      \
	}

DEFINE_SHUFFLE(flt_random_shuffle, size_t)
DEFINE_SHUFFLE(flt_random_shuffle_32, uint32_t)
