#include "protocol/work.h"

#include <math.h>

#include "nn/linear.h"
#include "nn/monitor.h"

/* In weights. Measured on networks of 400 weights, and on optima of 24 to 29 weights. A row that is only scored costs a
 * third: one pass of three. */
static const double ROW_COSTS = 500, EPOCHS_OF_OPTIMUM = 2000, SCORING = 1.0 / 3;

double flt_work_of_network(const struct flt_train_options *train, size_t n_params, const struct flt_recipe_rows *fit,
                           size_t n_validation)
{
	size_t n_positive = (size_t)round((double)n_validation * (double)fit->n_positive / (double)fit->n);
	size_t n_judging = flt_judging_rows(train, n_validation, n_positive).n;
	double scored = SCORING * (double)n_judging, weights = (double)n_params;
	if (train->optimizer == FLT_NEWTON)
		return (double)(n_validation > 0 ? flt_linear_n_epochs(train) : 1) * EPOCHS_OF_OPTIMUM *
		       ((double)fit->n + scored) * weights;
	double visited = (double)flt_epoch_rows(train, fit->n, fit->n_positive).n;
	return (double)train->epochs * (visited + scored) * (weights + ROW_COSTS);
}

double flt_work_of_roster(const struct flt_roster *roster, const double *work)
{
	size_t n_first = roster->n_tried * roster->n_kinds;
	double sum = 0;
	for (size_t m = 0; m < n_first && m < roster->n_members; m++)
		sum += work[m % roster->n_kinds];
	for (size_t k = 0; k < roster->n_kept && n_first < roster->n_members; k++)
		sum += (double)(roster->n_turns - roster->n_tried) * work[k];
	return sum;
}

size_t flt_epochs_of_roster(const struct flt_roster *roster)
{
	double epochs[FLT_MAX_KINDS];
	for (size_t i = 0; i < roster->n_kinds; i++)
		epochs[i] = (double)roster->kinds[i].train.epochs;
	return (size_t)flt_work_of_roster(roster, epochs);
}

size_t flt_epochs_of_fit(const struct flt_fit_plan *plan, const struct flt_fit_options *options, size_t n_fit)
{
	struct flt_roster roster;
	const struct flt_recipe_rows rows = flt_recipe_rows_like(plan, n_fit);
	flt_recipe_resolve(options, &rows, &roster);
	return flt_epochs_of_roster(&roster);
}

/* 0 for a shape that no network can have, which its training will say. */
static size_t count_params(const struct flt_fit_plan *plan, const struct flt_train_options *train, size_t n_fit)
{
	struct flt_data fit = {.n_rows = n_fit, .n_in = flt_prep_n_features(plan->prep), .numeric = plan->numeric};
	struct flt_train_memory memory;
	struct flt_error ignored;
	return flt_train_memory(train, &fit, 0, &memory, &ignored) == FLT_OK ? memory.n_params : 0;
}

double flt_work_of_fit(const struct flt_fit_plan *plan, const struct flt_fit_options *options, size_t n_fit,
                       size_t n_validation)
{
	struct flt_roster roster;
	double work[FLT_MAX_KINDS];
	const struct flt_recipe_rows rows = flt_recipe_rows_like(plan, n_fit);
	flt_recipe_resolve(options, &rows, &roster);
	for (size_t i = 0; i < roster.n_kinds; i++) {
		const struct flt_train_options *train = &roster.kinds[i].train;
		size_t n_judged = n_validation == 0 && roster.n_folds ? n_fit / roster.n_folds : n_validation;
		work[i] = flt_work_of_network(train, count_params(plan, train, n_fit), &rows, n_judged);
	}
	return flt_work_of_roster(&roster, work);
}

void flt_work_done_set(struct flt_work_done *work, size_t member, double share)
{
	work->done += share - work->of[member];
	work->of[member] = share;
}

void flt_work_done_add(struct flt_work_done *work, const struct flt_epoch *epoch)
{
	double part = epoch->share * (epoch->last ? 1 : (double)epoch->epoch / (double)epoch->n_epochs);
	flt_work_done_set(work, epoch->member, part);
	if (!epoch->restored)
		return;
	work->restored += part - work->restored_of[epoch->member];
	work->restored_of[epoch->member] = part;
}
