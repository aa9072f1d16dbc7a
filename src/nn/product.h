/*
 * The small matrix product: c (m, n) = a (m, k) b (k, n), without copies of its own. Unlike a library's, it gives each
 * row of c the same bits whatever the other rows are and however many there are.
 *
 * a is read at a[i * a_row + p * a_col]. b lies in panels of FLT_PANEL columns: b[(j / FLT_PANEL) * b_panel +
 * p * b_row + j % FLT_PANEL], readable up to a whole panel's width in each row. c is row-major, c_row apart.
 */
#ifndef NN_PRODUCT_H
#define NN_PRODUCT_H

#include <stddef.h>

enum { FLT_PANEL = 32 };

typedef void flt_product(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b,
                         size_t b_panel, size_t b_row, float *c, size_t c_row);

flt_product flt_product_plain;
#ifdef __x86_64__
flt_product flt_product_avx2, flt_product_avx512;
#endif

#endif
