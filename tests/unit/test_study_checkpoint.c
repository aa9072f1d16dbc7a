/* Checkpoints of studies: stopped anywhere and resumed they end in the same bits, and no result in a file is trusted.
 */
#include <limits.h>
#include <math.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "container/safetensors.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_rounds.h"
#include "protocol/checkpoint_slots.h"
#include "protocol/crossval.h"
#include "protocol/trial_result.h"
#include "scratch.h"
#include "small_table.h"
#include "suite.h"

enum { N_ROWS = 240, N_FOLDS = 2, MOST_VARIANTS = 2 };

static struct flt_checkpoint *checkpoint_of(const char *command)
{
	const struct flt_checkpoint_about about = {.options = "folds = 2\n", .data_sha256 = "aa", .command = command};
	struct flt_checkpoint *checkpoint;
	ck_assert_int_eq(flt_checkpoint_new("state", &about, NULL, NULL, &checkpoint, NULL), FLT_OK);
	return checkpoint;
}

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

/* ---- whole studies ---- */

struct watcher {
	atomic_ulong n_asked;  /* by any thread */
	unsigned long stop_at; /* 0: never */
	size_t n_done;         /* trials, as last told */
};

static bool should_stop(void *context)
{
	struct watcher *watcher = context;
	return ++watcher->n_asked == watcher->stop_at;
}

static bool note_progress(void *context, size_t n_done, size_t n_trials)
{
	struct watcher *watcher = context;
	ck_assert_uint_ge(n_done, watcher->n_done);
	ck_assert_uint_le(n_done, n_trials);
	watcher->n_done = n_done;
	return false;
}

/* Bags of several networks have no validation rows; a majority comes along with single networks. */
static struct flt_cv *run(const struct flt_table *table, size_t n_members, unsigned n_threads, struct watcher *watcher,
                          struct flt_checkpoint *checkpoint)
{
	static struct flt_variant v[MOST_VARIANTS];
	struct flt_cv_options options = {.n_folds = N_FOLDS,
	                                 .n_repeats = 1,
	                                 .validation_fraction = n_members == 1 ? 0.2 : 0,
	                                 .seed = 1,
	                                 .n_threads = n_threads};
	struct flt_cv_hooks hooks = {
	        .on_progress = note_progress, .should_stop = should_stop, .checkpoint = checkpoint, .context = watcher};
	size_t n_variants = n_members == 1 ? 2 : 1;
	struct flt_cv *cv;
	struct flt_error err = {0};
	for (size_t i = 0; i < n_variants; i++) {
		v[i] = (struct flt_variant){.name = "model", .positives_kept = 1};
		flt_fit_options_init(&v[i].options);
		v[i].options.n_members = n_members;
		v[i].options.train.n_hidden = 1;
		v[i].options.train.hidden[0] = 4;
		v[i].options.train.epochs = 3;
		v[i].options.train.batch = 64;
	}
	v[1].majority = n_variants == 2;
	ck_assert_int_eq(flt_cv_plan(table, v, n_variants, 0, &options, &cv, &err), FLT_OK);
	enum flt_status status = flt_cv_run(cv, &hooks, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return cv;
}

static void check_same_logs(const struct flt_epoch_log *a, const struct flt_epoch_log *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct flt_epoch *x = &a->epochs[i], *y = &b->epochs[i];
		ck_assert(x->member == y->member && x->n_members == y->n_members && x->epoch == y->epoch &&
		          x->n_epochs == y->n_epochs && x->best == y->best && x->averaged == y->averaged);
		const double of_x[] = {x->lr,
		                       x->l2,
		                       x->loss,
		                       x->validation_loss,
		                       x->validation_ap,
		                       x->gradient_total,
		                       x->gradient_easy,
		                       x->gradient_positive};
		const double of_y[] = {y->lr,
		                       y->l2,
		                       y->loss,
		                       y->validation_loss,
		                       y->validation_ap,
		                       y->gradient_total,
		                       y->gradient_easy,
		                       y->gradient_positive};
		ck_assert_mem_eq(of_x, of_y, sizeof of_x);
	}
}

