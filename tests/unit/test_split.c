/* Splits and folds, checked against rows compared cell by cell. */
#include "small_table.h"

#include <math.h>

#include "base/alloc.h"
#include "base/hash_key.h"
#include "live_memory.h"
#include "base/random.h"
#include "split/deal.h"
#include "split/groups.h"
#include "split/numbering.h"
#include "split/split.h"
#include "cell_numbers.h"
#include "suite.h"

enum { MOST_ROWS = 1500 };

#define FOLDS(k, s) (&(struct flt_fold_options){.n_folds = (k), .seed = (s), .identical = FLT_IDENTICAL_TOGETHER})

/* A table with many identical rows, and what is true of it. */
struct sample {
	size_t n, n_positive;
	int a[MOST_ROWS], b[MOST_ROWS], group[MOST_ROWS], y[MOST_ROWS];
	size_t together[MOST_ROWS]; /* the first row that must be on the same side */
	size_t rows_of[MOST_ROWS];  /* at that first row: rows of the group, by all and by class */
	size_t positive_of[MOST_ROWS];
	size_t n_identical;
	struct flt_table *table;
};

static bool rows_equal(const struct sample *s, size_t i, size_t j)
{
	return s->a[i] == s->a[j] && s->b[i] == s->b[j];
}

/* The slow obvious closure: joins until nothing changes. */
static void find_groups(struct sample *s, bool by_group)
{
	for (size_t i = 0; i < s->n; i++)
		s->together[i] = i;
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = 0; i < s->n; i++)
			for (size_t j = 0; j < i; j++)
				if (s->together[i] != s->together[j] &&
				    (rows_equal(s, i, j) || (by_group && s->group[i] == s->group[j]))) {
					size_t low = s->together[i] < s->together[j] ? s->together[i] : s->together[j];
					s->together[i] = s->together[j] = low;
					changed = true;
				}
	}
	memset(s->rows_of, 0, sizeof s->rows_of);
	memset(s->positive_of, 0, sizeof s->positive_of);
	s->n_identical = 0;
	for (size_t i = 0; i < s->n; i++) {
		bool identical = false;
		for (size_t j = 0; j < s->n && !identical; j++)
			identical = i != j && rows_equal(s, i, j);
		s->n_identical += identical;
		s->rows_of[s->together[i]]++;
		s->positive_of[s->together[i]] += (size_t)s->y[i];
	}
}

/* Rows draw a and b with a preference for small values, so that there are large groups, small ones and single rows.
 * With groups most rows are unlike any other: a few links more and all groups would be one. */
static struct sample *make_sample(uint64_t seed, bool by_group)
{
	struct flt_random random;
	struct text text = {0};
	struct sample *s = calloc(1, sizeof *s);
	ck_assert_ptr_nonnull(s);
	flt_random_init(&random, seed, "test", 0);
	s->n = 200 + flt_random_below(&random, 400);
	size_t n_values = 5 + flt_random_below(&random, 400);
	text_add(&text, "a,b,g,y\n");
	for (size_t i = 0; i < s->n; i++) {
		double u = flt_random_uniform(&random);
		s->a[i] = by_group && u > 0.1 ? 1000 + (int)i : (int)(u * u * (double)n_values);
		s->b[i] = (int)flt_random_below(&random, 3);
		u = flt_random_uniform(&random);
		s->group[i] = (int)(u * u * 200);
		s->y[i] = flt_random_uniform(&random) < 0.15;
		s->n_positive += (size_t)s->y[i];
		/* 0 and -0 are one value; so are an empty cell and a marker. */
		if (s->a[i] == 1)
			text_add(&text, "%s,", i % 2 ? "" : "NA");
		else
			text_add(&text, "%s%d.5,", s->a[i] == 0 && i % 2 ? "-" : "", s->a[i]);
		text_add(&text, "%s,g%d,%d\n", s->b[i] == 0 ? "" : s->b[i] == 1 ? "red" : "blue", s->group[i], s->y[i]);
		if (s->a[i] == 0)
			s->a[i] = i % 2 ? -1000 : 0; /* -0.5 and 0.5 differ */
	}
	struct flt_table_options options = {0};
	*(by_group ? &options.group : &options.drop) = "g";
	s->table = table_of(&text, options);
	find_groups(s, by_group);
	return s;
}

static void free_sample(struct sample *s)
{
	flt_table_free(s->table);
	free(s);
}

static struct flt_split make_split(const struct flt_table *table, double test, double validation, uint64_t seed)
{
	struct flt_split split;
	struct flt_error err = {0};
	struct flt_split_options options = {.test_fraction = test,
	                                    .validation_fraction = validation,
	                                    .identical = FLT_IDENTICAL_TOGETHER,
	                                    .seed = seed};
	enum flt_status status = flt_split_make(table, &options, &split, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return split;
}

/* Fills role (n) and checks that each row is listed once, in ascending order, and that the counts are right. */
static void roles_of(const struct flt_split *split, const struct flt_table *table, int *role)
{
	const uint8_t *labels = flt_table_labels(table);
	size_t n = flt_table_n_rows(table), n_listed = 0;
	for (size_t i = 0; i < n; i++)
		role[i] = -1;
	for (int p = 0; p < FLT_N_ROW_ROLES; p++) {
		size_t n_positive = 0;
		for (size_t i = 0; i < split->n_rows[p]; i++, n_listed++) {
			size_t row = split->rows[p][i];
			ck_assert_uint_lt(row, n);
			ck_assert_int_eq(role[row], -1);
			ck_assert(i == 0 || split->rows[p][i - 1] < row);
			role[row] = p;
			n_positive += labels[row];
		}
		ck_assert_uint_eq(n_positive, split->n_positive[p]);
	}
	ck_assert_uint_eq(n_listed, n);
}

/* No more than one group away from the share of rows and of positives. */
static void check_shares(const struct sample *s, const struct flt_split *split, const double share[FLT_N_ROW_ROLES])
{
	size_t largest = 1, most_positive = 1;
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows_of[i] > largest)
			largest = s->rows_of[i];
		if (s->positive_of[i] > most_positive)
			most_positive = s->positive_of[i];
	}
	for (int p = 0; p < FLT_N_ROW_ROLES; p++) {
		ck_assert_double_le(fabs((double)split->n_rows[p] - share[p] * (double)s->n), (double)largest + 1);
		ck_assert_double_le(fabs((double)split->n_positive[p] - share[p] * (double)s->n_positive),
		                    (double)most_positive + 1);
	}
}

static void check_random_split(uint64_t seed, bool by_group)
{
	struct sample *s = make_sample(seed, by_group);
	struct flt_split split = make_split(s->table, 0.2, 0.25, seed);
	int role[MOST_ROWS];
	roles_of(&split, s->table, role);
	ck_assert_int_eq(split.method, by_group ? FLT_SPLIT_GROUP : FLT_SPLIT_STRATIFIED);
	for (size_t i = 0; i < s->n; i++)
		ck_assert_int_eq(role[i], role[s->together[i]]);
	ck_assert_uint_eq(split.identical.n, s->n_identical);
	ck_assert_uint_eq(split.n_identical_test, 0);
	ck_assert_ptr_null(split.test_identical);
	if (split.oversized == 0)
		check_shares(s, &split, (const double[]){0.55, 0.25, 0.2});
	flt_split_release(&split);
	free_sample(s);
}

START_TEST(identical_rows_stay_together_and_roles_get_their_shares)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		check_random_split(seed, false);
}
END_TEST

START_TEST(groups_that_share_rows_stay_together)
{
	for (uint64_t seed = 100; seed < 120; seed++)
		check_random_split(seed, true);
}
END_TEST

/* 12 groups of 5 rows, positive in every third; 7 rows without a group make one more. */
START_TEST(groups_are_counted_by_role)
{
	struct text text = {0};
	text_add(&text, "g,x,y\n");
	for (int i = 0; i < 67; i++)
		if (i < 60)
			text_add(&text, "m%d,%d.5,%d\n", i / 5, i, i / 5 % 3 == 0 && i % 5 == 1);
		else
			text_add(&text, ",%d.5,0\n", i);
	struct flt_table *table = table_of(&text, (struct flt_table_options){.group = "g"});
	struct flt_group_counts all, of_fit;
	ck_assert_int_eq(flt_split_count_groups(table, NULL, 67, 1, &all, NULL), FLT_OK);
	struct flt_split split = make_split(table, 0.2, 0.2, 1);
	size_t n = 0, n_positive = 0;
	for (int p = 0; p < FLT_N_ROW_ROLES; p++) {
		n += split.groups[p].n;
		n_positive += split.groups[p].n_positive;
		ck_assert_uint_le(split.groups[p].n_positive, split.groups[p].n);
	}
	ck_assert_uint_eq(n, 13);
	ck_assert_uint_eq(all.n, 13);
	ck_assert_uint_eq(n_positive, 4);
	ck_assert_uint_eq(all.n_positive, 4);
	ck_assert_int_eq(flt_split_count_groups(table, split.rows[FLT_FIT], split.n_rows[FLT_FIT], 1, &of_fit, NULL),
	                 FLT_OK);
	ck_assert_uint_eq(of_fit.n, split.groups[FLT_FIT].n);
	flt_split_release(&split);
	flt_table_free(table);
	table = small_table("x,y\n1,0\n2,1\n3,0\n", (struct flt_table_options){0});
	ck_assert_int_eq(flt_split_count_groups(table, NULL, 3, 1, &all, NULL), FLT_OK);
	ck_assert_uint_eq(all.n, 0);
	flt_table_free(table);
}
END_TEST

