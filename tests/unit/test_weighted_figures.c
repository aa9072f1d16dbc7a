/* Figures of rows with weights: against scikit-learn's sample_weight. */
#include <math.h>
#include <string.h>

#include "eval/metrics.h"
#include "reference_csv.h"
#include "suite.h"

enum { MOST_ROWS = 512 };

static double score[MOST_ROWS], weight[MOST_ROWS];
static uint8_t label[MOST_ROWS];

static size_t read_case(const char *name)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/weighted_inputs.csv");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], name) != 0)
			continue;
		score[n] = reference_csv_number(&csv, 1);
		label[n] = reference_csv_number(&csv, 2) > 0;
		weight[n++] = reference_csv_number(&csv, 3);
		ck_assert(n < MOST_ROWS);
	}
	return n;
}

static void expect_near(double a, double b, const char *what)
{
	if (!(fabs(a - b) <= 1e-12 * fmax(1, fabs(b))))
		ck_abort_msg("%s: %.17g, not %.17g", what, a, b);
}

/* Average precision by itself, and as the sum over the points of the curve. */
START_TEST(the_curve_agrees_with_scikit_learn)
{
	struct reference_csv csv;
	reference_csv_open(&csv, "tests/reference/weighted_figures.csv");
	while (reference_csv_next(&csv)) {
		static struct flt_pr_point points[MOST_ROWS];
		struct flt_scored rows = {
		        .n = read_case(csv.field[0]), .score = score, .label = label, .weight = weight};
		double ap, sum = 0, before = 0;
		size_t n_points;
		ck_assert_int_eq(flt_average_precision(&rows, &ap, NULL), FLT_OK);
		expect_near(ap, reference_csv_number(&csv, 2), csv.field[0]);
		ck_assert_int_eq(flt_pr_curve(&rows, points, &n_points, NULL), FLT_OK);
		for (size_t i = 0; i < n_points; i++) {
			sum += (points[i].tp - before) * points[i].tp / (points[i].tp + points[i].fp);
			before = points[i].tp;
		}
		expect_near(sum / before, ap, csv.field[0]);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("weighted figures");
	TCase *tests = tcase_create("weighted figures");
	tcase_add_test(tests, the_curve_agrees_with_scikit_learn);
	suite_add_tcase(suite, tests);
	return suite;
}
