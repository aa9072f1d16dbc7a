/* `predict`: load a model, open a file, adapt the model to the file's rows if asked to, then score and write them. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/character.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/following.h"
#include "cli/over_ranks.h"
#include "cli/progress.h"
#include "cli/put_in_place.h"
#include "cli/report_output.h"
#include "cli/scoring.h"
#include "cli/table_warnings.h"
#include "cli/terminal.h"
#include "fltrain/stream.h"
#include "report/choice_text.h"
#include "report/layout.h"
#include "report/outputs.h"
#include "report/predict_csv.h"
#include "report/report.h"

struct prediction {
	const struct settings *settings;
	const char *const *data; /* (n_data) files */
	size_t n_data;
	struct flt_detector *detector;
	struct flt_stream *stream;
	struct flt_prior prior; /* estimated, if has_prior */
	bool has_prior;
	struct flt_outputs outputs;
	const char *output; /* where the rows go */
	bool to_stdout;
	size_t n_unscored; /* rows that are followed */
	FILE *out;
	struct report_output report;
	struct flt_predict_csv format;
	struct flt_reasons *reasons; /* NULL: rows are not explained */
	struct flt_report_reasons explained;
	struct flt_text_buffer chunks[FLT_STREAM_MAX_CHUNKS];
	double started;
};

/* ---- options ---- */

static bool has_rule(const struct settings *settings)
{
	return options_given(settings, "threshold");
}

static bool needs_two_passes(const struct settings *settings)
{
	return settings->estimate_prior ||
	       (has_rule(settings) && flt_rule_needs(&settings->rule) != FLT_RULE_NEEDS_NOTHING);
}

static bool is_file(const char *path)
{
	struct stat about;
	int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &about) : stat(path, &about);
	return failed || S_ISREG(about.st_mode); /* a missing file is reported when it is opened */
}

static enum flt_status check_options(const struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	const char *rule = options_text(settings, "threshold");
	if (has_rule(settings) && flt_rule_needs(&settings->rule) == FLT_RULE_NEEDS_LABELS)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--threshold %s: needs rows whose class is known; choose it with `fltrain evaluate "
		                "--threshold '%s' -o NEW MODEL DATA.csv`",
		                rule, rule);
	FLT_TRY(following_check(settings, needs_two_passes(settings), err));
	bool all_files = true;
	for (size_t i = 0; i < prediction->n_data; i++)
		all_files = all_files && is_file(prediction->data[i]);
	if (!needs_two_passes(settings) || all_files)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_USAGE, "%s %s: goes through all rows twice, which a pipe does not allow; give a file",
	        settings->estimate_prior ? "--prior" : "--threshold", settings->estimate_prior ? "estimate" : rule);
}

/* ---- adapting the model ---- */

static void tell_prior(const struct prediction *prediction)
{
	const struct flt_prior *prior = &prediction->prior;
	if (prior->why[0]) {
		warn("prior: %s; its own prior of %s stays\n", prior->why, flt_share(prior->own).text);
		return;
	}
	flt_say(stderr, "fltrain: prior: %s [%s, %s] of the rows of %s are estimated to be positive; ",
	        flt_share(prior->share).text, flt_share(prior->lo).text, flt_share(prior->hi).text,
	        flt_stream_name(prediction->stream));
	flt_say(stderr,
	        prior->moves ? "the model's own prior was %s\n" : "the model's own prior, %s, may be right and stays\n",
	        flt_share(prior->own).text);
	if (prior->lo <= 0)
		warn("prior: the interval reaches 0: these rows do not tell how rare positive ones are among them\n");
	if (prior->disagrees)
		warn("prior: adjusted counting says %s [%s, %s], which contradicts the estimate: "
		     "rows "
		     "of a class may not look as in training; judge some rows of known class by fltrain evaluate\n",
		     flt_share(prior->adjusted_count).text, flt_share(prior->adjusted_lo).text,
		     flt_share(prior->adjusted_hi).text);
}

static enum flt_status estimate_prior(struct prediction *prediction, const double *score, size_t n,
                                      struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	struct flt_prior *prior = &prediction->prior;
	FLT_TRY(flt_detector_judge_prior(prediction->detector, score, n, settings->threads, prior, err));
	prediction->has_prior = true;
	if (!settings->quiet)
		tell_prior(prediction);
	return prior->moves ? scoring_set_prior(settings, prediction->detector, prior->value, err) : FLT_OK;
}

static enum flt_status choose_threshold(struct prediction *prediction, const double *score, size_t n,
                                        struct flt_error *err)
{
	const char *rule = options_text(prediction->settings, "threshold");
	bool quiet = prediction->settings->quiet;
	char text[FLT_CHOICE_TEXT_SIZE];
	if (!quiet && flt_replaced_text(prediction->detector, rule, text))
		flt_say(stderr, "fltrain: %s\n", text);
	FLT_TRY(flt_detector_choose_threshold(prediction->detector, rule, score, NULL, n, err));
	if (!quiet && flt_ties_text(prediction->detector, text))
		flt_say(stderr, "fltrain: %s\n", text);
	return FLT_OK;
}

