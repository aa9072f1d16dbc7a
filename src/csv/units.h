/* A line of units ("EUR;years;;") between the header and the records. */
#ifndef CSV_UNITS_H
#define CSV_UNITS_H

#include "csv/markers.h"
#include "csv/preview.h"
#include "csv/remedy.h"

/* FLT_ERR_DATA if the row below row `header` of the preview holds units: it has texts over columns of numbers, and
 * nothing else but empty fields and texts that do not occur below. n_lines: lines of the file before the preview. */
enum flt_status flt_check_units(const struct flt_named_file *file, const struct flt_preview *preview, size_t header,
                                size_t n_lines, const struct flt_markers *markers, char decimal, struct flt_error *err);

#endif
