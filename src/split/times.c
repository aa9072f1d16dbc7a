#include "split/times.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

enum flt_status flt_sort_times(const struct flt_table *table, const size_t *rows, size_t n, double *times,
                               struct flt_error *err)
{
	struct flt_column column = flt_table_column(table, flt_table_role(table, FLT_TIME));
	for (size_t i = 0; i < n; i++) {
		size_t row = rows ? rows[i] : i;
		times[i] = flt_number_at(&column.numbers, row);
		if (isnan(times[i]))
			return flt_fail(err, FLT_ERR_DATA,
			                "%s: row %zu has no time in column \"%s\": fill it in, or leave such rows "
			                "out with --missing-time drop",
			                flt_table_path(table), flt_table_row_number(table, row), column.name);
	}
	qsort(times, n, sizeof *times, compare_doubles);
	return FLT_OK;
}

size_t flt_time_boundary(const double *times, size_t n, size_t wanted)
{
	for (size_t away = 0; away < n; away++) {
		if (wanted + away < n && wanted + away > 0 && times[wanted + away - 1] < times[wanted + away])
			return wanted + away;
		if (away < wanted && times[wanted - away - 1] < times[wanted - away])
			return wanted - away;
	}
	return 0;
}
