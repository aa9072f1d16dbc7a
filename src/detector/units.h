/* The ways in which a whole column of numbers is written otherwise: by another unit, in cents, with another sign. */
#ifndef DETECTOR_UNITS_H
#define DETECTOR_UNITS_H

#include <stdbool.h>
#include <stddef.h>

/* One value x becomes factor x + offset. */
struct flt_unit_change {
	double factor, offset;
	const char *now, *before; /* what it may be: units, or NULL */
};

/* The change that turns numbers with these quantiles (at the places of flt_profile_percent) into values (n), of which
 * these are the quantiles. n_trained is the number of values behind the former. False if there is none: the rescaled
 * values must be distributed as before. */
bool flt_find_unit_change(const double *before, size_t n_trained, const double *values, size_t n, const double *now,
                          struct flt_unit_change *found);

/* The largest difference in rank, 0 to 1, between values (n >= 1) after undoing the change and the quantiles. */
double flt_unit_distance(const double *before, const double *values, size_t n, const struct flt_unit_change *change);

#endif
