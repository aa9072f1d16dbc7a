/* The steps of members along the ways of a tile of rows. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/ways_tile.h"
#include "fltrain/reasons.h"
#include "nn/matrix.h"

/* What may be left over in log-odds, however small the range is. */
static const double LEAST_TOLERANCE = 1e-6;

/* What a member's steps on a way may leave over, as a share of the range, before all that is left over is looked at. */
static const double TOLERABLE = 0.0035;

/* What is missing is dealt out to the columns if it is more than this part of that. */
static const double DEALT_OUT = 0.2;

/* ---- the ends of ways ---- */

/* The slope of the map, or its mean slope between the ends. */
static double find_rise(const struct flt_ways_tile *tile, size_t row, size_t background)
{
	const struct flt_ways_ends *ends = tile->ends;
	double change = ends->log_odds[row] - tile->ways->log_odds[background];
	if (!isnan(ends->slope))
		return ends->slope;
	return fabs(change) > 1e-9 ? (ends->end[row] - ends->start[background]) / change : 0;
}

/* What a member does at the ends of all ways. */
static void find_ends(const struct flt_ways_tile *tile, size_t m)
{
	const struct flt_ways *ways = tile->ways;
	struct flt_ways_room *room = tile->room;
	size_t prep = ways->slopes.members[m].prep, n_in = ways->slopes.members[m].n_in;
	const float *x = room->x[prep], *slope = room->slope[m];
	float *start = room->start + flt_ways_end(tile, m, 0), *end = room->end + flt_ways_end(tile, m, 0);
	flt_product *product = room->points.pass.kernels->product;
	memcpy(flt_slopes_rows(&ways->slopes, &room->points, m), x, tile->n_rows * n_in * sizeof *x);
	const float *found = flt_slopes_find(&ways->slopes, &room->points, m, tile->n_rows);
	memcpy(room->slope[m], found, tile->n_rows * n_in * sizeof *found);
	flt_linear_forward(product, tile->n_rows, n_in, ways->n, x, ways->members[m].transposed, start);
	flt_linear_forward(product, tile->n_rows, n_in, ways->n, slope, ways->preps[prep].transposed, end);
	for (size_t row = 0; row < tile->n_rows; row++, start += ways->n, end += ways->n) {
		double own = 0;
		for (size_t j = row * n_in; j < (row + 1) * n_in; j++)
			own += (double)slope[j] * (double)x[j];
		for (size_t k = 0; k < ways->n; k++) {
			start[k] -= ways->members[m].own[k];
			end[k] = (float)own - end[k];
		}
		room->log_odds[m * room->max_rows + row] = (float)room->points.log_odds[row];
	}
}

/* ---- what a way's steps say ---- */

/* A member on one way, with what it reads. */
struct unit {
	struct flt_way_unit *at;
	struct flt_way_point start, end;
};

static struct unit unit_of(const struct flt_ways_tile *tile, size_t m, size_t row, size_t background)
{
	size_t way = flt_ways_way(tile, row, background), ends = flt_ways_end(tile, m, way);
	return (struct unit){
	        .at = flt_ways_units(tile, way) + m,
	        .start = {.log_odds = tile->ways->members[m].log_odds[background], .rate = tile->room->start[ends]},
	        .end = {.log_odds = tile->room->log_odds[m * tile->room->max_rows + row],
	                .rate = tile->room->end[ends]}};
}

/* What is known at node i of its 2^level steps. */
static struct flt_way_point *node_of(const struct flt_ways_tile *tile, struct unit *unit, size_t i)
{
	unsigned halvings = unit->at->level;
	if (i == 0)
		return &unit->start;
	if (i == (size_t)1 << halvings)
		return &unit->end;
	for (; i % 2 == 0; i /= 2)
		halvings--;
	return &tile->room->looked_at[unit->at->first[halvings - 1] + i / 2];
}

/* o at the grid, by cubics between nodes. */
static void fill_grid(const struct flt_ways_tile *tile, struct unit *unit, size_t n_grid, float *log_odds)
{
	size_t n_steps = (size_t)1 << unit->at->level, per_step = n_grid / n_steps;
	float step = 1 / (float)n_steps;
	const struct flt_way_point *a, *b = &unit->start;
	for (size_t i = 0; i < n_steps; i++) {
		a = b;
		b = node_of(tile, unit, i + 1);
		for (size_t q = 0; q < per_step; q++) {
			float t = (float)q / (float)per_step, s = 1 - t;
			*log_odds++ = s * s * ((1 + 2 * t) * a->log_odds + t * step * a->rate) +
			              t * t * ((1 + 2 * s) * b->log_odds - s * step * b->rate);
		}
	}
	*log_odds = b->log_odds;
}