START_TEST(dealing_the_largest_groups_first_fills_bins_exactly)
{
	/* Ten rows in one group and ten single ones, ten places in each bin. */
	uint32_t size[11][2] = {{0}}, order[11];
	uint32_t bin_of[11], n_won[2] = {0, 0};
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct flt_bin bins[2] = {{.target = {10, 0}, .limit = 10}, {.target = {10, 0}, .limit = 10}};
		struct flt_random random;
		flt_random_init(&random, seed, "test", 0);
		for (size_t g = 0; g < 11; g++) {
			order[g] = (uint32_t)g;
			size[g][0] = g == 7 ? 10 : 1;
		}
		ck_assert_int_eq(flt_deal(order, 11, size, bins, 2, &random, bin_of, NULL), FLT_OK);
		ck_assert_uint_eq(bins[0].dealt[0], 10);
		ck_assert_uint_eq(bins[1].dealt[0], 10);
		ck_assert_uint_eq(order[0], 7);
		n_won[bin_of[7]]++;
	}
	ck_assert_uint_gt(n_won[0], 25); /* equal bins get it equally often */
	ck_assert_uint_gt(n_won[1], 25);
}
END_TEST

START_TEST(a_group_goes_to_a_bin_with_room)
{
	/* The second bin is further below its target, but three rows are too many for it. */
	uint32_t size[1][2] = {{3, 0}}, order[1] = {0};
	uint32_t bin_of[1];
	struct flt_random random;
	struct flt_bin bins[2] = {{.target = {100, 10}, .dealt = {90, 0}, .limit = 100},
	                          {.target = {2, 10}, .dealt = {0, 0}, .limit = 100}};
	flt_random_init(&random, 1, "test", 0);
	ck_assert_int_eq(flt_deal(order, 1, size, bins, 2, &random, bin_of, NULL), FLT_OK);
	ck_assert_uint_eq(bin_of[0], 0);
	/* The first bin has room, but may not take a group of that size. */
	bins[0] = (struct flt_bin){.target = {100, 10}, .limit = 2};
	bins[1] = (struct flt_bin){.target = {10, 10}, .dealt = {10, 10}, .limit = 3};
	ck_assert_int_eq(flt_deal(order, 1, size, bins, 2, &random, bin_of, NULL), FLT_OK);
	ck_assert_uint_eq(bin_of[0], 1);
	/* Neither may take it: it goes to the bin that it overfills least. */
	bins[1].limit = 2;
	ck_assert_int_eq(flt_deal(order, 1, size, bins, 2, &random, bin_of, NULL), FLT_OK);
	ck_assert_uint_eq(bin_of[0], 0);
}
END_TEST

/* n rows without two alike, the first n_positive of them positive. */
static struct flt_table *distinct_rows(size_t n, size_t n_positive)
{
	struct text text = {0};
	text_add(&text, "x,y\n");
	for (size_t i = 0; i < n; i++)
		text_add(&text, "%g,%d\n", (double)(i * 37 % n) + 0.5, i < n_positive);
	return table_of(&text, (struct flt_table_options){0});
}

