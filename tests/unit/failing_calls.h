/*
 * Calls of the system that fail on demand. The functions of the C library are defined here anew, in the test program,
 * which the linker prefers: a call does what it is for unless it is the one that is to fail. What the C library calls
 * for itself, as for a stream, does not come here.
 */
#ifndef FAILING_CALLS_H
#define FAILING_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum failing_call { NO_CALL, CALL_WRITE, CALL_FSTAT };

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

#endif
