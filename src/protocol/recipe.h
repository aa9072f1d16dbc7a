/* The recipe: which kinds of networks are trained, how many, and for how long, by the size of the data. */
#ifndef PROTOCOL_RECIPE_H
#define PROTOCOL_RECIPE_H

#include "protocol/fit.h"

/* Resolves preset and recipe for n_rows fit rows of n_inputs prepared inputs. In every kind, fields named by
 * options->fixed are those of options; from a pool, kinds that contradict them are left out. */
void flt_recipe_resolve(const struct flt_fit_options *options, size_t n_rows, size_t n_inputs,
                        struct flt_roster *roster);

/* What a network of that number trains with: its own seed, and with preset best hyper-parameters of its own, drawn from
 * where good ones lie, but for those fixed. */
struct flt_train_options flt_recipe_of_member(const struct flt_fit_options *options, const struct flt_kind *kind,
                                              size_t member);

#endif
