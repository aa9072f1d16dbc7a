/*
 * The report of `train` for people: data, split and model before training, train and test after it. Each section
 * answers one question, in the order in which they come up.
 */
#include <math.h>

#include "report/data_text.h"
#include "report/figures_text.h"
#include "report/grid.h"
#include "report/plot_text.h"

static void say_rows(struct flt_layout *layout, const struct flt_experiment *experiment, enum flt_row_role role)
{
	const struct flt_split *split = &experiment->split;
	if (split->n_rows[role])
		flt_layout_item(layout, "   ", "%s %zu (%zu%s)", flt_row_role_words[role], split->n_rows[role],
		                split->n_positive[role], role == FLT_FIT ? " positive" : "");
}

/* The span of each part, so that a mistaken time shows. */
static void say_times(struct flt_layout *layout, const struct flt_table *table, const struct flt_split *split)
{
	flt_layout_line(layout, 0);
	for (enum flt_row_role role = FLT_FIT; role < FLT_N_ROW_ROLES; role++)
		if (split->n_rows[role])
			flt_layout_item(layout, role == FLT_FIT ? "" : "   ", "%s %s to %s", flt_row_role_words[role],
			                flt_shown_time(table, split->time[role].first).text,
			                flt_shown_time(table, split->time[role].last).text);
}

static void say_groups(struct flt_layout *layout, const struct flt_split *split)
{
	flt_layout_line(layout, 0);
	for (enum flt_row_role role = FLT_FIT; role < FLT_N_ROW_ROLES; role++)
		if (split->n_rows[role])
			flt_layout_item(layout, role == FLT_FIT ? "" : "   ", "%s %zu group%s (%zu%s)",
			                flt_row_role_words[role], split->groups[role].n,
			                flt_plural(split->groups[role].n), split->groups[role].n_positive,
			                role == FLT_FIT ? " with a positive row" : "");
}

/* Figures on a few different rows tell little of others. */
static void say_few_distinct(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	enum { FEW = 4 }; /* of so many rows, one is unlike those before it */
	const struct flt_table *test = experiment->test_table;
	size_t n = test ? flt_table_n_rows(test) : experiment->split.n_rows[FLT_TEST];
	if (experiment->n_distinct_test == 0 || experiment->n_distinct_test >= n / FEW)
		return;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "test: %zu rows, but only %zu distinct", n, experiment->n_distinct_test);
}

static void say_split(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_split *split = &experiment->split;
	flt_layout_heading(layout, "split");
	for (enum flt_row_role role = FLT_FIT; role < FLT_N_ROW_ROLES; role++)
		say_rows(layout, experiment, role);
	const struct flt_table *test = experiment->test_table;
	if (test)
		flt_layout_item(layout, "   ", "test %zu (%zu) from %s", flt_table_n_rows(test),
		                flt_table_n_positive(test), flt_quoted(flt_table_path(test)).text);
	if (split->method == FLT_SPLIT_STRATIFIED) {
		flt_layout_item(layout, "   ", "%s, seed %llu", flt_split_method_words[split->method],
		                (unsigned long long)experiment->seed);
	} else {
		bool time = split->method == FLT_SPLIT_TIME;
		size_t column = flt_table_role(experiment->table, time ? FLT_TIME : FLT_GROUP);
		flt_layout_item(layout, "   ", "%s of %s", time ? "in the order" : "by groups",
		                flt_quoted(flt_table_column(experiment->table, column).name).text);
		if (!time)
			flt_layout_item(layout, ", ", "seed %llu", (unsigned long long)experiment->seed);
	}
	if (split->method == FLT_SPLIT_TIME)
		say_times(layout, experiment->table, split);
	if (split->method == FLT_SPLIT_GROUP)
		say_groups(layout, split);
	if (split->oversized) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "a group of %zu rows is too large for its share and went to fit",
		                split->oversized);
	}
	say_few_distinct(layout, experiment);
}

static const char *monitor_name(enum flt_monitor monitor)
{
	return monitor == FLT_MONITOR_AP ? "PR-AUC" : "loss";
}

static void say_settings(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	for (size_t i = 0; i < experiment->fit.roster.n_kinds; i++) {
		const struct flt_kind *kind = &experiment->fit.roster.kinds[i];
		const struct flt_train_options *used = &kind->train;
		flt_layout_line(layout, 0);
		if (experiment->fit.roster.n_kinds > 1)
			flt_layout_item(layout, "", "%s: ", flt_recipe_words[kind->recipe]);
		if (used->optimizer == FLT_NEWTON) {
			flt_layout_item(layout, "", "%s", flt_optimizer_words[used->optimizer]);
			continue;
		}
		flt_layout_item(layout, "", "%s, learning rate %g, %s", flt_optimizer_words[used->optimizer], used->lr,
		                flt_schedule_words[used->schedule]);
		flt_layout_item(layout, "; ", "weight decay %g", used->weight_decay);
		flt_layout_item(layout, "; ", "dropout %g", used->dropout);
		flt_layout_item(layout, "; ", "batch %zu", used->batch);
		flt_layout_item(layout, "; ", "%s scale", flt_scale_words[kind->prep.scale]);
	}
}

/* Of a bag, the smallest and the largest penalty. */
static void say_penalties(struct flt_layout *layout, const struct flt_fit_result *fit)
{
	double low = HUGE_VAL, high = 0;
	for (size_t i = 0; i < fit->roster.n_members; i++) {
		low = fmin(low, fit->train[i].best.l2);
		high = fmax(high, fit->train[i].best.l2);
	}
	flt_layout_item(layout, "", "the optimum with L2 %.3g", low);
	if (high > low)
		flt_layout_item(layout, " ", "to %.3g", high);
}

