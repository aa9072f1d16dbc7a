/* Probability maps against scikit-learn, scipy and plain python. */
#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/calibrate.h"
#include "eval/metrics.h"
#include "close.h"
#include "scored_rows.h"
#include "suite.h"

/* Scores whose true log-odds are slope * score + intercept. */
static void draw_rows(struct rows *rows, size_t n, double slope, double intercept, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "rows", 0);
	rows->n = n;
	for (size_t i = 0; i < n; i++) {
		rows->score[i] = 2 * flt_random_normal(&random) - 2;
		rows->label[i] = flt_random_uniform(&random) < flt_sigmoid(slope * rows->score[i] + intercept);
	}
}

static void fit(struct flt_map *map, enum flt_calibration how, const struct rows *rows)
{
	struct flt_scored scored = rows_scored(rows);
	ck_assert_int_eq(flt_map_fit(map, how, &scored, NULL), FLT_OK);
}

START_TEST(platt_agrees_with_reference)
{
	struct reference_csv inputs, wanted;
	reference_csv_open(&inputs, "tests/reference/eval_inputs.csv");
	reference_csv_open(&wanted, "tests/reference/eval_maps.csv");
	static struct rows rows;
	size_t n = 0;
	for (; reference_csv_next(&inputs) && reference_csv_next(&wanted); n++) {
		rows_read(&inputs, &rows);
		struct flt_map map;
		flt_map_init(&map);
		fit(&map, FLT_CALIBRATE_PLATT, &rows);
		assert_close(map.slope, reference_csv_number(&wanted, 1), 1e-11);
		assert_close(map.intercept, reference_csv_number(&wanted, 2), 1e-11);
		assert_close(flt_map_log_odds(&map, 0.7), map.slope * 0.7 + map.intercept, 1e-15);
		flt_map_release(&map);
	}
	ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(isotonic_agrees_with_scikit_learn)
{
	struct reference_csv inputs, wanted;
	reference_csv_open(&inputs, "tests/reference/eval_inputs.csv");
	reference_csv_open(&wanted, "tests/reference/eval_isotonic.csv");
	static struct rows rows;
	size_t n = 0;
	for (; reference_csv_next(&inputs) && reference_csv_next(&wanted); n++) {
		rows_read(&inputs, &rows);
		struct flt_map map;
		flt_map_init(&map);
		fit(&map, FLT_CALIBRATE_ISOTONIC, &rows);
		ck_assert(map.is_thin);
		double at[100], probability[100];
		size_t n_probes = reference_csv_list(&wanted, 1, at, 100);
		ck_assert_uint_eq(reference_csv_list(&wanted, 2, probability, 100), n_probes);
		for (size_t i = 0; i < n_probes; i++)
			assert_close(flt_sigmoid(flt_map_log_odds(&map, at[i])), probability[i], 1e-12);
		for (size_t k = 1; k < map.n_breakpoints; k++)
			ck_assert(map.breakpoint_log_odds[k] > map.breakpoint_log_odds[k - 1] &&
			          map.breakpoint_probability[k] >= map.breakpoint_probability[k - 1]);
		flt_map_release(&map);
	}
	ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(isotonic_map_never_falls)
{
	static struct rows rows;
	draw_rows(&rows, 3000, 1, 0, 4);
	struct flt_map map;
	flt_map_init(&map);
	map.gamma = 2;
	fit(&map, FLT_CALIBRATE_ISOTONIC, &rows);
	ck_assert(!map.is_thin && map.gamma == 2);
	double before = -INFINITY;
	for (double score = -20; score < 20; score += 0.003) {
		double log_odds = flt_map_log_odds(&map, score);
		ck_assert(log_odds >= before);
		before = log_odds;
	}
	/* The lowest rows hold no positive: probability 0, and no loss for being right. */
	ck_assert_double_eq(flt_map_log_odds(&map, -20), -INFINITY);
	fit(&map, FLT_CALIBRATE_MAP, &rows);
	ck_assert(map.n_breakpoints == 0 && map.gamma == 2 && !map.is_thin);
	flt_map_release(&map);
}
END_TEST

/* Weighted maps, and those of a table with each row written as often as it weighs, whose copies hang together. */
START_TEST(weighted_maps_agree_with_scipy)
{
	static const enum flt_calibration hows[] = {FLT_CALIBRATE_PLATT, FLT_CALIBRATE_AUTO, FLT_CALIBRATE_ISOTONIC};
	static struct reference_csv csv;
	static struct rows rows, copies;
	static double labels[MAX_STORED_ROWS], weight[MAX_STORED_ROWS];
	static size_t cluster[MAX_SCORED_ROWS];
	size_t n_cases = 0;
	reference_csv_open(&csv, "tests/reference/weighted_maps.csv");
	for (; reference_csv_next(&csv); n_cases++) {
		rows.n = reference_csv_list(&csv, 0, labels, MAX_STORED_ROWS);
		reference_csv_list(&csv, 1, rows.score, MAX_STORED_ROWS);
		reference_csv_list(&csv, 2, weight, MAX_STORED_ROWS);
		copies.n = 0;
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = labels[i] > 0;
			for (int copy = 0; copy < (int)weight[i]; copy++, copies.n++) {
				copies.score[copies.n] = rows.score[i];
				copies.label[copies.n] = rows.label[i];
				cluster[copies.n] = i;
			}
		}
		double at[100], probability[100];
		size_t n_probes = reference_csv_list(&csv, 7, at, 100);
		ck_assert_uint_eq(reference_csv_list(&csv, 8, probability, 100), n_probes);
		for (int h = 0; h < 3; h++) {
			struct flt_map map, of_copies;
			struct flt_scored scored = rows_scored(&rows);
			scored.weight = weight;
			flt_map_init(&map);
			flt_map_init(&of_copies);
			ck_assert_int_eq(flt_map_fit(&map, hows[h], &scored, NULL), FLT_OK);
			scored = rows_scored(&copies);
			scored.cluster = cluster;
			scored.n_clusters = rows.n;
			ck_assert_int_eq(flt_map_fit(&of_copies, hows[h], &scored, NULL), FLT_OK);
			for (size_t i = 0; i < n_probes; i++) {
				double p = flt_sigmoid(flt_map_log_odds(&map, at[i]));
				assert_close(flt_sigmoid(flt_map_log_odds(&of_copies, at[i])), p, 1e-9);
				if (hows[h] == FLT_CALIBRATE_ISOTONIC)
					assert_close(p, probability[i], 1e-12);
			}
			if (hows[h] != FLT_CALIBRATE_ISOTONIC) {
				assert_close(map.slope, reference_csv_number(&csv, h ? 5 : 3), 1e-6);
				assert_close(map.intercept, reference_csv_number(&csv, h ? 6 : 4), 1e-6);
			}
			flt_map_release(&map);
			flt_map_release(&of_copies);
		}
	}
	ck_assert_uint_eq(n_cases, 4);
}
END_TEST

/* The mean log-loss that a line has beyond the truth's, slope * score + intercept, on rows with these scores. */
static double excess_loss(const struct flt_map *map, const struct rows *rows, double slope, double intercept)
{
	double sum = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double truth = slope * rows->score[i] + intercept, p = flt_sigmoid(truth);
		double said = flt_map_log_odds(map, rows->score[i]);
		sum += p * (flt_softplus(-said) - flt_softplus(-truth)) +
		       flt_sigmoid(-truth) * (flt_softplus(said) - flt_softplus(truth));
	}
	return sum / (double)rows->n;
}

