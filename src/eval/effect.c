#include "eval/effect.h"

#include <math.h>

#include "base/alloc.h"

static const double NORMAL_975 = 1.959963984540054; /* the 97.5th percentile of the standard normal */

struct finding {
	const struct flt_effect *effect;
	double *mean, *weight, *count; /* (n_points) of the step to each point */
	double *behind;                /* (n_points) the share of all rows that this step leads to */
	bool *is_on_way;               /* (n_points) to the point at hand */
	double *unit;                  /* (n_units) */
	size_t n_units;
};

static enum flt_status finding_init(struct finding *finding, struct flt_error *err)
{
	const struct flt_effect *effect = finding->effect;
	size_t n = effect->n_points;
	finding->n_units = effect->rows->cluster ? effect->rows->n_clusters : effect->rows->n;
	finding->mean = flt_alloc_zero(n, sizeof *finding->mean, err);
	finding->weight = flt_alloc_zero(n, sizeof *finding->weight, err);
	finding->count = flt_alloc_zero(n, sizeof *finding->count, err);
	finding->behind = flt_alloc_zero(n, sizeof *finding->behind, err);
	finding->is_on_way = flt_alloc(n, sizeof *finding->is_on_way, err);
	finding->unit = flt_alloc(finding->n_units, sizeof *finding->unit, err);
	FLT_TRY_MEMORY(finding->mean && finding->weight && finding->count && finding->behind && finding->is_on_way &&
	               finding->unit);
	return FLT_OK;
}

static void finding_release(struct finding *finding)
{
	flt_free(finding->mean);
	flt_free(finding->weight);
	flt_free(finding->count);
	flt_free(finding->behind);
	flt_free(finding->is_on_way);
	flt_free(finding->unit);
}

static void average_steps(struct finding *finding)
{
	const struct flt_effect *effect = finding->effect;
	double all = 0;
	for (size_t s = 0; s < effect->n_steps; s++) {
		const struct flt_effect_step *step = &effect->steps[s];
		double weight = flt_row_weight(effect->rows, step->row);
		finding->mean[step->point] += weight * step->difference;
		finding->weight[step->point] += weight;
		finding->count[step->point]++;
	}
	for (size_t p = 0; p < effect->n_points; p++) {
		finding->mean[p] = finding->weight[p] > 0 ? finding->mean[p] / finding->weight[p] : 0;
		all += effect->mass[p];
	}
	for (size_t p = effect->n_points; p-- > 1;) {
		finding->behind[p] += effect->mass[p] / all;
		finding->behind[effect->before[p]] += finding->behind[p];
	}
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

static double variance_at_hand(struct finding *finding)
{
	const struct flt_effect *effect = finding->effect;
	double sum = 0;
	for (size_t u = 0; u < finding->n_units; u++)
		finding->unit[u] = 0;
	for (size_t s = 0; s < effect->n_steps; s++) {
		const struct flt_effect_step *step = &effect->steps[s];
		double n = finding->count[step->point], bessel = n > 1 ? sqrt(n / (n - 1)) : 1;
		double weight = flt_row_weight(effect->rows, step->row) / finding->weight[step->point];
		size_t unit = effect->rows->cluster ? effect->rows->cluster[step->row] : step->row;
		finding->unit[unit] += part_of(finding, step->point) * weight * bessel *
		                       (step->difference - finding->mean[step->point]);
	}
	for (size_t u = 0; u < finding->n_units; u++)
		sum += finding->unit[u] * finding->unit[u];
	return sum;
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
	for (size_t p = 0; p < effect->n_points; p++) {
		double value = effect->mean;
		find_way(&finding, p);
		for (size_t q = 1; q < effect->n_points; q++)
			value += part_of(&finding, q) * finding.mean[q];
		double half = NORMAL_975 * sqrt(variance_at_hand(&finding));
		curve[p] = (struct flt_interval){within_shares(value), within_shares(value - half),
		                                 within_shares(value + half)};
	}
out:
	finding_release(&finding);
	return status;
}
