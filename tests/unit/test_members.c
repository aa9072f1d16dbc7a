/* Bags: each member against flt_train on its own rows, and held-out scores against a plain mean of probabilities. */
#include "protocol/bag_folds.h"
#include "protocol/bag_scores.h"
#include "protocol/members.h"

#include <math.h>

#include "base/alloc.h"
#include "csv_file.h"
#include "small_table.h"
#include "suite.h"

static const struct flt_table_options reading = {.drop = "day,customer"};

/* A learning rate so large that the best epoch is seldom the last. */
static struct flt_fit_options bag_of(size_t n_members)
{
	struct flt_fit_options options;
	flt_fit_options_init(&options);
	options.n_members = n_members;
	options.train.n_hidden = 1;
	options.train.hidden[0] = 8;
	options.train.epochs = 5;
	options.train.batch = 64;
	options.train.lr = 0.1;
	options.train.loss = (struct flt_loss){.gamma = 2, .weight_positive = 3, .weight_negative = 0.5};
	options.train.seed = 7;
	options.train.n_threads = 2;
	return options;
}

/* A fit on all rows of a table, without validation rows, and the prepared rows. */
struct bag {
	struct flt_table *table;
	size_t n_rows, n_features;
	size_t *rows;
	struct flt_fit_options options;
	struct flt_detector *detector;
	struct flt_fit_result result;
	float *x;
};

