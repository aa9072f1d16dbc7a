/* The kernels against the stored reference values, against slow obvious loops in double, and against each other. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "nn/kernels.h"
#include "reference_csv.h"
#include "suite.h"

/* |a - b| <= rtol |b| + atol. Check is only told of failures: telling it of millions of successes takes seconds. */
static void expect_close(double a, double b, double rtol, double atol, const char *what, double at)
{
	if (!(fabs(a - b) <= rtol * fabs(b) + atol))
		ck_abort_msg("%s at %.9g: %.9g, not %.9g", what, at, a, b);
}

static float activate_one(const struct flt_kernels *k, enum flt_activation activation, float x, float *slope)
{
	float zero = 0, a = x;
	k->activate_forward[activation](1, 1, &zero, &a, slope);
	if (activation == FLT_RELU) { /* whose slope is read off a */
		*slope = 1;
		k->relu_backward(1, 1, 1, &a, slope);
	}
	return a;
}

/* Columns of activations.csv: x, then value and slope of mish, silu, selu. */
START_TEST(activations_agree_with_reference)
{
	static const enum flt_activation columns[] = {FLT_MISH, FLT_SILU, FLT_SELU};
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/activations.csv");
	for (; reference_csv_next(&csv); n++) {
		double x = reference_csv_number(&csv, 0);
		for (size_t i = 0; i < 3; i++) {
			float slope, a = activate_one(flt_kernels(), columns[i], (float)x, &slope);
			expect_close(a, reference_csv_number(&csv, 1 + 2 * i), 2e-6, 1e-36, "value", x);
			expect_close(slope, reference_csv_number(&csv, 2 + 2 * i), 2e-6, 1e-36, "slope", x);
		}
	}
	ck_assert_uint_eq(n, 11);
}
END_TEST

static double softplus(double x)
{
	return log1p(exp(-fabs(x))) + (x > 0 ? x : 0);
}

static double obvious_activation(enum flt_activation activation, double x, double *slope)
{
	double p = 1 / (1 + exp(-x)), t;
	switch (activation) {
	case FLT_RELU:
		*slope = x > 0;
		return x > 0 ? x : 0;
	case FLT_SELU:
		*slope = x > 0 ? 1.0507009873554805 : 1.0507009873554805 * 1.6732632423543772 * exp(x);
		return x > 0 ? 1.0507009873554805 * x : 1.0507009873554805 * 1.6732632423543772 * expm1(x);
	case FLT_SILU:
		*slope = p * (1 + x * (1 - p));
		return x * p;
	case FLT_MISH:
		t = tanh(softplus(x));
		*slope = t + x * p * (1 - t * t);
		return x * t;
	case FLT_TANH:
		*slope = 1 - tanh(x) * tanh(x);
		return tanh(x);
	case FLT_N_ACTIVATIONS:
		break;
	}
	ck_abort();
}

/* The value to a few units in the last place; the slope, which crosses zero, in absolute terms. */
START_TEST(activations_agree_with_double_everywhere)
{
	for (size_t version = 0; flt_kernels_number(version); version++)
		for (enum flt_activation activation = FLT_RELU; activation <= FLT_TANH; activation++)
			for (double at = -30; at <= 30; at += 0.00713) {
				float x = (float)(at * fabs(at) / 10), slope;
				double expected_slope, expected = obvious_activation(activation, x, &expected_slope);
				float a = activate_one(flt_kernels_number(version), activation, x, &slope);
				expect_close(a, expected, 1e-6, 2e-36, "value", x);
				expect_close(slope, expected_slope, 1e-6, 5e-7, "slope", x);
			}
}
END_TEST

START_TEST(activations_let_nan_and_infinity_through)
{
	for (enum flt_activation activation = FLT_RELU; activation <= FLT_TANH; activation++) {
		float slope;
		ck_assert(isnan(activate_one(flt_kernels(), activation, NAN, &slope)));
		float high = activate_one(flt_kernels(), activation, INFINITY, &slope);
		ck_assert(activation == FLT_TANH ? high == 1 : isinf(high));
	}
}
END_TEST

/* Focal loss of one row by the float32 kernel. */
static float focal_one(const struct flt_kernels *k, const struct flt_focal *focal, float logit, uint8_t label,
                       float *gradient)
{
	struct flt_loss_sums sums = {0};
	float value;
	k->focal(focal, 1, &logit, &label, NULL, 1, &value, gradient, &sums);
	ck_assert(sums.loss == (double)value && sums.total == (double)fabsf(*gradient));
	return value;
}

START_TEST(focal_agrees_with_reference)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/focal.csv");
	for (; reference_csv_next(&csv); n++) {
		double alpha = reference_csv_number(&csv, 3), logit = reference_csv_number(&csv, 0);
		struct flt_focal focal =
		        flt_focal_of(reference_csv_number(&csv, 2), alpha < 0 ? 1 : alpha, alpha < 0 ? 1 : 1 - alpha);
		for (size_t version = 0; flt_kernels_number(version); version++) {
			float gradient, value = focal_one(flt_kernels_number(version), &focal, (float)logit,
			                                  (uint8_t)reference_csv_number(&csv, 1), &gradient);
			expect_close(value, reference_csv_number(&csv, 4), 2e-6, 1e-36, "loss", logit);
			expect_close(gradient, reference_csv_number(&csv, 5), 2e-6, 1e-36, "gradient", logit);
		}
	}
	ck_assert_uint_eq(n, 684);
}
END_TEST

