/*
 * One version of the kernels: TARGET (the instruction set), TABLE, NAME, PRODUCT, PRODUCT_LANES and LARGE are set by
 * the file that includes this. Plain loops over plain arrays; gcc and clang make vectors of them.
 */
#include <math.h>
#include <string.h>

#include "nn/kernels_math.h"

#define ACTIVATION(name, of)                                                                                           \
	TARGET static void name(size_t n, size_t n_out, const float *restrict bias, float *restrict a,                 \
	                        float *restrict slope)                                                                 \
	{                                                                                                              \
		for (size_t row = 0; row < n; row++, a += n_out) {                                                     \
			float unused;                                                                                  \
			if (!slope) {                                                                                  \
				for (size_t j = 0; j < n_out; j++)                                                     \
					a[j] = of(a[j] + bias[j], &unused);                                            \
				continue;                                                                              \
			}                                                                                              \
			for (size_t j = 0; j < n_out; j++)                                                             \
				a[j] = of(a[j] + bias[j], &slope[j]);                                                  \
			slope += n_out;                                                                                \
		}                                                                                                      \
	}

TARGET static void relu_forward(size_t n, size_t n_out, const float *restrict bias, float *restrict a,
                                float *restrict slope)
{
	(void)slope;
	for (size_t row = 0; row < n; row++, a += n_out)
		for (size_t j = 0; j < n_out; j++)
			a[j] = relu_of(a[j] + bias[j]);
}

ACTIVATION(selu_forward, selu_of)
ACTIVATION(silu_forward, silu_of)
ACTIVATION(mish_forward, mish_of)
ACTIVATION(tanh_forward, tanh_of)

TARGET static void activate_backward(size_t n, size_t n_out, const float *restrict slope, float *restrict dz)
{
	for (size_t i = 0; i < n * n_out; i++)
		dz[i] *= slope[i];
}

TARGET static void relu_backward(size_t n, size_t n_out, float factor, const float *restrict a, float *restrict dz)
{
	for (size_t i = 0; i < n * n_out; i++)
		dz[i] *= a[i] > 0.0f ? factor : 0.0f;
}

TARGET static void relu_backward_input(size_t n, size_t n_out, const float *restrict a, float *restrict dz)
{
	for (size_t i = 0; i < n * n_out; i++)
		dz[i] = a[i] > 0.0f ? dz[i] : 0.0f;
}

/* A random number for each index: two rounds of multiply and shift (Wellons' lowbias32), each mixing in half of the
 * key. */
INLINE uint32_t hash_of(uint32_t index, uint32_t key_low, uint32_t key_high)
{
	uint32_t x = index + key_low;
	x = (x ^ (x >> 16)) * 0x21f0aaadu;
	x = (x ^ (x >> 15)) * 0x735a2d97u;
	x = (x ^ (x >> 15)) + key_high;
	x = (x ^ (x >> 16)) * 0x7feb352du;
	x = (x ^ (x >> 15)) * 0x846ca68bu;
	return x ^ (x >> 16);
}

/* Indices of a block are as wide as floats, so that compilers need not narrow them. */
TARGET static void dropout(size_t n, uint64_t key, uint32_t drop, float factor, float *restrict a,
                           float *restrict slope)
{
	enum { BLOCK = 1 << 16 };
	uint32_t high = (uint32_t)(key >> 32);
	for (size_t begin = 0; begin < n; begin += BLOCK) {
		uint32_t m = n - begin < BLOCK ? (uint32_t)(n - begin) : BLOCK, low = (uint32_t)key + (uint32_t)begin;
		for (uint32_t i = 0; i < m; i++) {
			float kept = hash_of(i, low, high) >= drop ? factor : 0.0f;
			a[begin + i] *= kept;
			if (slope)
				slope[begin + i] *= kept;
		}
	}
}

