#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "suite.h"

/* Under AddressSanitizer a size that no machine has is to be a NULL as well. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static bool all_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

START_TEST(blocks_are_given_zeroed_and_aligned_as_promised)
{
	unsigned char *block = flt_alloc(10, 3, NULL);
	ck_assert_ptr_nonnull(block);
	memset(block, 7, 30);
	flt_free(block);
	block = flt_alloc_zero(100, 9, NULL);
	ck_assert(all_zero(block, 900));
	flt_free(block);
	for (size_t n = 1; n < 200; n += 13) {
		block = flt_alloc_aligned(n, 4, NULL);
		ck_assert_uint_eq((uintptr_t)block % 64, 0);
		ck_assert(all_zero(block, 4 * n));
		flt_free(block);
	}
	flt_free(NULL);
}
END_TEST

START_TEST(no_items_are_a_block_too)
{
	void *blocks[] = {flt_alloc(0, 8, NULL), flt_alloc_zero(8, 0, NULL), flt_alloc_aligned(0, 0, NULL)};
	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_nonnull(blocks[i]);
		flt_free(blocks[i]);
	}
}
END_TEST

START_TEST(sizes_beyond_memory_are_errors)
{
	static const size_t sizes[][2] = {
	        {SIZE_MAX, 2}, {SIZE_MAX, 1}, {2, SIZE_MAX / 2}, {PTRDIFF_MAX, 1}, {(size_t)PTRDIFF_MAX + 1, 1}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int kind = 0; kind < 3; kind++) {
			struct flt_error err = {0};
			size_t n = sizes[i][0], size = sizes[i][1];
			void *block = kind == 0   ? flt_alloc(n, size, &err)
			              : kind == 1 ? flt_alloc_zero(n, size, &err)
			                          : flt_alloc_aligned(n, size, &err);
			ck_assert_ptr_null(block);
			ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
			ck_assert_ptr_nonnull(strstr(err.text, "out of memory"));
		}
}
END_TEST

START_TEST(a_block_grows_by_doubling_and_keeps_what_it_holds)
{
	int *items = NULL;
	size_t capacity = 0, n_grown = 0;
	for (size_t n = 0; n < 10000; n++) {
		size_t before = capacity;
		ck_assert_int_eq(flt_grow((void **)&items, &capacity, n + 1, sizeof *items, NULL), FLT_OK);
		ck_assert_uint_gt(capacity, n);
		n_grown += capacity != before;
		items[n] = (int)n;
	}
	for (size_t n = 0; n < 10000; n++)
		ck_assert_int_eq(items[n], (int)n);
	ck_assert_uint_lt(n_grown, 15);
	flt_free(items);
}
END_TEST

START_TEST(a_block_that_cannot_grow_is_left_as_it_was)
{
	char *text = flt_copy_text("abcdefgh", 8, NULL);
	char *block = text;
	size_t capacity = 8;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_grow((void **)&block, &capacity, SIZE_MAX / 2, 8, &err), FLT_ERR_MACHINE);
	ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_grow((void **)&block, &capacity, 9, 1, &err), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
	ck_assert_ptr_eq(block, text);
	ck_assert_uint_eq(capacity, 8);
	ck_assert_str_eq(block, "abcdefgh");
	flt_free(block);
}
END_TEST

START_TEST(texts_are_copied_and_ended)
{
	char *copy = flt_copy_text("hello world", 5, NULL);
	ck_assert_str_eq(copy, "hello");
	flt_free(copy);
	copy = flt_copy_text("", 0, NULL);
	ck_assert_str_eq(copy, "");
	flt_free(copy);
}
END_TEST

/* How many of six allocations succeed. */
static int count_allocations(void)
{
	int n_made = 0;
	size_t capacity = 0;
	void *grown = NULL,
	     *blocks[5] = {flt_alloc(1, 1, NULL), flt_alloc_zero(1, 1, NULL), flt_alloc_aligned(1, 1, NULL),
	                   flt_copy_text("a", 1, NULL), flt_alloc(0, 0, NULL)};
	for (int i = 0; i < 5; i++) {
		n_made += blocks[i] != NULL;
		flt_free(blocks[i]);
	}
	n_made += flt_grow(&grown, &capacity, 1, 1, NULL) == FLT_OK;
	flt_free(grown);
	return n_made;
}

START_TEST(the_kth_allocation_fails_and_no_other)
{
	flt_alloc_fail_at(0);
	ck_assert_int_eq(count_allocations(), 6);
	ck_assert_uint_eq(flt_alloc_fail_at(0), 6);
	for (unsigned long k = 1; k <= 6; k++) {
		flt_alloc_fail_at(k);
		ck_assert_int_eq(count_allocations(), 5);
		ck_assert_int_eq(count_allocations(), 6); /* once is enough */
		ck_assert_uint_eq(flt_alloc_fail_at(0), 12);
	}
	flt_alloc_fail_at(7);
	ck_assert_int_eq(count_allocations(), 6);
	flt_alloc_fail_at(0);
}
END_TEST

