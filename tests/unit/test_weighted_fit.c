/* Whole fits on a table with weights, and on one with each row written as often. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "protocol/fit.h"
#include "small_table.h"
#include "suite.h"

enum { N = 400, N_FIT = 300, MOST = 3 };

/* The two tables, and which of their rows are for fit: the first N_FIT, and their copies. */
static struct flt_table *weighted, *copied;
static size_t first_copy[N + 1]; /* of each row of the weighted table in the other */
static size_t rows[MOST * N];

/* unit: what weights are multiplied by. */
static void make_tables(double unit)
{
	struct flt_random random;
	struct text once = {0}, often = {0};
	flt_random_init(&random, 12, "tables", 0);
	text_add(&once, "a,b,w,y\n");
	text_add(&often, "a,b,y\n");
	size_t n_copies = 0;
	for (size_t i = 0; i < N; i++) {
		double a = flt_random_normal(&random), b = flt_random_normal(&random);
		int label = flt_random_uniform(&random) < 1 / (1 + exp(2 - 1.5 * a - b));
		size_t weight = 1 + flt_random_below(&random, MOST);
		text_add(&once, "%.4f,%.4f,%g,%d\n", a, b, unit * (double)weight, label);
		first_copy[i] = n_copies;
		for (size_t copy = 0; copy < weight; copy++, n_copies++)
			text_add(&often, "%.4f,%.4f,%d\n", a, b, label);
	}
	first_copy[N] = n_copies;
	for (size_t i = 0; i < MOST * N; i++)
		rows[i] = i;
	weighted = table_of(&once, (struct flt_table_options){.weight = "w", .numeric = "a,b"});
	copied = table_of(&often, (struct flt_table_options){.numeric = "a,b"});
}

static void free_tables(void)
{
	flt_table_free(weighted);
	flt_table_free(copied);
}

static struct flt_fit_options some_options(void)
{
	struct flt_fit_options options;
	flt_fit_options_init(&options);
	options.prep.scale = FLT_SCALE_NONE; /* the others look at the rows as they stand */
	options.train.n_hidden = 1;
	options.train.hidden[0] = 6;
	options.train.activation = FLT_TANH;
	options.train.batch = MOST * N;
	options.train.epochs = 15;
	options.train.lr = 0.05;
	options.train.n_threads = 1;
	options.balance = true;
	options.calibrate = FLT_CALIBRATE_MAP;
	return options;
}

static void expect_near(double a, double b, double tolerance, const char *what)
{
	if (!(fabs(a - b) <= tolerance * fmax(1, fabs(b))))
		ck_abort_msg("%s: %.17g, not %.17g", what, a, b);
}