TARGET static void scale_forward(size_t n, size_t n_in, const float *restrict x, const float *restrict scale,
                                 float *restrict y)
{
	for (size_t row = 0; row < n; row++, x += n_in, y += n_in)
		for (size_t j = 0; j < n_in; j++)
			y[j] = x[j] * scale[j];
}

TARGET static void scale_backward(size_t n, size_t n_in, const float *restrict x, const float *restrict scale,
                                  float *restrict dy, float *restrict dscale)
{
	memset(dscale, 0, n_in * sizeof *dscale);
	for (size_t row = 0; row < n; row++, x += n_in, dy += n_in)
		for (size_t j = 0; j < n_in; j++) {
			dscale[j] += dy[j] * x[j];
			dy[j] *= scale[j];
		}
}

/* Sums over an array are those of LANES lanes, whatever the instruction set, and a lane lies in one of PARTS vectors
 * that it has registers for: of vectors that it has none for, compilers make single numbers. */
enum { LANES = 16, PARTS = LANES / PRODUCT_LANES };

/* Sums of columns that are made together: enough of them that none waits for the one before. */
enum { COLUMN_PARTS = 4 };

typedef float part __attribute__((vector_size(PRODUCT_LANES * sizeof(float)), aligned(4), may_alias));
typedef float quad __attribute__((vector_size(4 * sizeof(float))));

/* Adds the lanes in pairs until four are left: those eight apart, then those four apart. */
INLINE quad add_parts(const part sum[PARTS])
{
#if PRODUCT_LANES == 4
	return (sum[0] + sum[2]) + (sum[1] + sum[3]);
#else
#if PRODUCT_LANES == 8
	part eight = sum[0] + sum[1];
#else
	part eight =
	        sum[0] + __builtin_shufflevector(sum[0], sum[0], 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
	return __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
#endif
}

/* Those of the last four two apart, then one. */
INLINE float sum_lanes(const part sum[PARTS])
{
	quad s = add_parts(sum);
	s += __builtin_shufflevector(s, s, 2, 3, 0, 1);
	s += __builtin_shufflevector(s, s, 1, 0, 3, 2);
	return s[0];
}

INLINE void add_lanes(const float x[LANES], part sum[PARTS])
{
	for (size_t p = 0; p < PARTS; p++)
		sum[p] += ((const part *)x)[p];
}

/* The sums of n_parts vectors of columns, which stay in registers while the rows run. */
INLINE void sum_columns(size_t n, size_t n_parts, size_t stride, const float *restrict x, const float *restrict factor,
                        float *restrict sum)
{
	part sums[COLUMN_PARTS] = {{0}};
	for (size_t row = 0; row < n; row++, x += stride)
		for (size_t p = 0; p < n_parts; p++) {
			part columns = ((const part *)x)[p];
			if (factor)
				columns *= factor[row];
			sums[p] += columns;
		}
	for (size_t p = 0; p < n_parts; p++)
		((part *)sum)[p] = sums[p];
}

TARGET static void column_sums(size_t n, size_t n_cols, size_t stride, const float *restrict x,
                               const float *restrict factor, float *restrict sum)
{
	enum { COLUMNS = COLUMN_PARTS * PRODUCT_LANES };
	size_t j = 0;
	for (; j + COLUMNS <= n_cols; j += COLUMNS)
		if (factor)
			sum_columns(n, COLUMN_PARTS, stride, x + j, factor, sum + j);
		else
			sum_columns(n, COLUMN_PARTS, stride, x + j, NULL, sum + j);
	for (; j + PRODUCT_LANES <= n_cols; j += PRODUCT_LANES)
		sum_columns(n, 1, stride, x + j, factor, sum + j);
	for (; j < n_cols; j++) {
		float one = 0;
		for (size_t row = 0; row < n; row++)
			one += factor ? factor[row] * x[row * stride + j] : x[row * stride + j];
		sum[j] = one;
	}
}

/* The dot product x w, added in a fixed order: by lane, then over the lanes. */
INLINE float dot(size_t n, const float *restrict x, const float *restrict w)
{
	part sum[PARTS] = {{0}};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES)
		for (size_t p = 0; p < PARTS; p++)
			sum[p] += ((const part *)(x + i))[p] * ((const part *)(w + i))[p];
	if (i < n) {
		float last[LANES] = {0};
		for (size_t l = 0; i < n; i++, l++)
			last[l] = x[i] * w[i];
		add_lanes(last, sum);
	}
	return sum_lanes(sum);
}

