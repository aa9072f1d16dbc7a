#include "nn/matrix.h"

void flt_linear_forward(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *x, const float *packed,
                        float *y)
{
	product(n, n_out, n_in, x, n_in, 1, packed, n_in * FLT_PANEL, FLT_PANEL, y, n_out);
}

void flt_linear_backward_weight(flt_product *product, size_t n, size_t n_in, size_t n_out, size_t begin, size_t end,
                                const float *x, const float *dy, float *dw)
{
	product(end - begin, n_in, n, dy + begin, 1, n_out, x, FLT_PANEL, n_in, dw + begin * n_in, n_in);
}

void flt_linear_backward_input(flt_product *product, size_t n, size_t n_in, size_t n_out, const float *packed,
                               const float *dy, float *dx)
{
	product(n, n_in, n_out, dy, n_out, 1, packed, n_out * FLT_PANEL, FLT_PANEL, dx, n_in);
}
