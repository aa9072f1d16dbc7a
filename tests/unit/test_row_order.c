/* The order of rows in an epoch: each row once, by any order; blocks keep together what is read together. */
#include "nn/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "suite.h"

static struct flt_row_order order_of(const struct flt_train_options *options, const struct flt_data *data)
{
	struct flt_row_order order;
	ck_assert_int_eq(flt_row_order_init(&order, options, data, NULL), FLT_OK);
	return order;
}

static void check_each_row_once(const struct flt_row_order *order)
{
	size_t n = order->data->n_rows;
	unsigned char *seen = calloc(n, 1);
	for (size_t i = 0; i < n; i++)
		if (order->rows[i] >= n || seen[order->rows[i]]++)
			ck_abort_msg("row %u at %zu", order->rows[i], i);
	free(seen);
}

START_TEST(each_epoch_visits_each_row_once)
{
	static const size_t sizes[][2] = {{1, 1},         {2, 70000},   {5, FLT_BLOCK_VALUES}, {1000, 3},
	                                  {100000, 2000}, {262145, 64}, {1 << 21, 8}};
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (enum flt_order by = 0; by < FLT_N_ORDERS; by++) {
			struct flt_train_options options = {.order = by, .seed = 3};
			struct flt_data data = {.n_rows = sizes[s][0], .n_in = sizes[s][1]};
			struct flt_row_order order = order_of(&options, &data);
			for (size_t epoch = 1; epoch < 3; epoch++) {
				flt_row_order_shuffle(&order, epoch);
				check_each_row_once(&order);
			}
			flt_row_order_release(&order);
		}
}
END_TEST

/* 2^12 rows a block, 2^19 a window; 3 windows and a bit. */
enum { N_IN = 16, BLOCK_ROWS = FLT_BLOCK_VALUES / N_IN, WINDOW = FLT_WINDOW_BLOCKS * BLOCK_ROWS, N = 3 * WINDOW + 777 };

START_TEST(a_window_reads_whole_blocks_from_anywhere)
{
	struct flt_train_options options = {.order = FLT_ORDER_BLOCKS, .seed = 1};
	struct flt_data data = {.n_rows = N, .n_in = N_IN};
	struct flt_row_order order = order_of(&options, &data);
	flt_row_order_shuffle(&order, 1);
	bool is_in_window[N / BLOCK_ROWS + 1] = {0};
	size_t end = 0, highest = 0, lowest = SIZE_MAX;
	for (size_t i = 0; i < FLT_WINDOW_BLOCKS; i++) {
		size_t block = order.blocks[i];
		is_in_window[block] = true;
		end += block < N / BLOCK_ROWS ? BLOCK_ROWS : N % BLOCK_ROWS;
		highest = block > highest ? block : highest;
		lowest = block < lowest ? block : lowest;
	}
	for (size_t i = 0; i < N; i++)
		if (is_in_window[order.rows[i] / BLOCK_ROWS] != (i < end))
			ck_abort_msg("row %u at %zu", order.rows[i], i);
	ck_assert_uint_gt(highest - lowest, N / BLOCK_ROWS / 2);
	/* Within it rows are shuffled: neighbours are seldom of one block, 1 in 128. */
	size_t n_together = 0;
	for (size_t i = 1; i < end; i++)
		n_together += order.rows[i] / BLOCK_ROWS == order.rows[i - 1] / BLOCK_ROWS;
	ck_assert_uint_lt(n_together, WINDOW / 64);
	ck_assert_uint_gt(n_together, WINDOW / 256);
	flt_row_order_release(&order);
}
END_TEST

