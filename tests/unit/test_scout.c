/* The scout against XGBoost's exact trees, and what it promises: bins, columns and thresholds. */
#include "reference_csv.h"

#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "live_memory.h"
#include "prep/scout.h"
#include "suite.h"

enum { MOST_ROWS = 3000, MOST_COLUMNS = 60 };

/* Columns without a table. */
struct rows {
	size_t n, n_columns;
	double cell[MOST_COLUMNS][MOST_ROWS];
	uint8_t label[MOST_ROWS];
	double weight[MOST_ROWS];
	size_t number[MOST_ROWS];
	struct flt_column from[MOST_COLUMNS];
	struct flt_prep_column columns[MOST_COLUMNS];
};

static struct rows rows;

static void begin_rows(size_t n, size_t n_columns)
{
	memset(&rows, 0, sizeof rows);
	rows.n = n;
	rows.n_columns = n_columns;
	for (size_t c = 0; c < n_columns; c++) {
		rows.from[c].numbers = flt_numbers_of(rows.cell[c]);
		rows.columns[c] = (struct flt_prep_column){.use = FLT_USED_NUMERIC, .has_number = true};
	}
	for (size_t i = 0; i < n; i++) {
		rows.number[i] = i;
		rows.weight[i] = 1;
	}
}

static void scout(const struct flt_scout_options *options, const double *weight, unsigned n_threads,
                  struct flt_scout *found)
{
	struct flt_error err = {0};
	struct flt_pool *pool;
	struct flt_bins bins;
	ck_assert_int_eq(flt_pool_new(n_threads, &pool, &err), FLT_OK);
	ck_assert_int_eq(flt_bins_init(&bins, rows.columns, rows.from, rows.n_columns, rows.number, rows.n, pool, &err),
	                 FLT_OK);
	ck_assert_int_eq(flt_scout_run(&bins, rows.n_columns, rows.label, weight, options, pool, found, &err), FLT_OK);
	flt_bins_release(&bins);
	flt_pool_free(pool);
}

/* ---- XGBoost ---- */

static void read_rows(void)
{
	struct reference_csv csv;
	size_t n = 0;
	begin_rows(250, 4);
	reference_csv_open(&csv, "tests/reference/scout_rows.csv");
	for (; reference_csv_next(&csv); n++) {
		rows.label[n] = csv.field[0][0] == '1';
		rows.weight[n] = reference_csv_number(&csv, 1);
		for (size_t c = 0; c < 4; c++)
			rows.cell[c][n] = csv.field[2 + c][0] ? reference_csv_number(&csv, 2 + c) : (double)NAN;
	}
	ck_assert_uint_eq(n, 250);
}

/* Whether there is a proposal like a split of XGBoost's. It takes the middle between the values that are left in its
 * node, and the scout an edge between them, so only the gain is the same to the last digits. */
static bool is_found(const struct flt_scout *found, size_t column, double threshold, double gain)
{
	for (size_t i = 0; i < found->n_proposals; i++) {
		const struct flt_proposal *proposal = &found->proposals[i];
		if (proposal->column == column && fabs(proposal->threshold - threshold) < 0.5 &&
		    fabs(proposal->gain - gain) < 1e-4 * (1 + gain))
			return true;
	}
	return false;
}

struct run {
	char name[16];
	struct flt_scout found;
	size_t n_trees, n_splits;
	double gain[4];
};

/* No other splits than XGBoost's were found, and columns gain as much. */
static void end_run(struct run *run)
{
	if (!run->name[0])
		return;
	ck_assert(run->n_trees > 1 || run->found.n_proposals == run->n_splits);
	for (size_t c = 0; c < 4; c++)
		ck_assert_double_le(fabs(run->found.gain[c] - run->gain[c]), 1e-4 * (1 + run->gain[c]));
	flt_scout_release(&run->found);
}

