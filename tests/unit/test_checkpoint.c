/* Checkpoints: written and read back, refused where they do not belong, and resumed with the same bits. */
#include "protocol/checkpoint.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "container/safetensors.h"
#include "csv_file.h"
#include "protocol/protocol.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_rounds.h"
#include "protocol/checkpoint_slots.h"
#include "scratch.h"
#include "run_experiment.h"
#include "suite.h"

enum { N_PARAMS = 7, N_EPOCHS = 3, MAX_EPOCHS = 5, N_MEMBERS = 3 };

static const char options[] = "target = fraud\nlr = 0.01\nhidden = 8,4\n";
static const struct flt_checkpoint_about about = {.options = options, .data_sha256 = "aa", .command = "train"};

static struct flt_checkpoint *checkpoint_of(const struct flt_checkpoint_about *what)
{
	struct flt_checkpoint *checkpoint;
	ck_assert_int_eq(flt_checkpoint_new("state", what, NULL, NULL, &checkpoint, NULL), FLT_OK);
	return checkpoint;
}

static bool is_checkpoint(const char *path)
{
	bool is_one;
	ck_assert_int_eq(flt_checkpoint_is_file(path, &is_one, NULL), FLT_OK);
	return is_one;
}

/* A state within the fourth epoch. Its numbers have no short decimal form, so only an exact copy equals them. */
struct numbers {
	float vectors[FLT_N_STATE_VECTORS][N_PARAMS];
	struct flt_epoch epochs[N_EPOCHS];
	struct flt_train_state state;
};

static void make_numbers(struct numbers *numbers, int offset)
{
	*numbers = (struct numbers){0};
	numbers->state.n_params = N_PARAMS;
	numbers->state.n_epochs = N_EPOCHS;
	numbers->state.epochs = numbers->epochs;
	numbers->state.n_steps = 31;
	for (int i = 0; i < 4; i++)
		numbers->state.sums[i] = (offset + i) / 3.0;
	for (int v = 0; v < FLT_N_STATE_VECTORS; v++) {
		for (int i = 0; i < N_PARAMS; i++)
			numbers->vectors[v][i] = (float)(offset + v * N_PARAMS + i) / 7;
		numbers->state.vectors[v] = numbers->vectors[v];
	}
	for (int i = 0; i < N_EPOCHS; i++)
		numbers->epochs[i] = (struct flt_epoch){.lr = 1e-3 / (i + 1),
		                                        .loss = 1 / (offset + 3.0 + i),
		                                        .validation_loss = i == 1 ? NAN : 0.1 * i,
		                                        .validation_ap = i == 1 ? NAN : 0.7 / (i + 1),
		                                        .gradient_total = 5 + i,
		                                        .gradient_easy = 4 + i,
		                                        .gradient_positive = 3 + i,
		                                        .averaged = i == 2};
}

static bool is_same_number(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static void check_same_state(const struct flt_train_state *a, const struct flt_train_state *b)
{
	ck_assert(a->n_params == b->n_params && a->n_steps == b->n_steps && a->n_epochs == b->n_epochs);
	ck_assert_mem_eq(a->sums, b->sums, sizeof a->sums);
	for (int v = 0; v < FLT_N_STATE_VECTORS; v++) {
		ck_assert_int_eq(!a->vectors[v], !b->vectors[v]);
		if (a->vectors[v])
			ck_assert_mem_eq(a->vectors[v], b->vectors[v], a->n_params * sizeof(float));
	}
	for (size_t i = 0; i < a->n_epochs; i++) {
		const struct flt_epoch *x = &a->epochs[i], *y = &b->epochs[i];
		ck_assert(x->averaged == y->averaged && is_same_number(x->lr, y->lr) &&
		          is_same_number(x->loss, y->loss));
		ck_assert(is_same_number(x->validation_loss, y->validation_loss) &&
		          is_same_number(x->validation_ap, y->validation_ap) &&
		          is_same_number(x->gradient_total, y->gradient_total) &&
		          is_same_number(x->gradient_easy, y->gradient_easy) &&
		          is_same_number(x->gradient_positive, y->gradient_positive));
	}
}

/* The first network has all vectors and epochs; the second has not begun; the third is in its first epoch and has no
 * second moments, no average and no best weights. */
static struct flt_checkpoint *filled(struct numbers *first, struct numbers *third)
{
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	make_numbers(first, 1);
	make_numbers(third, 1000);
	third->state.n_epochs = 0;
	third->state.n_steps = 4;
	third->state.vectors[FLT_STATE_SECOND] = third->state.vectors[FLT_STATE_MEAN] = NULL;
	third->state.vectors[FLT_STATE_BEST] = NULL;
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, N_MEMBERS, NULL), FLT_OK);
	ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, 0, 0, MAX_EPOCHS));
	ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, 0, 2, MAX_EPOCHS));
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &first->state, true, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 2, &third->state, true, NULL), FLT_OK);
	flt_checkpoint_leave(checkpoint, 0, 0);
	flt_checkpoint_leave(checkpoint, 0, 2);
	return checkpoint;
}

static uint8_t *valid_file(size_t *n_bytes)
{
	static struct numbers first, third;
	uint8_t *bytes;
	struct flt_checkpoint *checkpoint = filled(&first, &third);
	ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &bytes, n_bytes, NULL), FLT_OK);
	flt_checkpoint_free(checkpoint);
	return bytes;
}

START_TEST(a_checkpoint_reads_back_as_it_was_written)
{
	struct numbers first, third;
	struct flt_checkpoint *written = filled(&first, &third), *read = checkpoint_of(&about);
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	ck_assert(is_checkpoint("state"));
	ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(read, 0, N_MEMBERS, NULL), FLT_OK);
	check_same_state(flt_checkpoint_enter(read, 0, 0, MAX_EPOCHS), &first.state);
	ck_assert_ptr_null(flt_checkpoint_enter(read, 0, 1, MAX_EPOCHS));
	check_same_state(flt_checkpoint_enter(read, 0, 2, MAX_EPOCHS), &third.state);
	uint8_t *a, *b;
	size_t n_a, n_b;
	ck_assert_int_eq(flt_checkpoint_to_bytes(written, &a, &n_a, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_to_bytes(read, &b, &n_b, NULL), FLT_OK);
	ck_assert_uint_eq(n_a, n_b);
	ck_assert_mem_eq(a, b, n_a);
	flt_free(a);
	flt_free(b);
	flt_checkpoint_free(written);
	flt_checkpoint_free(read);
}
END_TEST

