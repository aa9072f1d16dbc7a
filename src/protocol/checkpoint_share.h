/*
 * Checkpoints of several ranks, kept in step: what is new in one of them, states of networks and results of trainings,
 * goes to the others in the form of its file, and is read with the same distrust.
 */
#ifndef PROTOCOL_CHECKPOINT_SHARE_H
#define PROTOCOL_CHECKPOINT_SHARE_H

#include "protocol/checkpoint.h"
#include "ranks/ranks.h"

/* Right after the checkpoint was made, and loaded on rank 0: all ranks call it, and start from what rank 0 has. It is
 * checked that they have the same version, options and data (FLT_ERR_USAGE, FLT_ERR_DATA, with the number of
 * the one that differs). From then on rank 0 gets the states of the others whenever they would write them,
 * if is_written: rank 0 writes a file. ranks is borrowed, and outlives the checkpoint. */
enum flt_status flt_checkpoint_join(struct flt_checkpoint *checkpoint, struct flt_ranks *ranks, bool is_written,
                                    struct flt_error *err);

/* A rank that computes with other instructions than this one, and these; NULL: there is none. */
const char *flt_checkpoint_odd_rank(const struct flt_checkpoint *checkpoint, size_t *rank);

/* All ranks call it, while no network trains: then each has what any of them had. */
enum flt_status flt_checkpoint_share(struct flt_checkpoint *checkpoint, struct flt_error *err);

/* What has come about since they shared is known to all: it is what they had shared. */
void flt_checkpoint_drop_news(struct flt_checkpoint *checkpoint);

#endif
