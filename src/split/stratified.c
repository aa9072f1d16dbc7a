/*
 * The stratified split: whole groups are dealt (deal.c) to fit, validation and test, with targets in whole rows.
 *
 * A group larger than every role it could be held out in goes to fit first. Its rows count towards fit's target, so the
 * other roles keep their size and prevalence. Only if that would leave fit less than half of its share of the other
 * rows do the held-out roles shrink.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "split/assign.h"
#include "split/deal.h"

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

/* The rows of one class that a held-out role should get: `fraction` of all n rows, but at least 1, and no more than
 * leaves fit half of its share of the n_movable rows. all_held_out is the fraction of both held-out roles together. */
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
                        struct flt_bin bins[FLT_N_ROW_ROLES])
{
	double test = options->test_fraction, validation = options->validation_fraction;
	for (int c = 0; c < 2; c++) {
		size_t n_movable = n[c] - n_oversized[c];
		size_t n_test = held_out_target(test, test + validation, n[c], n_movable);
		size_t n_validation = held_out_target(validation, test + validation, n[c], n_movable);
		while (n_test + n_validation >= n[c] && larger(n_test, n_validation) > 1)
			*(n_test >= n_validation ? &n_test : &n_validation) -= 1;
		bins[FLT_TEST].target[c] = n_test;
		bins[FLT_VALIDATION].target[c] = n_validation;
		bins[FLT_FIT].target[c] = n[c] > n_test + n_validation ? n[c] - n_test - n_validation : 0;
		bins[FLT_FIT].dealt[c] = n_oversized[c];
	}
	for (int role = 0; role < FLT_N_ROW_ROLES; role++) /* 0 for a role that was not asked for */
		bins[role].limit = role == FLT_FIT ? SIZE_MAX : rows_of(bins[role].target);
}

/* Lists the groups of at most `limit` rows in order (n_groups) and returns their number. Adds up the rows of the larger
 * groups by class, and finds the largest. */
static size_t list_movable(const uint32_t (*size)[2], size_t n_groups, size_t limit, uint32_t *order,
                           size_t n_oversized[2], size_t *largest)
{
	size_t n = 0;
	for (size_t g = 0; g < n_groups; g++) {
		size_t n_rows = (size_t)size[g][0] + size[g][1];
		if (n_rows <= limit) {
			order[n++] = (uint32_t)g;
			continue;
		}
		n_oversized[0] += size[g][0];
		n_oversized[1] += size[g][1];
		*largest = larger(*largest, n_rows);
	}
	return n;
}

enum flt_status flt_assign_stratified(const struct flt_table *table, const struct flt_split_options *options,
                                      const struct flt_row_groups *groups, uint8_t *role, size_t *oversized,
                                      struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table);
	size_t n[2] = {n_rows - n_positive, n_positive}, n_oversized[2] = {0, 0};
	struct flt_bin bins[FLT_N_ROW_ROLES] = {0};
	struct flt_random random;

	memset(role, FLT_FIT, n_rows);
	*oversized = 0;
	double largest_fraction = fmax(options->test_fraction, options->validation_fraction);
	if (!(largest_fraction > 0))
		return FLT_OK;
	uint32_t(*size)[2] = flt_row_groups_sizes(groups, table, NULL, n_rows, err);
	uint32_t *order = flt_alloc(groups->n_groups, sizeof *order, err);
	uint32_t *role_of = flt_alloc_zero(groups->n_groups, sizeof *role_of, err); /* zero is fit */
	FLT_TRY_MEMORY_OUT(size && order && role_of);

	size_t limit = larger(1, rounded(largest_fraction * (double)n_rows));
	size_t n_movable = list_movable(size, groups->n_groups, limit, order, n_oversized, oversized);
	set_targets(options, n, n_oversized, bins);
	flt_random_init(&random, options->seed, "split", 0);
	FLT_TRY_OUT(flt_deal(order, n_movable, size, bins, FLT_N_ROW_ROLES, &random, role_of, err));
	for (size_t row = 0; row < n_rows; row++)
		role[row] = (uint8_t)role_of[groups->of[row]];
out:
	flt_free(size);
	flt_free(order);
	flt_free(role_of);
	return status;
}
