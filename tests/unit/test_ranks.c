/* Ranks as threads of one process: what they agree on and share, how failures spread, how work is dealt; and what a
 * launcher leaves in the environment. */
#include <stdlib.h>
#include <string.h>

#include "rank_threads.h"
#include "ranks/deal.h"
#include "ranks/launched.h"

/* ---- sharing ---- */

/* Each rank shares so many bytes of its number: rank 1 none, rank 2 more than are sent at once. */
static size_t size_of(size_t rank)
{
	return rank == 1 ? 0 : rank == 2 ? (3u << 20) + 17 : 5 + rank;
}

struct taken {
	size_t n, next;
};

static enum flt_status take(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes, struct flt_error *err)
{
	struct taken *taken = context;
	(void)err;
	ck_assert_uint_ge(rank, taken->next); /* in their order */
	ck_assert_uint_eq(n_bytes, size_of(rank));
	size_t n_same = 0;
	for (size_t i = 0; i < n_bytes; i++)
		n_same += bytes[i] == rank + 1;
	ck_assert_uint_eq(n_same, n_bytes);
	taken->next = rank + 1;
	taken->n++;
	return FLT_OK;
}

static void share_numbers(struct flt_ranks *ranks, size_t number)
{
	struct taken taken = {0};
	uint8_t *bytes = malloc(size_of(number) + 1);
	memset(bytes, (int)number + 1, size_of(number) + 1);
	ck_assert_int_eq(flt_ranks_share(ranks, bytes, size_of(number), take, &taken, NULL), FLT_OK);
	size_t n = flt_ranks_count(ranks), n_silent = n > 1 && number != 1;
	ck_assert_uint_eq(taken.n, n - 1 - n_silent);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	free(bytes);
}

START_TEST(each_rank_gets_the_bytes_of_all_others)
{
	for (size_t n = 1; n <= 5; n++)
		run_all(n, share_numbers);
}
END_TEST

static enum flt_status refuse(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes, struct flt_error *err)
{
	(void)context;
	(void)bytes;
	(void)n_bytes;
	return flt_fail(err, FLT_ERR_MODEL, "refused what rank %zu gave", rank);
}

/* Rank 1 of 3 takes nothing, but goes on to the end of the sharing; the others hear of it when they meet again. */
static void refuse_on_one(struct flt_ranks *ranks, size_t number)
{
	struct flt_error err = {0};
	uint8_t byte = 1;
	struct taken taken = {0};
	enum flt_status status = number == 1 ? flt_ranks_share(ranks, &byte, 0, refuse, NULL, &err) : FLT_OK;
	if (number != 1) {
		uint8_t *bytes = malloc(size_of(number));
		memset(bytes, (int)number + 1, size_of(number));
		ck_assert_int_eq(flt_ranks_share(ranks, bytes, size_of(number), take, &taken, NULL), FLT_OK);
		free(bytes);
	} else {
		ck_assert_int_eq(status, FLT_ERR_MODEL);
		ck_assert_str_eq(err.text, "refused what rank 0 gave");
	}
	ck_assert_int_eq(flt_ranks_end(ranks, status, &err), FLT_ERR_MODEL);
	ck_assert_ptr_nonnull(strstr(err.text, "rank 1 ("));
	ck_assert_ptr_nonnull(strstr(err.text, "): refused what rank 0 gave"));
}

START_TEST(a_rank_that_cannot_take_bytes_ends_all)
{
	run_all(3, refuse_on_one);
}
END_TEST

/* ---- trading ---- */

enum { N_TRADERS = 3, N_TRADES = 40 };

static void count_wait(void *context)
{
	++*(size_t *)context;
}

/* Rank `from` gives `to` so many bytes in a trade, some of them none. */
static size_t size_of_gift(size_t from, size_t to, size_t trade)
{
	return (7 * from + 3 * to + trade) % 4 * 5;
}

