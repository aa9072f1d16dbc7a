/*
 * The prevalence of unlabelled rows, with its interval.
 *
 * Scores are put into bins of neighbouring ranks, as fine as eval/kept.h thins but for a smaller number, so that a
 * resample costs the same for a thousand rows and for millions: a multinomial draw of each class's bins and of the new
 * rows' bins, a fit of Platt's line, and the most likely share.
 * A class whose rows hang together is drawn in as many rows as tell as much, so that its share varies as much.
 *
 * Adjusted counting (Forman 2008) is a second way that needs no calibration: of the new rows a share q scores at least
 * t, of held-out positive rows tpr, of the others fpr; then q = share tpr + (1 - share) fpr. The score t is the one at
 * which the variance of the result is the least at the held-out rows' own prevalence.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "eval/map.h"
#include "eval/prior.h"
#include "eval/sample.h"

enum { N_RESAMPLES = 1000, PER_TASK = 20, FINE_UP_TO = 32 };

/* Beyond each bound, of the resamples of either way. The interval spans the bounds of both: alone, those by likelihood
 * held in 82 to 100 % of simulated worlds where Platt's line fits and in 62 to 100 % where it does not, those by
 * counting in 70 to 100 %; the span of both held in 88 to 100 %, 97 % on average (tests/bench/coverage/prior.c). */
static const double TAIL = 0.025;

/* Rows in bins, from the highest x down. */
struct bins {
	size_t n;
	uint64_t n_rows, n_drawn; /* n_drawn: in a resample */
	double *x;                /* (n) the mean */
	uint64_t *count;          /* (n) rows */
	double *weight;           /* (n) of each of these rows */
};

enum { OTHER, POSITIVE, NEW, N_SETS };

struct estimation {
	struct bins set[N_SETS];
	double *x; /* (held-out bins) of others, then positives */
	uint8_t *label;
	size_t n_held_out;       /* bins */
	double unit;             /* weight of a held-out row of the rarer class that tells as much as a row */
	double slope, intercept; /* of Platt on the held-out rows themselves */
	double threshold;        /* of adjusted counting */
	uint64_t seed;
	double *weight;    /* (n_workers, all bins): others, positives, new */
	double *log_ratio; /* (n_workers, new bins) */
	double *share;     /* (N_RESAMPLES) NaN: Platt's slope was not positive */
	double *adjusted;  /* (N_RESAMPLES) */
};

static void bins_release(struct bins *bins)
{
	flt_free(bins->x);
	flt_free(bins->count);
	flt_free(bins->weight);
}

static enum flt_status bins_new(struct bins *bins, size_t most, struct flt_error *err)
{
	bins->x = flt_alloc(most, sizeof *bins->x, err);
	bins->count = flt_alloc(most, sizeof *bins->count, err);
	bins->weight = flt_alloc(most, sizeof *bins->weight, err);
	FLT_TRY_MEMORY(bins->x && bins->count && bins->weight);
	return FLT_OK;
}

/* Adds count rows of the same x, which comes below those before. weight: of all of them. A bin is full when it has one
 * row and one more for each FINE_UP_TO rows above it. */
static void bins_add(struct bins *bins, double x, uint64_t count, double weight)
{
	size_t last = bins->n - 1;
	bool is_full = bins->n == 0 || bins->count[last] > (bins->n_rows - bins->count[last]) / FINE_UP_TO;
	if (is_full) {
		last = bins->n++;
		bins->x[last] = bins->weight[last] = 0;
		bins->count[last] = 0;
	}
	double share = (double)count / (double)(bins->count[last] + count);
	bins->x[last] += (x - bins->x[last]) * share;
	bins->weight[last] += (weight / (double)count - bins->weight[last]) * share;
	bins->count[last] += count;
	bins->n_rows += count;
	bins->n_drawn = bins->n_rows;
}

/* The number of bins that n single rows fill. */
static size_t n_bins_of(size_t n)
{
	size_t n_bins = 0;
	for (size_t above = 0; above < n; above += 1 + above / FINE_UP_TO)
		n_bins++;
	return n_bins;
}

