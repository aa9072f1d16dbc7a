/*
 * Whether the labels of a class are contaminated: whether some of its rows are like rows of the other class, rather
 * than merely less typical of their own.
 *
 * The contaminated binormal model (Dorfman and Berbaum 2000, "A contaminated binormal model for ROC data"), on both
 * sides: on some scale the two classes are bell curves a distance apart, and of each class's labels a share belongs to
 * the other curve. It sees the ranking alone, so the scale does not matter. A share is taken for real if it improves
 * the likelihood by more than its price under the Bayesian information criterion. Where the scores hardly rank the
 * rows, nothing can be told, and no share is.
 */
#ifndef AUDIT_CONTAMINATION_H
#define AUDIT_CONTAMINATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The least distance: uncontaminated classes would have a ROC-AUC of 0.76. */
#define FLT_LEAST_DISTANCE 1.0

struct flt_contamination {
	double share[2]; /* of the labels of each class; 0: none that is certain */
	double distance; /* of the two bell curves, in standard deviations */
};

/* score (n) ranks the rows, higher for label 1; label (n) has both classes. */
enum flt_status flt_contamination_fit(const double *score, const uint8_t *label, size_t n,
                                      struct flt_contamination *found, struct flt_error *err);

#endif
