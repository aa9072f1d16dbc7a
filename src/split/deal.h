/* Dealing groups of rows to parts so that each part gets its share of both classes. */
#ifndef SPLIT_DEAL_H
#define SPLIT_DEAL_H

#include <stdint.h>

#include "base/random.h"
#include "base/error.h"

/* Rows by class: [0] negative, [1] positive. */
struct flt_deal_part {
	size_t target[2];
	size_t dealt[2];
	size_t limit; /* no group of more rows comes here, unless no part would take it */
};

/* Deals the n groups listed in order: size[group] holds the rows of a group by class, part_of[group] gets its part.
 * What is in `dealt` before counts as dealt. order is shuffled, then sorted by size, on the way. */
enum flt_status flt_deal(size_t *order, size_t n, const size_t (*size)[2], struct flt_deal_part *parts, size_t n_parts,
                         struct flt_random *random, uint32_t *part_of, struct flt_error *err);

#endif
