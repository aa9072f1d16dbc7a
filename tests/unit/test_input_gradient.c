/*
 * The gradient of a logit by the inputs: against central differences of the network in double, for every activation
 * and part of the network, and to the bit the same in any company.
 */
#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"
#include "double_network.h"
#include "nn/pass.h"
#include "suite.h"

enum { N_ROWS = 19, N_IN = 6, MAX_PARAMS = 4096 };

static const bool numeric[N_IN] = {true, false, true, true, false, true};

static const struct flt_mlp_spec shapes[] = {
        {.n_in = N_IN},
        {.n_in = N_IN, .n_hidden = 1, .hidden = {5}},
        {.n_in = N_IN, .n_hidden = 2, .hidden = {40, 33}},
        {.n_in = N_IN, .n_hidden = 3, .hidden = {9, 17, 4}},
        {.n_in = N_IN, .front_scale = true},
        {.n_in = N_IN, .n_hidden = 2, .hidden = {8, 3}, .front_scale = true},
        {.n_in = N_IN,
         .n_hidden = 2,
         .hidden = {8, 3},
         .embedding = FLT_EMBEDDING_PBLD,
         .n_frequencies = 7,
         .n_embedded = 4,
         .numeric = numeric},
        {.n_in = N_IN,
         .n_hidden = 1,
         .hidden = {8},
         .front_scale = true,
         .embedding = FLT_EMBEDDING_PBLD,
         .n_frequencies = 3,
         .n_embedded = 2},
        {.n_in = N_IN, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 3, .n_embedded = 3, .numeric = numeric},
        {.n_in = N_IN, .front_scale = true, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 3, .n_embedded = 3},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

struct setup {
	struct flt_mlp *mlp;
	struct flt_weights weights;
	struct flt_pass pass;
	float x[N_ROWS * N_IN];
	double params[MAX_PARAMS];
	struct double_network net;
};

static void set_up(struct setup *s, size_t shape, enum flt_activation activation)
{
	struct flt_mlp_spec spec = shapes[shape];
	struct flt_random random;
	struct flt_pool *pool;
	*s = (struct setup){0};
	spec.activation = activation;
	ck_assert_int_eq(flt_mlp_new(&spec, &s->mlp, NULL), FLT_OK);
	size_t n_params = flt_mlp_n_params(s->mlp);
	ck_assert_uint_le(n_params, MAX_PARAMS);
	flt_random_init(&random, 6, "input gradient", shape * 8 + activation);
	for (size_t i = 0; i < n_params; i++)
		s->params[i] = (double)(flt_mlp_params(s->mlp)[i] = (float)(0.5 * flt_random_normal(&random)));
	for (size_t i = 0; i < N_ROWS * N_IN; i++)
		s->x[i] = (float)flt_random_normal(&random);
	s->net = (struct double_network){.mlp = s->mlp, .params = s->params};
	ck_assert_int_eq(flt_pool_new(1, &pool, NULL), FLT_OK);
	ck_assert_int_eq(flt_weights_init(&s->weights, s->mlp, FLT_TO_EXPLAIN, NULL), FLT_OK);
	flt_weights_set(&s->weights, flt_mlp_params_const(s->mlp), pool);
	ck_assert_int_eq(flt_pass_init(&s->pass, s->mlp, N_ROWS, FLT_TO_EXPLAIN, NULL), FLT_OK);
	flt_pool_free(pool);
}

static void tear_down(struct setup *s)
{
	flt_pass_release(&s->pass);
	flt_weights_release(&s->weights);
	flt_mlp_free(s->mlp);
}

/* NaN if a kink is so near that the difference tells nothing. */
static double difference(struct setup *s, size_t row, size_t input)
{
	const float step = 0x1p-12F;
	struct dn_trace t;
	float x[N_IN];
	dn_init(&t, s->mlp);
	memcpy(x, s->x + row * N_IN, sizeof x);
	s->net.nearest_kink = HUGE_VAL;
	x[input] = s->x[row * N_IN + input] + step;
	double above = dn_forward(&s->net, row, x, &t), width = (double)x[input];
	x[input] = s->x[row * N_IN + input] - step;
	double below = dn_forward(&s->net, row, x, &t);
	width -= (double)x[input];
	bool is_smooth = t.spec.activation != FLT_RELU && t.spec.activation != FLT_SELU;
	return is_smooth || s->net.nearest_kink > 0.02 ? (above - below) / width : NAN;
}

START_TEST(agrees_with_differences)
{
	for (size_t shape = 0; shape < N_SHAPES; shape++) {
		struct setup s;
		double sum = 0;
		size_t n_compared = 0;
		set_up(&s, shape, (enum flt_activation)_i);
		memcpy(s.pass.x, s.x, sizeof s.x);
		flt_pass_input_gradient(&s.pass, &s.weights, N_ROWS);
		for (size_t i = 0; i < N_ROWS * N_IN; i++) {
			double wanted = difference(&s, i / N_IN, i % N_IN);
			if (isnan(wanted))
				continue;
			n_compared++;
			sum += fabs(wanted);
			ck_assert_msg(fabs((double)s.pass.dx[i] - wanted) < 2e-4 * (1 + fabs(wanted)),
			              "shape %zu, input %zu: %g, not %g", shape, i, (double)s.pass.dx[i], wanted);
		}
		ck_assert_uint_gt(n_compared, N_IN);
		ck_assert_double_gt(sum / (double)n_compared, 0.01); /* so an empty gradient would be noticed */
		tear_down(&s);
	}
}
END_TEST

START_TEST(is_the_same_in_any_company)
{
	for (size_t shape = 0; shape < N_SHAPES; shape++) {
		struct setup s;
		float dx[N_ROWS * N_IN], logit[N_ROWS];
		set_up(&s, shape, (enum flt_activation)_i);
		memcpy(s.pass.x, s.x, sizeof s.x);
		flt_pass_input_gradient(&s.pass, &s.weights, N_ROWS);
		memcpy(dx, s.pass.dx, sizeof dx);
		memcpy(logit, s.pass.logit, sizeof logit);
		for (size_t row = 0; row < N_ROWS; row++) {
			memcpy(s.pass.x, s.x + row * N_IN, N_IN * sizeof *dx);
			flt_pass_input_gradient(&s.pass, &s.weights, 1);
			ck_assert_mem_eq(s.pass.dx, dx + row * N_IN, N_IN * sizeof *dx);
			ck_assert_mem_eq(s.pass.logit, logit + row, sizeof *logit);
		}
		flt_pass_predict(&s.pass, &s.weights, N_ROWS, s.x);
		ck_assert_mem_eq(s.pass.logit, logit, sizeof logit);
		tear_down(&s);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("input gradient");
	TCase *tc = tcase_create("input gradient");
	tcase_add_loop_test(tc, agrees_with_differences, 0, FLT_N_ACTIVATIONS);
	tcase_add_loop_test(tc, is_the_same_in_any_company, 0, FLT_N_ACTIVATIONS);
	suite_add_tcase(suite, tc);
	return suite;
}
