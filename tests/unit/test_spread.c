/* Fences, which extremes cannot move, and what is said of a column with an unusual spread. */
#include "small_table.h"

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "prep/prep.h"
#include "suite.h"

enum { N = 2000 };

/* A table of normal values, the first n_far of which are far instead. */
static struct flt_table *table_with_far(size_t n_far, double far)
{
	struct flt_random random;
	struct text text = {0};
	flt_random_init(&random, 7, "test", 0);
	text_add(&text, "x,y\n");
	for (size_t i = 0; i < N; i++)
		text_add(&text, "%.17g,%zu\n", flt_random_normal(&random) * (i < n_far ? 0 : 1) + (i < n_far ? far : 0),
		         i % 2);
	return table_of(&text, (struct flt_table_options){0});
}

static struct flt_prep *fit(const struct flt_table *table, enum flt_scale scale)
{
	size_t rows[N];
	struct flt_prep *prep;
	struct flt_error err = {0};
	for (size_t i = 0; i < N; i++)
		rows[i] = i;
	enum flt_status status =
	        flt_prep_fit(table, rows, N, &(struct flt_prep_options){.scale = scale, .n_threads = 1}, &prep, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return prep;
}

START_TEST(no_extreme_moves_the_scale)
{
	static const double far[] = {1e3, 1e9, -1e9, 1e300, -DBL_MAX};
	static const enum flt_scale scales[] = {FLT_SCALE_STANDARD, FLT_SCALE_ROBUST};
	for (size_t s = 0; s < 2; s++) {
		struct flt_table *clean = table_with_far(0, 0);
		struct flt_prep *prep = fit(clean, scales[s]);
		double factor = flt_prep_column(prep, 0).factor, center = flt_prep_column(prep, 0).center;
		flt_prep_free(prep);
		flt_table_free(clean);
		for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
			float x[N];
			size_t rows[N];
			struct flt_table *table = table_with_far(3, far[i]);
			prep = fit(table, scales[s]);
			ck_assert_double_le(fabs(flt_prep_column(prep, 0).factor / factor - 1), 0.05);
			ck_assert_double_le(fabs(flt_prep_column(prep, 0).center - center) * factor, 0.02);
			for (size_t row = 0; row < N; row++)
				rows[row] = row;
			ck_assert_int_eq(flt_prep_apply(prep, table, rows, N, 1, x, NULL), FLT_OK);
			double bound =
			        scales[s] == FLT_SCALE_ROBUST ? 3 : 8 + log1p(fmin(fabs(far[i]), DBL_MAX / 2) * factor);
			ck_assert_float_le(fabsf(x[0]), (float)bound);
			ck_assert_float_ge(fabsf(x[0]), 2.9F);
			flt_prep_free(prep);
			flt_table_free(table);
		}
	}
}
END_TEST

