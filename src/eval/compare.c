#include "eval/compare.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "eval/patterns.h"
#include "eval/sample.h"
#include "eval/student.h"

/* Rows of one class that are drawn together: a fold's rows that are in no earlier fold. */
struct drawn {
	uint32_t *id; /* (n) */
	size_t n;
};

struct fold {
	const struct flt_compare_fold *given;
	uint32_t *id;          /* (n_rows) index of the row's weight */
	struct drawn drawn[2]; /* by class */
	struct flt_patterns
	        *patterns; /* (n_classifiers) pattern_of_row numbers positive patterns after the negative ones */
};

struct comparing {
	const struct flt_compare_options *options;
	size_t n_ids, max_rows, max_patterns, max_groups;
	struct fold *folds; /* (n_folds) */
	double *figures;    /* (n_classifiers, FLT_N_COMPARED, FLT_N_RESAMPLES) means over folds */

	/* Scratch of each worker. */
	uint32_t *weights;             /* (n_workers, n_ids) */
	uint32_t *counts;              /* (n_workers, max_patterns) */
	struct flt_rank_group *groups; /* (n_workers, max_groups) */
};

/* ---- figures ---- */

/* The figures of one classifier on one fold, in which row i counts weights[id[i]] times (weights NULL: once). False if
 * the weights leave a class without rows. */
static bool weighted_figures(const struct comparing *comparing, const struct fold *fold,
                             const struct flt_patterns *patterns, const uint32_t *weights, uint32_t *count,
                             struct flt_rank_group *group, double figures[FLT_N_COMPARED])
{
	size_t n_negative = patterns->stratum[0].n_patterns, n_patterns = n_negative + patterns->stratum[1].n_patterns;
	memset(count, 0, n_patterns * sizeof *count);
	for (size_t i = 0; i < fold->given->n_rows; i++)
		count[patterns->pattern_of_row[i]] += weights ? weights[fold->id[i]] : 1;
	struct flt_predicted predicted;
	flt_patterns_weigh(patterns, count, count + n_negative, group, &predicted);
	struct flt_confusion all = flt_predicted_confusion(&predicted, 0);
	if (all.tp + all.fn == 0 || all.fp + all.tn == 0)
		return false;
	figures[FLT_COMPARE_AP] = flt_rank_groups_average_precision(group, patterns->groups.n);
	figures[FLT_COMPARE_ROC_AUC] = flt_rank_groups_roc_auc(group, patterns->groups.n);
	for (int f = 0; f < FLT_N_MIN_PRECISIONS; f++)
		figures[FLT_COMPARE_RECALL_AT + f] = flt_rank_groups_recall_at_precision(
		        group, patterns->groups.n, comparing->options->min_precision[f]);
	for (unsigned c = 0; c < FLT_COMPARE_MAX_POINTS; c++) {
		struct flt_confusion confusion = flt_predicted_confusion(&predicted, c);
		double *at = figures + FLT_COMPARE_AT_POINT((int)c);
		at[FLT_AT_POINT_ACCURACY] = flt_accuracy(&confusion);
		at[FLT_AT_POINT_PRECISION] = flt_precision(&confusion);
		at[FLT_AT_POINT_RECALL] = flt_recall(&confusion);
		at[FLT_AT_POINT_F1] = flt_f1(&confusion);
		at[FLT_AT_POINT_MCC] = flt_mcc(&confusion);
	}
	return true;
}

static void draw_weights(const struct comparing *comparing, size_t number, uint32_t *weights)
{
	struct flt_random random;
	flt_random_init(&random, comparing->options->seed, "compare", number);
	memset(weights, 0, comparing->n_ids * sizeof *weights);
	for (size_t f = 0; f < comparing->options->n_folds; f++) {
		for (int y = 0; y < 2; y++) {
			const struct drawn *drawn = &comparing->folds[f].drawn[y];
			struct flt_below below = flt_below_init(drawn->n ? drawn->n : 1);
			for (size_t i = 0; i < drawn->n; i++)
				weights[drawn->id[flt_below_draw(&below, &random)]]++;
		}
	}
}