/* Worlds whose truth is known. Where the loss is right already AUTO costs little, and less than Platt's line; where it
 * is wrong AUTO gains nearly as much. */
START_TEST(auto_gains_where_needed_and_costs_little_elsewhere)
{
	static const double slopes[] = {1, 0.7, 1.5, 1, 1, 0.85, 1.2}, intercepts[] = {0, 0, 0, 0.5, -0.3, 0.1, 0.2};
	static const size_t sizes[] = {100, 300, 2000};
	enum { N_WORLDS = 7, N_ROUNDS = 40, NONE = 0, AUTO, PLATT };
	static const enum flt_calibration hows[] = {FLT_CALIBRATE_MAP, FLT_CALIBRATE_AUTO, FLT_CALIBRATE_PLATT};
	static struct rows rows, truth;
	double all[3] = {0};
	draw_rows(&truth, 4000, 1, 0, 99);
	for (int s = 0; s < 3; s++) {
		for (int w = 0; w < N_WORLDS; w++) {
			double loss[3] = {0};
			for (uint64_t seed = 1; seed <= N_ROUNDS; seed++) {
				draw_rows(&rows, sizes[s], slopes[w], intercepts[w], 1000 * (uint64_t)w + seed);
				for (int h = 0; h < 3; h++) {
					struct flt_map map;
					flt_map_init(&map);
					fit(&map, hows[h], &rows);
					loss[h] += excess_loss(&map, &truth, slopes[w], intercepts[w]) / N_ROUNDS;
				}
			}
			/* A row has about 0.35 of loss; at worst, on 100 rows, AUTO costs a hundredth of it beyond no
			 * map. */
			ck_assert_msg(loss[AUTO] < loss[NONE] + 0.0045, "%zu rows, world %d: %g, not %g", sizes[s], w,
			              loss[AUTO], loss[NONE]);
			ck_assert_msg(loss[AUTO] < loss[PLATT] + 0.0045, "%zu rows, world %d: %g, not %g", sizes[s], w,
			              loss[AUTO], loss[PLATT]);
			for (int h = 0; h < 3; h++)
				all[h] += loss[h];
		}
	}
	ck_assert_double_lt(all[AUTO], 0.8 * all[PLATT]);
	ck_assert_double_lt(all[AUTO], 0.5 * all[NONE]);
}
END_TEST

