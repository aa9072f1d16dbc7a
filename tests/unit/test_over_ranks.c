/* Trainings dealt over ranks, which are threads here: they end in the bits of one process, and keep one state. */
#include <unistd.h>

#include "base/random.h"
#include "protocol/checkpoint_results.h"
#include "protocol/checkpoint_rounds.h"
#include "protocol/checkpoint_share.h"
#include "protocol/checkpoint_slots.h"
#include "protocol/crossval.h"
#include "protocol/experiment.h"
#include "protocol/rank_words.h"
#include "protocol/row_team.h"
#include "rank_threads.h"
#include "scratch.h"
#include "small_table.h"

enum { N_ROWS = 240, N_VARIANTS = 3 };

/* What all ranks work on; set before they begin. */
static struct flt_table *table;
static struct flt_cv *expected_cv;
static struct flt_experiment *expected_experiment;
static size_t n_members, n_trained[MOST_RANKS];

/* Two numbers, of which the first tells something about the class; one row in six is positive. */
static struct flt_table *read_rows(void)
{
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 1, "rows", 0);
	text_add(&text, "a,b,y\n");
	for (int i = 0; i < N_ROWS; i++)
		text_add(&text, "%.6f,%.6f,%d\n", flt_random_normal(&random) + 2 * (i % 6 == 0),
		         flt_random_normal(&random), i % 6 == 0);
	return table_of(&text, (struct flt_table_options){0});
}