static void check_same_trials(const struct flt_cv *a, const struct flt_cv *b)
{
	for (size_t i = 0; i < a->n_variants * a->n_all_folds; i++) {
		const struct flt_cv_trial *x = &a->trials[i], *y = &b->trials[i];
		size_t n = a->folds[i % a->n_all_folds].n_test;
		ck_assert_mem_eq(x->score, y->score, n * sizeof *x->score);
		ck_assert_mem_eq(x->log_odds, y->log_odds, n * sizeof *x->log_odds);
		ck_assert(x->threshold == y->threshold && x->n_params == y->n_params);
		ck_assert_uint_eq(x->fit.roster.n_members, y->fit.roster.n_members);
		ck_assert_uint_eq(x->fit.train[0].epochs, y->fit.train[0].epochs);
		ck_assert_uint_eq(x->fit.train[0].best_epoch, y->fit.train[0].best_epoch);
		check_same_logs(&x->log, &y->log);
	}
}

/* Stops at the n-th question whether to stop, for every n, and resumes from the file as a new process would. */
static void check_every_stop(size_t n_members, unsigned n_threads)
{
	struct flt_table *table = read_rows();
	struct watcher whole = {0};
	struct flt_cv *expected = run(table, n_members, 1, &whole, NULL);
	ck_assert_uint_ge(whole.n_asked, 10);
	for (unsigned long at = 1; at <= whole.n_asked; at++) {
		struct watcher first = {.stop_at = at}, second = {0};
		struct flt_checkpoint *writer = checkpoint_of("cv"), *reader = checkpoint_of("cv");
		struct flt_cv *stopped = run(table, n_members, n_threads, &first, writer);
		ck_assert(stopped->stopped);
		flt_cv_free(stopped);
		ck_assert_int_eq(flt_checkpoint_save(writer, NULL), FLT_OK);
		ck_assert_int_eq(flt_checkpoint_load(reader, "state", NULL), FLT_OK);
		struct flt_cv *resumed = run(table, n_members, n_threads, &second, reader);
		ck_assert(!resumed->stopped);
		check_same_trials(resumed, expected);
		/* Each network under way is asked once more, and what has ended is not trained again. (Threads that
		 * do not know yet of a stop ask on.) */
		if (n_threads == 1)
			ck_assert_uint_le(second.n_asked, whole.n_asked - at + n_members);
		flt_cv_free(resumed);
		flt_checkpoint_free(writer);
		flt_checkpoint_free(reader);
	}
	flt_cv_free(expected);
	flt_table_free(table);
}

START_TEST(a_resumed_study_ends_with_the_same_bits)
{
	check_every_stop(1, 1);
	check_every_stop(3, 1);
}
END_TEST

/* Trials run side by side, so those that were stopped are several. */
START_TEST(a_study_on_several_threads_ends_with_the_same_bits)
{
	check_every_stop(1, 2);
	check_every_stop(3, 2);
}
END_TEST

/* ---- results ---- */

/* A result of two test rows and three epochs: numbers without a short decimal form, so only an exact copy equals them.
 */
enum { N_TEST = 2, N_FIGURES = 7, N_COLUMNS = 14, N_EPOCHS = 3, LR = 0, L2 = 12 };

struct numbers {
	double figures[N_FIGURES], scores[N_TEST], log_odds[N_TEST], epochs[N_EPOCHS * N_COLUMNS];
	struct flt_training_result result;
};

