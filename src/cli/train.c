/* `train`: read, open the outputs, split and plan, fit and evaluate, report, put the files in place. */
#include <math.h>
#include <unistd.h>

#include "cli/about.h"
#include "cli/checkpoint_output.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/model_output.h"
#include "cli/over_ranks.h"
#include "cli/progress.h"
#include "cli/put_in_place.h"
#include "cli/report_output.h"
#include "cli/table_warnings.h"
#include "cli/terminal.h"
#include "protocol/work.h"
#include "protocol/explain.h"
#include "report/layout.h"
#include "report/outputs.h"
#include "report/report.h"

struct training {
	const struct settings *settings;
	struct flt_table *table, *test_table;
	struct flt_outputs outputs;
	struct model_output model;
	struct flt_checkpoint *checkpoint; /* NULL: none is kept */
	struct report_output report;
	FILE *predictions, *log;
	struct flt_experiment *experiment;
	enum flt_status log_status;
	struct flt_error *log_err;
	struct flt_epoch_log epochs;
	struct flt_work_done work;
	struct flt_learning learning;
	struct flt_explanation explanation; /* for a page */
	struct flt_progress progress;
	char note[32]; /* of the last epoch, for it */
	double started, seconds_read;
};

static enum flt_status read_tables(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	training->started = flt_report_clock();
	FLT_TRY(progress_read_tables(settings, true, &training->table, &training->test_table, err));
	training->seconds_read = flt_report_clock() - training->started;
	return FLT_OK;
}

static enum flt_status open_outputs(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	struct flt_outputs *outputs = &training->outputs;
	if (!settings->no_model)
		FLT_TRY(model_output_open(&training->model, outputs, settings->output, settings->files[0], err));
	if (!settings->quiet)
		model_output_tell(&training->model);
	FLT_TRY(report_output_open(&training->report, outputs, settings, err));
	FLT_TRY(flt_outputs_open(outputs, settings->predictions, &training->predictions, err));
	FLT_TRY(flt_outputs_open(outputs, settings->log, &training->log, err));
	return checkpoint_output_open(settings, training->table, training->test_table, 1, &training->checkpoint, err);
}

static void show_progress(struct training *training)
{
	const struct flt_work_done *work = &training->work;
	flt_progress_show(&training->progress, work->done,
	                  flt_progress_left(&training->progress, work->done, work->restored), training->note);
}

static void draw_progress(struct training *training, const struct flt_epoch *epoch)
{
	struct flt_work_done *work = &training->work;
	flt_work_done_add(work, epoch);
	if (work->done > 1 - 1e-9) { /* a sum of shares */
		flt_progress_turn(&training->progress, "evaluating");
		return;
	}
	if (isfinite(epoch->validation_ap) && epoch->n_members == 1)
		snprintf(training->note, sizeof training->note, "validation PR-AUC %.3f", epoch->validation_ap);
	show_progress(training);
}

static void on_step(void *context, size_t member, double share)
{
	struct training *training = context;
	flt_work_done_set(&training->work, member, share);
	show_progress(training);
}

static void print_epoch(const struct training *training, const struct flt_epoch *epoch)
{
	flt_progress_clear(&training->progress);
	if (epoch->n_members > 1)
		fprintf(stderr, "network %zu, ", epoch->member + 1);
	fprintf(stderr, "epoch %zu", epoch->epoch);
	if (isnan(epoch->lr))
		fprintf(stderr, ", L2 %.3g", epoch->l2);
	fprintf(stderr, ": loss %.6g", epoch->loss);
	if (isfinite(epoch->validation_loss))
		fprintf(stderr, ", validation loss %.6g", epoch->validation_loss);
	if (isfinite(epoch->validation_ap))
		fprintf(stderr, ", PR-AUC %.4f", epoch->validation_ap);
	fputs(epoch->best ? ", best so far\n" : "\n", stderr);
}

