/*
 * How fast the log-odds of a detector's networks change with their inputs.
 *
 * Log-odds of a network are here psi of its logit. A row is prepared in as many ways as there are preparations; each
 * network reads one of them, and a column's part of a change is that of the inputs which its cells became.
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
	size_t prep, n_in;
	double log_weight; /* of that of the first */
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

/* One thread's. */
struct flt_slopes_room {
	struct flt_pass pass;
	double *log_odds; /* (n_points) */
};

enum flt_status flt_slopes_room_init(struct flt_slopes_room *room, const struct flt_slopes *slopes,
                                     struct flt_error *err);
void flt_slopes_room_release(struct flt_slopes_room *room); /* a zeroed one is fine */

/* Turns to a member and returns where its rows go: (n_points, n_in). */
float *flt_slopes_rows(const struct flt_slopes *slopes, struct flt_slopes_room *room, size_t member);

/* Writes the log-odds of the first n <= n_points of these rows to room->log_odds, and returns their slopes by the
 * inputs (n, n_in), which last until the room turns to the next member. Those of a row depend on it alone, to the bit.
 * Where a logit is beyond the range of numbers they are of no use. */
const float *flt_slopes_find(const struct flt_slopes *slopes, struct flt_slopes_room *room, size_t member, size_t n);

#endif
