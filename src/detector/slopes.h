/*
 * How fast a detector's log-odds change with the inputs of its networks.
 *
 * Log-odds are here those of the score after psi, before the empirical map: L. A row is prepared in as many ways as
 * there are preparations, and L depends on all of them. Rows that are moved from one to another move in all at once, so
 * that dL is the sum, over preparations and their inputs, of slope times change; a column's part of it is that of the
 * inputs which its cells became.
 */
#ifndef DETECTOR_SLOPES_H
#define DETECTOR_SLOPES_H

#include "detector/model.h"
#include "nn/pass.h"

/* A preparation that some member uses. */
struct flt_slopes_prep {
	const struct flt_prep *prep;
	size_t n_in;
	size_t *column; /* (n_in) of the detector */
};

struct flt_slopes_member {
	struct flt_weights weights;
	size_t prep;
	double log_weight;
};

/* What all threads share. */
struct flt_slopes {
	const struct flt_detector *detector; /* borrowed */
	size_t n_preps, n_members;
	struct flt_slopes_prep *preps;     /* (n_preps) */
	struct flt_slopes_member *members; /* (n_members) */
	size_t n_points;                   /* rows that are handled together */
	size_t n_floats;                   /* of a pass of the largest member for so many */
};

enum flt_status flt_slopes_init(struct flt_slopes *slopes, const struct flt_detector *detector, struct flt_error *err);
void flt_slopes_release(struct flt_slopes *slopes); /* a zeroed one is fine */

/* One thread's. The caller fills x; the rest is made of it. */
struct flt_slopes_room {
	float **x;             /* (n_preps) each (n_points, n_in): the rows */
	float **slope;         /* (n_preps) each (n_points, n_in): dL/dx */
	double *log_odds;      /* (n_points) L */
	struct flt_pass pass;  /* the rest is scratch */
	float *memory, **dx;   /* dx (n_members) each (n_points, n_in) */
	double *odds, *rate;   /* (n_members, n_points) of each member: psi of its logit, and dL/dlogit */
	double *log_p, *log_q; /* (n_points) */
};

enum flt_status flt_slopes_room_init(struct flt_slopes_room *room, const struct flt_slopes *slopes,
                                     struct flt_error *err);
void flt_slopes_room_release(struct flt_slopes_room *room); /* a zeroed one is fine */

/* Log-odds and slopes of the first n <= n_points rows. Those of a row depend on it alone, to the bit. Where a
 * logit is beyond the range of numbers they are of no use. */
void flt_slopes_find(const struct flt_slopes *slopes, struct flt_slopes_room *room, size_t n);

#endif