TARGET static void output_forward(size_t n, size_t n_in, const float *restrict x, const float *restrict w, float bias,
                                  float *restrict logit)
{
	for (size_t row = 0; row < n; row++)
		logit[row] = dot(n_in, x + row * n_in, w) + bias;
}

TARGET static void output_backward(size_t n, size_t n_in, const float *restrict w, const float *restrict dlogit,
                                   float *restrict dx)
{
	for (size_t row = 0; row < n; row++, dx += n_in) {
		float d = dlogit[row];
		for (size_t j = 0; j < n_in; j++)
			dx[j] = d * w[j];
	}
}

TARGET static void output_backward_input(size_t n, size_t n_in, const float *restrict w, float *restrict dx)
{
	for (size_t row = 0; row < n; row++)
		memcpy(dx + row * n_in, w, n_in * sizeof *dx);
}

static const float turns_per_radian = 0.159154943f, radians_per_turn = 6.28318531f;

enum { ROWS_AT_ONCE = 128 };

/* Adds w cos(2 pi c x + b) of up to FREQUENCIES_AT_ONCE frequencies, in their order, to the outputs (n_out, n) of up to
 * LANES rows. Cosines wait in the cache and sums in registers. */
enum { FREQUENCIES_AT_ONCE = 16 };

INLINE void add_waves(size_t m, size_t n, size_t n_freq, size_t n_out, size_t n_waves, const float *restrict x,
                      const float *restrict frequency, const float *restrict phase, const float *restrict weight,
                      float *restrict out)
{
	float u[FREQUENCIES_AT_ONCE][LANES], at[LANES] = {0}, y[LANES] = {0};
	memcpy(at, x, m * sizeof *at);
	for (size_t k = 0; k < n_waves; k++) {
		float c = frequency[k], b = phase[k] * turns_per_radian;
		for (size_t i = 0; i < LANES; i++)
			u[k][i] = cos_of_turn(turn_part(c * at[i] + b));
	}
	for (size_t j = 0; j < n_out; j++) {
		part sum[PARTS];
		memcpy(y, out + j * n, m * sizeof *y);
		memcpy(sum, y, sizeof sum);
		for (size_t k = 0; k < n_waves; k++)
			for (size_t p = 0; p < PARTS; p++)
				sum[p] += weight[j * n_freq + k] * ((const part *)u[k])[p];
		memcpy(y, sum, sizeof sum);
		memcpy(out + j * n, y, m * sizeof *y);
	}
}

TARGET static void periodic_forward(size_t n, size_t n_freq, size_t n_out, const float *restrict x,
                                    const float *restrict frequency, const float *restrict phase,
                                    const float *restrict weight, const float *restrict bias, float *restrict out)
{
	for (size_t j = 0; j < n_out; j++)
		for (size_t row = 0; row < n; row++)
			out[j * n + row] = bias[j];
	for (size_t begin = 0; begin < n; begin += LANES)
		for (size_t k = 0; k < n_freq; k += FREQUENCIES_AT_ONCE) {
			size_t n_waves = n_freq - k < FREQUENCIES_AT_ONCE ? n_freq - k : FREQUENCIES_AT_ONCE;
			if (n - begin < LANES)
				add_waves(n - begin, n, n_freq, n_out, n_waves, x + begin, frequency + k, phase + k,
				          weight + k, out + begin);
			else
				add_waves(LANES, n, n_freq, n_out, n_waves, x + begin, frequency + k, phase + k,
				          weight + k, out + begin);
		}
}

