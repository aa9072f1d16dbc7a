#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "suite.h"

enum { N_TEXTS = 3000, HUGE_TEXT = 1 << 20 };

static char huge[HUGE_TEXT];

/* Texts of 0 to 99 bytes, and one in the middle that no usual chunk holds. */
static void fill(struct flt_arena *arena, const char *texts[N_TEXTS])
{
	memset(huge, 'x', sizeof huge);
	for (size_t i = 0; i < N_TEXTS; i++) {
		texts[i] = flt_arena_add(arena, huge, i == N_TEXTS / 2 ? HUGE_TEXT : i % 100, NULL);
		ck_assert_ptr_nonnull(texts[i]);
	}
}

START_TEST(texts_stay_until_they_are_given_up)
{
	static const char *texts[N_TEXTS];
	struct flt_arena arena = {0};
	size_t before = flt_alloc_live(), all, kept;
	fill(&arena, texts);
	for (size_t i = 0; i < N_TEXTS; i++) {
		size_t length = i == N_TEXTS / 2 ? HUGE_TEXT : i % 100;
		ck_assert_uint_eq(strlen(texts[i]), length);
		ck_assert_mem_eq(texts[i], huge, length);
	}
	all = flt_alloc_live() - before;
	flt_arena_clear(&arena);
	kept = flt_alloc_live() - before;
	ck_assert_uint_ge(all - kept, HUGE_TEXT);
	ck_assert_uint_ge(kept, N_TEXTS * 50); /* the texts' mean length is about that */
	/* What was kept is used again, however often. */
	for (int again = 0; again < 3; again++) {
		fill(&arena, texts);
		ck_assert_uint_le(flt_alloc_live() - before, all + 4096); /* the C library rounds in its own ways */
		flt_arena_clear(&arena);
	}
	flt_arena_release(&arena);
	ck_assert_uint_eq(flt_alloc_live(), before);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	for (unsigned long k = 1; k <= 2; k++) {
		struct flt_arena arena = {0};
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		ck_assert_ptr_null(flt_arena_add(&arena, "a", 1, &err));
		flt_alloc_fail_at(0);
		ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
		ck_assert_str_eq(flt_arena_add(&arena, "a", 1, NULL), "a");
		flt_arena_release(&arena);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("arena");
	TCase *tests = tcase_create("arena");
	tcase_add_test(tests, texts_stay_until_they_are_given_up);
	tcase_add_test(tests, each_allocation_may_fail);
	suite_add_tcase(suite, tests);
	return suite;
}
