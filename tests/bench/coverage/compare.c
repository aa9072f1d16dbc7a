/*
 * What `cv` and `compare` say of means over five folds x three repeats. A fold's classifier scores a row by what all
 * classifiers see in it, by what its own kind sees, and by noise of its training; how far apart it ranks the classes
 * varies with its training, and with fit rows that all folds share, the less so by kind the more the kinds see alike.
 * The sizes of these parts are those of small networks trained on simulated tables, 20 and 60 rows of the rarer class,
 * that differ in one of three columns.
 *
 * Two more worlds: rows in groups that stay together, and blocks of time, each tested after learning from those before
 * it, the earliest from the fewest rows.
 *
 * The truth of a figure is its mean over many test folds of as many other tables.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/decision.h"
#include "compare_tables.h"
#include "coverage.h"

enum { N_TRUTH = 20000 };    /* folds */
enum { N_DEVIATION = 4000 }; /* tables that say how much a difference varies */

/* Figures that are tried: numbers of a comparison. */
enum { N_TRIED = 10 };
static const int tried[N_TRIED] = {FLT_COMPARE_AP,
                                   FLT_COMPARE_ROC_AUC,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_PRECISION,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_RECALL,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_F1,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_MCC,
                                   FLT_COMPARE_AT_POINT(0) + FLT_AT_POINT_ACCURACY,
                                   FLT_COMPARE_LOG_LOSS,
                                   FLT_COMPARE_BRIER,
                                   FLT_COMPARE_ECE};
static const char *const tried_names[N_TRIED] = {"PR-AUC", "ROC-AUC",  "precision", "recall", "F1",
                                                 "MCC",    "accuracy", "log-loss",  "Brier",  "ECE"};

/* A world, and what is true in it. */
struct known {
	struct world world;
	double truth[N_TRIED]; /* of the first classifier */
	double deviation;      /* of the mean difference in ROC-AUC, over tables */
};

static void add_losses(const struct flt_scored *rows, double values[3])
{
	struct flt_error err;
	double by_chance;
	values[0] = values[1] = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double p = 1 / (1 + exp(-rows->log_odds[i])), of_label = rows->label[i] ? p : 1 - p;
		values[0] -= log(of_label) / (double)rows->n;
		values[1] += (1 - of_label) * (1 - of_label) / (double)rows->n;
	}
	coverage_must(flt_ece(rows, FLT_N_ECE_BINS, &values[2], &by_chance, &err), &err);
}

/* Adds the figures of the first classifier on one fold, each by its definition. */
static void add_figures(const struct table *table, size_t f, double sum[N_TRIED])
{
	struct flt_confusion count = {0};
	struct flt_error err;
	const struct flt_scored rows = {.n = table->n_test[f],
	                                .score = table->score[0][f],
	                                .log_odds = table->log_odds[0][f],
	                                .label = table->label[f]};
	double ap, losses[3];
	coverage_must(flt_average_precision(&rows, &ap, &err), &err);
	add_losses(&rows, losses);
	for (size_t i = 0; i < rows.n; i++)
		*(table->predicted[0][f][i] ? (rows.label[i] ? &count.tp : &count.fp)
		                            : (rows.label[i] ? &count.fn : &count.tn)) += 1;
	const double values[N_TRIED] = {ap,
	                                coverage_roc_auc_of(table, 0, f),
	                                flt_precision(&count),
	                                flt_recall(&count),
	                                flt_f1(&count),
	                                flt_mcc(&count),
	                                flt_accuracy(&count),
	                                losses[0],
	                                losses[1],
	                                losses[2]};
	for (size_t i = 0; i < N_TRIED; i++)
		sum[i] += values[i];
}

static void find_truth(struct known *known)
{
	double sum[N_TRIED] = {0};
	for (size_t i = 0; i < N_TRUTH / N_FOLDS; i++) {
		struct flt_random random;
		struct table table;
		flt_random_init(&random, 1, "truth", i);
		coverage_table_draw(&table, &known->world, 1, &random);
		for (size_t f = 0; f < N_FOLDS; f++)
			add_figures(&table, f, sum);
		coverage_table_free(&table);
	}
	for (size_t i = 0; i < N_TRIED; i++)
		known->truth[i] = sum[i] / N_TRUTH;
}

static void find_deviation(struct known *known)
{
	double sum = 0, squares = 0, n = N_DEVIATION;
	for (size_t i = 0; i < N_DEVIATION; i++) {
		struct flt_random random;
		struct table table;
		double gain = 0;
		flt_random_init(&random, 1, "deviation", i);
		coverage_table_draw(&table, &known->world, N_REPEATS, &random);
		for (size_t f = 0; f < N_ALL_FOLDS; f++)
			gain += (coverage_roc_auc_of(&table, 1, f) - coverage_roc_auc_of(&table, 0, f)) / N_ALL_FOLDS;
		sum += gain;
		squares += gain * gain;
		coverage_table_free(&table);
	}
	known->deviation = sqrt((squares - sum * sum / n) / (n - 1));
}

