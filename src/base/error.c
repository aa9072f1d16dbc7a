#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/character.h"

enum flt_status flt_fail(struct flt_error *err, enum flt_status status, const char *format, ...)
{
	if (!err)
		return status;
	err->status = status;
	va_list args;
	va_start(args, format);
	int length = vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof err->text)
		memcpy(err->text + sizeof err->text - 4, "...", 4);
	flt_mask_controls(err->text); /* messages quote foreign files */
	return status;
}

enum flt_status flt_status_of_errno(int reason)
{
	switch (reason) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
		return FLT_ERR_DATA;
	default:
		return FLT_ERR_MACHINE;
	}
}

static bool has_size_limit(void)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* A file system has a largest file, too, which no remedy of ours moves. */
const char *flt_write_reason(int reason)
{
	if (reason == EFBIG && has_size_limit())
		return "it would pass the limit on file sizes; raise that limit (ulimit -f) where the command is "
		       "started";
	return strerror(reason);
}
