/* Bootstrap resampling: how many, and exact draws. */
#ifndef EVAL_SAMPLE_H
#define EVAL_SAMPLE_H

#include "base/random.h"

/* 2,000 resamples put 50 beyond each end of a 95 % interval (Efron and Tibshirani 1993 ask for 1,000 or more). */
enum { FLT_N_RESAMPLES = 2000, FLT_RESAMPLES_PER_TASK = 20 };

/* A source of unbiased whole numbers below n (Lemire 2019), with the one division done beforehand. */
struct flt_below {
	uint64_t n, threshold;
};

static inline struct flt_below flt_below_init(uint64_t n)
{
	return (struct flt_below){n, -n % n};
}

static inline uint64_t flt_below_draw(const struct flt_below *below, struct flt_random *random)
{
	for (;;) {
		unsigned __int128 product = (unsigned __int128)flt_random_next(random) * below->n;
		if ((uint64_t)product >= below->threshold)
			return (uint64_t)(product >> 64);
	}
}

/* How many of n trials succeed when each does with probability part / whole; 0 <= part <= whole, whole > 0. */
uint64_t flt_binomial(struct flt_random *random, uint64_t n, uint64_t part, uint64_t whole);

/* The value below which a share of the n sorted values lies, linear between neighbours (numpy's default). */
double flt_quantile_sorted(const double *sorted, size_t n, double share);
void flt_sort_doubles(double *values, size_t n);

#endif
