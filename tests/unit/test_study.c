/* Cross-validation and the study behind `compare`: roles of rows, subsets of positives, verdicts, failing allocations.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/random.h"
#include "protocol/cv_memory.h"
#include "protocol/study.h"
#include "small_table.h"
#include "run_experiment.h"
#include "cell_numbers.h"
#include "suite.h"
#include "temporary.h"

enum { N_ROWS = 300 };

/* Two numbers, of which the first tells something about the class; one row in six is positive. */
static struct flt_table *read_rows(void)
{
	char path[TEMPORARY_SIZE];
	FILE *file = temporary_file(path);
	struct flt_random random;
	flt_random_init(&random, 1, "rows", 0);
	fputs("a,b,y\n", file);
	for (int i = 0; i < N_ROWS; i++)
		fprintf(file, "%.6f,%.6f,%d\n", flt_random_normal(&random) + 2 * (i % 6 == 0),
		        flt_random_normal(&random), i % 6 == 0);
	fclose(file);
	struct flt_table_options options = {0};
	struct flt_table *table;
	struct flt_error err;
	ck_assert_int_eq(flt_table_read(path, &options, &table, &err), FLT_OK);
	unlink(path);
	return table;
}

static struct flt_variant variant(const char *name, double gamma)
{
	struct flt_variant v = {.name = name, .positives_kept = 1};
	flt_fit_options_init(&v.options);
	v.options.train.n_hidden = 1;
	v.options.train.hidden[0] = 4;
	v.options.train.epochs = 2;
	v.options.train.batch = 64;
	v.options.train.loss.gamma = gamma;
	return v;
}

static const struct flt_cv_options CV = {
        .n_folds = 3, .n_repeats = 2, .validation_fraction = 0.2, .seed = 1, .n_threads = 2};

START_TEST(each_row_plays_one_role_in_a_fold_and_is_tested_once_a_repeat)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("bce", 0), {.name = "majority", .majority = true, .positives_kept = 1}};
	struct flt_cv *cv;
	struct flt_error err;
	ck_assert_int_eq(run_cv(table, v, 2, &CV, NULL, NULL, &cv, &err), FLT_OK);
	int tested[2][N_ROWS] = {{0}};
	ck_assert_uint_eq(cv->n_never_tested, 0);
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		const struct flt_cv_fold *fold = &cv->folds[f];
		int roles[N_ROWS] = {0};
		for (size_t i = 0; i < fold->n_fit; i++)
			roles[fold->fit[i]]++;
		for (size_t i = 0; i < fold->n_validation; i++)
			roles[fold->validation[i]]++;
		for (size_t i = 0; i < fold->n_test; i++) {
			roles[fold->test[i]]++;
			tested[fold->repeat][fold->test[i]]++;
			ck_assert_int_eq(fold->label[i], fold->test[i] % 6 == 0);
		}
		for (size_t row = 0; row < N_ROWS; row++)
			ck_assert_int_eq(roles[row], 1);
		ck_assert_uint_ge(fold->n_validation, 55);
		ck_assert_uint_le(fold->n_validation, 75);
		ck_assert_uint_eq(flt_cv_trial(cv, 0, f)->log.n, 2);
		/* The majority variant knows the prevalence of the fit rows, and predicts no positive. */
		const struct flt_cv_trial *majority = flt_cv_trial(cv, 1, f);
		size_t n_positive = 0;
		for (size_t i = 0; i < fold->n_fit; i++)
			n_positive += fold->fit[i] % 6 == 0;
		for (size_t i = 0; i < fold->n_test; i++) {
			ck_assert(!flt_cv_trial_is_positive(majority, i));
			ck_assert_double_eq_tol(flt_cv_trial_probability(majority, i),
			                        (double)n_positive / (double)fold->n_fit, 1e-12);
		}
	}
	for (size_t row = 0; row < N_ROWS; row++)
		ck_assert(tested[0][row] == 1 && tested[1][row] == 1);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

/* Each fold learns from the rows before it alone, of which the latest validate; repeats differ in their seeds. */
START_TEST(folds_along_time_learn_from_the_past)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 1, "rows", 0);
	text_add(&text, "day,a,b,y\n");
	for (int i = 0; i < 300; i++)
		text_add(&text, "%d,%.6f,%.6f,%d\n", i * 7 % 300 / 2, flt_random_normal(&random),
		         flt_random_normal(&random), i % 6 == 0);
	struct flt_table *table = table_of(&text, (struct flt_table_options){.time = "day"});
	size_t day = flt_table_role(table, FLT_TIME);
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv *cv;
	ck_assert_int_eq(run_cv(table, v, 1, &CV, NULL, NULL, &cv, NULL), FLT_OK);
	ck_assert(cv->by_time);
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		const struct flt_cv_fold *fold = &cv->folds[f], *same = &cv->folds[fold->fold];
		struct flt_time_span fit = flt_split_time_span(table, fold->fit, fold->n_fit);
		struct flt_time_span validation = flt_split_time_span(table, fold->validation, fold->n_validation);
		struct flt_time_span test = flt_split_time_span(table, fold->test, fold->n_test);
		size_t n_past = 0;
		for (size_t i = 0; i < 300; i++)
			n_past += number_in(table, day, i) < test.first;
		ck_assert_double_lt(fit.last, validation.first);
		ck_assert_double_lt(validation.last, test.first);
		ck_assert_uint_eq(fold->n_fit + fold->n_validation, n_past);
		ck_assert_uint_ge(fold->n_validation, n_past / 5 - 2);
		ck_assert_uint_le(fold->n_validation, n_past / 5 + 2);
		ck_assert_uint_ge(fold->n_test, 73);
		ck_assert_uint_le(fold->n_test, 77);
		ck_assert_uint_eq(fold->n_test, same->n_test);
		ck_assert_mem_eq(fold->test, same->test, fold->n_test * sizeof *fold->test);
		bool is_repeat = f != fold->fold;
		bool same_scores = memcmp(flt_cv_trial(cv, 0, f)->score, flt_cv_trial(cv, 0, fold->fold)->score,
		                          fold->n_test * sizeof(double)) == 0;
		ck_assert_int_eq(is_repeat, !same_scores);
	}
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

