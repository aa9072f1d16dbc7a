/* The network's shape, its start, and prediction that does not depend on a row's company. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "double_network.h"
#include "fltrain/version.h"
#include "nn/predict.h"
#include "start_network.h"
#include "suite.h"

static const struct flt_mlp_spec plain = {.n_in = 30, .n_hidden = 2, .hidden = {64, 32}};

static struct flt_mlp *new_mlp(const struct flt_mlp_spec *spec)
{
	struct flt_mlp *mlp;
	struct flt_error err = {0};
	ck_assert_msg(flt_mlp_new(spec, &mlp, &err) == FLT_OK, "%s", err.text);
	return mlp;
}

static float *random_rows(size_t n_rows, size_t n_in)
{
	float *x = malloc(n_rows * n_in * sizeof *x);
	struct flt_random random;
	ck_assert(x != NULL);
	flt_random_init(&random, 5, "rows", 0);
	for (size_t i = 0; i < n_rows * n_in; i++)
		x[i] = (float)flt_random_normal(&random);
	return x;
}

START_TEST(tensors_follow_each_other)
{
	static const bool numeric[] = {true, false, true};
	static const struct flt_mlp_spec spec = {.n_in = 3,
	                                         .n_hidden = 2,
	                                         .hidden = {5, 4},
	                                         .front_scale = true,
	                                         .embedding = FLT_EMBEDDING_PBLD,
	                                         .n_frequencies = 16,
	                                         .n_embedded = 4,
	                                         .numeric = numeric};
	static const struct flt_tensor expected[] = {
	        {"embedding.frequency", FLT_GROUP_EMBEDDING, 0, 2, 16},
	        {"embedding.phase", FLT_GROUP_EMBEDDING, 32, 2, 16},
	        {"embedding.weight", FLT_GROUP_EMBEDDING, 64, 6, 16},
	        {"embedding.bias", FLT_GROUP_EMBEDDING, 160, 2, 3},
	        {"scale", FLT_GROUP_SCALE, 166, 9, 1},
	        {"layer0.weight", FLT_GROUP_WEIGHT, 175, 5, 9},
	        {"layer0.bias", FLT_GROUP_BIAS, 220, 5, 1},
	        {"layer1.weight", FLT_GROUP_WEIGHT, 225, 4, 5},
	        {"layer1.bias", FLT_GROUP_BIAS, 245, 4, 1},
	        {"layer2.weight", FLT_GROUP_OUTPUT_WEIGHT, 249, 1, 4},
	        {"layer2.bias", FLT_GROUP_OUTPUT_BIAS, 253, 1, 1},
	};
	struct flt_mlp *mlp = new_mlp(&spec);
	ck_assert_uint_eq(flt_mlp_n_tensors(mlp), sizeof expected / sizeof *expected);
	for (size_t i = 0; i < flt_mlp_n_tensors(mlp); i++) {
		struct flt_tensor tensor = flt_mlp_tensor(mlp, i);
		ck_assert_str_eq(tensor.name, expected[i].name);
		ck_assert_int_eq((int)tensor.group, (int)expected[i].group);
		ck_assert_uint_eq(tensor.offset, expected[i].offset);
		ck_assert_uint_eq(tensor.n_rows, expected[i].n_rows);
		ck_assert_uint_eq(tensor.n_cols, expected[i].n_cols);
	}
	ck_assert_uint_eq(flt_mlp_n_params(mlp), 254);
	struct flt_mlp_spec copy = flt_mlp_spec(mlp);
	ck_assert(copy.numeric != numeric && copy.numeric[0] && !copy.numeric[1] && copy.numeric[2]);
	flt_mlp_free(mlp);
}
END_TEST

START_TEST(impossible_shapes_are_refused)
{
	static const struct flt_mlp_spec wrong[] = {
	        {.n_in = 0},
	        {.n_in = SIZE_MAX},
	        {.n_in = 3, .n_hidden = FLT_MAX_HIDDEN + 1},
	        {.n_in = 3, .n_hidden = 2, .hidden = {4, 0}},
	        {.n_in = 3, .n_hidden = 1, .hidden = {SIZE_MAX / 3}},
	        {.n_in = 1 << 24, .n_hidden = 2, .hidden = {1 << 24, 1 << 24}},
	        {.n_in = 3, .n_hidden = 1, .hidden = {4}, .activation = (enum flt_activation)17},
	        {.n_in = 3, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 0, .n_embedded = 4},
	        {.n_in = 3, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 16, .n_embedded = 1},
	        {.n_in = 3, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = SIZE_MAX / 2, .n_embedded = 4},
	        {.n_in = 3, .embedding = (enum flt_embedding)9, .n_frequencies = 16, .n_embedded = 4},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct flt_mlp *mlp = (struct flt_mlp *)&mlp;
		struct flt_error err = {0};
		ck_assert_int_eq(flt_mlp_new(&wrong[i], &mlp, &err), FLT_ERR_USAGE);
		ck_assert(mlp == NULL && err.text[0]);
	}
}
END_TEST

/* Shapes at the very bounds, laid out but not allocated, and just beyond them. */
START_TEST(shapes_at_their_bounds_are_accepted)
{
	enum { WIDEST = 1 << 24 };
	static const struct flt_mlp_spec embedded = {
	        .n_in = 1, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 1024, .n_embedded = 1024};
	struct flt_mlp_spec right[] = {
	        {.n_in = 1},
	        {.n_in = WIDEST},
	        {.n_in = 1, .n_hidden = 1, .hidden = {WIDEST}},
	        {.n_in = 1, .n_hidden = 1, .hidden = {1}},
	        {.n_in = 1, .n_hidden = FLT_MAX_HIDDEN},
	        embedded,
	        {.n_in = 1, .embedding = FLT_EMBEDDING_PBLD, .n_frequencies = 1, .n_embedded = 2},
	        {.n_in = 1, .embedding = FLT_EMBEDDING_NONE, .n_frequencies = 0, .n_embedded = 0},
	        {.n_in = 65533, .n_hidden = 1, .hidden = {32768}}, /* 2^31 - 32,767 parameters */
	};
	for (size_t i = 0; i < FLT_MAX_HIDDEN; i++)
		right[4].hidden[i] = 3;
	struct flt_mlp mlp;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		ck_assert_int_eq(flt_mlp_lay_out(&right[i], &mlp, NULL), FLT_OK);
		ck_assert_ptr_null(mlp.params);
		flt_mlp_release(&mlp);
	}
	struct flt_mlp_spec wrong[] = {{.n_in = WIDEST + 1},
	                               {.n_in = 1, .n_hidden = 1, .hidden = {WIDEST + 1}},
	                               embedded,
	                               embedded,
	                               {.n_in = 65535, .n_hidden = 1, .hidden = {32768}}}; /* 2^31 + 32,769 */
	wrong[2].n_frequencies = 1025;
	wrong[3].n_embedded = 1025;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(flt_mlp_lay_out(&wrong[i], &mlp, NULL), FLT_ERR_USAGE);
}
END_TEST

