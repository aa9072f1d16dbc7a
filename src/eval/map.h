/* The empirical maps that flt_map_fit chooses from. x (n) is log-odds after psi, label (n) 0 or 1. */
#ifndef EVAL_MAP_H
#define EVAL_MAP_H

#include "eval/calibrate.h"

/* Platt's slope and intercept on the rows (weight NULL: 1 each) whose fold is not `without` (fold NULL: all rows).
 * False where the slope is not positive, not finite or not determined. */
bool flt_platt_fit(const double *x, const uint8_t *label, const double *weight, const uint8_t *fold, uint8_t without,
                   size_t n, double *slope, double *intercept);

/* The same on all rows, sooner, from a slope and an intercept that are near. */
bool flt_platt_refit(const double *x, const uint8_t *label, const double *weight, size_t n, double *slope,
                     double *intercept);

/* Fills the breakpoints of the map. */
enum flt_status flt_isotonic_fit(struct flt_map *map, const double *x, const uint8_t *label, size_t n,
                                 struct flt_error *err);

#endif
