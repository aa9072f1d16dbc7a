/*
 * Runs a command and appends its wall-clock seconds and its peak resident memory to a file: "SECONDS KILOBYTES".
 * usage: usage FILE COMMAND [ARGUMENT...]   (the exit code is the command's)
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status;
	if (argc < 3) {
		fprintf(stderr, "usage: usage FILE COMMAND [ARGUMENT...]\n");
		return 2;
	}
	double start = now();
	pid_t child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0) {
		perror("usage");
		return EXIT_FAILURE;
	}
	double seconds = now() - start;
	FILE *out = fopen(argv[1], "a");
	if (!out || fprintf(out, "%.6f %ld\n", seconds, used.ru_maxrss) < 0 || fclose(out) != 0) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
