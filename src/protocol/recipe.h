/* The recipe: which kinds of networks are trained, how many, and for how long, by the size of the data. */
#ifndef PROTOCOL_RECIPE_H
#define PROTOCOL_RECIPE_H

#include "protocol/fit.h"

/* Resolves preset and recipe for n_rows fit rows to at most FLT_MAX_KINDS kinds of networks; member m is of kind m %
 * n_kinds. In every kind, fields named by options->fixed are those of options->train. */
void flt_recipe_resolve(const struct flt_fit_options *options, size_t n_rows,
                        struct flt_train_options kinds[FLT_MAX_KINDS], size_t *n_kinds, size_t *n_members);

#endif
