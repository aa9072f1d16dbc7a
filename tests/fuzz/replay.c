/* Walks files and folders of inputs with the harness that it is linked to, each in a process of its own, so that one
 * that fails does not hide the others. */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness.h"

enum { LARGEST = 1 << 24 };

/* What an input may cost: so much in any case, for the search for a header compares the first lines with each other,
 * and so much for each of its bytes. */
enum { STEPS = 20000000, STEPS_PER_BYTE = 4000 };

static unsigned passed, failed;

/* Defined where steps are counted (tests/steps.c). */
__attribute__((weak)) unsigned long long steps_so_far(void);

static void run(const uint8_t *bytes, size_t n)
{
	unsigned long long before = steps_so_far ? steps_so_far() : 0;
	LLVMFuzzerTestOneInput(bytes, n);
	unsigned long long steps = steps_so_far ? steps_so_far() - before : 0;
	if (steps > STEPS + (unsigned long long)STEPS_PER_BYTE * n)
		fprintf(stderr, "%llu steps for %zu bytes\n", steps, n);
	PROMISE(steps <= STEPS + (unsigned long long)STEPS_PER_BYTE * n);
}

static uint8_t *read_file(const char *path, size_t *n)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(LARGEST);
	PROMISE(file && bytes);
	*n = fread(bytes, 1, LARGEST, file);
	PROMISE(!ferror(file) && *n < LARGEST);
	fclose(file);
	uint8_t *exact = realloc(bytes, *n ? *n : 1); /* the sanitizers see what lies beyond */
	PROMISE(exact);
	return exact;
}

static void replay_file(const char *path)
{
	fflush(NULL);
	pid_t child = fork();
	PROMISE(child >= 0);
	if (child == 0) {
		size_t n;
		uint8_t *bytes = read_file(path, &n);
		run(bytes, n);
		free(bytes);
		exit(0);
	}
	int status;
	PROMISE(waitpid(child, &status, 0) == child);
	bool is_fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	*(is_fine ? &passed : &failed) += 1;
	if (!is_fine)
		printf("FAILED  %s\n", path);
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
	struct stat about;
	PROMISE(stat(path, &about) == 0);
	if (!S_ISDIR(about.st_mode)) {
		replay_file(path);
		return;
	}
	struct dirent **entries;
	int n = scandir(path, &entries, is_shown, alphasort);
	PROMISE(n >= 0);
	for (int i = 0; i < n; i++) {
		char below[4096];
		PROMISE(snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name) < (int)sizeof below);
		replay(below);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("corpus: %u passed, %u failed (%s)\n", passed, failed, argv[argc - 1]);
	return failed > 0 || passed == 0;
}