/* Ten copies of each row, which hang together, tell no more than one; as rows of their own they would. */
START_TEST(copies_make_a_map_no_surer)
{
	static struct rows rows, copies;
	static size_t cluster[MAX_SCORED_ROWS];
	draw_rows(&rows, 200, 0.5, 0.7, 3);
	copies.n = 10 * rows.n;
	for (size_t i = 0; i < copies.n; i++) {
		cluster[i] = i / 10;
		copies.score[i] = rows.score[i / 10];
		copies.label[i] = rows.label[i / 10];
	}
	static const enum flt_calibration hows[] = {FLT_CALIBRATE_AUTO, FLT_CALIBRATE_PLATT};
	for (int h = 0; h < 2; h++) {
		struct flt_map map, together, apart;
		struct flt_scored scored = rows_scored(&copies);
		flt_map_init(&map);
		flt_map_init(&together);
		flt_map_init(&apart);
		fit(&map, hows[h], &rows);
		fit(&apart, hows[h], &copies);
		scored.cluster = cluster;
		scored.n_clusters = rows.n;
		ck_assert_int_eq(flt_map_fit(&together, hows[h], &scored, NULL), FLT_OK);
		assert_close(together.slope, map.slope, 1e-9);
		assert_close(together.intercept, map.intercept, 1e-9);
		ck_assert_double_gt(fabs(apart.slope - map.slope), 0.01);
	}
}
END_TEST

/* With many rows the priors weigh nothing. */
START_TEST(auto_finds_the_line_of_many_rows)
{
	static struct rows rows;
	draw_rows(&rows, MAX_SCORED_ROWS, 0.6, 1.2, 5);
	struct flt_map map;
	flt_map_init(&map);
	fit(&map, FLT_CALIBRATE_AUTO, &rows);
	ck_assert_double_eq_tol(map.slope, 0.6, 0.03);
	ck_assert_double_eq_tol(map.intercept, 1.2, 0.06);
}
END_TEST

/* Scores so sure that none tells where the line is, and of which one in ten is wrong. */
START_TEST(auto_draws_in_scores_that_are_far_too_sure)
{
	static struct rows rows;
	rows.n = 200;
	for (size_t i = 0; i < rows.n; i++) {
		rows.score[i] = i % 2 ? 900 : -900;
		rows.label[i] = i % 20 < 2 ? i % 2 == 0 : i % 2 == 1;
	}
	struct flt_map map;
	flt_map_init(&map);
	fit(&map, FLT_CALIBRATE_AUTO, &rows);
	ck_assert(map.slope > 0 && map.slope < 0.01);
	ck_assert_double_eq_tol(flt_map_log_odds(&map, 900), log(9), 0.5);
}
END_TEST

START_TEST(platt_is_skipped_where_scores_do_not_rank)
{
	static struct rows rows;
	struct flt_map map;
	flt_map_init(&map);
	static const enum flt_calibration hows[] = {FLT_CALIBRATE_PLATT, FLT_CALIBRATE_AUTO};
	for (int h = 0; h < 2; h++) {
		map.gamma = 1;
		draw_rows(&rows, 500, -1, -2, 3);
		fit(&map, hows[h], &rows);
		ck_assert(map.slope == 1 && map.intercept == 0 && map.gamma == 1);
		for (size_t i = 0; i < rows.n; i++)
			rows.score[i] = 0.25;
		fit(&map, hows[h], &rows);
		ck_assert(map.slope == 1 && map.intercept == 0);
		/* One positive row is enough for a line. */
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = i == 0;
			rows.score[i] = i == 0 ? 2 : (double)(i % 7) / 7;
		}
		fit(&map, hows[h], &rows);
		ck_assert(map.slope != 1 && map.slope > 0);
		ck_assert(isfinite(map.slope) && isfinite(map.intercept));
	}
}
END_TEST

