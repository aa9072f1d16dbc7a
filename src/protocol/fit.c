/*
 * Fitting a detector. The order of the steps is the wall between the roles: each takes the rows it may see as an
 * argument, and prepared rows are freed as soon as no later step needs them.
 */
#include "protocol/protocol.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "protocol/members.h"
#include "protocol/memory.h"
#include "protocol/recipe.h"

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
}

/* Prepared rows of one role. */
struct part {
	float *x;       /* (n_rows, n_features) */
	uint8_t *label; /* (n_rows) */
	size_t n_rows, n_positive;
};

static void part_release(struct part *part)
{
	flt_free(part->x);
	flt_free(part->label);
	*part = (struct part){0};
}

static enum flt_status part_label(const struct flt_table *table, const size_t *rows, size_t n_rows, struct part *part,
                                  struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(table);
	*part = (struct part){.n_rows = n_rows};
	part->label = flt_alloc(n_rows, sizeof *part->label, err);
	if (!part->label)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n_rows; i++) {
		part->label[i] = label[rows[i]];
		part->n_positive += label[rows[i]];
	}
	return FLT_OK;
}

static enum flt_status part_fill(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                 unsigned n_threads, struct part *part, struct flt_error *err)
{
	part->x = flt_alloc(part->n_rows, flt_prep_n_features(prep) * sizeof *part->x, err);
	return part->x ? flt_prep_apply(prep, table, rows, part->n_rows, n_threads, part->x, err) : FLT_ERR_MACHINE;
}

void flt_fit_result_release(struct flt_fit_result *result)
{
	struct flt_held_out *chosen_by = &result->chosen_by;
	flt_free(chosen_by->rows);
	flt_free(chosen_by->label);
	flt_free(chosen_by->score);
	flt_free(chosen_by->log_odds);
	*chosen_by = (struct flt_held_out){0};
}

/* The state of one fit; what is still here at the end is freed. */
struct fit {
	const struct flt_table *table;
	const struct flt_fit_options *options;
	const struct flt_hooks *hooks;
	struct flt_fit_result *result;
	const size_t *fit_rows, *validation_rows;
	struct part fit, validation;
	double *held_out; /* (fit.n_rows) log-odds by members that have not seen the row, NaN without; NULL: no bag */
	bool *numeric;    /* (n_features) inputs to embed */
	struct flt_detector *detector;
};

/* Settles what depends on how many positives there are. */
static enum flt_status resolve(struct fit *fit, struct flt_error *err)
{
	size_t n_positive = fit->fit.n_positive, n_negative = fit->fit.n_rows - n_positive;
	if (n_positive == 0 || n_negative == 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "the %zu fit rows hold %zu of the positive class and %zu of the other; both are needed",
		                fit->fit.n_rows, n_positive, n_negative);
	struct flt_fit_result *result = fit->result;
	struct flt_size size = {fit->fit.n_rows, n_positive, flt_prep_n_features(fit->detector->prep)};
	flt_recipe_resolve(fit->options, &size, result->used, &result->n_kinds, &result->n_members);
	for (size_t i = 0; i < result->n_kinds; i++) {
		struct flt_train_options *used = &result->used[i];
		if (fit->options->balance)
			used->loss.weight_positive *= (double)n_negative / (double)n_positive;
		if (fit->options->monitor_auto)
			used->monitor =
			        fit->validation.n_positive < FLT_FEW_POSITIVES ? FLT_MONITOR_LOSS : FLT_MONITOR_AP;
	}
	return FLT_OK;
}

static enum flt_status mark_numeric(struct fit *fit, struct flt_error *err)
{
	const struct flt_prep *prep = fit->detector->prep;
	size_t n = flt_prep_n_features(prep);
	fit->numeric = flt_alloc(n, sizeof *fit->numeric, err);
	if (!fit->numeric)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++)
		fit->numeric[i] = flt_prep_feature_is_numeric(prep, i);
	return FLT_OK;
}

static enum flt_status check_memory(const struct fit *fit, struct flt_error *err)
{
	const struct flt_fit_result *result = fit->result;
	struct flt_fit_size size = {.n_fit = fit->fit.n_rows,
	                            .n_validation = fit->validation.n_rows,
	                            .n_features = flt_prep_n_features(fit->detector->prep),
	                            .numeric = fit->numeric,
	                            .kinds = result->used,
	                            .n_kinds = result->n_kinds,
	                            .n_members = result->n_members,
	                            .has_checkpoint = fit->hooks && fit->hooks->checkpoint};
	return flt_fit_memory_check(&size, &fit->options->sharing, err);
}

