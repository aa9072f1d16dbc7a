/* cli: what a signal does, in a process of its own, which ends. */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "protocol/checkpoint_rounds.h"
#include "scratch.h"
#include "suite.h"

enum { LATER_US = 300000, GOES_ON = 7 /* exit code */ };

/* Runs the story in another process, which must end with this code after it said this. */
static void expect(void (*story)(void), int code, const char *says)
{
	char said[400] = "";
	int status;
	fflush(NULL);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (dup2(open("said", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO) < 0)
			_exit(99);
		signal(SIGHUP, SIG_DFL); /* the tests may run under nohup */
		story();
		_exit(GOES_ON);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	FILE *file = fopen("said", "r");
	ck_assert_ptr_nonnull(file);
	size_t n = fread(said, 1, sizeof said - 1, file);
	fclose(file);
	said[n] = '\0';
	ck_assert_str_eq(said, says);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == code, "it ended with %d", status);
}

static bool is_written(void)
{
	return access("state", F_OK) == 0;
}

/* ---- at once ---- */

static int number;

static void is_hit(void)
{
	interrupt_init();
	raise(number);
}

static void is_hit_while_told_otherwise(void)
{
	interrupt_init();
	interrupt_will_say("half of it was written");
	raise(number);
}

static void ignores(void)
{
	signal(number, SIG_IGN);
	interrupt_init();
	raise(number);
}

static const struct {
	int number, code;
	const char *says, *says_otherwise;
} signals[] = {
        {SIGHUP, 129, "fltrain: hung up; nothing was written\n", "fltrain: hung up; half of it was written\n"},
        {SIGINT, 130, "fltrain: interrupted; nothing was written\n", "fltrain: interrupted; half of it was written\n"},
        {SIGTERM, 143, "fltrain: terminated; nothing was written\n", "fltrain: terminated; half of it was written\n"},
        {SIGXCPU, 152, "fltrain: the limit on CPU time (ulimit -t) is reached; nothing was written\n",
         "fltrain: the limit on CPU time (ulimit -t) is reached; half of it was written\n"},
};

START_TEST(one_signal_ends_the_program)
{
	number = signals[_i].number;
	expect(is_hit, signals[_i].code, signals[_i].says);
	expect(is_hit_while_told_otherwise, signals[_i].code, signals[_i].says_otherwise);
	expect(ignores, GOES_ON, "");
}
END_TEST

/* ---- held ---- */

static void is_hit_while_it_holds(void)
{
	interrupt_init();
	interrupt_hold();
	raise(SIGTERM);
}

static void is_hit_again_later(void)
{
	is_hit_while_it_holds();
	interrupt_at_once();
	raise(SIGINT);
}

static void is_hit_twice_while_it_holds(void)
{
	is_hit_while_it_holds();
	raise(SIGTERM); /* in the same moment */
	usleep(LATER_US);
	raise(SIGTERM);
}

START_TEST(a_held_signal_does_nothing)
{
	expect(is_hit_while_it_holds, GOES_ON, "");
	expect(is_hit_again_later, 130, "fltrain: interrupted; nothing was written\n");
	expect(is_hit_twice_while_it_holds, 143, "fltrain: terminated again; stopping at once\n");
}
END_TEST

/* ---- saving first ---- */

static float params[3];
static struct flt_checkpoint *checkpoint;

static struct flt_checkpoint *checkpoint_to(const char *path)
{
	const struct flt_checkpoint_about about = {.options = "lr = 1\n", .data_sha256 = "aa", .command = "train"};
	struct flt_checkpoint *made;
	if (flt_checkpoint_new(path, &about, NULL, NULL, &made, NULL) != FLT_OK)
		_exit(98);
	return made;
}

/* Of a network that steps. */
static void pass(bool ended)
{
	struct flt_train_state state = {.n_params = 3, .vectors = {[FLT_STATE_PARAMS] = params}, .ended = ended};
	if (flt_checkpoint_pass(checkpoint, 0, 0, &state, false, NULL) != FLT_OK)
		_exit(97);
}