/* Network 2 passes a newer state, network 0 does not. */
START_TEST(a_loaded_state_stays_until_its_network_passes_a_new_one)
{
	struct numbers first, third, later;
	struct flt_checkpoint *checkpoint = filled(&first, &third), *again = checkpoint_of(&about);
	ck_assert_int_eq(flt_checkpoint_save(checkpoint, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(again, "state", NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(again, 0, N_MEMBERS, NULL), FLT_OK);
	make_numbers(&later, 5000);
	later.state.vectors[FLT_STATE_SECOND] = later.state.vectors[FLT_STATE_MEAN] = NULL;
	check_same_state(flt_checkpoint_enter(again, 0, 2, MAX_EPOCHS), &third.state);
	ck_assert_int_eq(flt_checkpoint_pass(again, 0, 2, &later.state, true, NULL), FLT_OK);
	flt_checkpoint_leave(again, 0, 2);
	check_same_state(flt_checkpoint_enter(again, 0, 2, MAX_EPOCHS), &later.state);
	check_same_state(flt_checkpoint_enter(again, 0, 0, MAX_EPOCHS), &first.state);
	flt_checkpoint_free(checkpoint);
	flt_checkpoint_free(again);
}
END_TEST

START_TEST(a_checkpoint_without_states_can_be_loaded)
{
	struct flt_checkpoint *written = checkpoint_of(&about), *read = checkpoint_of(&about);
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(read, 0, 2, NULL), FLT_OK);
	ck_assert_ptr_null(flt_checkpoint_enter(read, 0, 0, MAX_EPOCHS));
	flt_checkpoint_free(written);
	flt_checkpoint_free(read);
}
END_TEST

/* ---- when the file is written ---- */

static size_t n_failures;

static void count_failure(void *context, const struct flt_error *why)
{
	ck_assert_str_eq(context, "context");
	ck_assert_str_eq(why->text, "none/state: cannot be written: No such file or directory");
	n_failures++;
}

static bool is_written(void)
{
	return access("state", F_OK) == 0;
}

/* The first writes at once, the next two when they are asked to: until then the file waits for both. */
static void begin_writing(struct flt_checkpoint *checkpoint, const struct numbers *numbers)
{
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, N_MEMBERS, NULL), FLT_OK);
	for (size_t i = 0; i < N_MEMBERS; i++) {
		flt_checkpoint_enter(checkpoint, 0, i, MAX_EPOCHS);
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, i, &numbers->state, false, NULL), FLT_OK);
		ck_assert(is_written());
	}
	ck_assert_int_eq(unlink("state"), 0);
	ck_assert(!is_written());
}

START_TEST(the_file_is_written_once_all_networks_passed_a_state)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	make_numbers(&numbers, 1);
	begin_writing(checkpoint, &numbers);
	checkpoint->due = 0;
	for (int again = 0; again < 2; again++) /* passing twice does not stand in for network 2 */
		for (size_t i = 0; i < 2; i++)
			ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, i, &numbers.state, false, NULL), FLT_OK);
	ck_assert(!is_written());
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 2, &numbers.state, false, NULL), FLT_OK);
	ck_assert(is_written());
	/* The next write waits for the interval. */
	checkpoint->due = INFINITY;
	ck_assert_int_eq(unlink("state"), 0);
	for (size_t i = 0; i < N_MEMBERS; i++)
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, i, &numbers.state, false, NULL), FLT_OK);
	for (size_t i = 0; i < N_MEMBERS; i++)
		flt_checkpoint_leave(checkpoint, 0, i);
	ck_assert(!is_written());
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* Before its first step a network prepares its rows, after its last it scores some: both may take long. */
START_TEST(a_network_that_does_not_step_is_not_waited_for)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	make_numbers(&numbers, 1);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, N_MEMBERS, NULL), FLT_OK);
	for (size_t i = 0; i < N_MEMBERS; i++)
		flt_checkpoint_enter(checkpoint, 0, i, MAX_EPOCHS);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &numbers.state, false, NULL), FLT_OK);
	ck_assert(is_written());
	numbers.state.ended = true;
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 1, &numbers.state, false, NULL), FLT_OK);
	ck_assert_int_eq(unlink("state"), 0);
	checkpoint->due = 0;
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &numbers.state, false, NULL), FLT_OK);
	ck_assert(is_written());
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* A slow disk makes the pause long: at most a hundred times the write. */
START_TEST(file_is_written_again)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	make_numbers(&numbers, 1);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 1, NULL), FLT_OK);
	flt_checkpoint_enter(checkpoint, 0, 0, MAX_EPOCHS);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &numbers.state, false, NULL), FLT_OK);
	ck_assert_int_eq(unlink("state"), 0);
	for (int i = 0; i < 5000 && !is_written(); i++) {
		usleep(10000);
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &numbers.state, false, NULL), FLT_OK);
	}
	ck_assert(is_written());
	flt_checkpoint_free(checkpoint);
}
END_TEST

START_TEST(next_write_comes_soon_but_takes_little_time)
{
	ck_assert_double_eq_tol(flt_checkpoint_pause(100, 120, 120), 2, 1e-9);    /* a tenth of 20 s */
	ck_assert_double_eq_tol(flt_checkpoint_pause(100, 1100, 1100), 10, 1e-9); /* at most */
	ck_assert_double_eq_tol(flt_checkpoint_pause(100, 120, 120.5), 50, 1e-9); /* a slow disk */
	ck_assert_double_eq_tol(flt_checkpoint_pause(100, 120, 120.01), 2.001, 1e-9);
}
END_TEST