/* All is settled, and found to fit into the memory, before the first row is prepared. */
static enum flt_status prepare(struct fit *fit, size_t n_fit, size_t n_validation, struct flt_error *err)
{
	double start = flt_clock_seconds();
	struct flt_prep **prep = &fit->detector->prep;
	struct flt_prep_options how = fit->options->prep;
	how.n_threads = fit->options->train.n_threads;
	enum flt_status status = flt_prep_fit(fit->table, fit->fit_rows, n_fit, &how, prep, err);
	if (status == FLT_OK)
		status = part_label(fit->table, fit->fit_rows, n_fit, &fit->fit, err);
	if (status == FLT_OK)
		status = part_label(fit->table, fit->validation_rows, n_validation, &fit->validation, err);
	if (status == FLT_OK)
		status = mark_numeric(fit, err);
	if (status == FLT_OK)
		status = resolve(fit, err);
	if (status == FLT_OK)
		status = check_memory(fit, err);
	if (status == FLT_OK)
		status = part_fill(*prep, fit->table, fit->fit_rows, how.n_threads, &fit->fit, err);
	if (status == FLT_OK)
		status = part_fill(*prep, fit->table, fit->validation_rows, how.n_threads, &fit->validation, err);
	fit->result->seconds_prepare = flt_clock_seconds() - start;
	return status;
}

static struct flt_data data_of(const struct fit *fit, const struct part *part)
{
	return (struct flt_data){.x = part->x,
	                         .label = part->label,
	                         .n_rows = part->n_rows,
	                         .n_in = flt_prep_n_features(fit->detector->prep),
	                         .numeric = fit->numeric};
}

static enum flt_status train_members(struct fit *fit, struct flt_error *err)
{
	struct flt_fit_result *result = fit->result;
	struct flt_members members = {.table = fit->table,
	                              .rows = fit->fit_rows,
	                              .fit = data_of(fit, &fit->fit),
	                              .validation = data_of(fit, &fit->validation),
	                              .kinds = result->used,
	                              .n_kinds = result->n_kinds,
	                              .n_members = result->n_members,
	                              .hooks = fit->hooks,
	                              .nets = fit->detector->nets,
	                              .results = result->train};
	double *held_out = result->n_members > 1 ? flt_alloc(fit->fit.n_rows, sizeof *held_out, err) : NULL;
	if (result->n_members > 1 && !held_out)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_members_train(&members, held_out, err);
	result->stopped = members.stopped;
	result->out_of_fold = members.n_folds > 0;
	if (result->out_of_fold)
		fit->held_out = held_out;
	else
		flt_free(held_out);
	return status;
}

/* Networks that diverged before they were of any use leave no gap. */
static void close_ranks(struct flt_detector *detector, size_t n_members)
{
	for (size_t i = 0; i < n_members; i++)
		if (detector->nets[i])
			detector->nets[detector->n_nets++] = detector->nets[i];
}

/* May return FLT_ERR_DIVERGED with networks. */
static enum flt_status train(struct fit *fit, struct flt_error *err)
{
	double start = flt_clock_seconds();
	struct flt_detector *detector = fit->detector;
	size_t n_members = fit->result->n_members;
	detector->nets = flt_alloc_zero(n_members, sizeof *detector->nets, err);
	if (!detector->nets)
		return FLT_ERR_MACHINE;
	enum flt_status status = train_members(fit, err);
	close_ranks(detector, n_members);
	if (detector->n_nets < 2 && fit->held_out) { /* one is left: its own logits are the score, and no bag's */
		flt_free(fit->held_out);
		fit->held_out = NULL;
		fit->result->out_of_fold = false;
	}
	fit->result->seconds_train = flt_clock_seconds() - start;
	return status;
}

static char *copy(const char *text, struct flt_error *err)
{
	return flt_copy_text(text, strlen(text), err);
}

static enum flt_status name(struct flt_detector *detector, const struct flt_table *table, struct flt_error *err)
{
	detector->target = copy(flt_table_target(table), err);
	detector->positive = detector->target ? copy(flt_table_positive(table), err) : NULL;
	detector->negative = detector->positive ? copy(flt_table_negative(table), err) : NULL;
	return detector->negative ? FLT_OK : FLT_ERR_MACHINE;
}

/* psi belongs to the members where there are several: their score is a log-odds already. */
static void place_psi(struct fit *fit)
{
	struct flt_detector *detector = fit->detector;
	const struct flt_loss *loss = &fit->result->used[0].loss;
	bool several = detector->n_nets > 1;
	*(several ? &detector->member_gamma : &detector->map.gamma) = loss->gamma;
	*(several ? &detector->member_log_weight_ratio : &detector->map.log_weight_ratio) =
	        log(loss->weight_positive / loss->weight_negative);
}

/* What comes on top of psi needs rows that were not trained on. */
static enum flt_status calibrate(struct fit *fit, struct flt_error *err)
{
	const struct flt_held_out *by = &fit->result->chosen_by;
	enum flt_calibration how = fit->options->calibrate;
	bool unseen = fit->result->chosen_on == FLT_VALIDATION || fit->result->out_of_fold;
	if (!unseen && how == FLT_CALIBRATE_AUTO)
		how = FLT_CALIBRATE_MAP;
	if (!unseen && (how == FLT_CALIBRATE_PLATT || how == FLT_CALIBRATE_ISOTONIC))
		return flt_fail(err, FLT_ERR_USAGE,
		                "--calibrate %s needs validation rows, which were not trained on; give "
		                "--validation-fraction, or --calibrate map",
		                how == FLT_CALIBRATE_PLATT ? "platt" : "isotonic");
	return flt_map_fit(&fit->detector->map, how, by->score, by->label, by->n_rows, fit->options->train.seed, err);
}

