#include "csv/source.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/digest.h"
#include "base/always.h"
#include "base/unnamed_file.h"
#include "csv/remedy.h"

enum { RAW_SIZE = 1 << 16, GZIP_WINDOW = 15 + 16 };

struct flt_source {
	char *name;
	int fd;
	int copy;                  /* the temporary file that keeps what a pipe gives, or -1 */
	off_t start;               /* where the data begin, or -1 if fd cannot seek */
	struct stat at_first;      /* of fd, when it was opened */
	_Atomic off_t n_raw_bytes; /* read from start on; others may ask how far it is */
	bool copying;
	bool is_gzip;
	bool in_member;    /* between the first and the last byte of a gzip member */
	z_stream unpacker; /* set up if has_unpacker */
	bool has_unpacker;
	unsigned char *raw; /* (RAW_SIZE) bytes as they lie in the file */
	size_t raw_at, raw_n;
	struct flt_digest digest;  /* of what was handed out, while is_hashing: in the first pass */
	struct flt_digest *shared; /* the caller's, in place of digest, or NULL */
	bool is_hashing;
	char sha256[FLT_SHA256_TEXT];
};

static enum flt_status fail_system(const struct flt_source *source, struct flt_error *err)
{
	int reason = errno;
	return flt_fail(err, flt_status_of_errno(reason), "%s: %s", source->name, strerror(reason));
}

/* In no other folder than the user's: perhaps that alone is trusted. */
static int open_copy(void)
{
	const char *folder = getenv("TMPDIR");
	return flt_unnamed_file(folder && *folder ? folder : "/tmp");
}

static bool write_whole(int fd, const unsigned char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t written = write(fd, bytes, n);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		n -= (size_t)written;
	}
	return true;
}

static enum flt_status keep_copy(const struct flt_source *source, const unsigned char *bytes, size_t n,
                                 struct flt_error *err)
{
	if (!source->copying || write_whole(source->copy, bytes, n))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MACHINE, "%s: its copy in the temporary folder (TMPDIR) cannot be written: %s",
	                source->name, flt_write_reason(errno));
}

static enum flt_status fail_changed(const struct flt_source *source, const char *what, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA, "%s: %s while it was read: try again when nothing writes to it",
	                source->name, what);
}

/* Does not wait for the end, which a file that grows as fast as it is read never has. Files of /proc have a size of 0
 * and bytes nevertheless. */
static enum flt_status check_size(const struct flt_source *source, struct flt_error *err)
{
	const struct stat *before = &source->at_first;
	bool has_size = source->copy < 0 && S_ISREG(before->st_mode) && before->st_size > 0;
	if (has_size && source->n_raw_bytes > before->st_size - source->start)
		return fail_changed(source, "grew", err);
	return FLT_OK;
}

