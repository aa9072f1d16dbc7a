/* `evaluate`: load, score the labelled rows, move the threshold if asked to, report, write, check the gates. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/model_output.h"
#include "cli/commands.h"
#include "report/outputs.h"
#include "cli/scoring.h"
#include "cli/terminal.h"
#include "eval/gate.h"
#include "report/report.h"

struct evaluation {
	const struct settings *settings;
	struct flt_detector *detector;
	struct flt_stream *stream;
	double *score;  /* (n) */
	uint8_t *label; /* (n) */
	size_t n, score_capacity, label_capacity, n_positive, n_without_target;
	struct flt_evaluation evaluated;
	struct flt_gates gates;
	struct flt_outputs outputs;
	struct model_output model;
	FILE *json;
};

static enum flt_status check_options(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	if (settings->output && !options_given(settings, "threshold"))
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "-o %s: evaluate writes a model only when it moves the threshold; add --threshold, or leave "
		        "out -o",
		        settings->output);
	struct flt_error why;
	enum flt_status status =
	        settings->require ? flt_gate_parse(settings->require, &evaluation->gates, &why) : FLT_OK;
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "--require: %s", why.text);
}

/* ---- labels ---- */

static bool is_among(char *const *values, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(values[i], text) == 0)
			return true;
	return false;
}

/* Adds a row by the class that its target names; one without is an error or, on request, left out. */
static enum flt_status add_row(struct evaluation *evaluation, const struct flt_scored_rows *rows, size_t i,
                               struct flt_error *err)
{
	const struct flt_detector *detector = flt_stream_detector(evaluation->stream);
	const struct flt_input *input = &detector->input;
	const char *file = flt_csv_name(flt_stream_csv(evaluation->stream));
	const char *target = flt_shown(detector->target, strlen(detector->target)).text, *text = rows->target[i];
	if (flt_stream_is_missing(evaluation->stream, text)) {
		evaluation->n_without_target++;
		if (evaluation->settings->table.drop_missing_target)
			return FLT_OK;
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: no value in target \"%s\": fill it in, or leave such rows out with "
		                "--missing-target drop",
		                file, rows->line[i], target);
	}
	bool positive = is_among(input->positive, input->n_positive, text);
	if (!positive && input->n_negative > 0 && !is_among(input->negative, input->n_negative, text))
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: target \"%s\" holds \"%s\", but the model knows \"%s\" and \"%s\"; correct it",
		                file, rows->line[i], target, flt_shown(text, strlen(text)).text, detector->negative,
		                detector->positive);
	evaluation->score[evaluation->n] = rows->score[i];
	evaluation->label[evaluation->n++] = positive;
	evaluation->n_positive += positive;
	return FLT_OK;
}

static enum flt_status add_block(void *context, size_t n_parts, const struct flt_scored_rows *rows,
                                 struct flt_error *err)
{
	struct evaluation *evaluation = context;
	size_t n = evaluation->n + rows->n;
	(void)n_parts;
	enum flt_status status =
	        flt_grow((void **)&evaluation->score, &evaluation->score_capacity, n, sizeof(double), err);
	if (status == FLT_OK)
		status = flt_grow((void **)&evaluation->label, &evaluation->label_capacity, n, sizeof(uint8_t), err);
	for (size_t i = 0; status == FLT_OK && i < rows->n; i++)
		status = add_row(evaluation, rows, i, err);
	return status;
}

static enum flt_status score_rows(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	struct flt_stream_options options = {
	        .reading = scoring_reading(settings), .needs_target = true, .n_threads = settings->threads};
	struct flt_stream_visitor visitor = {.context = evaluation, .on_block = add_block};
	enum flt_status status =
	        flt_stream_open(evaluation->detector, settings->files[1], &options, &evaluation->stream, err);
	if (status == FLT_OK)
		status = flt_stream_run(evaluation->stream, &visitor, err);
	if (status != FLT_OK)
		return status;
	if (!settings->quiet)
		scoring_warn(evaluation->stream);
	if (evaluation->n_without_target > 0 && !settings->quiet)
		fprintf(stderr, "fltrain: warning: %s: left out %zu row%s without a target\n", settings->files[1],
		        evaluation->n_without_target, evaluation->n_without_target == 1 ? "" : "s");
	if (evaluation->n_positive > 0 && evaluation->n_positive < evaluation->n)
		return FLT_OK;
	if (evaluation->n == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: no rows to judge on; choose another file", settings->files[1]);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %zu of its %zu rows are \"%s\"; figures need rows of both classes, so choose another file",
	                settings->files[1], evaluation->n_positive, evaluation->n, evaluation->detector->positive);
}

