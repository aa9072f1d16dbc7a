/*
 * Writing a file so that a reader only ever sees the whole old one or the whole new one: into a temporary file of the
 * same folder, to the disk, then renamed over the name. Until then the older file is untouched.
 *
 * The temporary file has no name before all of it is on the disk, where the file system can do that: then a process
 * that is killed leaves none behind. The name cannot be guessed and is never followed through a link; the new file has
 * the user's umask, or the mode of the file that it replaces. A name that is a link to a file is resolved: the file is
 * replaced, not the link. What cannot be replaced that way is written directly: devices, pipes, and /dev/stdout,
 * /dev/stderr, /dev/fd/N, which are the program's own open descriptors.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct flt_atomic_file;

/* Errors are FLT_ERR_MACHINE and name the path; nothing is left behind. */
enum flt_status flt_atomic_open(const char *path, struct flt_atomic_file **file, struct flt_error *err);

FILE *flt_atomic_stream(struct flt_atomic_file *file); /* to write to; closed by the two below */

/* Ends the file, all of it on the disk, not yet in place: what is left can hardly fail. For those who put
 * several files in place together. The stream is closed; commit or discard must follow, also after a failure. */
enum flt_status flt_atomic_finish(struct flt_atomic_file *file, struct flt_error *err);

/* Ends the file, if that is not done, and puts it in place. A write that failed at any time is found here, and the
 * older file stays. */
enum flt_status flt_atomic_commit(struct flt_atomic_file *file, struct flt_error *err);

void flt_atomic_discard(struct flt_atomic_file *file); /* ends it without a trace; NULL is fine */

/* A whole file of these bytes (n): open, write, commit. */
enum flt_status flt_atomic_write(const char *path, const void *bytes, size_t n, struct flt_error *err);

/* Whether all that was ever written to stream has arrived; if not, errno says why. For any stream. */
bool flt_flush(FILE *stream);

#endif
