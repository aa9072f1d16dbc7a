/*
 * Weights as whole numbers from -127 to 127, in units of their own for each output. A unit has 16 bits, so that its
 * products with such numbers are exact in float: a program that multiplies them has the very weights that
 * flt_reduce_precision leaves, and those give the same unit and numbers again.
 */
#ifndef EXPORT_C_QUANTISE_H
#define EXPORT_C_QUANTISE_H

#include <stddef.h>

/* The unit of the weights w (n) of one output: the largest is 127 of it, but for the bits that it lacks. 1 where all
 * are 0.
 */
float flt_c_unit(const float *w, size_t n);
int flt_c_quantise(float w, float unit);

#endif
