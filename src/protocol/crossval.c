/*
 * The folds are made first, once for all variants. Then all trials are independent tasks, each on one thread and with
 * random streams of its own, so their order and the number of threads change no bit.
 */
#include "protocol/crossval.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/clock.h"
#include "base/log_odds.h"

/* What all trials share. */
struct run {
	const struct flt_table *table;
	const struct flt_variant *variants;
	const struct flt_cv_options *options;
	flt_on_progress *on_progress;
	void *context;
	struct flt_cv *cv;
	struct flt_sharing sharing; /* of the trials that run side by side */

	pthread_mutex_t mutex; /* guards what follows */
	size_t n_done;
	enum flt_status status;
	struct flt_error error;

	atomic_size_t failed_task; /* the first in order, so that the error does not depend on threads; or SIZE_MAX */
	atomic_bool stop;
};

static void fold_release(struct flt_cv_fold *fold)
{
	flt_free(fold->fit);
	flt_free(fold->validation);
	flt_free(fold->test);
	flt_free(fold->label);
}

static void trial_release(struct flt_cv_trial *trial)
{
	flt_fit_result_release(&trial->fit);
	flt_free(trial->score);
	flt_free(trial->log_odds);
	flt_epoch_log_release(&trial->log);
}

void flt_cv_free(struct flt_cv *cv)
{
	if (!cv)
		return;
	for (size_t i = 0; cv->folds && i < cv->n_all_folds; i++)
		fold_release(&cv->folds[i]);
	for (size_t i = 0; cv->trials && i < cv->n_variants * cv->n_all_folds; i++)
		trial_release(&cv->trials[i]);
	flt_free(cv->folds);
	flt_free(cv->trials);
	flt_fit_plan_release(&cv->plan);
	flt_leaks_release(&cv->leaks);
	flt_free(cv);
}

const struct flt_cv_trial *flt_cv_trial(const struct flt_cv *cv, size_t variant, size_t fold)
{
	assert(variant < cv->n_variants && fold < cv->n_all_folds);
	return &cv->trials[variant * cv->n_all_folds + fold];
}

double flt_cv_trial_probability(const struct flt_cv_trial *trial, size_t i)
{
	return flt_sigmoid(trial->log_odds[i]);
}

bool flt_cv_trial_is_positive(const struct flt_cv_trial *trial, size_t i)
{
	return flt_is_positive(trial->log_odds[i], trial->threshold);
}

/* ---- folds ---- */

static size_t n_rows_of(const struct run *run)
{
	return run->options->rows ? run->options->n_rows : flt_table_n_rows(run->table);
}

/* Replaces the message of flt_split_folds, which would speak of inner folds that the user never asked for. */
static enum flt_status fail_validation(const struct run *run, const size_t *rows, size_t n, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(run->table);
	size_t n_positive = 0;
	for (size_t i = 0; i < n; i++)
		n_positive += label[rows[i]];
	bool rare = n_positive <= n - n_positive;
	size_t n_rare = rare ? n_positive : n - n_positive;
	return flt_table_blame_guess(
	        run->table,
	        flt_fail(err, FLT_ERR_DATA,
	                 "%s: outside a test fold %s %zu row%s of class \"%s\", too few for fit and validation; give "
	                 "--validation-fraction 0, or add rows of that class",
	                 flt_table_path(run->table), n_rare == 1 ? "there is" : "there are", n_rare,
	                 n_rare == 1 ? "" : "s",
	                 rare ? flt_table_positive(run->table) : flt_table_negative(run->table)),
	        err);
}

/* Deals the rows that are not tested to as many inner folds as make one of them the validation share; the first
 * validates. */
static enum flt_status draw_validation(const struct run *run, const struct flt_cv_fold *fold, double share,
                                       uint8_t *validates, struct flt_error *err)
{
	/* Another seed than that of the outer folds: with the same, both would deal in the same order. */
	const uint64_t offset = 0x9e3779b9u;
	struct flt_fold_options options = {.n_folds = (size_t)fmax(2, round(1 / share)),
	                                   .identical = run->cv->identical.kept,
	                                   .seed = run->options->seed + fold->repeat + offset};
	uint32_t *inner = flt_alloc(fold->n_fit, sizeof *inner, err);
	FLT_TRY_MEMORY(inner);
	enum flt_status status = flt_split_folds(run->table, fold->fit, fold->n_fit, &options, inner, err);
	for (size_t i = 0; status == FLT_OK && i < fold->n_fit; i++)
		validates[i] = inner[i] == 0;
	flt_free(inner);
	return status;
}

