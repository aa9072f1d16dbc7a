/* How large refits will be, known before they learn anything: for the estimate of memory. */
#ifndef PREP_REFIT_SIZE_H
#define PREP_REFIT_SIZE_H

#include "prep/prep.h"

size_t flt_prep_n_read(const struct flt_prep *prep); /* columns that the preparation or a refit of it uses */

/* The most features that a refit under these options can have: the widest columns are kept, and all steps are found. */
size_t flt_prep_most_features(const struct flt_prep *base, const struct flt_prep_options *options);

/* About what such a refit on n_rows takes, in bytes. */
size_t flt_prep_refit_bytes(const struct flt_prep *base, const struct flt_prep_options *options, size_t n_rows);

#endif