/* held: the interval of each figure, then whether each difference was told from 0, then whether whoever knows how much
 * tables vary could tell that in ROC-AUC. */
enum { N_HELD = 2 * N_TRIED + 1 };

static void draw(const void *context, struct flt_random *random, bool *held)
{
	const struct known *known = context;
	struct table table;
	coverage_table_draw(&table, &known->world, N_REPEATS, random);
	struct flt_comparison comparison = coverage_table_compare(&table, flt_random_next(random));
	for (size_t i = 0; i < N_TRIED; i++) {
		struct flt_spread own = flt_comparison_figure(&comparison, 0, tried[i]);
		struct flt_spread gain = flt_comparison_difference(&comparison, 1, 0, tried[i]);
		held[i] = own.lo <= known->truth[i] && known->truth[i] <= own.hi;
		held[N_TRIED + i] = gain.lo > 0 || gain.hi < 0;
	}
	double gain = flt_comparison_difference(&comparison, 1, 0, FLT_COMPARE_ROC_AUC).mean;
	held[N_HELD - 1] = fabs(gain) > 1.96 * known->deviation;
	flt_comparison_release(&comparison);
	coverage_table_free(&table);
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

static void print_figures(struct coverage *coverage, const char *world, size_t by_promise[2 * N_TRIED][N_KINDS],
                          size_t n_cells)
{
	char name[40];
	for (size_t i = 0; i < N_TRIED; i++) {
		snprintf(name, sizeof name, "cv, %s", tried_names[i]);
		coverage_row(coverage, name, world, "95", by_promise[i], n_cells);
	}
	for (size_t i = 0; i < N_TRIED; i++) {
		snprintf(name, sizeof name, "compare, false alarms, %s", tried_names[i]);
		coverage_row(coverage, name, world, "at most 5", by_promise[N_TRIED + i], n_cells);
	}
}

/* Worlds (n_worlds) without a difference between the classifiers. */
static void try_figures(struct coverage *coverage, const char *text, struct known *worlds, size_t n_worlds)
{
	size_t by_promise[2 * N_TRIED][N_KINDS], kept[COVERAGE_MAX_PROMISES];
	for (size_t w = 0; w < n_worlds; w++) {
		worlds[w].world.shift[0] = worlds[w].world.shift[1] = shift_of(0.84);
		worlds[w].world.noise = 0.02;
		find_truth(&worlds[w]);
		coverage_count(coverage, draw, &worlds[w], N_HELD, kept);
		for (size_t p = 0; p < 2 * N_TRIED; p++)
			by_promise[p][w] = kept[p];
	}
	print_figures(coverage, text, by_promise, n_worlds);
}

static void try_kinds(struct coverage *coverage, size_t n_positive, size_t n_rows)
{
	struct known worlds[N_KINDS];
	for (size_t kind = 0; kind < N_KINDS; kind++)
		worlds[kind].world =
		        (struct world){.n_positive = n_positive, .n_rows = n_rows, .own = owns[kind], .of_group = 1};
	char text[120];
	snprintf(text, sizeof text, "%zu positive rows; two classifiers whose scores correlate .93, .83, .68",
	         n_positive);
	try_figures(coverage, text, worlds, N_KINDS);
}

static void try_linked(struct coverage *coverage)
{
	struct known worlds[] = {
	        {.world = {.n_positive = 120, .n_rows = 600, .own = owns[1], .of_group = 4}},
	        {.world = {.n_positive = 60, .n_rows = 600, .own = owns[1], .of_group = 1, .by_time = true}}};
	try_figures(coverage, "120 positive rows in groups of 4; 60 in blocks of time; scores correlate .83", worlds,
	            2);
}

static void try_gain(struct coverage *coverage, double gain)
{
	size_t told[N_KINDS], at_best[N_KINDS], kept[COVERAGE_MAX_PROMISES];
	for (size_t kind = 0; kind < N_KINDS; kind++) {
		struct known known = {
		        .world = {.n_positive = 60, .n_rows = 600, .own = owns[kind], .noise = 0.02, .of_group = 1}};
		known.world.shift[0] = shift_of(0.84);
		known.world.shift[1] = shift_of(0.84 + gain);
		find_deviation(&known);
		coverage_count(coverage, draw, &known, N_HELD, kept);
		told[kind] = kept[N_TRIED + 1];
		at_best[kind] = kept[N_HELD - 1];
	}
	char text[120];
	snprintf(text, sizeof text, "60 positive rows, a gain of %g; scores correlate .93, .83, .68", gain);
	coverage_row(coverage, "compare, told from 0, ROC-AUC", text, "25 in the first", told, N_KINDS);
	coverage_row(coverage, "the same, if the error were known", text, "the most", at_best, N_KINDS);
}

void coverage_compare(struct coverage *coverage)
{
	static const size_t positives[] = {20, 60, 200}, rows[] = {200, 600, 1200};
	try_gain(coverage, 0.019);
	try_gain(coverage, 0.03);
	try_linked(coverage);
	for (size_t i = 0; i < 3; i++)
		try_kinds(coverage, positives[i], rows[i]);
}