static void make_numbers(struct numbers *numbers)
{
	static const double figures[N_FIGURES] = {1 / 3.0, 0.01, 1 / 7.0, 97, 3, 4, 2};
	static const double epoch[N_COLUMNS] = {0.1, 1 / 3.0, 1 / 7.0, 1 / 9.0, 1 / 3.0, 0.1, 1 / 5.0,
	                                        0,   1,       3,       2,       4,       0,   1};
	memcpy(numbers->figures, figures, sizeof figures);
	for (size_t i = 0; i < N_TEST; i++) {
		numbers->scores[i] = (double)i / 3 - 1;
		numbers->log_odds[i] = (double)i / 7 - 2;
	}
	for (size_t i = 0; i < N_EPOCHS; i++)
		memcpy(numbers->epochs + i * N_COLUMNS, epoch, sizeof epoch);
	numbers->epochs[LR] = NAN; /* of a linear model, which has no learning rate */
	numbers->epochs[L2] = 1 / 3.0;
	numbers->epochs[N_COLUMNS + 2] = numbers->epochs[N_COLUMNS + 3] = NAN; /* without validation rows */
	numbers->result = (struct flt_training_result){
	        .values = {numbers->figures, numbers->scores, numbers->log_odds, numbers->epochs},
	        .n = {N_FIGURES, N_TEST, N_TEST, N_EPOCHS * N_COLUMNS}};
}

static void trial_free(struct flt_cv_trial *trial)
{
	flt_free(trial->score);
	flt_free(trial->log_odds);
	flt_epoch_log_release(&trial->log);
}

/* Of three trainings the second has ended, and the third has begun. */
static struct flt_checkpoint *filled(void)
{
	struct flt_checkpoint *checkpoint = checkpoint_of("cv");
	struct numbers numbers;
	static const float params[2] = {0.1f, 0.2f};
	struct flt_train_state state = {.n_params = 2, .n_steps = 1, .vectors = {[FLT_STATE_PARAMS] = params}};
	make_numbers(&numbers);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 3, NULL), FLT_OK);
	for (size_t training = 1; training < 3; training++) {
		ck_assert_int_eq(flt_checkpoint_begin(checkpoint, training, 2, NULL), FLT_OK);
		ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, training, 1, 5));
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, training, 1, &state, true, NULL), FLT_OK);
		flt_checkpoint_leave(checkpoint, training, 1);
	}
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 1, &numbers.result, NULL), FLT_OK);
	return checkpoint;
}

START_TEST(a_study_reads_back_as_it_was_written)
{
	struct flt_checkpoint *written = filled(), *read = checkpoint_of("cv");
	struct numbers numbers;
	struct flt_cv_trial trial = {0};
	uint8_t *a, *b;
	size_t n_a, n_b;
	make_numbers(&numbers);
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin_study(read, 3, NULL), FLT_OK);
	ck_assert_ptr_null(flt_checkpoint_result(read, 0));
	ck_assert_ptr_null(flt_checkpoint_result(read, 2));
	const struct flt_training_result *result = flt_checkpoint_result(read, 1);
	for (size_t i = 0; i < FLT_N_RESULTS; i++) {
		ck_assert_uint_eq(result->n[i], numbers.result.n[i]);
		ck_assert_mem_eq(result->values[i], numbers.result.values[i], result->n[i] * sizeof(double));
	}
	ck_assert_int_eq(flt_checkpoint_begin(read, 2, 2, NULL), FLT_OK);
	ck_assert_ptr_null(flt_checkpoint_enter(read, 2, 0, 5));
	ck_assert_ptr_nonnull(flt_checkpoint_enter(read, 2, 1, 5));
	ck_assert_int_eq(flt_checkpoint_to_bytes(written, &a, &n_a, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_to_bytes(read, &b, &n_b, NULL), FLT_OK);
	ck_assert_uint_eq(n_a, n_b);
	ck_assert_mem_eq(a, b, n_a);
	ck_assert_int_eq(flt_trial_take(&trial, N_TEST, result, NULL), FLT_OK);
	ck_assert(trial.threshold == 1 / 3.0 && trial.n_params == 97 && trial.fit.roster.n_members == 3);
	ck_assert(trial.fit.train[0].epochs == 4 && trial.fit.train[0].best_epoch == 2 && trial.log.n == N_EPOCHS);
	trial_free(&trial);
	flt_free(a);
	flt_free(b);
	flt_checkpoint_free(written);
	flt_checkpoint_free(read);
}
END_TEST

