#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A signal handler has no argument: the only state of the program that is global. */
static volatile sig_atomic_t requested; /* the signal's number */
static volatile sig_atomic_t deferred;

static void say_and_exit(int number)
{
	static const char text[] = "fltrain: interrupted: nothing was written\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
	(void)ignored;
	_exit(128 + number);
}

static void on_signal(int number)
{
	if (!deferred || requested)
		say_and_exit(number);
	requested = number;
}

void interrupt_watch(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigemptyset(&action.sa_mask);
	static const int numbers[] = {SIGINT, SIGTERM};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct sigaction before;
		sigaction(numbers[i], NULL, &before);
		if (before.sa_handler != SIG_IGN) /* nohup and background jobs stay as they are */
			sigaction(numbers[i], &action, NULL);
	}
}

void interrupt_defer(void)
{
	deferred = 1;
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
