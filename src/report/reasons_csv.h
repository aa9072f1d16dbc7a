/* Why a row was scored as it was, as the last columns of its line (report/predict_csv.h). */
#ifndef REPORT_REASONS_CSV_H
#define REPORT_REASONS_CSV_H

#include "report/predict_csv.h"

/* The names of the columns, each behind a delimiter. */
enum flt_status flt_reasons_csv_header(const struct flt_predict_csv *format, size_t scoring,
                                       struct flt_text_buffer *buffer, struct flt_error *err);

/* The row's columns, each behind a delimiter. words is scratch. */
enum flt_status flt_reasons_csv_fields(const struct flt_predict_csv *format, const struct flt_scored_rows *rows,
                                       size_t i, struct flt_text_buffer *words, struct flt_text_buffer *buffer,
                                       struct flt_error *err);

#endif
