/* `evaluate`: load a model, score labelled rows, move the threshold if asked to, check the gates, write, report. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/labelled.h"
#include "cli/put_in_place.h"
#include "cli/report_output.h"
#include "cli/model_output.h"
#include "cli/over_ranks.h"
#include "cli/scoring.h"
#include "cli/terminal.h"
#include "fltrain/stream.h"
#include "protocol/explain.h"
#include "protocol/labelled.h"
#include "protocol/slices.h"
#include "report/layout.h"
#include "report/outputs.h"
#include "report/report.h"

struct evaluation {
	const struct settings *settings;
	struct flt_detector *detector;
	struct flt_stream *stream;
	struct flt_labelled_rows rows;
	struct flt_evaluation evaluated;
	struct flt_gates gates;
	struct flt_outputs outputs;
	struct model_output model;
	struct report_output report;
	struct flt_names by; /* columns of --by */
	struct flt_slices slices;
	struct flt_explain_options explaining; /* for a page */
	struct flt_explain_sample sample;
	struct flt_explanation explanation;
};

static enum flt_status check_options(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	if (settings->output && !options_given(settings, "threshold") && settings->prior <= 0)
		return flt_fail(err, FLT_ERR_USAGE,
		                "-o %s: evaluate writes a model only when it moves the threshold; add --threshold or "
		                "--prior, or "
		                "leave out -o",
		                settings->output);
	if (settings->by)
		FLT_TRY(flt_names_split(settings->by, &evaluation->by, err));
	if (evaluation->by.n > FLT_MOST_SLICES)
		return flt_fail(err, FLT_ERR_USAGE, "--by: %zu columns are too many; name at most %d", evaluation->by.n,
		                FLT_MOST_SLICES);
	struct flt_error why;
	enum flt_status status =
	        settings->require ? flt_gate_parse(settings->require, &evaluation->gates, &why) : FLT_OK;
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "--require: %s", why.text);
}

static enum flt_status check_by(const struct evaluation *evaluation, struct flt_error *err)
{
	for (size_t i = 0; i < evaluation->by.n; i++)
		if (strcmp(evaluation->by.items[i], evaluation->detector->target) == 0)
			return flt_fail(err, FLT_ERR_USAGE,
			                "--by: \"%s\" is the target, and no figure can be compared between rows of one "
			                "class and of the other; name other columns",
			                flt_shown(evaluation->by.items[i], strlen(evaluation->by.items[i])).text);
	return FLT_OK;
}

/* A page says what the model relies on, too, unless that takes long: rows are kept for it. */
static enum flt_status begin_sample(struct evaluation *evaluation, struct flt_error *err)
{
	const struct flt_detector *detector = evaluation->detector;
	struct flt_explain_options *options = &evaluation->explaining;
	*options = (struct flt_explain_options){
	        .is_brief = true, .seed = evaluation->settings->seed, .n_threads = evaluation->settings->threads};
	size_t n_most = flt_explain_n_rows(detector, options);
	if (!evaluation->report.page || flt_explain_seconds(detector, n_most, options) > FLT_EXPLAIN_BRIEF_SECONDS)
		return FLT_OK;
	evaluation->rows.sample = &evaluation->sample;
	return flt_explain_sample_init(&evaluation->sample, detector, n_most, options->seed,
	                               evaluation->by.n + MOST_KNOWN_COLUMNS, err);
}

static enum flt_status explain(struct evaluation *evaluation, struct flt_error *err)
{
	const struct flt_reading_options reading = scoring_reading(evaluation->settings);
	if (!evaluation->rows.sample)
		return FLT_OK;
	return flt_explain_sampled(&evaluation->evaluated, &evaluation->sample, &reading, &evaluation->explaining,
	                           &evaluation->explanation, err);
}

static enum flt_status score_rows(struct evaluation *evaluation, struct flt_error *err)
{
	struct flt_stream_extra room[FLT_MOST_SLICES + MOST_KNOWN_COLUMNS], *beside = room;
	size_t n = 0;
	FLT_TRY(check_by(evaluation, err));
	FLT_TRY(begin_sample(evaluation, err));
	if (evaluation->rows.sample) {
		beside = evaluation->sample.extra;
		n = evaluation->sample.n_names;
	}
	for (size_t i = 0; i < evaluation->by.n; i++)
		beside[n++] = (struct flt_stream_extra){evaluation->by.items[i], "--by"};
	const struct labelled_reading reading = {
	        .settings = evaluation->settings, .detector = evaluation->detector, .extra = beside, .n_extra = n};
	return labelled_read(&reading, &evaluation->rows, &evaluation->stream, err);
}

static enum flt_status evaluate_rows(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	const struct flt_rule *rule = options_given(settings, "threshold") ? &settings->rule : NULL;
	if (settings->prior > 0)
		FLT_TRY(scoring_set_prior(settings, evaluation->detector, settings->prior, err));
	evaluation->rows.prior = settings->prior;
	FLT_TRY(flt_labelled_rows_evaluate(&evaluation->rows, evaluation->stream, evaluation->detector, rule,
	                                   settings->threads, &evaluation->evaluated, err));
	const struct flt_slice_columns columns = {
	        .names = (const char *const *)evaluation->by.items,
	        .n = evaluation->by.n,
	        .rows = &evaluation->rows,
	        .decimal = flt_stream_decimal(evaluation->stream),
	        .delimiter = flt_stream_delimiter(evaluation->stream),
	        .na = settings->table.na,
	};
	if (columns.n == 0)
		return FLT_OK;
	return flt_slices_make(&evaluation->evaluated, &columns, settings->threads, &evaluation->slices, err);
}

