#include "fltrain/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	return status;
}

enum flt_status flt_fail_memory(struct flt_error *err, unsigned long long n_bytes)
{
	return flt_fail(err, FLT_ERR_MACHINE, "out of memory: %llu bytes more are needed", n_bytes);
}
