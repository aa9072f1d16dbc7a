/* Explanations: pairs and their figures, samples, effects, associations, units, and all of it on trained detectors. */
#include "protocol/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "detector/altered.h"
#include "eval/association.h"
#include "eval/class_sample.h"
#include "protocol/exchange.h"
#include "run_experiment.h"
#include "small_table.h"
#include "suite.h"

/* ---- pairs ---- */

START_TEST(partners_come_as_often_as_they_weigh)
{
	enum { N = 500, REPEATS = 3 };
	double weight[N], all = 0;
	size_t partner[REPEATS * N];
	for (size_t i = 0; i < N; i++)
		all += weight[i] = _i == 0 ? 2.5 : 0.1 + (double)(i % 7);
	flt_pairs_draw(weight, N, REPEATS, 3, partner);
	for (size_t r = 0; r < REPEATS; r++) {
		size_t count[N] = {0}, n_own = 0;
		for (size_t i = 0; i < N; i++) {
			count[partner[r * N + i]]++;
			n_own += partner[r * N + i] == i;
		}
		ck_assert_uint_lt(n_own, 20);
		for (size_t i = 0; i < N; i++)
			ck_assert(fabs((double)count[i] - N * weight[i] / all) < 1);
	}
	ck_assert_int_ne(memcmp(partner, partner + N, N * sizeof *partner), 0);
}
END_TEST

/* The variance of a mean of terms g(row) + h(partner), whole clusters at a time, against its definition: where each row
 * is a partner once, the sum over clusters of the squared sums of both, but for what a single pair adds to itself. */
START_TEST(the_variance_is_that_of_both_roles)
{
	enum { N = 60 };
	double term[N], both[N] = {0}, own[N] = {0}, expected = 0, least = 0, mean = 0;
	size_t partner[N], cluster[N];
	struct flt_interval interval;
	struct flt_random random;
	flt_random_init(&random, 5, "terms", (uint64_t)_i);
	flt_pairs_draw(NULL, N, 1, 5, partner);
	for (size_t i = 0; i < N; i++) {
		cluster[i] = _i == 0 ? i : i / 3;
		term[i] = flt_random_normal(&random);
		mean += term[i] / N;
	}
	for (size_t i = 0; i < N; i++) {
		term[i] -= mean;
		own[cluster[i]] += term[i];
		both[cluster[i]] += term[i];
		both[cluster[partner[i]]] += term[i];
		expected -= term[i] * term[i];
	}
	for (size_t i = 0; i < N; i++) {
		expected += both[i] * both[i];
		least += own[i] * own[i];
	}
	const struct flt_scored rows = {.n = N, .cluster = cluster, .n_clusters = N};
	const struct flt_pairs pairs = {.rows = &rows, .n_repeats = 1, .partner = partner};
	ck_assert_int_eq(flt_pairs_interval(&pairs, 7, term, &interval, NULL), FLT_OK);
	double reach = 2.00099537808826 * sqrt(60.0 / 58); /* Student's t of 59 degrees of freedom */
	ck_assert_double_eq(interval.value, 7);
	ck_assert_double_eq_tol((interval.hi - interval.lo) / 2, reach * sqrt(fmax(expected, least)), 1e-9);
}
END_TEST

/* Of 100 squares a single one is not 0: a figure that one row decides reaches far, upwards farther than downwards. */
START_TEST(a_root_that_one_row_decides_is_badly_known)
{
	enum { N = 100 };
	double square[N] = {0};
	size_t partner[N];
	struct flt_interval interval;
	const struct flt_scored rows = {.n = N};
	const struct flt_pairs pairs = {.rows = &rows, .n_repeats = 1, .partner = partner};
	for (size_t i = 0; i < N; i++)
		partner[i] = (i + 1) % N;
	square[7] = 1;
	ck_assert_int_eq(flt_pairs_root(&pairs, square, &interval, NULL), FLT_OK);
	/* Terms 0.99 / 100, and 99 times -0.01 / 100; Student's t of 3 degrees of freedom. Only the row counts: one is
	 * its partner, and their squares are taken off once. */
	double own = pow(0.0099, 2) + 99 * pow(0.0001, 2), both = 2 * pow(0.0098, 2) + 98 * pow(0.0002, 2) - own;
	double factor = exp(3.182446305284263 * sqrt(fmax(own, both)) / 0.01 / 2);
	ck_assert_double_eq_tol(interval.value, 0.1, 1e-12);
	ck_assert_double_eq_tol(interval.lo, 0.1 / factor, 1e-9);
	ck_assert_double_eq_tol(interval.hi, sqrt(0.01 + 0.0099 / 2) * factor, 1e-9);
}
END_TEST

