/*
 * The parts of a row's log-odds: equal to Shapley values where these are known in closed form, near those of all
 * coalitions for small networks, complete for every kind of detector, and the same for a row in any company.
 */
#include "fltrain/reasons.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "detector/background.h"
#include "detector/ways.h"
#include "prep/typed_rows.h"
#include "small_table.h"
#include "suite.h"

enum { MANY = 200 }; /* background rows, more than points are looked at together */
enum { N_ROWS = 240, N_NAMES = 4, N_COLUMNS = 4, MAX_IN = 16 };

static const char *const names[N_NAMES] = {"a", "kind", "b", "c"};
static char text_of[N_ROWS][N_NAMES][32];
static const char *cells[N_ROWS][N_NAMES];
static struct flt_table *table;
static size_t all[N_ROWS];

/* Columns that depend on each other; some cells are missing, and so many levels are rare. */
static void make_table(void)
{
	struct text csv = {0};
	struct flt_random random;
	flt_random_init(&random, 5, "table", 0);
	text_add(&csv, "a,kind,b,c,y\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		double a = flt_random_normal(&random), b = 0.5 * a + flt_random_normal(&random);
		size_t kind = flt_random_below(&random, 13);
		snprintf(text_of[i][0], 32, "%.4f", a);
		snprintf(text_of[i][1], 32, "k%zu", kind < 9 ? kind % 3 : kind);
		snprintf(text_of[i][2], 32, "%.4f", b);
		snprintf(text_of[i][3], 32, "%.4f", exp(flt_random_normal(&random)));
		if (i % 9 == 0)
			text_of[i][3][0] = '\0';
		if (i % 11 == 0)
			text_of[i][1][0] = '\0';
		for (size_t j = 0; j < N_NAMES; j++)
			cells[i][j] = text_of[i][j];
		text_add(&csv, "%s,%s,%s,%s,%d\n", cells[i][0], cells[i][1], cells[i][2], cells[i][3], a + b > 2);
		all[i] = i;
	}
	table = table_of(&csv, (struct flt_table_options){0});
}

/* ---- detectors ---- */

/* What is made of its member number i. */
struct kind {
	enum flt_activation activation;
	size_t n_hidden, width;
	bool is_embedded, has_scale, has_refit;
};

static struct flt_mlp *network(const struct flt_prep *prep, const struct kind *kind, uint64_t seed, double size)
{
	bool numeric[MAX_IN];
	struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(prep),
	                            .n_hidden = kind->n_hidden,
	                            .hidden = {kind->width, kind->width},
	                            .activation = kind->activation,
	                            .front_scale = kind->has_scale,
	                            .embedding = kind->is_embedded ? FLT_EMBEDDING_PBLD : FLT_EMBEDDING_NONE,
	                            .n_frequencies = kind->is_embedded ? 3 : 0,
	                            .n_embedded = kind->is_embedded ? 3 : 0,
	                            .numeric = numeric};
	struct flt_mlp *mlp;
	struct flt_random random;
	ck_assert_uint_le(spec.n_in, MAX_IN);
	for (size_t i = 0; i < spec.n_in; i++)
		numeric[i] = flt_prep_feature_is_numeric(prep, i);
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, NULL), FLT_OK);
	flt_random_init(&random, seed, "weights", 0);
	for (size_t i = 0; i < flt_mlp_n_params(mlp); i++)
		flt_mlp_params(mlp)[i] = (float)(size * flt_random_normal(&random));
	return mlp;
}

/* Of n members of these kinds in turn; refits learn from the first half of the rows, with other scales. */
static struct flt_detector *detector_of(const struct kind *kinds, size_t n_kinds, size_t n, double size)
{
	static const struct flt_prep_options options = {.scale = FLT_SCALE_STANDARD, .n_threads = 1};
	static const struct flt_prep_options other = {.scale = FLT_SCALE_QUANTILE, .n_threads = 1, .n_steps = 3};
	struct flt_detector *detector = flt_alloc_zero(1, sizeof *detector, NULL);
	flt_map_init(&detector->map);
	ck_assert_int_eq(flt_prep_fit(table, all, N_ROWS, &options, &detector->prep, NULL), FLT_OK);
	detector->refits = flt_alloc_zero(1, sizeof *detector->refits, NULL);
	detector->n_refits = 1;
	ck_assert_int_eq(flt_prep_refit(detector->prep, table, all, N_ROWS / 2, &other, &detector->refits[0], NULL),
	                 FLT_OK);
	detector->members = flt_alloc_zero(n, sizeof *detector->members, NULL);
	detector->n_members = n;
	for (size_t i = 0; i < n; i++) {
		const struct kind *kind = &kinds[i % n_kinds];
		struct flt_detector_member *member = &detector->members[i];
		member->prep = kind->has_refit ? detector->refits[0] : NULL;
		member->net = network(flt_detector_prep_of(detector, i), kind, i + 1, size);
		member->weight = 1 + (double)i;
	}
	detector->provenance.prevalence = 0.1;
	ck_assert_int_eq(flt_background_draw(detector->prep, table, all, N_ROWS, FLT_BACKGROUND_ROWS, 3,
	                                     &detector->background, NULL),
	                 FLT_OK);
	return detector;
}

