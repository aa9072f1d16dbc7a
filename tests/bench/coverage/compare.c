/*
 * What `cv` and `compare` say of means over five folds x three repeats. A fold's classifier scores a row by what all
 * classifiers see in it, by what its own kind sees, and by noise of its training; how far apart it ranks the classes
 * varies with its training, and with fit rows that all folds share, the less so by kind the more the kinds see alike.
 * The sizes of these parts are those of small networks trained on simulated tables, 20 and 60 rows of the rarer class,
 * that differ in one of three columns.
 *
 * The truth of a figure is its mean over many test folds of as many other tables.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/compare.h"
#include "eval/decision.h"
#include "coverage.h"

enum { N_FOLDS = 5, N_REPEATS = 3, N_ALL_FOLDS = N_FOLDS * N_REPEATS, N_CLASSIFIERS = 2, N_TRUTH = 20000 };

/* Figures that are tried: numbers of a comparison. */
enum { N_TRIED = 7 };
static const int tried[N_TRIED] = {FLT_COMPARE_AP,
                                   FLT_COMPARE_ROC_AUC,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_PRECISION,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_RECALL,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_F1,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_MCC,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_ACCURACY};
static const char *const tried_names[N_TRIED] = {"PR-AUC", "ROC-AUC", "precision", "recall", "F1", "MCC", "accuracy"};

struct world {
	size_t n_positive, n_rows;   /* of a table */
	double shift[N_CLASSIFIERS]; /* of positive rows' scores, whose deviation is 1 */
	double own, noise;           /* shares of the variance of a score: what its kind sees, and its training */
	double truth[N_TRIED];       /* of the first classifier */
};

/* One table's rows and folds. */
struct table {
	const struct world *world;
	double *seen;                /* (n_rows) by all classifiers */
	double *own[N_CLASSIFIERS];  /* (n_rows) */
	double shift[N_CLASSIFIERS]; /* after the fit rows */
	size_t *row[N_ALL_FOLDS];    /* (n_test[f]) */
	size_t n_test[N_ALL_FOLDS];
	uint8_t *label[N_ALL_FOLDS];
	double *score[N_CLASSIFIERS][N_ALL_FOLDS];
	uint8_t *predicted[N_CLASSIFIERS][N_ALL_FOLDS];
};

static double *normal_values(size_t n, struct flt_random *random)
{
	double *values = coverage_alloc(n, sizeof *values);
	for (size_t i = 0; i < n; i++)
		values[i] = flt_random_normal(random);
	return values;
}

/* Deals the classes to the folds of one repeat, each by itself; the first n_positive rows are positive. */
static void deal(struct table *table, size_t repeat, struct flt_random *random)
{
	size_t n = table->world->n_rows, n_positive = table->world->n_positive;
	size_t *order = coverage_alloc(n, sizeof *order);
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	flt_random_shuffle(random, order, n_positive);
	flt_random_shuffle(random, order + n_positive, n - n_positive);
	for (size_t k = 0; k < N_FOLDS; k++) {
		size_t f = repeat * N_FOLDS + k;
		table->row[f] = coverage_alloc(n / N_FOLDS + 1, sizeof *table->row[f]);
		table->label[f] = coverage_alloc(n / N_FOLDS + 1, 1);
		for (size_t i = k; i < n; i += N_FOLDS) {
			table->label[f][table->n_test[f]] = order[i] < n_positive;
			table->row[f][table->n_test[f]++] = order[i];
		}
	}
	free(order);
}

/* The scores of one fold's classifier. Predicted positive: as many as score above half the shift. */
static void score_fold(struct table *table, size_t c, size_t f, struct flt_random *random)
{
	const double of_training = 0.05; /* deviation of the shift from fold to fold */
	const struct world *world = table->world;
	size_t n = table->n_test[f];
	double shift = table->shift[c] + of_training * flt_random_normal(random);
	table->score[c][f] = coverage_alloc(n, sizeof(double));
	table->predicted[c][f] = coverage_alloc(n, 1);
	for (size_t i = 0; i < n; i++) {
		size_t row = table->row[f][i];
		double score = sqrt(1 - world->own - world->noise) * table->seen[row] +
		               sqrt(world->own) * table->own[c][row] + sqrt(world->noise) * flt_random_normal(random) +
		               (table->label[f][i] ? shift : 0);
		table->score[c][f][i] = score;
		table->predicted[c][f][i] = score >= world->shift[c];
	}
}

