/*
 * What each member of a detector says of the rows of a table.
 */
#ifndef DETECTOR_SCORE_H
#define DETECTOR_SCORE_H

#include "detector/model.h"

/* Gets the logits (n) that a member gives to rows first to first + n - 1 of those asked for. */
typedef void flt_on_logits(void *context, size_t member, size_t first, const float *logit, size_t n);

/* rows (n): numbers of table rows. Each member's logits come in order, and may be infinite or NaN. */
enum flt_status flt_detector_score_members(const struct flt_detector *detector, const struct flt_table *table,
                                           const size_t *rows, size_t n, unsigned n_threads, flt_on_logits *on_logits,
                                           void *context, struct flt_error *err);

#endif