START_TEST(what_is_live_returns_to_nothing)
{
	size_t before = flt_alloc_live(), capacity = 0;
	void *grown = NULL;
	void *blocks[] = {flt_alloc(1000, 8, NULL), flt_alloc_zero(77, 3, NULL), flt_alloc_aligned(1000, 4, NULL),
	                  flt_copy_text("abc", 3, NULL), flt_alloc(0, 8, NULL)};
	ck_assert_uint_ge(flt_alloc_live() - before, 8000 + 231 + 4000 + 4);
	ck_assert_uint_le(flt_alloc_live() - before, 8000 + 231 + 4000 + 4 + 5 * 96);
	size_t fixed = flt_alloc_live();
	for (size_t n = 1; n < 100000; n = 3 * n) {
		ck_assert_int_eq(flt_grow(&grown, &capacity, n, 16, NULL), FLT_OK);
		ck_assert_uint_ge(flt_alloc_live() - fixed, 16 * capacity);
		ck_assert_uint_le(flt_alloc_live() - fixed, 16 * capacity + 4096);
	}
	flt_alloc_fail_at(1);
	ck_assert_ptr_null(flt_alloc(1000, 1000, NULL));
	flt_alloc_fail_at(0);
	flt_free(grown);
	ck_assert_uint_eq(flt_alloc_live(), fixed);
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		flt_free(blocks[i]);
	flt_free(NULL);
	ck_assert_uint_eq(flt_alloc_live(), before);
}
END_TEST

START_TEST(what_passes_the_limit_is_refused_and_leaves_no_trace)
{
	enum { MB = 1 << 20 };
	struct flt_error err = {0};
	size_t before = flt_alloc_live(), capacity = 0, live;
	char *grown = NULL;
	ck_assert_uint_eq(flt_alloc_limit(), SIZE_MAX);
	flt_alloc_set_limit(before + 4 * MB - 1);
	ck_assert_uint_eq(flt_alloc_limit(), before + 4 * MB - 1);
	void *most = flt_alloc(3, MB, &err);
	ck_assert_ptr_nonnull(most);
	live = flt_alloc_live();
	ck_assert_ptr_null(flt_alloc(2, MB, &err));
	ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	ck_assert_str_eq(
	        err.text,
	        "out of memory: this needs 5.0 MB or more, but the limit is 4.0 MB; raise "
	        "--memory-limit, keep large arrays in a file with --cache, or use fewer rows, columns or hidden "
	        "units");
	ck_assert_ptr_null(flt_alloc_zero(2, MB, &err));
	ck_assert_ptr_null(flt_alloc_aligned(2, MB, &err));
	ck_assert_int_eq(flt_grow((void **)&grown, &capacity, 2 * MB, 1, &err), FLT_ERR_MACHINE);
	ck_assert_uint_eq(flt_alloc_live(), live);
	/* A block counts once while it grows: from 0.5 MB to 1 beside 3 others is too much, beside none it is not. */
	ck_assert_int_eq(flt_grow((void **)&grown, &capacity, MB / 2, 1, &err), FLT_OK);
	grown[0] = 'a';
	ck_assert_int_eq(flt_grow((void **)&grown, &capacity, 7 * MB / 8, 1, &err), FLT_ERR_MACHINE); /* doubles */
	ck_assert_uint_eq(capacity, MB / 2);
	ck_assert_int_eq(grown[0], 'a');
	flt_free(most);
	ck_assert_int_eq(flt_grow((void **)&grown, &capacity, 7 * MB / 8, 1, &err), FLT_OK);
	ck_assert_int_eq(grown[0], 'a');
	flt_alloc_set_limit(0);
	ck_assert_ptr_null(flt_alloc(1, 1, &err));
	flt_alloc_set_limit(SIZE_MAX);
	flt_free(grown);
	ck_assert_uint_eq(flt_alloc_live(), before);
}
END_TEST

/* What the limit allows and the machine has not. */
START_TEST(limit_is_not_blamed_for_what_the_machine_refuses)
{
	size_t most = PTRDIFF_MAX / 8 * 7, capacity = 0;
	void *grown = NULL;
	flt_alloc_set_limit(flt_alloc_live() + most + (1 << 20));
	for (int kind = 0; kind < 4; kind++) {
		struct flt_error err = {0};
		char expected[80];
		if (kind < 3)
			ck_assert_ptr_null(kind == 0   ? flt_alloc(most, 1, &err)
			                   : kind == 1 ? flt_alloc_zero(most, 1, &err)
			                               : flt_alloc_aligned(most / 64, 64, &err));
		else
			ck_assert_int_eq(flt_grow(&grown, &capacity, most, 1, &err), FLT_ERR_MACHINE);
		size_t asked = kind == 2 ? most / 64 * 64 : most;
		sprintf(expected, "out of memory: %zu bytes more are needed", asked);
		ck_assert_str_eq(err.text, expected);
	}
	flt_alloc_set_limit(SIZE_MAX);
}
END_TEST