/* r of all members (n_members, n) at the points of the grid, w p q (1 / sum w p + 1 / sum w q) with p = sigmoid(o),
 * which takes the place of p. */
static void find_rates(const struct flt_ways_tile *tile, size_t n)
{
	size_t n_members = tile->room->n_members;
	float *p = tile->room->grid[1], *q = tile->room->grid[2];
	float sum_p[FLT_WAYS_MOST_GRID] = {0}, sum_q[FLT_WAYS_MOST_GRID] = {0};
	tile->room->points.pass.kernels->sigmoid(n_members * n, tile->room->grid[0], p, q);
	for (size_t m = 0; m < n_members; m++)
		for (size_t i = 0; i < n; i++) {
			sum_p[i] += tile->ways->members[m].weight * p[m * n + i];
			sum_q[i] += tile->ways->members[m].weight * q[m * n + i];
		}
	for (size_t i = 0; i < n; i++)
		sum_p[i] = 1 / sum_p[i] + 1 / sum_q[i];
	for (size_t m = 0; m < n_members; m++)
		for (size_t i = 0; i < n; i++, p++, q++)
			*p = n_members == 1 ? 1 : tile->ways->members[m].weight * *p * *q * sum_p[i];
}

/* Finds the weights of a unit's nodes from r (n_grid + 1) at the grid, and what halving the unit promises. Returns the
 * change of L over its steps. */
static double judge_unit(const struct flt_ways_tile *tile, struct unit *unit, const struct flt_ways_rule *rule,
                         size_t n_grid, const float *r)
{
	unsigned level = unit->at->level;
	float change = 0, own_change = 0, mean_rate = 0;
	for (size_t i = 0; i <= (size_t)1 << level; i++) {
		struct flt_way_point *node = node_of(tile, unit, i);
		node->weight = 0;
		for (size_t q = 0; q <= n_grid; q++)
			node->weight += rule->weight[i * (n_grid + 1) + q] * r[q];
		change += node->weight * node->rate;
		own_change += rule->sum[i] * node->rate;
		mean_rate += node->weight;
	}
	float off = unit->end.log_odds - unit->start.log_odds - own_change;
	unit->at->off = off;
	unit->at->missing = mean_rate * off;
	unit->at->start_weight = unit->start.weight;
	unit->at->end_weight = unit->end.weight;
	return (double)change;
}

/* What halving the steps promises for what it costs. Where r is doubted it may be too small by as much as o is. */
static float promise_of(const struct flt_ways_tile *tile, size_t m, const struct flt_way_unit *unit, bool is_doubted)
{
	float cost = tile->ways->members[m].cost * (float)((size_t)1 << unit->level), size = fabsf(unit->off);
	if (unit->level == FLT_WAYS_MAX_LEVEL)
		return 0;
	return (is_doubted ? fabsf(unit->missing) * expf(size < 10 ? size : 10) : fabsf(unit->missing)) / cost;
}

/* Finds all promises of a way. */
static void find_promises(const struct flt_ways_tile *tile, size_t way)
{
	struct flt_way_state *state = &tile->room->ways[way];
	const struct flt_way_unit *units = flt_ways_units(tile, way);
	float most = 0, rise = (float)fabs(state->rise);
	for (size_t m = 0; m < tile->room->n_members; m++) {
		float promise = rise * promise_of(tile, m, &units[m], state->is_doubted);
		tile->room->promise[flt_ways_end(tile, m, way)] = promise;
		most = promise > most ? promise : most;
	}
	state->promise = (double)most;
}

/* What may be missing on a row's way before it is looked at again. */
static double tolerable(const struct flt_ways_tile *tile, size_t row)
{
	return fmax(TOLERABLE * tile->range[row], LEAST_TOLERANCE);
}

