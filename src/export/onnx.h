/*
 * A detector as an ONNX model: one graph from a record's columns to the decision, any number of rows at once, of
 * standard operators (ai.onnx 13 and ai.onnx.ml 2).
 *
 * Inputs, each (rows, 1) and named as its column: numbers are double, NaN where they are missing; dates are double, the
 * seconds from 1970-01-01 00:00 to the date as it is written, NaN where they are missing; categories are strings, ""
 * where they are missing. Numbers are double since float32 would move large ones, and those at a step, to the other
 * side of it.
 *
 * Outputs, each (rows, 1): probability and log_odds, double; label, int64, 1 where the probability reaches the
 * threshold or is below it by less than 1e-5 of log-odds. Where a column has one of these names, the output's ends in
 * an underscore.
 */
#ifndef EXPORT_ONNX_H
#define EXPORT_ONNX_H

#include "export/target.h"

enum { FLT_ONNX_PROBABILITY, FLT_ONNX_LABEL, FLT_ONNX_LOG_ODDS, FLT_ONNX_N_OUTPUTS };

#define FLT_ONNX_BEGINS                                                                                                \
	"\x08\x07\x12\x07"                                                                                             \
	"fltrain" /* the version of the format, and who made the file */

/* As flt_export_target.write. FLT_ERR_MODEL where the text of a column or level cannot stand in an ONNX file. */
enum flt_status flt_onnx_write(const struct flt_view *view, const struct flt_export_options *options,
                               struct flt_text_buffer *body, struct flt_text_buffer *header, size_t *n_bytes,
                               struct flt_error *err);

#endif
