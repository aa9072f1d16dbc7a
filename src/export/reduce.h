/* Making a detector smaller before it is written: it loses members, or its weights get fewer bits. */
#ifndef EXPORT_REDUCE_H
#define EXPORT_REDUCE_H

#include "export/target.h"

/* Keeps the n members (1 to all) that weigh most, of equal ones the first, in their order. Of one that is left, the
 * score becomes its logit, and what the mean did to it moves into the map. */
enum flt_status flt_reduce_members(struct flt_detector *detector, size_t n, struct flt_error *err);

/* Replaces all weights of linear layers by the values that a file with eight bits holds. */
void flt_reduce_precision(struct flt_detector *detector);

#endif