static void judge_way(const struct flt_ways_tile *tile, size_t row, size_t background)
{
	struct flt_way_state *state = &tile->room->ways[flt_ways_way(tile, row, background)];
	size_t n_grid = (size_t)1 << state->grid;
	double change = 0;
	for (size_t m = 0; m < tile->room->n_members; m++) {
		struct unit unit = unit_of(tile, m, row, background);
		fill_grid(tile, &unit, n_grid, tile->room->grid[0] + m * (n_grid + 1));
	}
	find_rates(tile, n_grid + 1);
	for (size_t m = 0; m < tile->room->n_members; m++) {
		struct unit unit = unit_of(tile, m, row, background);
		unit.at->dealt = 0;
		change += judge_unit(tile, &unit, &tile->ways->rules[state->grid][unit.at->level], n_grid,
		                     tile->room->grid[1] + m * (n_grid + 1));
		if (fabs(state->rise * (double)unit.at->missing) > DEALT_OUT * tolerable(tile, row))
			unit.at->dealt = unit.at->missing;
		change += (double)unit.at->dealt;
	}
	state->left = tile->ends->end[row] - tile->ends->start[background] - state->rise * change;
	find_promises(tile, flt_ways_way(tile, row, background));
	state->is_old = false;
}

/* ---- rows ---- */

/* Doubts the ways that leave over most in the direction of the sum, and lowers their thresholds until some of their
 * members promise more. False if none can. */
static bool doubt(const struct flt_ways_tile *tile, size_t row, double sum)
{
	struct flt_way_state *ways = tile->room->ways + flt_ways_way(tile, row, 0);
	double most = 0, sign = sum < 0 ? -1 : 1;
	for (size_t k = 0; k < tile->ways->n; k++)
		if (ways[k].promise > 0)
			most = fmax(most, sign * ways[k].left);
	for (size_t k = 0; k < tile->ways->n && most > 0; k++) {
		if (sign * ways[k].left < most / 4)
			continue;
		ways[k].is_doubted = true;
		find_promises(tile, flt_ways_way(tile, row, k));
		if (ways[k].promise <= ways[k].threshold)
			ways[k].threshold = ways[k].promise / 4;
	}
	return most > 0;
}

/* Whether no member's steps promise more than the threshold, and little is left over. */
static bool is_precise(const struct flt_ways_tile *tile, size_t row)
{
	struct flt_way_state *ways = tile->room->ways + flt_ways_way(tile, row, 0);
	double sum = 0, n = (double)tile->ways->n;
	bool is_over = false;
	for (size_t k = 0; k < tile->ways->n; k++) {
		is_over = is_over || ways[k].promise > ways[k].threshold;
		sum += ways[k].left;
	}
	if (is_over)
		return false;
	return fabs(sum) / n <= fmax(FLT_REASONS_TOLERANCE * tile->range[row], LEAST_TOLERANCE) ||
	       !doubt(tile, row, sum);
}

static void judge_row(const struct flt_ways_tile *tile, size_t row)
{
	for (size_t k = 0; k < tile->ways->n; k++)
		if (tile->room->ways[flt_ways_way(tile, row, k)].is_old)
			judge_way(tile, row, k);
	tile->room->is_done[row] = is_precise(tile, row);
}

static void start_row(const struct flt_ways_tile *tile, size_t row)
{
	double threshold = tolerable(tile, row);
	for (size_t k = 0; k < tile->ways->n; k++) {
		size_t way = flt_ways_way(tile, row, k);
		tile->room->ways[way] = (struct flt_way_state){.rise = find_rise(tile, row, k),
		                                               .threshold = threshold,
		                                               .grid = FLT_WAYS_GRID_LEVEL,
		                                               .is_old = true};
		for (size_t m = 0; m < tile->room->n_members; m++)
			flt_ways_units(tile, way)[m].level = 0;
	}
	judge_row(tile, row);
}

/* ---- refining ---- */

static enum flt_status reserve_points(struct flt_ways_room *room, size_t n_columns, size_t n, struct flt_error *err)
{
	FLT_TRY(flt_grow((void **)&room->looked_at, &room->point_capacity, room->n_looked_at + n,
	                 sizeof *room->looked_at, err));
	return flt_grow((void **)&room->columns, &room->column_capacity, room->n_looked_at + n,
	                n_columns * sizeof *room->columns, err);
}

