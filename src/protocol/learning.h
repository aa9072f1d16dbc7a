/*
 * A learning curve: the mean loss of all networks of a fit over their epochs. Networks train for unlike numbers of
 * epochs, so it is cut into equal parts of what each may train for.
 */
#ifndef PROTOCOL_LEARNING_H
#define PROTOCOL_LEARNING_H

#include <stdint.h>

#include "nn/train.h"

enum { FLT_LEARNING_PARTS = 24 };

/* Zero-initialised it has seen nothing. Networks that train side by side report in any order, which sums of whole
 * numbers do not depend on. */
struct flt_learning {
	bool is_validated; /* the loss is that of validation rows */
	struct {
		int64_t sum; /* of losses, in billionths */
		size_t n;
	} part[FLT_LEARNING_PARTS];
};

/* An epoch has ended. Those of newton, which are optima, are left out. */
void flt_learning_see(struct flt_learning *learning, const struct flt_epoch *epoch);

/* The mean loss of a part; NaN if no network came that far. */
double flt_learning_loss(const struct flt_learning *learning, size_t part);

#endif
