/*
 * A detector as an ONNX model: one graph from a record's columns to the decision, any number of rows at once, of
 * standard operators (ai.onnx 13 and ai.onnx.ml 2).
 *
 * Inputs, each (rows, 1) and named as its column: numbers are double, NaN where they are missing; dates are double, the
 * seconds from 1970-01-01 00:00 to the date as it is written, NaN where they are missing; categories are strings, ""
 * where they are missing. Numbers are double since float32 would move large ones, and those at a step, to the other
 * side of it.
 *
 * Outputs, each (rows, 1): probability and log_odds, double; label, int64, 1 for rows of the positive class. Where a
 * column has one of these names, the output's ends in an underscore.
 */
#ifndef EXPORT_ONNX_H
#define EXPORT_ONNX_H

#include "export/view.h"

/* Appends the file's bytes. name: of the graph. FLT_ERR_MODEL where a column's or level's text cannot stand in an ONNX
 * file. */
enum flt_status flt_onnx_write(const struct flt_view *view, const char *name, struct flt_text_buffer *bytes,
                               struct flt_error *err);

#endif
