/*
 * `compare` and `cv`: read, settle the variants, run them all on common folds, report. cv is a comparison of one.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/reading.h"
#include "cli/terminal.h"
#include "report/report.h"

/* The default variants of `compare`; what they do not name stays as the command line has it. */
enum { MAJORITY, LOGISTIC, TEXTBOOK, BCE, FOCAL, FOCAL_ALPHA, N_BUILT_IN };

static const struct {
	const char *name, *options;
} BUILT_IN[N_BUILT_IN] = {
        [MAJORITY] = {"always the common class", ""},
        [LOGISTIC] = {"logistic regression",
                      "--hidden none --loss bce --alpha off --pos-weight none --output-bias optimal"},
        [TEXTBOOK] = {"BCE as in textbooks", "--loss bce --alpha off --pos-weight none --output-bias zero"},
        [BCE] = {"BCE", "--loss bce --alpha off --pos-weight none --output-bias optimal"},
        [FOCAL] = {"focal", "--loss focal --gamma 2 --alpha off --pos-weight none --output-bias optimal"},
        [FOCAL_ALPHA] = {"focal, alpha 0.75",
                         "--loss focal --gamma 2 --alpha 0.75 --pos-weight none --output-bias optimal"},
};

struct work {
	const struct settings *settings;
	struct flt_table *table;
	struct outputs outputs;
	FILE *json, *curves, *log, *predictions;
	size_t n_variants;
	struct flt_variant variants[N_BUILT_IN + MAX_VARIANTS];
	char *texts[N_BUILT_IN + MAX_VARIANTS]; /* name and options of each, owned */
	struct flt_study *study;
	bool live;
	double started, read_done, run_started, drawn;
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static enum flt_status read_table(struct work *work, struct flt_error *err)
{
	work->started = now();
	enum flt_status status = flt_table_read(work->settings->files[0], &work->settings->table, &work->table, err);
	work->read_done = now();
	if (status == FLT_OK && !work->settings->quiet)
		reading_warn(work->table);
	return status;
}

static enum flt_status open_outputs(struct work *work, struct flt_error *err)
{
	const struct settings *settings = work->settings;
	enum flt_status status = outputs_open(&work->outputs, settings->json, &work->json, err);
	if (status == FLT_OK)
		status = outputs_open(&work->outputs, settings->curves, &work->curves, err);
	if (status == FLT_OK)
		status = outputs_open(&work->outputs, settings->predictions, &work->predictions, err);
	if (status == FLT_OK)
		status = outputs_open(&work->outputs, settings->log, &work->log, err);
	return status;
}

/* ---- variants ---- */

static char *trimmed(char *text)
{
	text += strspn(text, " \t");
	for (size_t n = strlen(text); n > 0 && strchr(" \t", text[n - 1]); n--)
		text[n - 1] = '\0';
	return text;
}

/* Adds the variant of that name; text (name, colon, options) is copied. */
static enum flt_status add_variant(struct work *work, const char *text, struct flt_error *err)
{
	char *copy = flt_copy_text(text, strlen(text), err);
	if (!copy)
		return FLT_ERR_MACHINE;
	work->texts[work->n_variants] = copy;
	char *options = strchr(copy, ':');
	assert(options); /* the setter of --variant has seen to it */
	*options++ = '\0';
	struct settings varied;
	struct flt_error why;
	struct flt_variant *variant = &work->variants[work->n_variants++];
	enum flt_status status = options_vary(work->settings, options, &varied, &why);
	variant->name = trimmed(copy);
	variant->positives_kept = 1;
	if (status == FLT_OK)
		options_fit(&varied, &variant->options);
	else
		flt_fail(err, status, "variant \"%s\": %s", variant->name, why.text);
	options_release(&varied);
	return status;
}

static enum flt_status add_variants(struct work *work, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < N_BUILT_IN; i++) {
		char text[160];
		snprintf(text, sizeof text, "%s: %s", BUILT_IN[i].name, BUILT_IN[i].options);
		status = add_variant(work, text, err);
	}
	work->variants[MAJORITY].majority = true;
	for (size_t i = 0; status == FLT_OK && i < work->settings->n_variants; i++)
		status = add_variant(work, work->settings->variants[i], err);
	return status;
}

