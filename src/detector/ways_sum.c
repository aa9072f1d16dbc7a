/* Adding up the slopes along the ways of a tile of rows. */
#include <math.h>
#include <string.h>

#include "detector/ways.h"
#include "fltrain/reasons.h"

/* What may be left over in log-odds, however small the range is. */
static const double LEAST_TOLERANCE = 1e-6;

/* What the ways may leave over by size, in the mean, as a share of the range. So 99 of 100 parts of default models on
 * two tables were within 1 % of the range of what 60 times as many points gave, and all within 4 %. */
static const double TOLERABLE_SIZE = 0.03;

/* Of the ways, this part is refined at a time. */
enum { REFINED = 4 };

/* ---- a tile of rows ---- */

struct tile {
	const struct flt_ways *ways;
	struct flt_ways_room *room;
	const struct flt_ways_ends *ends;
	size_t n_rows;
	const double *range; /* (n_rows) */
};

/* The sums (n_columns) of a way at both ends (halving 0), or at the points of a halving. */
static double *sums_of(const struct tile *tile, size_t row, size_t background, size_t halving)
{
	const struct flt_ways *ways = tile->ways;
	size_t way = row * ways->n + background;
	return tile->room->sum + (way * FLT_WAYS_N_RULES + halving) * ways->n_columns;
}

/* sum (n_columns) += (slope + slope_at_start) (x - b), of the inputs (n_in) of one preparation. */
static void add_way(const struct flt_slopes_prep *prep, const float *x, const float *b, const float *slope,
                    const float *slope_at_start, double *sum)
{
	for (size_t j = 0; j < prep->n_in; j++) {
		float sum_of_slopes = slope_at_start ? slope[j] + slope_at_start[j] : slope[j];
		double part = (double)sum_of_slopes * ((double)x[j] - (double)b[j]);
		sum[prep->column[j]] += isfinite(part) ? part : 0;
	}
}

static void find_row_slopes(const struct tile *tile)
{
	const struct flt_slopes *slopes = &tile->ways->slopes;
	struct flt_ways_room *room = tile->room;
	for (size_t i = 0; i < slopes->n_preps; i++)
		memcpy(room->points.x[i], room->x[i], tile->n_rows * slopes->preps[i].n_in * sizeof **room->x);
	flt_slopes_find(slopes, &room->points, tile->n_rows);
	for (size_t i = 0; i < slopes->n_preps; i++)
		memcpy(room->slope[i], room->points.slope[i],
		       tile->n_rows * slopes->preps[i].n_in * sizeof **room->slope);
}

static void add_ends(const struct tile *tile, size_t row)
{
	const struct flt_ways *ways = tile->ways;
	for (size_t k = 0; k < ways->n; k++) {
		double *sum = sums_of(tile, row, k, 0);
		memset(sum, 0, FLT_WAYS_N_RULES * ways->n_columns * sizeof *sum);
		for (size_t i = 0; i < ways->slopes.n_preps; i++) {
			const struct flt_slopes_prep *prep = &ways->slopes.preps[i];
			add_way(prep, tile->room->x[i] + row * prep->n_in, ways->x[i] + k * prep->n_in,
			        tile->room->slope[i] + row * prep->n_in, ways->slope[i] + k * prep->n_in, sum);
		}
	}
}

/* What a way's rule says that a column adds. */
static double part_of(const struct tile *tile, const double *sum, size_t level, size_t column)
{
	const double *weight = tile->ways->weight + level * FLT_WAYS_N_RULES;
	double part = 0;
	for (size_t i = 0; i <= level; i++)
		part += weight[i] * sum[i * tile->ways->n_columns + column];
	return part;
}

static void find_off(const struct tile *tile, size_t row, size_t background)
{
	const struct flt_ways *ways = tile->ways;
	size_t way = row * ways->n + background;
	const double *sum = sums_of(tile, row, background, 0);
	double change = 0;
	for (size_t c = 0; c < ways->n_columns; c++)
		change += part_of(tile, sum, tile->room->level[way], c);
	tile->room->off[way] = tile->ends->end[row] - tile->ends->start[background] - tile->room->rise[way] * change;
}

/* The slope of the map, or its mean slope between the ends. */
static double find_rise(const struct tile *tile, size_t row, size_t background)
{
	const struct flt_ways_ends *ends = tile->ends;
	double change = ends->log_odds[row] - tile->ways->log_odds[background];
	if (!isnan(ends->slope))
		return ends->slope;
	return fabs(change) > 1e-9 ? (ends->end[row] - ends->start[background]) / change : 0;
}

static void start_row(const struct tile *tile, size_t row)
{
	add_ends(tile, row);
	for (size_t k = 0; k < tile->ways->n; k++) {
		size_t way = row * tile->ways->n + k;
		tile->room->level[way] = 0;
		tile->room->rise[way] = find_rise(tile, row, k);
		find_off(tile, row, k);
	}
	tile->room->is_done[row] = false;
}

/* ---- refining ---- */

/* The points move to where the slopes are wanted, and the slopes there are added up. */
static void look_at_queue(const struct tile *tile)
{
	const struct flt_slopes *slopes = &tile->ways->slopes;
	struct flt_ways_room *room = tile->room;
	for (size_t i = 0; i < slopes->n_preps; i++)
		for (size_t p = 0; p < room->n_queued; p++) {
			const struct flt_way_point *point = &room->queue[p];
			size_t n_in = slopes->preps[i].n_in;
			const float *x = room->x[i] + point->row * n_in,
			            *b = tile->ways->x[i] + point->background * n_in;
			float *to = room->points.x[i] + p * n_in;
			for (size_t j = 0; j < n_in; j++)
				to[j] = b[j] + point->t * (x[j] - b[j]);
		}
	flt_slopes_find(slopes, &room->points, room->n_queued);
	for (size_t p = 0; p < room->n_queued; p++) {
		const struct flt_way_point *point = &room->queue[p];
		double *sum = sums_of(tile, point->row, point->background, point->level);
		for (size_t i = 0; i < slopes->n_preps; i++) {
			size_t n_in = slopes->preps[i].n_in;
			add_way(&slopes->preps[i], room->x[i] + point->row * n_in,
			        tile->ways->x[i] + point->background * n_in, room->points.slope[i] + p * n_in, NULL,
			        sum);
		}
	}
	room->n_queued = 0;
}

