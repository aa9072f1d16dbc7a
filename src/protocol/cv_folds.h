/* The folds of a cross-validation: which rows each fits on, validates on and tests. */
#ifndef PROTOCOL_CV_FOLDS_H
#define PROTOCOL_CV_FOLDS_H

#include "protocol/crossval.h"

/* Makes the folds of all repeats, the same for all variants. Needs all that flt_cv_plan sets before it, and how
 * identical rows are kept. FLT_ERR_DATA if they cannot be made; the message then names options that were tried and
 * work. */
enum flt_status flt_cv_folds_make(struct flt_cv *cv, struct flt_error *err);

#endif
