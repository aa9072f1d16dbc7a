/* flt_evaluate, exact draws, and what chance attains. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/chance.h"
#include "eval/sample.h"
#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "close.h"
#include "scored_rows.h"
#include "suite.h"

enum { MAX_ROWS = 2000 };

/* A classifier with ties on a grid of 1 / grid. */
static void make_rows(struct rows *rows, size_t n, double prevalence, double grid, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "rows", 0);
	rows->n = n;
	for (size_t i = 0; i < n; i++) {
		rows->label[i] = i < 2 ? i == 0 : flt_random_uniform(&random) < prevalence;
		double score = flt_random_normal(&random) + 1.5 * rows->label[i] + log(prevalence);
		rows->score[i] = floor(score * grid) / grid;
	}
}

static struct flt_figures evaluate(const struct rows *rows, double threshold, uint64_t seed, unsigned n_threads)
{
	struct flt_figures figures;
	struct flt_scored scored = rows_scored(rows);
	struct flt_evaluate_options options = {.threshold = threshold, .seed = seed, .n_threads = n_threads};
	memset(&figures, 0, sizeof figures);
	struct flt_error err;
	ck_assert_int_eq(flt_evaluate(&scored, &options, &figures, &err), FLT_OK);
	return figures;
}

START_TEST(all_figures_agree_with_scikit_learn)
{
	struct reference_csv inputs, wanted;
	reference_csv_open(&inputs, "tests/reference/eval_inputs.csv");
	reference_csv_open(&wanted, "tests/reference/eval_figures.csv");
	static struct rows rows;
	size_t n = 0;
	for (; reference_csv_next(&inputs) && reference_csv_next(&wanted); n++) {
		size_t n_positive = 0;
		rows_read(&inputs, &rows);
		for (size_t i = 0; i < rows.n; i++)
			n_positive += rows.label[i];
		struct flt_figures f = evaluate(&rows, reference_csv_number(&wanted, 1), 1, 1);
		const double got[] = {f.ap.value,
		                      f.roc_auc.value,
		                      f.brier,
		                      f.log_loss,
		                      f.chosen.mcc.value,
		                      f.chosen.f1.value,
		                      f.chosen.precision.value,
		                      f.chosen.recall.value,
		                      f.chosen.accuracy,
		                      f.ece,
		                      f.mean_probability};
		for (size_t i = 0; i < sizeof got / sizeof *got; i++)
			assert_close(got[i], reference_csv_number(&wanted, 2 + i), 1e-12);
		for (size_t i = 0; i < FLT_N_AT_K; i++) {
			assert_close(f.at_k[i].precision, reference_csv_number(&wanted, 13 + 2 * i), 1e-12);
			assert_close(f.at_k[i].recall, reference_csv_number(&wanted, 14 + 2 * i), 1e-12);
			ck_assert_int_eq(f.at_k[i].k > 0,
			                 (i == 4 ? n_positive : (size_t[]){10, 50, 100, 500}[i]) <= rows.n);
		}
		for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
			assert_close(f.at_precision[i].recall, reference_csv_number(&wanted, 23 + i), 1e-12);
		const struct flt_confusion *c = &f.chosen.confusion;
		ck_assert(c->tp + c->fn == (double)n_positive);
		ck_assert(c->tp + c->fp + c->fn + c->tn == (double)rows.n);
		ck_assert_uint_eq(f.n_positive, n_positive);
		assert_close(f.majority_accuracy,
		             (double)(n_positive * 2 > rows.n ? n_positive : rows.n - n_positive) / (double)rows.n,
		             1e-15);
		struct flt_interval alarms = flt_wilson((size_t)(c->tp + c->fp), rows.n);
		assert_close(f.chosen.alarms_per_10000.hi, 1e4 * alarms.hi, 1e-13);
		ck_assert_double_eq(f.at_half.probability, 0.5);
		assert_close(f.at_half.f1.value, flt_f1(&f.at_half.confusion), 1e-15);
	}
	ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
	static struct rows rows;
	make_rows(&rows, 1500, 0.05, 4, 1);
	struct flt_figures one = evaluate(&rows, 0.1, 7, 1), three = evaluate(&rows, 0.1, 7, 3);
	ck_assert_mem_eq(&one, &three, sizeof one);
	struct flt_figures other = evaluate(&rows, 0.1, 8, 1);
	ck_assert(other.ap.value == one.ap.value && other.ap.lo == one.ap.lo && other.chance95 != one.chance95);
}
END_TEST