/* ---- importance ---- */

struct shuffled_rows {
	double score[200], log_odds[200], shuffled[600];
	uint8_t label[200];
	size_t partner[600];
};

static struct flt_shuffled shuffled_of(struct shuffled_rows *rows, struct flt_scored *scored, bool changes)
{
	struct flt_random random;
	flt_random_init(&random, 9, "rows", 0);
	for (size_t i = 0; i < 200; i++) {
		rows->label[i] = i % 5 == 0;
		rows->score[i] = rows->log_odds[i] = flt_random_normal(&random) + 2 * rows->label[i] - 2;
	}
	flt_pairs_draw(NULL, 200, 3, 9, rows->partner);
	for (size_t p = 0; p < 600; p++)
		rows->shuffled[p] = rows->score[changes ? rows->partner[p] : p % 200];
	*scored = (struct flt_scored){.n = 200, .score = rows->score, .log_odds = rows->log_odds, .label = rows->label};
	return (struct flt_shuffled){.pairs = {.rows = scored, .n_repeats = 3, .partner = rows->partner},
	                             .score = rows->shuffled,
	                             .log_odds = rows->shuffled,
	                             .before = rows->score,
	                             .after = rows->shuffled};
}

/* Where a column is the whole score, shuffling it leaves chance. */
START_TEST(importance_is_what_shuffled_figures_lose)
{
	struct shuffled_rows rows;
	struct flt_scored scored;
	struct flt_importance importance;
	const struct flt_shuffled shuffled = shuffled_of(&rows, &scored, true);
	double ap, of_repeat, mean_ap = 0, mean_loss = 0, moves = 0;
	ck_assert_int_eq(flt_importance_find(&shuffled, &importance, NULL), FLT_OK);
	ck_assert_int_eq(flt_average_precision(&scored, &ap, NULL), FLT_OK);
	double loss = flt_log_loss(&scored);
	for (size_t r = 0; r < 3; r++) {
		struct flt_scored repeat = scored;
		repeat.score = repeat.log_odds = rows.shuffled + 200 * r;
		ck_assert_int_eq(flt_average_precision(&repeat, &of_repeat, NULL), FLT_OK);
		mean_ap += of_repeat / 3;
		mean_loss += flt_log_loss(&repeat) / 3;
		for (size_t i = 0; i < 200; i++)
			moves += pow(rows.score[i] - repeat.score[i], 2) / 2 / 600;
	}
	ck_assert_double_eq_tol(importance.ap.value, ap - mean_ap, 1e-12);
	ck_assert_double_eq_tol(importance.log_loss.value, mean_loss - loss, 1e-12);
	ck_assert_double_eq_tol(importance.moves.value, sqrt(moves), 1e-12);
	ck_assert(importance.ap.lo > 0.2 && importance.ap.hi < ap + 0.1 && importance.log_loss.lo > 0);
}
END_TEST