static enum flt_status held_out_new(struct flt_held_out *by, size_t n, struct flt_error *err)
{
	by->rows = flt_alloc(n, sizeof *by->rows, err);
	by->label = by->rows ? flt_alloc(n, sizeof *by->label, err) : NULL;
	by->score = by->label ? flt_alloc(n, sizeof *by->score, err) : NULL;
	by->log_odds = by->score ? flt_alloc(n, sizeof *by->log_odds, err) : NULL;
	return by->log_odds ? FLT_OK : FLT_ERR_MACHINE;
}

/* The rows that choose: of the validation part, those that a bag left out, or for want of both the fit rows. */
static enum flt_status take_choosers(struct fit *fit, struct flt_error *err)
{
	bool validated = fit->validation.n_rows > 0;
	const struct part *part = validated ? &fit->validation : &fit->fit;
	const size_t *rows = validated ? fit->validation_rows : fit->fit_rows;
	size_t bad_row;
	struct flt_held_out *by = &fit->result->chosen_by;
	fit->result->chosen_on = validated ? FLT_VALIDATION : FLT_FIT;
	enum flt_status status = held_out_new(by, part->n_rows, err);
	if (status != FLT_OK)
		return status;
	if (!fit->held_out)
		status = flt_detector_score_prepared(fit->detector, part->x, part->n_rows,
		                                     fit->options->train.n_threads, by->score, &bad_row, err);
	for (size_t i = 0; i < part->n_rows; i++) {
		if (fit->held_out && isnan(fit->held_out[i]))
			continue;
		if (fit->held_out)
			by->score[by->n_rows] = fit->held_out[i];
		by->rows[by->n_rows] = rows[i];
		by->label[by->n_rows++] = part->label[i];
	}
	return status;
}

/* Map and threshold. */
static enum flt_status choose(struct fit *fit, struct flt_error *err)
{
	struct flt_held_out *by = &fit->result->chosen_by;
	struct flt_detector *detector = fit->detector;
	place_psi(fit);
	enum flt_status status = take_choosers(fit, err);
	if (status == FLT_OK)
		status = calibrate(fit, err);
	for (size_t i = 0; status == FLT_OK && i < by->n_rows; i++)
		by->log_odds[i] = flt_detector_log_odds(detector, by->score[i]);
	detector->rule = fit->options->rule;
	if (status == FLT_OK)
		status = flt_rule_choose(&detector->rule, by->log_odds, by->label, by->n_rows, &detector->choice, err);
	return status;
}

/* From prepared rows to a finished detector, also after divergence if there are weights to keep. */
static enum flt_status learn(struct fit *fit, struct flt_error *err)
{
	enum flt_status trained = train(fit, err);
	if (fit->result->stopped || fit->detector->n_nets == 0 || (trained != FLT_OK && trained != FLT_ERR_DIVERGED))
		return trained;
	if (fit->validation.n_rows > 0)
		part_release(&fit->fit);
	struct flt_error later = {0};
	struct flt_error *reason = trained == FLT_OK ? err : &later; /* the divergence is what the user has to hear */
	enum flt_status status = choose(fit, reason);
	return trained == FLT_OK  ? status
	       : status == FLT_OK ? FLT_ERR_DIVERGED
	                          : flt_fail(err, status, "%s", later.text);
}

enum flt_status flt_fit(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                        const size_t *validation_rows, size_t n_validation, const struct flt_fit_options *options,
                        const struct flt_hooks *hooks, struct flt_detector **detector, struct flt_fit_result *result,
                        struct flt_error *err)
{
	*detector = NULL;
	*result = (struct flt_fit_result){0};
	struct fit fit = {.table = table,
	                  .options = options,
	                  .hooks = hooks,
	                  .result = result,
	                  .fit_rows = fit_rows,
	                  .validation_rows = validation_rows};
	enum flt_status status = FLT_ERR_MACHINE;
	fit.detector = flt_alloc_zero(1, sizeof *fit.detector, err);
	if (!fit.detector)
		goto out;
	flt_map_init(&fit.detector->map);
	status = name(fit.detector, table, err);
	if (status == FLT_OK)
		status = prepare(&fit, n_fit, n_validation, err);
	if (status == FLT_OK)
		status = learn(&fit, err);
	bool usable = status == FLT_OK || status == FLT_ERR_DIVERGED;
	if (usable && !result->stopped && fit.detector->n_nets > 0) {
		*detector = fit.detector;
		fit.detector = NULL;
	} else {
		flt_fit_result_release(result);
	}
out:
	flt_detector_free(fit.detector);
	part_release(&fit.fit);
	part_release(&fit.validation);
	flt_free(fit.numeric);
	flt_free(fit.held_out);
	return status;
}