/* The share of the rows that may be learnt from that validates. By time there are the fewer, the earlier the fold. */
static double validation_share(const struct run *run, const struct flt_cv_fold *fold)
{
	double fraction = run->options->validation_fraction;
	return run->cv->by_time ? fraction : fraction * (double)n_rows_of(run) / (double)fold->n_fit;
}

/* Divides the rows that are not tested into fit and validation rows. By time, those that validate are the latest. */
static enum flt_status take_validation(const struct run *run, struct flt_cv_fold *fold, struct flt_error *err)
{
	double share = validation_share(run, fold);
	size_t n_rest = fold->n_fit;
	fold->validation = flt_alloc(n_rest, sizeof *fold->validation, err);
	FLT_TRY_MEMORY(fold->validation);
	if (share <= 0)
		return FLT_OK;
	uint8_t *validates = flt_alloc(n_rest, sizeof *validates, err);
	FLT_TRY_MEMORY(validates);
	enum flt_status status = run->cv->by_time
	                                 ? flt_split_latest(run->table, fold->fit, n_rest, share, validates, err)
	                                 : draw_validation(run, fold, share, validates, err);
	if (status == FLT_OK)
		fold->n_fit = 0;
	for (size_t i = 0; status == FLT_OK && i < n_rest; i++)
		if (validates[i])
			fold->validation[fold->n_validation++] = fold->fit[i];
		else
			fold->fit[fold->n_fit++] = fold->fit[i];
	flt_free(validates);
	return status == FLT_ERR_DATA ? fail_validation(run, fold->fit, n_rest, err) : status;
}

/* By time, a fold is learnt from the rows before it only. */
static bool is_learnt_from(const struct run *run, uint32_t fold_of_row, size_t fold)
{
	return run->cv->by_time ? fold_of_row == FLT_ALWAYS_FIT || fold_of_row < fold : fold_of_row != fold;
}

/* rows and their folds: (n_rows_of(run)) */
static enum flt_status fold_make(const struct run *run, const size_t *rows, const uint32_t *fold_of,
                                 struct flt_cv_fold *fold, struct flt_error *err)
{
	size_t n_rows = n_rows_of(run);
	const uint8_t *label = flt_table_labels(run->table);
	fold->fit = flt_alloc(n_rows, sizeof *fold->fit, err);
	fold->test = flt_alloc(n_rows, sizeof *fold->test, err);
	fold->label = flt_alloc(n_rows, sizeof *fold->label, err);
	FLT_TRY_MEMORY(fold->fit && fold->test && fold->label);
	for (size_t i = 0; i < n_rows; i++) {
		size_t row = rows[i];
		if (is_learnt_from(run, fold_of[i], fold->fold))
			fold->fit[fold->n_fit++] = row;
		if (fold_of[i] != fold->fold)
			continue;
		fold->label[fold->n_test] = label[row];
		fold->test[fold->n_test++] = row;
		fold->n_test_positive += label[row];
	}
	return take_validation(run, fold, err);
}

static enum flt_status make_folds_of_repeat(const struct run *run, size_t repeat, const size_t *rows, uint32_t *fold_of,
                                            struct flt_error *err)
{
	struct flt_cv *cv = run->cv;
	size_t n_rows = n_rows_of(run);
	struct flt_fold_options options = {.n_folds = cv->n_folds,
	                                   .identical = cv->identical.kept,
	                                   .seed = run->options->seed + repeat,
	                                   .is_chained = cv->by_time,
	                                   .is_validated = run->options->validation_fraction > 0};
	FLT_TRY(flt_split_folds(run->table, rows, n_rows, &options, fold_of, err));
	for (size_t i = 0; repeat == 0 && i < n_rows; i++)
		cv->n_never_tested += fold_of[i] == FLT_ALWAYS_FIT;
	for (size_t k = 0; k < cv->n_folds; k++) {
		struct flt_cv_fold *fold = &cv->folds[repeat * cv->n_folds + k];
		fold->repeat = repeat;
		fold->fold = k;
		FLT_TRY(fold_make(run, rows, fold_of, fold, err));
	}
	return FLT_OK;
}