/* Means over folds. The weights of a later repeat may leave a fold without a class: it then does not count. */
static void resample(const struct comparing *comparing, size_t number, size_t worker)
{
	const struct flt_compare_options *options = comparing->options;
	uint32_t *weights = comparing->weights + worker * comparing->n_ids;
	uint32_t *count = comparing->counts + worker * comparing->max_patterns;
	struct flt_rank_group *group = comparing->groups + worker * comparing->max_groups;
	draw_weights(comparing, number, weights);
	for (size_t c = 0; c < options->n_classifiers; c++) {
		double figures[FLT_N_COMPARED], sum[FLT_N_COMPARED] = {0}, n_counted = 0;
		for (size_t f = 0; f < options->n_folds; f++) {
			const struct fold *fold = &comparing->folds[f];
			if (!weighted_figures(comparing, fold, &fold->patterns[c], weights, count, group, figures))
				continue;
			n_counted++;
			for (size_t i = 0; i < FLT_N_COMPARED; i++)
				sum[i] += figures[i];
		}
		for (size_t i = 0; i < FLT_N_COMPARED; i++)
			comparing->figures[(c * FLT_N_COMPARED + i) * FLT_N_RESAMPLES + number] = sum[i] / n_counted;
	}
}

static void resample_some(void *context, size_t task, size_t worker)
{
	for (size_t i = 0; i < FLT_RESAMPLES_PER_TASK; i++)
		resample(context, task * FLT_RESAMPLES_PER_TASK + i, worker);
}

/* ---- intervals ---- */

static double mean_of(const double *values, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return sum / (double)n;
}

/* Nadeau and Bengio 2003: the variance of the mean of n values is (1 / n + test rows / training rows) times theirs. */
static void corrected_t(struct flt_spread *spread, const double *values, size_t n, double test_per_train, double t_975)
{
	spread->t_lo = spread->t_hi = spread->t_p = NAN;
	if (n < 2)
		return;
	double square = 0, count = (double)n;
	for (size_t i = 0; i < n; i++)
		square += (values[i] - spread->mean) * (values[i] - spread->mean);
	double error = sqrt((1 / count + test_per_train) * square / (count - 1));
	spread->t_lo = spread->mean - t_975 * error;
	spread->t_hi = spread->mean + t_975 * error;
	spread->t_p = error > 0 ? flt_student_two_sided(spread->mean / error, count - 1) : spread->mean == 0;
}

/* Sorts the resampled values. */
static void percentiles(struct flt_spread *spread, double *values)
{
	size_t n_low = 1, n_high = 1;
	for (size_t i = 0; i < FLT_N_RESAMPLES; i++) {
		n_low += values[i] <= 0;
		n_high += values[i] >= 0;
	}
	flt_sort_doubles(values, FLT_N_RESAMPLES);
	spread->lo = flt_quantile_sorted(values, FLT_N_RESAMPLES, 0.025);
	spread->hi = flt_quantile_sorted(values, FLT_N_RESAMPLES, 0.975);
	spread->p = fmin(1, 2 * (double)(n_low < n_high ? n_low : n_high) / (FLT_N_RESAMPLES + 1));
}

void flt_spread_of(const double *values, size_t n, double test_per_train, uint64_t seed, struct flt_spread *spread)
{
	double resampled[FLT_N_RESAMPLES];
	spread->mean = mean_of(values, n);
	corrected_t(spread, values, n, test_per_train, n > 1 ? flt_student_quantile(0.975, (double)n - 1) : 0);
	for (size_t b = 0; b < FLT_N_RESAMPLES; b++) {
		struct flt_random random;
		flt_random_init(&random, seed, "spread", b);
		double sum = 0;
		for (size_t i = 0; i < n; i++)
			sum += values[flt_random_below(&random, n)];
		resampled[b] = sum / (double)n;
	}
	percentiles(spread, resampled);
}

