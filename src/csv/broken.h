/* Messages about broken files, with the line and a remedy; and the list of records that were skipped for having a wrong
 * number of fields. Private to csv/. All return FLT_ERR_DATA, unless memory ran out. */
#ifndef CSV_BROKEN_H
#define CSV_BROKEN_H

#include "csv/contents.h"

enum flt_status flt_csv_fail_nul(const struct flt_csv *csv, struct flt_error *err);
enum flt_status flt_csv_fail_open_quote(const struct flt_csv *csv, struct flt_error *err);

/* After libcsv failed in the line, which is parsed up to there. */
enum flt_status flt_csv_fail_parse(const struct flt_csv *csv, const struct flt_line *line, struct flt_error *err);

/* The record in that line has n_fields, and not as many as the file has columns. */
enum flt_status flt_csv_fail_n_fields(const struct flt_csv *csv, size_t line, size_t n_fields, struct flt_error *err);

/* Counts the record just parsed as skipped, and lists its line while there is room. */
void flt_csv_note_bad_row(struct flt_csv *csv, size_t line);

#endif
