#include "base/atomic_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

struct flt_atomic_file {
	FILE *stream;
	char *path;      /* as given, for messages */
	char *final;     /* the file to replace, links resolved; NULL: written directly */
	char *temporary; /* a name in the same folder */
	bool is_named;   /* the temporary file has that name */
	bool is_noted;   /* that name is among names */
	int fd;          /* keeps a nameless file alive once its stream is closed; else 0 */
};

/* The temporary names that may exist, for flt_atomic_abandon. If there are more of them at a time, the process leaves
 * the others behind. */
static char *_Atomic names[16];
enum { N_NAMES = sizeof names / sizeof *names };

static void note_name(struct flt_atomic_file *file)
{
	for (size_t i = 0; i < N_NAMES && !file->is_noted; i++) {
		char *none = NULL;
		file->is_noted = atomic_compare_exchange_strong(&names[i], &none, file->temporary);
	}
}

/* A name that is no longer there is being read by flt_atomic_abandon: nobody may change it before the process ends. */
static void forget_name(struct flt_atomic_file *file)
{
	for (size_t i = 0; i < N_NAMES && file->is_noted; i++) {
		char *noted = file->temporary;
		file->is_noted = !atomic_compare_exchange_strong(&names[i], &noted, NULL);
	}
	while (file->is_noted)
		pause();
}

void flt_atomic_abandon(void)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		const char *name = atomic_exchange(&names[i], NULL);
		if (name)
			unlink(name);
	}
}

static enum flt_status fail_system(struct flt_error *err, const char *path)
{
	return flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be written: %s", path, flt_write_reason(errno));
}

static void release(struct flt_atomic_file *file)
{
	forget_name(file);
	if (file->stream)
		fclose(file->stream);
	if (file->fd)
		close(file->fd);
	flt_free(file->path);
	flt_free(file->final);
	flt_free(file->temporary);
	flt_free(file);
}

/* The descriptor that /dev/stdout and the like stand for, or -1. */
static int own_descriptor(const char *path)
{
	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		if (strncmp(path, folders[i], strlen(folders[i])) != 0)
			continue;
		const char *number = path + strlen(folders[i]);
		char as_named[24];
		long n = strtol(number, NULL, 10);
		snprintf(as_named, sizeof as_named, "%ld", n);
		if (strcmp(number, as_named) == 0 && n >= 0 && n <= INT_MAX)
			return (int)n;
	}
	return -1;
}

bool flt_atomic_is_descriptor(const char *path)
{
	return own_descriptor(path) >= 0;
}

static enum flt_status open_descriptor(struct flt_atomic_file *file, int fd, struct flt_error *err)
{
	file->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (file->stream)
		return FLT_OK;
	enum flt_status status = fail_system(err, file->path);
	if (fd >= 0)
		close(fd);
	return status;
}

/* A folder's length in path, with its slash; 0 if there is none. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The folder of a path that the system has found short enough, "." if it names none. */
static void name_folder(const char *path, char folder[PATH_MAX])
{
	size_t length = folder_length(path);
	assert(length < PATH_MAX);
	memcpy(folder, length ? path : ".", length ? length : 1);
	folder[length ? length : 1] = '\0';
}

enum { ATTEMPTS = 16, NAME_SIZE = sizeof ".fltrain-0123456789abcdef0123456789abcdef.tmp" };

/* Puts a new name that nobody can guess into file->temporary; false, with errno, if the system has no randomness. */
static bool choose_name(struct flt_atomic_file *file)
{
	uint64_t secret[2];
	if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
		return false;
	forget_name(file);
	snprintf(file->temporary + folder_length(file->final), NAME_SIZE, ".fltrain-%016llx%016llx.tmp",
	         (unsigned long long)secret[0], (unsigned long long)secret[1]);
	note_name(file);
	return true;
}

static int open_named(struct flt_atomic_file *file, mode_t mode)
{
	int fd = -1;
	errno = EEXIST;
	for (int i = 0; fd < 0 && errno == EEXIST && i < ATTEMPTS && choose_name(file); i++)
		fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	file->is_named = fd >= 0;
	return fd;
}

