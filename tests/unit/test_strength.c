/* audit/: what each column alone tells about the class. */
#include "small_table.h"

#include <math.h>

#include "audit/deal.h"
#include "audit/interval.h"
#include "audit/strength.h"
#include "audit/tree.h"
#include "base/random.h"
#include "suite.h"

enum { N_ROWS = 1000 };

static bool is_positive_row(int row)
{
	return row % 10 == 3;
}

/* A number between 0 and 1 that knows nothing of the class. */
static double noise(int row)
{
	struct flt_random random;
	flt_random_init(&random, 1, "noise", (uint64_t)row);
	return flt_random_uniform(&random);
}

/* The strength of column 0 of a table of these cells, 100 of whose 1,000 rows are positive. */
static struct flt_strength strength_of(void (*cell)(struct text *text, int row))
{
	struct text text = {0};
	size_t rows[N_ROWS];
	struct flt_strength strength[2];
	text_add(&text, "x,y\n");
	for (int row = 0; row < N_ROWS; row++) {
		rows[row] = (size_t)row;
		cell(&text, row);
		text_add(&text, ",%d\n", is_positive_row(row));
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	ck_assert_int_eq(flt_strength_of_columns(table, rows, NULL, N_ROWS, 2, strength, NULL), FLT_OK);
	flt_table_free(table);
	ck_assert(strength[0].is_measured);
	ck_assert(!strength[1].is_measured); /* the target */
	ck_assert_double_eq_tol(strength[0].chance, 0.1, 1e-15);
	return strength[0];
}

static void check_near_chance(const struct flt_strength *strength)
{
	ck_assert_double_lt(strength->ap.value, 0.15);
	ck_assert_double_lt(strength->ap.lo, 0.1);
	ck_assert_double_lt(strength->roc_auc.lo, 0.5);
	ck_assert_double_gt(strength->roc_auc.hi, 0.5);
}

static void check_perfect(const struct flt_strength *strength)
{
	ck_assert_double_eq(strength->ap.value, 1);
	ck_assert_double_gt(strength->ap.lo, 0.9);
	ck_assert_double_lt(strength->ap.lo, 1);
	ck_assert_double_eq(strength->ap.hi, 1);
	ck_assert_double_eq(strength->roc_auc.value, 1);
	ck_assert_double_lt(strength->roc_auc.lo, 1);
}

static void noise_cell(struct text *text, int row)
{
	text_add(text, "%.9f", noise(row));
}

static void constant_cell(struct text *text, int row)
{
	(void)row;
	text_add(text, "7");
}

static void distinct_text_cell(struct text *text, int row)
{
	text_add(text, "t%d", row);
}

static void rare_level_cell(struct text *text, int row)
{
	text_add(text, "t%d", row / 4);
}

/* A tree that learns by heart would give all of them an average precision of 1 on the rows that it learnt from. */
START_TEST(what_tells_nothing_is_near_chance)
{
	void (*cells[])(struct text *, int) = {noise_cell, constant_cell, distinct_text_cell, rare_level_cell};
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		struct flt_strength strength = strength_of(cells[i]);
		check_near_chance(&strength);
		ck_assert_double_lt(strength.missing_ap.value, 0.11);
	}
}
END_TEST

static void high_cell(struct text *text, int row)
{
	text_add(text, "%.9f", noise(row) + is_positive_row(row));
}

/* Positive in the middle: neither end of the column tells the class. */
static void middle_cell(struct text *text, int row)
{
	text_add(text, "%.9f", is_positive_row(row) ? 0 : row % 2 ? 1 + noise(row) : -1 - noise(row));
}

static void code_cell(struct text *text, int row)
{
	text_add(text, "%s", is_positive_row(row) ? row % 20 == 3 ? "late" : "closed" : row % 20 == 4 ? "open" : "new");
}

static void missing_number_cell(struct text *text, int row)
{
	if (is_positive_row(row))
		text_add(text, "%.9f", noise(row));
}

static void missing_text_cell(struct text *text, int row)
{
	if (!is_positive_row(row))
		text_add(text, "t%d", row);
}

START_TEST(what_tells_the_class_ranks_perfectly)
{
	void (*cells[])(struct text *, int) = {high_cell, middle_cell, code_cell};
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		struct flt_strength strength = strength_of(cells[i]);
		check_perfect(&strength);
		ck_assert_double_lt(strength.missing_ap.value, 0.11);
	}
}
END_TEST