START_TEST(weighted_bce_agrees_with_reference)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/weighted_bce.csv");
	for (; reference_csv_next(&csv); n++) {
		double logit = reference_csv_number(&csv, 0);
		struct flt_focal focal = flt_focal_of(0, reference_csv_number(&csv, 2), 1);
		float gradient, value = focal_one(flt_kernels(), &focal, (float)logit,
		                                  (uint8_t)reference_csv_number(&csv, 1), &gradient);
		expect_close(value, reference_csv_number(&csv, 3), 2e-6, 1e-36, "loss", logit);
		expect_close(gradient, reference_csv_number(&csv, 4), 2e-6, 1e-36, "gradient", logit);
	}
	ck_assert_uint_eq(n, 36);
}
END_TEST

/* BCE has no term in gamma: without weights the gradient is sigmoid(z) - y and the loss -ln p_t, so whatever gamma 0
 * leaves of the focal terms must vanish to the bit. 0.5 and -0.5 times a power of two scale a result exactly. */
START_TEST(gamma_zero_is_bce_to_the_bit)
{
	struct flt_focal plain = flt_focal_of(0, 1, 1), doubled = flt_focal_of(0, 2, 2);
	ck_assert(plain.gamma == 0 && plain.whole == 0 && !plain.half && plain.rest == 0);
	for (float z = -60; z < 60; z += 0.37f) {
		float up, down, twice;
		float positive = focal_one(flt_kernels(), &plain, z, 1, &up);
		float mirrored = focal_one(flt_kernels(), &plain, -z, 0, &down);
		ck_assert(positive == mirrored && up == -down);
		ck_assert(focal_one(flt_kernels(), &doubled, z, 1, &twice) == 2 * positive && twice == 2 * up);
		/* silu is z sigmoid(z): the same sigmoid, from the same exponential */
		float slope, silu = activate_one(flt_kernels(), FLT_SILU, -z, &slope);
		ck_assert_msg(silu == -z * -up, "at %g: %.9g and %.9g", (double)z, (double)silu, (double)(z * up));
	}
}
END_TEST

START_TEST(any_gamma_agrees_with_double)
{
	static const double gammas[] = {0.25, 0.3, 0.75, 0.9, 1.3, 2.5, 3, 4.7, 7, 10, 50};
	for (size_t i = 0; i < sizeof gammas / sizeof *gammas; i++) {
		struct flt_focal focal = flt_focal_of(gammas[i], 1, 1);
		for (double z = -30; z < 30; z += 0.173) {
			float gradient, value = focal_one(flt_kernels(), &focal, (float)z, 1, &gradient);
			double m = (float)z, q = 1 / (1 + exp(m)), p = 1 / (1 + exp(-m)), l = softplus(-m);
			double w = exp(-gammas[i] * softplus(m));
			expect_close(value, w * l, 2e-6 + 3e-7 * gammas[i], 1e-36, "loss", z);
			expect_close(gradient, -w * (gammas[i] * p * l + q), 2e-6 + 3e-7 * gammas[i], 1e-36, "gradient",
			             z);
		}
	}
}
END_TEST

START_TEST(loss_sums_count_easy_and_positive_rows)
{
	enum { N = 200 };
	float logit[N], value[N], gradient[N];
	uint8_t label[N];
	struct flt_random random;
	struct flt_loss_sums sums = {.loss = 1};
	double total = 0, easy = 0, positive = 0, loss = 1;
	struct flt_focal focal = flt_focal_of(1, 3, 1);
	flt_random_init(&random, 7, "test", 0);
	for (size_t i = 0; i < N; i++) {
		logit[i] = (float)(3 * flt_random_normal(&random));
		label[i] = flt_random_uniform(&random) < 0.3;
	}
	flt_kernels()->focal(&focal, N, logit, label, NULL, 0.5f, value, gradient, &sums);
	for (size_t i = 0; i < N; i++) {
		double size = 2 * fabs((double)gradient[i]),
		       p = 1 / (1 + exp(label[i] ? -(double)logit[i] : (double)logit[i]));
		ck_assert((gradient[i] < 0) == label[i]);
		total += size;
		easy += p > 0.9 ? size : 0;
		positive += label[i] ? size : 0;
		loss += (double)value[i];
	}
	ck_assert(easy > 0 && positive > 0);
	expect_close(sums.total, total, 1e-12, 0, "total", 0);
	expect_close(sums.easy, easy, 1e-12, 0, "easy", 0);
	expect_close(sums.positive, positive, 1e-12, 0, "positive", 0);
	expect_close(sums.loss, loss, 1e-12, 0, "loss", 0);
}
END_TEST

/* Far from 0, the gradient of BCE is the exponential itself; the loss is too, and its logarithm shows near 0. */
START_TEST(exponential_and_logarithm_are_exact_to_the_last_places)
{
	struct flt_focal bce = flt_focal_of(0, 1, 1);
	double farthest[3] = {0};
	for (double z = 0; z < 87; z += 0.00137) {
		float gradient, value = focal_one(flt_kernels(), &bce, (float)z, 1, &gradient);
		double m = (float)z;
		farthest[0] = fmax(farthest[0], fabs(-(double)gradient * (1 + exp(m)) - 1));
		farthest[1] = fmax(farthest[1], fabs((double)value / softplus(-m) - 1));
		float slope, a = activate_one(flt_kernels(), FLT_SELU, (float)-z, &slope);
		farthest[2] = z > 0 ? fmax(farthest[2], fabs((double)a / (1.7580993408473766 * expm1(-m)) - 1)) : 0;
	}
	ck_assert_msg(farthest[0] < 1.8e-7 && farthest[1] < 2.35e-7 && farthest[2] < 1.3e-7, "%g, %g and %g apart",
	              farthest[0], farthest[1], farthest[2]);
}
END_TEST

