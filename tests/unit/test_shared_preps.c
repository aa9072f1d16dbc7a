/* Preparations that networks share: learnt once, waited for, and tried again after a failure. */
#include "protocol/shared_preps.h"

#include <pthread.h>

#include "base/alloc.h"
#include "csv_file.h"
#include "small_table.h"
#include "suite.h"

enum { N_ROWS = 50 };

static const struct flt_prep_options standard = {.scale = FLT_SCALE_STANDARD, .seed = 1},
                                     alike = {.scale = FLT_SCALE_STANDARD, .seed = 1, .n_threads = 2},
                                     quantile = {.scale = FLT_SCALE_QUANTILE, .seed = 1};

static struct flt_table *table_of_rows(size_t rows[N_ROWS])
{
	static struct csv_file file;
	csv_simulate(&file, 13);
	for (size_t i = 0; i < N_ROWS; i++)
		rows[i] = i;
	return csv_read(&file, &(struct flt_table_options){.drop = "day,customer"});
}

static struct flt_prep *learn(const struct flt_table *table, const size_t *rows)
{
	struct flt_prep *prep = NULL;
	struct flt_error err = {0};
	ck_assert_msg(flt_prep_fit(table, rows, N_ROWS, &standard, &prep, &err) == FLT_OK, "%s", err.text);
	return prep;
}

START_TEST(those_who_learn_alike_share_and_others_do_not)
{
	struct flt_shared_preps shared;
	size_t rows[N_ROWS];
	struct flt_table *table = table_of_rows(rows);
	flt_shared_preps_init(&shared);
	ck_assert_ptr_null(flt_shared_preps_take(&shared, 0, &standard));
	struct flt_prep *prep = learn(table, rows);
	flt_shared_preps_offer(&shared, 0, &standard, prep);
	ck_assert_ptr_eq(flt_shared_preps_take(&shared, 0, &alike), prep);
	ck_assert_ptr_null(flt_shared_preps_take(&shared, 0, &quantile));
	ck_assert_ptr_null(flt_shared_preps_take(&shared, 1, &standard));
	flt_shared_preps_offer(&shared, 0, &quantile, NULL);
	flt_shared_preps_offer(&shared, 1, &standard, NULL);
	ck_assert_ptr_null(flt_shared_preps_take(&shared, 1, &standard)); /* nobody has learnt it yet */
	flt_shared_preps_offer(&shared, 1, &standard, NULL);
	flt_shared_preps_release(&shared);
	ck_assert_uint_gt(flt_prep_n_features(prep), 0); /* it has two owners left */
	flt_prep_free(prep);
	ck_assert_uint_gt(flt_prep_n_features(prep), 0);
	flt_prep_free(prep);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* Threads that all want the same: the first fails to learn it, the second does not. */
struct crowd {
	struct flt_shared_preps shared;
	const struct flt_table *table;
	const size_t *rows;
	pthread_barrier_t all_there;
	pthread_mutex_t mutex;
	size_t n_tries;
};

static void *want(void *context)
{
	struct crowd *crowd = context;
	struct flt_prep *prep;
	pthread_barrier_wait(&crowd->all_there);
	while (!(prep = flt_shared_preps_take(&crowd->shared, 3, &standard))) {
		pthread_mutex_lock(&crowd->mutex);
		size_t number = crowd->n_tries++;
		pthread_mutex_unlock(&crowd->mutex);
		struct flt_prep *own = number == 0 ? NULL : learn(crowd->table, crowd->rows);
		flt_shared_preps_offer(&crowd->shared, 3, &standard, own);
		if (own)
			return own;
	}
	return prep;
}

START_TEST(who_comes_later_waits_for_the_first_that_succeeds)
{
	enum { N_THREADS = 8 };
	pthread_t threads[N_THREADS];
	size_t rows[N_ROWS];
	struct flt_table *table = table_of_rows(rows);
	struct crowd crowd = {.table = table, .rows = rows};
	void *found[N_THREADS];
	flt_shared_preps_init(&crowd.shared);
	pthread_mutex_init(&crowd.mutex, NULL);
	ck_assert_int_eq(pthread_barrier_init(&crowd.all_there, NULL, N_THREADS), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, want, &crowd), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], &found[i]);
	ck_assert_uint_eq(crowd.n_tries, 2);
	for (size_t i = 0; i < N_THREADS; i++)
		ck_assert_ptr_eq(found[i], found[0]);
	for (size_t i = 0; i < N_THREADS; i++)
		flt_prep_free(found[i]);
	flt_shared_preps_release(&crowd.shared);
	pthread_barrier_destroy(&crowd.all_there);
	pthread_mutex_destroy(&crowd.mutex);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("shared_preps");
	TCase *tests = tcase_create("shared_preps");
	tcase_add_test(tests, those_who_learn_alike_share_and_others_do_not);
	tcase_add_test(tests, who_comes_later_waits_for_the_first_that_succeeds);
	suite_add_tcase(suite, tests);
	return suite;
}