START_TEST(missing_cells_may_tell_the_class)
{
	void (*cells[])(struct text *, int) = {missing_number_cell, missing_text_cell};
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		struct flt_strength strength = strength_of(cells[i]);
		check_perfect(&strength);
		ck_assert_double_eq(strength.missing_ap.value, 1);
		ck_assert_double_gt(strength.missing_ap.lo, 0.9);
	}
}
END_TEST

/* One row in a hundred has the other class's cell: of 108 rows with "yes", 99 are positive. */
static void copy_cell(struct text *text, int row)
{
	text_add(text, "%s", is_positive_row(row) != (row % 97 == 0) ? "yes" : "no");
}

START_TEST(counterparts_of_a_leaf_rank_together)
{
	struct flt_strength strength = strength_of(copy_cell);
	double tp = 0, fp = 0;
	for (int row = 0; row < N_ROWS; row++) {
		bool yes = is_positive_row(row) != (row % 97 == 0);
		tp += yes && is_positive_row(row);
		fp += yes && !is_positive_row(row);
	}
	/* That of the column itself: had folds their own ranks, it would be less. */
	double ap = tp / 100 * (tp / (tp + fp)) + (1 - tp / 100) * 0.1;
	ck_assert_double_eq_tol(strength.ap.value, ap, 1e-12);
	ck_assert_double_eq_tol(strength.roc_auc.value, (tp / 100 + 1 - fp / 900) / 2, 1e-12);
}
END_TEST

static void level_cell(struct text *text, int row)
{
	text_add(text, "%s", is_positive_row(row) && row % 30 == 3 ? "X" : row % 3 ? "A" : "B");
}

/* A third of the positive rows stand out; the others are like the negative ones. */
START_TEST(a_level_of_positive_rows_ranks_first)
{
	struct flt_strength strength = strength_of(level_cell);
	ck_assert_double_gt(strength.ap.value, 0.34 + 0.66 * 0.07);
	ck_assert_double_lt(strength.ap.value, 0.34 + 0.66 * 0.2);
}
END_TEST

