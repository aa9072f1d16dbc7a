#include "detector/ways.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "prep/typed_rows.h"

/* Rows are explained together, so that their points fill tiles: as many as their sums fit into this. */
enum { MOST_VALUES = 1 << 20 };

/* ---- rules ---- */

/* Adds factor times the trapezoidal rule of 2^level steps. The sum of both ends counts half. */
static void add_trapezoids(double weight[FLT_WAYS_N_RULES], size_t level, double factor)
{
	double step = ldexp(1, -(int)level);
	for (size_t i = 0; i <= level; i++)
		weight[i] += factor * step * (i == 0 ? 0.5 : 1);
}

/* Simpson's rule of 2 steps, and Boole's of 4, 8, ... */
static void find_rule(double weight[FLT_WAYS_N_RULES], size_t level)
{
	for (size_t i = 0; i < FLT_WAYS_N_RULES; i++)
		weight[i] = 0;
	if (level == 0) {
		add_trapezoids(weight, 0, 1);
	} else if (level == 1) {
		add_trapezoids(weight, 1, 4.0 / 3);
		add_trapezoids(weight, 0, -1.0 / 3);
	} else {
		add_trapezoids(weight, level, 64.0 / 45);
		add_trapezoids(weight, level - 1, -20.0 / 45);
		add_trapezoids(weight, level - 2, 1.0 / 45);
	}
}

/* ---- what all threads share ---- */

static void find_slopes(struct flt_ways *ways, struct flt_slopes_room *room, size_t first, size_t n)
{
	const struct flt_slopes *slopes = &ways->slopes;
	for (size_t i = 0; i < slopes->n_preps; i++) {
		size_t n_in = slopes->preps[i].n_in;
		memcpy(room->x[i], ways->x[i] + first * n_in, n * n_in * sizeof *room->x[i]);
	}
	flt_slopes_find(slopes, room, n);
	for (size_t i = 0; i < slopes->n_preps; i++) {
		size_t n_in = slopes->preps[i].n_in;
		memcpy(ways->slope[i] + first * n_in, room->slope[i], n * n_in * sizeof *room->slope[i]);
	}
	memcpy(ways->log_odds + first, room->log_odds, n * sizeof *room->log_odds);
}

static enum flt_status prepare_background(struct flt_ways *ways, const struct flt_background *background,
                                          struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_slopes_room room = {0};
	for (size_t i = 0; i < ways->slopes.n_preps; i++)
		FLT_TRY(flt_typed_rows_apply(ways->slopes.preps[i].prep, background->values, background->n, ways->x[i],
		                             err));
	FLT_TRY_OUT(flt_slopes_room_init(&room, &ways->slopes, err));
	for (size_t first = 0; first < ways->n; first += ways->slopes.n_points) {
		size_t left = ways->n - first;
		find_slopes(ways, &room, first, left < ways->slopes.n_points ? left : ways->slopes.n_points);
	}
out:
	flt_slopes_room_release(&room);
	return status;
}

/* Arrays (n, n_in) of floats, one for each preparation. */
static enum flt_status new_inputs(const struct flt_slopes *slopes, size_t n, float ***x, struct flt_error *err)
{
	*x = flt_alloc_zero(slopes->n_preps, sizeof **x, err);
	FLT_TRY_MEMORY(*x);
	for (size_t i = 0; i < slopes->n_preps; i++) {
		(*x)[i] = flt_alloc(n, slopes->preps[i].n_in * sizeof ***x, err);
		FLT_TRY_MEMORY((*x)[i]);
	}
	return FLT_OK;
}

static void free_inputs(size_t n_preps, float **x)
{
	for (size_t i = 0; x && i < n_preps; i++)
		flt_free(x[i]);
	flt_free(x);
}

enum flt_status flt_ways_init(struct flt_ways *ways, const struct flt_detector *detector, struct flt_error *err)
{
	*ways = (struct flt_ways){.n = detector->background.n, .n_columns = flt_detector_n_columns(detector)};
	FLT_TRY(flt_slopes_init(&ways->slopes, detector, err));
	FLT_TRY(new_inputs(&ways->slopes, ways->n, &ways->x, err));
	FLT_TRY(new_inputs(&ways->slopes, ways->n, &ways->slope, err));
	ways->log_odds = flt_alloc(ways->n, sizeof *ways->log_odds, err);
	ways->weight = flt_alloc(FLT_WAYS_N_RULES, FLT_WAYS_N_RULES * sizeof *ways->weight, err);
	FLT_TRY_MEMORY(ways->log_odds && ways->weight);
	for (size_t level = 0; level < FLT_WAYS_N_RULES; level++)
		find_rule(ways->weight + level * FLT_WAYS_N_RULES, level);
	return prepare_background(ways, &detector->background, err);
}

void flt_ways_release(struct flt_ways *ways)
{
	free_inputs(ways->slopes.n_preps, ways->x);
	free_inputs(ways->slopes.n_preps, ways->slope);
	flt_free(ways->log_odds);
	flt_free(ways->weight);
	flt_slopes_release(&ways->slopes);
	*ways = (struct flt_ways){0};
}

/* ---- one thread's room ---- */

enum flt_status flt_ways_room_init(struct flt_ways_room *room, const struct flt_ways *ways, size_t n_rows,
                                   struct flt_error *err)
{
	size_t n_values = ways->n * FLT_WAYS_N_RULES * ways->n_columns, most = MOST_VALUES / n_values;
	*room = (struct flt_ways_room){.n_preps = ways->slopes.n_preps};
	most = most < 1 ? 1 : most > ways->slopes.n_points ? ways->slopes.n_points : most;
	n_rows = n_rows < most ? n_rows : most;
	room->max_rows = n_rows;
	FLT_TRY(new_inputs(&ways->slopes, n_rows, &room->x, err));
	FLT_TRY(new_inputs(&ways->slopes, n_rows, &room->slope, err));
	room->sum = flt_alloc(n_rows, n_values * sizeof *room->sum, err);
	room->off = flt_alloc(n_rows, ways->n * sizeof *room->off, err);
	room->rise = flt_alloc(n_rows, ways->n * sizeof *room->rise, err);
	room->level = flt_alloc(n_rows, ways->n * sizeof *room->level, err);
	room->is_chosen = flt_alloc(n_rows, ways->n * sizeof *room->is_chosen, err);
	room->is_done = flt_alloc(n_rows, sizeof *room->is_done, err);
	room->queue = flt_alloc(ways->slopes.n_points, sizeof *room->queue, err);
	FLT_TRY_MEMORY(room->sum && room->off && room->rise && room->level && room->is_done && room->is_chosen &&
	               room->queue);
	return flt_slopes_room_init(&room->points, &ways->slopes, err);
}

void flt_ways_room_release(struct flt_ways_room *room)
{
	free_inputs(room->n_preps, room->x);
	free_inputs(room->n_preps, room->slope);
	flt_slopes_room_release(&room->points);
	flt_free(room->queue);
	flt_free(room->is_done);
	flt_free(room->is_chosen);
	flt_free(room->level);
	flt_free(room->rise);
	flt_free(room->off);
	flt_free(room->sum);
	*room = (struct flt_ways_room){0};
}