START_TEST(an_order_depends_on_seed_and_epoch_alone)
{
	for (enum flt_order by = 0; by < FLT_N_ORDERS; by++) {
		struct flt_train_options options = {.order = by, .seed = 1}, other = {.order = by, .seed = 2};
		struct flt_data data = {.n_rows = 300000, .n_in = 4};
		struct flt_row_order a = order_of(&options, &data), b = order_of(&options, &data),
		                     c = order_of(&other, &data);
		size_t n_bytes = data.n_rows * sizeof *a.rows;
		flt_row_order_shuffle(&a, 5);
		flt_row_order_shuffle(&b, 4);
		ck_assert_int_ne(memcmp(a.rows, b.rows, n_bytes), 0);
		flt_row_order_shuffle(&b, 5);
		ck_assert_int_eq(memcmp(a.rows, b.rows, n_bytes), 0);
		flt_row_order_shuffle(&c, 5);
		ck_assert_int_ne(memcmp(a.rows, c.rows, n_bytes), 0);
		flt_row_order_release(&a);
		flt_row_order_release(&b);
		flt_row_order_release(&c);
	}
}
END_TEST

START_TEST(rows_of_a_shared_matrix_are_named_as_they_are_given)
{
	size_t rows[500];
	for (size_t i = 0; i < 500; i++)
		rows[i] = 3 * i + 1;
	for (enum flt_order by = 0; by < FLT_N_ORDERS; by++) {
		struct flt_train_options options = {.order = by};
		struct flt_data data = {.n_rows = 500, .n_in = 2, .rows = rows};
		struct flt_row_order order = order_of(&options, &data);
		size_t sum = 0;
		flt_row_order_shuffle(&order, 1);
		for (size_t i = 0; i < 500; i++) {
			ck_assert_uint_eq(order.rows[i] % 3, 1);
			sum += order.rows[i];
		}
		ck_assert_uint_eq(sum, 3 * (500 * 499 / 2) + 500);
		flt_row_order_release(&order);
	}
}
END_TEST

/* The first `first` of the rows are positive, or every `every`-th. */
static bool is_even(enum flt_order by, size_t first, size_t every)
{
	static uint8_t label[N];
	struct flt_train_options options = {.order = by};
	struct flt_data data = {.n_rows = N, .n_in = N_IN, .label = label};
	for (size_t i = 0; i < N; i++)
		label[i] = i < first || (every && i % every == 0);
	return flt_row_order_is_even(&options, &data);
}

START_TEST(positive_rows_that_lie_together_make_it_uneven)
{
	ck_assert(is_even(FLT_ORDER_BLOCKS, 0, 1000));
	ck_assert(is_even(FLT_ORDER_BLOCKS, 0, 2));
	ck_assert(!is_even(FLT_ORDER_BLOCKS, 1000, 0));
	ck_assert(!is_even(FLT_ORDER_BLOCKS, 12 * BLOCK_ROWS, 0));
	ck_assert(is_even(FLT_ORDER_BLOCKS, 13 * BLOCK_ROWS, 0)); /* 4 a window, and there are a few more than 3 */
	ck_assert(is_even(FLT_ORDER_ROWS, 1000, 0));
}
END_TEST

START_TEST(its_memory_is_what_is_said)
{
	for (enum flt_order by = 0; by < FLT_N_ORDERS; by++) {
		struct flt_train_options options = {.order = by};
		struct flt_data data = {.n_rows = 1000000, .n_in = 100};
		size_t before = flt_alloc_live();
		struct flt_row_order order = order_of(&options, &data);
		double said = flt_row_order_memory(&options, &data), is = (double)(flt_alloc_live() - before);
		ck_assert(is >= said);
		ck_assert_double_lt(is, said + 10000);
		flt_row_order_release(&order);
	}
}
END_TEST

enum { N_FEW = 2000, N_POSITIVE = 20, N_DRAWN = 10 * N_POSITIVE };

