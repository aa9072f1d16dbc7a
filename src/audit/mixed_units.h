/*
 * Columns of numbers in which a part of the rows is in another unit: cents among euros, or millimetres among metres.
 *
 * Multiplied by 100, a number has two decimals less, and becomes a whole multiple of 100 units of the last place that
 * the column usually shows. Where a column falls into such round numbers and others, and the round ones divided by 100
 * are distributed much like the others, while as they are they lie far above them, they are likely to be in another
 * unit. Numbers that people round (100, 250, 1000) lie among the others.
 */
#ifndef AUDIT_MIXED_UNITS_H
#define AUDIT_MIXED_UNITS_H

#include "table/table.h"

struct flt_mixed_units {
	double factor;    /* 100 or 1000; 0: nothing was found */
	double share;     /* of the values that are factor times as large */
	double median[2]; /* of the others, and of these */
	size_t first;     /* the first of these rows */
};

/* Fills units (n_columns of the table); those of columns that are not numeric features stay zero. Looks at a sample of
 * the rows, which the table decides. n_threads 0: one per processor. */
enum flt_status flt_mixed_units_find(const struct flt_table *table, unsigned n_threads, struct flt_mixed_units *units,
                                     struct flt_error *err);

#endif
