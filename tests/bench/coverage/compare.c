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

#include "eval/compare.h"
#include "eval/decision.h"
#include "coverage.h"

enum { N_FOLDS = 5, N_REPEATS = 3, N_ALL_FOLDS = N_FOLDS * N_REPEATS, N_CLASSIFIERS = 2, N_TRUTH = 20000 };
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

struct world {
	size_t n_positive, n_rows;   /* of a table */
	double shift[N_CLASSIFIERS]; /* of positive rows' scores, whose deviation is 1 */
	double own, noise;           /* shares of the variance of a score: what its kind sees, and its training */
	size_t of_group;             /* rows of a group, which share the class and most of what is seen in them */
	bool by_time;
	double truth[N_TRIED]; /* of the first classifier */
	double deviation;      /* of the mean difference in ROC-AUC, over tables */
};

/* One table's rows and folds. */
struct table {
	const struct world *world;
	double *seen;                         /* (n_rows) by all classifiers */
	double *own[N_CLASSIFIERS];           /* (n_rows) */
	double shift[N_CLASSIFIERS][N_FOLDS]; /* after the fit rows */
	size_t *row[N_ALL_FOLDS];             /* (n_test[f]) */
	size_t *group[N_ALL_FOLDS];
	size_t n_test[N_ALL_FOLDS];
	uint8_t *label[N_ALL_FOLDS];
	double *score[N_CLASSIFIERS][N_ALL_FOLDS];
	double *log_odds[N_CLASSIFIERS][N_ALL_FOLDS];
	uint8_t *predicted[N_CLASSIFIERS][N_ALL_FOLDS];
};

/* One for each row; those of a group have 0.7 of their variance in common. */
static double *normal_values(const struct world *world, struct flt_random *random)
{
	const double common = world->of_group > 1 ? 0.7 : 0;
	double *values = coverage_alloc(world->n_rows, sizeof *values), of_group = 0;
	for (size_t i = 0; i < world->n_rows; i++) {
		if (i % world->of_group == 0)
			of_group = common > 0 ? flt_random_normal(random) : 0;
		values[i] = sqrt(common) * of_group + sqrt(1 - common) * flt_random_normal(random);
	}
	return values;
}

static void fold_init(struct table *table, size_t f)
{
	size_t n_rows = table->world->n_rows;
	table->row[f] = coverage_alloc(n_rows, sizeof *table->row[f]);
	table->group[f] = coverage_alloc(n_rows, sizeof *table->group[f]);
	table->label[f] = coverage_alloc(n_rows, 1);
}

static void add_row(struct table *table, size_t f, size_t row)
{
	size_t i = table->n_test[f]++;
	table->row[f][i] = row;
	table->group[f][i] = row / table->world->of_group;
	table->label[f][i] = row < table->world->n_positive;
}

static size_t *numbers_up_to(size_t n)
{
	size_t *numbers = coverage_alloc(n, sizeof *numbers);
	for (size_t i = 0; i < n; i++)
		numbers[i] = i;
	return numbers;
}

/* Deals the groups of each class to the folds of one repeat; the first n_positive rows are positive. */
static void deal(struct table *table, size_t repeat, struct flt_random *random)
{
	const struct world *world = table->world;
	size_t n = world->n_rows / world->of_group, n_positive = world->n_positive / world->of_group;
	size_t *order = numbers_up_to(n);
	flt_random_shuffle(random, order, n_positive);
	flt_random_shuffle(random, order + n_positive, n - n_positive);
	for (size_t k = 0; k < N_FOLDS; k++) {
		fold_init(table, repeat * N_FOLDS + k);
		for (size_t i = k; i < n; i += N_FOLDS)
			for (size_t r = 0; r < world->of_group; r++)
				add_row(table, repeat * N_FOLDS + k, order[i] * world->of_group + r);
	}
	free(order);
}

/* Whether each block that is tested has a positive row. */
static bool may_be_tested(const struct world *world, const size_t *order)
{
	size_t n_block = world->n_rows / (N_FOLDS + 1);
	for (size_t k = 1; k <= N_FOLDS; k++) {
		size_t n_positive = 0;
		for (size_t i = k * n_block; i < (k + 1) * n_block; i++)
			n_positive += order[i] < world->n_positive;
		if (n_positive == 0)
			return false;
	}
	return true;
}