static struct flt_detector *fit(const struct flt_table *table, size_t n_fit, size_t n, struct flt_fit_plan *plan,
                                struct flt_fit_result *result)
{
	struct flt_fit_options options = some_options();
	struct flt_detector *detector;
	struct flt_error err = {0};
	enum flt_status status = flt_fit_plan(table, rows, n_fit, rows + n_fit, n - n_fit, &options, plan, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	status = flt_fit_planned(table, rows, n_fit, rows + n_fit, n - n_fit, &options, NULL, plan, &detector, result,
	                         &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return detector;
}

static void expect_same_plan(const struct flt_fit_plan *a, const struct flt_fit_plan *b)
{
	expect_near(a->prevalence, b->prevalence, 1e-13, "prevalence");
	expect_near(a->output_bias, b->output_bias, 1e-13, "output bias");
	expect_near(a->roster.kinds[0].train.loss.weight_positive, b->roster.kinds[0].train.loss.weight_positive, 1e-13,
	            "weight of positives");
}

/* The held-out row i of the weighted table, and its copies in the other. */
static void expect_same_held_out(const struct flt_held_out *a, const struct flt_held_out *b, double unit)
{
	ck_assert_uint_eq(a->n_rows, N - N_FIT);
	ck_assert_uint_eq(b->n_rows, first_copy[N] - first_copy[N_FIT]);
	ck_assert_ptr_nonnull(a->weight);
	ck_assert_ptr_null(b->weight);
	for (size_t i = 0; i < a->n_rows; i++) {
		size_t row = N_FIT + i, n_copies = first_copy[row + 1] - first_copy[row];
		size_t copy = first_copy[row] - first_copy[N_FIT];
		expect_near(a->weight[i], unit * (double)n_copies, 1e-15, "weight");
		ck_assert_int_eq(a->label[i], b->label[copy]);
		expect_near(a->score[i], b->score[copy], 1e-4, "score");
		expect_near(a->log_odds[i], b->log_odds[copy], 1e-4, "log-odds");
	}
}

/* In units of one row, and in others: only what weights are to each other counts. */
START_TEST(a_weighted_fit_is_that_of_copied_rows)
{
	for (int tiny = 0; tiny < 2; tiny++) {
		double unit = tiny ? 1e-9 : 1;
		struct flt_fit_plan plans[2];
		struct flt_fit_result results[2];
		make_tables(unit);
		struct flt_detector *a = fit(weighted, N_FIT, N, &plans[0], &results[0]);
		struct flt_detector *b = fit(copied, first_copy[N_FIT], first_copy[N], &plans[1], &results[1]);
		expect_same_plan(&plans[0], &plans[1]);
		ck_assert_uint_eq(results[0].train[0].best_epoch, results[1].train[0].best_epoch);
		expect_near(results[0].train[0].best.loss, results[1].train[0].best.loss, 1e-5, "loss");
		expect_near(results[0].train[0].best.validation_loss, results[1].train[0].best.validation_loss, 1e-5,
		            "validation loss");
		expect_near(results[0].prevalence, results[1].prevalence, 1e-13, "prevalence");
		expect_same_held_out(&results[0].chosen_by, &results[1].chosen_by, unit);
		flt_fit_result_release(&results[0]);
		flt_fit_result_release(&results[1]);
		flt_fit_plan_release(&plans[0]);
		flt_fit_plan_release(&plans[1]);
		flt_detector_free(a);
		flt_detector_free(b);
		free_tables();
	}
}
END_TEST

/* A map trusts the rows that there are: weights in any unit, and of 1000 each, make it as sure as none. */
START_TEST(a_map_trusts_no_more_rows_than_there_are)
{
	static const double units[] = {1, 1000, 1e-6};
	struct flt_fit_options options = some_options();
	double slope = 0, intercept = 0;
	options.calibrate = FLT_CALIBRATE_AUTO;
	for (size_t u = 0; u < 3; u++) {
		struct flt_fit_result result;
		struct flt_detector *detector;
		make_tables(units[u]);
		ck_assert_int_eq(flt_fit(weighted, rows, N_FIT, rows + N_FIT, N - N_FIT, &options, NULL, &detector,
		                         &result, NULL),
		                 FLT_OK);
		if (u == 0) {
			slope = detector->map.slope;
			intercept = detector->map.intercept;
			ck_assert(slope != 1 && intercept != 0);
		}
		expect_near(detector->map.slope, slope, 1e-4, "slope");
		expect_near(detector->map.intercept, intercept, 1e-4, "intercept");
		flt_detector_free(detector);
		flt_fit_result_release(&result);
		free_tables();
	}
}
END_TEST

/* Few positive validation rows are few whatever they stand for; heavy ones among light ones are fewer. */
START_TEST(the_monitor_goes_by_the_effective_number_of_positive_rows)
{
	struct text even = {0}, uneven = {0};
	struct flt_fit_options options = some_options();
	options.prep.scale = FLT_SCALE_STANDARD;
	text_add(&even, "a,w,y\n");
	text_add(&uneven, "a,w,y\n");
	for (size_t i = 0; i < N; i++) {
		text_add(&even, "%zu.5,1000,%d\n", i * 7919 % 401, i % 5 < 3);
		text_add(&uneven, "%zu.5,%d,%d\n", i * 7919 % 401, i % 25 == 0 ? 1000 : 1, i % 5 < 3);
		rows[i] = i;
	}
	for (int heavy = 0; heavy < 2; heavy++) {
		struct flt_table *table = table_of(heavy ? &uneven : &even, (struct flt_table_options){.weight = "w"});
		struct flt_fit_plan plan;
		ck_assert_int_eq(flt_fit_plan(table, rows, N_FIT, rows + N_FIT, N - N_FIT, &options, &plan, NULL),
		                 FLT_OK);
		ck_assert_int_eq(plan.roster.kinds[0].train.monitor, heavy ? FLT_MONITOR_LOSS : FLT_MONITOR_AP);
		flt_fit_plan_release(&plan);
		flt_table_free(table);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("weighted fit");
	TCase *tests = tcase_create("weighted fit");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, a_weighted_fit_is_that_of_copied_rows);
	tcase_add_test(tests, a_map_trusts_no_more_rows_than_there_are);
	tcase_add_test(tests, the_monitor_goes_by_the_effective_number_of_positive_rows);
	suite_add_tcase(suite, tests);
	return suite;
}
