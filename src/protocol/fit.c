/*
 * Fitting a detector. The order of the steps is the wall between the roles: each takes the rows it may see as an
 * argument.
 */
#include "protocol/fit.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "protocol/clusters.h"
#include "protocol/members.h"
#include "protocol/memory.h"

void flt_fit_options_init(struct flt_fit_options *options)
{
	memset(options, 0, sizeof *options);
	flt_train_options_init(&options->train);
	options->preset = FLT_PRESET_DEFAULT;
	options->fixed = FLT_FIX_ALL;
	options->prep.scale = FLT_SCALE_ROBUST;
	options->monitor_auto = true;
	options->calibrate = FLT_CALIBRATE_AUTO;
	options->rule = (struct flt_rule){.kind = FLT_RULE_FBETA, .value = 1};
	options->n_background = FLT_BACKGROUND_ROWS;
}

struct flt_scored flt_held_out_scored(const struct flt_held_out *held_out)
{
	return (struct flt_scored){
	        .n = held_out->n_rows,
	        .score = held_out->score,
	        .log_odds = held_out->log_odds,
	        .label = held_out->label,
	        .weight = held_out->weight,
	        .cluster = held_out->cluster,
	        .n_clusters = held_out->n_clusters,
	        .time = held_out->time,
	};
}

bool flt_fit_was_stopped(const struct flt_fit_result *result, size_t kind)
{
	const struct flt_kind_result *it = &result->kinds[kind];
	bool others_went_on = false;
	for (size_t i = 0; i < result->roster.n_kinds; i++)
		others_went_on = others_went_on || result->kinds[i].n_networks > it->n_networks + 1;
	return !(it->weight > 0) && others_went_on;
}

void flt_held_out_release(struct flt_held_out *held_out)
{
	flt_free(held_out->own_rows);
	flt_free(held_out->label);
	flt_free(held_out->score);
	flt_free(held_out->log_odds);
	flt_free(held_out->weight);
	flt_free(held_out->cluster);
	flt_free(held_out->time);
	*held_out = (struct flt_held_out){0};
}

void flt_fit_result_release(struct flt_fit_result *result)
{
	flt_held_out_release(&result->chosen_by);
}

/* ---- the fit ---- */

/* One fit at work. Whatever it still owns at the end is freed. */
struct fit {
	const struct flt_table *table;
	const struct flt_fit_options *options;
	const struct flt_hooks *hooks;
	const struct flt_fit_plan *plan;
	struct flt_fit_result *result;
	const size_t *fit_rows, *validation_rows; /* (n_fit), (n_validation) */
	size_t n_fit, n_validation;
	double *held_out; /* (n_fit) log-odds by members that have not seen the row, or NaN; NULL: no bag */
	struct flt_detector *detector;
};

static enum flt_status check_memory(const struct fit *fit, struct flt_error *err)
{
	struct flt_fit_size size = {.n_fit = fit->n_fit,
	                            .n_validation = fit->n_validation,
	                            .prep = fit->detector->prep,
	                            .numeric = fit->plan->numeric,
	                            .roster = &fit->plan->roster,
	                            .keeps_epochs = fit->hooks && fit->hooks->keeps_epochs,
	                            .has_checkpoint = fit->hooks && fit->hooks->checkpoint,
	                            .drops_scores = flt_fit_drops_scores(fit->options)};
	double n_bytes;
	FLT_TRY(flt_fit_memory_check(&size, &fit->options->sharing, &n_bytes, err));
	if (fit->hooks && fit->hooks->on_memory)
		fit->hooks->on_memory(fit->hooks->context, n_bytes);
	return FLT_OK;
}

static enum flt_status train_members(struct fit *fit, struct flt_error *err)
{
	struct flt_fit_result *result = fit->result;
	struct flt_members members = {.table = fit->table,
	                              .fit_rows = fit->fit_rows,
	                              .n_fit = fit->n_fit,
	                              .validation_rows = fit->validation_rows,
	                              .n_validation = fit->n_validation,
	                              .prep = fit->detector->prep,
	                              .options = fit->options,
	                              .roster = &result->roster,
	                              .work = fit->plan->work,
	                              .hooks = fit->hooks,
	                              .detector = fit->detector,
	                              .results = result->train,
	                              .kind_of = result->kind_of,
	                              .kinds = result->kinds};
	if (result->roster.n_members > 1 && fit->n_validation == 0) {
		fit->held_out = flt_alloc(fit->n_fit, sizeof *fit->held_out, err);
		FLT_TRY_MEMORY(fit->held_out);
	}
	enum flt_status status = flt_members_train(&members, fit->held_out, err);
	result->roster.n_members = members.n_begun;
	result->stopped = members.stopped;
	result->out_of_fold = members.n_folds > 0;
	return status;
}

