/* What has to be the same on all ranks, compared where they meet. */
#ifndef RANKS_SAME_H
#define RANKS_SAME_H

#include "ranks/ranks.h"

enum { FLT_RANKS_OTHER_TEXT = 128 };

struct flt_ranks_trait {
	const char *own;        /* borrowed */
	enum flt_status status; /* of a difference; FLT_OK: it is only noted */
	const char *differs;    /* the sentence of one, behind "rank 2 " */

	/* Filled: the lowest rank that differs from this one, SIZE_MAX: none; and what it has, or the beginning of it.
	 */
	size_t odd_rank;
	char other[FLT_RANKS_OTHER_TEXT];
};

/* All ranks call it, each with as many traits (n) in one order: that in which a difference says most. The first that
 * differs from rank 0 in one whose status is not FLT_OK ends all, and the sentence names the lowest rank that does. */
enum flt_status flt_ranks_compare(struct flt_ranks *ranks, struct flt_ranks_trait *traits, size_t n,
                                  struct flt_error *err);

#endif
