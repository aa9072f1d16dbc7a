/*
 * The report of `train` for people: data, split, model, train, test. Each section answers one question, in the order
 * in which they come up, and names what was decided without being asked: target, positive class, dropped columns.
 */
#include <string.h>

#include "report/figures_text.h"
#include "report/names.h"
#include "report/report.h"

/* The names of the columns with this use, as one item: `"a", "b" and 3 more (constant)`. */
static void list_unused(struct flt_layout *layout, const struct flt_experiment *experiment, enum flt_column_use use)
{
	enum { MOST = 4 };
	char names[MOST * (sizeof(struct quoted) + 2)] = "";
	size_t length = 0, n = 0;
	for (size_t i = 0; i < flt_table_n_columns(experiment->table); i++) {
		if (flt_prep_use(experiment->detector->prep, i) != use || n++ >= MOST)
			continue;
		const char *name = flt_table_column(experiment->table, i).name;
		length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", n > 1 ? ", " : "",
		                           flt_quoted(name).text);
	}
	const char *why = use == FLT_DATES ? "dates; --time can split by them" : flt_column_use_words[use];
	if (n > MOST)
		flt_layout_item(layout, "; ", "%s and %zu more (%s)", names, n - MOST, why);
	else if (n > 0)
		flt_layout_item(layout, "; ", "%s (%s)", names, why);
}

static void say_unused(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_prep *prep = experiment->detector->prep;
	static const enum flt_column_use unused[] = {FLT_CONSTANT, FLT_ALL_MISSING, FLT_ID_LIKE, FLT_DATES};
	bool any = false;
	for (size_t i = 0; i < sizeof unused / sizeof *unused; i++) {
		if (flt_prep_n_used(prep, unused[i]) == 0)
			continue;
		if (!any) {
			flt_layout_line(layout, 0);
			flt_layout_item(layout, "", "not used: ");
			layout->indent = layout->column; /* the list wraps below its first item */
		}
		list_unused(layout, experiment, unused[i]);
		any = true;
	}
}

static void say_target(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_table *table = experiment->table;
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_positive = flt_table_n_positive(table);
	const char *how = notes.target_given     ? ""
	                  : notes.target_by_name ? " (found by its name)"
	                                         : " (the last column)";
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "target %s%s", flt_quoted(flt_table_target(table)).text, how);
	flt_layout_item(layout, ", ", "positive %s%s: %zu row%s (%s)", flt_quoted(flt_table_positive(table)).text,
	                notes.positive_given ? "" : " (the rarer class)", n_positive, flt_plural(n_positive),
	                flt_share(experiment->prevalence).text);
}

static void say_reading(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	struct flt_table_notes notes = flt_table_notes(experiment->table);
	size_t n_missing = experiment->n_missing;
	if (n_missing)
		flt_layout_item(layout, "; ", "%zu missing value%s", n_missing, flt_plural(n_missing));
	if (notes.delimiter != ',')
		flt_layout_item(layout, "; ", "separated by %s", flt_delimiter_name(notes.delimiter).text);
	if (!notes.header)
		flt_layout_item(layout, "; ", "no header");
	if (notes.n_bad_rows)
		flt_layout_item(layout, "; ", "%zu record%s with a wrong number of fields skipped", notes.n_bad_rows,
		                flt_plural(notes.n_bad_rows));
	if (notes.n_without_target)
		flt_layout_item(layout, "; ", "%zu row%s without a target dropped", notes.n_without_target,
		                flt_plural(notes.n_without_target));
}

static void say_data(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_table *table = experiment->table;
	const struct flt_prep *prep = experiment->detector->prep;
	size_t n_numeric = flt_prep_n_used(prep, FLT_USED_NUMERIC);
	size_t n_categorical = flt_prep_n_used(prep, FLT_USED_CATEGORICAL);
	flt_layout_heading(layout, "data");
	flt_layout_item(layout, "", "%zu rows", flt_table_n_rows(table));
	if (n_numeric && n_categorical)
		flt_layout_item(layout, ", ", "%zu numeric + %zu categorical columns", n_numeric, n_categorical);
	else
		flt_layout_item(layout, ", ", "%zu %s column%s", n_numeric + n_categorical,
		                n_numeric ? "numeric" : "categorical", flt_plural(n_numeric + n_categorical));
	say_reading(layout, experiment);
	say_target(layout, experiment);
	say_unused(layout, experiment);
	size_t n_identical = experiment->split.n_identical;
	if (n_identical) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%zu identical rows%s", n_identical,
		                experiment->split.method == FLT_SPLIT_TIME ? "" : " kept together");
	}
}