static enum flt_status adapt_to_rows(struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	double *score;
	size_t n;
	FLT_TRY(flt_stream_scores(prediction->stream, &score, &n, err));
	enum flt_status status = FLT_OK;
	if (n > 0 && settings->estimate_prior)
		FLT_TRY_OUT(estimate_prior(prediction, score, n, err));
	if (n > 0 && has_rule(settings))
		FLT_TRY_OUT(choose_threshold(prediction, score, n, err));
out:
	flt_release(score);
	return status;
}

static enum flt_status adapt(struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	if (settings->prior > 0)
		FLT_TRY(scoring_set_prior(settings, prediction->detector, settings->prior, err));
	if (needs_two_passes(settings))
		return adapt_to_rows(prediction, err);
	return has_rule(settings) ? choose_threshold(prediction, NULL, 0, err) : FLT_OK;
}

/* ---- the rows ---- */

static enum flt_status render_chunk(void *context, size_t chunk, const struct flt_scored_rows *rows,
                                    struct flt_error *err)
{
	struct prediction *prediction = context;
	prediction->chunks[chunk].length = 0;
	return flt_predict_csv_lines(&prediction->format, rows, &prediction->chunks[chunk], err);
}

static enum flt_status write_block(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                   struct flt_error *err)
{
	struct prediction *prediction = context;
	size_t n_unscored = prediction->n_unscored;
	FLT_TRY(following_count(prediction->settings, rows, &prediction->n_unscored, err));
	if (prediction->reasons && prediction->n_unscored == n_unscored)
		flt_report_reasons_see(&prediction->explained, rows);
	for (size_t i = 0; i < n_chunks; i++)
		fwrite(prediction->chunks[i].bytes, 1, prediction->chunks[i].length, prediction->out);
	if (prediction->settings->follow)
		fflush(prediction->out);
	/* This only ends the work: committing the output fails too, and says why. */
	return ferror(prediction->out) ? flt_fail(err, FLT_ERR_MACHINE, "%s", "") : FLT_OK;
}

static enum flt_status write_rows(struct prediction *prediction, struct flt_error *err)
{
	const struct flt_stream *stream = prediction->stream;
	bool keep = prediction->settings->keep_all;
	prediction->format = (struct flt_predict_csv){
	        .detector = prediction->detector,
	        .rows_chose = needs_two_passes(prediction->settings) && has_rule(prediction->settings),
	        .reasons = prediction->reasons,
	        .n_reasons = prediction->settings->n_reasons,
	        .keep_records = keep,
	        .has_errors = prediction->settings->follow,
	        .delimiter = keep ? flt_stream_delimiter(stream) : ',',
	        .decimal = keep ? flt_stream_decimal(stream) : '.',
	};
	struct flt_text_buffer *header = &prediction->chunks[0];
	FLT_TRY(flt_predict_csv_header(&prediction->format, stream, header, err));
	put_in_place_begin(&prediction->outputs);
	if (prediction->settings->follow)
		following_begin();
	fwrite(header->bytes, 1, header->length, prediction->out);
	if (prediction->settings->follow)
		fflush(prediction->out);
	struct flt_stream_visitor visitor = {prediction, render_chunk, write_block, prediction->reasons};
	if (flt_ranks_own(prediction->settings->ranks) > 0) { /* rank 0 writes */
		visitor.on_chunk = NULL;
		visitor.on_block = NULL;
	}
	struct flt_progress progress = progress_start(prediction->settings, "scoring");
	bool share_terminal = prediction->out == stdout && terminal_is_read() && progress.style == FLT_PROGRESS_BAR;
	if (!prediction->settings->follow && !share_terminal)
		flt_stream_tell_share(prediction->stream, progress_on_share, &progress);
	enum flt_status status = flt_stream_run(prediction->stream, &visitor, err);
	flt_progress_clear(&progress);
	return ferror(prediction->out) ? FLT_OK : status;
}

static enum flt_status open_reasons(struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	struct flt_error why;
	if (settings->n_reasons == 0)
		return FLT_OK;
	enum flt_status status = flt_reasons_new(prediction->detector, &prediction->reasons, &why);
	if (status == FLT_ERR_MODEL)
		return flt_fail(err, FLT_ERR_USAGE, "--reasons: %s: %s, or leave out --reasons", settings->files[0],
		                why.text);
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "%s", why.text);
}

