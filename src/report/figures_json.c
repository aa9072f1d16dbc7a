/* The figures of an evaluation for programs. Keys are a contract: they are added to, never renamed within a schema. */
#include "report/figures_json.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "fltrain/version.h"
#include "report/names.h"
#include "report/verdict_text.h"

void flt_put_interval(struct flt_json *json, const char *key, const struct flt_interval *interval)
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
	flt_json_put_number(json, "tp", confusion->tp);
	flt_json_put_number(json, "fp", confusion->fp);
	flt_json_put_number(json, "fn", confusion->fn);
	flt_json_put_number(json, "tn", confusion->tn);
	flt_json_close(json, '}');
}

static void put_point(struct flt_json *json, const struct flt_point *point)
{
	put_confusion(json, &point->confusion);
	flt_put_interval(json, "precision", &point->precision);
	flt_put_interval(json, "recall", &point->recall);
	flt_put_interval(json, "f1", &point->f1);
	flt_put_interval(json, "mcc", &point->mcc);
	flt_put_interval(json, "alarms_per_10000", &point->alarms_per_10000);
	flt_json_put_number(json, "accuracy", point->accuracy);
}

static const char *const evaluated_names[] = {
        [FLT_EVALUATED_TEST] = "test",         [FLT_EVALUATED_VALIDATION] = "validation",
        [FLT_EVALUATED_LEFT_OUT] = "left_out", [FLT_EVALUATED_FIT] = "fit",
        [FLT_EVALUATED_FILE] = "test",
};

static const char *const chooser_names[] = {
        [FLT_CHOSEN_ON_VALIDATION] = "validation", [FLT_CHOSEN_ON_LEFT_OUT] = "left_out", [FLT_CHOSEN_ON_FIT] = "fit",
        [FLT_CHOSEN_IN_TRAINING] = "training",     [FLT_CHOSEN_ON_EVALUATED] = "test",
};

/* What a floor promises of new rows, and at which price; null for other rules. */
static void put_promise(struct flt_json *json, const struct flt_rule *rule, const struct flt_choice *choice)
{
	static const char *const keys[] = {"confidence", "promised", "price", "evidence"};
	if (!flt_rule_is_floor(rule)) {
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			flt_json_put_text(json, keys[i], NULL);
		return;
	}
	flt_json_put_number(json, "confidence", rule->confidence);
	flt_json_put_bool(json, "promised", choice->met && flt_rule_is_promise(rule));
	flt_json_open_key(json, "price", '{');
	flt_json_put_number(json, "alarms_per_10000", 1e4 * choice->alarms);
	flt_json_put_number(json, "bare_alarms_per_10000", 1e4 * choice->bare_alarms);
	flt_json_put_number(json, "bare_probability", choice->bare_threshold);
	flt_json_close(json, '}');
	flt_json_open_key(json, "evidence", '{');
	flt_json_put_number(json, "has", choice->has);
	flt_json_put_number(json, "needed", choice->needed);
	flt_json_put_number(json, "time_spread", choice->spread);
	flt_json_close(json, '}');
}

static void put_threshold(struct flt_json *json, const struct flt_evaluation *evaluation)
{
	const struct flt_detector *detector = evaluation->detector;
	char rule[FLT_RULE_SIZE];
	flt_rule_format(&detector->rule, rule, sizeof rule);
	flt_json_open_key(json, "threshold", '{');
	flt_json_put_text(json, "rule", rule);
	flt_json_put_text(json, "chosen_on", chooser_names[evaluation->threshold_chosen_on]);
	flt_json_put_bool(json, "starred", evaluation->threshold_is_starred);
	flt_json_put_number(json, "probability", detector->choice.threshold);
	flt_json_put_number(json, "score", evaluation->threshold_score);
	flt_json_put_bool(json, "met", detector->choice.met);
	flt_json_put_number(json, "attained", detector->choice.attained);
	put_promise(json, &detector->rule, &detector->choice);
	flt_json_close(json, '}');
}