START_TEST(separated_classes_get_a_finite_slope)
{
	static struct rows rows;
	rows.n = 200;
	for (size_t i = 0; i < rows.n; i++) {
		rows.label[i] = i < 20;
		rows.score[i] = rows.label[i] ? 30 + (double)i : -30 - (double)i;
	}
	struct flt_map map;
	flt_map_init(&map);
	fit(&map, FLT_CALIBRATE_PLATT, &rows);
	ck_assert(map.slope > 0 && map.slope < 1);
	/* Platt's targets: 21 / 22 and 1 / 182 in the middle of each class, about. */
	ck_assert_double_eq_tol(flt_sigmoid(flt_map_log_odds(&map, 40)), 21.0 / 22, 0.03);
	ck_assert_double_eq_tol(flt_sigmoid(flt_map_log_odds(&map, -120)), 1.0 / 182, 0.005);
}
END_TEST

/* Ranking by the mapped log-odds is ranking by the score, to the last tie. */
START_TEST(psi_and_platt_leave_the_ranking_alone)
{
	static struct rows rows;
	draw_rows(&rows, MAX_SCORED_ROWS, 0.4, -2, 8);
	static double log_odds[MAX_SCORED_ROWS];
	for (size_t i = 0; i < rows.n; i++)
		rows.score[i] = (double)(float)rows.score[i];
	struct flt_ranking by_score, by_log_odds;
	ck_assert_int_eq(flt_ranking_init(&by_score, rows.n, NULL), FLT_OK);
	ck_assert_int_eq(flt_ranking_init(&by_log_odds, rows.n, NULL), FLT_OK);
	flt_ranking_sort(&by_score, rows.score, rows.n);
	static const double gammas[] = {0, 0.5, 1, 2, 5};
	for (size_t g = 0; g < 5; g++) {
		struct flt_map map;
		flt_map_init(&map);
		map.gamma = gammas[g];
		map.log_weight_ratio = 0.5;
		fit(&map, FLT_CALIBRATE_PLATT, &rows);
		ck_assert(map.slope != 1);
		map.prior_shift = -3;
		for (size_t i = 0; i < rows.n; i++)
			log_odds[i] = flt_map_log_odds(&map, rows.score[i]);
		flt_ranking_sort(&by_log_odds, log_odds, rows.n);
		for (size_t i = 0; i < rows.n; i++) {
			ck_assert_uint_eq(by_score.row[i], by_log_odds.row[i]);
			if (i > 0)
				ck_assert_int_eq(by_score.key[i] == by_score.key[i - 1],
				                 by_log_odds.key[i] == by_log_odds.key[i - 1]);
		}
	}
	flt_ranking_release(&by_score);
	flt_ranking_release(&by_log_odds);
}
END_TEST

START_TEST(none_keeps_scores_and_map_applies_psi)
{
	static struct rows rows;
	draw_rows(&rows, 300, 0.2, 1, 1);
	struct flt_map map;
	flt_map_init(&map);
	ck_assert_double_eq(flt_map_log_odds(&map, -1.25), -1.25);
	map.gamma = 2;
	map.log_weight_ratio = 1;
	fit(&map, FLT_CALIBRATE_MAP, &rows);
	ck_assert_double_eq(flt_map_log_odds(&map, -1.25), flt_focal_log_odds(-1.25, 2, 1));
	map.prior_shift = 0.5;
	ck_assert_double_eq(flt_map_log_odds(&map, -1.25), flt_focal_log_odds(-1.25, 2, 1) + 0.5);
	fit(&map, FLT_CALIBRATE_NONE, &rows);
	ck_assert_double_eq(flt_map_log_odds(&map, -1.25), -1.25);
	struct flt_error err;
	ck_assert_int_eq(flt_map_fit(&map, FLT_CALIBRATE_PLATT, &(struct flt_scored){0}, &err), FLT_ERR_DATA);
}
END_TEST

