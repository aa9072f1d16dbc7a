/*
 * Scored rows as CSV text, appended to a buffer, so that several threads can render parts of a block at once. Numbers
 * are the shortest texts that read back exactly.
 */
#ifndef REPORT_SCORED_H
#define REPORT_SCORED_H

#include "base/text.h"
#include "fltrain/stream.h"

/* What a line looks like: row number or id, probability, label, score; or, with records kept, the record as it stands
 * in the file with probability, label and score behind it, by the file's own delimiter and decimal mark. */
struct flt_scored_format {
	const struct flt_detector *detector;
	bool keep_records;
	char delimiter, decimal;
};

enum flt_status flt_scored_header(const struct flt_scored_format *format, const struct flt_stream *stream,
                                  struct flt_text_buffer *buffer, struct flt_error *err);
enum flt_status flt_scored_lines(const struct flt_scored_format *format, const struct flt_scored_rows *rows,
                                 struct flt_text_buffer *buffer, struct flt_error *err);

#endif
