#include "eval/compare.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "eval/sample.h"

struct fold {
	const struct flt_compare_fold *given;
	uint32_t *id;       /* (n_rows) index of the unit's weight */
	uint32_t *drawn[2]; /* (n_drawn) units that are in no earlier fold: without a positive row, with one */
	size_t n_drawn[2];
	struct flt_fold_output *outputs; /* (n_classifiers) */
};

struct comparing {
	const struct flt_compare_options *options;
	size_t n_ids, max_rows, max_groups;
	size_t n_tests, n_first_tests; /* rows of all folds, and those whose unit is in no earlier fold */
	struct fold *folds;            /* (n_folds) */
	double *resampled;             /* that of the comparison */

	/* Scratch of each worker. */
	double *weights;               /* (n_workers, n_ids) */
	struct flt_rank_group *groups; /* (n_workers, max_groups) */
};

/* ---- resamples ---- */

/* A unit that is alone is always drawn. */
static void draw_units(const uint32_t *ids, size_t n, struct flt_random *random, double *weights)
{
	if (n == 1)
		weights[ids[0]] = 1;
	if (n < 2)
		return;
	double each = (double)n / (double)(n - 1);
	struct flt_below below = flt_below_init(n);
	for (size_t i = 0; i < n - 1; i++)
		weights[ids[flt_below_draw(&below, random)]] += each;
}

static void draw_weights(const struct comparing *comparing, size_t number, double *weights)
{
	struct flt_random random;
	flt_random_init(&random, comparing->options->seed, "compare", number);
	for (size_t i = 0; i < comparing->n_ids; i++)
		weights[i] = 0;
	for (size_t f = 0; f < comparing->options->n_folds; f++)
		for (int y = 0; y < 2; y++)
			draw_units(comparing->folds[f].drawn[y], comparing->folds[f].n_drawn[y], &random, weights);
}

/* Means over folds. The weights of a later repeat may leave a fold without a class: it then does not count. */
static void resample(const struct comparing *comparing, size_t number, size_t worker)
{
	const struct flt_compare_options *options = comparing->options;
	double *weights = comparing->weights + worker * comparing->n_ids;
	struct flt_rank_group *group = comparing->groups + worker * comparing->max_groups;
	draw_weights(comparing, number, weights);
	for (size_t c = 0; c < options->n_classifiers; c++) {
		double figures[FLT_N_COMPARED], sum[FLT_N_COMPARED] = {0}, n_counted = 0;
		for (size_t f = 0; f < options->n_folds; f++) {
			const struct fold *fold = &comparing->folds[f];
			if (!flt_fold_figures(&fold->outputs[c], fold->id, weights, options->min_precision, group,
			                      figures))
				continue;
			n_counted++;
			for (size_t i = 0; i < FLT_N_COMPARED; i++)
				sum[i] += figures[i];
		}
		for (size_t i = 0; i < FLT_N_COMPARED; i++)
			comparing->resampled[(c * FLT_N_COMPARED + i) * FLT_N_RESAMPLES + number] = sum[i] / n_counted;
	}
}

static void resample_some(void *context, size_t task, size_t worker)
{
	for (size_t i = 0; i < FLT_RESAMPLES_PER_TASK; i++)
		resample(context, task * FLT_RESAMPLES_PER_TASK + i, worker);
}

/* Every classifier's figures on the folds themselves, without resampling. */
static void evaluate_folds(const struct comparing *comparing, double *per_fold)
{
	size_t n_folds = comparing->options->n_folds;
	for (size_t f = 0; f < n_folds; f++) {
		for (size_t c = 0; c < comparing->options->n_classifiers; c++) {
			double figures[FLT_N_COMPARED];
			bool both = flt_fold_figures(&comparing->folds[f].outputs[c], comparing->folds[f].id, NULL,
			                             comparing->options->min_precision, comparing->groups, figures);
			assert(both);
			(void)both;
			for (size_t i = 0; i < FLT_N_COMPARED; i++)
				per_fold[(c * FLT_N_COMPARED + i) * n_folds + f] = figures[i];
		}
	}
}

/* ---- setting up ---- */

/* Gives each row of a fold the index of its unit's weight, and units not seen before to the fold's draws. place
 * (n_numbers) holds index + 1 for the numbers of units already seen. */
