/*
 * `compare` and `cv`: read, collect the variants, run them all on common folds, report. cv is a comparison of one.
 */
#include <assert.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "cli/about.h"
#include "cli/checkpoint_output.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/put_in_place.h"
#include "cli/report_output.h"
#include "cli/table_warnings.h"
#include "cli/terminal.h"
#include "report/outputs.h"
#include "report/report.h"

/* The default variants of `compare`. Options that they do not name are those of the command line. */
enum { MAJORITY, LOGISTIC, TEXTBOOK, BCE, FOCAL, FOCAL_ALPHA, N_BUILT_IN };

static const struct {
	const char *name, *options;
} BUILT_IN[N_BUILT_IN] = {
        [MAJORITY] = {"always the common class", ""},
        [LOGISTIC] =
                {"logistic regression",
                 "--hidden none --optimizer newton --loss bce --alpha off --pos-weight none --output-bias optimal"},
        [TEXTBOOK] = {"BCE as in textbooks", "--loss bce --alpha off --pos-weight none --output-bias zero"},
        [BCE] = {"BCE", "--loss bce --alpha off --pos-weight none --output-bias optimal"},
        [FOCAL] = {"focal", "--loss focal --gamma 2 --alpha off --pos-weight none --output-bias optimal"},
        [FOCAL_ALPHA] = {"focal, alpha 0.75",
                         "--loss focal --gamma 2 --alpha 0.75 --pos-weight none --output-bias optimal"},
};

struct work {
	const struct settings *settings;
	bool is_comparison; /* compare; else cv */
	struct flt_table *table;
	struct flt_outputs outputs;
	struct report_output report;
	FILE *curves, *log, *predictions;
	size_t n_variants;
	struct flt_variant variants[N_BUILT_IN + MAX_VARIANTS];
	struct flt_text_buffer texts[N_BUILT_IN + MAX_VARIANTS]; /* name and options of each */
	struct flt_checkpoint *checkpoint;                       /* NULL: none is kept */
	struct flt_study *study;
	struct flt_progress progress;
	double started, seconds_read;
};

static enum flt_status read_table(struct work *work, struct flt_error *err)
{
	work->started = flt_report_clock();
	struct flt_table *test; /* there is none */
	FLT_TRY(progress_read_tables(work->settings, true, &work->table, &test, err));
	work->seconds_read = flt_report_clock() - work->started;
	return FLT_OK;
}

static enum flt_status open_outputs(struct work *work, struct flt_error *err)
{
	const struct settings *settings = work->settings;
	FLT_TRY(report_output_open(&work->report, &work->outputs, settings, err));
	FLT_TRY(flt_outputs_open(&work->outputs, settings->curves, &work->curves, err));
	FLT_TRY(flt_outputs_open(&work->outputs, settings->predictions, &work->predictions, err));
	FLT_TRY(flt_outputs_open(&work->outputs, settings->log, &work->log, err));
	size_t most_trainings = (work->n_variants + FLT_MOST_ADDED_VARIANTS) * settings->n_folds * settings->n_repeats;
	return checkpoint_output_open(settings, work->table, NULL, most_trainings, &work->checkpoint, err);
}

/* ---- variants ---- */

static char *trimmed(char *text)
{
	text += strspn(text, " \t");
	for (size_t n = strlen(text); n > 0 && strchr(" \t", text[n - 1]); n--)
		text[n - 1] = '\0';
	return text;
}

/* Adds the variant that text describes: "name: options". */
static enum flt_status add_variant(struct work *work, const char *text, struct flt_error *err)
{
	struct flt_text_buffer *copy = &work->texts[work->n_variants];
	struct flt_variant *variant = &work->variants[work->n_variants++];
	FLT_TRY(flt_text_buffer_append(copy, text, strlen(text), err));
	char *options = strchr(copy->bytes, ':');
	assert(options); /* the setter of --variant checks it */
	*options++ = '\0';
	variant->name = trimmed(copy->bytes);
	variant->positives_kept = 1;
	struct flt_error why;
	enum flt_status status = command_line_vary(work->settings, options, &variant->options, &why);
	if (status != FLT_OK)
		return flt_fail(err, status, "variant \"%s\": %s", variant->name, why.text);
	return FLT_OK;
}

static enum flt_status add_compared(struct work *work, struct flt_error *err)
{
	for (size_t i = 0; i < N_BUILT_IN; i++) {
		char text[160];
		snprintf(text, sizeof text, "%s: %s", BUILT_IN[i].name, BUILT_IN[i].options);
		FLT_TRY(add_variant(work, text, err));
	}
	work->variants[MAJORITY].majority = true;
	for (size_t i = 0; i < work->settings->n_variants; i++)
		FLT_TRY(add_variant(work, work->settings->variants[i], err));
	return FLT_OK;
}

static enum flt_status add_variants(struct work *work, struct flt_error *err)
{
	if (work->is_comparison)
		return add_compared(work, err);
	struct flt_variant *variant = &work->variants[work->n_variants++];
	variant->name = "model";
	variant->positives_kept = 1;
	options_fit(work->settings, &variant->options);
	return FLT_OK;
}

/* ---- the run ---- */

/* The time left is that of the trainings; of what comes after them only the word is shown. */
static void on_pace(void *context, const struct flt_pace *pace)
{
	struct work *work = context;
	char note[32];
	if (pace->n_ended == pace->n_trainings) {
		flt_progress_turn(&work->progress, "evaluating");
	}
	if (!flt_progress_is_due(&work->progress))
		return;
	snprintf(note, sizeof note, "%zu of %zu trainings", pace->n_ended, pace->n_trainings);
	flt_progress_show(&work->progress, flt_pace_done(pace), flt_pace_left(pace, flt_report_clock()), note);
}

