#include "audit/levels.h"

static void add(uint32_t sum[2], const uint32_t n[2])
{
	sum[0] += n[0];
	sum[1] += n[1];
}

/* The level's rows that are not of the fold. */
static void learn(const struct flt_level_counts *counts, unsigned fold, uint32_t learnt[2])
{
	learnt[0] = learnt[1] = 0;
	for (unsigned k = 0; k < FLT_DEAL_FOLDS; k++)
		if (k != fold)
			add(learnt, counts->n[k]);
}

size_t flt_levels_judge(const struct flt_level_counts *counts, size_t n_levels, unsigned fold, double prior,
                        struct flt_judged *judged)
{
	size_t n_judged = 0;
	uint32_t rare[2] = {0, 0};
	struct flt_judged other = {.fold = fold};
	for (size_t i = 0; i < n_levels; i++) {
		const uint32_t *n = counts[i].n[fold];
		uint32_t learnt[2];
		learn(&counts[i], fold, learnt);
		if (learnt[0] + learnt[1] < FLT_LEARNT_MIN_ROWS) {
			add(rare, learnt);
			add(other.n, n);
		} else if (n[0] + n[1]) {
			judged[n_judged++] = (struct flt_judged){
			        flt_smoothed_share(learnt, prior), {n[0], n[1]}, fold, learnt[0] + learnt[1]};
		}
	}
	other.score = flt_smoothed_share(rare, prior);
	other.n_learnt = rare[0] + rare[1];
	judged[n_judged++] = other;
	return n_judged;
}
