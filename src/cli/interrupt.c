#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report/progress.h"

enum { SAME_SIGNAL_MS = 100 }; /* timeout(1) sends its signal to the program and to its group: twice, and means one */

/* A signal handler has no argument: the only state of the program that is global. Any thread may run it, or ask. */
static atomic_int requested; /* the signal's number */
static atomic_llong requested_at_ms;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2, "a signal handler may touch them");

/* Only calls that a signal handler may make. */
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
		say(" again; ended at once\n");
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
		fprintf(stderr,
		        "%s; the state of training is in %s, and the same command with --resume %s goes on from it\n",
		        word(requested), checkpoint, checkpoint);
	else
		fprintf(stderr, "%s; nothing was written\n", word(requested));
	_exit(128 + requested);
}