START_TEST(too_many_layers_are_refused_by_their_number)
{
	const struct flt_mlp_spec spec = {.n_in = 3, .n_hidden = FLT_MAX_HIDDEN + 1};
	struct flt_mlp *mlp;
	struct flt_error err;
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, "--hidden takes at most 16 layers, not 17");
}
END_TEST

static void moments(const struct flt_mlp *mlp, size_t tensor, double *mean, double *deviation)
{
	struct flt_tensor t = flt_mlp_tensor(mlp, tensor);
	double sum = 0, squares = 0, n = (double)(t.n_rows * t.n_cols);
	for (size_t i = 0; i < t.n_rows * t.n_cols; i++) {
		double w = (double)flt_mlp_params_const(mlp)[t.offset + i];
		sum += w;
		squares += w * w;
	}
	*mean = sum / n;
	*deviation = sqrt(squares / n - *mean * *mean);
}

START_TEST(start_deviation_follows_the_activation)
{
	static const double gain[FLT_TANH + 1] = {
	        [FLT_RELU] = 2, [FLT_SILU] = 2, [FLT_MISH] = 2, [FLT_SELU] = 1, [FLT_TANH] = 1};
	for (enum flt_activation activation = FLT_RELU; activation <= FLT_TANH; activation++) {
		struct flt_mlp_spec spec = {.n_in = 100, .n_hidden = 1, .hidden = {200}, .activation = activation};
		struct flt_mlp *mlp = new_mlp(&spec);
		double mean, deviation;
		start_network(mlp, 8, -1.25f);
		moments(mlp, 0, &mean, &deviation);
		ck_assert(fabs(mean) < 0.004 && fabs(deviation / sqrt(gain[activation] / 100) - 1) < 0.02);
		moments(mlp, 2, &mean, &deviation);
		ck_assert(fabs(deviation / sqrt(1.0 / 200) - 1) < 0.2);
		for (size_t i = 0; i < 200; i++)
			ck_assert(flt_mlp_params(mlp)[flt_mlp_tensor(mlp, 1).offset + i] == 0);
		ck_assert(flt_mlp_params(mlp)[flt_mlp_tensor(mlp, 3).offset] == -1.25f);
		flt_mlp_free(mlp);
	}
}
END_TEST

