/* Missing markers: texts that mean "no value". An empty cell is missing whatever the markers are. */
#ifndef CSV_MARKERS_H
#define CSV_MARKERS_H

#include <stdbool.h>

#include "base/text.h"

struct flt_markers {
	struct flt_names names;
	bool may_be_numbers; /* a marker starts like a number, so even numbers must be compared */
};

/* list: separated by commas; NULL: ?,NA,N/A,NaN,nan,null. flt_markers_release must be called even after a failure. */
enum flt_status flt_markers_init(const char *list, struct flt_markers *markers, struct flt_error *err);
void flt_markers_release(struct flt_markers *markers);
bool flt_markers_hold(const struct flt_markers *markers, const char *text, size_t length);

/* What a cell of a numeric column holds. */
enum flt_numeric_cell { FLT_CELL_NUMBER, FLT_CELL_MISSING, FLT_CELL_TEXT, FLT_CELL_OUT_OF_RANGE };

/* Reads a cell of a numeric column: the one rule for tables and streams. *value is set for FLT_CELL_NUMBER only. */
enum flt_numeric_cell flt_numeric_cell_read(const struct flt_markers *markers, char decimal, const char *text,
                                            size_t length, double *value);

#endif