static enum flt_status place_rows(struct comparing *comparing, struct fold *fold, uint32_t *place,
                                  struct flt_error *err)
{
	const struct flt_compare_fold *given = fold->given;
	size_t first = comparing->n_ids;
	enum flt_status status = FLT_OK;
	fold->id = flt_alloc(given->n_rows, sizeof *fold->id, err);
	for (int y = 0; y < 2; y++)
		fold->drawn[y] = flt_alloc(given->n_rows, sizeof *fold->drawn[y], err);
	uint8_t *is_positive = flt_alloc_zero(given->n_rows, 1, err); /* new units, from `first` on */
	FLT_TRY_MEMORY_OUT(fold->id && fold->drawn[0] && fold->drawn[1] && is_positive);
	for (size_t i = 0; i < given->n_rows; i++) {
		uint32_t *seen = given->unit ? &place[given->unit[i]] : NULL;
		fold->id[i] = seen && *seen ? *seen - 1 : (uint32_t)comparing->n_ids++;
		if (seen)
			*seen = fold->id[i] + 1;
		if (fold->id[i] < first)
			continue;
		comparing->n_first_tests++;
		is_positive[fold->id[i] - first] |= given->label[i];
	}
	for (size_t id = first; id < comparing->n_ids; id++) {
		int y = is_positive[id - first];
		fold->drawn[y][fold->n_drawn[y]++] = (uint32_t)id;
	}
out:
	flt_free(is_positive);
	return status;
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
	size_t n_numbers = 0;
	for (size_t f = 0; f < comparing->options->n_folds; f++) {
		const struct flt_compare_fold *given = comparing->folds[f].given;
		FLT_TRY(check_classes(given, f, err));
		comparing->n_tests += given->n_rows;
		for (size_t i = 0; given->unit && i < given->n_rows; i++)
			if (given->unit[i] >= n_numbers)
				n_numbers = given->unit[i] + 1;
		if (given->n_rows > comparing->max_rows)
			comparing->max_rows = given->n_rows;
	}
	if (comparing->n_tests >= UINT32_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%zu test rows are more than can be compared", comparing->n_tests);
	enum flt_status status = FLT_OK;
	uint32_t *place = flt_alloc_zero(n_numbers, sizeof *place, err);
	FLT_TRY_MEMORY(place);
	for (size_t f = 0; f < comparing->options->n_folds; f++)
		FLT_TRY_OUT(place_rows(comparing, &comparing->folds[f], place, err));
out:
	flt_free(place);
	return status;
}

/* Ranks one fold's rows by every classifier. */
static enum flt_status rank_fold(struct comparing *comparing, size_t number, const struct flt_compare_entry *entries,
                                 struct flt_ranking *ranking, struct flt_error *err)
{
	size_t n_folds = comparing->options->n_folds, n_classifiers = comparing->options->n_classifiers;
	struct fold *fold = &comparing->folds[number];
	fold->outputs = flt_alloc_zero(n_classifiers, sizeof *fold->outputs, err);
	FLT_TRY_MEMORY(fold->outputs);
	for (size_t c = 0; c < n_classifiers; c++) {
		FLT_TRY(flt_fold_output_init(&fold->outputs[c], fold->given, &entries[c * n_folds + number], ranking,
		                             err));
		if (fold->outputs[c].n_groups > comparing->max_groups)
			comparing->max_groups = fold->outputs[c].n_groups;
	}
	return FLT_OK;
}

static enum flt_status rank_all(struct comparing *comparing, const struct flt_compare_entry *entries,
                                struct flt_error *err)
{
	struct flt_ranking ranking;
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_ranking_init(&ranking, comparing->max_rows, err));
	for (size_t f = 0; f < comparing->options->n_folds; f++)
		FLT_TRY_OUT(rank_fold(comparing, f, entries, &ranking, err));
out:
	flt_ranking_release(&ranking);
	return status;
}

static double count_alarms(const struct fold *fold, size_t classifier, int point)
{
	const uint8_t *predicted = fold->outputs[classifier].predicted;
	double n = 0;
	for (size_t i = 0; predicted && i < fold->given->n_rows; i++)
		n += predicted[i] >> point & 1;
	return n;
}

/* Of the units that a figure is a share of, as many as hold them in one repeat: the positive ones, all, or those
 * predicted positive. Clusters count as often as units do on average. */
