/* The reports of `compare` and `cv` for programs. Keys are a contract: they are added to, never renamed. */
#include <math.h>
#include <stdio.h>

#include "fltrain/version.h"
#include "protocol/cv_figures.h"
#include "report/data_json.h"
#include "report/figures_json.h"
#include "report/layout.h"

#define KEYS(name, n, ...)                                                                                             \
	static const char *const name[] = {__VA_ARGS__};                                                               \
	_Static_assert(sizeof(name) / sizeof(*(name)) == (n), #name " has another number of keys than its enum")

KEYS(POINT_KEYS, FLT_N_OPERATING_POINTS, "at_half", "at_raw_half", "at_chosen");
KEYS(AT_POINT_KEYS, FLT_N_AT_POINT, "accuracy", "precision", "recall", "f1", "mcc");
KEYS(VERDICTS, FLT_N_VERDICTS, "supported", "not supported", "cannot tell", "not tested");
KEYS(CLAIMS, FLT_N_CLAIMS, [FLT_CLAIM_LAZY_EARLY] = "lazy_after_few_epochs",
     [FLT_CLAIM_LAZY_LATE] = "lazy_after_all_epochs", [FLT_CLAIM_EASY_ROWS] = "attention_less_on_easy_rows",
     [FLT_CLAIM_RARE_ROWS] = "attention_more_on_rare_rows", [FLT_CLAIM_BETTER_AP] = "better_ap",
     [FLT_CLAIM_BETTER_RECALL] = "better_recall_at_precision_0.5", [FLT_CLAIM_MORE_DATA] = "more_data_beats_focal",
     [FLT_CLAIM_MORE_DATA_STILL] = "more_data_still_helps_focal", [FLT_CLAIM_NO_SLOWER] = "no_slower");

/* detectable: of differences only. */
static void put_spread(struct flt_json *json, const char *key, const struct flt_spread *spread, bool is_difference)
{
	flt_json_open_key(json, key, '{');
	flt_json_put_number(json, "mean", spread->mean);
	flt_json_put_number(json, "error", spread->error);
	flt_json_put_number(json, "lo", spread->lo);
	flt_json_put_number(json, "hi", spread->hi);
	flt_json_put_number(json, "p", spread->p);
	if (is_difference)
		flt_json_put_number(json, "detectable", spread->detectable);
	flt_json_put_number(json, "t_lo", spread->t_lo);
	flt_json_put_number(json, "t_hi", spread->t_hi);
	flt_json_put_number(json, "t_p", spread->t_p);
	flt_json_close(json, '}');
}

/* A figure of a variant, or its difference from BCE. */
static void put_figure(struct flt_json *json, const char *key, const struct flt_study *study, size_t variant,
                       int figure, bool is_difference)
{
	struct flt_spread spread =
	        is_difference ? flt_comparison_difference(&study->comparison, variant, study->options.bce, figure)
	                      : flt_comparison_figure(&study->comparison, variant, figure);
	put_spread(json, key, &spread, is_difference);
}

/* All figures of a variant. */
static void put_figures(struct flt_json *json, const char *key, const struct flt_study *study, size_t variant,
                        bool is_difference)
{
	flt_json_open_key(json, key, '{');
	put_figure(json, "ap", study, variant, FLT_COMPARE_AP, is_difference);
	put_figure(json, "roc_auc", study, variant, FLT_COMPARE_ROC_AUC, is_difference);
	put_figure(json, "log_loss", study, variant, FLT_COMPARE_LOG_LOSS, is_difference);
	put_figure(json, "brier", study, variant, FLT_COMPARE_BRIER, is_difference);
	put_figure(json, "ece", study, variant, FLT_COMPARE_ECE, is_difference);
	for (int i = 0; i < FLT_N_MIN_PRECISIONS; i++) {
		char name[48];
		snprintf(name, sizeof name, "recall_at_precision_%g", flt_min_precisions[i]);
		put_figure(json, name, study, variant, FLT_COMPARE_RECALL_AT + i, is_difference);
	}
	for (int point = 0; point < FLT_N_OPERATING_POINTS; point++) {
		flt_json_open_key(json, POINT_KEYS[point], '{');
		for (int i = 0; i < FLT_N_AT_POINT; i++)
			put_figure(json, AT_POINT_KEYS[i], study, variant, FLT_COMPARE_AT_POINT(point) + i,
			           is_difference);
		flt_json_close(json, '}');
	}
	flt_json_close(json, '}');
}

static void put_folds(struct flt_json *json, const struct flt_study *study, size_t variant)
{
	const struct flt_cv *cv = study->cv;
	const double *ap = flt_comparison_per_fold(&study->comparison, variant, FLT_COMPARE_AP);
	flt_json_open_key(json, "folds", '[');
	for (size_t fold = 0; fold < cv->n_all_folds; fold++) {
		const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, fold);
		flt_json_open(json, '{');
		flt_json_put_count(json, "repeat", cv->folds[fold].repeat + 1);
		flt_json_put_count(json, "fold", cv->folds[fold].fold + 1);
		flt_json_put_number(json, "ap", ap[fold]);
		flt_json_put_number(json, "threshold", trial->threshold);
		flt_json_put_count(json, "epochs", trial->fit.train[0].epochs);
		flt_json_put_count(json, "best_epoch", trial->fit.train[0].best_epoch);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

/* Precision at recalls in equal steps, mean over the folds. */
static void put_curve(struct flt_json *json, const struct flt_study *study, size_t variant)
{
	const double *precision = study->curve + variant * FLT_CV_CURVE;
	flt_json_open_key(json, "curve", '[');
	for (size_t k = 0; k < FLT_CV_CURVE; k++) {
		flt_json_open(json, '{');
		flt_json_put_number(json, "recall", (double)(k + 1) / FLT_CV_CURVE);
		flt_json_put_number(json, "precision", precision[k]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_variant(struct flt_json *json, const struct flt_study *study, size_t variant)
{
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, variant, 0);
	flt_json_open(json, '{');
	flt_json_put_text(json, "name", study->variants[variant].name);
	flt_json_put_count(json, "weights", trial->n_params);
	flt_json_put_count(json, "members", trial->fit.roster.n_members);
	put_figures(json, "figures", study, variant, false);
	if (study->options.bce != SIZE_MAX)
		put_figures(json, "difference", study, variant, true);
	flt_json_put_number(json, "gradient_from_easy_rows", study->attention[variant].easy);
	flt_json_put_number(json, "gradient_from_positives", study->attention[variant].positive);
	flt_json_put_number(json, "ap_between_folds", study->ap_deviation[variant]);
	put_folds(json, study, variant);
	put_curve(json, study, variant);
	flt_json_open_key(json, "seconds", '{');
	flt_json_put_number(json, "train", study->seconds_train[variant]);
	flt_json_put_number(json, "score", study->seconds_score[variant]);
	flt_json_close(json, '}');
	flt_json_close(json, '}');
}

static void put_claims(struct flt_json *json, const struct flt_study *study)
{
	flt_json_open_key(json, "claims", '[');
	for (size_t i = 0; i < FLT_N_CLAIMS; i++) {
		const struct flt_claim *claim = &study->claims[i];
		flt_json_open(json, '{');
		flt_json_put_text(json, "claim", CLAIMS[i]);
		flt_json_put_text(json, "verdict", VERDICTS[claim->verdict]);
		if (claim->verdict != FLT_NOT_TESTED && i != FLT_CLAIM_NO_SLOWER)
			put_spread(json, "evidence", &claim->evidence, true);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_rows(struct flt_json *json, const struct flt_table *table, const char *key, const size_t *rows,
                     size_t n)
{
	const uint8_t *labels = flt_table_labels(table);
	size_t n_positive = 0;
	for (size_t i = 0; i < n; i++)
		n_positive += labels[rows[i]];
	flt_json_open_key(json, key, '{');
	flt_json_put_count(json, "rows", n);
	flt_json_put_count(json, "positives", n_positive);
	flt_json_close(json, '}');
}

/* The blocks of time that are tested, in their order. */
static void put_blocks(struct flt_json *json, const struct flt_cv *cv)
{
	flt_json_open_key(json, "blocks", '[');
	for (size_t i = 0; i < cv->n_folds; i++) {
		const struct flt_cv_fold *fold = &cv->folds[i];
		struct flt_time_span span = flt_split_time_span(cv->table, fold->test, fold->n_test);
		flt_json_open(json, '{');
		flt_json_put_text(json, "first_time", flt_shown_time(cv->table, span.first).text);
		flt_json_put_text(json, "last_time", flt_shown_time(cv->table, span.last).text);
		flt_json_put_count(json, "rows", fold->n_test);
		flt_json_put_count(json, "positives", fold->n_test_positive);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_plan(struct flt_json *json, const struct flt_study *study)
{
	const struct flt_cv *cv = study->cv;
	const struct flt_cv_fold *first = &cv->folds[0];
	bool grouped = flt_table_role(cv->table, FLT_GROUP) != SIZE_MAX;
	struct flt_data_view data = flt_view_of_study(study);
	flt_json_open_key(json, "data", '{');
	flt_put_data(json, &data);
	flt_json_put_count(json, "never_tested", cv->n_never_tested);
	flt_json_close(json, '}');
	flt_json_open_key(json, "split", '{');
	flt_json_put_text(json, "method",
	                  flt_split_method_words[cv->by_time ? FLT_SPLIT_TIME
	                                         : grouped   ? FLT_SPLIT_GROUP
	                                                     : FLT_SPLIT_STRATIFIED]);
	flt_json_put_count(json, "folds", cv->n_folds);
	flt_json_put_count(json, "repeats", cv->n_repeats);
	flt_json_put_count(json, "seed", study->options.cv.seed);
	flt_json_put_number(json, "test_per_train", flt_cv_test_per_train(cv));
	if (grouped)
		flt_put_groups(json, &cv->groups);
	if (cv->by_time)
		put_blocks(json, cv);
	put_rows(json, cv->table, "first_fit", first->fit, first->n_fit);
	put_rows(json, cv->table, "first_validation", first->validation, first->n_validation);
	put_rows(json, cv->table, "first_test", first->test, first->n_test);
	flt_json_close(json, '}');
}

enum flt_status flt_report_study_json(const struct flt_study *study, const struct flt_report_about *about, char **text,
                                      struct flt_error *err)
{
	struct flt_json json = {.err = err};
	const struct flt_report_origin origin = {.command = about->command,
	                                         .seed = study->options.cv.seed,
	                                         .data_sha256 = flt_table_sha256(study->cv->table)};
	bool is_comparison = study->options.bce != SIZE_MAX;
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", is_comparison ? "fltrain.compare/1" : "fltrain.cv/1");
	flt_json_put_text(&json, "version", flt_version());
	put_plan(&json, study);
	flt_json_put_number(&json, "chance", flt_cv_chance(study->cv));
	flt_json_put_number(&json, "prevalence", flt_cv_prevalence(study->cv));
	flt_json_put_number(&json, "attainable_ap", about->attainable_ap > 0 ? about->attainable_ap : (double)NAN);
	flt_json_open_key(&json, "variants", '[');
	for (size_t v = 0; v < study->n_all; v++)
		put_variant(&json, study, v);
	flt_json_close(&json, ']');
	if (is_comparison)
		put_claims(&json, study);
	flt_json_open_key(&json, "seconds", '{');
	flt_json_put_number(&json, "read", about->seconds_read);
	flt_json_put_number(&json, "total", about->seconds_total);
	flt_json_close(&json, '}');
	flt_put_reproduce(&json, &origin);
	flt_json_close(&json, '}');
	return flt_json_take_line(&json, text);
}
