/* protocol/check and protocol/quick_look: what is planted is found, at any number of threads, and every allocation may
 * fail. */
#include <math.h>

#include "small_table.h"

#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "protocol/check.h"
#include "suite.h"

/* What is planted in simulated rows. */
struct planted {
	bool leak;
	double flipped; /* share of labels */
	size_t doubled; /* rows of the first that are repeated at the end */
};

static struct flt_table *simulated(size_t n, const struct planted *planted, uint64_t seed, uint8_t *is_wrong)
{
	struct text text = {0};
	struct flt_random random;
	text_add(&text, "a,b,kind%s,y\n", planted->leak ? ",code" : "");
	for (size_t i = 0; i < n + planted->doubled; i++) {
		if (i % n == 0)
			flt_random_init(&random, seed, "check", 0);
		bool positive = flt_random_uniform(&random) < 0.15;
		double a = flt_random_normal(&random) + 3 * positive, b = flt_random_normal(&random);
		bool wrong = flt_random_uniform(&random) < planted->flipped;
		if (is_wrong && i < n)
			is_wrong[i] = wrong;
		text_add(&text, "%.4f,%.4f,%s", a, b, flt_random_uniform(&random) < 0.5 ? "web" : "shop");
		if (planted->leak)
			text_add(&text, ",%d", positive != wrong ? 7 + (int)(i % 2) : (int)(i % 6));
		text_add(&text, ",%d\n", positive != wrong);
	}
	return table_of(&text, (struct flt_table_options){0});
}

