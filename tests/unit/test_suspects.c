/* audit/suspects: planted wrong labels are found, in both classes; overlapping classes and rare ones are left alone. */
#include "audit/contamination.h"
#include "audit/suspects.h"

#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "suite.h"

enum { N_ROWS = 20000 };

struct simulated {
	double score[N_ROWS];
	uint8_t label[N_ROWS], is_wrong[N_ROWS];
};

/* Scores of two bell curves whose means lie `distance` apart; a share of the labels is flipped. */
static void simulate(struct simulated *rows, double prevalence, double distance, double flipped, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "suspects", 0);
	for (size_t i = 0; i < N_ROWS; i++) {
		bool positive = flt_random_uniform(&random) < prevalence;
		rows->score[i] = flt_random_normal(&random) + (positive ? distance : 0);
		rows->is_wrong[i] = flt_random_uniform(&random) < flipped;
		rows->label[i] = positive != rows->is_wrong[i];
	}
}

struct found {
	size_t n, n_right;
	double n_wrong, recall;
};

static struct found find(const struct simulated *rows)
{
	struct flt_suspects suspects;
	struct found found = {0};
	size_t n_planted = 0;
	ck_assert_int_eq(flt_suspects_find(rows->score, rows->label, N_ROWS, &suspects, NULL), FLT_OK);
	ck_assert_uint_eq(suspects.n, suspects.n_found[0] + suspects.n_found[1]);
	ck_assert_uint_eq(suspects.n_class[0] + suspects.n_class[1], N_ROWS);
	for (size_t i = 0; i < suspects.n; i++) {
		ck_assert(suspects.all[i].wrong >= 0.5 && suspects.all[i].wrong <= 1);
		ck_assert(i == 0 || suspects.all[i].wrong <= suspects.all[i - 1].wrong);
		found.n_right += rows->is_wrong[suspects.all[i].row];
	}
	found.n = suspects.n;
	found.n_wrong = suspects.n_wrong[0] + suspects.n_wrong[1];
	for (size_t i = 0; i < N_ROWS; i++)
		n_planted += rows->is_wrong[i];
	found.recall = n_planted ? (double)found.n_right / (double)n_planted : 0;
	flt_suspects_release(&suspects);
	return found;
}

static struct simulated rows;

START_TEST(flipped_labels_are_found)
{
	static const double prevalences[] = {0.01, 0.1, 0.5};
	for (size_t i = 0; i < 3; i++) {
		simulate(&rows, prevalences[i], 4, 0.05, 1 + i);
		struct found found = find(&rows);
		ck_assert_msg(found.recall > 0.9, "prevalence %g: recall %g", prevalences[i], found.recall);
		ck_assert_msg((double)found.n_right > 0.9 * (double)found.n, "prevalence %g: %zu of %zu right",
		              prevalences[i], found.n_right, found.n);
		ck_assert_double_eq_tol(found.n_wrong / (double)found.n_right, 1, 0.1);
	}
}
END_TEST

/* Honest overlap, from classes that hardly touch to ones that hardly differ. */
START_TEST(honest_overlap_is_left_alone)
{
	static const double distances[] = {4, 2, 1};
	for (size_t i = 0; i < 3; i++)
		for (uint64_t seed = 1; seed <= 3; seed++) {
			simulate(&rows, 0.1, distances[i], 0, seed);
			struct found found = find(&rows);
			ck_assert_msg(found.n_wrong < 0.01 * N_ROWS, "distance %g: %g", distances[i], found.n_wrong);
		}
}
END_TEST

/* All of a rare class is unlikely by its prior alone. */
START_TEST(rare_class_is_not_suspect)
{
	simulate(&rows, 0.005, 2.5, 0, 9);
	ck_assert_uint_lt(find(&rows).n, 20);
}
END_TEST

