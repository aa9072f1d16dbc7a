/*
 * Several networks on the same prepared rows, trained side by side, whose probabilities will be averaged.
 *
 * Without validation rows they are a bag: the fit rows are dealt to folds, identical rows together, and each member
 * leaves one fold out, which it is validated on. So every row gets a score from networks that have not seen it. Members
 * beyond the number of folds take the folds of another deal. A single network is no bag.
 */
#ifndef PROTOCOL_MEMBERS_H
#define PROTOCOL_MEMBERS_H

#include "protocol/fit.h"

struct flt_members {
	/* given, borrowed */
	const struct flt_table *table;
	const size_t *rows;         /* (fit.n_rows) of table */
	struct flt_data fit;        /* all rows, in the order of rows */
	struct flt_data validation; /* n_rows 0: a bag */
	const struct flt_train_options *kinds;
	size_t n_kinds, n_members;     /* member m is of kind m % n_kinds */
	const struct flt_hooks *hooks; /* may be NULL */
	/* made */
	struct flt_mlp **nets;            /* (n_members) given as NULLs; one stays NULL if it failed */
	struct flt_train_result *results; /* (n_members) */
	size_t n_folds;                   /* of the bag; 0: there was none, for want of positives or by validation */
	bool stopped;                     /* by a hook */
};

/* In a bag, held_out (fit.n_rows) gets the log-odds of each row under the networks that have not seen it, NaN where
 * there is none. The error is that of the first failing member; others may be there all the same. */
enum flt_status flt_members_train(struct flt_members *members, double *held_out, struct flt_error *err);

/* How many folds a bag of so many members is dealt to, where there are positives enough. */
size_t flt_members_n_folds(size_t n_members);

#endif
