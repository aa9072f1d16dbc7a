/* Cells of one column that follow each other, added at once. */
#ifndef TABLE_CELL_RUN_H
#define TABLE_CELL_RUN_H

#include "csv/record.h"
#include "table/column.h"

/* Adds fields (n), for which room must be reserved, as flt_column_add adds one after the other; lines (n) are theirs.
 * FLT_NUMBER_PADDING bytes behind each text can be read (base/short_number.h). */
enum flt_status flt_column_add_run(struct flt_column_cells *cells, const struct flt_csv_field *fields,
                                   const size_t *lines, size_t n, const struct flt_cell_place *place,
                                   struct flt_error *err);

#endif