START_TEST(intervals_surround_their_value)
{
	static struct rows rows;
	make_rows(&rows, 1500, 0.05, 4, 2);
	struct flt_figures f = evaluate(&rows, 0.1, 1, 1);
	const struct flt_interval *all[] = {&f.ap,
	                                    &f.roc_auc,
	                                    &f.chosen.f1,
	                                    &f.chosen.mcc,
	                                    &f.at_half.f1,
	                                    &f.at_half.mcc,
	                                    &f.chosen.precision,
	                                    &f.chosen.recall,
	                                    &f.chosen.alarms_per_10000};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		ck_assert(all[i]->lo < all[i]->value && all[i]->value < all[i]->hi);
	ck_assert(f.chance < f.chance95 && f.chance95 < f.ap.lo);
}
END_TEST

START_TEST(one_class_is_an_error)
{
	const double score[] = {1, 2, 3};
	const uint8_t negative[] = {0, 0, 0}, positive[] = {1, 1, 1};
	struct flt_scored rows = {.n = 3, .score = score, .log_odds = score, .label = negative};
	const struct flt_evaluate_options options = {.threshold = 0.5, .seed = 1, .n_threads = 1};
	struct flt_figures figures;
	struct flt_error err;
	ck_assert_int_eq(flt_evaluate(&rows, &options, &figures, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "all 3 rows are negative: figures need at least one row of each class");
	rows.label = positive;
	ck_assert_int_eq(flt_evaluate(&rows, &options, &figures, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "all 3 rows are positive: figures need at least one row of each class");
}
END_TEST

/* ---- exact draws ---- */

/* Chi-square of draws against the exact mass, patterns of at least 20 expected draws. */
static void check_binomial(uint64_t n, uint64_t part, uint64_t whole)
{
	enum { N = 200000 };
	double *seen = flt_alloc_zero(n + 1, sizeof *seen, NULL), p = (double)part / (double)whole;
	struct flt_random random;
	flt_random_init(&random, n, "binomial", part);
	for (int i = 0; i < N; i++)
		seen[flt_binomial(&random, n, part, whole)]++;
	double chi2 = 0, freedom = -1, expected = 0, got = 0;
	for (uint64_t k = 0; k <= n; k++) {
		double m = (double)n, x = (double)k;
		expected +=
		        N * exp(lgamma(m + 1) - lgamma(x + 1) - lgamma(m - x + 1) + x * log(p) + (m - x) * log1p(-p));
		got += seen[k];
		if (expected >= 20 || k == n) {
			chi2 += (got - expected) * (got - expected) / fmax(expected, 1);
			freedom++;
			expected = got = 0;
		}
	}
	flt_free(seen);
	ck_assert_msg(fabs(chi2 - freedom) < 5 * sqrt(2 * freedom + 1), "n %lu p %g: chi2 %g, %g degrees",
	              (unsigned long)n, p, chi2, freedom);
}

START_TEST(binomial_draws_have_the_right_mass)
{
	check_binomial(1, 1, 2);
	check_binomial(7, 1, 3);
	check_binomial(40, 1, 10);
	check_binomial(1000, 5, 1000);
	check_binomial(25, 1, 2);
	check_binomial(100, 70, 100);
	check_binomial(3000, 1, 30);
	check_binomial(5000, 4999, 5000);
	struct flt_random random;
	flt_random_init(&random, 1, "edge", 0);
	ck_assert_uint_eq(flt_binomial(&random, 10, 0, 3), 0);
	ck_assert_uint_eq(flt_binomial(&random, 10, 3, 3), 10);
	ck_assert_uint_eq(flt_binomial(&random, 0, 1, 3), 0);
}
END_TEST

/* Below 3/4 of 2^64, a product's high half alone would take each third number twice as often as the others. */
START_TEST(draws_below_a_large_number_are_unbiased)
{
	enum { N = 30000 };
	struct flt_below below = flt_below_init((uint64_t)3 << 62);
	struct flt_random random;
	size_t seen[3] = {0}, n_high = 0;
	flt_random_init(&random, 1, "below", 0);
	for (int i = 0; i < N; i++) {
		uint64_t value = flt_below_draw(&below, &random);
		ck_assert(value < below.n);
		seen[value % 3]++;
		n_high += value >= (uint64_t)3 << 61;
	}
	for (size_t k = 0; k < 3; k++)
		ck_assert_double_le(fabs((double)seen[k] - N / 3.0), 5 * sqrt(N * 2.0 / 9));
	ck_assert_double_le(fabs((double)n_high - N / 2.0), 5 * sqrt(N / 4.0));
}
END_TEST

START_TEST(quantiles_are_linear_between_neighbours)
{
	double values[] = {4, 1, 3, 2};
	flt_sort_doubles(values, 4);
	ck_assert_double_eq(flt_quantile_sorted(values, 4, 0), 1);
	ck_assert_double_eq(flt_quantile_sorted(values, 4, 1), 4);
	ck_assert_double_eq(flt_quantile_sorted(values, 4, 0.5), 2.5);
	ck_assert_double_eq(flt_quantile_sorted(values, 1, 0.95), 1);
	/* Of the squares from 0 on: in units of the distance between neighbours, 0.29 of 99 is 28.71. */
	double squares[100];
	for (size_t i = 0; i < 100; i++)
		squares[i] = (double)(i * i);
	assert_close(flt_quantile_sorted(squares, 100, 0.29), 28 * 28 + 0.71 * (29 * 29 - 28 * 28), 1e-12);
}
END_TEST

/* ---- chance ---- */

static void chance95_of(size_t n, size_t n_positive, uint64_t seed, double *chance95)
{
	double chance;
	const struct flt_random_ranking ranking = {n, n_positive, 1, NULL};
	ck_assert_int_eq(flt_chance_find(&ranking, FLT_CHANCE_THOROUGH, seed, 1, &chance, chance95, NULL), FLT_OK);
}

static double chance_of(size_t n, size_t n_positive)
{
	double chance, chance95;
	const struct flt_random_ranking ranking = {n, n_positive, 1, NULL};
	ck_assert_int_eq(flt_chance_find(&ranking, FLT_CHANCE_THOROUGH, 1, 1, &chance, &chance95, NULL), FLT_OK);
	return chance;
}

START_TEST(chance_agrees_with_shuffled_rows)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/eval_chance.csv");
	size_t rows = 0;
	for (; reference_csv_next(&csv); rows++) {
		size_t n = (size_t)reference_csv_number(&csv, 0), n_positive = (size_t)reference_csv_number(&csv, 1);
		ck_assert_double_eq_tol(chance_of(n, n_positive), reference_csv_number(&csv, 2),
		                        4 * reference_csv_number(&csv, 3));
		ck_assert_double_eq(flt_chance_of(n, n_positive), chance_of(n, n_positive));
		for (uint64_t seed = 1; seed <= 3; seed++) {
			double chance95;
			chance95_of(n, n_positive, seed, &chance95);
			ck_assert_double_ge(chance95, reference_csv_number(&csv, 4));
			ck_assert_double_le(chance95, reference_csv_number(&csv, 6));
		}
	}
	ck_assert_uint_eq(rows, 4);
	assert_close(chance_of(1000, 10), (7.485470860550345 + 9.0 / 999 * (1000 - 7.485470860550345)) / 1000, 1e-14);
}
END_TEST

START_TEST(chance_of_small_sets_is_exact)
{
	/* 1 positive in n: AP is 1 / rank. */
	assert_close(chance_of(4, 1), (1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4) / 4, 1e-15);
	/* 2 of 3: ranks 12, 13, 23 give 1, 5/6, 7/12. */
	assert_close(chance_of(3, 2), (1 + 5.0 / 6 + 7.0 / 12) / 3, 1e-15);
	double chance95;
	chance95_of(3, 2, 1, &chance95);
	ck_assert_double_eq(chance95, 1);
	chance95_of(25, 1, 1, &chance95);
	ck_assert_double_eq(chance95, 0.5); /* rank 1 has 4 % of the mass, ranks 1 and 2 have 8 % */
	ck_assert_double_eq(chance_of(5, 5), 1);
	chance95_of(5, 5, 1, &chance95);
	ck_assert_double_eq(chance95, 1);
}
END_TEST

/* Average precision where all of n rows but the one at `rank` are positive. */
static double ap_with_one_negative(size_t n, size_t rank)
{
	double sum = 0;
	for (size_t tp = 1; tp < n; tp++)
		sum += (double)tp / (double)(tp < rank ? tp : tp + 1);
	return sum / (double)(n - 1);
}

/* Where one row is positive, or all but one, there are n rankings, each as likely: the best 5 % of them end about here.
 */
START_TEST(chance95_of_one_positive_or_one_negative)
{
	static const size_t sizes[] = {62, 63, 64, 65, 128, 130};
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		size_t n = sizes[k], last = n / 20;
		double chance95;
		chance95_of(n, 1, 3, &chance95);
		ck_assert_double_ge(chance95, 1 / (double)(last + 2));
		ck_assert_double_le(chance95, 1 / (double)last);
		chance95_of(n, n - 1, 3, &chance95);
		ck_assert_double_ge(chance95, ap_with_one_negative(n, n - last - 1) - 1e-12);
		ck_assert_double_le(chance95, ap_with_one_negative(n, n - last + 1) + 1e-12);
	}
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
	static struct rows rows;
	make_rows(&rows, 100, 0.1, 3, 1);
	struct flt_scored scored = rows_scored(&rows);
	const struct flt_evaluate_options options = {.threshold = 0.1, .seed = 1, .n_threads = 2};
	struct flt_figures figures;
	unsigned long k = 1;
	for (;; k++) {
		struct flt_error err = {FLT_OK, ""};
		flt_alloc_fail_at(k);
		enum flt_status status = flt_evaluate(&scored, &options, &figures, &err);
		flt_alloc_fail_at(0);
		if (status == FLT_OK)
			break;
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
	}
	ck_assert_uint_gt(k, 15);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("evaluate");
	TCase *tests = tcase_create("evaluate");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, all_figures_agree_with_scikit_learn);
	tcase_add_test(tests, threads_do_not_change_a_bit);
	tcase_add_test(tests, intervals_surround_their_value);
	tcase_add_test(tests, one_class_is_an_error);
	tcase_add_test(tests, binomial_draws_have_the_right_mass);
	tcase_add_test(tests, draws_below_a_large_number_are_unbiased);
	tcase_add_test(tests, quantiles_are_linear_between_neighbours);
	tcase_add_test(tests, chance_agrees_with_shuffled_rows);
	tcase_add_test(tests, chance_of_small_sets_is_exact);
	tcase_add_test(tests, chance95_of_one_positive_or_one_negative);
	tcase_add_test(tests, failed_allocations_are_reported);
	suite_add_tcase(suite, tests);
	return suite;
}