static double psi(const struct flt_map *map, double score)
{
	return flt_focal_log_odds(score, map->gamma, map->log_weight_ratio);
}

/* The weight that tells as much as a row, by the weights alone. */
static double unit_of_weights(const struct bins *bins)
{
	double sum = 0, square = 0;
	for (size_t i = 0; i < bins->n; i++) {
		sum += (double)bins->count[i] * bins->weight[i];
		square += (double)bins->count[i] * bins->weight[i] * bins->weight[i];
	}
	return square / sum;
}

/* unit: of the class, or 0. */
static enum flt_status bin_class(struct bins *bins, const struct flt_kept_class *class, double unit,
                                 const struct flt_map *map, struct flt_error *err)
{
	FLT_TRY(bins_new(bins, class->n, err));
	for (size_t i = 0, first = 0, size; i < class->n; i++, first += size) {
		size = flt_kept_group(first, class->n_rows);
		bins_add(bins, psi(map, class->score[i]), size, class->weight ? class->weight[i] : (double)size);
	}
	double together = unit / unit_of_weights(bins);
	if (together > 1)
		bins->n_drawn = (uint64_t)ceil((double)bins->n_rows / together);
	return FLT_OK;
}

static enum flt_status bin_new_rows(struct bins *bins, const double *score, size_t n, const struct flt_map *map,
                                    struct flt_error *err)
{
	double *sorted = flt_alloc(n, sizeof *sorted, err);
	FLT_TRY_MEMORY(sorted);
	memcpy(sorted, score, n * sizeof *sorted);
	flt_sort_doubles(sorted, n);
	enum flt_status status = bins_new(bins, n_bins_of(n), err);
	for (size_t i = n; status == FLT_OK && i-- > 0;)
		bins_add(bins, psi(map, sorted[i]), 1, 1);
	flt_free(sorted);
	return status;
}

/* weight (set->n): of a resample, or of the rows themselves if random is NULL. Returns the sum. */
static double draw(const struct bins *set, struct flt_random *random, double *weight)
{
	double sum = 0, each = random ? (double)set->n_rows / (double)set->n_drawn : 1;
	uint64_t left = set->n_drawn, of = set->n_rows;
	for (size_t i = 0; i < set->n; i++) {
		uint64_t count = random ? flt_binomial(random, left, set->count[i], of) : set->count[i];
		left -= random ? count : 0;
		of -= set->count[i];
		weight[i] = each * (double)count * set->weight[i];
		sum += weight[i];
	}
	return sum;
}

/* The share of the weight at x of at least the threshold. */
static double share_above(const struct bins *set, const double *weight, double total, double threshold)
{
	double sum = 0;
	for (size_t i = 0; i < set->n && set->x[i] >= threshold; i++)
		sum += weight[i];
	return sum / total;
}

static double within_0_and_1(double value)
{
	return value > 0 ? value < 1 ? value : 1 : 0;
}

/* weight: scratch (all bins), log_ratio: scratch (new bins). */
static void estimate_once(const struct estimation *of, struct flt_random *random, double *weight, double *log_ratio,
                          double *share, double *adjusted)
{
	const struct bins *new = &of->set[NEW];
	double *of_set[N_SETS] = {weight, weight + of->set[OTHER].n, weight + of->n_held_out}, total[N_SETS];
	double slope = of->slope, intercept = of->intercept, above[N_SETS];
	for (int s = 0; s < N_SETS; s++) {
		total[s] = draw(&of->set[s], random, of_set[s]);
		above[s] = share_above(&of->set[s], of_set[s], total[s], of->threshold);
	}
	*share = *adjusted = (double)NAN;
	if (above[POSITIVE] > above[OTHER])
		*adjusted = within_0_and_1((above[NEW] - above[OTHER]) / (above[POSITIVE] - above[OTHER]));
	struct flt_scored held_out = {.n = of->n_held_out, .label = of->label, .weight = weight};
	if (!flt_platt_refit(of->x, &held_out, of->unit, &slope, &intercept))
		return;
	intercept -= log(total[POSITIVE] / total[OTHER]);
	for (size_t i = 0; i < new->n; i++)
		log_ratio[i] = slope * new->x[i] + intercept;
	*share = flt_most_likely_share(log_ratio, of_set[NEW], new->n);
}