/* A training that ended takes its networks' states out of the file, and asks for a write. */
START_TEST(a_result_takes_the_place_of_states)
{
	struct flt_checkpoint *checkpoint = filled();
	struct flt_safetensors file;
	uint8_t *bytes;
	size_t n_bytes;
	ck_assert_int_eq(access("state", F_OK), 0);
	ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	ck_assert_str_eq(flt_safetensors_text(&file, "networks"), "0 0 2");
	ck_assert_str_eq(flt_safetensors_text(&file, "command"), "cv");
	ck_assert_ptr_null(flt_safetensors_find(&file, "training1.network1.params"));
	ck_assert_ptr_nonnull(flt_safetensors_find(&file, "training2.network1.params"));
	ck_assert_ptr_nonnull(flt_safetensors_find(&file, "training1.scores"));
	flt_safetensors_release(&file);
	flt_free(bytes);
	flt_checkpoint_free(checkpoint);
}
END_TEST

START_TEST(another_command_or_number_of_trainings_is_refused)
{
	struct flt_checkpoint *written = filled(), *same = checkpoint_of("cv"), *other = checkpoint_of("compare");
	struct flt_error err = {0};
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(other, "state", &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text,
	                 "state: was saved by fltrain cv, but this is fltrain compare; continue it with fltrain "
	                 "cv, or start over with --checkpoint");
	ck_assert_int_eq(flt_checkpoint_load(same, "state", NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin_study(same, 4, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "holds the state of 3 trainings, and this study has 4");
	flt_checkpoint_free(written);
	flt_checkpoint_free(same);
	flt_checkpoint_free(other);
}
END_TEST

/* A state in memory is of a study only if it has its trainings; one without states may become any. */
START_TEST(a_study_begins_with_its_own_trainings)
{
	struct flt_checkpoint *checkpoint = checkpoint_of("cv");
	struct numbers numbers;
	struct flt_error err;
	make_numbers(&numbers);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 1, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 2, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 3, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "holds the state of 1 trainings, and this study has 3");
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 0, &numbers.result, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 3, NULL), FLT_ERR_MODEL);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 1, NULL), FLT_OK);
	ck_assert_ptr_nonnull(flt_checkpoint_result(checkpoint, 0));
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* Not only when the next write is due. Of a linear model there are no epochs. */
START_TEST(the_end_of_a_training_is_written_as_soon_as_a_write_is_affordable)
{
	struct flt_checkpoint *checkpoint = checkpoint_of("cv");
	struct numbers numbers;
	make_numbers(&numbers);
	numbers.result.n[FLT_RESULT_EPOCHS] = 0;
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 2, NULL), FLT_OK);
	checkpoint->affordable = checkpoint->due = flt_clock_seconds() + 1000;
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 0, &numbers.result, NULL), FLT_OK);
	ck_assert_int_ne(access("state", F_OK), 0);
	checkpoint->affordable = 0;
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 1, &numbers.result, NULL), FLT_OK);
	ck_assert_int_eq(access("state", F_OK), 0);
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* While networks are still asked for their states, the end of another training waits for their round. */
START_TEST(the_end_of_a_training_opens_no_second_round)
{
	struct flt_checkpoint *checkpoint = checkpoint_of("cv");
	struct numbers numbers;
	static const float params[2] = {0.1f, 0.2f};
	const struct flt_train_state state = {.n_params = 2, .n_steps = 1, .vectors = {[FLT_STATE_PARAMS] = params}};
	make_numbers(&numbers);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, 2, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 1, 2, NULL), FLT_OK);
	for (size_t network = 0; network < 2; network++) {
		ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, 1, network, 5));
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 1, network, &state, false, NULL), FLT_OK);
	}
	ck_assert_int_eq(unlink("state"), 0);
	checkpoint->due = 0;
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 1, 0, &state, false, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 0, &numbers.result, NULL), FLT_OK);
	ck_assert(isinf(checkpoint->due));
	ck_assert_int_ne(access("state", F_OK), 0);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 1, 1, &state, false, NULL), FLT_OK);
	ck_assert_int_eq(access("state", F_OK), 0);
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* ---- damaged results ---- */

