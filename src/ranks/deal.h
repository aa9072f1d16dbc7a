/* Dealing pieces of work over ranks, the same way on each of them. */
#ifndef RANKS_DEAL_H
#define RANKS_DEAL_H

#include <stddef.h>

#include "base/error.h"

/* rank_of (n): the largest piece first, each to the rank that has the least work so far, among equals the
 * fewest pieces, among these to the lowest.
 * work (n) >= 0. */
enum flt_status flt_ranks_deal(const double *work, size_t n, size_t n_ranks, size_t *rank_of, struct flt_error *err);

#endif