/* The checkpoint of a rank; a NULL handle has none. */
static struct flt_checkpoint *join(struct flt_ranks *ranks, const char *options)
{
	const struct flt_checkpoint_about about = {.options = options, .data_sha256 = "aa", .command = "cv"};
	struct flt_checkpoint *checkpoint = NULL;
	if (!ranks)
		return NULL;
	ck_assert_int_eq(flt_checkpoint_new(NULL, &about, NULL, NULL, &checkpoint, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_join(checkpoint, ranks, true, NULL), FLT_OK);
	return checkpoint;
}

static void set_options(struct flt_fit_options *options, size_t n)
{
	flt_fit_options_init(options);
	options->n_members = n;
	options->train.n_hidden = 1;
	options->train.hidden[0] = 4;
	options->train.epochs = 3;
	options->train.batch = 64;
	options->train.n_threads = 1;
}

/* ---- studies ---- */

static bool count_question(void *context)
{
	++*(size_t *)context;
	return false;
}

static struct flt_cv *run_cv(struct flt_ranks *ranks, struct flt_checkpoint *checkpoint)
{
	static struct flt_variant all[MOST_RANKS][N_VARIANTS];
	struct flt_variant *v = all[flt_ranks_own(ranks)];
	struct flt_cv_options options = {.n_folds = 2, .n_repeats = 2, .seed = 1, .n_threads = 1};
	struct flt_cv_hooks hooks = {.should_stop = count_question,
	                             .checkpoint = checkpoint,
	                             .ranks = ranks,
	                             .context = &n_trained[flt_ranks_own(ranks)]};
	struct flt_cv *cv;
	struct flt_error err = {0};
	for (size_t i = 0; i < N_VARIANTS; i++) {
		v[i] = (struct flt_variant){.name = "model", .positives_kept = 1, .majority = i == 2};
		set_options(&v[i].options, 1 + 2 * i);
	}
	ck_assert_int_eq(flt_cv_plan(table, v, N_VARIANTS, 0, &options, &cv, &err), FLT_OK);
	enum flt_status status = flt_cv_run(cv, &hooks, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return cv;
}

static void check_same_cv(const struct flt_cv *cv)
{
	for (size_t i = 0; i < cv->n_variants * cv->n_all_folds; i++) {
		const struct flt_cv_trial *x = &cv->trials[i], *y = &expected_cv->trials[i];
		size_t n = cv->folds[i % cv->n_all_folds].n_test;
		ck_assert_mem_eq(x->score, y->score, n * sizeof *x->score);
		ck_assert_mem_eq(x->log_odds, y->log_odds, n * sizeof *x->log_odds);
		ck_assert(x->threshold == y->threshold && x->n_params == y->n_params && x->log.n == y->log.n);
		for (size_t e = 0; e < x->log.n; e++)
			ck_assert(x->log.epochs[e].loss == y->log.epochs[e].loss);
	}
}

static void cross_validate(struct flt_ranks *ranks, size_t number)
{
	struct flt_checkpoint *checkpoint = join(ranks, "folds = 2\n");
	struct flt_cv *cv = run_cv(ranks, checkpoint);
	ck_assert_int_eq(cv->stopped, number > 0);
	if (number == 0)
		check_same_cv(cv);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_cv_free(cv);
	flt_checkpoint_free(checkpoint);
}

START_TEST(a_study_over_ranks_has_the_bits_of_one_process)
{
	size_t n_alone, n_all = 0;
	table = read_rows();
	n_trained[0] = 0;
	expected_cv = run_cv(NULL, NULL);
	n_alone = n_trained[0];
	memset(n_trained, 0, sizeof n_trained);
	run_all((size_t)_i, cross_validate);
	for (size_t i = 0; i < (size_t)_i; i++) {
		ck_assert_uint_gt(n_trained[i], 0);
		n_all += n_trained[i];
	}
	ck_assert_uint_eq(n_all, n_alone); /* nothing is trained twice */
	flt_cv_free(expected_cv);
	flt_table_free(table);
}
END_TEST

/* ---- a training ---- */

/* Whether a rank wants to stop at this question, or after this epoch, from 1; ask_here may wait. */
static bool (*ask_here)(size_t rank, size_t question);
static size_t leaver, last_epoch;

static bool ask(void *context)
{
	size_t rank = (size_t)((size_t *)context - n_trained), question = ++*(size_t *)context;
	return ask_here && ask_here(rank, question);
}

static bool see_epoch(void *context, const struct flt_epoch *epoch)
{
	return last_epoch > 0 && (size_t)((size_t *)context - n_trained) == leaver && epoch->epoch == last_epoch;
}

/* A network alone takes all rows in a step, which are two shards. */
enum { ALONE_SHARDS = 2 };

/* Adds up in n_trained how often networks asked whether to stop. */
static struct flt_experiment *run_experiment(struct flt_ranks *ranks, struct flt_checkpoint *checkpoint)
{
	struct flt_split_options split = {.test_fraction = 0.2, .seed = 1};
	struct flt_fit_options options;
	struct flt_hooks hooks = {.on_epoch = see_epoch,
	                          .should_stop = ask,
	                          .checkpoint = checkpoint,
	                          .ranks = ranks,
	                          .context = &n_trained[flt_ranks_own(ranks)]};
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	set_options(&options, n_members);
	if (n_members == 1)
		options.train.batch = N_ROWS;
	ck_assert_int_eq(flt_experiment_plan(table, NULL, &split, &options, &experiment, &err), FLT_OK);
	enum flt_status status = flt_experiment_train(experiment, &hooks, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return experiment;
}

static void leave(struct flt_ranks *ranks, struct flt_experiment *experiment, struct flt_checkpoint *checkpoint)
{
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_experiment_free(experiment);
	flt_checkpoint_free(checkpoint);
}

static void train(struct flt_ranks *ranks, size_t number)
{
	struct flt_checkpoint *checkpoint = join(ranks, "members\n");
	struct flt_experiment *experiment = run_experiment(ranks, checkpoint);
	ck_assert_int_eq(experiment->fit.stopped, number > 0);
	if (number == 0) {
		const struct flt_evaluation *x = &experiment->evaluation, *y = &expected_experiment->evaluation;
		ck_assert_uint_eq(x->n_rows, y->n_rows);
		ck_assert_mem_eq(x->score, y->score, x->n_rows * sizeof *x->score);
		ck_assert(experiment->detector->choice.threshold == expected_experiment->detector->choice.threshold);
	}
	leave(ranks, experiment, checkpoint);
}

START_TEST(a_training_over_ranks_has_the_bits_of_one_process)
{
	table = read_rows();
	for (n_members = 1; n_members <= 5; n_members += 2) {
		size_t n_all = 0;
		memset(n_trained, 0, sizeof n_trained);
		expected_experiment = run_experiment(NULL, NULL);
		size_t n_alone = n_trained[0];
		memset(n_trained, 0, sizeof n_trained);
		run_all((size_t)_i, train);
		for (size_t i = 0; i < (size_t)_i; i++)
			n_all += n_trained[i];
		if (n_members == 1) /* each rank of its team makes all steps */
			ck_assert_uint_eq(n_all, ALONE_SHARDS * n_alone);
		else /* one question of each network that is replayed */
			ck_assert_uint_le(n_all, n_alone + n_members);
		flt_experiment_free(expected_experiment);
	}
	flt_table_free(table);
}
END_TEST

/* ---- the rows of one network ---- */

static struct flt_roster roster_of(size_t n, enum flt_optimizer_kind optimizer, size_t batch)
{
	struct flt_roster roster = {.n_kinds = 1, .n_members = n};
	flt_train_options_init(&roster.kinds[0].train);
	roster.kinds[0].train.optimizer = optimizer;
	roster.kinds[0].train.batch = batch;
	return roster;
}

/* Of 10,000 rows. 640 rows are 5 shards: three ranks have 2, 2 and 1 of them, and a fourth would have none. */
START_TEST(rows_of_a_network_alone_are_dealt_over_ranks_that_have_shards)
{
	static const struct {
		size_t n_members, batch, n_ranks;
		enum flt_optimizer_kind optimizer;
		size_t n_expected, n_rows, n_steps;
	} cases[] = {
	        {1, 4096, 4, FLT_ADAMW, 4, 4096, 3},   {1, 4096, 40, FLT_ADAMW, 16, 4096, 3},
	        {1, 640, 4, FLT_SGD, 3, 640, 16},      {1, 64, 4, FLT_ADAM, 1, 64, 157},
	        {1, 20000, 2, FLT_ADAMW, 2, 10000, 1}, {1, 4096, 1, FLT_ADAMW, 0, 4096, 3},
	        {2, 4096, 4, FLT_ADAMW, 0, 4096, 3},   {1, 4096, 4, FLT_NEWTON, 0, 4096, 3},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_roster roster = roster_of(cases[i].n_members, cases[i].optimizer, cases[i].batch);
		struct flt_row_deal deal =
		        flt_row_deal(&roster, &(struct flt_recipe_rows){.n = 10000}, cases[i].n_ranks);
		ck_assert_uint_eq(deal.n_ranks, cases[i].n_expected);
		ck_assert_uint_eq(deal.n_rows, cases[i].n_rows);
		ck_assert_uint_eq(deal.n_steps, cases[i].n_steps);
	}
	struct flt_roster drawing = roster_of(1, FLT_ADAMW, 4096);
	drawing.kinds[0].train.negatives = 4;
	struct flt_row_deal deal = flt_row_deal(&drawing, &(struct flt_recipe_rows){.n = 10000, .n_positive = 1000}, 4);
	ck_assert(deal.n_ranks == 4 && deal.n_rows == 4096 && deal.n_steps == 2); /* of 5,000 rows */
}
END_TEST

static bool stop_second_question_of_one(size_t rank, size_t question)
{
	return rank == leaver && question == 2;
}

/* Whoever wants to stop, by either hook: the whole team does, and makes no other step. */
static void train_and_stop(struct flt_ranks *ranks, size_t number)
{
	struct flt_checkpoint *checkpoint = join(ranks, "members\n");
	struct flt_experiment *experiment = run_experiment(ranks, checkpoint);
	ck_assert(experiment->fit.stopped);
	ck_assert_ptr_null(experiment->detector);
	ck_assert_uint_eq(n_trained[number], number < ALONE_SHARDS ? 2 : 0);
	leave(ranks, experiment, checkpoint);
}

START_TEST(a_stop_on_any_rank_stops_its_team)
{
	table = read_rows();
	n_members = 1;
	for (leaver = 0; leaver < ALONE_SHARDS; leaver++) {
		memset(n_trained, 0, sizeof n_trained);
		ask_here = stop_second_question_of_one;
		run_all(3, train_and_stop);
		ask_here = NULL;
		memset(n_trained, 0, sizeof n_trained);
		last_epoch = 1; /* of one step: the second question is that after it */
		run_all(3, train_and_stop);
		last_epoch = 0;
	}
	flt_table_free(table);
}
END_TEST

/* While rank 1 does not come to its second step, the state of rank 0, which waits for it there, is saved. */
static atomic_int n_there; /* ranks before their second step */
static atomic_bool is_saved;
static struct flt_checkpoint *to_save;

static bool wait_until_saved(size_t rank, size_t question)
{
	n_there += question == 2;
	while (rank == 1 && question == 2 && !is_saved)
		usleep(1000);
	return false;
}

static struct flt_checkpoint *checkpoint_at(const char *path)
{
	const struct flt_checkpoint_about about = {.options = "one\n", .data_sha256 = "aa", .command = "train"};
	struct flt_checkpoint *checkpoint;
	ck_assert_int_eq(flt_checkpoint_new(path, &about, NULL, NULL, &checkpoint, NULL), FLT_OK);
	return checkpoint;
}

static void *save_while_stuck(void *nothing)
{
	while (n_there < 2)
		usleep(1000);
	usleep(500000); /* rank 0 is in it by now, on a busy machine, too */
	ck_assert_int_eq(flt_checkpoint_save(to_save, NULL), FLT_OK);
	is_saved = true;
	return nothing;
}

static void train_and_save(struct flt_ranks *ranks, size_t number)
{
	struct flt_checkpoint *checkpoint = checkpoint_at(number == 0 ? "state" : NULL);
	pthread_t saver;
	ck_assert_int_eq(flt_checkpoint_join(checkpoint, ranks, false, NULL), FLT_OK);
	if (number == 0) {
		to_save = checkpoint;
		checkpoint->due = checkpoint->started + 1e9; /* nothing is written but by the saver */
		ck_assert_int_eq(pthread_create(&saver, NULL, save_while_stuck, NULL), 0);
	}
	struct flt_experiment *experiment = run_experiment(ranks, checkpoint);
	if (number == 0)
		pthread_join(saver, NULL);
	leave(ranks, experiment, checkpoint);
}

START_TEST(a_state_is_saved_while_a_step_waits_for_another_rank)
{
	table = read_rows();
	n_members = 1;
	expected_experiment = run_experiment(NULL, NULL);
	ask_here = wait_until_saved;
	memset(n_trained, 0, sizeof n_trained);
	run_all(2, train_and_save);
	ask_here = NULL;
	struct flt_checkpoint *checkpoint = checkpoint_at(NULL);
	ck_assert_int_eq(flt_checkpoint_load(checkpoint, "state", NULL), FLT_OK);
	memset(n_trained, 0, sizeof n_trained);
	struct flt_experiment *experiment = run_experiment(NULL, checkpoint);
	ck_assert_uint_eq(n_trained[0], 3); /* before the second and the third step, and at the end */
	const struct flt_evaluation *x = &experiment->evaluation, *y = &expected_experiment->evaluation;
	ck_assert_mem_eq(x->score, y->score, y->n_rows * sizeof *x->score);
	flt_experiment_free(experiment);
	flt_experiment_free(expected_experiment);
	flt_checkpoint_free(checkpoint);
	flt_table_free(table);
}
END_TEST

/* ---- one state ---- */

/* The words of rank 2, where the others have those of the first row. */
static const struct flt_rank_words words[] = {
        {"cv", "folds = 2\n", "1 + 0"},
        {"compare", "folds = 2\n", "1 + 0"},
        {"cv", "folds = 3\n", "1 + 0"},
        {"cv", "folds = 2\n", "2 + 0"},
};
static const char *const words_differ[] = {
        "",
        "rank 2 runs another command; start all ranks with the same words",
        "rank 2 has other options; start all ranks with the same ones, and the same config file",
        "rank 2 is given more files, or fewer; start all ranks with the same words",
};
static int words_of_2;

static void compare_words(struct flt_ranks *ranks, size_t number)
{
	struct flt_error err = {0};
	enum flt_status expected = words_of_2 ? FLT_ERR_USAGE : FLT_OK;
	ck_assert_int_eq(flt_rank_words_compare(ranks, &words[number == 2 ? words_of_2 : 0], &err), expected);
	ck_assert_str_eq(err.text, words_differ[words_of_2]);
	ck_assert_int_eq(flt_ranks_end(ranks, err.status, &err), expected);
}

START_TEST(ranks_with_other_words_are_refused)
{
	words_of_2 = _i;
	run_all(4, compare_words);
}
END_TEST

enum { N_TRAININGS = 3 };

/* Whether rank 0 has got, by post, the result of the training that this rank has ended. */
static void post_result(struct flt_ranks *ranks, size_t number)
{
	const double figure = (double)number + 1 / 3.0;
	const struct flt_training_result result = {.values = {&figure, &figure, &figure, &figure}, .n = {1, 0, 0, 0}};
	struct flt_checkpoint *checkpoint = join(ranks, "folds = 2\n");
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, N_TRAININGS, NULL), FLT_OK);
	if (number > 0)
		ck_assert_int_eq(flt_checkpoint_end(checkpoint, number, &result, NULL), FLT_OK);
	while (number == 0 && !(flt_checkpoint_result(checkpoint, 1) && flt_checkpoint_result(checkpoint, 2)))
		ck_assert(!flt_ranks_look(ranks));
	ck_assert_int_eq(flt_checkpoint_share(checkpoint, NULL), FLT_OK); /* what came by post comes again */
	for (size_t t = 0; t < N_TRAININGS; t++) {
		const struct flt_training_result *kept = flt_checkpoint_result(checkpoint, t);
		ck_assert_int_eq(kept != NULL, t > 0);
		if (kept)
			ck_assert(kept->n[0] == 1 && kept->values[0][0] == (double)t + 1 / 3.0);
	}
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_checkpoint_free(checkpoint);
}

START_TEST(rank_0_gets_by_post_what_others_have_ended)
{
	run_all(N_TRAININGS, post_result);
}
END_TEST

/* Rank 0 has two results from a file, which all then have. */
static void join_resumed(struct flt_ranks *ranks, size_t number)
{
	const double figure = 1 / 3.0;
	const struct flt_training_result result = {.values = {&figure, &figure, &figure, &figure}, .n = {1, 0, 0, 0}};
	const struct flt_checkpoint_about about = {.options = "", .data_sha256 = "aa", .command = "cv"};
	struct flt_checkpoint *checkpoint;
	ck_assert_int_eq(flt_checkpoint_new(NULL, &about, NULL, NULL, &checkpoint, NULL), FLT_OK);
	if (number == 0) {
		ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, N_TRAININGS, NULL), FLT_OK);
		for (size_t t = 1; t < N_TRAININGS; t++)
			ck_assert_int_eq(flt_checkpoint_end(checkpoint, t, &result, NULL), FLT_OK);
		flt_checkpoint_drop_news(checkpoint);
	}
	ck_assert_int_eq(flt_checkpoint_join(checkpoint, ranks, false, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, N_TRAININGS, NULL), FLT_OK);
	for (size_t t = 0; t < N_TRAININGS; t++)
		ck_assert_int_eq(flt_checkpoint_result(checkpoint, t) != NULL, t > 0);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_checkpoint_free(checkpoint);
}