static void count_behind(const struct comparing *comparing, struct flt_comparison *comparison)
{
	double n_units[2] = {0, 0}; /* without a positive row, with one */
	for (size_t f = 0; f < comparing->options->n_folds; f++)
		for (int y = 0; y < 2; y++)
			n_units[y] += (double)comparing->folds[f].n_drawn[y];
	comparison->n_rare = n_units[0] > 0 ? fmin(n_units[0], n_units[1]) : n_units[1];
	for (size_t c = 0; c < comparing->options->n_classifiers; c++) {
		double *n_behind = comparison->n_behind + c * FLT_N_COMPARED;
		for (int figure = 0; figure < FLT_N_COMPARED; figure++)
			n_behind[figure] = n_units[1];
		for (int point = 0; point < FLT_COMPARE_MAX_POINTS; point++) {
			double *at = n_behind + FLT_COMPARE_AT_POINT(point), n_alarms = 0;
			for (size_t f = 0; f < comparing->options->n_folds; f++)
				n_alarms += count_alarms(&comparing->folds[f], c, point);
			at[FLT_AT_POINT_ACCURACY] = (double)comparing->n_ids;
			at[FLT_AT_POINT_PRECISION] = n_alarms / (double)comparing->n_tests * (double)comparing->n_ids;
		}
	}
}

static void comparing_release(struct comparing *comparing)
{
	for (size_t f = 0; comparing->folds && f < comparing->options->n_folds; f++) {
		struct fold *fold = &comparing->folds[f];
		for (size_t c = 0; fold->outputs && c < comparing->options->n_classifiers; c++)
			flt_fold_output_release(&fold->outputs[c]);
		flt_free(fold->outputs);
		flt_free(fold->id);
		flt_free(fold->drawn[0]);
		flt_free(fold->drawn[1]);
	}
	flt_free(comparing->folds);
	flt_free(comparing->weights);
	flt_free(comparing->groups);
}

static enum flt_status comparison_init(struct flt_comparison *comparison, size_t n_classifiers, size_t n_folds,
                                       struct flt_error *err)
{
	size_t n = n_classifiers * FLT_N_COMPARED;
	*comparison = (struct flt_comparison){.n_folds = n_folds, .n_classifiers = n_classifiers};
	comparison->per_fold = flt_alloc(n * n_folds, sizeof(double), err);
	comparison->resampled = flt_alloc(n * FLT_N_RESAMPLES, sizeof(double), err);
	comparison->n_behind = flt_alloc(n, sizeof(double), err);
	FLT_TRY_MEMORY(comparison->per_fold && comparison->resampled && comparison->n_behind);
	return FLT_OK;
}

enum flt_status flt_compare(const struct flt_compare_fold *folds, const struct flt_compare_entry *entries,
                            const struct flt_compare_options *options, struct flt_comparison *comparison,
                            struct flt_error *err)
{
	assert(options->n_folds > 0 && options->n_classifiers > 0);
	struct comparing comparing = {.options = options};
	struct flt_pool *pool = NULL;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(comparison_init(comparison, options->n_classifiers, options->n_folds, err));
	FLT_TRY_OUT(flt_pool_new(options->n_threads, &pool, err));
	comparing.folds = flt_alloc_zero(options->n_folds, sizeof *comparing.folds, err);
	FLT_TRY_MEMORY_OUT(comparing.folds);
	for (size_t f = 0; f < options->n_folds; f++) {
		comparing.folds[f].given = &folds[f];
		comparison->test_per_train +=
		        (double)folds[f].n_rows / (double)folds[f].n_train / (double)options->n_folds;
	}
	FLT_TRY_OUT(place_all_rows(&comparing, err));
	FLT_TRY_OUT(rank_all(&comparing, entries, err));
	size_t n_workers = flt_pool_n_threads(pool);
	comparing.resampled = comparison->resampled;
	comparing.weights = flt_alloc(n_workers * comparing.n_ids, sizeof *comparing.weights, err);
	comparing.groups = flt_alloc(n_workers * comparing.max_groups, sizeof *comparing.groups, err);
	FLT_TRY_MEMORY_OUT(comparing.weights && comparing.groups);
	comparison->repeats = (double)comparing.n_tests / (double)comparing.n_first_tests;
	evaluate_folds(&comparing, comparison->per_fold);
	count_behind(&comparing, comparison);
	flt_pool_run(pool, FLT_N_RESAMPLES / FLT_RESAMPLES_PER_TASK, resample_some, &comparing);
out:
	comparing_release(&comparing);
	flt_pool_free(pool);
	if (status != FLT_OK)
		flt_comparison_release(comparison);
	return status;
}

