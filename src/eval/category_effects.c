#include "eval/category_effects.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/band.h"

struct finding {
	const struct flt_category_effects *effects;
	double *weight; /* (n_levels) */
	double *mean;   /* (n_levels, n_levels) what the rows of the first say with the level of the second */
	double *unit;   /* (n_units) how far each moves the effect at hand */
	double *held;   /* (n_units) its share of the rows of the level at hand */
	size_t n_units;
	double all, shown; /* weights */
	double average;    /* prediction of all rows */
};

static enum flt_status finding_init(struct finding *finding, struct flt_error *err)
{
	size_t n = finding->effects->n_levels;
	const struct flt_scored *rows = finding->effects->rows;
	finding->n_units = rows->cluster ? rows->n_clusters : rows->n;
	finding->weight = flt_alloc_zero(n, sizeof *finding->weight, err);
	finding->mean = flt_alloc_zero(n * n, sizeof *finding->mean, err);
	finding->unit = flt_alloc(finding->n_units, sizeof *finding->unit, err);
	finding->held = flt_alloc(finding->n_units, sizeof *finding->held, err);
	FLT_TRY_MEMORY(finding->weight && finding->mean && finding->unit && finding->held);
	return FLT_OK;
}

static void finding_release(struct finding *finding)
{
	flt_free(finding->weight);
	flt_free(finding->mean);
	flt_free(finding->unit);
	flt_free(finding->held);
}

static double moved(const struct finding *finding, size_t level, size_t row)
{
	return finding->effects->moved[level * finding->effects->rows->n + row];
}

static double mean_of(const struct finding *finding, size_t rows_of, size_t level)
{
	return finding->mean[rows_of * finding->effects->n_levels + level];
}

static void find_means(struct finding *finding)
{
	const struct flt_category_effects *effects = finding->effects;
	size_t n = effects->n_levels;
	for (size_t i = 0; i < effects->rows->n; i++) {
		double weight = flt_row_weight(effects->rows, i);
		size_t own = effects->level[i];
		finding->all += weight;
		finding->average += weight * effects->probability[i];
		if (own == SIZE_MAX)
			continue;
		finding->shown += weight;
		finding->weight[own] += weight;
		for (size_t l = 0; l < n; l++)
			finding->mean[own * n + l] += weight * moved(finding, l, i);
	}
	finding->average /= finding->all;
	for (size_t l = 0; l < n * n; l++)
		finding->mean[l] /= finding->weight[l / n];
}

/* What the rows of a level say on average of the level that a row has, if it is drawn by the levels' shares. */
static double mean_of_any(const struct finding *finding, size_t rows_of)
{
	double sum = 0;
	for (size_t m = 0; m < finding->effects->n_levels; m++)
		sum += finding->weight[m] / finding->shown * mean_of(finding, rows_of, m);
	return sum;
}

/* The two halves of an effect: what all rows gain from their own level to this one, and what its rows have gained from
 * any other. */
struct halves {
	double given, held, any;
};

static struct halves halves_of(const struct finding *finding, size_t level)
{
	struct halves halves = {.any = mean_of_any(finding, level)};
	for (size_t m = 0; m < finding->effects->n_levels; m++)
		halves.given +=
		        finding->weight[m] / finding->shown * (mean_of(finding, m, level) - mean_of(finding, m, m));
	halves.held = mean_of(finding, level, level) - halves.any;
	return halves;
}

static size_t unit_of(const struct finding *finding, size_t row)
{
	const struct flt_scored *rows = finding->effects->rows;
	return rows->cluster ? rows->cluster[row] : row;
}

/* What a row would gain from its own level to this one. */
static double gain_of(const struct finding *finding, size_t row, size_t level)
{
	return moved(finding, level, row) - moved(finding, finding->effects->level[row], row);
}

/* What a row has gained from any level to its own. */
static double held_by(const struct finding *finding, size_t row)
{
	double any = 0;
	for (size_t m = 0; m < finding->effects->n_levels; m++)
		any += finding->weight[m] / finding->shown * moved(finding, m, row);
	return moved(finding, finding->effects->level[row], row) - any;
}

