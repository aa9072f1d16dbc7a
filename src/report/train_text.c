/*
 * The report of `train` for people: data, split and model before training, train and test after it. Each section
 * answers one question, in the order in which they come up.
 */
#include "report/data_text.h"
#include "report/figures_text.h"

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

static void say_settings(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	for (size_t i = 0; i < experiment->fit.n_kinds; i++) {
		const struct flt_train_options *used = &experiment->fit.used[i];
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s, learning rate %g, %s", flt_optimizer_words[used->optimizer], used->lr,
		                flt_schedule_words[used->schedule]);
		flt_layout_item(layout, "; ", "weight decay %g", used->weight_decay);
		flt_layout_item(layout, "; ", "dropout %g", used->dropout);
		flt_layout_item(layout, "; ", "batch %zu", used->batch);
	}
	flt_layout_item(layout, "; ", "%s scale", flt_scale_words[flt_prep_scale(experiment->detector->prep)]);
}

static void say_epochs(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_fit_result *fit = &experiment->fit;
	bool by_time = flt_table_role(experiment->table, FLT_TIME) != SIZE_MAX;
	const struct flt_train_options *used = &fit->used[0];
	const char *monitor = used->monitor == FLT_MONITOR_AP ? "PR-AUC" : "loss";
	if (fit->n_members > 1) {
		flt_layout_item(layout, "", "%zu", used->epochs);
		if (fit->n_kinds > 1)
			flt_layout_item(layout, "", " and %zu", fit->used[1].epochs);
		flt_layout_item(layout, "", " epochs");
		if (fit->out_of_fold)
			flt_layout_item(layout, ", ", "each network is validated on the %s it leaves out, by %s",
			                by_time ? "block of time" : "fold", monitor);
		return;
	}
	flt_layout_item(layout, "", "epoch %zu of %zu", fit->train[0].epochs, used->epochs);
	if (fit->chosen_on == FLT_VALIDATION)
		flt_layout_item(layout, ", ", "best %zu by validation %s", fit->train[0].best_epoch, monitor);
	else
		flt_layout_item(layout, ", ", "the last is kept: no validation rows");
}

static void say_training(struct flt_layout *layout, const struct flt_experiment *experiment, bool verbose)
{
	flt_layout_heading(layout, "train");
	say_epochs(layout, experiment);
	flt_layout_item(layout, "; ", "%s", flt_duration(experiment->fit.seconds_train).text);
	if (experiment->diverged) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "diverged: these are the best weights before it happened");
	}
	if (verbose)
		say_settings(layout, experiment);
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
	say_training(&layout, experiment, about->verbose);
	flt_say_figures(&layout, &experiment->evaluation, about);
	flt_layout_end(&layout);
}