START_TEST(sigmoid_is_exact_and_never_0)
{
	double farthest = 0;
	for (double x = -300; x < 300; x += 0.0137) {
		float at = (float)x, p, q;
		flt_kernels()->sigmoid(1, &at, &p, &q);
		double e = exp(-fmin(fmax((double)at, -80), 80));
		farthest = fmax(farthest, fabs((double)p * (1 + e) - 1));
		farthest = fmax(farthest, fabs((double)q * (1 + 1 / e) - 1));
	}
	ck_assert_msg(farthest < 3e-7, "%g apart", farthest);
}
END_TEST

/* Arrays of one random problem, `offset` floats away from alignment. */
enum { MAX_CELLS = 8192, MAX_WIDTH = 70, N_FREQ = 21, N_OUT = 3 }; /* more than are added up at once */

struct problem {
	size_t n, width;
	float x[MAX_CELLS + 16], y[MAX_CELLS + 16], z[MAX_CELLS + 16], w[MAX_WIDTH * 2 + 16], v[MAX_WIDTH * 2 + 16];
	uint8_t label[MAX_CELLS];
};

static void fill(struct flt_random *random, float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)flt_random_normal(random);
}

static struct problem *new_problem(uint64_t number)
{
	struct problem *p = calloc(1, sizeof *p);
	struct flt_random random;
	ck_assert(p != NULL);
	flt_random_init(&random, 11, "problem", number);
	p->width = 1 + flt_random_below(&random, MAX_WIDTH);
	p->n = 1 + flt_random_below(&random, 100);
	fill(&random, p->x, MAX_CELLS + 16);
	fill(&random, p->y, MAX_CELLS + 16);
	fill(&random, p->z, MAX_CELLS + 16);
	fill(&random, p->w, MAX_WIDTH * 2 + 16);
	fill(&random, p->v, MAX_WIDTH * 2 + 16);
	for (size_t i = 0; i < MAX_CELLS; i++)
		p->label[i] = flt_random_uniform(&random) < 0.5;
	return p;
}

/* The kernels of linear models in turn, on every third row; y gets what they give. */
static void run_linear(const struct flt_kernels *k, size_t n, size_t width, const float *x, float *y)
{
	size_t rows[100];
	double vector[MAX_WIDTH + 1], out[100], sum[MAX_WIDTH + 1];
	struct flt_row_span span = {.n = (n + 2) / 3, .n_in = width, .x = x, .rows = rows};
	for (size_t i = 0; i < span.n; i++)
		rows[i] = 3 * i;
	for (size_t j = 0; j <= width; j++)
		vector[j] = sum[j] = (double)y[j];
	k->project(&span, vector, out);
	k->combine(&span, out, sum);
	k->combine_squares(&span, out, sum);
	memcpy(y, sum, (width + 1) * sizeof *sum);
}

/* Calls kernel number `which` on the problem, all arrays `offset` floats off; false after the last kernel. */
static bool run_kernel(const struct flt_kernels *k, int which, size_t offset, struct problem *p)
{
	float *x = p->x + offset, *y = p->y + offset, *z = p->z + offset, *w = p->w + offset, *v = p->v + offset;
	size_t n = p->n, width = p->width;
	struct flt_focal focal = flt_focal_of(2.7, 2, 1);
	struct flt_loss_sums sums = {0};
	struct flt_adam adam = {0.5f, 0.01f, 0.99f, 0.9f, 0.99f, 0.1f, 0.01f, 0.1f, 0.3f, 1e-8f};
	struct flt_sgd sgd = {0.5f, 0.01f, 0.9f, 1, 0.1f};
	double total;
	if (which < FLT_N_ACTIVATIONS) {
		k->activate_forward[which](n, width, w, x, y);
		k->activate_forward[which](n, width, w, z, NULL);
		return true;
	}
	switch (which - FLT_N_ACTIVATIONS) {
	case 0:
		k->activate_backward(n, width, x, y);
		return true;
	case 1:
		k->dropout(n * width, 12345678912345u, 1u << 30, 4.0f / 3, x, y);
		k->dropout(n * width, 1, 1u << 31, 2, z, NULL);
		return true;
	case 2:
		k->scale_forward(n, width, x, w, y);
		return true;
	case 3:
		k->scale_backward(n, width, x, w, y, v);
		return true;
	case 4:
		k->output_forward(n, width, x, w, 0.5f, z);
		return true;
	case 5:
		k->output_backward(n, width, w, z, y);
		return true;
	case 6:
		k->periodic_forward(n, N_FREQ, N_OUT, x, w, w + N_FREQ, v, y, z);
		return true;
	case 7:
		k->periodic_backward(n, N_FREQ, N_OUT, x, w, w + N_FREQ, v, z, y, y + N_FREQ, y + 2 * N_FREQ,
		                     y + (2 + N_OUT) * N_FREQ);
		return true;
	case 8:
		k->focal(&focal, n, x, p->label, NULL, 0.1f, y, z, &sums);
		memcpy(w, &sums, sizeof sums);
		return true;
	case 9:
		k->add(n * width, x, y);
		return true;
	case 10:
		total = k->sum_of_squares(n * width, x);
		memcpy(w, &total, sizeof total);
		return true;
	case 11:
		for (size_t i = 0; i < n * width; i++)
			z[i] = fabsf(z[i]);
		k->adam(&adam, n * width, x, y, z, x + n * width);
		return true;
	case 12:
		k->sgd(&sgd, n, x, y, z);
		return true;
	case 13:
		k->average(n, 0.9f, x, y);
		return true;
	case 14:
		k->relu_backward(n, width, 1.25f, x, y);
		return true;
	case 15:
		run_linear(k, n, width, x, y);
		return true;
	case 16:
		k->column_sums(n, width, width, x, NULL, y);
		k->column_sums(n, width, width, x, z, v);
		return true;
	case 17:
		k->relu_backward_input(n, width, x, y);
		return true;
	case 18:
		k->output_backward_input(n, width, w, y);
		return true;
	case 19:
		k->periodic_backward_input(n, N_FREQ, N_OUT, x, w, w + N_FREQ, v, z, y);
		return true;
	case 20:
		k->sigmoid(n * width, x, y, z);
		return true;
	default:
		return false;
	}
}