static enum flt_status open_files(struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	struct flt_stream_options options = {
	        .reading = scoring_reading(settings),
	        .keep_records = settings->keep_all,
	        .rewindable = needs_two_passes(settings),
	        .follow = settings->follow,
	        .n_threads = settings->threads,
	};
	FLT_TRY(scoring_load(settings, &prediction->detector, err));
	FLT_TRY(scoring_check(settings, prediction->detector, err));
	FLT_TRY(open_reasons(prediction, err));
	FLT_TRY(flt_stream_open_files(prediction->detector, prediction->data, prediction->n_data, &options,
	                              &prediction->stream, err));
	FLT_TRY(scoring_deal(settings, prediction->detector, prediction->stream, err));
	tell_of_wide_scoring(settings, prediction->data, prediction->n_data, prediction->stream);
	FLT_TRY(flt_outputs_open(&prediction->outputs, prediction->output, &prediction->out, err));
	FLT_TRY(following_check_output(settings, &prediction->outputs, err));
	return report_output_open(&prediction->report, &prediction->outputs, settings, err);
}

static enum flt_status write_json(struct prediction *prediction, bool refused, struct flt_error *err)
{
	const struct flt_report_prediction about = {
	        .detector = prediction->detector,
	        .stream = prediction->stream,
	        .model_file = prediction->settings->files[0],
	        .prior = prediction->has_prior ? &prediction->prior : NULL,
	        .prior_is_given = prediction->settings->prior > 0,
	        .reasons = prediction->reasons,
	        .n_reasons = prediction->settings->n_reasons,
	        .explained = &prediction->explained,
	        .predictions_file = refused && !prediction->to_stdout ? NULL : prediction->output,
	};
	return prediction->report.json ? flt_report_predict_json(prediction->report.json, &about, err) : FLT_OK;
}

static enum flt_status refuse(const struct prediction *prediction, struct flt_error *err)
{
	char unwritten[300];
	snprintf(unwritten, sizeof unwritten, "%.*s was not written", (int)flt_fitting_length(prediction->output, 280),
	         prediction->output);
	return scoring_refuse(prediction->settings, prediction->stream, prediction->to_stdout ? NULL : unwritten, err);
}

static void tell_rows(const struct prediction *prediction)
{
	size_t n = flt_stream_n_rows(prediction->stream);
	flt_say(stderr, "fltrain: %zu row%s of %s in %.2f s\n", n, flt_plural(n), flt_stream_name(prediction->stream),
	        flt_report_clock() - prediction->started);
}

/* Puts the outputs in place. With --strict, rows of a file that is not as in training stay away; those on stdout are
 * gone. The JSON says why. */
static enum flt_status write_files(struct prediction *prediction, bool refused, struct flt_error *err)
{
	prediction->report.status = write_json(prediction, refused, &prediction->report.reason);
	if (refused && !prediction->to_stdout)
		flt_outputs_drop(&prediction->outputs, prediction->output);
	report_output_drop(&prediction->report, &prediction->outputs);
	FLT_TRY(put_in_place(&prediction->outputs, err));
	following_end(prediction->settings, prediction->stream, prediction->n_unscored);
	if (!prediction->settings->quiet)
		scoring_warn(prediction->settings, prediction->stream);
	if (!prediction->settings->quiet && prediction->reasons)
		flt_report_reasons_text(stderr, prediction->reasons, &prediction->explained);
	if (prediction->settings->verbose)
		tell_rows(prediction);
	over_ranks_tell_scoring(prediction->settings, prediction->stream);
	return refused ? refuse(prediction, err) : FLT_OK;
}

static enum flt_status finish(struct prediction *prediction, struct flt_error *err)
{
	struct flt_error failure = {.status = FLT_OK};
	bool refused = scoring_is_refused(prediction->settings, prediction->stream);
	failure.status = write_files(prediction, refused, &failure);
	return report_output_end(&prediction->report, &prediction->outputs, &failure, err);
}

static enum flt_status predict(struct prediction *prediction, struct flt_error *err)
{
	FLT_TRY(check_options(prediction, err));
	FLT_TRY(open_files(prediction, err));
	FLT_TRY(adapt(prediction, err));
	FLT_TRY(write_rows(prediction, err));
	return finish(prediction, err);
}

enum flt_status run_predict(const struct settings *settings, struct flt_error *err)
{
	static const char *const standard_input = "-";
	struct prediction prediction = {.settings = settings,
	                                .started = flt_report_clock(),
	                                .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	prediction.n_data = settings->n_files > 1 ? settings->n_files - 1 : 1;
	prediction.data = settings->n_files > 1 ? settings->files + 1 : &standard_input;
	prediction.output = settings->output ? settings->output : "-";
	prediction.to_stdout = strcmp(prediction.output, "-") == 0;
	enum flt_status status = predict(&prediction, err);
	flt_outputs_discard(&prediction.outputs);
	for (size_t i = 0; i < FLT_STREAM_MAX_CHUNKS; i++)
		flt_text_buffer_release(&prediction.chunks[i]);
	flt_stream_free(prediction.stream);
	flt_reasons_free(prediction.reasons);
	flt_detector_free(prediction.detector);
	return status;
}