static bool on_epoch(void *context, const struct flt_epoch *epoch)
{
	struct training *training = context;
	if (training->log && training->log_status == FLT_OK)
		training->log_status = flt_epoch_log_add(&training->epochs, epoch, training->log_err);
	if (training->settings->verbose)
		print_epoch(training, epoch);
	flt_learning_see(&training->learning, epoch);
	draw_progress(training, epoch);
	return training->log_status != FLT_OK;
}

/* Networks that train side by side report in any order: the log is sorted when all is done. */
static enum flt_status write_log(struct training *training, struct flt_error *err)
{
	FLT_TRY(training->log_status);
	flt_epoch_log_sort(&training->epochs);
	return flt_report_epoch_log(training->log, &training->epochs, err);
}

static void on_memory(void *context, double n_bytes)
{
	const struct training *training = context;
	tell_of_wide_training(training->settings, training->table, n_bytes);
}

static void on_rows(void *context, const char *path, bool were_found)
{
	const struct training *training = context;
	if (!training->settings->quiet)
		flt_say(stderr,
		        were_found ? "fltrain: found the prepared rows in %s\n"
		                   : "fltrain: put the prepared rows into %s\n",
		        path);
}

/* Shows at once what was understood: whoever sees a mistake need not wait for the training. */
static enum flt_status plan(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	struct flt_fit_options options;
	options_fit(settings, &options);
	options.rows_folder = settings->cache;
	struct flt_progress progress = progress_begin(settings, "preparing");
	enum flt_status status = flt_experiment_plan(training->table, training->test_table, &settings->split, &options,
	                                             &training->experiment, err);
	flt_progress_clear(&progress);
	FLT_TRY(status);
	FLT_TRY(flt_learning_init(&training->learning, training->experiment->plan.roster.n_members, err));
	if (!training->outputs.stdout_taken) {
		struct flt_report_about about =
		        about_training(training->settings, training->seconds_read, training->started);
		flt_report_train_plan_text(stdout, training->experiment, &about);
		FLT_TRY(terminal_show(err));
	}
	if (settings->quiet)
		return FLT_OK;
	over_ranks_tell_deal(settings, training->experiment);
	warn_of_order(&training->experiment->plan);
	return flt_report_leak_warnings(stderr, terminal_style(stderr), training->table, &training->experiment->leaks,
	                                settings->table.drop, err);
}

static enum flt_status fit_and_evaluate(struct training *training, struct flt_error *err)
{
	struct flt_hooks hooks = {.on_epoch = on_epoch,
	                          .on_step = on_step,
	                          .on_memory = on_memory,
	                          .on_rows = on_rows,
	                          .keeps_epochs = training->log != NULL,
	                          .checkpoint = training->checkpoint,
	                          .ranks = training->settings->ranks,
	                          .context = training};
	training->log_err = err;
	training->progress = progress_start(training->settings, "training");
	enum flt_status status = flt_experiment_train(training->experiment, &hooks, err);
	flt_progress_clear(&training->progress);
	over_ranks_tell_trades(training->settings, training->experiment);
	put_in_place_begin(&training->outputs);
	/* The log is written even if training failed. */
	if (training->log)
		FLT_TRY(write_log(training, err));
	return status;
}

