/* What a preset makes of the data's size: which kinds of networks, how many, how long. */
#ifndef PROTOCOL_RECIPE_H
#define PROTOCOL_RECIPE_H

#include "protocol/fit.h"

/* The size of what is to be learnt from. */
struct flt_size {
	size_t n_rows, n_positive, n_features; /* of the fit rows, prepared */
};

/* Settles options->preset into at most FLT_MAX_KINDS kinds of networks that the members take turns at. Fields that
 * options->fixed names are taken from options->train in every kind. */
void flt_recipe_resolve(const struct flt_fit_options *options, const struct flt_size *size,
                        struct flt_train_options kinds[FLT_MAX_KINDS], size_t *n_kinds, size_t *n_members);

#endif
