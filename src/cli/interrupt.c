#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* A signal handler has no argument: the only state of the program that is global. */
static volatile sig_atomic_t requested; /* the signal's number */

/* Only calls that a signal handler may make. */
static void say_and_exit(int number)
{
	static const char interrupted[] = "fltrain: interrupted; nothing was written\n";
	static const char terminated[] = "fltrain: terminated; nothing was written\n";
	const char *text = number == SIGINT ? interrupted : terminated;
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;
	_exit(128 + number);
}

static void on_signal(int number)
{
	if (requested)
		say_and_exit(number);
	requested = number;
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

void interrupt_exit(void)
{
	if (requested)
		say_and_exit(requested);
}
