/* SHA-256, by libcrypto: names data and model files by their content. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct evp_md_ctx_st;

/* Ready when zero-initialised. */
struct flt_digest {
	struct evp_md_ctx_st *context; /* NULL before the first byte and after the end */
	bool has_failed;
};

enum { FLT_SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the terminator */

/* Failures are kept until flt_digest_end reports them. */
void flt_digest_add(struct flt_digest *digest, const void *bytes, size_t n_bytes);
/* Writes the digest of all bytes added and releases it. On failure FLT_ERR_MACHINE, and text is empty. */
enum flt_status flt_digest_end(struct flt_digest *digest, char text[FLT_SHA256_TEXT], struct flt_error *err);
void flt_digest_release(struct flt_digest *digest);

/* The digest of n_bytes bytes. */
enum flt_status flt_digest_of(const void *bytes, size_t n_bytes, char text[FLT_SHA256_TEXT], struct flt_error *err);

#endif