/* Fills every classifier's figures and differences; sorts comparing->figures. */
static enum flt_status summarise(const struct comparing *comparing, struct flt_comparison *comparison,
                                 struct flt_error *err)
{
	const struct flt_compare_options *options = comparing->options;
	size_t n = options->n_folds;
	double *values = flt_alloc(n + FLT_N_RESAMPLES, sizeof *values, err), ratio = 0;
	FLT_TRY_MEMORY(values);
	double *resampled = values + n;
	for (size_t f = 0; f < n; f++)
		ratio += (double)comparing->folds[f].given->n_rows / (double)comparing->folds[f].given->n_train /
		         (double)n;
	double t_975 = n > 1 ? flt_student_quantile(0.975, (double)n - 1) : 0;
	for (int pass = 0; pass < 2; pass++) { /* differences first: sorting the figures breaks their pairing */
		for (size_t at = 0; at < options->n_classifiers * FLT_N_COMPARED; at++) {
			size_t reference = options->reference * FLT_N_COMPARED + at % FLT_N_COMPARED;
			const double *own = comparison->per_fold + at * n,
			             *other = comparison->per_fold + reference * n;
			for (size_t f = 0; f < n; f++)
				values[f] = own[f] - (pass == 0 ? other[f] : 0);
			own = comparing->figures + at * FLT_N_RESAMPLES;
			other = comparing->figures + reference * FLT_N_RESAMPLES;
			for (size_t b = 0; b < FLT_N_RESAMPLES; b++)
				resampled[b] = own[b] - (pass == 0 ? other[b] : 0);
			struct flt_spread *spread = (pass == 0 ? comparison->difference : comparison->figure) + at;
			spread->mean = mean_of(values, n);
			corrected_t(spread, values, n, ratio, t_975);
			percentiles(spread, resampled);
		}
	}
	flt_free(values);
	return FLT_OK;
}

/* ---- setting up ---- */

/* Gives each row of a fold the index of its weight, and rows not seen before to the fold's draws. place (n_numbers)
 * holds index + 1 for row numbers already seen. */
static enum flt_status place_rows(struct comparing *comparing, struct fold *fold, uint32_t *place,
                                  struct flt_error *err)
{
	const struct flt_compare_fold *given = fold->given;
	fold->id = flt_alloc(given->n_rows, sizeof *fold->id, err);
	for (int y = 0; y < 2; y++)
		fold->drawn[y].id = flt_alloc(given->n_rows, sizeof *fold->id, err);
	FLT_TRY_MEMORY(fold->id && fold->drawn[0].id && fold->drawn[1].id);
	for (size_t i = 0; i < given->n_rows; i++) {
		uint32_t *seen = given->row ? &place[given->row[i]] : NULL;
		if (seen && *seen) {
			fold->id[i] = *seen - 1;
			continue;
		}
		struct drawn *drawn = &fold->drawn[given->label[i]];
		fold->id[i] = drawn->id[drawn->n++] = (uint32_t)comparing->n_ids++;
		if (seen)
			*seen = (uint32_t)comparing->n_ids;
	}
	return FLT_OK;
}

static enum flt_status check_classes(const struct flt_compare_fold *fold, size_t number, struct flt_error *err)
{
	size_t n_positive = 0;
	for (size_t i = 0; i < fold->n_rows; i++)
		n_positive += fold->label[i];
	if (n_positive > 0 && n_positive < fold->n_rows)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA, "fold %zu has no %s row to test on; use fewer folds", number + 1,
	                n_positive ? "negative" : "positive");
}

