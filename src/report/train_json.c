/* The report of `train` for programs. Keys are a contract: they are added to, never renamed within a schema. */
#include "report/report.h"

#include <math.h>

#include "base/alloc.h"
#include "base/json.h"
#include "fltrain/version.h"
#include "report/names.h"

static void put_interval(struct flt_json *json, const char *key, const struct flt_interval *interval)
{
	flt_json_open_key(json, key, '{');
	flt_json_put_number(json, "value", interval->value);
	flt_json_put_number(json, "lo", interval->lo);
	flt_json_put_number(json, "hi", interval->hi);
	flt_json_close(json, '}');
}

static const char *role_name(enum flt_column_role role)
{
	static const char *const names[] = {"feature", "target", "id", "time", "group", "dropped"};
	return names[role];
}

static const char *column_use(const struct flt_experiment *experiment, size_t i)
{
	struct flt_column column = flt_table_column(experiment->table, i);
	enum flt_column_use use = flt_prep_use(experiment->detector->prep, i);
	if (column.role != FLT_FEATURE)
		return role_name(column.role);
	return use == FLT_USED_NUMERIC       ? "numeric"
	       : use == FLT_USED_CATEGORICAL ? "categorical"
	                                     : flt_name_of_column_use(use);
}

static void put_columns(struct flt_json *json, const struct flt_experiment *experiment)
{
	flt_json_open_key(json, "column_uses", '[');
	for (size_t i = 0; i < flt_table_n_columns(experiment->table); i++) {
		struct flt_column column = flt_table_column(experiment->table, i);
		flt_json_open(json, '{');
		flt_json_put_text(json, "name", column.name);
		flt_json_put_text(json, "use", column_use(experiment, i));
		flt_json_put_count(json, "missing", column.n_missing);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_data(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_table *table = experiment->table;
	const struct flt_prep *prep = experiment->detector->prep;
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table), n_missing = 0;
	for (size_t i = 0; i < flt_table_n_columns(table); i++) {
		struct flt_column column = flt_table_column(table, i);
		n_missing += column.role == FLT_FEATURE ? column.n_missing : 0;
	}
	flt_json_open_key(json, "data", '{');
	flt_json_put_text(json, "file", flt_table_path(table));
	flt_json_put_count(json, "rows", n_rows);
	flt_json_put_count(json, "columns", flt_table_n_columns(table));
	flt_json_put_count(json, "numeric", flt_prep_n_used(prep, FLT_USED_NUMERIC));
	flt_json_put_count(json, "categorical", flt_prep_n_used(prep, FLT_USED_CATEGORICAL));
	flt_json_put_text(json, "target", flt_table_target(table));
	flt_json_put_text(json, "positive", flt_table_positive(table));
	flt_json_put_text(json, "negative", flt_table_negative(table));
	flt_json_put_count(json, "positives", n_positive);
	flt_json_put_number(json, "prevalence", (double)n_positive / (double)n_rows);
	flt_json_put_count(json, "missing", n_missing);
	flt_json_put_count(json, "identical", experiment->split.n_identical);
	flt_json_put_count(json, "bad_rows", notes.n_bad_rows);
	flt_json_put_count(json, "without_target", notes.n_without_target);
	put_columns(json, experiment);
	flt_json_close(json, '}');
}

static void put_part(struct flt_json *json, const char *key, size_t n_rows, size_t n_positive)
{
	flt_json_open_key(json, key, '{');
	flt_json_put_count(json, "rows", n_rows);
	flt_json_put_count(json, "positives", n_positive);
	flt_json_close(json, '}');
}

static void put_split(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_split *split = &experiment->split;
	const struct flt_table *test = experiment->test_table;
	flt_json_open_key(json, "split", '{');
	flt_json_put_text(json, "method", flt_name_of_split(split->method));
	flt_json_put_count(json, "seed", experiment->seed);
	put_part(json, "fit", split->n_rows[FLT_FIT], split->n_positive[FLT_FIT]);
	put_part(json, "validation", split->n_rows[FLT_VALIDATION], split->n_positive[FLT_VALIDATION]);
	put_part(json, "test", test ? flt_table_n_rows(test) : split->n_rows[FLT_TEST],
	         test ? flt_table_n_positive(test) : split->n_positive[FLT_TEST]);
	flt_json_put_text(json, "test_file", test ? flt_table_path(test) : NULL);
	flt_json_put_count(json, "oversized_group", split->oversized);
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
	flt_json_put_text(json, "activation", flt_name_of_activation(spec.activation));
	flt_json_put_text(json, "embedding", flt_name_of_embedding(spec.embedding));
}

/* The first network's shape stands on its own too, for those who know that there is one. */
static void put_model(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_detector *detector = experiment->detector;
	const struct flt_train_options *used = &experiment->fit.used[0];
	flt_json_open_key(json, "model", '{');
	put_layers(json, detector->nets[0]);
	flt_json_open_key(json, "networks", '[');
	for (size_t i = 0; i < detector->n_nets; i++) {
		flt_json_open(json, '{');
		put_layers(json, detector->nets[i]);
		flt_json_put_count(json, "weights", flt_mlp_n_params(detector->nets[i]));
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_put_count(json, "members", detector->n_nets);
	flt_json_put_count(json, "weights", flt_detector_n_params(detector));
	flt_json_put_number(json, "dropout", used->dropout);
	flt_json_put_number(json, "output_bias", (double)experiment->fit.train[0].output_bias);
	flt_json_put_text(json, "scale", flt_name_of_scale(flt_prep_scale(detector->prep)));
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

static void put_training(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_train_options *used = &experiment->fit.used[0];
	const struct flt_train_result *result = &experiment->fit.train[0];
	bool validated = experiment->fit.chosen_on == FLT_VALIDATION || experiment->fit.out_of_fold;
	flt_json_open_key(json, "training", '{');
	flt_json_put_text(json, "optimizer", flt_name_of_optimizer(used->optimizer));
	flt_json_put_text(json, "schedule", flt_name_of_schedule(used->schedule));
	flt_json_put_number(json, "lr", used->lr);
	flt_json_put_number(json, "weight_decay", used->weight_decay);
	flt_json_put_count(json, "batch", used->batch);
	flt_json_put_count(json, "max_epochs", used->epochs);
	flt_json_put_count(json, "epochs", result->epochs);
	flt_json_put_count(json, "best_epoch", result->best_epoch);
	flt_json_put_text(json, "monitor", validated ? flt_name_of_monitor(used->monitor) : NULL);
	flt_json_put_number(json, "loss", result->best.loss);
	flt_json_put_number(json, "validation_loss", validated ? result->best.validation_loss : NAN);
	flt_json_put_number(json, "validation_ap", validated ? result->best.validation_ap : NAN);
	flt_json_put_bool(json, "diverged", experiment->diverged);
	flt_json_put_bool(json, "out_of_fold", experiment->fit.out_of_fold);
	flt_json_open_key(json, "networks", '[');
	for (size_t i = 0; i < experiment->fit.n_members; i++) {
		flt_json_open(json, '{');
		flt_json_put_count(json, "epochs", experiment->fit.train[i].epochs);
		flt_json_put_count(json, "best_epoch", experiment->fit.train[i].best_epoch);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void put_confusion(struct flt_json *json, const struct flt_confusion *confusion)
{
	flt_json_open_key(json, "confusion", '{');
	flt_json_put_count(json, "tp", confusion->tp);
	flt_json_put_count(json, "fp", confusion->fp);
	flt_json_put_count(json, "fn", confusion->fn);
	flt_json_put_count(json, "tn", confusion->tn);
	flt_json_close(json, '}');
}

static void put_point(struct flt_json *json, const struct flt_point *point)
{
	put_confusion(json, &point->confusion);
	put_interval(json, "precision", &point->precision);
	put_interval(json, "recall", &point->recall);
	put_interval(json, "f1", &point->f1);
	put_interval(json, "mcc", &point->mcc);
	put_interval(json, "alarms_per_10000", &point->alarms_per_10000);
	flt_json_put_number(json, "accuracy", point->accuracy);
}

/* The rows that chose, which also judge where there are no test rows. */
static const char *choosers(const struct flt_experiment *experiment)
{
	return experiment->fit.out_of_fold ? "left_out" : flt_name_of_row_role(experiment->fit.chosen_on);
}

static void put_threshold(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_detector *detector = experiment->detector;
	char rule[64];
	flt_rule_format(&detector->rule, rule, sizeof rule);
	flt_json_open_key(json, "threshold", '{');
	flt_json_put_text(json, "rule", rule);
	flt_json_put_text(json, "chosen_on",
	                  experiment->chosen_here ? "test"
	                  : experiment->is_given  ? "training"
	                                          : choosers(experiment));
	flt_json_put_number(json, "probability", detector->choice.threshold);
	flt_json_put_number(json, "score", experiment->threshold_score);
	flt_json_put_bool(json, "met", detector->choice.met);
	flt_json_put_number(json, "attained", detector->choice.attained);
	flt_json_close(json, '}');
}

static void put_ranking(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_figures *figures = &experiment->figures;
	flt_json_open_key(json, "ap", '{');
	flt_json_put_number(json, "value", figures->ap.value);
	flt_json_put_number(json, "lo", figures->ap.lo);
	flt_json_put_number(json, "hi", figures->ap.hi);
	flt_json_put_number(json, "chance", figures->chance);
	flt_json_put_number(json, "chance95", figures->chance95);
	flt_json_put_number(json, "unseen", experiment->ap_unseen);
	flt_json_close(json, '}');
	put_interval(json, "roc_auc", &figures->roc_auc);
	flt_json_open_key(json, "pr_auc", '{');
	flt_json_put_number(json, "davis_goadrich", figures->davis_goadrich);
	flt_json_put_number(json, "trapezoid", figures->trapezoid);
	flt_json_close(json, '}');
	flt_json_open_key(json, "precision_at_k", '[');
	for (size_t i = 0; i < FLT_N_AT_K; i++) {
		if (figures->at_k[i].k == 0)
			continue;
		flt_json_open(json, '{');
		flt_json_put_count(json, "k", figures->at_k[i].k);
		flt_json_put_number(json, "precision", figures->at_k[i].precision);
		flt_json_put_number(json, "recall", figures->at_k[i].recall);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_open_key(json, "recall_at_precision", '[');
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++) {
		flt_json_open(json, '{');
		flt_json_put_number(json, "precision", figures->at_precision[i].precision);
		flt_json_put_number(json, "recall", figures->at_precision[i].recall);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

/* "test", or "validation", "left_out" or "fit" where there are no test rows: who asks for a test then gets null. */
static void put_judgement(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_figures *figures = &experiment->figures;
	if (experiment->evaluated_on != FLT_TEST) {
		flt_json_key(json, "test");
		flt_json_text(json, NULL);
	}
	flt_json_open_key(json, experiment->evaluated_on == FLT_TEST ? "test" : choosers(experiment), '{');
	flt_json_put_bool(json, "chosen_here",
	                  experiment->evaluated_on != FLT_TEST || experiment->is_training_data ||
	                          experiment->chosen_here);
	flt_json_put_count(json, "rows", figures->n_rows);
	flt_json_put_count(json, "positives", figures->n_positive);
	flt_json_put_count(json, "seen", experiment->n_seen);
	put_ranking(json, experiment);
	put_threshold(json, experiment);
	put_point(json, &figures->chosen);
	flt_json_put_number(json, "log_loss", figures->log_loss);
	flt_json_put_number(json, "brier", figures->brier);
	flt_json_put_number(json, "ece", figures->ece);
	flt_json_put_number(json, "mean_probability", figures->mean_probability);
	flt_json_put_number(json, "raw_mean_probability", experiment->raw_mean_probability);
	flt_json_open_key(json, "at_half", '{');
	put_point(json, &figures->at_half);
	flt_json_close(json, '}');
	flt_json_close(json, '}');
}

static void put_majority(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_figures *figures = &experiment->figures;
	flt_json_open_key(json, "majority", '{');
	flt_json_put_number(json, "accuracy", figures->majority_accuracy);
	flt_json_put_count(json, "recall", 2 * figures->n_positive <= figures->n_rows ? 0 : 1);
	flt_json_close(json, '}');
}

static void put_rest(struct flt_json *json, const struct flt_experiment *experiment,
                     const struct flt_report_about *about)
{
	put_majority(json, experiment);
	flt_json_put_number(json, "attainable_ap", about->attainable_ap > 0 ? about->attainable_ap : NAN);
	flt_json_open_key(json, "seconds", '{');
	flt_json_put_number(json, "read", about->seconds_read);
	flt_json_put_number(json, "prepare", experiment->fit.seconds_prepare);
	flt_json_put_number(json, "train", experiment->fit.seconds_train);
	flt_json_put_number(json, "evaluate", experiment->seconds_evaluate);
	flt_json_put_number(json, "total", about->seconds_total);
	flt_json_close(json, '}');
}

static void put_detector(struct flt_json *json, const struct flt_report_about *about)
{
	flt_json_key(json, "detector");
	if (!about->model_file) {
		flt_json_text(json, NULL);
		return;
	}
	flt_json_open(json, '{');
	flt_json_put_text(json, "file", about->model_file);
	flt_json_put_text(json, "sha256", about->model_sha256);
	flt_json_close(json, '}');
}

static enum flt_status write_line(FILE *out, struct flt_json *json)
{
	char *text = flt_json_take(json);
	if (text)
		fprintf(out, "%s\n", text);
	enum flt_status status = text ? FLT_OK : FLT_ERR_MACHINE;
	flt_free(text);
	flt_json_release(json);
	return status;
}

enum flt_status flt_report_train_json(FILE *out, const struct flt_experiment *experiment,
                                      const struct flt_report_about *about, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.train/1");
	flt_json_put_text(&json, "version", flt_version());
	put_data(&json, experiment);
	put_split(&json, experiment);
	put_model(&json, experiment);
	put_training(&json, experiment);
	put_judgement(&json, experiment);
	put_rest(&json, experiment, about);
	put_detector(&json, about);
	flt_json_close(&json, '}');
	return write_line(out, &json);
}

/* The same keys as in the report of train, where both have them. */
enum flt_status flt_report_evaluate_json(FILE *out, const struct flt_experiment *experiment,
                                         const struct flt_report_evaluation *evaluation, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	size_t n_positive = experiment->figures.n_positive, n_rows = experiment->figures.n_rows;
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.evaluate/1");
	flt_json_put_text(&json, "version", flt_version());
	flt_json_put_text(&json, "judged", evaluation->evaluated_model);
	flt_json_open_key(&json, "data", '{');
	flt_json_put_text(&json, "file", evaluation->data_file);
	flt_json_put_text(&json, "sha256", evaluation->data_sha256);
	flt_json_put_bool(&json, "is_training_data", experiment->is_training_data);
	flt_json_put_count(&json, "rows", n_rows);
	flt_json_put_text(&json, "target", experiment->detector->target);
	flt_json_put_text(&json, "positive", experiment->detector->positive);
	flt_json_put_text(&json, "negative", experiment->detector->negative);
	flt_json_put_count(&json, "positives", n_positive);
	flt_json_put_number(&json, "prevalence", (double)n_positive / (double)n_rows);
	flt_json_close(&json, '}');
	put_judgement(&json, experiment);
	put_majority(&json, experiment);
	flt_json_open_key(&json, "gates", '{');
	flt_json_put_text(&json, "require", evaluation->require);
	flt_json_key(&json, "passed");
	if (evaluation->require)
		flt_json_bool(&json, !evaluation->failed);
	else
		flt_json_text(&json, NULL);
	flt_json_put_text(&json, "failed", evaluation->failed);
	flt_json_close(&json, '}');
	put_detector(&json, &evaluation->about);
	flt_json_close(&json, '}');
	return write_line(out, &json);
}

enum flt_status flt_report_epoch_json(FILE *out, const struct flt_epoch *epoch, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	flt_json_open(&json, '{');
	flt_json_put_count(&json, "member", epoch->member + 1);
	flt_json_put_count(&json, "epoch", epoch->epoch);
	flt_json_put_number(&json, "lr", epoch->lr);
	flt_json_put_number(&json, "loss", epoch->loss);
	flt_json_put_number(&json, "validation_loss", epoch->validation_loss);
	flt_json_put_number(&json, "validation_ap", epoch->validation_ap);
	flt_json_put_number(&json, "gradient_total", epoch->gradient_total);
	flt_json_put_number(&json, "gradient_easy", epoch->gradient_easy);
	flt_json_put_number(&json, "gradient_positive", epoch->gradient_positive);
	flt_json_put_bool(&json, "best", epoch->best);
	flt_json_close(&json, '}');
	return write_line(out, &json);
}