START_TEST(threads_do_not_change_a_score)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("bce", 0), variant("focal", 2)};
	struct flt_cv *cv[2];
	struct flt_error err;
	for (unsigned i = 0; i < 2; i++) {
		struct flt_cv_options options = CV;
		options.n_threads = 1 + 2 * i;
		ck_assert_int_eq(run_cv(table, v, 2, &options, NULL, NULL, &cv[i], &err), FLT_OK);
	}
	bool differ = false;
	for (size_t f = 0; f < cv[0]->n_all_folds; f++)
		for (size_t i = 0; i < cv[0]->folds[f].n_test; i++) {
			double a = flt_cv_trial(cv[0], 0, f)->score[i];
			ck_assert(a == flt_cv_trial(cv[1], 0, f)->score[i]);
			differ |= a != flt_cv_trial(cv[0], 1, f)->score[i];
		}
	ck_assert_msg(differ, "the losses must matter");
	flt_cv_free(cv[0]);
	flt_cv_free(cv[1]);
	flt_table_free(table);
}
END_TEST

START_TEST(the_interval_decides_the_verdict)
{
	const struct {
		struct flt_spread evidence;
		enum flt_verdict verdict;
	} cases[] = {
	        {{.lo = 0.1, .hi = 0.3}, FLT_SUPPORTED},       {{.lo = -0.1, .hi = 0.3}, FLT_CANNOT_TELL},
	        {{.lo = -0.3, .hi = -0.1}, FLT_NOT_SUPPORTED}, {{.lo = 0, .hi = 0.3}, FLT_CANNOT_TELL},
	        {{.lo = -0.3, .hi = 0}, FLT_CANNOT_TELL},      {{.lo = 0, .hi = 0}, FLT_CANNOT_TELL},
	        {{.lo = NAN, .hi = NAN}, FLT_CANNOT_TELL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_int_eq(flt_verdict_of(&cases[i].evidence), cases[i].verdict);
}
END_TEST

static struct flt_study_options study_options(bool curve)
{
	return (struct flt_study_options){.cv = CV, .learning_curve = curve, .textbook = 0, .bce = 1, .focal = 2};
}

START_TEST(a_study_adds_the_variants_that_claims_need)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("textbook", 0), variant("bce", 0), variant("focal", 2)};
	v[0].options.train.zero_output_bias = true;
	for (int i = 0; i < 3; i++)
		v[i].options.train.epochs = 20;
	struct flt_study_options options = study_options(true);
	struct flt_study *study;
	struct flt_error err;
	ck_assert_int_eq(run_study(table, v, 3, &options, NULL, NULL, &study, &err), FLT_OK);
	ck_assert_uint_eq(study->n_variants, 3);
	ck_assert_uint_eq(study->n_all, 8);
	ck_assert_uint_eq(flt_cv_trial(study->cv, study->early, 0)->log.n, 2);
	ck_assert_int_eq(study->claims[FLT_CLAIM_NO_SLOWER].verdict, FLT_SUPPORTED);
	/* By construction of the losses: with gamma 2 a row with p_t > 0.9 gives at most a hundredth of BCE's gradient.
	 */
	ck_assert_double_lt(study->attention[2].easy, study->attention[1].easy);
	ck_assert_double_gt(study->claims[FLT_CLAIM_EASY_ROWS].evidence.mean, 0);
	double difference = flt_comparison_difference(&study->comparison, 2, 1, FLT_COMPARE_AP).mean;
	ck_assert_double_eq(study->claims[FLT_CLAIM_BETTER_AP].evidence.mean, difference);
	flt_study_free(study);

	options.learning_curve = false;
	ck_assert_int_eq(run_study(table, v, 3, &options, NULL, NULL, &study, &err), FLT_OK);
	ck_assert_int_eq(study->claims[FLT_CLAIM_MORE_DATA].verdict, FLT_NOT_TESTED);
	flt_study_free(study);
	flt_table_free(table);
}
END_TEST

/* Marks the fit rows that a trial learnt from, of which it tells the share of positives. */
static void mark_learnt(const struct flt_cv *cv, size_t variant, size_t fold, bool is_learnt[N_ROWS])
{
	size_t rows[N_ROWS], n;
	double share = cv->variants[variant].positives_kept;
	ck_assert_int_eq(flt_cv_fold_thin(cv, &cv->folds[fold], share, rows, &n, NULL), FLT_OK);
	ck_assert_double_eq(flt_cv_trial(cv, variant, fold)->fit.prevalence, flt_table_prevalence(cv->table, rows, n));
	for (size_t i = 0; i < n; i++)
		is_learnt[rows[i]] = true;
}

/* Of a fold's positive fit rows, the first after a shuffle with the fold's own stream. */
static void mark_kept(const struct flt_cv_fold *fold, double share, bool is_kept[N_ROWS])
{
	size_t positive[N_ROWS], n_positive = 0;
	struct flt_random random;
	memset(is_kept, 0, N_ROWS);
	for (size_t i = 0; i < fold->n_fit; i++) {
		if (fold->fit[i] % 6 == 0)
			positive[n_positive++] = fold->fit[i];
		else
			is_kept[fold->fit[i]] = true;
	}
	flt_random_init(&random, CV.seed + fold->repeat, "thin", fold->fold);
	flt_random_shuffle(&random, positive, n_positive);
	for (size_t i = 0; i < (size_t)round(share * (double)n_positive); i++)
		is_kept[positive[i]] = true;
}

