#include "protocol/trial_result.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/train_state.h"
#include "protocol/epoch_numbers.h"

enum figure { THRESHOLD, SECONDS_SCORE, SECONDS_TRAIN, WEIGHTS, NETWORKS, EPOCHS, BEST_EPOCH, N_FIGURES };

/* Of an epoch: behind the numbers that every checkpoint keeps. */
enum column { NETWORK = FLT_N_EPOCH_NUMBERS, OF_NETWORKS, EPOCH, OF_EPOCHS, L2, BEST, N_COLUMNS };

/* ---- to numbers ---- */

static void epoch_to_numbers(const struct flt_epoch *epoch, double numbers[N_COLUMNS])
{
	flt_epoch_to_numbers(epoch, numbers);
	numbers[NETWORK] = (double)epoch->member;
	numbers[OF_NETWORKS] = (double)epoch->n_members;
	numbers[EPOCH] = (double)epoch->epoch;
	numbers[OF_EPOCHS] = (double)epoch->n_epochs;
	numbers[L2] = epoch->l2;
	numbers[BEST] = epoch->best;
}

enum flt_status flt_trial_keep(const struct flt_cv_trial *trial, size_t n_test, struct flt_checkpoint *checkpoint,
                               size_t training, struct flt_error *err)
{
	const struct flt_epoch_log *log = &trial->log;
	const double figures[N_FIGURES] = {[THRESHOLD] = trial->threshold,
	                                   [SECONDS_SCORE] = trial->seconds_score,
	                                   [SECONDS_TRAIN] = trial->fit.seconds_train,
	                                   [WEIGHTS] = (double)trial->n_params,
	                                   [NETWORKS] = (double)trial->fit.roster.n_members,
	                                   [EPOCHS] = (double)trial->fit.train[0].epochs,
	                                   [BEST_EPOCH] = (double)trial->fit.train[0].best_epoch};
	double *epochs = flt_alloc(log->n, N_COLUMNS * sizeof *epochs, err);
	FLT_TRY_MEMORY(epochs);
	for (size_t i = 0; i < log->n; i++)
		epoch_to_numbers(&log->epochs[i], epochs + i * N_COLUMNS);
	const struct flt_training_result result = {.values = {[FLT_RESULT_FIGURES] = figures,
	                                                      [FLT_RESULT_SCORES] = trial->score,
	                                                      [FLT_RESULT_LOG_ODDS] = trial->log_odds,
	                                                      [FLT_RESULT_EPOCHS] = epochs},
	                                           .n = {[FLT_RESULT_FIGURES] = N_FIGURES,
	                                                 [FLT_RESULT_SCORES] = n_test,
	                                                 [FLT_RESULT_LOG_ODDS] = n_test,
	                                                 [FLT_RESULT_EPOCHS] = log->n * N_COLUMNS}};
	enum flt_status status = flt_checkpoint_end(checkpoint, training, &result, err);
	flt_free(epochs);
	return status;
}

size_t flt_trial_bytes(size_t n_test, size_t n_epochs)
{
	return (N_FIGURES + 2 * n_test + n_epochs * N_COLUMNS) * sizeof(double);
}

/* ---- from numbers ---- */

static bool is_count(double x, size_t least, size_t most)
{
	return x >= (double)least && x <= (double)most && floor(x) == x;
}

static bool can_be_figures(const double *figures)
{
	return figures[THRESHOLD] >= 0 && figures[THRESHOLD] <= 1 && figures[SECONDS_SCORE] >= 0 &&
	       figures[SECONDS_TRAIN] >= 0 && isfinite(figures[SECONDS_SCORE] + figures[SECONDS_TRAIN]) &&
	       is_count(figures[NETWORKS], 1, FLT_MAX_MEMBERS) &&
	       is_count(figures[WEIGHTS], 1, (size_t)figures[NETWORKS] * FLT_MAX_PARAMS) &&
	       is_count(figures[EPOCHS], 0, FLT_MAX_EPOCHS) &&
	       is_count(figures[BEST_EPOCH], 0, (size_t)figures[EPOCHS]);
}