/* Between rounds a state is not copied, however far the network has moved. */
START_TEST(state_is_copied_when_it_is_asked_for)
{
	struct numbers first, moved;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	uint8_t *before, *after;
	size_t n_before, n_after;
	make_numbers(&first, 1);
	make_numbers(&moved, 2);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 1, NULL), FLT_OK);
	flt_checkpoint_enter(checkpoint, 0, 0, MAX_EPOCHS);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &first.state, false, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &before, &n_before, NULL), FLT_OK);
	for (int ended = 0; ended < 2; ended++) {
		moved.state.ended = ended;
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &moved.state, false, NULL), FLT_OK);
		ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &after, &n_after, NULL), FLT_OK);
		ck_assert_uint_eq(n_before, n_after);
		ck_assert((memcmp(before, after, n_before) == 0) == !ended);
		flt_free(after);
	}
	flt_free(before);
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* A network leaves when it ends or diverges. */
START_TEST(a_network_that_left_is_not_waited_for)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	make_numbers(&numbers, 1);
	begin_writing(checkpoint, &numbers);
	checkpoint->due = 0;
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, i, &numbers.state, false, NULL), FLT_OK);
	ck_assert(!is_written());
	flt_checkpoint_leave(checkpoint, 0, 2);
	ck_assert(is_written());
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* ---- saving while networks train ---- */

static const double never = 1e300; /* on the clock */

struct saving {
	struct flt_checkpoint *checkpoint;
	pthread_t thread;
	atomic_bool is_done;
};

static void *save(void *context)
{
	struct saving *saving = context;
	ck_assert_int_eq(flt_checkpoint_save(saving->checkpoint, NULL), FLT_OK);
	saving->is_done = true;
	return NULL;
}

static void begin_saving(struct saving *saving, struct flt_checkpoint *checkpoint)
{
	*saving = (struct saving){.checkpoint = checkpoint};
	ck_assert_int_eq(pthread_create(&saving->thread, NULL, save, saving), 0);
}

static void pass_member(struct flt_checkpoint *checkpoint, size_t member, const struct flt_train_state *state)
{
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, member, state, false, NULL), FLT_OK);
}

/* A round may be open already, as if a write were due, that network 0 has passed its state to. Network 2 has ended. */
START_TEST(saving_waits_for_the_step_of_each_network)
{
	struct numbers before, between, after, ended;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about), *read = checkpoint_of(&about);
	struct saving saving;
	make_numbers(&before, 1);
	make_numbers(&between, 2);
	make_numbers(&after, 3);
	make_numbers(&ended, 4);
	ended.state.ended = true;
	begin_writing(checkpoint, &before);
	checkpoint->due = never;
	pass_member(checkpoint, 2, &ended.state);
	checkpoint->due = _i == 0 ? never : 0;
	if (_i == 1)
		pass_member(checkpoint, 0, &between.state);
	unsigned long round = checkpoint->round;
	begin_saving(&saving, checkpoint);
	while (checkpoint->round == round)
		usleep(1000);
	for (int again = 0; again < 2; again++) {
		pass_member(checkpoint, 0, &after.state);
		usleep(20000);
		ck_assert(!is_written() && !saving.is_done);
	}
	pass_member(checkpoint, 1, &after.state);
	pthread_join(saving.thread, NULL);
	ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), FLT_OK);
	check_same_state(flt_checkpoint_enter(read, 0, 0, MAX_EPOCHS), &after.state);
	check_same_state(flt_checkpoint_enter(read, 0, 1, MAX_EPOCHS), &after.state);
	check_same_state(flt_checkpoint_enter(read, 0, 2, MAX_EPOCHS), &ended.state);
	flt_checkpoint_free(checkpoint);
	flt_checkpoint_free(read);
}
END_TEST

START_TEST(saving_waits_no_longer_than_a_network_stays)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	struct saving saving;
	make_numbers(&numbers, 1);
	begin_writing(checkpoint, &numbers);
	checkpoint->due = never;
	begin_saving(&saving, checkpoint);
	for (size_t i = 0; i < N_MEMBERS; i++) {
		usleep(20000);
		ck_assert(!saving.is_done);
		flt_checkpoint_leave(checkpoint, 0, i);
	}
	pthread_join(saving.thread, NULL);
	ck_assert(is_written());
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* An older state that is still on its way to the disk would replace the newer one. */
START_TEST(saving_waits_for_a_write_under_way)
{
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	struct saving saving;
	checkpoint->due = INFINITY;
	begin_saving(&saving, checkpoint);
	usleep(50000);
	ck_assert(!saving.is_done && !is_written());
	pthread_mutex_lock(&checkpoint->mutex);
	checkpoint->due = never;
	pthread_cond_broadcast(&checkpoint->moved);
	pthread_mutex_unlock(&checkpoint->mutex);
	pthread_join(saving.thread, NULL);
	ck_assert(is_written());
	flt_checkpoint_free(checkpoint);
}
END_TEST

START_TEST(saving_and_writing_take_turns)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about), *read = checkpoint_of(&about);
	struct saving saving;
	make_numbers(&numbers, 1);
	begin_writing(checkpoint, &numbers);
	for (int i = 0; i < 10; i++) {
		make_numbers(&numbers, i);
		begin_saving(&saving, checkpoint);
		while (!saving.is_done) {
			pthread_mutex_lock(&checkpoint->mutex);
			checkpoint->due = isinf(checkpoint->due) ? checkpoint->due : 0;
			pthread_mutex_unlock(&checkpoint->mutex);
			for (size_t m = 0; m < N_MEMBERS; m++)
				pass_member(checkpoint, m, &numbers.state);
		}
		pthread_join(saving.thread, NULL);
		ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), FLT_OK);
		for (size_t m = 0; m < N_MEMBERS; m++)
			check_same_state(flt_checkpoint_enter(read, 0, m, MAX_EPOCHS), &numbers.state);
	}
	flt_checkpoint_free(checkpoint);
	flt_checkpoint_free(read);
}
END_TEST

START_TEST(a_failed_write_is_reported_and_training_continues)
{
	struct numbers numbers;
	struct flt_checkpoint *checkpoint;
	struct flt_error err;
	char context[] = "context";
	make_numbers(&numbers, 1);
	ck_assert_int_eq(flt_checkpoint_new("none/state", &about, count_failure, context, &checkpoint, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 1, NULL), FLT_OK);
	flt_checkpoint_enter(checkpoint, 0, 0, MAX_EPOCHS);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &numbers.state, false, NULL), FLT_OK);
	ck_assert_uint_eq(n_failures, 1);
	flt_checkpoint_leave(checkpoint, 0, 0);
	ck_assert_int_eq(flt_checkpoint_save(checkpoint, &err), FLT_ERR_MACHINE);
	flt_checkpoint_free(checkpoint);

	/* Nobody needs to listen. */
	ck_assert_int_eq(flt_checkpoint_new("none/state", &about, NULL, NULL, &checkpoint, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 1, NULL), FLT_OK);
	flt_checkpoint_enter(checkpoint, 0, 0, MAX_EPOCHS);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &numbers.state, false, NULL), FLT_OK);
	ck_assert_uint_eq(n_failures, 1);
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* ---- the training that a checkpoint belongs to ---- */