static void add_itself(struct work *work)
{
	struct flt_variant *variant = &work->variants[work->n_variants++];
	variant->name = "model";
	variant->positives_kept = 1;
	options_fit(work->settings, &variant->options);
}

/* ---- the run ---- */

static bool on_progress(void *context, size_t n_done, size_t n_trials)
{
	enum { REDRAWS_PER_SECOND = 10 };
	struct work *work = context;
	double time = now();
	if (work->live && (time - work->drawn >= 1.0 / REDRAWS_PER_SECOND || n_done == n_trials)) {
		flt_report_progress(stderr, "training", n_done, n_trials, time - work->run_started, NULL);
		work->drawn = time;
	}
	return interrupt_requested();
}

static enum flt_status run(struct work *work, bool is_comparison, struct flt_error *err)
{
	const struct settings *settings = work->settings;
	struct flt_study_options options = {
	        .cv = {.n_folds = settings->n_folds,
	               .n_repeats = settings->n_repeats,
	               .validation_fraction = settings->split.validation_fraction,
	               .seed = settings->seed,
	               .n_threads = settings->threads},
	        .learning_curve = settings->learning_curve,
	        .textbook = is_comparison ? TEXTBOOK : SIZE_MAX,
	        .bce = is_comparison ? BCE : SIZE_MAX,
	        .focal = is_comparison ? FOCAL : SIZE_MAX,
	};
	work->live = !settings->quiet && isatty(STDERR_FILENO);
	work->run_started = now();
	enum flt_status status = flt_study_run(work->table, work->variants, work->n_variants, &options, on_progress,
	                                       work, &work->study, err);
	if (work->live)
		flt_report_progress_clear(stderr);
	return status;
}

static enum flt_status report(struct work *work, bool is_comparison, struct flt_error *err)
{
	const struct settings *settings = work->settings;
	struct flt_report_about about = {
	        .bold = terminal_is_bold(stdout),
	        .verbose = settings->verbose,
	        .attainable_ap = settings->attainable_ap,
	        .seconds_read = work->read_done - work->started,
	        .seconds_total = now() - work->started,
	};
	enum flt_status status = FLT_OK;
	if (work->log)
		status = flt_report_study_log(work->log, work->study, err);
	if (status == FLT_OK && work->curves)
		status = flt_report_curves(work->curves, work->study, err);
	if (status == FLT_OK && work->predictions)
		flt_report_out_of_fold(work->predictions, work->table, work->study);
	if (status == FLT_OK && work->json)
		status = flt_report_study_json(work->json, work->table, work->study, &about, err);
	if (status == FLT_OK && !work->outputs.stdout_taken) {
		if (is_comparison)
			flt_report_compare_text(stdout, work->table, work->study, &about);
		else
			flt_report_cv_text(stdout, work->table, work->study, &about);
	}
	if (status == FLT_OK)
		status = outputs_commit(&work->outputs, err);
	const char *paths[MAX_OUTPUTS];
	size_t n_paths = outputs_paths(&work->outputs, paths);
	if (status == FLT_OK && !work->outputs.stdout_taken)
		flt_report_wrote(stdout, about.bold, paths, n_paths);
	return status;
}

static enum flt_status run_command(const struct settings *settings, bool is_comparison, struct flt_error *err)
{
	struct work work = {.settings = settings};
	enum flt_status status = FLT_OK;
	if (is_comparison)
		status = add_variants(&work, err);
	else
		add_itself(&work);
	if (status == FLT_OK)
		status = read_table(&work, err);
	interrupt_defer();
	if (status == FLT_OK)
		status = open_outputs(&work, err);
	if (status == FLT_OK)
		status = run(&work, is_comparison, err);
	if (interrupt_requested()) {
		outputs_discard(&work.outputs);
		interrupt_exit(NULL);
	}
	if (status == FLT_OK)
		status = report(&work, is_comparison, err);
	outputs_discard(&work.outputs);
	flt_study_free(work.study);
	flt_table_free(work.table);
	for (size_t i = 0; i < work.n_variants; i++)
		flt_free(work.texts[i]);
	return status;
}

enum flt_status run_compare(const struct settings *settings, struct flt_error *err)
{
	return run_command(settings, true, err);
}

enum flt_status run_cv(const struct settings *settings, struct flt_error *err)
{
	return run_command(settings, false, err);
}