/* Counts how often each row is among the visited ones of an epoch; none is there twice. */
static void count_visits(struct flt_row_order *order, size_t epoch, unsigned *n_visits)
{
	bool is_visited[N_FEW] = {0};
	flt_row_order_shuffle(order, epoch);
	for (size_t i = 0; i < order->visited.n; i++) {
		ck_assert(!is_visited[order->rows[i]]);
		is_visited[order->rows[i]] = true;
		n_visits[order->rows[i]]++;
	}
}

/* Of 400 epochs a negative row is in 40.4 on average, with a standard deviation of 6.0. */
START_TEST(an_epoch_has_all_positive_rows_and_a_draw_of_the_others)
{
	enum { N_EPOCHS = 400 };
	uint8_t label[N_FEW] = {0};
	for (size_t i = 0; i < N_POSITIVE; i++)
		label[97 * i + 5] = 1;
	for (enum flt_order by = 0; by < FLT_N_ORDERS; by++) {
		struct flt_train_options options = {.order = by, .seed = 7, .negatives = 10.01};
		struct flt_data data = {.n_rows = N_FEW, .n_in = 4, .label = label};
		struct flt_row_order order = order_of(&options, &data);
		unsigned n_visits[N_FEW] = {0};
		double place = 0;
		ck_assert_uint_eq(order.visited.n, N_POSITIVE + N_DRAWN);
		ck_assert_uint_eq(order.visited.n_negative, N_DRAWN);
		ck_assert_double_eq_tol(order.visited.stand_for, (N_FEW - N_POSITIVE) / (double)N_DRAWN, 1e-12);
		for (size_t epoch = 1; epoch <= N_EPOCHS; epoch++) {
			count_visits(&order, epoch, n_visits);
			for (size_t i = 0; i < order.visited.n; i++)
				place += label[order.rows[i]] ? (double)i : 0;
		}
		for (size_t i = 0; i < N_FEW; i++)
			if (label[i] ? n_visits[i] != N_EPOCHS : n_visits[i] < 40 - 30 || n_visits[i] > 40 + 30)
				ck_abort_msg("row %zu: %u times", i, n_visits[i]);
		/* Positive rows come at any time of an epoch. */
		ck_assert_double_eq_tol(place / N_EPOCHS / N_POSITIVE, (N_POSITIVE + N_DRAWN) / 2.0, 3);
		flt_row_order_release(&order);
	}
}
END_TEST

START_TEST(where_all_are_wanted_nothing_is_drawn)
{
	const struct {
		double negatives;
		size_t n_rows, n_positive, n;
	} cases[] = {{0, 100, 5, 100},  {19, 100, 5, 100},   {18.9, 100, 5, 99}, {1e9, 100, 5, 100},
	             {10, 100, 0, 100}, {10, 100, 100, 100}, {0.1, 100, 5, 6},   {0.2, 100, 5, 6}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_train_options options = {.negatives = cases[i].negatives};
		struct flt_epoch_rows rows = flt_epoch_rows(&options, cases[i].n_rows, cases[i].n_positive);
		ck_assert_uint_eq(rows.n, cases[i].n);
		ck_assert_uint_eq(rows.n_negative, cases[i].n - cases[i].n_positive);
		ck_assert((rows.stand_for > 1) == (rows.n < cases[i].n_rows));
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("row_order");
	TCase *tests = tcase_create("row_order");
	tcase_add_test(tests, each_epoch_visits_each_row_once);
	tcase_add_test(tests, a_window_reads_whole_blocks_from_anywhere);
	tcase_add_test(tests, an_order_depends_on_seed_and_epoch_alone);
	tcase_add_test(tests, rows_of_a_shared_matrix_are_named_as_they_are_given);
	tcase_add_test(tests, positive_rows_that_lie_together_make_it_uneven);
	tcase_add_test(tests, its_memory_is_what_is_said);
	tcase_add_test(tests, an_epoch_has_all_positive_rows_and_a_draw_of_the_others);
	tcase_add_test(tests, where_all_are_wanted_nothing_is_drawn);
	suite_add_tcase(suite, tests);
	return suite;
}