static const struct {
	const char *options, *data, *test;
	enum flt_status status;
	const char *says;
} others[] = {
        {"target = fraud\nlr = 0.02\nhidden = 8,4\n", "aa", NULL, FLT_ERR_USAGE,
         "state: holds a training with --lr 0.01, but this one has --lr 0.02; use the same options, or start over with "
         "--checkpoint"},
        /* Of a value with a line break that looks like an option. */
        {"target = fraud\nlr = 0.01\nlr = 0.02\nhidden = 8,4\n", "aa", NULL, FLT_ERR_USAGE,
         "state: holds a training with other values of options, of which one has several lines; use the same options, "
         "or start over with --checkpoint"},
        {"target = fraud\nhidden = 8,4\n", "aa", NULL, FLT_ERR_USAGE,
         "state: holds a training with --lr 0.01, but this one has no --lr; use the same options, or start over with "
         "--checkpoint"},
        {"target = fraud\nlr = 0.01\nhidden = 8,4\nclip = 1\n", "aa", NULL, FLT_ERR_USAGE,
         "state: holds a training without --clip, but this one has --clip 1; use the same options, or start over with "
         "--checkpoint"},
        {options, "aa", "bb", FLT_ERR_USAGE,
         "state: holds a training without --test, but this one has one; use the same options, or start over with "
         "--checkpoint"},
        {options, "ab", NULL, FLT_ERR_DATA,
         "state: holds a training on other data: the file has changed, or is another one; use the same file, or start "
         "over with --checkpoint"},
};

START_TEST(a_checkpoint_of_another_training_is_refused)
{
	struct numbers first, third;
	struct flt_checkpoint *written = filled(&first, &third);
	struct flt_checkpoint_about other = {others[_i].options, others[_i].data, others[_i].test, "train", 0};
	struct flt_checkpoint *read = checkpoint_of(&other);
	struct flt_error err = {0};
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(read, "state", &err), others[_i].status);
	ck_assert_str_eq(err.text, others[_i].says);
	flt_checkpoint_free(written);
	flt_checkpoint_free(read);
}
END_TEST

START_TEST(a_changed_test_file_is_refused)
{
	struct flt_checkpoint_about with = {options, "aa", "bb", "train", 0}, other = {options, "aa", "bc", "train", 0};
	struct flt_checkpoint *written = checkpoint_of(&with), *same = checkpoint_of(&with),
	                      *read = checkpoint_of(&other);
	struct flt_error err = {0};
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(same, "state", NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_load(read, "state", &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "state: holds a training with other rows in the file of --test; use the same file, "
	                           "or start over with --checkpoint");
	flt_checkpoint_free(read);
	read = checkpoint_of(&about);
	ck_assert_int_eq(flt_checkpoint_load(read, "state", &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text,
	                 "state: holds a training with --test, but this one has none; use the same options, or "
	                 "start over with --checkpoint");
	flt_checkpoint_free(written);
	flt_checkpoint_free(same);
	flt_checkpoint_free(read);
}
END_TEST

/* Names of columns may be in any encoding: these are all different. */
static const char *const encoded[] = {"target = k\xfcndigt\n", "target = k\xe4ndigt\n", "target = k\u00fcndigt\n",
                                      "target = k\ufffdfcndigt\n"};
enum { N_ENCODED = sizeof encoded / sizeof *encoded };

START_TEST(options_are_compared_byte_by_byte)
{
	for (int i = 0; i < N_ENCODED; i++) {
		struct flt_checkpoint *written =
		        checkpoint_of(&(struct flt_checkpoint_about){encoded[_i], "aa", NULL, "train", 0});
		struct flt_checkpoint *read =
		        checkpoint_of(&(struct flt_checkpoint_about){encoded[i], "aa", NULL, "train", 0});
		ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
		ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), i == _i ? FLT_OK : FLT_ERR_USAGE);
		flt_checkpoint_free(written);
		flt_checkpoint_free(read);
	}
}
END_TEST

/* Five bytes for a byte that is no UTF-8, and nothing behind them. */
START_TEST(options_are_stored_as_utf_8)
{
	enum { N = 5000 };
	char latin[N + 1], utf8[5 * N + 1];
	for (size_t i = 0; i < N; i++)
		strcpy(utf8 + 5 * i, "\ufffdfc");
	memset(latin, 0xfc, N);
	latin[N] = '\0';
	struct flt_checkpoint *checkpoint =
	        checkpoint_of(&(struct flt_checkpoint_about){latin, "aa", NULL, "train", 0});
	struct flt_safetensors file;
	uint8_t *bytes;
	size_t n_bytes;
	ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	ck_assert_str_eq(flt_safetensors_text(&file, "options"), utf8);
	ck_assert_str_eq(flt_safetensors_text(&file, "format"), "fltrain checkpoint");
	ck_assert_str_eq(flt_safetensors_text(&file, "format_version"), "1");
	flt_safetensors_release(&file);
	flt_free(bytes);
	flt_checkpoint_free(checkpoint);
}
END_TEST

/* ---- damaged and malicious files ---- */

static enum flt_status parse(const uint8_t *bytes, size_t n_bytes, bool check_digest, struct flt_error *err)
{
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	enum flt_status status = flt_checkpoint_parse(checkpoint, bytes, n_bytes, check_digest, err);
	if (status == FLT_OK && flt_checkpoint_begin(checkpoint, 0, N_MEMBERS, NULL) == FLT_OK) {
		uint8_t *again;
		size_t n_again;
		ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &again, &n_again, NULL),
		                 FLT_OK); /* reads every field */
		flt_free(again);
	}
	flt_checkpoint_free(checkpoint);
	return status;
}

