/*
 * Which inputs a column of a preparation becomes, for those who write down what flt_prep_apply does: the export.
 *
 * The inputs of all columns follow each other in the order of the columns. Those of a number are: the scaled number, if
 * column->has_number; the missing indicator, if column->has_indicator; then a step for each threshold. Those of a
 * category are its slots (two of them are one input of +1 and -1), then its effect, if column->has_effects.
 */
#ifndef PREP_INPUTS_H
#define PREP_INPUTS_H

#include "prep/prep.h"

size_t flt_inputs_width(const struct flt_prep_column *column); /* how many; 0: the column is not used */

/* Whether an input of the column is 0 for every row, since nothing was learnt of it. */
bool flt_inputs_is_silent(const struct flt_prep_column *column, size_t input);

/* The only input among its slots, from 0, that is not 0 at a place of a categorical column, and its value. False: all
 * of them are 0 there. */
bool flt_inputs_of_place(const struct flt_prep_column *column, size_t place, size_t *input, float *value);

/* The input of its effect at a place; the column has effects. */
float flt_inputs_effect(const struct flt_prep_column *column, size_t place);

#endif
