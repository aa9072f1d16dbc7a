/* The map from score to log-odds: applying it, and choosing how it is fitted. */
#include "eval/map.h"

#include <math.h>

#include "base/alloc.h"
#include "base/random.h"

/* Isotonic regression on fewer rows or positives overfits (Niculescu-Mizil and Caruana 2005, who put it near 1,000). */
enum { N_FOLDS = 5, THIN_ROWS = 1000, THIN_POSITIVES = 100 };

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

/* Deals each class to the folds in a random order. */
static enum flt_status deal_folds(const uint8_t *label, size_t n, uint64_t seed, uint8_t *fold, struct flt_error *err)
{
	size_t *rows = flt_alloc(n, sizeof *rows, err);
	FLT_TRY_MEMORY(rows);
	struct flt_random random;
	flt_random_init(&random, seed, "calibrate", 0);
	for (size_t i = 0; i < n; i++)
		rows[i] = i;
	flt_random_shuffle(&random, rows, n);
	uint8_t next[2] = {0, 0};
	for (size_t i = 0; i < n; i++) {
		uint8_t *of_class = &next[label[rows[i]]];
		fold[rows[i]] = *of_class;
		*of_class = (uint8_t)((*of_class + 1) % N_FOLDS);
	}
	flt_free(rows);
	return FLT_OK;
}

/* Whether Platt fitted on the other folds lowers the log-loss by more than one standard error. */
static enum flt_status platt_helps(const double *x, const uint8_t *label, size_t n, uint64_t seed, bool *helps,
                                   struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	uint8_t *fold = flt_alloc(n, 1, err);
	FLT_TRY_MEMORY(fold);
	FLT_TRY_OUT(deal_folds(label, n, seed, fold, err));
	double slope[N_FOLDS], intercept[N_FOLDS], sum = 0, square = 0;
	for (int f = 0; f < N_FOLDS; f++) {
		if (!flt_platt_fit(x, label, NULL, fold, (uint8_t)f, n, &slope[f], &intercept[f])) {
			slope[f] = 1;
			intercept[f] = 0;
		}
	}
	for (size_t i = 0; i < n; i++) {
		double mapped = slope[fold[i]] * x[i] + intercept[fold[i]], sign = label[i] ? -1 : 1;
		double gain = flt_softplus(sign * x[i]) - flt_softplus(sign * mapped);
		sum += gain;
		square += gain * gain;
	}
	double count = (double)n, mean = sum / count,
	       variance = fmax(square / count - mean * mean, 0) * count / (count - 1);
	*helps = mean > sqrt(variance / count);
out:
	flt_free(fold);
	return status;
}

static enum flt_status fit_on_log_odds(struct flt_map *map, enum flt_calibration how, const double *x,
                                       const uint8_t *label, size_t n, uint64_t seed, struct flt_error *err)
{
	size_t n_positive = 0;
	for (size_t i = 0; i < n; i++)
		n_positive += label[i];
	if (how == FLT_CALIBRATE_ISOTONIC) {
		map->is_thin = n < THIN_ROWS || n_positive < THIN_POSITIVES;
		return flt_isotonic_fit(map, x, label, n, err);
	}
	bool wanted = how == FLT_CALIBRATE_PLATT;
	/* With a single row of a class, the map that leaves out its fold would be fitted on one class only. */
	if (how == FLT_CALIBRATE_AUTO && n_positive >= 2 && n - n_positive >= 2)
		FLT_TRY(platt_helps(x, label, n, seed, &wanted, err));
	double slope, intercept;
	if (wanted && flt_platt_fit(x, label, NULL, NULL, 0, n, &slope, &intercept)) {
		map->slope = slope;
		map->intercept = intercept;
	}
	return FLT_OK;
}

enum flt_status flt_map_fit(struct flt_map *map, enum flt_calibration how, const struct flt_scored *rows, uint64_t seed,
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
	enum flt_status status = fit_on_log_odds(map, how, x, rows->label, n, seed, err);
	flt_free(x);
	if (status != FLT_OK)
		flt_map_release(map);
	return status;
}
