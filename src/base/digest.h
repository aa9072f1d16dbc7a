/* SHA-256, by libcrypto: names data and model files by their content. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "fltrain/error.h"

struct evp_md_ctx_st;

/* Zeroed before the first byte. */
struct flt_digest {
	struct evp_md_ctx_st *context; /* NULL until the first byte, and once ended or dropped */
	bool has_failed;
};

enum { FLT_SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the terminator */

/* A failure is kept, and said by flt_digest_end. */
void flt_digest_add(struct flt_digest *digest, const void *bytes, size_t n_bytes);
/* The digest of all bytes added; drops it. On failure the text is empty. */
enum flt_status flt_digest_end(struct flt_digest *digest, char text[FLT_SHA256_TEXT], struct flt_error *err);
void flt_digest_drop(struct flt_digest *digest);

/* All of it at once. */
enum flt_status flt_digest_of(const void *bytes, size_t n_bytes, char text[FLT_SHA256_TEXT], struct flt_error *err);

#endif
