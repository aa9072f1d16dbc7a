/* Optimizers against PyTorch's order of operations (stored 80-digit values), groups, and NTP against its definition. */
#include <math.h>

#include "base/alloc.h"
#include "nn/optimizer.h"
#include "reference_csv.h"
#include "start_network.h"
#include "suite.h"

static struct flt_mlp *new_mlp(size_t n_in, size_t n_hidden, size_t width)
{
	struct flt_mlp_spec spec = {.n_in = n_in, .n_hidden = n_hidden, .hidden = {width}, .front_scale = n_hidden > 0};
	struct flt_mlp *mlp;
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, NULL), FLT_OK);
	return mlp;
}

/* The part of a name after a key, as a number, or `otherwise`. */
static double setting(const char *name, const char *key, double otherwise)
{
	const char *at = strstr(name, key);
	return at ? strtod(at + strlen(key), NULL) : otherwise;
}

/* "adam lr=0.1 betas=(0.9;0.999) eps=1e-8 wd(L2)=0.1", "sgd lr=0.01 momentum=0.9 nesterov wd=0.1" */
static void read_name(const char *name, struct flt_train_options *options)
{
	flt_train_options_init(options);
	options->optimizer = strncmp(name, "sgd", 3) == 0     ? FLT_SGD
	                     : strncmp(name, "adamw", 5) == 0 ? FLT_ADAMW
	                                                      : FLT_ADAM;
	options->lr = setting(name, "lr=", NAN);
	options->momentum = setting(name, "momentum=", 0);
	options->nesterov = strstr(name, "nesterov") != NULL;
	options->beta1 = setting(name, "betas=(", 0.9);
	options->beta2 = setting(name, ";", 0.999);
	options->epsilon = setting(name, "eps=", 1e-8);
	options->weight_decay = setting(name, "wd(L2)=", setting(name, "wd=", 0));
}

/* The two weights of a network without hidden layers are the two numbers that the reference minimises. */
START_TEST(optimizers_agree_with_reference)
{
	struct reference_csv csv;
	struct flt_optimizer optimizer = {0};
	struct flt_train_options options;
	struct flt_mlp *mlp = new_mlp(2, 0, 0);
	float *w = flt_mlp_params(mlp), gradient[3] = {0};
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/optimizers.csv");
	for (; reference_csv_next(&csv); n++) {
		if (reference_csv_number(&csv, 1) == 1) {
			read_name(csv.field[0], &options);
			flt_optimizer_release(&optimizer);
			ck_assert_int_eq(flt_optimizer_init(&optimizer, &options, mlp, NULL), FLT_OK);
			w[0] = 1;
			w[1] = 2;
		}
		struct flt_update update = {.lr = options.lr, .decay = options.weight_decay, .gradient_factor = 1};
		for (size_t i = 0; i < 2; i++)
			gradient[i] = (float)reference_csv_number(&csv, 2 + i);
		flt_optimizer_begin(&optimizer);
		flt_optimizer_step(&optimizer, &update, 0, 3, gradient, w);
		for (size_t i = 0; i < 2; i++) {
			double expected = reference_csv_number(&csv, 4 + i);
			ck_assert_msg(fabs((double)w[i] - expected) <= 2e-6 * fabs(expected),
			              "%s, step %s: w%zu is %.9g, not %.9g", csv.field[0], csv.field[1], i,
			              (double)w[i], expected);
		}
		ck_assert(w[2] == 0);
	}
	ck_assert_uint_eq(n, 24);
	flt_optimizer_release(&optimizer);
	flt_mlp_free(mlp);
}
END_TEST

enum { STEPS = 6 };

/* A made-up gradient that depends on the parameter. */
static float gradient_at(size_t i, int step, double w)
{
	return (float)(sin((double)i * 1.7 + step) + 0.3 * w);
}

static void run_steps(const struct flt_train_options *options, struct flt_mlp *mlp, size_t cut)
{
	struct flt_optimizer optimizer;
	size_t n = flt_mlp_n_params(mlp);
	float *w = flt_mlp_params(mlp), gradient[256];
	struct flt_update update = {.lr = options->lr, .decay = options->weight_decay, .gradient_factor = 0.5};
	ck_assert(n <= 256);
	ck_assert_int_eq(flt_optimizer_init(&optimizer, options, mlp, NULL), FLT_OK);
	for (int step = 0; step < STEPS; step++) {
		for (size_t i = 0; i < n; i++)
			gradient[i] = gradient_at(i, step, (double)w[i]);
		flt_optimizer_begin(&optimizer);
		for (size_t begin = 0; begin < n; begin += cut)
			flt_optimizer_step(&optimizer, &update, begin, begin + cut < n ? begin + cut : n, gradient, w);
	}
	flt_optimizer_release(&optimizer);
}

START_TEST(any_slicing_of_an_update_gives_the_same_bits)
{
	for (enum flt_optimizer_kind kind = FLT_SGD; kind <= FLT_ADAMW; kind++) {
		struct flt_train_options options;
		struct flt_mlp *whole = new_mlp(5, 1, 7), *pieces = new_mlp(5, 1, 7);
		flt_train_options_init(&options);
		options.optimizer = kind;
		options.momentum = 0.9;
		options.lr_factor[FLT_GROUP_SCALE] = 6;
		start_network(whole, 3, 0.5f);
		start_network(pieces, 3, 0.5f);
		run_steps(&options, whole, 1000);
		run_steps(&options, pieces, 3);
		ck_assert_mem_eq(flt_mlp_params(whole), flt_mlp_params(pieces),
		                 flt_mlp_n_params(whole) * sizeof(float));
		flt_mlp_free(whole);
		flt_mlp_free(pieces);
	}
}
END_TEST

