/*
 * Straight ways from background rows to rows, and what each column adds to the log-odds along them: expected gradients.
 *
 * A way goes from a background row b, t = 0, to a row x, t = 1. The log-odds L before the empirical map (slopes.h)
 * change along it by the integral of sum_j dL/dx_j (x_j - b_j). The slopes at b are known beforehand, and those at x
 * serve the ways from all background rows: so the trapezoidal rule costs one gradient a row. A finer rule halves the
 * steps, and keeps what it has (Romberg 1955). How far a way's sum is off is known, since L is known at both ends: the
 * ways that are furthest off are refined first, until what all of them leave over is small.
 */
#ifndef DETECTOR_WAYS_H
#define DETECTOR_WAYS_H

#include "detector/slopes.h"

/* Rules of 1, 2, 4 ... 256 steps. */
enum { FLT_WAYS_MAX_LEVEL = 8, FLT_WAYS_N_RULES = FLT_WAYS_MAX_LEVEL + 1 };

/* What all threads share. */
struct flt_ways {
	struct flt_slopes slopes;
	size_t n, n_columns; /* background rows; columns of the detector */
	double *log_odds;    /* (n) L of the background rows */
	float **x, **slope;  /* (n_preps) each (n, n_in): these rows, and dL/dx there */
	double *weight;      /* (FLT_WAYS_N_RULES, FLT_WAYS_N_RULES) of a rule for the sums of each halving */
};

/* The detector must keep background rows. */
enum flt_status flt_ways_init(struct flt_ways *ways, const struct flt_detector *detector, struct flt_error *err);
void flt_ways_release(struct flt_ways *ways); /* a zeroed one is fine */

struct flt_way_point {
	size_t row, background, level;
	float t;
};

/* One thread's room for max_rows rows: n_rows, or fewer where these would take much memory. The caller fills x. */
struct flt_ways_room {
	size_t max_rows, n_preps;
	float **x;     /* (n_preps) each (max_rows, n_in): the rows as each preparation has them */
	float **slope; /* (n_preps) each (max_rows, n_in): dL/dx there */
	double *sum;   /* (max_rows, n, FLT_WAYS_N_RULES, n_columns) dL/dt by columns: at both ends, at each halving */
	double *off;   /* (max_rows, n) by how much the way's sum falls short of the change of its log-odds, mapped */
	double *rise;  /* (max_rows, n) what the map makes of a change of L on the way */
	unsigned char *level; /* (max_rows, n) the rule */
	bool *is_chosen;      /* (max_rows, n) to be refined */
	bool *is_done;        /* (max_rows) */
	struct flt_slopes_room points;
	struct flt_way_point *queue; /* (n_queued) points to be looked at, up to slopes.n_points */
	size_t n_queued;
};

enum flt_status flt_ways_room_init(struct flt_ways_room *room, const struct flt_ways *ways, size_t n_rows,
                                   struct flt_error *err);
void flt_ways_room_release(struct flt_ways_room *room); /* a zeroed one is fine */

/* What the map makes of the ends. */
struct flt_ways_ends {
	const double *start;          /* (n) mapped log-odds of the background rows */
	const double *log_odds, *end; /* (n_rows) of the rows: L, and mapped */
	double slope;                 /* of the map, NaN if it has steps */
};

/* part (n_rows, n_columns) of the n_rows <= max_rows rows in room->x: what each column adds to the mean of start. Rows
 * do not depend on each other, to the bit. range (n_rows) gets that of the log-odds of start and the row's end. */
void flt_ways_explain(const struct flt_ways *ways, struct flt_ways_room *room, const struct flt_ways_ends *ends,
                      size_t n_rows, double *part, double *range);

#endif