/* May return FLT_ERR_DIVERGED with networks. */
static enum flt_status train(struct fit *fit, struct flt_error *err)
{
	double start = flt_clock_seconds();
	struct flt_fit_result *result = fit->result;
	enum flt_status status = train_members(fit, err);
	/* A single network left of a bag: the score is its own logit, on another scale than held_out. */
	result->out_of_fold = result->out_of_fold && fit->detector->n_members > 1;
	if (!result->out_of_fold) {
		flt_free(fit->held_out);
		fit->held_out = NULL;
	}
	result->seconds_train = flt_clock_seconds() - start;
	return status;
}

static enum flt_status copy_text(char **copy, const char *text, struct flt_error *err)
{
	*copy = flt_copy_text(text, strlen(text), err);
	FLT_TRY_MEMORY(*copy);
	return FLT_OK;
}

static enum flt_status name_classes(struct flt_detector *detector, const struct flt_table *table, struct flt_error *err)
{
	FLT_TRY(copy_text(&detector->target, flt_table_target(table), err));
	FLT_TRY(copy_text(&detector->positive, flt_table_positive(table), err));
	return copy_text(&detector->negative, flt_table_negative(table), err);
}

/* With several networks psi belongs to each of them: the score of all is a log-odds already. */
static void place_psi(struct fit *fit)
{
	struct flt_detector *detector = fit->detector;
	const struct flt_loss *loss = &fit->result->roster.kinds[0].train.loss;
	bool several = detector->n_members > 1;
	*(several ? &detector->member_gamma : &detector->map.gamma) = loss->gamma;
	*(several ? &detector->member_log_weight_ratio : &detector->map.log_weight_ratio) =
	        log(loss->weight_positive / loss->weight_negative);
}

/* Whether no network has learnt from the rows that choose map and threshold. */
static bool is_unseen(const struct fit *fit)
{
	return fit->result->chosen_on == FLT_VALIDATION || fit->result->out_of_fold;
}

/* Fits the map on top of psi, which needs rows that were not trained on. */
static enum flt_status calibrate(struct fit *fit, struct flt_error *err)
{
	enum flt_calibration how = fit->options->calibrate;
	bool unseen = is_unseen(fit);
	if (!unseen && how == FLT_CALIBRATE_AUTO)
		how = FLT_CALIBRATE_MAP;
	if (!unseen && (how == FLT_CALIBRATE_PLATT || how == FLT_CALIBRATE_ISOTONIC))
		return flt_fail(err, FLT_ERR_USAGE,
		                "--calibrate %s needs validation rows, which were not trained on; give "
		                "--validation-fraction, or --calibrate map",
		                flt_calibration_words[how]);
	struct flt_scored rows = flt_held_out_scored(&fit->result->chosen_by);
	return flt_map_fit(&fit->detector->map, how, &rows, err);
}

static enum flt_status held_out_new(struct flt_held_out *by, size_t n, bool weighted, struct flt_error *err)
{
	by->label = flt_alloc(n, sizeof *by->label, err);
	by->weight = weighted ? flt_alloc(n, sizeof *by->weight, err) : NULL;
	FLT_TRY_MEMORY(by->label && (by->weight || !weighted));
	return FLT_OK;
}

static enum flt_status take_times(const struct flt_table *table, struct flt_held_out *by, struct flt_error *err)
{
	size_t column = flt_table_role(table, FLT_TIME);
	if (column == SIZE_MAX)
		return FLT_OK;
	const struct flt_column time = flt_table_column(table, column);
	by->time = flt_alloc(by->n_rows, sizeof *by->time, err);
	FLT_TRY_MEMORY(by->time);
	for (size_t i = 0; i < by->n_rows; i++)
		by->time[i] = flt_number_at(&time.numbers, by->rows[i]);
	return FLT_OK;
}

