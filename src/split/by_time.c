/*
 * By time: the latest rows are test, the latest before them validation. Equal times stay together, so a cut lies where
 * the time changes, as near as can be to where the fraction asks for it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "split/methods.h"

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The place in the sorted times (n) nearest to n - n_wanted where the time changes; 0 if it never does. */
static size_t find_cut(const double *times, size_t n, size_t n_wanted)
{
	size_t wanted = n_wanted >= n ? 1 : n - (n_wanted ? n_wanted : 1);
	for (size_t away = 0; away < n; away++) {
		if (wanted + away < n && wanted + away > 0 && times[wanted + away - 1] < times[wanted + away])
			return wanted + away;
		if (away < wanted && times[wanted - away - 1] < times[wanted - away])
			return wanted - away;
	}
	return 0;
}

static enum flt_status sorted_times(const struct flt_table *table, const struct flt_column *column, double *times,
                                    struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(table);
	for (size_t row = 0; row < n_rows; row++)
		if (isnan(column->numbers[row]))
			return flt_fail(err, FLT_ERR_DATA,
			                "%s: row %zu has no time in column \"%s\"; fill it, remove such rows, or leave "
			                "--time out",
			                flt_table_path(table), row + 1, column->name);
	memcpy(times, column->numbers, n_rows * sizeof *times);
	qsort(times, n_rows, sizeof *times, compare_doubles);
	return FLT_OK;
}

/* Cuts the latest rows off the sorted times: *n becomes the number of rows before them, *first their earliest time. */
static enum flt_status cut_off(const struct flt_table *table, const struct flt_column *column, double fraction,
                               const double *times, size_t *n, double *first, struct flt_error *err)
{
	*first = INFINITY;
	if (!(fraction > 0))
		return FLT_OK;
	size_t cut = find_cut(times, *n, (size_t)llround(fraction * (double)flt_table_n_rows(table)));
	if (cut == 0)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: the %zu rows that are to be split by time all have the same one in column \"%s\"; ask for "
		        "other fractions, or leave --time out",
		        flt_table_path(table), *n, column->name);
	*first = times[cut];
	*n = cut;
	return FLT_OK;
}

enum flt_status flt_split_by_time(const struct flt_table *table, const struct flt_split_options *options, uint8_t *part,
                                  struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(table), n_left = n_rows;
	struct flt_column column = flt_table_column(table, flt_table_role(table, FLT_TIME));
	double test_from, validation_from;
	double *times = flt_alloc(n_rows, sizeof *times, err);
	if (!times)
		return FLT_ERR_MACHINE;
	enum flt_status status = sorted_times(table, &column, times, err);
	if (status || (status = cut_off(table, &column, options->test_fraction, times, &n_left, &test_from, err)) ||
	    (status = cut_off(table, &column, options->validation_fraction, times, &n_left, &validation_from, err)))
		goto out;
	for (size_t row = 0; row < n_rows; row++) {
		double time = column.numbers[row];
		part[row] = time >= test_from ? FLT_TEST : time >= validation_from ? FLT_VALIDATION : FLT_FIT;
	}
out:
	flt_free(times);
	return status;
}
