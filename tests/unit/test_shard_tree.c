/* The tree along which shards are added up, beside the recursion that defines it, in one piece and in runs. */
#include <string.h>

#include "base/random.h"
#include "nn/shard_tree.h"
#include "suite.h"

/* Numbers whose sum depends on the order. */
static void fill(float *values, size_t n)
{
	struct flt_random random;
	flt_random_init(&random, 1, "shards", n);
	for (size_t i = 0; i < n; i++)
		values[i] = (float)flt_random_normal(&random);
}

/* The sum of the shards [begin, begin + width) that are there; width is a power of two. */
static float slow_sum(const float *values, size_t n, size_t begin, size_t width)
{
	if (width == 1)
		return values[begin];
	float left = slow_sum(values, n, begin, width / 2);
	return begin + width / 2 < n ? left + slow_sum(values, n, begin + width / 2, width / 2) : left;
}

static void add_up(float *values, const struct flt_additions *additions)
{
	for (size_t i = 0; i < additions->n; i++)
		values[additions->pair[i].to] += values[additions->pair[i].from];
}

static void check_same_bits(float a, float b, size_t n, size_t length)
{
	ck_assert_msg(memcmp(&a, &b, sizeof a) == 0, "%zu shards in runs of %zu: %a, not %a", n, length, (double)a,
	              (double)b);
}

START_TEST(runs_of_any_length_give_the_bits_of_the_tree)
{
	for (size_t n = 1; n <= FLT_MAX_SHARDS; n++)
		for (size_t length = 1; length <= n; length++) {
			float values[FLT_MAX_SHARDS];
			struct flt_additions additions;
			size_t n_made = 0;
			fill(values, n);
			float expected = slow_sum(values, n, 0, FLT_MAX_SHARDS);
			for (size_t run = 0; run * length < n; run++) {
				flt_additions_within(&additions, n, length, run);
				for (size_t i = 0; i < additions.n; i++) {
					ck_assert_uint_eq(additions.pair[i].to / length, run);
					ck_assert_uint_eq(additions.pair[i].from / length, run);
				}
				add_up(values, &additions);
				n_made += additions.n;
			}
			flt_additions_across(&additions, n, length);
			add_up(values, &additions);
			ck_assert_uint_eq(n_made + additions.n, n - 1);
			check_same_bits(values[0], expected, n, length);
		}
}
END_TEST

/* A run makes all the additions that it can: the most that are left between runs of a power of two is one for each. */
START_TEST(a_run_that_is_a_subtree_leaves_one_sum)
{
	for (size_t length = 1; length <= FLT_MAX_SHARDS; length *= 2) {
		struct flt_additions additions;
		flt_additions_within(&additions, FLT_MAX_SHARDS, length, 0);
		ck_assert_uint_eq(additions.n, length - 1);
		flt_additions_across(&additions, FLT_MAX_SHARDS, length);
		ck_assert_uint_eq(additions.n, FLT_MAX_SHARDS / length - 1);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("shard tree");
	TCase *tests = tcase_create("shard tree");
	tcase_add_test(tests, runs_of_any_length_give_the_bits_of_the_tree);
	tcase_add_test(tests, a_run_that_is_a_subtree_leaves_one_sum);
	suite_add_tcase(suite, tests);
	return suite;
}
