/* The work of trainings, how much of it is done, and the time left: by given numbers. */
#include "protocol/pace.h"

#include <math.h>

#include "base/alloc.h"
#include "protocol/recipe.h"
#include "suite.h"

enum { N_TRAININGS = 4 };

/* ---- planned work ---- */

START_TEST(work_grows_with_epochs_rows_and_weights)
{
	struct flt_train_options train;
	const struct flt_recipe_rows rows = {.n = 1000, .n_positive = 10};
	flt_train_options_init(&train);
	train.epochs = 10;
	double one = flt_work_of_network(&train, 500, &rows, 0);
	ck_assert_double_eq_tol(one, 10.0 * 1000 * (500 + 500), 1e-6);
	ck_assert_double_eq_tol(flt_work_of_network(&train, 1500, &rows, 0), 2 * one, 1e-6);
	ck_assert_double_eq_tol(flt_work_of_network(&train, 500, &rows, 3000), 2 * one,
	                        1e-6); /* scored, a third each */
	train.epochs = 20;
	ck_assert_double_eq_tol(flt_work_of_network(&train, 500, &rows, 0), 2 * one, 1e-6);
	train.negatives = 24;
	ck_assert_double_eq_tol(flt_work_of_network(&train, 500, &rows, 0), 2 * one / 4, 1e-6);
	train.monitor = FLT_MONITOR_LOSS;
	/* Of 3,000 rows with 30 positive ones 25 for each of these judge. */
	ck_assert_double_eq_tol(flt_work_of_network(&train, 500, &rows, 3000), 2 * one * (0.25 + 0.75 / 3), 1e-6);
	train.optimizer = FLT_NEWTON;
	train.choose_decay = true;
	ck_assert_double_eq_tol(flt_work_of_network(&train, 25, &rows, 0), 2000.0 * 1000 * 25, 1e-6);
	ck_assert_double_gt(flt_work_of_network(&train, 25, &rows, 300),
	                    2 * 2000.0 * 1000 * 25); /* several penalties */
}
END_TEST

/* Three kinds try one network each; then two kinds go on for two more. */
START_TEST(work_of_a_roster_is_that_of_its_rounds)
{
	struct flt_roster roster = {
	        .n_kinds = 3, .n_members = 7, .n_tried = 1, .n_kept = 2, .n_turns = 3, .n_round = 1, .n_folds = 2};
	const double work[] = {1, 10, 100};
	ck_assert_double_eq(flt_work_of_roster(&roster, work), 111 + 2 * 11);
	roster.n_members = 2; /* fewer than there are kinds: no other round */
	roster.n_tried = roster.n_turns = 1;
	ck_assert_double_eq(flt_work_of_roster(&roster, work), 11);
}
END_TEST

/* ---- work done ---- */

static struct flt_epoch epoch(size_t member, size_t number, size_t n_epochs, double share)
{
	return (struct flt_epoch){
	        .member = member, .n_members = 2, .epoch = number, .n_epochs = n_epochs, .share = share};
}

static void add(struct flt_work_done *work, struct flt_epoch added, double done, double restored)
{
	flt_work_done_add(work, &added);
	ck_assert_double_eq_tol(work->done, done, 1e-12);
	ck_assert_double_eq_tol(work->restored, restored, 1e-12);
}

START_TEST(networks_count_by_their_share_of_the_work)
{
	struct flt_work_done work = {0};
	add(&work, epoch(0, 1, 4, 0.2), 0.05, 0);
	add(&work, epoch(1, 5, 10, 0.8), 0.45, 0);
	add(&work, epoch(0, 4, 4, 0.2), 0.6, 0);
	struct flt_epoch early = epoch(1, 6, 10, 0.8);
	early.last = true; /* patience ran out: nothing is left of it */
	add(&work, early, 1, 0);
}
END_TEST

START_TEST(epochs_of_a_checkpoint_are_told_from_those_of_now)
{
	struct flt_work_done work = {0};
	for (size_t i = 1; i <= 3; i++) {
		struct flt_epoch before = epoch(0, i, 4, 0.5);
		before.restored = true;
		add(&work, before, 0.125 * (double)i, 0.125 * (double)i);
	}
	add(&work, epoch(0, 4, 4, 0.5), 0.5, 0.375);
	add(&work, epoch(1, 1, 4, 0.5), 0.625, 0.375);
}
END_TEST

/* ---- the time left ---- */

static struct flt_pace pace_of(const double work[N_TRAININGS], size_t n_threads)
{
	struct flt_pace pace;
	ck_assert_int_eq(flt_pace_init(&pace, N_TRAININGS, n_threads, NULL), FLT_OK);
	for (size_t i = 0; i < N_TRAININGS; i++)
		pace.trainings[i].work = work[i];
	return pace;
}