START_TEST(fewer_positives_are_a_subset_of_more)
{
	enum { N_SHARES = 4 };
	static const double shares[N_SHARES] = {1, 0.5, 0.25, 0.5};
	struct flt_table *table = read_rows();
	struct flt_variant v[N_SHARES];
	for (size_t i = 0; i < N_SHARES; i++) {
		v[i] = variant("some", 0);
		v[i].positives_kept = shares[i];
	}
	struct flt_cv_options options = CV;
	options.validation_fraction = 0;
	struct flt_cv *cv;
	ck_assert_int_eq(run_cv(table, v, N_SHARES, &options, NULL, NULL, &cv, NULL), FLT_OK);
	size_t n_differing = 0;
	bool before[N_ROWS] = {0};
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		bool is_learnt[N_SHARES][N_ROWS] = {{0}}, is_kept[N_ROWS];
		for (size_t i = 0; i < N_SHARES; i++) {
			mark_learnt(cv, i, f, is_learnt[i]);
			mark_kept(&cv->folds[f], shares[i], is_kept);
			ck_assert_mem_eq(is_learnt[i], is_kept, sizeof is_kept);
		}
		for (size_t row = 0; row < N_ROWS; row++)
			ck_assert(is_learnt[2][row] <= is_learnt[1][row] && is_learnt[1][row] <= is_learnt[0][row]);
		n_differing += memcmp(before, is_learnt[1], sizeof before) != 0;
		memcpy(before, is_learnt[1], sizeof before);
	}
	ck_assert_uint_eq(n_differing, cv->n_all_folds);
	flt_cv_free(cv);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* ---- figures ---- */

/* Recall of a trial at an operating point, counted row by row. */
static double recall_at(const struct flt_cv *cv, size_t variant, size_t fold, enum flt_operating_point point)
{
	const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, fold);
	const struct flt_cv_fold *rows = &cv->folds[fold];
	size_t n_found = 0;
	for (size_t i = 0; i < rows->n_test; i++) {
		double p = flt_cv_trial_probability(trial, i);
		bool is_found = point == FLT_POINT_CHOSEN ? p >= trial->threshold
		                : point == FLT_POINT_RAW_HALF && trial->fit.roster.n_members == 1 ? trial->score[i] >= 0
		                                                                                  : p >= 0.5;
		n_found += rows->label[i] && is_found;
	}
	return (double)n_found / (double)rows->n_test_positive;
}

/* A weight of the loss moves the raw score's half away from the probability's; a pair of networks has no raw score. */
START_TEST(comparison_predicts_at_each_operating_point)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("weighted", 2), variant("pair", 2)};
	v[0].options.train.loss.weight_positive = v[1].options.train.loss.weight_positive = 8;
	v[0].options.train.epochs = v[1].options.train.epochs = 8;
	v[1].options.n_members = 2;
	struct flt_cv *cv;
	struct flt_comparison comparison;
	ck_assert_int_eq(run_cv(table, v, 2, &CV, NULL, NULL, &cv, NULL), FLT_OK);
	ck_assert_int_eq(flt_cv_compare(cv, 1, 1, &comparison, NULL), FLT_OK);
	bool raw_differs = false;
	double ratio = 0;
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		for (size_t i = 0; i < 2; i++)
			for (int point = 0; point < FLT_N_OPERATING_POINTS; point++) {
				int figure = FLT_COMPARE_AT_POINT(point) + FLT_AT_POINT_RECALL;
				double recall =
				        comparison
				                .per_fold[(i * FLT_N_COMPARED + (size_t)figure) * cv->n_all_folds + f];
				ck_assert_double_eq_tol(recall, recall_at(cv, i, f, point), 1e-12);
			}
		raw_differs |= recall_at(cv, 0, f, FLT_POINT_HALF) != recall_at(cv, 0, f, FLT_POINT_RAW_HALF);
		ck_assert(recall_at(cv, 1, f, FLT_POINT_HALF) == recall_at(cv, 1, f, FLT_POINT_RAW_HALF));
		ck_assert_uint_eq(flt_cv_trial(cv, 1, f)->n_params, 2 * flt_cv_trial(cv, 0, f)->n_params);
		ck_assert_uint_eq(flt_cv_trial(cv, 1, f)->fit.roster.n_members, 2);
		ratio += (double)cv->folds[f].n_test / (double)cv->folds[f].n_fit;
	}
	ck_assert(raw_differs);
	ck_assert_double_eq_tol(flt_cv_test_per_train(cv), ratio / (double)cv->n_all_folds, 1e-15);
	flt_comparison_release(&comparison);
	flt_cv_free(cv);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* Owners of four rows each, one owner in six is positive; row i stands for 1 + i % 3 rows if is_weighted. */
static struct flt_table *table_of_owners(bool is_weighted)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 3, "owners", 0);
	text_add(&text, "owner,times,a,b,y\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		int is_positive = i / 4 % 6 == 0;
		text_add(&text, "o%zu,%zu,%.5f,%.5f,%d\n", i / 4, 1 + i % 3, flt_random_normal(&random) + is_positive,
		         flt_random_normal(&random), is_positive);
	}
	struct flt_table_options options = {.group = "owner", .drop = "times"};
	if (is_weighted)
		options = (struct flt_table_options){.group = "owner", .weight = "times"};
	return table_of(&text, options);
}

