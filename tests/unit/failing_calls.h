/*
 * Calls of the system that fail on demand. The functions of the C library are defined here anew, in the test program,
 * which the linker prefers: a call does what it is for unless it is the one that is to fail. What the C library calls
 * for itself, as for a stream, does not come here.
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum failing_call {
	NO_CALL,
	CALL_WRITE,
	CALL_FSTAT,
	CALL_OPEN,
	CALL_FSYNC,
	CALL_RENAME,
	CALL_FCHMOD,
	CALL_FCNTL,
	CALL_REALPATH,
	CALL_GETRANDOM,
	CALL_UNLINK,
};

static enum failing_call failing_call;
static int failing_reason;

/* The next call of that kind, and no other, fails with this errno. */
static inline void fail_next(enum failing_call call, int reason)
{
	failing_call = call;
	failing_reason = reason;
}

static inline bool is_to_fail(enum failing_call call)
{
	if (call != failing_call)
		return false;
	failing_call = NO_CALL;
	errno = failing_reason;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	return is_to_fail(CALL_WRITE) ? -1 : syscall(SYS_write, fd, bytes, n);
}

int fstat(int fd, struct stat *about)
{
	return is_to_fail(CALL_FSTAT) ? -1 : fstatat(fd, "", about, AT_EMPTY_PATH);
}

int open(const char *path, int flags, ...)
{
	va_list more;
	va_start(more, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return is_to_fail(CALL_OPEN) ? -1 : openat(AT_FDCWD, path, flags, mode);
}

int fsync(int fd)
{
	return is_to_fail(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
	return is_to_fail(CALL_RENAME) ? -1 : renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int fchmod(int fd, mode_t mode)
{
	return is_to_fail(CALL_FCHMOD) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

/* Commands whose argument is a number only. */
int fcntl(int fd, int command, ...)
{
	va_list more;
	va_start(more, command);
	long argument = va_arg(more, long);
	va_end(more);
	return is_to_fail(CALL_FCNTL) ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

char *realpath(const char *path, char *resolved)
{
	return is_to_fail(CALL_REALPATH) ? NULL : resolved ? NULL : canonicalize_file_name(path);
}

int unlink(const char *path)
{
	return is_to_fail(CALL_UNLINK) ? -1 : unlinkat(AT_FDCWD, path, 0);
}

/* Bytes that are all 0, while it is set. */
static bool without_randomness;

ssize_t getrandom(void *bytes, size_t n, unsigned flags)
{
	if (is_to_fail(CALL_GETRANDOM))
		return -1;
	if (!without_randomness)
		return syscall(SYS_getrandom, bytes, n, flags);
	memset(bytes, 0, n);
	return (ssize_t)n;
}

#endif
