/*
 * The deals behind a bag. A deal puts the fit rows into folds, and members take turns to leave one out; when each fold
 * had its turn, the next members get a deal of their own. So a row is left out by several members, once in each deal,
 * and their mean is like the mean of all that predict will show: each has learnt from other rows. (Members that leave
 * out the same rows of one deal err alike: their mean says too little of what more members would even out.)
 *
 * Kinds of members share the deals: the first member of each leaves out the same rows, and so on, so that their scores
 * of the same rows can be compared. A member's turn is its number within its kind.
 */
#ifndef PROTOCOL_BAG_FOLDS_H
#define PROTOCOL_BAG_FOLDS_H

#include "split/split.h"

struct flt_bag_folds {
	size_t n_folds; /* of each deal; 0: there are none, since not even two folds would have rows of both classes */
	size_t n_rows, n_deals;
	uint32_t *of; /* (n_deals, n_rows) the fold of each row, or FLT_ALWAYS_FIT */
};

/* What a member leaves out: the rows i with of[i] == fold. */
struct flt_left_out {
	const uint32_t *of; /* (n_rows) */
	uint32_t fold;
};

/* The number of folds for the deals of n_members of a single kind, if there are enough positives. */
size_t flt_bag_n_folds(size_t n_members);

/* Deals the rows (n) to n_folds, or as many as positives allow, for so many turns; along time, if the table has a time
 * column, the folds are blocks of it, the same in all deals. Released by flt_bag_folds_release, also after a failure.
 */
enum flt_status flt_bag_folds_deal(const struct flt_table *table, const size_t *rows, size_t n, size_t n_turns,
                                   const struct flt_fold_options *options, struct flt_bag_folds *folds,
                                   struct flt_error *err);
void flt_bag_folds_release(struct flt_bag_folds *folds);

struct flt_left_out flt_bag_left_out(const struct flt_bag_folds *folds, size_t turn);

#endif
