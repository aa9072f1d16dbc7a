/* nn: the optimum of a linear model, against stored ones of scikit-learn and scipy, and the choice of its penalty. */
#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "nn/linear.h"
#include "nn/newton.h"
#include "reference_csv.h"
#include "suite.h"

enum { MAX_ROWS = 6000, MAX_INPUTS = 40, N_STORED = 22 };

static float x[MAX_ROWS * MAX_INPUTS], weight[MAX_ROWS], other_x[MAX_ROWS * MAX_INPUTS];
static uint8_t label[MAX_ROWS], other_label[MAX_ROWS];
static struct flt_error err;

/* ---- stored optima ---- */

/* The rows of a case. */
static struct flt_data stored_rows(const char *name)
{
	static struct reference_csv csv;
	struct flt_data data = {.x = x, .label = label};
	reference_csv_open(&csv, "tests/reference/linear_rows.csv");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], name) != 0)
			continue;
		label[data.n_rows] = csv.field[1][0] == '1';
		if (csv.field[2][0]) {
			weight[data.n_rows] = (float)reference_csv_number(&csv, 2);
			data.weight = weight;
		}
		data.n_in = csv.n_fields - 3;
		for (size_t j = 0; j < data.n_in; j++)
			x[data.n_rows * data.n_in + j] = (float)reference_csv_number(&csv, j + 3);
		data.n_rows++;
	}
	ck_assert_uint_gt(data.n_rows, 20);
	return data;
}

/* Solves from weights of 0 and an arbitrary bias. */
static void solve(struct flt_newton *newton, struct flt_pool *pool, const struct flt_data *data,
                  const struct flt_loss *loss, double l2)
{
	static const float zeros[MAX_INPUTS + 1];
	ck_assert_int_eq(flt_newton_init(newton, data, loss, pool, &err), FLT_OK);
	flt_newton_start(newton, zeros);
	ck_assert(flt_newton_solve(newton, l2));
}

START_TEST(optima_agree_with_reference)
{
	static struct reference_csv csv;
	struct flt_pool *pool;
	size_t n = 0;
	ck_assert_int_eq(flt_pool_new(2, &pool, &err), FLT_OK);
	reference_csv_open(&csv, "tests/reference/linear_optima.csv");
	for (; reference_csv_next(&csv); n++) {
		struct flt_data data = stored_rows(csv.field[0]);
		struct flt_loss loss = {.gamma = reference_csv_number(&csv, 2),
		                        .weight_positive = reference_csv_number(&csv, 3),
		                        .weight_negative = reference_csv_number(&csv, 4)};
		double l2 = reference_csv_number(&csv, 1), objective = reference_csv_number(&csv, 5);
		struct flt_newton newton;
		solve(&newton, pool, &data, &loss, l2);
		for (size_t j = 0; j <= data.n_in; j++) {
			double stored = reference_csv_number(&csv, j == data.n_in ? 6 : 7 + j);
			ck_assert_msg(fabs(newton.w[j] - stored) < 1e-4, "%s, l2 %g: weight %zu is %.9g, not %.9g",
			              csv.field[0], l2, j, newton.w[j], stored);
		}
		ck_assert(fabs(flt_newton_measure(&newton, l2) - objective) < 1e-9 * objective);
		flt_newton_release(&newton);
	}
	ck_assert_uint_eq(n, N_STORED);
	flt_pool_free(pool);
}
END_TEST

/* ---- drawn data ---- */

/* Rows with inputs on unlike scales, of which the first three tell. */
static struct flt_data draw(float *to_x, uint8_t *to_label, size_t n_rows, size_t n_in, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "test", 0);
	for (size_t i = 0; i < n_rows; i++) {
		float *row = to_x + i * n_in;
		for (size_t j = 0; j < n_in; j++)
			row[j] = (float)(flt_random_normal(&random) * (1 + (double)j / 4));
		double logit = -3 + (double)row[0] - (double)row[1] + 0.5 * (double)row[2];
		to_label[i] = flt_random_normal(&random) * 1.7 < logit;
	}
	return (struct flt_data){.x = to_x, .label = to_label, .n_rows = n_rows, .n_in = n_in};
}

static const struct flt_loss losses[] = {{0, 1, 1}, {2, 1, 1}, {0.7, 0.75, 0.25}, {0, 12, 1}, {3.5, 1, 2}};
enum { N_LOSSES = sizeof losses / sizeof *losses };

