/* What the levels of a column of categories teach. */
#ifndef AUDIT_LEVELS_H
#define AUDIT_LEVELS_H

#include "audit/deal.h"
#include "audit/judged.h"

/* Rows of a level, by fold and class. */
struct flt_level_counts {
	uint32_t n[FLT_DEAL_FOLDS][2];
};

/* Learns from the rows that are not of the fold, and writes what it makes of those that are, a group for each level
 * that has some: at most n_levels + 1, whose number it returns. */
size_t flt_levels_judge(const struct flt_level_counts *counts, size_t n_levels, unsigned fold, double prior,
                        struct flt_judged *judged);

#endif
