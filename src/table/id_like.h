/* Finds columns that only number the rows, and so tell nothing about the target. */
#ifndef TABLE_ID_LIKE_H
#define TABLE_ID_LIKE_H

#include "table/table.h"

enum {
	FLT_ID_LIKE_ROWS = 20, /* with fewer rows, distinct or rising values are likely to be chance */
	FLT_MAY_BE_ID_ROWS = 100,
};

enum flt_id_kind {
	FLT_NO_ID,
	FLT_ID_TEXTS,  /* more than 90 % of the texts present are distinct */
	FLT_ID_COUNTS, /* whole numbers that rise by one from row to row */
	FLT_ID_RISES,  /* whole numbers, each higher than that of the row before */
	FLT_ID_FILLS, /* whole numbers, all different, in a range that is hardly wider than that of the rows' numbers */
};

struct flt_id_like {
	enum flt_id_kind kind;
	size_t n_present, n_distinct; /* the given rows that have a value, and their different values */
	size_t range;                 /* of FLT_ID_FILLS: highest - lowest + 1 */
};

/* Whether a feature only numbers the given rows (n_rows, ascending; NULL: 0 .. n_rows - 1), and how. A column whose
 * type an option gives never does, nor do numbers of which one is missing. */
enum flt_status flt_column_is_id_like(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                      struct flt_id_like *found, struct flt_error *err);

/* Whether a feature of numbers may be an id, though it does not number the rows: whole numbers of which each of the
 * given rows has another, either so many that this is no chance, or nearly all of the same length and long, as phone
 * numbers are. It may as well be a measure, so it is for people to decide. */
enum flt_status flt_column_may_be_id(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                     bool *yes, struct flt_error *err);

#endif
