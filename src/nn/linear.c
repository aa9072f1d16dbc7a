#include "nn/linear.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/monitor.h"
#include "nn/newton.h"
#include "nn/predict.h"
#include "nn/shape.h"
#include "nn/train_state.h"
#include "nn/trainer.h"

/* The penalties that are tried, in units of the loss's second derivative by the logit: an input of variance 1 feels
 * 1 as much as it feels the rows. From one that leaves next to nothing of the weights to one that leaves them alone,
 * two to a power of ten. So many epochs without a better one end the search. */
enum { N_PENALTIES = 15, STRONGEST_EXPONENT = 2, PATIENCE = 3 };

/* By so much, relatively, a weaker penalty has to be better: by less it only costs time, and weights grow. */
static const double notable = 1e-4;

struct run {
	const struct flt_train_options *options;
	const struct flt_train_hooks *hooks;
	struct flt_pool *pool;
	struct flt_newton newton;
	struct flt_mlp *mlp; /* has the weights of the last epoch; owned until taken */
	struct flt_focal focal;
	struct flt_validation validation;
	struct flt_weights weights; /* these two for the validation rows, if there are any */
	struct flt_pass *passes;
	float *best_params; /* (n_params) valid once best.epoch > 0 */
	struct flt_epoch log[N_PENALTIES], best;
	size_t epochs, n_epochs; /* completed; the most there can be */
	bool resumes;            /* takes the epochs of a saved state */
	bool stopped;            /* by a hook */
};

size_t flt_linear_n_epochs(const struct flt_train_options *options)
{
	return options->choose_decay ? N_PENALTIES : 1;
}

/* The penalty of an epoch, from 1. */
static double penalty(const struct run *run, size_t epoch)
{
	if (!run->options->choose_decay)
		return run->options->weight_decay;
	if (!run->validation.data)
		return 1 / run->newton.mass;
	double exponent = STRONGEST_EXPONENT - (double)(epoch - 1) / 2;
	return run->newton.curvature_scale * pow(10, exponent);
}

static void show_state(struct run *run, bool ended)
{
	const struct flt_train_hooks *hooks = run->hooks;
	if (!hooks->between_steps)
		return;
	struct flt_train_state state = {.n_params = run->mlp->n_params,
	                                .vectors = {[FLT_STATE_PARAMS] = run->mlp->params,
	                                            [FLT_STATE_BEST] = run->epochs ? run->best_params : NULL},
	                                .n_steps = run->epochs,
	                                .n_epochs = run->epochs,
	                                .epochs = run->log,
	                                .ended = ended};
	run->stopped = run->stopped || hooks->between_steps(hooks->context, &state);
}

/* In the middle of an epoch the state is that of its beginning. */
static bool should_stop(void *context)
{
	struct run *run = context;
	show_state(run, false);
	return run->stopped;
}

static enum flt_status make_mlp(struct run *run, const struct flt_data *fit, struct flt_error *err)
{
	struct flt_mlp_spec spec = flt_trainer_spec(run->options, fit);
	FLT_TRY(flt_mlp_new(&spec, &run->mlp, err));
	const struct flt_loss *loss = &run->options->loss;
	double bias = run->options->zero_output_bias ? 0 : flt_loss_optimal_bias(loss, flt_data_mass(fit).prevalence);
	run->mlp->params[run->mlp->linear[0].bias] = (float)bias;
	return FLT_OK;
}

