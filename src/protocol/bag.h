/*
 * A bag at work: what its members share while they train. Only members.c, bag_member.c and bag_hand_over.c look inside.
 */
#ifndef PROTOCOL_BAG_H
#define PROTOCOL_BAG_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/pool.h"
#include "protocol/bag_folds.h"
#include "protocol/member.h"
#include "protocol/members.h"
#include "protocol/shared_preps.h"

struct flt_bag {
	struct flt_members *members;
	const struct flt_roster *roster;
	struct flt_bag_folds folds;
	struct flt_role_data fit, validation; /* labels and weights alone */
	double unit;                          /* of weights */
	struct flt_member *made;              /* (n_members) */
	size_t *turn_of;                      /* (n_members) */
	enum flt_status *status;              /* (n_members) */
	struct flt_error *errors;             /* (n_members) */
	bool is_stopped[FLT_MAX_KINDS];
	double share[FLT_MAX_KINDS]; /* of all work, that of a network of each kind in this round */
	size_t first;                /* number of the first member of this round */
	size_t *handed;              /* (n_members) numbers of those that became the detector's */
	unsigned n_threads;          /* of each member */
	size_t *rank_of;             /* (n_members) */
	size_t team_size;            /* ranks that train the only network together; 0: each trains those dealt to it */
	bool replays;                /* now the members of other ranks, from where they have ended */
	struct flt_shared_preps preps;
	struct flt_pool *pool;
	pthread_mutex_t mutex; /* around on_epoch */
	atomic_bool stop;
};

/* The ranks that share the work; NULL: none. */
struct flt_ranks *flt_bag_ranks(const struct flt_bag *bag);

/* A task of the pool: trains the task-th member of the round, or replays it (flt_pool_run). */
void flt_bag_run_member(void *context, size_t task, size_t worker);

/* The failure that the whole ends with: of a kind that diverged nothing is kept while there are others. */
enum flt_status flt_bag_first_failure(const struct flt_bag *bag, struct flt_error *err);

/* Hands the networks of kinds that weigh something to the detector; held_out (n_fit) gets the scores of rows by those
 * that have not learnt from them, if there are folds. */
enum flt_status flt_bag_hand_over(struct flt_bag *bag, double *held_out, struct flt_error *err);

#endif
