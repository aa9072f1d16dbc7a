#include "eval/cells.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/sample.h"

static enum flt_status stratum_alloc(struct flt_stratum *stratum, size_t n_rows, size_t n_groups, struct flt_error *err)
{
	size_t most = n_groups > n_rows / FLT_N_CALLS ? n_rows : n_groups * FLT_N_CALLS;
	stratum->n_rows = n_rows;
	stratum->cell = flt_alloc(most, sizeof *stratum->cell, err);
	stratum->start = flt_alloc_zero(most + 1, sizeof *stratum->start, err);
	stratum->cell_of = flt_alloc(n_rows, sizeof *stratum->cell_of, err);
	return stratum->cell && stratum->start && stratum->cell_of ? FLT_OK : FLT_ERR_MACHINE;
}

/* Opens the cells that the rows of one group and class need; id[calls] is the cell's number. */
static void open_cells(struct flt_stratum *stratum, size_t group, const uint32_t in_cell[FLT_N_CALLS],
                       uint32_t id[FLT_N_CALLS])
{
	for (uint32_t calls = 0; calls < FLT_N_CALLS; calls++) {
		if (!in_cell[calls])
			continue;
		size_t cell = stratum->n_cells++;
		id[calls] = (uint32_t)cell;
		stratum->cell[cell] = (struct flt_cell){(uint32_t)group, calls};
		stratum->start[cell + 1] = stratum->start[cell] + in_cell[calls];
		for (uint32_t k = stratum->start[cell]; k < stratum->start[cell + 1]; k++)
			stratum->cell_of[k] = (uint32_t)cell;
	}
}

/* Sorts the rows (n) of one group into cells. */
static void fill_group(struct flt_cells *cells, size_t group, const uint32_t *row, size_t n, const uint8_t *label,
                       const uint8_t *calls)
{
	uint32_t in_cell[2][FLT_N_CALLS] = {{0}}, id[2][FLT_N_CALLS] = {{0}};
	for (size_t i = 0; i < n; i++) {
		assert(!calls || calls[row[i]] < FLT_N_CALLS);
		in_cell[label[row[i]]][calls ? calls[row[i]] : 0]++;
	}
	for (int y = 0; y < 2; y++)
		open_cells(&cells->stratum[y], group, in_cell[y], id[y]);
	for (size_t i = 0; i < n; i++)
		cells->cell_of_row[row[i]] = id[label[row[i]]][calls ? calls[row[i]] : 0];
}

enum flt_status flt_cells_init(struct flt_cells *cells, const struct flt_ranking *ranking, const uint8_t *label,
                               const uint8_t *calls, struct flt_error *err)
{
	*cells = (struct flt_cells){0};
	enum flt_status status = flt_groups_init(&cells->groups, ranking, label, err);
	if (status != FLT_OK)
		return status;
	const struct flt_groups *groups = &cells->groups;
	cells->cell_of_row = flt_alloc(groups->n_rows, sizeof *cells->cell_of_row, err);
	if (!cells->cell_of_row ||
	    stratum_alloc(&cells->stratum[0], groups->n_rows - groups->n_positive, groups->n, err) != FLT_OK ||
	    stratum_alloc(&cells->stratum[1], groups->n_positive, groups->n, err) != FLT_OK) {
		flt_cells_release(cells);
		return FLT_ERR_MACHINE;
	}
	const uint32_t *row = ranking->row;
	for (size_t g = 0; g < groups->n; g++) {
		size_t n = (size_t)groups->group[g].n_positive + groups->group[g].n_negative;
		fill_group(cells, g, row, n, label, calls);
		row += n;
	}
	return FLT_OK;
}

void flt_cells_release(struct flt_cells *cells)
{
	for (int y = 0; y < 2; y++) {
		flt_free(cells->stratum[y].cell);
		flt_free(cells->stratum[y].start);
		flt_free(cells->stratum[y].cell_of);
	}
	flt_free(cells->cell_of_row);
	flt_groups_release(&cells->groups);
	*cells = (struct flt_cells){0};
}

/* Deals n draws to the cells first..last-1: one by one where cells are many for them, else by splitting the range in
 * the middle with a binomial draw, which costs as much as some DRAWS_PER_CELL draws. Both are the same distribution. */
static void deal(const struct flt_stratum *stratum, struct flt_random *random, uint32_t *count, size_t first,
                 size_t last, uint64_t n)
{
	enum { DRAWS_PER_CELL = 24 };
	if (n == 0)
		return;
	if (last - first == 1) {
		count[first] += (uint32_t)n;
		return;
	}
	uint64_t start = stratum->start[first], n_rows = stratum->start[last] - start;
	if (n / DRAWS_PER_CELL < last - first) {
		struct flt_below below = flt_below_init(n_rows);
		for (; n > 0; n--)
			count[stratum->cell_of[start + flt_below_draw(&below, random)]]++;
		return;
	}
	size_t middle = first + (last - first) / 2;
	uint64_t left = flt_binomial(random, n, stratum->start[middle] - start, n_rows);
	deal(stratum, random, count, first, middle, left);
	deal(stratum, random, count, middle, last, n - left);
}

void flt_stratum_draw(const struct flt_stratum *stratum, struct flt_random *random, uint32_t *count)
{
	memset(count, 0, stratum->n_cells * sizeof *count);
	deal(stratum, random, count, 0, stratum->n_cells, stratum->n_rows);
}

void flt_cells_weigh(const struct flt_cells *cells, const uint32_t *count_negative, const uint32_t *count_positive,
                     struct flt_group *group, struct flt_predicted *calls)
{
	memset(group, 0, cells->groups.n * sizeof *group);
	*calls = (struct flt_predicted){0};
	const struct flt_stratum *negative = &cells->stratum[0], *positive = &cells->stratum[1];
	for (size_t c = 0; c < negative->n_cells; c++) {
		group[negative->cell[c].group].n_negative += count_negative[c];
		calls->tally[0][negative->cell[c].calls] += count_negative[c];
	}
	for (size_t c = 0; c < positive->n_cells; c++) {
		group[positive->cell[c].group].n_positive += count_positive[c];
		calls->tally[1][positive->cell[c].calls] += count_positive[c];
	}
}

struct flt_confusion flt_predicted_confusion(const struct flt_predicted *calls, unsigned cut)
{
	double called[2] = {0, 0}, all[2] = {0, 0};
	for (int y = 0; y < 2; y++) {
		for (uint32_t bits = 0; bits < FLT_N_CALLS; bits++) {
			all[y] += calls->tally[y][bits];
			called[y] += bits >> cut & 1 ? calls->tally[y][bits] : 0;
		}
	}
	return (struct flt_confusion){.tp = (size_t)called[1],
	                              .fp = (size_t)called[0],
	                              .fn = (size_t)(all[1] - called[1]),
	                              .tn = (size_t)(all[0] - called[0])};
}
