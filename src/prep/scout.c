/*
 * Nodes are numbered as in a heap: the root is 1, the children of k are 2k and 2k + 1. A row whose node did not split
 * stays there.
 *
 * A worker fills the histograms of one input at a time, row after row, so sums are added up in one order on any number
 * of threads. Of two siblings only the one with fewer rows is added up; the other is what its parent has more.
 */
#include "prep/scout.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"

enum {
	MAX_NODES = 1 << FLT_SCOUT_MAX_DEPTH, /* that split, and the unused 0 */
	MAX_LEAVES = 2 << FLT_SCOUT_MAX_DEPTH,
	INPUT_BINS = FLT_MAX_BINS + 1 /* with that of missing cells */
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

/* A row whose derivatives are added up at this level. */
struct listed {
	size_t row;
	size_t node;
	struct sums sums;
};

struct booster {
	const struct flt_bins *bins;
	const struct flt_scout_options *options;
	const uint8_t *label;
	const double *weight;  /* (n_rows) or NULL */
	double unit;           /* of weights: their mean */
	double *margin;        /* (n_rows) the log-odds */
	struct sums *sums;     /* (n_rows) derivatives; 0 if the row is not drawn */
	uint8_t *node;         /* (n_rows) */
	struct listed *listed; /* (n_rows) */
	size_t n_listed;
	size_t *drawn; /* (n_inputs) in random order; the first n_drawn take part in the tree */
	size_t n_drawn;
	size_t *first_bin;      /* (n_inputs + 1) where an input's bins begin, with that of missing cells */
	struct sums *histogram; /* (n_drawn, MAX_NODES, INPUT_BINS) the first n_bins are used */
	double *gain_at;        /* (all bins) of splits at a bin */
	struct split *found;    /* (n_inputs, MAX_NODES) */
	struct split chosen[MAX_NODES];
	bool is_smaller[MAX_LEAVES]; /* than its sibling */
	unsigned level;
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

/* A node whose rows one input may split. */
struct candidate {
	const struct booster *booster;
	struct sums all;
	double score; /* without a split */
	struct split best;
};

/* Keeps the split if it is better than the best so far. */
static void offer(struct candidate *candidate, struct sums left, struct split split)
{
	const double least_gain = 1e-6; /* less is rounding, in XGBoost too */
	const struct booster *booster = candidate->booster;
	struct sums right = subtract(candidate->all, left);
	if (left.h < booster->options->min_hessian || right.h < booster->options->min_hessian)
		return;
	split.gain = score(booster, left) + score(booster, right) - candidate->score;
	if (split.gain > least_gain && split.gain > candidate->best.gain)
		candidate->best = split;
}

static void offer_slots(struct candidate *candidate, size_t input, const struct sums *histogram)
{
	for (size_t b = 0; b < candidate->booster->bins->inputs[input].n_bins; b++)
		offer(candidate, subtract(candidate->all, histogram[b]), (struct split){.input = input, .bin = b});
}

/* A bin without rows offers what the one before it did. */
static void offer_thresholds(struct candidate *candidate, size_t input, const struct sums *histogram)
{
	size_t n_bins = candidate->booster->bins->inputs[input].n_bins;
	struct sums missing = histogram[n_bins], left = {.g = 0, .h = 0};
	for (size_t b = 0; b < n_bins; b++) {
		if (!(histogram[b].h > 0))
			continue;
		left = add(left, histogram[b]);
		struct split split = {.input = input, .bin = b};
		if (b + 1 < n_bins)
			offer(candidate, add(left, missing), split);
		split.missing_right = true;
		if (missing.h > 0)
			offer(candidate, left, split);
	}
}

static struct split best_split(const struct booster *booster, size_t input, const struct sums *histogram)
{
	const struct flt_binned *binned = &booster->bins->inputs[input];
	struct candidate candidate = {.booster = booster};
	for (size_t b = 0; b <= binned->n_bins; b++)
		candidate.all = add(candidate.all, histogram[b]);
	candidate.score = score(booster, candidate.all);
	(binned->is_number ? offer_thresholds : offer_slots)(&candidate, input, histogram);
	return candidate.best;
}

static bool has_split(const struct booster *booster, size_t node)
{
	return booster->chosen[node].gain > 0;
}

static bool is_at_work(const struct booster *booster, size_t node)
{
	return node == 1 || has_split(booster, node / 2);
}

/* Adds up the rows of the smaller siblings, and subtracts them from their parents. nodes (MAX_NODES, n_bins). */
static void fill_histograms(const struct booster *booster, size_t input, struct sums *nodes, size_t n_bins)
{
	size_t first = (size_t)1 << booster->level;
	const uint8_t *bin = booster->bins->inputs[input].bin;
	for (size_t node = first; node < 2 * first; node++)
		if (booster->is_smaller[node])
			memset(nodes + node * n_bins, 0, n_bins * sizeof *nodes);
	for (size_t i = 0; i < booster->n_listed; i++) {
		const struct listed *listed = &booster->listed[i];
		struct sums *into = &nodes[listed->node * n_bins + bin[listed->row]];
		*into = add(*into, listed->sums);
	}
	for (size_t node = first; node < 2 * first; node++)
		for (size_t b = 0; b < n_bins && is_at_work(booster, node) && !booster->is_smaller[node]; b++)
			nodes[node * n_bins + b] =
			        subtract(nodes[node / 2 * n_bins + b], nodes[(node ^ 1) * n_bins + b]);
}

static void find_splits(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct booster *booster = context;
	size_t input = booster->drawn[task], first = (size_t)1 << booster->level;
	size_t n_bins = booster->bins->inputs[input].n_bins + 1;
	struct sums *nodes = booster->histogram + task * MAX_NODES * INPUT_BINS;
	fill_histograms(booster, input, nodes, n_bins);
	for (size_t node = first; node < 2 * first; node++)
		booster->found[input * MAX_NODES + node] = is_at_work(booster, node)
		                                                   ? best_split(booster, input, nodes + node * n_bins)
		                                                   : (struct split){0};
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
			booster->gain_at[booster->first_bin[chosen->input] + chosen->bin] += chosen->gain;
	}
}

static bool goes_right(const struct booster *booster, const struct split *split, size_t row)
{
	const struct flt_binned *binned = &booster->bins->inputs[split->input];
	size_t bin = binned->bin[row];
	if (!binned->is_number)
		return bin == split->bin;
	return bin == binned->n_bins ? split->missing_right : bin > split->bin;
}

static void move_rows(struct booster *booster)
{
	size_t first = (size_t)1 << booster->level;
	for (size_t i = 0; i < booster->bins->n_rows; i++) {
		size_t node = booster->node[i];
		if (node >= first && has_split(booster, node))
			booster->node[i] = (uint8_t)(2 * node + goes_right(booster, &booster->chosen[node], i));
	}
}

/* Lists the drawn rows of the smaller of two siblings, or of the root. */
static void list_rows(struct booster *booster)
{
	size_t n[MAX_LEAVES] = {0}, first = (size_t)1 << booster->level;
	for (size_t i = 0; i < booster->bins->n_rows; i++)
		n[booster->node[i]] += booster->sums[i].h > 0;
	for (size_t node = first; node < 2 * first; node++)
		booster->is_smaller[node] = is_at_work(booster, node) &&
		                            (n[node] < n[node ^ 1] || (n[node] == n[node ^ 1] && node % 2 == 0));
	if (first == 1)
		booster->is_smaller[1] = true;
	booster->n_listed = 0;
	for (size_t i = 0; i < booster->bins->n_rows; i++) {
		size_t node = booster->node[i];
		if (node >= first && booster->is_smaller[node] && booster->sums[i].h > 0)
			booster->listed[booster->n_listed++] = (struct listed){i, node, booster->sums[i]};
	}
}

/* Draws the inputs of a tree. */
static void draw_inputs(struct booster *booster, size_t tree)
{
	struct flt_random random;
	flt_random_init(&random, booster->options->seed, "scout columns", tree);
	flt_random_shuffle(&random, booster->drawn, booster->bins->n_inputs);
}

/* Derivatives of the log-loss at the margins, of rows that are drawn. */
static void derive(struct booster *booster, size_t tree)
{
	struct flt_random random;
	flt_random_init(&random, booster->options->seed, "scout rows", tree);
	for (size_t i = 0; i < booster->bins->n_rows; i++) {
		double weight = booster->weight ? booster->weight[i] / booster->unit : 1;
		double odds = exp(-fabs(booster->margin[i])), less = odds / (1 + odds), more = 1 / (1 + odds);
		double p = booster->margin[i] < 0 ? less : more, q = booster->margin[i] < 0 ? more : less;
		if (booster->options->row_share < 1 && flt_random_uniform(&random) >= booster->options->row_share)
			weight = 0;
		booster->sums[i] = (struct sums){weight * (booster->label[i] ? -q : p), weight * p * q};
		booster->node[i] = 1;
	}
}

/* Adds the leaves' values, of all rows. */
static void add_leaves(struct booster *booster)
{
	struct sums leaf[MAX_LEAVES] = {{0}};
	double value[MAX_LEAVES];
	for (size_t i = 0; i < booster->bins->n_rows; i++)
		leaf[booster->node[i]] = add(leaf[booster->node[i]], booster->sums[i]);
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
		list_rows(booster);
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

static size_t count_drawn(double column_share, size_t n_inputs)
{
	double n = column_share * (double)n_inputs;
	return n < 1 ? 1 : (size_t)n;
}

size_t flt_scout_bytes(size_t n_inputs, size_t n_rows)
{
	struct flt_scout_options options;
	flt_scout_options_init(&options, n_inputs);
	size_t of_input =
	        INPUT_BINS * (sizeof(double) + sizeof(struct flt_proposal)) + MAX_NODES * sizeof(struct split);
	size_t of_row = sizeof(double) + sizeof(struct sums) + sizeof(uint8_t) + sizeof(struct listed);
	return n_inputs * of_input + n_rows * of_row +
	       count_drawn(options.column_share, n_inputs) * MAX_NODES * INPUT_BINS * sizeof(struct sums);
}

static enum flt_status booster_init(struct booster *booster, struct flt_error *err)
{
	size_t n_rows = booster->bins->n_rows, n_inputs = booster->bins->n_inputs, n_bins = 0;
	booster->first_bin = flt_alloc(n_inputs + 1, sizeof *booster->first_bin, err);
	FLT_TRY_MEMORY(booster->first_bin);
	for (size_t i = 0; i < n_inputs; i++) {
		booster->first_bin[i] = n_bins;
		n_bins += booster->bins->inputs[i].n_bins + 1;
	}
	booster->first_bin[n_inputs] = n_bins;
	booster->margin = flt_alloc(n_rows, sizeof *booster->margin, err);
	FLT_TRY_MEMORY(booster->margin);
	booster->sums = flt_alloc(n_rows, sizeof *booster->sums, err);
	FLT_TRY_MEMORY(booster->sums);
	booster->node = flt_alloc(n_rows, sizeof *booster->node, err);
	FLT_TRY_MEMORY(booster->node);
	booster->listed = flt_alloc(n_rows, sizeof *booster->listed, err);
	FLT_TRY_MEMORY(booster->listed);
	booster->drawn = flt_alloc(n_inputs, sizeof *booster->drawn, err);
	FLT_TRY_MEMORY(booster->drawn);
	booster->n_drawn = count_drawn(booster->options->column_share, n_inputs);
	booster->histogram = flt_alloc(booster->n_drawn, MAX_NODES * INPUT_BINS * sizeof *booster->histogram, err);
	FLT_TRY_MEMORY(booster->histogram);
	booster->gain_at = flt_alloc_zero(n_bins, sizeof *booster->gain_at, err);
	FLT_TRY_MEMORY(booster->gain_at);
	booster->found = flt_alloc(n_inputs, MAX_NODES * sizeof *booster->found, err);
	FLT_TRY_MEMORY(booster->found);
	return FLT_OK;
}

static void booster_release(struct booster *booster)
{
	flt_free(booster->first_bin);
	flt_free(booster->margin);
	flt_free(booster->sums);
	flt_free(booster->node);
	flt_free(booster->listed);
	flt_free(booster->drawn);
	flt_free(booster->histogram);
	flt_free(booster->gain_at);
	flt_free(booster->found);
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

/* Of the gains of an input, those at thresholds become proposals: not those that part missing cells from all others. */
static void propose(const struct booster *booster, size_t input, struct flt_scout *scout)
{
	const struct flt_binned *binned = &booster->bins->inputs[input];
	for (size_t b = 0; b < binned->n_bins; b++) {
		double gain = booster->gain_at[booster->first_bin[input] + b];
		scout->gain[binned->column] += gain;
		if (gain > 0 && binned->is_number && b + 1 < binned->n_bins)
			scout->proposals[scout->n_proposals++] =
			        (struct flt_proposal){binned->column, binned->above[b], gain};
	}
}

static enum flt_status conclude(const struct booster *booster, struct flt_scout *scout, struct flt_error *err)
{
	size_t n_bins = booster->first_bin[booster->bins->n_inputs];
	scout->proposals = flt_alloc(n_bins, sizeof *scout->proposals, err);
	FLT_TRY_MEMORY(scout->proposals);
	for (size_t i = 0; i < booster->bins->n_inputs; i++)
		propose(booster, i, scout);
	qsort(scout->proposals, scout->n_proposals, sizeof *scout->proposals, compare_proposals);
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
	FLT_TRY_OUT(booster_init(&booster, err));
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