/* The first three of four ranks trade; the fourth comes only to the end. */
static void trade_numbers(struct flt_ranks *ranks, size_t number)
{
	size_t n_waits = 0, n_messages = 0, n_bytes = 0;
	for (size_t t = 0; number < N_TRADERS && t < N_TRADES; t++) {
		uint8_t given[N_TRADERS][15], got[N_TRADERS][15] = {{0}};
		struct flt_parcel out[N_TRADERS], in[N_TRADERS];
		for (size_t i = 0; i < N_TRADERS; i++) {
			memset(given[i], (int)(16 * number + i + t), sizeof given[i]);
			out[i] = (struct flt_parcel){given[i], size_of_gift(number, i, t)};
			in[i] = (struct flt_parcel){got[i], size_of_gift(i, number, t)};
			n_messages += i != number && out[i].n_bytes > 0;
			n_bytes += i != number ? out[i].n_bytes : 0;
		}
		flt_ranks_trade(ranks, N_TRADERS, out, in, count_wait, &n_waits);
		for (size_t i = 0; i < N_TRADERS; i++)
			for (size_t b = 0; i != number && b < sizeof got[i]; b++)
				ck_assert_uint_eq(got[i][b], b < in[i].n_bytes ? (uint8_t)(16 * i + number + t) : 0);
	}
	struct flt_traded traded = flt_ranks_traded(ranks);
	ck_assert(traded.n_messages == (double)n_messages && traded.n_bytes == (double)n_bytes);
	ck_assert((traded.seconds > 0) == (number < N_TRADERS));
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
}

START_TEST(ranks_trade_bytes_and_count_them)
{
	run_all(N_TRADERS + 1, trade_numbers);
	ck_assert(flt_ranks_traded(NULL).n_messages == 0);
}
END_TEST

/* ---- failures ---- */

/* Of ordered failures the first in order counts, as in one process; it needs no number. */
static void fail_in_order(struct flt_ranks *ranks, size_t number)
{
	static const size_t order[4] = {7, 2, 3, 0};
	struct flt_error err = {0};
	enum flt_status status = FLT_OK;
	if (number < 3)
		status = flt_fail(&err, FLT_ERR_DATA, "piece %zu", order[number]);
	ck_assert_int_eq(flt_ranks_agree(ranks, order[number], status, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "piece 2");
	ck_assert(number == 3 || !flt_ranks_look(ranks)); /* others find out where they meet */
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_ERR_DATA, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "piece 2");
}

START_TEST(the_first_failure_in_order_is_that_of_all)
{
	run_all(4, fail_in_order);
}
END_TEST

/* One rank fails outside any meeting, while the others are about to share. */
static void fail_alone(struct flt_ranks *ranks, size_t number)
{
	struct flt_error err = {0};
	uint8_t byte = 0;
	if (number == 2) {
		flt_fail(&err, FLT_ERR_MACHINE, "no memory");
		ck_assert_int_eq(flt_ranks_end(ranks, FLT_ERR_MACHINE, &err), FLT_ERR_MACHINE);
	} else {
		while (!flt_ranks_look(ranks)) { /* busy until it hears of that */
		}
		ck_assert_int_eq(flt_ranks_share(ranks, &byte, 1, take, NULL, &err), FLT_ERR_MACHINE);
		ck_assert_int_eq(flt_ranks_end(ranks, FLT_ERR_MACHINE, &err), FLT_ERR_MACHINE);
	}
	ck_assert_int_eq(strncmp(err.text, "rank 2 (", 8), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "): no memory"));
}

START_TEST(a_failure_is_heard_while_others_work)
{
	run_all(4, fail_alone);
}
END_TEST

/* What all ranks meet alike is said as by one process. */
static void fail_together(struct flt_ranks *ranks, size_t number)
{
	struct flt_error err;
	(void)number;
	flt_fail(&err, FLT_ERR_USAGE, "an option");
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_ERR_USAGE, &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, "an option");
}

START_TEST(a_failure_of_all_ranks_has_no_number)
{
	run_all(3, fail_together);
}
END_TEST

static void meet_differently(struct flt_ranks *ranks, size_t number)
{
	struct flt_error err = {0};
	uint8_t byte = 0;
	enum flt_status status = number == 0 ? flt_ranks_agree(ranks, 0, FLT_OK, &err)
	                                     : flt_ranks_share(ranks, &byte, 0, take, NULL, &err);
	ck_assert_int_eq(status, FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "start all ranks with the same program, options and files"));
	ck_assert_int_eq(flt_ranks_end(ranks, status, &err), FLT_ERR_MACHINE);
}

START_TEST(ranks_that_do_other_work_end)
{
	run_all(2, meet_differently);
}
END_TEST

/* ---- alone ---- */

