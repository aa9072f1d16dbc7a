/* What columns add along the ways of a tile of rows. */
#include <math.h>
#include <string.h>

#include "detector/ways_tile.h"
#include "nn/matrix.h"

/* Deals out what a member's steps miss on a way. Where the derivatives of columns are large they are likely to bend
 * most: so each gets its part of the squares at both ends. */
static void deal_out(const struct flt_ways_tile *tile, size_t m, size_t row, size_t background, double amount,
                     double *part)
{
	const struct flt_ways *ways = tile->ways;
	size_t number = ways->slopes.members[m].prep, n_columns = ways->n_columns;
	const struct flt_slopes_prep *prep = &ways->slopes.preps[number];
	const float *x = tile->room->x[number] + row * prep->n_in, *b = ways->preps[number].x + background * prep->n_in;
	const float *g = tile->room->slope[m] + row * prep->n_in, *h = ways->members[m].slope + background * prep->n_in;
	float *start = tile->room->dealt, *end = start + n_columns, sum = 0;
	memset(start, 0, 2 * n_columns * sizeof *start);
	for (size_t j = 0; j < prep->n_in; j++) {
		start[prep->column[j]] += h[j] * (x[j] - b[j]);
		end[prep->column[j]] += g[j] * (x[j] - b[j]);
	}
	for (size_t c = 0; c < n_columns; c++)
		sum += start[c] = start[c] * start[c] + end[c] * end[c];
	for (size_t c = 0; sum > 0 && isfinite(sum) && c < n_columns; c++)
		part[c] += amount * (double)(start[c] / sum);
}

/* Deals out what the steps of a row miss, and puts the weights of the ends of its ways in their place. */
static void finish_row(const struct flt_ways_tile *tile, size_t row, double *part)
{
	for (size_t k = 0; k < tile->ways->n; k++) {
		size_t way = flt_ways_way(tile, row, k);
		const struct flt_way_state *state = &tile->room->ways[way];
		const struct flt_way_unit *unit = flt_ways_units(tile, way);
		double factor = state->rise / (double)tile->ways->n;
		for (size_t m = 0; m < tile->room->n_members; m++, unit++) {
			size_t ends = flt_ways_end(tile, m, way);
			tile->room->start[ends] = (float)factor * unit->start_weight;
			tile->room->end[ends] = (float)factor * unit->end_weight;
			if (unit->dealt != 0)
				deal_out(tile, m, row, k, factor * (double)unit->dealt, part);
		}
	}
}

/* part (n_rows, n_columns) += what the points between the ends add. */
static void add_points(const struct flt_ways_tile *tile, double *part)
{
	const struct flt_ways *ways = tile->ways;
	const float *columns = tile->room->columns;
	for (size_t i = 0; i < tile->room->n_looked_at; i++, columns += ways->n_columns) {
		const struct flt_way_point *point = &tile->room->looked_at[i];
		const struct flt_way_state *state =
		        &tile->room->ways[flt_ways_way(tile, point->row, point->background)];
		double weight = state->rise / (double)ways->n * (double)point->weight,
		       *to = part + point->row * ways->n_columns;
		for (size_t c = 0; c < ways->n_columns; c++)
			to[c] += weight * (double)columns[c];
	}
}

/* part (n_rows, n_columns) += what the ends add. Of slopes g at x and h at b, weighted by u and v, that is
 * x sum v h - sum v h b + g (x sum u - sum u b). */
static void add_ends(const struct flt_ways_tile *tile, size_t m, double *part)
{
	const struct flt_ways *ways = tile->ways;
	size_t number = ways->slopes.members[m].prep, n = tile->n_rows;
	const struct flt_slopes_prep *prep = &ways->slopes.preps[number];
	const float *v = tile->room->start + flt_ways_end(tile, m, 0), *u = tile->room->end + flt_ways_end(tile, m, 0);
	const float *x = tile->room->x[number], *g = tile->room->slope[m];
	float *vh = tile->room->sums[0], *vhb = tile->room->sums[1], *ub = tile->room->sums[2];
	flt_product *product = tile->room->points.pass.kernels->product;
	flt_linear_backward_input(product, n, prep->n_in, ways->n, ways->members[m].packed, v, vh);
	flt_linear_backward_input(product, n, prep->n_in, ways->n, ways->members[m].times_x, v, vhb);
	flt_linear_backward_input(product, n, prep->n_in, ways->n, ways->preps[number].packed, u, ub);
	for (size_t row = 0; row < n; row++, part += ways->n_columns, u += ways->n) {
		float sum = 0;
		for (size_t k = 0; k < ways->n; k++)
			sum += u[k];
		for (size_t j = 0; j < prep->n_in; j++, x++) {
			float added = *x * *vh++ - *vhb++ + *g++ * (*x * sum - *ub++);
			part[prep->column[j]] += isfinite(added) ? (double)added : 0;
		}
	}
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

enum flt_status flt_ways_explain(const struct flt_ways *ways, struct flt_ways_room *room,
                                 const struct flt_ways_ends *ends, size_t n_rows, double *part, double *range,
                                 struct flt_error *err)
{
	const struct flt_ways_tile tile = {.ways = ways, .room = room, .ends = ends, .n_rows = n_rows, .range = range};
	room->n_looked_at = 0;
	for (size_t row = 0; row < n_rows; row++)
		range[row] = find_range(ways, ends, row);
	FLT_TRY(flt_ways_take_steps(&tile, err));
	memset(part, 0, n_rows * ways->n_columns * sizeof *part);
	for (size_t row = 0; row < n_rows; row++)
		finish_row(&tile, row, part + row * ways->n_columns);
	add_points(&tile, part);
	for (size_t m = 0; m < room->n_members; m++)
		add_ends(&tile, m, part);
	return FLT_OK;
}