START_TEST(rows_of_a_group_are_resampled_together)
{
	struct flt_table *table = table_of_owners(false);
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv *cv;
	struct flt_comparison comparison;
	ck_assert_int_eq(run_cv(table, v, 1, &CV, NULL, NULL, &cv, NULL), FLT_OK);
	ck_assert_int_eq(flt_cv_compare(cv, 1, 1, &comparison, NULL), FLT_OK);
	ck_assert_double_eq(comparison.n_rare, 13); /* owners 0, 6, ... 72 */
	ck_assert_double_eq(comparison.repeats, 2);
	flt_comparison_release(&comparison);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

/* The share of the weight that the rows called right at a probability of 0.5 hold. */
static double weighted_accuracy(const struct flt_cv *cv, size_t fold)
{
	const struct flt_cv_fold *rows = &cv->folds[fold];
	double right = 0, all = 0;
	for (size_t i = 0; i < rows->n_test; i++) {
		double weight = 1 + (double)(rows->test[i] % 3);
		bool called = flt_cv_trial_probability(flt_cv_trial(cv, 0, fold), i) >= 0.5;
		right += called == (rows->label[i] == 1) ? weight : 0;
		all += weight;
	}
	return right / all;
}

/* The area below the curve of a fold, in steps: its average precision. */
static double area_of_curve(const struct flt_cv *cv, size_t fold)
{
	struct flt_curve_point *points;
	size_t n_points;
	double sum = 0, before = 0;
	ck_assert_int_eq(flt_cv_curve(cv, 0, fold, &points, &n_points, NULL), FLT_OK);
	for (size_t i = 0; i < n_points; i++) {
		sum += (points[i].recall - before) * points[i].precision;
		before = points[i].recall;
	}
	flt_free(points);
	return sum;
}

START_TEST(figures_count_weights)
{
	struct flt_table *table = table_of_owners(true);
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv *cv;
	struct flt_comparison comparison;
	v[0].options.train.epochs = 8;
	ck_assert_int_eq(run_cv(table, v, 1, &CV, NULL, NULL, &cv, NULL), FLT_OK);
	ck_assert_int_eq(flt_cv_compare(cv, 1, 1, &comparison, NULL), FLT_OK);
	const double *accuracy =
	        flt_comparison_per_fold(&comparison, 0, FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_ACCURACY);
	for (size_t f = 0; f < cv->n_all_folds; f++)
		ck_assert_double_eq_tol(accuracy[f], weighted_accuracy(cv, f), 1e-12);
	const double *ap = flt_comparison_per_fold(&comparison, 0, FLT_COMPARE_AP);
	for (size_t f = 0; f < cv->n_all_folds; f++)
		ck_assert_double_eq_tol(ap[f], area_of_curve(cv, f), 1e-12);
	flt_comparison_release(&comparison);
	size_t live = flt_alloc_live();
	for (unsigned long k = 1; k <= 16; k++) {
		flt_alloc_fail_at(k);
		ck_assert_int_eq(flt_cv_compare(cv, 1, 1, &comparison, &(struct flt_error){0}), FLT_ERR_MACHINE);
		flt_alloc_fail_at(0);
		ck_assert_uint_eq(flt_alloc_live(), live);
	}
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

START_TEST(curve_counts_rows_above_each_threshold)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("majority", 0), variant("focal", 2)};
	v[0].majority = true;
	struct flt_cv *cv;
	struct flt_curve_point *points;
	size_t n_points;
	ck_assert_int_eq(run_cv(table, v, 2, &CV, NULL, NULL, &cv, NULL), FLT_OK);
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		const struct flt_cv_fold *fold = &cv->folds[f];
		const struct flt_cv_trial *trial = flt_cv_trial(cv, 1, f);
		ck_assert_int_eq(flt_cv_curve(cv, 1, f, &points, &n_points, NULL), FLT_OK);
		ck_assert_uint_gt(n_points, 5);
		for (size_t k = 0; k < n_points; k++) {
			size_t n_predicted = 0, n_found = 0;
			for (size_t i = 0; i < fold->n_test; i++) {
				bool is_positive = flt_cv_trial_probability(trial, i) >= points[k].threshold;
				n_predicted += is_positive;
				n_found += is_positive && fold->label[i];
			}
			ck_assert_double_eq(points[k].precision, (double)n_found / (double)n_predicted);
			ck_assert_double_eq(points[k].recall, (double)n_found / (double)fold->n_test_positive);
			ck_assert(k == 0 || points[k].recall > points[k - 1].recall);
		}
		ck_assert_double_eq(points[n_points - 1].recall, 1);
		flt_free(points);
		ck_assert_int_eq(flt_cv_curve(cv, 0, f, &points, &n_points, NULL), FLT_OK);
		ck_assert_uint_eq(n_points, 1);
		flt_free(points);
	}
	struct flt_error err;
	size_t live = flt_alloc_live();
	for (unsigned long k = 1; k <= 2; k++) {
		flt_alloc_fail_at(k);
		ck_assert_int_eq(flt_cv_curve(cv, 1, 0, &points, &n_points, &err), FLT_ERR_MACHINE);
		ck_assert_ptr_null(points);
		ck_assert_uint_eq(flt_alloc_live(), live);
	}
	flt_alloc_fail_at(0);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

/* The precision of the highest threshold that finds at least `share` of the positive rows of a fold, by trying each
 * row's. */
static double precision_at(const struct flt_cv *cv, size_t variant, size_t f, double share)
{
	const struct flt_cv_fold *fold = &cv->folds[f];
	const struct flt_cv_trial *trial = flt_cv_trial(cv, variant, f);
	const double *weight = flt_table_weights(cv->table);
	double highest = -INFINITY, precision = NAN;
	for (size_t t = 0; t < fold->n_test; t++) {
		double called = 0, found = 0, all = 0;
		for (size_t i = 0; i < fold->n_test; i++) {
			double w = weight ? weight[fold->test[i]] : 1;
			bool is_called = trial->score[i] >= trial->score[t];
			called += is_called ? w : 0;
			found += is_called && fold->label[i] ? w : 0;
			all += fold->label[i] ? w : 0;
		}
		if (found / all >= share - 1e-9 && trial->score[t] > highest) {
			highest = trial->score[t];
			precision = found / called;
		}
	}
	return precision;
}

START_TEST(mean_curve_is_that_of_the_folds)
{
	for (int weighted = 0; weighted < 2; weighted++) {
		struct flt_table *table = weighted ? table_of_owners(true) : read_rows();
		struct flt_variant v[] = {{.name = "majority", .majority = true, .positives_kept = 1},
		                          variant("bce", 0)};
		struct flt_cv *cv;
		double precision[FLT_CV_CURVE];
		ck_assert_int_eq(run_cv(table, v, 2, &CV, NULL, NULL, &cv, NULL), FLT_OK);
		for (size_t variant = 0; variant < 2; variant++) {
			ck_assert_int_eq(flt_cv_mean_curve(cv, variant, precision, NULL), FLT_OK);
			for (size_t k = 0; k < FLT_CV_CURVE; k++) {
				double mean = 0;
				for (size_t f = 0; f < cv->n_all_folds; f++)
					mean += precision_at(cv, variant, f, (double)(k + 1) / FLT_CV_CURVE) /
					        (double)cv->n_all_folds;
				ck_assert_double_eq_tol(precision[k], mean, 1e-12);
			}
		}
		flt_cv_free(cv);
		flt_table_free(table);
	}
}
END_TEST

