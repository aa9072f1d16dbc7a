/*
 * The report of `train` for people: data, split, model, train, test. Each block answers one question in the order in
 * which they come up; what was decided without being asked (target, positive class, dropped columns) is said.
 */
#include "report/report.h"

#include <math.h>
#include <string.h>

#include "report/names.h"
#include "report/layout.h"

static double rate(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Columns of that use by name, as one item: `"a", "b" and 3 more (constant)`. */
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
	const char *why = use == FLT_DATES ? "dates; --time splits in their order" : flt_name_of_column_use(use);
	if (n > MOST)
		flt_layout_item(layout, "; ", "%s and %zu more (%s)", names, n - MOST, why);
	else if (n > 0)
		flt_layout_item(layout, "; ", "%s (%s)", names, why);
}

static void say_unused(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_prep *prep = experiment->detector->prep;
	static const enum flt_column_use fates[] = {FLT_CONSTANT, FLT_ALL_MISSING, FLT_ID_LIKE, FLT_DATES};
	bool any = false;
	for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
		if (flt_prep_n_used(prep, fates[i]) == 0)
			continue;
		if (!any) {
			flt_layout_line(layout, 0);
			flt_layout_item(layout, "", "not used: ");
			layout->indent = layout->column; /* what follows is the first of a list, and wraps below it */
		}
		list_unused(layout, experiment, fates[i]);
		any = true;
	}
}

static void say_target(struct flt_layout *layout, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table);
	const char *how = notes.target_given     ? ""
	                  : notes.target_by_name ? " (found by its name)"
	                                         : " (the last column)";
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "target %s%s", flt_quoted(flt_table_target(table)).text, how);
	flt_layout_item(layout, ", ", "positive %s%s: %zu row%s (%s)", flt_quoted(flt_table_positive(table)).text,
	                notes.positive_given ? "" : " (the rarer class)", n_positive, plural(n_positive),
	                flt_share(rate(n_positive, n_rows)).text);
}

static const char *delimiter_name(char delimiter)
{
	return delimiter == ';' ? "semicolons" : delimiter == '\t' ? "tabs" : delimiter == '|' ? "bars" : "commas";
}

static void say_reading(struct flt_layout *layout, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_missing = 0;
	for (size_t i = 0; i < flt_table_n_columns(table); i++) {
		struct flt_column column = flt_table_column(table, i);
		n_missing += column.role == FLT_FEATURE ? column.n_missing : 0;
	}
	if (n_missing)
		flt_layout_item(layout, "; ", "%zu missing value%s", n_missing, plural(n_missing));
	if (notes.delimiter != ',')
		flt_layout_item(layout, "; ", "separated by %s", delimiter_name(notes.delimiter));
	if (!notes.header)
		flt_layout_item(layout, "; ", "no header");
	if (notes.n_bad_rows)
		flt_layout_item(layout, "; ", "%zu record%s with a wrong number of fields skipped", notes.n_bad_rows,
		                plural(notes.n_bad_rows));
	if (notes.n_without_target)
		flt_layout_item(layout, "; ", "%zu row%s without a target dropped", notes.n_without_target,
		                plural(notes.n_without_target));
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
		                n_numeric ? "numeric" : "categorical", plural(n_numeric + n_categorical));
	say_reading(layout, table);
	say_target(layout, table);
	say_unused(layout, experiment);
	size_t n_identical = experiment->split.n_identical;
	if (n_identical) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%zu identical rows%s", n_identical,
		                experiment->split.method == FLT_SPLIT_TIME ? "" : " kept together");
	}
}

static void say_part(struct flt_layout *layout, const struct flt_experiment *experiment, enum flt_row_role part)
{
	const struct flt_split *split = &experiment->split;
	if (split->n_rows[part])
		flt_layout_item(layout, "   ", "%s %zu (%zu%s)", flt_name_of_row_role(part), split->n_rows[part],
		                split->n_positive[part], part == FLT_FIT ? " positive" : "");
}

static void say_split(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_split *split = &experiment->split;
	flt_layout_heading(layout, "split");
	for (enum flt_row_role part = FLT_FIT; part < FLT_N_ROW_ROLES; part++)
		say_part(layout, experiment, part);
	const struct flt_table *test = experiment->test_table;
	if (test)
		flt_layout_item(layout, "   ", "test %zu (%zu) from %s", flt_table_n_rows(test),
		                flt_table_n_positive(test), flt_quoted(flt_table_path(test)).text);
	if (split->method == FLT_SPLIT_STRATIFIED) {
		flt_layout_item(layout, "   ", "stratified, seed %llu", (unsigned long long)experiment->seed);
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
		flt_layout_item(layout, "", "a group of %zu rows is larger than its part and went to fit",
		                split->oversized);
	}
}

