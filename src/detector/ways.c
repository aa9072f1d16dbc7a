#include "detector/ways.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "prep/typed_rows.h"

/* Rows are explained together, so that the points of a network fill tiles: as many as these fit for. */
enum { MOST_UNITS = 1 << 17, MOST_COLUMN_VALUES = 1 << 22, POINTS_OF_MEMBER = 8 };

/* ---- rules ---- */

/* What the value at a node counts at t: linear between two nodes, otherwise quadratic by threes. */
static double share_of_node(size_t node, size_t n_steps, double t)
{
	double at = t * (double)n_steps, share = 1;
	size_t n = n_steps == 1 ? 1 : 2, first = (size_t)at / n * n;
	first = first >= n_steps ? n_steps - n : first;
	if (node < first || node > first + n)
		return 0;
	for (size_t i = first; i <= first + n; i++)
		if (i != node)
			share *= (at - (double)i) / ((double)node - (double)i);
	return share;
}

/* By Simpson's rule on the grid. */
static enum flt_status find_rule(size_t grid, size_t level, struct flt_ways_rule *rule, struct flt_error *err)
{
	const size_t n_grid = (size_t)1 << grid, n_steps = (size_t)1 << level;
	rule->weight = flt_alloc(n_steps + 1, (n_grid + 1) * sizeof *rule->weight, err);
	rule->sum = flt_alloc_zero(n_steps + 1, sizeof *rule->sum, err);
	FLT_TRY_MEMORY(rule->weight && rule->sum);
	for (size_t node = 0; node <= n_steps; node++)
		for (size_t i = 0; i <= n_grid; i++) {
			double factor = (i == 0 || i == n_grid ? 1 : i % 2 == 1 ? 4 : 2) / (3.0 * (double)n_grid);
			double share = share_of_node(node, n_steps, (double)i / (double)n_grid);
			rule->weight[node * (n_grid + 1) + i] = (float)(factor * share);
			rule->sum[node] += (float)(factor * share);
		}
	return FLT_OK;
}

/* ---- background rows ---- */

/* Packs b (n_rows, n_cols) as products take it (nn/product.h). */
static enum flt_status pack(size_t n_rows, size_t n_cols, const float *b, size_t row_step, size_t col_step,
                            float **packed, struct flt_error *err)
{
	size_t n_panels = (n_cols + FLT_PANEL - 1) / FLT_PANEL;
	*packed = flt_alloc_aligned(n_panels * n_rows, FLT_PANEL * sizeof **packed, err);
	FLT_TRY_MEMORY(*packed);
	for (size_t i = 0; i < n_rows; i++)
		for (size_t j = 0; j < n_cols; j++)
			(*packed)[(j / FLT_PANEL * n_rows + i) * FLT_PANEL + j % FLT_PANEL] =
			        b[i * row_step + j * col_step];
	return FLT_OK;
}

static enum flt_status open_prep(struct flt_ways *ways, size_t i, const struct flt_background *background,
                                 struct flt_error *err)
{
	struct flt_ways_prep *prep = &ways->preps[i];
	size_t n_in = ways->slopes.preps[i].n_in;
	prep->x = flt_alloc(ways->n, n_in * sizeof *prep->x, err);
	FLT_TRY_MEMORY(prep->x);
	FLT_TRY(flt_typed_rows_apply(ways->slopes.preps[i].prep, background->values, ways->n, prep->x, err));
	FLT_TRY(pack(ways->n, n_in, prep->x, n_in, 1, &prep->packed, err));
	FLT_TRY(pack(n_in, ways->n, prep->x, 1, n_in, &prep->transposed, err));
	ways->most_in = n_in > ways->most_in ? n_in : ways->most_in;
	return FLT_OK;
}

static void look_at_background(struct flt_ways *ways, size_t m, struct flt_slopes_room *room)
{
	size_t n_in = ways->slopes.members[m].n_in, n;
	const float *x = ways->preps[ways->slopes.members[m].prep].x;
	for (size_t first = 0; first < ways->n; first += n) {
		size_t left = ways->n - first;
		n = left < ways->slopes.n_points ? left : ways->slopes.n_points;
		memcpy(flt_slopes_rows(&ways->slopes, room, m), x + first * n_in, n * n_in * sizeof *x);
		const float *slope = flt_slopes_find(&ways->slopes, room, m, n);
		memcpy(ways->members[m].slope + first * n_in, slope, n * n_in * sizeof *slope);
		for (size_t i = 0; i < n; i++)
			ways->members[m].log_odds[first + i] = (float)room->log_odds[i];
	}
}

