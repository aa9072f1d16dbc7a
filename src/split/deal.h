/* Dealing groups of rows to bins, so that each bin gets its share of both classes. */
#ifndef SPLIT_DEAL_H
#define SPLIT_DEAL_H

#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

/* Rows by class: [0] negative, [1] positive. A bin is a role of the split or a fold. */
struct flt_bin {
	size_t target[2];
	size_t dealt[2]; /* updated; what the caller sets counts as dealt before */
	size_t limit;    /* largest group, in rows, that may go here; ignored for a group that no bin may take */
};

/* Deals the n <= FLT_MOST_ROWS groups listed in order: size[group] holds the rows of a group by class, bin_of[group]
 * gets its bin. order is shuffled, then sorted by size, largest first. */
enum flt_status flt_deal(uint32_t *order, size_t n, const uint32_t (*size)[2], struct flt_bin *bins, size_t n_bins,
                         struct flt_random *random, uint32_t *bin_of, struct flt_error *err);

#endif
