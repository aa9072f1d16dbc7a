/*
 * One network trained by a team of processes. Each computes the gradients of its own run of a step's shards and adds up
 * what of their tree (shard_tree.h) lies in it; then all trade these sums, finish the tree and make the same update. So
 * after every step each process has the bits that one alone would have.
 *
 * Sums are traded in one round, or in two: then each process finishes the tree for its share of the parameters, and all
 * get what the others have finished. Two rounds carry fewer bytes where there are many sums, and begin twice.
 */
#ifndef NN_TEAM_H
#define NN_TEAM_H

#include "nn/kernels.h"
#include "nn/shard_tree.h"
#include "nn/train.h"

/* How many of n processes have a part in steps of so many shards: a team of as many is as fast. */
size_t flt_team_size(size_t n_shards, size_t n);

/* The shards of one process in a step. */
struct flt_shard_run {
	size_t begin, end;              /* it may be empty */
	size_t length;                  /* of every run but the last ones, which may be shorter */
	struct flt_additions additions; /* within it */
};

/* That of this process, in a step of n_shards. team NULL: all of them. */
struct flt_shard_run flt_team_run(const struct flt_team *team, size_t n_shards);

/* Which of n things one of so many processes has, in whole grains but for the end. It may be none. */
struct flt_slice {
	size_t begin, end;
};

struct flt_slice flt_slice_of(size_t n, size_t grain, size_t n_processes, size_t process);

/* What a process of a team trades with. */
struct flt_team_post {
	const struct flt_team *team; /* borrowed */
	size_t n_params;
	size_t letter;               /* bytes, the longest of a step's sums */
	uint8_t *sent, *received;    /* (team->n, letter) */
	struct flt_parcel *out, *in; /* (team->n) */
};

/* For steps of up to n_shards. Released by the caller, after a failure too. */
enum flt_status flt_team_post_init(struct flt_team_post *post, const struct flt_team *team, size_t n_shards,
                                   size_t n_params, struct flt_error *err);
void flt_team_post_release(struct flt_team_post *post); /* a zeroed one is fine */

/* The gradients and losses of a step's shards. */
struct flt_step_sums {
	size_t n_shards;
	float *gradients; /* (n_shards, stride) */
	size_t stride;
	struct flt_loss_sums *losses; /* (n_shards) */
};

/* Finishes the sums of a step, of which the own run's are made: those of all shards are then at shard 0. All processes
 * call it. True: one of them wants to stop, and the sums are not finished. */
bool flt_team_add_up(struct flt_team_post *post, const struct flt_step_sums *sums, const struct flt_kernels *kernels,
                     bool wants_stop);

/* values (n) of which each process has filled its own slice: then all of them. All processes call it. */
void flt_team_gather(struct flt_team_post *post, float *values, size_t n, size_t grain);

#endif