START_TEST(what_changes_nothing_costs_nothing)
{
	struct shuffled_rows rows;
	struct flt_scored scored;
	struct flt_importance importance;
	const struct flt_shuffled shuffled = shuffled_of(&rows, &scored, false);
	ck_assert_int_eq(flt_importance_find(&shuffled, &importance, NULL), FLT_OK);
	ck_assert(importance.ap.value == 0 && importance.ap.lo == 0 && importance.ap.hi == 0);
	ck_assert(importance.log_loss.lo == 0 && importance.log_loss.hi == 0 && importance.moves.hi == 0);
	memset(rows.label, 0, sizeof rows.label);
	ck_assert_int_eq(flt_importance_find(&shuffled, &importance, NULL), FLT_OK);
	ck_assert(isnan(importance.ap.value) && isnan(importance.log_loss.hi) && importance.moves.value == 0);
}
END_TEST

/* ---- samples ---- */

/* Sums over samples have those over all rows as their mean; a sample that holds all rows has them. */
START_TEST(samples_stand_for_all_rows)
{
	enum { N = 2000 };
	const uint64_t n_samples = _i == 0 ? 400 : 3;
	static double value[N];
	double all = 0, sum = 0, squares = 0;
	struct flt_random random;
	flt_random_init(&random, 2, "values", 0);
	for (size_t i = 0; i < N; i++)
		all += value[i] = flt_random_uniform(&random);
	for (uint64_t s = 0; s < n_samples; s++) {
		struct flt_class_sample sample;
		double found = 0;
		size_t slot, n_positive = 0;
		flt_class_sample_begin(&sample, _i == 0 ? 200 : SIZE_MAX, s);
		for (size_t i = 0; i < N; i++)
			ck_assert_int_eq(flt_class_sample_offer(&sample, i, i % 10 == 0, value[i], 0.1, &slot, NULL),
			                 FLT_OK);
		flt_class_sample_end(&sample);
		ck_assert_uint_eq(flt_class_sample_n(&sample), _i == 0 ? 200 : N);
		for (int y = 0; y < 2; y++)
			for (size_t i = 0; i < sample.of_class[y].n; i++) {
				const struct flt_drawn_row *row = &sample.of_class[y].rows[i];
				double weight = flt_priority_weight(row, sample.threshold[y]);
				ck_assert(i == 0 || row->row > row[-1].row);
				ck_assert(weight >= 1 && (_i == 0 || weight == 1));
				found += weight * value[row->row];
				n_positive += row->row % 10 == 0;
			}
		ck_assert_uint_eq(n_positive, _i == 0 ? 66 : N / 10);
		sum += found;
		squares += found * found;
		flt_class_sample_release(&sample);
	}
	double n = (double)n_samples, mean = sum / n, error = sqrt(fmax(0, squares / n - mean * mean) / n);
	ck_assert(fabs(mean - all) <= 4 * error + 1e-6 * all);
	ck_assert(_i == 1 || error > 0);
}
END_TEST

/* ---- effects ---- */

/* Two steps of known differences; the curve has the mean of the predictions, and no step varies but the second. Rows
 * lie on the curve, so that its centre does not vary. */
START_TEST(effects_add_up)
{
	const struct flt_scored rows = {.n = 4};
	const size_t before[] = {0, 0, 1};
	const double probability[] = {0.275, 0.375, 0.375, 0.575};
	const struct flt_effect_place place[] = {{0, 1}, {1, 1}, {2, 0}, {2, 1}};
	const struct flt_effect_step steps[] = {{0, 1, 0.1}, {1, 1, 0.1}, {2, 2, 0.1}, {3, 2, 0.3}};
	const struct flt_effect effect = {.rows = &rows,
	                                  .probability = probability,
	                                  .place = place,
	                                  .n_points = 3,
	                                  .n_steps = 4,
	                                  .before = before,
	                                  .steps = steps};
	struct flt_interval curve[3];
	ck_assert_int_eq(flt_effect_find(&effect, curve, NULL), FLT_OK);
	ck_assert_double_eq_tol(curve[1].value - curve[0].value, 0.1, 1e-15);
	ck_assert_double_eq_tol(curve[2].value - curve[1].value, 0.2, 1e-15);
	ck_assert_double_eq_tol((curve[0].value + 2 * curve[1].value + curve[2].value) / 4, 0.4, 1e-15);
	/* The second step is known to sqrt(2 x 0.1^2 / 1 / 2) = 0.1; three quarters of it lie behind the last point.
	 * Two rows that move alike: 3 x 2 - 1 = 5 degrees of freedom. */
	ck_assert_double_eq_tol(curve[2].hi - curve[2].value, 2.570581835636314 * 0.75 * 0.1, 1e-9);
	ck_assert_double_eq_tol(curve[0].hi - curve[0].value, 2.570581835636314 * 0.25 * 0.1, 1e-9);
}
END_TEST

