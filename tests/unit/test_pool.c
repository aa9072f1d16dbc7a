#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "suite.h"

enum { MOST_TASKS = 1000, MOST_THREADS = 8 };

struct job {
	atomic_int n_runs[MOST_TASKS];
	atomic_int inside[MOST_THREADS]; /* tasks that a worker is running: never more than one */
	unsigned n_threads;
	atomic_int n_wrong;
};

static void count_task(void *context, size_t task, size_t worker)
{
	struct job *job = context;
	if (task >= MOST_TASKS || worker >= job->n_threads) {
		atomic_fetch_add(&job->n_wrong, 1);
		return;
	}
	if (atomic_fetch_add(&job->inside[worker], 1) != 0)
		atomic_fetch_add(&job->n_wrong, 1);
	atomic_fetch_add(&job->n_runs[task], 1);
	atomic_fetch_sub(&job->inside[worker], 1);
}

static struct flt_pool *new_pool(unsigned n_threads)
{
	struct flt_pool *pool;
	struct flt_error err = {0};
	enum flt_status status = flt_pool_new(n_threads, &pool, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return pool;
}

START_TEST(each_task_runs_once_on_any_number_of_threads)
{
	static const size_t sizes[] = {0, 1, 2, 3, 17, 31, 32, MOST_TASKS};
	for (unsigned n_threads = 1; n_threads <= MOST_THREADS; n_threads++) {
		struct flt_pool *pool = new_pool(n_threads);
		ck_assert_uint_eq(flt_pool_n_threads(pool), n_threads);
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			struct job job = {.n_threads = n_threads};
			flt_pool_run(pool, sizes[s], count_task, &job);
			for (size_t task = 0; task < MOST_TASKS; task++)
				ck_assert_int_eq(job.n_runs[task], task < sizes[s]);
			ck_assert_int_eq(job.n_wrong, 0);
		}
		flt_pool_free(pool);
	}
}
END_TEST

static void add_task(void *context, size_t task, size_t worker)
{
	(void)worker;
	((size_t *)context)[task] += task + 1; /* plain memory: a run must be seen by the next one */
}

START_TEST(runs_follow_each_other_without_losing_any)
{
	struct flt_pool *pool = new_pool(4);
	size_t sums[16] = {0};
	for (int run = 0; run < 2000; run++)
		flt_pool_run(pool, 16, add_task, sums);
	for (int run = 0; run < 20; run++) { /* long enough for the workers to fall asleep */
		usleep(2000);
		flt_pool_run(pool, 16, add_task, sums);
	}
	for (size_t task = 0; task < 16; task++)
		ck_assert_uint_eq(sums[task], 2020 * (task + 1));
	flt_pool_free(pool);
}
END_TEST

static void sleep_task(void *context, size_t task, size_t worker)
{
	(void)worker;
	usleep(task == 15 ? 20000 : 1000);
	atomic_fetch_add((atomic_int *)context, 1);
}

START_TEST(a_run_returns_only_when_its_last_task_is_done)
{
	struct flt_pool *pool = new_pool(4);
	atomic_int n_done = 0;
	flt_pool_run(pool, 16, sleep_task, &n_done);
	ck_assert_int_eq(n_done, 16);
	flt_pool_free(pool);
}
END_TEST

START_TEST(pools_come_and_go)
{
	for (int i = 0; i < 200; i++)
		flt_pool_free(new_pool(3)); /* freed before its workers have begun, at times */
	flt_pool_free(NULL);
	ck_assert_uint_ge(flt_pool_size(0), 1);
	static const unsigned asked[] = {0, 1, 3};
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		struct flt_pool *pool = new_pool(asked[i]);
		ck_assert_uint_eq(flt_pool_n_threads(pool), flt_pool_size(asked[i]));
		flt_pool_free(pool);
	}
	ck_assert_uint_eq(flt_pool_size(3), 3);
	ck_assert_uint_lt(flt_pool_size(257), 257);
}
END_TEST

START_TEST(little_work_is_done_by_the_caller_alone)
{
	struct flt_pool *pool;
	ck_assert_int_eq(flt_pool_new_for(100, 3, &pool, NULL), FLT_OK);
	ck_assert_uint_eq(flt_pool_n_threads(pool), 1);
	flt_pool_free(pool);
	ck_assert_int_eq(flt_pool_new_for(1 << 20, 3, &pool, NULL), FLT_OK);
	ck_assert_uint_eq(flt_pool_n_threads(pool), 3);
	flt_pool_free(pool);
}
END_TEST

START_TEST(failed_allocations_are_errors)
{
	struct flt_pool *pool;
	for (unsigned long k = 1; k <= 2; k++) {
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		ck_assert_int_eq(flt_pool_new(2, &pool, &err), FLT_ERR_MACHINE);
		flt_alloc_fail_at(0);
		ck_assert_ptr_null(pool);
		ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pool");
	TCase *tests = tcase_create("pool");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, each_task_runs_once_on_any_number_of_threads);
	tcase_add_test(tests, runs_follow_each_other_without_losing_any);
	tcase_add_test(tests, a_run_returns_only_when_its_last_task_is_done);
	tcase_add_test(tests, pools_come_and_go);
	tcase_add_test(tests, little_work_is_done_by_the_caller_alone);
	tcase_add_test(tests, failed_allocations_are_errors);
	suite_add_tcase(suite, tests);
	return suite;
}