/* All repeats test the same blocks; the first block is only learnt from. */
static void deal_blocks(struct table *table, size_t n_repeats, struct flt_random *random)
{
	const struct world *world = table->world;
	size_t n_block = world->n_rows / (N_FOLDS + 1), *order = numbers_up_to(world->n_rows);
	do
		flt_random_shuffle(random, order, world->n_rows);
	while (!may_be_tested(world, order));
	for (size_t f = 0; f < n_repeats * N_FOLDS; f++) {
		size_t first = (f % N_FOLDS + 1) * n_block;
		fold_init(table, f);
		for (size_t i = first; i < first + n_block; i++)
			add_row(table, f, order[i]);
	}
	free(order);
}

static double prior_log_odds(const struct world *world)
{
	return log((double)world->n_positive / (double)(world->n_rows - world->n_positive));
}

/* The scores of one fold's classifier, and what they say if the shift is that of the world. Predicted positive: as many
 * as score above half the shift. */
static void score_fold(struct table *table, size_t c, size_t f, struct flt_random *random)
{
	const double of_training = 0.05; /* deviation of the shift from fold to fold */
	const struct world *world = table->world;
	size_t n = table->n_test[f];
	double shift = table->shift[c][f % N_FOLDS] + of_training * flt_random_normal(random), d = world->shift[c];
	table->score[c][f] = coverage_alloc(n, sizeof(double));
	table->log_odds[c][f] = coverage_alloc(n, sizeof(double));
	table->predicted[c][f] = coverage_alloc(n, 1);
	for (size_t i = 0; i < n; i++) {
		size_t row = table->row[f][i];
		double score = sqrt(1 - world->own - world->noise) * table->seen[row] +
		               sqrt(world->own) * table->own[c][row] + sqrt(world->noise) * flt_random_normal(random) +
		               (table->label[f][i] ? shift : 0);
		table->score[c][f][i] = score;
		table->log_odds[c][f][i] = d * score - d * d / 2 + prior_log_odds(world);
		table->predicted[c][f][i] = score >= d;
	}
}

/* The deviation of the shift that fit rows cause, 4.2 / n_positive, was found with those of the trained networks. By
 * time a fold has learnt from the blocks before it, and stands the lower, the fewer they are. */
static void draw_shifts(struct table *table, struct flt_random *random)
{
	const struct world *world = table->world;
	const double own_part = world->own / 2;
	double common = 0, own[N_CLASSIFIERS] = {0};
	for (size_t k = 0; k < N_FOLDS; k++) {
		double share = world->by_time ? (double)(k + 1) / N_FOLDS : 1,
		       n_blocks = world->by_time ? (double)k + 1 : 1;
		double deviation = 4.2 / ((double)world->n_positive / (double)world->of_group * share);
		bool is_new = world->by_time || k == 0;
		common += is_new ? flt_random_normal(random) : 0;
		for (size_t c = 0; c < N_CLASSIFIERS; c++) {
			own[c] += is_new ? flt_random_normal(random) : 0;
			double of_rows = (sqrt(1 - own_part) * common + sqrt(own_part) * own[c]) / sqrt(n_blocks);
			table->shift[c][k] = world->shift[c] - (1 / share - 1) * 0.1 + deviation * of_rows;
		}
	}
}

static void table_draw(struct table *table, const struct world *world, size_t n_repeats, struct flt_random *random)
{
	*table = (struct table){.world = world, .seen = normal_values(world, random)};
	for (size_t c = 0; c < N_CLASSIFIERS; c++)
		table->own[c] = normal_values(world, random);
	draw_shifts(table, random);
	if (world->by_time)
		deal_blocks(table, n_repeats, random);
	else
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
		free(table->group[f]);
		free(table->label[f]);
		for (size_t c = 0; c < N_CLASSIFIERS; c++) {
			free(table->score[c][f]);
			free(table->log_odds[c][f]);
			free(table->predicted[c][f]);
		}
	}
}

static size_t n_learnt(const struct table *table, size_t f)
{
	const struct world *world = table->world;
	return world->by_time ? (f % N_FOLDS + 1) * table->n_test[f] : world->n_rows - table->n_test[f];
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
		                                     .n_train = n_learnt(table, f),
		                                     .unit = table->group[f],
		                                     .label = table->label[f]};
		for (size_t c = 0; c < N_CLASSIFIERS; c++)
			entries[c * N_ALL_FOLDS + f] = (struct flt_compare_entry){
			        table->score[c][f], table->log_odds[c][f], table->predicted[c][f]};
	}
	coverage_must(flt_compare(folds, entries, &options, &comparison, &err), &err);
	return comparison;
}

