#include "audit/telling.h"

#include "eval/metrics.h"

/* Replaces *best by the cells of `found`, which stand in these rows, if they tell more positive rows. */
static void offer(struct flt_telling *best, struct flt_telling found, const struct flt_level_counts *counts,
                  const size_t weight[2])
{
	const double least_share = 0.8; /* 16 rows that are all positive are enough for it, or 90 % of 80 */
	unsigned n_folds = 0;
	for (unsigned fold = 0; fold < FLT_DEAL_FOLDS; fold++) {
		const uint32_t *n = counts->n[fold];
		n_folds += n[1] > 0;
		found.n_positive += n[1] * weight[1];
		found.n_rows += n[0] * weight[0] + n[1] * weight[1];
	}
	if (n_folds + 1 >= FLT_DEAL_FOLDS && found.n_positive > best->n_positive &&
	    flt_wilson(found.n_positive, found.n_rows).lo >= least_share)
		*best = found;
}

void flt_telling_offer_missing(struct flt_telling *best, const struct flt_level_counts is_missing[2],
                               const size_t weight[2])
{
	offer(best, (struct flt_telling){.kind = FLT_TELLING_PRESENT}, &is_missing[0], weight);
	offer(best, (struct flt_telling){.kind = FLT_TELLING_MISSING}, &is_missing[1], weight);
}

void flt_telling_offer_levels(struct flt_telling *best, const struct flt_level_counts *counts, size_t n_levels,
                              const size_t weight[2])
{
	for (size_t i = 0; i < n_levels; i++)
		offer(best, (struct flt_telling){.kind = FLT_TELLING_LEVEL, .level = (int32_t)i}, &counts[i], weight);
}

void flt_telling_offer_numbers(struct flt_telling *best, const double *value, const uint8_t *tag, size_t n,
                               const size_t weight[2])
{
	enum { MOST_CODES = 20 };
	struct flt_telling found = *best;
	size_t n_numbers = 0;
	for (size_t i = 0; i < n;) {
		struct flt_level_counts counts = {0};
		double number = value[i];
		if (++n_numbers > MOST_CODES)
			return;
		for (; i < n && !(value[i] < number); i++)
			counts.n[flt_tag_fold(tag[i])][flt_tag_label(tag[i])]++;
		offer(&found, (struct flt_telling){.kind = FLT_TELLING_NUMBER, .number = number}, &counts, weight);
	}
	*best = found;
}
