/*
 * With classes N(0, 1) and N(d, 1) on the hidden scale and the density ratio r(x) = exp(d x - d^2 / 2), the labels of
 * class 0 have density (1 - b) + b r over that of the first curve, those of class 1 a + (1 - a) r. A positive row's
 * rank u among the negatives gives its x by (1 - b) F(x) + b F(x - d) = u, and its likelihood is the ratio of the two
 * densities at x. d and b take the values of a grid, and a is found by expectation-maximisation, which cannot miss the
 * one maximum.
 */
#include "audit/contamination.h"

#include <math.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "eval/sample.h"

enum { MOST_POINTS = 1000, N_GRID = 1701, MOST_STEPS = 60 };

static const double distances[] = {0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.5, 4, 5};
static const double shares[] = {0, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3};
static const double lowest = -6, step = 0.01; /* the grid of x: -6 to 11 */

/* Which of the two shares a model has. */
enum { NONE = 0, NEGATIVE = 1, POSITIVE = 2, BOTH = 3, N_MODELS = 4 };

struct fitted {
	double gain; /* of the log-likelihood over no difference between the classes */
	struct flt_contamination found;
};

struct ranks {
	double *rank; /* (n) of positive rows among the negative ones, in (0, 1), ascending; a thousand stand for all */
	double *ratio; /* (n) scratch */
	size_t n;
	double weight; /* positive rows that each stands for */
	double *below; /* (N_GRID) scratch: share of negative labels below each x of the grid */
};

static double bell_below(double x)
{
	return erfc(-x * M_SQRT1_2) / 2;
}

/* Fills ratio: r at the x of each rank. */
static void find_ratios(struct ranks *ranks, double d, double b)
{
	for (size_t i = 0; i < N_GRID; i++) {
		double x = lowest + step * (double)i;
		ranks->below[i] = (1 - b) * bell_below(x) + b * bell_below(x - d);
	}
	for (size_t i = 0, at = 0; i < ranks->n; i++) {
		while (at + 2 < N_GRID && ranks->below[at + 1] < ranks->rank[i])
			at++;
		double width = ranks->below[at + 1] - ranks->below[at];
		double part = width > 0 ? (ranks->rank[i] - ranks->below[at]) / width : 0;
		double x = lowest + step * ((double)at + fmin(fmax(part, 0), 1));
		ranks->ratio[i] = exp(d * x - d * d / 2);
	}
}

/* The share of positive labels that is most likely. */
static double find_share(const struct ranks *ranks)
{
	const double near = 1e-4;
	double share = 0.3;
	for (int i = 0; i < MOST_STEPS; i++) {
		double sum = 0, before = share;
		for (size_t k = 0; k < ranks->n; k++)
			sum += share / (share + (1 - share) * ranks->ratio[k]);
		share = sum / (double)ranks->n;
		if (fabs(share - before) < near)
			break;
	}
	return share;
}

static double log_likelihood(const struct ranks *ranks, double a, double b)
{
	double sum = 0;
	for (size_t i = 0; i < ranks->n; i++)
		sum += log((a + (1 - a) * ranks->ratio[i]) / (1 - b + b * ranks->ratio[i]));
	return ranks->weight * sum;
}

static void keep_best(struct fitted *best, double gain, double a, double b, double d)
{
	if (gain > best->gain)
		*best = (struct fitted){gain, {{b, a}, d}};
}

/* The model whose gain exceeds its price the most; n: rows. */
static struct flt_contamination choose(const struct fitted fitted[N_MODELS], size_t n)
{
	static const int n_shares[N_MODELS] = {[NONE] = 0, [NEGATIVE] = 1, [POSITIVE] = 1, [BOTH] = 2};
	size_t best = NONE;
	double price = log((double)n) / 2;
	for (size_t i = 1; i < N_MODELS; i++)
		if (fitted[i].gain - n_shares[i] * price > fitted[best].gain - n_shares[best] * price)
			best = i;
	struct flt_contamination found = fitted[best].found;
	if (found.distance < FLT_LEAST_DISTANCE)
		found.share[0] = found.share[1] = 0;
	return found;
}