START_TEST(all_versions_give_the_same_bits)
{
	for (uint64_t number = 0; number < 40; number++)
		for (int which = 0;; which++) {
			struct problem *plain = new_problem(number);
			if (plain->n * plain->width > MAX_CELLS / 2)
				plain->n = MAX_CELLS / 2 / plain->width;
			struct problem *before = malloc(sizeof *before), *other = malloc(sizeof *other);
			ck_assert(before && other);
			size_t offset = (number * 7) % 16;
			*before = *plain;
			bool known = run_kernel(flt_kernels_number(0), which, offset, plain);
			ck_assert(!known || memcmp(before, plain, sizeof *plain) != 0);
			for (size_t version = 1; known && flt_kernels_number(version); version++) {
				*other = *before;
				run_kernel(flt_kernels_number(version), which, offset, other);
				ck_assert_msg(memcmp(other, plain, sizeof *plain) == 0, "kernel %d of %s, problem %d",
				              which, flt_kernels_number(version)->name, (int)number);
			}
			free(plain);
			free(before);
			free(other);
			if (!known)
				break;
		}
}
END_TEST

/* c = a b by obvious loops, for a transposed or not, panels packed or not, and any remainder of a tile. */
START_TEST(product_agrees_with_obvious_loops)
{
	struct problem *p = new_problem(1);
	struct flt_random random;
	flt_random_init(&random, 12, "products", 0);
	for (int round = 0; round < 300; round++) {
		size_t m = 1 + flt_random_below(&random, 30), n = 1 + flt_random_below(&random, 90);
		size_t k = 1 + flt_random_below(&random, 40), offset = flt_random_below(&random, 16);
		bool transposed = round % 2, packed = round % 3;
		size_t a_row = transposed ? 1 : k, a_col = transposed ? m : 1,
		       n_panels = (n + FLT_PANEL - 1) / FLT_PANEL;
		size_t b_panel = packed ? k * FLT_PANEL : FLT_PANEL, b_row = packed ? FLT_PANEL : n;
		const float *a = p->x + offset, *b = p->y + offset;
		if (packed && k * n_panels * FLT_PANEL > MAX_CELLS)
			continue;
		for (size_t version = 0; flt_kernels_number(version); version++) {
			float *c = p->z + offset;
			for (size_t i = 0; i < m * n + 1; i++)
				c[i] = -77;
			flt_kernels_number(version)->product(m, n, k, a, a_row, a_col, b, b_panel, b_row, c, n);
			ck_assert(c[m * n] == -77);
			for (size_t i = 0; i < m * n; i++) {
				double sum = 0;
				for (size_t q = 0; q < k; q++)
					sum += (double)a[i / n * a_row + q * a_col] *
					       (double)b[i % n / FLT_PANEL * b_panel + q * b_row + i % n % FLT_PANEL];
				expect_close(c[i], sum, 1e-5, 1e-5, "product", (double)i);
			}
		}
	}
	free(p);
}
END_TEST

/* Rows of b that lie far apart go by way of a copy, which must not show: the bits are those of a packed b. */
START_TEST(product_of_rows_far_apart_is_that_of_packed_ones)
{
	enum { M = 75, N = 45, K = 19, APART = 384 };
	struct problem *p = new_problem(2);
	float packed[2 * K * FLT_PANEL], a[M * K], c[M * N];
	for (size_t panel = 0; panel < 2; panel++)
		for (size_t q = 0; q < K; q++)
			memcpy(packed + (panel * K + q) * FLT_PANEL, p->y + 3 + q * APART + panel * FLT_PANEL,
			       FLT_PANEL * sizeof *packed);
	memcpy(a, p->x + 5, sizeof a);
	for (size_t version = 0; flt_kernels_number(version); version++) {
		flt_product *product = flt_kernels_number(version)->product;
		product(M, N, K, p->x + 5, 1, M, p->y + 3, FLT_PANEL, APART, p->z, N);
		product(M, N, K, a, 1, M, packed, K * FLT_PANEL, FLT_PANEL, c, N);
		ck_assert(memcmp(c, p->z, sizeof c) == 0);
	}
	free(p);
}
END_TEST

