/*
 * One input at a time, over all rows of the tile: its few parameters stay in registers, and the loops over rows become
 * vector instructions. `column` holds the input and, after it, what it becomes.
 */
#include "nn/embedding.h"

static void copy_column(size_t n, const float *from, size_t from_stride, float *to, size_t to_stride)
{
	for (size_t row = 0; row < n; row++)
		to[row * to_stride] = from[row * from_stride];
}

void flt_embedding_forward(const struct flt_mlp *mlp, const struct flt_kernels *kernels, const float *params, size_t n,
                           const float *x, float *column, float *y)
{
	const struct flt_embedding_shape *e = &mlp->embedding;
	size_t n_in = mlp->spec.n_in, n_first = mlp->n_first, number = 0;
	float *out = column + n;
	for (size_t i = 0; i < n_in; i++) {
		copy_column(n, x + i, n_in, y, n_first);
		y++;
		if (!mlp->numeric[i])
			continue;
		copy_column(n, x + i, n_in, column, 1);
		kernels->periodic_forward(n, e->n_freq, e->n_out, column, params + e->frequency + number * e->n_freq,
		                          params + e->phase + number * e->n_freq,
		                          params + e->weight + number * e->n_out * e->n_freq,
		                          params + e->bias + number * e->n_out, out);
		for (size_t j = 0; j < e->n_out; j++, y++)
			copy_column(n, out + j * n, 1, y, n_first);
		number++;
	}
}

void flt_embedding_backward(const struct flt_mlp *mlp, const struct flt_kernels *kernels, const float *params, size_t n,
                            const float *x, float *column, const float *dy, float *dparams)
{
	const struct flt_embedding_shape *e = &mlp->embedding;
	size_t n_in = mlp->spec.n_in, n_first = mlp->n_first, number = 0;
	float *dout = column + n;
	for (size_t i = 0; i < n_in; i++) {
		dy++;
		if (!mlp->numeric[i])
			continue;
		copy_column(n, x + i, n_in, column, 1);
		for (size_t j = 0; j < e->n_out; j++, dy++)
			copy_column(n, dy, n_first, dout + j * n, 1);
		kernels->periodic_backward(
		        n, e->n_freq, e->n_out, column, params + e->frequency + number * e->n_freq,
		        params + e->phase + number * e->n_freq, params + e->weight + number * e->n_out * e->n_freq,
		        dout, dparams + e->frequency + number * e->n_freq, dparams + e->phase + number * e->n_freq,
		        dparams + e->weight + number * e->n_out * e->n_freq, dparams + e->bias + number * e->n_out);
		number++;
	}
}

void flt_embedding_backward_input(const struct flt_mlp *mlp, const struct flt_kernels *kernels, const float *params,
                                  size_t n, const float *x, float *column, const float *dy, float *dx)
{
	const struct flt_embedding_shape *e = &mlp->embedding;
	size_t n_in = mlp->spec.n_in, n_first = mlp->n_first, number = 0;
	float *dout = column + n, *sum = dout + e->n_out * n;
	for (size_t i = 0; i < n_in; i++) {
		copy_column(n, dy, n_first, sum, 1);
		dy++;
		if (mlp->numeric[i]) {
			copy_column(n, x + i, n_in, column, 1);
			for (size_t j = 0; j < e->n_out; j++, dy++)
				copy_column(n, dy, n_first, dout + j * n, 1);
			kernels->periodic_backward_input(n, e->n_freq, e->n_out, column,
			                                 params + e->frequency + number * e->n_freq,
			                                 params + e->phase + number * e->n_freq,
			                                 params + e->weight + number * e->n_out * e->n_freq, dout, sum);
			number++;
		}
		copy_column(n, sum, 1, dx + i, n_in);
	}
}
