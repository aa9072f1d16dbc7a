/*
 * Scores of rows in which columns hold other values than in their file: what explaining a detector asks for, thousands
 * of times. Whoever asks lays out the columns; where a column changes, its pointer leads to other values.
 */
#ifndef DETECTOR_ALTERED_H
#define DETECTOR_ALTERED_H

#include "detector/model.h"

/* Borrowed arrays. */
struct flt_altered {
	const struct flt_column *columns; /* (columns of the preparation), as flt_cell_columns_all gives them */
	const size_t *rows;               /* (n) of these columns */
	size_t n;
	double *score; /* (n) receives the scores */
};

/* Scores all sets of rows. A row's score is, to the bit, that of flt_detector_score, at any n_threads (0: all). A row
 * whose values lead beyond the range of float is FLT_ERR_DATA. */
enum flt_status flt_detector_score_altered(const struct flt_detector *detector, const struct flt_altered *sets,
                                           size_t n_sets, unsigned n_threads, struct flt_error *err);

#endif
