#include "protocol/cv_memory.h"

#include "base/alloc.h"
#include "protocol/memory.h"
#include "protocol/recipe.h"
#include "protocol/trial_result.h"
#include "protocol/work.h"

size_t flt_cv_bytes_of_results(const struct flt_cv *cv)
{
	enum { OF_TEST_ROW = 2 * sizeof(double) }; /* score and log-odds */
	size_t n = 0;
	for (size_t f = 0; f < cv->n_all_folds; f++)
		n += cv->n_variants * (size_t)flt_alloc_counted((double)(cv->folds[f].n_test * OF_TEST_ROW));
	return n;
}

static size_t bytes_of_folds(const struct flt_cv *cv)
{
	size_t n = cv->n_all_folds * (sizeof *cv->folds + cv->n_variants * sizeof *cv->trials);
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		const struct flt_cv_fold *fold = &cv->folds[f];
		size_t rows = (fold->n_fit + fold->n_validation + fold->n_test) * sizeof(size_t);
		n += (size_t)flt_alloc_counted((double)rows) + (size_t)flt_alloc_counted((double)fold->n_test);
	}
	return n;
}

/* A checkpoint has results twice: for itself, where those that it was loaded with are already, and in the bytes of the
 * file. Epochs are those of the planned fit, unless patience ends a training. */
static void find_shared(const struct flt_cv *cv, const struct flt_checkpoint *checkpoint, size_t n_threads,
                        struct flt_sharing *sharing)
{
	size_t n_trials = cv->n_variants * cv->n_all_folds, n_fits = n_trials < n_threads ? n_trials : n_threads;
	size_t folds = bytes_of_folds(cv), results = flt_cv_bytes_of_results(cv);
	size_t live = flt_alloc_live();
	double saved = 0;
	for (size_t task = 0; task < n_trials; task++) {
		const struct flt_variant *variant = &cv->variants[task % cv->n_variants];
		const struct flt_cv_fold *fold = &cv->folds[task / cv->n_variants];
		size_t n_epochs = 0;
		if (!variant->majority)
			n_epochs = flt_epochs_of_fit(&cv->plan, &variant->options, fold->n_fit);
		results += flt_epoch_log_bytes(n_epochs);
		if (checkpoint)
			saved += (flt_checkpoint_result(checkpoint, task) ? 1 : 2) *
			         (double)flt_trial_bytes(fold->n_test, n_epochs);
	}
	double of_last = saved * (double)n_fits / (double)n_trials; /* not yet while they are at work */
	*sharing = (struct flt_sharing){.n_fits = n_fits,
	                                .before = live > folds ? live - folds : 0,
	                                .kept = folds + results + (size_t)(saved - of_last),
	                                .after = cv->n_bytes_after + of_last};
}

/* As in the first fold. */
static enum flt_status check_variant(const struct flt_cv *cv, const struct flt_variant *variant, bool has_checkpoint,
                                     const struct flt_sharing *sharing, double *n_bytes, struct flt_error *err)
{
	const struct flt_cv_fold *first = &cv->folds[0];
	struct flt_roster roster;
	struct flt_error why;
	const struct flt_recipe_rows rows = flt_recipe_rows_like(&cv->plan, first->n_fit);
	flt_recipe_resolve(&variant->options, &rows, &roster);
	if (first->n_validation > 0)
		roster.n_folds = 0;
	for (size_t i = 0; i < roster.n_kinds; i++)
		roster.kinds[i].train.n_threads = 1;
	struct flt_fit_options options = variant->options;
	options.drops_choosers = true; /* as each trial does */
	const struct flt_fit_size size = {.n_fit = first->n_fit,
	                                  .n_validation = first->n_validation,
	                                  .prep = cv->plan.prep,
	                                  .numeric = cv->plan.numeric,
	                                  .roster = &roster,
	                                  .has_checkpoint = has_checkpoint,
	                                  .drops_scores = flt_fit_drops_scores(&options)};
	enum flt_status status = flt_fit_memory_check(&size, sharing, n_bytes, &why);
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "variant \"%s\": %s", variant->name, why.text);
}

enum flt_status flt_cv_memory_check(const struct flt_cv *cv, const struct flt_checkpoint *checkpoint, size_t n_threads,
                                    struct flt_sharing *sharing, double *n_bytes, struct flt_error *err)
{
	*n_bytes = 0;
	*sharing = (struct flt_sharing){0};
	if (!cv->plan.prep) /* of the majority there is no plan */
		return FLT_OK;
	find_shared(cv, checkpoint, n_threads, sharing);
	for (size_t v = 0; v < cv->n_variants; v++) {
		double of_variant;
		if (cv->variants[v].majority)
			continue;
		FLT_TRY(check_variant(cv, &cv->variants[v], checkpoint != NULL, sharing, &of_variant, err));
		*n_bytes = of_variant > *n_bytes ? of_variant : *n_bytes;
	}
	return FLT_OK;
}