static bool are_equal(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Whether the file got another name or mode, which changes its st_ctim on most file systems, and none of its bytes. */
static bool has_other_name(const struct flt_source *source, const struct stat *now)
{
	const struct stat *before = &source->at_first;
	struct stat named;
	if (now->st_nlink != before->st_nlink || now->st_mode != before->st_mode)
		return true;
	return source->fd != STDIN_FILENO && (stat(source->name, &named) != 0 || named.st_ino != now->st_ino);
}

/* At the end, the file must be as it was when it was opened. Else we may have read half old data and half new. Whoever
 * writes to it can put st_mtim back, but not st_ctim. */
static enum flt_status check_unchanged(const struct flt_source *source, struct flt_error *err)
{
	const struct stat *before = &source->at_first;
	struct stat now;
	if (source->copy >= 0 || !S_ISREG(before->st_mode))
		return FLT_OK;
	if (fstat(source->fd, &now) != 0)
		return fail_system(source, err);
	if (now.st_size == before->st_size && are_equal(now.st_mtim, before->st_mtim) &&
	    (are_equal(now.st_ctim, before->st_ctim) || has_other_name(source, &now)))
		return FLT_OK;
	return fail_changed(source, now.st_size > before->st_size ? "grew" : "changed", err);
}

/* Reads bytes as they are in the file. */
static enum flt_status read_raw(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                                struct flt_error *err)
{
	ssize_t n;
	do
		n = read(source->fd, bytes, size);
	while (n < 0 && errno == EINTR);
	*n_read = 0;
	if (n < 0)
		return fail_system(source, err);
	source->n_raw_bytes += n;
	FLT_TRY(check_size(source, err));
	*n_read = (size_t)n;
	return n > 0 ? keep_copy(source, bytes, (size_t)n, err) : check_unchanged(source, err);
}

/* zlib's memory, too, goes through base/alloc.h. */
static void *unpacker_alloc(void *context, unsigned n, unsigned size)
{
	(void)context;
	return flt_alloc(n, size, NULL);
}

static void unpacker_free(void *context, void *memory)
{
	(void)context;
	flt_free(memory);
}

static void start_member(struct flt_source *source)
{
	inflateReset(&source->unpacker);
	source->in_member = true;
}

static enum flt_status start_unpacking(struct flt_source *source, struct flt_error *err)
{
	if (source->has_unpacker) {
		start_member(source);
		return FLT_OK;
	}
	source->unpacker = (z_stream){.zalloc = unpacker_alloc, .zfree = unpacker_free};
	if (inflateInit2(&source->unpacker, GZIP_WINDOW) != Z_OK)
		return flt_fail_memory(err, RAW_SIZE);
	source->has_unpacker = source->in_member = true;
	return FLT_OK;
}

/* Reads on until raw holds `least` bytes, if the file has them. */
static enum flt_status fill_raw(struct flt_source *source, size_t least, struct flt_error *err)
{
	for (size_t n = 1; n > 0 && source->raw_n - source->raw_at < least; source->raw_n += n) {
		source->raw_n -= source->raw_at;
		memmove(source->raw, source->raw + source->raw_at, source->raw_n);
		source->raw_at = 0;
		FLT_TRY(read_raw(source, source->raw + source->raw_n, RAW_SIZE - source->raw_n, &n, err));
	}
	return FLT_OK;
}

/* Whether a gzip member comes next, by its magic number. */
static enum flt_status looks_packed(struct flt_source *source, bool *yes, struct flt_error *err)
{
	FLT_TRY(fill_raw(source, 2, err));
	const unsigned char *next = source->raw + source->raw_at;
	*yes = source->raw_n - source->raw_at >= 2 && next[0] == 0x1F && next[1] == 0x8B;
	return FLT_OK;
}

static enum flt_status start(struct flt_source *source, struct flt_error *err)
{
	source->raw_at = source->raw_n = 0;
	source->n_raw_bytes = 0;
	FLT_TRY(looks_packed(source, &source->is_gzip, err));
	return source->is_gzip ? start_unpacking(source, err) : FLT_OK;
}

static enum flt_status open_file(struct flt_source *source, const char *path, bool rewindable, struct flt_error *err)
{
	source->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (source->fd < 0 || fstat(source->fd, &source->at_first) != 0)
		return fail_system(source, err);
	source->start = lseek(source->fd, 0, SEEK_CUR);
	if (source->start >= 0 || !rewindable)
		return FLT_OK;
	source->copy = open_copy();
	source->copying = source->copy >= 0;
	if (source->copying)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MACHINE, "%s: no copy of it can be made in the temporary folder (TMPDIR): %s",
	                source->name, strerror(errno));
}

static enum flt_status open_source(struct flt_source *source, const char *path, bool rewindable, struct flt_error *err)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	source->name = flt_copy_text(name, strlen(name), err);
	FLT_TRY_MEMORY(source->name);
	source->raw = flt_alloc(RAW_SIZE, 1, err);
	FLT_TRY_MEMORY(source->raw);
	FLT_TRY(open_file(source, path, rewindable, err));
	return start(source, err);
}

enum flt_status flt_source_open(const char *path, bool rewindable, struct flt_source **opened, struct flt_error *err)
{
	*opened = NULL;
	struct flt_source *source = flt_alloc_zero(1, sizeof *source, err);
	FLT_TRY_MEMORY(source);
	source->fd = source->copy = -1;
	source->is_hashing = true;
	enum flt_status status = open_source(source, path, rewindable, err);
	if (status == FLT_OK)
		*opened = source;
	else
		flt_source_free(source);
	return status;
}

void flt_source_free(struct flt_source *source)
{
	if (!source)
		return;
	if (source->has_unpacker)
		inflateEnd(&source->unpacker);
	if (source->fd > STDIN_FILENO)
		close(source->fd);
	if (source->copy >= 0)
		close(source->copy);
	flt_free(source->raw);
	flt_free(source->name);
	flt_free(source);
}

/* Unpacks bytes from raw until raw is used up or `bytes` (size) is full. */
static enum flt_status unpack_some(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                                   struct flt_error *err)
{
	z_stream *unpacker = &source->unpacker;
	unpacker->next_in = source->raw + source->raw_at;
	unpacker->avail_in = (unsigned)(source->raw_n - source->raw_at);
	unpacker->next_out = bytes;
	unpacker->avail_out = size > RAW_SIZE ? RAW_SIZE : (unsigned)size;
	int result = inflate(unpacker, Z_NO_FLUSH);
	source->raw_at = source->raw_n - unpacker->avail_in;
	*n_read = (size_t)(unpacker->next_out - bytes);
	if (result == Z_MEM_ERROR)
		return flt_fail_memory(err, RAW_SIZE);
	if (result == Z_STREAM_END)
		source->in_member = false;
	else if (result != Z_OK)
		return flt_fail(err, FLT_ERR_DATA, "%s: damaged gzip data (%s): get the file again", source->name,
		                /* zlib has a message for each mistake in data; it has none for ours */
		                FLT_ALWAYS(unpacker->msg) ? unpacker->msg : "unknown");
	return FLT_OK;
}

