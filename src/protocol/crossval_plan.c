/* What is known of a cross-validation before it is run: its folds, once for all variants, and the plan of one fit. */
#include "base/alloc.h"
#include "protocol/cv_folds.h"

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
	unsigned n_threads = cv->options.n_threads;
	cv->trials = flt_alloc_zero(cv->n_variants * cv->n_all_folds, sizeof *cv->trials, err);
	FLT_TRY_MEMORY(cv->trials);
	FLT_TRY(flt_identical_rows_find(cv->table, cv->options.identical, n_threads, &cv->identical, err));
	cv->by_time = flt_table_role(cv->table, FLT_TIME) != SIZE_MAX;
	FLT_TRY(flt_split_count_groups(cv->table, NULL, flt_table_n_rows(cv->table), n_threads, &cv->groups, err));
	FLT_TRY(flt_cv_folds_make(cv, err));
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
