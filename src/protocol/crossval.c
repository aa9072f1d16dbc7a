/*
 * The trials. The folds are there (crossval_plan.c), the same for all variants, so the trials are independent tasks,
 * each on one thread and with random streams of its own: their order and the number of threads change no bit.
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
#include "protocol/checkpoint_share.h"
#include "protocol/cv_memory.h"
#include "protocol/trial_result.h"
#include "ranks/deal.h"

/* What all trials share. */
struct run {
	const struct flt_table *table;
	const struct flt_variant *variants;
	const struct flt_cv_options *options;
	const struct flt_cv_hooks *hooks;
	struct flt_cv *cv;
	struct flt_sharing sharing; /* of the trials that run side by side */

	pthread_mutex_t mutex; /* guards what follows */
	struct flt_pace pace;  /* of the tasks in their order */
	enum flt_status status;
	struct flt_error error;

	size_t *rank_of; /* (trials); NULL: there are no ranks */

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

/* ---- trials ---- */

/* One trial at work. */
struct trial {
	struct run *run;
	struct flt_cv_trial *out;
	size_t task;
	struct flt_error *err;
	enum flt_status status; /* of keeping the log */
	struct flt_work_done work;
};

/* Called with the mutex locked. */
static void tell_pace(struct run *run)
{
	if (run->hooks->on_pace)
		run->hooks->on_pace(run->hooks->context, &run->pace);
}

static bool pass_epoch(void *context, const struct flt_epoch *epoch)
{
	struct trial *trial = context;
	struct run *run = trial->run;
	trial->status = flt_epoch_log_add(&trial->out->log, epoch, trial->err);
	flt_work_done_add(&trial->work, epoch);
	pthread_mutex_lock(&run->mutex);
	run->pace.trainings[trial->task].done = trial->work.done;
	run->pace.trainings[trial->task].restored = trial->work.restored;
	tell_pace(run);
	pthread_mutex_unlock(&run->mutex);
	return trial->status != FLT_OK || atomic_load(&run->stop);
}

static bool should_stop(void *context)
{
	const struct trial *trial = context;
	struct run *run = trial->run;
	bool is_asked = run->hooks->should_stop && run->hooks->should_stop(run->hooks->context);
	if (is_asked || flt_ranks_look(run->hooks->ranks))
		atomic_store(&run->stop, true);
	return atomic_load(&run->stop);
}

enum flt_status flt_cv_fold_thin(const struct flt_cv *cv, const struct flt_cv_fold *fold, double kept, size_t *rows,
                                 size_t *n_rows, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(cv->table);
	size_t n_positive = 0;
	enum flt_status status = FLT_OK;
	size_t *positive = flt_alloc(fold->n_fit, sizeof *positive, err); /* (n_positive) places in fold->fit */
	uint8_t *dropped = flt_alloc_zero(fold->n_fit, sizeof *dropped, err);
	FLT_TRY_MEMORY_OUT(positive && dropped);
	for (size_t i = 0; i < fold->n_fit; i++)
		if (label[fold->fit[i]])
			positive[n_positive++] = i;
	struct flt_random random;
	flt_random_init(&random, cv->options.seed + fold->repeat, "thin", fold->fold);
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
	return FLT_OK;
}

static enum flt_status conclude(const struct trial *trial, const struct flt_detector *detector,
                                const struct flt_cv_fold *fold)
{
	struct flt_checkpoint *checkpoint = trial->run->hooks->checkpoint;
	FLT_TRY(score_test(trial, detector, fold));
	return checkpoint ? flt_trial_keep(trial->out, fold->n_test, checkpoint, trial->task, trial->err) : FLT_OK;
}

static enum flt_status fit_and_score(struct trial *trial, const struct flt_variant *variant,
                                     const struct flt_cv_fold *fold, size_t *fit_rows)
{
	const struct run *run = trial->run;
	size_t n_fit;
	FLT_TRY(flt_cv_fold_thin(run->cv, fold, variant->positives_kept, fit_rows, &n_fit, trial->err));
	struct flt_fit_options options = variant->options;
	options.train.seed = run->options->seed + fold->repeat;
	options.train.n_threads = 1;
	options.sharing = run->sharing;
	options.identical = run->cv->identical.kept;
	options.drops_choosers = true;
	struct flt_hooks hooks = {.on_epoch = pass_epoch,
	                          .should_stop = run->hooks->should_stop || run->hooks->ranks ? should_stop : NULL,
	                          .checkpoint = run->hooks->checkpoint,
	                          .training = trial->task,
	                          .context = trial};
	struct flt_detector *detector;
	enum flt_status status = flt_fit(run->table, fit_rows, n_fit, fold->validation, fold->n_validation, &options,
	                                 &hooks, &detector, &trial->out->fit, trial->err);
	FLT_TRY_OUT(status);
	FLT_TRY_OUT(trial->status);
	if (detector) /* else the run was stopped */
		status = conclude(trial, detector, fold);
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

static size_t count_trials(const struct flt_cv *cv)
{
	return cv->n_variants * cv->n_all_folds;
}

static void tell_progress(struct run *run)
{
	const struct flt_cv_hooks *hooks = run->hooks;
	if (hooks->on_progress && hooks->on_progress(hooks->context, run->pace.n_ended, run->pace.n_trainings))
		atomic_store(&run->stop, true);
}

static void tell_trial(const struct run *run, size_t task, enum flt_status status)
{
	const struct flt_cv_hooks *hooks = run->hooks;
	size_t n_variants = run->cv->n_variants;
	if (hooks->on_trial && status == FLT_OK && !atomic_load(&run->stop))
		hooks->on_trial(hooks->context, run->cv, task % n_variants, task / n_variants);
}

/* Reports progress. Of several failures the first in the order of tasks counts, whatever the threads. */
static void finish_task(struct run *run, size_t task, const struct flt_variant *variant, enum flt_status status,
                        const struct flt_error *error)
{
	pthread_mutex_lock(&run->mutex);
	flt_pace_end(&run->pace, task, flt_clock_seconds());
	tell_pace(run);
	if (status != FLT_OK && task < atomic_load(&run->failed_task)) {
		run->status = flt_fail(&run->error, status, "variant \"%s\": %s", variant->name, error->text);
		atomic_store(&run->failed_task, task);
	}
	tell_trial(run, task, status);
	tell_progress(run);
	pthread_mutex_unlock(&run->mutex);
}

/* Tasks run fold by fold, all variants of a fold next to each other. */
static struct flt_cv_fold *fold_of(const struct flt_cv *cv, size_t task)
{
	return &cv->folds[task / cv->n_variants];
}

static struct flt_cv_trial *trial_of(const struct flt_cv *cv, size_t task)
{
	return &cv->trials[task % cv->n_variants * cv->n_all_folds + task / cv->n_variants];
}

static const struct flt_training_result *kept_result(const struct run *run, size_t task)
{
	return run->hooks->checkpoint ? flt_checkpoint_result(run->hooks->checkpoint, task) : NULL;
}

/* What a majority predicts is known everywhere. */
static bool is_of_other_rank(const struct run *run, size_t task)
{
	return run->rank_of && run->rank_of[task] != flt_ranks_own(run->hooks->ranks) &&
	       !run->variants[task % run->cv->n_variants].majority;
}

static void run_task(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct run *run = context;
	const struct flt_variant *variant = &run->variants[task % run->cv->n_variants];
	if (atomic_load(&run->stop) || task > atomic_load(&run->failed_task) || kept_result(run, task) ||
	    is_of_other_rank(run, task))
		return;
	struct flt_error error;
	struct trial trial = {.run = run, .out = trial_of(run->cv, task), .task = task, .err = &error};
	pthread_mutex_lock(&run->mutex);
	flt_pace_begin(&run->pace, task, flt_clock_seconds());
	pthread_mutex_unlock(&run->mutex);
	enum flt_status status = trial_run(&trial, variant, fold_of(run->cv, task));
	finish_task(run, task, variant, status, &error);
}

static enum flt_status begin_study(const struct run *run, struct flt_error *err)
{
	struct flt_checkpoint *checkpoint = run->hooks->checkpoint;
	return checkpoint ? flt_checkpoint_begin_study(checkpoint, count_trials(run->cv), err) : FLT_OK;
}

/* Takes the trials that a checkpoint has to the end, unless they are there. */
static enum flt_status take_kept(struct run *run, struct flt_error *err)
{
	for (size_t task = 0; task < count_trials(run->cv); task++) {
		const struct flt_training_result *result = kept_result(run, task);
		if (!result || trial_of(run->cv, task)->score)
			continue;
		FLT_TRY(flt_trial_take(trial_of(run->cv, task), fold_of(run->cv, task)->n_test, result, err));
		flt_pace_restore(&run->pace, task);
	}
	if (run->pace.n_ended > 0) {
		tell_progress(run);
		tell_pace(run);
	}
	return FLT_OK;
}

/* By the inputs of the fit that was planned; a majority takes none. */
static void plan_work(struct run *run)
{
	const struct flt_cv *cv = run->cv;
	for (size_t task = 0; task < count_trials(cv); task++) {
		const struct flt_variant *variant = &run->variants[task % cv->n_variants];
		const struct flt_cv_fold *fold = fold_of(cv, task);
		if (!variant->majority && cv->plan.prep)
			run->pace.trainings[task].work =
			        flt_work_of_fit(&cv->plan, &variant->options, fold->n_fit, fold->n_validation);
	}
}

static enum flt_status check_memory(struct run *run, size_t n_threads, struct flt_error *err)
{
	double n_bytes;
	FLT_TRY(flt_cv_memory_check(run->cv, run->hooks->checkpoint, n_threads, &run->sharing, &n_bytes, err));
	if (run->hooks->on_memory)
		run->hooks->on_memory(run->hooks->context, n_bytes);
	return FLT_OK;
}

/* ---- over ranks ---- */

static enum flt_status deal(struct run *run, struct flt_error *err)
{
	size_t n = count_trials(run->cv);
	enum flt_status status = FLT_OK;
	if (!run->hooks->ranks)
		return FLT_OK;
	double *work = flt_alloc(n, sizeof *work, err);
	run->rank_of = flt_alloc(n, sizeof *run->rank_of, err);
	FLT_TRY_MEMORY_OUT(work && run->rank_of);
	for (size_t task = 0; task < n; task++)
		work[task] = kept_result(run, task) ? 0 : run->pace.trainings[task].work;
	status = flt_ranks_deal(work, n, flt_ranks_count(run->hooks->ranks), run->rank_of, err);
out:
	flt_free(work);
	return status;
}

/* Rank 0 gets the trials of all others. These have nothing more to do. */
static enum flt_status collect(struct run *run, struct flt_error *err)
{
	const struct flt_cv_hooks *hooks = run->hooks;
	if (!hooks->ranks)
		return FLT_OK;
	FLT_TRY(flt_checkpoint_share(hooks->checkpoint, err));
	if (flt_ranks_own(hooks->ranks) == 0)
		return take_kept(run, err);
	atomic_store(&run->stop, true);
	return FLT_OK;
}

static enum flt_status run_tasks(struct run *run, struct flt_pool *pool, struct flt_error *err)
{
	size_t n_trials = count_trials(run->cv), n_threads = flt_pool_n_threads(pool);
	FLT_TRY(flt_pace_init(&run->pace, n_trials, n_threads, err));
	plan_work(run);
	FLT_TRY(begin_study(run, err));
	FLT_TRY(check_memory(run, n_threads, err));
	FLT_TRY(take_kept(run, err));
	FLT_TRY(deal(run, err));
	flt_pool_run(pool, n_trials, run_task, run);
	run->status = flt_ranks_agree(run->hooks->ranks, run->failed_task, run->status, &run->error);
	FLT_TRY(run->status == FLT_OK ? FLT_OK : flt_fail(err, run->status, "%s", run->error.text));
	FLT_TRY(collect(run, err));
	run->cv->stopped = atomic_load(&run->stop);
	return FLT_OK;
}

static enum flt_status run_trials(struct run *run, struct flt_error *err)
{
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new(run->options->n_threads, &pool, err));
	pthread_mutex_init(&run->mutex, NULL);
	enum flt_status status = run_tasks(run, pool, err);
	pthread_mutex_destroy(&run->mutex);
	flt_pace_release(&run->pace);
	flt_free(run->rank_of);
	flt_pool_free(pool);
	return status;
}

enum flt_status flt_cv_run(struct flt_cv *cv, const struct flt_cv_hooks *hooks, struct flt_error *err)
{
	static const struct flt_cv_hooks none = {0};
	struct run run = {.table = cv->table,
	                  .variants = cv->variants,
	                  .options = &cv->options,
	                  .hooks = hooks ? hooks : &none,
	                  .cv = cv};
	atomic_init(&run.failed_task, SIZE_MAX);
	return run_trials(&run, err);
}