INLINE float sum_of(size_t n, const float *restrict x)
{
	part sum[PARTS] = {{0}};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES)
		add_lanes(x + i, sum);
	if (i < n) {
		float last[LANES] = {0};
		memcpy(last, x + i, (n - i) * sizeof *last);
		add_lanes(last, sum);
	}
	return sum_lanes(sum);
}

/* One frequency's gradient over m <= ROWS_AT_ONCE rows; dout (n_out, n) and dweight (n_out, n_freq) point to its
 * entries. */
INLINE void periodic_backward_one(size_t m, size_t n, size_t n_freq, size_t n_out, const float *restrict x, float c,
                                  float b, const float *restrict weight, const float *restrict dout,
                                  float *restrict dfrequency, float *restrict dphase, float *restrict dweight)
{
	float u[ROWS_AT_ONCE], dangle[ROWS_AT_ONCE], du[ROWS_AT_ONCE] = {0};
	for (size_t j = 0; j < n_out; j++) {
		const float w = weight[j * n_freq], *restrict d = dout + j * n;
		for (size_t i = 0; i < m; i++)
			du[i] += w * d[i];
	}
	for (size_t i = 0; i < m; i++) {
		float r = turn_part(c * x[i] + b);
		u[i] = cos_of_turn(r);
		dangle[i] = -du[i] * sin_of_turn(r);
	}
	for (size_t j = 0; j < n_out; j++)
		dweight[j * n_freq] += dot(m, dout + j * n, u);
	*dphase += sum_of(m, dangle);
	*dfrequency += dot(m, dangle, x) * radians_per_turn;
}

TARGET static void periodic_backward(size_t n, size_t n_freq, size_t n_out, const float *restrict x,
                                     const float *restrict frequency, const float *restrict phase,
                                     const float *restrict weight, const float *restrict dout,
                                     float *restrict dfrequency, float *restrict dphase, float *restrict dweight,
                                     float *restrict dbias)
{
	memset(dfrequency, 0, n_freq * sizeof *dfrequency);
	memset(dphase, 0, n_freq * sizeof *dphase);
	memset(dweight, 0, n_out * n_freq * sizeof *dweight);
	for (size_t begin = 0; begin < n; begin += ROWS_AT_ONCE) {
		size_t m = n - begin < ROWS_AT_ONCE ? n - begin : ROWS_AT_ONCE;
		for (size_t k = 0; k < n_freq; k++)
			periodic_backward_one(m, n, n_freq, n_out, x + begin, frequency[k], phase[k] * turns_per_radian,
			                      weight + k, dout + begin, dfrequency + k, dphase + k, dweight + k);
	}
	for (size_t j = 0; j < n_out; j++)
		dbias[j] = sum_of(n, dout + j * n);
}

TARGET static void periodic_backward_input(size_t n, size_t n_freq, size_t n_out, const float *restrict x,
                                           const float *restrict frequency, const float *restrict phase,
                                           const float *restrict weight, const float *restrict dout, float *restrict dx)
{
	float du[ROWS_AT_ONCE];
	for (size_t begin = 0; begin < n; begin += ROWS_AT_ONCE) {
		size_t m = n - begin < ROWS_AT_ONCE ? n - begin : ROWS_AT_ONCE;
		for (size_t k = 0; k < n_freq; k++) {
			float c = frequency[k], b = phase[k] * turns_per_radian, rate = c * radians_per_turn;
			for (size_t i = 0; i < m; i++)
				du[i] = 0.0f;
			for (size_t j = 0; j < n_out; j++) {
				const float w = weight[j * n_freq + k], *restrict d = dout + j * n + begin;
				for (size_t i = 0; i < m; i++)
					du[i] += w * d[i];
			}
			for (size_t i = 0; i < m; i++)
				dx[begin + i] -= rate * (du[i] * sin_of_turn(turn_part(c * x[begin + i] + b)));
		}
	}
}

