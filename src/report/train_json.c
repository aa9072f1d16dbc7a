/* The report of `train` for programs. Keys are a contract: they are added to, never renamed within a schema. */
#include <math.h>

#include "fltrain/version.h"
#include "report/data_json.h"
#include "report/explanation_json.h"
#include "report/figures_json.h"
#include "report/layout.h"
#include "report/names.h"

/* The rows of a role; its groups and span of time if the split is by these. */
static void put_role(struct flt_json *json, const struct flt_table *table, const struct flt_split *split,
                     enum flt_row_role role)
{
	flt_json_open_key(json, flt_row_role_words[role], '{');
	flt_json_put_count(json, "rows", split->n_rows[role]);
	flt_json_put_count(json, "positives", split->n_positive[role]);
	if (split->method == FLT_SPLIT_GROUP)
		flt_put_groups(json, &split->groups[role]);
	if (split->method == FLT_SPLIT_TIME && split->n_rows[role] > 0) {
		flt_json_put_text(json, "first_time", flt_shown_time(table, split->time[role].first).text);
		flt_json_put_text(json, "last_time", flt_shown_time(table, split->time[role].last).text);
	}
	flt_json_close(json, '}');
}

static void put_test_table(struct flt_json *json, const struct flt_table *test)
{
	flt_json_open_key(json, flt_row_role_words[FLT_TEST], '{');
	flt_json_put_count(json, "rows", flt_table_n_rows(test));
	flt_json_put_count(json, "positives", flt_table_n_positive(test));
	flt_json_open_key(json, "new_labels", '[');
	for (size_t i = 0; i < flt_table_n_classes(test); i++) {
		struct flt_class class = flt_table_class(test, i);
		if (!class.is_new)
			continue;
		flt_json_open(json, '{');
		flt_json_put_text(json, "label", class.text);
		flt_json_put_count(json, "rows", class.n_rows);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void put_split(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_split *split = &experiment->split;
	const struct flt_table *test = experiment->test_table;
	flt_json_open_key(json, "split", '{');
	flt_json_put_text(json, "method", flt_split_method_words[split->method]);
	flt_json_put_count(json, "seed", experiment->seed);
	put_role(json, experiment->table, split, FLT_FIT);
	put_role(json, experiment->table, split, FLT_VALIDATION);
	if (test)
		put_test_table(json, test);
	else
		put_role(json, experiment->table, split, FLT_TEST);
	flt_json_put_text(json, "test_file", test ? flt_table_path(test) : NULL);
	flt_json_put_count(json, "oversized_group", split->oversized);
	flt_json_put_count(json, "distinct_test", experiment->n_distinct_test);
	flt_json_close(json, '}');
}

static void put_layers(struct flt_json *json, const struct flt_mlp *net)
{
	struct flt_mlp_spec spec = flt_mlp_spec(net);
	flt_json_open_key(json, "layers", '[');
	flt_json_count(json, spec.n_in);
	for (size_t i = 0; i < spec.n_hidden; i++)
		flt_json_count(json, spec.hidden[i]);
	flt_json_count(json, 1);
	flt_json_close(json, ']');
	flt_json_put_text(json, "activation", flt_activation_words[spec.activation]);
	flt_json_put_text(json, "embedding", flt_embedding_words[spec.embedding]);
}

/* Of a member that has a kind: how much it counts, and how its numbers are scaled. */
static void put_membership(struct flt_json *json, const struct flt_detector *detector, size_t member)
{
	if (!detector->members[member].kind)
		return;
	flt_json_put_text(json, "kind", detector->members[member].kind);
	flt_json_put_number(json, "share", flt_detector_share(detector, member));
	flt_json_put_text(json, "scale", flt_scale_words[flt_prep_scale(flt_detector_prep_of(detector, member))]);
}

/* The shape of the first network also stands at the top level: keys are never renamed, and detectors once had a single
 * network. */
static void put_model(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_detector *detector = experiment->detector;
	const struct flt_train_options *used = &experiment->fit.roster.kinds[0].train;
	flt_json_open_key(json, "model", '{');
	put_layers(json, detector->members[0].net);
	flt_json_open_key(json, "networks", '[');
	for (size_t i = 0; i < detector->n_members; i++) {
		flt_json_open(json, '{');
		put_layers(json, detector->members[i].net);
		flt_json_put_count(json, "weights", flt_mlp_n_params(detector->members[i].net));
		put_membership(json, detector, i);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_put_count(json, "members", detector->n_members);
	flt_json_put_count(json, "weights", flt_detector_n_params(detector));
	flt_json_put_number(json, "dropout", used->dropout);
	flt_json_put_number(json, "output_bias", (double)experiment->fit.train[0].output_bias);
	flt_json_put_text(json, "scale", flt_scale_words[flt_prep_scale(detector->prep)]);
	flt_json_open_key(json, "loss", '{');
	flt_json_put_text(json, "name", flt_name_of_loss(&used->loss));
	flt_json_put_number(json, "gamma", used->loss.gamma);
	flt_json_put_number(json, "weight_positive", used->loss.weight_positive);
	flt_json_put_number(json, "weight_negative", used->loss.weight_negative);
	flt_json_close(json, '}');
	flt_json_open_key(json, "map", '{');
	flt_json_put_text(json, "name", flt_name_of_map(&detector->map));
	flt_json_put_number(json, "slope", detector->map.slope);
	flt_json_put_number(json, "intercept", detector->map.intercept);
	flt_json_close(json, '}');
	flt_json_close(json, '}');
}

/* Of a network. If kinds failed there may be fewer networks than were planned. */
static void put_kind(struct flt_json *json, const struct flt_fit_result *fit, size_t network)
{
	size_t kind = fit->kind_of[network];
	flt_json_put_text(json, "kind",
	                  kind < fit->roster.n_kinds ? flt_recipe_words[fit->roster.kinds[kind].recipe] : NULL);
}

static void put_kinds(struct flt_json *json, const struct flt_fit_result *fit)
{
	flt_json_open_key(json, "kinds", '[');
	for (size_t i = 0; i < fit->roster.n_kinds; i++) {
		const struct flt_kind_result *kind = &fit->kinds[i];
		flt_json_open(json, '{');
		flt_json_put_text(json, "kind", flt_recipe_words[fit->roster.kinds[i].recipe]);
		flt_json_put_count(json, "networks", kind->n_networks);
		flt_json_put_number(json, "weight", kind->weight);
		flt_json_put_bool(json, "stopped", flt_fit_was_stopped(fit, i));
		flt_json_put_bool(json, "last_epoch", kind->keeps_last);
		flt_json_put_bool(json, "optimum", fit->roster.kinds[i].train.optimizer == FLT_NEWTON);
		flt_json_put_number(json, "average_precision", kind->ap);
		flt_json_put_number(json, "log_loss", kind->log_loss);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

/* The losses of a network over its epochs; none if it was solved, or nobody watched. */
static void put_learning(struct flt_json *json, const struct flt_learning *learning, size_t network)
{
	const struct flt_network_learning *seen =
	        learning && network < learning->n_networks ? &learning->network[network] : NULL;
	flt_json_open_key(json, "learning", '[');
	for (size_t i = 0; seen && i < seen->n; i++) {
		flt_json_open(json, '{');
		flt_json_put_count(json, "epoch", seen->point[i].epoch);
		flt_json_put_number(json, "loss", seen->point[i].loss);
		flt_json_put_number(json, "validation_loss", seen->point[i].validation_loss);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_networks(struct flt_json *json, const struct flt_fit_result *fit, bool is_solved,
                         const struct flt_learning *learning)
{
	flt_json_open_key(json, "networks", '[');
	for (size_t i = 0; i < fit->roster.n_members; i++) {
		flt_json_open(json, '{');
		put_kind(json, fit, i);
		flt_json_put_count(json, "epochs", fit->train[i].epochs);
		flt_json_put_count(json, "best_epoch", fit->train[i].best_epoch);
		if (is_solved)
			flt_json_put_number(json, "weight_decay", fit->train[i].best.l2);
		put_learning(json, learning, i);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_training(struct flt_json *json, const struct flt_experiment *experiment,
                         const struct flt_learning *learning)
{
	const struct flt_train_options *used = &experiment->fit.roster.kinds[0].train;
	const struct flt_train_result *result = &experiment->fit.train[0];
	bool validated = experiment->fit.chosen_on == FLT_VALIDATION || experiment->fit.out_of_fold;
	flt_json_open_key(json, "training", '{');
	flt_json_put_text(json, "optimizer", flt_optimizer_words[used->optimizer]);
	bool is_solved = used->optimizer == FLT_NEWTON;
	flt_json_put_text(json, "schedule", is_solved ? NULL : flt_schedule_words[used->schedule]);
	flt_json_put_number(json, "lr", is_solved ? NAN : used->lr);
	flt_json_put_number(json, "weight_decay", is_solved ? result->best.l2 : used->weight_decay);
	flt_json_put_count(json, "batch", used->batch);
	double negatives = flt_fit_plan_negatives(&experiment->plan);
	flt_json_put_number(json, "negatives", negatives > 0 ? negatives : NAN);
	flt_json_put_count(json, "max_epochs", used->epochs);
	flt_json_put_count(json, "epochs", result->epochs);
	flt_json_put_count(json, "best_epoch", result->best_epoch);
	flt_json_put_text(json, "monitor", validated ? flt_monitor_words[used->monitor] : NULL);
	flt_json_put_number(json, "loss", result->best.loss);
	flt_json_put_number(json, "validation_loss", validated ? result->best.validation_loss : NAN);
	flt_json_put_number(json, "validation_ap", validated ? result->best.validation_ap : NAN);
	flt_json_put_bool(json, "diverged", experiment->diverged);
	flt_json_put_bool(json, "out_of_fold", experiment->fit.out_of_fold);
	put_kinds(json, &experiment->fit);
	put_networks(json, &experiment->fit, is_solved, learning);
	flt_json_close(json, '}');
}

static void put_rest(struct flt_json *json, const struct flt_experiment *experiment,
                     const struct flt_report_about *about)
{
	flt_put_majority(json, &experiment->evaluation);
	flt_json_put_number(json, "attainable_ap", about->attainable_ap > 0 ? about->attainable_ap : NAN);
	flt_json_open_key(json, "seconds", '{');
	flt_json_put_number(json, "read", about->seconds_read);
	flt_json_put_number(json, "prepare", experiment->fit.seconds_prepare);
	flt_json_put_number(json, "train", experiment->fit.seconds_train);
	flt_json_put_number(json, "evaluate", experiment->evaluation.seconds);
	flt_json_put_number(json, "total", about->seconds_total);
	flt_json_close(json, '}');
}

static void put_reproduce(struct flt_json *json, const struct flt_experiment *experiment,
                          const struct flt_report_about *about)
{
	const struct flt_table *test = experiment->test_table;
	const struct flt_report_origin origin = {.command = about->command,
	                                         .seed = experiment->seed,
	                                         .data_sha256 = flt_table_sha256(experiment->table),
	                                         .test_sha256 = test ? flt_table_sha256(test) : NULL,
	                                         .model_sha256 = about->model_sha256};
	flt_put_reproduce(json, &origin);
}

enum flt_status flt_report_train_json(const struct flt_experiment *experiment, const struct flt_report_about *about,
                                      char **text, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.train/1");
	flt_json_put_text(&json, "version", flt_version());
	struct flt_data_view data = flt_view_of_experiment(experiment);
	flt_json_open_key(&json, "data", '{');
	flt_put_data(&json, &data);
	flt_json_close(&json, '}');
	put_split(&json, experiment);
	put_model(&json, experiment);
	put_training(&json, experiment, about->learning);
	flt_put_figures(&json, &experiment->evaluation);
	flt_put_explanation(&json, about->explanation);
	put_rest(&json, experiment, about);
	flt_put_model_file(&json, about);
	put_reproduce(&json, experiment, about);
	flt_json_close(&json, '}');
	return flt_json_take_line(&json, text);
}
