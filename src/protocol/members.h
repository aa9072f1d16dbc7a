/*
 * The networks of a fit, trained side by side, whose probabilities will be averaged.
 *
 * Without validation rows several networks are a bag: the fit rows are dealt to folds (bag_folds.h); each member leaves
 * one fold out and is validated on it. So every row gets a score from networks that have not seen it. These scores, or
 * those of validation rows, say which kinds go on after the first networks of each, and what each weighs (judge.h).
 */
#ifndef PROTOCOL_MEMBERS_H
#define PROTOCOL_MEMBERS_H

#include "protocol/fit.h"

struct flt_members {
	/* in, borrowed */
	const struct flt_table *table;
	const size_t *fit_rows, *validation_rows; /* (n_fit), (n_validation; 0: a bag, if there are several) */
	size_t n_fit, n_validation;
	const struct flt_prep *prep; /* learnt from all fit rows */
	const struct flt_fit_options *options;
	const struct flt_roster *roster;
	const double *work;            /* (n_kinds) of a network of each, see work.h */
	const struct flt_hooks *hooks; /* may be NULL */
	/* out */
	struct flt_detector *detector;    /* gets members, with weight and kind, and their refits */
	struct flt_train_result *results; /* (n_members) */
	size_t *kind_of;                  /* (n_members) */
	struct flt_kind_result *kinds;    /* (n_kinds) */
	size_t n_begun;                   /* networks: fewer than n_members if another round would not help */
	size_t n_folds;                   /* of the bag; 0: no bag: there are validation rows, or too few positives */
	bool stopped;                     /* by a hook */
};

/* In a bag held_out (n_fit) gets the score by the networks that have not seen the row (bag_scores.h), NaN if there is
 * none; otherwise it is not used, and may be NULL. The error is that of the first failing member of a kind that weighs
 * something; other networks may be usable all the same. */
enum flt_status flt_members_train(struct flt_members *members, double *held_out, struct flt_error *err);

#endif
