/* A column that plainly says when rows were, though no option names it. */
#ifndef TABLE_TIME_LIKE_H
#define TABLE_TIME_LIKE_H

#include "table/table.h"

/* The first feature that holds dates; else the first of numbers that rise from row to row, of at least 20 different
 * values and 100 rows, but for one row in a thousand, and not by 1 each time, as a counter does. SIZE_MAX: none. */
size_t flt_table_find_time_like(const struct flt_table *table);

#endif