/* A nameless file vanishes with the process, however it ends. Not every file system supports them, and naming one in
 * the end goes through /proc. */
static int open_nameless(const struct flt_atomic_file *file, mode_t mode)
{
	char folder[PATH_MAX];
	if (access("/proc/self/fd", X_OK) != 0)
		return -1;
	name_folder(file->final, folder);
	return open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, mode);
}

/* The sync before this one is void where file systems (btrfs) leave out files without a name. */
static bool give_name(struct flt_atomic_file *file)
{
	if (file->is_named)
		return true;
	char own[64];
	snprintf(own, sizeof own, "/proc/self/fd/%d", file->fd);
	errno = EEXIST;
	for (int i = 0; !file->is_named && errno == EEXIST && i < ATTEMPTS && choose_name(file); i++)
		file->is_named = linkat(AT_FDCWD, own, AT_FDCWD, file->temporary, AT_SYMLINK_FOLLOW) == 0;
	return file->is_named && fsync(file->fd) == 0;
}

static enum flt_status open_temporary(struct flt_atomic_file *file, mode_t mode, int *fd, struct flt_error *err)
{
	size_t folder = folder_length(file->final);
	file->temporary = flt_alloc(folder + NAME_SIZE, 1, err);
	FLT_TRY_MEMORY(file->temporary);
	memcpy(file->temporary, file->final, folder);
	*fd = open_nameless(file, mode);
	if (*fd < 0)
		*fd = open_named(file, mode);
	return *fd >= 0 ? FLT_OK : fail_system(err, file->path);
}

/* Why no other file could take the place of the one at `final`, though it may be written to; NULL if nothing is known.
 */
