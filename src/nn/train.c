/*
 * The training loop: shuffle, step, validate, keep the best weights, stop early.
 *
 * Epochs are compared by the monitored figure on the validation rows. Of equally good epochs the last is kept (its
 * weights have seen more), but only a strictly better one resets patience, so a figure that cannot rise further ends
 * the run.
 *
 * A run can resume between any two steps. No random generator carries state from step to step: each epoch's order and
 * each step's dropout have a stream of their own, named by the epoch's or step's number. On resuming, the logged epochs
 * are ranked again, so a saved state holds neither the best epoch's figures nor the patience used up.
 */
#include "nn/train.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/linear.h"
#include "nn/monitor.h"
#include "nn/order.h"
#include "nn/predict.h"
#include "nn/train_options.h"
#include "nn/train_state.h"
#include "nn/trainer.h"

struct run {
	const struct flt_train_options *options;
	const struct flt_data *fit;
	struct flt_trainer *trainer;
	struct flt_validation validation;
	struct flt_row_order order;
	size_t n_batches;
	const struct flt_train_hooks *hooks;
	size_t n_steps;            /* done, over all epochs */
	struct flt_loss_sums sums; /* of the current epoch */
	struct flt_epoch *log;     /* (options->epochs), the first `epochs` filled; NULL: no hook wants the state */
	bool resumes;              /* takes the epochs of a saved state */
	bool stopped;              /* by a hook */
	float *best_params;        /* (n_params) valid once best.epoch > 0 */
	struct flt_epoch best;
	size_t last_progress; /* the last epoch strictly better than all before */
	size_t epochs;        /* completed */
};

static enum flt_status check_data(const struct flt_data *fit, const struct flt_data *validation, struct flt_error *err)
{
	assert(!validation || (validation->n_in == fit->n_in && !validation->rows));
	size_t n_positive = flt_data_count_positive(fit);
	if (n_positive == 0 || n_positive == fit->n_rows)
		return flt_fail(err, FLT_ERR_DATA,
		                "%zu of the %zu rows to train on are positive: training needs rows of both classes",
		                n_positive, fit->n_rows);
	return FLT_OK;
}

static void release(struct run *run)
{
	flt_trainer_free(run->trainer);
	flt_validation_release(&run->validation);
	flt_row_order_release(&run->order);
	flt_free(run->log);
	flt_free(run->best_params);
}

static enum flt_status prepare(struct run *run, const struct flt_train_options *options, const struct flt_data *fit,
                               const struct flt_data *validation, const struct flt_train_hooks *hooks,
                               struct flt_error *err)
{
	static const struct flt_train_hooks none = {0};
	*run = (struct run){.options = options, .fit = fit, .hooks = hooks ? hooks : &none};
	FLT_TRY(flt_trainer_new(options, fit, &run->trainer, err));
	if (run->hooks->team)
		FLT_TRY(flt_trainer_join(run->trainer, run->hooks->team, err));
	FLT_TRY(flt_validation_init(&run->validation, options, validation && validation->n_rows ? validation : NULL,
	                            err));
	FLT_TRY(flt_row_order_init(&run->order, options, fit, err));
	size_t batch = run->trainer->batch;
	run->n_batches = (run->order.visited.n + batch - 1) / batch;
	run->best_params = flt_alloc(run->trainer->mlp->n_params, sizeof *run->best_params, err);
	bool wants_log = run->hooks->between_steps != NULL;
	run->log = wants_log ? flt_alloc(options->epochs, sizeof *run->log, err) : NULL;
	FLT_TRY_MEMORY(run->best_params && (run->log || !wants_log));
	return FLT_OK;
}

static enum flt_status diverged(size_t epoch, size_t step, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DIVERGED,
	                "training diverged: loss or weights are no longer finite in epoch %zu at step %zu; a smaller "
	                "--lr or --clip 1 usually helps",
	                epoch, step);
}

