#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The real calls: those of this file would come back to it. */
extern __typeof__(read) __real_read;
extern __typeof__(pread) __real_pread;
extern __typeof__(write) __real_write;
extern __typeof__(open) __real_open;
extern __typeof__(close) __real_close;
extern __typeof__(fsync) __real_fsync;
extern int __real_linkat(int, const char *, int, const char *, int);
extern __typeof__(rename) __real_rename;
extern __typeof__(lseek) __real_lseek;
extern __typeof__(stat) __real_stat;
extern __typeof__(fstat) __real_fstat;
extern __typeof__(access) __real_access;
extern __typeof__(fchmod) __real_fchmod;
extern __typeof__(fcntl) __real_fcntl;
extern ssize_t __real_getrandom(void *, size_t, unsigned);
extern __typeof__(mkostemp) __real_mkostemp;
extern __typeof__(unlink) __real_unlink;
extern __typeof__(mmap) __real_mmap;
extern __typeof__(mkdir) __real_mkdir;
extern __typeof__(fallocate) __real_fallocate;
extern __typeof__(posix_fallocate) __real_posix_fallocate;
extern int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
extern __typeof__(fopen) __real_fopen;
extern __typeof__(fdopen) __real_fdopen;
extern int __real_fileno(FILE *);

static struct {
	struct strike *strike; /* NULL: nothing is disturbed */
	enum call call;
	enum deed deed;
	int reason;
	const int *reasons; /* of each kind, where any call counts */
	unsigned long k, apart;
	bool persists;
	const char *file;
	struct stat about_file;
} armed;

static pthread_mutex_t striking = PTHREAD_MUTEX_INITIALIZER;

static bool is_due(unsigned long n)
{
	return n == armed.k || (armed.persists && n > armed.k) || (armed.apart && n == armed.k + armed.apart);
}

static void note_strike(enum call call, bool ignorable)
{
	struct strike *strike = armed.strike;
	pthread_mutex_lock(&striking);
	unsigned long n = atomic_load(&strike->n_struck);
	if (n < 2) {
		strike->struck[n].call = call;
		strike->struck[n].ignorable = ignorable;
	}
	strike->ignorable = ignorable && (n == 0 || strike->ignorable);
	atomic_store(&strike->n_struck, n + 1);
	pthread_mutex_unlock(&striking);
}

bool strikes(enum call call, bool ignorable)
{
	if (!armed.strike || (armed.call != call && armed.call != CALL_ANY))
		return false;
	unsigned long n = atomic_fetch_add(&armed.strike->n_calls, 1) + 1;
	if (!is_due(n))
		return false;
	note_strike(call, ignorable);
	if (armed.call == CALL_ANY)
		errno = n == armed.k ? armed.reasons[call] : EDQUOT;
	else if (armed.deed == DEED_FAIL)
		errno = armed.reason;
	return true;
}

void inject_arm(struct strike *strike, enum call call, enum deed deed, int reason, unsigned long k, bool persists,
                const char *file)
{
	armed.call = call;
	armed.deed = deed;
	armed.reason = reason;
	armed.k = k;
	armed.persists = persists;
	armed.file = file;
	if (file && __real_stat(file, &armed.about_file) != 0)
		abort();
	armed.strike = strike;
}

void inject_arm_pair(struct strike *strike, const int reasons[N_CALLS], unsigned long k, unsigned long apart)
{
	armed.call = CALL_ANY;
	armed.deed = DEED_FAIL;
	armed.reasons = reasons;
	armed.k = k;
	armed.apart = apart;
	armed.strike = strike;
}

/* ---- descriptors ---- */

static void change_file(void)
{
	int fd = __real_open(armed.file, O_RDWR);
	off_t size = fd < 0 ? 0 : __real_lseek(fd, 0, SEEK_END);
	bool good = fd >= 0;
	if (armed.deed == DEED_SHRINK)
		good = good && ftruncate(fd, size / 2) == 0;
	else if (armed.deed == DEED_GROW)
		good = good && __real_write(fd, "more\n", 5) == 5;
	else
		good = good && pwrite(fd, "7", 1, size - 1) == 1;
	if (!good)
		abort();
	__real_close(fd);
}

