/*
 * The deal behind a bag: its fit rows lie in folds, and each member leaves one fold out. Several members leave out the
 * same one, so that a row's held-out score is a mean like the one that predict will show.
 *
 * Members of two kinds take turns. The round of an even number of folds is shifted by one against the round before, so
 * that each fold is left out by members of both kinds.
 */
#ifndef PROTOCOL_BAG_FOLDS_H
#define PROTOCOL_BAG_FOLDS_H

#include "split/split.h"

struct flt_bag_folds {
	size_t n_folds; /* 0: there are none, since not even two folds would have rows of both classes */
	uint32_t *of;   /* (n_rows) the fold of each row, or FLT_ALWAYS_FIT */
};

/* The number of folds that so many members are dealt if there are enough positives. */
size_t flt_bag_n_folds(size_t n_members);

/* Deals the rows (n) to as many folds as members and positives allow; along time, if the table has a time column, the
 * folds are blocks of it. Released by flt_bag_folds_release, also after a failure. */
enum flt_status flt_bag_folds_deal(const struct flt_table *table, const size_t *rows, size_t n, size_t n_members,
                                   const struct flt_fold_options *options, struct flt_bag_folds *folds,
                                   struct flt_error *err);
void flt_bag_folds_release(struct flt_bag_folds *folds);

/* The fold that a member leaves out. */
size_t flt_bag_fold_left_out(const struct flt_bag_folds *folds, size_t member);

#endif
