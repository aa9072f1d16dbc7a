/* Estimates of memory against what training and fits allocate. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/random.h"
#include "protocol/memory.h"
#include "protocol/protocol.h"
#include "scratch.h"
#include "small_table.h"
#include "suite.h"

enum { N_ROWS = 3000, N_INPUTS = 40 };

static float x[N_ROWS * N_INPUTS];
static uint8_t label[N_ROWS];

static void draw_data(void)
{
	struct flt_random random;
	flt_random_init(&random, 1, "test", 0);
	for (size_t i = 0; i < N_ROWS * N_INPUTS; i++)
		x[i] = (float)flt_random_normal(&random);
	for (size_t i = 0; i < N_ROWS; i++)
		label[i] = i % 9 == 0;
}

static enum flt_status train(const struct flt_train_options *options, const struct flt_data *fit,
                             const struct flt_data *validation, size_t limit, struct flt_error *err)
{
	struct flt_mlp *mlp;
	struct flt_train_result result;
	size_t before = flt_alloc_live();
	flt_alloc_set_limit(before + limit);
	enum flt_status status = flt_train(options, fit, validation, NULL, &mlp, &result, err);
	flt_alloc_set_limit(SIZE_MAX);
	flt_mlp_free(mlp);
	ck_assert_uint_eq(flt_alloc_live(), before);
	return status;
}

static struct flt_train_options networks(int kind)
{
	struct flt_train_options options;
	flt_train_options_init(&options);
	options.epochs = 1;
	options.n_threads = 1 + (unsigned)kind % 2;
	if (kind == 1) {
		options.hidden[0] = 1000;
		options.optimizer = FLT_SGD;
		options.batch = 3000;
	} else if (kind == 2) {
		options.embedding = FLT_EMBEDDING_PBLD;
		options.front_scale = true;
		options.ema = 0.9;
	} else if (kind == 3) {
		options.n_hidden = 0;
	} else if (kind == 4) {
		options.n_hidden = 0;
		options.optimizer = FLT_NEWTON;
		options.choose_decay = true;
	}
	return options;
}

START_TEST(training_takes_what_it_is_said_to_take)
{
	struct flt_train_options options = networks(_i);
	struct flt_data fit = {.x = x, .label = label, .n_rows = 2000, .n_in = N_INPUTS};
	struct flt_data validation = {.x = x, .label = label, .n_rows = 1000, .n_in = N_INPUTS};
	struct flt_train_memory memory;
	struct flt_error err = {0};
	draw_data();
	ck_assert_int_eq(flt_train_memory(&options, &fit, validation.n_rows, &memory, &err), FLT_OK);
	size_t n_bytes = (size_t)memory.n_bytes, small = 24 << 10;
	enum flt_status status = train(&options, &fit, &validation, n_bytes + small, &err);
	ck_assert_msg(status == FLT_OK, "%zu bytes: %s", n_bytes, err.text);
	ck_assert_int_eq(train(&options, &fit, &validation, n_bytes - n_bytes / 20, &err), FLT_ERR_MACHINE);
}
END_TEST

START_TEST(limit_changes_no_bit)
{
	struct flt_train_options options = networks(0);
	struct flt_data fit = {.x = x, .label = label, .n_rows = 2000, .n_in = N_INPUTS};
	struct flt_train_result result;
	struct flt_mlp *free_one, *limited;
	draw_data();
	ck_assert_int_eq(flt_train(&options, &fit, NULL, NULL, &free_one, &result, NULL), FLT_OK);
	flt_alloc_set_limit(flt_alloc_live() + (4 << 20));
	ck_assert_int_eq(flt_train(&options, &fit, NULL, NULL, &limited, &result, NULL), FLT_OK);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_mem_eq(flt_mlp_params(free_one), flt_mlp_params(limited), flt_mlp_n_params(limited) * sizeof(float));
	flt_mlp_free(free_one);
	flt_mlp_free(limited);
}
END_TEST

static struct flt_table *table_of_size(size_t n_rows, size_t n_columns)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 1, "test", 0);
	for (size_t c = 0; c < n_columns; c++)
		text_add(&text, "c%zu,", c);
	text_add(&text, "class\n");
	for (size_t i = 0; i < n_rows; i++) {
		for (size_t c = 0; c < n_columns; c++)
			text_add(&text, "%.4f,", flt_random_normal(&random));
		text_add(&text, "%d\n", i % 10 == 0);
	}
	return table_of(&text, (struct flt_table_options){0});
}

static struct flt_table *table_of_rows(size_t n)
{
	return table_of_size(n, 6);
}

static size_t n_failures;

static void count_failure(void *context, const struct flt_error *why)
{
	(void)context;
	ck_assert_int_eq(why->status, FLT_ERR_MACHINE);
	n_failures++;
}

static const struct flt_checkpoint_about about = {.options = "a = 1\n", .data_sha256 = "aa", .command = "train"};

/* keeps: with a checkpoint. */
static enum flt_status fit_within(const struct flt_table *table, const struct flt_fit_options *options, size_t n_fit,
                                  bool keeps, size_t limit, struct flt_error *err)
{
	static size_t rows[20000];
	size_t n = flt_table_n_rows(table);
	struct flt_hooks hooks = {0};
	if (keeps)
		ck_assert_int_eq(flt_checkpoint_new("state", &about, count_failure, NULL, &hooks.checkpoint, NULL),
		                 FLT_OK);
	struct flt_detector *detector;
	struct flt_fit_result result;
	for (size_t i = 0; i < n; i++)
		rows[i] = i;
	flt_alloc_set_limit(flt_alloc_live() + limit);
	enum flt_status status =
	        flt_fit(table, rows, n_fit, rows + n_fit, n - n_fit, options, &hooks, &detector, &result, err);
	flt_alloc_set_limit(SIZE_MAX);
	flt_detector_free(detector);
	flt_fit_result_release(&result);
	flt_checkpoint_free(hooks.checkpoint);
	return status;
}

