/* Kinds judged by scores of rows that they had not learnt from, on simulated scores whose truth is known. */
#include "protocol/judge.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"
#include "close.h"
#include "suite.h"

enum { MAX_ROWS = 4000, FOLDS = 5, MAX_MEMBERS = 20 };

/* Members of some kinds on one deal of five folds. */
static struct {
	size_t n_rows;
	double truth[MAX_ROWS];
	uint8_t label[MAX_ROWS];
	uint32_t fold[MAX_ROWS];
	struct flt_bag_folds folds;
	struct flt_roster roster;
	struct flt_member members[MAX_MEMBERS];
	size_t kind_of[MAX_MEMBERS], turn_of[MAX_MEMBERS];
	enum flt_status status[MAX_MEMBERS];
	bool is_stopped[FLT_MAX_KINDS];
	struct flt_judge judge;
	struct flt_random random;
} world;

static void world_new(size_t n_rows, size_t n_kinds, size_t n_turns, uint64_t seed)
{
	memset(&world, 0, sizeof world);
	flt_random_init(&world.random, seed, "judge", n_rows);
	world.n_rows = n_rows;
	for (size_t i = 0; i < n_rows; i++) {
		world.truth[i] = -3 + 2 * flt_random_normal(&world.random);
		world.label[i] = flt_random_uniform(&world.random) < flt_sigmoid(world.truth[i]);
		world.fold[i] = (uint32_t)(i % FOLDS);
	}
	world.folds = (struct flt_bag_folds){.n_folds = FOLDS, .n_rows = n_rows, .n_deals = 1, .of = world.fold};
	world.roster = (struct flt_roster){.n_kinds = n_kinds,
	                                   .n_members = n_kinds * n_turns,
	                                   .n_tried = n_turns,
	                                   .n_turns = n_turns,
	                                   .n_kept = n_kinds};
	for (size_t k = 0; k < n_kinds; k++)
		world.roster.kinds[k].train.loss = (struct flt_loss){.weight_positive = 1, .weight_negative = 1};
	for (size_t m = 0; m < world.roster.n_members; m++) {
		world.kind_of[m] = m % n_kinds;
		world.turn_of[m] = m / n_kinds;
	}
	world.judge = (struct flt_judge){.roster = &world.roster,
	                                 .members = world.members,
	                                 .kind_of = world.kind_of,
	                                 .turn_of = world.turn_of,
	                                 .status = world.status,
	                                 .is_stopped = world.is_stopped,
	                                 .folds = &world.folds,
	                                 .is_bag = true,
	                                 .label = world.label,
	                                 .n_rows = n_rows};
}

static float *scores(size_t member, double slope, double noise)
{
	float *logit = flt_alloc(world.n_rows, sizeof *logit, NULL);
	size_t n = 0;
	for (size_t i = 0; i < world.n_rows; i++)
		if (world.fold[i] == world.turn_of[member])
			logit[n++] = (float)(slope * world.truth[i] + noise * flt_random_normal(&world.random));
	return logit;
}

static const struct flt_table *const some_table = (const struct flt_table *)&world;

/* A member with a network that is never looked at, whose scores are off by so much. */
static void member_new(size_t m, double slope, double noise)
{
	struct flt_mlp_spec spec = {.n_in = 1};
	struct flt_member *member = &world.members[m];
	member->table = some_table;
	ck_assert_int_eq(flt_mlp_new(&spec, &member->net, NULL), FLT_OK);
	member->logit = scores(m, slope, noise);
}

static void members_new(const double *noise)
{
	for (size_t m = 0; m < world.roster.n_members; m++)
		member_new(m, 1, noise[world.kind_of[m]]);
}

static void world_release(void)
{
	for (size_t m = 0; m < world.roster.n_members; m++)
		flt_member_release(&world.members[m]);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}