static enum flt_status prepare(struct run *run, const struct flt_data *fit, const struct flt_data *validation,
                               struct flt_error *err)
{
	const struct flt_train_options *options = run->options;
	const struct flt_loss *loss = &options->loss;
	FLT_TRY(flt_pool_new(options->n_threads, &run->pool, err));
	FLT_TRY(make_mlp(run, fit, err));
	FLT_TRY(flt_newton_init(&run->newton, fit, loss, run->pool, err));
	run->newton.should_stop = should_stop;
	run->newton.context = run;
	run->focal = flt_focal_of(loss->gamma, loss->weight_positive, loss->weight_negative);
	run->best_params = flt_alloc(run->mlp->n_params, sizeof *run->best_params, err);
	FLT_TRY_MEMORY(run->best_params);
	bool is_validated = validation && validation->n_rows;
	run->n_epochs = is_validated ? flt_linear_n_epochs(options) : 1;
	FLT_TRY(flt_validation_init(&run->validation, options, is_validated ? validation : NULL, err));
	if (!is_validated)
		return FLT_OK;
	FLT_TRY(flt_weights_init(&run->weights, run->mlp, FLT_TO_PREDICT, err));
	return flt_passes_new(run->mlp, flt_pool_n_threads(run->pool), FLT_TILE_ROWS, FLT_TO_PREDICT, &run->passes,
	                      err);
}

static void release(struct run *run)
{
	if (run->pool)
		flt_passes_free(run->passes, flt_pool_n_threads(run->pool));
	flt_weights_release(&run->weights);
	flt_validation_release(&run->validation);
	flt_newton_release(&run->newton);
	flt_pool_free(run->pool);
	flt_mlp_free(run->mlp);
	flt_free(run->best_params);
}

/* Also false if a weight is not finite. */
static bool validate(struct run *run, struct flt_epoch *epoch)
{
	struct flt_validation *validation = &run->validation;
	epoch->validation_loss = epoch->validation_ap = NAN;
	for (size_t j = 0; j < run->mlp->n_params; j++)
		if (!isfinite(run->mlp->params[j]))
			return false;
	if (!validation->data)
		return true;
	flt_weights_set(&run->weights, run->mlp->params, run->pool);
	flt_predict(&run->weights, run->pool, run->passes, validation->data->x, validation->rows, validation->n_rows,
	            validation->logit);
	return flt_validation_measure(validation, run->newton.kernels, &run->focal, &epoch->validation_loss,
	                              &epoch->validation_ap);
}

/* Larger is better. */
static double merit(const struct run *run, const struct flt_epoch *epoch)
{
	return run->options->monitor == FLT_MONITOR_AP ? epoch->validation_ap : -epoch->validation_loss;
}

static bool is_better(const struct run *run, const struct flt_epoch *epoch)
{
	double before = merit(run, &run->best);
	return merit(run, epoch) > before + notable * fabs(before);
}

static bool is_over(const struct run *run)
{
	return run->epochs == run->n_epochs || (run->epochs && run->epochs - run->best.epoch >= PATIENCE);
}

static void close_epoch(struct run *run, struct flt_epoch *epoch)
{
	const struct flt_train_hooks *hooks = run->hooks;
	epoch->best = run->best.epoch == 0 || is_better(run, epoch);
	if (epoch->best)
		run->best = *epoch;
	run->log[run->epochs++] = *epoch;
	epoch->last = is_over(run);
	epoch->restored = run->resumes;
	run->stopped = hooks->on_epoch && hooks->on_epoch(hooks->context, epoch);
}

static struct flt_epoch next_epoch(const struct run *run)
{
	size_t epoch = run->epochs + 1;
	return (struct flt_epoch){.n_members = 1,
	                          .epoch = epoch,
	                          .n_epochs = run->n_epochs,
	                          .lr = NAN,
	                          .l2 = penalty(run, epoch),
	                          .share = 1};
}

/* The next epoch starts from weights as they are kept, in float32: so a saved state holds all that it needs. */
static enum flt_status run_epoch(struct run *run, struct flt_error *err)
{
	struct flt_epoch epoch = next_epoch(run);
	const struct flt_loss_sums *sums = &run->newton.sums;
	flt_newton_start(&run->newton, run->mlp->params);
	if (!flt_newton_solve(&run->newton, epoch.l2))
		return FLT_OK;
	for (size_t j = 0; j < run->mlp->n_params; j++)
		run->mlp->params[j] = (float)run->newton.w[j];
	epoch.loss = sums->loss / run->newton.mass;
	epoch.gradient_total = sums->total;
	epoch.gradient_easy = sums->easy;
	epoch.gradient_positive = sums->positive;
	if (!validate(run, &epoch))
		return flt_fail(
		        err, FLT_ERR_DIVERGED,
		        "training diverged: logits are no longer finite, since an input of some row is too large; "
		        "leave out its column, or scale it");
	close_epoch(run, &epoch);
	if (epoch.best)
		memcpy(run->best_params, run->mlp->params, run->mlp->n_params * sizeof *run->best_params);
	return FLT_OK;
}