static void begin_run(struct run *run, const struct reference_csv *csv)
{
	*run = (struct run){0};
	snprintf(run->name, sizeof run->name, "%s", csv->field[0]);
	run->n_trees = (size_t)reference_csv_number(csv, 1);
	bool is_weighted = csv->field[3][0] == '1';
	const struct flt_scout_options options = {.n_trees = run->n_trees,
	                                          .depth = (unsigned)reference_csv_number(csv, 2),
	                                          .rate = 0.1,
	                                          .row_share = 1,
	                                          .column_share = 1,
	                                          .lambda = 1,
	                                          .min_hessian = 1};
	scout(&options, is_weighted ? rows.weight : NULL, 2, &run->found);
}

START_TEST(splits_are_those_of_xgboost)
{
	struct reference_csv csv;
	struct run run = {0};
	size_t n_runs = 0, n_beyond = 0;
	read_rows();
	reference_csv_open(&csv, "tests/reference/scout_splits.csv");

	while (reference_csv_next(&csv)) {
		if (strcmp(run.name, csv.field[0]) != 0) {
			end_run(&run);
			begin_run(&run, &csv);
			n_runs++;
		}
		size_t column = (size_t)(csv.field[4][0] - 'a');
		double gain = reference_csv_number(&csv, 6);
		run.gain[column] += gain;
		if (!csv.field[5][0]) {
			n_beyond++;
			continue;
		}
		if (run.n_trees == 1)
			ck_assert_msg(is_found(&run.found, column, reference_csv_number(&csv, 5), gain),
			              "run %s: no split of column %s at %s with gain %g", run.name, csv.field[4],
			              csv.field[5], gain);
		run.n_splits++;
	}
	end_run(&run);
	ck_assert_uint_eq(n_runs, 5);
	ck_assert_uint_gt(n_beyond, 0);
}
END_TEST

/* ---- bins ---- */

START_TEST(numbers_are_cut_into_bins_of_equal_counts)
{
	struct flt_error err = {0};
	struct flt_pool *pool;
	struct flt_bins bins;
	size_t count[256] = {0};
	begin_rows(MOST_ROWS, 3);
	for (size_t i = 0; i < rows.n; i++) {
		rows.cell[0][i] = (double)(i * 7919 % MOST_ROWS); /* all distinct */
		rows.cell[1][i] = (double)(i % 255);
		rows.cell[2][i] = i % 2 ? (double)NAN : i % 3 == 0 ? (double)(i % 1000) : 5;
	}
	ck_assert_int_eq(flt_pool_new(2, &pool, &err), FLT_OK);
	ck_assert_int_eq(flt_bins_init(&bins, rows.columns, rows.from, 3, rows.number, rows.n, pool, &err), FLT_OK);
	ck_assert_uint_eq(bins.inputs[0].n_bins, 255);
	for (size_t i = 0; i < rows.n; i++)
		count[bins.inputs[0].bin[i]]++;
	for (size_t b = 0; b < 255; b++)
		ck_assert(count[b] == 11 || count[b] == 12);
	ck_assert_uint_eq(bins.inputs[1].n_bins, 255);
	for (size_t b = 0; b < 254; b++)
		ck_assert_double_eq(bins.inputs[1].above[b], (double)b + 0.5);
	for (size_t c = 0; c < 3; c++)
		for (size_t i = 0; i < rows.n; i++) {
			const struct flt_binned *input = &bins.inputs[c];
			size_t n_not_below = 0;
			for (size_t b = 0; b + 1 < input->n_bins; b++)
				n_not_below += rows.cell[c][i] >= input->above[b];
			ck_assert_uint_eq(input->bin[i], isnan(rows.cell[c][i]) ? input->n_bins : n_not_below);
		}
	flt_bins_release(&bins);
	flt_pool_free(pool);
}
END_TEST

START_TEST(edges_part_neighbouring_numbers)
{
	static const double pairs[][2] = {{1, 1.0000000000000002}, {-1.7e308, 1.7e308}, {0, 5e-324}, {-5e-324, 0}};
	for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
		struct flt_error err = {0};
		struct flt_pool *pool;
		struct flt_bins bins;
		begin_rows(2, 1);
		rows.cell[0][0] = pairs[k][0];
		rows.cell[0][1] = pairs[k][1];
		ck_assert_int_eq(flt_pool_new(1, &pool, &err), FLT_OK);
		ck_assert_int_eq(flt_bins_init(&bins, rows.columns, rows.from, 1, rows.number, 2, pool, &err), FLT_OK);
		ck_assert(bins.inputs[0].bin[0] == 0 && bins.inputs[0].bin[1] == 1);
		ck_assert(bins.inputs[0].above[0] > pairs[k][0] && bins.inputs[0].above[0] <= pairs[k][1]);
		flt_bins_release(&bins);
		flt_pool_free(pool);
	}
}
END_TEST

