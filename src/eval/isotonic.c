/*
 * Isotonic regression by pooling adjacent violators. Rows come in ascending log-odds, ties as one pool from the start;
 * a pool whose share of positives is not above that of the pool before it is merged with it.
 */
#include "base/alloc.h"
#include "eval/map.h"
#include "eval/metrics.h"

struct pool {
	double positive, weight;
	double first, last; /* log-odds */
};

static double share_of(const struct pool *pool)
{
	return pool->positive / pool->weight;
}

/* Returns the number of pools. */
static size_t pool_violators(const struct flt_ranking *ranking, const double *x, const struct flt_scored *rows,
                             struct pool *pools)
{
	size_t n_pools = 0;
	for (size_t left = ranking->n; left > 0;) {
		uint64_t key = ranking->key[left - 1];
		double at = x[ranking->row[left - 1]];
		struct pool pool = {0, 0, at, at};
		for (; left > 0 && ranking->key[left - 1] == key; left--) {
			size_t row = ranking->row[left - 1];
			double weight = flt_row_weight(rows, row);
			pool.positive += rows->label[row] ? weight : 0;
			pool.weight += weight;
		}
		for (; n_pools > 0 && share_of(&pool) <= share_of(&pools[n_pools - 1]); n_pools--) {
			const struct pool *before = &pools[n_pools - 1];
			pool.positive += before->positive;
			pool.weight += before->weight;
			pool.first = before->first;
		}
		pools[n_pools++] = pool;
	}
	return n_pools;
}

static enum flt_status keep_breakpoints(struct flt_map *map, const struct pool *pools, size_t n_pools,
                                        struct flt_error *err)
{
	map->breakpoint_log_odds = flt_alloc(2 * n_pools, sizeof(double), err);
	map->breakpoint_probability = flt_alloc(2 * n_pools, sizeof(double), err);
	FLT_TRY_MEMORY(map->breakpoint_log_odds && map->breakpoint_probability); /* the caller releases the map */
	for (size_t i = 0; i < n_pools; i++) {
		double share = share_of(&pools[i]);
		for (int end = 0; end < (pools[i].first < pools[i].last ? 2 : 1); end++) {
			map->breakpoint_log_odds[map->n_breakpoints] = end ? pools[i].last : pools[i].first;
			map->breakpoint_probability[map->n_breakpoints++] = share;
		}
	}
	return FLT_OK;
}

enum flt_status flt_isotonic_fit(struct flt_map *map, const double *x, const struct flt_scored *rows,
                                 struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = rows->n;
	struct flt_ranking ranking;
	struct pool *pools = flt_alloc(n, sizeof *pools, err);
	FLT_TRY_MEMORY(pools);
	FLT_TRY_OUT(flt_ranking_make(&ranking, x, n, NULL, err));
	FLT_TRY_OUT(keep_breakpoints(map, pools, pool_violators(&ranking, x, rows, pools), err));
out:
	flt_ranking_release(&ranking);
	flt_free(pools);
	return status;
}
