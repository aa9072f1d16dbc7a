/* `explain`: load a model, sample labelled rows while they are scored, explain, report. */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/labelled.h"
#include "cli/progress.h"
#include "cli/put_in_place.h"
#include "cli/report_output.h"
#include "cli/scoring.h"
#include "cli/terminal.h"
#include "protocol/explain.h"
#include "report/layout.h"
#include "report/outputs.h"
#include "report/report.h"

struct explaining {
	const struct settings *settings;
	struct flt_explain_options options;
	struct flt_detector *detector;
	struct flt_explain_sample sample;
	struct flt_stream *stream;
	struct flt_labelled_rows rows;
	struct flt_explanation explanation;
	struct flt_outputs outputs;
	struct report_output report;
};

static enum flt_status read_rows(struct explaining *explaining, struct flt_error *err)
{
	const struct settings *settings = explaining->settings;
	struct flt_explain_sample *sample = &explaining->sample;
	size_t n_most = flt_explain_n_rows(explaining->detector, &explaining->options);
	FLT_TRY(flt_explain_sample_init(sample, explaining->detector, n_most, settings->seed, MOST_KNOWN_COLUMNS, err));
	explaining->rows.sample = sample;
	const struct labelled_reading reading = {.settings = settings,
	                                         .detector = explaining->detector,
	                                         .extra = sample->extra,
	                                         .n_extra = sample->n_names,
	                                         .may_lack_target = true};
	return labelled_read(&reading, &explaining->rows, &explaining->stream, err);
}

/* Many columns, or a sample that was asked for, can take long. */
static void tell_of_long_work(const struct explaining *explaining)
{
	const double patience = 30;
	double seconds = flt_explain_seconds(explaining->detector, explaining->rows.n, &explaining->options);
	if (!explaining->settings->quiet && seconds > patience)
		flt_say(stderr,
		        "fltrain: explaining this model on these rows takes about %s; fewer --repeats, or a smaller "
		        "--sample, are quicker\n",
		        flt_duration(seconds).text);
}

static enum flt_status explain_rows(struct explaining *explaining, struct flt_error *err)
{
	const struct flt_reading_options reading = scoring_reading(explaining->settings);
	tell_of_long_work(explaining);
	explaining->rows.prior = explaining->settings->prior;
	struct flt_progress progress = progress_begin(explaining->settings, "explaining");
	explaining->options.on_share = progress_on_share;
	explaining->options.context = &progress;
	enum flt_status status = flt_explain_labelled(explaining->detector, &explaining->rows, explaining->stream,
	                                              &reading, &explaining->options, &explaining->explanation, err);
	flt_progress_clear(&progress);
	return status;
}

static enum flt_status write_report(struct explaining *explaining, const struct flt_report_explanation *about,
                                    struct flt_error *err)
{
	char *text;
	if (!report_output_is_wanted(&explaining->report))
		return FLT_OK;
	FLT_TRY(flt_report_explain_json(about, &text, err));
	return report_output_write(&explaining->report, text, err);
}

static enum flt_status report(struct explaining *explaining, struct flt_error *err)
{
	const struct settings *settings = explaining->settings;
	const struct flt_report_explanation about = {
	        .about = {.style = terminal_style(stdout),
	                  .verbose = settings->verbose,
	                  .command = settings->command_line},
	        .seed = settings->seed,
	        .detector = explaining->detector,
	        .explanation = &explaining->explanation,
	        .explained_model = settings->files[0],
	        .labels = &explaining->rows,
	        .stream = explaining->stream,
	        .data_sha256 = flt_stream_sha256(explaining->stream),
	};
	put_in_place_begin(&explaining->outputs);
	explaining->report.status = write_report(explaining, &about, &explaining->report.reason);
	if (!explaining->outputs.stdout_taken) /* people get theirs even if there is no memory for the JSON */
		flt_report_explain_text(stdout, &about);
	struct flt_error failure = {.status = FLT_OK};
	failure.status =
	        report_output_put_in_place(&explaining->report, &explaining->outputs, about.about.style, &failure);
	return report_output_end(&explaining->report, &explaining->outputs, &failure, err);
}

static enum flt_status explain(struct explaining *explaining, struct flt_error *err)
{
	const struct settings *settings = explaining->settings;
	FLT_TRY(scoring_load(settings, &explaining->detector, err));
	FLT_TRY(scoring_check(settings, explaining->detector, err));
	FLT_TRY(flt_explain_check(explaining->detector, &explaining->options, err));
	FLT_TRY(report_output_open(&explaining->report, &explaining->outputs, settings, err));
	if (settings->prior > 0)
		FLT_TRY(flt_detector_set_prior(explaining->detector, settings->prior, err));
	FLT_TRY(read_rows(explaining, err));
	if (scoring_is_refused(settings, explaining->stream))
		return scoring_refuse(settings, explaining->stream, NULL, err);
	FLT_TRY(explain_rows(explaining, err));
	return report(explaining, err);
}

enum flt_status run_explain(const struct settings *settings, struct flt_error *err)
{
	struct explaining explaining = {.settings = settings,
	                                .options = {.n_rows = settings->sample,
	                                            .n_repeats = settings->n_repeats,
	                                            .groups = settings->group_columns,
	                                            .n_groups = settings->n_group_columns,
	                                            .seed = settings->seed,
	                                            .n_threads = settings->threads},
	                                .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = explain(&explaining, err);
	flt_outputs_discard(&explaining.outputs);
	flt_explanation_release(&explaining.explanation);
	flt_stream_free(explaining.stream);
	flt_labelled_rows_release(&explaining.rows);
	flt_explain_sample_release(&explaining.sample);
	flt_detector_free(explaining.detector);
	return status;
}
