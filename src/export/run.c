#include "export/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The exit code of a process that has ended, or is about to. */
static int end_of(pid_t process)
{
	int how;
	while (waitpid(process, &how, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + (WIFSIGNALED(how) ? WTERMSIG(how) : 0);
}

int flt_run(char *const *argv, const char *in, const char *out, const char *messages)
{
	enum { MODE = 0600 };
	posix_spawn_file_actions_t actions;
	pid_t process;
	int reason = posix_spawn_file_actions_init(&actions);
	if (reason) {
		errno = reason;
		return -1;
	}
	const int writes = O_WRONLY | O_CREAT | O_TRUNC;
	reason = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in ? in : "/dev/null", O_RDONLY, 0);
	reason = reason ? reason : posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, writes, (mode_t)MODE);
	reason = reason ? reason
	                : posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages, writes, (mode_t)MODE);
	/* Where the parent ignores SIGCHLD nobody could wait for the process. */
	struct sigaction usual = {.sa_handler = SIG_DFL}, older;
	sigaction(SIGCHLD, &usual, &older);
	reason = reason ? reason : posix_spawnp(&process, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	int end = reason ? -1 : end_of(process);
	sigaction(SIGCHLD, &older, NULL);
	if (reason)
		errno = reason;
	return end;
}