static void say_loss(struct flt_layout *layout, const struct flt_loss *loss)
{
	if (loss->gamma > 0)
		flt_layout_item(layout, "; ", "focal, gamma %g", loss->gamma);
	else
		flt_layout_item(layout, "; ", "bce");
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
	flt_layout_item(layout, ", ", "%zu weight%s", n_params, plural(n_params));
	say_loss(layout, &used->loss);
	double prevalence = rate(experiment->split.n_positive[FLT_FIT], experiment->split.n_rows[FLT_FIT]);
	if (used->zero_output_bias)
		flt_layout_item(layout, "; ", "output bias 0");
	else
		flt_layout_item(layout, "; ", "output bias %.2f (the loss's own optimum for %s)",
		                (double)experiment->fit.train[0].output_bias, flt_share(prevalence).text);
}

static void say_settings(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	for (size_t i = 0; i < experiment->fit.n_kinds; i++) {
		const struct flt_train_options *used = &experiment->fit.used[i];
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s, learning rate %g, %s", flt_name_of_optimizer(used->optimizer),
		                used->lr, flt_name_of_schedule(used->schedule));
		flt_layout_item(layout, "; ", "weight decay %g", used->weight_decay);
		flt_layout_item(layout, "; ", "dropout %g", used->dropout);
		flt_layout_item(layout, "; ", "batch %zu", used->batch);
	}
	flt_layout_item(layout, "; ", "%s scale", flt_name_of_scale(flt_prep_scale(experiment->detector->prep)));
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
			flt_layout_item(layout, ", ",
			                "each network without a fold of its own, whose %s keeps its best epoch",
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

/* How the threshold came about, to follow "at probability >= 0.21". */
static void say_rule(struct flt_layout *layout, const struct flt_experiment *experiment)
{
	const struct flt_rule *rule = &experiment->detector->rule;
	const char *rows = experiment->chosen_here                       ? "on these rows"
	                   : experiment->is_given                        ? "in training"
	                   : experiment->fit.chosen_on == FLT_VALIDATION ? "on validation rows"
	                   : experiment->fit.out_of_fold                 ? "on left-out rows"
	                                                                 : "on the fit rows";
	switch (rule->kind) {
	case FLT_RULE_FBETA:
		if (rule->value == 1)
			flt_layout_item(layout, ", ", "chosen %s for the best F1", rows);
		else
			flt_layout_item(layout, ", ", "chosen %s for the best F-beta, beta %g", rows, rule->value);
		return;
	case FLT_RULE_RECALL:
		flt_layout_item(layout, ", ", "chosen %s for recall >= %g", rows, rule->value);
		break;
	case FLT_RULE_PRECISION:
		flt_layout_item(layout, ", ", "chosen %s for precision >= %g", rows, rule->value);
		break;
	case FLT_RULE_TOP:
		flt_layout_item(layout, ", ", "chosen %s to call %g of them positive", rows, rule->value);
		break;
	case FLT_RULE_RATE:
		flt_layout_item(layout, ", ", "chosen %s to call %s of them positive", rows,
		                flt_share(rule->value).text);
		break;
	case FLT_RULE_COST:
		flt_layout_item(layout, ", ", "where a false alarm costs %g and a miss %g", rule->value, rule->value2);
		return;
	case FLT_RULE_FIXED:
		flt_layout_item(layout, ", ", "as given");
		return;
	}
	if (!experiment->detector->choice.met)
		flt_layout_item(layout, ", ", "which no threshold reaches: the nearest gives %s",
		                flt_fraction(experiment->detector->choice.attained, 3).text);
}

/* Whether the threshold was chosen on rows that the network was trained on, where it is surer than on new ones. */
static bool is_chosen_on_fit(const struct flt_experiment *experiment)
{
	enum flt_rule_kind kind = experiment->detector->rule.kind;
	return experiment->fit.chosen_on == FLT_FIT && !experiment->fit.out_of_fold && kind != FLT_RULE_FIXED &&
	       kind != FLT_RULE_COST;
}

static void say_point(struct flt_layout *layout, const struct flt_experiment *experiment, const char *star)
{
	const struct flt_point *point = &experiment->figures.chosen;
	const struct flt_confusion *confusion = &point->confusion;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "at probability >= %s%s", flt_fraction(point->probability, 3).text,
	                is_chosen_on_fit(experiment) ? "*" : "");
	say_rule(layout, experiment);
	flt_layout_item(layout, "", ":");
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "precision %s", flt_shown_interval(&point->precision, star).text);
	flt_layout_item(layout, "   ", "recall %s", flt_shown_interval(&point->recall, star).text);
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "F1 %s", flt_shown_interval(&point->f1, star).text);
	flt_layout_item(layout, "   ", "MCC %s", flt_shown_interval(&point->mcc, star).text);
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "TP %zu%s   FP %zu%s   FN %zu%s   TN %zu%s", confusion->tp, star, confusion->fp,
	                star, confusion->fn, star, confusion->tn, star);
	flt_layout_item(layout, "   ", "%.0f%s [%.0f, %.0f] alarms per 10,000 rows", point->alarms_per_10000.value,
	                star, point->alarms_per_10000.lo, point->alarms_per_10000.hi);
}

