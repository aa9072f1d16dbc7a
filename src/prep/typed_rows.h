/*
 * Rows as typed values, apart from any table: what a model file can hold of some of its training rows. Of each column
 * that the preparation reads (flt_prep_n_read), in their order, a row has one double: the number, NaN where it is
 * missing, or the place of the level (flt_prep_n_places).
 */
#ifndef PREP_TYPED_ROWS_H
#define PREP_TYPED_ROWS_H

#include "prep/prep.h"

/* values (n, n_read) of rows (n) of a table that prep was learnt from, or one like it. Errors as of flt_prep_apply. */
enum flt_status flt_typed_rows_take(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                    size_t n, double *values, struct flt_error *err);

/* Whether foreign values (n, n_read) are those of rows: numbers are finite or NaN, and places exist. */
bool flt_typed_rows_are_valid(const struct flt_prep *prep, const double *values, size_t n);

/* Writes x (n, n_features) of valid rows. prep is the one that they were taken for, or a refit of it. */
enum flt_status flt_typed_rows_apply(const struct flt_prep *prep, const double *values, size_t n, float *x,
                                     struct flt_error *err);

#endif