START_TEST(deviation_has_the_divisor_n_minus_1)
{
	static const double values[] = {1, 2, 4, 5};
	ck_assert_double_eq_tol(flt_deviation_between_folds(values, 4, 3), sqrt(10.0 / 3), 1e-15);
	ck_assert_double_eq(flt_deviation_between_folds(values, 2, 1.5), sqrt(0.5));
	ck_assert_double_nan(flt_deviation_between_folds(values, 1, 1));
}
END_TEST

static double per_fold(const struct flt_study *study, size_t variant, int figure, size_t fold)
{
	return study->comparison.per_fold[(variant * FLT_N_COMPARED + (size_t)figure) * study->cv->n_all_folds + fold];
}

static double gradient_share(const struct flt_study *study, size_t variant, size_t fold, bool of_easy)
{
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, variant, fold);
	double some = 0, all = 0;
	for (size_t i = 0; i < trial->log.n; i++) {
		some += of_easy ? trial->log.epochs[i].gradient_easy : trial->log.epochs[i].gradient_positive;
		all += trial->log.epochs[i].gradient_total;
	}
	return some / all;
}

/* What each claim says, in one fold: textbook is variant 0, BCE 1, focal 2, a majority 3. */
static double claimed(const struct flt_study *study, enum flt_claim_kind kind, size_t f)
{
	const int recall = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_RECALL;
	const int ap = FLT_COMPARE_AP;
	switch (kind) {
	case FLT_CLAIM_LAZY_EARLY:
		return 0.5 - per_fold(study, study->early, recall, f);
	case FLT_CLAIM_LAZY_LATE:
		return 0.5 - per_fold(study, 0, recall, f);
	case FLT_CLAIM_EASY_ROWS:
		return gradient_share(study, 1, f, true) - gradient_share(study, 2, f, true);
	case FLT_CLAIM_RARE_ROWS:
		return gradient_share(study, 2, f, false) - gradient_share(study, 1, f, false);
	case FLT_CLAIM_BETTER_AP:
		return per_fold(study, 2, ap, f) - per_fold(study, 1, ap, f);
	case FLT_CLAIM_BETTER_RECALL:
		return per_fold(study, 2, FLT_COMPARE_RECALL_AT, f) - per_fold(study, 1, FLT_COMPARE_RECALL_AT, f);
	case FLT_CLAIM_MORE_DATA:
		return per_fold(study, 1, ap, f) - per_fold(study, study->focal_at[1], ap, f);
	case FLT_CLAIM_MORE_DATA_STILL:
		return per_fold(study, 2, ap, f) - per_fold(study, study->focal_at[1], ap, f);
	default:
		return NAN;
	}
}

static void check_means(const struct flt_study *study)
{
	size_t n = study->cv->n_all_folds;
	for (size_t v = 0; v < study->n_all; v++) {
		double easy = 0, positive = 0, seconds = 0, score = 0, ap[8], mean = 0;
		for (size_t f = 0; f < n; f++) {
			const struct flt_cv_trial *trial = flt_cv_trial(study->cv, v, f);
			easy += gradient_share(study, v, f, true) / (double)n;
			positive += gradient_share(study, v, f, false) / (double)n;
			seconds += trial->fit.seconds_train / (double)n;
			score += trial->seconds_score / (double)n;
			ap[f] = per_fold(study, v, FLT_COMPARE_AP, f);
			mean += ap[f] / (double)n;
		}
		ck_assert(v == 3 ? isnan(study->attention[v].easy) : study->attention[v].easy == easy);
		ck_assert(v == 3 ? isnan(study->attention[v].positive) : study->attention[v].positive == positive);
		ck_assert(study->seconds_train[v] == seconds && study->seconds_score[v] == score);
		ck_assert(v == 3 || (seconds > 0 && score > 0));
		ck_assert_double_eq(study->seconds_score_row[v], score / (double)study->cv->folds[0].n_test);
		ck_assert_double_eq_tol(study->ap_deviation[v], flt_deviation_between_folds(ap, n, mean), 1e-12);
	}
	ck_assert_double_eq(study->time_ratio, study->seconds_train[2] / study->seconds_train[1]);
}

START_TEST(evidence_is_the_mean_of_what_each_fold_says)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("textbook", 0), variant("bce", 0), variant("focal", 2), {.majority = true}};
	struct flt_study_options options = study_options(true);
	struct flt_study *study;
	v[0].options.train.zero_output_bias = true;
	for (int i = 0; i < 3; i++)
		v[i].options.train.epochs = 12;
	ck_assert_int_eq(run_study(table, v, 4, &options, NULL, NULL, &study, NULL), FLT_OK);
	size_t n = study->cv->n_all_folds;
	for (enum flt_claim_kind kind = 0; kind < FLT_CLAIM_NO_SLOWER; kind++) {
		double mean = 0;
		for (size_t f = 0; f < n; f++)
			mean += claimed(study, kind, f) / (double)n;
		ck_assert_msg(fabs(study->claims[kind].evidence.mean - mean) < 1e-12, "claim %d", kind);
		ck_assert_int_eq(study->claims[kind].verdict, flt_verdict_of(&study->claims[kind].evidence));
	}
	for (size_t i = 0; i < FLT_N_SHARES; i++) {
		ck_assert(study->variants[study->bce_at[i]].positives_kept == flt_positive_shares[i]);
		ck_assert(study->variants[study->focal_at[i]].positives_kept == flt_positive_shares[i]);
		ck_assert(study->variants[study->bce_at[i]].options.train.loss.gamma == 0);
		ck_assert(study->variants[study->focal_at[i]].options.train.loss.gamma == 2);
	}
	ck_assert(study->variants[study->early].options.train.zero_output_bias);
	check_means(study);
	flt_study_free(study);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* cv: one variant, which is its own reference, and no claims. */
