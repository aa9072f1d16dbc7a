#include "protocol/cv_figures.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "eval/chance.h"
#include "split/groups.h"

double flt_cv_test_per_train(const struct flt_cv *cv)
{
	double sum = 0;
	for (size_t i = 0; i < cv->n_all_folds; i++)
		sum += (double)cv->folds[i].n_test / (double)cv->folds[i].n_fit;
	return sum / (double)cv->n_all_folds;
}

double flt_cv_chance(const struct flt_cv *cv)
{
	double sum = 0;
	for (size_t i = 0; i < cv->n_all_folds; i++)
		sum += flt_chance_of(cv->folds[i].n_test, cv->folds[i].n_test_positive);
	return flt_table_weights(cv->table) ? (double)NAN : sum / (double)cv->n_all_folds;
}

double flt_cv_prevalence(const struct flt_cv *cv)
{
	double sum = 0;
	for (size_t i = 0; i < cv->n_all_folds; i++)
		sum += flt_table_prevalence(cv->table, cv->folds[i].test, cv->folds[i].n_test);
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
	bool has_raw_score = trial->fit.roster.n_members == 1;
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

/* What flt_compare is given; test rows fold after fold. */
struct compared {
	struct flt_compare_fold *folds;    /* (n_all_folds) */
	struct flt_compare_entry *entries; /* (n_variants, n_all_folds) */
	size_t *unit;                      /* (n_test_rows) the group of each row, as folds keep them together */
	double *weight;                    /* (n_test_rows) or NULL */
	uint8_t *predicted;                /* (n_variants, n_test_rows) */
};

static void compared_release(struct compared *compared)
{
	flt_free(compared->folds);
	flt_free(compared->entries);
	flt_free(compared->unit);
	flt_free(compared->weight);
	flt_free(compared->predicted);
}

static enum flt_status compared_init(struct compared *compared, const struct flt_cv *cv, struct flt_error *err)
{
	size_t n_folds = cv->n_all_folds, n_rows = n_test_rows(cv);
	bool has_weights = flt_table_weights(cv->table) != NULL;
	*compared = (struct compared){.folds = flt_alloc_zero(n_folds, sizeof *compared->folds, err),
	                              .entries = flt_alloc(cv->n_variants * n_folds, sizeof *compared->entries, err),
	                              .unit = flt_alloc(n_rows, sizeof *compared->unit, err),
	                              .predicted = flt_alloc(cv->n_variants * n_rows, 1, err)};
	if (has_weights)
		compared->weight = flt_alloc(n_rows, sizeof *compared->weight, err);
	FLT_TRY_MEMORY(compared->folds && compared->entries && compared->unit && compared->predicted &&
	               (compared->weight || !has_weights));
	return FLT_OK;
}

/* Sets the weights and units of test rows that start at `first` among all. */
static void take_rows(struct compared *compared, const struct flt_cv *cv, size_t number, size_t first,
                      const uint32_t *group)
{
	const struct flt_cv_fold *fold = &cv->folds[number];
	const double *weight = flt_table_weights(cv->table);
	for (size_t i = 0; i < fold->n_test; i++) {
		compared->unit[first + i] = group[fold->test[i]];
		if (weight)
			compared->weight[first + i] = weight[fold->test[i]];
	}
	compared->folds[number] = (struct flt_compare_fold){.n_rows = fold->n_test,
	                                                    .n_train = fold->n_fit,
	                                                    .unit = compared->unit + first,
	                                                    .weight = weight ? compared->weight + first : NULL,
	                                                    .label = fold->label};
}

static void take_entries(struct compared *compared, const struct flt_cv *cv, size_t number, size_t first)
{
	size_t n_rows = n_test_rows(cv);
	for (size_t variant = 0; variant < cv->n_variants; variant++) {
		const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, number);
		uint8_t *predicted = compared->predicted + variant * n_rows + first;
		predict_rows(trial, cv->folds[number].n_test, predicted);
		compared->entries[variant * cv->n_all_folds + number] =
		        (struct flt_compare_entry){trial->score, trial->log_odds, predicted};
	}
}

