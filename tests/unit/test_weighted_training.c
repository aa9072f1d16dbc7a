/* Training on rows with weights: a row of weight 3 is three rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "nn/monitor.h"
#include "nn/train.h"
#include "nn/trainer.h"
#include "reference_csv.h"
#include "suite.h"

enum { N = 240, N_FIT = 180, N_IN = 4, MOST = 4, BATCH = 60 };

/* Rows with weights, and the same rows each written as often. */
static struct rows {
	float x[MOST * N * N_IN], weight[MOST * N];
	uint8_t label[MOST * N];
} weighted, copied;

static size_t n_copied_fit, n_copied;

static void copy_row(size_t row)
{
	memcpy(copied.x + n_copied * N_IN, weighted.x + row * N_IN, N_IN * sizeof *copied.x);
	copied.label[n_copied++] = weighted.label[row];
}

static void make_rows(void)
{
	struct flt_random random;
	flt_random_init(&random, 5, "rows", 0);
	n_copied = 0;
	for (size_t i = 0; i < N; i++) {
		double score = -1.5;
		for (size_t j = 0; j < N_IN; j++) {
			double value = flt_random_normal(&random);
			weighted.x[i * N_IN + j] = (float)value;
			score += value;
		}
		weighted.label[i] = flt_random_uniform(&random) < flt_sigmoid(score);
		size_t n = 1 + flt_random_below(&random, MOST);
		weighted.weight[i] = (float)n;
		while (n-- > 0)
			copy_row(i);
		if (i + 1 == N_FIT)
			n_copied_fit = n_copied;
	}
}

static struct flt_data part(const struct rows *rows, size_t begin, size_t end, const float *weight)
{
	return (struct flt_data){.x = rows->x + begin * N_IN,
	                         .label = rows->label + begin,
	                         .weight = weight ? weight + begin : NULL,
	                         .n_rows = end - begin,
	                         .n_in = N_IN};
}

static struct flt_train_options some_options(void)
{
	struct flt_train_options options;
	flt_train_options_init(&options);
	options.n_hidden = 1;
	options.hidden[0] = 8;
	options.activation = FLT_TANH;
	options.loss = (struct flt_loss){1.5, 3, 1};
	options.batch = MOST * N;
	options.epochs = 12;
	options.lr = 0.02;
	options.ema = 0.9;
	options.n_threads = 1;
	return options;
}