static atomic_size_t peak; /* most live bytes between two steps */

static bool note_live(void *context)
{
	size_t live = flt_alloc_live(), most = peak;
	(void)context;
	while (live > most && !atomic_compare_exchange_weak(&peak, &most, live))
		;
	return false;
}

/* Fits and compares what lived between two steps with the estimate, which may be `most` times as much. */
static void check_estimate(const struct flt_table *table, const struct flt_fit_options *options, size_t n_fit,
                           double most)
{
	static size_t rows[20000];
	size_t n = flt_table_n_rows(table), before = flt_alloc_live();
	struct flt_hooks hooks = {.should_stop = note_live};
	struct flt_detector *detector;
	struct flt_fit_result result;
	bool numeric[6] = {true, true, true, true, true, true};
	for (size_t i = 0; i < n; i++)
		rows[i] = i;
	peak = 0;
	ck_assert_int_eq(
	        flt_fit(table, rows, n_fit, rows + n_fit, n - n_fit, options, &hooks, &detector, &result, NULL),
	        FLT_OK);
	struct flt_fit_size size = {.n_fit = n_fit,
	                            .n_validation = n - n_fit,
	                            .prep = detector->prep,
	                            .numeric = numeric,
	                            .roster = &result.roster};
	const struct flt_sharing alone = {0};
	double estimate, taken = (double)(peak - before), live = (double)flt_alloc_live();
	ck_assert_int_eq(flt_fit_memory_check(&size, &alone, &estimate, NULL), FLT_OK);
	estimate -= live;
	flt_detector_free(detector);
	flt_fit_result_release(&result);
	ck_assert_uint_eq(flt_alloc_live(), before);
	ck_assert_msg(taken < 1.02 * estimate && estimate < most * taken, "%.0f bytes were taken, %.0f estimated",
	              taken, estimate);
}

/* One network and three by validation rows; bags on one thread and on three; networks of two kinds, of which the
 * embedded one, here the second, takes more; linear models. Of bags, the scores after training may take more
 * than what a network needs in training. */