START_TEST(point_has_the_derivatives_of_its_value)
{
	for (size_t i = 0; i < N_LOSSES; i++)
		for (int positive = 0; positive < 2; positive++)
			for (double z = -12; z <= 12; z += 0.37) {
				double h = 1e-5;
				struct flt_loss_point low = flt_loss_point(&losses[i], z - h, positive),
				                      at = flt_loss_point(&losses[i], z, positive),
				                      high = flt_loss_point(&losses[i], z + h, positive);
				double slope = (high.value - low.value) / (2 * h),
				       curvature = (high.slope - low.slope) / (2 * h);
				ck_assert_msg(fabs(at.slope - slope) < 1e-8 * (1 + fabs(at.slope)), "%g %g", at.slope,
				              slope);
				ck_assert_msg(fabs(at.curvature - curvature) < 1e-8 * (1 + fabs(at.curvature)), "%g %g",
				              at.curvature, curvature);
			}
}
END_TEST

START_TEST(gradient_is_that_of_the_objective)
{
	struct flt_data data = draw(x, label, 700, 5, 3);
	struct flt_pool *pool;
	for (size_t i = 0; i < data.n_rows; i++)
		weight[i] = (float)(0.5 + (double)(i % 7));
	data.weight = weight;
	ck_assert_int_eq(flt_pool_new(1, &pool, &err), FLT_OK);
	for (size_t i = 0; i < N_LOSSES; i++) {
		struct flt_newton newton;
		const float start[] = {0.3f, -0.2f, 0.1f, 0.05f, -0.4f, -1};
		ck_assert_int_eq(flt_newton_init(&newton, &data, &losses[i], pool, &err), FLT_OK);
		flt_newton_start(&newton, start);
		flt_newton_measure(&newton, 0.03);
		for (size_t j = 0; j < newton.n_params; j++) {
			double h = 1e-5, at = newton.w[j];
			newton.w[j] = at + h;
			double high = flt_newton_measure(&newton, 0.03);
			newton.w[j] = at - h;
			double low = flt_newton_measure(&newton, 0.03);
			newton.w[j] = at;
			flt_newton_measure(&newton, 0.03);
			ck_assert_msg(fabs((high - low) / (2 * h) - newton.gradient[j]) < 1e-8, "%g, not %g",
			              newton.gradient[j], (high - low) / (2 * h));
		}
		flt_newton_release(&newton);
	}
	flt_pool_free(pool);
}
END_TEST

static struct flt_train_options newton_options(void)
{
	struct flt_train_options options;
	flt_train_options_init(&options);
	options.n_hidden = 0;
	options.optimizer = FLT_NEWTON;
	options.choose_decay = true;
	options.monitor = FLT_MONITOR_LOSS;
	options.n_threads = 1;
	return options;
}

