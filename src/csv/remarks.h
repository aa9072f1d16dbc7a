/* What is said of lines that were left out among the records, and of names that were changed. Private to csv/. */
#ifndef CSV_REMARKS_H
#define CSV_REMARKS_H

#include "csv/contents.h"

void flt_csv_write_remarks(struct flt_csv *csv); /* anew */

/* Notes that the record just parsed was left out, in one of csv's own counts. */
void flt_csv_note_left_out(struct flt_csv *csv, struct flt_csv_left_out *left_out);

#endif
