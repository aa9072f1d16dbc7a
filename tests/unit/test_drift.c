/* audit/drift: columns that changed between two files or along time are found, others are not, whatever the number of
 * rows. */

#include "small_table.h"

#include "audit/drift.h"
#include "base/random.h"
#include "live_memory.h"
#include "suite.h"

static const char *const kinds[] = {"web", "shop", "phone", "fax"};

/* What is different about a file. */
struct shift {
	double factor, mean; /* of the amount */
	size_t first_kind;
	double missing;
};

static void add_rows(struct text *text, size_t n, const struct shift *shift, struct flt_random *random)
{
	for (size_t i = 0; i < n; i++) {
		double amount = shift->factor * (10 + shift->mean + flt_random_normal(random));
		char cell[32] = "";
		if (flt_random_uniform(random) >= shift->missing)
			snprintf(cell, sizeof cell, "%.4f", amount);
		text_add(text, "%s,%.4f,%s,%zu,%d\n", cell, flt_random_normal(random),
		         kinds[shift->first_kind + flt_random_below(random, 2)], i, flt_random_uniform(random) < 0.1);
	}
}

static struct flt_table *file_of(size_t n, const struct shift *shift, uint64_t seed, struct flt_table_options options)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, seed, "drift", 0);
	text_add(&text, "amount,other,kind,at,y\n");
	add_rows(&text, n, shift, &random);
	return table_of(&text, options);
}

static struct flt_drift between(size_t n_old, size_t n_new, const struct shift *shift)
{
	const struct shift none = {.factor = 1};
	const struct flt_table_options options = {.drop = "at"};
	struct flt_table *old = file_of(n_old, &none, 1, options), *new = file_of(n_new, shift, 2, options);
	struct flt_drift drift;
	ck_assert_int_eq(flt_drift_between(old, new, 2, &drift, NULL), FLT_OK);
	ck_assert_uint_eq(drift.n_rows[0], n_old);
	ck_assert_uint_eq(drift.n_rows[1], n_new);
	ck_assert_uint_eq(drift.n_positive[0], flt_table_n_positive(old));
	ck_assert_uint_eq(drift.n_positive[1], flt_table_n_positive(new));
	ck_assert(!drift.by_time);
	flt_table_free(old);
	flt_table_free(new);
	return drift;
}

START_TEST(nothing_changed)
{
	const struct shift none = {.factor = 1};
	static const size_t sizes[][2] = {{60, 40}, {1000, 300}, {300, 1000}, {20000, 20000}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct flt_drift drift = between(sizes[i][0], sizes[i][1], &none);
		ck_assert_uint_eq(drift.n_drifting, 0);
		ck_assert_uint_eq(drift.columns[2].n_unseen, 0);
		flt_drift_release(&drift);
	}
}
END_TEST

/* A shift of 0.2 standard deviations has a ROC-AUC of 0.556: certain on many rows, and still too small to matter. */
START_TEST(small_change_on_many_rows)
{
	const struct shift small = {.factor = 1, .mean = 0.2};
	struct flt_drift drift = between(30000, 30000, &small);
	ck_assert_uint_eq(drift.n_drifting, 0);
	ck_assert_double_eq_tol(drift.columns[0].strength.roc_auc.value, 0.556, 0.01);
	ck_assert_double_gt(drift.columns[0].strength.roc_auc.lo, 0.53);
	flt_drift_release(&drift);
}
END_TEST

START_TEST(another_unit)
{
	const struct shift cents = {.factor = 100};
	struct flt_drift drift = between(500, 200, &cents);
	ck_assert_uint_eq(drift.n_drifting, 1);
	ck_assert(drift.columns[0].drifts);
	ck_assert_double_gt(drift.columns[0].strength.roc_auc.lo, 0.95);
	ck_assert_double_eq_tol(drift.columns[0].median[0], 10, 0.2);
	ck_assert_double_eq_tol(drift.columns[0].median[1], 1000, 30);
	flt_drift_release(&drift);
}
END_TEST

