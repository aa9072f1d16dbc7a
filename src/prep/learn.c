/*
 * Missing numbers do not count for the median and scale of a column: if many are missing, the interquartile range of
 * the present values says more than that of a column filled with medians.
 */
#include "prep/learn.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "prep/fences.h"
#include "prep/level_effects.h"
#include "prep/scale.h"
#include "prep/steps.h"

size_t flt_learn_present(const struct flt_learner *learner, const struct flt_numbers *numbers, bool *is_constant)
{
	size_t n = 0;
	*is_constant = true;
	for (size_t i = 0; i < learner->n_rows; i++) {
		double value = flt_number_at(numbers, learner->rows[i]);
		if (isnan(value))
			continue;
		learner->present[n] = value + 0.0; /* -0 becomes 0 */
		*is_constant = *is_constant && !(learner->present[n] < learner->present[0]) &&
		               !(learner->present[n] > learner->present[0]);
		n++;
	}
	return n;
}

static enum flt_status learn_quantiles(const struct flt_learner *learner, size_t n, struct flt_prep_column *to,
                                       struct flt_error *err)
{
	size_t n_quantiles = n < FLT_PREP_MAX_QUANTILES ? n : FLT_PREP_MAX_QUANTILES;
	double *quantiles = flt_alloc(n_quantiles, sizeof *quantiles, err);
	FLT_TRY_MEMORY(quantiles);
	to->quantiles = quantiles;
	to->n_quantiles = n_quantiles;
	return flt_quantiles(learner->present, n, n_quantiles - 1, quantiles, err);
}

/* Median and factor, from the quantiles. */
static enum flt_status learn_robust(const struct flt_learner *learner, size_t n, const double *quantiles,
                                    struct flt_prep_column *to, struct flt_error *err)
{
	struct flt_fences fences;
	FLT_TRY(flt_fences_find(learner->present, n, quantiles, &fences, err));
	to->center = to->median;
	to->factor = flt_robust_factor((const double[]){
	        flt_fenced(&fences, quantiles[FLT_LOWEST]), quantiles[FLT_PERCENT_25], quantiles[FLT_PERCENT_50],
	        quantiles[FLT_PERCENT_75], flt_fenced(&fences, quantiles[FLT_HIGHEST])});
	return FLT_OK;
}

/* Mean and deviation; a value beyond a fence counts as one at the fence. The values are gathered again, since the order
 * of a sum shows in its last bits. */
static void learn_standard(const struct flt_learner *learner, const struct flt_numbers *numbers,
                           struct flt_prep_column *to)
{
	const double largest_factor = 1e300; /* 1 / sd of subnormal values overflows */
	double sd;
	size_t n = flt_learn_present(learner, numbers, &(bool){false});
	for (size_t i = 0; i < n; i++)
		learner->present[i] = flt_fenced(&to->fences, learner->present[i]);
	flt_mean_and_sd(learner->present, n, &to->center, &sd);
	to->factor = sd > 0 ? fmin(1 / sd, largest_factor) : 1;
}

enum flt_status flt_learn_scale(const struct flt_learner *learner, const struct flt_numbers *numbers, size_t n,
                                const double *quantiles, struct flt_prep_column *to, struct flt_error *err)
{
	to->median = quantiles[FLT_PERCENT_50];
	switch (learner->scale) {
	case FLT_SCALE_ROBUST:
		return learn_robust(learner, n, quantiles, to, err);
	case FLT_SCALE_STANDARD:
		FLT_TRY(flt_fences_find(learner->present, n, quantiles, &to->fences, err));
		learn_standard(learner, numbers, to);
		break;
	case FLT_SCALE_QUANTILE:
		return learn_quantiles(learner, n, to, err);
	case FLT_SCALE_NONE:
		if (to->source && to->part == FLT_DATE_DAYS)
			to->center = quantiles[FLT_LOWEST];
		break;
	case FLT_N_SCALES:
		break;
	}
	return FLT_OK;
}

/* Shared by all columns, which workers take one by one. */
struct columns_job {
	flt_learn_column *learn;
	struct flt_learner *of_worker;   /* (n_workers) */
	struct flt_error *errors;        /* (n_workers) of a column that failed; only memory can run out */
	struct flt_prep_column *columns; /* (n_columns) */
};

static void learn_one(void *context, size_t column, size_t worker)
{
	struct columns_job *job = context;
	struct flt_error err = {0};
	if (job->learn(&job->of_worker[worker], column, &job->columns[column], &err))
		job->errors[worker] = err;
}

enum flt_status flt_learn_columns(const struct flt_learner *learner, flt_learn_column *learn, unsigned n_threads,
                                  struct flt_prep_column *columns, size_t n_columns, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_rows = learner->n_rows, n_workers;
	double *present = NULL;
	struct columns_job all = {.learn = learn, .columns = columns};
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new_for(n_rows * n_columns, n_threads, &pool, err));
	n_workers = flt_pool_n_threads(pool);
	present = flt_alloc(n_workers * n_rows, sizeof *present, err);
	FLT_TRY_MEMORY_OUT(present);
	all.of_worker = flt_alloc(n_workers, sizeof *all.of_worker, err);
	FLT_TRY_MEMORY_OUT(all.of_worker);
	all.errors = flt_alloc_zero(n_workers, sizeof *all.errors, err);
	FLT_TRY_MEMORY_OUT(all.errors);
	for (size_t i = 0; i < n_workers; i++) {
		all.of_worker[i] = *learner;
		all.of_worker[i].present = present + i * n_rows;
	}
	flt_pool_run(pool, n_columns, learn_one, &all);
	for (size_t i = 0; i < n_workers; i++)
		if (all.errors[i].status)
			FLT_TRY_OUT(flt_fail(err, all.errors[i].status, "%s", all.errors[i].text));
out:
	flt_pool_free(pool);
	flt_free(present);
	flt_free(all.of_worker);
	flt_free(all.errors);
	return status;
}

enum flt_status flt_learn_from_labels(const struct flt_learner *learner, const struct flt_prep_options *options,
                                      struct flt_prep_column *columns, const struct flt_column *from, size_t n_columns,
                                      struct flt_prep **prep, struct flt_error *err)
{
	const size_t *rows = learner->rows, n_rows = learner->n_rows;
	FLT_TRY(flt_steps_learn(learner->table, from, rows, n_rows, options, columns, n_columns, err));
	enum flt_status status = flt_prep_from_columns(options->scale, columns, n_columns, prep, err);
	assert(status != FLT_ERR_MODEL);
	FLT_TRY(status);
	status = flt_level_effects_learn(*prep, learner->table, from, rows, n_rows, err);
	if (status != FLT_OK) {
		flt_prep_free(*prep);
		*prep = NULL;
	}
	return status;
}
