/* Rows that a classifier has scored: what figures, maps and decision rules are computed from. */
#ifndef EVAL_SCORED_H
#define EVAL_SCORED_H

#include <stddef.h>
#include <stdint.h>

/* Borrowed arrays. A function says which of them it reads; the others may be NULL. Without weights every row counts as
 * one, and without clusters every row is drawn by itself. */
struct flt_scored {
	size_t n;
	const double *score;    /* (n) any strictly increasing function of the belief in the positive class */
	const double *log_odds; /* (n) the logit of the probability shown to people */
	const uint8_t *label;   /* (n) 0 or 1 */
	const double *weight;   /* (n) above 0: how many rows each stands for */
	const size_t *cluster;  /* (n) rows with the same number hang together, and are drawn together */
	size_t n_clusters;      /* numbers of clusters lie below it */
	const double *time;     /* (n) when each was recorded, where that is known: floors look at it */
	/* How much weight of each class tells as much as a row drawn by itself; 0: found from weights and clusters. */
	double unit[2];
};

static inline double flt_row_weight(const struct flt_scored *rows, size_t row)
{
	return rows->weight ? rows->weight[row] : 1;
}

#endif
