/*
 * The order in which the shards of a step are added up: along a binary tree over their numbers. Shard 2i + 1 is added
 * to shard 2i, then the sum of the second two of each four to that of the first two, and so on; what has no partner
 * stays as it is. The order depends on the number of shards alone, so any part of it may be added up anywhere: the sum
 * has the same bits.
 *
 * Shards are held in runs of equal length: run r begins with shard r x length.
 */
#ifndef NN_SHARD_TREE_H
#define NN_SHARD_TREE_H

#include <stddef.h>
#include <stdint.h>

enum { FLT_MAX_SHARDS = 16 }; /* bounds the memory for gradients */

/* Additions to make one after the other: the buffer of shard `from` to that of shard `to`. */
struct flt_additions {
	size_t n;
	struct {
		uint8_t to, from;
	} pair[FLT_MAX_SHARDS - 1];
};

/* Those of the tree over n_shards that one run of so many shards can make by itself. */
void flt_additions_within(struct flt_additions *additions, size_t n_shards, size_t length, size_t run);

/* Those that are left once every run has made its own. */
void flt_additions_across(struct flt_additions *additions, size_t n_shards, size_t length);

#endif
