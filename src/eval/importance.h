/* What a ranking and its probabilities lose when some of the values behind them are shuffled among the rows. */
#ifndef EVAL_IMPORTANCE_H
#define EVAL_IMPORTANCE_H

#include "eval/pairs.h"

/* Rows as they are and shuffled. Borrowed arrays; rows have score and log-odds, and clusters and weights or not. */
struct flt_shuffled {
	struct flt_pairs pairs;
	const double *score, *log_odds; /* (n_repeats, n) each row with its partner's values */
	const double *before, *after;   /* (n), (n_repeats, n): log-odds that are finite */
};

/* 95 % intervals, of other rows and other shuffles. */
struct flt_importance {
	struct flt_interval ap;       /* average precision lost */
	struct flt_interval log_loss; /* log-loss gained; NaN where a probability of 0 or 1 makes it infinite */
	struct flt_interval moves;    /* by how much the log-odds move: see below */
};

/* moves is the root of half the mean squared difference between `before` and `after`: as a variance, the total effect
 * of Sobol by Jansen 1999. It needs no labels. Without labels, or with labels of one class only, the other two are NaN.
 */
enum flt_status flt_importance_find(const struct flt_shuffled *shuffled, struct flt_importance *importance,
                                    struct flt_error *err);

#endif
