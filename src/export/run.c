#include "export/run.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The process group that flt_run waits for, or 0. */
static pid_t _Atomic running;

_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && sizeof(pid_t) == sizeof(int), "a signal handler may touch it");

void flt_run_abandon(void)
{
	pid_t group = atomic_exchange(&running, 0);
	if (group > 0)
		kill(-group, SIGTERM);
}

/* The exit code of a process that has ended, or is about to. Its number is forgotten while it still is its own. */
static int end_of(pid_t process)
{
	int how;
	siginfo_t info;
	while (waitid(P_PID, (id_t)process, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
	}
	atomic_store(&running, 0);
	while (waitpid(process, &how, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + (WIFSIGNALED(how) ? WTERMSIG(how) : 0);
}

static int redirect(posix_spawn_file_actions_t *actions, const char *in, const char *out, const char *messages)
{
	enum { MODE = 0600 };
	const int writes = O_WRONLY | O_CREAT | O_TRUNC;
	int reason = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, in ? in : "/dev/null", O_RDONLY, 0);
	if (reason == 0)
		reason = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, out, writes, (mode_t)MODE);
	if (reason == 0)
		reason = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, messages, writes, (mode_t)MODE);
	return reason;
}

/* Starts it as a process group, which flt_run_abandon ends with all that it started. Until its number is known, no
 * signal comes to this thread. */
static int start(char *const *argv, const posix_spawn_file_actions_t *actions, pid_t *process)
{
	sigset_t all, before;
	posix_spawnattr_t how;
	int reason = posix_spawnattr_init(&how);
	if (reason)
		return reason;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setsigmask(&how, &before);
	reason = posix_spawnp(process, argv[0], actions, &how, argv, environ);
	if (reason == 0)
		atomic_store(&running, *process);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	posix_spawnattr_destroy(&how);
	return reason;
}

int flt_run(char *const *argv, const char *in, const char *out, const char *messages)
{
	posix_spawn_file_actions_t actions;
	pid_t process;
	int end = -1, reason = posix_spawn_file_actions_init(&actions);
	if (reason) {
		errno = reason;
		return -1;
	}
	/* Where the parent ignores SIGCHLD nobody could wait for the process. */
	struct sigaction usual = {.sa_handler = SIG_DFL}, older;
	sigaction(SIGCHLD, &usual, &older);
	reason = redirect(&actions, in, out, messages);
	if (reason == 0)
		reason = start(argv, &actions, &process);
	if (reason == 0)
		end = end_of(process);
	posix_spawn_file_actions_destroy(&actions);
	sigaction(SIGCHLD, &older, NULL);
	if (reason)
		errno = reason;
	return end;
}
