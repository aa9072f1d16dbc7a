/*
 * Fitting a detector. The order of the steps is the wall between the roles: each takes the rows it may see as an
 * argument, and prepared rows are freed as soon as no later step needs them.
 */
#include "fltrain/protocol.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "protocol/clock.h"

void flt_fit_options_init(struct flt_fit_options *options)
{
	memset(options, 0, sizeof *options);
	flt_train_options_init(&options->train);
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

static enum flt_status part_make(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                 size_t n_rows, struct part *part, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(table);
	size_t row_size = flt_prep_n_features(prep) * sizeof *part->x;
	*part = (struct part){.n_rows = n_rows};
	part->label = flt_alloc(n_rows, sizeof *part->label, err);
	part->x = part->label ? flt_alloc(n_rows, row_size, err) : NULL;
	if (!part->x)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n_rows; i++) {
		part->label[i] = label[rows[i]];
		part->n_positive += label[rows[i]];
	}
	return flt_prep_apply(prep, table, rows, n_rows, part->x, err);
}

/* The state of one fit; what is still here at the end is freed. */
struct fit {
	const struct flt_table *table;
	const struct flt_fit_options *options;
	const struct flt_hooks *hooks;
	struct flt_fit_result *result;
	struct part fit, validation;
	bool *numeric; /* (n_features) inputs to embed */
	struct flt_detector *detector;
};

static enum flt_status prepare(struct fit *fit, const size_t *fit_rows, size_t n_fit, const size_t *validation_rows,
                               size_t n_validation, struct flt_error *err)
{
	double start = seconds_now();
	struct flt_prep **prep = &fit->detector->prep;
	enum flt_status status = flt_prep_fit(fit->table, fit_rows, n_fit, &fit->options->prep, prep, err);
	if (status == FLT_OK)
		status = part_make(*prep, fit->table, fit_rows, n_fit, &fit->fit, err);
	if (status == FLT_OK)
		status = part_make(*prep, fit->table, validation_rows, n_validation, &fit->validation, err);
	if (status == FLT_OK && !(fit->numeric = flt_alloc(flt_prep_n_features(*prep), sizeof *fit->numeric, err)))
		status = FLT_ERR_MACHINE;
	for (size_t i = 0; status == FLT_OK && i < flt_prep_n_features(*prep); i++)
		fit->numeric[i] = flt_prep_feature_is_numeric(*prep, i);
	fit->result->seconds_prepare = seconds_now() - start;
	return status;
}

/* Settles what depends on how many positives there are. */
static enum flt_status resolve(struct fit *fit, struct flt_error *err)
{
	size_t n_positive = fit->fit.n_positive, n_negative = fit->fit.n_rows - n_positive;
	if (n_positive == 0 || n_negative == 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "the %zu fit rows hold %zu of the positive class and %zu of the other; both are needed",
		                fit->fit.n_rows, n_positive, n_negative);
	struct flt_train_options *used = &fit->result->used;
	*used = fit->options->train;
	if (fit->options->balance)
		used->loss.weight_positive *= (double)n_negative / (double)n_positive;
	if (fit->options->monitor_auto)
		used->monitor = fit->validation.n_positive < FLT_FEW_POSITIVES ? FLT_MONITOR_LOSS : FLT_MONITOR_AP;
	return FLT_OK;
}

static bool pass_epoch(void *context, const struct flt_epoch *epoch)
{
	struct fit *fit = context;
	if (fit->hooks && fit->hooks->on_epoch && fit->hooks->on_epoch(fit->hooks->context, epoch))
		fit->result->stopped = true;
	return fit->result->stopped;
}

