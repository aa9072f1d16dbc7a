/*
 * Held-out scores of a bag. A row's score is the log-odds of the mean probability of the r members that left it out.
 * The mean of all M members, which new rows will get, scatters less: of r networks that err independently, the mean
 * errs with 1 / r of the variance. A threshold read off the wider scores would give too few alarms.
 *
 * So the spread is corrected: quantiles are nearly linear in 1 / r, and what single members (r = 1) and means of r give
 * is known on the same rows. Each score becomes the quantile, at its own rank, that 1 / M extrapolates to. The order of
 * the rows stays, and labels have no say. A row of weight w stands for w rows.
 *
 * Members of two kinds differ by nature too, and that part of their spread does not fall with their number: it is in
 * the mean of one of each as in the mean of all. So only a part of the correction applies to them.
 */
#ifndef PROTOCOL_BAG_SCORES_H
#define PROTOCOL_BAG_SCORES_H

#include <stddef.h>

#include "base/error.h"

struct flt_bag_score {
	double value, weight;
	size_t row;
};

struct flt_bag_scores {
	size_t n_rows;
	const float *weight;          /* (n_rows) borrowed, or NULL: 1 each */
	double *log_p, *log_q;        /* (n_rows) sums, see flt_mean_log_odds_add */
	size_t *n_of;                 /* (n_rows) members that left the row out */
	double *sum, *squares;        /* (n_rows) of their weights in the mean */
	struct flt_bag_score *single; /* (n_single) the log-odds of single members */
	size_t n_single;
};

/* n_most: of single scores. Released by flt_bag_scores_release, also after a failure. */
enum flt_status flt_bag_scores_init(struct flt_bag_scores *scores, size_t n_rows, const float *weight, size_t n_most,
                                    struct flt_error *err);
void flt_bag_scores_release(struct flt_bag_scores *scores);

/* Bytes that it needs. */
size_t flt_bag_scores_bytes(size_t n_rows, size_t n_most);

/* A member that left the row out weighs so much in the mean. */
void flt_bag_scores_add(struct flt_bag_scores *scores, size_t row, double weight, double log_odds);

/* held_out (n_rows) gets the corrected scores, NaN for rows that no member left out. The whole mean is of an effective
 * number of n_members, of n_kinds. Rows that a single member left out say nothing of what another would: if there are
 * any, nothing is corrected. */
enum flt_status flt_bag_scores_finish(struct flt_bag_scores *scores, double n_members, size_t n_kinds, double *held_out,
                                      struct flt_error *err);

#endif
