/* The empirical maps that flt_map_fit chooses from. x (rows->n) is log-odds after psi; labels and weights are read. */
#ifndef EVAL_MAP_H
#define EVAL_MAP_H

#include "eval/calibrate.h"

/* Platt's slope and intercept, with his targets, or shrunk towards 1 and 0. Each `unit` of weight tells as much as a
 * row. False where the slope is not positive, not finite or not determined. */
bool flt_platt_fit(const double *x, const struct flt_scored *rows, double unit, bool is_shrunk, double *slope,
                   double *intercept);

/* Plain Platt sooner, from a slope and an intercept that are near. Weights may be 0. */
bool flt_platt_refit(const double *x, const struct flt_scored *rows, double unit, double *slope, double *intercept);

/* Fills the breakpoints of the map. */
enum flt_status flt_isotonic_fit(struct flt_map *map, const double *x, const struct flt_scored *rows,
                                 struct flt_error *err);

#endif