START_TEST(a_truncated_file_is_refused)
{
	size_t n_bytes;
	uint8_t *bytes = valid_file(&n_bytes);
	struct flt_error err;
	for (size_t n = 0; n < n_bytes; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		ck_assert_ptr_nonnull(cut);
		memcpy(cut, bytes, n);
		ck_assert_int_eq(parse(cut, n, true, &err), FLT_ERR_MODEL);
		free(cut);
	}
	ck_assert_int_eq(parse(bytes, n_bytes, true, &err), FLT_OK);
	flt_free(bytes);
}
END_TEST

/* Whether the file is accepted and writes the same bytes as the valid one. A flipped bit can leave the meaning as it
 * is: JSON allows \u000a and \u000A. */
static bool means_the_same(const uint8_t *bytes, const uint8_t *valid, size_t n_bytes)
{
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	uint8_t *again;
	size_t n_again;
	ck_assert_int_eq(flt_checkpoint_parse(checkpoint, bytes, n_bytes, true, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_to_bytes(checkpoint, &again, &n_again, NULL), FLT_OK);
	bool is_same = n_again == n_bytes && memcmp(again, valid, n_bytes) == 0;
	flt_free(again);
	flt_checkpoint_free(checkpoint);
	return is_same;
}

/* With the checksum a file with another meaning is refused; without it, it may be accepted but must not crash. */
START_TEST(the_checksum_detects_flipped_bits)
{
	size_t n_bytes, n_accepted = 0, n_same = 0;
	uint8_t *bytes = valid_file(&n_bytes), *valid = valid_file(&n_bytes);
	struct flt_error err;
	for (size_t i = 0; i < 8 * n_bytes; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		enum flt_status status = parse(bytes, n_bytes, true, &err);
		if (status == FLT_OK && means_the_same(bytes, valid, n_bytes))
			n_same++;
		else
			ck_assert_int_eq(status, FLT_ERR_MODEL);
		n_accepted += parse(bytes, n_bytes, false, &err) == FLT_OK;
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_uint_eq(n_same, 3);
	ck_assert_uint_gt(n_accepted, 8 * N_PARAMS * sizeof(float)); /* any bits make a weight */
	flt_free(valid);
	flt_free(bytes);
}
END_TEST

/* Changes to a valid file that no accident makes: another program wrote it, or someone forged it. */
static void change(int i, struct flt_safetensors *file)
{
	struct flt_safetensor *tensor = &file->tensors[0];
	for (size_t t = 0; t < file->n_tensors; t++) {
		const char *name = file->tensors[t].name;
		bool is_it = (i == 0 && strcmp(name, "network0.params") == 0) ||
		             (i == 1 && strcmp(name, "network0.second") == 0) ||
		             (i == 2 && strcmp(name, "network2.steps") == 0) ||
		             ((i == 3 || i == 13) && strcmp(name, "network0.epochs") == 0) ||
		             (i == 14 && strcmp(name, "network0.second") == 0) ||
		             (i == 15 && strcmp(name, "network0.steps") == 0) ||
		             (i == 4 && strcmp(name, "network0.best") == 0) ||
		             (i == 5 && strcmp(name, "network0.sums") == 0) ||
		             (i == 8 && strcmp(name, "network2.first") == 0);
		if (is_it)
			tensor = &file->tensors[t];
	}
	if (i == 0 || i == 4 || i == 5) {
		tensor->shape[0]--;
		tensor->n_bytes -= i == 5 ? sizeof(double) : sizeof(float);
	} else if (i == 1 || i == 8) {
		tensor->name = "network0.third";
	} else if (i == 2) {
		tensor->type = FLT_I64;
	} else if (i == 3) {
		tensor->shape[1] = tensor->shape[0];
		tensor->shape[0] = 8;
	} else if (i == 13) {
		tensor->n_dims = 1;
		tensor->shape[0] *= tensor->shape[1];
	} else if (i == 14) {
		tensor->type = FLT_I32;
	} else if (i == 15) {
		tensor->shape[0] = tensor->n_bytes = 0;
	}
	for (size_t m = 0; m < file->n_metadata; m++) {
		struct flt_metadata *metadata = &file->metadata[m];
		if (i == 6 && strcmp(metadata->key, "networks") == 0)
			metadata->text = "1";
		if (i == 7 && strcmp(metadata->key, "networks") == 0)
			metadata->text = "18446744073709551615";
		if (i == 9 && strcmp(metadata->key, "fltrain_version") == 0)
			metadata->text = "9.9";
		if (i == 10 && strcmp(metadata->key, "format") == 0)
			metadata->text = "fltrain detector";
		if (i == 11 && strcmp(metadata->key, "options") == 0)
			metadata->key = "option";
	}
}

static const char *const refusals[] = {
        "its vectors of network 0 differ in length",
        "it holds 13 tensors, of which only 12 are known",
        "its tensor \"network2.steps\" has another type or shape than it should",
        "its tensor \"network0.epochs\" has another type or shape than it should",
        "its vectors of network 0 differ in length",
        "the tensors for the steps or sums of network 0 have the wrong length",
        "it holds 13 tensors, of which only 8 are known",
        "its number of networks is not a whole number up to 128",
        "it holds 13 tensors, of which only 12 are known",
        "it was written by fltrain 9.9, and this is 0.1.0, which may compute something else: continue with that "
        "version, or start over",
        "it is a safetensors file, but not a checkpoint of fltrain",
        "its metadata have no \"options\"",
        "it has 11 metadata, expected 10",
        "its tensor \"network0.epochs\" has another type or shape than it should",
        "its tensor \"network0.second\" has another type or shape than it should",
        "the tensors for the steps or sums of network 0 have the wrong length",
};

/* A tensor gets a number that none of a training has. */
static const struct {
	const char *tensor;
	size_t at;
	double value;
	const char *says;
} wrong_numbers[] = {
        {"network0.params", 3, INFINITY, "weights of network 0"},
        {"network0.first", 0, -INFINITY, "mean gradients of network 0"},
        {"network0.second", N_PARAMS - 1, -1, "mean squared gradients of network 0"},
        {"network0.second", 0, NAN, "mean squared gradients of network 0"},
        {"network0.mean", 1, INFINITY, "average weights of network 0"},
        {"network0.best", 2, NAN, "best weights of network 0"},
        {"network2.params", N_PARAMS - 1, NAN, "weights of network 2"},
        {"network2.sums", 3, INFINITY, "sums of network 2"},
        {"network0.sums", 0, NAN, "sums of network 0"},
        {"network0.epochs", 0, INFINITY, "epochs of network 0"},
        {"network0.epochs", 1, NAN, "epochs of network 0"},
        {"network0.epochs", 2 * 8 + 2, INFINITY, "epochs of network 0"},
        {"network0.epochs", 2 * 8 + 3, 1.1, "epochs of network 0"},
        {"network0.epochs", 2 * 8 + 3, -0.1, "epochs of network 0"},
        {"network0.epochs", 8 + 2, -1, "epochs of network 0"},
        {"network0.epochs", 8 + 3, 1, "epochs of network 0"}, /* average precision without a validation loss */
};

START_TEST(numbers_that_cannot_be_are_refused)
{
	size_t n_bytes;
	uint8_t *bytes = valid_file(&n_bytes);
	struct flt_safetensors file;
	struct flt_error err = {0};
	char says[160];
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	const struct flt_safetensor *tensor = flt_safetensors_find(&file, wrong_numbers[_i].tensor);
	float value = (float)wrong_numbers[_i].value;
	if (tensor->type == FLT_F32)
		memcpy((uint8_t *)tensor->data + wrong_numbers[_i].at * sizeof value, &value, sizeof value);
	else
		memcpy((uint8_t *)tensor->data + wrong_numbers[_i].at * sizeof(double), &wrong_numbers[_i].value,
		       sizeof(double));
	ck_assert_int_eq(parse(bytes, n_bytes, false, &err), FLT_ERR_MODEL);
	snprintf(says, sizeof says,
	         "it holds %s that cannot be those of a training, so it is damaged; remove it and start over",
	         wrong_numbers[_i].says);
	ck_assert_str_eq(err.text, says);
	flt_safetensors_release(&file);
	flt_free(bytes);
}
END_TEST

/* In the step before divergence is found out, weights may be infinite: the state before it stays. */
START_TEST(a_state_that_diverges_is_not_kept)
{
	struct numbers good, bad;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	make_numbers(&good, 1);
	make_numbers(&bad, 2);
	bad.vectors[FLT_STATE_PARAMS][2] = INFINITY;
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 2, NULL), FLT_OK);
	for (size_t network = 0; network < 2; network++)
		ck_assert_ptr_null(flt_checkpoint_enter(checkpoint, 0, network, MAX_EPOCHS));
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &good.state, false, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 0, &bad.state, true, NULL), FLT_OK);
	ck_assert_int_eq(flt_checkpoint_pass(checkpoint, 0, 1, &bad.state, true, NULL), FLT_OK);
	check_same_state(&checkpoint->trainings[0].slots[0].state, &good.state);
	ck_assert(!checkpoint->trainings[0].slots[1].is_filled);
	for (size_t network = 0; network < 2; network++)
		flt_checkpoint_leave(checkpoint, 0, network);
	ck_assert_int_eq(flt_checkpoint_save(checkpoint, NULL), FLT_OK);
	flt_checkpoint_free(checkpoint);
	checkpoint = checkpoint_of(&about);
	ck_assert_int_eq(flt_checkpoint_load(checkpoint, "state", NULL), FLT_OK);
	flt_checkpoint_free(checkpoint);
}
END_TEST

