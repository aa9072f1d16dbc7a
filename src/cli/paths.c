#include "cli/paths.h"

#include <string.h>
#include <sys/stat.h>

bool is_same_file(const char *a, const char *b)
{
	struct stat about_a, about_b;
	if (strcmp(a, b) == 0)
		return true;
	return strcmp(a, "-") != 0 && strcmp(b, "-") != 0 && stat(a, &about_a) == 0 && stat(b, &about_b) == 0 &&
	       S_ISREG(about_a.st_mode) && about_a.st_dev == about_b.st_dev && about_a.st_ino == about_b.st_ino;
}
