#include "compare_tables.h"

#include <math.h>
#include <stdlib.h>

#include "coverage.h"

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

void coverage_table_draw(struct table *table, const struct world *world, size_t n_repeats, struct flt_random *random)
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

void coverage_table_free(struct table *table)
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

struct flt_comparison coverage_table_compare(const struct table *table, uint64_t seed)
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

double coverage_roc_auc_of(const struct table *table, size_t c, size_t f)
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