static void bag_fit(struct bag *bag, struct flt_table *table, const struct flt_fit_options *options)
{
	struct flt_error err = {0};
	*bag = (struct bag){.table = table, .n_rows = flt_table_n_rows(table), .options = *options};
	bag->rows = flt_alloc(bag->n_rows, sizeof *bag->rows, NULL);
	for (size_t i = 0; i < bag->n_rows; i++)
		bag->rows[i] = i;
	enum flt_status status =
	        flt_fit(table, bag->rows, bag->n_rows, NULL, 0, options, NULL, &bag->detector, &bag->result, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	bag->n_features = flt_prep_n_features(bag->detector->prep);
	bag->x = flt_alloc(bag->n_rows * bag->n_features, sizeof *bag->x, NULL);
	ck_assert_int_eq(flt_prep_apply(bag->detector->prep, table, bag->rows, bag->n_rows, 1, bag->x, NULL), FLT_OK);
}

static void bag_release(struct bag *bag)
{
	flt_free(bag->x);
	flt_free(bag->rows);
	flt_detector_free(bag->detector);
	flt_fit_result_release(&bag->result);
	flt_table_free(bag->table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}

static struct flt_table *simulated_table(void)
{
	static struct csv_file file;
	csv_simulate(&file, 13);
	return csv_read(&file, &reading);
}

/* fold (n_rows) of the deal that a member takes part in, which the kinds share. Returns the fold that it leaves out. */
static uint32_t deal_for(const struct bag *bag, size_t member, size_t n_folds, uint32_t *fold)
{
	size_t turn = member / bag->result.roster.n_kinds, deal = turn / n_folds;
	struct flt_fold_options options = {.n_folds = n_folds, .seed = bag->options.train.seed + deal};
	ck_assert_int_eq(flt_split_folds(bag->table, bag->rows, bag->n_rows, &options, fold, NULL), FLT_OK);
	return (uint32_t)(turn % n_folds);
}

static uint64_t seed_of(uint64_t seed, size_t member)
{
	struct flt_random random;
	flt_random_init(&random, seed, "member", member);
	return member ? flt_random_next(&random) : seed;
}

/* What the member sees of rows (n) of the table. */
static float *prepare(const struct bag *bag, size_t member, const size_t *rows, size_t n)
{
	const struct flt_prep *prep = flt_detector_prep_of(bag->detector, member);
	float *x = flt_alloc(n * flt_prep_n_features(prep), sizeof *x, NULL);
	ck_assert_int_eq(flt_prep_apply(prep, bag->table, rows, n, 1, x, NULL), FLT_OK);
	return x;
}

static void expect_same_preparation(const struct flt_prep *a, const struct flt_prep *b)
{
	ck_assert_int_eq(flt_prep_scale(a), flt_prep_scale(b));
	for (size_t c = 0; c < flt_prep_n_columns(a); c++) {
		struct flt_prep_column x = flt_prep_column(a, c), y = flt_prep_column(b, c);
		ck_assert(x.median == y.median && x.center == y.center && x.factor == y.factor);
		ck_assert_uint_eq(x.n_quantiles, y.n_quantiles);
		for (size_t q = 0; q < x.n_quantiles; q++)
			ck_assert(x.quantiles[q] == y.quantiles[q]);
	}
}

/* Trains a member by hand. Returns whether its best epoch was the last. */
static bool check_member(const struct bag *bag, size_t member, size_t n_folds)
{
	static uint32_t fold[CSV_ROWS];
	static size_t learnt[CSV_ROWS], left_out[CSV_ROWS];
	static uint8_t label[2][CSV_ROWS];
	size_t n[2] = {0}, d = bag->n_features;
	const uint8_t *labels = flt_table_labels(bag->table);
	bool *numeric = flt_alloc(d, sizeof *numeric, NULL);
	uint32_t own = deal_for(bag, member, n_folds, fold);
	for (size_t i = 0; i < bag->n_rows; i++) {
		bool is_out = fold[i] == own;
		label[is_out][n[is_out]] = labels[i];
		(is_out ? left_out : learnt)[n[is_out]++] = i;
	}
	for (size_t i = 0; i < d; i++)
		numeric[i] = flt_prep_feature_is_numeric(bag->detector->prep, i);
	const struct flt_kind *kind = &bag->result.roster.kinds[member % bag->result.roster.n_kinds];
	struct flt_prep *refit;
	ck_assert_int_eq(flt_prep_refit(bag->detector->prep, bag->table, learnt, n[0], &kind->prep, &refit, NULL),
	                 FLT_OK);
	expect_same_preparation(flt_detector_prep_of(bag->detector, member), refit);
	flt_prep_free(refit);
	float *x = prepare(bag, member, learnt, n[0]), *out = prepare(bag, member, left_out, n[1]);
	struct flt_data fit = {.x = x, .label = label[0], .n_rows = n[0], .n_in = d, .numeric = numeric};
	struct flt_data validation = {.x = out, .label = label[1], .n_rows = n[1], .n_in = d, .numeric = numeric};
	struct flt_train_options options = kind->train;
	struct flt_train_result result;
	struct flt_mlp *net;
	options.seed = seed_of(options.seed, member);
	options.n_threads = 1;
	ck_assert_int_eq(flt_train(&options, &fit, &validation, NULL, &net, &result, NULL), FLT_OK);
	size_t n_params = flt_mlp_n_params(net);
	ck_assert_uint_eq(n_params, flt_mlp_n_params(bag->detector->members[member].net));
	ck_assert_mem_eq(flt_mlp_params_const(net), flt_mlp_params_const(bag->detector->members[member].net),
	                 n_params * sizeof(float));
	const struct flt_train_result *made = &bag->result.train[member];
	ck_assert_uint_eq(made->best_epoch, result.best_epoch);
	ck_assert(made->best.validation_loss == result.best.validation_loss);
	ck_assert(made->best.validation_ap == result.best.validation_ap);
	flt_mlp_free(net);
	flt_free(x);
	flt_free(out);
	flt_free(numeric);
	return result.best_epoch == result.epochs;
}

/* Twelve members on two deals of six folds. */
START_TEST(member_learns_from_all_folds_but_its_own)
{
	struct bag bag;
	struct flt_fit_options options = bag_of(12);
	size_t n_last = 0;
	bag_fit(&bag, simulated_table(), &options);
	ck_assert_uint_eq(bag.detector->n_members, 12);
	ck_assert_uint_eq(flt_bag_n_folds(12), 6);
	for (size_t member = 0; member < 12; member++)
		n_last += check_member(&bag, member, 6);
	ck_assert_uint_lt(n_last, 12);
	bag_release(&bag);
}
END_TEST

START_TEST(members_take_turns_at_the_kinds)
{
	struct bag bag;
	struct flt_fit_options options = bag_of(9);
	options.recipe = FLT_RECIPE_POOL;
	options.fixed = FLT_FIX_HIDDEN | FLT_FIX_EPOCHS | FLT_FIX_BATCH | FLT_FIX_PATIENCE;
	options.train.patience = 4; /* so that the best epoch is kept */
	bag_fit(&bag, simulated_table(), &options);
	ck_assert_uint_eq(bag.result.roster.n_kinds, 2);
	ck_assert_uint_eq(bag.detector->n_members, 9);
	for (size_t member = 0; member < 9; member++) {
		struct flt_mlp_spec spec = flt_mlp_spec(bag.detector->members[member].net);
		ck_assert_int_eq(spec.embedding, member % 2 ? FLT_EMBEDDING_PBLD : FLT_EMBEDDING_NONE);
		check_member(&bag, member, 4);
	}
	bag_release(&bag);
}
END_TEST

enum { MOST_SETS = 6 };

/* Means of the probabilities, by the members' weights, as log-odds; psi undoes the loss. sets (n_rows, n_sets): of the
 * members that left out the row's fold, the next one, and so on. */
static void means(const struct bag *bag, size_t n_sets, double *sets, double *all)
{
	static uint32_t fold[CSV_ROWS];
	static double weights[MOST_SETS * CSV_ROWS];
	double weights_of_all = 0;
	float *logit = flt_alloc(bag->n_rows, sizeof *logit, NULL);
	memset(sets, 0, n_sets * bag->n_rows * sizeof *sets);
	memset(weights, 0, sizeof weights);
	memset(all, 0, bag->n_rows * sizeof *all);
	for (size_t member = 0; member < bag->detector->n_members; member++) {
		uint32_t own = deal_for(bag, member, n_sets, fold);
		double weight = bag->detector->members[member].weight;
		float *x = prepare(bag, member, bag->rows, bag->n_rows);
		ck_assert_int_eq(flt_mlp_predict(bag->detector->members[member].net, x, bag->n_rows, 1, logit, NULL),
		                 FLT_OK);
		flt_free(x);
		for (size_t i = 0; i < bag->n_rows; i++) {
			double p = flt_sigmoid(flt_focal_log_odds((double)logit[i], 2, log(3 / 0.5)));
			size_t at = n_sets * i + (own + n_sets - fold[i]) % n_sets;
			sets[at] += weight * p;
			weights[at] += weight;
			all[i] += weight * p;
		}
		weights_of_all += weight;
	}
	for (size_t at = 0; at < n_sets * bag->n_rows; at++)
		sets[at] = flt_logit(sets[at] / weights[at]);
	for (size_t i = 0; i < bag->n_rows; i++)
		all[i] = flt_logit(all[i] / weights_of_all);
	flt_free(logit);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The slow obvious correction: from the lowest rank up, by what lies between the sorted means of all and of sets. */
static void correct(const double *sets, size_t n_sets, const double *all, size_t n, double *corrected)
{
	static double held_out[CSV_ROWS], pool[MOST_SETS * CSV_ROWS], whole[CSV_ROWS];
	for (size_t i = 0; i < n; i++)
		held_out[i] = sets[n_sets * i];
	memcpy(pool, sets, n_sets * n * sizeof *pool);
	memcpy(whole, all, n * sizeof *whole);
	qsort(held_out, n, sizeof *held_out, ascending);
	qsort(pool, n_sets * n, sizeof *pool, ascending);
	qsort(whole, n, sizeof *whole, ascending);
	for (size_t i = 0; i < n; i++) {
		corrected[i] = -HUGE_VAL;
		for (size_t rank = 0; rank < n && held_out[rank] <= sets[n_sets * i]; rank++) {
			double mean = 0;
			for (size_t set = 0; set < n_sets; set++)
				mean += pool[n_sets * rank + set] / (double)n_sets;
			corrected[i] = fmax(corrected[i], held_out[rank] + whole[rank] - mean);
		}
	}
}

/* Twelve plain members on two deals of six folds; or two kinds of unequal weight on one deal of five. */
START_TEST(held_out_score_is_that_of_networks_that_have_not_seen_the_row)
{
	static double sets[MOST_SETS * CSV_ROWS], all[CSV_ROWS], expected[CSV_ROWS];
	struct bag bag;
	struct flt_fit_options options = bag_of(_i ? 10 : 12);
	size_t n_sets = _i ? 5 : 6;
	double moved = 0;
	if (_i) {
		options.recipe = FLT_RECIPE_POOL;
		options.fixed = FLT_FIX_HIDDEN | FLT_FIX_EPOCHS | FLT_FIX_BATCH;
	}
	bag_fit(&bag, simulated_table(), &options);
	ck_assert((fabs(bag.detector->members[0].weight - bag.detector->members[1].weight) > 0.01) == (_i > 0));
	means(&bag, n_sets, sets, all);
	correct(sets, n_sets, all, bag.n_rows, expected);
	const struct flt_held_out *by = &bag.result.chosen_by;
	ck_assert(bag.result.out_of_fold);
	ck_assert_int_eq(bag.result.chosen_on, FLT_FIT);
	ck_assert_uint_eq(by->n_rows, bag.n_rows);
	for (size_t i = 0; i < by->n_rows; i++) {
		ck_assert_uint_eq(by->rows[i], i);
		ck_assert_uint_eq(by->label[i], flt_table_labels(bag.table)[i]);
		ck_assert_double_eq_tol(by->score[i], expected[i], 1e-9);
		ck_assert_double_eq(by->log_odds[i], flt_detector_log_odds(bag.detector, by->score[i]));
		moved += fabs(by->score[i] - sets[n_sets * i]) / (double)by->n_rows;
	}
	ck_assert_double_gt(moved, 0.02);
	bag_release(&bag);
}
END_TEST

static struct flt_bag_scores scores_of(size_t n_rows, size_t n_sets, const float *weight)
{
	struct flt_bag_scores scores;
	ck_assert_int_eq(flt_bag_scores_init(&scores, n_rows, n_sets, weight, NULL), FLT_OK);
	return scores;
}

/* Row 2 was left out by no member, and the one that left out row 3 says NaN. What others say of it counts for nothing.
 */
START_TEST(rows_without_a_held_out_score_are_nan)
{
	struct flt_bag_scores scores = scores_of(4, 2, NULL);
	double held_out[4];
	for (size_t i = 0; i < 4; i++) {
		if (i != 2)
			flt_bag_scores_add(&scores, i, 0, 1, i == 3 ? (double)NAN : (double)i);
		flt_bag_scores_add(&scores, i, 1, 1, i < 2 ? (double)i : 100);
	}
	ck_assert_int_eq(flt_bag_scores_finish(&scores, held_out, NULL), FLT_OK);
	ck_assert_double_eq_tol(held_out[0], 0, 1e-12);
	ck_assert_double_eq_tol(held_out[1], 1, 1e-12);
	ck_assert(isnan(held_out[2]));
	ck_assert(isnan(held_out[3]));
	flt_bag_scores_release(&scores);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* Members that agree leave nothing to correct, and rows with equal scores keep equal ones. */
START_TEST(members_that_agree_are_believed)
{
	static const double said[6] = {2, -1, 0.5, -1, 3, -4};
	struct flt_bag_scores scores = scores_of(6, 2, NULL);
	double held_out[6];
	for (size_t i = 0; i < 24; i++)
		flt_bag_scores_add(&scores, i % 6, i / 6 % 2, 0.25 * (double)(i / 12 + 1), said[i % 6]);
	ck_assert_int_eq(flt_bag_scores_finish(&scores, held_out, NULL), FLT_OK);
	for (size_t i = 0; i < 6; i++)
		ck_assert_double_eq_tol(held_out[i], said[i], 1e-12);
	flt_bag_scores_release(&scores);
}
END_TEST

/* Rows that each of five networks sees with an error of its own: the mean of all errs with a fifth of the variance. So
 * the deviation of the held-out scores, sqrt(1 + 1), has to become sqrt(1 + 1 / 5). */
START_TEST(scores_spread_as_those_of_all_members_do)
{
	enum { N = 4000, N_NETWORKS = 5 };
	static double held_out[N];
	struct flt_bag_scores scores = scores_of(N, N_NETWORKS, NULL);
	struct flt_random random;
	double squares = 0;
	flt_random_init(&random, 1, "test", 0);
	for (size_t i = 0; i < N; i++) {
		double truth = flt_random_normal(&random) / 10; /* small, so that means of probabilities are those */
		for (size_t set = 0; set < N_NETWORKS; set++)   /* of log-odds */
			flt_bag_scores_add(&scores, i, set, 1, truth + flt_random_normal(&random) / 10);
	}
	ck_assert_int_eq(flt_bag_scores_finish(&scores, held_out, NULL), FLT_OK);
	for (size_t i = 0; i < N; i++)
		squares += held_out[i] * held_out[i] / N;
	ck_assert_double_eq_tol(sqrt(squares) * 10, sqrt(1.2), 0.03);
	flt_bag_scores_release(&scores);
}
END_TEST

/* 200,000 rows in pairs: the first of each is seen as it is, the second with an error. One of each pair is measured, by
 * chance, so half of the error's part has to go. */
START_TEST(a_sample_of_many_rows_is_measured)
{
	enum { N = 200000, N_NETWORKS = 5 };
	double *held_out = flt_alloc(N, sizeof *held_out, NULL), squares = 0;
	struct flt_bag_scores scores = scores_of(N, N_NETWORKS, NULL);
	struct flt_random random;
	flt_random_init(&random, 1, "test", 0);
	for (size_t i = 0; i < N; i++) {
		double truth = flt_random_normal(&random) / 10, deviation = i % 2 ? sqrt(2) / 10 : 0;
		for (size_t set = 0; set < N_NETWORKS; set++)
			flt_bag_scores_add(&scores, i, set, 1, truth + deviation * flt_random_normal(&random));
	}
	ck_assert_uint_eq(scores.n_measured, N / 2);
	ck_assert_int_eq(flt_bag_scores_finish(&scores, held_out, NULL), FLT_OK);
	for (size_t i = 0; i < N; i++)
		squares += held_out[i] * held_out[i] / N;
	ck_assert_double_eq_tol(sqrt(squares) * 10, sqrt(1.2), 0.01);
	flt_bag_scores_release(&scores);
	flt_free(held_out);
}
END_TEST

/* A row of weight 3 is three rows with equal scores. */
START_TEST(weighted_scores_are_those_of_copied_rows)
{
	enum { N = 40 };
	float weight[N];
	size_t copy_of[4 * N], n_copies = 0;
	double plain[4 * N], weighted[N], spread = 0;
	for (size_t i = 0; i < N; i++) {
		weight[i] = (float)(1 + i * 7 % 4);
		for (size_t c = 0; c < 1 + i * 7 % 4; c++)
			copy_of[n_copies++] = i;
	}
	struct flt_bag_scores few = scores_of(N, 3, weight), many = scores_of(n_copies, 3, NULL);
	for (size_t set = 0; set < 3; set++) {
		struct flt_random random;
		double said[N];
		flt_random_init(&random, set, "test", 0);
		for (size_t i = 0; i < N; i++)
			said[i] = (double)i / 10 + flt_random_normal(&random);
		for (size_t i = 0; i < N; i++)
			flt_bag_scores_add(&few, i, set, 1, said[i]);
		for (size_t i = 0; i < n_copies; i++)
			flt_bag_scores_add(&many, i, set, 1, said[copy_of[i]]);
	}
	ck_assert_int_eq(flt_bag_scores_finish(&few, weighted, NULL), FLT_OK);
	ck_assert_int_eq(flt_bag_scores_finish(&many, plain, NULL), FLT_OK);
	for (size_t i = 0; i < n_copies; i++) {
		ck_assert_double_eq_tol(plain[i], weighted[copy_of[i]], 1e-10);
		spread += fabs(plain[i]);
	}
	ck_assert_double_gt(spread, 10);
	flt_bag_scores_release(&few);
	flt_bag_scores_release(&many);
}
END_TEST

/* Each row is left out once in each deal. */
START_TEST(each_row_is_left_out_in_turn)
{
	struct flt_table *table = simulated_table();
	size_t rows[CSV_ROWS];
	for (size_t i = 0; i < CSV_ROWS; i++)
		rows[i] = i;
	for (size_t n_turns = 2; n_turns <= 13; n_turns++) {
		for (size_t n_folds = 2; n_folds <= 5; n_folds++) {
			struct flt_fold_options options = {.seed = 3, .n_folds = n_folds};
			struct flt_bag_folds folds;
			size_t n_of[CSV_ROWS] = {0};
			ck_assert_int_eq(flt_bag_folds_deal(table, rows, CSV_ROWS, n_turns, &options, &folds, NULL),
			                 FLT_OK);
			ck_assert_uint_eq(folds.n_folds, n_folds);
			for (size_t turn = 0; turn < n_turns; turn++) {
				struct flt_left_out left_out = flt_bag_left_out(&folds, turn);
				for (size_t i = 0; i < CSV_ROWS; i++)
					n_of[i] += left_out.of[i] == left_out.fold;
			}
			for (size_t i = 0; i < CSV_ROWS; i++) {
				ck_assert_uint_ge(n_of[i], n_turns / n_folds);
				ck_assert_uint_le(n_of[i], (n_turns + n_folds - 1) / n_folds);
			}
			flt_bag_folds_release(&folds);
		}
	}
	flt_table_free(table);
}
END_TEST

/* With validation rows, which member m + 1 of this run and member 0 of the next share with all others. */
START_TEST(members_are_not_those_of_the_next_seeds)
{
	struct flt_table *table = simulated_table();
	struct flt_fit_options options = bag_of(3);
	struct flt_detector *bag, *one;
	struct flt_fit_result result;
	size_t rows[CSV_ROWS], n_fit = 450, n_validation = 150;
	for (size_t i = 0; i < CSV_ROWS; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_fit(table, rows, n_fit, rows + n_fit, n_validation, &options, NULL, &bag, &result, NULL),
	                 FLT_OK);
	ck_assert_int_eq(result.chosen_on, FLT_VALIDATION);
	ck_assert(!result.out_of_fold);
	flt_fit_result_release(&result);
	options.n_members = 1;
	for (uint64_t next = 0; next < 4; next++) {
		options.train.seed = 7 + next;
		ck_assert_int_eq(
		        flt_fit(table, rows, n_fit, rows + n_fit, n_validation, &options, NULL, &one, &result, NULL),
		        FLT_OK);
		for (size_t member = 0; member < 3; member++) {
			bool is_same = memcmp(flt_mlp_params_const(bag->members[member].net),
			                      flt_mlp_params_const(one->members[0].net),
			                      flt_mlp_n_params(one->members[0].net) * sizeof(float)) == 0;
			ck_assert_msg(is_same == (next == 0 && member == 0), "member %zu, seed + %d", member,
			              (int)next);
		}
		flt_detector_free(one);
		flt_fit_result_release(&result);
	}
	flt_detector_free(bag);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

static struct flt_table *table_with_positives(size_t n_positive)
{
	struct text text = {0};
	text_add(&text, "a,b,class\n");
	for (int i = 0; i < 60; i++)
		text_add(&text, "%d,%d,%d\n", i, i * i % 17, i % 20 == 3 && n_positive > (size_t)i / 20);
	return table_of(&text, (struct flt_table_options){0});
}

/* Five members on two positives: three deals of two folds. */
START_TEST(folds_are_as_many_as_the_positives_allow)
{
	struct bag bag;
	struct flt_fit_options options = bag_of(5);
	bag_fit(&bag, table_with_positives(2), &options);
	ck_assert(bag.result.out_of_fold);
	ck_assert_uint_eq(bag.detector->n_members, 5);
	for (size_t member = 0; member < 5; member++)
		check_member(&bag, member, 2);
	bag_release(&bag);
}
END_TEST

/* One positive cannot be left out: all members learn from all rows, and none is validated. */
START_TEST(one_positive_makes_no_bag)
{
	struct bag bag;
	struct flt_fit_options options = bag_of(3);
	bag_fit(&bag, table_with_positives(1), &options);
	ck_assert(!bag.result.out_of_fold);
	ck_assert_int_eq(bag.result.chosen_on, FLT_FIT);
	ck_assert_uint_eq(bag.detector->n_members, 3);
	ck_assert_uint_eq(bag.result.chosen_by.n_rows, 60);
	for (size_t member = 0; member < 3; member++)
		ck_assert_uint_eq(bag.result.train[member].best_epoch, options.train.epochs);
	bag_release(&bag);
}
END_TEST

/* Identical rows that are more than a fold are always learnt from: no network scores them fairly, so they choose
 * nothing. */
START_TEST(rows_that_are_never_left_out_do_not_choose)
{
	struct text text = {0};
	struct bag bag;
	struct flt_fit_options options = bag_of(4);
	options.identical = FLT_IDENTICAL_TOGETHER;
	text_add(&text, "a,b,class\n");
	for (int i = 0; i < 200; i++)
		text_add(&text, "%d,%d,%d\n", i < 100 ? 5 : i, i < 100 ? 7 : i * i % 97, i % 8 == 7 && i >= 100);
	bag_fit(&bag, table_of(&text, (struct flt_table_options){0}), &options);
	const struct flt_held_out *by = &bag.result.chosen_by;
	ck_assert(bag.result.out_of_fold);
	ck_assert_uint_eq(by->n_rows, 100);
	for (size_t i = 0; i < by->n_rows; i++) {
		ck_assert_uint_eq(by->rows[i], 100 + i);
		ck_assert_uint_eq(by->label[i], flt_table_labels(bag.table)[100 + i]);
		ck_assert(isfinite(by->score[i]));
	}
	bag_release(&bag);
}
END_TEST

struct watcher {
	size_t n_epochs[12];
	size_t n_asked, stop_at; /* 0: never */
	bool stop_at_epoch;
};

static bool count_epoch(void *context, const struct flt_epoch *epoch)
{
	struct watcher *watcher = context;
	ck_assert_uint_eq(epoch->n_members, 4);
	ck_assert_uint_eq(epoch->epoch, ++watcher->n_epochs[epoch->member]);
	return watcher->stop_at_epoch;
}

static bool stop_at(void *context)
{
	struct watcher *watcher = context;
	return ++watcher->n_asked == watcher->stop_at;
}

static void watch(struct watcher *watcher, bool asks, bool is_stopped)
{
	struct flt_table *table = simulated_table();
	struct flt_fit_options options = bag_of(4);
	struct flt_hooks hooks = {.on_epoch = count_epoch, .should_stop = asks ? stop_at : NULL, .context = watcher};
	struct flt_detector *detector;
	struct flt_fit_result result;
	size_t rows[CSV_ROWS];
	for (size_t i = 0; i < CSV_ROWS; i++)
		rows[i] = i;
	options.train.n_threads = 1;
	ck_assert_int_eq(flt_fit(table, rows, CSV_ROWS, NULL, 0, &options, &hooks, &detector, &result, NULL), FLT_OK);
	ck_assert(result.stopped == is_stopped);
	ck_assert((detector == NULL) == is_stopped);
	flt_detector_free(detector);
	flt_fit_result_release(&result);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}

START_TEST(each_member_reports_its_epochs)
{
	struct watcher watcher = {0};
	watch(&watcher, false, false);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(watcher.n_epochs[i], 5);
}
END_TEST

START_TEST(a_hook_stops_all_members)
{
	struct watcher at_epoch = {.stop_at_epoch = true}, at_step = {.stop_at = 40};
	watch(&at_epoch, false, true);
	ck_assert_uint_eq(at_epoch.n_epochs[0], 1);
	watch(&at_step, true, true);
	ck_assert_uint_eq(at_step.n_asked, 40);
	for (size_t i = 1; i < 4; i++)
		ck_assert(at_epoch.n_epochs[i] == 0 && at_step.n_epochs[i] <= 1);
}
END_TEST

/* A pool of two kinds, whose networks weigh what their kind does. */
START_TEST(members_weigh_what_their_kind_does)
{
	struct bag bag;
	struct flt_fit_options options = bag_of(9);
	double of_kind[2] = {0}, sum = 0;
	options.fixed = FLT_FIX_EPOCHS;
	bag_fit(&bag, simulated_table(), &options);
	ck_assert_uint_eq(bag.detector->n_members, 9);
	for (size_t m = 0; m < 9; m++) {
		const struct flt_detector_member *member = &bag.detector->members[m];
		ck_assert_uint_eq(bag.result.kind_of[m], m % 2);
		ck_assert_str_eq(member->kind, m % 2 ? "embedded" : "plain");
		of_kind[m % 2] += member->weight;
		sum += member->weight;
		ck_assert_ptr_eq(member->prep, bag.detector->members[m / 2 * 2].prep); /* of the same rows */
	}
	ck_assert_uint_eq(bag.detector->n_refits, 5);
	for (size_t k = 0; k < 2; k++) {
		ck_assert_double_eq_tol(of_kind[k] / sum, bag.result.kinds[k].weight, 1e-12);
		ck_assert(bag.result.kinds[k].ap > 0.2 && bag.result.kinds[k].log_loss < 0.5);
	}
	bag_release(&bag);
}
END_TEST

/* Preset best goes on with the best kinds, one round after another, until the mean gains no more: of networks that have
 * learnt for one epoch more of them help, of those that learnt for sixteen they do not. */
START_TEST(rounds_go_on_while_they_help)
{
	struct bag bag;
	struct flt_fit_options options = bag_of(0);
	size_t n = 0;
	options.preset = FLT_PRESET_BEST;
	options.fixed = FLT_FIX_EPOCHS | FLT_FIX_BATCH | FLT_FIX_HIDDEN;
	options.train.hidden[0] = 16;
	options.train.epochs = _i ? 1 : 16;
	options.train.seed = _i ? 3 : 2;
	bag_fit(&bag, simulated_table(), &options);
	const struct flt_roster *roster = &bag.result.roster;
	size_t n_tried = roster->n_kinds * roster->n_tried, of_round = roster->n_kept * roster->n_round;
	for (size_t k = 0; k < roster->n_kinds; k++)
		n += bag.result.kinds[k].n_networks;
	ck_assert_uint_eq(n, roster->n_members);
	ck_assert_uint_eq((n - n_tried) % of_round, 0);
	if (_i)
		ck_assert_uint_gt(n, n_tried + of_round);
	else
		ck_assert_uint_eq(n, n_tried + of_round);
	bag_release(&bag);
}
END_TEST

/* A bag of one kind, and a pool of two. */
START_TEST(every_failed_allocation_is_an_error)
{
	struct flt_table *table = table_with_positives(3);
	struct flt_fit_options options = bag_of(_i ? 8 : 3);
	size_t rows[60], before = flt_alloc_live();
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 1;
	for (size_t i = 0; i < 60; i++)
		rows[i] = i;
	options.train.epochs = 1;
	options.train.n_threads = 1;
	if (_i)
		options.fixed = FLT_FIX_EPOCHS | FLT_FIX_HIDDEN;
	for (; status != FLT_OK; k++) {
		struct flt_detector *detector = (void *)rows; /* is set to NULL on failure */
		struct flt_fit_result result;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_fit(table, rows, 60, NULL, 0, &options, NULL, &detector, &result, &err);
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k)); /* no failure goes unnoticed */
		ck_assert_msg(status == FLT_OK || (status == FLT_ERR_MACHINE && !detector && *err.text), "%lu: %s", k,
		              err.text);
		flt_detector_free(detector);
		flt_fit_result_release(&result);
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
	ck_assert_uint_gt(k, 50);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("members");
	TCase *tests = tcase_create("members");
	tcase_add_test(tests, member_learns_from_all_folds_but_its_own);
	tcase_add_test(tests, members_take_turns_at_the_kinds);
	tcase_add_loop_test(tests, held_out_score_is_that_of_networks_that_have_not_seen_the_row, 0, 2);
	tcase_add_test(tests, rows_without_a_held_out_score_are_nan);
	tcase_add_test(tests, members_that_agree_are_believed);
	tcase_add_test(tests, scores_spread_as_those_of_all_members_do);
	tcase_add_test(tests, a_sample_of_many_rows_is_measured);
	tcase_add_test(tests, weighted_scores_are_those_of_copied_rows);
	tcase_add_test(tests, each_row_is_left_out_in_turn);
	tcase_add_test(tests, members_are_not_those_of_the_next_seeds);
	tcase_add_test(tests, folds_are_as_many_as_the_positives_allow);
	tcase_add_test(tests, one_positive_makes_no_bag);
	tcase_add_test(tests, rows_that_are_never_left_out_do_not_choose);
	tcase_add_test(tests, each_member_reports_its_epochs);
	tcase_add_test(tests, a_hook_stops_all_members);
	tcase_add_test(tests, members_weigh_what_their_kind_does);
	tcase_add_loop_test(tests, rounds_go_on_while_they_help, 0, 2);
	tcase_add_loop_test(tests, every_failed_allocation_is_an_error, 0, 2);
	suite_add_tcase(suite, tests);
	return suite;
}