START_TEST(all_ranks_go_on_from_what_rank_0_has)
{
	run_all(4, join_resumed);
}
END_TEST

/* Steps and epochs of networks as two ranks have them, and which rank's are newer; the first and the last network have
 * begun in one rank only. */
enum { N_NETWORKS = 6, MOST_EPOCHS = 3 };
static const struct {
	size_t n_steps[2], n_epochs[2], newer;
} networks[N_NETWORKS] = {
        {{0, 5}, {0, 1}, 1}, {{7, 5}, {1, 1}, 0}, {{5, 7}, {1, 1}, 1},
        {{5, 5}, {1, 2}, 1}, {{5, 5}, {2, 1}, 0}, {{5, 0}, {1, 0}, 0},
};

/* The state of a network after so many steps and epochs, of which the weight tells the rank. */
static void pass_network(struct flt_checkpoint *checkpoint, size_t network, size_t rank)
{
	static const struct flt_epoch epochs[MOST_EPOCHS];
	const float weight = (float)rank;
	const struct flt_train_state state = {.n_params = 1,
	                                      .vectors = {[FLT_STATE_PARAMS] = &weight},
	                                      .n_steps = networks[network].n_steps[rank],
	                                      .n_epochs = networks[network].n_epochs[rank],
	                                      .epochs = epochs};
	if (state.n_steps == 0)
		return;
	ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, 0, network, MOST_EPOCHS));
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, network, &state, true, NULL), FLT_OK);
	flt_checkpoint_leave(checkpoint, 0, network);
}