/* One number of a right result is another; or an array has so many. */
static const struct {
	enum flt_result_array array;
	size_t at; /* SIZE_MAX: n is another */
	double value;
	const char *fault;
} faults[] = {
        {FLT_RESULT_FIGURES, 0, NAN, "figures"},
        {FLT_RESULT_FIGURES, 0, 1.5, "figures"},
        {FLT_RESULT_FIGURES, 0, -0.1, "figures"},
        {FLT_RESULT_FIGURES, 1, NAN, "figures"},
        {FLT_RESULT_FIGURES, 2, -1, "figures"},
        {FLT_RESULT_FIGURES, 2, INFINITY, "figures"},
        {FLT_RESULT_FIGURES, 3, 0, "figures"},
        {FLT_RESULT_FIGURES, 3, 1e300, "figures"},
        {FLT_RESULT_FIGURES, 3, 3 * (double)INT_MAX + 1, "figures"}, /* weights of three networks */
        {FLT_RESULT_FIGURES, 4, 129, "figures"},
        {FLT_RESULT_FIGURES, 4, 1.5, "figures"},
        {FLT_RESULT_FIGURES, 5, NAN, "figures"},
        {FLT_RESULT_FIGURES, 5, 1e6 + 1, "figures"},
        {FLT_RESULT_FIGURES, 6, 5, "figures"}, /* the best epoch comes after the last */
        {FLT_RESULT_FIGURES, SIZE_MAX, N_FIGURES - 1, "figures"},
        {FLT_RESULT_SCORES, 1, NAN, "scores"},
        {FLT_RESULT_SCORES, 1, INFINITY, "scores"},
        {FLT_RESULT_SCORES, SIZE_MAX, N_TEST - 1, "scores"},
        {FLT_RESULT_LOG_ODDS, 0, NAN, "log-odds"},
        {FLT_RESULT_LOG_ODDS, 0, -INFINITY, "log-odds"},
        {FLT_RESULT_LOG_ODDS, SIZE_MAX, N_TEST - 1, "log-odds"},
        {FLT_RESULT_EPOCHS, 8, 3, "epochs"},  /* network 3 of networks 0 to 2 */
        {FLT_RESULT_EPOCHS, 9, 0, "epochs"},  /* of no networks */
        {FLT_RESULT_EPOCHS, 10, 0, "epochs"}, /* epochs count from 1 */
        {FLT_RESULT_EPOCHS, 11, 1, "epochs"}, /* epoch 2 of 1 */
        {FLT_RESULT_EPOCHS, 11, 1e6 + 1, "epochs"},
        {FLT_RESULT_EPOCHS, 9, 129, "epochs"},
        {FLT_RESULT_EPOCHS, 0, INFINITY, "epochs"},
        {FLT_RESULT_EPOCHS, 12, NAN, "epochs"},
        {FLT_RESULT_EPOCHS, 1, NAN, "epochs"},
        {FLT_RESULT_EPOCHS, 1, INFINITY, "epochs"},
        {FLT_RESULT_EPOCHS, 2, NAN, "epochs"}, /* a validation AP without a loss */
        {FLT_RESULT_EPOCHS, 2, INFINITY, "epochs"},
        {FLT_RESULT_EPOCHS, 3, -0.1, "epochs"},
        {FLT_RESULT_EPOCHS, 3, 1.1, "epochs"},
        {FLT_RESULT_EPOCHS, 2, -0.1, "epochs"},
        {FLT_RESULT_EPOCHS, 4, NAN, "epochs"},
        {FLT_RESULT_EPOCHS, 5, NAN, "epochs"},
        {FLT_RESULT_EPOCHS, 2 * N_COLUMNS + 6, NAN, "epochs"},
        {FLT_RESULT_EPOCHS, 13, 0.5, "epochs"},
        {FLT_RESULT_EPOCHS, 7, NAN, "epochs"},
        {FLT_RESULT_EPOCHS, SIZE_MAX, N_COLUMNS + 1, "epochs"},
};