START_TEST(start_with_ntp_and_embeddings_has_the_right_deviations)
{
	struct flt_mlp_spec spec = {.n_in = 50,
	                            .n_hidden = 1,
	                            .hidden = {100},
	                            .front_scale = true,
	                            .embedding = FLT_EMBEDDING_PBLD,
	                            .n_frequencies = 16,
	                            .n_embedded = 4};
	struct flt_start start = {.seed = 1, .ntp = true, .zero_output_weight = true, .frequency_sigma = 0.7};
	struct flt_mlp *mlp = new_mlp(&spec);
	/* tensors: frequency, phase, weight, bias, scale, two of the hidden layer, two of the output */
	static const double deviations[] = {
	        0.7, M_PI / 1.7320508, 0.25 / 1.7320508, 0.25 / 1.7320508, 0, 1 / 14.1421356, 1, 0, 0};
	flt_mlp_start(mlp, &start);
	for (size_t i = 0; i < sizeof deviations / sizeof *deviations; i++) {
		double mean, deviation;
		moments(mlp, i, &mean, &deviation);
		ck_assert_msg(fabs(deviation - deviations[i]) <= 0.16 * deviations[i], "%s: %g",
		              flt_mlp_tensor(mlp, i).name, deviation);
		ck_assert(i == 4 ? mean == 1 : fabs(mean) <= 0.25 * deviations[i]);
	}
	flt_mlp_free(mlp);
}
END_TEST

/* A part's start comes from its own stream: another width elsewhere does not move it. */
START_TEST(start_depends_on_seed_and_tensor_alone)
{
	struct flt_mlp_spec other = plain;
	other.hidden[1] = 33;
	struct flt_mlp *a = new_mlp(&plain), *b = new_mlp(&plain), *c = new_mlp(&other);
	size_t bytes = flt_mlp_n_params(a) * sizeof(float);
	start_network(a, 1, 0);
	start_network(b, 1, 0);
	start_network(c, 1, 0);
	ck_assert_mem_eq(flt_mlp_params(a), flt_mlp_params(b), bytes);
	ck_assert_mem_eq(flt_mlp_params(a), flt_mlp_params(c), 30 * 64 * sizeof(float));
	start_network(b, 2, 0);
	ck_assert_mem_ne(flt_mlp_params(a), flt_mlp_params(b), 30 * 64 * sizeof(float));
	flt_mlp_free(a);
	flt_mlp_free(b);
	flt_mlp_free(c);
}
END_TEST

START_TEST(logits_agree_with_double)
{
	enum { N = 300 };
	struct flt_mlp *mlp = new_mlp(&plain);
	float *x = random_rows(N, plain.n_in), logit[N];
	static double params[8192];
	struct flt_loss loss = {0, 1, 1};
	start_network(mlp, 3, -2);
	for (size_t i = 0; i < flt_mlp_n_params(mlp); i++)
		params[i] = (double)flt_mlp_params(mlp)[i];
	ck_assert_int_eq(flt_mlp_predict(mlp, x, N, 1, logit, NULL), FLT_OK);
	struct double_network net = {.mlp = mlp, .params = params, .loss = &loss, .nearest_kink = DBL_MAX};
	struct dn_trace trace;
	dn_init(&trace, mlp);
	for (size_t i = 0; i < N; i++) {
		double expected = dn_forward(&net, i, x + i * plain.n_in, &trace);
		if (!(fabs((double)logit[i] - expected) < 2e-5))
			ck_abort_msg("row %zu: %g, not %g", i, (double)logit[i], expected);
	}
	free(x);
	flt_mlp_free(mlp);
}
END_TEST

