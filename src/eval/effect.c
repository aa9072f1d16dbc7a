#include "eval/effect.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/band.h"

struct finding {
	const struct flt_effect *effect;
	double *mean, *weight; /* (n_points) of the step to each point */
	double *unseen[2];     /* (n_points) how far a step may lie lower, or higher */
	double *bessel;        /* (n_steps) by what a residual grows, since its unit moved the mean */
	double *behind;        /* (n_points) the share of all rows that this step leads to */
	double *height;        /* (n_points) above the first point */
	bool *is_on_way;       /* (n_points) to the point at hand */
	double *centre, *unit; /* (n_units) what rows say of the curve's centre, and of the point at hand */
	double average;        /* prediction of all rows */
	size_t n_units;
};

static enum flt_status finding_init(struct finding *finding, struct flt_error *err)
{
	const struct flt_effect *effect = finding->effect;
	size_t n = effect->n_points;
	finding->n_units = effect->rows->cluster ? effect->rows->n_clusters : effect->rows->n;
	finding->mean = flt_alloc_zero(n, sizeof *finding->mean, err);
	finding->weight = flt_alloc_zero(n, sizeof *finding->weight, err);
	finding->unseen[0] = flt_alloc_zero(n, sizeof *finding->unseen[0], err);
	finding->unseen[1] = flt_alloc_zero(n, sizeof *finding->unseen[1], err);
	finding->bessel = flt_alloc(effect->n_steps, sizeof *finding->bessel, err);
	finding->behind = flt_alloc_zero(n, sizeof *finding->behind, err);
	finding->height = flt_alloc_zero(n, sizeof *finding->height, err);
	finding->is_on_way = flt_alloc(n, sizeof *finding->is_on_way, err);
	finding->centre = flt_alloc_zero(finding->n_units, sizeof *finding->centre, err);
	finding->unit = flt_alloc(finding->n_units, sizeof *finding->unit, err);
	FLT_TRY_MEMORY(finding->mean && finding->weight && finding->unseen[0] && finding->unseen[1] &&
	               finding->bessel && finding->behind && finding->height && finding->is_on_way && finding->centre &&
	               finding->unit);
	return FLT_OK;
}

static void finding_release(struct finding *finding)
{
	flt_free(finding->mean);
	flt_free(finding->weight);
	flt_free(finding->unseen[0]);
	flt_free(finding->unseen[1]);
	flt_free(finding->bessel);
	flt_free(finding->behind);
	flt_free(finding->height);
	flt_free(finding->is_on_way);
	flt_free(finding->centre);
	flt_free(finding->unit);
}

static size_t unit_of(const struct finding *finding, size_t row)
{
	const struct flt_scored *rows = finding->effect->rows;
	return rows->cluster ? rows->cluster[row] : row;
}

static void average_steps(struct finding *finding)
{
	const struct flt_effect *effect = finding->effect;
	for (size_t s = 0; s < effect->n_steps; s++) {
		const struct flt_effect_step *step = &effect->steps[s];
		double weight = flt_row_weight(effect->rows, step->row);
		finding->mean[step->point] += weight * step->difference;
		finding->weight[step->point] += weight;
	}
	for (size_t p = 1; p < effect->n_points; p++) {
		finding->mean[p] = finding->weight[p] > 0 ? finding->mean[p] / finding->weight[p] : 0;
		finding->height[p] = finding->height[effect->before[p]] + finding->mean[p];
	}
}

/* The height of the curve where a row lies. */
static double height_of(const struct finding *finding, const struct flt_effect_place *place)
{
	return place->share * finding->height[place->point] +
	       (1 - place->share) * finding->height[finding->effect->before[place->point]];
}

/* The curve's centre is the mean prediction less the mean height of the rows: a row moves it as far as its prediction
 * lies from what its place alone says. */
static void find_centre(struct finding *finding)
{
	const struct flt_effect *effect = finding->effect;
	double all = 0, placed = 0, sum = 0, heights = 0;
	for (size_t i = 0; i < effect->rows->n; i++) {
		double weight = flt_row_weight(effect->rows, i);
		const struct flt_effect_place *place = &effect->place[i];
		all += weight;
		sum += weight * effect->probability[i];
		if (place->point == SIZE_MAX)
			continue;
		placed += weight;
		heights += weight * height_of(finding, place);
		finding->behind[place->point] += weight * place->share;
		finding->behind[effect->before[place->point]] += weight * (1 - place->share);
	}
	finding->average = sum / all;
	for (size_t i = 0; i < effect->rows->n; i++) {
		double weight = flt_row_weight(effect->rows, i);
		double moves = weight / all * (effect->probability[i] - finding->average);
		if (effect->place[i].point != SIZE_MAX)
			moves -= weight / placed * (height_of(finding, &effect->place[i]) - heights / placed);
		finding->centre[unit_of(finding, i)] += moves;
	}
	for (size_t p = 0; p < effect->n_points; p++)
		finding->behind[p] = placed > 0 ? finding->behind[p] / placed : 0;
	for (size_t p = effect->n_points; p-- > 1;)
		finding->behind[effect->before[p]] += finding->behind[p];
}