static void draw_many(struct flt_detector *detector)
{
	ck_assert_int_eq(flt_background_draw(detector->prep, table, all, N_ROWS, MANY, 3, &detector->background, NULL),
	                 FLT_OK);
}

static struct flt_scorer *scorer_of(const struct flt_detector *detector)
{
	struct flt_scorer *scorer;
	ck_assert_int_eq(flt_scorer_new(detector, names, N_NAMES, NULL, &scorer, NULL), FLT_OK);
	return scorer;
}

struct explained {
	double part[N_ROWS][N_COLUMNS], left[N_ROWS], range[N_ROWS], score[N_ROWS], base;
};

static void explain(const struct flt_detector *detector, struct explained *explained)
{
	struct flt_reasons *reasons;
	struct flt_scorer *scorer = scorer_of(detector);
	ck_assert_int_eq(flt_reasons_new(detector, &reasons, NULL), FLT_OK);
	ck_assert_uint_eq(flt_reasons_n_background(reasons), detector->background.n);
	ck_assert_uint_eq(flt_reasons_n_columns(reasons), N_COLUMNS);
	for (size_t c = 0; c < N_COLUMNS; c++)
		ck_assert_str_eq(flt_reasons_column_name(reasons, c), names[c]);
	ck_assert_int_eq(flt_reasons_explain(reasons, scorer, &cells[0][0], N_ROWS, &explained->part[0][0],
	                                     explained->left, explained->range, NULL, NULL),
	                 FLT_OK);
	ck_assert_int_eq(flt_scorer_score(scorer, &cells[0][0], N_ROWS, explained->score, NULL, NULL), FLT_OK);
	explained->base = flt_reasons_base(reasons);
	flt_scorer_free(scorer);
	flt_reasons_free(reasons);
}

/* The parts and the base make up the log-odds of all rows, but for the tolerance, and left says for how much. */
static void check_complete(const struct flt_detector *detector, const struct explained *explained)
{
	double largest = 0;
	for (size_t i = 0; i < N_ROWS; i++) {
		double sum = explained->base, log_odds = flt_detector_log_odds(detector, explained->score[i]);
		for (size_t c = 0; c < N_COLUMNS; c++)
			sum += explained->part[i][c];
		if (isfinite(log_odds) && fabs(log_odds) < 13)
			ck_assert_double_eq_tol(log_odds - sum, explained->left[i], 1e-9);
		ck_assert_double_le(fabs(explained->left[i]), FLT_REASONS_TOLERANCE * explained->range[i] + 1e-6);
		largest = fmax(largest, fabs(log_odds - explained->base));
	}
	ck_assert_double_gt(largest, 0.5); /* so that there is something to explain */
}

/* ---- against what is known ---- */

/* Inputs (n, n_in) of rows and of background rows, and the columns of inputs. */
struct inputs {
	size_t n_in, column[MAX_IN];
	float row[N_ROWS * MAX_IN], background[MANY * MAX_IN];
};

static void find_inputs(const struct flt_detector *detector, struct inputs *inputs)
{
	inputs->n_in = flt_prep_n_features(detector->prep);
	flt_prep_feature_columns(detector->prep, inputs->column);
	ck_assert_int_eq(flt_prep_apply(detector->prep, table, all, N_ROWS, 1, inputs->row, NULL), FLT_OK);
	ck_assert_int_eq(flt_typed_rows_apply(detector->prep, detector->background.values, detector->background.n,
	                                      inputs->background, NULL),
	                 FLT_OK);
}