START_TEST(a_process_alone_is_rank_0_of_1)
{
	struct flt_ranks *ranks;
	struct flt_error err = {.text = "as it was"};
	ck_assert_int_eq(flt_ranks_new(NULL, &ranks, NULL), FLT_OK);
	ck_assert_ptr_null(ranks);
	ck_assert_uint_eq(flt_ranks_count(ranks), 1);
	ck_assert_uint_eq(flt_ranks_own(ranks), 0);
	ck_assert_uint_eq(flt_ranks_beside(ranks), 1);
	ck_assert_uint_ge(flt_ranks_threads(ranks), 1);
	ck_assert(!flt_ranks_look(ranks));
	ck_assert_int_eq(flt_ranks_agree(ranks, 0, FLT_ERR_DATA, &err), FLT_ERR_DATA);
	ck_assert_int_eq(flt_ranks_share(ranks, NULL, 0, take, NULL, &err), FLT_OK);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_ERR_DATA, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "as it was");
	flt_ranks_free(ranks);
}
END_TEST

/* ---- dealing ---- */

static void check_deal(const double *work, size_t n, size_t n_ranks, const size_t *expected)
{
	size_t rank_of[8];
	ck_assert_int_eq(flt_ranks_deal(work, n, n_ranks, rank_of, NULL), FLT_OK);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(rank_of[i], expected[i]);
}

START_TEST(work_goes_to_the_rank_that_has_least)
{
	check_deal((double[]){1, 8, 3, 4}, 4, 2, (size_t[]){1, 0, 1, 1});
	check_deal((double[]){5, 5, 5, 5, 5}, 5, 3, (size_t[]){0, 1, 2, 0, 1});
	check_deal((double[]){0, 0, 0, 0}, 4, 2, (size_t[]){0, 1, 0, 1});
	check_deal((double[]){2, 1}, 2, 1, (size_t[]){0, 0});
	check_deal((double[]){2, 1}, 2, 7, (size_t[]){0, 1});
}
END_TEST

/* ---- launchers ---- */

static struct flt_launched launched_with(const char *const *variables)
{
	static const char *const all[] = {
	        "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK", "PMIX_RANK",
	        "SLURM_STEP_NUM_TASKS"};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		unsetenv(all[i]);
	for (; *variables; variables += 2)
		setenv(variables[0], variables[1], 1);
	return flt_launched();
}

START_TEST(launchers_are_known_by_their_variables)
{
	static const struct {
		const char *variables[7];
		size_t n, own;
		bool is_launched;
	} cases[] = {
	        {{NULL}, 1, 0, false},
	        {{"OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_RANK", "3", NULL}, 4, 3, true},
	        {{"PMI_SIZE", "2", "PMI_RANK", "1", NULL}, 2, 1, true},
	        {{"PMI_SIZE", "1", "PMI_RANK", "0", NULL}, 1, 0, true},
	        {{"PMI_SIZE", "many", NULL}, 1, 0, false},
	        {{"PMIX_RANK", "2", "SLURM_STEP_NUM_TASKS", "8", NULL}, 8, 2, true},
	        {{"PMIX_RANK", "2", NULL}, 3, 2, true},
	        {{"PMIX_RANK", "0", NULL}, 1, 0, true},
	        {{"SLURM_STEP_NUM_TASKS", "8", NULL}, 1, 0, false},
	};
	struct flt_launched launched = launched_with(cases[_i].variables);
	ck_assert_uint_eq(launched.n, cases[_i].n);
	ck_assert_uint_eq(launched.own, cases[_i].own);
	ck_assert_int_eq(launched.is_launched, cases[_i].is_launched);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("ranks");
	TCase *tests = tcase_create("ranks");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, each_rank_gets_the_bytes_of_all_others);
	tcase_add_test(tests, a_rank_that_cannot_take_bytes_ends_all);
	tcase_add_test(tests, ranks_trade_bytes_and_count_them);
	tcase_add_test(tests, the_first_failure_in_order_is_that_of_all);
	tcase_add_test(tests, a_failure_is_heard_while_others_work);
	tcase_add_test(tests, a_failure_of_all_ranks_has_no_number);
	tcase_add_test(tests, ranks_that_do_other_work_end);
	tcase_add_test(tests, a_process_alone_is_rank_0_of_1);
	tcase_add_test(tests, work_goes_to_the_rank_that_has_least);
	tcase_add_loop_test(tests, launchers_are_known_by_their_variables, 0, 9);
	suite_add_tcase(suite, tests);
	return suite;
}