static enum flt_status make_folds(const struct run *run, struct flt_error *err)
{
	size_t n_rows = n_rows_of(run);
	enum flt_status status = FLT_OK;
	size_t *rows = flt_alloc(n_rows, sizeof *rows, err);
	uint32_t *fold_of = flt_alloc(n_rows, sizeof *fold_of, err);
	FLT_TRY_MEMORY_OUT(rows && fold_of);
	for (size_t i = 0; i < n_rows; i++)
		rows[i] = run->options->rows ? run->options->rows[i] : i;
	for (size_t repeat = 0; repeat < run->cv->n_repeats; repeat++)
		FLT_TRY_OUT(make_folds_of_repeat(run, repeat, rows, fold_of, err));
out:
	flt_free(rows);
	flt_free(fold_of);
	return status;
}

/* ---- trials ---- */

/* One trial at work. */
struct trial {
	struct run *run;
	struct flt_cv_trial *out;
	struct flt_error *err;
	enum flt_status status; /* of keeping the log */
};

static bool keep_epoch(void *context, const struct flt_epoch *epoch)
{
	struct trial *trial = context;
	trial->status = flt_epoch_log_add(&trial->out->log, epoch, trial->err);
	return trial->status != FLT_OK || atomic_load(&trial->run->stop);
}

/* Fills rows with the fold's fit rows, keeping only a share of the positives. Their order is drawn once per fold, so
 * the positives of a smaller share are a subset of those of a larger one. */
static enum flt_status thin_positives(const struct run *run, const struct flt_cv_fold *fold, double kept, size_t *rows,
                                      size_t *n_rows, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(run->table);
	size_t n_positive = 0;
	enum flt_status status = FLT_OK;
	size_t *positive = flt_alloc(fold->n_fit, sizeof *positive, err); /* (n_positive) places in fold->fit */
	uint8_t *dropped = flt_alloc_zero(fold->n_fit, sizeof *dropped, err);
	FLT_TRY_MEMORY_OUT(positive && dropped);
	for (size_t i = 0; i < fold->n_fit; i++)
		if (label[fold->fit[i]])
			positive[n_positive++] = i;
	struct flt_random random;
	flt_random_init(&random, run->options->seed + fold->repeat, "thin", fold->fold);
	flt_random_shuffle(&random, positive, n_positive);
	size_t n_kept = (size_t)fmax(1, round(kept * (double)n_positive));
	for (size_t i = n_kept; i < n_positive; i++)
		dropped[positive[i]] = 1;
	*n_rows = 0;
	for (size_t i = 0; i < fold->n_fit; i++)
		if (!dropped[i])
			rows[(*n_rows)++] = fold->fit[i];
out:
	flt_free(positive);
	flt_free(dropped);
	return status;
}

/* Scores the fold's test rows. */
static enum flt_status score_test(const struct trial *trial, const struct flt_detector *detector,
                                  const struct flt_cv_fold *fold)
{
	struct flt_cv_trial *out = trial->out;
	double start = flt_clock_seconds();
	FLT_TRY(flt_detector_score(detector, trial->run->table, fold->test, fold->n_test, 1, out->score, trial->err));
	for (size_t i = 0; i < fold->n_test; i++)
		out->log_odds[i] = flt_detector_log_odds(detector, out->score[i]);
	out->seconds_score = flt_clock_seconds() - start;
	out->threshold = detector->choice.threshold;
	out->n_params = flt_detector_n_params(detector);
	out->n_params_per_network = out->n_params / out->fit.roster.n_members;
	return FLT_OK;
}

