/* Arrays in a file: what they hold, what they count, and what is left of them on the disk. */
#include "base/file_memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "scratch.h"
#include "suite.h"

enum { MB = 1 << 20 };

static void enter(void)
{
	struct flt_error err = {0};
	scratch_enter();
	ck_assert_msg(flt_file_memory_open("store", &err) == FLT_OK, "%s", err.text);
}

static void leave(void)
{
	flt_file_memory_close();
	scratch_leave();
}

/* Bytes on the disk of the one file that this process has open and that no folder names. */
static long long bytes_on_disk(void)
{
	long long n = 0;
	for (int file = 3; file < 64; file++) {
		struct stat about;
		if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink == 0)
			n += (long long)about.st_blocks * 512;
	}
	return n;
}

static bool is_all(const unsigned char *bytes, size_t n, unsigned char value)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

START_TEST(large_arrays_count_as_no_memory_and_small_ones_as_before)
{
	size_t before = flt_alloc_live();
	void *large = flt_alloc(3, MB, NULL), *small = flt_alloc(MB - 1, 1, NULL);
	ck_assert(flt_file_memory_has(large) && !flt_file_memory_has(small) && !flt_file_memory_has(NULL));
	ck_assert_uint_eq(flt_file_memory_size(large), 3 * MB);
	ck_assert_uint_ge(flt_alloc_live() - before, MB - 1);
	ck_assert_uint_lt(flt_alloc_live() - before, 2 * MB);
	ck_assert(flt_alloc_counted(MB - 1) > 0 && !(flt_alloc_counted(MB) > 0));
	flt_free(small);
	flt_free(large);
	ck_assert_uint_eq(flt_alloc_live(), before);
}
END_TEST

START_TEST(arrays_pass_the_limit_on_memory)
{
	flt_alloc_set_limit(flt_alloc_live() + MB / 2);
	ck_assert_ptr_null(flt_alloc(MB - 1, 1, NULL));
	void *large = flt_alloc_zero(64, MB, NULL);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_ptr_nonnull(large);
	flt_free(large);
}
END_TEST

START_TEST(arrays_begin_as_zeros_where_others_have_been)
{
	for (int i = 0; i < 3; i++) {
		unsigned char *plain = flt_alloc(5, MB, NULL), *zero = flt_alloc_zero(2, MB, NULL),
		              *aligned = flt_alloc_aligned(MB + 3, 1, NULL);
		ck_assert(is_all(zero, 2 * MB, 0) && is_all(aligned, MB + 3, 0));
		ck_assert_uint_eq((uintptr_t)aligned % 64, 0);
		memset(plain, 1, 5 * MB);
		memset(zero, 2, 2 * MB);
		memset(aligned, 3, MB + 3);
		ck_assert(is_all(plain, 5 * MB, 1) && is_all(zero, 2 * MB, 2) && is_all(aligned, MB + 3, 3));
		flt_free(zero);
		flt_free(i % 2 ? plain : aligned);
		flt_free(i % 2 ? aligned : plain);
	}
}
END_TEST

START_TEST(an_array_that_grows_moves_into_the_file_with_what_it_holds)
{
	uint32_t *items = NULL;
	size_t capacity = 0, before = flt_alloc_live();
	for (uint32_t i = 0; i < MB; i++) {
		if (flt_grow((void **)&items, &capacity, i + 1, sizeof *items, NULL) != FLT_OK)
			ck_abort_msg("no room for %u", i);
		items[i] = i;
	}
	ck_assert(flt_file_memory_has(items));
	for (uint32_t i = 0; i < MB; i++)
		if (items[i] != i)
			ck_abort_msg("%u at %u", items[i], i);
	flt_free(items);
	ck_assert_uint_eq(flt_alloc_live(), before);
}
END_TEST