static void say_optimum(struct flt_layout *layout, const struct flt_fit_result *fit, const char *left_out)
{
	const struct flt_train_options *used = &fit->roster.kinds[0].train;
	const char *monitor = monitor_name(used->monitor);
	say_penalties(layout, fit);
	if (!used->choose_decay)
		return;
	if (fit->out_of_fold)
		flt_layout_item(layout, ", ", "chosen by %s on the %s that each network leaves out", monitor, left_out);
	else if (fit->chosen_on == FLT_VALIDATION)
		flt_layout_item(layout, ", ", "chosen by validation %s", monitor);
	else
		flt_layout_item(layout, ", ", "that of C = 1 in scikit-learn: no validation rows");
}

static void say_epochs(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_fit_result *fit = &experiment->fit;
	bool by_time = flt_table_role(experiment->table, FLT_TIME) != SIZE_MAX;
	const struct flt_train_options *used = &fit->roster.kinds[0].train;
	const char *monitor = monitor_name(used->monitor), *left_out = by_time ? "block of time" : "fold";
	if (used->optimizer == FLT_NEWTON) {
		say_optimum(layout, fit, left_out);
		return;
	}
	if (fit->roster.n_members > 1) {
		if (fit->roster.n_kinds > 1)
			flt_layout_item(layout, "", "%zu networks", fit->roster.n_members);
		else
			flt_layout_item(layout, "", "%zu epochs", used->epochs);
		if (fit->out_of_fold)
			flt_layout_item(layout, ", ", "each network is validated on the %s it leaves out, by %s",
			                left_out, monitor);
		return;
	}
	flt_layout_item(layout, "", "epoch %zu of %zu", fit->train[0].epochs, used->epochs);
	if (fit->chosen_on == FLT_VALIDATION)
		flt_layout_item(layout, ", ", "best %zu by validation %s", fit->train[0].best_epoch, monitor);
	else
		flt_layout_item(layout, ", ", "the last is kept: no validation rows");
}

/* How epochs were chosen, as a word in the table of kinds. */
static const char *epoch_name(const struct flt_fit_result *fit, size_t kind)
{
	if (fit->roster.kinds[kind].train.optimizer == FLT_NEWTON)
		return "optimum";
	return fit->kinds[kind].keeps_last ? "last" : "best";
}

/* A kind that weighs nothing was stopped, or failed. */
static void put_weight(struct flt_grid *grid, const struct flt_fit_result *fit, size_t kind)
{
	double weight = fit->kinds[kind].weight;
	if (weight > 0)
		flt_grid_cell(grid, 3, "%s", flt_fraction(weight, 2).text);
	else
		flt_grid_cell(grid, 3, "%s", flt_fit_was_stopped(fit, kind) ? "stopped" : "0");
}

/* The networks and weights of the model: a plan counts kinds that were stopped, and no steps, which are not known yet.
 */
static void say_kinds(struct flt_layout *layout, const struct flt_fit_result *fit, const struct flt_detector *detector)
{
	static const char *const titles[] = {"kind", "networks", "epoch", "weight", "PR-AUC", "log-loss"};
	struct flt_grid grid = {.n_columns = sizeof titles / sizeof *titles};
	flt_grid_row(&grid, 0);
	for (size_t c = 0; c < grid.n_columns; c++)
		flt_grid_cell(&grid, c, "%s", titles[c]);
	for (size_t i = 0; i < fit->roster.n_kinds; i++) {
		const struct flt_kind_result *kind = &fit->kinds[i];
		flt_grid_row(&grid, 0);
		flt_grid_cell(&grid, 0, "%s", flt_recipe_words[fit->roster.kinds[i].recipe]);
		flt_grid_cell(&grid, 1, "%zu", kind->n_networks);
		flt_grid_cell(&grid, 2, "%s", kind->weight > 0 ? epoch_name(fit, i) : "-");
		put_weight(&grid, fit, i);
		flt_grid_cell(&grid, 4, "%s", isfinite(kind->ap) ? flt_fraction(kind->ap, 3).text : "-");
		flt_grid_cell(&grid, 5, "%s", flt_significant(kind->log_loss, 3).text);
	}
	flt_layout_heading(layout, "kinds");
	flt_layout_prose(
	        layout,
	        "what each weighs in the mean, by its scores of rows that it had not learnt from; the model is %zu "
	        "network%s of %zu weights",
	        detector->n_members, flt_plural(detector->n_members), flt_detector_n_params(detector));
	flt_say_grid(layout, &grid);
}

static void say_training(struct flt_layout *layout, const struct flt_experiment *experiment,
                         const struct flt_report_about *about)
{
	flt_layout_heading(layout, "train");
	say_epochs(layout, experiment);
	flt_layout_item(layout, "; ", "%s", flt_duration(experiment->fit.seconds_train).text);
	if (experiment->diverged) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "diverged: these are the best weights before it happened");
	}
	if (about->shows_learning)
		flt_say_learning(layout, about->learning);
	if (about->verbose)
		say_settings(layout, experiment);
	if (experiment->fit.roster.n_kinds > 1)
		say_kinds(layout, &experiment->fit, experiment->detector);
}

void flt_report_train_plan_text(FILE *out, const struct flt_experiment *experiment,
                                const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	struct flt_data_view data = flt_view_of_experiment(experiment);
	flt_say_data(&layout, &data);
	say_split(&layout, experiment);
	flt_say_model(&layout, &experiment->plan);
	flt_layout_end(&layout);
}

void flt_report_train_text(FILE *out, const struct flt_experiment *experiment, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	say_training(&layout, experiment, about);
	flt_say_figures(&layout, &experiment->evaluation, about);
	flt_layout_end(&layout);
}
