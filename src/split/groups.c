/*
 * Identical rows form a group where that is asked for. With --group, groups that share identical rows are then joined,
 * by union-find over two kinds of nodes: the sets of identical rows and the values of the group column. Each row is an
 * edge between two of them.
 *
 * Groups are numbered by first appearance, so values only decide which rows are equal: changing values in a way that
 * keeps equal rows equal and different rows different leaves every split as it is.
 */
#include "split/groups.h"

#include <assert.h>

#include "base/alloc.h"
#include "split/numbering.h"

static uint32_t find_root(uint32_t *parent, uint32_t node)
{
	while (parent[node] != node)
		node = parent[node] = parent[parent[node]];
	return node;
}

static void join(uint32_t *parent, uint32_t x, uint32_t y)
{
	x = find_root(parent, x);
	y = find_root(parent, y);
	if (x < y)
		parent[y] = x;
	else
		parent[x] = y;
}

/* Joins groups whose rows share a value of other (n): row i is an edge from groups->of[i] to other[i]. */
static enum flt_status join_groups(struct flt_row_groups *groups, const uint32_t *other, size_t n_other, size_t n,
                                   struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_nodes = groups->n_groups + n_other;
	uint32_t n_joined = 0, first_other = (uint32_t)groups->n_groups;
	uint32_t *parent = flt_alloc(n_nodes, sizeof *parent, err);
	uint32_t *number = flt_alloc(n_nodes, sizeof *number, err);
	FLT_TRY_MEMORY_OUT(parent && number);
	assert(n_nodes < UINT32_MAX);
	for (size_t i = 0; i < n_nodes; i++) {
		parent[i] = (uint32_t)i;
		number[i] = UINT32_MAX;
	}
	for (size_t i = 0; i < n; i++)
		join(parent, groups->of[i], first_other + other[i]);
	for (size_t i = 0; i < n; i++) {
		uint32_t root = find_root(parent, groups->of[i]);
		if (number[root] == UINT32_MAX)
			number[root] = n_joined++;
		groups->of[i] = number[root];
	}
	groups->n_groups = n_joined;
out:
	flt_free(parent);
	flt_free(number);
	return status;
}

/* Rows without a group share the value "missing" and stay together, since they may belong to one group. */
static enum flt_status join_by_column(const struct flt_table *table, size_t column, const size_t *rows, size_t n,
                                      unsigned n_threads, struct flt_row_groups *groups, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_other;
	uint32_t *other = flt_alloc(n, sizeof *other, err);
	FLT_TRY_MEMORY(other);
	FLT_TRY_OUT(flt_number_rows(table, &column, 1, rows, n, n_threads, other, &n_other, err));
	FLT_TRY_OUT(join_groups(groups, other, n_other, n, err));
out:
	flt_free(other);
	return status;
}

static void part_all(struct flt_row_groups *groups, size_t n)
{
	for (size_t i = 0; i < n; i++)
		groups->of[i] = (uint32_t)i;
	groups->n_groups = n;
}

static enum flt_status join_identical(const struct flt_table *table, const size_t *rows, size_t n, unsigned n_threads,
                                      struct flt_row_groups *groups, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t *columns, n_columns;
	FLT_TRY(flt_key_columns(table, &columns, &n_columns, err));
	if (n_columns == 0)
		goto out;
	FLT_TRY_OUT(flt_number_rows(table, columns, n_columns, rows, n, n_threads, groups->of, &groups->n_groups, err));
out:
	flt_free(columns);
	return status;
}

/* Makes each row of a group that holds more than one row in twenty a group of its own. */
static enum flt_status part_usual(struct flt_row_groups *groups, size_t n, struct flt_error *err)
{
	enum { ONE_IN = 20, AT_LEAST = 10 };
	enum flt_status status = FLT_OK;
	size_t most = n / ONE_IN < AT_LEAST ? AT_LEAST : n / ONE_IN;
	uint32_t n_parted = 0, *size = flt_alloc_zero(groups->n_groups, sizeof *size, err);
	uint32_t *number = flt_alloc(groups->n_groups, sizeof *number, err); /* UINT32_MAX: not seen */
	FLT_TRY_MEMORY_OUT(size && number);
	for (size_t i = 0; i < n; i++)
		size[groups->of[i]]++;
	for (size_t g = 0; g < groups->n_groups; g++)
		number[g] = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		uint32_t g = groups->of[i];
		if (number[g] == UINT32_MAX || size[g] > most)
			number[g] = n_parted++;
		groups->of[i] = number[g];
	}
	groups->n_groups = n_parted;
out:
	flt_free(size);
	flt_free(number);
	return status;
}

enum flt_status flt_row_groups_make(const struct flt_table *table, const size_t *rows, size_t n,
                                    struct flt_row_ties ties, unsigned n_threads, struct flt_row_groups *groups,
                                    struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t column = flt_table_role(table, FLT_GROUP);
	*groups = (struct flt_row_groups){0};
	groups->of = flt_alloc(n, sizeof *groups->of, err);
	FLT_TRY_MEMORY_OUT(groups->of);
	part_all(groups, n);
	assert(ties.identity != FLT_IDENTICAL_AUTO);
	if (ties.identity != FLT_IDENTICAL_APART)
		FLT_TRY_OUT(join_identical(table, rows, n, n_threads, groups, err));
	if (ties.identity == FLT_IDENTICAL_COPIES)
		FLT_TRY_OUT(part_usual(groups, n, err));
	if (ties.column && column != SIZE_MAX)
		FLT_TRY_OUT(join_by_column(table, column, rows, n, n_threads, groups, err));
out:
	if (status != FLT_OK)
		flt_row_groups_release(groups);
	return status;
}

void flt_row_groups_release(struct flt_row_groups *groups)
{
	flt_free(groups->of);
	*groups = (struct flt_row_groups){0};
}

uint32_t (*flt_row_groups_sizes(const struct flt_row_groups *groups, const struct flt_table *table, const size_t *rows,
                                size_t n, struct flt_error *err))[2]
{
	const uint8_t *labels = flt_table_labels(table);
	uint32_t(*size)[2] = flt_alloc_zero(groups->n_groups, sizeof *size, err);
	for (size_t i = 0; size && i < n; i++)
		size[groups->of[i]][labels[rows ? rows[i] : i] != 0]++;
	return size;
}