static struct flt_mlp *train(const struct flt_train_options *options, struct flt_data fit, struct flt_data validation,
                             struct flt_train_result *result)
{
	struct flt_mlp *mlp;
	struct flt_error err = {0};
	enum flt_status status = flt_train(options, &fit, &validation, NULL, &mlp, result, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return mlp;
}

static void expect_near(double a, double b, double tolerance, const char *what)
{
	if (!(fabs(a - b) <= tolerance * fmax(1, fabs(b))))
		ck_abort_msg("%s: %.17g, not %.17g", what, a, b);
}

/* With all rows in one mini-batch: the same steps, the same epoch chosen, to the rounding of float. */
START_TEST(weighted_rows_train_as_copied_ones)
{
	make_rows();
	for (int i = 0; i < 3; i++) {
		struct flt_train_options options = some_options();
		struct flt_train_result result, expected;
		options.optimizer = i == 0 ? FLT_SGD : FLT_ADAMW;
		options.monitor = i == 2 ? FLT_MONITOR_AP : FLT_MONITOR_LOSS;
		struct flt_mlp *a = train(&options, part(&weighted, 0, N_FIT, weighted.weight),
		                          part(&weighted, N_FIT, N, weighted.weight), &result);
		struct flt_mlp *b = train(&options, part(&copied, 0, n_copied_fit, NULL),
		                          part(&copied, n_copied_fit, n_copied, NULL), &expected);
		expect_near((double)result.output_bias, (double)expected.output_bias, 1e-6, "output bias");
		ck_assert_uint_eq(result.best_epoch, expected.best_epoch);
		expect_near(result.best.loss, expected.best.loss, 1e-5, "loss");
		expect_near(result.best.validation_loss, expected.best.validation_loss, 1e-5, "validation loss");
		expect_near(result.best.validation_ap, expected.best.validation_ap, 1e-5, "validation AP");
		for (size_t j = 0; j < flt_mlp_n_params(a); j++)
			expect_near((double)flt_mlp_params(a)[j], (double)flt_mlp_params(b)[j], 1e-3, "parameter");
		flt_mlp_free(a);
		flt_mlp_free(b);
	}
}
END_TEST

/* And they are not just ignored. */
START_TEST(weights_matter)
{
	struct flt_train_options options = some_options();
	struct flt_train_result with, without;
	make_rows();
	flt_mlp_free(
	        train(&options, part(&weighted, 0, N_FIT, weighted.weight), part(&weighted, N_FIT, N, NULL), &with));
	flt_mlp_free(train(&options, part(&weighted, 0, N_FIT, NULL), part(&weighted, N_FIT, N, NULL), &without));
	ck_assert(fabs(with.best.loss - without.best.loss) > 1e-3);
	ck_assert(fabsf(with.output_bias - without.output_bias) > 1e-2f);
}
END_TEST

START_TEST(equal_weights_are_no_weights)
{
	static float equal[N];
	struct flt_train_options options = some_options();
	struct flt_train_result result, expected;
	make_rows();
	options.batch = BATCH;
	for (size_t i = 0; i < N; i++)
		equal[i] = 1;
	struct flt_mlp *a =
	        train(&options, part(&weighted, 0, N_FIT, equal), part(&weighted, N_FIT, N, equal), &result);
	struct flt_mlp *b =
	        train(&options, part(&weighted, 0, N_FIT, NULL), part(&weighted, N_FIT, N, NULL), &expected);
	ck_assert_mem_eq(flt_mlp_params(a), flt_mlp_params(b), flt_mlp_n_params(a) * sizeof(float));
	ck_assert(result.best.validation_loss == expected.best.validation_loss);
	ck_assert(fabs(result.best.validation_ap - expected.best.validation_ap) < 1e-14);
	flt_mlp_free(a);
	flt_mlp_free(b);
}
END_TEST

START_TEST(any_number_of_threads_gives_the_same_bits)
{
	struct flt_train_options options = some_options();
	struct flt_train_result result;
	struct flt_mlp *nets[2];
	make_rows();
	options.batch = 150;
	options.dropout = 0.2;
	for (size_t i = 0; i < 2; i++) {
		options.n_threads = 1 + 2 * (unsigned)i;
		nets[i] = train(&options, part(&weighted, 0, N_FIT, weighted.weight),
		                part(&weighted, N_FIT, N, weighted.weight), &result);
	}
	ck_assert_mem_eq(flt_mlp_params(nets[0]), flt_mlp_params(nets[1]), flt_mlp_n_params(nets[0]) * sizeof(float));
	flt_mlp_free(nets[0]);
	flt_mlp_free(nets[1]);
}
END_TEST

/* The gradient of one step from the start, over the given rows; n_params numbers, which the caller frees. */
static double *gradient_of(const struct flt_train_options *options, const struct flt_data *fit, const uint32_t *rows,
                           size_t n_rows, size_t *n_params)
{
	struct flt_trainer *trainer;
	struct flt_loss_sums sums;
	struct flt_step step = {.rows = rows, .n_rows = n_rows};
	ck_assert_int_eq(flt_trainer_new(options, fit, &trainer, NULL), FLT_OK);
	ck_assert(flt_trainer_step(trainer, &step, &sums));
	*n_params = flt_mlp_n_params(trainer->mlp);
	double *gradient = malloc(*n_params * sizeof *gradient);
	for (size_t i = 0; i < *n_params; i++)
		gradient[i] = (double)trainer->gradients[i];
	flt_trainer_free(trainer);
	return gradient;
}

/* Over mini-batches the mean gradient is that of the whole loss: a mini-batch with heavy rows counts more. */
START_TEST(mini_batches_are_unbiased)
{
	struct flt_train_options options = some_options();
	uint32_t rows[N_FIT];
	size_t n_params, n_batches = N_FIT / BATCH;
	make_rows();
	struct flt_data fit = part(&weighted, 0, N_FIT, weighted.weight);
	for (size_t i = 0; i < N_FIT; i++)
		rows[i] = (uint32_t)i;
	for (size_t i = 0; i < BATCH; i++)
		weighted.weight[i] *= 10;
	double *whole = gradient_of(&options, &fit, rows, N_FIT, &n_params), *mean = calloc(n_params, sizeof *mean);
	for (size_t b = 0; b < n_batches; b++) {
		double *one = gradient_of(&options, &fit, rows + b * BATCH, BATCH, &n_params);
		for (size_t i = 0; i < n_params; i++)
			mean[i] += one[i] / (double)n_batches;
		free(one);
	}
	for (size_t i = 0; i < n_params; i++)
		expect_near(mean[i], whole[i], 1e-6, "gradient");
	free(whole);
	free(mean);
}
END_TEST

START_TEST(an_epoch_allocates_nothing)
{
	unsigned long counts[2];
	struct flt_train_result result;
	make_rows();
	for (size_t i = 0; i < 2; i++) {
		struct flt_train_options options = some_options();
		options.epochs = i ? 9 : 2;
		flt_alloc_fail_at(0);
		flt_mlp_free(train(&options, part(&weighted, 0, N_FIT, weighted.weight),
		                   part(&weighted, N_FIT, N, weighted.weight), &result));
		counts[i] = flt_alloc_fail_at(0);
	}
	ck_assert_uint_eq(counts[0], counts[1]);
}
END_TEST

START_TEST(survives_failing_allocations)
{
	struct flt_train_options options = some_options();
	struct flt_train_result result;
	struct flt_error err;
	struct flt_mlp *mlp;
	make_rows();
	options.epochs = 1;
	struct flt_data fit = part(&weighted, 0, N_FIT, weighted.weight);
	unsigned long n = 1;
	for (;; n++) {
		flt_alloc_fail_at(n);
		enum flt_status status = flt_train(&options, &fit, NULL, NULL, &mlp, &result, &err);
		flt_alloc_fail_at(0);
		flt_mlp_free(mlp);
		if (status == FLT_OK)
			break;
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
	}
	ck_assert_uint_gt(n, 10);
}
END_TEST

/* ---- the figures of validation rows, against scikit-learn's sample_weight ---- */

enum { MOST_ROWS = 512 };

static float score[MOST_ROWS], weight[MOST_ROWS];
static uint8_t label[MOST_ROWS];

static size_t read_case(const char *name)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/weighted_inputs.csv");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], name) != 0)
			continue;
		score[n] = (float)reference_csv_number(&csv, 1);
		label[n] = reference_csv_number(&csv, 2) > 0;
		weight[n++] = (float)reference_csv_number(&csv, 3);
		ck_assert(n < MOST_ROWS);
	}
	return n;
}