/* Halves the steps of a member. */
static enum flt_status halve(const struct flt_ways_tile *tile, size_t m, size_t row, size_t background,
                             struct flt_error *err)
{
	struct flt_ways_room *room = tile->room;
	size_t way = flt_ways_way(tile, row, background);
	struct flt_way_unit *unit = flt_ways_units(tile, way) + m;
	size_t n_steps = (size_t)2 << unit->level;
	FLT_TRY(reserve_points(room, tile->ways->n_columns, n_steps / 2, err));
	unit->first[unit->level++] = (uint32_t)room->n_looked_at;
	for (size_t step = 1; step < n_steps; step += 2)
		room->looked_at[room->n_looked_at++] =
		        (struct flt_way_point){.row = row, .background = background, .t = (float)step / (float)n_steps};
	room->ways[way].is_old = true;
	if (unit->level > room->ways[way].grid)
		room->ways[way].grid = unit->level;
	return FLT_OK;
}

/* Looks at n points of a member, from the given one. */
static void look(const struct flt_ways_tile *tile, size_t m, size_t first, size_t n)
{
	const struct flt_slopes *slopes = &tile->ways->slopes;
	const struct flt_slopes_prep *prep = &slopes->preps[slopes->members[m].prep];
	const float *xs = tile->room->x[slopes->members[m].prep], *bs = tile->ways->preps[slopes->members[m].prep].x;
	struct flt_way_point *point = tile->room->looked_at + first;
	float *to = flt_slopes_rows(slopes, &tile->room->points, m);
	for (size_t p = 0; p < n; p++, to += prep->n_in) {
		const float *x = xs + point[p].row * prep->n_in, *b = bs + point[p].background * prep->n_in;
		for (size_t j = 0; j < prep->n_in; j++)
			to[j] = b[j] + point[p].t * (x[j] - b[j]);
	}
	const float *slope = flt_slopes_find(slopes, &tile->room->points, m, n);
	float *columns = tile->room->columns + first * tile->ways->n_columns;
	memset(columns, 0, n * tile->ways->n_columns * sizeof *columns);
	for (size_t p = 0; p < n; p++, slope += prep->n_in, columns += tile->ways->n_columns) {
		const float *x = xs + point[p].row * prep->n_in, *b = bs + point[p].background * prep->n_in;
		point[p].log_odds = (float)tile->room->points.log_odds[p];
		for (size_t j = 0; j < prep->n_in; j++) {
			float rate = slope[j] * (x[j] - b[j]);
			columns[prep->column[j]] += isfinite(rate) ? rate : 0;
			point[p].rate += rate;
		}
	}
}

static enum flt_status refine_member(const struct flt_ways_tile *tile, size_t m, struct flt_error *err)
{
	struct flt_ways_room *room = tile->room;
	size_t first = room->n_looked_at;
	for (size_t row = 0; row < tile->n_rows; row++)
		for (size_t k = 0; !room->is_done[row] && k < tile->ways->n; k++) {
			size_t way = flt_ways_way(tile, row, k);
			if ((double)room->promise[flt_ways_end(tile, m, way)] > room->ways[way].threshold)
				FLT_TRY(halve(tile, m, row, k, err));
		}
	for (size_t n; first < room->n_looked_at; first += n) {
		size_t left = room->n_looked_at - first, most = tile->ways->slopes.n_points;
		n = left < most ? left : most;
		look(tile, m, first, n);
	}
	return FLT_OK;
}

/* Until all rows are done. */
static enum flt_status refine(const struct flt_ways_tile *tile, struct flt_error *err)
{
	struct flt_ways_room *room = tile->room;
	for (size_t n_done = 0; n_done < tile->n_rows;) {
		for (size_t m = 0; m < room->n_members; m++)
			FLT_TRY(refine_member(tile, m, err));
		n_done = 0;
		for (size_t row = 0; row < tile->n_rows; row++) {
			if (!room->is_done[row])
				judge_row(tile, row);
			n_done += room->is_done[row];
		}
	}
	return FLT_OK;
}

enum flt_status flt_ways_take_steps(const struct flt_ways_tile *tile, struct flt_error *err)
{
	for (size_t m = 0; m < tile->room->n_members; m++)
		find_ends(tile, m);
	for (size_t row = 0; row < tile->n_rows; row++)
		start_row(tile, row);
	return refine(tile, err);
}