/* Half of the texts of the new rows are new: "phone" beside "shop". */
START_TEST(unseen_texts)
{
	const struct shift other = {.factor = 1, .first_kind = 1};
	struct flt_drift drift = between(500, 400, &other);
	ck_assert_uint_eq(drift.n_drifting, 1);
	ck_assert(drift.columns[2].drifts);
	ck_assert_uint_gt(drift.columns[2].n_unseen, 150);
	ck_assert_uint_lt(drift.columns[2].n_unseen, 250);
	flt_drift_release(&drift);
}
END_TEST

START_TEST(missing_cells)
{
	const struct shift empty = {.factor = 1, .missing = 0.7};
	struct flt_drift drift = between(400, 400, &empty);
	ck_assert_uint_eq(drift.n_drifting, 1);
	ck_assert_uint_eq(drift.columns[0].n_missing[0], 0);
	ck_assert_uint_gt(drift.columns[0].n_missing[1], 240);
	ck_assert_uint_lt(drift.columns[0].n_missing[1], 320);
	flt_drift_release(&drift);
}
END_TEST

/* The latest fifth by the time column, whatever the order of the rows. */
START_TEST(along_time)
{
	struct text text = {0};
	struct flt_random random;
	struct flt_drift drift;
	flt_random_init(&random, 5, "drift", 1);
	text_add(&text, "amount,kind,at,y\n");
	for (int i = 0; i < 500; i++) {
		int at = i * 137 % 500;
		text_add(&text, "%.4f,%s,%d,%d\n", flt_random_normal(&random) + (at >= 400 ? 2 : 0),
		         at >= 400 && i % 2 ? "fax" : "web", at, i % 10 == 0);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){.time = "at"});
	ck_assert_int_eq(flt_drift_along_time(table, 0.2, 1, &drift, NULL), FLT_OK);
	ck_assert(drift.by_time);
	ck_assert_uint_eq(drift.n_rows[0], 400);
	ck_assert_uint_eq(drift.n_rows[1], 100);
	ck_assert_uint_eq(drift.n_drifting, 2);
	ck_assert(drift.columns[0].drifts && drift.columns[1].drifts);
	ck_assert_uint_eq(drift.columns[1].n_unseen, drift.columns[1].n_level[1]);
	ck_assert_str_eq(drift.columns[1].level, "web");
	flt_drift_release(&drift);
	flt_table_free(table);
}
END_TEST

/* Old texts come first, so that the numbers of the levels differ between the files. */
START_TEST(levels_in_another_order)
{
	struct flt_table *old = small_table("a,y\nx,1\nx,0\nz,0\nx,0\nz,1\nx,0\n", (struct flt_table_options){0});
	struct flt_table *new = small_table("a,y\nz,1\nw,0\n,0\nx,0\nx,0\n", (struct flt_table_options){0});
	struct flt_drift drift;
	ck_assert_int_eq(flt_drift_between(old, new, 1, &drift, NULL), FLT_OK);
	ck_assert_uint_eq(drift.columns[0].n_unseen, 1);
	ck_assert_uint_eq(drift.columns[0].n_missing[1], 1);
	ck_assert_str_eq(drift.columns[0].level, "x");
	ck_assert_uint_eq(drift.columns[0].n_level[0], 4);
	ck_assert_uint_eq(drift.columns[0].n_level[1], 2);
	flt_drift_release(&drift);
	flt_table_free(old);
	flt_table_free(new);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("drift");
	TCase *tests = tcase_create("drift");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, nothing_changed);
	tcase_add_test(tests, small_change_on_many_rows);
	tcase_add_test(tests, another_unit);
	tcase_add_test(tests, unseen_texts);
	tcase_add_test(tests, missing_cells);
	tcase_add_test(tests, along_time);
	tcase_add_test(tests, levels_in_another_order);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}
