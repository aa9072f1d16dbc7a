/* Which columns only number the rows. */
#ifndef TABLE_ID_LIKE_H
#define TABLE_ID_LIKE_H

#include "table/table.h"

enum { FLT_ID_LIKE_ROWS = 20 }; /* with fewer rows, distinct or rising values say nothing */

/* Whether the feature column, looked at in the given ascending rows (NULL: rows 0 .. n_rows - 1), only numbers them:
 * text with over 90 % distinct values among those present, or whole numbers that rise by one from row to row. */
enum flt_status flt_column_is_id_like(const struct flt_table *table, size_t column, const size_t *rows, size_t n_rows,
                                      bool *yes, struct flt_error *err);

#endif