/* Too many rows to copy. */
START_TEST(product_of_many_rows_far_apart_agrees_with_obvious_loops)
{
	enum { M = 70, N = 37, K = 600, APART = 260 };
	float *a = malloc(M * K * sizeof *a), *b = malloc((K + 1) * APART * sizeof *b), c[M * N];
	struct flt_random random;
	ck_assert(a && b);
	flt_random_init(&random, 13, "products", 0);
	fill(&random, a, M * K);
	fill(&random, b, (K + 1) * APART);
	for (size_t version = 0; flt_kernels_number(version); version++) {
		flt_kernels_number(version)->product(M, N, K, a, K, 1, b, FLT_PANEL, APART, c, N);
		for (size_t i = 0; i < M * N; i++) {
			double sum = 0;
			for (size_t q = 0; q < K; q++)
				sum += (double)a[i / N * K + q] * (double)b[q * APART + i % N];
			expect_close(c[i], sum, 1e-5, 1e-4, "product", (double)i);
		}
	}
	free(a);
	free(b);
}
END_TEST

/* What prediction rests on: a row's bits do not depend on how many rows there are or which. */
START_TEST(a_row_of_a_product_depends_on_its_own_row_alone)
{
	enum { M = 61, N = 45, K = 33 };
	struct problem *p = new_problem(1);
	for (size_t version = 0; flt_kernels_number(version); version++) {
		flt_product *product = flt_kernels_number(version)->product;
		product(M, N, K, p->x, K, 1, p->y, K * FLT_PANEL, FLT_PANEL, p->z, N);
		for (size_t i = 0; i < M; i++)
			for (size_t m = 1; m < 10 && i + m <= M; m++) {
				float c[10 * N];
				product(m, N, K, p->x + i * K, K, 1, p->y, K * FLT_PANEL, FLT_PANEL, c, N);
				if (memcmp(c, p->z + i * N, m * N * sizeof *c) != 0)
					ck_abort_msg("%s: rows %zu to %zu", flt_kernels_number(version)->name, i,
					             i + m);
			}
	}
	free(p);
}
END_TEST

START_TEST(backward_of_an_activation_multiplies_and_sums)
{
	struct problem *p = new_problem(3), *q = new_problem(3);
	flt_kernels()->activate_backward(p->n, p->width, p->x, p->y);
	flt_kernels()->column_sums(p->n, p->width, p->width, p->y, NULL, p->v);
	for (size_t j = 0; j < p->width; j++) {
		double sum = 0;
		for (size_t i = 0; i < p->n; i++) {
			double d = (double)q->y[i * p->width + j] * (double)q->x[i * p->width + j];
			expect_close(p->y[i * p->width + j], d, 1e-6, 0, "dz", 0);
			sum += d;
		}
		expect_close(p->v[j], sum, 1e-5, 1e-5, "dbias", 0);
	}
	free(p);
	free(q);
}
END_TEST

/* The slope of relu with dropout is the factor of those that are left, to the bit what its product with 1 or 0 is. */
START_TEST(backward_of_relu_reads_the_slope_off_the_output)
{
	for (uint64_t number = 0; number < 20; number++) {
		struct problem *p = new_problem(number), *q = new_problem(number);
		for (size_t i = 0; i < p->n * p->width; i++)
			q->x[i] = p->x[i] > 0 ? 1.25f : 0;
		flt_kernels()->relu_backward(p->n, p->width, 1.25f, p->x, p->y);
		flt_kernels()->activate_backward(p->n, p->width, q->x, q->y);
		ck_assert(memcmp(p->y, q->y, sizeof p->y) == 0);
		free(p);
		free(q);
	}
}
END_TEST

/* Whether two problems differ behind the first n * width numbers of y or z, or behind the first 2 * width of v. */
static bool differ_behind(const struct problem *p, const struct problem *q)
{
	size_t used = p->n * p->width, left = (MAX_CELLS + 16 - used) * sizeof *p->y;
	return memcmp(p->y + used, q->y + used, left) || memcmp(p->z + used, q->z + used, left) ||
	       memcmp(p->v + 2 * p->width, q->v + 2 * p->width, sizeof p->v - 2 * p->width * sizeof *p->v);
}

START_TEST(kernels_write_only_to_their_arrays)
{
	const struct flt_kernels *k = flt_kernels();
	for (uint64_t number = 0; number < 20; number++) {
		struct problem *p = new_problem(number), *q = new_problem(number);
		k->output_forward(p->n, p->width, p->x, p->w, 0.5f, p->z);
		k->output_backward(p->n, p->width, p->w, p->z, p->y);
		k->column_sums(p->n, p->width, p->width, p->x, p->z, p->v);
		ck_assert(!differ_behind(p, q));
		k->scale_forward(p->n, p->width, p->x, p->w, p->z);
		k->scale_backward(p->n, p->width, p->x, p->w, p->y, p->v);
		ck_assert(!differ_behind(p, q));
		for (enum flt_activation activation = FLT_RELU; activation <= FLT_TANH; activation++)
			k->activate_forward[activation](p->n, p->width, p->w, p->z, p->y);
		k->activate_backward(p->n, p->width, p->y, p->z);
		k->relu_backward(p->n, p->width, 1.25f, p->x, p->y);
		ck_assert(!differ_behind(p, q));
		k->dropout(p->n * p->width, 3, 1u << 30, 4.0f / 3, p->y, p->z);
		k->add(p->n * p->width, p->x, p->y);
		k->average(p->n * p->width, 0.9f, p->x, p->z);
		ck_assert(!differ_behind(p, q));
		free(p);
		free(q);
	}
}
END_TEST

