/*
 * Rows are numbered by what they hold, so copies have equal numbers. A row's previous copy is the nearest one above it;
 * in a repeated block, previous copies follow each other as the rows do.
 */
#include "audit/copies.h"

#include <math.h>

#include "base/alloc.h"
#include "split/numbering.h"

const double flt_many_copies = 0.01;

enum { MIN_BLOCK = 10 };

/* A table's rows, numbered. */
struct numbered {
	const struct flt_table *table;
	size_t n_rows, *columns, n_columns;
	uint32_t *id; /* (n_rows) */
	size_t n_distinct;
	unsigned n_threads;
};

static void numbered_release(struct numbered *of)
{
	flt_free(of->columns);
	flt_free(of->id);
}

/* Numbers the rows by the given columns (n). */
static enum flt_status number_rows(struct numbered *of, const size_t *columns, size_t n, struct flt_error *err)
{
	return flt_number_rows(of->table, columns, n, NULL, of->n_rows, of->n_threads, of->id, &of->n_distinct, err);
}

static enum flt_status numbered_init(struct numbered *of, const struct flt_table *table, unsigned n_threads,
                                     struct flt_error *err)
{
	*of = (struct numbered){.table = table, .n_rows = flt_table_n_rows(table), .n_threads = n_threads};
	FLT_TRY(flt_key_columns(table, &of->columns, &of->n_columns, err));
	of->id = flt_alloc(of->n_rows, sizeof *of->id, err);
	FLT_TRY_MEMORY(of->id);
	return number_rows(of, of->columns, of->n_columns, err);
}

/* ---- copies and contradictions ---- */

struct group {
	uint32_t n[2]; /* rows by class */
	uint32_t first[2];
	uint32_t last; /* row seen so far */
};

static void count_group(const struct group *group, struct flt_copies *copies)
{
	size_t n = (size_t)group->n[0] + group->n[1], fewer = group->n[0] < group->n[1] ? group->n[0] : group->n[1];
	if (n < 2)
		return;
	copies->n_groups++;
	copies->n_in_groups += n;
	if (fewer == 0)
		return;
	if (copies->n_mixed_groups++ == 0) {
		copies->mixed[0] = group->first[0];
		copies->mixed[1] = group->first[1];
	}
	copies->n_mixed_rows += n;
	copies->n_must_err += fewer;
}

/* ---- blocks ---- */

struct run {
	struct flt_block now, longest;
};

/* Row repeats `original`, the nearest copy above it. The two runs may not overlap, else a value that stands in
 * neighbouring rows would be a block. */
static void extend_run(struct run *run, size_t row, size_t original)
{
	struct flt_block *now = &run->now;
	bool goes_on = now->n_rows && row == now->first + now->n_rows && original == now->original + now->n_rows;
	if (!goes_on || now->first - now->original == now->n_rows)
		*now = (struct flt_block){.first = row, .original = original};
	now->n_rows++;
	if (now->n_rows > run->longest.n_rows)
		run->longest = *now;
}

/* Whether chance explains a block: two random rows are identical with probability p. */
static bool is_chance(const struct flt_block *block, double p, size_t n_rows)
{
	const double expected_blocks = 1e-3;
	double places = (double)n_rows * (double)n_rows;
	return block->n_rows < MIN_BLOCK || log(places) + (double)block->n_rows * log(p) > log(expected_blocks);
}

static void scan_rows(const struct numbered *of, struct group *groups, struct run *run, struct flt_copies *copies)
{
	const uint8_t *label = flt_table_labels(of->table);
	for (uint32_t row = 0; row < of->n_rows; row++) {
		struct group *group = &groups[of->id[row]];
		if (group->n[0] + group->n[1] > 0) {
			if (copies->n_repeats++ == 0) {
				copies->first = row;
				copies->original = group->last;
			}
			extend_run(run, row, group->last);
		}
		if (group->n[label[row]]++ == 0)
			group->first[label[row]] = row;
		group->last = row;
	}
}

static enum flt_status find_groups(const struct numbered *of, struct flt_copies *copies, struct flt_error *err)
{
	struct run run = {0};
	double p = 0, n_rows = (double)of->n_rows;
	struct group *groups = flt_alloc_zero(of->n_distinct, sizeof *groups, err);
	FLT_TRY_MEMORY(groups);
	scan_rows(of, groups, &run, copies);
	for (size_t i = 0; i < of->n_distinct; i++) {
		double share = ((double)groups[i].n[0] + (double)groups[i].n[1]) / n_rows;
		p += share * share;
		count_group(&groups[i], copies);
	}
	flt_free(groups);
	if (!is_chance(&run.longest, p, of->n_rows))
		copies->block = run.longest;
	return FLT_OK;
}

/* ---- near copies ---- */

/* The columns without column number `left_out`. */
static void leave_out(const struct numbered *of, size_t left_out, size_t *columns)
{
	for (size_t i = 0, n = 0; i < of->n_columns; i++)
		if (i != left_out)
			columns[n++] = of->columns[i];
}

/* Numbers the rows anew, without each of some columns in turn. */
static enum flt_status count_near(struct numbered *of, struct flt_copies *copies, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = of->n_columns, n_tried = n < FLT_NEAR_COLUMNS ? n : FLT_NEAR_COLUMNS, n_distinct = of->n_distinct;
	double n_near = 0;
	size_t *columns = flt_alloc(n, sizeof *columns, err);
	FLT_TRY_MEMORY(columns);
	for (size_t i = 0; n > 1 && i < n_tried; i++) {
		leave_out(of, i * n / n_tried, columns);
		FLT_TRY_OUT(number_rows(of, columns, n - 1, err));
		n_near += (double)(n_distinct - of->n_distinct);
	}
	copies->n_near = (size_t)round(n_near * (double)n / (double)n_tried);
	copies->has_near = true;
out:
	flt_free(columns);
	return status;
}

static enum flt_status find_copies(struct numbered *of, struct flt_copies *copies, struct flt_error *err)
{
	FLT_TRY(find_groups(of, copies, err));
	if ((double)copies->n_repeats >= flt_many_copies * (double)of->n_rows)
		FLT_TRY(count_near(of, copies, err));
	copies->is_surprising = copies->block.n_rows > 0 ||
	                        (copies->has_near && copies->n_repeats > copies->n_near && of->n_columns > 1);
	return FLT_OK;
}

enum flt_status flt_copies_find(const struct flt_table *table, unsigned n_threads, struct flt_copies *copies,
                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct numbered of;
	*copies = (struct flt_copies){0};
	FLT_TRY_OUT(numbered_init(&of, table, n_threads, err));
	copies->n_columns = of.n_columns;
	if (of.n_columns > 0)
		status = find_copies(&of, copies, err);
out:
	numbered_release(&of);
	return status;
}
