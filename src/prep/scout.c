/*
 * Nodes are numbered as in a heap: the root is 1, the children of k are 2k and 2k + 1. A row whose node did not split
 * stays there, below the numbers of the level at work, and its sums go where nothing looks.
 *
 * A worker fills the histograms of one input at a time, row after row, so sums are added up in one order on any number
 * of threads. Rows that were not drawn have gradients of 0.
 */
#include "prep/scout.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"

enum {
	N_BINS = FLT_MAX_BINS + 1,
	MAX_NODES = 1 << FLT_SCOUT_MAX_DEPTH, /* that split, and the unused 0 */
	MAX_LEAVES = 2 << FLT_SCOUT_MAX_DEPTH
};

struct sums {
	double g, h; /* of first and second derivatives */
};

struct split {
	double gain; /* 0: none */
	size_t input;
	size_t bin; /* numbers: the last on the left; categories: the one on the right */
	bool missing_right;
};

struct booster {
	const struct flt_bins *bins;
	const struct flt_scout_options *options;
	const uint8_t *label;
	const double *weight;   /* (n_rows) or NULL */
	double unit;            /* of weights: their mean */
	double *margin;         /* (n_rows) the log-odds */
	struct sums *row;       /* (n_rows) derivatives */
	uint8_t *node;          /* (n_rows) */
	size_t *drawn;          /* (n_inputs) in random order; the first n_drawn take part in the tree */
	size_t n_drawn;         /* inputs */
	struct sums *histogram; /* (n_workers, MAX_NODES, N_BINS) */
	struct split *found;    /* (n_inputs, MAX_NODES) */
	struct split chosen[MAX_NODES];
	unsigned level;
	double *gain_at; /* (n_inputs, N_BINS) */
};

void flt_scout_options_init(struct flt_scout_options *options, size_t n_inputs)
{
	enum { MANY_INPUTS = 30 };
	*options = (struct flt_scout_options){.n_trees = 100,
	                                      .depth = FLT_SCOUT_MAX_DEPTH,
	                                      .rate = 0.1,
	                                      .row_share = 0.8,
	                                      .column_share = n_inputs > MANY_INPUTS ? 0.5 : 1,
	                                      .lambda = 1,
	                                      .min_hessian = 1};
}

/* ---- splits of one input ---- */

static double score(const struct booster *booster, struct sums sums)
{
	return sums.g * sums.g / (sums.h + booster->options->lambda);
}

static struct sums add(struct sums a, struct sums b)
{
	return (struct sums){a.g + b.g, a.h + b.h};
}

static struct sums subtract(struct sums a, struct sums b)
{
	return (struct sums){a.g - b.g, a.h - b.h};
}

/* Keeps the split if it is better than the best so far. */
static void offer(const struct booster *booster, struct sums all, struct sums left, struct split split,
                  struct split *best)
{
	const double least_gain = 1e-6; /* less is rounding, in XGBoost too */
	struct sums right = subtract(all, left);
	if (left.h < booster->options->min_hessian || right.h < booster->options->min_hessian)
		return;
	split.gain = score(booster, left) + score(booster, right) - score(booster, all);
	if (split.gain > least_gain && split.gain > best->gain)
		*best = split;
}

static struct sums total(const struct sums *histogram, size_t n_bins)
{
	struct sums all = histogram[FLT_BIN_MISSING];
	for (size_t b = 0; b < n_bins; b++)
		all = add(all, histogram[b]);
	return all;
}

static struct split best_split(const struct booster *booster, size_t input, const struct sums *histogram)
{
	const struct flt_binned *binned = &booster->bins->inputs[input];
	struct sums missing = histogram[FLT_BIN_MISSING], all = total(histogram, binned->n_bins), left = {0};
	struct split best = {0};
	for (size_t b = 0; b < binned->n_bins; b++) {
		struct split split = {.input = input, .bin = b};
		if (!binned->is_number) {
			offer(booster, all, subtract(all, histogram[b]), split, &best);
			continue;
		}
		left = add(left, histogram[b]);
		if (b + 1 < binned->n_bins)
			offer(booster, all, add(left, missing), split, &best);
		split.missing_right = true;
		if (missing.h > 0)
			offer(booster, all, left, split, &best);
	}
	return best;
}

static void find_splits(void *context, size_t task, size_t worker)
{
	struct booster *booster = context;
	size_t input = booster->drawn[task], n_rows = booster->bins->n_rows, first = (size_t)1 << booster->level;
	const struct flt_binned *binned = &booster->bins->inputs[input];
	struct sums *histogram = booster->histogram + worker * MAX_NODES * N_BINS;
	for (size_t node = first; node < 2 * first; node++) {
		memset(histogram + node * N_BINS, 0, binned->n_bins * sizeof *histogram);
		histogram[node * N_BINS + FLT_BIN_MISSING] = (struct sums){0};
	}
	for (size_t i = 0; i < n_rows; i++) {
		struct sums *into = &histogram[booster->node[i] * N_BINS + binned->bin[i]];
		into->g += booster->row[i].g;
		into->h += booster->row[i].h;
	}
	for (size_t node = first; node < 2 * first; node++)
		booster->found[input * MAX_NODES + node] = best_split(booster, input, histogram + node * N_BINS);
}