static void on_trial(void *context, const struct flt_cv *cv, size_t variant, size_t fold)
{
	const struct work *work = context;
	flt_progress_clear(&work->progress);
	flt_report_trial_text(stderr, cv, variant, fold);
}

static void on_memory(void *context, double n_bytes)
{
	const struct work *work = context;
	tell_of_wide_training(work->settings, work->table, n_bytes);
}

/* Shows at once what was understood: whoever sees a mistake need not wait for the training. */
static enum flt_status plan(struct work *work, struct flt_error *err)
{
	const struct settings *settings = work->settings;
	struct flt_study_options options = {
	        .cv = {.n_folds = settings->n_folds,
	               .n_repeats = settings->n_repeats,
	               .validation_fraction = settings->split.validation_fraction,
	               .identical = settings->split.identical,
	               .seed = settings->seed,
	               .n_threads = settings->threads},
	        .learning_curve = settings->learning_curve,
	        .textbook = work->is_comparison ? TEXTBOOK : SIZE_MAX,
	        .bce = work->is_comparison ? BCE : SIZE_MAX,
	        .focal = work->is_comparison ? FOCAL : SIZE_MAX,
	};
	struct flt_progress progress = progress_begin(settings, "preparing");
	enum flt_status status =
	        flt_study_plan(work->table, work->variants, work->n_variants, &options, &work->study, err);
	flt_progress_clear(&progress);
	FLT_TRY(status);
	if (!work->outputs.stdout_taken) {
		struct flt_report_about about = about_training(work->settings, work->seconds_read, work->started);
		flt_report_study_plan_text(stdout, work->study, &about);
		FLT_TRY(terminal_show(err));
	}
	if (settings->quiet)
		return FLT_OK;
	warn_of_order(&work->study->cv->plan);
	return flt_report_leak_warnings(stderr, terminal_style(stderr), work->table, &work->study->cv->leaks,
	                                settings->table.drop, err);
}

static enum flt_status run_study(struct work *work, struct flt_error *err)
{
	struct flt_cv_hooks hooks = {.on_pace = on_pace,
	                             .on_trial = work->settings->verbose ? on_trial : NULL,
	                             .on_memory = on_memory,
	                             .checkpoint = work->checkpoint,
	                             .ranks = work->settings->ranks,
	                             .context = work};
	work->progress = progress_start(work->settings, "training");
	enum flt_status status = flt_study_run(work->study, &hooks, err);
	flt_progress_clear(&work->progress);
	return status;
}

static enum flt_status write_report(struct work *work, const struct flt_report_about *about, struct flt_error *err)
{
	char *text;
	if (!report_output_is_wanted(&work->report))
		return FLT_OK;
	FLT_TRY(flt_study_find_curves(work->study, err));
	FLT_TRY(flt_report_study_json(work->study, about, &text, err));
	return report_output_write(&work->report, text, err);
}

static enum flt_status write_files(struct work *work, struct flt_error *err)
{
	struct flt_report_about about = about_training(work->settings, work->seconds_read, work->started);
	put_in_place_begin(&work->outputs);
	if (work->log)
		FLT_TRY(flt_report_study_log(work->log, work->study, err));
	if (work->curves)
		FLT_TRY(flt_report_curves(work->curves, work->study, err));
	if (work->predictions)
		flt_report_out_of_fold(work->predictions, work->table, work->study);
	work->report.status = write_report(work, &about, &work->report.reason);
	if (!work->outputs.stdout_taken)
		(work->is_comparison ? flt_report_compare_text : flt_report_cv_text)(stdout, work->study, &about);
	return report_output_put_in_place(&work->report, &work->outputs, about.style, err);
}

/* A report that could not be made leaves the checkpoint, with which it can be made again. */
static enum flt_status report(struct work *work, struct flt_error *err)
{
	struct flt_error failure = {.status = FLT_OK};
	failure.status = write_files(work, &failure);
	FLT_TRY(report_output_end(&work->report, &work->outputs, &failure, err));
	return checkpoint_output_remove(work->settings, err);
}

/* Variants are checked before the table is read: a wrong option is reported at once. */
static enum flt_status study(struct work *work, struct flt_error *err)
{
	FLT_TRY(add_variants(work, err));
	FLT_TRY(read_table(work, err));
	FLT_TRY(open_outputs(work, err));
	FLT_TRY(plan(work, err));
	FLT_TRY(checkpoint_output_watch(work->settings, work->checkpoint, err));
	enum flt_status status = run_study(work, err);
	if (status == FLT_OK && work->study->cv->stopped) /* this rank has done its part */
		return FLT_OK;
	if (status == FLT_OK)
		return report(work, err);
	struct flt_error ignored;
	if (status == FLT_ERR_MODEL)
		return checkpoint_output_refuse(work->settings, err);
	if (status == FLT_ERR_DIVERGED) /* from the checkpoint it would diverge again */
		checkpoint_output_remove(work->settings, &ignored);
	return status;
}

static enum flt_status run(const struct settings *settings, bool is_comparison, struct flt_error *err)
{
	struct work work = {.settings = settings,
	                    .is_comparison = is_comparison,
	                    .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = study(&work, err);
	interrupt_at_once();
	flt_outputs_discard(&work.outputs);
	flt_study_free(work.study);
	flt_checkpoint_free(work.checkpoint);
	flt_table_free(work.table);
	for (size_t i = 0; i < work.n_variants; i++)
		flt_text_buffer_release(&work.texts[i]);
	return status;
}

enum flt_status run_compare(const struct settings *settings, struct flt_error *err)
{
	return run(settings, true, err);
}

enum flt_status run_cv(const struct settings *settings, struct flt_error *err)
{
	return run(settings, false, err);
}
