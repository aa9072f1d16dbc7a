#include "detector/units.h"

#include <math.h>

#include "prep/profile.h"

/* Powers of ten come first: where two fit alike, the first is meant. */
static const struct flt_unit_change known[] = {
        {100, 0, "cents", "euros"},
        {10, 0, NULL, NULL},
        {1000, 0, "grams", "kilograms"},
        {1e4, 0, NULL, NULL},
        {1e5, 0, NULL, NULL},
        {1e6, 0, NULL, NULL},
        {1e9, 0, NULL, NULL},
        {-1, 0, NULL, NULL},
        {1.8, 32, "Fahrenheit", "Celsius"},
        {1, 273.15, "Kelvin", "Celsius"},
        {1.609344, 0, "kilometres", "miles"},
        {2.20462, 0, "pounds", "kilograms"},
        {2.54, 0, "centimetres", "inches"},
        {3.28084, 0, "feet", "metres"},
        {4.184, 0, "kilojoules", "kilocalories"},
        {7, 0, "days", "weeks"},
        {12, 0, "months", "years"},
        {24, 0, "hours", "days"},
        {25.4, 0, "millimetres", "inches"},
        {30.48, 0, "centimetres", "feet"},
        {57.29578, 0, "degrees", "radians"},
        {60, 0, "seconds", "minutes"},
        {365.25, 0, "days", "years"},
        {1024, 0, "bytes", "kilobytes"},
        {3600, 0, "seconds", "hours"},
        {86400, 0, "seconds", "days"},
};

/* How far the rank of a changed quantile among values (n) is from its percentage. Where values are tied with it, its
 * rank lies between the shares below and up to it. */
static double rank_distance(double quantile, double percent, const double *values, size_t n,
                            const struct flt_unit_change *change)
{
	size_t n_less = 0, n_less_or_equal = 0;
	double at = change->factor * quantile + change->offset;
	double tolerance = 1e-9 * fabs(at); /* a value in the file was rounded otherwise than this product */
	for (size_t i = 0; i < n; i++) {
		n_less += values[i] < at - tolerance;
		n_less_or_equal += values[i] <= at + tolerance;
	}
	double below = (double)n_less / (double)n, up_to = (double)n_less_or_equal / (double)n, rank = percent / 100;
	if (change->factor < 0)
		rank = 1 - rank;
	return fmax(0, fmax(below - rank, rank - up_to));
}

double flt_unit_distance(const double *before, const double *values, size_t n, const struct flt_unit_change *change)
{
	double largest = 0;
	for (size_t i = FLT_PERCENT_5; i <= FLT_PERCENT_95; i++)
		largest = fmax(largest, rank_distance(before[i], flt_profile_percent[i], values, n, change));
	return largest;
}

static struct flt_unit_change inverse(const struct flt_unit_change *change)
{
	return (struct flt_unit_change){1 / change->factor, -change->offset / change->factor, change->before,
	                                change->now};
}

struct search {
	const double *before, *values;
	size_t n;
	double least; /* distance so far */
	struct flt_unit_change best;
};

/* A later change must fit better by a margin. */
static void try_change(struct search *search, struct flt_unit_change change)
{
	const double margin = 0.03;
	double distance = flt_unit_distance(search->before, search->values, search->n, &change);
	if (distance >= search->least - margin)
		return;
	search->least = distance;
	search->best = change;
}

/* Any other factor, if it is so large that values do not move that far by themselves. */
static void try_ratio(struct search *search, double before, double now)
{
	const double least_ratio = 3;
	double ratio = now / before;
	if (isfinite(ratio) && (ratio >= least_ratio || (ratio > 0 && ratio <= 1 / least_ratio)))
		try_change(search, (struct flt_unit_change){.factor = ratio});
}

bool flt_find_unit_change(const double *before, size_t n_trained, const double *values, size_t n, const double *now,
                          struct flt_unit_change *found)
{
	enum { LEAST_VALUES = 20 };
	const double most_distance = 0.1;
	struct search search = {.before = before, .values = values, .n = n, .least = 1};
	if (n < LEAST_VALUES)
		return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		try_change(&search, known[i]);
		try_change(&search, inverse(&known[i]));
	}
	if (search.least > most_distance)
		try_ratio(&search, before[FLT_PERCENT_50], now[FLT_PERCENT_50]);
	*found = search.best;
	return search.least <= most_distance + 1 / sqrt((double)n) + 1 / sqrt((double)n_trained);
}