/* ---- trees ---- */

/* Of the inputs' best splits the best, the first of equals in the order of the columns. Counts its gain. */
static void choose_splits(struct booster *booster)
{
	size_t first = (size_t)1 << booster->level;
	for (size_t node = first; node < 2 * first; node++) {
		struct split *chosen = &booster->chosen[node];
		*chosen = (struct split){0};
		for (size_t i = 0; i < booster->n_drawn; i++) {
			const struct split *split = &booster->found[booster->drawn[i] * MAX_NODES + node];
			bool is_first = !(split->gain < chosen->gain) && split->input < chosen->input;
			if (split->gain > chosen->gain || (split->gain > 0 && is_first))
				*chosen = *split;
		}
		if (chosen->gain > 0)
			booster->gain_at[chosen->input * N_BINS + chosen->bin] += chosen->gain;
	}
}

static bool goes_right(const struct booster *booster, const struct split *split, size_t row)
{
	const struct flt_binned *binned = &booster->bins->inputs[split->input];
	size_t bin = binned->bin[row];
	if (!binned->is_number)
		return bin == split->bin;
	return bin == FLT_BIN_MISSING ? split->missing_right : bin > split->bin;
}

static void move_rows(struct booster *booster)
{
	size_t first = (size_t)1 << booster->level;
	for (size_t i = 0; i < booster->bins->n_rows; i++) {
		size_t node = booster->node[i];
		if (node >= first && booster->chosen[node].gain > 0)
			booster->node[i] = (uint8_t)(2 * node + goes_right(booster, &booster->chosen[node], i));
	}
}

/* Draws the inputs of a tree. */
static void draw_inputs(struct booster *booster, size_t tree)
{
	struct flt_random random;
	double n = booster->options->column_share * (double)booster->bins->n_inputs;
	flt_random_init(&random, booster->options->seed, "scout columns", tree);
	flt_random_shuffle(&random, booster->drawn, booster->bins->n_inputs);
	booster->n_drawn = n < 1 ? 1 : (size_t)n;
}

/* Derivatives of the log-loss at the margins, of rows that are drawn. */
static void derive(struct booster *booster, size_t tree)
{
	struct flt_random random;
	flt_random_init(&random, booster->options->seed, "scout rows", tree);
	for (size_t i = 0; i < booster->bins->n_rows; i++) {
		double weight = booster->weight ? booster->weight[i] / booster->unit : 1;
		double p = 1 / (1 + exp(-booster->margin[i])), q = 1 / (1 + exp(booster->margin[i]));
		if (booster->options->row_share < 1 && flt_random_uniform(&random) >= booster->options->row_share)
			weight = 0;
		booster->row[i] = (struct sums){weight * (booster->label[i] ? -q : p), weight * p * q};
		booster->node[i] = 1;
	}
}

/* Adds the leaves' values, of all rows. */
static void add_leaves(struct booster *booster)
{
	struct sums leaf[MAX_LEAVES] = {{0}};
	double value[MAX_LEAVES];
	for (size_t i = 0; i < booster->bins->n_rows; i++)
		leaf[booster->node[i]] = add(leaf[booster->node[i]], booster->row[i]);
	for (size_t k = 0; k < MAX_LEAVES; k++)
		value[k] = -booster->options->rate * leaf[k].g / (leaf[k].h + booster->options->lambda);
	for (size_t i = 0; i < booster->bins->n_rows; i++)
		booster->margin[i] += value[booster->node[i]];
}

static void grow_tree(struct booster *booster, size_t tree, struct flt_pool *pool)
{
	derive(booster, tree);
	draw_inputs(booster, tree);
	for (booster->level = 0; booster->level < booster->options->depth; booster->level++) {
		flt_pool_run(pool, booster->n_drawn, find_splits, booster);
		choose_splits(booster);
		move_rows(booster);
	}
	add_leaves(booster);
}

/* ---- the whole ---- */

/* Starts from the share of positive rows. False if all are of one class. */
static bool start(struct booster *booster)
{
	double sum[2] = {0};
	for (size_t i = 0; i < booster->bins->n_rows; i++)
		sum[booster->label[i]] += booster->weight ? booster->weight[i] : 1;
	booster->unit = (sum[0] + sum[1]) / (double)booster->bins->n_rows;
	for (size_t i = 0; i < booster->bins->n_rows; i++)
		booster->margin[i] = log(sum[1]) - log(sum[0]);
	for (size_t i = 0; i < booster->bins->n_inputs; i++)
		booster->drawn[i] = i;
	return sum[0] > 0 && sum[1] > 0 && booster->bins->n_inputs > 0;
}