START_TEST(a_freed_array_gives_its_place_on_the_disk_back)
{
	void *arrays[8];
	for (int i = 0; i < 8; i++) {
		arrays[i] = flt_alloc(4, MB, NULL);
		memset(arrays[i], i, 4 * MB);
	}
	ck_assert_int_ge(bytes_on_disk(), 32LL * MB);
	/* In an order that leaves holes, before the end gives way. */
	for (int i = 0; i < 8; i += 2)
		flt_free(arrays[i]);
	ck_assert_int_lt(bytes_on_disk(), 18LL * MB);
	ck_assert(is_all(arrays[3], 4 * MB, 3));
	for (int i = 1; i < 8; i += 2)
		flt_free(arrays[i]);
	ck_assert_int_lt(bytes_on_disk(), MB);
	void *again = flt_alloc(1, MB, NULL);
	ck_assert_ptr_eq(again, arrays[0]);
	flt_free(again);
}
END_TEST

START_TEST(a_disk_without_room_is_a_sentence)
{
	struct flt_error err;
	struct rlimit limit, small;
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 2 * MB;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	void *array = flt_alloc(8, MB, &err);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_ptr_null(array);
	ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "store: cannot keep 8.0 MB more of the data there: File too large; --cache takes "
	                           "another folder");
	flt_free(flt_alloc(8, MB, &err));
}
END_TEST

START_TEST(an_array_that_must_fail_does)
{
	flt_alloc_fail_at(1);
	ck_assert_ptr_null(flt_alloc(MB, 1, NULL));
	uint8_t *items = flt_alloc(MB, 1, NULL);
	size_t capacity = MB;
	items[MB - 1] = 7;
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_grow((void **)&items, &capacity, 2 * MB, 1, NULL), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
	ck_assert_uint_eq(capacity, MB);
	ck_assert_uint_eq(items[MB - 1], 7);
	flt_free(items);
}
END_TEST

static void *come_and_go(void *seed)
{
	unsigned char mine = *(unsigned char *)seed;
	for (size_t i = 0; i < 30; i++) {
		size_t n = MB + (i * 7919 + mine) % MB;
		unsigned char *array = flt_alloc(n, 1, NULL);
		memset(array, mine, n);
		if (!is_all(array, n, mine))
			return NULL;
		flt_free(array);
	}
	return seed;
}

START_TEST(threads_do_not_get_each_others_arrays)
{
	enum { N = 4 };
	pthread_t threads[N];
	unsigned char seeds[N] = {1, 2, 3, 4};
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, &seeds[i]), 0);
	for (int i = 0; i < N; i++) {
		void *result;
		ck_assert_int_eq(pthread_join(threads[i], &result), 0);
		ck_assert_ptr_eq(result, &seeds[i]);
	}
}
END_TEST

START_TEST(a_folder_that_takes_no_file_is_a_sentence)
{
	struct flt_error err;
	scratch_enter();
	scratch_write("file", "x", 1);
	ck_assert_int_eq(flt_file_memory_open("file", &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "file: cannot make a file in it: Not a directory; name another folder with --cache");
	ck_assert_int_eq(flt_file_memory_open("no/where", &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "no/where: cannot make the folder: No such file or directory; name another folder "
	                           "with --cache");
	ck_assert_ptr_null(flt_file_memory_folder());
	ck_assert(!flt_file_memory_takes(SIZE_MAX / 2));
	scratch_leave();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("file_memory");
	TCase *tests = tcase_create("open"), *closed = tcase_create("closed");
	tcase_add_checked_fixture(tests, enter, leave);
	tcase_add_test(tests, large_arrays_count_as_no_memory_and_small_ones_as_before);
	tcase_add_test(tests, arrays_pass_the_limit_on_memory);
	tcase_add_test(tests, arrays_begin_as_zeros_where_others_have_been);
	tcase_add_test(tests, an_array_that_grows_moves_into_the_file_with_what_it_holds);
	tcase_add_test(tests, a_freed_array_gives_its_place_on_the_disk_back);
	tcase_add_test(tests, a_disk_without_room_is_a_sentence);
	tcase_add_test(tests, an_array_that_must_fail_does);
	tcase_add_test(tests, threads_do_not_get_each_others_arrays);
	tcase_add_test(closed, a_folder_that_takes_no_file_is_a_sentence);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, closed);
	return suite;
}
