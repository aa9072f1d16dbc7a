/* `train`: read, open what is to be written, split and fit and judge, report, put the files in place. */
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/checkpointing.h"
#include "cli/interrupt.h"
#include "cli/model_output.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/reading.h"
#include "cli/terminal.h"
#include "report/report.h"

struct training {
	const struct settings *settings;
	struct flt_table *table, *test_table;
	struct outputs outputs;
	struct model_output model;
	struct flt_checkpoint *checkpoint; /* NULL: none is kept */
	FILE *json, *predictions, *log;
	struct flt_experiment *experiment;
	enum flt_status log_status;
	struct flt_error *log_err;
	struct flt_epoch *epochs; /* (n_epochs) for the log */
	size_t n_epochs, capacity;
	double progress[FLT_MAX_MEMBERS]; /* done share of each network's epochs */
	bool live;                        /* a progress bar is on the terminal */
	double started, read_done, fit_started, drawn;
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static enum flt_status read_tables(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	training->started = now();
	enum flt_status status = flt_table_read(settings->files[0], &settings->table, &training->table, err);
	if (status == FLT_OK && settings->test_file)
		status = flt_table_read_like(training->table, settings->test_file, &settings->table,
		                             &training->test_table, err);
	training->read_done = now();
	if (status != FLT_OK || settings->quiet)
		return status;
	reading_warn(training->table);
	if (training->test_table)
		reading_warn(training->test_table);
	return FLT_OK;
}

static enum flt_status open_outputs(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	struct outputs *outputs = &training->outputs;
	enum flt_status status = FLT_OK;
	if (!settings->no_model)
		status = model_output_open(&training->model, outputs, settings->output, settings->files[0], err);
	if (status == FLT_OK)
		status = outputs_open(outputs, settings->json, &training->json, err);
	if (status == FLT_OK)
		status = outputs_open(outputs, settings->predictions, &training->predictions, err);
	if (status == FLT_OK)
		status = outputs_open(outputs, settings->log, &training->log, err);
	if (status == FLT_OK)
		status =
		        checkpointing_open(settings, training->table, training->test_table, &training->checkpoint, err);
	return status;
}

static void draw_progress(struct training *training, const struct flt_epoch *epoch)
{
	enum { REDRAWS_PER_SECOND = 10, PARTS = 1000 };
	double time = now(), done = 0;
	training->progress[epoch->member] = (double)epoch->epoch / (double)epoch->n_epochs;
	if (time - training->drawn < 1.0 / REDRAWS_PER_SECOND)
		return;
	for (size_t i = 0; i < epoch->n_members; i++)
		done += training->progress[i] / (double)epoch->n_members;
	char note[32] = "";
	if (isfinite(epoch->validation_ap) && epoch->n_members == 1)
		snprintf(note, sizeof note, "validation PR-AUC %.3f", epoch->validation_ap);
	flt_report_progress(stderr, "training", (size_t)(done * PARTS), PARTS, time - training->fit_started, note);
	training->drawn = time;
}

static void print_epoch(const struct training *training, const struct flt_epoch *epoch)
{
	if (training->live)
		flt_report_progress_clear(stderr);
	if (epoch->n_members > 1)
		fprintf(stderr, "network %zu, ", epoch->member + 1);
	fprintf(stderr, "epoch %zu: loss %.6g", epoch->epoch, epoch->loss);
	if (isfinite(epoch->validation_loss))
		fprintf(stderr, ", validation loss %.6g, PR-AUC %.4f", epoch->validation_loss, epoch->validation_ap);
	fputs(epoch->best ? ", best so far\n" : "\n", stderr);
}

/* Networks that train side by side report in any order: the log is sorted when all is done. */
static enum flt_status remember_epoch(struct training *training, const struct flt_epoch *epoch)
{
	enum flt_status status = flt_grow((void **)&training->epochs, &training->capacity, training->n_epochs + 1,
	                                  sizeof *training->epochs, training->log_err);
	if (status != FLT_OK)
		return status;
	training->epochs[training->n_epochs++] = *epoch;
	return FLT_OK;
}

static int compare_epochs(const void *a, const void *b)
{
	const struct flt_epoch *x = a, *y = b;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return x->epoch < y->epoch ? -1 : x->epoch > y->epoch;
}

static void write_log(struct training *training)
{
	if (training->n_epochs)
		qsort(training->epochs, training->n_epochs, sizeof *training->epochs, compare_epochs);
	for (size_t i = 0; training->log_status == FLT_OK && i < training->n_epochs; i++)
		training->log_status = flt_report_epoch_json(training->log, &training->epochs[i], training->log_err);
}

static bool on_epoch(void *context, const struct flt_epoch *epoch)
{
	struct training *training = context;
	if (training->log && training->log_status == FLT_OK)
		training->log_status = remember_epoch(training, epoch);
	if (training->settings->verbose)
		print_epoch(training, epoch);
	if (training->live)
		draw_progress(training, epoch);
	return training->log_status != FLT_OK;
}

static bool should_stop(void *context)
{
	(void)context;
	return interrupt_requested();
}

static enum flt_status fit_and_evaluate(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	struct flt_fit_options options;
	options_fit(settings, &options);
	struct flt_hooks hooks = {.on_epoch = on_epoch,
	                          .should_stop = should_stop,
	                          .checkpoint = training->checkpoint,
	                          .context = training};
	training->log_err = err;
	training->live = !settings->quiet && isatty(STDERR_FILENO);
	training->fit_started = now();
	enum flt_status status = flt_experiment_run(training->table, training->test_table, &settings->split, &options,
	                                            &hooks, &training->experiment, err);
	if (training->live)
		flt_report_progress_clear(stderr);
	write_log(training);
	return training->log_status != FLT_OK ? training->log_status : status;
}

static enum flt_status write_model(struct training *training, struct flt_error *err)
{
	char *options = options_effective(training->settings, err);
	if (!options)
		return FLT_ERR_MACHINE;
	enum flt_status status =
	        flt_experiment_describe(training->experiment, &training->settings->table, options, err);
	if (status == FLT_OK)
		status = model_output_write(&training->model, training->experiment->detector, err);
	flt_free(options);
	return status;
}

/* Puts the files in place and says so. */
static enum flt_status finish(struct training *training, bool bold, struct flt_error *err)
{
	enum flt_status status = outputs_commit(&training->outputs, err);
	if (status == FLT_OK && !training->settings->quiet)
		model_output_tell(&training->model);
	if (status != FLT_OK || training->outputs.stdout_taken)
		return status;
	const char *paths[MAX_OUTPUTS];
	size_t n_paths = outputs_paths(&training->outputs, paths);
	flt_report_wrote(stdout, bold, paths, n_paths);
	return FLT_OK;
}

static enum flt_status report(struct training *training, struct flt_error *err)
{
	const struct settings *settings = training->settings;
	struct flt_report_about about = {
	        .bold = terminal_is_bold(stdout),
	        .verbose = settings->verbose,
	        .attainable_ap = settings->attainable_ap,
	        .seconds_read = training->read_done - training->started,
	        .seconds_total = now() - training->started,
	};
	if (training->predictions)
		flt_report_predictions(training->predictions, training->experiment);
	enum flt_status status = FLT_OK;
	if (training->model.path) {
		status = write_model(training, err);
		about.model_file = training->model.path;
		about.model_sha256 = training->model.sha256;
	}
	if (status == FLT_OK && training->json)
		status = flt_report_train_json(training->json, training->experiment, &about, err);
	if (!training->outputs.stdout_taken)
		flt_report_train_text(stdout, training->experiment, &about);
	return status == FLT_OK ? finish(training, about.bold, err) : status;
}

/* What the user asked for and should think about again. */
static void warn_of_map(const struct training *training)
{
	if (training->experiment->detector->map.is_thin && !training->settings->quiet)
		fputs("fltrain: warning: --calibrate isotonic has fewer than 1,000 held-out rows or 100 positives to "
		      "learn "
		      "from, and will fit their luck; --calibrate platt needs far fewer\n",
		      stderr);
}

/* Interrupted: ends the program, if the state of training can be saved where it is to be. */
static enum flt_status leave(struct training *training, struct flt_error *err)
{
	outputs_discard(&training->outputs);
	flt_experiment_free(training->experiment);
	training->experiment = NULL;
	enum flt_status status = training->checkpoint ? checkpointing_save(training->checkpoint, err) : FLT_OK;
	if (status == FLT_OK)
		interrupt_exit(training->checkpoint ? training->settings->checkpoint : NULL);
	return status;
}

enum flt_status run_train(const struct settings *settings, struct flt_error *err)
{
	struct training training = {.settings = settings};
	struct flt_error later = {0};
	enum flt_status status = read_tables(&training, err);
	interrupt_defer();
	if (status == FLT_OK)
		status = open_outputs(&training, err);
	if (status == FLT_OK)
		status = fit_and_evaluate(&training, err);
	if (interrupt_requested())
		status = leave(&training, err);
	bool is_over = status == FLT_ERR_DIVERGED; /* it would diverge again */
	/* After divergence the best weights so far are reported, and the sentence about it stays the last word. */
	if (training.experiment && (status == FLT_OK || status == FLT_ERR_DIVERGED)) {
		warn_of_map(&training);
		enum flt_status reported = report(&training, status == FLT_OK ? err : &later);
		is_over = reported == FLT_OK;
		status = status == FLT_OK ? reported : status;
	}
	if (is_over) {
		enum flt_status ended = checkpointing_end(settings, status == FLT_OK ? err : &later);
		status = status == FLT_OK ? ended : status;
	}
	outputs_discard(&training.outputs);
	model_output_release(&training.model);
	flt_experiment_free(training.experiment);
	flt_checkpoint_free(training.checkpoint);
	flt_free(training.epochs);
	flt_table_free(training.table);
	flt_table_free(training.test_table);
	return status;
}
