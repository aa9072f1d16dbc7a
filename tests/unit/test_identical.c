/* Identical rows by surprise: tables of few combinations, of copies, of dependent columns; clusters. */
#include "split/identical.h"

#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "protocol/clusters.h"
#include "small_table.h"
#include "suite.h"

static struct flt_identical_rows find(const struct flt_table *table, enum flt_identical how)
{
	struct flt_identical_rows found;
	struct flt_error err = {0};
	ck_assert_msg(flt_identical_rows_find(table, how, 1, &found, &err) == FLT_OK, "%s", err.text);
	return found;
}

/* n rows of columns with so many equally likely values each; every step-th repeats the row before it (0: none). */
static struct flt_table *drawn(size_t n, const int *n_values, size_t n_columns, size_t step, uint64_t seed)
{
	struct text text = {0};
	struct flt_random random;
	int row[16];
	flt_random_init(&random, seed, "identical", 0);
	for (size_t c = 0; c < n_columns; c++)
		text_add(&text, "x%zu,", c);
	text_add(&text, "y\n");
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < n_columns; c++) {
			int value = (int)flt_random_below(&random, (uint64_t)n_values[c]);
			if (!step || i % step)
				row[c] = value;
			text_add(&text, "v%d,", row[c]);
		}
		text_add(&text, "%d\n", i % 7 == 0);
	}
	return table_of(&text, (struct flt_table_options){0});
}

/* Of 6 to 3,125 combinations, pairs of equal rows are as many as the product over the columns says. */
START_TEST(few_combinations_are_no_surprise)
{
	static const struct {
		size_t n_columns;
		int n_values[6];
	} cases[] = {{2, {3, 2}}, {3, {4, 3, 2}}, {6, {2, 2, 2, 2, 2, 2}}, {5, {5, 5, 5, 5, 5}}, {1, {40}}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_table *table = drawn(1500, cases[i].n_values, cases[i].n_columns, 0, i);
		struct flt_identical_rows found = find(table, FLT_IDENTICAL_AUTO);
		double n_combinations = 1;
		for (size_t c = 0; c < cases[i].n_columns; c++)
			n_combinations *= cases[i].n_values[c];
		double expected = 1500.0 * 1499 / 2 / n_combinations;
		ck_assert_int_eq(found.kept, FLT_IDENTICAL_APART);
		ck_assert_double_eq_tol(found.expected, expected, 0.1 * expected);
		ck_assert_double_eq_tol(found.n_pairs, expected, 0.15 * expected);
		flt_table_free(table);
	}
}
END_TEST

START_TEST(copies_among_many_combinations_are_a_surprise)
{
	static const int n_values[] = {30, 30, 30, 30};
	struct flt_table *table = drawn(1000, n_values, 4, 10, 1);
	struct flt_identical_rows found = find(table, FLT_IDENTICAL_AUTO);
	ck_assert_int_eq(found.kept, FLT_IDENTICAL_COPIES);
	ck_assert_double_lt(found.expected, 10);
	ck_assert_uint_ge(found.n, 190);
	flt_table_free(table);
}
END_TEST

/* What was asked for is not judged; without identical rows both come to the same. */
START_TEST(what_was_asked_for_stays)
{
	static const int n_values[] = {3, 2};
	struct flt_table *table = drawn(200, n_values, 2, 0, 1);
	enum flt_identical how = FLT_IDENTICAL_TOGETHER;
	ck_assert_int_eq(find(table, FLT_IDENTICAL_TOGETHER).kept, FLT_IDENTICAL_TOGETHER);
	ck_assert_int_eq(find(table, FLT_IDENTICAL_APART).kept, FLT_IDENTICAL_APART);
	ck_assert(isnan(find(table, FLT_IDENTICAL_APART).expected));
	ck_assert_uint_eq(find(table, FLT_IDENTICAL_APART).n, 200);
	ck_assert_int_eq(flt_identical_resolve(table, 1, &how, NULL), FLT_OK);
	ck_assert_int_eq(how, FLT_IDENTICAL_TOGETHER);
	how = FLT_IDENTICAL_AUTO;
	ck_assert_int_eq(flt_identical_resolve(table, 1, &how, NULL), FLT_OK);
	ck_assert_int_eq(how, FLT_IDENTICAL_APART);
	flt_table_free(table);
}
END_TEST

/* Votes that mostly follow a party: independent columns would give a thousandth of the equal rows, but many pairs
 * differ in one vote. */
static struct flt_table *party_votes(size_t n, double loyalty)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 3, "identical", 0);
	for (size_t c = 0; c < 14; c++)
		text_add(&text, "x%zu,", c);
	text_add(&text, "y\n");
	for (size_t i = 0; i < n; i++) {
		bool party = flt_random_uniform(&random) < 0.5;
		for (size_t c = 0; c < 14; c++)
			text_add(&text, "%s,", party == (flt_random_uniform(&random) < loyalty) ? "yes" : "no");
		text_add(&text, "%d\n", i % 7 == 0);
	}
	return table_of(&text, (struct flt_table_options){0});
}