/* times_x (n, n_in) is scratch. */
static enum flt_status open_member(struct flt_ways *ways, size_t m, struct flt_slopes_room *room, float *times_x,
                                   struct flt_error *err)
{
	struct flt_ways_member *member = &ways->members[m];
	const struct flt_detector *detector = ways->slopes.detector;
	size_t n_in = ways->slopes.members[m].n_in;
	const float *x = ways->preps[ways->slopes.members[m].prep].x;
	member->weight = (float)flt_detector_share(detector, m);
	member->cost = (float)((double)(flt_mlp_n_params(detector->members[m].net) * detector->n_members) /
	                       (double)flt_detector_n_params(detector));
	member->log_odds = flt_alloc(ways->n, sizeof *member->log_odds, err);
	member->own = flt_alloc(ways->n, sizeof *member->own, err);
	member->slope = flt_alloc(ways->n, n_in * sizeof *member->slope, err);
	FLT_TRY_MEMORY(member->log_odds && member->own && member->slope);
	look_at_background(ways, m, room);
	for (size_t k = 0; k < ways->n; k++) {
		double own = 0;
		for (size_t j = k * n_in; j < (k + 1) * n_in; j++)
			own += (double)(times_x[j] = member->slope[j] * x[j]);
		member->own[k] = (float)own;
	}
	FLT_TRY(pack(ways->n, n_in, member->slope, n_in, 1, &member->packed, err));
	FLT_TRY(pack(n_in, ways->n, member->slope, 1, n_in, &member->transposed, err));
	return pack(ways->n, n_in, times_x, n_in, 1, &member->times_x, err);
}

static void find_log_odds(struct flt_ways *ways)
{
	bool is_single = ways->slopes.n_members == 1;
	for (size_t k = 0; k < ways->n; k++) {
		double log_p = -HUGE_VAL, log_q = -HUGE_VAL;
		for (size_t m = 0; m < ways->slopes.n_members; m++)
			flt_mean_log_odds_add(&log_p, &log_q, ways->slopes.members[m].log_weight,
			                      (double)ways->members[m].log_odds[k]);
		ways->log_odds[k] = is_single ? (double)ways->members[0].log_odds[k] : log_p - log_q;
	}
}

static enum flt_status open_background(struct flt_ways *ways, const struct flt_background *background,
                                       struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_slopes_room room = {0};
	float *times_x = NULL;
	for (size_t i = 0; i < ways->slopes.n_preps; i++)
		FLT_TRY_OUT(open_prep(ways, i, background, err));
	times_x = flt_alloc(ways->n, ways->most_in * sizeof *times_x, err);
	FLT_TRY_MEMORY_OUT(times_x);
	FLT_TRY_OUT(flt_slopes_room_init(&room, &ways->slopes, err));
	for (size_t m = 0; m < ways->slopes.n_members; m++)
		FLT_TRY_OUT(open_member(ways, m, &room, times_x, err));
	find_log_odds(ways);
out:
	flt_slopes_room_release(&room);
	flt_free(times_x);
	return status;
}

enum flt_status flt_ways_init(struct flt_ways *ways, const struct flt_detector *detector, struct flt_error *err)
{
	*ways = (struct flt_ways){.n = detector->background.n, .n_columns = flt_detector_n_columns(detector)};
	FLT_TRY(flt_slopes_init(&ways->slopes, detector, err));
	ways->preps = flt_alloc_zero(ways->slopes.n_preps, sizeof *ways->preps, err);
	ways->members = flt_alloc_zero(ways->slopes.n_members, sizeof *ways->members, err);
	ways->log_odds = flt_alloc(ways->n, sizeof *ways->log_odds, err);
	FLT_TRY_MEMORY(ways->preps && ways->members && ways->log_odds);
	for (size_t grid = FLT_WAYS_GRID_LEVEL; grid <= FLT_WAYS_MAX_LEVEL; grid++)
		for (size_t level = 0; level <= grid; level++)
			FLT_TRY(find_rule(grid, level, &ways->rules[grid][level], err));
	return open_background(ways, &detector->background, err);
}

void flt_ways_release(struct flt_ways *ways)
{
	for (size_t i = 0; ways->preps && i < ways->slopes.n_preps; i++) {
		flt_free(ways->preps[i].x);
		flt_free(ways->preps[i].packed);
		flt_free(ways->preps[i].transposed);
	}
	for (size_t m = 0; ways->members && m < ways->slopes.n_members; m++) {
		flt_free(ways->members[m].log_odds);
		flt_free(ways->members[m].own);
		flt_free(ways->members[m].slope);
		flt_free(ways->members[m].packed);
		flt_free(ways->members[m].transposed);
		flt_free(ways->members[m].times_x);
	}
	for (size_t grid = FLT_WAYS_GRID_LEVEL; grid <= FLT_WAYS_MAX_LEVEL; grid++)
		for (size_t level = 0; level <= grid; level++) {
			flt_free(ways->rules[grid][level].weight);
			flt_free(ways->rules[grid][level].sum);
		}
	flt_free(ways->preps);
	flt_free(ways->members);
	flt_free(ways->log_odds);
	flt_slopes_release(&ways->slopes);
	*ways = (struct flt_ways){0};
}

