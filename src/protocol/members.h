/*
 * Several networks on the same prepared rows, trained side by side, whose probabilities will be averaged.
 *
 * Without validation rows several networks are a bag: the fit rows are dealt to folds (bag_folds.h); each member leaves
 * one fold out and is validated on it. So every row gets a score from networks that have not seen it.
 */
#ifndef PROTOCOL_MEMBERS_H
#define PROTOCOL_MEMBERS_H

#include "protocol/fit.h"

struct flt_members {
	/* in, borrowed */
	const struct flt_table *table;
	const size_t *rows; /* (fit.n_rows) numbers of table rows, in the order of fit */
	enum flt_identical identical;
	struct flt_data fit;        /* without rows */
	struct flt_data validation; /* n_rows 0: a bag */
	const struct flt_train_options *kinds;
	size_t n_kinds, n_members;     /* member m is of kind m % n_kinds */
	const struct flt_hooks *hooks; /* may be NULL */
	/* out */
	struct flt_detector_member *made; /* (n_members) zero on entry; net stays NULL where training failed */
	struct flt_train_result *results; /* (n_members) */
	size_t n_folds;                   /* of the bag; 0: no bag: there are validation rows, or too few positives */
	bool stopped;                     /* by a hook */
};

/* In a bag held_out (fit.n_rows) gets the score by the networks that have not seen the row (bag_scores.h), NaN if there
 * is none; otherwise it is not used, and may be NULL. The error is that of the first failing member; other
 * networks may be usable all the same. */
enum flt_status flt_members_train(struct flt_members *members, double *held_out, struct flt_error *err);

#endif
