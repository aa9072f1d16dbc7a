/*
 * Random numbers: one seed, named streams. A stream is (seed, name, index), so that adding a draw to one never moves
 * another. xoshiro256++ (Blackman and Vigna), seeded through splitmix64. No globals, no clock.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct flt_random {
	uint64_t state[4];
};

void flt_random_init(struct flt_random *random, uint64_t seed, const char *stream, uint64_t index);
uint64_t flt_random_next(struct flt_random *random);
double flt_random_uniform(struct flt_random *random);         /* [0, 1), 53 bits */
size_t flt_random_below(struct flt_random *random, size_t n); /* [0, n), unbiased; n > 0 */
double flt_random_normal(struct flt_random *random);          /* N(0, 1) */
void flt_random_shuffle(struct flt_random *random, size_t *items, size_t n);
void flt_random_shuffle_32(struct flt_random *random, uint32_t *items, size_t n); /* into the same order */

#endif