/* Networks of odd and even widths; with an embedding too. */
static const struct flt_mlp_spec shapes[] = {
        {.n_in = 30, .n_hidden = 2, .hidden = {64, 32}},
        {.n_in = 7, .n_hidden = 3, .hidden = {19, 5, 3}, .activation = FLT_MISH},
        {.n_in = 11},
        {.n_in = 130, .n_hidden = 2, .hidden = {257, 96}, .activation = FLT_SELU},
        {.n_in = 5,
         .n_hidden = 1,
         .hidden = {33},
         .activation = FLT_SILU,
         .front_scale = true,
         .embedding = FLT_EMBEDDING_PBLD,
         .n_frequencies = 16,
         .n_embedded = 4},
};

START_TEST(logit_of_a_row_does_not_depend_on_other_rows)
{
	enum { N = 611 };
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
		size_t n_in = shapes[s].n_in, order[N];
		struct flt_mlp *mlp = new_mlp(&shapes[s]);
		float *x = random_rows(N, n_in), *y = malloc((N * n_in + 1) * sizeof *y), expected[N], logit[N];
		struct flt_random random;
		ck_assert(y != NULL);
		start_network(mlp, 3, -2);
		ck_assert_int_eq(flt_mlp_predict(mlp, x, N, 1, expected, NULL), FLT_OK);
		flt_random_init(&random, 2, "order", 0);
		for (size_t i = 0; i < N; i++)
			order[i] = i;
		for (int round = 0; round < 6; round++) {
			/* Shuffled, cut short, off alignment, by other numbers of threads. */
			size_t n = round == 0 ? N : 1 + flt_random_below(&random, N);
			float *shifted = y + round % 2;
			flt_random_shuffle(&random, order, N);
			for (size_t i = 0; i < n; i++)
				memcpy(shifted + i * n_in, x + order[i] * n_in, n_in * sizeof *x);
			ck_assert_int_eq(flt_mlp_predict(mlp, shifted, n, 1 + (unsigned)round % 3, logit, NULL),
			                 FLT_OK);
			for (size_t i = 0; i < n; i++)
				if (memcmp(&logit[i], &expected[order[i]], sizeof *logit) != 0)
					ck_abort_msg("shape %zu: row %zu at place %zu of %zu: %.9g, not %.9g", s,
					             order[i], i, n, (double)logit[i], (double)expected[order[i]]);
		}
		free(x);
		free(y);
		flt_mlp_free(mlp);
	}
}
END_TEST

/* Denormal inputs count as 0, whatever they are multiplied with; the caller's own arithmetic stays as it was. */
START_TEST(denormal_inputs_count_as_zero)
{
	struct flt_mlp_spec spec = {.n_in = 1};
	struct flt_mlp *mlp = new_mlp(&spec);
	const float x[] = {1e-39f, 1};
	float logit[2];
	volatile float tiny = 1e-39f;
	flt_mlp_params(mlp)[0] = 1e38f;
	ck_assert_int_eq(flt_mlp_predict(mlp, x, 2, 1, logit, NULL), FLT_OK);
	ck_assert(logit[0] == 0 && logit[1] == 1e38f);
	ck_assert(tiny * 1.0f > 0);
	flt_mlp_free(mlp);
}
END_TEST

/* Whole cache lines for each array: x, embedded inputs and one of them by columns, the scaled ones, outputs and slopes
 * of the hidden layers, two gradients of the widest layer, three numbers a row; and a panel. */