/* The shares of the units in the rows of a level. */
static void find_held(struct finding *finding, size_t level)
{
	const struct flt_category_effects *effects = finding->effects;
	for (size_t u = 0; u < finding->n_units; u++)
		finding->held[u] = 0;
	for (size_t i = 0; i < effects->rows->n; i++)
		if (effects->level[i] == level)
			finding->held[unit_of(finding, i)] += flt_row_weight(effects->rows, i) / finding->weight[level];
}

/* How far a row moves the effect of a level, as it is drawn more often or not at all: by its share of the mean
 * prediction, of both halves, and of the levels' shares. */
static double influence_of(const struct finding *finding, size_t row, size_t level, const struct halves *halves)
{
	const struct flt_category_effects *effects = finding->effects;
	double weight = flt_row_weight(effects->rows, row), share = weight / finding->shown;
	double moves = weight / finding->all * (effects->probability[row] - finding->average);
	size_t own = effects->level[row];
	if (own == SIZE_MAX)
		return moves;
	moves += share / 2 * (gain_of(finding, row, level) - halves->given);
	moves -= share / 2 * (mean_of(finding, level, own) - halves->any);
	if (own != level)
		return moves;
	double held = finding->held[unit_of(finding, row)];
	double bessel = held < 1 - 1e-9 ? 1 / sqrt(1 - held) : 1; /* of n equal units, the root of n / (n - 1) */
	return moves + weight / finding->weight[level] / 2 * bessel * (held_by(finding, row) - halves->held);
}

static double reach_of(struct finding *finding, size_t level, const struct halves *halves)
{
	find_held(finding, level);
	for (size_t u = 0; u < finding->n_units; u++)
		finding->unit[u] = 0;
	for (size_t i = 0; i < finding->effects->rows->n; i++)
		finding->unit[unit_of(finding, i)] += influence_of(finding, i, level, halves);
	return flt_band_reach(finding->unit, finding->n_units);
}

/* Rows of one half: weights as shares of their sum, and how far they lie below and above their mean. */
struct range {
	double heaviest, usual, far[2];
};

static void widen(struct range *range, double weight, double above)
{
	range->heaviest = fmax(range->heaviest, weight);
	range->usual += weight * weight;
	range->far[0] = fmax(range->far[0], -above);
	range->far[1] = fmax(range->far[1], above);
}

static double unseen_of(const struct range *range, int side)
{
	double unseen = fmax(range->heaviest - range->usual, 0) / 2;
	return unseen / (1 + unseen) * range->far[side];
}

/* Where rows weigh differently, a heavy one may have been missed, as in eval/effect.c. */
static void find_unseen(const struct finding *finding, size_t level, const struct halves *halves, double unseen[2])
{
	const struct flt_category_effects *effects = finding->effects;
	struct range given = {0}, held = {0};
	for (size_t i = 0; i < effects->rows->n; i++) {
		double weight = flt_row_weight(effects->rows, i);
		if (effects->level[i] == SIZE_MAX)
			continue;
		widen(&given, weight / finding->shown, gain_of(finding, i, level) - halves->given);
		if (effects->level[i] == level)
			widen(&held, weight / finding->weight[level], held_by(finding, i) - halves->held);
	}
	for (int side = 0; side < 2; side++)
		unseen[side] = fmax(unseen_of(&given, side), unseen_of(&held, side)) / 2;
}

static double within_shares(double value)
{
	return fmin(fmax(value, 0), 1);
}

enum flt_status flt_category_effects_find(const struct flt_category_effects *effects, struct flt_interval *value,
                                          struct flt_error *err)
{
	struct finding finding = {.effects = effects};
	enum flt_status status;
	FLT_TRY_OUT(finding_init(&finding, err));
	find_means(&finding);
	for (size_t l = 0; l < effects->n_levels; l++) {
		const struct halves halves = halves_of(&finding, l);
		double middle = finding.average + (halves.given + halves.held) / 2;
		double reach = reach_of(&finding, l, &halves), unseen[2];
		find_unseen(&finding, l, &halves, unseen);
		value[l] = (struct flt_interval){within_shares(middle), within_shares(middle - reach - unseen[0]),
		                                 within_shares(middle + reach + unseen[1])};
	}
out:
	finding_release(&finding);
	return status;
}
