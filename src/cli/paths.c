#include "cli/paths.h"

#include <limits.h>
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

/* Where a file that does not exist yet would be made: behind links that lead nowhere, in this folder. */
struct place {
	char path[PATH_MAX];
	struct stat folder;
};

/* Replaces the path of a link by what it says, seen from the link's folder. False: it is no link, or too long. */
static bool follow_link(char path[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	char *slash = strrchr(path, '/'), *name = slash && *target != '/' ? slash + 1 : path;
	if ((size_t)(name - path) + (size_t)n >= PATH_MAX)
		return false;
	memcpy(name, target, (size_t)n + 1);
	return true;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool find_place(const char *path, struct place *place)
{
	enum { MOST_LINKS = 40 };
	char folder[PATH_MAX];
	if (strlen(path) >= PATH_MAX)
		return false;
	strcpy(place->path, path);
	for (int i = 0; i < MOST_LINKS && follow_link(place->path); i++)
		;
	size_t length = (size_t)(last_name(place->path) - place->path);
	memcpy(folder, place->path, length);
	folder[length] = '\0';
	return stat(length ? folder : ".", &place->folder) == 0;
}

static bool is_same_place(const char *a, const char *b)
{
	struct place place_a, place_b;
	return find_place(a, &place_a) && find_place(b, &place_b) && place_a.folder.st_dev == place_b.folder.st_dev &&
	       place_a.folder.st_ino == place_b.folder.st_ino &&
	       strcmp(last_name(place_a.path), last_name(place_b.path)) == 0;
}

bool is_same_file(const char *a, const char *b)
{
	struct stat about_a, about_b;
	if (strcmp(a, b) == 0)
		return true;
	if (is_dash(a) || is_dash(b))
		return false;
	bool exists_a = stat(a, &about_a) == 0, exists_b = stat(b, &about_b) == 0;
	if (exists_a || exists_b)
		return exists_a && exists_b && is_same_regular(&about_a, &about_b);
	return is_same_place(a, b);
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

bool is_same_output(const char *a, const char *b)
{
	struct stat about_a, about_b;
	if (!is_dash(a) && !is_dash(b))
		return is_same_file(a, b);
	return strcmp(a, b) == 0 || (look_at(a, STDOUT_FILENO, &about_a) && look_at(b, STDOUT_FILENO, &about_b) &&
	                             is_same_regular(&about_a, &about_b));
}
