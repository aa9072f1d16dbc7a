/*
 * Preloaded: every call by which the program changes files is written to the file that RECORD names, for
 * tests/power.py, one line a call, in the order in which they return:
 *
 *   create FOLDER NAME FILE     link FOLDER NAME FILE      write FILE OFFSET N, followed by N bytes
 *   rename FOLDER NAME FOLDER NAME   unlink FOLDER NAME    sync FILE (or folder)
 *   nameless FILE
 *
 * Files and folders are inode numbers; a file number begins anew with create or nameless. Streams are replaced by ones
 * (fopencookie) whose writes come here too. Time stands still, so that each step of a training writes its checkpoint.
 * With NO_NAMELESS=1 the file system knows no file without a name. What cannot be recorded ends the program.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static bool no_nameless;

static void *next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	if (!found)
		abort();
	return found;
}

__attribute__((constructor)) static void start(void)
{
	int (*real)(const char *, int, ...);
	*(void **)&real = next("open");
	const char *path = getenv("RECORD");
	no_nameless = getenv("NO_NAMELESS") != NULL;
	record = path ? real(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (record < 0)
		abort();
}

/* One call, with the bytes that it wrote. */
static void note(const char *line, const void *bytes, size_t n)
{
	struct iovec parts[] = {{(void *)(uintptr_t)line, strlen(line)}, {(void *)(uintptr_t)bytes, n}};
	if (writev(record, parts, 2) != (ssize_t)(parts[0].iov_len + n))
		abort();
}

static unsigned long file_of(int fd, struct stat *about)
{
	if (fstat(fd, about) != 0)
		abort();
	return (unsigned long)about->st_ino;
}

struct place {
	unsigned long folder;
	char name[NAME_MAX + 1];
};

static struct place place_of(const char *path)
{
	char copy[PATH_MAX];
	struct stat about;
	struct place place;
	snprintf(copy, sizeof copy, "%s", path);
	snprintf(place.name, sizeof place.name, "%s", basename(copy));
	snprintf(copy, sizeof copy, "%s", path);
	if (stat(dirname(copy), &about) != 0)
		abort();
	place.folder = (unsigned long)about.st_ino;
	return place;
}

/* A new file with a name, or without one (path NULL). Others are not written to. */
static int note_new(int fd, const char *path)
{
	char line[NAME_MAX + 100];
	struct stat about;
	int reason = errno;
	if (fd >= 0 && path) {
		struct place place = place_of(path);
		snprintf(line, sizeof line, "create %lu %s %lu\n", place.folder, place.name, file_of(fd, &about));
		note(line, NULL, 0);
	} else if (fd >= 0) {
		snprintf(line, sizeof line, "nameless %lu\n", file_of(fd, &about));
		note(line, NULL, 0);
	}
	errno = reason;
	return fd;
}

int open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...);
	*(void **)&real = next("open");
	va_list rest;
	va_start(rest, flags);
	bool is_nameless = (flags & O_TMPFILE) == O_TMPFILE, is_new = (flags & O_CREAT) != 0;
	mode_t mode = is_new || is_nameless ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	if (is_new && !(flags & O_EXCL))
		abort();
	if (is_nameless && no_nameless) {
		errno = EOPNOTSUPP;
		return -1;
	}
	pthread_mutex_lock(&mutex);
	int fd = real(path, flags, mode);
	if (is_new || is_nameless)
		note_new(fd, is_nameless ? NULL : path);
	pthread_mutex_unlock(&mutex);
	return fd;
}

int mkostemp(char *pattern, int flags)
{
	int (*real)(char *, int);
	*(void **)&real = next("mkostemp");
	pthread_mutex_lock(&mutex);
	int fd = note_new(real(pattern, flags), pattern);
	pthread_mutex_unlock(&mutex);
	return fd;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	ssize_t (*real)(int, const void *, size_t);
	*(void **)&real = next("write");
	char line[100];
	struct stat about;
	pthread_mutex_lock(&mutex);
	unsigned long file = file_of(fd, &about);
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t written = real(fd, bytes, n);
	int reason = errno;
	if (written > 0 && S_ISREG(about.st_mode)) {
		snprintf(line, sizeof line, "write %lu %lld %zd\n", file, (long long)at, written);
		note(line, bytes, (size_t)written);
	}
	errno = reason;
	pthread_mutex_unlock(&mutex);
	return written;
}

