#include "audit/telling.h"

#include "eval/metrics.h"

void flt_telling_offer(struct flt_telling *best, struct flt_telling found, const uint32_t n[2], const size_t weight[2])
{
	const double least_share = 0.8; /* 16 rows that are all positive are enough for it, or 90 % of 80 */
	found.n_positive = n[1] * weight[1];
	found.n_rows = found.n_positive + n[0] * weight[0];
	if (found.n_positive > best->n_positive && flt_wilson(found.n_positive, found.n_rows).lo >= least_share)
		*best = found;
}

static void sum_folds(const struct flt_level_counts *counts, uint32_t sum[2])
{
	sum[0] = sum[1] = 0;
	for (unsigned fold = 0; fold < FLT_DEAL_FOLDS; fold++)
		for (unsigned class = 0; class < 2; class ++)
			sum[class] += counts->n[fold][class];
}

void flt_telling_offer_missing(struct flt_telling *best, const struct flt_level_counts is_missing[2],
                               const size_t weight[2])
{
	static const enum flt_telling_kind kinds[2] = {FLT_TELLING_PRESENT, FLT_TELLING_MISSING};
	uint32_t n[2];
	for (size_t i = 0; i < 2; i++) {
		sum_folds(&is_missing[i], n);
		flt_telling_offer(best, (struct flt_telling){.kind = kinds[i]}, n, weight);
	}
}

void flt_telling_offer_levels(struct flt_telling *best, const struct flt_level_counts *counts, size_t n_levels,
                              const size_t weight[2])
{
	uint32_t n[2];
	for (size_t i = 0; i < n_levels; i++) {
		sum_folds(&counts[i], n);
		flt_telling_offer(best, (struct flt_telling){.kind = FLT_TELLING_LEVEL, .level = (int32_t)i}, n,
		                  weight);
	}
}

void flt_telling_offer_numbers(struct flt_telling *best, const double *value, const uint8_t *tag, size_t n,
                               const size_t weight[2])
{
	enum { MOST_CODES = 20 };
	struct flt_telling found = *best;
	size_t n_numbers = 0;
	for (size_t i = 0; i < n;) {
		uint32_t count[2] = {0, 0};
		double number = value[i];
		if (++n_numbers > MOST_CODES)
			return;
		for (; i < n && !(value[i] < number); i++)
			count[flt_tag_label(tag[i])]++;
		flt_telling_offer(&found, (struct flt_telling){.kind = FLT_TELLING_NUMBER, .number = number}, count,
		                  weight);
	}
	*best = found;
}