/* Scores that rank nothing, and others that hardly do, cannot contradict a label. */
START_TEST(weak_scores_contradict_nothing)
{
	static const double distances[] = {0, 0.3, 0.6}, prevalences[] = {0.05, 0.5};
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 2; k++) {
			simulate(&rows, prevalences[k], distances[i], 0, 20 + i);
			ck_assert_msg(find(&rows).n < N_ROWS / 100, "distance %g, prevalence %g", distances[i],
			              prevalences[k]);
		}
}
END_TEST

START_TEST(overlap_is_told)
{
	static const double distances[] = {0, 0.6, 1, 2, 4};
	for (size_t i = 0; i < 5; i++) {
		struct flt_suspects suspects;
		simulate(&rows, 0.2, distances[i], 0, 40 + i);
		ck_assert_int_eq(flt_suspects_find(rows.score, rows.label, N_ROWS, &suspects, NULL), FLT_OK);
		ck_assert_int_eq(suspects.is_blurred, distances[i] < 1.3);
		flt_suspects_release(&suspects);
	}
}
END_TEST

/* The shares that are planted, on one side or both. */
START_TEST(contamination_is_measured)
{
	static const double flipped[] = {0, 0.02, 0.1};
	for (size_t i = 0; i < 3; i++) {
		struct flt_contamination found;
		size_t n[2] = {0}, n_wrong[2] = {0};
		simulate(&rows, 0.3, 2.5, flipped[i], 30 + i);
		for (size_t k = 0; k < N_ROWS; k++) {
			n[rows.label[k]]++;
			n_wrong[rows.label[k]] += rows.is_wrong[k];
		}
		ck_assert_int_eq(flt_contamination_fit(rows.score, rows.label, N_ROWS, &found, NULL), FLT_OK);
		ck_assert_double_eq_tol(found.distance, 2.5, 0.3);
		ck_assert_double_eq_tol(found.share[1], (double)n_wrong[1] / (double)n[1], 0.03);
		ck_assert_double_eq_tol(found.share[0], (double)n_wrong[0] / (double)n[0], 0.03);
	}
}
END_TEST

/* A separable case by hand: 1,000 rows of each class, and seventy whose label is that of the other side. */
START_TEST(by_hand)
{
	enum { N = 2070 };
	static double score[N];
	static uint8_t label[N];
	struct flt_suspects suspects;
	for (size_t i = 0; i < N; i++) {
		score[i] = i < 1000 || (i >= 2000 && i < 2040) ? -1 : 1;
		label[i] = i >= 1000 && i < 2040;
	}
	/* 40 of 1,040 positives at the place of the negatives, and 30 of 1,030 negatives at that of the positives */
	ck_assert_int_eq(flt_suspects_find(score, label, N, &suspects, NULL), FLT_OK);
	ck_assert_double_eq_tol(suspects.mixture[1], 40 / 1040.0 / (1000 / 1030.0), 1e-12);
	ck_assert_double_eq_tol(suspects.mixture[0], 30 / 1030.0 / (1000 / 1040.0), 1e-12);
	ck_assert_uint_eq(suspects.n, 70);
	ck_assert_uint_eq(suspects.n_found[1], 40);
	for (size_t i = 0; i < 70; i++) {
		ck_assert_uint_ge(suspects.all[i].row, 2000);
		ck_assert_double_eq_tol(suspects.all[i].probability,
		                        suspects.all[i].row >= 2040 ? 1000 / 1030.0 : 40 / 1040.0, 1e-12);
	}
	flt_suspects_release(&suspects);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("suspects");
	TCase *tests = tcase_create("suspects");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, flipped_labels_are_found);
	tcase_add_test(tests, honest_overlap_is_left_alone);
	tcase_add_test(tests, rare_class_is_not_suspect);
	tcase_add_test(tests, weak_scores_contradict_nothing);
	tcase_add_test(tests, overlap_is_told);
	tcase_add_test(tests, contamination_is_measured);
	tcase_add_test(tests, by_hand);
	suite_add_tcase(suite, tests);
	return suite;
}
