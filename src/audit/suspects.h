/*
 * Rows whose label the other rows contradict, found in scores of models that have not seen the row's label.
 *
 * A wrong label is not the same as an unlikely one: where the classes overlap, honest rows are unlikely too, but the
 * deeper among the other class one looks, the fewer of them there are. Labels that are wrong by accident stay as
 * frequent as anywhere else. So the share of a class's labels that lies as deep in the other class as the other's own
 * rows do bounds the share that says nothing but the other class: the mixture proportion of Scott, Blanchard and Handy
 * 2013, "Classification with asymmetric label noise". It is estimated for each class apart, so the rare class is not
 * suspected for being rare, and only where a model with such labels explains the ranking better than one without
 * (audit/contamination.h). Rows of which the columns happen to show nothing look the same.
 */
#ifndef AUDIT_SUSPECTS_H
#define AUDIT_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct flt_suspect {
	size_t row;         /* index among the rows given */
	double probability; /* of the positive class, by the other rows */
	double wrong;       /* the chance that the label is wrong, at least 0.5 */
};

struct flt_suspects {
	size_t n_class[2]; /* rows given, by label */
	double mixture[2]; /* share of the class's labels that look like the other class, by label */
	double distance;   /* of the classes, in standard deviations (audit/contamination.h); 0: not known */
	bool is_blurred;   /* the classes overlap so much that wrong labels would hardly show */
	size_t n_found[2]; /* suspects, by label */
	double n_wrong[2]; /* wrong labels to expect among them: the sum of their chances */
	size_t n;
	struct flt_suspect *all; /* (n) the surest first, ties in the order of rows */
};

/* score (n) ranks the rows, higher for the positive class; label (n) has both classes. Release by
 * flt_suspects_release. */
enum flt_status flt_suspects_find(const double *score, const uint8_t *label, size_t n, struct flt_suspects *suspects,
                                  struct flt_error *err);
void flt_suspects_release(struct flt_suspects *suspects);

#endif