/* ---- what it is for ---- */

/* Column 2 tells by a threshold at 0.7, column 4 by one level; the others are noise. */
static void plant(size_t n, size_t n_columns)
{
	struct flt_random random;
	static int32_t codes[MOST_ROWS];
	static const char *const levels[] = {"a", "b", "c", "d"};
	begin_rows(n, n_columns);
	flt_random_init(&random, 3, "test", 0);
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < n_columns; c++)
			rows.cell[c][i] = flt_random_normal(&random);
		codes[i] = (int32_t)flt_random_below(&random, 4);
		double p = rows.cell[2][i] >= 0.7 ? 0.6 : codes[i] == 3 ? 0.3 : 0.03;
		rows.label[i] = flt_random_uniform(&random) < p;
	}
	rows.columns[4] = (struct flt_prep_column){
	        .use = FLT_USED_CATEGORICAL, .type = FLT_CATEGORICAL, .levels = levels, .n_levels = 4};
	rows.from[4] = (struct flt_column){.codes = codes, .levels = levels, .n_levels = 4};
	rows.columns[1].use = FLT_ID_LIKE;
}

START_TEST(a_planted_threshold_and_level_are_found)
{
	struct flt_scout_options options;
	struct flt_scout found;
	plant(MOST_ROWS, 6);
	flt_scout_options_init(&options, 6);
	scout(&options, NULL, 1, &found);
	ck_assert_uint_eq(found.proposals[0].column, 2);
	ck_assert_double_le(fabs(found.proposals[0].threshold - 0.7), 0.02);
	for (size_t c = 0; c < 6; c++)
		ck_assert(c == 2 || found.gain[c] < found.gain[2]);
	ck_assert_double_gt(found.gain[4], 1.5 * found.gain[3]);
	ck_assert_double_eq(found.gain[1], 0);
	for (size_t i = 0; i < found.n_proposals; i++) {
		ck_assert(found.proposals[i].column != 1 && found.proposals[i].column != 4);
		ck_assert(i == 0 || found.proposals[i].gain <= found.proposals[i - 1].gain);
	}
	flt_scout_release(&found);
}
END_TEST

START_TEST(threads_change_nothing_and_the_seed_does)
{
	struct flt_scout_options options;
	struct flt_scout found[4];
	plant(MOST_ROWS, MOST_COLUMNS);
	flt_scout_options_init(&options, MOST_COLUMNS);
	ck_assert_double_eq(options.column_share, 0.5);
	for (unsigned i = 0; i < 4; i++) {
		options.seed = i == 3;
		scout(&options, NULL, i == 0 ? 1 : i == 1 ? 2 : 5, &found[i]);
	}
	for (size_t i = 1; i < 3; i++) {
		ck_assert_uint_eq(found[i].n_proposals, found[0].n_proposals);
		for (size_t j = 0; j < found[0].n_proposals; j++) {
			const struct flt_proposal *x = &found[0].proposals[j], *y = &found[i].proposals[j];
			ck_assert(x->column == y->column && x->threshold == y->threshold && x->gain == y->gain);
		}
		ck_assert_mem_eq(found[i].gain, found[0].gain, MOST_COLUMNS * sizeof *found[0].gain);
	}
	ck_assert_mem_ne(found[3].gain, found[0].gain, MOST_COLUMNS * sizeof *found[0].gain);
	for (size_t i = 0; i < 4; i++)
		flt_scout_release(&found[i]);
}
END_TEST