static void say_ranking(struct flt_layout *layout, const struct flt_experiment *experiment,
                        const struct flt_report_about *about, const char *star)
{
	const struct flt_figures *figures = &experiment->figures;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "PR-AUC (average precision) %s", flt_shown_interval(&figures->ap, star).text);
	flt_layout_item(layout, "   ", "(in brackets: 95 %% intervals)");
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "chance %s (95 %% of random rankings stay below %s)",
	                flt_fraction(figures->chance, 3).text, flt_fraction(figures->chance95, 3).text);
	flt_layout_item(layout, ", ", "prevalence %s",
	                flt_fraction(rate(figures->n_positive, figures->n_rows), 3).text);
	if (about->attainable_ap > 0)
		flt_layout_item(layout, ", ", "at best attainable %s", flt_fraction(about->attainable_ap, 3).text);
	if (experiment->n_seen == 0)
		return;
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "%zu of the test rows occur among the others too", experiment->n_seen);
	if (isfinite(experiment->ap_unseen))
		flt_layout_item(layout, ": ", "without them %s", flt_fraction(experiment->ap_unseen, 3).text);
}

static void say_probabilities(struct flt_layout *layout, const struct flt_experiment *experiment, const char *star)
{
	const struct flt_figures *figures = &experiment->figures;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "ROC-AUC %s", flt_shown_interval(&figures->roc_auc, star).text);
	flt_layout_item(layout, "   ", "log-loss %s%s", flt_significant(figures->log_loss, 3).text, star);
	flt_layout_item(layout, "   ", "Brier %s%s", flt_significant(figures->brier, 3).text, star);
	flt_layout_item(layout, "   ", "ECE %s%s", flt_significant(figures->ece, 2).text, star);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "mean probability %s%s", flt_significant(figures->mean_probability, 3).text, star);
	flt_layout_item(layout, ", ", "in truth %s",
	                flt_significant(rate(figures->n_positive, figures->n_rows), 3).text);
	const char *map = flt_name_of_map(&experiment->detector->map);
	const char *how = strcmp(map, "map") == 0     ? "the loss undone"
	                  : strcmp(map, "platt") == 0 ? "Platt-scaled on held-out rows"
	                                              : "isotonic on held-out rows";
	if (strcmp(map, "none") != 0 && isfinite(experiment->raw_mean_probability))
		flt_layout_item(layout, " ", "(%s; the raw sigmoid says %s)", how,
		                flt_significant(experiment->raw_mean_probability, 3).text);
	else if (strcmp(map, "none") != 0)
		flt_layout_item(layout, " ", "(%s)", how);
}

static void say_more(struct flt_layout *layout, const struct flt_figures *figures, const char *star)
{
	static const double precisions[FLT_N_AT_PRECISION] = {0.5, 0.7, 0.9, 0.95};
	flt_layout_line(layout, 0);
	for (size_t i = 0; i < FLT_N_AT_K; i++)
		if (figures->at_k[i].k)
			flt_layout_item(layout, "   ", "precision of the top %zu %s%s", figures->at_k[i].k,
			                flt_fraction(figures->at_k[i].precision, 3).text, star);
	flt_layout_line(layout, 0);
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		flt_layout_item(layout, "   ", "recall at precision %g %s%s", precisions[i],
		                flt_fraction(figures->at_precision[i].recall, 3).text, star);
}

static void say_majority(struct flt_layout *layout, const struct flt_experiment *experiment, const char *star)
{
	const struct flt_figures *figures = &experiment->figures;
	bool rare = 2 * figures->n_positive <= figures->n_rows;
	const char *common = rare ? experiment->detector->negative : experiment->detector->positive;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "always saying %s: accuracy %s, recall %d", flt_quoted(common).text,
	                flt_fraction(figures->majority_accuracy, 3).text, rare ? 0 : 1);
	flt_layout_item(layout, "; ", "this model: accuracy %s%s, recall %s%s",
	                flt_fraction(figures->chosen.accuracy, 3).text, star,
	                flt_fraction(figures->chosen.recall.value, 3).text, star);
}

