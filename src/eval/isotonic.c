/*
 * Isotonic regression by pooling adjacent violators. Rows are taken from the lowest log-odds up, ties as one pool from
 * the start; a pool that is not above the one before is merged with it. Shares are compared as integers.
 */

#include "base/alloc.h"
#include "eval/map.h"
#include "eval/metrics.h"

struct pool {
	uint64_t n_positive, n_rows;
	double first, last; /* log-odds */
};

static bool is_above(const struct pool *a, const struct pool *b)
{
	return a->n_positive * b->n_rows > b->n_positive * a->n_rows;
}

/* Returns the number of pools. */
static size_t pool_violators(const struct flt_ranking *ranking, const double *x, const uint8_t *label,
                             struct pool *pools)
{
	size_t n_pools = 0;
	for (size_t left = ranking->n; left > 0;) {
		uint64_t key = ranking->key[left - 1];
		double at = x[ranking->row[left - 1]];
		struct pool pool = {0, 0, at, at};
		for (; left > 0 && ranking->key[left - 1] == key; left--) {
			pool.n_positive += label[ranking->row[left - 1]];
			pool.n_rows++;
		}
		for (; n_pools > 0 && !is_above(&pool, &pools[n_pools - 1]); n_pools--) {
			const struct pool *before = &pools[n_pools - 1];
			pool.n_positive += before->n_positive;
			pool.n_rows += before->n_rows;
			pool.first = before->first;
		}
		pools[n_pools++] = pool;
	}
	return n_pools;
}

static enum flt_status keep_knots(struct flt_map *map, const struct pool *pools, size_t n_pools, struct flt_error *err)
{
	map->knot_log_odds = flt_alloc(2 * n_pools, sizeof(double), err);
	map->knot_probability = flt_alloc(2 * n_pools, sizeof(double), err);
	if (!map->knot_log_odds || !map->knot_probability)
		return FLT_ERR_MACHINE; /* the caller releases the map */
	for (size_t i = 0; i < n_pools; i++) {
		double share = (double)pools[i].n_positive / (double)pools[i].n_rows;
		for (int end = 0; end < (pools[i].first < pools[i].last ? 2 : 1); end++) {
			map->knot_log_odds[map->n_knots] = end ? pools[i].last : pools[i].first;
			map->knot_probability[map->n_knots++] = share;
		}
	}
	return FLT_OK;
}

enum flt_status flt_isotonic_fit(struct flt_map *map, const double *x, const uint8_t *label, size_t n,
                                 struct flt_error *err)
{
	struct flt_ranking ranking;
	enum flt_status status = flt_ranking_init(&ranking, n, err);
	struct pool *pools = status == FLT_OK ? flt_alloc(n, sizeof *pools, err) : NULL;
	if (!pools) {
		flt_ranking_release(&ranking);
		return status == FLT_OK ? FLT_ERR_MACHINE : status;
	}
	flt_ranking_sort(&ranking, x, n);
	status = keep_knots(map, pools, pool_violators(&ranking, x, label, pools), err);
	flt_ranking_release(&ranking);
	flt_free(pools);
	return status;
}
