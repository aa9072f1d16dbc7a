/*
 * One network of a fit at work: it prepares its own rows by what it may learn from, trains, and scores the rows that it
 * leaves out. So rows that it is judged by have no say in its scales, categories or steps.
 */
#ifndef PROTOCOL_MEMBER_H
#define PROTOCOL_MEMBER_H

#include "nn/train.h"
#include "prep/prep.h"
#include "protocol/role_data.h"
#include "protocol/rows_file.h"
#include "protocol/shared_preps.h"

struct flt_member {
	/* in, borrowed */
	const struct flt_table *table;
	double unit;                 /* of the rows' weights, see role_data.h */
	const struct flt_prep *base; /* learnt from all fit rows */
	bool is_base_enough;         /* it learns from all of them, on the base's scale: no refit */
	const struct flt_prep_options *how;
	struct flt_shared_preps *preps; /* of all networks */
	size_t turn;                    /* networks of the same turn learn from the same rows */
	const struct flt_train_options *train;
	bool wants_last;              /* score the weights after the last epoch too */
	struct flt_train_hooks hooks; /* between_steps is called through the member's own */
	const size_t *rows,
	        *held_out; /* (n_rows) it learns from, (n_held_out, may be 0) it is judged by: of the table */
	size_t n_rows, n_held_out;
	size_t *own_rows;        /* owned: where both are, if they are its own; or NULL */
	const char *rows_folder; /* where its prepared rows are kept, see rows_file.h; NULL: nowhere. Needs the base */
	void (*on_rows)(void *context, const char *path,
	                bool were_found); /* told of that file; may be NULL; context: that of hooks */
	/* out, owned */
	struct flt_prep *prep;     /* NULL: the base; others may own it, too */
	struct flt_mlp *net;       /* NULL: no epoch was completed */
	float *last;               /* (its parameters) after the last epoch; net has those of the best */
	float *logit, *last_logit; /* (n_held_out) by both; NULL without such rows */
	struct flt_train_result result;
	struct flt_epoch last_epoch;
	/* at work */
	struct flt_role_data learnt, judged;
	struct flt_rows_file file;
	bool *numeric;
};

/* May return FLT_ERR_DIVERGED with a network. A stop by a hook is no error; the network is then not scored. */
enum flt_status flt_member_run(struct flt_member *member, struct flt_error *err);

/* Its network becomes that of the last epoch. */
void flt_member_keep_last(struct flt_member *member);

void flt_member_release(struct flt_member *member);

#endif