START_TEST(trees_draw_rows_and_columns_anew)
{
	static const double shares[][2] = {{1, 1}, {0.5, 1}, {1, 0.5}};
	struct flt_scout found[3];
	plant(1000, 12);
	for (size_t i = 0; i < 3; i++) {
		struct flt_scout_options options;
		flt_scout_options_init(&options, 12);
		options.n_trees = 4;
		options.row_share = shares[i][0];
		options.column_share = shares[i][1];
		scout(&options, NULL, 1, &found[i]);
	}
	/* Half of the rows give half of the gain; without its column, a tree lacks the best gain of all. */
	ck_assert_double_lt(fabs(found[1].gain[2] / found[0].gain[2] - 0.5), 0.15);
	ck_assert_double_lt(found[2].gain[2], 0.95 * found[0].gain[2]);
	for (size_t i = 0; i < 3; i++)
		flt_scout_release(&found[i]);
}
END_TEST

/* Integer weights equal copies of rows, but for the drawing of rows. */
START_TEST(a_weight_stands_for_rows)
{
	struct flt_scout_options options;
	struct flt_scout weighted, copied;
	plant(250, 5);
	flt_scout_options_init(&options, 5);
	options.row_share = 1;
	options.n_trees = 5;
	for (size_t i = 0; i < 250; i++)
		rows.weight[i] = (double)(1 + i % 3);
	scout(&options, rows.weight, 1, &weighted);
	rows.n = 0;
	for (size_t i = 0; i < 250; i++)
		for (size_t k = 0; k < 1 + i % 3; k++)
			rows.number[rows.n++] = i;
	uint8_t label[MOST_ROWS];
	memcpy(label, rows.label, sizeof label);
	for (size_t i = 0; i < rows.n; i++)
		rows.label[i] = label[rows.number[i]];
	double ratio = (double)rows.n / 250; /* the mean weight is made 1 */
	options.lambda = options.min_hessian = ratio;
	scout(&options, NULL, 1, &copied);
	ck_assert_uint_eq(copied.n_proposals, weighted.n_proposals);
	for (size_t c = 0; c < 5; c++)
		ck_assert_double_le(fabs(weighted.gain[c] * ratio - copied.gain[c]), 1e-6 * (1 + copied.gain[c]));
	flt_scout_release(&weighted);
	flt_scout_release(&copied);
}
END_TEST

START_TEST(rows_of_one_class_propose_nothing)
{
	struct flt_scout_options options;
	struct flt_scout found;
	for (int label = 0; label < 2; label++) {
		plant(100, 5);
		memset(rows.label, label, sizeof rows.label);
		flt_scout_options_init(&options, 5);
		scout(&options, NULL, 1, &found);
		ck_assert_uint_eq(found.n_proposals, 0);
		for (size_t c = 0; c < 5; c++)
			ck_assert_double_eq(found.gain[c], 0);
		flt_scout_release(&found);
	}
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	struct flt_scout_options options;
	struct flt_pool *pool;
	plant(100, 5);
	flt_scout_options_init(&options, 5);
	ck_assert_int_eq(flt_pool_new(1, &pool, NULL), FLT_OK);
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_bins bins;
		struct flt_scout found;
		ck_assert_uint_lt(k, 100);
		flt_alloc_fail_at(k);
		status = flt_bins_init(&bins, rows.columns, rows.from, 5, rows.number, rows.n, pool, NULL);
		if (status == FLT_OK) {
			status = flt_scout_run(&bins, 5, rows.label, NULL, &options, pool, &found, NULL);
			flt_bins_release(&bins);
			if (status == FLT_OK)
				flt_scout_release(&found);
		}
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
	}
	flt_alloc_fail_at(0);
	flt_pool_free(pool);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("scout");
	TCase *tests = tcase_create("scout");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, splits_are_those_of_xgboost);
	tcase_add_test(tests, numbers_are_cut_into_bins_of_equal_counts);
	tcase_add_test(tests, edges_part_neighbouring_numbers);
	tcase_add_test(tests, a_planted_threshold_and_level_are_found);
	tcase_add_test(tests, threads_change_nothing_and_the_seed_does);
	tcase_add_test(tests, trees_draw_rows_and_columns_anew);
	tcase_add_test(tests, a_weight_stands_for_rows);
	tcase_add_test(tests, rows_of_one_class_propose_nothing);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}