START_TEST(fit_takes_what_is_estimated)
{
	static const struct {
		size_t n_members, n_fit;
		unsigned n_threads;
		bool is_mixed, is_linear;
	} cases[] = {{1, 15000, 1, false, false}, {3, 15000, 1, false, false}, {5, 20000, 1, false, false},
	             {5, 20000, 3, false, false}, {8, 20000, 1, true, false},  {14, 20000, 2, false, false},
	             {1, 15000, 2, false, true},  {4, 20000, 2, false, true}};
	struct flt_fit_options options;
	struct flt_table *table = table_of_rows(20000);
	flt_fit_options_init(&options);
	options.train.epochs = 1;
	options.train.batch = 100;
	options.train.n_threads = cases[_i].n_threads;
	options.n_members = cases[_i].n_members;
	if (cases[_i].is_mixed) {
		options.recipe = FLT_RECIPE_POOL;
		options.fixed = FLT_FIX_EPOCHS | FLT_FIX_BATCH;
	}
	if (cases[_i].is_linear) {
		options.train.n_hidden = 0;
		options.train.optimizer = FLT_NEWTON;
	}
	bool is_bag = cases[_i].n_members > 1 && cases[_i].n_fit == 20000;
	check_estimate(table, &options, cases[_i].n_fit, is_bag ? 2.6 : 1.15);
	flt_table_free(table);
}
END_TEST

/* The table of the growth benchmark in tests/bench, of whole numbers, digits that fill a double, and cents; its last
 * column is the target. */
static struct flt_table *growth_table(size_t n)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 4, "rows", n);
	text_add(&text, "Time,V1,V2,Amount,Class\n");
	for (size_t i = 0; i < n; i++)
		text_add(&text, "%zu,%.15g,%.15g,%.2f,%d\n", i / 2, flt_random_normal(&random),
		         flt_random_normal(&random), 1000 * flt_random_uniform(&random), i % 50 == 0);
	return table_of(&text, (struct flt_table_options){0});
}

/* Splitting and fitting take, with the table, at most twice the prepared rows as float32 and 20 bytes a row, beside
 * what does not grow with rows. */