START_TEST(better_kinds_weigh_more)
{
	static const double noise[] = {3, 0.3, 3};
	struct flt_kind_result results[FLT_MAX_KINDS];
	world_new(3000, 3, FOLDS, 1);
	members_new(noise);
	ck_assert_int_eq(flt_judge_weigh(&world.judge, results, NULL), FLT_OK);
	assert_close(results[0].weight + results[1].weight + results[2].weight, 1, 1e-12);
	ck_assert_double_gt(results[1].weight, 0.5);
	ck_assert_double_gt(results[0].weight, 0.1);
	ck_assert_double_gt(results[1].ap, results[0].ap);
	ck_assert_double_lt(results[1].log_loss, results[2].log_loss);
	double loss = 0;
	for (size_t i = 0; i < world.n_rows; i++) {
		double z = (double)world.members[1 + 3 * world.fold[i]].logit[i / FOLDS];
		loss += flt_softplus(world.label[i] ? -z : z) / (double)world.n_rows;
	}
	assert_close(results[1].log_loss, loss, 1e-12);
	world_release();
}
END_TEST

START_TEST(a_kind_that_failed_or_was_stopped_weighs_nothing)
{
	static const double noise[] = {0.2, 1, 1, 1};
	struct flt_kind_result results[FLT_MAX_KINDS];
	world_new(1000, 4, FOLDS, 2);
	members_new(noise);
	world.status[4] = FLT_ERR_DIVERGED; /* of kind 0 */
	world.is_stopped[2] = true;
	ck_assert_int_eq(flt_judge_weigh(&world.judge, results, NULL), FLT_OK);
	ck_assert(results[0].weight <= 0 && results[2].weight <= 0);
	ck_assert(results[1].weight > 0.2 && results[3].weight > 0.2);
	ck_assert_uint_eq(results[0].n_networks, FOLDS);
	world_release();
}
END_TEST

/* With one positive there are no folds, and nothing is known. */
START_TEST(where_nothing_is_known_all_weigh_the_same)
{
	static const double noise[] = {1, 1};
	struct flt_kind_result results[FLT_MAX_KINDS];
	world_new(100, 2, 3, 3);
	members_new(noise);
	world.judge.n_rows = 0;
	ck_assert_int_eq(flt_judge_weigh(&world.judge, results, NULL), FLT_OK);
	ck_assert(results[0].weight == 0.5 && results[1].weight == 0.5);
	ck_assert(isnan(results[0].ap) && isnan(results[1].log_loss));
	world_release();
}
END_TEST