START_TEST(forged_files_are_refused)
{
	size_t n_bytes, n_forged;
	uint8_t *bytes = valid_file(&n_bytes), *forged;
	struct flt_safetensors file;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	struct flt_metadata metadata[11];
	ck_assert_uint_eq(file.n_metadata, 10);
	memcpy(metadata, file.metadata, sizeof *metadata * file.n_metadata);
	metadata[10] = (struct flt_metadata){"other", ""};
	change(_i, &file);
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, _i == 12 ? metadata : file.metadata,
	                                       _i == 12 ? 11 : 10, &forged, &n_forged, NULL),
	                 FLT_OK);
	ck_assert_int_eq(parse(forged, n_forged, false, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, refusals[_i]);
	flt_safetensors_release(&file);
	flt_free(forged);
	flt_free(bytes);
}
END_TEST

/* What is told of a state with this text; NULL: a file of before that text, and the one after it. */
static void expect_other_kernels(const char *kernels, const char *told)
{
	size_t n_bytes, n_forged;
	uint8_t *bytes = valid_file(&n_bytes), *forged;
	struct flt_safetensors file;
	struct flt_checkpoint *checkpoint = checkpoint_of(&about);
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	struct flt_metadata *last = &file.metadata[file.n_metadata - 2];
	ck_assert_str_eq(last->key, "kernels");
	last->text = kernels;
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata,
	                                       file.n_metadata - (kernels ? 0 : 2), &forged, &n_forged, NULL),
	                 FLT_OK);
	ck_assert_int_eq(flt_checkpoint_parse(checkpoint, forged, n_forged, false, NULL), FLT_OK);
	ck_assert_pstr_eq(flt_checkpoint_other_kernels(checkpoint), told);
	flt_checkpoint_free(checkpoint);
	flt_safetensors_release(&file);
	flt_free(forged);
	flt_free(bytes);
}

START_TEST(a_state_of_other_kernels_is_known)
{
	expect_other_kernels(flt_checkpoint_own_kernels(), NULL);
	expect_other_kernels(NULL, NULL);
	expect_other_kernels("neon", "neon");
	expect_other_kernels("\302\2332J", "?2J");
}
END_TEST