enum flt_status flt_cv_compare(const struct flt_cv *cv, uint64_t seed, unsigned n_threads,
                               struct flt_comparison *comparison, struct flt_error *err)
{
	assert(!cv->stopped);
	enum flt_status status = FLT_OK;
	struct compared compared = {0};
	struct flt_row_groups groups;
	struct flt_row_ties ties = {.identity = cv->identical.kept, .column = true};
	FLT_TRY(flt_row_groups_make(cv->table, NULL, flt_table_n_rows(cv->table), ties, n_threads, &groups, err));
	FLT_TRY_OUT(compared_init(&compared, cv, err));
	for (size_t f = 0, first = 0; f < cv->n_all_folds; first += cv->folds[f++].n_test) {
		take_rows(&compared, cv, f, first, groups.of);
		take_entries(&compared, cv, f, first);
	}
	struct flt_compare_options options = {
	        .n_folds = cv->n_all_folds, .n_classifiers = cv->n_variants, .seed = seed, .n_threads = n_threads};
	for (size_t i = 0; i < FLT_N_MIN_PRECISIONS; i++)
		options.min_precision[i] = flt_min_precisions[i];
	FLT_TRY_OUT(flt_compare(compared.folds, compared.entries, &options, comparison, err));
out:
	compared_release(&compared);
	flt_row_groups_release(&groups);
	return status;
}

double flt_cv_compare_bytes(const struct flt_cv *cv, unsigned n_threads)
{
	size_t n_table = flt_table_n_rows(cv->table), n_rows = n_test_rows(cv);
	size_t of_row = sizeof(size_t) + (flt_table_weights(cv->table) ? sizeof(double) : 0) + cv->n_variants;
	size_t of_fold = sizeof(struct flt_compare_fold) + cv->n_variants * sizeof(struct flt_compare_entry);
	struct flt_compare_size size = {.n_folds = cv->n_all_folds,
	                                .n_classifiers = cv->n_variants,
	                                .n_rows = n_rows,
	                                .n_units = n_rows < n_table ? n_rows : n_table,
	                                .n_threads = n_threads};
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		const struct flt_cv_fold *fold = &cv->folds[f];
		if (fold->n_test > size.most_rows)
			size.most_rows = fold->n_test;
		if (fold->n_test_positive > size.most_positives)
			size.most_positives = fold->n_test_positive;
	}
	return (double)(n_table * sizeof(size_t) + n_rows * of_row + cv->n_all_folds * of_fold) +
	       flt_compare_bytes(&size);
}

enum flt_status flt_cv_curve(const struct flt_cv *cv, size_t variant, size_t fold_number,
                             struct flt_curve_point **points, size_t *n_points, struct flt_error *err)
{
	const struct flt_cv_fold *fold = &cv->folds[fold_number];
	const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, fold_number);
	enum flt_status status = FLT_OK;
	*points = NULL;
	const double *weights = flt_table_weights(cv->table);
	double *weight = weights ? flt_alloc(fold->n_test, sizeof *weight, err) : NULL;
	struct flt_pr_point *counts = flt_alloc(fold->n_test_positive, sizeof *counts, err);
	FLT_TRY_MEMORY_OUT(counts && (weight || !weights));
	for (size_t i = 0; weight && i < fold->n_test; i++)
		weight[i] = weights[fold->test[i]];
	struct flt_scored rows = {.n = fold->n_test, .score = trial->score, .label = fold->label, .weight = weight};
	FLT_TRY_OUT(flt_pr_curve(&rows, counts, n_points, err));
	*points = flt_alloc(*n_points, sizeof **points, err);
	FLT_TRY_MEMORY_OUT(*points);
	for (size_t i = 0; i < *n_points; i++) {
		const struct flt_pr_point *count = &counts[i];
		(*points)[i] = (struct flt_curve_point){
		        .threshold = flt_sigmoid(trial->log_odds[count->row]),
		        .precision = count->tp / (count->tp + count->fp),
		        .recall = count->tp / counts[*n_points - 1].tp,
		};
	}
out:
	flt_free(counts);
	flt_free(weight);
	return status;
}

/* The last point has all positive rows: its recall is 1. */
static void add_curve(const struct flt_curve_point *points, double share, double precision[FLT_CV_CURVE])
{
	for (size_t k = 0, at = 0; k < FLT_CV_CURVE; k++) {
		double recall = (double)(k + 1) / FLT_CV_CURVE * (1 - 1e-12); /* sums of weights are not exact */
		while (points[at].recall < recall)
			at++;
		precision[k] += share * points[at].precision;
	}
}

enum flt_status flt_cv_mean_curve(const struct flt_cv *cv, size_t variant, double precision[FLT_CV_CURVE],
                                  struct flt_error *err)
{
	for (size_t k = 0; k < FLT_CV_CURVE; k++)
		precision[k] = 0;
	for (size_t fold = 0; fold < cv->n_all_folds; fold++) {
		struct flt_curve_point *points;
		size_t n_points;
		FLT_TRY(flt_cv_curve(cv, variant, fold, &points, &n_points, err));
		add_curve(points, 1 / (double)cv->n_all_folds, precision);
		flt_free(points);
	}
	return FLT_OK;
}
