/*
 * The bytes of a file or of standard input ("-"). If they begin like gzip, they are unpacked on the way. A rewindable
 * source can be read again from the start: what comes from a pipe is kept in an unlinked temporary file.
 */
#ifndef CSV_SOURCE_H
#define CSV_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/error.h"

struct flt_source;

enum flt_status flt_source_open(const char *path, bool rewindable, struct flt_source **source, struct flt_error *err);
void flt_source_free(struct flt_source *source);

/* Reads up to size bytes; *n_read is 0 only at the end. On failure, *n_read bytes may have come first: damaged gzip
 * data fail in the middle of a read. */
enum flt_status flt_source_read(struct flt_source *source, unsigned char *bytes, size_t size, size_t *n_read,
                                struct flt_error *err);

/* Adds the bytes of the first pass to a digest that the caller ends, in place of the source's own. Call it before the
 * first byte is read; flt_source_sha256 then stays NULL. */
void flt_source_share_digest(struct flt_source *source, struct flt_digest *digest);

/* Turns the digest off, to save its time. Call it before the first byte is read, and flt_source_sha256 never. */
void flt_source_skip_digest(struct flt_source *source);

/* Returns to the first byte, once the end was reached. */
enum flt_status flt_source_rewind(struct flt_source *source, struct flt_error *err);

/* SHA-256 of all (unpacked) bytes in hexadecimal; NULL before the end was reached. */
const char *flt_source_sha256(const struct flt_source *source);

/* The share of the file's bytes that has been read in this pass; NaN of a pipe. By any thread. */
double flt_source_share(const struct flt_source *source);

bool flt_source_is_packed(const struct flt_source *source);   /* with gzip */
const char *flt_source_name(const struct flt_source *source); /* the path, or "standard input" */

#endif
