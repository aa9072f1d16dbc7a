/* For tests and benchmarks: a network's parameters as training starts them by default. */
#ifndef START_NETWORK_H
#define START_NETWORK_H

#include "nn/shape.h"

static inline void start_network(struct flt_mlp *mlp, uint64_t seed, float output_bias)
{
	struct flt_start start = {.seed = seed, .output_bias = output_bias, .frequency_sigma = 0.1};
	flt_mlp_start(mlp, &start);
}

#endif