/* Halves the steps of a way. */
static void queue_halving(const struct tile *tile, size_t row, size_t background)
{
	struct flt_ways_room *room = tile->room;
	size_t level = ++room->level[row * tile->ways->n + background], n_steps = (size_t)1 << level;
	for (size_t step = 1; step < n_steps; step += 2) {
		room->queue[room->n_queued++] =
		        (struct flt_way_point){row, background, level, (float)step / (float)n_steps};
		if (room->n_queued == tile->ways->slopes.n_points)
			look_at_queue(tile);
	}
}

/* Of the ways that can be refined, the one where that promises most; SIZE_MAX if there is none. */
static size_t choose_way(const struct tile *tile, size_t row, const bool *is_chosen)
{
	const struct flt_ways_room *room = tile->room;
	size_t best = SIZE_MAX;
	double most = 0;
	for (size_t k = 0; k < tile->ways->n; k++) {
		size_t way = row * tile->ways->n + k;
		double promise = ldexp(fabs(room->off[way]), -(int)room->level[way]);
		if (room->level[way] < FLT_WAYS_MAX_LEVEL && !is_chosen[k] && promise > most) {
			most = promise;
			best = k;
		}
	}
	return best;
}

/* Whether what all ways leave over is small; and what they leave over by size, lest they only cancel out: then parts of
 * columns could be off by more than their sum. */
static bool is_precise(const struct tile *tile, size_t row)
{
	double sum = 0, size = 0, n = (double)tile->ways->n, range = tile->range[row];
	for (size_t k = 0; k < tile->ways->n; k++) {
		double off = tile->room->off[row * tile->ways->n + k];
		sum += off;
		size += fabs(off);
	}
	return fabs(sum) / n <= fmax(FLT_REASONS_TOLERANCE * range, LEAST_TOLERANCE) &&
	       size / n <= fmax(TOLERABLE_SIZE * range, LEAST_TOLERANCE);
}

/* Chooses the ways that are to be refined, and returns how many: none if what is left over is small, or no way can be
 * refined further. */
static size_t choose_ways(const struct tile *tile, size_t row)
{
	size_t n = tile->ways->n, n_wanted = (n + REFINED - 1) / REFINED, n_chosen = 0, k;
	bool *is_chosen = tile->room->is_chosen + row * n;
	memset(is_chosen, 0, n * sizeof *is_chosen);
	if (is_precise(tile, row))
		return 0;
	for (; n_chosen < n_wanted && (k = choose_way(tile, row, is_chosen)) != SIZE_MAX; n_chosen++)
		is_chosen[k] = true;
	return n_chosen;
}

/* False if no row needed it. */
static bool refine(const struct tile *tile)
{
	struct flt_ways_room *room = tile->room;
	size_t n = tile->ways->n, n_chosen = 0;
	for (size_t row = 0; row < tile->n_rows; row++) {
		size_t n_of_row = room->is_done[row] ? 0 : choose_ways(tile, row);
		room->is_done[row] = n_of_row == 0;
		n_chosen += n_of_row;
		for (size_t k = 0; n_of_row > 0 && k < n; k++)
			if (room->is_chosen[row * n + k])
				queue_halving(tile, row, k);
	}
	if (room->n_queued > 0)
		look_at_queue(tile);
	for (size_t row = 0; row < tile->n_rows; row++)
		for (size_t k = 0; !room->is_done[row] && k < n; k++)
			if (room->is_chosen[row * n + k])
				find_off(tile, row, k);
	return n_chosen > 0;
}

/* ---- rows ---- */

static void add_parts(const struct tile *tile, size_t row, double *part)
{
	const struct flt_ways *ways = tile->ways;
	memset(part, 0, ways->n_columns * sizeof *part);
	for (size_t k = 0; k < ways->n; k++) {
		size_t way = row * ways->n + k;
		const double *sum = sums_of(tile, row, k, 0);
		for (size_t c = 0; c < ways->n_columns; c++)
			part[c] += tile->room->rise[way] * part_of(tile, sum, tile->room->level[way], c);
	}
	for (size_t c = 0; c < ways->n_columns; c++)
		part[c] /= (double)ways->n;
}

static double find_range(const struct flt_ways *ways, const struct flt_ways_ends *ends, size_t row)
{
	double low = ends->end[row], high = ends->end[row];
	for (size_t k = 0; k < ways->n; k++) {
		low = fmin(low, ends->start[k]);
		high = fmax(high, ends->start[k]);
	}
	return high - low;
}

void flt_ways_explain(const struct flt_ways *ways, struct flt_ways_room *room, const struct flt_ways_ends *ends,
                      size_t n_rows, double *part, double *range)
{
	const struct tile tile = {.ways = ways, .room = room, .ends = ends, .n_rows = n_rows, .range = range};
	find_row_slopes(&tile);
	for (size_t row = 0; row < n_rows; row++) {
		range[row] = find_range(ways, ends, row);
		start_row(&tile, row);
	}
	while (refine(&tile))
		;
	for (size_t row = 0; row < n_rows; row++)
		add_parts(&tile, row, part + row * ways->n_columns);
}