/* ---- figures ---- */

static enum flt_status measure(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	const char *sha256 = flt_csv_sha256(flt_stream_csv(evaluation->stream));
	double *score = evaluation->score;
	uint8_t *label = evaluation->label;
	evaluation->score = NULL;
	evaluation->label = NULL;
	FLT_TRY(flt_evaluation_of_file(evaluation->detector, score, label, evaluation->n, sha256, settings->threads,
	                               &evaluation->evaluated, err));
	if (!options_given(settings, "threshold"))
		return FLT_OK;
	return flt_evaluation_choose(&evaluation->evaluated, &settings->rule, sha256, settings->threads, err);
}

/* The model with its new threshold. One that fails a gate is not written. */
static enum flt_status write_model(struct evaluation *evaluation, struct flt_error *err)
{
	FLT_TRY(model_output_open(&evaluation->model, &evaluation->outputs, evaluation->settings->output, NULL, err));
	return model_output_write(&evaluation->model, evaluation->detector, err);
}

static enum flt_status report(struct evaluation *evaluation, const char *failed, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	const char *sha256 = flt_csv_sha256(flt_stream_csv(evaluation->stream));
	struct flt_report_evaluation about = {
	        .about = {.bold = terminal_is_bold(stdout),
	                  .verbose = settings->verbose,
	                  .model_file = evaluation->model.path,
	                  .model_sha256 = evaluation->model.sha256},
	        .evaluated_model = settings->files[0],
	        .data_file = settings->files[1],
	        .data_sha256 = sha256,
	        .require = settings->require,
	        .failed = failed,
	};
	enum flt_status status = FLT_OK;
	if (evaluation->json)
		status = flt_report_evaluate_json(evaluation->json, &evaluation->evaluated, &about, err);
	if (!evaluation->outputs.stdout_taken) {
		flt_report_evaluate_text(stdout, &evaluation->evaluated, &about);
		if (settings->require && !failed)
			fprintf(stdout, "passed     %s\n", settings->require);
	}
	if (status == FLT_OK)
		status = flt_outputs_commit(&evaluation->outputs, err);
	if (status == FLT_OK && !settings->quiet)
		model_output_tell(&evaluation->model);
	if (status == FLT_OK && !evaluation->outputs.stdout_taken)
		flt_outputs_list(&evaluation->outputs, stdout, about.about.bold);
	return status;
}

static enum flt_status evaluate(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	struct flt_error gate_err = {0};
	enum flt_status gate = FLT_OK;
	enum flt_status status = check_options(evaluation, err);
	if (status == FLT_OK)
		status = flt_detector_load(settings->files[0], &evaluation->detector, err);
	if (status == FLT_OK)
		status = flt_outputs_open(&evaluation->outputs, settings->json, &evaluation->json, err);
	if (status == FLT_OK)
		status = score_rows(evaluation, err);
	if (status == FLT_OK)
		status = measure(evaluation, err);
	if (status == FLT_OK && settings->require)
		gate = flt_gate_check(&evaluation->gates, &evaluation->evaluated.figures, &gate_err);
	if (gate != FLT_OK && gate != FLT_ERR_GATE)
		return flt_fail(err, gate, "--require: %s", gate_err.text);
	if (status == FLT_OK && gate == FLT_OK && settings->output)
		status = write_model(evaluation, err);
	if (status == FLT_OK)
		status = report(evaluation, gate == FLT_ERR_GATE ? gate_err.text : NULL, err);
	return status == FLT_OK && gate != FLT_OK ? flt_fail(err, gate, "%s", gate_err.text) : status;
}

enum flt_status run_evaluate(const struct settings *settings, struct flt_error *err)
{
	struct evaluation evaluation = {.settings = settings, .outputs = {.standard = stdout}};
	enum flt_status status = evaluate(&evaluation, err);
	flt_outputs_discard(&evaluation.outputs);
	model_output_release(&evaluation.model);
	flt_stream_free(evaluation.stream);
	flt_evaluation_release(&evaluation.evaluated);
	flt_detector_free(evaluation.detector);
	flt_free(evaluation.score);
	flt_free(evaluation.label);
	return status;
}