START_TEST(output_layer_agrees_with_obvious_loops)
{
	for (uint64_t number = 0; number < 30; number++) {
		struct problem *p = new_problem(number);
		float dw[MAX_WIDTH], dbias;
		flt_kernels()->output_forward(p->n, p->width, p->x, p->w, 0.25f, p->z);
		for (size_t i = 0; i < p->n; i++) {
			double sum = 0.25;
			for (size_t j = 0; j < p->width; j++)
				sum += (double)p->x[i * p->width + j] * (double)p->w[j];
			expect_close(p->z[i], sum, 1e-5, 1e-5, "logit", (double)i);
		}
		flt_kernels()->output_backward(p->n, p->width, p->w, p->z, p->y);
		flt_kernels()->column_sums(p->n, p->width, p->width, p->x, p->z, dw);
		flt_kernels()->column_sums(p->n, 1, 1, p->z, NULL, &dbias);
		double bias = 0;
		for (size_t i = 0; i < p->n; i++)
			bias += (double)p->z[i];
		expect_close(dbias, bias, 1e-5, 1e-4, "dbias", 0);
		for (size_t j = 0; j < p->width; j++) {
			double sum = 0;
			for (size_t i = 0; i < p->n; i++) {
				sum += (double)p->z[i] * (double)p->x[i * p->width + j];
				expect_close(p->y[i * p->width + j], (double)p->z[i] * (double)p->w[j], 1e-6, 0, "dx",
				             0);
			}
			expect_close(dw[j], sum, 1e-4, 1e-4, "dw", (double)j);
		}
		free(p);
	}
}
END_TEST

/* Lanes count in the order that kernels_body.h promises: so the bits are those of these loops on any instruction set.
 */
START_TEST(sums_are_added_lane_by_lane_and_then_in_pairs)
{
	enum { LANES = 16, WIDE = 8, N = 53 };
	struct problem *p = new_problem(5);
	double vector[N + 1];
	for (size_t i = 0; i <= N; i++)
		vector[i] = (double)p->w[i] + 1e-9 * (double)p->v[i];
	for (size_t n = 1; n <= N; n++) {
		float lane[LANES] = {0}, logit;
		double wide[WIDE] = {0}, rest = 0, out;
		const struct flt_row_span span = {.n = 1, .n_in = n, .x = p->x};
		for (size_t i = 0; i < n; i++)
			lane[i % LANES] += p->x[i] * p->w[i];
		for (size_t apart = LANES / 2; apart > 0; apart /= 2)
			for (size_t l = 0; l < apart; l++)
				lane[l] += lane[l + apart];
		for (size_t i = 0; i < n / WIDE * WIDE; i++)
			wide[i % WIDE] += (double)p->x[i] * vector[i];
		for (size_t i = n / WIDE * WIDE; i < n; i++)
			rest += (double)p->x[i] * vector[i];
		double sum = ((wide[0] + wide[4]) + (wide[1] + wide[5])) + ((wide[2] + wide[6]) + (wide[3] + wide[7]));
		for (size_t version = 0; flt_kernels_number(version); version++) {
			flt_kernels_number(version)->output_forward(1, n, p->x, p->w, 0, &logit);
			flt_kernels_number(version)->project(&span, vector, &out);
			ck_assert_msg(logit == lane[0] && out == sum + rest + vector[n], "%s, %zu numbers",
			              flt_kernels_number(version)->name, n);
		}
	}
	free(p);
}
END_TEST

START_TEST(front_scale_agrees_with_obvious_loops)
{
	struct problem *p = new_problem(5), *q = new_problem(5);
	size_t n = p->n, width = p->width;
	flt_kernels()->scale_forward(n, width, p->x, p->w, p->z);
	flt_kernels()->scale_backward(n, width, p->x, p->w, p->y, p->v);
	for (size_t j = 0; j < width; j++) {
		double sum = 0;
		for (size_t i = 0; i < n; i++) {
			size_t at = i * width + j;
			expect_close(p->z[at], (double)q->x[at] * (double)q->w[j], 1e-6, 0, "y", 0);
			expect_close(p->y[at], (double)q->y[at] * (double)q->w[j], 1e-6, 0, "dx", 0);
			sum += (double)q->y[at] * (double)q->x[at];
		}
		expect_close(p->v[j], sum, 1e-5, 1e-5, "dscale", 0);
	}
	free(p);
	free(q);
}
END_TEST

/* More rows than the kernel takes at once. */
START_TEST(periodic_embedding_agrees_with_double)
{
	enum { N = 301 };
	struct problem *p = new_problem(8);
	const float *frequency = p->w, *phase = p->w + N_FREQ, *weight = p->v, *bias = p->y;
	for (size_t i = 0; i < N; i++)
		p->x[i] *= 20; /* many turns */
	flt_kernels()->periodic_forward(N, N_FREQ, N_OUT, p->x, frequency, phase, weight, bias, p->z);
	for (size_t j = 0; j < N_OUT; j++)
		for (size_t i = 0; i < N; i++) {
			double sum = (double)bias[j];
			for (size_t k = 0; k < N_FREQ; k++)
				sum += (double)weight[j * N_FREQ + k] *
				       cos(2 * M_PI * (double)frequency[k] * (double)p->x[i] + (double)phase[k]);
			expect_close(p->z[j * N + i], sum, 0, 1e-4, "embedded", (double)p->x[i]);
		}
	free(p);
}
END_TEST