static enum flt_status booster_init(struct booster *booster, size_t n_workers, struct flt_error *err)
{
	size_t n_rows = booster->bins->n_rows, n_inputs = booster->bins->n_inputs;
	booster->margin = flt_alloc(n_rows, sizeof *booster->margin, err);
	FLT_TRY_MEMORY(booster->margin);
	booster->row = flt_alloc(n_rows, sizeof *booster->row, err);
	FLT_TRY_MEMORY(booster->row);
	booster->node = flt_alloc(n_rows, sizeof *booster->node, err);
	FLT_TRY_MEMORY(booster->node);
	booster->drawn = flt_alloc(n_inputs, sizeof *booster->drawn, err);
	FLT_TRY_MEMORY(booster->drawn);
	booster->histogram = flt_alloc_zero(n_workers, MAX_NODES * N_BINS * sizeof *booster->histogram, err);
	FLT_TRY_MEMORY(booster->histogram);
	booster->found = flt_alloc_zero(n_inputs, MAX_NODES * sizeof *booster->found, err);
	FLT_TRY_MEMORY(booster->found);
	booster->gain_at = flt_alloc_zero(n_inputs, N_BINS * sizeof *booster->gain_at, err);
	FLT_TRY_MEMORY(booster->gain_at);
	return FLT_OK;
}

static void booster_release(struct booster *booster)
{
	flt_free(booster->margin);
	flt_free(booster->row);
	flt_free(booster->node);
	flt_free(booster->drawn);
	flt_free(booster->histogram);
	flt_free(booster->found);
	flt_free(booster->gain_at);
}

static int compare_proposals(const void *a, const void *b)
{
	const struct flt_proposal *x = a, *y = b;
	if (x->gain < y->gain || x->gain > y->gain)
		return x->gain > y->gain ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (x->threshold > y->threshold) - (x->threshold < y->threshold);
}

/* Has no gain of its own where no split was: the last bin of a number is parted from missing cells alone. */
static bool is_threshold(const struct booster *booster, size_t input, size_t bin)
{
	const struct flt_binned *binned = &booster->bins->inputs[input];
	return binned->is_number && bin + 1 < binned->n_bins && booster->gain_at[input * N_BINS + bin] > 0;
}

static enum flt_status conclude(const struct booster *booster, struct flt_scout *scout, struct flt_error *err)
{
	size_t n = 0, n_inputs = booster->bins->n_inputs;
	for (size_t i = 0; i < n_inputs * N_BINS; i++)
		n += is_threshold(booster, i / N_BINS, i % N_BINS);
	scout->proposals = flt_alloc(n, sizeof *scout->proposals, err);
	FLT_TRY_MEMORY(scout->proposals);
	for (size_t i = 0; i < n_inputs * N_BINS; i++) {
		const struct flt_binned *binned = &booster->bins->inputs[i / N_BINS];
		scout->gain[binned->column] += booster->gain_at[i];
		if (is_threshold(booster, i / N_BINS, i % N_BINS))
			scout->proposals[scout->n_proposals++] =
			        (struct flt_proposal){binned->column, binned->above[i % N_BINS], booster->gain_at[i]};
	}
	qsort(scout->proposals, n, sizeof *scout->proposals, compare_proposals);
	return FLT_OK;
}

enum flt_status flt_scout_run(const struct flt_bins *bins, size_t n_columns, const uint8_t *label, const double *weight,
                              const struct flt_scout_options *options, struct flt_pool *pool, struct flt_scout *scout,
                              struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct booster booster = {.bins = bins, .options = options, .label = label, .weight = weight};
	assert(bins->n_rows >= 1 && options->depth >= 1 && options->depth <= FLT_SCOUT_MAX_DEPTH);
	*scout = (struct flt_scout){.n_columns = n_columns};
	scout->gain = flt_alloc_zero(n_columns, sizeof *scout->gain, err);
	FLT_TRY_MEMORY(scout->gain);
	FLT_TRY_OUT(booster_init(&booster, flt_pool_n_threads(pool), err));
	if (start(&booster))
		for (size_t tree = 0; tree < options->n_trees; tree++)
			grow_tree(&booster, tree, pool);
	status = conclude(&booster, scout, err);
out:
	booster_release(&booster);
	if (status != FLT_OK)
		flt_scout_release(scout);
	return status;
}

void flt_scout_release(struct flt_scout *scout)
{
	flt_free(scout->gain);
	flt_free(scout->proposals);
	*scout = (struct flt_scout){0};
}