static enum flt_status fit_and_score(struct trial *trial, const struct flt_variant *variant,
                                     const struct flt_cv_fold *fold, size_t *fit_rows)
{
	const struct run *run = trial->run;
	size_t n_fit;
	FLT_TRY(thin_positives(run, fold, variant->positives_kept, fit_rows, &n_fit, trial->err));
	struct flt_fit_options options = variant->options;
	options.train.seed = run->options->seed + fold->repeat;
	options.train.n_threads = 1;
	options.sharing = run->sharing;
	options.identical = run->cv->identical.kept;
	struct flt_hooks hooks = {.on_epoch = keep_epoch, .context = trial};
	struct flt_detector *detector;
	enum flt_status status = flt_fit(run->table, fit_rows, n_fit, fold->validation, fold->n_validation, &options,
	                                 &hooks, &detector, &trial->out->fit, trial->err);
	FLT_TRY_OUT(status);
	FLT_TRY_OUT(trial->status);
	if (detector) /* else the run was stopped */
		FLT_TRY_OUT(score_test(trial, detector, fold));
out:
	flt_detector_free(detector);
	return status;
}

/* Predicts the more common class for all rows: the constant log-odds of the fit rows' prevalence. */
static void score_majority(const struct run *run, const struct flt_cv_fold *fold, struct flt_cv_trial *out)
{
	double log_odds = flt_logit(flt_table_prevalence(run->table, fold->fit, fold->n_fit));
	for (size_t i = 0; i < fold->n_test; i++)
		out->score[i] = out->log_odds[i] = log_odds;
	out->threshold = 0.5;
}

static enum flt_status trial_run(struct trial *trial, const struct flt_variant *variant, const struct flt_cv_fold *fold)
{
	struct flt_cv_trial *out = trial->out;
	out->score = flt_alloc(fold->n_test, sizeof *out->score, trial->err);
	out->log_odds = flt_alloc(fold->n_test, sizeof *out->log_odds, trial->err);
	FLT_TRY_MEMORY(out->score && out->log_odds);
	if (variant->majority) {
		score_majority(trial->run, fold, out);
		return FLT_OK;
	}
	size_t *fit_rows = flt_alloc(fold->n_fit, sizeof *fit_rows, trial->err);
	FLT_TRY_MEMORY(fit_rows);
	enum flt_status status = fit_and_score(trial, variant, fold, fit_rows);
	flt_free(fit_rows);
	return status;
}

/* Reports progress. Of several failures the first in the order of tasks counts, whatever the threads. */
static void finish_task(struct run *run, size_t task, const struct flt_variant *variant, enum flt_status status,
                        const struct flt_error *error)
{
	pthread_mutex_lock(&run->mutex);
	run->n_done++;
	if (status != FLT_OK && task < atomic_load(&run->failed_task)) {
		run->status = flt_fail(&run->error, status, "variant \"%s\": %s", variant->name, error->text);
		atomic_store(&run->failed_task, task);
	}
	size_t n_trials = run->cv->n_variants * run->cv->n_all_folds;
	if (run->on_progress && run->on_progress(run->context, run->n_done, n_trials)) {
		run->cv->stopped = true;
		atomic_store(&run->stop, true);
	}
	pthread_mutex_unlock(&run->mutex);
}

/* Tasks run fold by fold, all variants of a fold next to each other. */
static void run_task(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct run *run = context;
	struct flt_cv *cv = run->cv;
	if (atomic_load(&run->stop) || task > atomic_load(&run->failed_task))
		return;
	size_t fold = task / cv->n_variants, variant = task % cv->n_variants;
	struct flt_error error;
	struct trial trial = {.run = run, .out = &cv->trials[variant * cv->n_all_folds + fold], .err = &error};
	enum flt_status status = trial_run(&trial, &run->variants[variant], &cv->folds[fold]);
	finish_task(run, task, &run->variants[variant], status, &error);
}

/* Score and log-odds of each test row, and struct flt_held_out. */
size_t flt_cv_bytes_of_results(const struct flt_cv *cv)
{
	enum { OF_TEST_ROW = 2 * sizeof(double), OF_CHOOSER = sizeof(size_t) + 1 + 2 * sizeof(double) };
	size_t of_chooser = OF_CHOOSER + (flt_table_weights(cv->table) ? sizeof(double) : 0), n = 0;
	for (size_t i = 0; i < cv->n_all_folds; i++) {
		const struct flt_cv_fold *fold = &cv->folds[i];
		size_t n_choosers = fold->n_validation ? fold->n_validation : fold->n_fit;
		n += fold->n_test * OF_TEST_ROW + n_choosers * of_chooser;
	}
	return cv->n_variants * n;
}