START_TEST(dependent_columns_are_no_surprise)
{
	struct flt_table *table = party_votes(400, 0.9);
	struct flt_identical_rows found = find(table, FLT_IDENTICAL_AUTO);
	double independent = 400.0 * 399 / 2 * exp2(-14);
	ck_assert_double_gt(found.n_pairs, 100 * independent);
	ck_assert_int_eq(found.kept, FLT_IDENTICAL_APART);
	flt_table_free(table);
}
END_TEST

/* A column that another determines leaves no near pairs; the rest of the columns do. */
START_TEST(a_column_that_follows_from_another_is_no_surprise)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 5, "identical", 0);
	text_add(&text, "town,land,kind,size,y\n");
	for (size_t i = 0; i < 2000; i++) {
		int town = (int)flt_random_below(&random, 200);
		text_add(&text, "t%d,l%d,k%d,s%d,%d\n", town, town / 10, (int)flt_random_below(&random, 4),
		         (int)flt_random_below(&random, 3), i % 7 == 0);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_identical_rows found = find(table, FLT_IDENTICAL_AUTO);
	ck_assert_double_gt(found.n_pairs, 500);
	ck_assert_int_eq(found.kept, FLT_IDENTICAL_APART);
	flt_table_free(table);
}
END_TEST

START_TEST(clusters_are_groups_and_copies)
{
	static const char bytes[] = "a,b,g,y\n1.5,2.25,p,0\n1.5,2.25,q,1\n3.5,1.75,q,0\n4.5,7.75,r,1\n5.5,9.25,s,0\n";
	static const size_t joined[] = {0, 0, 0, 1, 2}, by_group[] = {0, 1, 1, 2, 3}, rows[] = {0, 1, 2, 3, 4};
	struct flt_table *table = small_table(bytes, (struct flt_table_options){.group = "g"});
	size_t *cluster, n;
	ck_assert_int_eq(flt_clusters_make(table, rows, 5, FLT_IDENTICAL_TOGETHER, 1, &cluster, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(cluster, joined, sizeof joined);
	flt_free(cluster);
	ck_assert_int_eq(flt_clusters_make(table, rows, 5, FLT_IDENTICAL_APART, 1, &cluster, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 4);
	ck_assert_mem_eq(cluster, by_group, sizeof by_group);
	flt_free(cluster);
	/* Each of the last three rows is alone. */
	ck_assert_int_eq(flt_clusters_make(table, rows + 2, 3, FLT_IDENTICAL_TOGETHER, 1, &cluster, &n, NULL), FLT_OK);
	ck_assert_ptr_null(cluster);
	ck_assert_uint_eq(n, 0);
	flt_table_free(table);
}
END_TEST

/* One row in ten is the usual case: its copies are alone, those of a rarer row are not. */
START_TEST(usual_rows_are_no_copies)
{
	struct text text = {0};
	size_t rows[400], *cluster, n;
	text_add(&text, "a,b,y\n");
	for (size_t i = 0; i < 400; i++) {
		rows[i] = i;
		text_add(&text, "%g,%g,%d\n",
		         i < 40   ? 1.5
		         : i < 55 ? 2.5
		                  : (double)i + 0.25,
		         i < 55 ? 0.5 : (double)i, i % 7 == 0);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	ck_assert_int_eq(flt_clusters_make(table, rows, 400, FLT_IDENTICAL_COPIES, 1, &cluster, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 400 - 14);
	for (size_t i = 0; i < 400; i++)
		ck_assert_uint_eq(cluster[i], i < 40 ? i : i < 55 ? 40 : i - 14);
	flt_free(cluster);
	ck_assert_int_eq(flt_clusters_make(table, rows, 400, FLT_IDENTICAL_TOGETHER, 1, &cluster, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 400 - 14 - 39);
	flt_free(cluster);
	flt_table_free(table);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	static const int n_values[] = {30, 30, 30};
	struct flt_table *table = drawn(200, n_values, 3, 10, 1);
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 1;
	for (size_t live = flt_alloc_live(); status != FLT_OK; k++) {
		struct flt_identical_rows found;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_identical_rows_find(table, FLT_IDENTICAL_AUTO, 1, &found, &err);
		unsigned long n_made = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_made < k));
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert_uint_eq(flt_alloc_live(), live);
	}
	ck_assert_uint_gt(k, 20);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("identical");
	TCase *tests = tcase_create("identical");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, few_combinations_are_no_surprise);
	tcase_add_test(tests, copies_among_many_combinations_are_a_surprise);
	tcase_add_test(tests, what_was_asked_for_stays);
	tcase_add_test(tests, dependent_columns_are_no_surprise);
	tcase_add_test(tests, a_column_that_follows_from_another_is_no_surprise);
	tcase_add_test(tests, clusters_are_groups_and_copies);
	tcase_add_test(tests, usual_rows_are_no_copies);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}