/* Moves the scores by a bag of the n given rows to `by`, without those of rows that every network has learnt from. */
static enum flt_status take_scores_of_bag(struct fit *fit, const size_t *rows, size_t n, struct flt_error *err)
{
	struct flt_held_out *by = &fit->result->chosen_by;
	by->score = fit->held_out;
	fit->held_out = NULL;
	for (size_t i = 0; i < n; i++)
		by->n_rows += isnan(by->score[i]) ? 0 : 1;
	by->rows = rows;
	if (by->n_rows == n)
		return FLT_OK;
	by->rows = by->own_rows = flt_alloc(by->n_rows, sizeof *by->own_rows, err);
	FLT_TRY_MEMORY(by->own_rows);
	for (size_t i = 0, at = 0; i < n; i++)
		if (!isnan(by->score[i])) {
			by->own_rows[at] = rows[i];
			by->score[at++] = by->score[i];
		}
	return FLT_OK;
}

static enum flt_status score_choosers(struct fit *fit, const size_t *rows, size_t n, struct flt_error *err)
{
	struct flt_held_out *by = &fit->result->chosen_by;
	by->rows = rows;
	by->n_rows = n;
	by->score = flt_alloc(n, sizeof *by->score, err);
	FLT_TRY_MEMORY(by->score);
	return flt_detector_score(fit->detector, fit->table, rows, n, fit->options->train.n_threads, by->score, err);
}

/* Collects the rows that choose map and threshold, with their scores: validation rows, else the rows that a bag left
 * out, else the fit rows. */
static enum flt_status take_choosers(struct fit *fit, struct flt_error *err)
{
	bool is_validated = fit->n_validation > 0;
	size_t n = is_validated ? fit->n_validation : fit->n_fit;
	const uint8_t *label = flt_table_labels(fit->table);
	const size_t *rows = is_validated ? fit->validation_rows : fit->fit_rows;
	const double *weight = flt_table_weights(fit->table);
	struct flt_held_out *by = &fit->result->chosen_by;
	fit->result->chosen_on = is_validated ? FLT_VALIDATION : FLT_FIT;
	if (fit->held_out)
		FLT_TRY(take_scores_of_bag(fit, rows, n, err));
	else
		FLT_TRY(score_choosers(fit, rows, n, err));
	FLT_TRY(held_out_new(by, by->n_rows, weight != NULL, err));
	for (size_t i = 0; i < by->n_rows; i++) {
		by->label[i] = label[by->rows[i]];
		if (weight)
			by->weight[i] = weight[by->rows[i]];
	}
	FLT_TRY(take_times(fit->table, by, err));
	return flt_clusters_make(fit->table, by->rows, by->n_rows, fit->options->identical,
	                         fit->options->train.n_threads, &by->cluster, &by->n_clusters, err);
}

/* Share of positive rows, by weight, among those that the probabilities are calibrated to: the rows on which the last
 * step of the map was fitted. */
static double calibrated_prevalence(const struct fit *fit)
{
	enum flt_calibration kind = flt_map_kind(&fit->detector->map);
	const struct flt_held_out *by = &fit->result->chosen_by;
	if (kind != FLT_CALIBRATE_PLATT && kind != FLT_CALIBRATE_ISOTONIC)
		return fit->plan->prevalence;
	return flt_table_prevalence(fit->table, by->rows, by->n_rows);
}

bool flt_fit_drops_scores(const struct flt_fit_options *options)
{
	return options->drops_choosers && options->rule.kind != FLT_RULE_TOP && options->rule.kind != FLT_RULE_RATE;
}

/* Sets the log-odds of the rows that choose, perhaps in place of their scores. */
static enum flt_status find_log_odds(struct fit *fit, struct flt_error *err)
{
	struct flt_held_out *by = &fit->result->chosen_by;
	double *score = by->score;
	if (flt_fit_drops_scores(fit->options)) {
		by->log_odds = score;
		by->score = NULL;
	} else {
		by->log_odds = flt_alloc(by->n_rows, sizeof *by->log_odds, err);
		FLT_TRY_MEMORY(by->log_odds);
	}
	for (size_t i = 0; i < by->n_rows; i++)
		by->log_odds[i] = flt_detector_log_odds(fit->detector, score[i]);
	return FLT_OK;
}

