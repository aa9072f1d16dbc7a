/* Equal cells that next to none but positive rows have: a code that is set after the class is known, say. */
#ifndef AUDIT_TELLING_H
#define AUDIT_TELLING_H

#include "audit/deal.h"
#include "audit/levels.h"

enum flt_telling_kind {
	FLT_TELLING_NONE,
	FLT_TELLING_MISSING, /* the cell is missing */
	FLT_TELLING_PRESENT, /* the cell is not missing */
	FLT_TELLING_LEVEL,   /* it is the text of a level */
	FLT_TELLING_NUMBER,  /* it is a number */
};

struct flt_telling {
	enum flt_telling_kind kind;
	int32_t level;
	double number;
	size_t n_rows, n_positive; /* rows with such a cell */
};

/* Each replaces *best by cells that tell more positive rows, if there are any: missing cells or all others; those of a
 * level; those with a number, where there are few numbers, as of codes. value (n) falls, and tag (n) is that of
 * flt_deal. Such cells must stand in four folds of five, so with rows dealt by groups a single group is not enough. */
void flt_telling_offer_missing(struct flt_telling *best, const struct flt_level_counts is_missing[2],
                               const size_t weight[2]);

/* The same for each level, and for each number where there are few: numbers that are codes. value (n) falls, and tag
 * (n) is that of flt_deal. */
void flt_telling_offer_levels(struct flt_telling *best, const struct flt_level_counts *counts, size_t n_levels,
                              const size_t weight[2]);
void flt_telling_offer_numbers(struct flt_telling *best, const double *value, const uint8_t *tag, size_t n,
                               const size_t weight[2]);

#endif