START_TEST(a_study_of_one_variant_tests_no_claim)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("model", 2)};
	struct flt_study_options options = {
	        .cv = CV, .learning_curve = true, .textbook = SIZE_MAX, .bce = SIZE_MAX, .focal = SIZE_MAX};
	struct flt_study *study;
	ck_assert_int_eq(run_study(table, v, 1, &options, NULL, NULL, &study, NULL), FLT_OK);
	ck_assert_uint_eq(study->n_all, 1);
	ck_assert(study->early == SIZE_MAX && study->bce_at[0] == SIZE_MAX && study->focal_at[1] == SIZE_MAX);
	for (size_t i = 0; i < FLT_N_CLAIMS; i++)
		ck_assert_int_eq(study->claims[i].verdict, FLT_NOT_TESTED);
	ck_assert_double_nan(study->time_ratio);
	flt_study_free(study);
	flt_table_free(table);
}
END_TEST

START_TEST(claims_need_both_variants_of_the_pair)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("model", 2)};
	struct flt_study_options options = {.cv = CV, .textbook = SIZE_MAX, .bce = SIZE_MAX, .focal = 0};
	struct flt_study *study;
	options.cv.n_repeats = 1;
	ck_assert_int_eq(run_study(table, v, 1, &options, NULL, NULL, &study, NULL), FLT_OK);
	for (size_t i = 0; i < FLT_N_CLAIMS; i++)
		ck_assert_int_eq(study->claims[i].verdict, FLT_NOT_TESTED);
	flt_study_free(study);
	flt_table_free(table);
}
END_TEST

/* More weights under focal would be slower. */
START_TEST(work_is_compared_by_weights)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("textbook", 0), variant("bce", 0), variant("focal", 2)};
	struct flt_study_options options = study_options(false);
	options.cv.n_repeats = 1;
	v[0].options.train.hidden[0] = 3;
	struct flt_study *study;
	for (int more = 1; more <= 2; more++) {
		v[1].options.train.hidden[0] = more == 1 ? 5 : 4;
		v[2].options.train.hidden[0] = more == 2 ? 5 : 4;
		ck_assert_int_eq(run_study(table, v, 3, &options, NULL, NULL, &study, NULL), FLT_OK);
		ck_assert_int_eq(study->claims[FLT_CLAIM_NO_SLOWER].verdict,
		                 more == 1 ? FLT_SUPPORTED : FLT_NOT_SUPPORTED);
		flt_study_free(study);
	}
	flt_table_free(table);
}
END_TEST

/* ---- failures ---- */

/* Of two failing variants the first is named, whichever thread comes first. */
START_TEST(the_first_failing_variant_is_named)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("good", 0), variant("first", 0), variant("second", 0)};
	struct flt_cv_options options = CV;
	struct flt_cv *cv;
	struct flt_error err;
	options.validation_fraction = 0;
	v[1].options.calibrate = FLT_CALIBRATE_PLATT;
	v[2].options.calibrate = FLT_CALIBRATE_ISOTONIC;
	for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
		options.n_threads = n_threads;
		ck_assert_int_eq(run_cv(table, v, 3, &options, NULL, NULL, &cv, &err), FLT_ERR_USAGE);
		ck_assert_ptr_null(cv);
		ck_assert_ptr_nonnull(strstr(err.text, "variant \"first\": --calibrate platt needs validation rows"));
	}
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

START_TEST(a_diverged_trial_fails_the_run)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("wild", 0)};
	struct flt_cv *cv = (void *)v; /* is set to NULL on failure */
	struct flt_error err;
	v[0].options.train.optimizer = FLT_SGD;
	v[0].options.train.lr = 1e30;
	v[0].options.train.weight_decay = 1000;
	ck_assert_int_eq(run_cv(table, v, 1, &CV, NULL, NULL, &cv, &err), FLT_ERR_DIVERGED);
	ck_assert_ptr_null(cv);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* Trials share the memory: as many at once as there are threads, and no more than there are trials. */
START_TEST(trials_at_once_share_the_memory)
{
	static const struct {
		unsigned n_threads;
		const char *says;
	} cases[] = {{2, ", 2 at once: give --threads 1,"}, {8, ", 3 at once: give --threads 1,"}};
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("large", 0)};
	struct flt_cv_options options = CV;
	struct flt_cv *cv;
	struct flt_error err;
	options.n_repeats = 1;
	v[0].options.train.n_hidden = 2;
	v[0].options.train.hidden[0] = v[0].options.train.hidden[1] = 1000;
	for (size_t i = 0; i < 2; i++) {
		options.n_threads = cases[i].n_threads;
		flt_alloc_set_limit(flt_alloc_live() + ((size_t)45 << 20));
		ck_assert_int_eq(run_cv(table, v, 1, &options, NULL, NULL, &cv, &err), FLT_ERR_MACHINE);
		flt_alloc_set_limit(SIZE_MAX);
		ck_assert_msg(strstr(err.text, cases[i].says), "%s", err.text);
	}
	flt_table_free(table);
}
END_TEST

/* Frees the results and sees what is no longer there. Rows that chose a threshold are not kept. */
START_TEST(results_take_the_bytes_that_are_reserved_for_them)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("bce", 0), variant("focal", 2)};
	struct flt_cv_options options = CV;
	options.validation_fraction = _i == 0 ? 0.2 : 0;
	struct flt_cv *cv;
	ck_assert_int_eq(run_cv(table, v, 2, &options, NULL, NULL, &cv, NULL), FLT_OK);
	enum { N_ARRAYS = 2, MOST_ROUNDING = 15 }; /* of a trial; bytes that malloc may add to each */
	size_t reserved = flt_cv_bytes_of_results(cv), before = flt_alloc_live();
	size_t n_trials = cv->n_variants * cv->n_all_folds;
	for (size_t i = 0; i < n_trials; i++) {
		struct flt_cv_trial *trial = &cv->trials[i];
		ck_assert(trial->fit.chosen_by.n_rows == 0 && !trial->fit.chosen_by.rows);
		flt_free(trial->score);
		flt_free(trial->log_odds);
		trial->score = trial->log_odds = NULL;
	}
	size_t taken = before - flt_alloc_live();
	ck_assert_uint_ge(taken, reserved);
	ck_assert_uint_le(taken, reserved + n_trials * N_ARRAYS * MOST_ROUNDING);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