static void say_star(struct flt_layout *layout, const struct flt_experiment *experiment, const char *star)
{
	flt_layout_line(layout, 0);
	if (experiment->is_training_data)
		flt_layout_item(layout, "",
		                "* measured on the file that the model was trained on: expect less on new rows");
	else if (experiment->chosen_here)
		flt_layout_item(layout, "",
		                "* the threshold was chosen on these very rows: expect a little less on new ones");
	else if (*star && (experiment->evaluated_on == FLT_VALIDATION || experiment->fit.out_of_fold))
		flt_layout_item(layout, "",
		                "* measured on the rows that chose epoch and threshold: expect less on new rows");
	else if (*star)
		flt_layout_item(layout, "",
		                "* measured on the rows that were trained on: this says nothing about new rows");
	else
		flt_layout_item(layout, "",
		                "* chosen on rows that were trained on, where the model is surer than on new ones");
}

enum { FEWEST_POSITIVES = 10 }; /* of the rows that judge, for a figure to mean anything */

static void say_judgement(struct flt_layout *layout, const struct flt_experiment *experiment,
                          const struct flt_report_about *about)
{
	const struct flt_figures *figures = &experiment->figures;
	const char *star = experiment->evaluated_on == FLT_TEST && !experiment->is_training_data ? "" : "*";
	const char *point_star = experiment->chosen_here ? "*" : star;
	bool left_out = experiment->evaluated_on == FLT_FIT && experiment->fit.out_of_fold;
	flt_layout_heading(layout, experiment->is_given ? "evaluate"
	                           : left_out           ? "left out"
	                                                : flt_name_of_row_role(experiment->evaluated_on));
	flt_layout_item(layout, "", "%zu of %zu rows are positive%s", figures->n_positive, figures->n_rows,
	                figures->n_positive >= FLT_FEW_POSITIVES ? ""
	                : experiment->is_given                   ? ": few, so mind the intervals"
	                                                         : ": few, see `fltrain cv` for tighter figures");
	if (figures->n_positive < FEWEST_POSITIVES) {
		flt_layout_line(layout, 0);
		flt_layout_item(
		        layout, "",
		        "below %d positives only the counts (TP, FP, FN, TN) can be trusted: every other figure",
		        FEWEST_POSITIVES);
		flt_layout_item(layout, " ", "here is mostly luck");
	}
	say_ranking(layout, experiment, about, star);
	say_point(layout, experiment, point_star);
	say_probabilities(layout, experiment, star);
	if (about->verbose)
		say_more(layout, figures, star);
	say_majority(layout, experiment, point_star);
	if (*point_star || (!experiment->is_given && is_chosen_on_fit(experiment)))
		say_star(layout, experiment, star);
}

void flt_report_train_text(FILE *out, const struct flt_experiment *experiment, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .bold = about->bold};
	say_data(&layout, experiment);
	say_split(&layout, experiment);
	say_model(&layout, experiment);
	say_training(&layout, experiment, about->verbose);
	say_judgement(&layout, experiment, about);
	flt_layout_end(&layout);
}

void flt_report_evaluate_text(FILE *out, const struct flt_experiment *experiment,
                              const struct flt_report_evaluation *evaluation)
{
	const struct flt_detector *detector = experiment->detector;
	const struct flt_figures *figures = &experiment->figures;
	struct flt_layout layout = {.out = out, .bold = evaluation->about.bold};
	flt_layout_heading(&layout, "model");
	flt_layout_item(&layout, "", "%s", evaluation->evaluated_model);
	flt_layout_heading(&layout, "data");
	flt_layout_item(&layout, "", "%s: %zu rows", evaluation->data_file, figures->n_rows);
	flt_layout_item(&layout, "; ", "target %s", flt_quoted(detector->target).text);
	flt_layout_item(&layout, ", ", "positive %s: %zu row%s (%s)", flt_quoted(detector->positive).text,
	                figures->n_positive, plural(figures->n_positive),
	                flt_share(rate(figures->n_positive, figures->n_rows)).text);
	say_judgement(&layout, experiment, &evaluation->about);
	flt_layout_end(&layout);
}

void flt_report_wrote(FILE *out, bool bold, const struct flt_outputs *outputs)
{
	struct flt_layout layout = {.out = out, .bold = bold};
	bool any = false;
	for (size_t i = 0; i < outputs->n; i++) {
		if (strcmp(outputs->all[i].path, "-") == 0)
			continue;
		if (!any)
			flt_layout_heading(&layout, "wrote");
		flt_layout_item(&layout, ", ", "%s", outputs->all[i].path);
		any = true;
	}
	flt_layout_end(&layout);
}
