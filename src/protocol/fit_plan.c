/* Plans of fits: all that is known before rows are prepared. */

#include "base/alloc.h"
#include "base/clock.h"
#include "nn/order.h"
#include "nn/trainer.h"
#include "protocol/fit.h"
#include "protocol/recipe.h"
#include "protocol/work.h"

void flt_fit_plan_release(struct flt_fit_plan *plan)
{
	flt_prep_free(plan->prep);
	flt_free(plan->numeric);
	*plan = (struct flt_fit_plan){0};
}

static size_t count_positive(const struct flt_table *table, const size_t *rows, size_t n_rows)
{
	const uint8_t *label = flt_table_labels(table);
	size_t n = 0;
	for (size_t i = 0; i < n_rows; i++)
		n += label[rows[i]];
	return n;
}

static enum flt_status check_classes(const struct flt_table *table, const size_t *rows, size_t n_rows,
                                     struct flt_error *err)
{
	size_t n_positive = count_positive(table, rows, n_rows);
	if (n_positive > 0 && n_positive < n_rows)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA,
	                "the %zu fit rows hold %zu of the positive class and %zu of the other; both are needed", n_rows,
	                n_positive, n_rows - n_positive);
}

/* Resolves what depends on the number of rows and positives, and on their weights. n_validation_positive is an
 * effective number. */
static void resolve(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                    const struct flt_fit_options *options, double n_validation_positive, struct flt_fit_plan *plan)
{
	double positive = flt_table_weigh_class(table, fit_rows, n_fit, 1).sum;
	double negative = flt_table_weigh_class(table, fit_rows, n_fit, 0).sum;
	struct flt_roster *roster = &plan->roster;
	plan->prevalence = positive / (positive + negative);
	plan->positive_share = (double)count_positive(table, fit_rows, n_fit) / (double)n_fit;
	const struct flt_recipe_rows rows = flt_recipe_rows_like(plan, n_fit);
	flt_recipe_resolve(options, &rows, roster);
	for (size_t i = 0; i < roster->n_kinds; i++) {
		struct flt_train_options *used = &roster->kinds[i].train;
		if (options->balance)
			used->loss.weight_positive *= negative / positive;
		bool by_loss = used->optimizer == FLT_NEWTON || n_validation_positive < FLT_FEW_POSITIVES;
		if (options->monitor_auto)
			used->monitor = by_loss ? FLT_MONITOR_LOSS : FLT_MONITOR_AP;
	}
	const struct flt_train_options *first = &roster->kinds[0].train;
	plan->output_bias = first->zero_output_bias ? 0 : flt_loss_optimal_bias(&first->loss, plan->prevalence);
}

double flt_fit_plan_negatives(const struct flt_fit_plan *plan)
{
	double most = (1 - plan->positive_share) / plan->positive_share;
	for (size_t i = 0; i < plan->roster.n_kinds; i++) {
		const struct flt_train_options *used = &plan->roster.kinds[i].train;
		if (used->optimizer != FLT_NEWTON && used->negatives > 0 && used->negatives < most)
			return used->negatives;
	}
	return 0;
}

static enum flt_status find_numeric(struct flt_fit_plan *plan, struct flt_error *err)
{
	size_t n = flt_prep_n_features(plan->prep);
	plan->numeric = flt_alloc(n, sizeof *plan->numeric, err);
	FLT_TRY_MEMORY(plan->numeric);
	for (size_t i = 0; i < n; i++)
		plan->numeric[i] = flt_prep_feature_is_numeric(plan->prep, i);
	return FLT_OK;
}

/* Networks of a kind, if the first kinds are those that train the rest. */
static size_t n_networks_of(const struct flt_roster *roster, size_t kind)
{
	size_t n_first = roster->n_tried * roster->n_kinds;
	n_first = n_first < roster->n_members ? n_first : roster->n_members;
	size_t n_rest = roster->n_turns - roster->n_tried;
	return (n_first + roster->n_kinds - 1 - kind) / roster->n_kinds + (kind < roster->n_kept ? n_rest : 0);
}

/* The shapes of the networks, and their weights. */
static enum flt_status lay_out(struct flt_fit_plan *plan, const struct flt_table *table, const size_t *fit_rows,
                               size_t n_fit, size_t n_validation, struct flt_error *err)
{
	const struct flt_roster *roster = &plan->roster;
	size_t n_judged = n_validation == 0 && roster->n_folds ? n_fit / roster->n_folds : n_validation;
	struct flt_data fit = {.label = flt_table_labels(table),
	                       .n_rows = n_fit,
	                       .n_in = flt_prep_n_features(plan->prep),
	                       .numeric = plan->numeric,
	                       .rows = fit_rows};
	const struct flt_recipe_rows rows = flt_recipe_rows_like(plan, n_fit);
	for (size_t i = 0; i < roster->n_kinds; i++) {
		const struct flt_train_options *used = &roster->kinds[i].train;
		struct flt_train_memory memory;
		plan->spec[i] = flt_trainer_spec(used, &fit);
		plan->is_uneven = plan->is_uneven || !flt_row_order_is_even(used, &fit);
		FLT_TRY(flt_train_memory(used, &fit, n_validation, &memory, err));
		plan->n_params += n_networks_of(roster, i) * memory.n_params;
		plan->work[i] = flt_work_of_network(used, memory.n_params, &rows, n_judged);
	}
	return FLT_OK;
}

enum flt_status flt_fit_plan(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                             const size_t *validation_rows, size_t n_validation, const struct flt_fit_options *options,
                             struct flt_fit_plan *plan, struct flt_error *err)
{
	double start = flt_clock_seconds();
	struct flt_prep_options how = options->prep;
	enum flt_status status;
	*plan = (struct flt_fit_plan){0};
	how.n_threads = options->train.n_threads;
	how.seed = options->train.seed;
	FLT_TRY_OUT(flt_prep_fit(table, fit_rows, n_fit, &how, &plan->prep, err));
	FLT_TRY_OUT(find_numeric(plan, err));
	FLT_TRY_OUT(check_classes(table, fit_rows, n_fit, err));
	resolve(table, fit_rows, n_fit, options,
	        flt_table_weigh_class(table, validation_rows, n_validation, 1).effective, plan);
	if (n_validation > 0)
		plan->roster.n_folds = 0;
	FLT_TRY_OUT(lay_out(plan, table, fit_rows, n_fit, n_validation, err));
	plan->seconds = flt_clock_seconds() - start;
	return FLT_OK;
out:
	flt_fit_plan_release(plan);
	return status;
}
