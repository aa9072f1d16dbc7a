/* Rows by slices: how a column is cut, and whether a slice differs from the rest. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/difference.h"
#include "protocol/slices.h"
#include "reference_csv.h"
#include "suite.h"

/* ---- cutting ---- */

enum { MOST_CELLS = 3000 };

struct cells {
	struct flt_dictionary texts;
	int32_t code[MOST_CELLS];
	size_t n;
};

static struct cells cells;

static void add_cell(const char *text)
{
	ck_assert_int_eq(flt_dictionary_add(&cells.texts, text, strlen(text), &cells.code[cells.n++], NULL), FLT_OK);
}

static void add_cells(const char *list)
{
	char text[400], *rest = text;
	snprintf(text, sizeof text, "%s", list);
	for (char *cell; (cell = strsep(&rest, ";"));)
		add_cell(cell);
}

static enum flt_status slice(struct flt_slicing *slicing, size_t most, struct flt_error *err)
{
	const struct flt_slicing_column column = {
	        .name = "x", .texts = &cells.texts, .code = cells.code, .n = cells.n, .decimal = '.', .delimiter = ','};
	return flt_slicing_make(&column, most, slicing, err);
}

/* Cells, and the names of their slices; "-" is the slice of missing cells. */
static const char *const cuts[][2] = {
        {"b;a;;b;?;a ", "a;a ;b;-"}, {"10;9;1.0;1;NULL;1e1", "1;9;10;-"},
        {"$5;$1,000;$5", "5;1000"},  {"2024-02-01;2024-01-31;;2024-02-01", "2024-01-31;2024-02-01;-"},
        {"7;8;x7", "7;8;x7"}, /* in doubt: texts */
};

START_TEST(values_are_slices)
{
	char names[400] = "";
	struct flt_slicing slicing;
	cells = (struct cells){0};
	add_cells(cuts[_i][0]);
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, NULL), FLT_OK);
	for (size_t i = 0; i < slicing.n_slices; i++) {
		strcat(names, i > 0 ? ";" : "");
		strcat(names, slicing.slices[i].kind == FLT_SLICE_MISSING ? "-" : slicing.slices[i].name);
	}
	ck_assert_str_eq(names, cuts[_i][1]);
	flt_slicing_release(&slicing);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* Many numbers become five bins of about as many rows, whose values do not overlap. */
START_TEST(many_numbers_are_cut_at_quintiles)
{
	struct flt_slicing slicing;
	struct flt_random random;
	size_t n_rows[FLT_N_BINS] = {0};
	flt_random_init(&random, 1, "cells", 0);
	cells = (struct cells){0};
	for (size_t i = 0; i < 1000; i++) {
		char text[20];
		snprintf(text, sizeof text, "%zu.5", flt_random_below(&random, 400));
		add_cell(text);
	}
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, NULL), FLT_OK);
	ck_assert_uint_eq(slicing.n_slices, FLT_N_BINS);
	for (size_t i = 0; i < cells.n; i++) {
		double value = atof(flt_dictionary_text(&cells.texts, (size_t)cells.code[i]));
		size_t bin = slicing.of[i];
		ck_assert(value >= slicing.slices[bin].lo && value <= slicing.slices[bin].hi);
		n_rows[bin]++;
	}
	for (size_t bin = 0; bin < FLT_N_BINS; bin++) {
		ck_assert(n_rows[bin] >= 190 && n_rows[bin] <= 210);
		ck_assert(bin == 0 || slicing.slices[bin].lo > slicing.slices[bin - 1].hi);
		ck_assert_int_eq(slicing.slices[bin].kind, FLT_SLICE_BIN);
	}
	flt_slicing_release(&slicing);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* A value that most rows have is a bin of its own. */
START_TEST(equal_numbers_are_in_one_bin)
{
	struct flt_slicing slicing;
	cells = (struct cells){0};
	for (size_t i = 0; i < 1000; i++) {
		char text[20];
		snprintf(text, sizeof text, "%zu", i % 10 ? 0 : i);
		add_cell(text);
	}
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, NULL), FLT_OK);
	ck_assert_uint_eq(slicing.n_slices, 2);
	ck_assert_str_eq(slicing.slices[0].name, "0 to 0");
	ck_assert_str_eq(slicing.slices[1].name, "10 to 990");
	flt_slicing_release(&slicing);
	flt_dictionary_release(&cells.texts);
}
END_TEST

