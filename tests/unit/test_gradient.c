/*
 * Whole-network gradients. A plain double-precision network agrees with central finite differences, and the float32
 * network agrees with that one, for every activation, loss and part of the network. Each test also asserts that the
 * gradient is not near zero, and one that a wrong gradient is noticed.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"
#include "double_network.h"
#include "nn/blas.h"
#include "nn/pass.h"
#include "suite.h"

enum { N_ROWS = 13, N_IN = 6, MAX_PARAMS = 4096 };

struct setup {
	struct flt_mlp *mlp;
	struct flt_loss loss;
	float x[N_ROWS * N_IN];
	uint8_t label[N_ROWS];
	float weight[N_ROWS];
	const float *weights; /* weight, or NULL: half of the setups have none */
	double params[MAX_PARAMS];
	size_t n_params;
};

static const bool numeric[N_IN] = {true, false, true, true, false, true};

/* The network's shapes that are tested. */
static const struct flt_mlp_spec shapes[] = {
        {.n_in = N_IN},
        {.n_in = N_IN, .n_hidden = 1, .hidden = {5}},
        {.n_in = N_IN, .n_hidden = 3, .hidden = {9, 17, 4}},
        {.n_in = N_IN, .n_hidden = 2, .hidden = {8, 3}, .front_scale = true},
        {.n_in = N_IN,
         .n_hidden = 2,
         .hidden = {8, 3},
         .embedding = FLT_EMBEDDING_PBLD,
         .n_frequencies = 7,
         .n_embedded = 4,
         .numeric = numeric},
        {.n_in = N_IN,
         .n_hidden = 2,
         .hidden = {8, 3},
         .front_scale = true,
         .embedding = FLT_EMBEDDING_PBLD,
         .n_frequencies = 3,
         .n_embedded = 2},
        {.n_in = N_IN, .front_scale = true, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 3, .n_embedded = 3},
        {.n_in = N_IN, .n_hidden = 2, .hidden = {9, 9}},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static const struct flt_loss losses[] = {{0, 1, 1}, {2, 1, 1}, {0.5, 1, 1}, {1, 0.25, 0.75}, {3.3, 9, 1}};
enum { N_LOSSES = sizeof losses / sizeof *losses };

/* Everything random, so that no part of the gradient vanishes by a start at 0 or 1. */
static void draw(struct setup *s, uint64_t number)
{
	struct flt_random random;
	flt_random_init(&random, 6, "gradient", number);
	for (size_t i = 0; i < s->n_params; i++)
		s->params[i] = (double)(flt_mlp_params(s->mlp)[i] = (float)(0.5 * flt_random_normal(&random)));
	for (size_t i = 0; i < N_ROWS * N_IN; i++)
		s->x[i] = (float)flt_random_normal(&random);
	for (size_t i = 0; i < N_ROWS; i++)
		s->label[i] = i % 3 == 0;
	for (size_t i = 0; i < N_ROWS; i++)
		s->weight[i] = (float)exp(flt_random_normal(&random));
}

/* A kink within reach of a step of 1e-5 in one parameter would spoil the difference, not the gradient: such draws are
 * made again. */
static void set_up(struct setup *s, size_t shape, enum flt_activation activation, size_t loss)
{
	struct flt_mlp_spec spec = shapes[shape];
	s->weights = loss % 2 ? s->weight : NULL;
	struct double_network net = {.params = s->params, .loss = &s->loss, .weight = s->weights};
	spec.activation = activation;
	s->loss = losses[loss];
	ck_assert_int_eq(flt_mlp_new(&spec, &s->mlp, NULL), FLT_OK);
	s->n_params = flt_mlp_n_params(s->mlp);
	ck_assert(s->n_params <= MAX_PARAMS);
	net.mlp = s->mlp;
	for (uint64_t number = 0; net.nearest_kink < 1e-3; number++) {
		net.nearest_kink = DBL_MAX;
		draw(s, number);
		dn_loss(&net, s->x, s->label, N_ROWS, NULL);
	}
}

static double norm(const double *x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	return sqrt(sum);
}

/* |a - b| / max(|a|, |b|) */
static double distance(const double *a, const double *b, size_t n)
{
	double difference[MAX_PARAMS];
	for (size_t i = 0; i < n; i++)
		difference[i] = a[i] - b[i];
	return norm(difference, n) / fmax(norm(a, n), norm(b, n));
}

static void finite_differences(struct double_network *net, struct setup *s, double *gradient)
{
	for (size_t i = 0; i < s->n_params; i++) {
		double h = 1e-5, at = s->params[i], up, down;
		s->params[i] = at + h;
		up = dn_loss(net, s->x, s->label, N_ROWS, NULL);
		s->params[i] = at - h;
		down = dn_loss(net, s->x, s->label, N_ROWS, NULL);
		s->params[i] = at;
		gradient[i] = (up - down) / (2 * h);
	}
}

static void for_each_setup(void (*test)(struct setup *s, const char *where))
{
	for (size_t shape = 0; shape < N_SHAPES; shape++)
		for (enum flt_activation activation = FLT_RELU; activation <= FLT_TANH; activation++)
			for (size_t loss = 0; loss < N_LOSSES; loss++) {
				static struct setup s;
				char where[80];
				snprintf(where, sizeof where, "shape %zu, activation %d, loss %zu", shape, activation,
				         loss);
				set_up(&s, shape, activation, loss);
				test(&s, where);
				flt_mlp_free(s.mlp);
			}
}

static void compare_double_with_differences(struct setup *s, const char *where)
{
	static double exact[MAX_PARAMS], differences[MAX_PARAMS];
	struct double_network net = {
	        .mlp = s->mlp, .params = s->params, .loss = &s->loss, .weight = s->weights, .nearest_kink = DBL_MAX};
	dn_loss(&net, s->x, s->label, N_ROWS, exact);
	finite_differences(&net, s, differences);
	double d = distance(exact, differences, s->n_params);
	ck_assert_msg(norm(exact, s->n_params) > 1e-3, "%s: the gradient is near zero", where);
	ck_assert_msg(d <= 1e-6, "%s: %g", where, d);
}

START_TEST(double_network_agrees_with_finite_differences)
{
	for_each_setup(compare_double_with_differences);
}
END_TEST

/* large: layers of more weights go through CBLAS. */
static void float_gradient(struct setup *s, const struct flt_dropout *dropout, size_t large, struct flt_pass *pass,
                           double *gradient, double *loss)
{
	static float dparams[MAX_PARAMS];
	struct flt_focal focal = flt_focal_of(s->loss.gamma, s->loss.weight_positive, s->loss.weight_negative);
	struct flt_loss_sums sums = {0};
	struct flt_weights weights;
	struct flt_pool *pool;
	ck_assert_int_eq(flt_pool_new(1, &pool, NULL), FLT_OK);
	ck_assert_int_eq(flt_blas_open(NULL), FLT_OK);
	ck_assert_int_eq(flt_pass_init(pass, s->mlp, N_ROWS + 3, FLT_TO_TRAIN, NULL), FLT_OK);
	ck_assert_int_eq(flt_weights_init(&weights, s->mlp, FLT_TO_TRAIN, NULL), FLT_OK);
	pass->large = large;
	flt_weights_set(&weights, flt_mlp_params(s->mlp), pool);
	flt_pool_free(pool);
	memcpy(pass->x, s->x, sizeof s->x);
	/* What an epoch before left must not matter. */
	for (size_t i = 0; i < s->n_params; i++)
		dparams[i] = 1e10f;
	struct flt_pass_loss of_rows = {
	        .label = s->label, .weight = s->weights, .focal = &focal, .factor = 1.0f / N_ROWS};
	if (dropout)
		of_rows.dropout = *dropout;
	flt_pass_gradient(pass, &weights, N_ROWS, &of_rows, dparams, &sums);
	flt_weights_release(&weights);
	*loss = sums.loss / N_ROWS;
	for (size_t i = 0; i < s->n_params; i++)
		gradient[i] = (double)dparams[i];
}

static void compare_float_with_double(struct setup *s, size_t large, const char *where)
{
	static double exact[MAX_PARAMS], gradient[MAX_PARAMS];
	struct double_network net = {
	        .mlp = s->mlp, .params = s->params, .loss = &s->loss, .weight = s->weights, .nearest_kink = DBL_MAX};
	struct flt_pass pass;
	double loss, exact_loss = dn_loss(&net, s->x, s->label, N_ROWS, exact);
	float_gradient(s, NULL, large, &pass, gradient, &loss);
	flt_pass_release(&pass);
	double d = distance(exact, gradient, s->n_params);
	ck_assert_msg(norm(exact, s->n_params) > 1e-3, "%s: the gradient is near zero", where);
	ck_assert_msg(d <= 1e-5, "%s: %g", where, d);
	ck_assert_msg(fabs(loss - exact_loss) <= 1e-5 * exact_loss, "%s: loss %g, not %g", where, loss, exact_loss);
}

static void compare_own_product_with_double(struct setup *s, const char *where)
{
	compare_float_with_double(s, SIZE_MAX, where);
}

static void compare_blas_with_double(struct setup *s, const char *where)
{
	compare_float_with_double(s, 0, where);
}

START_TEST(float_network_agrees_with_double)
{
	for_each_setup(compare_own_product_with_double);
	for_each_setup(compare_blas_with_double);
}
END_TEST

/* Every single number of the gradient counts: spoiling the smallest tensor's is seen. */
START_TEST(a_wrong_gradient_is_noticed)
{
	static struct setup s;
	static double exact[MAX_PARAMS], wrong[MAX_PARAMS];
	set_up(&s, 5, FLT_MISH, 1);
	struct double_network net = {
	        .mlp = s.mlp, .params = s.params, .loss = &s.loss, .weight = s.weights, .nearest_kink = DBL_MAX};
	dn_loss(&net, s.x, s.label, N_ROWS, exact);
	for (size_t t = 0; t < flt_mlp_n_tensors(s.mlp); t++) {
		struct flt_tensor tensor = flt_mlp_tensor(s.mlp, t);
		memcpy(wrong, exact, sizeof wrong);
		for (size_t i = 0; i < tensor.n_rows * tensor.n_cols; i++)
			wrong[tensor.offset + i] *= 1.01;
		ck_assert_msg(distance(exact, wrong, s.n_params) > 2e-5, "%s could be wrong unseen", tensor.name);
	}
	flt_mlp_free(s.mlp);
}
END_TEST

/* The masks that the float32 pass drew are read off its slopes (tanh's own are never 0) and given to the double one. */
START_TEST(gradient_under_dropout_agrees_with_double)
{
	static struct setup s;
	static double exact[MAX_PARAMS], gradient[MAX_PARAMS], mask[3][N_ROWS * DN_MAX];
	const struct flt_dropout dropout = {.key = 77, .probability = 0.4};
	struct flt_pass pass;
	double loss;
	size_t n_dropped = 0;
	set_up(&s, 2, FLT_TANH, 1);
	struct double_network net = {
	        .mlp = s.mlp, .params = s.params, .loss = &s.loss, .weight = s.weights, .nearest_kink = DBL_MAX};
	float_gradient(&s, &dropout, SIZE_MAX, &pass, gradient, &loss);
	for (size_t l = 0; l < 3; l++) {
		for (size_t i = 0; i < N_ROWS * shapes[2].hidden[l]; i++) {
			mask[l][i] = pass.slope[l][i] == 0 ? 0 : 1 / 0.6;
			n_dropped += mask[l][i] == 0;
		}
		net.mask[l] = mask[l];
	}
	flt_pass_release(&pass);
	ck_assert_msg(n_dropped > 100 && n_dropped < 210, "%zu of 390 dropped", n_dropped);
	double exact_loss = dn_loss(&net, s.x, s.label, N_ROWS, exact);
	double d = distance(exact, gradient, s.n_params);
	ck_assert(norm(exact, s.n_params) > 1e-3);
	ck_assert_msg(d <= 1e-5, "%g", d);
	ck_assert(fabs(loss - exact_loss) <= 1e-5 * exact_loss);
	flt_mlp_free(s.mlp);
}
END_TEST

START_TEST(each_layer_draws_its_own_dropout)
{
	static struct setup s;
	static double gradient[MAX_PARAMS];
	const struct flt_dropout dropout = {.key = 77, .probability = 0.4};
	struct flt_pass pass;
	double loss;
	size_t n_apart = 0, n = N_ROWS * 9;
	set_up(&s, N_SHAPES - 1, FLT_TANH, 1);
	float_gradient(&s, &dropout, SIZE_MAX, &pass, gradient, &loss);
	for (size_t i = 0; i < n; i++)
		n_apart += (pass.slope[0][i] == 0) != (pass.slope[1][i] == 0);
	flt_pass_release(&pass);
	flt_mlp_free(s.mlp);
	/* 48 % of independent draws with probability 0.4 differ */
	ck_assert_msg(n_apart > n / 3 && n_apart < 2 * n / 3, "%zu of %zu", n_apart, n);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("gradient");
	TCase *tests = tcase_create("gradient");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, double_network_agrees_with_finite_differences);
	tcase_add_test(tests, float_network_agrees_with_double);
	tcase_add_test(tests, a_wrong_gradient_is_noticed);
	tcase_add_test(tests, gradient_under_dropout_agrees_with_double);
	tcase_add_test(tests, each_layer_draws_its_own_dropout);
	suite_add_tcase(suite, tests);
	return suite;
}