static enum flt_status run_trials(struct run *run, struct flt_error *err)
{
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new(run->options->n_threads, &pool, err));
	size_t n_trials = run->cv->n_variants * run->cv->n_all_folds, n_threads = flt_pool_n_threads(pool);
	run->sharing.n_fits = n_trials < n_threads ? n_trials : n_threads;
	run->sharing.n_bytes_before = flt_alloc_live() + flt_cv_bytes_of_results(run->cv);
	pthread_mutex_init(&run->mutex, NULL);
	flt_pool_run(pool, n_trials, run_task, run);
	pthread_mutex_destroy(&run->mutex);
	flt_pool_free(pool);
	return run->status == FLT_OK ? FLT_OK : flt_fail(err, run->status, "%s", run->error.text);
}

static struct run run_of(struct flt_cv *cv)
{
	return (struct run){.table = cv->table, .variants = cv->variants, .options = &cv->options, .cv = cv};
}

enum flt_status flt_cv_run(struct flt_cv *cv, flt_on_progress *on_progress, void *context, struct flt_error *err)
{
	struct run run = run_of(cv);
	run.on_progress = on_progress;
	run.context = context;
	atomic_init(&run.failed_task, SIZE_MAX);
	return run_trials(&run, err);
}

/* ---- the plan ---- */

static enum flt_status plan_variant(struct flt_cv *cv, const struct flt_variant *variant, struct flt_error *err)
{
	const struct flt_cv_fold *first = &cv->folds[0];
	struct flt_fit_options options = variant->options;
	struct flt_error why;
	if (variant->majority)
		return FLT_OK;
	options.train.seed = cv->options.seed;
	options.train.n_threads = cv->options.n_threads;
	enum flt_status status = flt_fit_plan(cv->table, first->fit, first->n_fit, first->validation,
	                                      first->n_validation, &options, &cv->plan, &why);
	if (status != FLT_OK)
		return flt_fail(err, status, "variant \"%s\": %s", variant->name, why.text);
	FLT_TRY(flt_leaks_find(cv->table, first->fit, first->n_fit, cv->options.n_threads, &cv->leaks, err));
	flt_leaks_keep_used(&cv->leaks, cv->plan.prep);
	return FLT_OK;
}

static enum flt_status plan(struct flt_cv *cv, size_t planned, struct flt_error *err)
{
	struct run run = run_of(cv);
	unsigned n_threads = cv->options.n_threads;
	cv->folds = flt_alloc_zero(cv->n_all_folds, sizeof *cv->folds, err);
	cv->trials = flt_alloc_zero(cv->n_variants * cv->n_all_folds, sizeof *cv->trials, err);
	FLT_TRY_MEMORY(cv->folds && cv->trials);
	FLT_TRY(flt_identical_rows_find(cv->table, cv->options.identical, n_threads, &cv->identical, err));
	cv->by_time = flt_table_role(cv->table, FLT_TIME) != SIZE_MAX;
	FLT_TRY(make_folds(&run, err));
	FLT_TRY(flt_split_count_groups(cv->table, NULL, flt_table_n_rows(cv->table), n_threads, &cv->groups, err));
	return plan_variant(cv, &cv->variants[planned], err);
}

enum flt_status flt_cv_plan(const struct flt_table *table, const struct flt_variant *variants, size_t n_variants,
                            size_t planned, const struct flt_cv_options *options, struct flt_cv **out,
                            struct flt_error *err)
{
	*out = NULL;
	struct flt_cv *cv = flt_alloc_zero(1, sizeof *cv, err);
	FLT_TRY_MEMORY(cv);
	cv->table = table;
	cv->variants = variants;
	cv->options = *options;
	cv->n_variants = n_variants;
	cv->n_folds = options->n_folds;
	cv->n_repeats = options->n_repeats;
	cv->n_all_folds = cv->n_folds * cv->n_repeats;
	enum flt_status status = plan(cv, planned, err);
	if (status == FLT_OK)
		*out = cv;
	else
		flt_cv_free(cv);
	return status;
}
