/* The times of some rows in order, and where they can be divided: equal times stay together. */
#ifndef SPLIT_TIMES_H
#define SPLIT_TIMES_H

#include "table/table.h"

/* times (n) gets those of the given rows (NULL: rows 0 .. n - 1) in ascending order. FLT_ERR_DATA if a row has none. */
enum flt_status flt_sort_times(const struct flt_table *table, const size_t *rows, size_t n, double *times,
                               struct flt_error *err);

/* Finds the index in the sorted times (n) nearest to `wanted` < n where the time changes; 0 if it never does. */
size_t flt_time_boundary(const double *times, size_t n, size_t wanted);

#endif
