#include "cli/paths.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_dash(const char *path)
{
	return strcmp(path, "-") == 0;
}

static bool is_same_regular(const struct stat *a, const struct stat *b)
{
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool is_same_file(const char *a, const char *b)
{
	struct stat about_a, about_b;
	if (strcmp(a, b) == 0)
		return true;
	return !is_dash(a) && !is_dash(b) && stat(a, &about_a) == 0 && stat(b, &about_b) == 0 &&
	       is_same_regular(&about_a, &about_b);
}

static bool look_at(const char *path, int standard, struct stat *about)
{
	return (is_dash(path) ? fstat(standard, about) : stat(path, about)) == 0;
}

bool is_written_to_input(const char *output, const char *input)
{
	struct stat out, in;
	return look_at(output, STDOUT_FILENO, &out) && look_at(input, STDIN_FILENO, &in) && is_same_regular(&out, &in);
}
