/* Reasons of rows whose scores are known: what streams and the library share. */
#ifndef DETECTOR_EXPLAIN_H
#define DETECTOR_EXPLAIN_H

#include "detector/model.h"
#include "fltrain/reasons.h"

/* As flt_reasons_explain gives them; left and range may be NULL. */
struct flt_explained {
	double *part; /* (n_rows, flt_detector_n_columns) */
	double *left, *range;
};

/* The columns of the preparation that the cells of the detector's are read for: (flt_reasons_n_columns). */
const size_t *flt_reasons_prep_columns(const struct flt_reasons *reasons);

/* cells (n_rows, n_names of the scorer) are those that score (n_rows) came of. */
enum flt_status flt_explain_scored(const struct flt_reasons *reasons, const struct flt_scorer *scorer,
                                   const char *const *cells, const double *score, size_t n_rows,
                                   const struct flt_explained *to, struct flt_error *err);

#endif