/* ---- one thread's room ---- */

static size_t most_rows(const struct flt_ways *ways)
{
	size_t n_members = ways->slopes.n_members, by_units = MOST_UNITS / (n_members * ways->n);
	size_t by_columns = MOST_COLUMN_VALUES / (POINTS_OF_MEMBER * n_members * ways->n_columns);
	size_t most = by_units < by_columns ? by_units : by_columns;
	return most < 1 ? 1 : most > ways->slopes.n_points ? ways->slopes.n_points : most;
}

/* Arrays (n_rows, inputs of the preparation, or of the member's). */
static enum flt_status new_inputs(const struct flt_slopes *slopes, size_t n_rows, struct flt_ways_room *room,
                                  struct flt_error *err)
{
	room->x = flt_alloc_zero(room->n_preps, sizeof *room->x, err);
	room->slope = flt_alloc_zero(room->n_members, sizeof *room->slope, err);
	FLT_TRY_MEMORY(room->x && room->slope);
	for (size_t i = 0; i < room->n_preps; i++) {
		room->x[i] = flt_alloc(n_rows, slopes->preps[i].n_in * sizeof **room->x, err);
		FLT_TRY_MEMORY(room->x[i]);
	}
	for (size_t m = 0; m < room->n_members; m++) {
		room->slope[m] = flt_alloc(n_rows, slopes->members[m].n_in * sizeof **room->slope, err);
		FLT_TRY_MEMORY(room->slope[m]);
	}
	return FLT_OK;
}

enum flt_status flt_ways_room_init(struct flt_ways_room *room, const struct flt_ways *ways, size_t n_rows,
                                   struct flt_error *err)
{
	size_t n_members = ways->slopes.n_members, most = most_rows(ways);
	*room = (struct flt_ways_room){.n_preps = ways->slopes.n_preps, .n_members = n_members};
	n_rows = room->max_rows = n_rows < most ? n_rows : most;
	FLT_TRY(new_inputs(&ways->slopes, n_rows, room, err));
	room->log_odds = flt_alloc(n_rows, n_members * sizeof *room->log_odds, err);
	room->start = flt_alloc(n_rows, n_members * ways->n * sizeof *room->start, err);
	room->promise = flt_alloc(n_rows, n_members * ways->n * sizeof *room->promise, err);
	room->end = flt_alloc(n_rows, n_members * ways->n * sizeof *room->end, err);
	room->units = flt_alloc(n_rows, n_members * ways->n * sizeof *room->units, err);
	room->ways = flt_alloc(n_rows, ways->n * sizeof *room->ways, err);
	room->is_done = flt_alloc(n_rows, sizeof *room->is_done, err);
	room->dealt = flt_alloc(ways->n_columns, 2 * sizeof *room->dealt, err);
	FLT_TRY_MEMORY(room->log_odds && room->start && room->end && room->promise && room->units && room->ways &&
	               room->is_done && room->dealt);
	for (size_t i = 0; i < 3; i++) {
		room->sums[i] = flt_alloc(n_rows, ways->most_in * sizeof **room->sums, err);
		room->grid[i] = flt_alloc(n_members, FLT_WAYS_MOST_GRID * sizeof **room->grid, err);
		FLT_TRY_MEMORY(room->sums[i] && room->grid[i]);
	}
	return flt_slopes_room_init(&room->points, &ways->slopes, err);
}

void flt_ways_room_release(struct flt_ways_room *room)
{
	for (size_t i = 0; room->x && i < room->n_preps; i++)
		flt_free(room->x[i]);
	for (size_t m = 0; room->slope && m < room->n_members; m++)
		flt_free(room->slope[m]);
	for (size_t i = 0; i < 3; i++) {
		flt_free(room->sums[i]);
		flt_free(room->grid[i]);
	}
	flt_free(room->x);
	flt_free(room->slope);
	flt_free(room->log_odds);
	flt_free(room->start);
	flt_free(room->end);
	flt_free(room->promise);
	flt_free(room->units);
	flt_free(room->ways);
	flt_free(room->is_done);
	flt_free(room->dealt);
	flt_free(room->looked_at);
	flt_free(room->columns);
	flt_slopes_room_release(&room->points);
	*room = (struct flt_ways_room){0};
}
