/*
 * Straight ways from background rows to rows, and what each column adds to the log-odds along them: expected gradients.
 *
 * A way goes from a background row b, t = 0, to a row x, t = 1. The log-odds L before the empirical map are those of
 * the members' mean probability. They change along the way by the integral of sum_m r_m(t) do_m/dt, where o_m are the
 * log-odds of member m, r_m = dL/do_m, and do_m/dt = sum_j do_m/dx_j (x_j - b_j), column by column.
 *
 * Each member goes the way in steps of its own. Of its ends all is known: the slopes at b are the model's, and those at
 * x serve the ways from all background rows. In between, o_m is taken for cubic, by values and derivatives at its
 * points, which gives r_m; and do_m/dt for quadratic (at first linear). By how much a member's steps fall short is
 * known, since o_m is known at both ends: steps are halved where that times r_m is large. Most members do without it on
 * most ways, since they are straight there, or count for little.
 *
 * What steps still miss is dealt out to the columns. What is left over then is the error of r_m. Where it is large,
 * ways are doubted, and members that may count for more than it seemed are looked at.
 */
#ifndef DETECTOR_WAYS_H
#define DETECTOR_WAYS_H

#include "detector/slopes.h"

/* A member has up to 2^FLT_WAYS_MAX_LEVEL steps on a way. r is found at the grid, of 2^FLT_WAYS_GRID_LEVEL steps, or as
 * many as the finest of the members. */
enum { FLT_WAYS_MAX_LEVEL = 8, FLT_WAYS_GRID_LEVEL = 3, FLT_WAYS_MOST_GRID = (1 << FLT_WAYS_MAX_LEVEL) + 1 };

/* Of a level and a grid: weight (nodes, points of the grid), which times r at the grid are the weights of the
 * derivative at the nodes; and those where r is 1, (nodes). */
struct flt_ways_rule {
	float *weight, *sum;
};

/* The background rows in one preparation. */
struct flt_ways_prep {
	float *x;                   /* (n, n_in) */
	float *packed, *transposed; /* packed for products with it, and with its transpose */
};

/* What a member makes of them. */
struct flt_ways_member {
	float weight;               /* among those of the others */
	float cost;                 /* of a look, 1 in the mean */
	float *log_odds;            /* (n) */
	float *own;                 /* (n) slope times inputs, summed */
	float *slope;               /* (n, n_in) do/dx */
	float *packed, *transposed; /* of it */
	float *times_x;             /* packed, of slope times input (n, n_in) */
};

/* What all threads share. */
struct flt_ways {
	struct flt_slopes slopes;
	size_t n, n_columns; /* background rows; columns of the detector */
	size_t most_in;      /* inputs of the widest preparation */
	double *log_odds;    /* (n) L of the background rows */
	struct flt_ways_prep *preps;
	struct flt_ways_member *members;
	struct flt_ways_rule rules[FLT_WAYS_MAX_LEVEL + 1][FLT_WAYS_MAX_LEVEL + 1]; /* [grid][level], if there is one */
};

/* The detector must keep background rows. */
enum flt_status flt_ways_init(struct flt_ways *ways, const struct flt_detector *detector, struct flt_error *err);
void flt_ways_release(struct flt_ways *ways); /* a zeroed one is fine */

/* A point where a member was looked at. */
struct flt_way_point {
	size_t row, background;
	float t, log_odds, rate; /* rate: do/dt */
	float weight;            /* of it in the change of L */
};

/* A member on a way. */
struct flt_way_unit {
	unsigned level;                     /* 2^level steps */
	float off;                          /* by how much they fall short of the change of o */
	float missing;                      /* by how much they fall short of the change of L */
	float dealt;                        /* of that, what is dealt out to columns: all or nothing */
	float start_weight, end_weight;     /* as that of points */
	uint32_t first[FLT_WAYS_MAX_LEVEL]; /* the points that each halving added */
};

struct flt_way_state {
	double rise;      /* what the map makes of a change of L */
	double left;      /* by how much what the steps say falls short of the change, mapped */
	double promise;   /* the most that a member's steps promise */
	double threshold; /* promises above it are worth looking */
	unsigned grid;    /* 2^grid steps */
	bool is_old;      /* there are new points */
	bool is_doubted;  /* r may be off */
};

/* One thread's room for max_rows rows: n_rows, or fewer where these would take much memory. The caller fills x. */
struct flt_ways_room {
	size_t max_rows, n_preps, n_members;
	float **x;          /* (n_preps) each (max_rows, n_in): the rows as each preparation has them */
	float **slope;      /* (n_members) each (max_rows, n_in): do/dx there */
	float *log_odds;    /* (n_members, max_rows) o there */
	float *start, *end; /* (n_members, max_rows, n) do/dt at both ends; when all is looked at, their weights */
	float *promise; /* (n_members, max_rows, n) what halving a unit's steps promises, mapped; 0: they cannot be */
	struct flt_way_unit *units; /* (max_rows, n, n_members) */
	struct flt_way_state *ways; /* (max_rows, n) */
	bool *is_done;              /* (max_rows) */
	float *sums[3];             /* (max_rows, most_in) scratch */
	float *grid[3]; /* (n_members, FLT_WAYS_MOST_GRID) of one way: o, its sigmoid, then r, and that of -o: scratch
	                 */
	float *dealt;   /* (2, n_columns) scratch */
	struct flt_slopes_room points;
	size_t n_looked_at, point_capacity, column_capacity;
	struct flt_way_point *looked_at; /* (n_looked_at) */
	float *columns;                  /* (n_looked_at, n_columns) do/dt by columns */
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
enum flt_status flt_ways_explain(const struct flt_ways *ways, struct flt_ways_room *room,
                                 const struct flt_ways_ends *ends, size_t n_rows, double *part, double *range,
                                 struct flt_error *err);

#endif
