/*
 * Learning curves of a fit, seen epoch by epoch: the mean loss of all networks, and the losses of each. Networks train
 * for unlike numbers of epochs, so the mean is cut into equal parts of what each may train for. Networks that train
 * side by side report in any order, and nothing here depends on it: sums are of whole numbers, and the points of a
 * network follow from its own epochs, which come in their order.
 *
 * A training that is resumed reports the epochs before the interruption again, so its curves are the same.
 */
#ifndef PROTOCOL_LEARNING_H
#define PROTOCOL_LEARNING_H

#include <stdint.h>

#include "nn/train.h"

enum { FLT_LEARNING_PARTS = 24, FLT_MOST_LEARNING_POINTS = 24 };

struct flt_learning_point {
	size_t epoch;                 /* from 1 */
	double loss, validation_loss; /* as in struct flt_epoch */
};

/* The losses of one network: its first epoch, every stride-th after it, and the last, which thins itself out as it
 * grows. */
struct flt_network_learning {
	size_t stride; /* 0: no epoch was seen */
	size_t n;
	struct flt_learning_point point[FLT_MOST_LEARNING_POINTS]; /* (n) by epoch */
};

struct flt_learning {
	bool is_validated; /* the mean loss is that of validation rows */
	struct {
		int64_t sum; /* of losses, in billionths */
		size_t n;
	} part[FLT_LEARNING_PARTS];
	size_t n_networks;
	struct flt_network_learning *network; /* (n_networks) owned */
};

/* Has seen nothing. n_networks: the most that the fit may train; 0: only their mean is kept. */
enum flt_status flt_learning_init(struct flt_learning *learning, size_t n_networks, struct flt_error *err);
void flt_learning_release(struct flt_learning *learning);

/* An epoch has ended. Those of newton, which are optima, are left out. */
void flt_learning_see(struct flt_learning *learning, const struct flt_epoch *epoch);

/* The mean loss of a part; NaN if no network came that far. */
double flt_learning_loss(const struct flt_learning *learning, size_t part);

#endif