/* Passes zero bytes between members, with which tapes and some programs fill up the last block. */
static void pass_zeros(struct flt_source *source)
{
	while (!source->in_member && source->raw_at < source->raw_n && source->raw[source->raw_at] == 0)
		source->raw_at++;
}

/* Bytes after a member that begin no other: gzip passes over them with a warning, but they may be rows. */
static enum flt_status start_next_member(struct flt_source *source, struct flt_error *err)
{
	bool is_member;
	char program[40];
	FLT_TRY(looks_packed(source, &is_member, err));
	if (is_member) {
		start_member(source);
		return FLT_OK;
	}
	const struct flt_named_file file = {.name = source->name, .is_standard_input = source->fd == STDIN_FILENO};
	intmax_t end = (intmax_t)source->n_raw_bytes - (intmax_t)(source->raw_n - source->raw_at);
	snprintf(program, sizeof program, "head -c %jd", end);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: its first %jd bytes are gzip data, and those that follow are not: get the file again, or "
	                "leave them out if they hold no rows: %s",
	                source->name, end, flt_remedy_filter(&file, program).text);
}

/* Unpacks until there are some bytes, or to the end. There may be several members, as `cat a.gz b.gz` writes them. */
static enum flt_status unpack(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                              struct flt_error *err)
{
	*n_read = 0;
	while (*n_read == 0) {
		FLT_TRY(fill_raw(source, 1, err));
		bool is_end = source->raw_at == source->raw_n;
		if (is_end && source->in_member)
			return flt_fail(err, FLT_ERR_DATA,
			                "%s: the gzip data end too early: the file is not whole, get it again",
			                source->name);
		if (is_end)
			return FLT_OK;
		pass_zeros(source);
		if (source->raw_at == source->raw_n)
			continue;
		if (!source->in_member)
			FLT_TRY(start_next_member(source, err));
		FLT_TRY(unpack_some(source, bytes, size, n_read, err));
	}
	return FLT_OK;
}

static enum flt_status read_some(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                                 struct flt_error *err)
{
	if (source->is_gzip)
		return unpack(source, bytes, size, n_read, err);
	size_t left = source->raw_n - source->raw_at;
	if (left == 0)
		return read_raw(source, bytes, size, n_read, err);
	*n_read = left < size ? left : size;
	memcpy(bytes, source->raw + source->raw_at, *n_read);
	source->raw_at += *n_read;
	return FLT_OK;
}

enum flt_status flt_source_read(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                                struct flt_error *err)
{
	enum flt_status status = read_some(source, bytes, size, n_read, err);
	if (status != FLT_OK || !source->is_hashing)
		return status;
	flt_digest_add(source->shared ? source->shared : &source->digest, bytes, *n_read);
	if (*n_read > 0)
		return FLT_OK;
	source->is_hashing = false;
	if (!source->shared)
		flt_digest_end(&source->digest, source->sha256);
	return FLT_OK;
}

void flt_source_share_digest(struct flt_source *source, struct flt_digest *digest)
{
	source->shared = digest;
}

void flt_source_skip_digest(struct flt_source *source)
{
	source->is_hashing = false;
}

enum flt_status flt_source_rewind(struct flt_source *source, struct flt_error *err)
{
	if (source->copying) { /* from now on, read the copy */
		if (source->fd > STDIN_FILENO)
			close(source->fd);
		source->fd = source->copy;
		source->copy = -1;
		source->copying = false;
		source->start = 0;
		source->at_first.st_mode = 0; /* the copy has no name, so nobody else can change it */
	}
	if (lseek(source->fd, source->start, SEEK_SET) < 0)
		return fail_system(source, err);
	source->is_hashing = false;
	return start(source, err);
}

const char *flt_source_sha256(const struct flt_source *source)
{
	return *source->sha256 ? source->sha256 : NULL;
}

double flt_source_share(const struct flt_source *source)
{
	const struct stat *about = &source->at_first;
	double size = S_ISREG(about->st_mode) ? (double)(about->st_size - source->start) : 0;
	return size > 0 ? (double)source->n_raw_bytes / size : (double)NAN;
}

bool flt_source_is_packed(const struct flt_source *source)
{
	return source->is_gzip;
}

const char *flt_source_name(const struct flt_source *source)
{
	return source->name;
}
