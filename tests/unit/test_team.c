/* One network trained by a team of processes, which are threads here: after any step each has the bits of one alone. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "nn/team.h"
#include "nn/train.h"
#include "rank_threads.h"

enum { N_IN = 10, MOST_ROWS = 9000, N_JUDGED = 1500, N_EPOCHS = 2 };

static float x[MOST_ROWS * N_IN], judged_x[N_JUDGED * N_IN], weight[MOST_ROWS];
static uint8_t label[MOST_ROWS], judged_label[N_JUDGED];

/* What a training came to. */
struct outcome {
	enum flt_status status;
	struct flt_error err;
	struct flt_mlp *mlp;
	struct flt_epoch epochs[N_EPOCHS];
	size_t n_epochs, n_steps;
};

/* What all processes train; set before they begin. */
static struct flt_train_options options;
static size_t n_rows;
static struct outcome expected;
static size_t stopper, stop_at; /* a process, and the step before which it wants to stop; stop_at 0: none does */
static struct flt_traded traded;

static void make_rows(void)
{
	struct flt_random random;
	flt_random_init(&random, 1, "rows", 0);
	for (size_t i = 0; i < MOST_ROWS + N_JUDGED; i++) {
		bool is_positive = i % 5 == 0, is_judged = i >= MOST_ROWS;
		float *row = is_judged ? judged_x + (i - MOST_ROWS) * N_IN : x + i * N_IN;
		for (size_t c = 0; c < N_IN; c++)
			row[c] = (float)(flt_random_normal(&random) + (is_positive && c < 2 ? 1.5 : 0));
		*(is_judged ? judged_label + (i - MOST_ROWS) : label + i) = is_positive;
		if (!is_judged)
			weight[i] = (float)(0.25 + flt_random_uniform(&random));
	}
}

struct process {
	struct outcome *outcome;
	struct flt_ranks *ranks;
	size_t number, n;
};

static enum flt_status meet(void *context, struct flt_error *err)
{
	const struct process *process = context;
	return flt_ranks_agree(process->ranks, 0, FLT_OK, err);
}

static void trade_as_ranks(void *context, const struct flt_parcel *out, const struct flt_parcel *in, bool state_holds)
{
	const struct process *process = context;
	(void)state_holds;
	flt_ranks_trade(process->ranks, process->n, out, in, NULL, NULL);
}

static bool keep_epoch(void *context, const struct flt_epoch *epoch)
{
	struct process *process = context;
	process->outcome->epochs[process->outcome->n_epochs++] = *epoch;
	return false;
}

static bool count_step(void *context, const struct flt_train_state *state)
{
	struct process *process = context;
	process->outcome->n_steps = state->n_steps;
	return stop_at > 0 && process->number == stopper && state->n_steps == stop_at;
}

/* ranks NULL: alone. */
static void run_training(struct process *process)
{
	struct outcome *outcome = process->outcome;
	struct flt_data fit = {.x = x, .label = label, .weight = weight, .n_rows = n_rows, .n_in = N_IN};
	struct flt_data judged = {.x = judged_x, .label = judged_label, .n_rows = N_JUDGED, .n_in = N_IN};
	struct flt_team team = {
	        .n = process->n, .own = process->number, .meet = meet, .trade = trade_as_ranks, .context = process};
	struct flt_train_hooks hooks = {.on_epoch = keep_epoch,
	                                .between_steps = count_step,
	                                .team = process->ranks ? &team : NULL,
	                                .context = process};
	struct flt_train_result result;
	outcome->status = flt_train(&options, &fit, &judged, &hooks, &outcome->mlp, &result, &outcome->err);
}

