/* Finds columns that only number the rows, and so tell nothing about the target. */
#ifndef TABLE_ID_LIKE_H
#define TABLE_ID_LIKE_H

#include "table/table.h"

enum { FLT_ID_LIKE_ROWS = 20 }; /* with fewer rows, distinct or rising values are likely to be chance */

/* Whether a feature only numbers the given rows (n_rows, ascending; NULL: 0 .. n_rows - 1): text with more than 90 %
 * distinct values among those present, or whole numbers that rise by one from row to row. */
enum flt_status flt_column_is_id_like(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                      bool *yes, struct flt_error *err);

#endif