START_TEST(a_pass_takes_the_memory_that_its_arrays_need)
{
	static const struct flt_mlp_spec spec = {.n_in = 5,
	                                         .n_hidden = 2,
	                                         .hidden = {33, 7},
	                                         .activation = FLT_SILU,
	                                         .front_scale = true,
	                                         .embedding = FLT_EMBEDDING_PBLD,
	                                         .n_frequencies = 6,
	                                         .n_embedded = 4};
	enum { N = 16, FIRST = 5 * 4 };
	struct flt_mlp *mlp = new_mlp(&spec);
	size_t predicting = N * (5 + FIRST + 4 + FIRST + 33 + 7 + 3) + FLT_PANEL;
	ck_assert_uint_eq(flt_pass_n_floats(mlp, N, FLT_TO_PREDICT), predicting);
	ck_assert_uint_eq(flt_pass_n_floats(mlp, N, FLT_TO_TRAIN), predicting + N * (2 * (33 + 7) + FIRST));
	ck_assert_uint_eq(flt_weights_n_floats(mlp, FLT_TO_PREDICT), (2 * FIRST + 33) * FLT_PANEL);
	ck_assert_uint_eq(flt_weights_n_floats(mlp, FLT_TO_TRAIN),
	                  (2 * FIRST + 33) * FLT_PANEL + (33 + 2 * 7) * FLT_PANEL);
	flt_mlp_free(mlp);
}
END_TEST

START_TEST(a_network_takes_little_memory_beside_its_parameters)
{
	size_t before = flt_alloc_live();
	struct flt_mlp *mlp = new_mlp(&plain);
	size_t n_bytes = flt_mlp_n_params(mlp) * sizeof(float) + sizeof *mlp;
	ck_assert_uint_ge(flt_alloc_live() - before, n_bytes);
	ck_assert_uint_le(flt_alloc_live() - before, n_bytes + 512);
	flt_mlp_free(mlp);
}
END_TEST

START_TEST(predicting_no_rows_succeeds)
{
	struct flt_mlp *mlp = new_mlp(&plain);
	float logit = 5;
	ck_assert_int_eq(flt_mlp_predict(mlp, NULL, 0, 2, &logit, NULL), FLT_OK);
	ck_assert(logit == 5);
	flt_mlp_free(mlp);
	flt_mlp_free(NULL);
}
END_TEST

START_TEST(survives_failing_allocations)
{
	float *x = random_rows(300, 5), logit[300];
	struct flt_mlp *mlp = NULL;
	for (unsigned long k = 1; !mlp; k++) {
		struct flt_error err = {0};
		ck_assert(k < 20);
		flt_alloc_fail_at(k);
		enum flt_status status = flt_mlp_new(&shapes[4], &mlp, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK ? mlp != NULL : mlp == NULL && strstr(err.text, "memory"));
	}
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		ck_assert(k < 40);
		flt_alloc_fail_at(k);
		status = flt_mlp_predict(mlp, x, 300, 2, logit, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
	}
	flt_mlp_free(mlp);
	free(x);
}
END_TEST

START_TEST(library_names_its_version)
{
	ck_assert(strchr(flt_version(), '.') != NULL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("mlp");
	TCase *tests = tcase_create("mlp");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, tensors_follow_each_other);
	tcase_add_test(tests, impossible_shapes_are_refused);
	tcase_add_test(tests, shapes_at_their_bounds_are_accepted);
	tcase_add_test(tests, too_many_layers_are_refused_by_their_number);
	tcase_add_test(tests, start_deviation_follows_the_activation);
	tcase_add_test(tests, start_with_ntp_and_embeddings_has_the_right_deviations);
	tcase_add_test(tests, start_depends_on_seed_and_tensor_alone);
	tcase_add_test(tests, logits_agree_with_double);
	tcase_add_test(tests, logit_of_a_row_does_not_depend_on_other_rows);
	tcase_add_test(tests, denormal_inputs_count_as_zero);
	tcase_add_test(tests, a_pass_takes_the_memory_that_its_arrays_need);
	tcase_add_test(tests, a_network_takes_little_memory_beside_its_parameters);
	tcase_add_test(tests, predicting_no_rows_succeeds);
	tcase_add_test(tests, survives_failing_allocations);
	tcase_add_test(tests, library_names_its_version);
	suite_add_tcase(suite, tests);
	return suite;
}
