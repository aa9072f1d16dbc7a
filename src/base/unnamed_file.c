#include "base/unnamed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* mkostemp fills in the last six letters. */
static const char name[] = "/.fltrain-XXXXXX";

int flt_unnamed_file(const char *folder)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s%s", folder, name) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int file = mkostemp(path, O_CLOEXEC);
	if (file < 0 || unlink(path) == 0)
		return file;
	int reason = errno;
	close(file);
	errno = reason;
	return -1;
}
