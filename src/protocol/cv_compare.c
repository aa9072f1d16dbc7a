/* From a cross-validation to figures per fold, their means and differences. */
#include <assert.h>

#include "base/alloc.h"
#include "protocol/study.h"

const double flt_min_precisions[FLT_N_MIN_PRECISIONS] = {0.5, 0.7, 0.9, 0.95};

double flt_cv_test_per_train(const struct flt_cv *cv)
{
	double sum = 0;
	for (size_t i = 0; i < cv->n_cells; i++)
		sum += (double)cv->folds[i].n_test / (double)cv->folds[i].n_fit;
	return sum / (double)cv->n_cells;
}

/* Bit c of a row's predicted: predicted positive at operating point c. */
static void predict_rows(const struct flt_cv_trial *trial, size_t n, uint8_t *predicted)
{
	bool raw_is_known = trial->fit.n_members == 1;
	for (size_t i = 0; i < n; i++) {
		bool half = flt_is_positive(trial->log_odds[i], 0.5);
		bool raw = raw_is_known ? trial->score[i] >= 0 : half;
		bool chosen = flt_is_positive(trial->log_odds[i], trial->threshold);
		predicted[i] =
		        (uint8_t)(half << FLT_POINT_HALF | raw << FLT_POINT_RAW_HALF | chosen << FLT_POINT_CHOSEN);
	}
}

static size_t n_test_rows(const struct flt_cv *cv)
{
	size_t n = 0;
	for (size_t i = 0; i < cv->n_cells; i++)
		n += cv->folds[i].n_test;
	return n;
}

enum flt_status flt_cv_compare(const struct flt_cv *cv, size_t reference, uint64_t seed, unsigned n_threads,
                               struct flt_comparison *comparison, struct flt_error *err)
{
	assert(!cv->stopped);
	size_t n_cells = cv->n_cells, n_trials = cv->n_variants * n_cells;
	struct flt_compare_fold *folds = flt_alloc_zero(n_cells, sizeof *folds, err);
	struct flt_compare_entry *entries = folds ? flt_alloc_zero(n_trials, sizeof *entries, err) : NULL;
	uint8_t *predicted = entries ? flt_alloc(cv->n_variants * n_test_rows(cv), sizeof *predicted, err) : NULL;
	enum flt_status status = predicted ? FLT_OK : FLT_ERR_MACHINE;
	uint8_t *next = predicted;
	for (size_t cell = 0; status == FLT_OK && cell < n_cells; cell++) {
		const struct flt_cv_fold *fold = &cv->folds[cell];
		folds[cell] = (struct flt_compare_fold){fold->n_test, fold->n_fit, fold->test, fold->label};
		for (size_t variant = 0; variant < cv->n_variants; variant++) {
			const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, cell);
			predict_rows(trial, fold->n_test, next);
			entries[variant * n_cells + cell] = (struct flt_compare_entry){trial->score, next};
			next += fold->n_test;
		}
	}
	struct flt_compare_options options = {.n_folds = n_cells,
	                                      .n_classifiers = cv->n_variants,
	                                      .reference = reference,
	                                      .seed = seed,
	                                      .n_threads = n_threads};
	for (size_t i = 0; i < FLT_N_MIN_PRECISIONS; i++)
		options.min_precision[i] = flt_min_precisions[i];
	if (status == FLT_OK)
		status = flt_compare(folds, entries, &options, comparison, err);
	flt_free(folds);
	flt_free(entries);
	flt_free(predicted);
	return status;
}