START_TEST(distinct_rows_are_split_exactly)
{
	struct flt_table *table = distinct_rows(1000, 37);
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct flt_split split = make_split(table, 0.2, 0.2, seed);
		ck_assert_uint_eq(split.identical.n, 0);
		ck_assert_uint_eq(split.oversized, 0);
		ck_assert_uint_eq(split.n_positive[FLT_TEST], 7);
		ck_assert_uint_eq(split.n_positive[FLT_VALIDATION], 7);
		ck_assert_uint_eq(split.n_positive[FLT_FIT], 23);
		ck_assert_uint_eq(split.n_rows[FLT_TEST], 7 + 193);
		ck_assert_uint_eq(split.n_rows[FLT_VALIDATION], 7 + 193);
		flt_split_release(&split);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(a_role_that_is_not_asked_for_stays_empty)
{
	struct flt_table *table = distinct_rows(100, 10);
	struct flt_split split = make_split(table, 0, 0.2, 1);
	ck_assert_uint_eq(split.n_rows[FLT_TEST], 0);
	ck_assert_uint_eq(split.n_rows[FLT_VALIDATION], 20);
	flt_split_release(&split);
	split = make_split(table, 0.3, 0, 1);
	ck_assert_uint_eq(split.n_rows[FLT_TEST], 30);
	ck_assert_uint_eq(split.n_rows[FLT_VALIDATION], 0);
	flt_split_release(&split);
	split = make_split(table, 0, 0, 1);
	ck_assert_uint_eq(split.n_rows[FLT_FIT], 100);
	ck_assert_uint_eq(split.n_positive[FLT_FIT], 10);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

START_TEST(the_seed_decides_the_split_and_every_row_can_be_tested)
{
	struct flt_table *table = distinct_rows(200, 20);
	int role[200], again[200], n_test[200] = {0}, n_differ = 0;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct flt_split split = make_split(table, 0.2, 0.2, seed);
		roles_of(&split, table, role);
		flt_split_release(&split);
		for (size_t i = 0; i < 200; i++)
			n_test[i] += role[i] == FLT_TEST;
		if (seed > 1)
			continue;
		split = make_split(table, 0.2, 0.2, seed);
		roles_of(&split, table, again);
		flt_split_release(&split);
		ck_assert_mem_eq(role, again, sizeof role);
		split = make_split(table, 0.2, 0.2, 77);
		roles_of(&split, table, again);
		flt_split_release(&split);
		for (size_t i = 0; i < 200; i++)
			n_differ += role[i] != again[i];
	}
	ck_assert_int_gt(n_differ, 50);
	for (size_t i = 0; i < 200; i++) { /* binomial(200, 0.2): 40 +- 5.7; 5 sigma */
		ck_assert_int_gt(n_test[i], 11);
		ck_assert_int_lt(n_test[i], 69);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(only_equality_of_values_affects_the_split)
{
	struct text one = {0}, other = {0};
	text_add(&one, "x,c,y\n");
	text_add(&other, "x,c,y\n");
	for (int i = 0; i < 300; i++) {
		int value = i * i % 90, y = i % 7 == 0;
		text_add(&one, "%d.25,%s,%d\n", value, i % 2 ? "red" : "blue", y);
		text_add(&other, "%d.75,%s,%d\n", 1000 - 3 * value, i % 2 ? "blue" : "green", y);
	}
	struct flt_table *a = table_of(&one, (struct flt_table_options){0});
	struct flt_table *b = table_of(&other, (struct flt_table_options){0});
	struct flt_split split_a = make_split(a, 0.2, 0.2, 3), split_b = make_split(b, 0.2, 0.2, 3);
	int role_a[300], role_b[300];
	roles_of(&split_a, a, role_a);
	roles_of(&split_b, b, role_b);
	ck_assert_mem_eq(role_a, role_b, sizeof role_a);
	ck_assert_uint_gt(split_a.identical.n, 100);
	flt_split_release(&split_a);
	flt_split_release(&split_b);
	flt_table_free(a);
	flt_table_free(b);
}
END_TEST

START_TEST(a_group_too_large_to_hold_out_goes_to_fit)
{
	struct text text = {0};
	text_add(&text, "x,y\n");
	for (int i = 0; i < 1000; i++) /* 300 identical rows, some of them positive */
		text_add(&text, "%g,%d\n", i % 10 < 3 ? 0.5 : (double)i + 0.25, i % 100 == 0 || i % 20 == 7);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct flt_split split = make_split(table, 0.2, 0.2, seed);
		int role[1000];
		roles_of(&split, table, role);
		ck_assert_uint_eq(split.oversized, 300);
		ck_assert_uint_eq(split.identical.n, 300);
		ck_assert_int_eq(role[0], FLT_FIT);
		for (int i = 0; i < 1000; i++)
			ck_assert(i % 10 >= 3 || role[i] == FLT_FIT);
		ck_assert_uint_eq(split.n_rows[FLT_TEST], 200);
		ck_assert_uint_eq(split.n_positive[FLT_TEST], 12);
		ck_assert_uint_eq(split.n_rows[FLT_VALIDATION], 200);
		flt_split_release(&split);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(a_huge_group_leaves_other_rows_to_fit)
{
	struct text text = {0};
	text_add(&text, "x,y\n");
	for (int i = 0; i < 1000; i++) /* 900 identical rows */
		text_add(&text, "%g,%d\n", i < 900 ? 0.5 : (double)i + 0.25, i % 10 == 0);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_split split = make_split(table, 0.2, 0.2, 1);
	ck_assert_uint_eq(split.oversized, 900);
	ck_assert_uint_ge(split.n_rows[FLT_FIT], 900 + 29);
	ck_assert_uint_ge(split.n_rows[FLT_TEST], 30);
	ck_assert_uint_ge(split.n_rows[FLT_VALIDATION], 30);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

START_TEST(id_like_columns_and_dates_do_not_distinguish_rows)
{
	struct text text = {0};
	text_add(&text, "number,name,day,x,y\n");
	for (int i = 0; i < 60; i++)
		text_add(&text, "%d,customer %d,2024-01-%02d,%d.5,%d\n", 1000 + i, i * 7919, i % 28 + 1, i / 2,
		         i % 4 == 0);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_split split = make_split(table, 0.2, 0.2, 1);
	ck_assert_uint_eq(split.identical.n, 60);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

START_TEST(without_features_every_row_is_its_own_group)
{
	struct text text = {0};
	text_add(&text, "number,y\n");
	for (int i = 0; i < 60; i++)
		text_add(&text, "%d,%d\n", i, i % 4 == 0);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_split split = make_split(table, 0.2, 0.2, 1);
	ck_assert_uint_eq(split.identical.n, 0);
	ck_assert_uint_eq(split.n_rows[FLT_TEST], 12);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

/* 100 rows; times 0 .. 49, each twice, in a shuffled order; the two rows of a time have different x. */
static struct flt_table *timed_rows(void)
{
	struct text text = {0};
	text_add(&text, "t,x,y\n");
	for (int i = 0; i < 100; i++)
		text_add(&text, "%d,%d.5,%d\n", i * 37 % 100 / 2, i % 25, i % 3 == 0);
	return table_of(&text, (struct flt_table_options){.time = "t"});
}

START_TEST(the_latest_rows_are_test)
{
	struct flt_table *table = timed_rows();
	struct flt_split split = make_split(table, 0.2, 0.1, 1), other_seed = make_split(table, 0.2, 0.1, 2);
	int role[100], role_other[100];
	roles_of(&split, table, role);
	roles_of(&other_seed, table, role_other);
	ck_assert_mem_eq(role, role_other, sizeof role);
	ck_assert_int_eq(split.method, FLT_SPLIT_TIME);
	ck_assert_uint_eq(split.n_rows[FLT_TEST], 20);
	ck_assert_uint_eq(split.n_rows[FLT_VALIDATION], 10);
	size_t n_identical_test = 0;
	for (size_t i = 0; i < 100; i++)
		ck_assert_int_eq(role[i], number_in(table, 0, i) >= 40   ? FLT_TEST
		                          : number_in(table, 0, i) >= 35 ? FLT_VALIDATION
		                                                         : FLT_FIT);
	for (size_t i = 0; i < split.n_rows[FLT_TEST]; i++) {
		size_t row = split.rows[FLT_TEST][i];
		bool seen = false;
		for (size_t j = 0; j < 100; j++)
			seen = seen || (role[j] != FLT_TEST && j % 25 == row % 25);
		n_identical_test += seen;
		ck_assert_int_eq(split.test_identical[i], seen);
	}
	ck_assert_uint_eq(split.n_identical_test, n_identical_test);
	ck_assert_uint_gt(n_identical_test, 0);
	static const double spans[FLT_N_ROW_ROLES][2] = {{0, 34}, {35, 39}, {40, 49}};
	for (int p = 0; p < FLT_N_ROW_ROLES; p++)
		ck_assert(split.time[p].first == spans[p][0] && split.time[p].last == spans[p][1]);
	ck_assert_uint_eq(split.groups[FLT_FIT].n, 0);
	flt_split_release(&split);
	flt_split_release(&other_seed);
	flt_table_free(table);
}
END_TEST

START_TEST(equal_times_stay_together)
{
	struct text text = {0};
	text_add(&text, "t,x,y\n");
	for (int i = 0; i < 100; i++) /* 0: 30 rows, 1: 45, 2: 25 */
		text_add(&text, "%d,%d.5,%d\n", i < 30 ? 0 : i < 75 ? 1 : 2, i * 7 % 100, i % 2);
	struct flt_table *table = table_of(&text, (struct flt_table_options){.time = "t"});
	struct flt_split split = make_split(table, 0.2, 0.1, 1);
	ck_assert_uint_eq(split.n_rows[FLT_TEST], 25);
	ck_assert_uint_eq(split.n_rows[FLT_VALIDATION], 45);
	ck_assert_uint_eq(split.n_rows[FLT_FIT], 30);
	ck_assert_ptr_null(split.test_identical);
	flt_split_release(&split);
	split = make_split(table, 0.55, 0, 1);
	ck_assert_uint_eq(split.n_rows[FLT_TEST], 70);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

static void check_failure(const struct flt_table *table, double test, double validation, enum flt_status expected,
                          const char *text)
{
	struct flt_split split;
	struct flt_error err = {0};
	struct flt_split_options options = {.test_fraction = test,
	                                    .validation_fraction = validation,
	                                    .identical = FLT_IDENTICAL_TOGETHER,
	                                    .seed = 1};
	ck_assert_int_eq(flt_split_make(table, &options, &split, &err), expected);
	ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" is not in: %s", text, err.text);
	for (int p = 0; p < FLT_N_ROW_ROLES; p++)
		ck_assert_ptr_null(split.rows[p]);
	ck_assert_uint_eq(split.n_rows[FLT_FIT], 0);
	ck_assert_int_eq(split.method, FLT_SPLIT_STRATIFIED); /* 0, like all of a released split */
}

START_TEST(too_few_rows_of_a_class_is_an_error_with_a_remedy)
{
	struct flt_table *table = distinct_rows(50, 2);
	check_failure(
	        table, 0.2, 0.2, FLT_ERR_DATA,
	        "fit, validation and test need at least 3 rows of class \"1\" but there are 2; --test-fraction 0 needs "
	        "one fewer, and `fltrain cv` tests every row in turn");
	struct flt_split split = make_split(table, 0, 0.2, 1);
	ck_assert_uint_eq(split.n_positive[FLT_VALIDATION], 1);
	flt_split_release(&split);
	flt_table_free(table);

	table = distinct_rows(50, 3); /* a fifth of three is none, but each role gets one */
	split = make_split(table, 0.1, 0.1, 1);
	for (int p = 0; p < FLT_N_ROW_ROLES; p++)
		ck_assert_uint_eq(split.n_positive[p], 1);
	flt_split_release(&split);
	check_failure(table, 0.5, 0.5, FLT_ERR_USAGE, "leave no rows to fit on");
	check_failure(table, -0.5, 0.5, FLT_ERR_USAGE, "leave no rows to fit on");
	check_failure(table, (double)NAN, 0.5, FLT_ERR_USAGE, "leave no rows to fit on");
	flt_table_free(table);

	table = distinct_rows(50, 3); /* half and nearly half of three leave none to fit: the shares shrink */
	split = make_split(table, 0.5, 0.45, 1);
	for (int p = 0; p < FLT_N_ROW_ROLES; p++)
		ck_assert_uint_eq(split.n_positive[p], 1);
	flt_split_release(&split);
	flt_table_free(table);

	table = distinct_rows(50, 1);
	check_failure(table, 0, 0.2, FLT_ERR_DATA,
	              "fit and validation need at least 2 rows of class \"1\" but there is 1; add rows of that class");
	check_failure(
	        table, 0.2, 0, FLT_ERR_DATA,
	        "fit and test need at least 2 rows of class \"1\" but there is 1; --test-fraction 0 needs one fewer");
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA,
	              "but there is 1; --test-fraction 0 --validation-fraction 0 needs only one");
	flt_table_free(table);

	table = distinct_rows(50, 48);
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA, "rows of class \"0\" but there are 2;");
	flt_table_free(table);
}
END_TEST

START_TEST(a_class_in_too_few_groups_is_an_error)
{
	struct text text = {0};
	text_add(&text, "x,y\n");
	for (int i = 0; i < 100; i++)
		text_add(&text, "%g,%d\n", i < 10 ? (i < 5 ? 0.25 : 0.5) : (double)i + 0.75, i < 10);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	check_failure(
	        table, 0.2, 0.2, FLT_ERR_DATA,
	        "fit, validation and test need rows of both classes each, but identical rows stay together: "
	        "there are 92 groups, 2 with class \"1\", the largest with 5 of 100 rows; --identical apart works");
	flt_table_free(table);
}
END_TEST

/* Four groups of a quarter each, of which two share a row in the second table. */
START_TEST(groups_too_large_for_the_parts_name_parts_that_fit)
{
	for (int shared = 0; shared < 2; shared++) {
		struct text text = {0};
		text_add(&text, "x,site,y\n");
		for (int i = 0; i < 80; i++)
			text_add(&text, "%g,%c,%d\n", shared && i < 4 ? 0.5 : (double)i + 0.75, "abcd"[i % 4],
			         i / 4 % 4 == 0);
		struct flt_table *table = table_of(&text, (struct flt_table_options){.group = "site"});
		check_failure(
		        table, 0.2, 0.2, FLT_ERR_DATA,
		        shared ? "rows of a group, and identical rows, stay together: there is 1 group, 1 with class "
		                 "\"1\", the largest with 80 of 80 rows; --identical apart --test-fraction 0.25 "
		                 "--validation-fraction 0.25 works"
		               : "rows of a group, and identical rows, stay together: there are 4 groups, 4 with class "
		                 "\"1\", the largest with 20 of 80 rows; --test-fraction 0.25 --validation-fraction "
		                 "0.25 works");
		check_failure(
		        table, 0, 0.2, FLT_ERR_DATA,
		        shared ? "fit and validation need rows of both classes each, but rows of a group, and "
		                 "identical rows, stay together: there is 1 group, 1 with class \"1\", the largest "
		                 "with 80 of 80 rows; --identical apart --validation-fraction 0.25 works"
		               : "the largest with 20 of 80 rows; --validation-fraction 0.25 works");
		flt_table_free(table);
	}
}
END_TEST

/* Groups of these sizes, a tenth of whose rows are positive, or in the first n_positive groups half of them. */
static struct flt_table *groups_of(const int *sizes, size_t n_groups, size_t n_positive)
{
	struct text text = {0};
	text_add(&text, "x,site,y\n");
	for (size_t g = 0; g < n_groups; g++)
		for (int i = 0; i < sizes[g]; i++)
			text_add(&text, "%zu.%04d,%c,%d\n", g, i, (char)('a' + g),
			         n_positive ? g < n_positive && i % 2 : i % 10 == 0);
	return table_of(&text, (struct flt_table_options){.group = "site"});
}

/* The error says how few and large the groups are; what it suggests makes a split. */
static const struct {
	int sizes[6];
	size_t n_groups, n_positive;
	double test, validation; /* as suggested; 0 and 0: nothing but rows of other groups can help */
	const char *says;
} GROUPED[] = {
        {{500, 300, 200}, 3, 0, 0.3, 0, "there are 3 groups, 3 with class \"1\", the largest with 500 of 1000 rows"},
        {{500, 500}, 2, 0, 0.5, 0, "there are 2 groups, 2 with class \"1\", the largest with 500 of 1000 rows"},
        {{900, 100}, 2, 0, 0, 0, "there are 2 groups, 2 with class \"1\", the largest with 900 of 1000 rows"},
        {{200, 200, 200, 200, 200}, 5, 1, 0, 0, "there are 5 groups, 1 with class \"1\", the largest with 200 of 1000"},
        {{200, 200, 200, 200, 200}, 5, 2, 0.35, 0, "there are 5 groups, 2 with class \"1\", the largest with 200"},
        {{100}, 1, 0, 0, 0, "there is 1 group, 1 with class \"1\", the largest with 100 of 100 rows"},
};

START_TEST(groups_that_are_too_few_or_too_large_are_said_to_be)
{
	char remedy[80] = "; add rows of that class in other groups";
	double test = GROUPED[_i].test, validation = GROUPED[_i].validation;
	struct flt_table *table = groups_of(GROUPED[_i].sizes, GROUPED[_i].n_groups, GROUPED[_i].n_positive);
	if (test > 0 || validation > 0) {
		snprintf(remedy, sizeof remedy, "; --test-fraction %g --validation-fraction %g works", test,
		         validation);
		struct flt_split split = make_split(table, test, validation, 1);
		for (int role = 0; role < FLT_N_ROW_ROLES; role++)
			ck_assert((split.n_positive[role] > 0) == (role != FLT_VALIDATION || validation > 0));
		flt_split_release(&split);
	}
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA, GROUPED[_i].says);
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA, remedy);
	flt_table_free(table);
}
END_TEST

START_TEST(times_that_cannot_be_split_are_an_error)
{
	struct text text = {0};
	text_add(&text, "t,x,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "7,%d.5,%d\n", i, i % 2);
	struct flt_table *table = table_of(&text, (struct flt_table_options){.time = "t"});
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA, "have the same time in column \"t\"");
	flt_table_free(table);

	text_add(&text, "t,x,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "%d,%d.5,%d\n", i, i, i < 20 && i % 2);
	table = table_of(&text, (struct flt_table_options){.time = "t"});
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA, "none of the 10 rows of class \"1\" falls into validation");
	check_failure(table, 0.2, 0, FLT_ERR_DATA, "none of the 10 rows of class \"1\" falls into test");
	flt_table_free(table);

	text_add(&text, "t,x,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "%d,%d.5,%d\n", i, i, i >= 10 || i % 2);
	table = table_of(&text, (struct flt_table_options){.time = "t"});
	check_failure(table, 0.2, 0, FLT_ERR_DATA, "none of the 5 rows of class \"0\" falls into test");
	flt_table_free(table);

	text_add(&text, "t,x,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "%s,%d.5,%d\n", i == 16 ? "" : "3", i, i % 2);
	table = table_of(&text, (struct flt_table_options){.time = "t"});
	check_failure(table, 0.2, 0.2, FLT_ERR_DATA, "row 17 has no time in column \"t\"");
	flt_table_free(table);
}
END_TEST

static void check_random_folds(uint64_t seed, bool by_group)
{
	enum { K = 4 };
	struct sample *s = make_sample(seed, by_group);
	uint32_t fold[MOST_ROWS];
	size_t rows[MOST_ROWS], n_rows[K] = {0}, n_positive[K] = {0}, largest = 0, n = 0, n_dealt = 0;
	struct flt_error err = {0};
	for (size_t i = 0; i < s->n; i++)
		rows[n++] = i;
	enum flt_status status = flt_split_folds(s->table, rows, n, FOLDS(K, seed), fold, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	for (size_t i = 0; i < n; i++) {
		size_t size = s->rows_of[s->together[i]];
		ck_assert_uint_eq(fold[i], fold[s->together[i]]);
		ck_assert_int_eq(fold[i] == FLT_ALWAYS_FIT, size > n / K);
		if (fold[i] == FLT_ALWAYS_FIT)
			continue;
		ck_assert_uint_lt(fold[i], K);
		largest = size > largest ? size : largest;
		n_rows[fold[i]]++;
		n_positive[fold[i]] += (size_t)s->y[i];
		n_dealt++;
	}
	for (size_t f = 0; f < K; f++) {
		ck_assert_uint_gt(n_positive[f], 0);
		ck_assert_double_le(fabs((double)n_rows[f] - (double)n_dealt / K), (double)largest + 1);
	}
	free_sample(s);
}

START_TEST(folds_keep_groups_together_and_are_even)
{
	for (uint64_t seed = 200; seed < 230; seed++)
		check_random_folds(seed, false);
	for (uint64_t seed = 230; seed < 240; seed++)
		check_random_folds(seed, true);
}
END_TEST

START_TEST(folds_of_distinct_rows_have_equal_sizes)
{
	struct flt_table *table = distinct_rows(103, 13);
	size_t rows[100], n_rows[5] = {0}, n_positive[5] = {0}, n_differ = 0;
	uint32_t fold[100], again[100];
	for (size_t i = 0; i < 100; i++) /* not the first three rows, and backwards */
		rows[i] = 102 - i;
	ck_assert_int_eq(flt_split_folds(table, rows, 100, FOLDS(5, 1), fold, NULL), FLT_OK);
	for (size_t i = 0; i < 100; i++) {
		n_rows[fold[i]]++;
		n_positive[fold[i]] += flt_table_labels(table)[rows[i]];
	}
	for (size_t f = 0; f < 5; f++) {
		ck_assert_uint_eq(n_rows[f], 20);
		ck_assert_uint_eq(n_positive[f], 2);
	}
	ck_assert_int_eq(flt_split_folds(table, rows, 100, FOLDS(5, 1), again, NULL), FLT_OK);
	ck_assert_mem_eq(fold, again, sizeof fold);
	ck_assert_int_eq(flt_split_folds(table, rows, 100, FOLDS(5, 2), again, NULL), FLT_OK);
	for (size_t i = 0; i < 100; i++)
		n_differ += fold[i] != again[i];
	ck_assert_uint_gt(n_differ, 50);
	flt_table_free(table);
}
END_TEST

START_TEST(spare_rows_are_spread_over_the_folds)
{
	struct flt_table *table = distinct_rows(104, 12); /* by 5: two left over of each class */
	size_t rows[104], n_rows[5] = {0};
	uint32_t fold[104];
	for (size_t i = 0; i < 104; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_split_folds(table, rows, 104, FOLDS(5, 1), fold, NULL), FLT_OK);
	for (size_t i = 0; i < 104; i++)
		n_rows[fold[i]]++;
	for (size_t f = 0; f < 5; f++) {
		ck_assert_uint_ge(n_rows[f], 20);
		ck_assert_uint_le(n_rows[f], 21);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(too_many_folds_are_an_error)
{
	struct flt_table *table = distinct_rows(60, 4);
	size_t rows[60];
	uint32_t fold[60];
	struct flt_error err = {0};
	for (size_t i = 0; i < 60; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_split_folds(table, rows, 60, FOLDS(10, 1), fold, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "10 folds need 10 rows of class \"1\", but there are 4"));
	ck_assert_int_eq(flt_split_folds(table, rows, 60, FOLDS(4, 1), fold, &err), FLT_OK);
	ck_assert_int_eq(flt_split_folds(table, rows + 3, 57, FOLDS(2, 1), fold, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "2 folds need 2 rows of class \"1\", but there is 1"));
	ck_assert_int_eq(flt_split_folds(table, rows, 60, FOLDS(1, 1), fold, &err), FLT_ERR_USAGE);
	ck_assert_int_eq(flt_split_folds(table, rows, 60, FOLDS(1000, 1), fold, &err), FLT_ERR_DATA);
	flt_table_free(table);
}
END_TEST

START_TEST(a_fold_without_a_class_is_an_error)
{
	struct text text = {0};
	text_add(&text, "x,y\n");
	for (int i = 0; i < 60; i++) /* three positive rows, two of them identical */
		text_add(&text, "%d.5,%d\n", i == 1 ? 0 : i, i < 3);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	size_t rows[60];
	uint32_t fold[60];
	struct flt_error err = {0};
	for (size_t i = 0; i < 60; i++)
		rows[i] = i;
	for (uint64_t seed = 1; seed <= 20; seed++) { /* whichever fold goes without */
		ck_assert_int_eq(flt_split_folds(table, rows, 60, FOLDS(3, seed), fold, &err), FLT_ERR_DATA);
		ck_assert_ptr_nonnull(strstr(err.text, "3 folds need rows of both classes each, but identical rows "
		                                       "stay together: there are 59 groups, 2 with class \"1\""));
	}
	flt_table_free(table);
}
END_TEST

START_TEST(rows_of_two_tables_are_compared_by_value_and_text)
{
	/* The levels of the second file come in another order, so that codes differ where texts agree. */
	struct flt_table *a = small_table("x,c,y\n1,red,0\n2,blue,1\n,red,0\n0,,1\n", (struct flt_table_options){0});
	struct flt_table *b = small_table("x,c,y\n2,blue,0\n1,blue,1\n1.0,red,0\n-0,NA,1\n,red,1\n,blue,0\n",
	                                  (struct flt_table_options){0});
	uint8_t is_shared[6], expected[6] = {1, 0, 1, 1, 1, 0};
	size_t n_shared;
	ck_assert_int_eq(flt_split_shared_rows(a, b, 1, is_shared, &n_shared, NULL), FLT_OK);
	ck_assert_mem_eq(is_shared, expected, sizeof is_shared);
	ck_assert_uint_eq(n_shared, 4);
	ck_assert_int_eq(flt_split_shared_rows(a, b, 1, NULL, &n_shared, NULL), FLT_OK);
	ck_assert_uint_eq(n_shared, 4);
	flt_table_free(b);

	struct flt_error err = {0};
	b = small_table("z,c,y\n2,blue,0\n1,red,1\n", (struct flt_table_options){0});
	ck_assert_int_eq(flt_split_shared_rows(a, b, 1, NULL, &n_shared, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "there is no column \"x\""));
	flt_table_free(b);
	b = small_table("x,c,y\n2,3,0\n1,4,1\n", (struct flt_table_options){0});
	ck_assert_int_eq(flt_split_shared_rows(a, b, 1, NULL, &n_shared, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "column \"c\" must hold text"));
	flt_table_free(b);
	flt_table_free(a);
}
END_TEST

/* Each calls a main entry point and returns its status; all of what it made is freed. */
static enum flt_status try_split(const struct flt_table *table)
{
	struct flt_split split;
	struct flt_error err = {0};
	struct flt_split_options options = {.test_fraction = 0.2, .validation_fraction = 0.2, .seed = 1};
	enum flt_status status = flt_split_make(table, &options, &split, &err);
	ck_assert_int_eq(status, err.status);
	flt_split_release(&split);
	return status;
}

static enum flt_status try_folds(const struct flt_table *table)
{
	size_t rows[40];
	uint32_t fold[40];
	for (size_t i = 0; i < 40; i++)
		rows[i] = i;
	return flt_split_folds(table, rows, 40, FOLDS(3, 1), fold, NULL);
}

static enum flt_status try_shared(const struct flt_table *table)
{
	size_t n_shared;
	return flt_split_shared_rows(table, table, 1, NULL, &n_shared, NULL);
}

static enum flt_status try_groups(const struct flt_table *table)
{
	struct flt_row_groups groups;
	enum flt_status status =
	        flt_row_groups_make(table, NULL, flt_table_n_rows(table),
	                            (struct flt_row_ties){FLT_IDENTICAL_COPIES, true}, 1, &groups, NULL);
	ck_assert_int_eq(status != FLT_OK, groups.of == NULL);
	flt_row_groups_release(&groups);
	return status;
}

static enum flt_status try_key_columns(const struct flt_table *table)
{
	size_t *columns, n_columns;
	enum flt_status status = flt_key_columns(table, &columns, &n_columns, NULL);
	ck_assert_int_eq(status != FLT_OK, columns == NULL);
	flt_free(columns);
	return status;
}

/* The attempt ends as expected once no allocation fails. */
static void walk_failures(enum flt_status (*attempt)(const struct flt_table *), const struct flt_table *table,
                          enum flt_status expected)
{
	size_t live = flt_alloc_live();
	for (unsigned long k = 1;; k++) {
		flt_alloc_fail_at(k);
		enum flt_status status = attempt(table);
		ck_assert_uint_eq(flt_alloc_live(), live);
		unsigned long n_made = flt_alloc_fail_at(0);
		if (status == expected) {
			ck_assert_uint_gt(k, 1);
			ck_assert_uint_lt(n_made, k);
			return;
		}
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
	}
}

START_TEST(every_failed_allocation_is_an_error)
{
	struct text text = {0};
	text_add(&text, "t,g,name,x,c,y\n");
	for (int i = 0; i < 60; i++)
		text_add(&text, "%d,%d,n%d,%d.5,%s,%d\n", i, i / 2, i, i % 20, i % 3 ? "red" : "blue", i % 4 == 0);
	const char *bytes = text.bytes;
	struct flt_table *plain = small_table(bytes, (struct flt_table_options){.drop = "t,g"});
	struct flt_table *timed = small_table(bytes, (struct flt_table_options){.time = "t", .drop = "g"});
	struct flt_table *grouped = small_table(bytes, (struct flt_table_options){.group = "g", .drop = "t"});
	struct flt_table *few_groups = groups_of((int[]){50, 30, 20}, 3, 0);
	walk_failures(try_split, plain, FLT_OK);
	walk_failures(try_split, timed, FLT_OK);
	walk_failures(try_split, grouped, FLT_OK);
	walk_failures(try_folds, grouped, FLT_OK);
	walk_failures(try_shared, plain, FLT_OK);
	walk_failures(try_groups, grouped, FLT_OK);
	walk_failures(try_key_columns, plain, FLT_OK);
	walk_failures(try_split, few_groups, FLT_ERR_DATA);
	flt_table_free(plain);
	flt_table_free(timed);
	flt_table_free(grouped);
	flt_table_free(few_groups);
	free(text.bytes);
}
END_TEST

/* Rows enough for threads, some of them identical: a few values in many columns. */
START_TEST(the_number_of_threads_does_not_change_the_split)
{
	enum { ROWS = 20000 };
	struct text text = {0};
	struct flt_random random;
	struct flt_split splits[3];
	flt_random_init(&random, 5, "test", 0);
	text_add(&text, "a,b,c,d,y\n");
	for (size_t i = 0; i < ROWS; i++)
		text_add(&text, "%zu,%zu.5,t%zu,%zu,%d\n", flt_random_below(&random, 40), flt_random_below(&random, 9),
		         flt_random_below(&random, 9), flt_random_below(&random, 9),
		         flt_random_below(&random, 10) == 0);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	for (unsigned i = 0; i < 3; i++) {
		struct flt_split_options options = {.test_fraction = 0.3, .seed = 1, .n_threads = 1 + 2 * i};
		ck_assert_int_eq(flt_split_make(table, &options, &splits[i], NULL), FLT_OK);
		ck_assert_uint_gt(splits[i].identical.n, 1000);
		ck_assert_uint_eq(splits[i].identical.n, splits[0].identical.n);
		ck_assert_uint_eq(splits[i].n_rows[FLT_TEST], splits[0].n_rows[FLT_TEST]);
		ck_assert_mem_eq(splits[i].rows[FLT_TEST], splits[0].rows[FLT_TEST],
		                 splits[0].n_rows[FLT_TEST] * sizeof *splits[0].rows[FLT_TEST]);
	}
	for (unsigned i = 0; i < 3; i++)
		flt_split_release(&splits[i]);
	flt_table_free(table);
}
END_TEST

/* Deals one group of these sizes between two bins and returns its bin. */
static uint32_t deal_one(size_t negative, size_t positive, struct flt_bin first, struct flt_bin second)
{
	struct flt_random random;
	struct flt_bin bins[2] = {first, second};
	uint32_t size[1][2] = {{(uint32_t)negative, (uint32_t)positive}}, order[1] = {0};
	uint32_t bin_of[1] = {77};
	flt_random_init(&random, 1, "test", 0);
	ck_assert_int_eq(flt_deal(order, 1, size, bins, 2, &random, bin_of, NULL), FLT_OK);
	ck_assert_uint_lt(bin_of[0], 2);
	ck_assert_uint_eq(bins[bin_of[0]].dealt[0], (bin_of[0] ? second : first).dealt[0] + negative);
	ck_assert_uint_eq(bins[bin_of[0]].dealt[1], (bin_of[0] ? second : first).dealt[1] + positive);
	ck_assert_uint_eq(order[0], 0);
	return bin_of[0];
}

START_TEST(a_group_goes_to_the_bin_furthest_below_its_target)
{
	const struct flt_bin half = {.target = {10, 10}, .dealt = {5, 1}, .limit = 100};
	const struct flt_bin most = {.target = {100, 100}, .dealt = {80, 80}, .limit = 100};
	ck_assert_uint_eq(deal_one(1, 0, half, most), 0); /* 50 % below against 20 %, though 5 rows against 20 */
	ck_assert_uint_eq(deal_one(1, 0, most, half), 1);
	ck_assert_uint_eq(deal_one(2, 3, most, half), 1);
	const struct flt_bin negative = {.target = {10, 10}, .dealt = {1, 9}, .limit = 100};
	const struct flt_bin positive = {.target = {10, 10}, .dealt = {9, 1}, .limit = 100};
	ck_assert_uint_eq(deal_one(1, 0, negative, positive), 0);
	ck_assert_uint_eq(deal_one(0, 1, negative, positive), 1);
	ck_assert_uint_eq(deal_one(0, 1, positive, negative), 0);
	/* no bin has room: one that is 30 % over in both classes is less full than one 100 % over in one class */
	const struct flt_bin both = {.target = {10, 10}, .dealt = {10, 10}, .limit = 100};
	const struct flt_bin one = {.target = {3, 100}, .dealt = {3, 0}, .limit = 100};
	ck_assert_uint_eq(deal_one(3, 3, both, one), 0);
	ck_assert_uint_eq(deal_one(3, 3, one, both), 1);
	/* a target of 0 counts as 1 */
	const struct flt_bin none = {.target = {0, 0}, .limit = 100};
	const struct flt_bin full = {.target = {2, 2}, .dealt = {2, 2}, .limit = 100};
	ck_assert_uint_eq(deal_one(1, 0, none, full), 1);
	ck_assert_uint_eq(deal_one(1, 0, full, none), 0);
}
END_TEST

START_TEST(large_groups_spread_in_proportion)
{
	/* 30 groups of 10 rows; targets of 200, 60 and 40 rows */
	enum { N = 30 };
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint32_t size[N][2], order[N];
		uint32_t bin_of[N];
		struct flt_random random;
		struct flt_bin bins[3] = {{.target = {160, 40}, .limit = SIZE_MAX},
		                          {.target = {48, 12}, .limit = 60},
		                          {.target = {32, 8}, .limit = 40}};
		for (size_t g = 0; g < N; g++) {
			order[g] = (uint32_t)g;
			size[g][0] = 8;
			size[g][1] = 2;
		}
		flt_random_init(&random, seed, "test", 0);
		ck_assert_int_eq(flt_deal(order, N, size, bins, 3, &random, bin_of, NULL), FLT_OK);
		for (int b = 0; b < 3; b++)
			for (int c = 0; c < 2; c++)
				ck_assert_uint_eq(bins[b].dealt[c], bins[b].target[c]);
		size_t n_first[3] = {0}; /* of the first six groups: 4, 1.2 and 0.8 in proportion */
		for (size_t i = 0; i < 6; i++)
			n_first[bin_of[order[i]]]++;
		ck_assert_uint_ge(n_first[1], 1);
		ck_assert_uint_ge(n_first[2], 1);
		ck_assert_uint_le(n_first[1] + n_first[2], 3);
	}
}
END_TEST

START_TEST(groups_are_dealt_from_large_to_small)
{
	enum { N = 200 };
	uint32_t size[N][2], order[N];
	size_t n_moved = 0;
	uint32_t bin_of[N];
	struct flt_random random;
	struct flt_bin bins[2] = {{.target = {500, 500}, .limit = SIZE_MAX}, {.target = {500, 500}, .limit = SIZE_MAX}};
	bool is_listed[N] = {false};
	flt_random_init(&random, 3, "test", 0);
	for (size_t g = 0; g < N; g++) {
		order[g] = (uint32_t)g;
		size[g][0] = (uint32_t)flt_random_below(&random, 4);
		size[g][1] = size[g][0] ? (uint32_t)flt_random_below(&random, 4) : 1;
	}
	ck_assert_int_eq(flt_deal(order, N, size, bins, 2, &random, bin_of, NULL), FLT_OK);
	for (size_t i = 0; i < N; i++) {
		ck_assert_uint_lt(order[i], N);
		ck_assert(!is_listed[order[i]]);
		is_listed[order[i]] = true;
		n_moved += i > 0 && order[i] < order[i - 1];
		if (i > 0)
			ck_assert_uint_ge(size[order[i - 1]][0] + size[order[i - 1]][1],
			                  size[order[i]][0] + size[order[i]][1]);
	}
	ck_assert_uint_gt(n_moved, N / 4); /* shuffled among equals */
}
END_TEST

static void fill_from_keys(const void *context, const uint32_t *places, size_t n, struct flt_row_key *keys)
{
	const struct flt_row_key *given = context;
	for (size_t i = 0; i < n; i++)
		keys[i] = given[places[i]];
}

/* Numbers keys (n) into id (n), and returns how many differ. */
static size_t number_keys(const struct flt_row_key *keys, size_t n, unsigned n_threads, uint32_t *id)
{
	struct flt_key_source source = {fill_from_keys, keys, n, 1};
	size_t n_distinct = SIZE_MAX;
	ck_assert_int_eq(flt_number_keys(&source, n_threads, id, &n_distinct, NULL), FLT_OK);
	return n_distinct;
}

START_TEST(keys_are_numbered_by_first_appearance)
{
	enum { N = 3000 };
	static struct flt_row_key keys[N];
	static uint32_t id[N], naive[N];
	uint32_t n_naive = 0;
	struct flt_random random;
	flt_random_init(&random, 6, "test", 0);
	for (size_t i = 0; i < N; i++) {
		/* few values of each half, so that keys often agree in one half, and in the slot where they belong */
		keys[i].a = flt_random_below(&random, 40) << 32;
		keys[i].b = flt_random_below(&random, 2) << flt_random_below(&random, 64);
		size_t j = 0;
		while (j < i && (keys[i].a != keys[j].a || keys[i].b != keys[j].b))
			j++;
		naive[i] = j < i ? naive[j] : n_naive++;
	}
	ck_assert_uint_eq(number_keys(keys, N, 1, id), n_naive);
	ck_assert_uint_gt(n_naive, 500);
	ck_assert_mem_eq(id, naive, sizeof id);
	ck_assert_uint_eq(number_keys(keys, 0, 1, id), 0);
}
END_TEST

/* Numbers n keys, each drawn from n_values whose bits are kept by the mask, and compares. */
static void number_drawn(size_t n, size_t n_values, uint64_t mask_b)
{
	struct flt_row_key *values = calloc(n_values, sizeof *values), *keys = calloc(n, sizeof *keys);
	uint32_t *first = malloc(n_values * sizeof *first), *id = calloc(n, sizeof *id), n_first = 0;
	uint32_t *expected = calloc(n, sizeof *expected);
	struct flt_random random;
	flt_random_init(&random, 7, "test", n_values);
	for (size_t i = 0; i < n_values; i++) {
		values[i] = (struct flt_row_key){flt_random_next(&random), flt_random_next(&random) & mask_b};
		first[i] = UINT32_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		size_t value = flt_random_below(&random, n_values);
		keys[i] = values[value];
		first[value] = first[value] == UINT32_MAX ? n_first++ : first[value];
		expected[i] = first[value];
	}
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
		ck_assert_uint_eq(number_keys(keys, n, n_threads, id), n_first);
		ck_assert_mem_eq(id, expected, n * sizeof *id);
	}
	free(values);
	free(keys);
	free(first);
	free(id);
	free(expected);
}

START_TEST(keys_of_many_rows_are_numbered_alike)
{
	number_drawn(200000, 50, UINT64_MAX);       /* each is often seen */
	number_drawn(200000, 150000, UINT64_MAX);   /* some are seen once */
	number_drawn(200000, 10000000, UINT64_MAX); /* nearly all are */
	number_drawn(200000, 150000, 0xff);         /* the bits that they set are shared by many others */
	number_drawn(65537, 1, UINT64_MAX);
}
END_TEST

START_TEST(numbering_many_keys_is_not_quadratic)
{
	enum { N = 300000 };
	struct flt_row_key *keys = calloc(N, sizeof *keys);
	uint32_t *id = calloc(N, sizeof *id);
	struct flt_random random;
	flt_random_init(&random, 7, "test", 0);
	for (size_t i = 0; i < N; i++)
		keys[i] = (struct flt_row_key){flt_random_next(&random), flt_random_next(&random)};
	ck_assert_uint_eq(number_keys(keys, N, 1, id), N);
	for (size_t i = 0; i < N; i++)
		ck_assert_uint_eq(id[i], i);
	free(keys);
	free(id);
}
END_TEST

START_TEST(numbering_unlike_rows_takes_few_bytes)
{
	enum { N = 1000000, MOST = 10 * N };
	struct flt_row_key *keys = calloc(N, sizeof *keys);
	uint32_t *id = calloc(N, sizeof *id);
	struct flt_random random;
	flt_random_init(&random, 8, "test", 0);
	for (size_t i = 0; i < N; i++)
		keys[i] = (struct flt_row_key){flt_random_next(&random), flt_random_next(&random)};
	flt_alloc_set_limit(flt_alloc_live() + MOST);
	ck_assert_uint_eq(number_keys(keys, N, 2, id), N);
	flt_alloc_set_limit(SIZE_MAX);
	free(keys);
	free(id);
}
END_TEST

/* The keys of the table's rows by a single column. */
static void keys_of(const struct flt_table *table, size_t column, struct flt_row_key *keys)
{
	struct flt_keyed_table keyed;
	ck_assert_int_eq(flt_keyed_table_open(&keyed, table, &column, 1, table, NULL), FLT_OK);
	for (uint32_t row = 0; row < flt_table_n_rows(table); row++)
		flt_keyed_table_keys(&keyed, &row, 1, &keys[row]);
	flt_keyed_table_release(&keyed);
}

/* The most rows whose keys belong to one of n_slots slots. */
static size_t largest_crowd(const struct flt_row_key *keys, size_t n, size_t n_slots)
{
	size_t *crowd = calloc(n_slots, sizeof *crowd), largest = 0;
	for (size_t i = 0; i < n; i++) {
		size_t *here = &crowd[keys[i].a & (n_slots - 1)];
		largest = ++*here > largest ? *here : largest;
	}
	free(crowd);
	return largest;
}

START_TEST(no_rows_crowd_under_an_unknown_key)
{
	enum { N = 1000, SLOTS = 1 << 12 };
	static const struct flt_siphash_key known = {3, 4};
	const struct flt_siphash_key drawn = *flt_hash_key();
	struct text text = {0};
	static struct flt_row_key keys[N];
	text_add(&text, "x,y\n");
	for (size_t i = 0, k = 1; i < N; k++) { /* numbers that belong to the first slot, for whoever knows the key */
		double value = (double)k;
		uint64_t bits;
		memcpy(&bits, &value, sizeof bits);
		struct flt_siphash state = flt_siphash_begin_128(&known);
		flt_siphash_add(&state, bits);
		if (flt_siphash_end_128(&state, (uint64_t)8 << 56).low % SLOTS == 0)
			text_add(&text, "%zu,%zu\n", k, i++ % 2);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	flt_hash_set_key(known);
	keys_of(table, 0, keys);
	ck_assert_uint_eq(largest_crowd(keys, N, SLOTS), N);
	flt_hash_set_key(drawn);
	keys_of(table, 0, keys);
	ck_assert_uint_lt(largest_crowd(keys, N, SLOTS), 12); /* of 1/4 on average: below 1e-13 by chance */
	flt_table_free(table);
}
END_TEST

static size_t n_bits(uint64_t bits)
{
	return (size_t)__builtin_popcountll(bits);
}

START_TEST(each_bit_of_a_number_changes_half_of_the_key)
{
	enum { N = 64, BITS = 48 };
	struct text text = {0};
	struct flt_random random;
	static struct flt_row_key keys[N * (BITS + 1)];
	flt_random_init(&random, 9, "test", 0);
	text_add(&text, "x,y\n");
	for (size_t i = 0; i < N; i++) { /* a number, then the number with each of its lower bits changed */
		double base = flt_random_normal(&random), value;
		uint64_t bits, changed;
		memcpy(&bits, &base, sizeof bits);
		for (size_t bit = 0; bit <= BITS; bit++) {
			changed = bit ? bits ^ (uint64_t)1 << (bit - 1) : bits;
			memcpy(&value, &changed, sizeof value);
			text_add(&text, "%.17g,%zu\n", value, bit % 2);
		}
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	keys_of(table, 0, keys);
	for (size_t bit = 1; bit <= BITS; bit++) {
		size_t n_a = 0, n_b = 0;
		for (size_t i = 0; i < N; i++) {
			const struct flt_row_key *key = &keys[i * (BITS + 1)];
			n_a += n_bits(key[0].a ^ key[bit].a);
			n_b += n_bits(key[0].b ^ key[bit].b);
		}
		/* binomial(64 * 64, 1/2): 2048 +- 32; the final sum adds a little */
		ck_assert_msg(n_a > 1800 && n_a < 2300, "bit %zu: %zu", bit, n_a);
		ck_assert_msg(n_b > 1800 && n_b < 2300, "bit %zu: %zu", bit, n_b);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(long_texts_are_compared_to_the_end)
{
	struct flt_table *a = small_table("x,c,y\n1,customer-1,0\n1,customer-2,1\n1,customer,0\n1,customer-1x,1\n"
	                                  "1,a text of more than sixteen bytes,0\n",
	                                  (struct flt_table_options){0});
	struct flt_table *b = small_table("x,c,y\n1,a text of more than sixteen bytes,0\n1,customer-3,1\n"
	                                  "1,customer-2,0\n1,customer,0\n1,a text of more than sixteen byte,0\n"
	                                  "1,customer-1x,1\n1,another text of more than sixteen,0\n1,customer-1,1\n",
	                                  (struct flt_table_options){0});
	static const uint8_t expected[8] = {1, 0, 1, 1, 0, 1, 0, 1};
	uint8_t is_shared[8];
	size_t n_shared;
	ck_assert_int_eq(flt_split_shared_rows(a, b, 1, is_shared, &n_shared, NULL), FLT_OK);
	ck_assert_mem_eq(is_shared, expected, sizeof expected);
	ck_assert_uint_eq(n_shared, 5);
	flt_table_free(a);
	flt_table_free(b);
}
END_TEST

START_TEST(without_held_out_roles_no_group_is_too_large)
{
	struct flt_table *table = small_table("x,y\n1,0\n1,0\n2,1\n1,1\n3,0\n", (struct flt_table_options){0});
	struct flt_split split = make_split(table, 0, 0, 1);
	ck_assert_uint_eq(split.oversized, 0);
	ck_assert_uint_eq(split.identical.n, 3);
	ck_assert_uint_eq(split.n_rows[FLT_FIT], 5);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

START_TEST(tables_without_features_share_no_rows)
{
	struct text text = {0};
	text_add(&text, "number,y\n");
	for (int i = 0; i < 30; i++)
		text_add(&text, "%d,%d\n", i, i % 2);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	uint8_t is_shared[30];
	size_t n_shared = 9;
	memset(is_shared, 9, sizeof is_shared);
	ck_assert_int_eq(flt_split_shared_rows(table, table, 1, is_shared, &n_shared, NULL), FLT_OK);
	for (int i = 0; i < 30; i++)
		ck_assert_uint_eq(is_shared[i], 0);
	ck_assert_uint_eq(n_shared, 0);
	ck_assert_int_eq(flt_split_shared_rows(table, table, 1, NULL, &n_shared, NULL), FLT_OK);
	flt_table_free(table);
}
END_TEST

/* Times 0 .. n - 1 in a scattered order, each for `same` rows; positive where the time is a multiple of `step`. */
static struct flt_table *scattered_times(size_t n, size_t same, size_t step)
{
	struct text text = {0};
	text_add(&text, "t,x,y\n");
	for (size_t i = 0; i < n; i++) {
		size_t time = i * 37 % n / same;
		text_add(&text, "%zu,%zu.5,%d\n", time, i, (same < n ? time : i) % step == 0);
	}
	return table_of(&text, (struct flt_table_options){.time = "t"});
}

static double time_of(const struct flt_table *table, size_t row)
{
	return number_in(table, flt_table_role(table, FLT_TIME), row);
}

/* Every row of a fold is later than all of the folds before it, and folds are as even as equal times allow. */
static void check_blocks(const struct flt_table *table, size_t n, size_t same, bool is_chained)
{
	enum { K = 4 };
	size_t rows[400], n_of[K + 1] = {0};
	uint32_t fold[400];
	struct flt_fold_options options = {.n_folds = K, .is_chained = is_chained};
	double first[K + 1], last[K + 1];
	for (size_t b = 0; b <= K; b++) {
		first[b] = INFINITY;
		last[b] = -INFINITY;
	}
	for (size_t i = 0; i < n; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_split_folds(table, rows, n, &options, fold, NULL), FLT_OK);
	for (size_t i = 0; i < n; i++) {
		size_t b = fold[i] == FLT_ALWAYS_FIT ? 0 : fold[i] + is_chained;
		ck_assert(is_chained || fold[i] < K);
		ck_assert_uint_le(b, K);
		n_of[b]++;
		first[b] = fmin(first[b], time_of(table, i));
		last[b] = fmax(last[b], time_of(table, i));
	}
	size_t n_blocks = K + is_chained;
	for (size_t b = 0; b < n_blocks; b++) {
		ck_assert_double_lt(fabs((double)n_of[b] - (double)n / (double)n_blocks), (double)same + 1);
		ck_assert(b == 0 || last[b - 1] < first[b]);
	}
}

START_TEST(folds_along_time_are_blocks)
{
	for (size_t same = 1; same <= 9; same += 4) {
		struct flt_table *table = scattered_times(400, same, 3);
		check_blocks(table, 400, same, false);
		check_blocks(table, 400, same, true);
		flt_table_free(table);
	}
}
END_TEST

/* The folds that are named do work, and one more does not. */
START_TEST(blocks_that_do_not_work_name_how_many_do)
{
	size_t rows[400];
	uint32_t fold[400];
	struct flt_table *table = scattered_times(400, 1, 50);
	for (size_t i = 0; i < 400; i++)
		rows[i] = i;
	for (int is_validated = 0; is_validated < 2; is_validated++) {
		struct flt_fold_options options = {.n_folds = 30, .is_chained = true, .is_validated = is_validated};
		struct flt_error err = {0};
		size_t works;
		ck_assert_int_eq(flt_split_folds(table, rows, 400, &options, fold, &err), FLT_ERR_DATA);
		ck_assert_int_eq(sscanf(strstr(err.text, "; --folds"), "; --folds %zu works", &works), 1);
		options.n_folds = works + 1;
		ck_assert_int_eq(flt_split_folds(table, rows, 400, &options, fold, NULL), FLT_ERR_DATA);
		options.n_folds = works;
		ck_assert_int_eq(flt_split_folds(table, rows, 400, &options, fold, NULL), FLT_OK);
		/* Positives stand at 0, 50, ...: the first block needs two of them to be divided. */
		ck_assert_uint_eq(works, is_validated ? 6 : 7);
	}
	flt_table_free(table);
	table = scattered_times(400, 400, 3); /* one time for all */
	struct flt_fold_options two = {.n_folds = 2};
	struct flt_error err = {0};
	ck_assert_int_eq(flt_split_folds(table, rows, 400, &two, fold, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "no number of folds gives that; leave --time out"));
	flt_table_free(table);
}
END_TEST

/* The latest share, moved to where both parts have both classes. */
START_TEST(the_latest_rows_have_both_classes)
{
	size_t rows[400];
	uint8_t is_late[400];
	struct flt_table *table = scattered_times(400, 2, 90); /* positive at the times 0, 90 and 180 of 0 .. 199 */
	for (size_t i = 0; i < 400; i++)
		rows[i] = i;
	static const struct {
		double share, from;
	} cases[] = {{0.3, 140}, {0.01, 180}, {0.99, 2}, {1.5, 2}, {0.5, 100}};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		ck_assert_int_eq(flt_split_latest(table, rows, 400, cases[c].share, is_late, NULL), FLT_OK);
		for (size_t i = 0; i < 400; i++)
			ck_assert_int_eq(is_late[i], time_of(table, i) >= cases[c].from);
	}
	flt_table_free(table);
	struct flt_error err = {0};
	table = scattered_times(400, 1, 1000); /* a single positive */
	ck_assert_int_eq(flt_split_latest(table, rows, 400, 0.3, is_late, &err), FLT_ERR_DATA);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("split");
	TCase *tests = tcase_create("split");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, the_number_of_threads_does_not_change_the_split);
	tcase_add_test(tests, identical_rows_stay_together_and_roles_get_their_shares);
	tcase_add_test(tests, groups_that_share_rows_stay_together);
	tcase_add_test(tests, groups_are_counted_by_role);
	tcase_add_test(tests, dealing_the_largest_groups_first_fills_bins_exactly);
	tcase_add_test(tests, a_group_goes_to_a_bin_with_room);
	tcase_add_test(tests, distinct_rows_are_split_exactly);
	tcase_add_test(tests, a_role_that_is_not_asked_for_stays_empty);
	tcase_add_test(tests, the_seed_decides_the_split_and_every_row_can_be_tested);
	tcase_add_test(tests, only_equality_of_values_affects_the_split);
	tcase_add_test(tests, a_group_too_large_to_hold_out_goes_to_fit);
	tcase_add_test(tests, a_huge_group_leaves_other_rows_to_fit);
	tcase_add_test(tests, id_like_columns_and_dates_do_not_distinguish_rows);
	tcase_add_test(tests, without_features_every_row_is_its_own_group);
	tcase_add_test(tests, the_latest_rows_are_test);
	tcase_add_test(tests, equal_times_stay_together);
	tcase_add_test(tests, too_few_rows_of_a_class_is_an_error_with_a_remedy);
	tcase_add_test(tests, a_class_in_too_few_groups_is_an_error);
	tcase_add_test(tests, groups_too_large_for_the_parts_name_parts_that_fit);
	tcase_add_loop_test(tests, groups_that_are_too_few_or_too_large_are_said_to_be, 0,
	                    sizeof GROUPED / sizeof *GROUPED);
	tcase_add_test(tests, times_that_cannot_be_split_are_an_error);
	tcase_add_test(tests, folds_along_time_are_blocks);
	tcase_add_test(tests, blocks_that_do_not_work_name_how_many_do);
	tcase_add_test(tests, the_latest_rows_have_both_classes);
	tcase_add_test(tests, folds_keep_groups_together_and_are_even);
	tcase_add_test(tests, folds_of_distinct_rows_have_equal_sizes);
	tcase_add_test(tests, spare_rows_are_spread_over_the_folds);
	tcase_add_test(tests, too_many_folds_are_an_error);
	tcase_add_test(tests, a_fold_without_a_class_is_an_error);
	tcase_add_test(tests, rows_of_two_tables_are_compared_by_value_and_text);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	tcase_add_test(tests, a_group_goes_to_the_bin_furthest_below_its_target);
	tcase_add_test(tests, large_groups_spread_in_proportion);
	tcase_add_test(tests, groups_are_dealt_from_large_to_small);
	tcase_add_test(tests, keys_are_numbered_by_first_appearance);
	tcase_add_test(tests, keys_of_many_rows_are_numbered_alike);
	tcase_add_test(tests, numbering_many_keys_is_not_quadratic);
	tcase_add_test(tests, numbering_unlike_rows_takes_few_bytes);
	tcase_add_test(tests, no_rows_crowd_under_an_unknown_key);
	tcase_add_test(tests, each_bit_of_a_number_changes_half_of_the_key);
	tcase_add_test(tests, long_texts_are_compared_to_the_end);
	tcase_add_test(tests, without_held_out_roles_no_group_is_too_large);
	tcase_add_test(tests, tables_without_features_share_no_rows);
	suite_add_tcase(suite, tests);
	return suite;
}
