/* `predict`: load, look over all rows first if the prior or the threshold asks for it, then score and write. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/commands.h"
#include "report/outputs.h"
#include "cli/scoring.h"
#include "report/predict_csv.h"

struct prediction {
	const struct settings *settings;
	const char *data;
	struct flt_detector *detector;
	struct flt_stream *stream;
	struct flt_outputs outputs;
	FILE *out;
	struct flt_predict_csv format;
	struct flt_text_buffer parts[FLT_STREAM_PARTS];
	double *log_odds; /* (n) of the first of two passes */
	size_t n, capacity;
};

/* ---- what needs all rows before the first is written ---- */

static bool rule_needs_rows(const struct flt_rule *rule)
{
	return rule->kind != FLT_RULE_FIXED && rule->kind != FLT_RULE_COST;
}

static bool needs_two_passes(const struct settings *settings)
{
	return settings->estimate_prior || (options_given(settings, "threshold") && rule_needs_rows(&settings->rule));
}

static bool is_file(const char *path)
{
	struct stat about;
	int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &about) : stat(path, &about);
	return failed || S_ISREG(about.st_mode); /* what is not there fails with its own reason */
}

static enum flt_status check_options(const struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	bool has_rule = options_given(settings, "threshold");
	const struct flt_rule *rule = &settings->rule;
	if (has_rule && (rule->kind == FLT_RULE_RECALL || rule->kind == FLT_RULE_PRECISION))
		return flt_fail(err, FLT_ERR_USAGE,
		                "--threshold %s: needs rows whose class is known; choose it with `fltrain evaluate "
		                "--threshold '%s' -o NEW MODEL DATA.csv`",
		                options_text(settings, "threshold"), options_text(settings, "threshold"));
	if (!needs_two_passes(settings) || is_file(prediction->data))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE,
	                "%s %s: goes through all rows twice, which a pipe does not allow; give a file",
	                settings->estimate_prior ? "--prior" : "--threshold",
	                settings->estimate_prior ? "estimate" : options_text(settings, "threshold"));
}

static enum flt_status collect_block(void *context, size_t n_parts, const struct flt_scored_rows *rows,
                                     struct flt_error *err)
{
	struct prediction *prediction = context;
	(void)n_parts;
	if (flt_grow((void **)&prediction->log_odds, &prediction->capacity, prediction->n + rows->n, sizeof(double),
	             err) != FLT_OK)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < rows->n; i++)
		prediction->log_odds[prediction->n++] = flt_detector_log_odds(prediction->detector, rows->score[i]);
	return FLT_OK;
}

static void move_prior(struct prediction *prediction, double prior)
{
	struct flt_detector *detector = prediction->detector;
	double before = detector->map.prior_shift;
	detector->map.prior_shift = flt_logit(prior) - flt_logit(detector->provenance.prevalence);
	for (size_t i = 0; i < prediction->n; i++)
		prediction->log_odds[i] += detector->map.prior_shift - before;
}

static void estimate_prior(struct prediction *prediction)
{
	double trained = prediction->detector->provenance.prevalence;
	double prior = flt_estimate_prior(prediction->log_odds, prediction->n, trained);
	if (!prediction->settings->quiet)
		fprintf(stderr,
		        "fltrain: prior: %.4g of the rows of %s are estimated to be positive (in training: %.4g)\n",
		        prior, prediction->data, trained);
	move_prior(prediction, prior);
}

static enum flt_status choose_threshold(struct prediction *prediction, struct flt_error *err)
{
	struct flt_detector *detector = prediction->detector;
	detector->rule = prediction->settings->rule;
	return flt_rule_choose(&detector->rule, prediction->log_odds, NULL, prediction->n, &detector->choice, err);
}

/* Settles probabilities and threshold: the fixed prior before the rows, what is learnt from the rows behind them. */
static enum flt_status settle(struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	enum flt_status status = FLT_OK;
	if (settings->estimate_prior)
		prediction->detector->map.prior_shift = 0;
	if (settings->prior > 0)
		move_prior(prediction, settings->prior);
	if (needs_two_passes(settings)) {
		struct flt_stream_visitor visitor = {.context = prediction, .on_block = collect_block};
		status = flt_stream_run(prediction->stream, &visitor, err);
		if (status == FLT_OK && prediction->n == 0)
			return FLT_OK;
	}
	if (status == FLT_OK && settings->estimate_prior)
		estimate_prior(prediction);
	if (status == FLT_OK && options_given(settings, "threshold"))
		status = choose_threshold(prediction, err);
	return status;
}