static bool all_finite(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

/* Shows the state to the hook, which may stop the run here. */
static void show_state(struct run *run, bool ended)
{
	const struct flt_train_hooks *hooks = run->hooks;
	const struct flt_trainer *trainer = run->trainer;
	if (!hooks->between_steps)
		return;
	struct flt_train_state state = {.n_params = trainer->mlp->n_params,
	                                .vectors = {[FLT_STATE_PARAMS] = trainer->mlp->params,
	                                            [FLT_STATE_FIRST] = trainer->optimizer.first,
	                                            [FLT_STATE_SECOND] = trainer->optimizer.second,
	                                            [FLT_STATE_MEAN] = trainer->mean,
	                                            [FLT_STATE_BEST] = run->epochs ? run->best_params : NULL},
	                                .n_steps = run->n_steps,
	                                .n_steps_at_most = run->options->epochs * run->n_batches,
	                                .sums = {run->sums.loss, run->sums.total, run->sums.easy, run->sums.positive},
	                                .n_epochs = run->epochs,
	                                .epochs = run->log,
	                                .ended = ended};
	run->stopped = hooks->between_steps(hooks->context, &state);
}

/* Runs the rest of an epoch's batches; the last may be smaller. */
static enum flt_status run_steps(struct run *run, struct flt_epoch *epoch, struct flt_error *err)
{
	const struct flt_train_options *options = run->options;
	size_t n_rows = run->order.visited.n, batch = run->trainer->batch, n_all = options->epochs * run->n_batches;
	struct flt_loss_sums sums;
	flt_row_order_shuffle(&run->order, epoch->epoch);
	for (size_t i = run->n_steps % run->n_batches; i < run->n_batches; i++) {
		show_state(run, false);
		if (run->stopped && !run->trainer->team)
			return FLT_OK;
		size_t begin = i * batch, n_left = n_rows - begin, n = n_left < batch ? n_left : batch;
		struct flt_step step = {.rows = run->order.rows + begin,
		                        .n_rows = n,
		                        .n_next = n_left - n,
		                        .number = run->n_steps,
		                        .t = (double)run->n_steps / (double)n_all,
		                        .wants_stop = run->stopped};
		if (!flt_trainer_step(run->trainer, &step, &sums))
			return diverged(epoch->epoch, i + 1, err);
		run->stopped = run->trainer->has_stopped;
		if (run->stopped)
			return FLT_OK;
		epoch->lr = options->lr * flt_schedule_factor(options->schedule, step.t);
		flt_loss_sums_add(&run->sums, &sums);
		run->n_steps++;
	}
	epoch->loss = run->sums.loss / ((double)run->fit->n_rows * run->trainer->mass.mean);
	epoch->gradient_total = run->sums.total;
	epoch->gradient_easy = run->sums.easy;
	epoch->gradient_positive = run->sums.positive;
	run->sums = (struct flt_loss_sums){0};
	if (!all_finite(run->trainer->mlp->params, run->trainer->mlp->n_params))
		return diverged(epoch->epoch, run->n_batches, err);
	return FLT_OK;
}

/* Larger is better. */
static double merit(const struct run *run, const struct flt_epoch *epoch)
{
	return run->options->monitor == FLT_MONITOR_AP ? epoch->validation_ap : -epoch->validation_loss;
}

static bool measure(struct run *run, const float *params, struct flt_epoch *epoch)
{
	struct flt_trainer *trainer = run->trainer;
	struct flt_validation *validation = &run->validation;
	flt_weights_set(&trainer->weights, params, trainer->pool);
	flt_trainer_predict(trainer, validation->data->x, validation->rows, validation->n_rows, validation->logit);
	return flt_validation_measure(validation, trainer->optimizer.kernels, &trainer->focal, &epoch->validation_loss,
	                              &epoch->validation_ap);
}

/* Validates the weights and their running average, and puts the better of the two into *epoch. */
static enum flt_status validate(struct run *run, struct flt_epoch *epoch, struct flt_error *err)
{
	epoch->averaged = false;
	epoch->validation_loss = epoch->validation_ap = NAN;
	if (!run->validation.data) {
		epoch->averaged = run->trainer->mean != NULL;
		return FLT_OK;
	}
	if (!measure(run, run->trainer->mlp->params, epoch))
		return diverged(epoch->epoch, run->n_batches, err);
	if (!run->trainer->mean)
		return FLT_OK;
	struct flt_epoch averaged = *epoch;
	averaged.averaged = true;
	if (!measure(run, run->trainer->mean, &averaged))
		return diverged(epoch->epoch, run->n_batches, err);
	if (merit(run, &averaged) > merit(run, epoch))
		*epoch = averaged;
	return FLT_OK;
}

/* Sets epoch->best if no earlier epoch was better, and remembers the best. */
static void rank_epoch(struct run *run, struct flt_epoch *epoch)
{
	bool first = run->best.epoch == 0, validated = run->validation.data != NULL;
	bool progress = first || !validated || merit(run, epoch) > merit(run, &run->best);
	epoch->best = progress || merit(run, epoch) >= merit(run, &run->best);
	if (progress)
		run->last_progress = epoch->epoch;
	if (epoch->best)
		run->best = *epoch;
}

static bool is_over(const struct run *run)
{
	const struct flt_train_options *options = run->options;
	return run->epochs == options->epochs ||
	       (options->patience && run->epochs - run->last_progress >= options->patience);
}

/* Logs a finished epoch and tells the hook. */
static void close_epoch(struct run *run, struct flt_epoch *epoch)
{
	const struct flt_train_hooks *hooks = run->hooks;
	if (run->log)
		run->log[run->epochs] = *epoch;
	run->epochs++;
	epoch->last = is_over(run);
	epoch->restored = run->resumes;
	bool stops = hooks->on_epoch && hooks->on_epoch(hooks->context, epoch);
	run->stopped = stops && !hooks->team;
}

static struct flt_epoch next_epoch(const struct run *run)
{
	return (struct flt_epoch){
	        .n_members = 1, .epoch = run->epochs + 1, .n_epochs = run->options->epochs, .share = 1};
}

static enum flt_status run_epochs(struct run *run, struct flt_error *err)
{
	const struct flt_trainer *trainer = run->trainer;
	while (!run->stopped && !is_over(run)) {
		struct flt_epoch epoch = next_epoch(run);
		FLT_TRY(run_steps(run, &epoch, err));
		if (run->stopped)
			return FLT_OK;
		FLT_TRY(validate(run, &epoch, err));
		rank_epoch(run, &epoch);
		if (epoch.best)
			memcpy(run->best_params, epoch.averaged ? trainer->mean : trainer->mlp->params,
			       trainer->mlp->n_params * sizeof *run->best_params);
		close_epoch(run, &epoch);
	}
	if (!run->stopped)
		show_state(run, true);
	return FLT_OK;
}

static enum flt_status resume(struct run *run, struct flt_error *err)
{
	const struct flt_train_state *from = run->hooks->from;
	struct flt_trainer *trainer = run->trainer;
	if (!from)
		return FLT_OK;
	const struct flt_state_kind kind = {.n_params = trainer->mlp->n_params,
	                                    .n_batches = run->n_batches,
	                                    .most_epochs = run->options->epochs,
	                                    .has_rate = true,
	                                    .is_validated = run->validation.data != NULL,
	                                    .has_precision = run->validation.data && !run->validation.rows,
	                                    .has = {[FLT_STATE_FIRST] = true,
	                                            [FLT_STATE_SECOND] = trainer->optimizer.second != NULL,
	                                            [FLT_STATE_MEAN] = trainer->mean != NULL}};
	FLT_TRY(flt_train_state_check(from, &kind, err));
	float *vectors[FLT_N_STATE_VECTORS] = {[FLT_STATE_PARAMS] = trainer->mlp->params,
	                                       [FLT_STATE_FIRST] = trainer->optimizer.first,
	                                       [FLT_STATE_SECOND] = trainer->optimizer.second,
	                                       [FLT_STATE_MEAN] = trainer->mean,
	                                       [FLT_STATE_BEST] = run->best_params};
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (from->vectors[i])
			memcpy(vectors[i], from->vectors[i], from->n_params * sizeof *vectors[i]);
	run->n_steps = from->n_steps;
	trainer->optimizer.n_steps = from->n_steps;
	run->sums = (struct flt_loss_sums){from->sums[0], from->sums[1], from->sums[2], from->sums[3]};
	run->resumes = true;
	while (!run->stopped && run->epochs < from->n_epochs) {
		struct flt_epoch epoch = from->epochs[run->epochs], number = next_epoch(run);
		epoch.member = number.member;
		epoch.n_members = number.n_members;
		epoch.epoch = number.epoch;
		epoch.n_epochs = number.n_epochs;
		epoch.share = number.share;
		rank_epoch(run, &epoch);
		close_epoch(run, &epoch);
	}
	run->resumes = false;
	return FLT_OK;
}

/* Moves the network, with the weights of its best epoch, to *mlp. */
static void take_best(struct run *run, struct flt_mlp **mlp, struct flt_train_result *result)
{
	struct flt_mlp *trained = run->trainer->mlp;
	result->epochs = run->epochs;
	result->best_epoch = run->best.epoch;
	result->best = run->best;
	if (!run->best.epoch)
		return;
	memcpy(trained->params, run->best_params, trained->n_params * sizeof *trained->params);
	*mlp = trained;
	run->trainer->mlp = NULL;
}

enum flt_status flt_train(const struct flt_train_options *options, const struct flt_data *fit,
                          const struct flt_data *validation, const struct flt_train_hooks *hooks, struct flt_mlp **mlp,
                          struct flt_train_result *result, struct flt_error *err)
{
	struct run run;
	*mlp = NULL;
	*result = (struct flt_train_result){0};
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_train_options_check(options, err));
	FLT_TRY(check_data(fit, validation, err));
	if (options->optimizer == FLT_NEWTON)
		return flt_linear_train(options, fit, validation, hooks, mlp, result, err);
	FLT_TRY_OUT(prepare(&run, options, fit, validation, hooks, err));
	const struct flt_mlp *trained = run.trainer->mlp;
	result->output_bias = trained->params[trained->linear[trained->n_linear - 1].bias];
	FLT_TRY_OUT(resume(&run, err));
	if (run.hooks->team)
		FLT_TRY_OUT(run.hooks->team->meet(run.hooks->team->context, err));
	status = run_epochs(&run, err);
	take_best(&run, mlp, result); /* after a failure too: earlier epochs of a diverged training may be usable */
out:
	release(&run);
	return status;
}

enum flt_status flt_train_memory(const struct flt_train_options *options, const struct flt_data *fit,
                                 size_t n_validation, struct flt_train_memory *memory, struct flt_error *err)
{
	struct flt_mlp_spec spec = flt_trainer_spec(options, fit);
	struct flt_mlp mlp;
	FLT_TRY(flt_mlp_lay_out(&spec, &mlp, err));
	memory->n_params = mlp.n_params;
	memory->n_bytes = flt_alloc_counted((double)n_validation * FLT_VALIDATION_ROW_BYTES);
	/* Beside the trainer, the order of the rows, the best weights and the epochs. */
	double order = flt_alloc_counted(flt_row_order_memory(options, fit)),
	       best = (double)mlp.n_params * sizeof(float);
	double log = (double)options->epochs * sizeof(struct flt_epoch);
	if (options->optimizer == FLT_NEWTON)
		memory->n_bytes += flt_linear_memory(options, fit, &mlp);
	else
		memory->n_bytes += flt_trainer_memory(options, fit, &mlp) + order + best + log;
	flt_mlp_release(&mlp);
	return FLT_OK;
}
