#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

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

int main(void)
{
	Suite *suite = suite_create("alloc");
	TCase *tests = tcase_create("alloc");
	tcase_add_test(tests, blocks_are_given_zeroed_and_aligned_as_promised);
	tcase_add_test(tests, no_items_are_a_block_too);
	tcase_add_test(tests, sizes_beyond_memory_are_errors);
	tcase_add_test(tests, a_block_grows_by_doubling_and_keeps_what_it_holds);
	tcase_add_test(tests, a_block_that_cannot_grow_is_left_as_it_was);
	tcase_add_test(tests, texts_are_copied_and_ended);
	tcase_add_test(tests, the_kth_allocation_fails_and_no_other);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