/* ---- the rows ---- */

static enum flt_status render_rows(void *context, size_t part, const struct flt_scored_rows *rows,
                                   struct flt_error *err)
{
	struct prediction *prediction = context;
	prediction->parts[part].length = 0;
	return flt_predict_csv_lines(&prediction->format, rows, &prediction->parts[part], err);
}

static enum flt_status write_block(void *context, size_t n_parts, const struct flt_scored_rows *rows,
                                   struct flt_error *err)
{
	struct prediction *prediction = context;
	(void)rows;
	if (interrupt_requested())
		return flt_fail(err, FLT_ERR_MACHINE, "%s", "");
	for (size_t i = 0; i < n_parts; i++)
		fwrite(prediction->parts[i].bytes, 1, prediction->parts[i].length, prediction->out);
	/* The reason is found where the stream is closed; here it only ends the work. */
	return ferror(prediction->out) ? flt_fail(err, FLT_ERR_MACHINE, "%s", "") : FLT_OK;
}

static enum flt_status write_rows(struct prediction *prediction, struct flt_error *err)
{
	const struct flt_csv *csv = flt_stream_csv(prediction->stream);
	bool keep = prediction->settings->keep_all;
	prediction->format = (struct flt_predict_csv){
	        .detector = prediction->detector,
	        .keep_records = keep,
	        .delimiter = keep ? flt_csv_delimiter(csv) : ',',
	        .decimal = keep ? scoring_decimal(prediction->settings, prediction->detector) : '.',
	};
	struct flt_text_buffer *first = &prediction->parts[0];
	enum flt_status status = flt_predict_csv_header(&prediction->format, prediction->stream, first, err);
	if (status != FLT_OK)
		return status;
	fwrite(first->bytes, 1, first->length, prediction->out);
	struct flt_stream_visitor visitor = {prediction, render_rows, write_block};
	status = flt_stream_run(prediction->stream, &visitor, err);
	return ferror(prediction->out) ? FLT_OK : status; /* committing or closing it fails, and says why */
}

static enum flt_status predict(struct prediction *prediction, struct flt_error *err)
{
	const struct settings *settings = prediction->settings;
	struct flt_stream_options options = {
	        .reading = scoring_reading(settings),
	        .keep_records = settings->keep_all,
	        .rewindable = needs_two_passes(settings),
	        .skip_digest = true,
	        .n_threads = settings->threads,
	};
	enum flt_status status = check_options(prediction, err);
	if (status == FLT_OK)
		status = flt_detector_load(settings->files[0], &prediction->detector, err);
	if (status == FLT_OK)
		status = flt_stream_open(prediction->detector, prediction->data, &options, &prediction->stream, err);
	if (settings->output)
		interrupt_defer(); /* so that no half file stays under its temporary name */
	if (status == FLT_OK)
		status = flt_outputs_open(&prediction->outputs, settings->output ? settings->output : "-",
		                          &prediction->out, err);
	if (status == FLT_OK)
		status = settle(prediction, err);
	if (status == FLT_OK)
		status = write_rows(prediction, err);
	if (status == FLT_OK)
		status = flt_outputs_commit(&prediction->outputs, err);
	if (status == FLT_OK && !settings->quiet)
		scoring_warn(prediction->stream);
	return status;
}

enum flt_status run_predict(const struct settings *settings, struct flt_error *err)
{
	struct prediction prediction = {.settings = settings, .outputs = {.standard = stdout}};
	prediction.data = settings->n_files > 1 ? settings->files[1] : "-";
	enum flt_status status = predict(&prediction, err);
	flt_outputs_discard(&prediction.outputs);
	if (interrupt_requested())
		interrupt_exit(NULL);
	for (size_t i = 0; i < FLT_STREAM_PARTS; i++)
		flt_text_buffer_release(&prediction.parts[i]);
	flt_free(prediction.log_odds);
	flt_stream_free(prediction.stream);
	flt_detector_free(prediction.detector);
	return status;
}
