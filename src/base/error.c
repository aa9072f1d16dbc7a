#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/character.h"

/* Cuts a sentence (length) that is too long in its middle, between characters: its place stands at the beginning, the
 * remedy at the end. */
static void cut(const char *sentence, size_t length, char text[FLT_ERROR_SIZE])
{
	static const char gap[] = "...";
	enum { HEAD = FLT_ERROR_SIZE / 2, TAIL = FLT_ERROR_SIZE - HEAD - sizeof gap };
	size_t head = flt_fitting_length(sentence, HEAD);
	const char *tail = sentence + length - TAIL;
	while ((*tail & 0xc0) == 0x80)
		tail++;
	memcpy(text, sentence, head);
	memcpy(text + head, gap, sizeof gap);
	strcat(text + head, tail);
}

enum flt_status flt_fail(struct flt_error *err, enum flt_status status, const char *format, ...)
{
	if (!err)
		return status;
	char sentence[16 * FLT_ERROR_SIZE] = ""; /* with paths as long as they may be */
	err->status = status;
	va_list args;
	va_start(args, format);
	vsnprintf(sentence, sizeof sentence, format, args);
	va_end(args);
	size_t length = strlen(sentence);
	if (length < sizeof err->text)
		memcpy(err->text, sentence, length + 1);
	else
		cut(sentence, length, err->text);
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
