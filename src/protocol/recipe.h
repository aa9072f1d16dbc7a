/* The recipe: which kinds of networks are trained, how many, and for how long, by the size of the data. */
#ifndef PROTOCOL_RECIPE_H
#define PROTOCOL_RECIPE_H

#include "protocol/fit.h"

/* The fit rows that a recipe is for, and their prepared inputs. */
struct flt_recipe_rows {
	size_t n, n_positive, n_inputs;
};

/* Other n fit rows than the plan's, with a like share of positive ones; no inputs once a fit has taken its preparation.
 */
struct flt_recipe_rows flt_recipe_rows_like(const struct flt_fit_plan *plan, size_t n);

/* Resolves preset and recipe for such rows. In every kind, fields named by options->fixed are those of options; from a
 * pool, kinds that contradict them are left out. */
void flt_recipe_resolve(const struct flt_fit_options *options, const struct flt_recipe_rows *rows,
                        struct flt_roster *roster);

/* What a network of that number trains with: its own seed, and with preset best hyper-parameters of its own, drawn from
 * where good ones lie, but for those fixed. */
struct flt_train_options flt_recipe_of_member(const struct flt_fit_options *options, const struct flt_kind *kind,
                                              size_t member);

#endif