/* Loss and AP (NULL: not compared) of the case. */
static void expect_measured(size_t n, struct flt_focal focal, double loss, const double *ap)
{
	static float x[MOST_ROWS];
	struct flt_data data = {.x = x, .label = label, .weight = weight, .n_rows = n, .n_in = 1};
	struct flt_validation v;
	double own_loss, own_ap;
	ck_assert_int_eq(flt_validation_init(&v, &(struct flt_train_options){0}, &data, NULL), FLT_OK);
	memcpy(v.logit, score, n * sizeof *score);
	ck_assert(flt_validation_measure(&v, flt_kernels(), &focal, &own_loss, &own_ap));
	expect_near(own_loss, loss, 2e-7, "loss");
	if (ap)
		expect_near(own_ap, *ap, 2e-7, "AP");
	flt_validation_release(&v);
}

START_TEST(validation_figures_agree_with_scikit_learn)
{
	struct reference_csv csv;
	size_t n_cases = 0;
	reference_csv_open(&csv, "tests/reference/weighted_figures.csv");
	for (; reference_csv_next(&csv); n_cases++) {
		size_t n = read_case(csv.field[0]);
		double ap = reference_csv_number(&csv, 2);
		ck_assert(n == (size_t)reference_csv_number(&csv, 1));
		expect_measured(n, flt_focal_of(0, 1, 1), reference_csv_number(&csv, 5), &ap);
		expect_measured(n, flt_focal_of(2, 3, 1), reference_csv_number(&csv, 15), NULL);
		expect_measured(n, flt_focal_of(0.5, 1, 1), reference_csv_number(&csv, 16), NULL);
		struct flt_data data = {.label = label, .weight = weight, .n_rows = n};
		expect_near(flt_data_mass(&data).prevalence, reference_csv_number(&csv, 6), 1e-7, "prevalence");
	}
	ck_assert_uint_eq(n_cases, 4);
}
END_TEST

/* Each row's loss and gradient are multiplied by its weight; all versions of the kernel agree to the bit. */
START_TEST(the_kernel_multiplies)
{
	static float value[2][MOST_ROWS], gradient[2][MOST_ROWS];
	size_t n = read_case("decades");
	struct flt_focal focal = flt_focal_of(1.5, 1, 1);
	for (size_t k = 0; flt_kernels_number(k); k++) {
		struct flt_loss_sums sums = {0}, plain = {0};
		double loss = 0, positive = 0;
		flt_kernels_number(k)->focal(&focal, n, score, label, weight, 1, value[0], gradient[0], &sums);
		flt_kernels_number(k)->focal(&focal, n, score, label, NULL, 1, value[1], gradient[1], &plain);
		for (size_t i = 0; i < n; i++) {
			ck_assert(fabsf(value[0][i] - weight[i] * value[1][i]) <= 1e-6f * value[0][i]);
			ck_assert(fabsf(gradient[0][i] - weight[i] * gradient[1][i]) <= 1e-6f * fabsf(gradient[0][i]));
			loss += (double)value[0][i];
			positive += label[i] ? fabs((double)gradient[0][i]) : 0;
		}
		expect_near(sums.loss, loss, 1e-12, "sum of losses");
		expect_near(sums.positive, positive, 1e-12, "gradient of positive rows");
		ck_assert(fabs(sums.loss - plain.loss) > 1);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("weighted training");
	TCase *tests = tcase_create("weighted training");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, weighted_rows_train_as_copied_ones);
	tcase_add_test(tests, weights_matter);
	tcase_add_test(tests, equal_weights_are_no_weights);
	tcase_add_test(tests, any_number_of_threads_gives_the_same_bits);
	tcase_add_test(tests, mini_batches_are_unbiased);
	tcase_add_test(tests, an_epoch_allocates_nothing);
	tcase_add_test(tests, survives_failing_allocations);
	tcase_add_test(tests, validation_figures_agree_with_scikit_learn);
	tcase_add_test(tests, the_kernel_multiplies);
	suite_add_tcase(suite, tests);
	return suite;
}
