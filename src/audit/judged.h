/* Rows that were judged together, since the same leaf or level gave them the same score. */
#ifndef AUDIT_JUDGED_H
#define AUDIT_JUDGED_H

#include <stddef.h>
#include <stdint.h>

struct flt_judged {
	double score;
	uint32_t n[2]; /* rows of each class */
	unsigned fold;
	uint32_t n_learnt; /* rows that the score was learnt from */
};

/* Fit rows that a leaf or level needs for a share of its own, as a category needs for an input of its own. */
enum { FLT_LEARNT_MIN_ROWS = 5 };

/* The share of positive rows, drawn towards that of all rows by five rows' weight. */
static inline double flt_smoothed_share(const uint32_t n[2], double prior)
{
	const double weight = 5;
	return (n[1] + weight * prior) / ((double)n[0] + n[1] + weight);
}

#endif