/* ap_unseen: average precision of the rows that were not seen before, or NaN. */
static void put_ranking(struct flt_json *json, const struct flt_figures *figures, double ap_unseen)
{
	flt_json_open_key(json, "ap", '{');
	flt_json_put_number(json, "value", figures->ap.value);
	flt_json_put_number(json, "lo", figures->ap.lo);
	flt_json_put_number(json, "hi", figures->ap.hi);
	flt_json_put_number(json, "chance", figures->chance);
	flt_json_put_number(json, "chance95", figures->chance95);
	flt_json_put_number(json, "unseen", ap_unseen);
	flt_json_close(json, '}');
	flt_put_interval(json, "roc_auc", &figures->roc_auc);
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

static void put_verdict(struct flt_json *json, const struct flt_evaluation *evaluation)
{
	const struct flt_outcome *outcome = &evaluation->outcome;
	struct flt_verdict_text words;
	flt_verdict_find(evaluation, &words);
	flt_json_open_key(json, "verdict", '{');
	flt_json_put_count(json, "rows", outcome->n_rows);
	flt_json_put_count(json, "positives", outcome->n_positive);
	flt_json_put_count(json, "flagged", outcome->n_called);
	flt_json_put_count(json, "right", outcome->n_right);
	flt_json_put_count(json, "missed", outcome->n_positive - outcome->n_right);
	flt_json_put_number(json, "right_by_guessing", outcome->by_chance);
	flt_json_put_bool(json, "ranks_better_than_guessing", outcome->ranks_better);
	flt_json_put_bool(json, "flags_better_than_guessing", outcome->calls_better);
	flt_json_put_bool(json, "few_positives", outcome->n_positive < FLT_FEW_POSITIVES);
	flt_json_open_key(json, "text", '[');
	for (size_t i = 0; i < words.n; i++)
		flt_json_text(json, words.sentence[i].text);
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

/* What a threshold gives. */
static void put_threshold_figures(struct flt_json *json, const struct flt_point *point)
{
	put_confusion(json, &point->confusion);
	flt_put_interval(json, "alarms_per_10000", &point->alarms_per_10000);
	flt_put_interval(json, "recall", &point->recall);
	flt_put_interval(json, "precision", &point->precision);
}

static void put_operating_points(struct flt_json *json, const struct flt_operating_points *points)
{
	flt_json_open_key(json, "operating_points", '[');
	for (size_t i = 0; i < points->n; i++) {
		flt_json_open(json, '{');
		flt_json_put_number(json, "probability", points->point[i].probability);
		flt_json_put_bool(json, "chosen", i == points->chosen);
		put_threshold_figures(json, &points->point[i]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_thresholds(struct flt_json *json, const struct flt_curves *curves)
{
	flt_json_open_key(json, "thresholds", '[');
	for (size_t i = 0; i < curves->n_thresholds; i++) {
		const struct flt_confusion *confusion = &curves->threshold[i].confusion;
		flt_json_open(json, '{');
		flt_json_put_number(json, "probability", curves->threshold[i].probability);
		flt_json_put_number(json, "false_positive_rate", confusion->fp / (confusion->fp + confusion->tn));
		flt_json_put_number(json, "cost_per_10000", curves->has_costs ? curves->cost[i] : (double)NAN);
		put_threshold_figures(json, &curves->threshold[i]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_ranked(struct flt_json *json, const struct flt_curves *curves)
{
	flt_json_open_key(json, "ranked", '[');
	for (size_t i = 0; i < curves->n_ranked; i++) {
		const struct flt_ranked_rows *ranked = &curves->ranked[i];
		flt_json_open(json, '{');
		flt_json_put_number(json, "from", ranked->from);
		flt_json_put_number(json, "to", ranked->to);
		flt_json_put_number(json, "rows", ranked->weight);
		flt_json_put_number(json, "said", ranked->said);
		flt_put_interval(json, "were", &ranked->were);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_bins(struct flt_json *json, const char *key, const double *bin)
{
	flt_json_open_key(json, key, '[');
	for (size_t i = 0; i < FLT_HISTOGRAM_BINS; i++)
		flt_json_number(json, bin[i]);
	flt_json_close(json, ']');
}

/* What mistakes cost, and what calling no row, all rows and those at the chosen threshold costs; null if not known. */
static void put_costs(struct flt_json *json, const struct flt_curves *curves)
{
	flt_json_key(json, "costs");
	if (!curves->has_costs) {
		flt_json_text(json, NULL);
		return;
	}
	flt_json_open(json, '{');
	flt_json_put_number(json, "fp", curves->costs.false_alarm);
	flt_json_put_number(json, "fn", curves->costs.miss);
	flt_json_put_number(json, "flag_none", curves->cost_of_none);
	flt_json_put_number(json, "flag_all", curves->cost_of_all);
	flt_json_put_number(json, "chosen", curves->cost_chosen);
	flt_json_close(json, '}');
}

/* What pictures are drawn from; null if it was not found. */
static void put_curves(struct flt_json *json, const struct flt_curves *curves)
{
	flt_json_key(json, "curves");
	if (!curves) {
		flt_json_text(json, NULL);
		return;
	}
	flt_json_open(json, '{');
	put_costs(json, curves);
	put_thresholds(json, curves);
	put_ranked(json, curves);
	flt_json_open_key(json, "scores", '{');
	flt_json_put_number(json, "lo", curves->histogram.lo);
	flt_json_put_number(json, "hi", curves->histogram.hi);
	put_bins(json, "negative", curves->histogram.negative);
	put_bins(json, "positive", curves->histogram.positive);
	flt_json_close(json, '}');
	flt_json_close(json, '}');
}

/* The hundredth of the rows that ranks highest. */
static void put_top(struct flt_json *json, const struct flt_figures *figures)
{
	flt_json_open_key(json, "top", '{');
	flt_json_put_number(json, "rows", figures->top);
	flt_json_put_number(json, "said", figures->top_said);
	flt_put_interval(json, "were", &figures->top_were);
	flt_json_close(json, '}');
}

/* At the threshold and of the probabilities. */
static void put_decisions(struct flt_json *json, const struct flt_figures *figures)
{
	put_point(json, &figures->chosen);
	flt_json_put_number(json, "log_loss", figures->log_loss);
	flt_json_put_number(json, "brier", figures->brier);
	flt_json_put_number(json, "ece", figures->ece);
	flt_json_put_number(json, "ece_null", figures->ece_null);
	flt_json_put_number(json, "mean_probability", figures->mean_probability);
	put_top(json, figures);
	flt_json_open_key(json, "at_half", '{');
	put_point(json, &figures->at_half);
	flt_json_close(json, '}');
}

static void put_prior(struct flt_json *json, const struct flt_evaluation *evaluation)
{
	bool is_given = evaluation->prior > 0;
	flt_json_open_key(json, "prior", '{');
	flt_json_put_number(json, "value", flt_detector_prior(evaluation->detector));
	flt_json_put_text(json, "source", is_given ? "option" : "model");
	flt_json_put_number(json, "figures", flt_evaluation_prevalence(evaluation));
	flt_json_close(json, '}');
}

void flt_put_figures(struct flt_json *json, const struct flt_evaluation *evaluation)
{
	const struct flt_figures *figures = &evaluation->figures;
	const char *name = evaluated_names[evaluation->evaluated_on];
	put_prior(json, evaluation);
	if (strcmp(name, "test") != 0) {
		flt_json_key(json, "test");
		flt_json_text(json, NULL);
	}
	flt_json_open_key(json, name, '{');
	flt_json_put_bool(json, "starred", evaluation->is_starred);
	flt_json_put_bool(json, "chosen_here", evaluation->point_is_starred);
	flt_json_put_count(json, "rows", figures->n_rows);
	flt_json_put_count(json, "positives", figures->n_positive);
	flt_json_put_count(json, "seen", evaluation->n_seen);
	put_verdict(json, evaluation);
	put_operating_points(json, &evaluation->points);
	put_ranking(json, figures, evaluation->ap_unseen);
	put_threshold(json, evaluation);
	flt_json_put_number(json, "raw_mean_probability", evaluation->raw_mean_probability);
	flt_json_put_number(json, "observed", flt_evaluation_prevalence(evaluation));
	flt_json_put_text(json, "calibration", flt_name_of_map(&evaluation->detector->map));
	put_decisions(json, figures);
	put_curves(json, evaluation->curves);
	flt_json_close(json, '}');
}

void flt_put_slice_figures(struct flt_json *json, const struct flt_slice *slice)
{
	flt_json_put_count(json, "rows", slice->figures.n_rows);
	flt_json_put_count(json, "positives", slice->figures.n_positive);
	if (slice->has_figures) {
		put_ranking(json, &slice->figures, (double)NAN);
		put_decisions(json, &slice->figures);
	} else {
		put_point(json, &slice->figures.chosen);
	}
}

void flt_put_majority(struct flt_json *json, const struct flt_evaluation *evaluation)
{
	flt_json_open_key(json, "majority", '{');
	flt_json_put_number(json, "accuracy", evaluation->figures.majority_accuracy);
	flt_json_put_count(json, "recall", evaluation->majority_is_positive ? 1 : 0);
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

void flt_put_reproduce(struct flt_json *json, const struct flt_report_origin *origin)
{
	flt_json_open_key(json, "reproduce", '{');
	flt_json_put_text(json, "command", origin->command);
	flt_json_put_text(json, "version", flt_version());
	flt_json_put_count(json, "seed", origin->seed);
	flt_json_put_text(json, "data_sha256", origin->data_sha256);
	flt_json_put_text(json, "test_sha256", origin->test_sha256);
	flt_json_put_text(json, "model_sha256", origin->model_sha256);
	flt_json_close(json, '}');
}

enum flt_status flt_json_take_line(struct flt_json *json, char **text)
{
	*text = flt_json_take(json);
	flt_json_release(json);
	return *text ? FLT_OK : FLT_ERR_MACHINE;
}

enum flt_status flt_json_write_line(struct flt_json *json, FILE *out)
{
	char *text;
	FLT_TRY(flt_json_take_line(json, &text));
	fprintf(out, "%s\n", text);
	flt_free(text);
	return FLT_OK;
}
