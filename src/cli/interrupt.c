#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/progress.h"

enum { SAME_SIGNAL_MS = 100 }; /* timeout(1) signals both the program and its group; signals this close count as one */

/* The only global state of the program, since a signal handler has no context. Any thread may run it or read this. */
static atomic_int requested; /* the signal's number */
static atomic_llong requested_at_ms;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2, "a signal handler may touch them");

/* Async-signal-safe. */
static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;
}

static const char *word(int number)
{
	return number == SIGINT ? "fltrain: interrupted" : "fltrain: terminated";
}

static long long now_ms(void)
{
	return (long long)(1000 * flt_report_clock());
}

static void on_signal(int number)
{
	int error = errno;
	if (!requested) {
		requested_at_ms = now_ms();
		requested = number;
	} else if (now_ms() - requested_at_ms >= SAME_SIGNAL_MS) {
		say(word(number));
		say(" again; stopping at once\n");
		_exit(128 + number);
	}
	errno = error;
}

void interrupt_defer(void)
{
	static const int numbers[] = {SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
}

bool interrupt_requested(void)
{
	return requested != 0;
}

void interrupt_exit(const char *checkpoint)
{
	if (!requested)
		return;
	if (checkpoint)
		fprintf(stderr, "%s; training state saved in %s; run the same command with --resume %s to continue\n",
		        word(requested), checkpoint, checkpoint);
	else
		fprintf(stderr, "%s; nothing was written\n", word(requested));
	_exit(128 + requested);
}