static struct flt_check *check_of(const struct flt_table *table, const struct flt_table *test, unsigned n_threads)
{
	struct flt_check *check;
	struct flt_error err = {0};
	const struct flt_check_options options = {.seed = 1, .n_threads = n_threads};
	enum flt_status status = flt_check_run(table, test, &options, NULL, NULL, &check, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return check;
}

START_TEST(clean_rows_are_quiet)
{
	const struct planted none = {0};
	struct flt_table *table = simulated(1500, &none, 1, NULL), *test = simulated(500, &none, 2, NULL);
	struct flt_check *check = check_of(table, test, 2);
	ck_assert_uint_eq(check->n_found, 0);
	ck_assert_uint_eq(check->n_features, 3);
	ck_assert_uint_eq(check->n_used, 3);
	ck_assert_uint_eq(check->order[0], 0);
	ck_assert_double_eq(check->figure[FLT_CHECK_ROWS], 1500);
	ck_assert_double_eq(check->figure[FLT_CHECK_DRIFT] + check->figure[FLT_CHECK_SHARED], 0);
	ck_assert_double_lt(check->figure[FLT_CHECK_SUSPECTS], 0.01);
	ck_assert(check->look.curve.is_known);
	for (size_t i = 0; i < FLT_N_CURVE; i++)
		ck_assert_double_gt(check->look.curve.ap[i].value, 0.7);
	flt_check_free(check);
	flt_table_free(table);
	flt_table_free(test);
}
END_TEST

START_TEST(planted_faults_are_found)
{
	const struct planted all = {.leak = true, .doubled = 60};
	struct flt_table *table = simulated(900, &all, 3, NULL);
	struct flt_check *check = check_of(table, NULL, 2);
	ck_assert_uint_eq(check->n_found, 2);
	ck_assert(check->found[FLT_CHECK_LEAKS] && check->found[FLT_CHECK_COPIES]);
	ck_assert_uint_eq(check->order[0], 3);
	ck_assert_double_eq(check->figure[FLT_CHECK_COPIES], 60 / 960.0);
	ck_assert(isnan(check->figure[FLT_CHECK_DRIFT]) && isnan(check->figure[FLT_CHECK_SHARED]));
	flt_check_free(check);
	flt_table_free(table);
}
END_TEST

/* All rows of the test file are in the table. */
START_TEST(shared_rows_are_found)
{
	const struct planted none = {0};
	struct flt_table *table = simulated(800, &none, 4, NULL), *test = simulated(200, &none, 4, NULL);
	struct flt_check *check = check_of(table, test, 2);
	ck_assert_uint_eq(check->n_shared, 200);
	ck_assert(check->found[FLT_CHECK_SHARED]);
	ck_assert_uint_eq(check->n_found, 1);
	flt_check_free(check);
	flt_table_free(table);
	flt_table_free(test);
}
END_TEST

static void assert_same_suspects(const struct flt_suspects *a, const struct flt_suspects *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		ck_assert(a->all[i].row == b->all[i].row && a->all[i].wrong == b->all[i].wrong);
}

/* The rows that the suspects name are those of the table, whether all or a sample are looked at. */
START_TEST(flipped_labels_are_found)
{
	enum { N = 4000 };
	static uint8_t is_wrong[N];
	const struct planted flipped = {.flipped = 0.05};
	struct flt_table *table = simulated(N, &flipped, 5, is_wrong);
	for (int sample = 0; sample < 2; sample++) {
		struct flt_quick_look_options options = {.seed = 1, .n_threads = 1, .max_cells = sample ? 2000 * 3 : 0};
		struct flt_quick_look look, again;
		size_t n_right = 0, n_planted = 0;
		ck_assert_int_eq(flt_quick_look_run(table, 3, &options, NULL, NULL, &look, NULL), FLT_OK);
		ck_assert_uint_eq(look.is_sample, sample == 1);
		ck_assert_uint_eq(look.n_rows, sample ? 2000 : N);
		ck_assert_uint_eq(look.n_judged, look.n_rows);
		for (size_t i = 0; i < look.n_rows; i++)
			n_planted += is_wrong[look.rows[i]];
		for (size_t i = 0; i < look.suspects.n; i++)
			n_right += is_wrong[look.suspects.all[i].row];
		ck_assert_uint_gt(4 * n_right, 3 * n_planted);
		ck_assert_uint_gt(10 * n_right, 8 * look.suspects.n);
		options.n_threads = 3;
		ck_assert_int_eq(flt_quick_look_run(table, 3, &options, NULL, NULL, &again, NULL), FLT_OK);
		assert_same_suspects(&look.suspects, &again.suspects);
		ck_assert(look.curve.twice.value == again.curve.twice.value);
		flt_quick_look_release(&look);
		flt_quick_look_release(&again);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(no_quick_look)
{
	const struct planted none = {0};
	struct flt_table *few = simulated(60, &none, 6, NULL), *wide = simulated(600, &none, 6, NULL);
	struct flt_quick_look_options options = {.n_threads = 1};
	struct flt_quick_look look;
	ck_assert_int_eq(flt_quick_look_run(few, 3, &options, NULL, NULL, &look, NULL), FLT_OK);
	ck_assert(look.why_not && strstr(look.why_not, "fewer than 20"));
	flt_quick_look_release(&look);
	ck_assert_int_eq(flt_quick_look_run(wide, 100000, &options, NULL, NULL, &look, NULL), FLT_OK);
	ck_assert(look.why_not && strstr(look.why_not, "too many columns"));
	ck_assert(!look.curve.is_known && look.suspects.n == 0);
	flt_quick_look_release(&look);
	flt_table_free(few);
	flt_table_free(wide);
}
END_TEST

static bool stop_at(void *context, size_t n_done, size_t n_all)
{
	ck_assert_uint_le(n_done, n_all);
	return n_done >= *(const size_t *)context;
}

START_TEST(it_can_be_stopped)
{
	const struct planted none = {0};
	struct flt_table *table = simulated(400, &none, 7, NULL);
	const struct flt_check_options options = {.seed = 1, .n_threads = 2};
	for (size_t at = 0; at < 9; at += 3) {
		struct flt_check *check;
		ck_assert_int_eq(flt_check_run(table, NULL, &options, stop_at, &at, &check, NULL), FLT_OK);
		ck_assert(check->stopped);
		flt_check_free(check);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(gates_of_a_check)
{
	const struct planted none = {0};
	struct flt_table *table = simulated(300, &none, 8, NULL);
	struct flt_check *check = check_of(table, NULL, 1);
	struct flt_gates gates;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_check_gates_parse("rows=300,leaks=0, missing<=0", false, false, &gates, &err), FLT_OK);
	ck_assert_int_eq(flt_check_gates_apply(&gates, check, &err), FLT_OK);
	ck_assert_int_eq(flt_check_gates_parse("rows=299,leaks>=1", false, false, &gates, &err), FLT_OK);
	ck_assert_int_eq(flt_check_gates_apply(&gates, check, &err), FLT_ERR_GATE);
	ck_assert_str_eq(err.text, "rows=299 failed: rows is 300, 1 too high; leaks>=1 failed: leaks is 0, 1 too low");
	ck_assert_int_eq(flt_check_gates_parse("drift=0", false, false, &gates, &err), FLT_ERR_USAGE);
	ck_assert_int_eq(flt_check_gates_parse("drift=0", true, false, &gates, &err), FLT_OK);
	ck_assert_int_eq(flt_check_gates_parse("shared=0", true, false, &gates, &err), FLT_ERR_USAGE);
	ck_assert_int_eq(flt_check_gates_parse("shared=0", true, true, &gates, &err), FLT_OK);
	flt_check_free(check);
	flt_table_free(table);
}
END_TEST

/* Ever fewer of the later allocations, most of which are those of trainings. */
START_TEST(each_allocation_may_fail)
{
	const struct planted planted = {.doubled = 20};
	struct flt_table *table = simulated(150, &planted, 9, NULL), *test = simulated(60, &planted, 10, NULL);
	const struct flt_check_options options = {.seed = 1, .n_threads = 1};
	size_t live = flt_alloc_live();
	for (unsigned long k = 1;; k += 1 + k / 32) {
		struct flt_check *check;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		enum flt_status status = flt_check_run(table, test, &options, NULL, NULL, &check, &err);
		flt_alloc_fail_at(0);
		if (status == FLT_OK) {
			flt_check_free(check);
			break;
		}
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_ptr_null(check);
		ck_assert_uint_eq(flt_alloc_live(), live);
		ck_assert_msg(strlen(err.text) > 0, "allocation %lu", k);
	}
	flt_table_free(table);
	flt_table_free(test);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("check");
	TCase *tests = tcase_create("check");
	tcase_set_timeout(tests, 240);
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, clean_rows_are_quiet);
	tcase_add_test(tests, planted_faults_are_found);
	tcase_add_test(tests, shared_rows_are_found);
	tcase_add_test(tests, flipped_labels_are_found);
	tcase_add_test(tests, no_quick_look);
	tcase_add_test(tests, it_can_be_stopped);
	tcase_add_test(tests, gates_of_a_check);
	tcase_add_test(tests, each_allocation_may_fail);
	suite_add_tcase(suite, tests);
	return suite;
}