static enum flt_status place_all_rows(struct comparing *comparing, struct flt_error *err)
{
	size_t n_numbers = 0, n_rows = 0;
	for (size_t f = 0; f < comparing->options->n_folds; f++) {
		const struct flt_compare_fold *given = comparing->folds[f].given;
		FLT_TRY(check_classes(given, f, err));
		n_rows += given->n_rows;
		for (size_t i = 0; given->row && i < given->n_rows; i++)
			if (given->row[i] >= n_numbers)
				n_numbers = given->row[i] + 1;
		if (given->n_rows > comparing->max_rows)
			comparing->max_rows = given->n_rows;
	}
	if (n_rows >= UINT32_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%zu test rows are more than can be compared", n_rows);
	enum flt_status status = FLT_OK;
	uint32_t *place = flt_alloc_zero(n_numbers, sizeof *place, err);
	FLT_TRY_MEMORY(place);
	for (size_t f = 0; f < comparing->options->n_folds; f++)
		FLT_TRY_OUT(place_rows(comparing, &comparing->folds[f], place, err));
out:
	flt_free(place);
	return status;
}

/* The patterns of every classifier on one fold, and the fold's figures. */
static enum flt_status reduce_fold(struct comparing *comparing, size_t number, const struct flt_compare_entry *entries,
                                   struct flt_ranking *ranking, struct flt_error *err)
{
	size_t n_folds = comparing->options->n_folds, n_classifiers = comparing->options->n_classifiers;
	struct fold *fold = &comparing->folds[number];
	fold->patterns = flt_alloc_zero(n_classifiers, sizeof *fold->patterns, err);
	FLT_TRY_MEMORY(fold->patterns);
	for (size_t c = 0; c < n_classifiers; c++) {
		const struct flt_compare_entry *entry = &entries[c * n_folds + number];
		struct flt_patterns *patterns = &fold->patterns[c];
		flt_ranking_sort(ranking, entry->score, fold->given->n_rows);
		FLT_TRY(flt_patterns_init(patterns, ranking, fold->given->label, entry->predicted, err));
		for (size_t i = 0; i < fold->given->n_rows; i++)
			patterns->pattern_of_row[i] +=
			        fold->given->label[i] ? (uint32_t)patterns->stratum[0].n_patterns : 0;
		size_t n_patterns = patterns->stratum[0].n_patterns + patterns->stratum[1].n_patterns;
		comparing->max_patterns = n_patterns > comparing->max_patterns ? n_patterns : comparing->max_patterns;
		comparing->max_groups =
		        patterns->groups.n > comparing->max_groups ? patterns->groups.n : comparing->max_groups;
	}
	return FLT_OK;
}

static enum flt_status reduce_all(struct comparing *comparing, const struct flt_compare_entry *entries,
                                  struct flt_error *err)
{
	struct flt_ranking ranking;
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_ranking_init(&ranking, comparing->max_rows, err));
	for (size_t f = 0; f < comparing->options->n_folds; f++)
		FLT_TRY_OUT(reduce_fold(comparing, f, entries, &ranking, err));
out:
	flt_ranking_release(&ranking);
	return status;
}

/* Every classifier's figures on the folds themselves, without resampling. */
static void evaluate_folds(const struct comparing *comparing, double *per_fold)
{
	size_t n_folds = comparing->options->n_folds;
	for (size_t f = 0; f < n_folds; f++) {
		for (size_t c = 0; c < comparing->options->n_classifiers; c++) {
			double figures[FLT_N_COMPARED];
			bool both = weighted_figures(comparing, &comparing->folds[f], &comparing->folds[f].patterns[c],
			                             NULL, comparing->counts, comparing->groups, figures);
			assert(both);
			(void)both;
			for (size_t i = 0; i < FLT_N_COMPARED; i++)
				per_fold[(c * FLT_N_COMPARED + i) * n_folds + f] = figures[i];
		}
	}
}

static void comparing_release(struct comparing *comparing)
{
	for (size_t f = 0; comparing->folds && f < comparing->options->n_folds; f++) {
		struct fold *fold = &comparing->folds[f];
		for (size_t c = 0; fold->patterns && c < comparing->options->n_classifiers; c++)
			flt_patterns_release(&fold->patterns[c]);
		flt_free(fold->patterns);
		flt_free(fold->id);
		flt_free(fold->drawn[0].id);
		flt_free(fold->drawn[1].id);
	}
	flt_free(comparing->folds);
	flt_free(comparing->figures);
	flt_free(comparing->weights);
	flt_free(comparing->counts);
	flt_free(comparing->groups);
}

