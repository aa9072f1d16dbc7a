/*
 * The predictions for the rows of a stream as CSV lines (`predict`). They are appended to a buffer, so that several
 * threads can render chunks of a block at once. Numbers are the shortest texts that read back exactly.
 */
#ifndef REPORT_PREDICT_CSV_H
#define REPORT_PREDICT_CSV_H

#include "base/text.h"
#include "fltrain/stream.h"

/* A line is: row number or id, probability, label, score. With records kept: the record as it stands in the file, then
 * probability, label and score with the file's own delimiter and decimal mark, under names that it does not have yet
 * (table/own_columns.h). With reasons, behind the score: of the columns that add most to the row's log-odds, or take
 * most from it, the largest first, name, cell and log-odds; and all of it in words. With errors, last of all why a row
 * has no prediction; the other columns behind its record are then empty. */
enum { FLT_MOST_REASONS = 100 };

struct flt_predict_csv {
	const struct flt_detector *detector;
	const struct flt_reasons *reasons; /* that rows are explained by; NULL: they are not */
	size_t n_reasons;                  /* up to FLT_MOST_REASONS */
	bool rows_chose; /* the threshold was chosen on these very rows (flt_detector_is_positive_row) */
	bool keep_records;
	bool has_errors; /* rows of a stream that is followed */
	char delimiter, decimal;
};

enum flt_status flt_predict_csv_header(const struct flt_predict_csv *format, const struct flt_stream *stream,
                                       struct flt_text_buffer *buffer, struct flt_error *err);
enum flt_status flt_predict_csv_lines(const struct flt_predict_csv *format, const struct flt_scored_rows *rows,
                                      struct flt_text_buffer *buffer, struct flt_error *err);

#endif
