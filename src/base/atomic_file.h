/*
 * Writing a file so that readers see either the whole old file or the whole new one, after a power cut, too: bytes go
 * to a temporary file in the same folder, to the disk, and are then renamed into place; then the folder goes to the
 * disk.
 *
 * Where the file system allows it (O_TMPFILE), the temporary file has no name until all of it is on the disk, so a
 * killed process leaves nothing behind. Temporary names cannot be guessed and are never followed through a link. A new
 * file gets the user's umask; a replaced file keeps its mode. If the path is a link to a file, the file is replaced and
 * the link stays. Devices, pipes, and /dev/stdout, /dev/stderr and /dev/fd/N (the program's own descriptors) cannot be
 * replaced and are written directly.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct flt_atomic_file;

/* Errors are FLT_ERR_MACHINE and name the path; nothing is left behind. A file that could be written to, but that no
 * other may replace, is found here and not at the end: one that is a mount of its own, or another user's in a folder
 * with the sticky bit. So is a path that is too long for a temporary name. */
enum flt_status flt_atomic_open(const char *path, struct flt_atomic_file **file, struct flt_error *err);

FILE *flt_atomic_stream(struct flt_atomic_file *file); /* to write to; closed by the two below */

/* Whether nobody sees its bytes before the commit: false of a pipe, a device, and a descriptor. */
bool flt_atomic_is_hidden(const struct flt_atomic_file *file);

/* Puts all bytes on the disk and closes the stream, without renaming: callers that put several files in place together
 * finish each, then commit each. Commit or discard must follow, after a failure too. */
enum flt_status flt_atomic_finish(struct flt_atomic_file *file, struct flt_error *err);

/* Finishes the file if need be, puts it in place and frees it. Any write that failed earlier is reported here, and the
 * old file stays. */
enum flt_status flt_atomic_commit(struct flt_atomic_file *file, struct flt_error *err);

void flt_atomic_discard(struct flt_atomic_file *file); /* frees it and leaves no trace; NULL is fine */

/* For a signal handler, which must then end the process: removes the temporary names of all files. Async-signal-safe.
 */
void flt_atomic_abandon(void);

/* Writes a whole file of n bytes: open, write, commit. */
enum flt_status flt_atomic_write(const char *path, const void *bytes, size_t n, struct flt_error *err);

/* Whether the path is /dev/stdout, /dev/fd/N or the like: it is then written to as it is. */
bool flt_atomic_is_descriptor(const char *path);

/* Flushes any stream. False, with errno set, if anything written to it so far was lost. */
bool flt_flush(FILE *stream);

#endif