/* A row that is there twice, in a cluster, tells no more than once. */
START_TEST(copies_in_clusters_tell_nothing_of_effects)
{
	const size_t before[] = {0, 0}, cluster[] = {0, 0, 1, 1, 2, 2};
	const double probability[] = {0.1, 0.1, 0.2, 0.2, 0.5, 0.5};
	const struct flt_effect_place place[] = {{1, 0}, {1, 0}, {1, 0.5}, {1, 0.5}, {1, 1}, {1, 1}};
	const struct flt_effect_step once[] = {{0, 1, 0.1}, {1, 1, 0.3}, {2, 1, 0.2}},
	                             steps[] = {{0, 1, 0.1}, {1, 1, 0.1}, {2, 1, 0.3},
	                                        {3, 1, 0.3}, {4, 1, 0.2}, {5, 1, 0.2}};
	const struct flt_scored single = {.n = 3}, twice = {.n = 6, .cluster = cluster, .n_clusters = 3};
	const double single_probability[] = {0.1, 0.2, 0.5};
	const struct flt_effect_place single_place[] = {{1, 0}, {1, 0.5}, {1, 1}};
	const struct flt_effect a = {&single, single_probability, single_place, 2, 3, before, once},
	                        b = {&twice, probability, place, 2, 6, before, steps};
	struct flt_interval of_a[2], of_b[2];
	ck_assert_int_eq(flt_effect_find(&a, of_a, NULL), FLT_OK);
	ck_assert_int_eq(flt_effect_find(&b, of_b, NULL), FLT_OK);
	for (size_t p = 0; p < 2; p++) {
		ck_assert_double_eq_tol(of_b[p].value, of_a[p].value, 1e-12);
		ck_assert_double_eq_tol(of_b[p].lo, of_a[p].lo, 1e-12);
		ck_assert_double_eq_tol(of_b[p].hi, of_a[p].hi, 1e-12);
	}
	ck_assert_double_gt(of_b[1].hi, of_b[1].value + 0.01);
}
END_TEST

/* Bands against brute force: what a little more weight of each row, or cluster, does to the curve as it is found. All
 * of it counts: steps, mean and places. */
START_TEST(bands_are_those_of_all_that_a_row_moves)
{
	enum { N = 600, N_POINTS = 4 };
	static double probability[N], weight[N];
	static size_t cluster[N];
	static struct flt_effect_place place[N];
	static struct flt_effect_step steps[N];
	const size_t before[N_POINTS] = {0, 0, 1, 1};
	struct flt_interval curve[N_POINTS], moved[N_POINTS];
	double variance[N_POINTS] = {0};
	size_t n_clusters = _i == 0 ? N : N / 3;
	struct flt_random random;
	flt_random_init(&random, 3, "rows", (uint64_t)_i);
	for (size_t i = 0; i < N; i++) {
		size_t point = 1 + i % (N_POINTS - 1);
		probability[i] = 0.3 + 0.3 * flt_random_uniform(&random);
		weight[i] = 1 + flt_random_uniform(&random);
		cluster[i] = i % n_clusters;
		place[i] = (struct flt_effect_place){i % 50 == 0 ? SIZE_MAX : point, flt_random_uniform(&random)};
		steps[i] = (struct flt_effect_step){i, point, 0.1 * flt_random_uniform(&random) - 0.02};
	}
	const struct flt_scored rows = {
	        .n = N, .weight = weight, .cluster = _i == 0 ? NULL : cluster, .n_clusters = n_clusters};
	const struct flt_effect effect = {.rows = &rows,
	                                  .probability = probability,
	                                  .place = place,
	                                  .n_points = N_POINTS,
	                                  .n_steps = N,
	                                  .before = before,
	                                  .steps = steps};
	ck_assert_int_eq(flt_effect_find(&effect, curve, NULL), FLT_OK);
	for (size_t c = 0; c < n_clusters; c++) {
		for (size_t i = c; i < N; i += n_clusters)
			weight[i] *= 1 + 1e-5;
		ck_assert_int_eq(flt_effect_find(&effect, moved, NULL), FLT_OK);
		for (size_t i = c; i < N; i += n_clusters)
			weight[i] /= 1 + 1e-5;
		for (size_t p = 0; p < N_POINTS; p++)
			variance[p] += pow((moved[p].value - curve[p].value) / 1e-5, 2);
	}
	for (size_t p = 0; p < N_POINTS; p++) {
		double half = (curve[p].hi - curve[p].lo) / 2, expected = 1.96 * sqrt(variance[p]);
		ck_assert_double_ge(half, 0.995 * expected);
		ck_assert_double_le(half, 1.02 * expected); /* Student's t, and n - 1 */
	}
}
END_TEST