START_TEST(threads_change_nothing)
{
	struct text text = {0};
	enum { N_COLUMNS = 60 };
	size_t rows[N_ROWS];
	struct flt_strength strength[3][N_COLUMNS + 1];
	for (int column = 0; column < N_COLUMNS; column++)
		text_add(&text, "x%d,", column);
	text_add(&text, "y\n");
	for (int row = 0; row < N_ROWS; row++) {
		rows[row] = (size_t)row;
		for (int column = 0; column < N_COLUMNS; column++)
			text_add(&text, column % 3 ? "%.6f," : "t%.1f,",
			         noise(N_COLUMNS * row + column) + is_positive_row(row) * column / 40.0);
		text_add(&text, "%d\n", is_positive_row(row));
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	for (unsigned n = 0; n < 3; n++) {
		memset(strength[n], 0, sizeof strength[n]);
		ck_assert_int_eq(flt_strength_of_columns(table, rows, NULL, N_ROWS, n + 1, strength[n], NULL), FLT_OK);
	}
	flt_table_free(table);
	ck_assert_mem_eq(strength[0], strength[1], sizeof strength[0]);
	ck_assert_mem_eq(strength[0], strength[2], sizeof strength[0]);
	ck_assert_double_gt(strength[0][N_COLUMNS - 1].ap.value, strength[0][1].ap.value);
}
END_TEST

START_TEST(other_labels_may_be_asked_about)
{
	struct text text = {0};
	size_t rows[N_ROWS];
	uint8_t label[N_ROWS];
	struct flt_strength strength[2];
	text_add(&text, "x,y\n");
	for (int row = 0; row < N_ROWS; row++) {
		rows[row] = (size_t)row;
		label[row] = row >= 700;
		text_add(&text, "%.9f,%d\n", noise(row) / 2 + label[row], is_positive_row(row));
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	ck_assert_int_eq(flt_strength_of_columns(table, rows, label, N_ROWS, 1, strength, NULL), FLT_OK);
	ck_assert_double_eq(strength[0].ap.value, 1);
	ck_assert_int_eq(flt_strength_of_columns(table, rows, label, 700, 1, strength, NULL), FLT_OK);
	ck_assert(!strength[0].is_measured); /* one kind of rows only */
	flt_table_free(table);
}
END_TEST

START_TEST(few_rows_are_measured_too)
{
	double numbers[] = {1, 2, (double)NAN, 4, 5, 6, 7};
	uint8_t one[] = {0, 0, 0, 1, 0, 0, 0}, none[7] = {0};
	struct flt_strength strength;
	ck_assert_int_eq(flt_strength_of_numbers(numbers, one, 7, &strength, NULL), FLT_OK);
	ck_assert(strength.is_measured);
	ck_assert_double_ge(strength.ap.lo, 0);
	ck_assert_double_le(strength.ap.hi, 1);
	ck_assert(isfinite(strength.roc_auc.lo) && isfinite(strength.roc_auc.hi));
	ck_assert_int_eq(flt_strength_of_numbers(numbers, none, 7, &strength, NULL), FLT_OK);
	ck_assert(!strength.is_measured);
	ck_assert_int_eq(flt_strength_of_numbers(NULL, NULL, 0, &strength, NULL), FLT_OK);
	ck_assert(!strength.is_measured);
}
END_TEST

/* ---- the tree, beside a slow and obvious one ---- */

static double entropy_of(double a, double b)
{
	double sum = 0, n = a + b;
	if (a > 0)
		sum -= a * log(a / n);
	if (b > 0)
		sum -= b * log(b / n);
	return sum;
}

struct region {
	double low, high; /* low < value <= high */
};

/* Whether all learnt rows with these two values are of one class. */
static bool are_alike(double x, double y, const double *value, const uint8_t *tag, size_t n)
{
	bool seen[2] = {false, false};
	for (size_t i = 0; i < n; i++)
		if (flt_tag_fold(tag[i]) != 0 && !(value[i] < x && value[i] < y) && !(value[i] > x && value[i] > y))
			seen[flt_tag_label(tag[i])] = true;
	return !(seen[0] && seen[1]);
}

/* The best gain of a cut between values that are not alike, where each side keeps five rows, and where it is. */
static double best_cut(struct region region, const double *value, const uint8_t *tag, size_t n, double *cut)
{
	double best = 0;
	for (size_t k = 0; k < n; k++) {
		double above[2] = {0}, below[2] = {0}, next = region.high;
		for (size_t i = 0; i < n; i++) {
			if (flt_tag_fold(tag[i]) == 0 || !(value[i] > region.low && value[i] <= region.high))
				continue;
			*(value[i] > value[k] ? &above[flt_tag_label(tag[i])] : &below[flt_tag_label(tag[i])]) += 1;
			if (value[i] > value[k] && value[i] < next)
				next = value[i];
		}
		bool is_learnt = flt_tag_fold(tag[k]) != 0 && value[k] > region.low && value[k] <= region.high;
		if (!is_learnt || above[0] + above[1] < 5 || below[0] + below[1] < 5 ||
		    are_alike(value[k], next, value, tag, n))
			continue;
		double gain = entropy_of(above[0] + below[0], above[1] + below[1]) - entropy_of(above[0], above[1]) -
		              entropy_of(below[0], below[1]);
		if (gain > best + 1e-9) {
			best = gain;
			*cut = (value[k] + next) / 2;
		}
	}
	return best;
}

static size_t slow_tree(const double *value, const uint8_t *tag, size_t n, struct region region[FLT_TREE_LEAVES])
{
	size_t n_leaves = 1;
	region[0] = (struct region){-INFINITY, INFINITY};
	while (n_leaves < FLT_TREE_LEAVES) {
		double best = 1e-6, cut = 0;
		size_t which = SIZE_MAX;
		for (size_t i = 0; i < n_leaves; i++) {
			double at = 0, gain = best_cut(region[i], value, tag, n, &at);
			if (gain > best + 1e-9) {
				best = gain;
				which = i;
				cut = at;
			}
		}
		if (which == SIZE_MAX)
			break;
		region[n_leaves++] = (struct region){region[which].low, cut};
		region[which].low = cut;
	}
	return n_leaves;
}

/* The score of the leaf that holds x. */
static double slow_score(double x, const struct region *region, size_t n_leaves, const double *value,
                         const uint8_t *tag, size_t n)
{
	for (size_t k = 0; k < n_leaves; k++) {
		if (!(x > region[k].low && x <= region[k].high))
			continue;
		double rows = 0, positive = 0;
		for (size_t i = 0; i < n; i++)
			if (flt_tag_fold(tag[i]) != 0 && value[i] > region[k].low && value[i] <= region[k].high) {
				rows += 1;
				positive += flt_tag_label(tag[i]);
			}
		return (positive + 5 * 0.3) / (rows + 5);
	}
	ck_abort_msg("no leaf");
}

static int falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

/* Random cells with enough structure that no two cuts gain the same, but for those that are left out of the count. */
START_TEST(the_tree_is_the_slow_one)
{
	enum { N = 240 };
	struct flt_tree_room room;
	struct flt_entropy_table table;
	size_t n_compared = 0;
	ck_assert_int_eq(flt_tree_room_init(&room, N, NULL), FLT_OK);
	ck_assert_int_eq(flt_entropy_table_init(&table, N, NULL), FLT_OK);
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct flt_random random;
		double value[N];
		uint8_t tag[N];
		flt_random_init(&random, seed, "tree", 0);
		for (size_t i = 0; i < N; i++)
			value[i] = floor(flt_random_uniform(&random) * 40) / 4;
		qsort(value, N, sizeof *value, falling);
		for (size_t i = 0; i < N; i++) {
			double p = value[i] < 2 ? 0.7 : value[i] < 5 ? 0.1 : value[i] < 7 ? 0.5 : 0.2;
			tag[i] = (uint8_t)(2 * flt_random_below(&random, 5) + (flt_random_uniform(&random) < p));
		}
		struct region region[FLT_TREE_LEAVES];
		struct flt_judged judged[FLT_TREE_LEAVES];
		size_t n_leaves = slow_tree(value, tag, N, region);
		size_t n_judged = flt_tree_judge(&room, &table, value, tag, N, 0, 0.3, judged);
		ck_assert_uint_eq(n_leaves, n_judged);
		size_t i = 0;
		for (size_t k = 0; k < n_judged; k++)
			for (size_t left = judged[k].n[0] + judged[k].n[1]; left > 0; i++) {
				if (flt_tag_fold(tag[i]) != 0)
					continue;
				ck_assert_double_eq_tol(judged[k].score,
				                        slow_score(value[i], region, n_leaves, value, tag, N), 1e-12);
				left--;
				n_compared++;
			}
	}
	ck_assert_uint_gt(n_compared, 500);
	flt_entropy_table_release(&table);
	flt_tree_room_release(&room);
}
END_TEST

/* ---- folds, intervals ---- */

static size_t count_fold(const struct flt_deal *deal, unsigned fold, unsigned label)
{
	size_t n = 0;
	for (size_t i = 0; i < deal->n; i++)
		n += flt_tag_fold(deal->tag[i]) == fold && flt_tag_label(deal->tag[i]) == label;
	return n;
}

START_TEST(folds_share_each_class)
{
	enum { N = 1003 };
	uint8_t label[N];
	struct flt_deal deal;
	for (size_t i = 0; i < N; i++)
		label[i] = i % 7 == 0;
	ck_assert_int_eq(flt_deal_init(&deal, label, NULL, N, NULL), FLT_OK);
	ck_assert_uint_eq(deal.n, N);
	ck_assert_uint_eq(deal.weight[0], 1);
	for (unsigned fold = 0; fold < FLT_DEAL_FOLDS; fold++)
		for (unsigned class = 0; class < 2; class ++) {
			size_t n = count_fold(&deal, fold, class);
			ck_assert(n == deal.n_class[class] / FLT_DEAL_FOLDS ||
			          n == deal.n_class[class] / FLT_DEAL_FOLDS + 1);
		}
	for (size_t i = 0; i < N; i++)
		ck_assert(deal.place[i] == i && flt_tag_label(deal.tag[i]) == label[i]);
	flt_deal_release(&deal);
}
END_TEST

/* Twenty rows of each patient have the same ward, and the patient's class: wards of one patient teach nothing. */
START_TEST(rows_of_a_group_stay_in_one_fold)
{
	struct text text = {0};
	size_t rows[N_ROWS];
	struct flt_strength strength[2][3];
	text_add(&text, "ward,patient,y\n");
	for (int row = 0; row < N_ROWS; row++) {
		rows[row] = (size_t)row;
		text_add(&text, "w%d,%d,%d\n", row / 20, row / 20 * 7, row / 20 % 5 == 0);
	}
	for (int with_group = 0; with_group < 2; with_group++) {
		struct text copy = {.length = text.length, .capacity = text.length};
		copy.bytes = strdup(text.bytes);
		struct flt_table *table =
		        table_of(&copy, (struct flt_table_options){.group = with_group ? "patient" : NULL});
		ck_assert_int_eq(flt_strength_of_columns(table, rows, NULL, N_ROWS, 1, strength[with_group], NULL),
		                 FLT_OK);
		flt_table_free(table);
	}
	free(text.bytes);
	ck_assert_double_gt(strength[0][0].ap.value, 0.99);
	ck_assert_double_lt(strength[1][0].ap.value, 0.3);
	ck_assert_int_eq(strength[1][0].telling.kind, FLT_TELLING_NONE);
}
END_TEST

START_TEST(of_many_rows_some_count_for_all)
{
	size_t n = 5 * (size_t)FLT_DEAL_MAX_ROWS + 17, n_positive = 0;
	uint8_t *label = malloc(n);
	double *number = malloc(n * sizeof *number);
	struct flt_deal deal;
	struct flt_strength strength;
	for (size_t i = 0; i < n; i++) {
		label[i] = i % 1000 == 1;
		n_positive += label[i];
		number[i] = label[i] || i % 500 == 0; /* a third of those with 1 are positive */
	}
	ck_assert_int_eq(flt_deal_init(&deal, label, NULL, n, NULL), FLT_OK);
	ck_assert_uint_le(deal.n, FLT_DEAL_MAX_ROWS);
	ck_assert_uint_eq(deal.n_class[1], n_positive);
	ck_assert_uint_eq(deal.weight[1], 1);
	ck_assert_uint_ge(deal.n_class[0] * deal.weight[0], n - n_positive - deal.weight[0]);
	flt_deal_release(&deal);
	ck_assert_int_eq(flt_strength_of_numbers(number, label, n, &strength, NULL), FLT_OK);
	ck_assert_double_eq_tol(strength.chance, 0.001, 1e-4);
	ck_assert_double_eq_tol(strength.ap.value, 1.0 / 3, 0.03);
	free(number);
	free(label);
}
END_TEST

/* Values from scipy and scikit-learn by the formulas that the header names. */
START_TEST(intervals_are_those_of_the_papers)
{
	static const struct {
		size_t n;
		struct flt_rank_group group[3];
		struct flt_interval roc_auc, ap;
	} cases[] = {
	        {2, {{20, 0}, {0, 80}}, {1, 0.9131272604, 1}, {1, 0.7019169435, 1}},
	        {2, {{15, 5}, {5, 75}}, {0.84375, 0.6888937821, 0.9252156877}, {0.6125, 0.3913226235, 0.7953404201}},
	        {3,
	         {{3, 10}, {7, 40}, {10, 50}},
	         {0.5125, 0.3562231165, 0.6659426316},
	         {0.1762820513, 0.0634557498, 0.4033245309}},
	        {3,
	         {{5, 0}, {10, 10}, {5, 90}},
	         {0.8375, 0.6803717116, 0.9214412327},
	         {0.5916666667, 0.3726709240, 0.7794552427}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n_class[2] = {0, 0};
		for (size_t k = 0; k < cases[i].n; k++) {
			n_class[0] += (size_t)cases[i].group[k].n_negative;
			n_class[1] += (size_t)cases[i].group[k].n_positive;
		}
		struct flt_interval got[2] = {flt_roc_auc_interval(cases[i].group, cases[i].n, n_class),
		                              flt_ap_interval(cases[i].group, cases[i].n, n_class)};
		struct flt_interval expected[2] = {cases[i].roc_auc, cases[i].ap};
		for (size_t k = 0; k < 2; k++) {
			ck_assert_double_eq_tol(got[k].value, expected[k].value, 1e-9);
			ck_assert_double_eq_tol(got[k].lo, expected[k].lo, 1e-7);
			ck_assert_double_eq_tol(got[k].hi, expected[k].hi, 1e-7);
		}
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("strength");
	TCase *cases = tcase_create("strength");
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, what_tells_nothing_is_near_chance);
	tcase_add_test(cases, what_tells_the_class_ranks_perfectly);
	tcase_add_test(cases, missing_cells_may_tell_the_class);
	tcase_add_test(cases, counterparts_of_a_leaf_rank_together);
	tcase_add_test(cases, a_level_of_positive_rows_ranks_first);
	tcase_add_test(cases, threads_change_nothing);
	tcase_add_test(cases, other_labels_may_be_asked_about);
	tcase_add_test(cases, few_rows_are_measured_too);
	tcase_add_test(cases, the_tree_is_the_slow_one);
	tcase_add_test(cases, folds_share_each_class);
	tcase_add_test(cases, rows_of_a_group_stay_in_one_fold);
	tcase_add_test(cases, of_many_rows_some_count_for_all);
	tcase_add_test(cases, intervals_are_those_of_the_papers);
	suite_add_tcase(suite, cases);
	return suite;
}