START_TEST(gradient_of_the_periodic_embedding_agrees_with_double)
{
	enum { N = 301 };
	struct problem *p = new_problem(8);
	const float *frequency = p->w, *phase = p->w + N_FREQ, *weight = p->v, *dout = p->y;
	float dfrequency[N_FREQ], dphase[N_FREQ], dweight[N_OUT * N_FREQ], dbias[N_OUT];
	flt_kernels()->periodic_backward(N, N_FREQ, N_OUT, p->x, frequency, phase, weight, dout, dfrequency, dphase,
	                                 dweight, dbias);
	for (size_t k = 0; k < N_FREQ; k++) {
		double dc = 0, db = 0, dw[N_OUT] = {0}, dd[N_OUT] = {0};
		for (size_t i = 0; i < N; i++) {
			double x = (double)p->x[i], angle = 2 * M_PI * (double)frequency[k] * x + (double)phase[k],
			       du = 0;
			for (size_t j = 0; j < N_OUT; j++) {
				du += (double)dout[j * N + i] * (double)weight[j * N_FREQ + k];
				dw[j] += (double)dout[j * N + i] * cos(angle);
				dd[j] += (double)dout[j * N + i];
			}
			db -= du * sin(angle);
			dc -= du * sin(angle) * 2 * M_PI * x;
		}
		expect_close(dfrequency[k], dc, 1e-5, 1e-3, "dfrequency", (double)k);
		expect_close(dphase[k], db, 1e-5, 1e-4, "dphase", (double)k);
		for (size_t j = 0; j < N_OUT; j++) {
			expect_close(dweight[j * N_FREQ + k], dw[j], 1e-5, 1e-4, "dweight", (double)k);
			expect_close(dbias[j], dd[j], 1e-5, 1e-4, "dbias", (double)j);
		}
	}
	free(p);
}
END_TEST

/* One frequency and one output of weight 1: the cosine itself. */
START_TEST(cosine_and_sine_are_exact_to_the_last_places)
{
	enum { N = 1001 };
	float x[N], cosine[N], ones[N], one = 1, zero = 0, df, dphase, dw, db;
	double farthest[2] = {0};
	for (size_t i = 0; i < N; i++) {
		x[i] = (float)(((double)i - 500) / 1000);
		ones[i] = 1;
	}
	flt_kernels()->periodic_forward(N, 1, 1, x, &one, &zero, &one, &zero, cosine);
	for (size_t i = 0; i < N; i++) {
		double angle = 2 * M_PI * (double)x[i];
		flt_kernels()->periodic_backward(1, 1, 1, x + i, &one, &zero, &one, ones, &df, &dphase, &dw, &db);
		farthest[0] = fmax(farthest[0], fabs((double)cosine[i] - cos(angle)));
		farthest[1] = fmax(farthest[1], fabs((double)-dphase - sin(angle)));
		ck_assert(dw == cosine[i]);
	}
	ck_assert_msg(farthest[0] < 5e-7 && farthest[1] < 3e-7, "%g and %g apart", farthest[0], farthest[1]);
}
END_TEST

/* Beyond 2^22 turns float32 holds no fraction: whatever comes out must be bounded. */
START_TEST(periodic_embedding_of_huge_numbers_is_bounded)
{
	float x[3] = {3e9f, -1e30f, 4194303.5f}, c = 1, b = 0, w = 1, d = 0, out[3];
	flt_kernels()->periodic_forward(3, 1, 1, x, &c, &b, &w, &d, out);
	for (size_t i = 0; i < 3; i++)
		ck_assert(fabsf(out[i]) <= 1.00001f);
}
END_TEST

/* Which units are dropped is part of a run's result: two rounds of lowbias32, each with half of the key. */
START_TEST(dropout_drops_by_the_hash_of_the_index)
{
	enum { N = 5000 };
	static float a[N];
	const uint64_t key = 0x123456789abcdef0;
	const uint32_t drop = 0x40000000;
	for (size_t i = 0; i < N; i++)
		a[i] = 1;
	flt_kernels()->dropout(N, key, drop, 1, a, NULL);
	for (uint32_t i = 0; i < N; i++) {
		static const uint32_t factor[2][2] = {{0x21f0aaad, 0x735a2d97}, {0x7feb352d, 0x846ca68b}};
		uint32_t x = i;
		for (int round = 0; round < 2; round++) {
			x += (uint32_t)(round ? key >> 32 : key);
			x = (x ^ x >> 16) * factor[round][0];
			x = (x ^ x >> 15) * factor[round][1];
			x ^= x >> (round ? 16 : 15);
		}
		ck_assert(a[i] == (x >= drop));
	}
}
END_TEST

START_TEST(dropout_keeps_the_right_share_and_depends_on_the_key)
{
	enum { N = 100000 };
	float *a = malloc(N * sizeof *a), *slope = malloc(N * sizeof *slope), *b = malloc(N * sizeof *b);
	ck_assert(a && slope && b);
	size_t kept = 0, both = 0, neighbours = 0;
	for (size_t i = 0; i < N; i++)
		a[i] = slope[i] = b[i] = 1;
	flt_kernels()->dropout(N, 99, (uint32_t)(0.3 * 4294967296.0), 2, a, slope);
	flt_kernels()->dropout(N, 100, (uint32_t)(0.3 * 4294967296.0), 2, b, NULL);
	for (size_t i = 0; i < N; i++) {
		ck_assert((a[i] == 2 || a[i] == 0) && slope[i] == a[i]);
		kept += a[i] > 0;
		both += a[i] > 0 && b[i] > 0;
		neighbours += i && a[i] > 0 && a[i - 1] > 0;
	}
	/* within five standard deviations of independent draws */
	ck_assert_msg(fabs((double)kept - 0.7 * N) < 5 * sqrt(0.21 * N), "%zu kept", kept);
	ck_assert_msg(fabs((double)both - 0.49 * N) < 5 * sqrt(0.25 * N), "%zu kept by both keys", both);
	ck_assert_msg(fabs((double)neighbours - 0.49 * N) < 8 * sqrt(0.25 * N), "%zu neighbours kept", neighbours);
	free(a);
	free(slope);
	free(b);
}
END_TEST

