#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/layout.h"
#include "report/outputs.h"
#include "report/progress.h"

enum { SAME_SIGNAL_MS = 100 }; /* timeout(1) signals both the program and its group; signals this close count as one */

enum mode { AT_ONCE, RECORDED, LEAVING };

/* The only global state of cli/, since a signal handler has no context. Any thread may run it or read this. */
static atomic_int mode = AT_ONCE;
static atomic_int requested; /* the signal's number */
static atomic_llong requested_at_ms;
static const char *_Atomic outputs_say = "nothing was written";
static bool draws_on_terminal; /* set before the handler is */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_POINTER_LOCK_FREE == 2,
               "a signal handler may touch them");

static const char *word(int number)
{
	switch (number) {
	case SIGINT:
		return "fltrain: interrupted";
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
static void leave(int number, const char *joint, const char *end)
{
	flt_outputs_abandon();
	if (draws_on_terminal)
		say("\r\033[K");
	say(word(number));
	say(joint);
	say(end);
	say("\n");
	_exit(128 + number);
}

static long long now_ms(void)
{
	return (long long)(1000 * flt_report_clock());
}

/* The limit on CPU time is told every second, so only the first time is news. */
static void record(int number)
{
	if (!requested) {
		requested_at_ms = now_ms();
		requested = number;
	} else if (number != SIGXCPU && now_ms() - requested_at_ms >= SAME_SIGNAL_MS) {
		leave(number, " again", "; stopping at once");
	}
}

static void on_signal(int number)
{
	int error = errno, expected = AT_ONCE;
	if (atomic_compare_exchange_strong(&mode, &expected, LEAVING))
		leave(number, "; ", outputs_say);
	if (expected == RECORDED)
		record(number);
	errno = error;
}

void interrupt_init(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGXCPU};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
	draws_on_terminal = isatty(STDERR_FILENO) != 0;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

/* What a thread that is leaving says is true only if nothing more is done here. */
void interrupt_defer(void)
{
	int expected = AT_ONCE;
	while (!atomic_compare_exchange_strong(&mode, &expected, RECORDED) && expected == LEAVING) {
		pause();
		expected = AT_ONCE;
	}
}

bool interrupt_requested(void)
{
	return requested != 0;
}

void interrupt_will_say(const char *outputs)
{
	outputs_say = outputs;
}

void interrupt_exit(const char *checkpoint)
{
	if (!requested)
		return;
	flt_say(stderr, "%s; training state saved in %s; run the same command with --resume %s to continue\n",
	        word(requested), checkpoint, checkpoint);
	_exit(128 + requested);
}