START_TEST(a_result_that_cannot_be_is_refused)
{
	struct numbers numbers;
	struct flt_cv_trial trial = {0};
	struct flt_error err = {0};
	char says[128];
	make_numbers(&numbers);
	if (faults[_i].at == SIZE_MAX)
		numbers.result.n[faults[_i].array] = (size_t)faults[_i].value;
	else
		((double *)numbers.result.values[faults[_i].array])[faults[_i].at] = faults[_i].value;
	ck_assert_int_eq(flt_trial_take(&trial, N_TEST, &numbers.result, &err), FLT_ERR_MODEL);
	snprintf(says, sizeof says,
	         "holds %s that cannot be those of a training, so it is damaged; remove it and start over",
	         faults[_i].fault);
	ck_assert_str_eq(err.text, says);
	trial_free(&trial);
}
END_TEST

#define TEN " 1 1 1 1 1 1 1 1 1 1"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* A forged file with the number of networks, and perhaps another tensor. */
static const struct {
	const char *networks, *from, *to; /* the tensor `from` is renamed */
	const char *says;
} forgeries[] = {
        {"0 0 2x", NULL, NULL, "its number of networks is not a whole number up to 128"},
        {"0 0 ", NULL, NULL, "its number of networks is not a whole number up to 128"},
        {"0 0 129", NULL, NULL, "its number of networks is not a whole number up to 128"},
        {"0 00 2", NULL, NULL, "its number of networks is not a whole number up to 128"},
        {"", NULL, NULL, "its number of networks is not a whole number up to 128"},
        {"0 2", NULL, NULL, "it holds 8 tensors, of which only 0 are known"},
        {"0 1 2", NULL, NULL, "it holds 8 tensors, of which only 4 are known"},
        {"1" HUNDRED HUNDRED HUNDRED, NULL, NULL,
         "it holds networks of more than 256 trainings, which cannot be under way at once"},
        {"0 1" HUNDRED HUNDRED HUNDRED, NULL, NULL, "it holds 302 trainings, more than there can be"},
        {"0 0 2", "training1.scores", "training1.score", "its tensor \"training1.scores\" is missing"},
        {"0 0 2", "training1.figures", "training3.figures", "it holds 8 tensors, of which only 4 are known"},
        {"0 0 2", "training2.network1.params", "network1.params", "it holds 8 tensors, of which only 4 are known"},
};