/* After two folds of five. A kind that adds to the best one goes before one that repeats it. */
START_TEST(kinds_go_on_that_the_mean_gains_from)
{
	static const double noise[] = {2.5, 0.4, 1.2, 3};
	size_t kinds[FLT_MAX_KINDS], n;
	world_new(4000, 4, 2, 4);
	members_new(noise);
	ck_assert_int_eq(flt_judge_best(&world.judge, 2, kinds, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 2);
	ck_assert(kinds[0] == 1 && kinds[1] == 2);
	world.status[1] = FLT_ERR_DIVERGED;
	ck_assert_int_eq(flt_judge_best(&world.judge, 4, kinds, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(kinds[0], 2);
	world_release();
}
END_TEST

/* The best of ten epochs by the loss on the fold that the member leaves out, and the last. Epochs differ by noise that
 * they share for the most part; the last scores may be too extreme, or off by more, as those of a network that learnt
 * its rows by heart. */
static void choose_by_luck(size_t m, double last_slope, double last_noise)
{
	enum { N_EPOCHS = 10 };
	double least = HUGE_VAL, noise[MAX_ROWS] = {0};
	struct flt_member *member = &world.members[m];
	member->last_logit = scores(m, 1, 0);
	for (int epoch = 0; epoch < N_EPOCHS; epoch++) {
		double loss = 0, slope = epoch + 1 == N_EPOCHS ? last_slope : 1;
		size_t n = 0;
		for (size_t i = 0; i < world.n_rows; i++) {
			if (world.fold[i] != world.turn_of[m])
				continue;
			noise[i] =
			        (epoch ? 0.8 : 0) * noise[i] + (epoch ? 0.18 : 0.3) * flt_random_normal(&world.random);
			double more = epoch + 1 == N_EPOCHS ? last_noise : 0;
			double z = slope * (world.truth[i] + noise[i] + more * flt_random_normal(&world.random));
			member->last_logit[n++] = (float)z;
			loss += flt_softplus(world.label[i] ? -z : z);
		}
		if (loss < least) {
			least = loss;
			memcpy(member->logit, member->last_logit, n * sizeof *member->logit);
		}
	}
}

enum { N_KINDS = 3 };

/* How often in 40 trainings of three kinds the best epochs of the first are kept. */
static size_t count_best(size_t n_rows, double last_slope, double last_noise)
{
	size_t n_best = 0;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct flt_kind_result results[FLT_MAX_KINDS];
		world_new(n_rows, N_KINDS, FOLDS, seed);
		for (size_t m = 0; m < N_KINDS * FOLDS; m++) {
			member_new(m, 1, 0);
			choose_by_luck(m, last_slope, last_noise);
			world.members[m].last = flt_alloc(2, sizeof(float), NULL);
			memset(world.members[m].last, 0, 2 * sizeof(float));
		}
		ck_assert_int_eq(flt_judge_weigh(&world.judge, results, NULL), FLT_OK);
		n_best += !results[0].keeps_last;
		world_release();
	}
	return n_best;
}

/* With about 10, 30, 100 and 300 positives. Best epochs before networks went astray are nearly always kept, and those
 * that are best by luck less often, where the last ones are only too sure. */
START_TEST(best_epochs_are_kept_where_they_are_better)
{
	static const size_t n_rows[] = {100, 300, 1000, 3000};
	for (int i = 0; i < 4; i++) {
		size_t too_sure = count_best(n_rows[i], 5, 0), better = count_best(n_rows[i], 2, 3);
		ck_assert_msg(better > too_sure, "%zu rows: %zu, %zu", n_rows[i], too_sure, better);
		ck_assert(n_rows[i] < 300 || better >= 38);
		ck_assert_msg(n_rows[i] > 1000 || too_sure <= 30, "%zu rows: %zu", n_rows[i], too_sure);
	}
}
END_TEST

/* Members that scored all rows: that of turn 0, and another. */
static bool second_helps(double first_noise, double second_noise, bool is_copy)
{
	bool helped;
	world_new(2000, 1, 2, 4);
	world.judge.is_bag = false;
	for (size_t m = 0; m < 2; m++) {
		for (size_t i = 0; i < world.n_rows; i++)
			world.fold[i] = (uint32_t)m; /* all rows are those of turn m */
		member_new(m, 1, m ? second_noise : first_noise);
	}
	if (is_copy)
		memcpy(world.members[1].logit, world.members[0].logit, world.n_rows * sizeof(float));
	ck_assert_int_eq(flt_judge_helped(&world.judge, 1, &helped, NULL), FLT_OK);
	world_release();
	return helped;
}

START_TEST(a_round_helps_where_the_mean_gains)
{
	ck_assert(second_helps(1.5, 1.5, false));
	ck_assert(!second_helps(1.5, 0, true));
	ck_assert(!second_helps(0.1, 5, false));
}
END_TEST

/* A bag's first networks have not been judged by all rows, so nothing says that more are enough. */
START_TEST(a_round_helps_that_judges_other_rows)
{
	static const double noise[] = {0};
	bool helped;
	world_new(1000, 1, FOLDS, 5);
	members_new(noise);
	ck_assert_int_eq(flt_judge_helped(&world.judge, 3, &helped, NULL), FLT_OK);
	ck_assert(helped);
	ck_assert_int_eq(flt_judge_helped(&world.judge, FOLDS, &helped, NULL), FLT_OK);
	ck_assert(!helped);
	world.judge.n_rows = 0;
	ck_assert_int_eq(flt_judge_helped(&world.judge, 3, &helped, NULL), FLT_OK);
	ck_assert(!helped);
	world.judge.n_rows = world.n_rows;
	world_release();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("judge");
	TCase *tests = tcase_create("judge");
	tcase_add_test(tests, better_kinds_weigh_more);
	tcase_add_test(tests, a_kind_that_failed_or_was_stopped_weighs_nothing);
	tcase_add_test(tests, where_nothing_is_known_all_weigh_the_same);
	tcase_add_test(tests, kinds_go_on_that_the_mean_gains_from);
	tcase_add_test(tests, best_epochs_are_kept_where_they_are_better);
	tcase_add_test(tests, a_round_helps_where_the_mean_gains);
	tcase_add_test(tests, a_round_helps_that_judges_other_rows);
	suite_add_tcase(suite, tests);
	return suite;
}
