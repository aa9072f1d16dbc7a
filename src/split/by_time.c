/*
 * By time: the latest rows are test, the latest before them validation. Rows of equal time stay together, so a boundary
 * lies where the time changes, as near as possible to where the fraction asks for it.
 */
#include <math.h>

#include "base/alloc.h"
#include "split/assign.h"
#include "split/times.h"

/* Takes the latest rows off the sorted times (*n): *n becomes the number of rows that remain, *first the earliest time
 * that was taken, INFINITY if none was. */
static enum flt_status take_latest(const struct flt_table *table, const struct flt_column *column, double fraction,
                                   const double *times, size_t *n, double *first, struct flt_error *err)
{
	*first = INFINITY;
	if (!(fraction > 0))
		return FLT_OK;
	size_t n_wanted = (size_t)llround(fraction * (double)flt_table_n_rows(table));
	size_t boundary = flt_time_boundary(times, *n, n_wanted >= *n ? 1 : *n - (n_wanted ? n_wanted : 1));
	if (boundary == 0)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: all of the %zu rows to be split by time have the same time in column \"%s\"; use other "
		        "fractions, or omit --time",
		        flt_table_path(table), *n, column->name);
	*first = times[boundary];
	*n = boundary;
	return FLT_OK;
}

enum flt_status flt_assign_by_time(const struct flt_table *table, const struct flt_split_options *options,
                                   uint8_t *role, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_rows = flt_table_n_rows(table), n_left = n_rows;
	struct flt_column column = flt_table_column(table, flt_table_role(table, FLT_TIME));
	double test_from, validation_from;
	double *times = flt_alloc(n_rows, sizeof *times, err);
	FLT_TRY_MEMORY(times);
	FLT_TRY_OUT(flt_sort_times(table, NULL, n_rows, times, err));
	FLT_TRY_OUT(take_latest(table, &column, options->test_fraction, times, &n_left, &test_from, err));
	FLT_TRY_OUT(take_latest(table, &column, options->validation_fraction, times, &n_left, &validation_from, err));
	for (size_t row = 0; row < n_rows; row++) {
		double time = flt_number_at(&column.numbers, row);
		role[row] = time >= test_from ? FLT_TEST : time >= validation_from ? FLT_VALIDATION : FLT_FIT;
	}
out:
	flt_free(times);
	return status;
}