static enum flt_status write_model(struct training *training, struct flt_error *err)
{
	struct flt_text_buffer options = {0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(options_effective(training->settings, &options, err));
	FLT_TRY_OUT(flt_experiment_describe(training->experiment, &training->settings->table, options.bytes, err));
	FLT_TRY_OUT(model_output_write(&training->model, training->experiment->detector, err));
out:
	flt_text_buffer_release(&options);
	return status;
}

/* A page says what the model relies on, too, unless that takes long. */
static enum flt_status explain(struct training *training, struct flt_report_about *about, struct flt_error *err)
{
	const struct flt_experiment *experiment = training->experiment;
	const struct flt_explain_options options = {
	        .is_brief = true, .seed = training->settings->seed, .n_threads = training->settings->threads};
	double seconds = flt_explain_seconds(experiment->detector, experiment->evaluation.n_rows, &options);
	if (!training->report.page || seconds > FLT_EXPLAIN_BRIEF_SECONDS)
		return FLT_OK;
	FLT_TRY(flt_explain_evaluation(&experiment->evaluation, flt_experiment_evaluated_table(experiment), &options,
	                               &training->explanation, err));
	about->explanation = &training->explanation;
	return FLT_OK;
}

static enum flt_status write_report(struct training *training, struct flt_report_about *about, struct flt_error *err)
{
	char *text;
	if (!report_output_is_wanted(&training->report))
		return FLT_OK;
	FLT_TRY(explain(training, about, err));
	FLT_TRY(flt_report_train_json(training->experiment, about, &text, err));
	return report_output_write(&training->report, text, err);
}

/* The model comes first, so that it is there even if no more can be said of it. */
static enum flt_status write_files(struct training *training, struct flt_report_about *about, struct flt_error *err)
{
	struct report_output *report = &training->report;
	if (training->model.path) {
		FLT_TRY(write_model(training, err));
		about->model_file = training->model.path;
		about->model_sha256 = training->model.sha256;
	}
	if (report->status == FLT_OK)
		report->status = write_report(training, about, &report->reason);
	return report_output_put_in_place(report, &training->outputs, about->style, err);
}

/* The text comes first, so that a long training is reported even if its model cannot be written. */
static enum flt_status report(struct training *training, struct flt_error *err)
{
	struct flt_report_about about = about_training(training->settings, training->seconds_read, training->started);
	struct report_output *report = &training->report;
	struct flt_error failure = {.status = FLT_OK};
	if (about.plot || report_output_is_wanted(report))
		report->status = flt_evaluation_find_curves(&training->experiment->evaluation, &report->reason);
	about.plot = about.plot && report->status == FLT_OK;
	about.learning = &training->learning;
	about.shows_learning = terminal_is_read();
	if (!training->outputs.stdout_taken)
		flt_report_train_text(stdout, training->experiment, &about);
	if (training->predictions)
		flt_report_predictions(training->predictions, training->experiment);
	failure.status = write_files(training, &about, &failure);
	return report_output_end(report, &training->outputs, &failure, err);
}

static void warn_of_map(const struct training *training)
{
	if (training->experiment->detector->map.is_thin && !training->settings->quiet)
		warn("--calibrate isotonic has fewer than 1,000 held-out rows or 100 positives and is likely to "
		     "overfit them; --calibrate platt needs far fewer\n");
}

/* Reports the result; after that the checkpoint is no longer needed. */
static enum flt_status conclude(struct training *training, struct flt_error *err)
{
	if (training->experiment->detector) {
		warn_of_map(training);
		FLT_TRY(report(training, err));
	}
	return checkpoint_output_remove(training->settings, err);
}

static enum flt_status train(struct training *training, struct flt_error *err)
{
	FLT_TRY(read_tables(training, err));
	FLT_TRY(open_outputs(training, err));
	FLT_TRY(plan(training, err));
	FLT_TRY(checkpoint_output_watch(training->settings, training->checkpoint, err));
	enum flt_status status = fit_and_evaluate(training, err);
	if (status == FLT_OK)
		return conclude(training, err);
	if (status == FLT_ERR_MODEL)
		return checkpoint_output_refuse(training->settings, err);
	/* After divergence the best weights so far are reported, but the error stays the one about divergence. The
	 * checkpoint is useless: from there, training would diverge again. */
	struct flt_error ignored;
	if (status == FLT_ERR_DIVERGED)
		conclude(training, &ignored);
	return status;
}

enum flt_status run_train(const struct settings *settings, struct flt_error *err)
{
	struct training training = {.settings = settings,
	                            .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = train(&training, err);
	interrupt_at_once();
	flt_outputs_discard(&training.outputs);
	model_output_release(&training.model);
	flt_experiment_free(training.experiment);
	flt_checkpoint_free(training.checkpoint);
	flt_epoch_log_release(&training.epochs);
	flt_learning_release(&training.learning);
	flt_explanation_release(&training.explanation);
	flt_table_free(training.table);
	flt_table_free(training.test_table);
	return status;
}
