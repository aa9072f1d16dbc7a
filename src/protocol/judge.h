/*
 * Judging kinds of networks by their scores of rows that they had not learnt from: the rows that each member of a bag
 * leaves out, or validation rows. A kind's score of a row is the mean of those of its members that left it out.
 */
#ifndef PROTOCOL_JUDGE_H
#define PROTOCOL_JUDGE_H

#include "eval/scored.h"
#include "protocol/bag_folds.h"
#include "protocol/fit.h"
#include "protocol/member.h"

struct flt_judge {
	/* borrowed */
	const struct flt_roster *roster;
	struct flt_member *members;      /* (n_members) those that never began are all zero */
	const size_t *kind_of, *turn_of; /* (n_members) */
	const enum flt_status *status;   /* (n_members) of their training */
	const bool *is_stopped;          /* (n_kinds) judged already, and found not worth going on with */
	const struct flt_bag_folds *folds;
	bool is_bag;          /* false: each member scored all rows */
	const uint8_t *label; /* (n_rows) */
	const float *weight;  /* (n_rows), or NULL */
	size_t n_rows;        /* 0: there is nothing to judge by */
};

/* Writes the n_kept kinds that are worth going on with, best first, or fewer if others have diverged. */
enum flt_status flt_judge_best(const struct flt_judge *judge, size_t n_kept, size_t kinds[FLT_MAX_KINDS],
                               size_t *n_found, struct flt_error *err);

/* Whether the networks behind the first n_turns of each kind made the mean of all kinds better, by more than chance, or
 * judged rows that had not been judged yet. */
enum flt_status flt_judge_helped(const struct flt_judge *judge, size_t n_turns, bool *helped, struct flt_error *err);

/* Decides for each kind whether its members keep their best or their last epoch, and what it weighs: nothing if it was
 * stopped, or if one of its members failed while those of another kind did not. */
enum flt_status flt_judge_weigh(const struct flt_judge *judge, struct flt_kind_result results[FLT_MAX_KINDS],
                                struct flt_error *err);

#endif