static enum flt_status run_epochs(struct run *run, struct flt_error *err)
{
	show_state(run, false);
	while (!run->stopped && !is_over(run))
		FLT_TRY(run_epoch(run, err));
	if (!run->stopped)
		show_state(run, true);
	return FLT_OK;
}

static enum flt_status resume(struct run *run, struct flt_error *err)
{
	const struct flt_train_state *from = run->hooks->from;
	if (!from)
		return FLT_OK;
	const struct flt_state_kind kind = {.n_params = run->mlp->n_params,
	                                    .n_batches = 1,
	                                    .most_epochs = run->n_epochs,
	                                    .is_validated = run->validation.data != NULL,
	                                    .has_precision = run->validation.data != NULL};
	FLT_TRY(flt_train_state_check(from, &kind, err));
	size_t n_bytes = from->n_params * sizeof *run->best_params;
	memcpy(run->mlp->params, from->vectors[FLT_STATE_PARAMS], n_bytes);
	if (from->n_epochs)
		memcpy(run->best_params, from->vectors[FLT_STATE_BEST], n_bytes);
	run->resumes = true;
	while (!run->stopped && run->epochs < from->n_epochs) {
		struct flt_epoch epoch = next_epoch(run);
		const struct flt_epoch *saved = &from->epochs[run->epochs];
		epoch.loss = saved->loss;
		epoch.validation_loss = saved->validation_loss;
		epoch.validation_ap = saved->validation_ap;
		epoch.gradient_total = saved->gradient_total;
		epoch.gradient_easy = saved->gradient_easy;
		epoch.gradient_positive = saved->gradient_positive;
		close_epoch(run, &epoch);
	}
	run->resumes = false;
	return FLT_OK;
}

/* Moves the network, with the weights of its best epoch, to *mlp. */
static void take_best(struct run *run, struct flt_mlp **mlp, struct flt_train_result *result)
{
	result->epochs = run->epochs;
	result->best_epoch = run->best.epoch;
	result->best = run->best;
	if (!run->best.epoch)
		return;
	memcpy(run->mlp->params, run->best_params, run->mlp->n_params * sizeof *run->best_params);
	*mlp = run->mlp;
	run->mlp = NULL;
}

enum flt_status flt_linear_train(const struct flt_train_options *options, const struct flt_data *fit,
                                 const struct flt_data *validation, const struct flt_train_hooks *hooks,
                                 struct flt_mlp **mlp, struct flt_train_result *result, struct flt_error *err)
{
	static const struct flt_train_hooks none = {0};
	struct run run = {.options = options, .hooks = hooks ? hooks : &none};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(prepare(&run, fit, validation, err));
	result->output_bias = run.mlp->params[run.mlp->linear[0].bias];
	FLT_TRY_OUT(resume(&run, err));
	status = run_epochs(&run, err);
	take_best(&run, mlp, result); /* after a failure too: a stronger penalty may have been usable */
out:
	release(&run);
	return status;
}

double flt_linear_memory(const struct flt_train_options *options, const struct flt_data *fit, const struct flt_mlp *mlp)
{
	double pass = (double)flt_pass_n_floats(mlp, FLT_TILE_ROWS, FLT_TO_PREDICT) * flt_pool_size(options->n_threads);
	double weights = 2 * (double)mlp->n_params + (double)flt_weights_n_floats(mlp, FLT_TO_PREDICT);
	return flt_newton_memory(fit->n_rows, fit->n_in) + (pass + weights) * sizeof(float);
}