static enum flt_status comparison_init(struct flt_comparison *comparison, size_t n_classifiers, size_t n_folds,
                                       struct flt_error *err)
{
	size_t n = n_classifiers * FLT_N_COMPARED;
	*comparison = (struct flt_comparison){.n_folds = n_folds, .n_classifiers = n_classifiers};
	comparison->per_fold = flt_alloc(n * n_folds, sizeof(double), err);
	comparison->figure = flt_alloc(n, sizeof(struct flt_spread), err);
	comparison->difference = flt_alloc(n, sizeof(struct flt_spread), err);
	FLT_TRY_MEMORY(comparison->per_fold && comparison->figure && comparison->difference);
	return FLT_OK;
}

enum flt_status flt_compare(const struct flt_compare_fold *folds, const struct flt_compare_entry *entries,
                            const struct flt_compare_options *options, struct flt_comparison *comparison,
                            struct flt_error *err)
{
	assert(options->n_folds > 0 && options->reference < options->n_classifiers);
	struct comparing comparing = {.options = options};
	struct flt_pool *pool = NULL;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(comparison_init(comparison, options->n_classifiers, options->n_folds, err));
	FLT_TRY_OUT(flt_pool_new(options->n_threads, &pool, err));
	comparing.folds = flt_alloc_zero(options->n_folds, sizeof *comparing.folds, err);
	FLT_TRY_MEMORY_OUT(comparing.folds);
	for (size_t f = 0; f < options->n_folds; f++)
		comparing.folds[f].given = &folds[f];
	FLT_TRY_OUT(place_all_rows(&comparing, err));
	FLT_TRY_OUT(reduce_all(&comparing, entries, err));
	size_t n_workers = flt_pool_n_threads(pool);
	comparing.figures = flt_alloc(options->n_classifiers * FLT_N_COMPARED * FLT_N_RESAMPLES, sizeof(double), err);
	comparing.weights = flt_alloc(n_workers * comparing.n_ids, sizeof *comparing.weights, err);
	comparing.counts = flt_alloc(n_workers * comparing.max_patterns, sizeof *comparing.counts, err);
	comparing.groups = flt_alloc(n_workers * comparing.max_groups, sizeof *comparing.groups, err);
	FLT_TRY_MEMORY_OUT(comparing.figures && comparing.weights && comparing.counts && comparing.groups);
	evaluate_folds(&comparing, comparison->per_fold);
	flt_pool_run(pool, FLT_N_RESAMPLES / FLT_RESAMPLES_PER_TASK, resample_some, &comparing);
	FLT_TRY_OUT(summarise(&comparing, comparison, err));
out:
	comparing_release(&comparing);
	flt_pool_free(pool);
	if (status != FLT_OK)
		flt_comparison_release(comparison);
	return status;
}

void flt_comparison_release(struct flt_comparison *comparison)
{
	flt_free(comparison->per_fold);
	flt_free(comparison->figure);
	flt_free(comparison->difference);
	*comparison = (struct flt_comparison){0};
}

const struct flt_spread *flt_comparison_figure(const struct flt_comparison *comparison, size_t classifier, int figure)
{
	assert(classifier < comparison->n_classifiers && figure >= 0 && figure < FLT_N_COMPARED);
	return &comparison->figure[classifier * FLT_N_COMPARED + (size_t)figure];
}

const struct flt_spread *flt_comparison_difference(const struct flt_comparison *comparison, size_t classifier,
                                                   int figure)
{
	assert(classifier < comparison->n_classifiers && figure >= 0 && figure < FLT_N_COMPARED);
	return &comparison->difference[classifier * FLT_N_COMPARED + (size_t)figure];
}
