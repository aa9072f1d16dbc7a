/* The empirical maps that flt_map_fit chooses from. x (n) is log-odds after psi, label (n) 0 or 1. */
#ifndef EVAL_MAP_H
#define EVAL_MAP_H

#include "eval/calibrate.h"

/* Platt's slope and intercept on the rows whose fold is not `without` (fold NULL: all rows). False where the slope is
 * not positive, not finite or not determined. */
bool flt_platt_fit(const double *x, const uint8_t *label, const uint8_t *fold, uint8_t without, size_t n, double *slope,
                   double *intercept);

/* Fills the breakpoints of the map. */
enum flt_status flt_isotonic_fit(struct flt_map *map, const double *x, const uint8_t *label, size_t n,
                                 struct flt_error *err);

#endif
