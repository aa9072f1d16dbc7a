/*
 * Held-out scores kept with a model, so that a threshold can be chosen anew for another prevalence, and a prevalence
 * estimated, when the rows themselves are gone.
 *
 * Each class is sorted from the highest score down and thinned: of the group of rows that begins at rank r, 1 + r /
 * 2048 rows, only the middle one stays. The highest 2,048 are all there, and how many rows score above any number is
 * known to 1 in 4,096; a million rows leave 14,700 scores. The size of a group follows from its rank, so it is not
 * stored.
 */
#ifndef EVAL_KEPT_H
#define EVAL_KEPT_H

#include "base/error.h"
#include "eval/scored.h"

/* The rows of one class. */
struct flt_kept_class {
	size_t n_rows;  /* that were held out */
	size_t n;       /* flt_kept_n(n_rows): that are kept */
	double *score;  /* (n) descending; owned, as is the next */
	double *weight; /* (n) above 0: the sum over the group; NULL: each row counts as one */
};

struct flt_kept {
	struct flt_kept_class of[2]; /* label 0, label 1 */
	double unit[2];              /* by weights and clusters, see struct flt_scored; 0: not known */
};

/* Rows of the group that begins at rank `first`, from 0, of n_rows; and the number of groups. */
size_t flt_kept_group(size_t first, size_t n_rows);
size_t flt_kept_n(size_t n_rows);

/* Keeps scores, labels, weights and units of rows of both classes; rows of one class tell nothing, and none are kept.
 * The caller releases kept, after a failure too. */
enum flt_status flt_kept_init(struct flt_kept *kept, const struct flt_scored *rows, struct flt_error *err);
void flt_kept_release(struct flt_kept *kept);

size_t flt_kept_n_rows(const struct flt_kept *kept);

/* Every held-out row again, with the score that stands for its group: score, label and weight (n_rows), which are
 * owned, in rows, with the units. */
struct flt_kept_rows {
	double *score, *log_odds, *weight;
	uint8_t *label;
	struct flt_scored rows;
};

/* log_odds is allocated and not filled; weights are 1 without weights of their own. The caller releases expanded, after
 * a failure too. */
enum flt_status flt_kept_expand(const struct flt_kept *kept, struct flt_kept_rows *expanded, struct flt_error *err);
void flt_kept_rows_release(struct flt_kept_rows *expanded);

#endif