/* Of a linear model Shapley values are w_j (x_j - mean b_j), column by column. */
START_TEST(linear_parts_are_shapley_values)
{
	static const struct kind linear = {.n_hidden = 0};
	static struct explained explained;
	static struct inputs inputs;
	struct flt_detector *detector = detector_of(&linear, 1, 1, 1);
	detector->map.slope = 1.5;
	detector->map.intercept = -0.75;
	if (_i == 1)
		draw_many(detector);
	find_inputs(detector, &inputs);
	explain(detector, &explained);
	check_complete(detector, &explained);
	const float *w = flt_mlp_params_const(detector->members[0].net);
	size_t n = detector->background.n;
	for (size_t i = 0; i < N_ROWS; i++) {
		double wanted[N_COLUMNS] = {0};
		for (size_t j = 0; j < inputs.n_in; j++) {
			double mean = 0;
			for (size_t k = 0; k < n; k++)
				mean += (double)inputs.background[k * inputs.n_in + j] / (double)n;
			wanted[inputs.column[j]] +=
			        1.5 * (double)w[j] * ((double)inputs.row[i * inputs.n_in + j] - mean);
		}
		for (size_t c = 0; c < N_COLUMNS; c++)
			ck_assert_double_eq_tol(explained.part[i][c], wanted[c], 1e-5 + 2e-6 * fabs(wanted[c]));
	}
	flt_detector_free(detector);
}
END_TEST

/* value (2^N_COLUMNS): the mean logit where the columns of a coalition are the row's, and the others a background
 * row's. */
static void find_coalitions(const struct flt_detector *detector, const struct inputs *inputs, size_t row,
                            double value[1 << N_COLUMNS])
{
	size_t n = detector->background.n, n_in = inputs->n_in;
	for (size_t set = 0; set < 1 << N_COLUMNS; set++) {
		float x[FLT_BACKGROUND_ROWS * MAX_IN], logit[FLT_BACKGROUND_ROWS];
		for (size_t k = 0; k < n; k++)
			for (size_t j = 0; j < n_in; j++)
				x[k * n_in + j] = set >> inputs->column[j] & 1 ? inputs->row[row * n_in + j]
				                                               : inputs->background[k * n_in + j];
		ck_assert_int_eq(flt_mlp_predict(detector->members[0].net, x, n, 1, logit, NULL), FLT_OK);
		value[set] = 0;
		for (size_t k = 0; k < n; k++)
			value[set] += (double)logit[k] / (double)n;
	}
}

static void find_shapley(const double value[1 << N_COLUMNS], double shapley[N_COLUMNS])
{
	static const double of_size[N_COLUMNS] = {1.0 / 4, 1.0 / 12, 1.0 / 12, 1.0 / 4}; /* s! (n - s - 1)! / n! */
	for (size_t c = 0; c < N_COLUMNS; c++) {
		shapley[c] = 0;
		for (size_t set = 0; set < 1 << N_COLUMNS; set++)
			if (!(set >> c & 1))
				shapley[c] += of_size[__builtin_popcountl(set)] * (value[set | 1U << c] - value[set]);
	}
}

START_TEST(parts_are_near_shapley_values)
{
	static const struct kind kind = {.activation = FLT_SILU, .n_hidden = 1, .width = 8};
	static struct explained explained;
	static struct inputs inputs;
	double xy = 0, xx = 0, yy = 0;
	struct flt_detector *detector = detector_of(&kind, 1, 1, 0.6);
	find_inputs(detector, &inputs);
	explain(detector, &explained);
	check_complete(detector, &explained);
	for (size_t i = 0; i < N_ROWS; i++) {
		double value[1 << N_COLUMNS], shapley[N_COLUMNS];
		find_coalitions(detector, &inputs, i, value);
		find_shapley(value, shapley);
		for (size_t c = 0; c < N_COLUMNS; c++) {
			xy += explained.part[i][c] * shapley[c];
			xx += explained.part[i][c] * explained.part[i][c];
			yy += shapley[c] * shapley[c];
			if (fabs(shapley[c]) > 0.2 * explained.range[i])
				ck_assert_double_gt(shapley[c] * explained.part[i][c], 0);
		}
	}
	ck_assert_double_gt(xy / sqrt(xx * yy), 0.98);
	flt_detector_free(detector);
}
END_TEST