static struct flt_contamination fit(struct ranks *ranks, size_t n)
{
	struct fitted fitted[N_MODELS] = {0};
	for (size_t i = 1; i < N_MODELS; i++)
		fitted[i].gain = -HUGE_VAL;
	for (size_t i = 0; i < sizeof distances / sizeof *distances; i++)
		for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
			double d = distances[i], b = shares[k];
			find_ratios(ranks, d, b);
			double a = find_share(ranks);
			keep_best(&fitted[b > 0 ? NEGATIVE : NONE], log_likelihood(ranks, 0, b), 0, b, d);
			keep_best(&fitted[b > 0 ? BOTH : POSITIVE], log_likelihood(ranks, a, b), a, b, d);
		}
	return choose(fitted, n);
}

/* ---- ranks ---- */

/* Scores by class, each sorted. */
struct classes {
	double *negative, *positive;
	size_t n_negative, n_positive;
};

static void split_scores(const double *score, const uint8_t *label, size_t n, double *both, struct classes *classes)
{
	*classes = (struct classes){.negative = both};
	for (size_t i = 0; i < n; i++)
		if (!label[i])
			both[classes->n_negative++] = score[i];
	classes->positive = both + classes->n_negative;
	for (size_t i = 0; i < n; i++)
		if (label[i])
			classes->positive[classes->n_positive++] = score[i];
	flt_sort_doubles(classes->negative, classes->n_negative);
	flt_sort_doubles(classes->positive, classes->n_positive);
}

/* Fills rank, and returns the ROC-AUC. Of many positive rows, quantiles stand for all. */
static double rank_positives(const struct classes *classes, struct ranks *ranks)
{
	double sum = 0, n_negative = (double)classes->n_negative;
	ranks->n = classes->n_positive < MOST_POINTS ? classes->n_positive : MOST_POINTS;
	ranks->weight = (double)classes->n_positive / (double)ranks->n;
	for (size_t i = 0, below = 0, up_to = 0; i < ranks->n; i++) {
		size_t place = (size_t)(((double)i + 0.5) * ranks->weight);
		while (below < classes->n_negative && classes->negative[below] < classes->positive[place])
			below++;
		while (up_to < classes->n_negative && classes->negative[up_to] <= classes->positive[place])
			up_to++;
		double middle = ((double)below + (double)up_to) / 2;
		ranks->rank[i] = (middle + 0.5) / (n_negative + 1);
		sum += middle / n_negative;
	}
	return sum / (double)ranks->n;
}

/* Whether the ranking is beyond chance: Mann and Whitney's test at 5 %. */
static bool do_rank(double roc_auc, const struct classes *classes)
{
	double n = (double)classes->n_negative, m = (double)classes->n_positive;
	return roc_auc - 0.5 > 1.96 * sqrt((n + m + 1) / (12 * n * m));
}

enum flt_status flt_contamination_fit(const double *score, const uint8_t *label, size_t n,
                                      struct flt_contamination *found, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct classes classes;
	*found = (struct flt_contamination){0};
	double *both = flt_alloc(n, sizeof *both, err);
	double *scratch = flt_alloc(2 * MOST_POINTS + N_GRID, sizeof *scratch, err);
	FLT_TRY_MEMORY_OUT(both && scratch);
	struct ranks ranks = {.rank = scratch, .ratio = scratch + MOST_POINTS, .below = scratch + 2 * MOST_POINTS};
	split_scores(score, label, n, both, &classes);
	if (do_rank(rank_positives(&classes, &ranks), &classes))
		*found = fit(&ranks, n);
out:
	flt_free(both);
	flt_free(scratch);
	return status;
}
