#include "protocol/cv_figures.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"

double flt_cv_test_per_train(const struct flt_cv *cv)
{
	double sum = 0;
	for (size_t i = 0; i < cv->n_all_folds; i++)
		sum += (double)cv->folds[i].n_test / (double)cv->folds[i].n_fit;
	return sum / (double)cv->n_all_folds;
}

double flt_deviation_between_folds(const double *values, size_t n, double mean)
{
	double square = 0;
	for (size_t i = 0; i < n; i++)
		square += (values[i] - mean) * (values[i] - mean);
	return n > 1 ? sqrt(square / (double)(n - 1)) : (double)NAN;
}

/* Sets bit p of predicted[i] if row i is predicted positive at operating point p. */
static void predict_rows(const struct flt_cv_trial *trial, size_t n, uint8_t *predicted)
{
	bool has_raw_score = trial->fit.n_members == 1;
	for (size_t i = 0; i < n; i++) {
		bool half = flt_is_positive(trial->log_odds[i], 0.5);
		bool raw = has_raw_score ? trial->score[i] >= 0 : half;
		bool chosen = flt_is_positive(trial->log_odds[i], trial->threshold);
		predicted[i] =
		        (uint8_t)(half << FLT_POINT_HALF | raw << FLT_POINT_RAW_HALF | chosen << FLT_POINT_CHOSEN);
	}
}

static size_t n_test_rows(const struct flt_cv *cv)
{
	size_t n = 0;
	for (size_t i = 0; i < cv->n_all_folds; i++)
		n += cv->folds[i].n_test;
	return n;
}

enum flt_status flt_cv_compare(const struct flt_cv *cv, uint64_t seed, unsigned n_threads,
                               struct flt_comparison *comparison, struct flt_error *err)
{
	assert(!cv->stopped);
	enum flt_status status = FLT_OK;
	size_t n_folds = cv->n_all_folds;
	struct flt_compare_fold *folds = flt_alloc_zero(n_folds, sizeof *folds, err);
	struct flt_compare_entry *entries = flt_alloc_zero(cv->n_variants * n_folds, sizeof *entries, err);
	uint8_t *predicted = flt_alloc(cv->n_variants * n_test_rows(cv), sizeof *predicted, err), *next = predicted;
	FLT_TRY_MEMORY_OUT(folds && entries && predicted);
	for (size_t f = 0; f < n_folds; f++) {
		const struct flt_cv_fold *fold = &cv->folds[f];
		folds[f] = (struct flt_compare_fold){
		        .n_rows = fold->n_test, .n_train = fold->n_fit, .unit = fold->test, .label = fold->label};
		for (size_t variant = 0; variant < cv->n_variants; variant++) {
			const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, f);
			predict_rows(trial, fold->n_test, next);
			entries[variant * n_folds + f] = (struct flt_compare_entry){trial->score, next};
			next += fold->n_test;
		}
	}
	struct flt_compare_options options = {
	        .n_folds = n_folds, .n_classifiers = cv->n_variants, .seed = seed, .n_threads = n_threads};
	for (size_t i = 0; i < FLT_N_MIN_PRECISIONS; i++)
		options.min_precision[i] = flt_min_precisions[i];
	FLT_TRY_OUT(flt_compare(folds, entries, &options, comparison, err));
out:
	flt_free(folds);
	flt_free(entries);
	flt_free(predicted);
	return status;
}

enum flt_status flt_cv_curve(const struct flt_cv *cv, size_t variant, size_t fold_number,
                             struct flt_curve_point **points, size_t *n_points, struct flt_error *err)
{
	const struct flt_cv_fold *fold = &cv->folds[fold_number];
	const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, fold_number);
	enum flt_status status = FLT_OK;
	*points = NULL;
	struct flt_pr_point *counts = flt_alloc(fold->n_test_positive, sizeof *counts, err);
	FLT_TRY_MEMORY(counts);
	FLT_TRY_OUT(flt_pr_curve(trial->score, fold->label, fold->n_test, counts, n_points, err));
	*points = flt_alloc(*n_points, sizeof **points, err);
	FLT_TRY_MEMORY_OUT(*points);
	for (size_t i = 0; i < *n_points; i++) {
		const struct flt_pr_point *count = &counts[i];
		(*points)[i] = (struct flt_curve_point){
		        .threshold = flt_sigmoid(trial->log_odds[count->row]),
		        .precision = (double)count->tp / (double)(count->tp + count->fp),
		        .recall = (double)count->tp / (double)fold->n_test_positive,
		};
	}
out:
	flt_free(counts);
	return status;
}