/* Columns whose weights are 0 get exactly nothing, and all others something. */
START_TEST(only_what_matters_has_a_part)
{
	static const struct kind kind = {.activation = FLT_SELU, .n_hidden = 2, .width = 8};
	static struct explained explained;
	static struct inputs inputs;
	struct flt_detector *detector = detector_of(&kind, 1, 1, 0.6);
	find_inputs(detector, &inputs);
	float *w = flt_mlp_params(detector->members[0].net);
	for (size_t unit = 0; unit < kind.width; unit++)
		for (size_t j = 0; j < inputs.n_in; j++)
			w[unit * inputs.n_in + j] *= inputs.column[j] == 0 || inputs.column[j] == 2;
	explain(detector, &explained);
	check_complete(detector, &explained);
	double sum[N_COLUMNS] = {0};
	for (size_t i = 0; i < N_ROWS; i++)
		for (size_t c = 0; c < N_COLUMNS; c++)
			sum[c] += fabs(explained.part[i][c]);
	ck_assert(sum[1] == 0 && sum[3] == 0);
	ck_assert(sum[0] > 1 && sum[2] > 1);
	flt_detector_free(detector);
}
END_TEST

/* ---- every kind of detector ---- */

static const struct kind kinds[] = {
        {.activation = FLT_RELU, .n_hidden = 2, .width = 12},
        {.activation = FLT_SELU, .n_hidden = 2, .width = 9, .is_embedded = true, .has_scale = true},
        {.activation = FLT_TANH, .n_hidden = 1, .width = 33, .has_refit = true},
        {.activation = FLT_MISH, .n_hidden = 2, .width = 5, .has_scale = true, .has_refit = true},
        {.activation = FLT_SILU, .n_hidden = 1, .width = 7, .is_embedded = true, .has_refit = true},
        {.n_hidden = 0},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static void set_breakpoints(struct flt_map *map)
{
	static const double at[] = {-3, -1, -0.9, 0.5, 0.6, 3}, probability[] = {0, 0.02, 0.2, 0.2, 0.7, 1};
	map->n_breakpoints = 6;
	map->breakpoint_log_odds = flt_alloc(6, sizeof *at, NULL);
	map->breakpoint_probability = flt_alloc(6, sizeof *at, NULL);
	memcpy(map->breakpoint_log_odds, at, sizeof at);
	memcpy(map->breakpoint_probability, probability, sizeof probability);
}

/* Maps: none, psi, Platt, isotonic, each with another prior. */
static void set_map(struct flt_detector *detector, int map)
{
	bool several = detector->n_members > 1;
	if (map == 1 || map == 3) {
		*(several ? &detector->member_gamma : &detector->map.gamma) = 2;
		*(several ? &detector->member_log_weight_ratio : &detector->map.log_weight_ratio) = 0.5;
	}
	if (map == 2) {
		detector->map.slope = 0.6;
		detector->map.intercept = -1;
	}
	if (map == 3)
		set_breakpoints(&detector->map);
	if (map != 0)
		detector->map.prior_shift = 1.25;
}

START_TEST(parts_are_complete)
{
	static struct explained explained;
	for (size_t i = 0; i <= N_KINDS; i++) {
		bool is_pool = i == N_KINDS;
		struct flt_detector *detector =
		        detector_of(is_pool ? kinds : &kinds[i], is_pool ? N_KINDS : 1, is_pool ? N_KINDS : 1, 0.7);
		set_map(detector, _i);
		explain(detector, &explained);
		check_complete(detector, &explained);
		flt_detector_free(detector);
	}
}
END_TEST

START_TEST(background_rows_may_be_many)
{
	static struct explained explained;
	struct flt_detector *detector = detector_of(kinds, N_KINDS, N_KINDS, 0.7);
	draw_many(detector);
	explain(detector, &explained);
	check_complete(detector, &explained);
	double sum = 0;
	for (size_t i = 0; i < N_ROWS; i++)
		sum += flt_detector_log_odds(detector, explained.score[i]) / N_ROWS;
	ck_assert_double_eq_tol(explained.base, sum, 0.2); /* 200 of the 240 rows */
	flt_detector_free(detector);
}
END_TEST

/* Each row alone, and as many as memory has place for at a time. */
START_TEST(a_row_is_explained_the_same_in_any_company)
{
	static struct explained explained;
	struct flt_detector *detector = detector_of(kinds, N_KINDS, N_KINDS, 0.7);
	explain(detector, &explained);
	struct flt_scorer *scorer = scorer_of(detector);
	struct flt_reasons *reasons;
	ck_assert_int_eq(flt_reasons_new(detector, &reasons, NULL), FLT_OK);
	for (size_t i = 0; i < N_ROWS; i++) {
		double part[N_COLUMNS], left;
		ck_assert_int_eq(flt_reasons_explain(reasons, scorer, cells[i], 1, part, &left, NULL, NULL, NULL),
		                 FLT_OK);
		ck_assert_mem_eq(part, explained.part[i], sizeof part);
		ck_assert_mem_eq(&left, &explained.left[i], sizeof left);
	}
	flt_reasons_free(reasons);
	flt_scorer_free(scorer);
	flt_detector_free(detector);
}
END_TEST

/* ---- failures ---- */

START_TEST(without_background_rows_there_are_no_reasons)
{
	struct flt_detector *detector = detector_of(kinds, 1, 1, 0.5);
	struct flt_reasons *reasons;
	struct flt_error err;
	flt_background_release(&detector->background);
	ck_assert_int_eq(flt_reasons_new(detector, &reasons, &err), FLT_ERR_MODEL);
	ck_assert_ptr_null(reasons);
	ck_assert_str_eq(err.text, "the model keeps no background rows, which reasons are measured against; train "
	                           "again with --background 32");
	flt_detector_free(detector);
}
END_TEST

START_TEST(a_bad_cell_is_told)
{
	struct flt_detector *detector = detector_of(kinds, 1, 1, 0.5);
	struct flt_scorer *scorer = scorer_of(detector);
	struct flt_reasons *reasons;
	struct flt_error err;
	const char *rows[3][N_NAMES];
	double part[3 * N_COLUMNS];
	size_t bad_row = 0;
	memcpy(rows, cells, sizeof rows);
	rows[2][2] = "seven";
	ck_assert_int_eq(flt_reasons_new(detector, &reasons, NULL), FLT_OK);
	ck_assert_int_eq(flt_reasons_explain(reasons, scorer, &rows[0][0], 3, part, NULL, NULL, &bad_row, &err),
	                 FLT_ERR_DATA);
	ck_assert_uint_eq(bad_row, 2);
	flt_reasons_free(reasons);
	flt_scorer_free(scorer);
	flt_detector_free(detector);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
	struct flt_detector *detector = detector_of(kinds, 2, 2, 0.5);
	struct flt_scorer *scorer = scorer_of(detector);
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_reasons *reasons = NULL;
		double part[N_COLUMNS];
		flt_alloc_fail_at(k);
		status = flt_reasons_new(detector, &reasons, NULL);
		if (status == FLT_OK)
			status = flt_reasons_explain(reasons, scorer, cells[0], 1, part, NULL, NULL, NULL, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		flt_reasons_free(reasons);
		ck_assert_uint_lt(k, 1000);
	}
	flt_scorer_free(scorer);
	flt_detector_free(detector);
}
END_TEST

/* ---- background rows ---- */

/* As many as asked for, each row at most once, and others with another seed; what they are applied to is what the
 * table gives. */
START_TEST(background_rows_are_rows_of_the_table)
{
	static struct inputs inputs;
	struct flt_detector *detector = detector_of(kinds, 1, 1, 0.5);
	find_inputs(detector, &inputs);
	bool is_taken[N_ROWS] = {false};
	for (size_t k = 0; k < detector->background.n; k++) {
		size_t row = 0;
		while (row < N_ROWS &&
		       (is_taken[row] || memcmp(inputs.row + row * inputs.n_in, inputs.background + k * inputs.n_in,
		                                inputs.n_in * sizeof *inputs.row) != 0))
			row++;
		ck_assert_uint_lt(row, N_ROWS);
		is_taken[row] = true;
	}
	struct flt_background other = {0};
	ck_assert_int_eq(flt_background_draw(detector->prep, table, all, N_ROWS, 32, 4, &other, NULL), FLT_OK);
	ck_assert_mem_ne(other.values, detector->background.values, 32 * other.n_values * sizeof *other.values);
	ck_assert_int_eq(flt_background_draw(detector->prep, table, all, 7, 32, 4, &other, NULL), FLT_OK);
	ck_assert_uint_eq(other.n, 7);
	ck_assert_int_eq(flt_background_draw(detector->prep, table, all, 7, 0, 4, &other, NULL), FLT_OK);
	ck_assert_uint_eq(other.n, 0);
	flt_background_release(&other);
	flt_detector_free(detector);
}
END_TEST

/* A row that stands for as many as all others is half of the background. */
START_TEST(background_rows_are_drawn_by_weight)
{
	static const struct flt_prep_options options = {.scale = FLT_SCALE_NONE, .n_threads = 1};
	struct text csv = {0};
	struct flt_prep *prep;
	struct flt_background background = {0};
	text_add(&csv, "x,w,y\n");
	for (size_t i = 0; i < 100; i++)
		text_add(&csv, "%g,%d,%d\n", (double)i * (double)i + 0.5, i == 7 ? 99 : 1, i % 3 == 0);
	struct flt_table *weighted = table_of(&csv, (struct flt_table_options){.weight = "w"});
	ck_assert_int_eq(flt_prep_fit(weighted, all, 100, &options, &prep, NULL), FLT_OK);
	for (uint64_t seed = 0; seed < 20; seed++) {
		size_t n_heavy = 0;
		ck_assert_int_eq(flt_background_draw(prep, weighted, all, 100, 32, seed, &background, NULL), FLT_OK);
		ck_assert(background.n == 32 && background.n_values == 1);
		for (size_t k = 0; k < 32; k++)
			n_heavy += background.values[k] == 49.5;
		ck_assert_uint_eq(n_heavy, 16);
	}
	flt_background_release(&background);
	flt_prep_free(prep);
	flt_table_free(weighted);
}
END_TEST

static void check_rule(const struct flt_ways_rule *rule, size_t n_grid, size_t n_steps, int degree)
{
	double sum = 0, weighted = 0;
	for (size_t node = 0; node <= n_steps; node++) {
		double value = pow((double)node / (double)n_steps, degree);
		sum += (double)rule->sum[node] * value;
		for (size_t i = 0; i <= n_grid; i++)
			weighted += (double)rule->weight[node * (n_grid + 1) + i] * value *
			            (0.25 + (double)i / (double)n_grid);
	}
	ck_assert_double_eq_tol(sum, 1.0 / (degree + 1), 1e-6);
	ck_assert_double_eq_tol(weighted, 0.25 / (degree + 1) + 1.0 / (degree + 2), 1e-6);
}

/* The rules are exact where r is linear and the derivative quadratic, or, of a single step, linear. */
START_TEST(rules_integrate_polynomials)
{
	struct flt_detector *detector = detector_of(kinds, 1, 1, 0.5);
	struct flt_ways ways;
	ck_assert_int_eq(flt_ways_init(&ways, detector, NULL), FLT_OK);
	for (size_t grid = FLT_WAYS_GRID_LEVEL; grid <= FLT_WAYS_MAX_LEVEL; grid++)
		for (size_t level = 0; level <= grid; level++)
			for (int degree = 0; degree <= (level == 0 ? 1 : 2); degree++)
				check_rule(&ways.rules[grid][level], (size_t)1 << grid, (size_t)1 << level, degree);
	flt_ways_release(&ways);
	flt_detector_free(detector);
}
END_TEST

/* ---- against many points ---- */

enum { N_POINTS = 128, N_REFERENCES = 20 };

/* What all members are along a way. */
struct reference {
	float log_odds[N_KINDS][N_POINTS], rate[N_KINDS][N_POINTS][N_COLUMNS];
};

static void look_along(const struct flt_ways *ways, struct flt_slopes_room *room, size_t row, size_t k,
                       struct reference *at)
{
	memset(at, 0, sizeof *at);
	for (size_t m = 0; m < N_KINDS; m++) {
		const struct flt_slopes_prep *prep = &ways->slopes.preps[ways->slopes.members[m].prep];
		const float *b = ways->preps[ways->slopes.members[m].prep].x + k * prep->n_in;
		float x[MAX_IN], *to = flt_slopes_rows(&ways->slopes, room, m);
		ck_assert_int_eq(flt_prep_apply(prep->prep, table, &all[row], 1, 1, x, NULL), FLT_OK);
		for (size_t i = 0; i < N_POINTS * prep->n_in; i++) {
			float t = ((float)(i / prep->n_in) + 0.5F) / N_POINTS;
			to[i] = b[i % prep->n_in] + t * (x[i % prep->n_in] - b[i % prep->n_in]);
		}
		const float *slope = flt_slopes_find(&ways->slopes, room, m, N_POINTS);
		for (size_t i = 0; i < N_POINTS * prep->n_in; i++) {
			size_t j = i % prep->n_in;
			at->rate[m][i / prep->n_in][prep->column[j]] += slope[i] * (x[j] - b[j]);
		}
		for (size_t i = 0; i < N_POINTS; i++)
			at->log_odds[m][i] = (float)room->log_odds[i];
	}
}

/* part (N_COLUMNS), before the map, by the midpoint rule, with the rates of all members as they are at each point. */
static void find_parts(const struct flt_detector *detector, const struct flt_ways *ways, struct flt_slopes_room *room,
                       size_t row, double *part)
{
	static struct reference at;
	memset(part, 0, N_COLUMNS * sizeof *part);
	for (size_t k = 0; k < ways->n; k++) {
		look_along(ways, room, row, k, &at);
		for (size_t i = 0; i < N_POINTS; i++) {
			double p = 0, all_weights = 0;
			for (size_t m = 0; m < N_KINDS; m++) {
				p += detector->members[m].weight * flt_sigmoid((double)at.log_odds[m][i]);
				all_weights += detector->members[m].weight;
			}
			for (size_t m = 0; m < N_KINDS; m++) {
				double own = flt_sigmoid((double)at.log_odds[m][i]);
				double r =
				        detector->members[m].weight * own * (1 - own) * (1 / p + 1 / (all_weights - p));
				for (size_t c = 0; c < N_COLUMNS; c++)
					part[c] += r * (double)at.rate[m][i][c] / (N_POINTS * (double)ways->n);
			}
		}
	}
}

/* No column is far off, even where what is off in several columns would cancel out. */
START_TEST(parts_of_columns_are_near_those_of_many_points)
{
	static struct explained explained;
	struct flt_detector *detector = detector_of(kinds, N_KINDS, N_KINDS, 0.5);
	struct flt_ways ways;
	struct flt_slopes_room room;
	double squares = 0, largest = 0, worst = 0;
	detector->map.slope = 1.5;
	explain(detector, &explained);
	ck_assert_int_eq(flt_ways_init(&ways, detector, NULL), FLT_OK);
	ck_assert_int_eq(flt_slopes_room_init(&room, &ways.slopes, NULL), FLT_OK);
	ck_assert_uint_ge(ways.slopes.n_points, N_POINTS);
	for (size_t i = 0; i < N_REFERENCES; i++) {
		double part[N_COLUMNS];
		find_parts(detector, &ways, &room, i * (N_ROWS / N_REFERENCES), part);
		for (size_t c = 0; c < N_COLUMNS; c++) {
			size_t row = i * (N_ROWS / N_REFERENCES);
			double off = (explained.part[row][c] - 1.5 * part[c]) / explained.range[row];
			squares += off * off / (N_REFERENCES * N_COLUMNS);
			worst = fmax(worst, fabs(off));
			largest = fmax(largest, fabs(part[c]) / explained.range[row]);
		}
	}
	ck_assert_msg(worst < 0.02 && sqrt(squares) < 0.005, "off by up to %g, %g in the mean square", worst,
	              sqrt(squares));
	ck_assert_double_gt(largest, 0.2);
	flt_slopes_room_release(&room);
	flt_ways_release(&ways);
	flt_detector_free(detector);
}
END_TEST

static void tear_down(void)
{
	flt_table_free(table);
	table = NULL;
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("reasons");
	TCase *tc = tcase_create("reasons");
	tcase_add_checked_fixture(tc, make_table, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, linear_parts_are_shapley_values, 0, 2);
	tcase_add_test(tc, parts_are_near_shapley_values);
	tcase_add_test(tc, only_what_matters_has_a_part);
	tcase_add_loop_test(tc, parts_are_complete, 0, 4);
	tcase_add_test(tc, parts_of_columns_are_near_those_of_many_points);
	tcase_add_test(tc, background_rows_may_be_many);
	tcase_add_test(tc, a_row_is_explained_the_same_in_any_company);
	tcase_add_test(tc, without_background_rows_there_are_no_reasons);
	tcase_add_test(tc, a_bad_cell_is_told);
	tcase_add_test(tc, every_failed_allocation_is_reported);
	tcase_add_test(tc, background_rows_are_rows_of_the_table);
	tcase_add_test(tc, background_rows_are_drawn_by_weight);
	tcase_add_test(tc, rules_integrate_polynomials);
	suite_add_tcase(suite, tc);
	return suite;
}