static bool is_armed_file(int fd)
{
	struct stat about;
	if (!armed.strike || !armed.file)
		return true;
	return __real_fstat(fd, &about) == 0 && about.st_ino == armed.about_file.st_ino &&
	       about.st_dev == armed.about_file.st_dev;
}

/* A stream of this kind has no descriptor that fileno would know. */
static struct {
	FILE *stream;
	intptr_t fd;
	bool is_of_machine;
} streams[32];

/* What the machine says of itself may be missing: memory then has no limit but the one that was given. */
static bool is_of_machine(int fd)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (streams[i].stream && streams[i].fd == fd)
			return streams[i].is_of_machine;
	return false;
}

/* What remains to be asked for after the fault, or -1 if the read fails. */
static ssize_t read_size(int fd, size_t n)
{
	if (!is_armed_file(fd) || !strikes(CALL_READ, is_of_machine(fd)))
		return (ssize_t)n;
	if (armed.deed == DEED_FAIL)
		return -1;
	if (armed.deed == DEED_SHORTEN)
		return n > 0;
	change_file();
	return (ssize_t)n;
}

ssize_t __wrap_read(int fd, void *bytes, size_t n)
{
	ssize_t size = read_size(fd, n);
	return size < 0 ? size : __real_read(fd, bytes, (size_t)size);
}

ssize_t __wrap_pread(int fd, void *bytes, size_t n, off_t at)
{
	ssize_t size = read_size(fd, n);
	return size < 0 ? size : __real_pread(fd, bytes, (size_t)size, at);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	if (!strikes(CALL_WRITE, false))
		return __real_write(fd, bytes, n);
	return armed.deed == DEED_FAIL ? -1 : __real_write(fd, bytes, n > 0);
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list rest;
	va_start(rest, flags);
	bool is_nameless = (flags & O_TMPFILE) == O_TMPFILE;
	mode_t mode = flags & O_CREAT || is_nameless ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	if (is_nameless)
		return strikes(CALL_NAMELESS, true) ? -1 : __real_open(path, flags, mode);
	return strikes(CALL_OPEN, (flags & O_DIRECTORY) != 0) ? -1 : __real_open(path, flags, mode);
}

int __wrap_close(int fd)
{
	struct stat about;
	bool is_kept = (__real_fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
	is_kept = is_kept && __real_fstat(fd, &about) == 0 && about.st_nlink > 0;
	bool struck = strikes(CALL_CLOSE, !is_kept);
	int reason = errno, result = __real_close(fd);
	if (struck)
		errno = reason;
	return struck ? -1 : result;
}

int __wrap_linkat(int from, const char *old, int to, const char *new, int flags)
{
	return strikes(CALL_LINKAT, false) ? -1 : __real_linkat(from, old, to, new, flags);
}

int __wrap_fsync(int fd)
{
	struct stat about;
	bool is_folder = __real_fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
	return strikes(CALL_FSYNC, is_folder) ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
	return strikes(CALL_RENAME, false) ? -1 : __real_rename(from, to);
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	return strikes(CALL_LSEEK, false) ? -1 : __real_lseek(fd, offset, whence);
}

int __wrap_stat(const char *path, struct stat *about)
{
	return strikes(CALL_STAT, false) ? -1 : __real_stat(path, about);
}

int __wrap_fstat(int fd, struct stat *about)
{
	return strikes(CALL_STAT, false) ? -1 : __real_fstat(fd, about);
}

int __wrap_access(const char *path, int mode)
{
	return strikes(CALL_ACCESS, false) ? -1 : __real_access(path, mode);
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return strikes(CALL_FCHMOD, false) ? -1 : __real_fchmod(fd, mode);
}

int __wrap_fcntl(int fd, int command, ...)
{
	va_list rest;
	va_start(rest, command);
	long argument = va_arg(rest, long);
	va_end(rest);
	return strikes(CALL_FCNTL, false) ? -1 : __real_fcntl(fd, command, argument);
}

ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags)
{
	return strikes(CALL_GETRANDOM, false) ? -1 : __real_getrandom(bytes, n, flags);
}

int __wrap_mkostemp(char *pattern, int flags)
{
	return strikes(CALL_MKOSTEMP, false) ? -1 : __real_mkostemp(pattern, flags);
}

int __wrap_unlink(const char *path)
{
	return strikes(CALL_UNLINK, false) ? -1 : __real_unlink(path);
}

