/*
 * The stratified split: whole groups are dealt (split_deal.c) to parts with targets in whole rows.
 *
 * A group that is larger than every part it could be held out in goes to fit first. Its rows count towards what fit is
 * owed, so that the other parts keep their size and their prevalence; only where that would leave fit less than half of
 * its share of the other rows do the held-out parts shrink.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "split/deal.h"
#include "split/methods.h"

static size_t rows_of(const size_t size[2])
{
	return size[0] + size[1];
}

static size_t larger(size_t x, size_t y)
{
	return x > y ? x : y;
}

static size_t rounded(double rows)
{
	return (size_t)llround(rows);
}

/* The rows of one class that a held-out part is to get: its share of all n, but no more than what leaves fit half of
 * its share of the n_movable rows, and at least one. */
static size_t held_out_target(double fraction, double all_held_out, size_t n, size_t n_movable)
{
	if (!(fraction > 0) || n_movable == 0)
		return 0;
	double most = (double)n_movable * (1 + all_held_out) / 2;
	double asked = all_held_out * (double)n;
	double shrink = asked > most ? most / asked : 1;
	return larger(1, rounded(fraction * (double)n * shrink));
}

static void set_targets(const struct flt_split_options *options, const size_t n[2], const size_t n_oversized[2],
                        struct flt_deal_part parts[FLT_N_ROW_ROLES])
{
	double test = options->test_fraction, validation = options->validation_fraction;
	for (int c = 0; c < 2; c++) {
		size_t n_movable = n[c] - n_oversized[c];
		size_t n_test = held_out_target(test, test + validation, n[c], n_movable);
		size_t n_validation = held_out_target(validation, test + validation, n[c], n_movable);
		while (n_test + n_validation >= n[c] && larger(n_test, n_validation) > 1)
			*(n_test >= n_validation ? &n_test : &n_validation) -= 1;
		parts[FLT_TEST].target[c] = n_test;
		parts[FLT_VALIDATION].target[c] = n_validation;
		parts[FLT_FIT].target[c] = n[c] > n_test + n_validation ? n[c] - n_test - n_validation : 0;
		parts[FLT_FIT].dealt[c] = n_oversized[c];
	}
	for (int p = 0; p < FLT_N_ROW_ROLES; p++) /* 0 for a part that was not asked for */
		parts[p].limit = p == FLT_FIT ? SIZE_MAX : rows_of(parts[p].target);
}

/* Lists the groups of at most `limit` rows in order (n_groups); returns how many. The rows of the others are added up
 * by class. */
static size_t list_movable(const size_t (*size)[2], size_t n_groups, size_t limit, size_t *order, size_t n_oversized[2],
                           size_t *largest)
{
	size_t n = 0;
	for (size_t g = 0; g < n_groups; g++) {
		if (rows_of(size[g]) <= limit) {
			order[n++] = g;
			continue;
		}
		n_oversized[0] += size[g][0];
		n_oversized[1] += size[g][1];
		*largest = larger(*largest, rows_of(size[g]));
	}
	return n;
}

enum flt_status flt_split_by_groups(const struct flt_table *table, const struct flt_split_options *options,
                                    const struct flt_row_groups *groups, uint8_t *part, struct flt_split *split,
                                    struct flt_error *err)
{
	enum flt_status status = FLT_ERR_MACHINE;
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table);
	size_t n[2] = {n_rows - n_positive, n_positive}, n_oversized[2] = {0, 0};
	struct flt_deal_part parts[FLT_N_ROW_ROLES] = {0};
	struct flt_random random;

	memset(part, FLT_FIT, n_rows);
	double largest_fraction = fmax(options->test_fraction, options->validation_fraction);
	if (!(largest_fraction > 0))
		return FLT_OK;
	size_t(*size)[2] = flt_group_sizes(table, groups, NULL, n_rows, err);
	size_t *order = flt_alloc(groups->n_groups, sizeof *order, err);
	uint32_t *part_of = flt_alloc_zero(groups->n_groups, sizeof *part_of, err); /* zero is fit */
	if (!size || !order || !part_of)
		goto out;

	size_t limit = larger(1, rounded(largest_fraction * (double)n_rows));
	size_t n_movable = list_movable(size, groups->n_groups, limit, order, n_oversized, &split->oversized);
	set_targets(options, n, n_oversized, parts);
	flt_random_init(&random, options->seed, "split", 0);
	if ((status = flt_deal(order, n_movable, size, parts, FLT_N_ROW_ROLES, &random, part_of, err)))
		goto out;
	for (size_t row = 0; row < n_rows; row++)
		part[row] = (uint8_t)part_of[groups->of[row]];
out:
	flt_free(size);
	flt_free(order);
	flt_free(part_of);
	return status;
}