/* A call that changes names or syncs, and its line if it succeeded. */
static int note_success(int result, const char *line)
{
	int reason = errno;
	if (result == 0)
		note(line, NULL, 0);
	errno = reason;
	pthread_mutex_unlock(&mutex);
	return result;
}

int fsync(int fd)
{
	int (*real)(int);
	*(void **)&real = next("fsync");
	char line[100];
	struct stat about;
	pthread_mutex_lock(&mutex);
	snprintf(line, sizeof line, "sync %lu\n", file_of(fd, &about));
	return note_success(real(fd), line);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
	int (*real)(int, const char *, int, const char *, int);
	*(void **)&real = next("linkat");
	char line[NAME_MAX + 100];
	struct stat about;
	struct place place = place_of(new);
	if (from != AT_FDCWD || to != AT_FDCWD || stat(old, &about) != 0)
		abort();
	pthread_mutex_lock(&mutex);
	snprintf(line, sizeof line, "link %lu %s %lu\n", place.folder, place.name, (unsigned long)about.st_ino);
	return note_success(real(from, old, to, new, flags), line);
}

int rename(const char *old, const char *new)
{
	int (*real)(const char *, const char *);
	*(void **)&real = next("rename");
	char line[2 * NAME_MAX + 100];
	struct place from = place_of(old), to = place_of(new);
	pthread_mutex_lock(&mutex);
	snprintf(line, sizeof line, "rename %lu %s %lu %s\n", from.folder, from.name, to.folder, to.name);
	return note_success(real(old, new), line);
}

int unlink(const char *path)
{
	int (*real)(const char *);
	*(void **)&real = next("unlink");
	char line[NAME_MAX + 100];
	struct place place = place_of(path);
	pthread_mutex_lock(&mutex);
	snprintf(line, sizeof line, "unlink %lu %s\n", place.folder, place.name);
	return note_success(real(path), line);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){0};
	return 0;
}

/* ---- streams ---- */

/* A stream of this kind has no descriptor that fileno would know. */
static struct {
	FILE *stream;
	intptr_t fd;
} streams[32];
enum { N_STREAMS = sizeof streams / sizeof *streams };

static ssize_t cookie_write(void *cookie, const char *bytes, size_t n)
{
	ssize_t written = write((int)(intptr_t)cookie, bytes, n);
	return written < 0 ? 0 : written; /* fopencookie's sign of failure */
}

static int cookie_close(void *cookie)
{
	for (size_t i = 0; i < N_STREAMS; i++)
		if (streams[i].stream && streams[i].fd == (intptr_t)cookie)
			streams[i].stream = NULL;
	return close((int)(intptr_t)cookie);
}

FILE *fdopen(int fd, const char *mode)
{
	static const cookie_io_functions_t calls = {NULL, cookie_write, NULL, cookie_close};
	size_t i = 0;
	FILE *stream = strcmp(mode, "w") == 0 ? fopencookie((void *)(intptr_t)fd, mode, calls) : NULL;
	pthread_mutex_lock(&mutex);
	while (i < N_STREAMS && streams[i].stream)
		i++;
	if (!stream || i == N_STREAMS)
		abort();
	streams[i].stream = stream;
	streams[i].fd = fd;
	pthread_mutex_unlock(&mutex);
	return stream;
}

int fileno(FILE *stream)
{
	int (*real)(FILE *);
	*(void **)&real = next("fileno");
	for (size_t i = 0; i < N_STREAMS; i++)
		if (streams[i].stream == stream)
			return (int)streams[i].fd;
	return real(stream);
}
