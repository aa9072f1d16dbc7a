#include "cli/paths.h"

#include <limits.h>
#include <stdio.h>
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

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool look_at_folder(const char *path, struct stat *about)
{
	char folder[PATH_MAX] = ".";
	size_t length = (size_t)(last_name(path) - path);
	if (length >= PATH_MAX)
		return false;
	if (length)
		snprintf(folder, sizeof folder, "%.*s", (int)length, path);
	return stat(folder, about) == 0;
}

/* Of files that do not exist yet. Through a link that leads nowhere none is made: the file takes the link's place. */
static bool is_same_place(const char *a, const char *b)
{
	struct stat folder_a, folder_b;
	return strcmp(last_name(a), last_name(b)) == 0 && look_at_folder(a, &folder_a) &&
	       look_at_folder(b, &folder_b) && folder_a.st_dev == folder_b.st_dev && folder_a.st_ino == folder_b.st_ino;
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

enum flt_status refuse_redirected(const char *option, const char *text, struct flt_error *err)
{
	char path[PATH_MAX + 1];
	ssize_t length = readlink("/proc/self/fd/1", path, PATH_MAX);
	path[length > 0 ? length : 0] = '\0';
	const char *slash = strrchr(path, '/');
	if (!slash || slash[1] != '=')
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_USAGE,
	        "--%s %s: the shell took the > behind it as an order to write to a file, and made %s: remove that "
	        "file, and put the value in quotes: --%s '%s>%s'",
	        option, text, slash + 1, option, text, slash + 1);
}

enum flt_status name_after(const char *input, const char *otherwise, const char *ending, struct flt_text_buffer *name,
                           struct flt_error *err)
{
	const char *stem = is_dash(input) ? otherwise : last_name(input);
	size_t length = strlen(stem);
	if (length > 3 && strcmp(stem + length - 3, ".gz") == 0)
		length -= 3;
	const char *dot = memrchr(stem, '.', length);
	if (dot && dot > stem)
		length = (size_t)(dot - stem);
	return flt_text_buffer_print(name, err, "%.*s%s", (int)length, stem, ending);
}

struct file_id identify_file(const char *path)
{
	struct stat about;
	bool is_file = !is_dash(path) && stat(path, &about) == 0 && S_ISREG(about.st_mode);
	return is_file ? (struct file_id){about.st_dev, about.st_ino} : (struct file_id){0};
}