START_TEST(many_dates_are_cut_by_month_or_year)
{
	struct flt_slicing slicing;
	for (int n_years = 1; n_years <= 3; n_years += 2) {
		cells = (struct cells){0};
		for (int year = 0; year < n_years; year++)
			for (int month = 1; month <= 12; month++) {
				char text[20];
				snprintf(text, sizeof text, "%d-%02d-%02d", 2022 + year, month, month + 3);
				add_cell(text);
				snprintf(text, sizeof text, "%d-%02d-%02d", 2022 + year, month, month + 4);
				add_cell(text);
			}
		ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, NULL), FLT_OK);
		ck_assert_uint_eq(slicing.n_slices, n_years == 1 ? 12 : 3);
		ck_assert_str_eq(slicing.slices[1].name, n_years == 1 ? "2022-02" : "2023");
		ck_assert_uint_eq(slicing.of[cells.n - 1], slicing.n_slices - 1);
		flt_slicing_release(&slicing);
		flt_dictionary_release(&cells.texts);
	}
}
END_TEST

START_TEST(too_many_slices_are_refused)
{
	struct flt_slicing slicing;
	struct flt_error err;
	cells = (struct cells){0};
	for (size_t i = 0; i < FLT_MOST_SLICES; i++) {
		char text[20];
		snprintf(text, sizeof text, "k%zu", i);
		add_cell(text);
	}
	size_t before = flt_alloc_live();
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, &err), FLT_OK);
	flt_slicing_release(&slicing);
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES - 1, &err), FLT_ERR_USAGE);
	flt_slicing_release(&slicing);
	add_cell("");
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, &err), FLT_ERR_USAGE);
	ck_assert_msg(strstr(err.text, "--by: column \"x\" has 50 values and missing ones, and at most 50 slices"),
	              "%s", err.text);
	flt_slicing_release(&slicing);
	ck_assert_uint_eq(flt_alloc_live(), before);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* A name is cut between two characters. */