enum { N_THREADS = 8, N_ROUNDS = 4000, PIECE = 1000, MOST_PIECES = 5 };

static atomic_size_t n_held, n_refused;
static atomic_bool passed_limit;
static pthread_barrier_t all_asked;

/* Takes and gives pieces; no more than MOST_PIECES may be there at once. All threads hold or miss a piece at first, so
 * some are refused however the machine runs them. */
static void *take_and_give(void *unused)
{
	void *first = flt_alloc(PIECE, 1, NULL);
	atomic_fetch_add(first ? &n_held : &n_refused, 1);
	pthread_barrier_wait(&all_asked);
	atomic_fetch_sub(&n_held, first ? 1 : 0);
	flt_free(first);
	for (size_t i = 0; i < N_ROUNDS; i++) {
		void *piece = flt_alloc(PIECE, 1, NULL);
		if (!piece) {
			atomic_fetch_add(&n_refused, 1);
			continue;
		}
		if (atomic_fetch_add(&n_held, 1) + 1 > MOST_PIECES)
			atomic_store(&passed_limit, true);
		if (i % 64 == 0) /* while it holds a piece; each time may cost a busy machine a time slice */
			sched_yield();
		atomic_fetch_sub(&n_held, 1);
		flt_free(piece);
	}
	return unused;
}

START_TEST(threads_do_not_pass_the_limit_together)
{
	pthread_t threads[N_THREADS];
	size_t before = flt_alloc_live();
	flt_alloc_set_limit(before + MOST_PIECES * (PIECE + 64));
	ck_assert_int_eq(pthread_barrier_init(&all_asked, NULL, N_THREADS), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give, NULL), 0);
	for (size_t i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&all_asked);
	ck_assert(!atomic_load(&passed_limit));
	ck_assert_uint_gt(atomic_load(&n_refused), 0);
	ck_assert_uint_eq(flt_alloc_live(), before);
	flt_alloc_set_limit(SIZE_MAX);
}
END_TEST

START_TEST(sizes_are_told_in_units_that_people_read)
{
	static const struct {
		double n_bytes;
		const char *text;
	} sizes[] = {{0, "0 bytes"},
	             {999, "999 bytes"},
	             {1000, "1.0 KB"},
	             {1536, "1.5 KB"},
	             {99.9 * 1024, "99.9 KB"},
	             {100 * 1024, "100.0 KB"},
	             {1023.0 * 1024 * 1024, "1.0 GB"},
	             {12.34 * (1 << 30), "12.3 GB"},
	             {0x1p40, "1.0 TB"},
	             {0x1p64, "16.0 EB"},
	             {0x1p75, "32768.0 EB"}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char text[FLT_SIZE_TEXT];
		flt_size_text(sizes[i].n_bytes, text);
		ck_assert_str_eq(text, sizes[i].text);
	}
}
END_TEST

START_TEST(arrays_that_grow_by_items_have_the_capacity_that_is_said)
{
	double *items = NULL;
	size_t capacity = 0;
	ck_assert_uint_eq(flt_grown_capacity(0), 0);
	for (size_t n = 1; n < 1000; n++) {
		ck_assert_int_eq(flt_grow((void **)&items, &capacity, n, sizeof *items, NULL), FLT_OK);
		ck_assert_uint_eq(flt_grown_capacity(n), capacity);
	}
	ck_assert_uint_eq(flt_grown_capacity(SIZE_MAX), SIZE_MAX);
	flt_free(items);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("alloc");
	TCase *tests = tcase_create("alloc");
	tcase_add_test(tests, blocks_are_given_zeroed_and_aligned_as_promised);
	tcase_add_test(tests, no_items_are_a_block_too);
	tcase_add_test(tests, sizes_beyond_memory_are_errors);
	tcase_add_test(tests, a_block_grows_by_doubling_and_keeps_what_it_holds);
	tcase_add_test(tests, a_block_that_cannot_grow_is_left_as_it_was);
	tcase_add_test(tests, arrays_that_grow_by_items_have_the_capacity_that_is_said);
	tcase_add_test(tests, texts_are_copied_and_ended);
	tcase_add_test(tests, the_kth_allocation_fails_and_no_other);
	tcase_add_test(tests, what_is_live_returns_to_nothing);
	tcase_add_test(tests, what_passes_the_limit_is_refused_and_leaves_no_trace);
	tcase_add_test(tests, limit_is_not_blamed_for_what_the_machine_refuses);
	tcase_add_test(tests, threads_do_not_pass_the_limit_together);
	tcase_add_test(tests, sizes_are_told_in_units_that_people_read);
	suite_add_tcase(suite, tests);
	return suite;
}