/* The deviation of the shift that fit rows cause, 4.2 / n_positive, was found with those of the trained networks. */
static void table_draw(struct table *table, const struct world *world, size_t n_repeats, struct flt_random *random)
{
	const double of_fit_rows = 4.2 / (double)world->n_positive, own_part = world->own / 2;
	double common = flt_random_normal(random);
	*table = (struct table){.world = world, .seen = normal_values(world->n_rows, random)};
	for (size_t c = 0; c < N_CLASSIFIERS; c++) {
		table->own[c] = normal_values(world->n_rows, random);
		table->shift[c] = world->shift[c] + of_fit_rows * (sqrt(1 - own_part) * common +
		                                                   sqrt(own_part) * flt_random_normal(random));
	}
	for (size_t repeat = 0; repeat < n_repeats; repeat++)
		deal(table, repeat, random);
	for (size_t c = 0; c < N_CLASSIFIERS; c++)
		for (size_t f = 0; f < n_repeats * N_FOLDS; f++)
			score_fold(table, c, f, random);
}

static void table_free(struct table *table)
{
	free(table->seen);
	for (size_t c = 0; c < N_CLASSIFIERS; c++)
		free(table->own[c]);
	for (size_t f = 0; f < N_ALL_FOLDS; f++) {
		free(table->row[f]);
		free(table->label[f]);
		for (size_t c = 0; c < N_CLASSIFIERS; c++) {
			free(table->score[c][f]);
			free(table->predicted[c][f]);
		}
	}
}

static struct flt_comparison table_compare(const struct table *table, uint64_t seed)
{
	struct flt_compare_fold folds[N_ALL_FOLDS];
	struct flt_compare_entry entries[N_CLASSIFIERS * N_ALL_FOLDS];
	struct flt_compare_options options = {.n_folds = N_ALL_FOLDS,
	                                      .n_classifiers = N_CLASSIFIERS,
	                                      .min_precision = {0.5, 0.7, 0.9, 0.95},
	                                      .seed = seed,
	                                      .n_threads = 1};
	struct flt_comparison comparison;
	struct flt_error err;
	for (size_t f = 0; f < N_ALL_FOLDS; f++) {
		folds[f] = (struct flt_compare_fold){.n_rows = table->n_test[f],
		                                     .n_train = table->world->n_rows - table->n_test[f],
		                                     .unit = table->row[f],
		                                     .label = table->label[f]};
		for (size_t c = 0; c < N_CLASSIFIERS; c++)
			entries[c * N_ALL_FOLDS + f] =
			        (struct flt_compare_entry){table->score[c][f], table->log_odds[c][f], table->predicted[c][f]};
	}
	coverage_must(flt_compare(folds, entries, &options, &comparison, &err), &err);
	return comparison;
}

/* Adds the figures of the first classifier on one fold, each by its definition. */
static void add_figures(const struct table *table, double sum[N_TRIED])
{
	struct flt_confusion count = {0};
	struct flt_error err;
	double ap, above = 0;
	size_t n = table->n_test[0];
	const double *score = table->score[0][0];
	const uint8_t *label = table->label[0];
	coverage_must(flt_average_precision(&(struct flt_scored){.n = n, .score = score, .label = label}, &ap, &err),
	              &err);
	for (size_t i = 0; i < n; i++) {
		bool called = table->predicted[0][0][i];
		*(called ? (label[i] ? &count.tp : &count.fp) : (label[i] ? &count.fn : &count.tn)) += 1;
		for (size_t k = 0; label[i] && k < n; k++)
			above += !label[k] && score[k] < score[i];
	}
	const double values[N_TRIED] = {ap,
	                                above / ((count.tp + count.fn) * (count.fp + count.tn)),
	                                flt_precision(&count),
	                                flt_recall(&count),
	                                flt_f1(&count),
	                                flt_mcc(&count),
	                                flt_accuracy(&count)};
	for (size_t i = 0; i < N_TRIED; i++)
		sum[i] += values[i];
}