START_TEST(split_and_fit_take_twice_the_prepared_rows)
{
	enum { N = 200000, N_IN = 4, PREPARED = N * N_IN * 4, OF_TABLE = 8 + 8 + 4 + 4 + 1 + 1, FIXED = 1000000 };
	struct flt_table *table = growth_table(N);
	struct flt_split_options how = {.test_fraction = 0.3, .seed = 1};
	struct flt_split split;
	struct flt_fit_options options;
	struct flt_detector *detector;
	struct flt_fit_result result;
	struct flt_error err = {0};
	flt_fit_options_init(&options);
	options.train.epochs = 1;
	options.train.batch = 256;
	options.train.n_hidden = 1;
	options.train.hidden[0] = 8;
	options.train.n_threads = 2;
	options.drops_choosers = true;
	ck_assert_uint_lt(flt_alloc_live(), OF_TABLE * N + FIXED);
	flt_alloc_set_limit(2 * PREPARED + 20 * N + FIXED);
	ck_assert_msg(flt_split_make(table, &how, &split, &err) == FLT_OK, "%s", err.text);
	options.identical = split.identical.kept;
	enum flt_status status = flt_fit(table, split.rows[FLT_FIT], split.n_rows[FLT_FIT], NULL, 0, &options, NULL,
	                                 &detector, &result, &err);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	flt_fit_result_release(&result);
	flt_detector_free(detector);
	flt_split_release(&split);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* What malloc gives beyond what it was asked for varies by a few bytes with what was freed before, and it counts. */
enum { SLACK = 4096 };

/* A limit at which the fit is begun, hardly above the least. */
static size_t least_limit(const struct flt_table *table, const struct flt_fit_options *options, size_t n_fit,
                          bool keeps)
{
	struct flt_error err = {0};
	size_t low = 1 << 18, high = 1 << 25;
	while (high - low > high / 32) {
		size_t middle = (low + high) / 2;
		enum flt_status status = fit_within(table, options, n_fit, keeps, middle, &err);
		bool is_refused = status == FLT_ERR_MACHINE && strncmp(err.text, "training needs", 14) == 0;
		bool is_too_early = status == FLT_ERR_MACHINE && middle < 1 << 20;
		*(is_refused || is_too_early ? &low : &high) = middle;
	}
	return high + SLACK;
}

/* One network by validation rows; a bag on three threads. */
START_TEST(fit_that_begins_stays_within_the_limit)
{
	struct flt_fit_options options;
	struct flt_error err = {0};
	struct flt_table *table = table_of_rows(6000);
	size_t n_fit = _i == 0 ? 5000 : 6000;
	flt_fit_options_init(&options);
	options.train.epochs = 1;
	options.train.n_threads = _i == 0 ? 1 : 3;
	options.n_members = _i == 0 ? 1 : 5;
	size_t least = least_limit(table, &options, n_fit, false);
	ck_assert_uint_gt(least, n_fit * 6 * sizeof(float));
	enum flt_status status = fit_within(table, &options, n_fit, false, least, &err);
	ck_assert_msg(status == FLT_OK, "%zu bytes: %s", least, err.text);
	flt_table_free(table);
}
END_TEST

/* Copies of the rows take at most twice what the rows take without steps, and 100 MB; one has to be. */
START_TEST(networks_at_work_are_as_many_as_copies_of_the_rows_allow)
{
	struct flt_roster roster = {.n_kinds = 2, .n_members = 10};
	ck_assert_uint_eq(flt_members_at_work(&roster, 1000, 30, 4), 4);
	ck_assert_uint_eq(flt_members_at_work(&roster, 1000, 30, 16), 10);
	ck_assert_uint_eq(flt_members_at_work(&roster, 1000000, 30, 8), 2); /* 120 MB each of 340 */
	roster.kinds[1].prep.n_steps = 64;
	ck_assert_uint_eq(flt_members_at_work(&roster, 200000, 30, 8), 1); /* 75 MB each of 148 */
	ck_assert_uint_eq(flt_members_at_work(&roster, 100000, 30, 8), 3); /* 38 MB each of 124 */
	ck_assert_uint_eq(flt_members_at_work(&roster, 10000000, 5, 8), 1);
}
END_TEST

/* The scouts of two networks at once take more than the networks do. */
START_TEST(steps_of_a_wide_table_stay_within_the_limit)
{
	struct flt_fit_options options;
	struct flt_error err = {0};
	struct flt_table *table = table_of_size(400, 150);
	flt_fit_options_init(&options);
	options.fixed = FLT_FIX_EPOCHS | FLT_FIX_HIDDEN;
	options.recipe = FLT_RECIPE_PLAIN_STEPS;
	options.train.epochs = 1;
	options.train.n_threads = 2;
	options.n_members = 4;
	size_t least = least_limit(table, &options, 400, false);
	ck_assert_uint_gt(least, 2 * 75 * 16 * 256 * 16); /* half of the columns, nodes, bins, and bytes of each */
	enum flt_status status = fit_within(table, &options, 400, false, least, &err);
	ck_assert_msg(status == FLT_OK, "%zu bytes: %s", least, err.text);
	flt_table_free(table);
}
END_TEST

/* A state that memory does not allow to be written is lost without an error. */
START_TEST(checkpoint_is_written_within_the_limit)
{
	struct flt_fit_options options;
	struct flt_error err = {0};
	struct flt_table *table = table_of_rows(2000);
	flt_fit_options_init(&options);
	options.train.epochs = 1;
	options.train.n_threads = 1;
	options.train.batch = 500;
	options.train.hidden[0] = options.train.hidden[1] = 300;
	options.n_members = 1;
	size_t least = least_limit(table, &options, 1500, true);
	n_failures = 0;
	enum flt_status status = fit_within(table, &options, 1500, true, least, &err);
	ck_assert_msg(status == FLT_OK, "%zu bytes: %s", least, err.text);
	ck_assert_uint_eq(n_failures, 0);
	bool is_one;
	ck_assert_int_eq(flt_checkpoint_is_file("state", &is_one, &err), FLT_OK);
	ck_assert(is_one);
	flt_table_free(table);
}
END_TEST

static void check_refusal(const struct flt_table *table, const struct flt_fit_options *options, const char *pattern)
{
	struct flt_error err = {0};
	ck_assert_int_eq(fit_within(table, options, 20000, false, 16 << 20, &err), FLT_ERR_MACHINE);
	ck_assert_msg(strstr(err.text, pattern), "%s", err.text);
	float needed, allowed;
	ck_assert_int_eq(
	        sscanf(err.text, "training needs %f MB of memory, more than the limit of %f MB; ", &needed, &allowed),
	        2);
	ck_assert(allowed >= 16 && allowed < 20 && needed > allowed);
}

START_TEST(refusal_names_the_largest_part_and_what_would_do)
{
	struct flt_fit_options options;
	struct flt_table *table = table_of_rows(20000);
	flt_fit_options_init(&options);
	options.train.hidden[0] = options.train.hidden[1] = 2000;
	options.train.n_threads = 2;
	check_refusal(table, &options, "networks of 4018001 weights: choose smaller --hidden layers");
	options.n_members = 2;
	check_refusal(table, &options, "networks of 4018001 weights, 2 at once: choose smaller --hidden layers");
	options.train.hidden[0] = options.train.hidden[1] = 400;
	options.n_members = 4;
	options.train.n_threads = 4;
	check_refusal(table, &options, "networks of 163601 weights, 4 at once: give --threads 1, choose");
	options.train.n_hidden = 0;
	options.sharing = (struct flt_sharing){.n_fits = 40, .before = flt_alloc_live()};
	options.n_members = 1;
	check_refusal(table, &options, "are for 20000 rows of 6 prepared inputs, 40 at once: give --threads ");
	options.sharing = (struct flt_sharing){.n_fits = 1, .before = flt_alloc_live(), .kept = 30 << 20};
	check_refusal(table, &options,
	              " 30.0 MB are for the folds, and what is kept of all trainings: use fewer --repeats, ");
	options.sharing.after = 31 << 20;
	check_refusal(table, &options, " 31.0 MB are for what is measured once all trainings have ended: use fewer ");
	options.sharing.before = 32 << 20;
	check_refusal(table, &options,
	              " 32.0 MB are for the table and the preparation of its columns: keep them in a file ");
	flt_table_free(table);
}
END_TEST

START_TEST(limit_is_the_one_given_or_a_share_of_the_free_memory)
{
	flt_memory_set_limit(123456789, 4);
	ck_assert_uint_eq(flt_alloc_limit(), 123456789);
	flt_memory_set_limit(0, 1);
	ck_assert_uint_gt(flt_alloc_limit(), 1 << 20);
	ck_assert_uint_ne(flt_alloc_limit(), 123456789);
	flt_alloc_set_limit(SIZE_MAX);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("memory");
	TCase *tests = tcase_create("memory");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, scratch_enter, scratch_leave);
	tcase_add_loop_test(tests, training_takes_what_it_is_said_to_take, 0, 5);
	tcase_add_test(tests, limit_changes_no_bit);
	tcase_add_test(tests, limit_is_the_one_given_or_a_share_of_the_free_memory);
	tcase_add_loop_test(tests, fit_takes_what_is_estimated, 0, 8);
	tcase_add_test(tests, split_and_fit_take_twice_the_prepared_rows);
	tcase_add_loop_test(tests, fit_that_begins_stays_within_the_limit, 0, 2);
	tcase_add_test(tests, networks_at_work_are_as_many_as_copies_of_the_rows_allow);
	tcase_add_test(tests, steps_of_a_wide_table_stay_within_the_limit);
	tcase_add_test(tests, checkpoint_is_written_within_the_limit);
	tcase_add_test(tests, refusal_names_the_largest_part_and_what_would_do);
	suite_add_tcase(suite, tests);
	return suite;
}