static void estimate_some(void *context, size_t task, size_t worker)
{
	const struct estimation *of = context;
	double *weight = of->weight + worker * (of->n_held_out + of->set[NEW].n);
	double *log_ratio = of->log_ratio + worker * of->set[NEW].n;
	for (size_t number = task * PER_TASK; number < (task + 1) * PER_TASK; number++) {
		struct flt_random random;
		flt_random_init(&random, of->seed, "prior", number);
		estimate_once(of, &random, weight, log_ratio, &of->share[number], &of->adjusted[number]);
	}
}

/* How far adjusted counting at a score would vary. q: share of the new rows that score as high if nothing changed. */
static double variance_at(const struct estimation *of, double tpr, double fpr)
{
	double n_positive = (double)of->set[POSITIVE].n_rows, n_other = (double)of->set[OTHER].n_rows;
	double share = n_positive / (n_positive + n_other), q = share * tpr + (1 - share) * fpr;
	double of_new = q * (1 - q) / (double)of->set[NEW].n_rows, distance = tpr - fpr;
	double of_positive = share * share * tpr * (1 - tpr) / n_positive;
	double of_other = (1 - share) * (1 - share) * fpr * (1 - fpr) / n_other;
	return distance > 0 ? (of_new + of_positive + of_other) / (distance * distance) : HUGE_VAL;
}

static void choose_threshold(struct estimation *of)
{
	const struct bins *positive = &of->set[POSITIVE], *other = &of->set[OTHER];
	double best = HUGE_VAL, n_above = 0, n_other_above = 0;
	of->threshold = positive->x[0];
	for (size_t i = 0, j = 0; i < positive->n; i++) {
		n_above += (double)positive->count[i];
		for (; j < other->n && other->x[j] >= positive->x[i]; j++)
			n_other_above += (double)other->count[j];
		double variance =
		        variance_at(of, n_above / (double)positive->n_rows, n_other_above / (double)other->n_rows);
		if (variance < best) {
			best = variance;
			of->threshold = positive->x[i];
		}
	}
}

/* Bounds from the resamples that have a value; sorts them. Returns how many these are. */
static size_t bounds(double *values, struct flt_interval *interval)
{
	size_t n = 0;
	for (size_t i = 0; i < N_RESAMPLES; i++)
		if (!isnan(values[i]))
			values[n++] = values[i];
	if (n == 0)
		return 0;
	flt_sort_doubles(values, n);
	interval->lo = fmin(flt_quantile_sorted(values, n, TAIL), interval->value);
	interval->hi = fmax(flt_quantile_sorted(values, n, 1 - TAIL), interval->value);
	return n;
}

/* Resamples of rows without a positive one have none either; and yet so few rows can miss a share that is not 0: their
 * exact bound. The same at 1. */
static void widen_at_ends(struct flt_interval *share, double n)
{
	double missed = -expm1(log(TAIL) / n);
	share->lo = fmin(share->lo, 1 - missed);
	share->hi = fmax(share->hi, missed);
}

static void span_both(struct flt_prior_estimate *estimate)
{
	struct flt_interval *share = &estimate->share;
	const struct flt_interval *count = &estimate->adjusted_count;
	estimate->contradicts = count->lo > share->hi || share->lo > count->hi;
	share->lo = fmin(share->lo, count->lo);
	share->hi = fmax(share->hi, count->hi);
}