static struct flt_epoch epoch_of_numbers(const double numbers[N_COLUMNS])
{
	struct flt_epoch epoch = flt_epoch_of_numbers(numbers);
	epoch.member = (size_t)numbers[NETWORK];
	epoch.n_members = (size_t)numbers[OF_NETWORKS];
	epoch.epoch = (size_t)numbers[EPOCH];
	epoch.n_epochs = (size_t)numbers[OF_EPOCHS];
	epoch.l2 = numbers[L2];
	epoch.best = numbers[BEST] != 0;
	return epoch;
}

static bool can_be_epoch(const double *numbers)
{
	bool are_counts = is_count(numbers[OF_NETWORKS], 1, FLT_MAX_MEMBERS) &&
	                  is_count(numbers[OF_EPOCHS], 1, FLT_MAX_EPOCHS) &&
	                  is_count(numbers[NETWORK], 0, (size_t)numbers[OF_NETWORKS] - 1) &&
	                  is_count(numbers[EPOCH], 1, (size_t)numbers[OF_EPOCHS]) && is_count(numbers[BEST], 0, 1) &&
	                  is_count(numbers[FLT_EPOCH_AVERAGED], 0, 1);
	if (!are_counts)
		return false;
	struct flt_epoch epoch = epoch_of_numbers(numbers);
	return flt_epoch_can_be(&epoch);
}

static bool are_finite(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

/* What of it cannot be; NULL: nothing. */
static const char *find_fault(const struct flt_training_result *result, size_t n_test)
{
	const double *const *values = result->values;
	const size_t *n = result->n;
	if (n[FLT_RESULT_FIGURES] != N_FIGURES || !can_be_figures(values[FLT_RESULT_FIGURES]))
		return "figures";
	if (n[FLT_RESULT_SCORES] != n_test || !are_finite(values[FLT_RESULT_SCORES], n_test))
		return "scores";
	if (n[FLT_RESULT_LOG_ODDS] != n_test || !are_finite(values[FLT_RESULT_LOG_ODDS], n_test))
		return "log-odds";
	if (n[FLT_RESULT_EPOCHS] % N_COLUMNS != 0)
		return "epochs";
	for (size_t i = 0; i < n[FLT_RESULT_EPOCHS]; i += N_COLUMNS)
		if (!can_be_epoch(values[FLT_RESULT_EPOCHS] + i))
			return "epochs";
	return NULL;
}

static void take_figures(struct flt_cv_trial *trial, const double *figures)
{
	trial->threshold = figures[THRESHOLD];
	trial->seconds_score = figures[SECONDS_SCORE];
	trial->fit.seconds_train = figures[SECONDS_TRAIN];
	trial->n_params = (size_t)figures[WEIGHTS];
	trial->fit.roster.n_members = (size_t)figures[NETWORKS];
	trial->fit.train[0].epochs = (size_t)figures[EPOCHS];
	trial->fit.train[0].best_epoch = (size_t)figures[BEST_EPOCH];
}

enum flt_status flt_trial_take(struct flt_cv_trial *trial, size_t n_test, const struct flt_training_result *result,
                               struct flt_error *err)
{
	const double *const *values = result->values;
	const char *fault = find_fault(result, n_test);
	if (fault)
		return flt_fail(
		        err, FLT_ERR_MODEL,
		        "holds %s that cannot be those of a training, so it is damaged; remove it and start over",
		        fault);
	trial->score = flt_alloc(n_test, sizeof *trial->score, err);
	trial->log_odds = flt_alloc(n_test, sizeof *trial->log_odds, err);
	FLT_TRY_MEMORY(trial->score && trial->log_odds);
	memcpy(trial->score, values[FLT_RESULT_SCORES], n_test * sizeof *trial->score);
	memcpy(trial->log_odds, values[FLT_RESULT_LOG_ODDS], n_test * sizeof *trial->log_odds);
	take_figures(trial, values[FLT_RESULT_FIGURES]);
	for (size_t i = 0; i < result->n[FLT_RESULT_EPOCHS]; i += N_COLUMNS) {
		struct flt_epoch epoch = epoch_of_numbers(values[FLT_RESULT_EPOCHS] + i);
		FLT_TRY(flt_epoch_log_add(&trial->log, &epoch, err));
	}
	return FLT_OK;
}
