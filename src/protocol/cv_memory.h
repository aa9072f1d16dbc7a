/* Whether there is memory enough for a cross-validation, checked before its first trial. */
#ifndef PROTOCOL_CV_MEMORY_H
#define PROTOCOL_CV_MEMORY_H

#include "protocol/crossval.h"

/* Bytes that all trials keep to the end, logs and the rounding of the allocator left out. Needs the folds alone. */
size_t flt_cv_bytes_of_results(const struct flt_cv *cv);

/* What the fits of all trials share on so many threads, and the most bytes that are allocated at once from here to the
 * end. Called once the checkpoint (NULL: none is kept) has begun the study, before any result is taken from it. Fails
 * like flt_fit_memory_check, and names the variant. */
enum flt_status flt_cv_memory_check(const struct flt_cv *cv, const struct flt_checkpoint *checkpoint, size_t n_threads,
                                    struct flt_sharing *sharing, double *n_bytes, struct flt_error *err);

#endif