struct told {
	double n_bytes;
	size_t n_times, live;
	bool has_begun;
};

static void note_memory(void *context, double n_bytes)
{
	struct told *told = context;
	ck_assert(!told->has_begun);
	told->n_bytes = n_bytes;
	told->n_times++;
}

static bool note_trial(void *context, size_t n_done, size_t n_trials)
{
	struct told *told = context;
	(void)n_done;
	(void)n_trials;
	told->has_begun = true;
	return false;
}

/* Runs a study with so much memory beyond its plan. */
static enum flt_status study_within(const struct flt_table *table, const struct flt_variant *v, size_t n_variants,
                                    const struct flt_study_options *options, size_t n_bytes, struct told *told,
                                    struct flt_error *err)
{
	struct flt_study *study;
	ck_assert_int_eq(flt_study_plan(table, v, n_variants, options, &study, NULL), FLT_OK);
	*told = (struct told){.live = flt_alloc_live()};
	struct flt_cv_hooks hooks = {.on_memory = note_memory, .on_progress = note_trial, .context = told};
	flt_alloc_set_limit(told->live + n_bytes);
	enum flt_status status = flt_study_run(study, &hooks, err);
	flt_alloc_set_limit(SIZE_MAX);
	flt_study_free(study);
	return status;
}

/* Most memory is for the comparison of many variants and folds, or for the epochs of all trials. What is told is within
 * a tenth of what is enough, and with less no trial begins. */
START_TEST(study_that_begins_ends_within_the_limit)
{
	static const struct {
		size_t n_variants, n_folds, n_epochs;
		unsigned n_threads;
	} cases[] = {{4, 3, 1, 2}, {1, 20, 1, 1}, {1, 3, 3000, 1}};
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("a", 0), variant("b", 2), variant("c", 1), variant("d", 3)};
	struct flt_study_options options = {.cv = CV, .textbook = SIZE_MAX, .bce = SIZE_MAX, .focal = SIZE_MAX};
	struct told told;
	struct flt_error err;
	options.cv.n_folds = cases[_i].n_folds;
	options.cv.n_threads = cases[_i].n_threads;
	options.cv.n_repeats = 1;
	for (size_t i = 0; i < 4; i++) {
		v[i].options.train.epochs = cases[_i].n_epochs;
		v[i].options.train.batch = 1000;
	}
	ck_assert_int_eq(study_within(table, v, cases[_i].n_variants, &options, 1 << 30, &told, &err), FLT_OK);
	ck_assert_uint_eq(told.n_times, 1);
	size_t needed = (size_t)told.n_bytes - told.live;
	enum flt_status status =
	        study_within(table, v, cases[_i].n_variants, &options, needed + needed / 30, &told, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	status = study_within(table, v, cases[_i].n_variants, &options, needed - needed / 10, &told, &err);
	ck_assert_int_eq(status, FLT_ERR_MACHINE);
	ck_assert_msg(strstr(err.text, "variant \"a\": training needs ") == err.text, "%s", err.text);
	ck_assert(!told.has_begun && told.n_times == 0);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* It is not larger than what is needed by a tenth. */
START_TEST(memory_of_a_comparison_is_what_it_takes)
{
	enum { N_TESTED = 400, N_CLASSIFIERS = 3 };
	static double score[N_TESTED], log_odds[N_TESTED];
	static uint8_t label[N_TESTED], predicted[N_TESTED];
	struct flt_compare_fold fold = {.n_rows = N_TESTED, .n_train = 1000, .label = label};
	struct flt_compare_entry entries[N_CLASSIFIERS];
	struct flt_compare_options options = {
	        .n_folds = 1, .n_classifiers = N_CLASSIFIERS, .n_threads = 1 + (unsigned)_i};
	struct flt_compare_size size = {.n_folds = 1,
	                                .n_classifiers = N_CLASSIFIERS,
	                                .n_rows = N_TESTED,
	                                .n_units = N_TESTED,
	                                .most_rows = N_TESTED,
	                                .most_positives = N_TESTED / 4,
	                                .n_threads = options.n_threads};
	struct flt_comparison comparison;
	for (size_t i = 0; i < N_TESTED; i++) {
		score[i] = log_odds[i] = (double)(i * 37 % 101);
		label[i] = i % 4 == 0;
	}
	for (size_t c = 0; c < N_CLASSIFIERS; c++)
		entries[c] = (struct flt_compare_entry){score, log_odds, predicted};
	size_t needed = (size_t)flt_compare_bytes(&size), small = 24 << 10;
	flt_alloc_set_limit(flt_alloc_live() + needed + small);
	ck_assert_int_eq(flt_compare(&fold, entries, &options, &comparison, NULL), FLT_OK);
	flt_comparison_release(&comparison);
	flt_alloc_set_limit(flt_alloc_live() + needed - needed / 50);
	ck_assert_int_eq(flt_compare(&fold, entries, &options, &comparison, NULL), FLT_ERR_MACHINE);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

START_TEST(trial_has_the_threshold_of_its_detector)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv *cv;
	ck_assert_int_eq(flt_rule_parse("0.3", &v[0].options.rule, NULL), FLT_OK);
	ck_assert_int_eq(run_cv(table, v, 1, &CV, NULL, NULL, &cv, NULL), FLT_OK);
	for (size_t f = 0; f < cv->n_all_folds; f++)
		ck_assert_double_eq(flt_cv_trial(cv, 0, f)->threshold, 0.3);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

/* is_repeated: the first half of the rows are identical. */
static struct flt_table *table_of_pattern(size_t n, bool (*is_positive)(size_t i), bool is_repeated)
{
	struct text text = {0};
	text_add(&text, "a,b,y\n");
	for (size_t i = 0; i < n; i++) {
		size_t number = is_repeated && i < n / 2 ? 0 : i;
		text_add(&text, "%.2f,%zu,%d\n", 0.37 * (double)number, number * number % 17, is_positive(i));
	}
	return table_of(&text, (struct flt_table_options){0});
}

static bool three_are(size_t i)
{
	return i % 20 == 7;
}

static bool all_but_three_are(size_t i)
{
	return !three_are(i);
}

/* Three of the rare class, one in each test fold: two are left for fit, validation and nothing to spare. */
START_TEST(validation_needs_rows_of_both_classes)
{
	static const struct {
		bool (*is_positive)(size_t i);
		const char *rare;
	} cases[] = {{three_are, "1"}, {all_but_three_are, "0"}};
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv_options options = CV;
	struct flt_cv *cv;
	struct flt_error err;
	options.validation_fraction = 0.1;
	for (size_t i = 0; i < 2; i++) {
		char expected[120];
		struct flt_table *table = table_of_pattern(60, cases[i].is_positive, false);
		ck_assert_int_eq(run_cv(table, v, 1, &options, NULL, NULL, &cv, &err), FLT_ERR_DATA);
		snprintf(expected, sizeof expected,
		         "outside a test fold, fit and validation need 7 rows of class \"%s\", but there are 2; "
		         "--validation-fraction 0 works",
		         cases[i].rare);
		ck_assert_msg(strstr(err.text, expected), "%s", err.text);
		flt_table_free(table);
	}
}
END_TEST

static bool each_fourth(size_t i)
{
	return i % 4 == 3;
}

START_TEST(rows_that_are_never_tested_are_counted_once)
{
	struct flt_table *table = table_of_pattern(120, each_fourth, true);
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv *cv;
	struct flt_cv_options options = CV;
	options.identical = FLT_IDENTICAL_TOGETHER;
	ck_assert_int_eq(run_cv(table, v, 1, &options, NULL, NULL, &cv, NULL), FLT_OK);
	ck_assert_uint_eq(cv->n_never_tested, 60);
	for (size_t f = 0; f < cv->n_all_folds; f++)
		for (size_t i = 0; i < cv->folds[f].n_test; i++)
			ck_assert_uint_ge(cv->folds[f].test[i], 60);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

START_TEST(failing_allocations_leave_nothing_behind)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("textbook", 0), variant("bce", 0), variant("focal", 2)};
	struct flt_study_options options = study_options(false);
	options.cv.n_threads = 1;
	options.cv.n_folds = 2;
	options.cv.n_repeats = 1;
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 1;
	size_t before = flt_alloc_live();
	for (; status != FLT_OK; k += 1 + k / 16) {         /* each of the first ones, then a sample */
		struct flt_study *study = (void *)&options; /* is set to NULL on failure */
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = run_study(table, v, 3, &options, NULL, NULL, &study, &err);
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k)); /* no failure goes unnoticed */
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !study && *err.text));
		flt_study_free(study);
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
	ck_assert_uint_gt(k, 100);
	flt_table_free(table);
}
END_TEST

