/*
 * A sample of rows of which one class is rare, drawn in one pass so that it shows ranking and probabilities of all of
 * them. Positive rows are drawn alike, and at most a third of the sample while there are others. The others are drawn
 * the more often the more likely they seem to be positive, with sizes (eval/priority.h) like the root of the
 * probability, since what moves among them decides over precision.
 */
#ifndef EVAL_CLASS_SAMPLE_H
#define EVAL_CLASS_SAMPLE_H

#include <stdbool.h>

#include "eval/priority.h"

struct flt_class_sample {
	size_t n_most; /* SIZE_MAX: all */
	struct flt_priority of_class[2];
	double threshold[2]; /* after the end: of flt_priority_weight */
};

void flt_class_sample_begin(struct flt_class_sample *sample, size_t n_most, uint64_t seed);
void flt_class_sample_release(struct flt_class_sample *sample);

/* Offers a row of this number, as flt_priority_offer does for its class. prior: the share of positive rows, above 0. */
enum flt_status flt_class_sample_offer(struct flt_class_sample *sample, size_t row, bool is_positive,
                                       double probability, double prior, size_t *slot, struct flt_error *err);

/* The same of a row whose class is not known: all are drawn alike, and count as of class 0. */
enum flt_status flt_class_sample_offer_any(struct flt_class_sample *sample, size_t row, size_t *slot,
                                           struct flt_error *err);

void flt_class_sample_end(struct flt_class_sample *sample);
size_t flt_class_sample_n(const struct flt_class_sample *sample); /* of both classes, after the end */

#endif
