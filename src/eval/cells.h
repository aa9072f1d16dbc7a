/*
 * What a bootstrap resamples. Rows of one class that stand in the same group of a ranking and are called positive by
 * the same thresholds are alike to every figure: they make one cell, and a resample is a count for each cell. For P
 * positive rows there are about 2 P cells of negatives, however many rows there are.
 *
 * Stratified: each class is drawn with replacement as often as it has rows.
 */
#ifndef EVAL_CELLS_H
#define EVAL_CELLS_H

#include "base/random.h"
#include "eval/groups.h"

enum { FLT_MAX_CUTS = 4, FLT_N_CALLS = 1 << FLT_MAX_CUTS };

struct flt_cell {
	uint32_t group; /* of the ranking */
	uint32_t calls; /* bit c: called positive at cut c */
};

/* The rows of one class, cell after cell. */
struct flt_stratum {
	size_t n_rows, n_cells;
	struct flt_cell *cell; /* (n_cells) groups ascending */
	uint32_t *start;       /* (n_cells + 1) number of rows in the cells before */
	uint32_t *cell_of;     /* (n_rows) cell of the k-th row of the class, counted cell after cell */
};

struct flt_cells {
	struct flt_groups groups;
	struct flt_stratum stratum[2]; /* negative, positive */
	uint32_t *cell_of_row;         /* (n_rows) cell of a row among those of its class */
};

/* calls (n) holds the bits of each row, or is NULL. */
enum flt_status flt_cells_init(struct flt_cells *cells, const struct flt_ranking *ranking, const uint8_t *label,
                               const uint8_t *calls, struct flt_error *err);
void flt_cells_release(struct flt_cells *cells);

/* Draws n_rows rows with replacement: count (n_cells) is a multinomial draw with the cells' sizes as weights. */
void flt_stratum_draw(const struct flt_stratum *stratum, struct flt_random *random, uint32_t *count);

/* How often rows were called positive, by class and by bits of calls. */
struct flt_predicted {
	double tally[2][FLT_N_CALLS];
};

/* The groups (groups.n) and calls of a resample, from the counts of both classes' cells. */
void flt_cells_weigh(const struct flt_cells *cells, const uint32_t *count_negative, const uint32_t *count_positive,
                     struct flt_group *group, struct flt_predicted *calls);
struct flt_confusion flt_predicted_confusion(const struct flt_predicted *calls, unsigned cut);

#endif
