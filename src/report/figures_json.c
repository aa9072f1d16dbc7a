/* The figures of an experiment for programs. Keys are a contract: they are added to, never renamed within a schema. */
#include "report/figures_json.h"

#include "base/alloc.h"
#include "report/names.h"

static void put_interval(struct flt_json *json, const char *key, const struct flt_interval *interval)
{
	flt_json_open_key(json, key, '{');
	flt_json_put_number(json, "value", interval->value);
	flt_json_put_number(json, "lo", interval->lo);
	flt_json_put_number(json, "hi", interval->hi);
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

/* The rows that chose map and threshold. Without test rows, the figures are measured on them too. */
static const char *choosing_rows(const struct flt_experiment *experiment)
{
	return experiment->fit.out_of_fold ? "left_out" : flt_row_role_words[experiment->fit.chosen_on];
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
	                                          : choosing_rows(experiment));
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

void flt_put_figures(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_figures *figures = &experiment->figures;
	if (experiment->evaluated_on != FLT_TEST) {
		flt_json_key(json, "test");
		flt_json_text(json, NULL);
	}
	flt_json_open_key(json, experiment->evaluated_on == FLT_TEST ? "test" : choosing_rows(experiment), '{');
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

void flt_put_majority(struct flt_json *json, const struct flt_experiment *experiment)
{
	const struct flt_figures *figures = &experiment->figures;
	flt_json_open_key(json, "majority", '{');
	flt_json_put_number(json, "accuracy", figures->majority_accuracy);
	flt_json_put_count(json, "recall", 2 * figures->n_positive <= figures->n_rows ? 0 : 1);
	flt_json_close(json, '}');
}

void flt_put_model_file(struct flt_json *json, const struct flt_report_about *about)
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

enum flt_status flt_json_write_line(struct flt_json *json, FILE *out)
{
	char *text = flt_json_take(json);
	if (text)
		fprintf(out, "%s\n", text);
	enum flt_status status = text ? FLT_OK : FLT_ERR_MACHINE;
	flt_free(text);
	flt_json_release(json);
	return status;
}