double flt_compare_bytes(const struct flt_compare_size *size)
{
	enum {
		OF_PLACED = 3 * sizeof(uint32_t),                      /* of a row: place_rows */
		OF_OUTPUT = sizeof(uint32_t) + 2 * sizeof(double) + 1, /* and of its output by a classifier */
		OF_RANKED = 2 * (sizeof(uint32_t) + sizeof(uint64_t)), /* while its fold is ranked */
		OF_FIGURE = FLT_N_COMPARED * sizeof(double),
	};
	double n_classifiers = (double)size->n_classifiers, n_folds = (double)size->n_folds;
	double n_groups = fmin((double)size->most_rows, 2 * (double)size->most_positives + 1);
	double worker = (double)size->n_units * sizeof(double) + n_groups * sizeof(struct flt_rank_group);
	double figures = n_classifiers * (n_folds + FLT_N_RESAMPLES + 1) * OF_FIGURE;
	double folds = n_folds * (sizeof(struct fold) + n_classifiers * sizeof(struct flt_fold_output));
	double rows = (double)size->n_rows * (OF_PLACED + n_classifiers * OF_OUTPUT);
	return figures + folds + rows +
	       fmax(flt_pool_size(size->n_threads) * worker, (double)size->most_rows * OF_RANKED);
}

void flt_comparison_release(struct flt_comparison *comparison)
{
	flt_free(comparison->per_fold);
	flt_free(comparison->resampled);
	flt_free(comparison->n_behind);
	*comparison = (struct flt_comparison){0};
}

/* ---- what it says ---- */

static const double *resampled_of(const struct flt_comparison *comparison, size_t classifier, int figure)
{
	return comparison->resampled + (classifier * FLT_N_COMPARED + (size_t)figure) * FLT_N_RESAMPLES;
}

/* The standard deviation of what the resamples say, or of their differences (second NULL: none). Resamples that left
 * every fold without a class say nothing. */
static double deviation_of_resamples(const double *first, const double *second)
{
	double n = 0, mean = 0, squares = 0;
	for (size_t b = 0; b < FLT_N_RESAMPLES; b++) {
		double value = first[b] - (second ? second[b] : 0), from_mean = value - mean;
		if (!isfinite(value))
			continue;
		n++;
		mean += from_mean / n;
		squares += from_mean * (value - mean);
	}
	return n > 1 ? sqrt(squares / (n - 1)) : 0;
}

const double *flt_comparison_per_fold(const struct flt_comparison *comparison, size_t classifier, int figure)
{
	assert(classifier < comparison->n_classifiers && figure >= 0 && figure < FLT_N_COMPARED);
	return comparison->per_fold + (classifier * FLT_N_COMPARED + (size_t)figure) * comparison->n_folds;
}

static enum flt_range range_of(int figure)
{
	if (figure == FLT_COMPARE_LOG_LOSS)
		return FLT_RANGE_POSITIVE;
	bool at_point = figure >= FLT_COMPARE_FIRST_POINT;
	bool is_mcc = at_point && (figure - FLT_COMPARE_FIRST_POINT) % FLT_N_AT_POINT == FLT_AT_POINT_MCC;
	return is_mcc ? FLT_RANGE_CORRELATION : FLT_RANGE_SHARE;
}

struct flt_spread flt_comparison_figure(const struct flt_comparison *comparison, size_t classifier, int figure)
{
	struct flt_measured measured = {
	        .values = flt_comparison_per_fold(comparison, classifier, figure),
	        .n = comparison->n_folds,
	        .n_rare = comparison->n_rare,
	        .repeats = comparison->repeats,
	        .test_per_train = comparison->test_per_train,
	        .rows_error = deviation_of_resamples(resampled_of(comparison, classifier, figure), NULL),
	        .range = range_of(figure),
	        .n_behind = comparison->n_behind[classifier * FLT_N_COMPARED + (size_t)figure],
	};
	return flt_spread_of_measured(&measured);
}

struct flt_spread flt_comparison_difference(const struct flt_comparison *comparison, size_t first, size_t second,
                                            int figure)
{
	struct flt_measured measured = {
	        .values = flt_comparison_per_fold(comparison, first, figure),
	        .against = flt_comparison_per_fold(comparison, second, figure),
	        .n = comparison->n_folds,
	        .n_rare = comparison->n_rare,
	        .repeats = comparison->repeats,
	        .test_per_train = comparison->test_per_train,
	        .rows_error = deviation_of_resamples(resampled_of(comparison, first, figure),
	                                             resampled_of(comparison, second, figure)),
	        .range = FLT_RANGE_DIFFERENCE,
	};
	return flt_spread_of_measured(&measured);
}