static enum flt_status resample(struct estimation *of, unsigned n_threads, struct flt_prior_estimate *estimate,
                                struct flt_error *err)
{
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new(n_threads, &pool, err));
	size_t n_workers = flt_pool_n_threads(pool), n_new = of->set[NEW].n;
	enum flt_status status = FLT_OK;
	of->weight = flt_alloc(n_workers * (of->n_held_out + n_new), sizeof *of->weight, err);
	of->log_ratio = flt_alloc(n_workers * n_new, sizeof *of->log_ratio, err);
	of->share = flt_alloc(N_RESAMPLES, sizeof *of->share, err);
	of->adjusted = flt_alloc(N_RESAMPLES, sizeof *of->adjusted, err);
	FLT_TRY_MEMORY_OUT(of->weight && of->log_ratio && of->share && of->adjusted);
	draw(&of->set[OTHER], NULL, of->weight);
	draw(&of->set[POSITIVE], NULL, of->weight + of->set[OTHER].n);
	struct flt_scored held_out = {.n = of->n_held_out, .label = of->label, .weight = of->weight};
	if (!flt_platt_fit(of->x, &held_out, of->unit, false, &of->slope, &of->intercept))
		of->slope = of->intercept = 0;
	estimate_once(of, NULL, of->weight, of->log_ratio, &estimate->share.value, &estimate->adjusted_count.value);
	flt_pool_run(pool, N_RESAMPLES / PER_TASK, estimate_some, of);
	/* As many resamples without a slope above 0 as lie outside of an interval: the scores may rank nothing. */
	bool ranks = bounds(of->share, &estimate->share) >= N_RESAMPLES * 39 / 40 && !isnan(estimate->share.value);
	if (bounds(of->adjusted, &estimate->adjusted_count) == 0 || !ranks)
		estimate->doubt = FLT_PRIOR_NOT_TOLD_APART;
	span_both(estimate);
	widen_at_ends(&estimate->share, (double)of->set[NEW].n_rows);
out:
	flt_pool_free(pool);
	return status;
}

static enum flt_status join_held_out(struct estimation *of, struct flt_error *err)
{
	const struct bins *other = &of->set[OTHER], *positive = &of->set[POSITIVE];
	of->n_held_out = other->n + positive->n;
	of->x = flt_alloc(of->n_held_out, sizeof *of->x, err);
	of->label = flt_alloc(of->n_held_out, sizeof *of->label, err);
	FLT_TRY_MEMORY(of->x && of->label);
	memcpy(of->x, other->x, other->n * sizeof *of->x);
	memcpy(of->x + other->n, positive->x, positive->n * sizeof *of->x);
	for (size_t i = 0; i < of->n_held_out; i++)
		of->label[i] = i >= other->n;
	return FLT_OK;
}

static void release(struct estimation *of)
{
	for (int s = 0; s < N_SETS; s++)
		bins_release(&of->set[s]);
	flt_free(of->x);
	flt_free(of->label);
	flt_free(of->weight);
	flt_free(of->log_ratio);
	flt_free(of->share);
	flt_free(of->adjusted);
}

enum flt_status flt_prior_estimate(const struct flt_kept *held_out, const struct flt_map *map, const double *score,
                                   size_t n, uint64_t seed, unsigned n_threads, struct flt_prior_estimate *estimate,
                                   struct flt_error *err)
{
	struct estimation of = {.seed = seed};
	enum flt_status status = FLT_OK;
	*estimate = (struct flt_prior_estimate){.n_held_out = flt_kept_n_rows(held_out),
	                                        .n_positive = held_out->of[1].n_rows};
	if (estimate->n_held_out == 0)
		estimate->doubt = FLT_PRIOR_NO_HELD_OUT;
	else if (estimate->n_positive < FLT_PRIOR_MIN_POSITIVES)
		estimate->doubt = FLT_PRIOR_FEW_POSITIVES;
	if (estimate->doubt)
		return FLT_OK;
	FLT_TRY_OUT(bin_class(&of.set[OTHER], &held_out->of[0], held_out->unit[0], map, err));
	FLT_TRY_OUT(bin_class(&of.set[POSITIVE], &held_out->of[1], held_out->unit[1], map, err));
	FLT_TRY_OUT(bin_new_rows(&of.set[NEW], score, n, map, err));
	FLT_TRY_OUT(join_held_out(&of, err));
	int rarer = held_out->of[1].n_rows <= held_out->of[0].n_rows;
	of.unit = fmax(held_out->unit[rarer], unit_of_weights(&of.set[rarer]));
	choose_threshold(&of);
	status = resample(&of, n_threads, estimate, err);
out:
	release(&of);
	return status;
}