START_TEST(a_file_of_another_kind_is_refused)
{
	static const struct {
		const char *bytes;
		enum flt_status status;
		const char *says;
	} cases[] = {
	        {"", FLT_ERR_MODEL, "state: not a usable checkpoint: it has 0 bytes, too few for a safetensors file"},
	        {"amount,label\n1,0\n", FLT_ERR_MODEL,
	         "state: not a usable checkpoint: it is not a safetensors file: its header does not come with "
	         "its length"},
	        {NULL, FLT_ERR_DATA, "state: cannot be read: No such file or directory"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_checkpoint *checkpoint = checkpoint_of(&about);
		struct flt_error err;
		if (cases[i].bytes)
			scratch_write("state", cases[i].bytes, strlen(cases[i].bytes));
		else
			ck_assert_int_eq(unlink("state"), 0);
		ck_assert(!is_checkpoint("state"));
		ck_assert_int_eq(flt_checkpoint_load(checkpoint, "state", &err), cases[i].status);
		ck_assert_str_eq(err.text, cases[i].says);
		flt_checkpoint_free(checkpoint);
	}
}
END_TEST

START_TEST(an_unreadable_file_is_an_error)
{
	struct flt_error err;
	bool is_one;
	ck_assert_int_eq(flt_checkpoint_is_file("/dev/null/state", &is_one, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "/dev/null/state: cannot be read: Not a directory");
}
END_TEST

static void note_failure(void *context, const struct flt_error *why)
{
	ck_assert_int_eq(why->status, FLT_ERR_MACHINE);
	++*(size_t *)context;
}

/* Loads a state, trains on and saves. *n_lost is the number of writes on the way that failed. */
static enum flt_status continue_training(const struct flt_train_state *state, size_t *n_lost, struct flt_error *err)
{
	struct flt_checkpoint *checkpoint = (void *)n_lost; /* is set to NULL on failure */
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_checkpoint_new("state", &about, note_failure, n_lost, &checkpoint, err));
	FLT_TRY_OUT(flt_checkpoint_load(checkpoint, "state", err));
	FLT_TRY_OUT(flt_checkpoint_begin(checkpoint, 0, N_MEMBERS, err));
	flt_checkpoint_enter(checkpoint, 0, 0, MAX_EPOCHS);
	status = flt_checkpoint_pass(checkpoint, 0, 0, state, true, err);
	flt_checkpoint_leave(checkpoint, 0, 0);
	FLT_TRY_OUT(status);
	FLT_TRY_OUT(flt_checkpoint_save(checkpoint, err));
out:
	flt_checkpoint_free(checkpoint);
	return status;
}

START_TEST(a_checkpoint_that_finds_no_memory_is_not_made)
{
	struct flt_checkpoint_about latin = {"target = k\xfcndigt\n", "aa", "bb", "cv", 0};
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 0;
	while (status != FLT_OK) {
		struct flt_checkpoint *checkpoint;
		struct flt_error err = {0};
		flt_alloc_fail_at(++k);
		status = flt_checkpoint_new("state", &latin, NULL, NULL, &checkpoint, &err);
		flt_alloc_fail_at(0);
		ck_assert_int_eq(checkpoint == NULL, status != FLT_OK);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "out of memory")));
		flt_checkpoint_free(checkpoint);
	}
	ck_assert_uint_eq(k, 8);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
	struct numbers first, third;
	struct flt_checkpoint *written = filled(&first, &third);
	unsigned long k = 0, n_allocations;
	size_t before = flt_alloc_live();
	ck_assert_int_eq(flt_checkpoint_save(written, NULL), FLT_OK);
	do {
		struct flt_error err = {0};
		size_t n_lost = 0;
		flt_alloc_fail_at(++k);
		enum flt_status status = continue_training(&first.state, &n_lost, &err);
		n_allocations = flt_alloc_fail_at(0);
		ck_assert((status != FLT_OK) + n_lost == (n_allocations >= k));
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "out of memory")));
		ck_assert_uint_eq(flt_alloc_live(), before);
	} while (n_allocations >= k);
	ck_assert_uint_gt(k, 40);
	flt_checkpoint_free(written);
}
END_TEST

/* ---- whole experiments ---- */

struct watcher {
	unsigned long n_asked, stop_at; /* 0: never */
	size_t n_epochs, n_restored, n_last;
	double losses; /* the sum over all reported epochs */
	double share;  /* of all work, that of the networks whose last epoch was reported */
	char error[FLT_ERROR_SIZE];
};

static bool should_stop(void *context)
{
	struct watcher *watcher = context;
	return ++watcher->n_asked == watcher->stop_at;
}

static bool note_epoch(void *context, const struct flt_epoch *epoch)
{
	struct watcher *watcher = context;
	ck_assert_uint_lt(epoch->member, epoch->n_members);
	watcher->n_epochs++;
	watcher->losses += epoch->loss;
	watcher->n_restored += epoch->restored;
	watcher->n_last += epoch->last;
	watcher->share += epoch->last ? epoch->share : 0;
	return false;
}

enum kind { NETWORK, WILD_NETWORK, LINEAR };

static struct flt_experiment *run(const struct flt_table *table, size_t n_members, enum kind kind,
                                  struct watcher *watcher, struct flt_checkpoint *checkpoint)
{
	static const struct flt_split_options fifths = {.test_fraction = 0.2, .seed = 1};
	struct flt_split_options split = fifths;
	struct flt_fit_options fit;
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	struct flt_hooks hooks = {
	        .on_epoch = note_epoch, .should_stop = should_stop, .checkpoint = checkpoint, .context = watcher};
	flt_fit_options_init(&fit);
	fit.train.n_hidden = 1;
	fit.train.hidden[0] = 6;
	fit.train.epochs = 3;
	fit.train.batch = 128;
	fit.train.ema = 0.9;
	fit.train.n_threads = 1;
	if (kind == LINEAR) {
		fit.train.n_hidden = 0;
		fit.train.optimizer = FLT_NEWTON;
		fit.train.choose_decay = true;
	}
	if (kind == WILD_NETWORK) {
		fit.train.optimizer = FLT_SGD;
		fit.train.lr = 100;
		fit.train.weight_decay = 1000;
		fit.train.batch = 1000;
		fit.train.epochs = 200;
		fit.train.schedule = FLT_COSLOG4;
	}
	fit.n_members = n_members;
	split.validation_fraction = n_members == 1 ? 0.2 : 0;
	enum flt_status status = run_experiment(table, NULL, &split, &fit, &hooks, &experiment, &err);
	bool is_stopped = status == FLT_OK && experiment->fit.stopped;
	ck_assert_msg(is_stopped || status == (kind == WILD_NETWORK ? FLT_ERR_DIVERGED : FLT_OK), "%s", err.text);
	strcpy(watcher->error, err.text);
	return experiment;
}