static enum flt_status choose_map_and_threshold(struct fit *fit, struct flt_error *err)
{
	struct flt_held_out *by = &fit->result->chosen_by;
	struct flt_detector *detector = fit->detector;
	place_psi(fit);
	FLT_TRY(take_choosers(fit, err));
	FLT_TRY(calibrate(fit, err));
	struct flt_scored rows = flt_held_out_scored(by);
	detector->provenance.prevalence = calibrated_prevalence(fit);
	if (is_unseen(fit))
		FLT_TRY(flt_kept_init(&detector->held_out, &rows, err));
	detector->rule = (struct flt_rule){.kind = FLT_RULE_FIXED}; /* so that no threshold follows the prior yet */
	if (fit->options->prior > 0)
		FLT_TRY(flt_detector_set_prior(detector, fit->options->prior, err));
	FLT_TRY(find_log_odds(fit, err));
	rows = flt_held_out_scored(by);
	FLT_TRY(flt_detector_choose_under(detector, &fit->options->rule, &rows, fit->options->prior, err));
	if (fit->options->drops_choosers)
		flt_held_out_release(by);
	return FLT_OK;
}

/* From prepared rows to a finished detector, also after divergence if there are weights to keep. err then keeps the
 * sentence about divergence, unless a later step fails. */
static enum flt_status learn(struct fit *fit, struct flt_error *err)
{
	enum flt_status trained = train(fit, err);
	if (fit->result->stopped || fit->detector->n_members == 0 || (trained != FLT_OK && trained != FLT_ERR_DIVERGED))
		return trained;
	struct flt_error why = {0};
	enum flt_status chosen = choose_map_and_threshold(fit, &why);
	return chosen == FLT_OK ? trained : flt_fail(err, chosen, "%s", why.text);
}

static void take_plan(struct fit *fit, struct flt_fit_plan *plan)
{
	struct flt_fit_result *result = fit->result;
	fit->plan = plan;
	fit->detector->prep = plan->prep;
	plan->prep = NULL;
	result->roster = plan->roster;
	result->seconds_prepare = plan->seconds;
	result->prevalence = plan->prevalence;
}

/* The memory is found sufficient before the first row is prepared. */
static enum flt_status run(struct fit *fit, struct flt_fit_plan *plan, struct flt_error *err)
{
	fit->detector = flt_alloc_zero(1, sizeof *fit->detector, err);
	FLT_TRY_MEMORY(fit->detector);
	flt_map_init(&fit->detector->map);
	take_plan(fit, plan);
	FLT_TRY(name_classes(fit->detector, fit->table, err));
	FLT_TRY(check_memory(fit, err));
	return learn(fit, err);
}

enum flt_status flt_fit_planned(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                                const size_t *validation_rows, size_t n_validation,
                                const struct flt_fit_options *options, const struct flt_hooks *hooks,
                                struct flt_fit_plan *plan, struct flt_detector **detector,
                                struct flt_fit_result *result, struct flt_error *err)
{
	*detector = NULL;
	*result = (struct flt_fit_result){0};
	struct fit fit = {.table = table,
	                  .options = options,
	                  .hooks = hooks,
	                  .result = result,
	                  .fit_rows = fit_rows,
	                  .n_fit = n_fit,
	                  .validation_rows = validation_rows,
	                  .n_validation = n_validation};
	enum flt_status status = run(&fit, plan, err);
	bool is_usable = status == FLT_OK || (status == FLT_ERR_DIVERGED && fit.detector->n_members > 0);
	if (is_usable && !result->stopped) {
		*detector = fit.detector;
		fit.detector = NULL;
	} else {
		flt_fit_result_release(result);
	}
	flt_detector_free(fit.detector);
	flt_free(fit.held_out);
	return status;
}

enum flt_status flt_fit(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                        const size_t *validation_rows, size_t n_validation, const struct flt_fit_options *options,
                        const struct flt_hooks *hooks, struct flt_detector **detector, struct flt_fit_result *result,
                        struct flt_error *err)
{
	struct flt_fit_plan plan;
	*detector = NULL;
	*result = (struct flt_fit_result){0};
	FLT_TRY(flt_fit_plan(table, fit_rows, n_fit, validation_rows, n_validation, options, &plan, err));
	enum flt_status status = flt_fit_planned(table, fit_rows, n_fit, validation_rows, n_validation, options, hooks,
	                                         &plan, detector, result, err);
	flt_fit_plan_release(&plan);
	return status;
}
