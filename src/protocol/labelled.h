/* Evaluating a detector on the rows of a CSV file whose class is known. */
#ifndef PROTOCOL_LABELLED_H
#define PROTOCOL_LABELLED_H

#include "eval/gate.h"
#include "fltrain/stream.h"
#include "protocol/evaluation.h"

/* Zero-initialised before it is read. */
struct flt_labelled_rows {
	double *score;  /* (n) */
	uint8_t *label; /* (n) */
	size_t n, n_positive;
	size_t n_without_target; /* left out */
	size_t score_capacity, label_capacity;
};

/* Runs a stream of the detector that was opened with needs_target. A row without a target is FLT_ERR_DATA unless such
 * rows are to be dropped; so is a target that is neither class. */
enum flt_status flt_labelled_rows_read(struct flt_labelled_rows *rows, const struct flt_detector *detector,
                                       struct flt_stream *stream, bool drop_missing_target, struct flt_error *err);
void flt_labelled_rows_release(struct flt_labelled_rows *rows);

/* Evaluates the detector on rows that were read from the stream, which must be of both classes (else FLT_ERR_DATA).
 * With a rule, the threshold is chosen anew on them. Takes the arrays of rows, also on failure. End *evaluation by
 * flt_evaluation_release; it borrows the detector. */
enum flt_status flt_labelled_rows_evaluate(struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                           struct flt_detector *detector, const struct flt_rule *rule,
                                           unsigned n_threads, struct flt_evaluation *evaluation,
                                           struct flt_error *err);

#endif
