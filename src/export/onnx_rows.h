/* Scores rows of texts with an ONNX file, by our own evaluator (onnx/run.h), to compare it with the program. */
#ifndef EXPORT_ONNX_ROWS_H
#define EXPORT_ONNX_ROWS_H

#include "export/target.h"

/* As flt_export_target.score. */
enum flt_status flt_onnx_score(const struct flt_view *view, const struct flt_export_options *options,
                               const struct flt_text_buffer *body, const struct flt_text_buffer *header,
                               const struct flt_export_rows *rows, double *log_odds, unsigned char *is_positive,
                               struct flt_error *err);

#endif