static void train(const char *path)
{
	checkpoint = checkpoint_to(path);
	interrupt_init();
	if (flt_checkpoint_begin(checkpoint, 0, 1, NULL) != FLT_OK)
		_exit(96);
	flt_checkpoint_enter(checkpoint, 0, 0, 1);
	pass(false);
	unlink("state");
	if (interrupt_save(checkpoint, path, NULL) != FLT_OK)
		_exit(95);
}

static void wait_for_the_end(void)
{
	usleep(20 * LATER_US);
}

static void is_hit_as_it_ends(void)
{
	train("state");
	pass(true);
	unlink("state");
	raise(SIGHUP);
	interrupt_at_once(); /* waits for the end */
}

static void is_hit_while_it_does_not_step(void)
{
	train("state");
	pass(true);
	unlink("state");
	raise(SIGHUP);
	wait_for_the_end();
}

/* The file has another number in the place of its first parameter after the signal. */
static void is_hit_in_a_step(void)
{
	train("state");
	raise(SIGTERM);
	raise(SIGTERM); /* in the same moment */
	usleep(LATER_US);
	if (is_written())
		_exit(94);
	params[0] = 5;
	pass(false);
	wait_for_the_end();
}

static void is_hit_twice_in_a_step(void)
{
	train("state");
	raise(SIGTERM);
	usleep(LATER_US);
	raise(SIGXCPU); /* these two come again by themselves */
	raise(SIGHUP);
	usleep(LATER_US);
	raise(SIGINT);
}

static void is_hit_while_it_cannot_save(void)
{
	train("none/state");
	pass(true);
	raise(SIGINT);
	wait_for_the_end();
}

static void has_ended_before(void)
{
	train("state");
	interrupt_at_once();
	raise(SIGINT);
}

static void keeps_no_state(void)
{
	interrupt_init();
	if (interrupt_save(NULL, NULL, NULL) != FLT_OK)
		_exit(93);
	raise(SIGINT);
}

static float first_param(void)
{
	struct flt_checkpoint *read = checkpoint_to("state");
	ck_assert_int_eq(flt_checkpoint_load(read, "state", NULL), FLT_OK);
	float first = flt_checkpoint_enter(read, 0, 0, 1)->vectors[FLT_STATE_PARAMS][0];
	flt_checkpoint_free(read);
	return first;
}

static const char hung_up[] =
        "fltrain: hung up; training state saved in state; run the same command with --resume state to continue\n";
static const char terminated[] =
        "fltrain: terminated; training state saved in state; run the same command with --resume state to continue\n";

START_TEST(the_state_is_saved_first)
{
	expect(is_hit_while_it_does_not_step, 129, hung_up);
	ck_assert(first_param() == 0);
	expect(is_hit_in_a_step, 143, terminated);
	ck_assert(first_param() == 5);
	expect(is_hit_as_it_ends, 129, hung_up);
}
END_TEST

START_TEST(a_second_signal_ends_the_program_before_the_state_is_saved)
{
	expect(is_hit_twice_in_a_step, 130, "fltrain: interrupted again; stopping at once\n");
	ck_assert(!is_written());
}
END_TEST

START_TEST(a_state_that_cannot_be_saved_is_an_error)
{
	expect(is_hit_while_it_cannot_save, 1,
	       "fltrain: interrupted, but the state of training could not be saved: none/state: cannot be written: No "
	       "such file or directory\n");
}
END_TEST

START_TEST(without_a_state_to_save_the_end_is_at_once)
{
	expect(has_ended_before, 130, "fltrain: interrupted; nothing was written\n");
	ck_assert(!is_written());
	expect(keeps_no_state, 130,
	       "fltrain: interrupted; nothing was written; with --checkpoint FILE the training could go on from "
	       "here\n");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("interrupt");
	TCase *tcase = tcase_create("interrupt");
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
	tcase_add_loop_test(tcase, one_signal_ends_the_program, 0, (int)(sizeof signals / sizeof *signals));
	tcase_add_test(tcase, a_held_signal_does_nothing);
	tcase_add_test(tcase, the_state_is_saved_first);
	tcase_add_test(tcase, a_second_signal_ends_the_program_before_the_state_is_saved);
	tcase_add_test(tcase, a_state_that_cannot_be_saved_is_an_error);
	tcase_add_test(tcase, without_a_state_to_save_the_end_is_at_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