/* With the gradient at 0 only decay moves anything: weights, and nothing else, unless a group asks for it. */
START_TEST(decay_and_rates_go_by_group)
{
	struct flt_train_options options;
	struct flt_optimizer optimizer;
	struct flt_mlp *mlp = new_mlp(3, 1, 4);
	size_t n = flt_mlp_n_params(mlp);
	float *w = flt_mlp_params(mlp), gradient[64] = {0};
	flt_train_options_init(&options);
	options.lr_factor[FLT_GROUP_OUTPUT_WEIGHT] = 2;
	options.decay_factor[FLT_GROUP_SCALE] = 0.5;
	ck_assert_int_eq(flt_optimizer_init(&optimizer, &options, mlp, NULL), FLT_OK);
	for (size_t i = 0; i < n; i++)
		w[i] = 1;
	flt_optimizer_begin(&optimizer);
	flt_optimizer_step(&optimizer, &(struct flt_update){.lr = 0.1, .decay = 0.2, .gradient_factor = 1}, 0, n,
	                   gradient, w);
	static const double expected[FLT_N_GROUPS] = {[FLT_GROUP_SCALE] = 0.99,
	                                              [FLT_GROUP_WEIGHT] = 0.98,
	                                              [FLT_GROUP_BIAS] = 1,
	                                              [FLT_GROUP_OUTPUT_WEIGHT] = 0.96,
	                                              [FLT_GROUP_OUTPUT_BIAS] = 1};
	for (size_t t = 0; t < flt_mlp_n_tensors(mlp); t++) {
		struct flt_tensor tensor = flt_mlp_tensor(mlp, t);
		for (size_t i = 0; i < tensor.n_rows * tensor.n_cols; i++)
			ck_assert_msg(w[tensor.offset + i] == (float)expected[tensor.group], "%s: %.9g", tensor.name,
			              (double)w[tensor.offset + i]);
	}
	flt_optimizer_release(&optimizer);
	flt_mlp_free(mlp);
}
END_TEST

/* One weight in double by the definition: V = s W takes the gradient dW / s, and steps at the plain rate. */
struct ntp_weight {
	double v, s, first, second;
};

static void ntp_step(struct ntp_weight *p, const struct flt_train_options *o, int step, double dw)
{
	double g = 0.5 * dw / p->s;
	if (o->optimizer != FLT_ADAMW)
		g += o->weight_decay * p->v;
	if (o->optimizer == FLT_SGD) {
		p->first = step == 0 ? g : o->momentum * p->first + g;
		p->v -= o->lr * p->first;
		return;
	}
	if (o->optimizer == FLT_ADAMW)
		p->v *= 1 - o->lr * o->weight_decay;
	p->first = o->beta1 * p->first + (1 - o->beta1) * g;
	p->second = o->beta2 * p->second + (1 - o->beta2) * g * g;
	p->v -= o->lr * p->first / (1 - pow(o->beta1, step + 1)) /
	        (sqrt(p->second / (1 - pow(o->beta2, step + 1))) + o->epsilon);
}

START_TEST(scaled_rates_equal_neural_tangent_parametrisation)
{
	for (enum flt_optimizer_kind kind = FLT_SGD; kind <= FLT_ADAMW; kind++) {
		struct flt_train_options options;
		struct flt_mlp *mlp = new_mlp(5, 1, 7);
		struct ntp_weight expected[256] = {{0}};
		flt_train_options_init(&options);
		options.optimizer = kind;
		options.momentum = 0.9;
		options.ntp = true;
		options.lr = 0.04;
		options.weight_decay = 0.2;
		options.epsilon = 0.1; /* large, so that its place shows */
		start_network(mlp, 3, 0.5f);
		struct flt_tensor hidden = flt_mlp_tensor(mlp, 1);
		ck_assert_str_eq(hidden.name, "layer0.weight");
		for (size_t i = hidden.offset; i < hidden.offset + 35; i++) {
			expected[i].s = sqrt(5);
			expected[i].v = (double)flt_mlp_params(mlp)[i] * expected[i].s;
			for (int step = 0; step < STEPS; step++)
				ntp_step(&expected[i], &options, step,
				         (double)gradient_at(i, step, expected[i].v / expected[i].s));
		}
		run_steps(&options, mlp, 1000);
		for (size_t i = hidden.offset; i < hidden.offset + 35; i++)
			ck_assert_msg(fabs((double)flt_mlp_params(mlp)[i] - expected[i].v / expected[i].s) < 2e-6,
			              "optimizer %d, weight %zu: %.9g, not %.9g", kind, i,
			              (double)flt_mlp_params(mlp)[i], expected[i].v / expected[i].s);
		flt_mlp_free(mlp);
	}
}
END_TEST

START_TEST(survives_failing_allocations)
{
	struct flt_mlp *mlp = new_mlp(3, 1, 4);
	struct flt_train_options options;
	enum flt_status status = FLT_ERR_MACHINE;
	flt_train_options_init(&options);
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_optimizer optimizer;
		struct flt_error err = {0};
		ck_assert(k < 20);
		flt_alloc_fail_at(k);
		status = flt_optimizer_init(&optimizer, &options, mlp, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "memory")));
		flt_optimizer_release(&optimizer);
	}
	flt_mlp_free(mlp);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("optimizer");
	TCase *tests = tcase_create("optimizer");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, optimizers_agree_with_reference);
	tcase_add_test(tests, any_slicing_of_an_update_gives_the_same_bits);
	tcase_add_test(tests, decay_and_rates_go_by_group);
	tcase_add_test(tests, scaled_rates_equal_neural_tangent_parametrisation);
	tcase_add_test(tests, survives_failing_allocations);
	suite_add_tcase(suite, tests);
	return suite;
}