/* May return FLT_ERR_DIVERGED with a network. */
static enum flt_status train(struct fit *fit, struct flt_error *err)
{
	double start = seconds_now();
	size_t n_in = flt_prep_n_features(fit->detector->prep);
	struct flt_data data = {fit->fit.x, fit->fit.label, fit->fit.n_rows, n_in, fit->numeric};
	struct flt_data held_out = {fit->validation.x, fit->validation.label, fit->validation.n_rows, n_in,
	                            fit->numeric};
	struct flt_detector *detector = fit->detector;
	detector->nets = flt_alloc_zero(1, sizeof *detector->nets, err);
	if (!detector->nets)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_train(&fit->result->used, &data, held_out.n_rows ? &held_out : NULL, pass_epoch,
	                                   fit, &detector->nets[0], &fit->result->train, err);
	detector->n_nets = detector->nets[0] ? 1 : 0;
	fit->result->seconds_train = seconds_now() - start;
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

/* What comes on top of psi needs rows that were not trained on. */
static enum flt_status calibrate(struct fit *fit, const double *score, const struct part *part, struct flt_error *err)
{
	struct flt_map *map = &fit->detector->map;
	const struct flt_loss *loss = &fit->result->used.loss;
	map->gamma = loss->gamma;
	map->log_weight_ratio = log(loss->weight_positive / loss->weight_negative);
	enum flt_calibration how = fit->options->calibrate;
	if (fit->validation.n_rows == 0 && how == FLT_CALIBRATE_AUTO)
		how = FLT_CALIBRATE_MAP;
	if (fit->validation.n_rows == 0 && (how == FLT_CALIBRATE_PLATT || how == FLT_CALIBRATE_ISOTONIC))
		return flt_fail(err, FLT_ERR_USAGE,
		                "--calibrate %s needs validation rows, which were not trained on; give "
		                "--validation-fraction, or --calibrate map",
		                how == FLT_CALIBRATE_PLATT ? "platt" : "isotonic");
	return flt_map_fit(map, how, score, part->label, part->n_rows, fit->options->train.seed, err);
}

/* Map and threshold, on the validation rows or, without any, on the fit rows. */
static enum flt_status choose(struct fit *fit, struct flt_error *err)
{
	bool held_out = fit->validation.n_rows > 0;
	const struct part *part = held_out ? &fit->validation : &fit->fit;
	fit->result->chosen_on = held_out ? FLT_VALIDATION : FLT_FIT;
	double *score = flt_alloc(part->n_rows, sizeof *score, err); /* (n_rows), then log-odds */
	if (!score)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_detector_score_prepared(fit->detector, part->x, part->n_rows,
	                                                     fit->options->train.n_threads, score, err);
	if (status == FLT_OK)
		status = calibrate(fit, score, part, err);
	for (size_t i = 0; status == FLT_OK && i < part->n_rows; i++)
		score[i] = flt_detector_log_odds(fit->detector, score[i]);
	fit->detector->rule = fit->options->rule;
	if (status == FLT_OK)
		status = flt_rule_choose(&fit->options->rule, score, part->label, part->n_rows, &fit->detector->choice,
		                         err);
	flt_free(score);
	return status;
}

/* From prepared rows to a finished detector, also after divergence if there are weights to keep. */
static enum flt_status learn(struct fit *fit, struct flt_error *err)
{
	enum flt_status status = resolve(fit, err);
	if (status != FLT_OK)
		return status;
	enum flt_status trained = train(fit, err);
	if (fit->result->stopped || fit->detector->n_nets == 0 || (trained != FLT_OK && trained != FLT_ERR_DIVERGED))
		return trained;
	if (fit->validation.n_rows > 0)
		part_release(&fit->fit);
	struct flt_error later;
	struct flt_error *reason = trained == FLT_OK ? err : &later; /* the divergence is what the user has to hear */
	status = choose(fit, reason);
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
	struct fit fit = {.table = table, .options = options, .hooks = hooks, .result = result};
	enum flt_status status = FLT_ERR_MACHINE;
	fit.detector = flt_alloc_zero(1, sizeof *fit.detector, err);
	if (!fit.detector)
		goto out;
	flt_map_init(&fit.detector->map);
	status = name(fit.detector, table, err);
	if (status == FLT_OK)
		status = prepare(&fit, fit_rows, n_fit, validation_rows, n_validation, err);
	if (status == FLT_OK)
		status = learn(&fit, err);
	bool usable = status == FLT_OK || status == FLT_ERR_DIVERGED;
	if (usable && !result->stopped && fit.detector->n_nets > 0) {
		*detector = fit.detector;
		fit.detector = NULL;
	}
out:
	flt_detector_free(fit.detector);
	part_release(&fit.fit);
	part_release(&fit.validation);
	flt_free(fit.numeric);
	return status;
}
