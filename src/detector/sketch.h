/*
 * Which rows a detector was made from, kept as hashes of their inputs, so that a file that holds such rows is
 * recognised whatever its order, its other columns and the way its numbers are written.
 *
 * Kept are the lowest FLT_SKETCH_SIZE hashes. A hash is uniform in [0, 1), so rows with a hash below the first that was
 * not kept are a random sample of any file, and each of them is known to be among the rows or not. Rows can also be
 * equal by chance: a new row is expected to be so with the share of rows that are not the only ones of their kind (Good
 * 1953).
 */
#ifndef DETECTOR_SKETCH_H
#define DETECTOR_SKETCH_H

#include "detector/model.h"

/* Hashes (n) of prepared rows, x (n, n_features). */
void flt_row_hashes(const float *x, size_t n, size_t n_features, double *hash);

/* Of the given rows (n > 0) of the table that prep was learnt from. Ends what *sketch held. n_threads 0: one per
 * processor. */
enum flt_status flt_sketch_make(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                size_t n, unsigned n_threads, struct flt_sketch *sketch, struct flt_error *err);
void flt_sketch_release(struct flt_sketch *sketch);

bool flt_sketch_samples(const struct flt_sketch *sketch, double hash); /* whether it is known if such a row is there */
bool flt_sketch_holds(const struct flt_sketch *sketch, double hash);

#endif