void *__wrap_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	bool asks_for_less = (flags & MAP_NORESERVE) != 0; /* of addresses, when refused */
	return strikes(CALL_MMAP, asks_for_less) ? MAP_FAILED : __real_mmap(at, n, protection, flags, fd, offset);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	return strikes(CALL_MKDIR, false) ? -1 : __real_mkdir(path, mode);
}

/* Gives space back. */
int __wrap_fallocate(int fd, int mode, off_t begin, off_t n)
{
	return strikes(CALL_FALLOCATE, true) ? -1 : __real_fallocate(fd, mode, begin, n);
}

int __wrap_posix_fallocate(int fd, off_t begin, off_t n)
{
	return strikes(CALL_FALLOCATE, false) ? errno : __real_posix_fallocate(fd, begin, n);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	if (strikes(CALL_THREAD, false))
		return errno;
	return __real_pthread_create(thread, attributes, start, argument);
}

/* Time stands still, so that runs print the same. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	(void)clock;
	*time = (struct timespec){0};
	return 0;
}

/* ---- streams ---- */

static ssize_t cookie_read(void *cookie, char *bytes, size_t n)
{
	if (armed.reason == EINTR) /* never comes to stdio: the program's handlers have SA_RESTART */
		return __real_read((int)(intptr_t)cookie, bytes, n);
	return __wrap_read((int)(intptr_t)cookie, bytes, n);
}

/* All of it, as stdio's own write does: a short one is not a failure. fopencookie's sign of failure is 0. */
static ssize_t cookie_write(void *cookie, const char *bytes, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t written = __wrap_write((int)(intptr_t)cookie, bytes + done, n - done);
		if (written < 0)
			return 0;
		done += (size_t)written;
	}
	return (ssize_t)n;
}

static int cookie_seek(void *cookie, off64_t *offset, int whence)
{
	*offset = __real_lseek((int)(intptr_t)cookie, *offset, whence);
	return *offset < 0 ? -1 : 0;
}

static int cookie_close(void *cookie)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (streams[i].stream && streams[i].fd == (intptr_t)cookie)
			streams[i].stream = NULL;
	return __wrap_close((int)(intptr_t)cookie);
}

static FILE *stream_of(int fd, const char *mode, bool of_machine)
{
	static const cookie_io_functions_t calls = {cookie_read, cookie_write, cookie_seek, cookie_close};
	FILE *stream = fopencookie((void *)(intptr_t)fd, mode, calls);
	size_t i = 0;
	while (i < sizeof streams / sizeof *streams && streams[i].stream)
		i++;
	if (!stream || i == sizeof streams / sizeof *streams)
		abort();
	streams[i].stream = stream;
	streams[i].fd = fd;
	streams[i].is_of_machine = of_machine;
	return stream;
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
	return strikes(CALL_FDOPEN, false) ? NULL : stream_of(fd, mode, false);
}

/* The program opens by name only what it reads. */
FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (*mode != 'r' || strchr(mode, '+'))
		abort();
	bool of_machine = strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0;
	if (strikes(CALL_FOPEN, of_machine))
		return NULL;
	int fd = __real_open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? NULL : stream_of(fd, mode, of_machine);
}

int __wrap_fileno(FILE *stream)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (streams[i].stream == stream)
			return (int)streams[i].fd;
	return __real_fileno(stream);
}

/* ---- what is left ---- */

static unsigned open_descriptors(void)
{
	unsigned open = 0;
	for (int fd = 0; fd < 32; fd++)
		open |= (unsigned)(__real_fcntl(fd, F_GETFD) >= 0) << fd;
	return open;
}

static bool any_stream(void)
{
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		if (streams[i].stream && streams[i].stream != stdout)
			return true;
	return false;
}

static unsigned open_before;

void inject_begin(void)
{
	stdout = stream_of(STDOUT_FILENO, "w", false);
	open_before = open_descriptors();
	memory_begin();
}

void inject_end(struct strike *strike)
{
	armed.strike = NULL;
	if (memory_held() != 0)
		strike->left = "did not free all memory";
	else if (any_stream())
		strike->left = "did not close a stream";
	else if (open_descriptors() & ~open_before)
		strike->left = "did not close a descriptor";
}