START_TEST(isotonic_is_thin_below_1000_rows_or_100_positives)
{
	static const size_t cases[][3] = {{1000, 100, 0}, {999, 100, 1}, {1000, 99, 1}, {1001, 101, 0}};
	static struct rows rows;
	for (size_t c = 0; c < 4; c++) {
		rows.n = cases[c][0];
		for (size_t i = 0; i < rows.n; i++) {
			rows.score[i] = (double)(i % 7);
			rows.label[i] = i < cases[c][1];
		}
		struct flt_map map;
		flt_map_init(&map);
		fit(&map, FLT_CALIBRATE_ISOTONIC, &rows);
		ck_assert_int_eq(map.is_thin, cases[c][2] == 1);
		flt_map_release(&map);
	}
}
END_TEST

/* By hand: 3 tied rows, then violators that pool, then a gap to interpolate in. */
START_TEST(isotonic_pools_and_interpolates)
{
	static struct rows rows = {.n = 8, .score = {0, 0, 0, 1, 2, 3, 5, 5}, .label = {0, 1, 0, 1, 0, 0, 1, 1}};
	static const double at[] = {-9, 0, 0.5, 1, 2, 3, 4, 4.5, 5, 99};
	/* 1/3 at 0; 1, 2 and 3 pool to 1/3 too, so all 6 are one pool; 1 at 5. */
	static const double wanted[] = {1, 1, 1, 1, 1, 1, 2, 2.5, 3, 3};
	struct flt_map map;
	flt_map_init(&map);
	fit(&map, FLT_CALIBRATE_ISOTONIC, &rows);
	ck_assert_uint_eq(map.n_breakpoints, 3);
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		assert_close(flt_sigmoid(flt_map_log_odds(&map, at[i])), wanted[i] / 3, 1e-14);
	flt_map_release(&map);
}
END_TEST

START_TEST(maps_are_fitted_on_top_of_psi)
{
	static struct rows rows, log_odds;
	static const enum flt_calibration hows[] = {FLT_CALIBRATE_PLATT, FLT_CALIBRATE_ISOTONIC, FLT_CALIBRATE_AUTO};
	draw_rows(&rows, 500, 0.5, 1, 6);
	log_odds = rows;
	for (size_t i = 0; i < rows.n; i++)
		log_odds.score[i] = flt_focal_log_odds(rows.score[i], 2, 0.7);
	for (int h = 0; h < 3; h++) {
		struct flt_map map, after;
		flt_map_init(&map);
		flt_map_init(&after);
		map.gamma = 2;
		map.log_weight_ratio = 0.7;
		fit(&map, hows[h], &rows);
		fit(&after, hows[h], &log_odds);
		ck_assert(map.gamma == 2 && map.log_weight_ratio == 0.7);
		ck_assert(map.slope == after.slope && map.intercept == after.intercept);
		for (size_t i = 0; i < rows.n; i++)
			ck_assert_double_eq(flt_map_log_odds(&map, rows.score[i]),
			                    flt_map_log_odds(&after, log_odds.score[i]));
		flt_map_release(&map);
		flt_map_release(&after);
	}
}
END_TEST

/* At the minimum, probabilities and Platt's targets have the same sum and the same first moment. */
static void check_platt_minimum(const struct rows *rows, const char *what)
{
	double n_positive = 0, n = (double)rows->n, sum = 0, moment = 0, spread = 0;
	for (size_t i = 0; i < rows->n; i++) {
		n_positive += rows->label[i];
		spread = fmax(spread, fabs(rows->score[i]));
	}
	struct flt_map map;
	flt_map_init(&map);
	fit(&map, FLT_CALIBRATE_PLATT, rows);
	ck_assert_msg(map.slope != 1, "%s", what);
	for (size_t i = 0; i < rows->n; i++) {
		double target = rows->label[i] ? (n_positive + 1) / (n_positive + 2) : 1 / (n - n_positive + 2);
		double miss = flt_sigmoid(flt_map_log_odds(&map, rows->score[i])) - target;
		sum += miss;
		moment += miss * rows->score[i];
	}
	ck_assert_msg(fabs(sum) < 1e-9 * n && fabs(moment) < 1e-9 * n * spread, "%s: %g and %g are left", what, sum,
	              moment);
}

