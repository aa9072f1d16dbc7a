/* The figures that epochs are compared by, of all validation rows and of a draw of them. */
#include "nn/monitor.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "eval/calibrate.h"
#include "eval/metrics.h"
#include "nn/kernels.h"
#include "suite.h"

/* The monitor's own average precision, against that of eval/, with ties, zeros of both signs and one class. */
START_TEST(monitored_ap_is_that_of_eval)
{
	enum { N = 500 };
	static uint8_t labels[N];
	static float unused[N];
	static double score[N];
	struct flt_random random;
	struct flt_focal focal = flt_focal_of(0, 1, 1);
	flt_random_init(&random, 4, "ties", 0);
	for (int round = 0; round < 40; round++) {
		struct flt_validation v;
		double loss, ap, expected;
		size_t n = 1 + flt_random_below(&random, N);
		for (size_t i = 0; i < n; i++)
			labels[i] = flt_random_uniform(&random) < 0.2;
		labels[0] = 1;
		struct flt_data data = {.x = unused, .label = labels, .n_rows = n, .n_in = 1};
		ck_assert_int_eq(flt_validation_init(&v, &(struct flt_train_options){0}, &data, NULL), FLT_OK);
		for (size_t i = 0; i < n; i++) {
			double value = flt_random_normal(&random) + labels[i];
			v.logit[i] = (float)(round % 2 ? rint(2 * value) / 2 : value);
			v.logit[i] = v.logit[i] == 0 && i % 2 ? -0.0f : v.logit[i];
			score[i] = (double)v.logit[i];
		}
		ck_assert(flt_validation_measure(&v, flt_kernels(), &focal, &loss, &ap));
		ck_assert_int_eq(flt_average_precision(&(struct flt_scored){.n = n, .score = score, .label = labels},
		                                       &expected, NULL),
		                 FLT_OK);
		ck_assert_msg(fabs(ap - expected) < 1e-14, "%.17g, not %.17g", ap, expected);
		ck_assert(fabs(loss - flt_log_loss(&(struct flt_scored){.n = n, .log_odds = score, .label = labels})) <
		          1e-6);
		v.logit[n / 2] = NAN;
		ck_assert(!flt_validation_measure(&v, flt_kernels(), &focal, &loss, &ap));
		flt_validation_release(&v);
	}
}
END_TEST

/* ---- a draw of the rows ---- */

enum { N_ROWS = 2000, N_POSITIVE = 8, N_IN = 3 };

static float x[N_ROWS * N_IN], weights[N_ROWS];
static uint8_t label[N_ROWS];

/* The positive rows lie a little higher. */
static struct flt_data make_data(bool has_weights)
{
	struct flt_random random;
	flt_random_init(&random, 3, "rows", 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		label[i] = i % (N_ROWS / N_POSITIVE) == 17;
		weights[i] = 0.5f + 0.25f * (float)(i % 5);
		for (size_t j = 0; j < N_IN; j++)
			x[i * N_IN + j] = (float)(flt_random_normal(&random) + (label[i] ? 1.5 : 0));
	}
	return (struct flt_data){
	        .x = x, .label = label, .weight = has_weights ? weights : NULL, .n_rows = N_ROWS, .n_in = N_IN};
}

static struct flt_validation init(const struct flt_train_options *options, const struct flt_data *data)
{
	struct flt_validation v;
	ck_assert_int_eq(flt_validation_init(&v, options, data, NULL), FLT_OK);
	return v;
}

START_TEST(epochs_are_judged_by_all_positive_rows_and_a_draw)
{
	const struct {
		double negatives;
		enum flt_monitor monitor;
		enum flt_optimizer_kind optimizer;
		size_t n; /* negative rows in all; 0: all */
	} cases[] = {{60, FLT_MONITOR_LOSS, FLT_ADAM, 480}, {50, FLT_MONITOR_LOSS, FLT_SGD, 400},
	             {0.3, FLT_MONITOR_LOSS, FLT_ADAMW, 2}, {0.01, FLT_MONITOR_LOSS, FLT_ADAMW, 1},
	             {0, FLT_MONITOR_LOSS, FLT_ADAM, 0},    {249, FLT_MONITOR_LOSS, FLT_ADAM, 0},
	             {1e9, FLT_MONITOR_LOSS, FLT_ADAM, 0},  {60, FLT_MONITOR_LOSS, FLT_NEWTON, 0},
	             {60, FLT_MONITOR_AP, FLT_ADAM, 0}};
	struct flt_data data = make_data(false);
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct flt_train_options options = {.negatives = cases[c].negatives,
		                                    .monitor = cases[c].monitor,
		                                    .optimizer = cases[c].optimizer,
		                                    .seed = c};
		struct flt_validation v = init(&options, &data);
		size_t n_positive = 0, n = cases[c].n ? N_POSITIVE + cases[c].n : N_ROWS;
		double sum = 0;
		ck_assert_uint_eq(v.n_rows, n);
		ck_assert((v.rows == NULL) == (n == N_ROWS));
		ck_assert(v.weight == NULL || v.rows != NULL);
		for (size_t i = 0; v.rows && i < n; i++) {
			ck_assert(i == 0 || v.rows[i] > v.rows[i - 1]);
			ck_assert_uint_eq(v.label[i], label[v.rows[i]]);
			n_positive += v.label[i];
			sum += (double)v.weight[i];
			ck_assert(!v.label[i] || v.weight[i] == 1);
		}
		ck_assert_uint_eq(n_positive, v.rows ? N_POSITIVE : 0);
		ck_assert_double_eq_tol(v.rows ? sum : N_ROWS, N_ROWS, 1e-3); /* the draw stands for all */
		ck_assert_double_eq_tol(v.weight_sum, N_ROWS, 1e-3);
		ck_assert_double_eq_tol(v.positive_weight, N_POSITIVE, 1e-6);
		flt_validation_release(&v);
	}
}
END_TEST