static bool stop_after_two(void *context, size_t n_done, size_t n_trials)
{
	(void)context;
	ck_assert_uint_le(n_done, n_trials);
	return n_done >= 2;
}

START_TEST(progress_can_stop_the_run)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("bce", 0)};
	struct flt_cv_options options = CV;
	options.n_threads = 1;
	struct flt_cv *cv;
	struct flt_error err;
	ck_assert_int_eq(run_cv(table, v, 1, &options, stop_after_two, NULL, &cv, &err), FLT_OK);
	ck_assert(cv->stopped);
	ck_assert_ptr_nonnull(flt_cv_trial(cv, 0, 1)->score);
	ck_assert_ptr_null(flt_cv_trial(cv, 0, 2)->score);
	flt_cv_free(cv);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("study");
	TCase *tests = tcase_create("study");
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, each_row_plays_one_role_in_a_fold_and_is_tested_once_a_repeat);
	tcase_add_test(tests, folds_along_time_learn_from_the_past);
	tcase_add_test(tests, threads_do_not_change_a_score);
	tcase_add_test(tests, the_interval_decides_the_verdict);
	tcase_add_test(tests, a_study_adds_the_variants_that_claims_need);
	tcase_add_test(tests, fewer_positives_are_a_subset_of_more);
	tcase_add_test(tests, comparison_predicts_at_each_operating_point);
	tcase_add_test(tests, rows_of_a_group_are_resampled_together);
	tcase_add_test(tests, figures_count_weights);
	tcase_add_test(tests, curve_counts_rows_above_each_threshold);
	tcase_add_test(tests, mean_curve_is_that_of_the_folds);
	tcase_add_test(tests, deviation_has_the_divisor_n_minus_1);
	tcase_add_test(tests, evidence_is_the_mean_of_what_each_fold_says);
	tcase_add_test(tests, a_study_of_one_variant_tests_no_claim);
	tcase_add_test(tests, claims_need_both_variants_of_the_pair);
	tcase_add_test(tests, work_is_compared_by_weights);
	tcase_add_test(tests, the_first_failing_variant_is_named);
	tcase_add_test(tests, a_diverged_trial_fails_the_run);
	tcase_add_test(tests, trials_at_once_share_the_memory);
	tcase_add_loop_test(tests, results_take_the_bytes_that_are_reserved_for_them, 0, 2);
	tcase_add_loop_test(tests, study_that_begins_ends_within_the_limit, 0, 3);
	tcase_add_loop_test(tests, memory_of_a_comparison_is_what_it_takes, 0, 2);
	tcase_add_test(tests, trial_has_the_threshold_of_its_detector);
	tcase_add_test(tests, validation_needs_rows_of_both_classes);
	tcase_add_test(tests, rows_that_are_never_tested_are_counted_once);
	tcase_add_test(tests, failing_allocations_leave_nothing_behind);
	tcase_add_test(tests, progress_can_stop_the_run);
	suite_add_tcase(suite, tests);
	return suite;
}
