/*
 * Held-out scores of a bag. A row's score is the log-odds of the mean probability of the members that left it out. The
 * mean of all members, which new rows will get, scatters less: of networks that err independently, the mean of r errs
 * with 1 / r of the variance. A threshold read off the wider scores would give too few alarms.
 *
 * How much less is measured on the same rows. All members score them, and count for a row in as many sets as there are
 * folds: in the first those that left the row out, in the second those that left out the next fold, and so on. The sets
 * are alike in numbers, kinds and weights, so quantiles of their scores, of all sets together, beside quantiles of the
 * mean of all members say by how much a score of that rank moves. Most members have learnt from the row and are surer
 * of it, but each of them counts once on either side. The order of the rows stays, and labels have no say. A row of
 * weight w stands for w rows. Of many rows a sample is measured.
 */
#ifndef PROTOCOL_BAG_SCORES_H
#define PROTOCOL_BAG_SCORES_H

#include <stddef.h>

#include "base/error.h"

/* See flt_mean_log_odds_add. */
struct flt_sums {
	double *log_p, *log_q;
};

struct flt_bag_scores {
	size_t n_rows, n_sets;
	const float *weight;          /* (n_rows) borrowed, or NULL: 1 each */
	struct flt_sums held_out;     /* (n_rows) */
	size_t n_measured, *measured; /* (n_measured) rows that say how far scores spread; all, if they are not many */
	struct flt_sums sets;         /* (n_sets + 1, n_measured) the last of all members */
};

/* Released by flt_bag_scores_release, also after a failure. */
enum flt_status flt_bag_scores_init(struct flt_bag_scores *scores, size_t n_rows, size_t n_sets, const float *weight,
                                    struct flt_error *err);
void flt_bag_scores_release(struct flt_bag_scores *scores);

/* Bytes that it needs, and those that flt_bag_scores_finish does for a while. */
size_t flt_bag_scores_bytes(size_t n_rows, size_t n_sets);

/* A member of a set weighs so much in the mean; set 0 has those that left the row out. */
void flt_bag_scores_add(struct flt_bag_scores *scores, size_t row, size_t set, double weight, double log_odds);

/* held_out (n_rows) gets the corrected scores, NaN for rows that no member left out, or of which one that
 * left it out said NaN. */
enum flt_status flt_bag_scores_finish(const struct flt_bag_scores *scores, double *held_out, struct flt_error *err);

#endif