static double roc_auc_of(const struct table *table, size_t c, size_t f)
{
	const double *score = table->score[c][f];
	const uint8_t *label = table->label[f];
	double above = 0, n_pairs = 0;
	for (size_t i = 0; i < table->n_test[f]; i++)
		for (size_t k = 0; label[i] && k < table->n_test[f]; k++) {
			n_pairs += !label[k];
			above += !label[k] && score[k] < score[i];
		}
	return above / n_pairs;
}

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
	                                roc_auc_of(table, 0, f),
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

static void find_truth(struct world *world)
{
	double sum[N_TRIED] = {0};
	for (size_t i = 0; i < N_TRUTH / N_FOLDS; i++) {
		struct flt_random random;
		struct table table;
		flt_random_init(&random, 1, "truth", i);
		table_draw(&table, world, 1, &random);
		for (size_t f = 0; f < N_FOLDS; f++)
			add_figures(&table, f, sum);
		table_free(&table);
	}
	for (size_t i = 0; i < N_TRIED; i++)
		world->truth[i] = sum[i] / N_TRUTH;
}

static void find_deviation(struct world *world)
{
	double sum = 0, squares = 0, n = N_DEVIATION;
	for (size_t i = 0; i < N_DEVIATION; i++) {
		struct flt_random random;
		struct table table;
		double gain = 0;
		flt_random_init(&random, 1, "deviation", i);
		table_draw(&table, world, N_REPEATS, &random);
		for (size_t f = 0; f < N_ALL_FOLDS; f++)
			gain += (roc_auc_of(&table, 1, f) - roc_auc_of(&table, 0, f)) / N_ALL_FOLDS;
		sum += gain;
		squares += gain * gain;
		table_free(&table);
	}
	world->deviation = sqrt((squares - sum * sum / n) / (n - 1));
}

/* held: the interval of each figure, then whether each difference was told from 0, then whether whoever knows how much
 * tables vary could tell that in ROC-AUC. */
enum { N_HELD = 2 * N_TRIED + 1 };

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
	double gain = flt_comparison_difference(&comparison, 1, 0, FLT_COMPARE_ROC_AUC).mean;
	held[N_HELD - 1] = fabs(gain) > 1.96 * world->deviation;
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
static void try_figures(struct coverage *coverage, const char *text, struct world *worlds, size_t n_worlds)
{
	size_t by_promise[2 * N_TRIED][N_KINDS], kept[COVERAGE_MAX_PROMISES];
	for (size_t w = 0; w < n_worlds; w++) {
		worlds[w].shift[0] = worlds[w].shift[1] = shift_of(0.84);
		worlds[w].noise = 0.02;
		find_truth(&worlds[w]);
		coverage_count(coverage, draw, &worlds[w], N_HELD, kept);
		for (size_t p = 0; p < 2 * N_TRIED; p++)
			by_promise[p][w] = kept[p];
	}
	print_figures(coverage, text, by_promise, n_worlds);
}

static void try_kinds(struct coverage *coverage, size_t n_positive, size_t n_rows)
{
	struct world worlds[N_KINDS];
	for (size_t kind = 0; kind < N_KINDS; kind++)
		worlds[kind] =
		        (struct world){.n_positive = n_positive, .n_rows = n_rows, .own = owns[kind], .of_group = 1};
	char text[120];
	snprintf(text, sizeof text, "%zu positive rows; two classifiers whose scores correlate .93, .83, .68",
	         n_positive);
	try_figures(coverage, text, worlds, N_KINDS);
}

static void try_linked(struct coverage *coverage)
{
	struct world worlds[] = {{.n_positive = 120, .n_rows = 600, .own = owns[1], .of_group = 4},
	                         {.n_positive = 60, .n_rows = 600, .own = owns[1], .of_group = 1, .by_time = true}};
	try_figures(coverage, "120 positive rows in groups of 4; 60 in blocks of time; scores correlate .83", worlds,
	            2);
}

static void try_gain(struct coverage *coverage, double gain)
{
	size_t told[N_KINDS], at_best[N_KINDS], kept[COVERAGE_MAX_PROMISES];
	for (size_t kind = 0; kind < N_KINDS; kind++) {
		struct world world = {.n_positive = 60, .n_rows = 600, .own = owns[kind], .noise = 0.02, .of_group = 1};
		world.shift[0] = shift_of(0.84);
		world.shift[1] = shift_of(0.84 + gain);
		find_deviation(&world);
		coverage_count(coverage, draw, &world, N_HELD, kept);
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
