/* The map from score to log-odds: applying it, and choosing how it is fitted. */
#include "eval/map.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/drawn.h"

/* Isotonic regression on fewer rows or positives overfits (Niculescu-Mizil and Caruana 2005, who put it near 1,000). */
enum { THIN_ROWS = 1000, THIN_POSITIVES = 100 };

enum flt_calibration flt_map_kind(const struct flt_map *map)
{
	if (map->n_breakpoints > 0)
		return FLT_CALIBRATE_ISOTONIC;
	if (map->slope != 1 || map->intercept != 0)
		return FLT_CALIBRATE_PLATT;
	return map->gamma != 0 || map->log_weight_ratio != 0 ? FLT_CALIBRATE_MAP : FLT_CALIBRATE_NONE;
}

void flt_map_init(struct flt_map *map)
{
	*map = (struct flt_map){.slope = 1};
}

void flt_map_release(struct flt_map *map)
{
	flt_free(map->breakpoint_log_odds);
	flt_free(map->breakpoint_probability);
	flt_map_init(map);
}

static double interpolated_probability(const struct flt_map *map, double x)
{
	const double *at = map->breakpoint_log_odds, *probability = map->breakpoint_probability;
	size_t low = 0, high = map->n_breakpoints - 1;
	if (x <= at[low])
		return probability[low];
	if (x >= at[high])
		return probability[high];
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		*(at[middle] <= x ? &low : &high) = middle;
	}
	double share = (x - at[low]) / (at[high] - at[low]);
	return fmin(probability[low] + share * (probability[high] - probability[low]), probability[high]);
}

double flt_map_log_odds(const struct flt_map *map, double score)
{
	double x = flt_focal_log_odds(score, map->gamma, map->log_weight_ratio);
	x = map->n_breakpoints ? flt_logit(interpolated_probability(map, x)) : map->slope * x + map->intercept;
	return x + map->prior_shift;
}

/* The weight of the rarer class that tells as much as a row of it, drawn by itself. */
static enum flt_status find_unit(const struct flt_scored *rows, double *unit, struct flt_error *err)
{
	double number[2], weight[2] = {0, 0};
	*unit = 1;
	if (!rows->weight && !rows->cluster)
		return FLT_OK;
	FLT_TRY(flt_independent_clusters(rows, number, err));
	for (size_t i = 0; i < rows->n; i++)
		weight[rows->label[i]] += flt_row_weight(rows, i);
	int rarer = weight[1] > 0 && (weight[0] == 0 || number[1] <= number[0]);
	*unit = weight[rarer] / number[rarer];
	return FLT_OK;
}

static enum flt_status fit_on_log_odds(struct flt_map *map, enum flt_calibration how, const double *x,
                                       const struct flt_scored *rows, struct flt_error *err)
{
	size_t n_positive = 0;
	for (size_t i = 0; i < rows->n; i++)
		n_positive += rows->label[i];
	if (how == FLT_CALIBRATE_ISOTONIC) {
		map->is_thin = rows->n < THIN_ROWS || n_positive < THIN_POSITIVES;
		return flt_isotonic_fit(map, x, rows, err);
	}
	double unit, slope, intercept;
	FLT_TRY(find_unit(rows, &unit, err));
	if (flt_platt_fit(x, rows, unit, how == FLT_CALIBRATE_AUTO, &slope, &intercept)) {
		map->slope = slope;
		map->intercept = intercept;
	}
	return FLT_OK;
}

enum flt_status flt_map_fit(struct flt_map *map, enum flt_calibration how, const struct flt_scored *rows,
                            struct flt_error *err)
{
	size_t n = rows->n;
	double gamma = map->gamma, log_weight_ratio = map->log_weight_ratio;
	flt_map_release(map);
	if (how == FLT_CALIBRATE_NONE)
		return FLT_OK;
	map->gamma = gamma;
	map->log_weight_ratio = log_weight_ratio;
	if (how == FLT_CALIBRATE_MAP)
		return FLT_OK;
	if (n == 0)
		return flt_fail(err, FLT_ERR_DATA, "a probability map cannot be fitted without held-out rows");
	double *x = flt_alloc(n, sizeof *x, err);
	FLT_TRY_MEMORY(x);
	for (size_t i = 0; i < n; i++)
		x[i] = flt_focal_log_odds(rows->score[i], gamma, log_weight_ratio);
	enum flt_status status = fit_on_log_odds(map, how, x, rows, err);
	flt_free(x);
	if (status != FLT_OK)
		flt_map_release(map);
	return status;
}