/* ---- associations: values by scipy and numpy ---- */

START_TEST(associations_are_those_of_the_definitions)
{
	const double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, z[] = {2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11};
	const int32_t k[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, m[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
	const struct flt_associated columns[] = {{.numbers = x},
	                                         {.numbers = z},
	                                         {.codes = k, .n_codes = 2},
	                                         {.codes = m, .n_codes = 2},
	                                         {.codes = k, .n_codes = 3}};
	double strength[25];
	ck_assert_int_eq(flt_associations(columns, 5, NULL, 12, strength, NULL), FLT_OK);
	ck_assert_double_eq_tol(strength[1], 0.958041958041958, 1e-12); /* scipy.stats.spearmanr */
	/* eta^2 of ranks = 108/143; adjusted 1 - (35/143) (11/10) */
	ck_assert_double_eq_tol(strength[2], sqrt(1 - 35.0 / 143 * 1.1), 1e-12);
	ck_assert_double_eq_tol(strength[3], 0, 1e-12);
	ck_assert_double_eq_tol(strength[2 * 5 + 3], 0, 1e-12);
	ck_assert_double_eq_tol(strength[2 * 5 + 4], 1, 1e-12); /* Bergsma's corrections cancel for a perfect 2 x 2 */
	for (size_t a = 0; a < 5; a++)
		for (size_t b = 0; b < 5; b++)
			ck_assert_double_eq(strength[a * 5 + b], strength[b * 5 + a]);
}
END_TEST

/* ---- detectors ---- */

static struct flt_table *simulated_table(size_t n)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 4, "table", 0);
	text_add(&text, "a,b,kind,when,copy,noise,y\n");
	for (size_t i = 0; i < n; i++) {
		double a = flt_random_normal(&random), b = flt_random_normal(&random);
		size_t kind = flt_random_below(&random, 3), day = flt_random_below(&random, 28);
		double odds = -2 + 1.5 * a + 1.5 * a * b + (double)kind;
		bool y = flt_random_uniform(&random) < flt_sigmoid(odds);
		text_add(&text, "%.6g,", a);
		if (i % 9)
			text_add(&text, "%.6g", b);
		text_add(&text, ",%c,2024-0%zu-%02zu %02zu:00,%.6g,%.6g,%d\n", (char)('x' + kind), 1 + i % 9, 1 + day,
		         i % 24, a + 0.01 * flt_random_normal(&random), flt_random_normal(&random), y);
	}
	return table_of(&text, (struct flt_table_options){.target = "y", .date = "when"});
}