/* With equal weights, the root of n / (n - 1) of a step's n units. */
static void find_bessel(struct finding *finding)
{
	const struct flt_effect *effect = finding->effect;
	for (size_t p = 1; p < effect->n_points; p++) {
		for (size_t u = 0; u < finding->n_units; u++)
			finding->unit[u] = 0;
		for (size_t s = 0; s < effect->n_steps; s++)
			if (effect->steps[s].point == p)
				finding->unit[unit_of(finding, effect->steps[s].row)] +=
				        flt_row_weight(effect->rows, effect->steps[s].row) / finding->weight[p];
		for (size_t s = 0; s < effect->n_steps; s++) {
			double share = finding->unit[unit_of(finding, effect->steps[s].row)];
			if (effect->steps[s].point == p)
				finding->bessel[s] = share < 1 - 1e-9 ? 1 / sqrt(1 - share) : 1;
		}
	}
}

/* Rows of one step: weights as shares of their sum, and how far differences lie from their mean. */
struct range {
	double heaviest, usual, far[2];
};

/* Where rows weigh differently, a heavy one may have been missed: half of what the heaviest weighs beyond the usual one
 * counts as unseen, and as different as any that was seen (eval/drawn.h). */
static enum flt_status find_unseen(struct finding *finding, struct flt_error *err)
{
	const struct flt_effect *effect = finding->effect;
	struct range *ranges = flt_alloc_zero(effect->n_points, sizeof *ranges, err);
	FLT_TRY_MEMORY(ranges);
	for (size_t s = 0; s < effect->n_steps; s++) {
		const struct flt_effect_step *step = &effect->steps[s];
		struct range *range = &ranges[step->point];
		double weight = flt_row_weight(effect->rows, step->row) / finding->weight[step->point];
		double above = step->difference - finding->mean[step->point];
		range->heaviest = fmax(range->heaviest, weight);
		range->usual += weight * weight;
		range->far[0] = fmax(range->far[0], -above);
		range->far[1] = fmax(range->far[1], above);
	}
	for (size_t p = 0; p < effect->n_points; p++) {
		double unseen = fmax(ranges[p].heaviest - ranges[p].usual, 0) / 2;
		for (int side = 0; side < 2; side++)
			finding->unseen[side][p] = unseen / (1 + unseen) * ranges[p].far[side];
	}
	flt_free(ranges);
	return FLT_OK;
}

static void find_way(struct finding *finding, size_t point)
{
	for (size_t p = 0; p < finding->effect->n_points; p++)
		finding->is_on_way[p] = false;
	for (; point > 0; point = finding->effect->before[point])
		finding->is_on_way[point] = true;
}

/* How often the step to a point counts in the curve at the point at hand. */
static double part_of(const struct finding *finding, size_t point)
{
	return (finding->is_on_way[point] ? 1 : 0) - finding->behind[point];
}

/* How far the band reaches to either side. */
static double reach_at_hand(struct finding *finding)
{
	const struct flt_effect *effect = finding->effect;
	for (size_t u = 0; u < finding->n_units; u++)
		finding->unit[u] = finding->centre[u];
	for (size_t s = 0; s < effect->n_steps; s++) {
		const struct flt_effect_step *step = &effect->steps[s];
		double weight = flt_row_weight(effect->rows, step->row) / finding->weight[step->point];
		finding->unit[unit_of(finding, step->row)] += part_of(finding, step->point) * weight *
		                                              finding->bessel[s] *
		                                              (step->difference - finding->mean[step->point]);
	}
	return flt_band_reach(finding->unit, finding->n_units);
}

/* How far the curve at hand may lie lower or higher for what is unseen in one of the steps. */
static double unseen_at_hand(const struct finding *finding, int side)
{
	double most = 0;
	for (size_t p = 1; p < finding->effect->n_points; p++) {
		double part = part_of(finding, p);
		most = fmax(most, fabs(part) * finding->unseen[part > 0 ? side : 1 - side][p]);
	}
	return most;
}

static double within_shares(double value)
{
	return fmin(fmax(value, 0), 1);
}

enum flt_status flt_effect_find(const struct flt_effect *effect, struct flt_interval *curve, struct flt_error *err)
{
	struct finding finding = {.effect = effect};
	enum flt_status status;
	FLT_TRY_OUT(finding_init(&finding, err));
	average_steps(&finding);
	find_bessel(&finding);
	FLT_TRY_OUT(find_unseen(&finding, err));
	find_centre(&finding);
	for (size_t p = 0; p < effect->n_points; p++) {
		double value = finding.average;
		find_way(&finding, p);
		for (size_t q = 1; q < effect->n_points; q++)
			value += part_of(&finding, q) * finding.mean[q];
		double half = reach_at_hand(&finding);
		curve[p] = (struct flt_interval){within_shares(value),
		                                 within_shares(value - half - unseen_at_hand(&finding, 0)),
		                                 within_shares(value + half + unseen_at_hand(&finding, 1))};
	}
out:
	finding_release(&finding);
	return status;
}