/* Equal, or both NaN. */
static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void check_same(const struct outcome *a, const struct outcome *b, size_t number)
{
	ck_assert_int_eq(a->status, b->status);
	ck_assert_uint_eq(a->n_epochs, b->n_epochs);
	ck_assert_uint_eq(a->n_steps, b->n_steps);
	for (size_t i = 0; i < a->n_epochs; i++) {
		const struct flt_epoch *p = &a->epochs[i], *q = &b->epochs[i];
		ck_assert_msg(
		        p->loss == q->loss && p->gradient_total == q->gradient_total &&
		                p->gradient_easy == q->gradient_easy && p->gradient_positive == q->gradient_positive,
		        "process %zu of %zu, epoch %zu: loss %a, not %a", number, world.n, i + 1, p->loss, q->loss);
		ck_assert(p->validation_loss == q->validation_loss && same(p->validation_ap, q->validation_ap));
	}
	ck_assert_int_eq(a->mlp == NULL, b->mlp == NULL);
	if (a->mlp)
		ck_assert_mem_eq(flt_mlp_params(a->mlp), flt_mlp_params(b->mlp),
		                 flt_mlp_n_params(a->mlp) * sizeof(float));
}

static void train_as_one_of(struct flt_ranks *ranks, size_t number)
{
	struct outcome outcome = {0};
	struct process process = {.outcome = &outcome, .ranks = ranks, .number = number};
	process.n = flt_team_size(flt_train_n_shards(&options, n_rows), flt_ranks_count(ranks));
	if (number < process.n)
		run_training(&process);
	else
		meet(&process, NULL);
	if (number == 0)
		traded = flt_ranks_traded(ranks);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	if (number < process.n && stop_at == 0)
		check_same(&outcome, &expected, number);
	if (number < process.n && stop_at > 0) {
		ck_assert_int_eq(outcome.status, FLT_OK);
		ck_assert_uint_eq(outcome.n_steps, stop_at);
		ck_assert_ptr_null(outcome.mlp);
	}
	flt_mlp_free(outcome.mlp);
}

static void train_alone(void)
{
	struct process alone = {.outcome = &expected, .n = 1};
	expected = (struct outcome){0};
	run_training(&alone);
}

static void set_options(size_t batch, size_t first_layer, size_t second_layer)
{
	make_rows();
	flt_train_options_init(&options);
	options.n_hidden = 2;
	options.hidden[0] = first_layer;
	options.hidden[1] = second_layer;
	options.batch = batch;
	options.epochs = N_EPOCHS;
	options.patience = 0;
	options.n_threads = 1;
	options.dropout = 0.2;
	options.clip = 0.5;
	options.ema = 0.9;
	stop_at = 0;
}

/* Batches of 1, 2, 3, 5 and 16 shards, and a last one of fewer rows; networks whose sums are traded in one round, in
 * two, and in several blocks. */
static const struct {
	size_t batch, rows, n_shards, hidden[2];
} cases[] = {
        {128, 300, 1, {8, 8}},    {256, 600, 2, {40, 30}},    {384, 1000, 3, {8, 8}},     {640, 1500, 5, {60, 60}},
        {4096, 8800, 16, {8, 8}}, {4096, 8800, 16, {60, 60}}, {640, 1930, 5, {260, 260}}, {1600, 3500, 7, {30, 60}},
};

START_TEST(any_number_of_processes_gives_the_bits_of_one)
{
	static const unsigned threads[] = {1, 1, 2};
	set_options(cases[_i].batch, cases[_i].hidden[0], cases[_i].hidden[1]);
	n_rows = cases[_i].rows;
	options.negatives = _i % 2 ? 3 : 0; /* of four for each positive row */
	options.monitor = _i % 2 ? FLT_MONITOR_LOSS : FLT_MONITOR_AP;
	ck_assert_uint_eq(flt_train_n_shards(&options, n_rows), cases[_i].n_shards);
	train_alone();
	ck_assert_int_eq(expected.status, FLT_OK);
	for (size_t n = 1; n <= 18; n++) {
		options.n_threads = threads[n % 3];
		run_all(n, train_as_one_of);
	}
	flt_mlp_free(expected.mlp);
}
END_TEST

/* One wants to stop, whichever, and all stop before the same step. */
START_TEST(all_stop_before_the_same_step)
{
	set_options(640, 8, 8);
	n_rows = 3000;
	for (stopper = 0; stopper < 5; stopper++)
		for (stop_at = 1; stop_at < 4; stop_at++)
			run_all(5, train_as_one_of);
}
END_TEST