static struct flt_experiment *trained_with(const struct flt_table *table, double test_fraction)
{
	struct flt_fit_options options;
	struct flt_split_options split = {.test_fraction = test_fraction, .validation_fraction = 0, .seed = 1};
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	flt_fit_options_init(&options);
	options.n_members = 2;
	options.train.n_hidden = 1;
	options.train.hidden[0] = 16;
	options.train.epochs = 30;
	options.train.batch = 64;
	options.train.lr = 0.01;
	options.train.n_threads = 1;
	enum flt_status status = run_experiment(table, NULL, &split, &options, NULL, &experiment, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return experiment;
}

static struct flt_experiment *trained(const struct flt_table *table)
{
	return trained_with(table, 0.4);
}

static struct flt_explanation explained(const struct flt_experiment *experiment,
                                        const struct flt_explain_options *options)
{
	struct flt_explanation explanation;
	struct flt_error err = {0};
	enum flt_status status = flt_explain_evaluation(
	        &experiment->evaluation, flt_experiment_evaluated_table(experiment), options, &explanation, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return explanation;
}

/* All rows that the experiment was evaluated on. */
static struct flt_explain_rows all_rows(const struct flt_experiment *experiment)
{
	const struct flt_evaluation *evaluation = &experiment->evaluation;
	const struct flt_explain_population population = {
	        .n = evaluation->n_rows, .score = evaluation->score, .label = evaluation->label};
	const struct flt_explain_sampling all = {.n_most = SIZE_MAX, .seed = 1, .n_threads = 2};
	struct flt_explain_rows rows;
	struct flt_error err = {0};
	enum flt_status status =
	        flt_explain_rows_of_table(&rows, experiment->detector, flt_experiment_evaluated_table(experiment),
	                                  evaluation->rows, &population, &all, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return rows;
}

static bool is_interval_same(const struct flt_interval *a, const struct flt_interval *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static const char *first_name(const struct flt_explanation *explanation, size_t unit)
{
	return explanation->units.units[unit].names[0];
}

START_TEST(what_matters_is_found_at_any_number_of_threads)
{
	struct flt_table *table = simulated_table(1500);
	struct flt_experiment *experiment = trained(table);
	struct flt_explain_options options = {.seed = 1, .n_threads = 1, .n_rows = _i == 0 ? SIZE_MAX : 300};
	struct flt_explanation one = explained(experiment, &options);
	options.n_threads = 3;
	struct flt_explanation three = explained(experiment, &options);
	ck_assert_uint_eq(one.units.n, 6); /* the parts of the dates are one */
	ck_assert_uint_eq(one.n_rows, _i == 0 ? experiment->evaluation.n_rows : 300);
	for (size_t i = 0; i < one.units.n; i++) {
		const struct flt_importance *a = &one.importance[i].figures, *b = &three.importance[i].figures;
		ck_assert_uint_eq(one.importance[i].unit, three.importance[i].unit);
		ck_assert(is_interval_same(&a->ap, &b->ap) && is_interval_same(&a->log_loss, &b->log_loss) &&
		          is_interval_same(&a->moves, &b->moves));
		if (strcmp(first_name(&one, one.importance[i].unit), "noise") == 0)
			ck_assert(a->ap.lo < 0.02 && a->ap.hi > -0.02);
	}
	ck_assert_uint_eq(one.n_effects, three.n_effects);
	for (size_t e = 0; e < one.n_effects; e++)
		for (size_t p = 0; p < one.effects[e].n_points; p++)
			ck_assert(is_interval_same(&one.effects[e].points[p].probability,
			                           &three.effects[e].points[p].probability));
	ck_assert_uint_eq(one.correlations.n, 1);
	const struct flt_correlated *group = &one.correlations.groups[0];
	ck_assert_uint_eq(group->n, 2);
	ck_assert_str_eq(first_name(&one, group->units[0]), "a");
	ck_assert_str_eq(first_name(&one, group->units[1]), "copy");
	ck_assert(group->strength > 0.95);
	ck_assert_uint_eq(one.n_interactions, 10);
	for (size_t i = 0; i + 1 < one.n_interactions; i++)
		ck_assert(one.interactions[i].figure.value >= one.interactions[i + 1].figure.value);
	flt_explanation_release(&one);
	flt_explanation_release(&three);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* What shuffling costs is lost by all networks, so that it is to be compared with what all of them reach. */
START_TEST(left_out_rows_are_those_of_all_networks)
{
	struct flt_table *table = simulated_table(600);
	struct flt_experiment *experiment = trained_with(table, 0);
	const struct flt_evaluation *evaluation = &experiment->evaluation;
	const struct flt_explain_options options = {.seed = 1, .n_threads = 1, .n_rows = SIZE_MAX};
	struct flt_explanation explanation = explained(experiment, &options);
	double *score = malloc(evaluation->n_rows * sizeof *score), ap;
	const struct flt_scored rows = {.n = evaluation->n_rows, .score = score, .label = evaluation->label};
	ck_assert_int_eq(evaluation->evaluated_on, FLT_EVALUATED_LEFT_OUT);
	ck_assert_int_eq(flt_detector_score(experiment->detector, table, evaluation->rows, rows.n, 1, score, NULL),
	                 FLT_OK);
	ck_assert_int_eq(flt_average_precision(&rows, &ap, NULL), FLT_OK);
	ck_assert_double_eq_tol(explanation.ap, ap, 1e-12);
	ck_assert(ap > evaluation->figures.ap.value + 0.001);
	free(score);
	flt_explanation_release(&explanation);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Rows of so little weight that the sum of all does not change by them make no points of their own. */
START_TEST(effects_of_rows_that_weigh_next_to_nothing)
{
	struct flt_table *table = simulated_table(1500);
	struct flt_experiment *experiment = trained(table);
	struct flt_explain_rows rows = all_rows(experiment);
	struct flt_explained_effect effect;
	struct flt_error err = {0};
	ck_assert_str_eq(flt_prep_column(experiment->detector->prep, 0).name, "a");
	const double *a = flt_numbers_doubles(&flt_cell_columns_all(rows.columns)[0].numbers);
	for (size_t i = 0; i < rows.n; i++)
		rows.weight[i] = a[i] > 0 ? 1e-12 : 1e12;
	ck_assert_int_eq(flt_explain_effect(experiment->detector, &rows, 0, 1, &effect, &err), FLT_OK);
	ck_assert_uint_gt(effect.n_points, 10);
	ck_assert_uint_le(effect.n_points, 20);
	for (size_t p = 0; p < effect.n_points; p++) {
		ck_assert(effect.points[p].probability.lo >= 0 && effect.points[p].probability.hi <= 1);
		ck_assert(p == 0 || effect.points[p].at > effect.points[p - 1].at);
	}
	flt_explained_effect_release(&effect);
	flt_explain_rows_release(&rows);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* a and its copy together are worth more than each, and act together with b. */
START_TEST(groups_are_shuffled_together)
{
	static const char *const groups[] = {"a,copy"};
	struct flt_table *table = simulated_table(1500);
	struct flt_experiment *experiment = trained(table);
	struct flt_explain_options options = {.seed = 1, .n_threads = 1, .n_rows = SIZE_MAX};
	struct flt_explanation apart = explained(experiment, &options);
	options.groups = groups;
	options.n_groups = 1;
	struct flt_explanation together = explained(experiment, &options);
	ck_assert_uint_eq(together.units.n + 1, apart.units.n);
	const struct flt_explain_unit *first = &together.units.units[together.importance[0].unit];
	ck_assert_uint_eq(first->n_names, 2);
	ck_assert(together.importance[0].figures.ap.value > apart.importance[0].figures.ap.value);
	const struct flt_explained_interaction *strongest = &together.interactions[0];
	ck_assert_str_eq(first_name(&together, strongest->units[0]), "a");
	ck_assert_str_eq(first_name(&together, strongest->units[1]), "b");
	flt_explanation_release(&apart);
	flt_explanation_release(&together);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

static const struct {
	const char *group[2], *says;
} refused[] = {
        {{"a,nose"}, "--group-columns: the model uses no column \"nose\"; did you mean \"noise\"?"},
        {{"a"}, "--group-columns a: a group has two columns or more, separated by commas; name another"},
        {{"a,b", "kind,a"}, "--group-columns: column \"a\" is named twice; name it once"},
        {{"a,y"},
         "--group-columns: the model uses no column \"y\"; there are \"a\", \"b\", \"kind\", \"copy\", \"noise\", "
         "\"when\""},
};

START_TEST(groups_that_make_no_sense_are_refused)
{
	struct flt_table *table = simulated_table(300);
	struct flt_experiment *experiment = trained(table);
	struct flt_error err = {0};
	struct flt_explain_options options = {.groups = refused[_i].group, .n_groups = refused[_i].group[1] ? 2 : 1};
	ck_assert_int_eq(flt_explain_check(experiment->detector, &options, &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, refused[_i].says);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Rows without a change have the scores of the table, and a change moves only what it is a change of. */
START_TEST(altered_rows_are_scored_like_others)
{
	struct flt_table *table = simulated_table(700);
	struct flt_experiment *experiment = trained(table);
	const struct flt_evaluation *evaluation = &experiment->evaluation;
	struct flt_explain_rows rows = all_rows(experiment);
	struct flt_exchange exchange;
	struct flt_error err;
	ck_assert_uint_eq(rows.n, evaluation->n_rows);
	ck_assert_int_eq(memcmp(rows.score, evaluation->score, rows.n * sizeof *rows.score), 0);
	ck_assert_int_eq(flt_exchange_init(&exchange, experiment->detector, &rows, 1, &err), FLT_OK);
	double *score = flt_alloc(rows.n, sizeof *score, &err);
	const struct flt_altered altered = {exchange.columns, flt_cell_columns_rows(rows.columns), rows.n, score};
	double *numbers = flt_exchange_numbers(&exchange, 0);
	for (size_t i = 0; i < rows.n; i++)
		numbers[i] = flt_number_at(&flt_cell_columns_all(rows.columns)[0].numbers, i) + (i == 3);
	ck_assert_int_eq(flt_detector_score_altered(experiment->detector, &altered, 1, 2, &err), FLT_OK);
	for (size_t i = 0; i < rows.n; i++)
		ck_assert_int_eq(score[i] == rows.score[i], i != 3);
	flt_free(score);
	flt_exchange_release(&exchange);
	flt_explain_rows_release(&rows);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("explain");
	TCase *figures = tcase_create("figures"), *detectors = tcase_create("detectors");
	tcase_add_loop_test(figures, partners_come_as_often_as_they_weigh, 0, 2);
	tcase_add_loop_test(figures, the_variance_is_that_of_both_roles, 0, 2);
	tcase_add_test(figures, importance_is_what_shuffled_figures_lose);
	tcase_add_test(figures, what_changes_nothing_costs_nothing);
	tcase_add_loop_test(figures, samples_stand_for_all_rows, 0, 2);
	tcase_add_test(figures, effects_add_up);
	tcase_add_test(figures, a_root_that_one_row_decides_is_badly_known);
	tcase_add_test(figures, copies_in_clusters_tell_nothing_of_effects);
	tcase_add_loop_test(figures, bands_are_those_of_all_that_a_row_moves, 0, 2);
	tcase_add_test(figures, associations_are_those_of_the_definitions);
	suite_add_tcase(suite, figures);
	tcase_set_timeout(detectors, 60);
	tcase_add_loop_test(detectors, what_matters_is_found_at_any_number_of_threads, 0, 2);
	tcase_add_test(detectors, left_out_rows_are_those_of_all_networks);
	tcase_add_test(detectors, effects_of_rows_that_weigh_next_to_nothing);
	tcase_add_test(detectors, groups_are_shuffled_together);
	tcase_add_loop_test(detectors, groups_that_make_no_sense_are_refused, 0, sizeof refused / sizeof *refused);
	tcase_add_test(detectors, altered_rows_are_scored_like_others);
	suite_add_tcase(suite, detectors);
	return suite;
}