static void expect(const struct flt_pace *pace, double now, double done, double left)
{
	ck_assert_double_eq_tol(flt_pace_done(pace), done, 1e-12);
	if (isnan(left))
		ck_assert(isnan(flt_pace_left(pace, now)));
	else
		ck_assert_double_eq_tol(flt_pace_left(pace, now), left, 1e-9);
}

START_TEST(on_one_thread_the_rest_goes_at_the_speed_so_far)
{
	static const double work[N_TRAININGS] = {10, 10, 20, 60};
	struct flt_pace pace = pace_of(work, 1);
	expect(&pace, 5, 0, NAN);
	flt_pace_begin(&pace, 0, 100);
	expect(&pace, 103, 0, NAN); /* it prepares its rows */
	pace.trainings[0].done = 0.5;
	expect(&pace, 105, 0.05, 95);
	flt_pace_end(&pace, 0, 120); /* slower than it looked: 2 s a unit */
	expect(&pace, 120, 0.1, 180);
	flt_pace_begin(&pace, 1, 120);
	pace.trainings[1].done = 0.25;
	expect(&pace, 125, 0.125, 87.5 * 2);
	flt_pace_end(&pace, 1, 125); /* it stopped early, and so will the rest: 25 s for 20 units */
	expect(&pace, 125, 0.2, 100);
	flt_pace_release(&pace);
}
END_TEST

/* The last training runs alone. */
START_TEST(threads_that_have_nothing_left_do_not_help)
{
	static const double work[N_TRAININGS] = {10, 10, 10, 50};
	struct flt_pace pace = pace_of(work, 2);
	flt_pace_begin(&pace, 0, 0);
	flt_pace_begin(&pace, 1, 0);
	pace.trainings[0].done = 0.8;
	pace.trainings[1].done = 0.2;
	/* 10 units in 2 x 10 s: 2 s a unit. Thread 0 has 2 units left, then training 2; thread 1 has 8, then
	 * training 3. */
	expect(&pace, 10, 0.125, 2 * (8 + 50));
	flt_pace_end(&pace, 0, 10);
	flt_pace_end(&pace, 1, 10);
	flt_pace_begin(&pace, 2, 10);
	flt_pace_begin(&pace, 3, 10);
	pace.trainings[2].done = 1;
	flt_pace_end(&pace, 2, 20);
	pace.trainings[3].done = 0.2;
	expect(&pace, 20, 0.5, 40.0 * (10 + 10 + 10 + 10) / 40);
	flt_pace_release(&pace);
}
END_TEST

/* What a checkpoint had took no time now, and tells nothing of the speed. */
START_TEST(restored_work_does_not_count_for_the_speed)
{
	static const double work[N_TRAININGS] = {10, 10, 10, 10};
	struct flt_pace pace = pace_of(work, 1);
	flt_pace_restore(&pace, 0);
	flt_pace_restore(&pace, 2);
	expect(&pace, 50, 0.5, NAN);
	flt_pace_begin(&pace, 1, 50);
	pace.trainings[1].done = pace.trainings[1].restored = 0.4;
	expect(&pace, 51, 0.6, NAN);
	pace.trainings[1].done = 0.6;
	expect(&pace, 54, 0.65, 14 * 2); /* 2 units in 4 s, 14 are left */
	ck_assert_uint_eq(pace.n_ended, 2);
	flt_pace_release(&pace);
}
END_TEST

START_TEST(work_without_any_is_done)
{
	static const double work[N_TRAININGS] = {0};
	struct flt_pace pace = pace_of(work, 2);
	expect(&pace, 1, 1, NAN);
	flt_pace_release(&pace);
}
END_TEST

START_TEST(failing_allocations_are_reported)
{
	for (unsigned long k = 1; k <= 2; k++) {
		struct flt_pace pace;
		flt_alloc_fail_at(k);
		ck_assert_int_eq(flt_pace_init(&pace, N_TRAININGS, 2, NULL), FLT_ERR_MACHINE);
		flt_alloc_fail_at(0);
		flt_pace_release(&pace);
		ck_assert_uint_eq(flt_alloc_live(), 0);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("work");
	TCase *tcase = tcase_create("work");
	tcase_add_test(tcase, work_grows_with_epochs_rows_and_weights);
	tcase_add_test(tcase, work_of_a_roster_is_that_of_its_rounds);
	tcase_add_test(tcase, networks_count_by_their_share_of_the_work);
	tcase_add_test(tcase, epochs_of_a_checkpoint_are_told_from_those_of_now);
	tcase_add_test(tcase, on_one_thread_the_rest_goes_at_the_speed_so_far);
	tcase_add_test(tcase, threads_that_have_nothing_left_do_not_help);
	tcase_add_test(tcase, restored_work_does_not_count_for_the_speed);
	tcase_add_test(tcase, work_without_any_is_done);
	tcase_add_test(tcase, failing_allocations_are_reported);
	suite_add_tcase(suite, tcase);
	return suite;
}
