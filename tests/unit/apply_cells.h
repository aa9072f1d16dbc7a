/* Records to features in one call. */
#ifndef TESTS_UNIT_APPLY_CELLS_H
#define TESTS_UNIT_APPLY_CELLS_H

#include "prep/prep.h"

static inline enum flt_status apply_cells(const struct flt_cell_reader *reader, const struct flt_prep *prep,
                                          const char *const *cells, size_t n_rows, float *x, struct flt_seen *seen,
                                          struct flt_error *err)
{
	struct flt_cell_columns *columns;
	FLT_TRY(flt_cell_columns_new(reader, n_rows, &columns, err));
	enum flt_status status = flt_cell_reader_read(reader, cells, n_rows, columns, seen, err);
	if (status == FLT_OK)
		status = flt_prep_apply_cells(prep, columns, x, err);
	flt_cell_columns_free(columns);
	return status;
}

#endif
