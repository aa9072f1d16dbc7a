/*
 * Background rows: some of the rows that a detector was fitted on, kept in its file, since a row's score is explained
 * by what it would be if the row were one of these (detector/reasons.h). They are what they were in training, so who
 * has the file can read them.
 */
#ifndef DETECTOR_BACKGROUND_H
#define DETECTOR_BACKGROUND_H

#include "detector/model.h"

/* Draws n_wanted of the given rows (n > 0) of the table that the detector was fitted on, or takes all if these are
 * fewer; each as likely as its weight says, so that heavy ones may be drawn several times. Ends what *background held;
 * n_wanted 0 leaves it empty. The draw has a stream of the seed for itself, "background". */
enum flt_status flt_background_draw(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                    size_t n, size_t n_wanted, uint64_t seed, struct flt_background *background,
                                    struct flt_error *err);
void flt_background_release(struct flt_background *background);

#endif