static struct flt_mlp *train(const struct flt_train_options *options, const struct flt_data *fit,
                             const struct flt_data *validation, const struct flt_train_hooks *hooks,
                             struct flt_train_result *result)
{
	struct flt_mlp *mlp;
	enum flt_status status = flt_train(options, fit, validation, hooks, &mlp, result, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return mlp;
}

static void expect_same(struct flt_mlp *a, struct flt_mlp *b)
{
	ck_assert_uint_eq(flt_mlp_n_params(a), flt_mlp_n_params(b));
	ck_assert_mem_eq(flt_mlp_params(a), flt_mlp_params(b), flt_mlp_n_params(a) * sizeof(float));
	flt_mlp_free(a);
	flt_mlp_free(b);
}

START_TEST(any_number_of_threads_gives_the_same_bits)
{
	struct flt_data fit = draw(x, label, 5000, 21, 1), validation = draw(other_x, other_label, 1000, 21, 2);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	options.loss = losses[_i];
	struct flt_mlp *one = train(&options, &fit, &validation, NULL, &result);
	options.n_threads = 5;
	expect_same(one, train(&options, &fit, &validation, NULL, &result));
}
END_TEST

/* Rows named by number are those rows. */
START_TEST(rows_can_be_named)
{
	static size_t rows[300];
	static float picked[300 * 4];
	static uint8_t picked_label[300];
	struct flt_data all = draw(x, label, 900, 4, 1), some = all,
	                alone = {.x = picked, .label = picked_label, .n_rows = 300, .n_in = 4};
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	for (size_t i = 0; i < 300; i++) {
		rows[i] = i * 3 + 1;
		memcpy(picked + i * 4, x + rows[i] * 4, sizeof(float[4]));
		picked_label[i] = label[rows[i]];
	}
	some.rows = rows;
	some.n_rows = 300;
	struct flt_mlp *named = train(&options, &some, NULL, NULL, &result);
	expect_same(named, train(&options, &alone, NULL, NULL, &result));
}
END_TEST

START_TEST(the_unit_of_weights_changes_nothing_much)
{
	struct flt_data fit = draw(x, label, 900, 4, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	options.choose_decay = false;
	options.weight_decay = 0.01;
	struct flt_mlp *plain = train(&options, &fit, NULL, NULL, &result);
	for (size_t i = 0; i < 900; i++)
		weight[i] = 1000;
	fit.weight = weight;
	struct flt_mlp *heavy = train(&options, &fit, NULL, NULL, &result);
	for (size_t j = 0; j < 5; j++)
		ck_assert(fabsf(flt_mlp_params(plain)[j] - flt_mlp_params(heavy)[j]) < 1e-5f);
	flt_mlp_free(plain);
	flt_mlp_free(heavy);
}
END_TEST

/* ---- the choice of the penalty ---- */

struct seen {
	struct flt_epoch epochs[20];
	size_t n, stop_after;
};

static bool see_epoch(void *context, const struct flt_epoch *epoch)
{
	struct seen *seen = context;
	seen->epochs[seen->n++] = *epoch;
	return seen->n == seen->stop_after;
}

START_TEST(validation_rows_choose_the_penalty)
{
	/* Few rows, many inputs: neither end of the path is best. */
	struct flt_data fit = draw(x, label, 300, 30, 1), validation = draw(other_x, other_label, 3000, 30, 2);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct seen seen = {0};
	struct flt_train_hooks hooks = {.on_epoch = see_epoch, .context = &seen};
	options.monitor = _i ? FLT_MONITOR_AP : FLT_MONITOR_LOSS;
	struct flt_mlp *chosen = train(&options, &fit, &validation, &hooks, &result);
	ck_assert_uint_eq(result.epochs, seen.n);
	ck_assert(result.best_epoch > 2 && result.best_epoch < flt_linear_n_epochs(&options));
	if (_i == 0) /* it gave up where it got worse */
		ck_assert_uint_eq(result.epochs, result.best_epoch + 3);
	for (size_t i = 0; i < seen.n; i++) {
		const struct flt_epoch *epoch = &seen.epochs[i], *best = &seen.epochs[result.best_epoch - 1];
		ck_assert(isnan(epoch->lr) && epoch->epoch == i + 1);
		ck_assert(i == 0 || (epoch->l2 < seen.epochs[i - 1].l2 && epoch->loss < seen.epochs[i - 1].loss));
		if (_i == 0)
			ck_assert(epoch->validation_loss >= best->validation_loss);
		else
			ck_assert(epoch->validation_ap <= best->validation_ap);
	}
	/* The chosen weights are the optimum for the chosen penalty, wherever the path came from. */
	options.choose_decay = false;
	options.weight_decay = result.best.l2;
	struct flt_mlp *alone = train(&options, &fit, NULL, NULL, &result);
	for (size_t j = 0; j < flt_mlp_n_params(alone); j++)
		ck_assert(fabsf(flt_mlp_params(alone)[j] - flt_mlp_params(chosen)[j]) < 1e-5f);
	flt_mlp_free(alone);
	flt_mlp_free(chosen);
}
END_TEST

START_TEST(without_validation_rows_c_is_1)
{
	struct flt_data fit = draw(x, label, 400, 3, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct flt_mlp *chosen = train(&options, &fit, NULL, NULL, &result);
	ck_assert(result.epochs == 1 && result.best_epoch == 1 && result.best.l2 == 1.0 / 400);
	options.choose_decay = false;
	options.weight_decay = 1.0 / 400;
	expect_same(chosen, train(&options, &fit, NULL, NULL, &result));
}
END_TEST

/* Without a penalty the weights of separable rows have no end; they get none that is not finite. */
START_TEST(separable_rows_without_penalty_end_finite)
{
	struct flt_data fit = {.x = x, .label = label, .n_rows = 200, .n_in = 2};
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	for (size_t i = 0; i < 200; i++) {
		label[i] = i % 4 == 0;
		x[2 * i] = label[i] ? 1 : -1;
		x[2 * i + 1] = 0; /* tells nothing at all */
	}
	options.choose_decay = false;
	options.weight_decay = 0;
	options.loss = losses[_i];
	struct flt_mlp *mlp = train(&options, &fit, NULL, NULL, &result);
	ck_assert(flt_mlp_params(mlp)[0] > 3 && flt_mlp_params(mlp)[0] < 100);
	ck_assert(flt_mlp_params(mlp)[1] == 0);
	flt_mlp_free(mlp);
}
END_TEST

/* ---- stop and resume ---- */

struct watch {
	size_t n_calls, stop_at;
	struct flt_train_state state;
	float params[32], best[32];
	struct flt_epoch epochs[20];
};

static bool stop_at(void *context, const struct flt_train_state *state)
{
	struct watch *watch = context;
	if (++watch->n_calls != watch->stop_at)
		return false;
	watch->state = *state;
	memcpy(watch->params, state->vectors[FLT_STATE_PARAMS], state->n_params * sizeof(float));
	watch->state.vectors[FLT_STATE_PARAMS] = watch->params;
	if (state->vectors[FLT_STATE_BEST]) {
		memcpy(watch->best, state->vectors[FLT_STATE_BEST], state->n_params * sizeof(float));
		watch->state.vectors[FLT_STATE_BEST] = watch->best;
	}
	memcpy(watch->epochs, state->epochs, state->n_epochs * sizeof *watch->epochs);
	watch->state.epochs = watch->epochs;
	return true;
}

START_TEST(a_stopped_run_goes_on_to_the_same_bits)
{
	struct flt_data fit = draw(x, label, 500, 20, 1), validation = draw(other_x, other_label, 400, 20, 2);
	struct flt_train_options options = newton_options();
	struct flt_train_result whole, part, rest;
	struct watch watch = {0};
	struct flt_train_hooks hooks = {.between_steps = stop_at, .context = &watch};
	struct flt_mlp *at_once = train(&options, &fit, &validation, &hooks, &whole);
	size_t n_calls = watch.n_calls;
	ck_assert_uint_gt(n_calls, 50); /* it is asked far more often than epochs end */
	for (size_t at = 1; at <= n_calls; at += 13) {
		watch = (struct watch){.stop_at = at};
		struct flt_mlp *stopped = train(&options, &fit, &validation, &hooks, &part);
		ck_assert(!stopped == !part.epochs);
		flt_mlp_free(stopped);
		struct seen seen = {0};
		struct flt_train_hooks resume = {.from = &watch.state, .on_epoch = see_epoch, .context = &seen};
		struct flt_mlp *resumed = train(&options, &fit, &validation, &resume, &rest);
		ck_assert_uint_eq(seen.n, whole.epochs);
		ck_assert_mem_eq(&rest.best, &whole.best, sizeof rest.best);
		ck_assert_mem_eq(flt_mlp_params(resumed), flt_mlp_params(at_once),
		                 flt_mlp_n_params(resumed) * sizeof(float));
		flt_mlp_free(resumed);
	}
	flt_mlp_free(at_once);
}
END_TEST

START_TEST(a_state_of_another_run_is_refused)
{
	struct flt_data fit = draw(x, label, 300, 4, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct watch watch = {.stop_at = 1};
	struct flt_train_hooks hooks = {.between_steps = stop_at, .context = &watch}, resume = {.from = &watch.state};
	struct flt_mlp *mlp = train(&options, &fit, NULL, &hooks, &result);
	ck_assert_ptr_null(mlp);
	const struct flt_train_state good = watch.state;
	for (int i = 0; i < 4; i++) {
		watch.state = good;
		if (i == 0)
			watch.state.n_params--;
		else if (i == 1)
			watch.state.n_steps++;
		else if (i == 2)
			watch.state.vectors[FLT_STATE_FIRST] = watch.params;
		else
			watch.state.vectors[FLT_STATE_BEST] = watch.params;
		ck_assert_int_eq(flt_train(&options, &fit, NULL, &resume, &mlp, &result, &err), FLT_ERR_MODEL);
		ck_assert_ptr_null(mlp);
	}
}
END_TEST

START_TEST(the_caller_can_end_a_run)
{
	struct flt_data fit = draw(x, label, 300, 4, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct seen seen = {.stop_after = 2};
	struct flt_train_hooks hooks = {.on_epoch = see_epoch, .context = &seen};
	flt_mlp_free(train(&options, &fit, &fit, &hooks, &result));
	ck_assert_uint_eq(result.epochs, 2);
}
END_TEST

START_TEST(networks_are_not_for_newton)
{
	struct flt_data fit = draw(x, label, 300, 4, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct flt_mlp *mlp;
	for (int i = 0; i < 3; i++) {
		options = newton_options();
		options.n_hidden = i == 0;
		options.embedding = i == 1 ? FLT_EMBEDDING_PBLD : FLT_EMBEDDING_NONE;
		options.front_scale = i == 2;
		ck_assert_int_eq(flt_train(&options, &fit, NULL, NULL, &mlp, &result, &err), FLT_ERR_USAGE);
	}
}
END_TEST

/* What was found with stronger penalties is usable. */
START_TEST(infinite_logits_are_an_error)
{
	struct flt_data fit = draw(x, label, 300, 4, 1), validation = draw(other_x, other_label, 300, 4, 2);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct flt_mlp *mlp;
	for (size_t i = 0; i < 300; i++) /* small inputs get large weights */
		x[4 * i] /= 10;
	other_x[0] = 3e38f;
	other_label[0] = 1;
	ck_assert_int_eq(flt_train(&options, &fit, &validation, NULL, &mlp, &result, &err), FLT_ERR_DIVERGED);
	ck_assert_ptr_nonnull(mlp);
	ck_assert(result.epochs > 0 && isfinite(result.best.validation_loss));
	flt_mlp_free(mlp);
}
END_TEST

START_TEST(an_epoch_allocates_nothing)
{
	struct flt_data fit = draw(x, label, 300, 4, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	options.choose_decay = false;
	options.weight_decay = 0.01;
	flt_alloc_fail_at(0);
	flt_mlp_free(train(&options, &fit, &fit, NULL, &result));
	unsigned long one = flt_alloc_fail_at(0);
	options.choose_decay = true;
	flt_mlp_free(train(&options, &fit, &fit, NULL, &result));
	ck_assert_uint_gt(result.epochs, 5);
	ck_assert_uint_eq(flt_alloc_fail_at(0), one);
}
END_TEST

START_TEST(survives_failing_allocations)
{
	struct flt_data fit = draw(x, label, 300, 4, 1);
	struct flt_train_options options = newton_options();
	struct flt_train_result result;
	struct flt_mlp *mlp;
	enum flt_status status = FLT_ERR_MACHINE;
	size_t before = flt_alloc_live();
	for (unsigned long k = 1; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = flt_train(&options, &fit, &fit, NULL, &mlp, &result, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !mlp));
		flt_mlp_free(mlp);
		ck_assert_uint_eq(flt_alloc_live(), before);
		ck_assert_uint_lt(k, 200);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("linear");
	TCase *tests = tcase_create("linear");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, optima_agree_with_reference);
	tcase_add_test(tests, point_has_the_derivatives_of_its_value);
	tcase_add_test(tests, gradient_is_that_of_the_objective);
	tcase_add_loop_test(tests, any_number_of_threads_gives_the_same_bits, 0, N_LOSSES);
	tcase_add_test(tests, rows_can_be_named);
	tcase_add_test(tests, the_unit_of_weights_changes_nothing_much);
	tcase_add_loop_test(tests, validation_rows_choose_the_penalty, 0, 2);
	tcase_add_test(tests, without_validation_rows_c_is_1);
	tcase_add_loop_test(tests, separable_rows_without_penalty_end_finite, 0, N_LOSSES);
	tcase_add_test(tests, a_stopped_run_goes_on_to_the_same_bits);
	tcase_add_test(tests, a_state_of_another_run_is_refused);
	tcase_add_test(tests, the_caller_can_end_a_run);
	tcase_add_test(tests, networks_are_not_for_newton);
	tcase_add_test(tests, infinite_logits_are_an_error);
	tcase_add_test(tests, an_epoch_allocates_nothing);
	tcase_add_test(tests, survives_failing_allocations);
	suite_add_tcase(suite, tests);
	return suite;
}
