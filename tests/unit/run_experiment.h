/* Experiments and cross-validations in one go: what is planned is trained at once. */
#ifndef TESTS_UNIT_RUN_EXPERIMENT_H
#define TESTS_UNIT_RUN_EXPERIMENT_H

#include "protocol/experiment.h"
#include "protocol/study.h"

/* Options of three networks that are trained in no time. */
static inline struct flt_fit_options three_small_networks(void)
{
	struct flt_fit_options options;
	flt_fit_options_init(&options);
	options.n_members = 3;
	options.train.n_hidden = 1;
	options.train.hidden[0] = 4;
	options.train.epochs = 2;
	options.train.n_threads = 1;
	return options;
}

/* *experiment is NULL after a failure without a detector. */
static inline enum flt_status run_experiment(const struct flt_table *table, const struct flt_table *test_table,
                                             const struct flt_split_options *split,
                                             const struct flt_fit_options *options, const struct flt_hooks *hooks,
                                             struct flt_experiment **experiment, struct flt_error *err)
{
	FLT_TRY(flt_experiment_plan(table, test_table, split, options, experiment, err));
	enum flt_status status = flt_experiment_train(*experiment, hooks, err);
	if (status != FLT_OK && !(*experiment)->detector) {
		flt_experiment_free(*experiment);
		*experiment = NULL;
	}
	return status;
}

/* *cv is NULL after a failure. */
static inline enum flt_status run_cv(const struct flt_table *table, const struct flt_variant *variants,
                                     size_t n_variants, const struct flt_cv_options *options,
                                     flt_on_progress *on_progress, void *context, struct flt_cv **cv,
                                     struct flt_error *err)
{
	FLT_TRY(flt_cv_plan(table, variants, n_variants, 0, options, cv, err));
	enum flt_status status =
	        flt_cv_run(*cv, &(struct flt_cv_hooks){.on_progress = on_progress, .context = context}, err);
	if (status != FLT_OK) {
		flt_cv_free(*cv);
		*cv = NULL;
	}
	return status;
}

/* *study is NULL after a failure. */
static inline enum flt_status run_study(const struct flt_table *table, const struct flt_variant *variants,
                                        size_t n_variants, const struct flt_study_options *options,
                                        flt_on_progress *on_progress, void *context, struct flt_study **study,
                                        struct flt_error *err)
{
	FLT_TRY(flt_study_plan(table, variants, n_variants, options, study, err));
	enum flt_status status =
	        flt_study_run(*study, &(struct flt_cv_hooks){.on_progress = on_progress, .context = context}, err);
	if (status != FLT_OK) {
		flt_study_free(*study);
		*study = NULL;
	}
	return status;
}

#endif
