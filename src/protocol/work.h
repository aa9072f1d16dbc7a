/*
 * How much work training is, before it is done: what progress and the time left go by. Its unit is one weight at one
 * row in one epoch, which took 0.15 to 0.24 ns on one core for all kinds of networks, plain and embedded, of 20,000 to
 * 280,000 weights; what a row costs beside its weights counts as some more of them, and an optimum of a linear model as
 * so many epochs as Newton's method took time for. The preparation of rows is not counted: it takes its part in each
 * training alike.
 */
#ifndef PROTOCOL_WORK_H
#define PROTOCOL_WORK_H

#include "protocol/fit.h"
#include "protocol/recipe.h"

/* Of one network, if it trains for all of its epochs on such rows. */
double flt_work_of_network(const struct flt_train_options *train, size_t n_params, const struct flt_recipe_rows *fit,
                           size_t n_validation);

/* Of all networks of a roster, if its first kinds are those that go on and all rounds help. work: (n_kinds) of a
 * network of each. */
double flt_work_of_roster(const struct flt_roster *roster, const double *work);

/* Of a fit with other options or rows than the plan, but inputs like its own. */
double flt_work_of_fit(const struct flt_fit_plan *plan, const struct flt_fit_options *options, size_t n_fit,
                       size_t n_validation);

/* Epochs of all networks of a roster, likewise. */
size_t flt_epochs_of_roster(const struct flt_roster *roster);
size_t flt_epochs_of_fit(const struct flt_fit_plan *plan, const struct flt_fit_options *options, size_t n_fit);

/* ---- how much of it is done ---- */

/* Of networks that train side by side. Zero-initialised nothing is. Not locked: flt_hooks.on_epoch is called by one
 * thread at a time. */
struct flt_work_done {
	double of[FLT_MAX_MEMBERS], restored_of[FLT_MAX_MEMBERS]; /* each network's part of the two sums */
	double done, restored; /* [0, 1] shares of all work: done, and done before the program was started again */
};

/* A network is at a step: it has done that share of all work. */
void flt_work_done_set(struct flt_work_done *work, size_t member, double share);

/* An epoch has ended. A network that ends before its last epoch counts as done. */
void flt_work_done_add(struct flt_work_done *work, const struct flt_epoch *epoch);

#endif
