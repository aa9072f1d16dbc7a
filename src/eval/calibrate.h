/*
 * From a score to a probability, in three steps on log-odds, in double: psi, the exact inverse of focal loss's effect
 * on them (base/log_odds.h); an empirical map fitted on rows not trained on; and a shift to another prevalence.
 */
#ifndef EVAL_CALIBRATE_H
#define EVAL_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log_odds.h"
#include "eval/scored.h"

enum flt_calibration {
	FLT_CALIBRATE_AUTO,
	FLT_CALIBRATE_MAP,
	FLT_CALIBRATE_PLATT,
	FLT_CALIBRATE_ISOTONIC,
	FLT_CALIBRATE_NONE,
	FLT_N_CALIBRATIONS
};
extern const char *const flt_calibration_words[];

/* The map from score to log-odds. Zero-initialised with slope 1 it is the identity. */
struct flt_map {
	double gamma, log_weight_ratio; /* psi; 0, 0: identity */
	double slope, intercept;        /* Platt on top of psi: slope > 0; 1, 0: identity */
	size_t n_breakpoints; /* isotonic on top of psi, if > 0: probability at ascending log-odds, linear in between */
	double *breakpoint_log_odds, *breakpoint_probability; /* (n_breakpoints) owned */
	double prior_shift;                                   /* added last: logit(new prevalence) - logit(old) */
	bool is_thin; /* isotonic was fitted on fewer than 1,000 rows or 100 positive ones: worth a warning */
};

/* How a map was fitted, read off its fields; never AUTO. A Platt map of slope 1 and intercept 0 is one of psi alone. */
enum flt_calibration flt_map_kind(const struct flt_map *map);

void flt_map_init(struct flt_map *map); /* the identity */
void flt_map_release(struct flt_map *map);
double flt_map_log_odds(const struct flt_map *map, double score);

/* Fits the empirical map on held-out rows with scores, labels, weights and clusters. Rows that hang together, or that
 * stand for many, tell no more than as many rows as are independent of each other. The caller sets map->gamma and
 * map->log_weight_ratio first; everything else in the map is replaced. AUTO: a slope and an intercept, shrunk towards 1
 * and 0 the more, the fewer rows there are to tell them. MAP: psi alone. NONE clears psi as well (the raw sigmoid).
 * PLATT: slope and intercept with Platt's (1999) targets. If the fitted slope is not positive (the scores do not rank
 * these rows), psi alone. ISOTONIC: pool adjacent violators; a pool's first and last score become breakpoints. Beyond
 * the breakpoints the end values hold, so a probability can be exactly 0 or 1 and its log-odds infinite. It makes ties:
 * rank on the score. */
enum flt_status flt_map_fit(struct flt_map *map, enum flt_calibration how, const struct flt_scored *rows,
                            struct flt_error *err);

#endif