static void find_truth(struct world *world)
{
	double sum[N_TRIED] = {0};
	for (size_t i = 0; i < N_TRUTH / N_FOLDS; i++) {
		struct flt_random random;
		struct table table;
		flt_random_init(&random, 1, "truth", i);
		table_draw(&table, world, 1, &random);
		for (size_t f = 0; f < N_FOLDS; f++) {
			struct table one = {.world = world};
			one.n_test[0] = table.n_test[f];
			one.label[0] = table.label[f];
			one.score[0][0] = table.score[0][f];
			one.predicted[0][0] = table.predicted[0][f];
			add_figures(&one, sum);
		}
		table_free(&table);
	}
	for (size_t i = 0; i < N_TRIED; i++)
		world->truth[i] = sum[i] / N_TRUTH;
}

/* held: the interval of each figure, then whether each difference was told from 0. */
static void draw(const void *context, struct flt_random *random, bool *held)
{
	const struct world *world = context;
	struct table table;
	table_draw(&table, world, N_REPEATS, random);
	struct flt_comparison comparison = table_compare(&table, flt_random_next(random));
	for (size_t i = 0; i < N_TRIED; i++) {
		struct flt_spread own = flt_comparison_figure(&comparison, 0, tried[i]);
		struct flt_spread gain = flt_comparison_difference(&comparison, 1, 0, tried[i]);
		held[i] = own.lo <= world->truth[i] && world->truth[i] <= own.hi;
		held[N_TRIED + i] = gain.lo > 0 || gain.hi < 0;
	}
	flt_comparison_release(&comparison);
	table_free(&table);
}

/* The shift between two normals that a ROC-AUC means, by bisection. */
static double shift_of(double roc_auc)
{
	double low = 0, high = 10;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		*(erfc(-middle / 2) / 2 < roc_auc ? &low : &high) = middle;
	}
	return low;
}

/* Classifiers that differ in the loss or the network see nearly the same in a row; those that know other columns do
 * not.
 */
enum { N_KINDS = 3 };
static const double owns[N_KINDS] = {0.05, 0.15, 0.3};

/* Without a difference between the classifiers. */
static void try_figures(struct coverage *coverage, size_t n_positive, size_t n_rows)
{
	size_t by_promise[2 * N_TRIED][N_KINDS], kept[COVERAGE_MAX_PROMISES];
	for (size_t kind = 0; kind < N_KINDS; kind++) {
		struct world world = {.n_positive = n_positive, .n_rows = n_rows, .own = owns[kind], .noise = 0.02};
		world.shift[0] = world.shift[1] = shift_of(0.84);
		find_truth(&world);
		coverage_count(coverage, draw, &world, 2 * N_TRIED, kept);
		for (size_t p = 0; p < 2 * N_TRIED; p++)
			by_promise[p][kind] = kept[p];
	}
	char text[120], name[40];
	snprintf(text, sizeof text, "%zu positive rows; two classifiers whose scores correlate .93, .83, .68",
	         n_positive);
	for (size_t i = 0; i < N_TRIED; i++) {
		snprintf(name, sizeof name, "cv, %s", tried_names[i]);
		coverage_row(coverage, name, text, "95", by_promise[i], N_KINDS);
	}
	for (size_t i = 0; i < N_TRIED; i++) {
		snprintf(name, sizeof name, "compare, false alarms, %s", tried_names[i]);
		coverage_row(coverage, name, text, "at most 5", by_promise[N_TRIED + i], N_KINDS);
	}
}

static void try_gain(struct coverage *coverage, double gain)
{
	size_t told[N_KINDS], kept[COVERAGE_MAX_PROMISES];
	for (size_t kind = 0; kind < N_KINDS; kind++) {
		struct world world = {.n_positive = 60, .n_rows = 600, .own = owns[kind], .noise = 0.02};
		world.shift[0] = shift_of(0.84);
		world.shift[1] = shift_of(0.84 + gain);
		coverage_count(coverage, draw, &world, 2 * N_TRIED, kept);
		told[kind] = kept[N_TRIED + 1];
	}
	char text[120];
	snprintf(text, sizeof text, "60 positive rows, a gain of %g; scores correlate .93, .83, .68", gain);
	coverage_row(coverage, "compare, told from 0, ROC-AUC", text, "25 in the first", told, N_KINDS);
}

void coverage_compare(struct coverage *coverage)
{
	static const size_t positives[] = {20, 60, 200}, rows[] = {200, 600, 1200};
	for (size_t i = 0; i < 3; i++)
		try_figures(coverage, positives[i], rows[i]);
	try_gain(coverage, 0.019);
	try_gain(coverage, 0.03);
}
