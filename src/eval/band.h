/* How far a 95 % band reaches to either side of a figure that sums what units say: rows, or clusters of them. */
#ifndef EVAL_BAND_H
#define EVAL_BAND_H

#include <stddef.h>

/* unit (n): how far each moves the figure, as it is drawn more often or not at all; their sum is about 0. Few units
 * that move it far know their variance badly: it has about as many degrees of freedom as 3 (sum u^2)^2 / sum u^4, by
 * Satterthwaite 1946, which of normal u is their number; Student's t has as many. */
double flt_band_reach(const double *unit, size_t n);

#endif