static const char *reason_to_stay(const char *final)
{
	char folder[PATH_MAX];
	struct stat place = {0};
	struct statx older;
	if (statx(AT_FDCWD, final, AT_SYMLINK_NOFOLLOW, STATX_UID, &older) != 0)
		return NULL;
	name_folder(final, folder);
	(void)stat(folder, &place); /* which is there, since the file is */
	if (older.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return "it is mounted by itself, so no other file can take its place: mount its folder instead, or "
		       "name another file";
	uid_t own = geteuid();
	if ((place.st_mode & S_ISVTX) && own != 0 && own != older.stx_uid && own != place.st_uid)
		return "it belongs to another user, in a folder where files are replaced by their owners only: name "
		       "another file";
	return NULL;
}

/* What would fail at the commit only, after long work. */
static enum flt_status check_place(const struct flt_atomic_file *file, struct flt_error *err)
{
	bool has_room = folder_length(file->final) + NAME_SIZE <= PATH_MAX;
	const char *reason = has_room ? reason_to_stay(file->final)
	                              : "its path is too long for a temporary name beside it: choose a folder with a "
	                                "shorter one";
	return reason ? flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be written: %s", file->path, reason) : FLT_OK;
}

/* A new file gets 0666 less the umask; a replaced one keeps its mode. */
static enum flt_status open_replacement(struct flt_atomic_file *file, const struct stat *older, struct flt_error *err)
{
	if (older && access(file->path, W_OK) != 0)
		return fail_system(err, file->path);
	char *resolved = older ? realpath(file->path, NULL) : NULL;
	if (older && !resolved)
		return fail_system(err, file->path);
	const char *name = resolved ? resolved : file->path;
	file->final = flt_copy_text(name, strlen(name), err);
	free(resolved);
	int fd;
	FLT_TRY_MEMORY(file->final);
	FLT_TRY(check_place(file, err));
	FLT_TRY(open_temporary(file, 0666, &fd, err));
	if (older && fchmod(fd, older->st_mode & 0777) != 0) {
		enum flt_status status = fail_system(err, file->path);
		close(fd);
		return status;
	}
	return open_descriptor(file, fd, err);
}

static enum flt_status open_file(struct flt_atomic_file *file, struct flt_error *err)
{
	struct stat older;
	int own = own_descriptor(file->path);
	if (own >= 0)
		return open_descriptor(file, fcntl(own, F_DUPFD_CLOEXEC, 3), err);
	bool exists = stat(file->path, &older) == 0;
	if (!exists && errno != ENOENT)
		return fail_system(err, file->path);
	if (!exists || S_ISREG(older.st_mode))
		return open_replacement(file, exists ? &older : NULL, err);
	return open_descriptor(file, open(file->path, O_WRONLY | O_CLOEXEC), err);
}

enum flt_status flt_atomic_open(const char *path, struct flt_atomic_file **opened, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*opened = NULL;
	struct flt_atomic_file *file = flt_alloc_zero(1, sizeof *file, err);
	FLT_TRY_MEMORY(file);
	file->path = flt_copy_text(path, strlen(path), err);
	FLT_TRY_MEMORY_OUT(file->path);
	FLT_TRY_OUT(open_file(file, err));
	*opened = file;
out:
	if (status != FLT_OK)
		flt_atomic_discard(file);
	return status;
}

FILE *flt_atomic_stream(struct flt_atomic_file *file)
{
	return file->stream;
}

bool flt_atomic_is_hidden(const struct flt_atomic_file *file)
{
	return file->temporary != NULL;
}

/* A rename is durable once its folder is synced. Some file systems cannot do that, so failure is no error. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	name_folder(path, folder);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* A write that failed earlier set the stream's error flag, but errno is long gone. The output is lost anyway, so one
 * more write brings the reason back. */
bool flt_flush(FILE *stream)
{
	bool failed_before = ferror(stream) != 0;
	if (failed_before) {
		clearerr(stream);
		fputc('\n', stream);
	}
	bool good = fflush(stream) == 0;
	if (good && failed_before)
		errno = EIO;
	return good && !failed_before;
}

/* A nameless file lives as long as one of its descriptors. */
static bool keep_descriptor(struct flt_atomic_file *file)
{
	int fd = fcntl(fileno(file->stream), F_DUPFD_CLOEXEC, 3);
	file->fd = fd < 0 ? 0 : fd;
	return fd >= 0;
}

/* Flushes, syncs and closes the stream; false, with errno, on failure. */
static bool finish_stream(struct flt_atomic_file *file)
{
	bool good = flt_flush(file->stream);
	if (good && file->temporary)
		good = fsync(fileno(file->stream)) == 0 && (file->is_named || keep_descriptor(file));
	int reason = errno;
	if (fclose(file->stream) != 0 && good) {
		reason = errno;
		good = false;
	}
	file->stream = NULL;
	errno = reason;
	return good;
}

enum flt_status flt_atomic_finish(struct flt_atomic_file *file, struct flt_error *err)
{
	return !file->stream || finish_stream(file) ? FLT_OK : fail_system(err, file->path);
}

static enum flt_status put_in_place(struct flt_atomic_file *file, struct flt_error *err)
{
	if (!file->temporary)
		return FLT_OK;
	if (!give_name(file) || rename(file->temporary, file->final) != 0)
		return fail_system(err, file->path);
	sync_folder(file->final);
	return FLT_OK;
}

enum flt_status flt_atomic_commit(struct flt_atomic_file *file, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_atomic_finish(file, err));
	FLT_TRY_OUT(put_in_place(file, err));
	file->is_named = false; /* the temporary name is gone */
out:
	flt_atomic_discard(file);
	return status;
}

void flt_atomic_discard(struct flt_atomic_file *file)
{
	if (!file)
		return;
	if (file->is_named)
		unlink(file->temporary);
	release(file);
}

enum flt_status flt_atomic_write(const char *path, const void *bytes, size_t n, struct flt_error *err)
{
	struct flt_atomic_file *file;
	FLT_TRY(flt_atomic_open(path, &file, err));
	fwrite(bytes, 1, n, file->stream); /* a failure is found by the commit */
	return flt_atomic_commit(file, err);
}
