#include "protocol/learning.h"

#include <math.h>

static const double UNIT = 1e-9, MOST = 1e6; /* a larger loss is one that diverges, and counts as so much */

void flt_learning_see(struct flt_learning *learning, const struct flt_epoch *epoch)
{
	if (isnan(epoch->lr))
		return;
	learning->is_validated = !isnan(epoch->validation_loss);
	double loss = learning->is_validated ? epoch->validation_loss : epoch->loss;
	size_t first = (epoch->epoch - 1) * FLT_LEARNING_PARTS / epoch->n_epochs;
	size_t end = epoch->epoch * FLT_LEARNING_PARTS / epoch->n_epochs;
	for (size_t part = first; part < end || part == first; part++) {
		learning->part[part].sum += (int64_t)(fmin(fmax(loss, 0), MOST) / UNIT);
		learning->part[part].n++;
	}
}

double flt_learning_loss(const struct flt_learning *learning, size_t part)
{
	size_t n = learning->part[part].n;
	return n ? (double)learning->part[part].sum / (double)n * UNIT : (double)NAN;
}