START_TEST(fences_depend_on_the_middle_half_or_that_of_the_rarer_values)
{
	struct flt_fences fences;
	double none[] = {4, 4, 4}, values[] = {0, 0, 0, 0, 0, 2, 4, 6, 1e9}, below[] = {1, 1, 1, 1, 1, 1, -1e9, -3, -1};
	const double wide[FLT_PROFILE_QUANTILES] = {-1e9, -9, -9, 1, 2, 3, 9, 9, 1e9};
	const double zeros[FLT_PROFILE_QUANTILES] = {0}, ones[FLT_PROFILE_QUANTILES] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
	const double fours[FLT_PROFILE_QUANTILES] = {4, 4, 4, 4, 4, 4, 4, 4, 4};
	const double huge[FLT_PROFILE_QUANTILES] = {-1e308, -1e308, -1e308, -1e308, 0, 1e308, 1e308, 1e308, 1e308};
	ck_assert_int_eq(flt_fences_find(values, 9, wide, &fences, NULL), FLT_OK);
	ck_assert(fences.low == -9 && fences.high == 13);
	ck_assert_int_eq(flt_fences_find(values, 9, huge, &fences, NULL), FLT_OK);
	ck_assert(fences.low == -DBL_MAX && fences.high == DBL_MAX);
	/* The others are 2, 4, 6 and 1e9, with quartiles 3.5 and 250000004.5; without the last one 3 and 5. */
	ck_assert_int_eq(flt_fences_find(values, 9, zeros, &fences, NULL), FLT_OK);
	ck_assert(fences.low == -5 * 250000004.5 && fences.high == 6 * 250000004.5);
	ck_assert_int_eq(flt_fences_find((double[]){6, 0, 2, 0, 4}, 5, zeros, &fences, NULL), FLT_OK);
	ck_assert(fences.low == -25 && fences.high == 30);
	ck_assert_int_eq(flt_fences_find(below, 9, ones, &fences, NULL), FLT_OK);
	ck_assert(fences.high == 1 - 5 * (-500000001.5 - 1) && fences.low == -500000001.5 + 5 * (-500000001.5 - 1));
	ck_assert_int_eq(flt_fences_find(none, 3, fours, &fences, NULL), FLT_OK);
	ck_assert_double_eq(fences.low, fences.high);
	ck_assert_double_eq(flt_fenced(&fences, 99), 99);
	ck_assert_double_eq(flt_fenced(&(struct flt_fences){-1, 2}, 99), 2);
	ck_assert_double_eq(flt_fenced(&(struct flt_fences){-1, 2}, -99), -1);
	ck_assert_double_eq(flt_fenced(&(struct flt_fences){-1, 2}, 0.5), 0.5);
}
END_TEST

static void check_spread(size_t n_far, double far, enum flt_scale scale, const char *expected)
{
	struct flt_table *table = table_with_far(n_far, far);
	struct flt_prep *prep = fit(table, scale);
	const char *spread = flt_prep_column(prep, 0).spread;
	if (expected)
		ck_assert_msg(spread && strcmp(spread, expected) == 0, "%s", spread ? spread : "(nothing)");
	else
		ck_assert_msg(!spread, "%s", spread);
	flt_prep_free(prep);
	flt_table_free(table);
}

START_TEST(an_unusual_spread_is_said)
{
	static const char few[] = "98 % in -2.24 to 2.28, but some up to 1e+09";
	check_spread(0, 0, FLT_SCALE_STANDARD, NULL);
	check_spread(1, 50, FLT_SCALE_STANDARD, NULL); /* 1 of 2000 at 50 adds 1.1 to the deviation */
	check_spread(1, 1e9, FLT_SCALE_STANDARD, few);
	check_spread(1, 1e9, FLT_SCALE_ROBUST, few);
	check_spread(1, 1e9, FLT_SCALE_QUANTILE, few);
	check_spread(60, -999, FLT_SCALE_STANDARD, "90 % in -1.96 to 1.58, but some down to -999");
	check_spread(200, -999, FLT_SCALE_NONE, "50 % in -0.949 to 0.567, but some down to -999");
	check_spread(800, -999, FLT_SCALE_ROBUST, "half within 0.31 % of its scale; see --scale quantile");
	check_spread(800, 1e6, FLT_SCALE_STANDARD, "half within 0.00061 % of its scale; see --scale quantile");
	check_spread(800, 1e6, FLT_SCALE_QUANTILE, NULL);
}
END_TEST

/* Mostly one value, and columns without numbers, are not unusual. */
START_TEST(common_values_are_not_squeezed)
{
	struct text text = {0};
	text_add(&text, "zeros,binary,word,y\n");
	for (size_t i = 0; i < N; i++)
		text_add(&text, "%zu,%d,%s,%zu\n", i % 10 ? 0 : i, i % 3 == 0, i % 7 ? "a" : "b", i % 2);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_prep *prep = fit(table, FLT_SCALE_STANDARD);
	for (size_t c = 0; c < flt_prep_n_columns(prep); c++)
		ck_assert_ptr_null(flt_prep_column(prep, c).spread);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("spread");
	TCase *tests = tcase_create("spread");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, no_extreme_moves_the_scale);
	tcase_add_test(tests, fences_depend_on_the_middle_half_or_that_of_the_rarer_values);
	tcase_add_test(tests, an_unusual_spread_is_said);
	tcase_add_test(tests, common_values_are_not_squeezed);
	suite_add_tcase(suite, tests);
	return suite;
}