START_TEST(forged_studies_are_refused)
{
	const struct flt_checkpoint_about about = {
	        .options = "folds = 2\n", .data_sha256 = "aa", .command = "cv", .most_trainings = 301};
	struct flt_checkpoint *written = filled(), *read;
	struct flt_safetensors file;
	struct flt_error err = {0};
	uint8_t *bytes, *forged;
	size_t n_bytes, n_forged;
	ck_assert_int_eq(flt_checkpoint_new("state", &about, NULL, NULL, &read, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_to_bytes(written, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	for (size_t i = 0; i < file.n_metadata; i++)
		if (strcmp(file.metadata[i].key, "networks") == 0)
			file.metadata[i].text = forgeries[_i].networks;
	for (size_t i = 0; i < file.n_tensors; i++)
		if (forgeries[_i].from && strcmp(file.tensors[i].name, forgeries[_i].from) == 0)
			file.tensors[i].name = forgeries[_i].to;
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata, &forged,
	                                       &n_forged, NULL),
	                 FLT_OK);
	ck_assert_int_eq(flt_checkpoint_parse(read, forged, n_forged, false, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, forgeries[_i].says);
	flt_safetensors_release(&file);
	flt_free(forged);
	flt_free(bytes);
	flt_checkpoint_free(written);
	flt_checkpoint_free(read);
}
END_TEST

/* A state with a right checksum whose result is of other rows: seen before anything is trained. */
START_TEST(a_study_with_a_result_of_other_rows_is_refused_at_once)
{
	struct flt_table *table = read_rows();
	struct flt_checkpoint *checkpoint = checkpoint_of("cv");
	struct flt_variant v = {.name = "model", .positives_kept = 1};
	struct flt_cv_options options = {.n_folds = N_FOLDS, .n_repeats = 1, .seed = 1, .n_threads = 1};
	struct watcher watcher = {0};
	struct flt_cv_hooks hooks = {.should_stop = should_stop, .checkpoint = checkpoint, .context = &watcher};
	struct numbers numbers;
	struct flt_cv *cv;
	struct flt_error err = {0};
	make_numbers(&numbers);
	flt_fit_options_init(&v.options);
	ck_assert_int_eq(flt_checkpoint_begin_study(checkpoint, N_FOLDS, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_end(checkpoint, 1, &numbers.result, NULL), FLT_OK);
	ck_assert_int_eq(flt_cv_plan(table, &v, 1, 0, &options, &cv, &err), FLT_OK);
	ck_assert_int_eq(flt_cv_run(cv, &hooks, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text,
	                 "holds scores that cannot be those of a training, so it is damaged; remove it and start over");
	ck_assert_uint_eq(watcher.n_asked, 0);
	flt_cv_free(cv);
	flt_checkpoint_free(checkpoint);
	flt_table_free(table);
}
END_TEST

/* ---- failing allocations ---- */

static enum flt_status load_and_end(struct flt_cv_trial *trial, struct flt_error *err)
{
	const struct flt_checkpoint_about about = {.options = "folds = 2\n", .data_sha256 = "aa", .command = "cv"};
	struct flt_checkpoint *checkpoint;
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_checkpoint_new("state", &about, NULL, NULL, &checkpoint, err));
	FLT_TRY_OUT(flt_checkpoint_load(checkpoint, "state", err));
	FLT_TRY_OUT(flt_trial_take(trial, N_TEST, flt_checkpoint_result(checkpoint, 1), err));
	FLT_TRY_OUT(flt_trial_keep(trial, N_TEST, checkpoint, 2, err));
	FLT_TRY_OUT(flt_checkpoint_save(checkpoint, err));
out:
	flt_checkpoint_free(checkpoint);
	return status;
}

START_TEST(every_failed_allocation_is_reported)
{
	struct flt_checkpoint *written = filled();
	unsigned long k = 0, n_allocations;
	size_t before = flt_alloc_live();
	do {
		ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
		struct flt_cv_trial trial = {0};
		struct flt_error err = {0};
		flt_alloc_fail_at(++k);
		enum flt_status status = load_and_end(&trial, &err);
		n_allocations = flt_alloc_fail_at(0);
		trial_free(&trial);
		/* A write on the way that fails is no failure: the next may succeed. */
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "out of memory")));
		ck_assert(n_allocations >= k || status == FLT_OK);
		ck_assert_uint_eq(flt_alloc_live(), before);
	} while (n_allocations >= k);
	ck_assert_uint_gt(k, 30);
	flt_checkpoint_free(written);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("study_checkpoint");
	TCase *tcase = tcase_create("study_checkpoint");
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
	tcase_add_test(tcase, a_resumed_study_ends_with_the_same_bits);
	tcase_add_test(tcase, a_study_on_several_threads_ends_with_the_same_bits);
	tcase_add_test(tcase, a_study_reads_back_as_it_was_written);
	tcase_add_test(tcase, a_result_takes_the_place_of_states);
	tcase_add_test(tcase, another_command_or_number_of_trainings_is_refused);
	tcase_add_test(tcase, a_study_begins_with_its_own_trainings);
	tcase_add_test(tcase, the_end_of_a_training_is_written_as_soon_as_a_write_is_affordable);
	tcase_add_test(tcase, the_end_of_a_training_opens_no_second_round);
	tcase_add_loop_test(tcase, a_result_that_cannot_be_is_refused, 0, (int)(sizeof faults / sizeof *faults));
	tcase_add_loop_test(tcase, forged_studies_are_refused, 0, (int)(sizeof forgeries / sizeof *forgeries));
	tcase_add_test(tcase, a_study_with_a_result_of_other_rows_is_refused_at_once);
	tcase_add_test(tcase, every_failed_allocation_is_reported);
	suite_add_tcase(suite, tcase);
	return suite;
}