/* Of fixed scores, whose figures of all rows are known. */
static void measure(struct flt_validation *v, double *loss, double *ap)
{
	struct flt_focal focal = flt_focal_of(2, 3, 0.5);
	for (size_t i = 0; i < v->n_rows; i++) {
		const float *row = x + (v->rows ? v->rows[i] : i) * N_IN;
		v->logit[i] = row[0] + row[1] - 3;
	}
	ck_assert(flt_validation_measure(v, flt_kernels(), &focal, loss, ap));
}

START_TEST(draws_have_the_loss_of_all_rows_in_the_mean)
{
	enum { N_DRAWS = 2000 };
	struct flt_data data = make_data(_i);
	struct flt_train_options options = {.monitor = FLT_MONITOR_LOSS};
	struct flt_validation all = init(&options, &data);
	double want_loss, loss, ap, sum = 0, squares = 0;
	measure(&all, &want_loss, &ap);
	ck_assert_double_gt(ap, 0);
	flt_validation_release(&all);
	options.negatives = 60;
	for (options.seed = 0; options.seed < N_DRAWS; options.seed++) {
		struct flt_validation v = init(&options, &data);
		measure(&v, &loss, &ap);
		flt_validation_release(&v);
		sum += loss;
		squares += loss * loss;
		ck_assert(isnan(ap));
	}
	double mean = sum / N_DRAWS, variance = squares / N_DRAWS - mean * mean;
	/* A mean by weights is one of two sums, and a little off where weights differ. */
	ck_assert_double_gt(variance, 0);
	ck_assert_double_eq_tol(mean, want_loss, 4 * sqrt(variance / N_DRAWS) + 0.002 * want_loss);
}
END_TEST

static bool keep_best(void *context, const struct flt_epoch *epoch)
{
	if (epoch->best)
		*(struct flt_epoch *)context = *epoch;
	return false;
}

/* The network that is returned has the figures that its epoch was kept for. */
START_TEST(the_draw_judges_each_epoch)
{
	struct flt_train_options options;
	struct flt_train_result result;
	struct flt_epoch best = {0};
	struct flt_train_hooks hooks = {.on_epoch = keep_best, .context = &best};
	struct flt_data data = make_data(_i);
	struct flt_mlp *mlp;
	double loss, ap;
	static float logit[N_ROWS];
	flt_train_options_init(&options);
	options.hidden[0] = options.hidden[1] = 8;
	options.epochs = 5;
	options.batch = 64;
	options.negatives = 55;
	options.monitor = FLT_MONITOR_LOSS;
	ck_assert_int_eq(flt_train(&options, &data, &data, &hooks, &mlp, &result, NULL), FLT_OK);
	ck_assert_int_eq(flt_mlp_predict(mlp, x, N_ROWS, 1, logit, NULL), FLT_OK);
	struct flt_validation v = init(&options, &data);
	struct flt_focal focal = flt_focal_of(options.loss.gamma, 1, 1); /* not that of an epoch */
	ck_assert_uint_eq(v.n_rows, N_POSITIVE * 56);
	for (size_t i = 0; i < v.n_rows; i++)
		v.logit[i] = logit[v.rows[i]];
	ck_assert(flt_validation_measure(&v, flt_kernels(), &focal, &loss, &ap));
	ck_assert(best.validation_loss == loss);
	ck_assert(isnan(best.validation_ap));
	flt_validation_release(&v);
	flt_mlp_free(mlp);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("monitor");
	TCase *tests = tcase_create("monitor");
	tcase_add_test(tests, monitored_ap_is_that_of_eval);
	tcase_add_test(tests, epochs_are_judged_by_all_positive_rows_and_a_draw);
	tcase_add_loop_test(tests, draws_have_the_loss_of_all_rows_in_the_mean, 0, 2);
	tcase_add_loop_test(tests, the_draw_judges_each_epoch, 0, 2);
	suite_add_tcase(suite, tests);
	return suite;
}
