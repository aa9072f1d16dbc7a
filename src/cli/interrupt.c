#include "cli/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "protocol/checkpoint.h"
#include "report/layout.h"
#include "report/outputs.h"
#include "report/progress.h"

enum { SAME_SIGNAL_MS = 100 }; /* timeout(1) signals both the program and its group; signals this close count as one */

/* The first three are chosen by the program, and say what a signal does. The last two are a signal's doing, and there
 * is no way back. */
enum mode { AT_ONCE, SAVES, HELD, SAVING, LEAVING };

/* The only global state of cli/, since a signal handler has no context. Any thread may run it or read this. */
static atomic_int mode = AT_ONCE;
static atomic_int requested; /* the signal's number */
static atomic_llong requested_at_ms;
static const char *_Atomic outputs_say = "nothing was written";
static bool draws_on_terminal; /* set before the handler is */
static atomic_bool is_service;
static atomic_bool is_silent;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_POINTER_LOCK_FREE == 2 &&
                       ATOMIC_BOOL_LOCK_FREE == 2,
               "a signal handler may touch them");

/* What the thread that saves needs; set before it starts. */
static struct {
	sem_t is_asked;
	struct flt_checkpoint *checkpoint;
	const char *path;
} saver;

static const char *word(int number)
{
	switch (number) {
	case SIGINT:
		return "fltrain: interrupted";
	case SIGHUP:
		return "fltrain: hung up";
	case SIGXCPU:
		return "fltrain: the limit on CPU time (ulimit -t) is reached";
	default:
		return "fltrain: terminated";
	}
}

/* Async-signal-safe. */
static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;
}

/* Async-signal-safe. A progress line may stand where the sentence is to go. */
static void clean_up(void)
{
	flt_outputs_abandon();
	if (draws_on_terminal)
		say("\r\033[K");
}

/* Async-signal-safe. */
static void leave(int number, const char *joint, const char *end)
{
	clean_up();
	if (!is_silent) {
		say(word(number));
		say(joint);
		say(end);
		say("\n");
	}
	_exit(is_service && number == SIGTERM ? 0 : 128 + number);
}

static long long now_ms(void)
{
	return (long long)(1000 * flt_report_clock());
}

/* The limit on CPU time is told every second, and that the terminal is gone by the system and by the shell: only the
 * first time is news. */
static bool is_repeated(int number)
{
	return number == SIGXCPU || number == SIGHUP || now_ms() - requested_at_ms < SAME_SIGNAL_MS;
}

static void record(int number)
{
	if (!requested) {
		requested_at_ms = now_ms();
		requested = number;
	} else if (!is_repeated(number) && atomic_exchange(&mode, LEAVING) != LEAVING) {
		leave(number, " again", "; stopping at once");
	}
}

static void on_signal(int number)
{
	int error = errno, found = atomic_load(&mode);
	while ((found == AT_ONCE || found == SAVES) &&
	       !atomic_compare_exchange_weak(&mode, &found, found == SAVES ? SAVING : LEAVING)) {
	}
	if (found == AT_ONCE)
		leave(number, "; ", outputs_say);
	if (found != LEAVING)
		record(number);
	if (found == SAVES)
		sem_post(&saver.is_asked);
	errno = error;
}

void interrupt_init(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
	draws_on_terminal = isatty(STDERR_FILENO) != 0;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

/* What a thread that is leaving says is true only if nothing more is done here. */
static void enter(enum mode next)
{
	int found = atomic_load(&mode);
	do {
		for (; found == SAVING || found == LEAVING; found = atomic_load(&mode))
			pause();
	} while (!atomic_compare_exchange_weak(&mode, &found, (int)next));
}

static void *save_when_asked(void *nothing)
{
	(void)nothing;
	struct flt_error err;
	while (sem_wait(&saver.is_asked) != 0) { /* a signal woke it */
	}
	enum flt_status status = flt_checkpoint_save(saver.checkpoint, &err);
	while (atomic_exchange(&mode, LEAVING) == LEAVING) /* a second signal ends the program */
		pause();
	clean_up();
	if (status == FLT_OK)
		flt_say(stderr, "%s; training state saved in %s; run the same command with --resume %s to continue\n",
		        word(requested), saver.path, saver.path);
	else
		flt_say(stderr, "fltrain: interrupted, but the state of training could not be saved: %s\n", err.text);
	_exit(status == FLT_OK ? 128 + requested : (int)status);
}

enum flt_status interrupt_save(struct flt_checkpoint *checkpoint, const char *path, struct flt_error *err)
{
	pthread_t thread;
	if (!checkpoint) {
		interrupt_will_say("nothing was written; with --checkpoint FILE the training could go on from here");
		return FLT_OK;
	}
	saver.checkpoint = checkpoint;
	saver.path = path;
	sem_init(&saver.is_asked, 0, 0);
	if (pthread_create(&thread, NULL, save_when_asked, NULL) != 0)
		return flt_fail(err, FLT_ERR_MACHINE,
		                "the system refused to start the thread that saves the state when you interrupt; allow "
		                "more threads (ulimit -u), or leave out --checkpoint and --resume");
	pthread_detach(thread);
	enter(SAVES);
	return FLT_OK;
}

void interrupt_hold(void)
{
	enter(HELD);
}

void interrupt_at_once(void)
{
	enter(AT_ONCE);
}

void interrupt_ends_service(void)
{
	is_service = true;
}

void interrupt_is_silent(void)
{
	is_silent = true;
}

void interrupt_will_say(const char *outputs)
{
	outputs_say = outputs;
}
