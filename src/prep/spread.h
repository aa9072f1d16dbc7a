/* What is unusual about the spread of a number, in words: values far from all others, or most values close together. */
#ifndef PREP_SPREAD_H
#define PREP_SPREAD_H

#include <stddef.h>

#include "prep/prep.h"

enum { FLT_SPREAD_TEXT = 120 };

/* Writes text: empty if nothing is unusual. Known from the column's profile, so in a model file too.
 *   squeezed: half of the values span less than 5 % of a unit of the robust or standard scale
 *   far:      98, 90 or 50 % of the values span less than 5 % of what the standard deviation is at least, which the
 *             others alone account for; robust, standard and quantile scale do not let them */
void flt_spread_text(enum flt_scale scale, const struct flt_prep_column *column, char text[FLT_SPREAD_TEXT]);

#endif