static void check_same_nets(const struct flt_experiment *a, const struct flt_experiment *b)
{
	ck_assert_uint_eq(a->detector->n_members, b->detector->n_members);
	for (size_t i = 0; i < a->detector->n_members; i++)
		ck_assert_mem_eq(flt_mlp_params_const(a->detector->members[i].net),
		                 flt_mlp_params_const(b->detector->members[i].net),
		                 flt_mlp_n_params(a->detector->members[i].net) * sizeof(float));
	ck_assert(a->detector->choice.threshold == b->detector->choice.threshold);
	ck_assert_mem_eq(&a->evaluation.figures, &b->evaluation.figures, sizeof a->evaluation.figures);
}

/* Stops at the n-th question whether to stop, and resumes from the file as a new process would; for every n, of a
 * linear model for some. */
static void check_every_stop(size_t n_members, enum kind kind)
{
	static struct csv_file file;
	static const struct flt_table_options reading = {.drop = "day,customer"};
	csv_simulate(&file, 3);
	struct flt_table *table = csv_read(&file, &reading);
	struct watcher whole = {0};
	struct flt_experiment *expected = run(table, n_members, kind, &whole, NULL);
	ck_assert_uint_ge(whole.n_asked, 10);
	ck_assert_uint_eq(whole.n_restored, 0);
	if (kind != WILD_NETWORK) {
		ck_assert_uint_eq(whole.n_last, n_members);
		ck_assert_double_eq_tol(whole.share, 1, 1e-9);
	}
	unsigned long stride = kind == LINEAR ? whole.n_asked / 15 : 1; /* it is asked after every pass */
	for (unsigned long at = 1; at <= whole.n_asked; at += stride) {
		struct watcher first = {.stop_at = at}, second = {0};
		struct flt_checkpoint *writer = checkpoint_of(&about), *reader = checkpoint_of(&about);
		struct flt_experiment *stopped = run(table, n_members, kind, &first, writer);
		ck_assert(stopped ? stopped->fit.stopped
		                  : kind == WILD_NETWORK); /* a network may have diverged before the stop */
		ck_assert_int_eq(flt_checkpoint_save(writer, NULL), FLT_OK);
		ck_assert_int_eq(flt_checkpoint_load(reader, "state", NULL), FLT_OK);
		struct flt_experiment *experiment = run(table, n_members, kind, &second, reader);
		ck_assert(!experiment->fit.stopped);
		check_same_nets(experiment, expected);
		ck_assert_uint_eq(second.n_epochs, whole.n_epochs);
		ck_assert(second.losses == whole.losses);
		if (kind != WILD_NETWORK)
			ck_assert_uint_eq(second.n_restored, first.n_epochs);
		ck_assert_str_eq(second.error, whole.error);
		if (kind == NETWORK) /* a network that diverged repeats the steps since its last state, a linear
		                        model those since its last penalty */
			ck_assert_uint_le(second.n_asked, whole.n_asked - at + n_members);
		flt_experiment_free(stopped);
		flt_experiment_free(experiment);
		flt_checkpoint_free(writer);
		flt_checkpoint_free(reader);
	}
	flt_experiment_free(expected);
	flt_table_free(table);
}

START_TEST(a_resumed_experiment_ends_with_the_same_bits)
{
	check_every_stop(1, NETWORK);
	check_every_stop(3, NETWORK);
	check_every_stop(3, WILD_NETWORK);
	check_every_stop(1, LINEAR);
	check_every_stop(3, LINEAR);
}
END_TEST

START_TEST(another_number_of_networks_is_refused)
{
	struct numbers first, third;
	struct flt_checkpoint *checkpoint = filled(&first, &third);
	struct flt_error err = {0};
	ck_assert_int_eq(flt_checkpoint_begin(checkpoint, 0, 2, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "holds the state of 3 networks, and this training has 2");
	flt_checkpoint_free(checkpoint);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("checkpoint");
	TCase *tcase = tcase_create("checkpoint");
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
	tcase_add_test(tcase, a_checkpoint_reads_back_as_it_was_written);
	tcase_add_test(tcase, a_loaded_state_stays_until_its_network_passes_a_new_one);
	tcase_add_test(tcase, a_checkpoint_without_states_can_be_loaded);
	tcase_add_test(tcase, the_file_is_written_once_all_networks_passed_a_state);
	tcase_add_test(tcase, a_network_that_does_not_step_is_not_waited_for);
	tcase_add_test(tcase, a_network_that_left_is_not_waited_for);
	tcase_add_loop_test(tcase, saving_waits_for_the_step_of_each_network, 0, 2);
	tcase_add_test(tcase, saving_waits_no_longer_than_a_network_stays);
	tcase_add_test(tcase, saving_waits_for_a_write_under_way);
	tcase_add_test(tcase, saving_and_writing_take_turns);
	tcase_add_test(tcase, a_failed_write_is_reported_and_training_continues);
	tcase_add_loop_test(tcase, a_checkpoint_of_another_training_is_refused, 0,
	                    (int)(sizeof others / sizeof *others));
	tcase_add_test(tcase, a_changed_test_file_is_refused);
	tcase_add_loop_test(tcase, options_are_compared_byte_by_byte, 0, N_ENCODED);
	tcase_add_test(tcase, a_truncated_file_is_refused);
	tcase_add_test(tcase, the_checksum_detects_flipped_bits);
	tcase_add_loop_test(tcase, numbers_that_cannot_be_are_refused, 0,
	                    (int)(sizeof wrong_numbers / sizeof *wrong_numbers));
	tcase_add_test(tcase, a_state_that_diverges_is_not_kept);
	tcase_add_loop_test(tcase, forged_files_are_refused, 0, (int)(sizeof refusals / sizeof *refusals));
	tcase_add_test(tcase, a_state_of_other_kernels_is_known);
	tcase_add_test(tcase, a_file_of_another_kind_is_refused);
	tcase_add_test(tcase, an_unreadable_file_is_an_error);
	tcase_add_test(tcase, a_checkpoint_that_finds_no_memory_is_not_made);
	tcase_add_test(tcase, every_failed_allocation_is_reported);
	tcase_add_test(tcase, a_resumed_experiment_ends_with_the_same_bits);
	tcase_add_test(tcase, file_is_written_again);
	tcase_add_test(tcase, next_write_comes_soon_but_takes_little_time);
	tcase_add_test(tcase, state_is_copied_when_it_is_asked_for);
	tcase_add_test(tcase, options_are_stored_as_utf_8);
	tcase_add_test(tcase, another_number_of_networks_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
