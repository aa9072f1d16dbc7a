/*
 * Platt scaling: the logistic regression of the label on one number, with targets a little inside 0 and 1 (Platt 1999),
 * so that the optimum is finite even where the classes are separated. The objective is convex; Newton's method with
 * step halving finds its minimum. The numbers are standardised first, which keeps the 2 x 2 system well conditioned.
 */
#include <math.h>

#include "eval/map.h"

struct problem {
	const double *x;      /* (n) */
	const uint8_t *label; /* (n) */
	const double *weight; /* (n) or NULL: 1 each */
	const uint8_t *fold;  /* (n) or NULL */
	uint8_t without;
	size_t n;
	double mean, deviation; /* of the rows used */
	double target_positive, target_negative;
};

static bool uses(const struct problem *problem, size_t row)
{
	return !problem->fold || problem->fold[row] != problem->without;
}

static double weight_of(const struct problem *problem, size_t row)
{
	return problem->weight ? problem->weight[row] : 1;
}

/* Mean, deviation and targets; false if x does not vary. */
static bool measure(struct problem *problem)
{
	double count[2] = {0, 0}, sum = 0, square = 0;
	for (size_t i = 0; i < problem->n; i++) {
		if (uses(problem, i)) {
			count[problem->label[i]] += weight_of(problem, i);
			sum += weight_of(problem, i) * problem->x[i];
		}
	}
	double n = count[0] + count[1];
	problem->mean = sum / n;
	for (size_t i = 0; i < problem->n; i++)
		if (uses(problem, i))
			square += weight_of(problem, i) * (problem->x[i] - problem->mean) *
			          (problem->x[i] - problem->mean);
	problem->deviation = sqrt(square / n);
	problem->target_positive = (count[1] + 1) / (count[1] + 2);
	problem->target_negative = 1 / (count[0] + 2);
	return isfinite(problem->deviation) && problem->deviation > 1e-12 * (1 + fabs(problem->mean));
}

/* The objective at (slope, intercept) of the standardised x, with its gradient and second derivatives. */
struct state {
	double value;
	double ds, di;        /* gradient */
	double dss, dsi, dii; /* second derivatives */
};

static struct state objective(const struct problem *problem, double slope, double intercept)
{
	struct state at = {0};
	for (size_t i = 0; i < problem->n; i++) {
		if (!uses(problem, i))
			continue;
		double x = (problem->x[i] - problem->mean) / problem->deviation, z = slope * x + intercept;
		double target = problem->label[i] ? problem->target_positive : problem->target_negative;
		double e = exp(-fabs(z)), more = 1 / (1 + e), less = e / (1 + e), p = z >= 0 ? more : less;
		double w = weight_of(problem, i), h = w * more * less;
		at.value += w * (log1p(e) + fmax(z, 0) - target * z);
		at.ds += w * (p - target) * x;
		at.di += w * (p - target);
		at.dss += h * x * x;
		at.dsi += h * x;
		at.dii += h;
	}
	return at;
}

/* Newton's method from (s, i), in the standardised x. */
static bool minimise(const struct problem *problem, double s, double i, double *slope, double *intercept)
{
	enum { MAX_STEPS = 100 };
	struct state at = objective(problem, s, i);
	for (int step = 0, n_small = 0; step < MAX_STEPS && n_small < 2; step++) {
		double ridge = 1e-12 * (at.dss + at.dii);
		double dss = at.dss + ridge, dii = at.dii + ridge, determinant = dss * dii - at.dsi * at.dsi;
		double move_s = -(dii * at.ds - at.dsi * at.di) / determinant;
		double move_i = -(dss * at.di - at.dsi * at.ds) / determinant;
		/* A step this small changes the objective by less than its rounding error, so its value cannot guide
		 * the search any more; two plain Newton steps, each of which squares the error, finish it. */
		bool is_small = !(fabs(move_s) + fabs(move_i) >= 1e-6 * (1 + fabs(s) + fabs(i)));
		struct state next = objective(problem, s + move_s, i + move_i);
		while (!is_small && !(next.value < at.value)) {
			move_s /= 2;
			move_i /= 2;
			is_small = !(fabs(move_s) + fabs(move_i) >= 1e-6 * (1 + fabs(s) + fabs(i)));
			next = objective(problem, s + move_s, i + move_i);
		}
		s += move_s;
		i += move_i;
		at = next;
		n_small += is_small;
	}
	*slope = s / problem->deviation;
	*intercept = i - *slope * problem->mean;
	return *slope > 0 && isfinite(*slope) && isfinite(*intercept);
}

bool flt_platt_fit(const double *x, const uint8_t *label, const double *weight, const uint8_t *fold, uint8_t without,
                   size_t n, double *slope, double *intercept)
{
	struct problem problem = {.x = x, .label = label, .weight = weight, .fold = fold, .without = without, .n = n};
	return measure(&problem) && minimise(&problem, 0, 0, slope, intercept);
}

bool flt_platt_refit(const double *x, const uint8_t *label, const double *weight, size_t n, double *slope,
                     double *intercept)
{
	struct problem problem = {.x = x, .label = label, .weight = weight, .n = n};
	return measure(&problem) &&
	       minimise(&problem, *slope * problem.deviation, *intercept + *slope * problem.mean, slope, intercept);
}
