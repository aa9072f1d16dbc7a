/*
 * The average precision of a ranking by chance: a random order of rows, put into as many rank groups of the same sizes
 * as the scores have. Where rows weigh differently or hang together, it is that of the effective number of rows of each
 * class, which share the weight of the class.
 */
#ifndef EVAL_CHANCE_H
#define EVAL_CHANCE_H

#include "eval/metrics.h"

enum { FLT_WORD_RANKS = 64 };

struct flt_random_ranking {
	size_t n, n_positive; /* rows, 1 <= n_positive <= n */
	double ratio;         /* weight of a positive row in weights of a negative one; 1: each stands for one */
	const uint64_t *ends; /* (n / FLT_WORD_RANKS, rounded up) a bit for each rank, from the lowest of a word: set
	                       * for the last rank of each rank group, so for rank n - 1; NULL: no ties */
};

/* The mean where each row stands for one and no two tie, 1 <= n_positive <= n. */
double flt_chance_of(size_t n, size_t n_positive);

/* The mean, exact if ratio is 1, and the 95th percentile of shuffles that are numbered streams of the seed. */
enum flt_status flt_chance_find(const struct flt_random_ranking *random_ranking, enum flt_chance_effort effort,
                                uint64_t seed, unsigned n_threads, double *chance, double *chance95,
                                struct flt_error *err);

#endif
