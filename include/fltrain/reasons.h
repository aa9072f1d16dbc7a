/*
 * Why a row has its probability: what each column adds to its log-odds.
 *
 * The parts of all columns, and the base, make up the row's log-odds. The base is the mean log-odds of the detector's
 * background rows, some of the rows that it was fitted on. A column's part is its expected gradient (Erion et al.
 * 2021): the row is moved to each background row on a straight way, from inputs to inputs, and the change of the
 * log-odds that is the column's is added up along the way (integrated gradients, Sundararajan et al. 2017); then comes
 * the mean over the background rows. The sums along the ways go on until no network's steps miss much, and less than 1
 * % of the range is left over, from the lowest to the highest log-odds of the background rows and this row. What the
 * steps of a network are known to miss is dealt out to the columns before that; what is left over is not.
 *
 * Of an isotonic map, which has steps, a way takes the mean slope from its end to its start; its probabilities of 0 and
 * 1 count as one in a million.
 *
 * It tells what the detector made of a row, not what caused the row to be as it is. Columns that go together share what
 * they tell, as the networks happened to learn it.
 */
#ifndef FLTRAIN_REASONS_H
#define FLTRAIN_REASONS_H

#include "fltrain/detector.h"

/* What may be left over, as a share of the range. More is where a way is too rough for its steps: slopes of networks
 * whose weights diverged, say. */
#define FLT_REASONS_TOLERANCE 0.01

/* Any number of threads may use one at a time. */
struct flt_reasons;

/* Borrows the detector. FLT_ERR_MODEL if it keeps no background rows, as those of older versions. On failure *reasons
 * is NULL. End it by flt_reasons_free. */
enum flt_status flt_reasons_new(const struct flt_detector *detector, struct flt_reasons **reasons,
                                struct flt_error *err);
void flt_reasons_free(struct flt_reasons *reasons); /* NULL is fine */

size_t flt_reasons_n_background(const struct flt_reasons *reasons);
size_t flt_reasons_n_columns(const struct flt_reasons *reasons); /* as flt_detector_n_columns */
const char *flt_reasons_column_name(const struct flt_reasons *reasons, size_t column);
double flt_reasons_base(const struct flt_reasons *reasons); /* in log-odds, under the detector's prior */

/* part (n_rows, flt_detector_n_columns), in log-odds, of cells (n_rows, names of the scorer), row by row; the scorer is
 * of the same detector. left (n_rows, or NULL) is what the parts and the base lack of the row's log-odds, and range
 * (n_rows, or NULL) what it is measured by. What a row gets does not depend on the rows around it. Errors as of
 * flt_scorer_score. */
enum flt_status flt_reasons_explain(const struct flt_reasons *reasons, const struct flt_scorer *scorer,
                                    const char *const *cells, size_t n_rows, double *part, double *left, double *range,
                                    size_t *bad_row, struct flt_error *err);

#endif