enum { CHUNK = 64 };

/* The ingredients of each row's loss: p_t and 1 - p_t to full relative accuracy, -ln p_t and -ln (1 - p_t). All loops
 * run over a whole chunk, padded beyond the last row: with constant length and equal types, compilers vectorise them.
 */
struct margins {
	float p[CHUNK], q[CHUNK], minus_log_p[CHUNK], minus_log_q[CHUNK];
};

INLINE void find_margins(const float *restrict logit, const float *restrict sign, struct margins *restrict at)
{
	for (size_t i = 0; i < CHUNK; i++) {
		float margin = logit[i] * sign[i];
		float e = exp_of(-__builtin_fabsf(margin)), log1p_e = log1p_of(e), r = 1.0f / (1.0f + e), er = e * r;
		at->p[i] = margin >= 0.0f ? r : er;
		at->q[i] = margin >= 0.0f ? er : r;
		at->minus_log_p[i] = log1p_e + (margin < 0.0f ? -margin : 0.0f);
		at->minus_log_q[i] = log1p_e + (margin < 0.0f ? 0.0f : margin);
	}
}

/* w = q^gamma */
INLINE void find_modulation(const struct flt_focal *focal, const struct margins *restrict at, float *restrict w)
{
	float power[CHUNK];
	for (size_t i = 0; i < CHUNK; i++) {
		w[i] = 1.0f;
		power[i] = at->q[i];
	}
	for (unsigned long whole = focal->whole; whole; whole /= 2) {
		if (whole % 2)
			for (size_t i = 0; i < CHUNK; i++)
				w[i] *= power[i];
		for (size_t i = 0; i < CHUNK; i++)
			power[i] *= power[i];
	}
	if (focal->half)
		for (size_t i = 0; i < CHUNK; i++)
			w[i] *= sqrtf(at->q[i]);
	if (focal->rest > 0)
		for (size_t i = 0; i < CHUNK; i++)
			w[i] *= exp_of(-focal->rest * at->minus_log_q[i]);
}

INLINE void focal_chunk(const struct flt_focal *focal, size_t n, const float *restrict logit,
                        const uint8_t *restrict label, const float *restrict row_weight, float factor,
                        float *restrict value, float *restrict gradient, struct flt_loss_sums *sums)
{
	struct margins at;
	float z[CHUNK] = {0}, sign[CHUNK] = {0}, weight[CHUNK] = {0}, w[CHUNK], size[CHUNK], loss[CHUNK], dz[CHUNK];
	memcpy(z, logit, n * sizeof *z);
	for (size_t i = 0; i < n; i++) {
		sign[i] = label[i] ? 1.0f : -1.0f;
		weight[i] = label[i] ? focal->weight_positive : focal->weight_negative;
	}
	for (size_t i = 0; row_weight && i < n; i++)
		weight[i] *= row_weight[i];
	find_margins(z, sign, &at);
	find_modulation(focal, &at, w);
	for (size_t i = 0; i < CHUNK; i++) {
		float aw = weight[i] * w[i];
		loss[i] = aw * at.minus_log_p[i];
		size[i] = aw * (focal->gamma * at.p[i] * at.minus_log_p[i] + at.q[i]);
		dz[i] = (-sign[i] * factor) * size[i];
	}
	memcpy(value, loss, n * sizeof *value);
	memcpy(gradient, dz, n * sizeof *gradient);
	for (size_t i = 0; i < n; i++) {
		double g = size[i];
		sums->loss += loss[i];
		sums->total += g;
		sums->easy += at.p[i] > 0.9f ? g : 0;
		sums->positive += label[i] ? g : 0;
	}
}

