#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "suite.h"

START_TEST(the_generator_is_xoshiro256_plus_plus)
{
	/* The test vector that Rust's rand_xoshiro holds, from the authors' C code. */
	static const uint64_t expected[] = {41943041u,
	                                    58720359u,
	                                    3588806011781223u,
	                                    3591011842654386u,
	                                    9228616714210784205u,
	                                    9973669472204895162u,
	                                    14011001112246962877u,
	                                    12406186145184390807u,
	                                    15849039046786891736u,
	                                    10450023813501588000u};
	struct flt_random random = {.state = {1, 2, 3, 4}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		ck_assert(flt_random_next(&random) == expected[i]);
}
END_TEST

static uint64_t first_of(uint64_t seed, const char *stream, uint64_t index)
{
	struct flt_random random;
	flt_random_init(&random, seed, stream, index);
	return flt_random_next(&random);
}

static int compare_words(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

START_TEST(streams_are_repeatable_and_differ_by_seed_name_and_index)
{
	static const char *const names[] = {"split", "init", "shuffle", "dropout", ""};
	static uint64_t words[20 * 5 * 20];
	size_t n = 0;
	ck_assert(first_of(1, "init", 3) == first_of(1, "init", 3));
	for (uint64_t seed = 0; seed < 20; seed++)
		for (int name = 0; name < 5; name++)
			for (uint64_t index = 0; index < 20; index++)
				words[n++] = first_of(seed, names[name], index);
	qsort(words, n, sizeof *words, compare_words);
	for (size_t i = 1; i < n; i++)
		ck_assert(words[i - 1] != words[i]);
}
END_TEST

START_TEST(uniform_numbers_fill_the_unit_interval_evenly)
{
	enum { N = 100000, N_BINS = 50 };
	struct flt_random random;
	int count[N_BINS] = {0};
	double chi2 = 0;
	flt_random_init(&random, 1, "test", 0);
	for (int i = 0; i < N; i++) {
		double u = flt_random_uniform(&random);
		ck_assert(u >= 0 && u < 1);
		count[(int)(u * N_BINS)]++;
	}
	for (int b = 0; b < N_BINS; b++)
		chi2 += pow(count[b] - (double)N / N_BINS, 2) / ((double)N / N_BINS);
	ck_assert_double_lt(chi2, 99); /* 49 degrees of freedom: 49 +- 9.9 */
	ck_assert_double_gt(chi2, 15);
	struct flt_random largest = {.state = {0, 0, 0, 0}};
	ck_assert_double_eq(flt_random_uniform(&largest), 0);
}
END_TEST

START_TEST(whole_numbers_below_n_are_even_and_in_bounds)
{
	struct flt_random random;
	static const size_t bounds[] = {1, 2, 3, 7, 100};
	flt_random_init(&random, 2, "test", 0);
	for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
		int count[100] = {0}, n_draws = 60000;
		double chi2 = 0, expected = n_draws / (double)bounds[b];
		for (int i = 0; i < n_draws; i++) {
			size_t drawn = flt_random_below(&random, bounds[b]);
			ck_assert_uint_lt(drawn, bounds[b]);
			count[drawn]++;
		}
		for (size_t v = 0; v < bounds[b]; v++)
			chi2 += pow(count[v] - expected, 2) / expected;
		double freedom = (double)bounds[b] - 1;
		ck_assert_double_le(chi2, freedom + 5 * sqrt(2 * freedom));
	}
	/* A bound of 2/3 of all words shows the bias of a plain product: half of the numbers would come twice as often.
	 */
	size_t bound = (size_t)1 << 63 | (size_t)1 << 61, n_low = 0;
	for (int i = 0; i < 30000; i++) {
		size_t drawn = flt_random_below(&random, bound);
		ck_assert_uint_lt(drawn, bound);
		n_low += drawn < bound / 2;
	}
	ck_assert_uint_gt(n_low, 15000 - 450);
	ck_assert_uint_lt(n_low, 15000 + 450);
}
END_TEST

START_TEST(normal_numbers_have_the_moments_of_the_normal_distribution)
{
	enum { N = 200000 };
	struct flt_random random;
	double sum[5] = {0};
	flt_random_init(&random, 3, "test", 0);
	for (int i = 0; i < N; i++) {
		double x = flt_random_normal(&random);
		ck_assert(isfinite(x));
		for (int power = 1; power <= 4; power++)
			sum[power] += pow(x, power);
	}
	ck_assert_double_le(fabs(sum[1] / N), 5 * sqrt(1.0 / N));
	ck_assert_double_le(fabs(sum[2] / N - 1), 5 * sqrt(2.0 / N));
	ck_assert_double_le(fabs(sum[3] / N), 5 * sqrt(15.0 / N));
	ck_assert_double_le(fabs(sum[4] / N - 3), 5 * sqrt(96.0 / N));
}
END_TEST

START_TEST(narrow_items_are_shuffled_alike)
{
	enum { N = 1000 };
	size_t items[N];
	uint32_t narrow[N];
	for (size_t n = 0; n <= N; n += n < 70 ? 1 : 93) {
		struct flt_random random, other;
		flt_random_init(&random, 5, "test", n);
		other = random;
		for (size_t i = 0; i < n; i++)
			narrow[i] = (uint32_t)(items[i] = i);
		flt_random_shuffle(&random, items, n);
		flt_random_shuffle_32(&other, narrow, n);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(items[i], narrow[i]);
		ck_assert_uint_eq(flt_random_next(&random), flt_random_next(&other));
	}
}
END_TEST

START_TEST(a_shuffle_is_a_permutation_and_each_is_as_likely)
{
	enum { N = 60000 };
	struct flt_random random;
	int count[3][3] = {{0}}, orders[6] = {0};
	flt_random_init(&random, 4, "test", 0);
	for (int i = 0; i < N; i++) {
		size_t items[3] = {0, 1, 2};
		flt_random_shuffle(&random, items, 3);
		ck_assert_uint_eq(1u << items[0] | 1u << items[1] | 1u << items[2], 7);
		for (int place = 0; place < 3; place++)
			count[place][items[place]]++;
		orders[2 * items[0] + (items[1] > items[2])]++;
	}
	for (int i = 0; i < 9; i++) /* binomial: 20000 +- 115 */
		ck_assert_int_lt(abs(count[i / 3][i % 3] - N / 3), 600);
	for (int i = 0; i < 6; i++) /* 10000 +- 91 */
		ck_assert_int_lt(abs(orders[i] - N / 6), 460);
	flt_random_shuffle(&random, NULL, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("random");
	TCase *tests = tcase_create("random");
	tcase_add_test(tests, the_generator_is_xoshiro256_plus_plus);
	tcase_add_test(tests, streams_are_repeatable_and_differ_by_seed_name_and_index);
	tcase_add_test(tests, uniform_numbers_fill_the_unit_interval_evenly);
	tcase_add_test(tests, whole_numbers_below_n_are_even_and_in_bounds);
	tcase_add_test(tests, normal_numbers_have_the_moments_of_the_normal_distribution);
	tcase_add_test(tests, narrow_items_are_shuffled_alike);
	tcase_add_test(tests, a_shuffle_is_a_permutation_and_each_is_as_likely);
	suite_add_tcase(suite, tests);
	return suite;
}