/* Also where Newton's steps are too long: from rare classes, far outliers and separated classes. */
START_TEST(platt_finds_the_minimum)
{
	static struct rows rows;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		draw_rows(&rows, 2000, 0.7, -4, seed);
		check_platt_minimum(&rows, "few positives");
		rows.score[0] = 1000;
		rows.label[0] = 1;
		check_platt_minimum(&rows, "an outlier");
		for (size_t i = 0; i < rows.n; i++)
			rows.label[i] = rows.score[i] > (seed % 2 ? 2.5 : -2);
		check_platt_minimum(&rows, "separated classes");
		for (size_t i = 0; i < rows.n; i++)
			rows.score[i] = rows.label[i] ? 50 + rows.score[i] : rows.score[i] * 1e-3;
		check_platt_minimum(&rows, "classes far apart");
	}
	/* Scores of such different sizes that full steps would not reach the minimum; for these seeds. */
	static const uint64_t seeds[] = {61, 478, 920, 1073, 1116, 1164};
	for (size_t k = 0; k < sizeof seeds / sizeof *seeds; k++) {
		struct flt_random random;
		flt_random_init(&random, seeds[k], "rows", 0);
		rows.n = 200;
		for (size_t i = 0; i < rows.n; i++) {
			double size = flt_random_normal(&random);
			rows.score[i] = size * exp(3 * fabs(flt_random_normal(&random)));
			rows.label[i] = flt_random_uniform(&random) < flt_sigmoid(0.02 * rows.score[i] + 5);
		}
		check_platt_minimum(&rows, "scores of different sizes");
	}
}
END_TEST

/* Mirrored scores with labels exchanged are the same problem. */
START_TEST(platt_is_symmetric_in_the_classes)
{
	static struct rows rows, mirrored;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		draw_rows(&rows, 300, 0.7, 0.5, seed);
		mirrored = rows;
		for (size_t i = 0; i < rows.n; i++) {
			mirrored.score[i] = -rows.score[i];
			mirrored.label[i] = !rows.label[i];
		}
		struct flt_map map, mirror;
		flt_map_init(&map);
		flt_map_init(&mirror);
		fit(&map, FLT_CALIBRATE_PLATT, &rows);
		fit(&mirror, FLT_CALIBRATE_PLATT, &mirrored);
		assert_close(mirror.slope, map.slope, 1e-10);
		assert_close(mirror.intercept, -map.intercept, 1e-10);
	}
}
END_TEST

START_TEST(failed_allocations_are_reported)
{
	static struct rows rows;
	draw_rows(&rows, 100, 0.5, 0, 1);
	static const enum flt_calibration hows[] = {FLT_CALIBRATE_AUTO, FLT_CALIBRATE_PLATT, FLT_CALIBRATE_ISOTONIC};
	for (int h = 0; h < 3; h++) {
		unsigned long k = 1;
		for (;; k++) {
			struct flt_map map;
			struct flt_error err = {FLT_OK, ""};
			flt_map_init(&map);
			flt_alloc_fail_at(k);
			struct flt_scored scored = rows_scored(&rows);
			enum flt_status status = flt_map_fit(&map, hows[h], &scored, &err);
			flt_alloc_fail_at(0);
			flt_map_release(&map);
			if (status == FLT_OK)
				break;
			ck_assert_int_eq(status, FLT_ERR_MACHINE);
			ck_assert_int_eq(err.status, FLT_ERR_MACHINE);
		}
		ck_assert_uint_gt(k, 1);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("calibrate");
	TCase *tests = tcase_create("calibrate");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, platt_agrees_with_reference);
	tcase_add_test(tests, isotonic_agrees_with_scikit_learn);
	tcase_add_test(tests, isotonic_map_never_falls);
	tcase_add_test(tests, weighted_maps_agree_with_scipy);
	tcase_add_test(tests, auto_gains_where_needed_and_costs_little_elsewhere);
	tcase_add_test(tests, copies_make_a_map_no_surer);
	tcase_add_test(tests, auto_finds_the_line_of_many_rows);
	tcase_add_test(tests, auto_draws_in_scores_that_are_far_too_sure);
	tcase_add_test(tests, platt_is_skipped_where_scores_do_not_rank);
	tcase_add_test(tests, separated_classes_get_a_finite_slope);
	tcase_add_test(tests, psi_and_platt_leave_the_ranking_alone);
	tcase_add_test(tests, none_keeps_scores_and_map_applies_psi);
	tcase_add_test(tests, isotonic_is_thin_below_1000_rows_or_100_positives);
	tcase_add_test(tests, isotonic_pools_and_interpolates);
	tcase_add_test(tests, maps_are_fitted_on_top_of_psi);
	tcase_add_test(tests, platt_finds_the_minimum);
	tcase_add_test(tests, platt_is_symmetric_in_the_classes);
	tcase_add_test(tests, failed_allocations_are_reported);
	suite_add_tcase(suite, tests);
	return suite;
}