static void share_states(struct flt_ranks *ranks, size_t number)
{
	struct flt_checkpoint *checkpoint = join(ranks, "members = 6\n");
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, N_NETWORKS, NULL), FLT_OK);
	for (size_t i = 0; i < N_NETWORKS; i++)
		pass_network(checkpoint, i, number);
	for (int again = 0; again < 2; again++) /* the second time there is no news */
		ck_assert_int_eq(flt_checkpoint_share(checkpoint, NULL), FLT_OK);
	for (size_t i = 0; i < N_NETWORKS; i++) {
		const struct flt_train_state *state = flt_checkpoint_enter(checkpoint, 0, i, MOST_EPOCHS);
		size_t newer = networks[i].newer;
		ck_assert_ptr_nonnull(state);
		ck_assert(state->vectors[FLT_STATE_PARAMS][0] == (float)newer);
		ck_assert_uint_eq(state->n_steps, networks[i].n_steps[newer]);
		ck_assert_uint_eq(state->n_epochs, networks[i].n_epochs[newer]);
		flt_checkpoint_leave(checkpoint, 0, i);
	}
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_checkpoint_free(checkpoint);
}

START_TEST(the_newest_state_of_a_network_is_kept)
{
	run_all(2, share_states);
}
END_TEST

/* Rank 0 runs three trainings, the other two: another program or other options must not be merged. */
static void share_other_studies(struct flt_ranks *ranks, size_t number)
{
	const double figure = 1;
	const struct flt_training_result result = {.values = {&figure, &figure, &figure, &figure}, .n = {1, 0, 0, 0}};
	struct flt_error err = {0};
	struct flt_checkpoint *checkpoint = join(ranks, "folds = 2\n");
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 3 - number, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 0, &result, NULL), FLT_OK);
	enum flt_status status = flt_checkpoint_share(checkpoint, &err);
	ck_assert_int_eq(status, FLT_ERR_MACHINE);
	if (number == 0)
		ck_assert_str_eq(err.text, "ranks have 3 and 2 trainings; start all of them with the same program, "
		                           "options and files");
	flt_ranks_end(ranks, status, &err);
	flt_checkpoint_free(checkpoint);
}