/* The figures that only pictures show. */
static void find_pictures(struct evaluation *evaluation)
{
	struct report_output *report = &evaluation->report;
	if (evaluation->settings->plot || report_output_is_wanted(report))
		report->status = flt_evaluation_find_curves(&evaluation->evaluated, &report->reason);
	if (report->status == FLT_OK)
		report->status = explain(evaluation, &report->reason);
}

/* FLT_ERR_GATE is a finding, which the report shows. */
static enum flt_status check_gates(const struct evaluation *evaluation, struct flt_error *finding,
                                   struct flt_error *err)
{
	*finding = (struct flt_error){.status = FLT_OK};
	if (!evaluation->settings->require)
		return FLT_OK;
	enum flt_status status = flt_gate_check(&evaluation->gates, &evaluation->evaluated.figures, finding);
	if (status != FLT_OK && status != FLT_ERR_GATE)
		return flt_fail(err, status, "--require: %s", finding->text);
	finding->status = status;
	return FLT_OK;
}

static enum flt_status write_model(struct evaluation *evaluation, struct flt_error *err)
{
	FLT_TRY(model_output_open(&evaluation->model, &evaluation->outputs, evaluation->settings->output, NULL, err));
	put_in_place_begin(&evaluation->outputs);
	return model_output_write(&evaluation->model, evaluation->detector, err);
}

static enum flt_status write_report(struct evaluation *evaluation, const struct flt_report_evaluation *about,
                                    struct flt_error *err)
{
	char *text;
	if (!report_output_is_wanted(&evaluation->report))
		return FLT_OK;
	FLT_TRY(flt_report_evaluate_json(&evaluation->evaluated, about, &text, err));
	return report_output_write(&evaluation->report, text, err);
}

static enum flt_status report(struct evaluation *evaluation, const char *failed, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	struct flt_report_evaluation about = {
	        .about = {.style = terminal_style(stdout),
	                  .verbose = settings->verbose,
	                  .plot = settings->plot && evaluation->evaluated.curves,
	                  .explanation = evaluation->rows.sample ? &evaluation->explanation : NULL,
	                  .command = settings->command_line,
	                  .model_file = evaluation->model.path,
	                  .model_sha256 = evaluation->model.sha256},
	        .evaluated_model = settings->files[0],
	        .data_sha256 = flt_stream_sha256(evaluation->stream),
	        .labels = &evaluation->rows,
	        .slices = evaluation->by.n > 0 ? &evaluation->slices : NULL,
	        .require = settings->require,
	        .failed = failed,
	        .stream = evaluation->stream,
	};
	put_in_place_begin(&evaluation->outputs);
	if (evaluation->report.status == FLT_OK)
		evaluation->report.status = write_report(evaluation, &about, &evaluation->report.reason);
	if (!evaluation->outputs.stdout_taken) { /* people get theirs even if there is no memory for the JSON */
		flt_report_evaluate_text(stdout, &evaluation->evaluated, &about);
		if (settings->require && !failed)
			flt_say(stdout, "passed     %s\n", settings->require);
	}
	FLT_TRY(report_output_put_in_place(&evaluation->report, &evaluation->outputs, about.about.style, err));
	if (!settings->quiet)
		model_output_tell(&evaluation->model);
	over_ranks_tell_scoring(settings, evaluation->stream);
	return FLT_OK;
}

/* A model that fails a gate is not written, nor one with a threshold from rows that --strict refuses. */
static enum flt_status evaluate(struct evaluation *evaluation, struct flt_error *err)
{
	const struct settings *settings = evaluation->settings;
	struct flt_error gate;
	FLT_TRY(check_options(evaluation, err));
	FLT_TRY(scoring_load(settings, &evaluation->detector, err));
	FLT_TRY(scoring_check(settings, evaluation->detector, err));
	FLT_TRY(report_output_open(&evaluation->report, &evaluation->outputs, settings, err));
	FLT_TRY(score_rows(evaluation, err));
	if (flt_ranks_own(settings->ranks) > 0) /* rank 0 does the rest */
		return FLT_OK;
	FLT_TRY(evaluate_rows(evaluation, err));
	find_pictures(evaluation);
	FLT_TRY(check_gates(evaluation, &gate, err));
	bool refused = scoring_is_refused(settings, evaluation->stream);
	if (gate.status == FLT_OK && settings->output && !refused)
		FLT_TRY(write_model(evaluation, err));
	struct flt_error failure = {.status = FLT_OK};
	failure.status = report(evaluation, gate.status == FLT_OK ? NULL : gate.text, &failure);
	if (failure.status == FLT_OK && refused)
		scoring_refuse(settings, evaluation->stream, settings->output ? "no model was written" : NULL,
		               &failure);
	else if (failure.status == FLT_OK)
		failure = gate;
	return report_output_end(&evaluation->report, &evaluation->outputs, &failure, err);
}

enum flt_status run_evaluate(const struct settings *settings, struct flt_error *err)
{
	struct evaluation evaluation = {.settings = settings,
	                                .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = evaluate(&evaluation, err);
	flt_outputs_discard(&evaluation.outputs);
	model_output_release(&evaluation.model);
	flt_stream_free(evaluation.stream);
	flt_explanation_release(&evaluation.explanation);
	flt_explain_sample_release(&evaluation.sample);
	flt_labelled_rows_release(&evaluation.rows);
	flt_evaluation_release(&evaluation.evaluated);
	flt_slices_release(&evaluation.slices);
	flt_names_release(&evaluation.by);
	flt_detector_free(evaluation.detector);
	return status;
}