TARGET static void focal_loss(const struct flt_focal *focal, size_t n, const float *restrict logit,
                              const uint8_t *restrict label, const float *restrict weight, float factor,
                              float *restrict value, float *restrict gradient, struct flt_loss_sums *sums)
{
	for (size_t i = 0; i < n; i += CHUNK) {
		size_t m = n - i < CHUNK ? n - i : CHUNK;
		focal_chunk(focal, m, logit + i, label + i, weight ? weight + i : NULL, factor, value + i, gradient + i,
		            sums);
	}
}

/* In double a sum has half as many lanes. */
enum { WIDE = LANES / 2 };

typedef double wide_part __attribute__((vector_size(PRODUCT_LANES * sizeof(float)), aligned(8), may_alias));
typedef float narrow_part __attribute__((vector_size(PRODUCT_LANES / 2 * sizeof(float)), aligned(4), may_alias));
typedef double pair __attribute__((vector_size(2 * sizeof(double))));

/* Adds the lanes in pairs: those four apart, then one, then two. */
INLINE double sum_wide(const wide_part sum[PARTS])
{
#if PRODUCT_LANES == 4
	pair low = sum[0] + sum[2], high = sum[1] + sum[3];
#else
#if PRODUCT_LANES == 8
	wide_part four = sum[0] + sum[1];
#else
	wide_part four = sum[0] + __builtin_shufflevector(sum[0], sum[0], 4, 5, 6, 7, 0, 1, 2, 3);
#endif
	pair low = __builtin_shufflevector(four, four, 0, 1), high = __builtin_shufflevector(four, four, 2, 3);
#endif
	return (low[0] + low[1]) + (high[0] + high[1]);
}

INLINE const float *row_of(const struct flt_row_span *span, size_t i)
{
	return span->x + (span->rows ? span->rows[i] : i) * span->n_in;
}

/* The dot product in double, added in a fixed order. */
INLINE double wide_dot(size_t n, const float *restrict x, const double *restrict v)
{
	wide_part sum[PARTS] = {{0}};
	size_t i = 0;
	for (; i + WIDE <= n; i += WIDE)
		for (size_t p = 0; p < PARTS; p++)
			sum[p] += __builtin_convertvector(((const narrow_part *)(x + i))[p], wide_part) *
			          ((const wide_part *)(v + i))[p];
	double rest = 0;
	for (; i < n; i++)
		rest += (double)x[i] * v[i];
	return sum_wide(sum) + rest;
}

TARGET static void project(const struct flt_row_span *span, const double *restrict vector, double *restrict out)
{
	for (size_t i = 0; i < span->n; i++)
		out[i] = wide_dot(span->n_in, row_of(span, i), vector) + vector[span->n_in];
}

/* Four rows at a time: sum is read and written a quarter as often. */
TARGET static void combine(const struct flt_row_span *span, const double *restrict factor, double *restrict sum)
{
	size_t n_in = span->n_in, i = 0;
	for (; i + 4 <= span->n; i += 4) {
		const float *restrict a = row_of(span, i), *restrict b = row_of(span, i + 1);
		const float *restrict c = row_of(span, i + 2), *restrict d = row_of(span, i + 3);
		double fa = factor[i], fb = factor[i + 1], fc = factor[i + 2], fd = factor[i + 3];
		for (size_t j = 0; j < n_in; j++)
			sum[j] += ((fa * (double)a[j] + fb * (double)b[j]) + fc * (double)c[j]) + fd * (double)d[j];
		sum[n_in] += ((fa + fb) + fc) + fd;
	}
	for (; i < span->n; i++) {
		const float *restrict x = row_of(span, i);
		for (size_t j = 0; j < n_in; j++)
			sum[j] += factor[i] * (double)x[j];
		sum[n_in] += factor[i];
	}
}