START_TEST(sums_and_averages_agree_with_obvious_loops)
{
	struct problem *p = new_problem(2), *q = new_problem(2);
	double squares = 0;
	flt_kernels()->add(777, p->x, p->y);
	flt_kernels()->average(777, 0.75f, p->x, p->z);
	for (size_t i = 0; i < 777; i++) {
		expect_close(p->y[i], (double)q->x[i] + (double)q->y[i], 1e-6, 1e-7, "sum", 0);
		expect_close(p->z[i], 0.75 * (double)q->z[i] + 0.25 * (double)q->x[i], 1e-5, 1e-6, "mean", 0);
		squares += (double)q->x[i] * (double)q->x[i];
	}
	expect_close(flt_kernels()->sum_of_squares(777, p->x), squares, 1e-14, 0, "squares", 0);
	free(p);
	free(q);
}
END_TEST

START_TEST(kernels_of_linear_models_agree_with_obvious_loops)
{
	for (uint64_t number = 0; number < 40; number++) {
		struct problem *p = new_problem(number);
		double vector[MAX_WIDTH + 1], out[100], sum[MAX_WIDTH + 1], squares[MAX_WIDTH + 1];
		struct flt_row_span span = {.n = p->n, .n_in = p->width, .x = p->x};
		for (size_t j = 0; j <= p->width; j++)
			vector[j] = sum[j] = squares[j] = (double)p->y[j];
		flt_kernels()->project(&span, vector, out);
		flt_kernels()->combine(&span, out, sum);
		flt_kernels()->combine_squares(&span, out, squares);
		for (size_t i = 0; i < p->n; i++) {
			double expected = vector[p->width];
			for (size_t j = 0; j < p->width; j++)
				expected += (double)p->x[i * p->width + j] * vector[j];
			expect_close(out[i], expected, 1e-12, 1e-12, "project", (double)i);
		}
		for (size_t j = 0; j <= p->width; j++) {
			double linear = (double)p->y[j], squared = linear;
			for (size_t i = 0; i < p->n; i++) {
				double in = j < p->width ? (double)p->x[i * p->width + j] : 1;
				linear += out[i] * in;
				squared += out[i] * in * in;
			}
			expect_close(sum[j], linear, 1e-11, 1e-10, "combine", (double)j);
			expect_close(squares[j], squared, 1e-11, 1e-10, "combine_squares", (double)j);
		}
		free(p);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("kernels");
	TCase *tests = tcase_create("kernels");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, activations_agree_with_reference);
	tcase_add_test(tests, activations_agree_with_double_everywhere);
	tcase_add_test(tests, activations_let_nan_and_infinity_through);
	tcase_add_test(tests, focal_agrees_with_reference);
	tcase_add_test(tests, weighted_bce_agrees_with_reference);
	tcase_add_test(tests, gamma_zero_is_bce_to_the_bit);
	tcase_add_test(tests, exponential_and_logarithm_are_exact_to_the_last_places);
	tcase_add_test(tests, sigmoid_is_exact_and_never_0);
	tcase_add_test(tests, any_gamma_agrees_with_double);
	tcase_add_test(tests, loss_sums_count_easy_and_positive_rows);
	tcase_add_test(tests, all_versions_give_the_same_bits);
	tcase_add_test(tests, product_agrees_with_obvious_loops);
	tcase_add_test(tests, product_of_rows_far_apart_is_that_of_packed_ones);
	tcase_add_test(tests, product_of_many_rows_far_apart_agrees_with_obvious_loops);
	tcase_add_test(tests, a_row_of_a_product_depends_on_its_own_row_alone);
	tcase_add_test(tests, backward_of_relu_reads_the_slope_off_the_output);
	tcase_add_test(tests, backward_of_an_activation_multiplies_and_sums);
	tcase_add_test(tests, kernels_write_only_to_their_arrays);
	tcase_add_test(tests, output_layer_agrees_with_obvious_loops);
	tcase_add_test(tests, sums_are_added_lane_by_lane_and_then_in_pairs);
	tcase_add_test(tests, front_scale_agrees_with_obvious_loops);
	tcase_add_test(tests, periodic_embedding_agrees_with_double);
	tcase_add_test(tests, gradient_of_the_periodic_embedding_agrees_with_double);
	tcase_add_test(tests, cosine_and_sine_are_exact_to_the_last_places);
	tcase_add_test(tests, periodic_embedding_of_huge_numbers_is_bounded);
	tcase_add_test(tests, dropout_drops_by_the_hash_of_the_index);
	tcase_add_test(tests, dropout_keeps_the_right_share_and_depends_on_the_key);
	tcase_add_test(tests, sums_and_averages_agree_with_obvious_loops);
	tcase_add_test(tests, kernels_of_linear_models_agree_with_obvious_loops);
	suite_add_tcase(suite, tests);
	return suite;
}