static void say_rows(struct flt_layout *layout, const struct flt_experiment *experiment, enum flt_row_role role)
{
	const struct flt_split *split = &experiment->split;
	if (split->n_rows[role])
		flt_layout_item(layout, "   ", "%s %zu (%zu%s)", flt_row_role_words[role], split->n_rows[role],
		                split->n_positive[role], role == FLT_FIT ? " positive" : "");
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
	if (split->oversized) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "a group of %zu rows is too large for its share and went to fit",
		                split->oversized);
	}
}

static void say_loss(struct flt_layout *layout, const struct flt_loss *loss)
{
	flt_layout_item(layout, "; ", "%s", flt_name_of_loss(loss));
	if (flt_loss_kind(loss) == FLT_FOCAL)
		flt_layout_item(layout, ", ", "gamma %g", loss->gamma);
	if (loss->weight_positive != 1 || loss->weight_negative != 1)
		flt_layout_item(layout, ", ", "weights %.4g : %.4g", loss->weight_positive, loss->weight_negative);
}

static void say_network(struct flt_layout *layout, const char *joint, const struct flt_mlp *net)
{
	flt_layout_item(layout, joint, "%s", flt_network_shape(net).text);
}

static void say_model(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_detector *detector = experiment->detector;
	const struct flt_train_options *used = &experiment->fit.used[0];
	size_t n_params = flt_detector_n_params(detector);
	flt_layout_heading(layout, "model");
	if (detector->n_nets > 1)
		flt_layout_item(layout, "", "mean of %zu networks, ", detector->n_nets);
	say_network(layout, "", detector->nets[0]);
	if (experiment->fit.n_kinds > 1 && detector->n_nets > 1)
		say_network(layout, " and ", detector->nets[1]);
	flt_layout_item(layout, ", ", "%zu weight%s", n_params, flt_plural(n_params));
	say_loss(layout, &used->loss);
	if (used->zero_output_bias)
		flt_layout_item(layout, "; ", "output bias 0");
	else
		flt_layout_item(layout, "; ", "output bias %.2f (optimal for %s positive)",
		                (double)experiment->fit.train[0].output_bias,
		                flt_share(experiment->fit.prevalence).text);
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

static void say_epochs(struct flt_layout *layout, const struct flt_fit_result *fit)
{
	const struct flt_train_options *used = &fit->used[0];
	const char *monitor = used->monitor == FLT_MONITOR_AP ? "PR-AUC" : "loss";
	if (fit->n_members > 1) {
		flt_layout_item(layout, "", "%zu", used->epochs);
		if (fit->n_kinds > 1)
			flt_layout_item(layout, "", " and %zu", fit->used[1].epochs);
		flt_layout_item(layout, "", " epochs");
		if (fit->out_of_fold)
			flt_layout_item(layout, ", ", "each network is validated on the fold it leaves out, by %s",
			                monitor);
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
	say_epochs(layout, &experiment->fit);
	flt_layout_item(layout, "; ", "%s", flt_duration(experiment->fit.seconds_train).text);
	if (experiment->diverged) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "diverged: these are the best weights before it happened");
	}
	if (verbose)
		say_settings(layout, experiment);
}

void flt_report_train_text(FILE *out, const struct flt_experiment *experiment, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .bold = about->bold};
	say_data(&layout, experiment);
	say_split(&layout, experiment);
	say_model(&layout, experiment);
	say_training(&layout, experiment, about->verbose);
	flt_say_figures(&layout, &experiment->evaluation, about);
	flt_layout_end(&layout);
}
