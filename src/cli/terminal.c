#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A descriptor that was closed from the start would be taken by the next file opened, and a report would be written
 * into it. Opened the wrong way round, it stays taken and fails as it would have. */
static void keep_descriptors(void)
{
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", wrong_way[fd]) != fd)
			_exit(FLT_ERR_MACHINE);
	}
}

/* Only calls that a signal handler may make. Files appear under their names when they are whole, so that there is
 * nothing to take back. */
static void on_interrupt(int signal_number)
{
	static const char interrupted[] = "fltrain: interrupted; the run is not complete\n";
	static const char terminated[] = "fltrain: terminated; the run is not complete\n";
	bool is_interrupt = signal_number == SIGINT;
	ssize_t ignored = isatty(STDERR_FILENO) ? write(STDERR_FILENO, "\n", 1) : 0;
	ignored += is_interrupt ? write(STDERR_FILENO, interrupted, sizeof interrupted - 1)
	                        : write(STDERR_FILENO, terminated, sizeof terminated - 1);
	(void)ignored;
	_exit(128 + signal_number);
}

/* What a shell told us to ignore stays ignored. */
static void catch_interrupt(int signal_number)
{
	struct sigaction action;
	if (sigaction(signal_number, NULL, &action) || action.sa_handler == SIG_IGN)
		return;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_interrupt;
	sigemptyset(&action.sa_mask);
	sigaction(signal_number, &action, NULL);
}

void terminal_init(void)
{
	keep_descriptors();
	signal(SIGPIPE, SIG_IGN);
	catch_interrupt(SIGINT);
	catch_interrupt(SIGTERM);
}

/* stdio forgets why an early write failed; a pipe still knows that its reader has gone. */
static bool is_pipe_closed(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	return poll(&poller, 1, 0) == 1 && (poller.revents & POLLERR);
}

enum flt_status terminal_close(struct flt_error *err)
{
	bool had_failed = ferror(stdout);
	bool is_closed = is_pipe_closed(STDOUT_FILENO);
	errno = 0;
	if (fflush(stdout) == 0 && !had_failed && fclose(stdout) == 0)
		return FLT_OK;
	if (is_closed || errno == EPIPE)
		return flt_fail(err, FLT_ERR_MACHINE, "%s", "");
	return flt_fail(err, FLT_ERR_MACHINE, "stdout: not all of the output could be written: %s",
	                errno ? strerror(errno) : "an earlier write failed");
}