START_TEST(ranks_with_other_studies_are_refused)
{
	run_all(2, share_other_studies);
}
END_TEST

static bool post_nothing(size_t to, uint8_t *bytes, size_t n_bytes)
{
	(void)to, (void)bytes, (void)n_bytes;
	return false;
}

static void count_failure(void *context, const struct flt_error *why)
{
	(void)why;
	++*(size_t *)context;
}

START_TEST(a_post_without_memory_is_a_write_that_failed)
{
	static const float weight = 1;
	const struct flt_train_state state = {.n_params = 1, .vectors = {[FLT_STATE_PARAMS] = &weight}, .n_steps = 1};
	const struct flt_transport transport = {.n = 2, .own = 1, .n_beside = 2, .n_sharing = 2, .post = post_nothing};
	const struct flt_checkpoint_about about = {.options = "", .data_sha256 = "aa", .command = "train"};
	struct flt_checkpoint *checkpoint;
	size_t n_failures = 0;
	struct flt_ranks *ranks;
	ck_assert_int_eq(flt_ranks_new(&transport, &ranks, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_new(NULL, &about, count_failure, &n_failures, &checkpoint, NULL), FLT_OK);
	checkpoint->ranks = ranks;
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 1, NULL), FLT_OK);
	ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, 0, 0, 1));
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &state, false, NULL), FLT_OK);
	checkpoint->due = 0;
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &state, false, NULL), FLT_OK);
	flt_alloc_fail_at(0);
	ck_assert_uint_eq(n_failures, 1);
	flt_checkpoint_leave(checkpoint, 0, 0);
	flt_checkpoint_free(checkpoint);
	flt_ranks_free(ranks);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("over ranks");
	TCase *tests = tcase_create("over ranks");
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, scratch_enter, scratch_leave);
	tcase_add_loop_test(tests, a_study_over_ranks_has_the_bits_of_one_process, 2, 6);
	tcase_add_loop_test(tests, a_training_over_ranks_has_the_bits_of_one_process, 2, 6);
	tcase_add_test(tests, rows_of_a_network_alone_are_dealt_over_ranks_that_have_shards);
	tcase_add_test(tests, a_stop_on_any_rank_stops_its_team);
	tcase_add_test(tests, a_state_is_saved_while_a_step_waits_for_another_rank);
	tcase_add_loop_test(tests, ranks_with_other_words_are_refused, 0, 4);
	tcase_add_test(tests, all_ranks_go_on_from_what_rank_0_has);
	tcase_add_test(tests, rank_0_gets_by_post_what_others_have_ended);
	tcase_add_test(tests, the_newest_state_of_a_network_is_kept);
	tcase_add_test(tests, ranks_with_other_studies_are_refused);
	tcase_add_test(tests, a_post_without_memory_is_a_write_that_failed);
	suite_add_tcase(suite, tests);
	return suite;
}