START_TEST(long_names_are_cut)
{
	struct flt_slicing slicing;
	cells = (struct cells){0};
	add_cell("aäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü");
	ck_assert_int_eq(slice(&slicing, FLT_MOST_SLICES, NULL), FLT_OK);
	ck_assert_str_eq(slicing.slices[0].name, "aäöüäöüäöüäöüäöüäöüäöüäöüäöüäö...");
	flt_slicing_release(&slicing);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* ---- differences ---- */

START_TEST(differences_agree_with_scipy)
{
	struct reference_csv csv;
	double p[16], holm[16];
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/differences.csv");
	for (; reference_csv_next(&csv); n++) {
		size_t counts[4];
		for (size_t i = 0; i < 4; i++)
			counts[i] = (size_t)atol(csv.field[i]);
		struct flt_interval a = flt_wilson(counts[0], counts[1]), b = flt_wilson(counts[2], counts[3]);
		p[n] = flt_difference_p(&a, &b);
		ck_assert_double_eq_tol(p[n], atof(csv.field[4]), 1e-12);
		ck_assert_double_eq(p[n], flt_difference_p(&b, &a));
		holm[n] = atof(csv.field[5]);
	}
	ck_assert_uint_eq(n, 6);
	ck_assert_int_eq(flt_holm(p, n, NULL), FLT_OK);
	for (size_t i = 0; i < n; i++)
		ck_assert_double_eq_tol(p[i], holm[i], 1e-12);
}
END_TEST

/* Among ten slices without any difference, one is found in at most 5 of 100 tables. */
START_TEST(chance_differences_are_rare)
{
	enum { N_SLICES = 10, N_ROWS = 300, TIMES = 1000 };
	struct flt_random random;
	size_t n_found = 0;
	flt_random_init(&random, 1, "slices", 0);
	for (size_t t = 0; t < TIMES; t++) {
		size_t hits[N_SLICES] = {0}, rows[N_SLICES] = {0}, all_hits = 0;
		double p[N_SLICES];
		for (size_t i = 0; i < N_ROWS; i++) {
			size_t slice = flt_random_below(&random, N_SLICES);
			bool hit = flt_random_uniform(&random) < 0.6;
			rows[slice]++;
			hits[slice] += hit;
			all_hits += hit;
		}
		for (size_t i = 0; i < N_SLICES; i++) {
			struct flt_interval own = flt_wilson(hits[i], rows[i]);
			struct flt_interval rest = flt_wilson(all_hits - hits[i], N_ROWS - rows[i]);
			p[i] = flt_difference_p(&own, &rest);
		}
		ck_assert_int_eq(flt_holm(p, N_SLICES, NULL), FLT_OK);
		bool is_found = false;
		for (size_t i = 0; i < N_SLICES; i++)
			is_found |= p[i] < 0.05;
		n_found += is_found;
	}
	ck_assert_msg(n_found >= 15 && n_found <= 64, "%zu", n_found);
}
END_TEST

/* ---- evaluating ---- */

enum { N_ROWS = 900 };

static double score[N_ROWS];
static uint8_t label[N_ROWS];
static size_t cluster[N_ROWS];

/* Rows of three kinds, and a column of three texts: of "c" all rows are negative; in "b" the scores say nothing. */
static struct flt_evaluation simulate(struct flt_detector *detector)
{
	struct flt_random random;
	flt_random_init(&random, 5, "rows", 0);
	cells = (struct cells){0};
	for (size_t i = 0; i < N_ROWS; i++) {
		add_cell((const char *[]){"b", "a", "c"}[i % 3]);
		label[i] = i % 3 != 2 && flt_random_uniform(&random) < 0.2;
		score[i] = flt_random_normal(&random) + (label[i] && i % 3 == 1 ? 4 : 0) - 2;
		cluster[i] = i / 9;
	}
	detector->choice.threshold = 0.5;
	return (struct flt_evaluation){.detector = detector,
	                               .n_rows = N_ROWS,
	                               .score = score,
	                               .log_odds = score,
	                               .label = label,
	                               .cluster = cluster,
	                               .n_clusters = N_ROWS / 9};
}

/* Slices of the simulated rows by their column of texts. */
static enum flt_status make_slices(const struct flt_evaluation *evaluation, struct flt_slices *slices)
{
	static const char *const names[] = {"kind"};
	struct flt_kept_column kept = {.texts = cells.texts, .code = cells.code};
	const struct flt_labelled_rows rows = {.kept = &kept, .n_kept = 1, .n = N_ROWS};
	const struct flt_slice_columns columns = {names, 1, &rows, '.', ',', NULL};
	return flt_slices_make(evaluation, &columns, 1, slices, &(struct flt_error){0});
}

/* The rows of one text. */
static struct flt_figures figures_of(size_t slice_code)
{
	static double own_score[N_ROWS];
	static uint8_t own_label[N_ROWS];
	static size_t own_cluster[N_ROWS];
	struct flt_scored own = {.score = own_score,
	                         .log_odds = own_score,
	                         .label = own_label,
	                         .cluster = own_cluster,
	                         .n_clusters = N_ROWS / 9};
	struct flt_evaluate_options options = {.threshold = 0.5, .n_threads = 1};
	struct flt_figures figures;
	for (size_t i = 0; i < N_ROWS; i++) {
		if ((size_t)cells.code[i] != slice_code)
			continue;
		own_score[own.n] = score[i];
		own_label[own.n] = label[i];
		own_cluster[own.n++] = cluster[i];
	}
	ck_assert_int_eq(flt_evaluate(&own, &options, &figures, NULL), FLT_OK);
	return figures;
}

START_TEST(slices_have_the_figures_of_their_rows)
{
	struct flt_detector detector = {0};
	struct flt_evaluation evaluation = simulate(&detector);
	struct flt_slices slices;
	ck_assert_int_eq(make_slices(&evaluation, &slices), FLT_OK);
	ck_assert_uint_eq(slices.n, 3);
	static const size_t code_of[] = {1, 0};
	for (size_t s = 0; s < 2; s++) {
		const struct flt_slice *slice = &slices.slices[s];
		struct flt_figures figures = figures_of(code_of[s]);
		ck_assert_str_eq(slice->name, s == 0 ? "a" : "b");
		ck_assert(slice->has_figures && slice->figures.n_rows == N_ROWS / 3);
		ck_assert_mem_eq(&slice->figures.ap, &figures.ap, sizeof figures.ap);
		ck_assert_mem_eq(&slice->figures.roc_auc, &figures.roc_auc, sizeof figures.roc_auc);
		ck_assert_mem_eq(&slice->figures.chosen, &figures.chosen, sizeof figures.chosen);
	}
	const struct flt_slice *a = &slices.slices[0], *b = &slices.slices[1], *c = &slices.slices[2];
	for (size_t f = 0; f < FLT_N_SLICE_FIGURES; f++)
		ck_assert(a->comparison[f].is_made && a->comparison[f].p_adjusted >= a->comparison[f].p);
	ck_assert(a->comparison[FLT_SLICE_RECALL].differs && b->comparison[FLT_SLICE_ROC_AUC].differs);
	ck_assert_double_eq(a->comparison[FLT_SLICE_RECALL].of_rest.value, b->figures.chosen.recall.value);
	/* c has no positive row: its alarms are known, and what they are worth */
	ck_assert(!c->has_figures && c->figures.n_positive == 0 && c->figures.chosen.confusion.fp > 0);
	ck_assert(!c->comparison[FLT_SLICE_RECALL].is_made && c->comparison[FLT_SLICE_PRECISION].is_made);
	ck_assert(!c->comparison[FLT_SLICE_ROC_AUC].is_made);
	ck_assert_uint_eq(slices.n_comparisons, 7);
	flt_slices_release(&slices);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* One factor moves all rows to the prior, so a slice keeps its share relative to the others; rows are counted as they
 * are. */
START_TEST(slices_move_to_a_prior_with_all_rows)
{
	struct flt_detector detector = {0};
	struct flt_evaluation evaluation = simulate(&detector);
	struct flt_slices plain, moved;
	size_t n_positive = 0;
	for (size_t i = 0; i < N_ROWS; i++)
		n_positive += label[i];
	ck_assert_int_eq(make_slices(&evaluation, &plain), FLT_OK);
	evaluation.prior = 0.01;
	ck_assert_int_eq(make_slices(&evaluation, &moved), FLT_OK);
	double factor = 0.01 / 0.99 * (double)(N_ROWS - n_positive) / (double)n_positive;
	for (size_t s = 0; s < 2; s++) {
		const struct flt_figures *before = &plain.slices[s].figures, *after = &moved.slices[s].figures;
		const struct flt_confusion *confusion = &after->chosen.confusion;
		double positive = factor * (double)before->n_positive;
		double share = positive / (positive + (double)(before->n_rows - before->n_positive));
		ck_assert_double_eq_tol(after->weight_positive / after->weight, share, 1e-12);
		ck_assert_mem_eq(confusion, &before->chosen.confusion, sizeof *confusion);
		ck_assert_double_eq_tol(after->chosen.precision.value,
		                        factor * confusion->tp / (factor * confusion->tp + confusion->fp), 1e-12);
		ck_assert_double_eq_tol(after->chosen.recall.value, before->chosen.recall.value, 1e-12);
		ck_assert_double_lt(after->ap.value, before->ap.value);
	}
	flt_slices_release(&plain);
	flt_slices_release(&moved);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* Predicted rows are counted, figures weighted. */
START_TEST(slices_have_the_weights_of_their_rows)
{
	static double weight[N_ROWS];
	struct flt_detector detector = {0};
	struct flt_evaluation evaluation = simulate(&detector);
	struct flt_slices slices;
	double called = 0, all = 0;
	size_t n_called = 0;
	evaluation.weight = weight;
	for (size_t i = 0; i < N_ROWS; i++) {
		weight[i] = 1 + (double)(i % 7);
		if (i % 3 != 1) /* "a" */
			continue;
		n_called += score[i] >= 0;
		called += score[i] >= 0 ? weight[i] : 0;
		all += weight[i];
	}
	ck_assert_int_eq(make_slices(&evaluation, &slices), FLT_OK);
	const struct flt_slice *a = &slices.slices[0];
	ck_assert_str_eq(a->name, "a");
	ck_assert_uint_eq(a->n_called, n_called);
	ck_assert_double_eq(a->figures.chosen.confusion.tp + a->figures.chosen.confusion.fp, called);
	ck_assert_double_eq(a->figures.weight, all);
	flt_slices_release(&slices);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* Of two slices one is compared: the other is its rest. */
START_TEST(two_slices_are_compared_once)
{
	struct flt_detector detector = {0};
	struct flt_evaluation evaluation = simulate(&detector);
	for (size_t i = 0; i < N_ROWS; i++)
		cells.code[i] = cells.code[i] > 0;
	struct flt_slices slices;
	size_t before = flt_alloc_live();
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = make_slices(&evaluation, &slices);
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k));
		if (status != FLT_OK)
			flt_slices_release(&slices);
		ck_assert(status == FLT_OK || flt_alloc_live() == before);
	}
	ck_assert_uint_eq(slices.n, 2);
	ck_assert_uint_eq(slices.n_comparisons, FLT_N_SLICE_FIGURES);
	ck_assert(!slices.slices[1].comparison[FLT_SLICE_RECALL].is_made);
	flt_slices_release(&slices);
	flt_dictionary_release(&cells.texts);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("slices");
	TCase *tests = tcase_create("all");
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, values_are_slices, 0, sizeof cuts / sizeof *cuts);
	tcase_add_test(tests, many_numbers_are_cut_at_quintiles);
	tcase_add_test(tests, equal_numbers_are_in_one_bin);
	tcase_add_test(tests, many_dates_are_cut_by_month_or_year);
	tcase_add_test(tests, too_many_slices_are_refused);
	tcase_add_test(tests, long_names_are_cut);
	tcase_add_test(tests, differences_agree_with_scipy);
	tcase_add_test(tests, chance_differences_are_rare);
	tcase_add_test(tests, slices_have_the_figures_of_their_rows);
	tcase_add_test(tests, slices_move_to_a_prior_with_all_rows);
	tcase_add_test(tests, slices_have_the_weights_of_their_rows);
	tcase_add_test(tests, two_slices_are_compared_once);
	suite_add_tcase(suite, tests);
	return suite;
}
