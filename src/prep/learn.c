/*
 * Missing numbers do not count for the median and scale of a column: if many are missing, the interquartile range of
 * the present values says more than that of a column filled with medians.
 */
#include "prep/learn.h"

#include <math.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "prep/scale.h"

size_t flt_learn_present(const struct flt_learner *learner, const double *numbers, bool *is_constant)
{
	size_t n = 0;
	*is_constant = true;
	for (size_t i = 0; i < learner->n_rows; i++) {
		double value = numbers[learner->rows[i]];
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

/* Median and factor, both from the quartiles. */
static enum flt_status learn_robust(const struct flt_learner *learner, size_t n, struct flt_prep_column *to,
                                    struct flt_error *err)
{
	double quartiles[5];
	FLT_TRY(flt_quantiles(learner->present, n, 4, quartiles, err));
	to->median = to->center = quartiles[2];
	to->factor = flt_robust_factor(quartiles);
	return FLT_OK;
}

static double lowest(const double *values, size_t n)
{
	double low = values[0];
	for (size_t i = 1; i < n; i++)
		low = fmin(low, values[i]);
	return low;
}

enum flt_status flt_learn_scale(const struct flt_learner *learner, size_t n, struct flt_prep_column *to,
                                struct flt_error *err)
{
	const double largest_factor = 1e300; /* 1 / sd of subnormal values overflows */
	double sd;
	if (learner->scale == FLT_SCALE_ROBUST)
		return learn_robust(learner, n, to, err);
	if (learner->scale ==
	    FLT_SCALE_STANDARD) { /* before selection reorders the values: the order of a sum shows in its last bits */
		flt_mean_and_sd(learner->present, n, &to->center, &sd);
		to->factor = sd > 0 ? fmin(1 / sd, largest_factor) : 1;
	}
	to->median = flt_median(learner->present, n);
	if (learner->scale == FLT_SCALE_NONE && to->source && to->part == FLT_DATE_DAYS)
		to->center = lowest(learner->present, n);
	return learner->scale == FLT_SCALE_QUANTILE ? learn_quantiles(learner, n, to, err) : FLT_OK;
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
