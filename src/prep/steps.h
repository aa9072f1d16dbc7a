/* Steps: thresholds of numbers that become inputs of their own, and a choice of columns, both proposed by the scout. */
#ifndef PREP_STEPS_H
#define PREP_STEPS_H

#include "prep/prep.h"

/* Gives the columns to (n_columns), which have learnt all else, their steps and says which are passed over, as options
 * ask for. Only rows (n_rows, at least 1) are looked at; from (n_columns) holds the table's columns. The caller frees
 * to[].steps, after a failure too. */
enum flt_status flt_steps_learn(const struct flt_table *table, const struct flt_column *from, const size_t *rows,
                                size_t n_rows, const struct flt_prep_options *options, struct flt_prep_column *to,
                                size_t n_columns, struct flt_error *err);

/* Bytes that this takes at most on one thread, for so many columns and rows. */
size_t flt_steps_bytes(size_t n_columns, size_t n_rows);

#endif
