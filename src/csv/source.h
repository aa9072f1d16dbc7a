/*
 * A source of bytes: a file, standard input ("-") or either of them packed with gzip, found by its first bytes and
 * unpacked on the way. A rewindable source can be read from the start again; where the system cannot seek (a pipe),
 * what is read is kept in an unlinked temporary file for that.
 */
#ifndef CSV_SOURCE_H
#define CSV_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct flt_source;

enum flt_status flt_source_open(const char *path, bool rewindable, struct flt_source **source, struct flt_error *err);
void flt_source_free(struct flt_source *source);

/* Reads up to size bytes; *n_read is 0 only at the end. */
enum flt_status flt_source_read(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                                struct flt_error *err);

/* Before the first byte is read: flt_source_sha256 will not be called. */
void flt_source_skip_digest(struct flt_source *source);

/* Back to the first byte, after the end was reached. */
enum flt_status flt_source_rewind(struct flt_source *source, struct flt_error *err);

/* SHA-256 of all bytes (unpacked), as hexadecimal digits, once they were read to the end; before that NULL. */
const char *flt_source_sha256(const struct flt_source *source);

const char *flt_source_name(const struct flt_source *source); /* the path, or "standard input" */

#endif
