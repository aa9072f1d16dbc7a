/* Cross-validation and the study behind `compare`: roles of rows, subsets of positives, verdicts, failing allocations.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/random.h"
#include "protocol/study.h"
#include "suite.h"

enum { N_ROWS = 300 };

/* Two numbers, of which the first tells something about the class; one row in six is positive. */
static struct flt_table *read_rows(void)
{
	char path[] = "/tmp/test_study_XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	FILE *file = fdopen(fd, "w");
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
	ck_assert_int_eq(flt_cv_run(table, v, 2, &CV, NULL, NULL, &cv, &err), FLT_OK);
	int tested[2][N_ROWS] = {{0}};
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
		/* The majority calls nothing positive, at any of its thresholds. */
		const struct flt_cv_trial *majority = flt_cv_trial(cv, 1, f);
		ck_assert(!flt_is_positive(majority->log_odds[0], majority->threshold));
	}
	for (size_t row = 0; row < N_ROWS; row++)
		ck_assert(tested[0][row] == 1 && tested[1][row] == 1);
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
		ck_assert_int_eq(flt_cv_run(table, v, 2, &options, NULL, NULL, &cv[i], &err), FLT_OK);
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

START_TEST(verdicts_need_both_intervals)
{
	const struct {
		struct flt_spread evidence;
		enum flt_verdict verdict;
	} cases[] = {
	        {{.lo = 0.1, .hi = 0.3, .t_lo = 0.05, .t_hi = 0.4}, FLT_SUPPORTED},
	        {{.lo = 0.1, .hi = 0.3, .t_lo = -0.05, .t_hi = 0.4}, FLT_CANNOT_TELL},
	        {{.lo = -0.1, .hi = 0.3, .t_lo = 0.05, .t_hi = 0.4}, FLT_CANNOT_TELL},
	        {{.lo = -0.3, .hi = -0.1, .t_lo = -0.4, .t_hi = -0.1}, FLT_NOT_SUPPORTED},
	        {{.lo = -0.3, .hi = -0.1, .t_lo = -0.4, .t_hi = 0.1}, FLT_CANNOT_TELL},
	        {{.lo = 0, .hi = 0, .t_lo = 0, .t_hi = 0}, FLT_CANNOT_TELL},
	        {{.lo = NAN, .hi = NAN, .t_lo = NAN, .t_hi = NAN}, FLT_CANNOT_TELL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_int_eq(flt_verdict_of(&cases[i].evidence), cases[i].verdict);
}
END_TEST

static struct flt_study_options study_options(bool curve)
{
	return (struct flt_study_options){.cv = CV, .learning_curve = curve, .textbook = 0, .bce = 1, .focal = 2};
}

START_TEST(a_study_judges_each_claim_by_its_folds)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("textbook", 0), variant("bce", 0), variant("focal", 2)};
	v[0].options.train.zero_output_bias = true;
	for (int i = 0; i < 3; i++)
		v[i].options.train.epochs = 20;
	struct flt_study_options options = study_options(true);
	struct flt_study *study;
	struct flt_error err;
	ck_assert_int_eq(flt_study_run(table, v, 3, &options, NULL, NULL, &study, &err), FLT_OK);
	ck_assert_uint_eq(study->n_variants, 3);
	ck_assert_uint_eq(study->n_all, 8);
	ck_assert_uint_eq(flt_cv_trial(study->cv, study->early, 0)->log.n, 2);
	ck_assert_int_eq(study->claims[FLT_CLAIM_NO_SLOWER].verdict, FLT_SUPPORTED);
	/* By construction of the losses: with gamma 2 a row with p_t > 0.9 gives at most a hundredth of BCE's gradient.
	 */
	ck_assert_double_lt(study->attention[2].easy, study->attention[1].easy);
	ck_assert_double_gt(study->claims[FLT_CLAIM_EASY_ROWS].evidence.mean, 0);
	double difference = study->comparison.difference[2 * FLT_N_COMPARED + FLT_COMPARE_AP].mean;
	ck_assert_double_eq(study->claims[FLT_CLAIM_BETTER_AP].evidence.mean, difference);
	flt_study_free(study);

	options.learning_curve = false;
	ck_assert_int_eq(flt_study_run(table, v, 3, &options, NULL, NULL, &study, &err), FLT_OK);
	ck_assert_int_eq(study->claims[FLT_CLAIM_MORE_DATA].verdict, FLT_NOT_TESTED);
	flt_study_free(study);
	flt_table_free(table);
}
END_TEST

START_TEST(fewer_positives_are_a_subset_of_more)
{
	struct flt_table *table = read_rows();
	struct flt_variant v[] = {variant("all", 0), variant("half", 0), variant("again", 0)};
	v[1].positives_kept = v[2].positives_kept = 0.5;
	struct flt_cv *cv;
	struct flt_error err;
	ck_assert_int_eq(flt_cv_run(table, v, 3, &CV, NULL, NULL, &cv, &err), FLT_OK);
	/* The optimal bias tells the prevalence that was learnt from: logit(p / (2 - p)) against logit(p). */
	const struct flt_cv_fold *fold = &cv->folds[0];
	size_t n_positive = 0;
	for (size_t i = 0; i < fold->n_fit; i++)
		n_positive += fold->fit[i] % 6 == 0;
	double n_kept = round((double)n_positive / 2);
	double expected = log(n_kept / (double)(fold->n_fit - n_positive));
	ck_assert_double_eq_tol((double)flt_cv_trial(cv, 1, 0)->fit.train[0].output_bias, expected, 1e-5);
	ck_assert(flt_cv_trial(cv, 1, 0)->score[0] == flt_cv_trial(cv, 2, 0)->score[0]);
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
	for (; status != FLT_OK; k += 1 + k / 16) { /* each of the first ones, then a sample */
		struct flt_study *study = NULL;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_study_run(table, v, 3, &options, NULL, NULL, &study, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !study && *err.text));
		flt_study_free(study);
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
	ck_assert_int_eq(flt_cv_run(table, v, 1, &options, stop_after_two, NULL, &cv, &err), FLT_OK);
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
	tcase_add_test(tests, threads_do_not_change_a_score);
	tcase_add_test(tests, verdicts_need_both_intervals);
	tcase_add_test(tests, a_study_judges_each_claim_by_its_folds);
	tcase_add_test(tests, fewer_positives_are_a_subset_of_more);
	tcase_add_test(tests, failing_allocations_leave_nothing_behind);
	tcase_add_test(tests, progress_can_stop_the_run);
	suite_add_tcase(suite, tests);
	return suite;
}