START_TEST(all_diverge_alike)
{
	set_options(640, 8, 8);
	n_rows = 3000;
	options.optimizer = FLT_SGD;
	options.lr = 1e30;
	options.clip = 0;
	train_alone();
	ck_assert_int_eq(expected.status, FLT_ERR_DIVERGED);
	for (size_t n = 2; n <= 6; n++)
		run_all(n, train_as_one_of);
	flt_mlp_free(expected.mlp);
}
END_TEST

/* One fails before all meet; the others hear of it there. */
static void fail_on_one(struct flt_ranks *ranks, size_t number)
{
	struct outcome outcome = {0};
	struct process process = {.outcome = &outcome, .ranks = ranks, .number = number, .n = 4};
	if (number == 2)
		outcome.status = flt_fail(&outcome.err, FLT_ERR_MACHINE, "no memory");
	else
		run_training(&process);
	ck_assert_int_eq(outcome.status, FLT_ERR_MACHINE);
	ck_assert_uint_eq(outcome.n_epochs, 0);
	ck_assert_int_eq(flt_ranks_end(ranks, outcome.status, &outcome.err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(outcome.err.text, "): no memory"));
}

START_TEST(a_process_that_cannot_train_is_heard_before_the_first_step)
{
	set_options(4096, 8, 8);
	n_rows = 5000;
	run_all(4, fail_on_one);
}
END_TEST

START_TEST(post_without_memory_leaves_none_behind)
{
	const struct flt_team team = {.n = 3};
	size_t before = flt_alloc_live();
	enum flt_status status = FLT_ERR_MACHINE;
	size_t n_failed = 0;
	for (; status != FLT_OK; n_failed++) {
		struct flt_team_post post;
		struct flt_error err;
		flt_alloc_fail_at(n_failed + 1);
		status = flt_team_post_init(&post, &team, 16, 1000, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		flt_team_post_release(&post);
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
	ck_assert_uint_eq(n_failed, 5);
}
END_TEST

/* Losses of 32 bytes, and a double, stand before the parameters: two processes trade them all once, four in two rounds
 * of quarters. Slices of the parameters hold whole lines of 16. */
START_TEST(messages_and_bytes_are_those_of_the_theory)
{
	enum { N_PARAMS = 10 * 60 + 60 + 60 * 60 + 60 + 60 + 1, QUARTER = 1104, N_STEPS = N_EPOCHS * 2 };
	set_options(4096, 60, 60);
	n_rows = 8192;
	train_alone();
	double of_validation = N_EPOCHS * 2; /* of weights and their average, 1,500 logits in tiles */
	ck_assert_uint_eq(flt_mlp_n_params(expected.mlp), N_PARAMS);
	run_all(2, train_as_one_of);
	ck_assert(traded.n_messages == N_STEPS + of_validation);
	ck_assert(traded.n_bytes > N_STEPS * (8 + 32 + 4.0 * N_PARAMS));
	ck_assert(traded.n_bytes <= N_STEPS * (8 + 32 + 4.0 * N_PARAMS) + of_validation * 4 * N_JUDGED);
	run_all(4, train_as_one_of);
	ck_assert(traded.n_messages == N_STEPS * 2 * 3 + of_validation * 3);
	ck_assert(traded.n_bytes > N_STEPS * (3 * (8 + 32) + 4.0 * (N_PARAMS - QUARTER + 3 * QUARTER)));
	flt_mlp_free(expected.mlp);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("team");
	TCase *tests = tcase_create("team");
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, any_number_of_processes_gives_the_bits_of_one, 0, sizeof cases / sizeof *cases);
	tcase_add_test(tests, all_stop_before_the_same_step);
	tcase_add_test(tests, all_diverge_alike);
	tcase_add_test(tests, a_process_that_cannot_train_is_heard_before_the_first_step);
	tcase_add_test(tests, post_without_memory_leaves_none_behind);
	tcase_add_test(tests, messages_and_bytes_are_those_of_the_theory);
	suite_add_tcase(suite, tests);
	return suite;
}
