/*
 * The program as one process that lives long: each line of stdin is a command line, whose words stand between tabs, and
 * it is run as the program's main would run it. To each, a line answers on stdout: exit code, bytes allocated by the
 * library, resident bytes, open descriptors and threads. What the commands print goes to the files "out" and "err".
 */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

int fltrain_main(int argc, char **argv);

/* The program ends with it; here stdout is needed again. */
enum flt_status __wrap_terminal_close(struct flt_error *err);
enum flt_status __wrap_terminal_close(struct flt_error *err)
{
	(void)err;
	fflush(stdout);
	return FLT_OK;
}

static size_t count_entries(const char *folder)
{
	size_t n = 0;
	DIR *open = opendir(folder);
	while (open && readdir(open))
		n++;
	if (open)
		closedir(open);
	return n;
}

static size_t resident_bytes(void)
{
	size_t all = 0, resident = 0;
	FILE *sizes = fopen("/proc/self/statm", "r");
	if (!sizes || fscanf(sizes, "%zu %zu", &all, &resident) != 2)
		abort();
	fclose(sizes);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

int main(void)
{
	enum { MOST_WORDS = 100 };
	char *line = NULL, *words[MOST_WORDS + 1];
	size_t capacity = 0;
	ssize_t length;
	FILE *answers = fdopen(dup(STDOUT_FILENO), "w");
	if (!answers || !freopen("err", "w", stderr))
		return EXIT_FAILURE;
	while ((length = getline(&line, &capacity, stdin)) > 0) {
		int n = 0;
		line[length - 1] = '\0';
		for (char *word = strtok(line, "\t"); word && n < MOST_WORDS; word = strtok(NULL, "\t"))
			words[n++] = word;
		words[n] = NULL;
		if (!freopen("out", "w", stdout))
			return EXIT_FAILURE;
		int status = fltrain_main(n, words);
		malloc_trim(0);
		fprintf(answers, "%d %zu %zu %zu %zu\n", status, flt_alloc_live(), resident_bytes(),
		        count_entries("/proc/self/fd"), count_entries("/proc/self/task"));
		fflush(answers);
	}
	free(line);
	return EXIT_SUCCESS;
}