TARGET static void combine_squares(const struct flt_row_span *span, const double *restrict factor, double *restrict sum)
{
	for (size_t i = 0; i < span->n; i++) {
		const float *restrict x = row_of(span, i);
		for (size_t j = 0; j < span->n_in; j++)
			sum[j] += factor[i] * ((double)x[j] * (double)x[j]);
		sum[span->n_in] += factor[i];
	}
}

TARGET static void sigmoid(size_t n, const float *restrict x, float *restrict p, float *restrict q)
{
	const float most = 80.0f;
	for (size_t i = 0; i < n; i++) {
		float bounded = x[i] > most ? most : x[i] < -most ? -most : x[i];
		p[i] = sigmoid_of(bounded, &q[i]);
	}
}

TARGET static void add(size_t n, const float *restrict x, float *restrict sum)
{
	for (size_t i = 0; i < n; i++)
		sum[i] += x[i];
}

TARGET static double sum_of_squares(size_t n, const float *restrict x)
{
	double lane[LANES] = {0};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES)
		for (size_t l = 0; l < LANES; l++)
			lane[l] += (double)x[i + l] * (double)x[i + l];
	for (size_t l = 0; i < n; i++, l++)
		lane[l] += (double)x[i] * (double)x[i];
	for (size_t l = 1; l < LANES; l++)
		lane[0] += lane[l];
	return lane[0];
}

TARGET static void adam_step(const struct flt_adam *adam, size_t n, const float *restrict gradient, float *restrict m,
                             float *restrict v, float *restrict w)
{
	const struct flt_adam a = *adam;
	for (size_t i = 0; i < n; i++) {
		float g = gradient[i] * a.gradient_factor + a.l2 * w[i];
		float mean = a.beta1 * m[i] + a.one_minus_beta1 * g;
		float square = a.beta2 * v[i] + a.one_minus_beta2 * (g * g);
		m[i] = mean;
		v[i] = square;
		w[i] = w[i] * a.keep - a.rate * (mean / (sqrtf(square) / a.root_correction + a.epsilon));
	}
}

TARGET static void sgd_step(const struct flt_sgd *sgd, size_t n, const float *restrict gradient, float *restrict buffer,
                            float *restrict w)
{
	const struct flt_sgd s = *sgd;
	for (size_t i = 0; i < n; i++) {
		float g = gradient[i] * s.gradient_factor + s.l2 * w[i];
		float b = s.momentum * buffer[i] + g;
		buffer[i] = b;
		w[i] -= s.rate * (s.nesterov ? g + s.momentum * b : b);
	}
}

TARGET static void average(size_t n, float keep, const float *restrict w, float *restrict mean)
{
	float take = 1.0f - keep;
	for (size_t i = 0; i < n; i++)
		mean[i] += take * (w[i] - mean[i]);
}

const struct flt_kernels TABLE = {
        .name = NAME,
        .product = PRODUCT,
        .lanes = PRODUCT_LANES,
        .large = LARGE,
        .activate_forward = {[FLT_RELU] = relu_forward,
                             [FLT_SELU] = selu_forward,
                             [FLT_SILU] = silu_forward,
                             [FLT_MISH] = mish_forward,
                             [FLT_TANH] = tanh_forward},
        .activate_backward = activate_backward,
        .relu_backward = relu_backward,
        .relu_backward_input = relu_backward_input,
        .column_sums = column_sums,
        .dropout = dropout,
        .scale_forward = scale_forward,
        .scale_backward = scale_backward,
        .output_forward = output_forward,
        .output_backward = output_backward,
        .output_backward_input = output_backward_input,
        .periodic_forward = periodic_forward,
        .periodic_backward = periodic_backward,
        .periodic_backward_input = periodic_backward_input,
        .focal = focal_loss,
        .project = project,
        .combine = combine,
        .combine_squares = combine_squares,
        .sigmoid = sigmoid,
        .add = add,
        .sum_of_squares = sum_of_squares,
        .adam = adam_step,
        .sgd = sgd_step,
        .average = average,
};
